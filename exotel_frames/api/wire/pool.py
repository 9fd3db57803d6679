"""Makes the pool of connections to one base URL, once: the only importer of requests.

requests' adapter knows which certificates to trust and how to speak to a proxy. Each call then goes straight to the
pool, which follows no redirect, reads no netrc and asks no proxy variable: nothing could carry the key elsewhere, and
it is less work than a session would make. This module is imported by the first request: who only checks sheets or
reads workbooks waits for no HTTP library.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import urllib3
from requests.adapters import HTTPAdapter

from exotel_frames.api.wire.connections import POOLS, WatchedConnection, WatchedTlsConnection
from exotel_frames.api.wire.watch import Watch
from exotel_frames.secret import Secret

CONNECT_TIMEOUT_S = 10.0
_ONCE: Final = urllib3.Retry(total=False)
"""Not a second time, whatever happens: what may be sent again is decided in retry.py, and never by a library."""


@dataclass(frozen=True)
class Route:
    """A pool, and what stands before a call's path there: a proxy is asked for plain addresses in full."""

    pool: urllib3.HTTPConnectionPool
    prefix: str
    timeout: urllib3.Timeout

    def exchange(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> urllib3.BaseHTTPResponse:
        """Send once; the answer's body is not read yet."""
        return self.pool.urlopen(
            method,
            self.prefix + path,
            body=body,
            headers=headers,
            timeout=self.timeout,
            retries=_ONCE,
            redirect=False,
            assert_same_host=False,  # a proxy is asked for another host's address
            preload_content=False,
        )


def open_route(base_url: str, *, timeout_s: float, proxy: Secret | None, ca_bundle: Path | None, watch: Watch) -> Route:
    """Make the pool; nothing is connected yet."""
    parts = urlsplit(base_url)
    plain = parts.scheme == "http" and not (proxy and _is_tls(proxy))
    secure = None if plain else tls_context(ca_bundle)
    adapter: Any = HTTPAdapter(pool_connections=1)
    manager = adapter.proxy_manager_for(proxy.reveal(), proxy_ssl_context=secure) if proxy else adapter.poolmanager
    manager.pool_classes_by_scheme = POOLS
    if secure:
        manager.connection_pool_kw["ssl_context"] = secure
    pool = manager.connection_from_url(base_url)
    pool.ConnectionCls = partial(WatchedTlsConnection if pool.scheme == "https" else WatchedConnection, watch)
    timeout = urllib3.Timeout(connect=min(CONNECT_TIMEOUT_S, timeout_s), read=timeout_s)
    return Route(pool, base_url if proxy and parts.scheme == "http" else parts.path, timeout)


def _is_tls(proxy: Secret) -> bool:
    return proxy.reveal().lower().startswith("https:")


def tls_context(ca_bundle: Path | None) -> ssl.SSLContext:
    """Return what checks certificates: the system's own trust store, or a file of certificates instead."""
    if ca_bundle:
        return ssl.create_default_context(cafile=str(ca_bundle))
    import truststore  # noqa: PLC0415 - only where there is TLS: a sandbox needs none of it

    context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return context
