"""What stands between this machine and the service, recognised by its answers: a sentence each, with the next step."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from exotel_frames.text import escape_text

OWN_AUTHORITY: Final = (
    "Is base_url right? In a company network an own certificate authority may stand in between: ask for its "
    "certificate, and add it to this system's trust store, or give its file as ca_bundle= (EXOTEL_CA_BUNDLE)."
)
PROXY_WANTS_MORE: Final = (
    "The proxy asks for a name and password, or for other ones: "
    "give proxy='http://name:password@host:port' (EXOTEL_PROXY)."
)
_PAGE: Final = re.compile(rb"\s*<(!doctype|html)", re.IGNORECASE)
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PORTAL: Final = (
    "A login page came instead of the API's answer: this network wants you to sign in, as guests' networks do, "
    "or base_url leads to a web site. Open base_url in a browser, sign in there if asked, and run this again. "
    "Is base_url right?"
)
_FIREWALL: Final = (
    "A web firewall in between refused this (403, an HTML page, not the API's answer), so the key may well be right: "
    "ask your network's or the provider's support to let this machine through. Is base_url right?"
)


def who_answered(http_code: int, headers: Mapping[str, str], body: bytes) -> str:
    """Return the sentence about an answer that is not of this API, or an empty text.

    >>> who_answered(302, {"location": "https://login.example/x"}, b"").split(".")[0]
    'A redirect to login'
    """
    if http_code == 407:  # noqa: PLR2004 - RFC 9110
        return PROXY_WANTS_MORE
    if http_code == 511:  # noqa: PLR2004 - RFC 6585, Network Authentication Required
        return _PORTAL
    if http_code in _REDIRECTS and headers.get("location"):
        host = escape_text(urlsplit(headers["location"]).hostname or "another address of this host")
        return f"A redirect to {host} came, and none is followed: it could carry the key elsewhere. Is base_url right?"
    if not is_html(headers, body):
        return ""
    return _FIREWALL if http_code == 403 else _PORTAL if http_code in range(200, 300) else ""  # noqa: PLR2004


def is_html(headers: Mapping[str, str], body: bytes) -> bool:
    """Tell whether an answer is a page for people."""
    if body.lstrip()[:1] in (b"{", b"["):  # JSON, whatever it calls itself
        return False
    return "html" in headers.get("content-type", "").lower() or bool(_PAGE.match(body))
