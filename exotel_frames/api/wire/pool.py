"""Makes the pool of connections to one base URL, once: the only importer of requests.

requests' adapter knows how to speak to a proxy, and urllib3's pool opens the connections. A request then uses such a
connection directly, not a session or the pool's `urlopen`: nothing follows a redirect, reads a netrc or a proxy
variable, so the key can't be sent elsewhere; and it takes a quarter of the CPU (measured). The first request imports
this module, so that checking sheets or reading workbooks loads no HTTP library.
"""

from __future__ import annotations

import base64
import platform
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Final, cast

import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import port_by_scheme
from urllib3.util import Url, parse_url

from exotel_frames.api.wire.connections import POOLS, WatchedConnection, WatchedTlsConnection
from exotel_frames.api.wire.raw_response import RawResponse, read_raw_response
from exotel_frames.api.wire.watch import Watch
from exotel_frames.secret import Secret
from exotel_frames.settings import Settings

CONNECT_TIMEOUT_S = 10.0
_TARGET: Final = re.compile("[!-~]+")


@dataclass(frozen=True)
class Route:
    """A pool, and what it takes to ask: a proxy is asked for plain addresses in full, and for a tunnel to others."""

    pool: urllib3.HTTPConnectionPool
    prefix: str
    headers: Secret
    tunnel: bool
    watch: Watch

    def exchange(self, method: str, path: str, body: bytes | None) -> RawResponse:
        """Send once, in one piece, and read the answer."""
        request = self._request(method, path, body)
        connection = self._connection()
        try:
            connection.sock.settimeout(self.watch.left_s())
            with suppress(BrokenPipeError, ConnectionResetError):  # an early refusal may have come, and is read
                connection.send(request)
            answer = read_raw_response(connection.sock, method, self.watch)
        except BaseException:
            connection.close()  # half an answer may be on this connection: nobody may use it again
            raise
        if answer.reusable:
            self.pool._put_conn(connection)  # noqa: SLF001 - see _connected
        else:
            connection.close()
        return answer

    def _request(self, method: str, path: str, body: bytes | None) -> bytes:
        target = self.prefix + path
        if not _TARGET.fullmatch(target):
            raise ValueError("a path is to be quoted")
        of_body = "" if body is None else f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        return f"{method} {target} HTTP/1.1\r\n{self.headers.reveal()}{of_body}\r\n".encode("ascii") + (body or b"")

    def _connection(self) -> WatchedConnection:
        """Return a connection that was open a moment ago, or a new one."""
        connection: Any = self.pool._get_conn()  # noqa: SLF001 - urlopen, which would take it, costs four times the rest
        if connection.is_closed:
            try:
                if self.tunnel:
                    self.pool._prepare_proxy(connection)  # noqa: SLF001 - as above
                else:
                    connection.connect()
            except BaseException:
                connection.close()
                raise
        return cast("WatchedConnection", connection)


def open_route(settings: Settings, watch: Watch) -> Route:
    """Make the pool; nothing is connected yet."""
    url, proxy = parse_url(settings.base_url), settings.proxy
    plain = url.scheme == "http" and not (proxy and proxy.reveal().lower().startswith("https:"))
    secure = None if plain else tls_context(settings.ca_bundle)
    adapter: Any = HTTPAdapter(pool_connections=1)
    manager = adapter.proxy_manager_for(proxy.reveal(), proxy_ssl_context=secure) if proxy else adapter.poolmanager
    manager.pool_classes_by_scheme = POOLS
    manager.connection_pool_kw["timeout"] = min(CONNECT_TIMEOUT_S, settings.timeout_s)
    if secure:
        manager.connection_pool_kw["ssl_context"] = secure
    pool = manager.connection_from_url(settings.base_url)
    pool.ConnectionCls = partial(WatchedTlsConnection if pool.scheme == "https" else WatchedConnection, watch)
    in_full = bool(proxy) and url.scheme == "http"
    sent = {
        "Host": _host(url),
        "Authorization": _basic_auth(settings.api_key, settings.api_token),
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
        "User-Agent": user_agent(),
        **(pool.proxy_headers if in_full else {}),
    }
    return Route(
        pool,
        prefix=url.url if in_full else url.path or "",
        headers=Secret("".join(f"{name}: {value}\r\n" for name, value in sent.items())),
        tunnel=bool(proxy) and not in_full,
        watch=watch,
    )


@cache
def user_agent() -> str:
    """Return who asks: web firewalls block a library's own name.

    >>> user_agent()
    'exotel-frames/... (+python 3...)'
    """
    from importlib.metadata import version  # noqa: PLC0415 - it reads e-mails

    return f"exotel-frames/{version('exotel_frames')} (+python {platform.python_version()})"


def _basic_auth(key: Secret, token: Secret) -> str:
    return "Basic " + base64.b64encode(f"{key.reveal()}:{token.reveal()}".encode()).decode()


def _host(url: Url) -> str:
    """Return the `Host` of a URL (RFC 9110): with its port, unless that is the scheme's own."""
    host = (url.host or "").rstrip(".")
    return host if url.port in (None, port_by_scheme[url.scheme or ""]) else f"{host}:{url.port}"


def tls_context(ca_bundle: Path | None) -> ssl.SSLContext:
    """Return what checks certificates: the system's own trust store, or a file of certificates instead."""
    if ca_bundle:
        return ssl.create_default_context(cafile=str(ca_bundle))
    import truststore  # noqa: PLC0415 - only where there is TLS: a sandbox needs none of it

    context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return context
