"""The two JWTs of a device (API.md, "The six calls"): HS256, as the document's sample."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from typing import Final

import msgspec

ACCESS_LIFE_S: Final = 30 * 60
REFRESH_LIFE_S: Final = 24 * 60 * 60


def subscriber_token(name: str, *, account_sid: str, secret: str, now: float) -> dict[str, str]:
    """Make the pair for a subscriber.

    >>> sorted(subscriber_token("archit", account_sid="sandbox1", secret="s3cret", now=1576647999))
    ['access_token', 'refresh_token']
    """
    issued = int(now)
    client_id = hashlib.sha256(account_sid.encode()).hexdigest()[:8].upper()
    claims = {"iss": "exotel", "sub": name, "iat": issued}
    refresh = {**claims, "exp": issued + REFRESH_LIFE_S, "client_id": client_id}
    access = {**claims, "exp": issued + ACCESS_LIFE_S, "scope": "voice", "client_id": client_id}
    return {"refresh_token": sign(refresh, secret), "access_token": sign(access, secret)}


def sign(claims: dict[str, object], secret: str) -> str:
    """Make a JWT of the claims.

    >>> sign({}, "s3cret").count(".")
    2
    """
    header = {"alg": "HS256", "typ": "JWT"}
    text = b".".join(_base64(msgspec.json.encode(part)) for part in (header, claims))
    signature = hmac.digest(secret.encode(), text, "sha256")
    return (text + b"." + _base64(signature)).decode()


def _base64(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")
