"""Recognises proxies, login pages and firewalls by their responses, and says what to do about each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from exotel_frames.text import escape_text

OWN_AUTHORITY: Final = (
    "Is base_url right? A company network may use its own certificate authority: ask for its certificate, and add it "
    "to this system's trust store, or pass its file as ca_bundle= (EXOTEL_CA_BUNDLE)."
)
PROXY_WANTS_MORE: Final = (
    "The proxy requires a name and password, or rejects the ones given: pass proxy='http://name:password@host:port' "
    "(EXOTEL_PROXY)."
)
_PAGE: Final = re.compile(rb"\s*<(!doctype|html)", re.IGNORECASE)
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PORTAL: Final = (
    "A login page came instead of the API's response: this network wants you to sign in, as guest networks do, or "
    "base_url is the address of a web site. Open base_url in a browser, sign in there if asked, and run this again. "
    "Is base_url right?"
)
_FIREWALL: Final = (
    "A web firewall refused the request (403, an HTML page, not the API's response), so the key may well be right: "
    "ask the support of your network or of the provider to let this machine through. Is base_url right?"
)


def who_answered(http_code: int, headers: Mapping[str, str], body: bytes) -> str:
    """Return the sentence about an answer that is not of this API, or an empty text.

    >>> who_answered(302, {"location": "https://login.example/x"}, b"").split(".")[0]
    'The service redirected to login'
    """
    if http_code == 407:  # noqa: PLR2004 - RFC 9110
        return PROXY_WANTS_MORE
    if http_code == 511:  # noqa: PLR2004 - RFC 6585, Network Authentication Required
        return _PORTAL
    if http_code in _REDIRECTS and headers.get("location"):
        host = escape_text(urlsplit(headers["location"]).hostname or "another address on this host")
        return (
            f"The service redirected to {host}. Redirects are not followed, because they could carry the key "
            "elsewhere. Is base_url right?"
        )
    if not is_html(headers, body):
        return ""
    return _FIREWALL if http_code == 403 else _PORTAL if http_code in range(200, 300) else ""  # noqa: PLR2004


def is_html(headers: Mapping[str, str], body: bytes) -> bool:
    """Tell whether an answer is a page for people."""
    if body.lstrip()[:1] in (b"{", b"["):  # JSON, whatever it calls itself
        return False
    return "html" in headers.get("content-type", "").lower() or bool(_PAGE.match(body))
