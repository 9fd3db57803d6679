"""Sends one request and says what can be known of it: a whole answer, not sent, or unknown.

The only importer of requests. Prepared requests go through its adapter, which follows no redirect, reads no netrc and
asks no proxy variable: less work (582 instead of 892 µs of CPU a page, measured), and nothing that could carry the key
elsewhere.
"""

from __future__ import annotations

import base64
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.hooks import default_hooks
from requests.structures import CaseInsensitiveDict

from exotel_frames.api.wire import Answer
from exotel_frames.errors import ApiError, NotSentError, OutcomeUnknownError
from exotel_frames.records import Secret
from exotel_frames.settings import Settings

MAX_BODY_BYTES = 32 * 1024 * 1024
"""A page of 100 subscribers is some 22 KB; a compressed answer that grows past this is an attack or an accident."""
CHUNK_BYTES = 64 * 1024
CONNECT_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Call:
    """One request; `path` starts with a slash and is quoted already."""

    method: str
    path: str
    body: bytes | None = field(default=None, repr=False)

    @property
    def reads(self) -> bool:
        """Whether sending it twice changes nothing."""
        return self.method == "GET"


class TlsError(NotSentError):
    """The server could not prove who it is: nothing was sent, and trying again would be wrong."""


class Transport:
    """A pool of connections to one base URL; threads may share it."""

    def __init__(self, settings: Settings) -> None:
        self._base_url = settings.base_url
        self._timeout_s = settings.timeout_s
        self._authorization = _basic(settings.api_key, settings.api_token)
        self._proxies = Secret(settings.proxy.reveal() if settings.proxy else "")
        # The settle reads of a run come on top of its workers' own requests.
        self._adapter = HTTPAdapter(pool_connections=1, pool_maxsize=settings.workers + 2, max_retries=0)

    def send(self, call: Call) -> Answer:
        """Send once, within the deadline; NotSentError or OutcomeUnknownError when no whole answer came.

        Whatever the libraries raise is replaced outside their frames: a verbose traceback prints every frame's
        variables, and theirs hold the Authorization header.
        """
        started = time.monotonic()
        failure: BaseException
        try:
            return self._exchange(call, started)
        except ApiError as problem:
            failure = problem.with_traceback(None)
        except requests.RequestException as problem:
            failure = _explained(problem, call)
        except (urllib3.exceptions.HTTPError, OSError, ValueError, RuntimeError) as problem:
            failure = _unknown(call, type(problem).__name__)
        except KeyboardInterrupt:
            failure = KeyboardInterrupt()
        if isinstance(failure, ApiError):
            failure.seconds = time.monotonic() - started
        raise failure

    def close(self) -> None:
        """Close every connection."""
        self._adapter.close()

    def _exchange(self, call: Call, started: float) -> Answer:
        timeout = (min(CONNECT_TIMEOUT_S, self._timeout_s), self._timeout_s)
        proxy = self._proxies.reveal()
        response = self._adapter.send(
            self._prepared(call),
            stream=True,
            timeout=timeout,
            proxies={"http": proxy, "https": proxy} if proxy else None,
        )
        try:
            body = _read(response.raw, call, started + self._timeout_s)
        except BaseException:
            response.raw.close()  # half an answer is on this connection: nobody may use it again
            raise
        response.raw.release_conn()
        return Answer(response.status_code, _lower(response.headers), body, time.monotonic() - started)

    def _prepared(self, call: Call) -> requests.PreparedRequest:
        """Fill a prepared request by hand: nothing of the environment gets in, and it costs a fifth of `prepare()`."""
        prepared = requests.PreparedRequest()
        prepared.method = call.method
        prepared.url = self._base_url + call.path
        prepared.hooks = default_hooks()
        prepared.body = call.body
        prepared.headers = CaseInsensitiveDict(
            {"Authorization": self._authorization.reveal(), "Accept": "application/json", "Accept-Encoding": "gzip"}
        )
        if call.body is not None:
            prepared.headers["Content-Type"] = "application/json"
            prepared.headers["Content-Length"] = str(len(call.body))
        return prepared


def _basic(key: Secret, token: Secret) -> Secret:
    return Secret("Basic " + base64.b64encode(f"{key.reveal()}:{token.reveal()}".encode()).decode())


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _read(raw: urllib3.BaseHTTPResponse, call: Call, deadline: float) -> bytes:
    """Read to the end, but neither more than the limit nor past the deadline (the socket's own timeout is per read)."""
    parts, size = [], 0
    while part := raw.read1(CHUNK_BYTES, decode_content=True):
        parts.append(part)
        size += len(part)
        if size > MAX_BODY_BYTES:
            raise _unknown(call, f"an answer of more than {MAX_BODY_BYTES:,} bytes")
        if time.monotonic() > deadline:
            raise _unknown(call, "an answer that came too slowly")
    return b"".join(parts)


def _explained(problem: requests.RequestException, call: Call) -> ApiError:
    """Tell not sent from maybe sent, by the cause: `requests.ConnectionError` is both."""
    cause = problem.args[0] if problem.args else None
    reason = getattr(cause, "reason", cause)
    if isinstance(reason, urllib3.exceptions.SSLError) and isinstance(reason.args[0], ssl.SSLCertVerificationError):
        return TlsError(f"No safe connection for {call.method} {call.path}: {reason}. Nothing was sent.", attempts=0)
    if isinstance(problem, requests.exceptions.ConnectTimeout | requests.exceptions.ProxyError) or isinstance(
        reason, urllib3.exceptions.NewConnectionError
    ):
        why = type(reason).__name__
        return NotSentError(f"No connection for {call.method} {call.path} ({why}). Nothing was sent.", attempts=0)
    return _unknown(call, type(reason).__name__)


def _unknown(call: Call, why: str) -> OutcomeUnknownError:
    effect = "" if call.reads else " It may have been carried out: look before you send it again."
    return OutcomeUnknownError(f"No whole answer to {call.method} {call.path} ({why}).{effect}")
