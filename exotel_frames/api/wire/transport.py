"""Sends one request and reports what is known of it: a complete response, not sent, or unknown.

The pool of connections, and with it requests, is made by the first call (see pool.py).
"""

from __future__ import annotations

import socket
import ssl
import time
from codecs import BOM_UTF8
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from exotel_frames.api.after_fork import renew_in_children
from exotel_frames.api.wire.in_between import OWN_AUTHORITY, PROXY_WANTS_MORE
from exotel_frames.api.wire.responses import Response, ResponseBody
from exotel_frames.api.wire.watch import Watch
from exotel_frames.errors import ApiError, NotSentError, OutcomeUnknownError
from exotel_frames.settings import Settings

if TYPE_CHECKING:
    from exotel_frames.api.wire.pool import Route


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `path` starts with a slash and is quoted already."""

    method: str
    path: str
    body: bytes | None = field(default=None, repr=False)

    @property
    def reads(self) -> bool:
        """Whether sending it twice changes nothing."""
        return self.method == "GET"


_CLOSED: Final = (ssl.SSLEOFError, ssl.SSLZeroReturnError)
"""What a connection that is closed during the handshake raises: which of the two depends on OpenSSL."""


_IN_WORDS: Final = {
    "BadStatusLine": "no HTTP response",
    "UnknownProtocol": "a response in another version of HTTP",
    "IncompleteRead": "the response ended too soon",
    "RemoteDisconnected": "the connection was closed",
    "ValueError": "a length that is not a number",
    "error": "the response can't be decompressed",
}
"""What the libraries' errors mean, by their class: importing those would be waited for by who needs no network."""


class TlsError(NotSentError):
    """The server could not prove who it is: nothing was sent, and trying again would be wrong."""


class Transport:
    """A pool of connections to one base URL; threads may share it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._watch = Watch()
        self.renew_after_fork()
        renew_in_children(self)

    def renew_after_fork(self) -> None:
        """Begin without a connection; the sockets of a parent are closed here only, and go on there."""
        self._route: Route | None = None

    def prepare(self) -> None:
        """Make the pool before a call's time runs: the first one imports what it needs. What is wrong, `send` tells."""
        if self._route is None:
            with suppress(Exception):
                self._open_route()

    def send(self, call: Request) -> Response:
        """Send once, within the deadline; NotSentError or OutcomeUnknownError when no whole answer came.

        Whatever the libraries raise is replaced outside their frames: a verbose traceback prints every frame's
        variables, and theirs hold the Authorization header.
        """
        started = time.monotonic()
        self._watch.begin(self._settings.timeout_s)
        failure: BaseException
        try:
            return self._exchange(call, started)
        except Exception as problem:  # noqa: BLE001 - the libraries' many kinds; what was written decides, not the kind
            failure = problem if isinstance(problem, ApiError) else self._map_exception(problem, call)
        except BaseException as problem:  # noqa: BLE001 - Ctrl-C: raised again below, without the libraries' frames
            failure = problem
        failure.__cause__ = failure.__context__ = None
        self.close()  # what cut this connection has likely cut the idle ones too
        if isinstance(failure, ApiError):
            failure.seconds = time.monotonic() - started
        raise failure.with_traceback(None)

    def close(self) -> None:
        """Close every idle connection."""
        if self._route:
            self._route.pool.close()

    def _exchange(self, call: Request, started: float) -> Response:
        route = self._route or self._open_route()
        answer = route.exchange(call.method, call.path, call.body)
        body = ResponseBody(answer.body.removeprefix(BOM_UTF8))  # of a JSON text (RFC 8259, 8.1)
        return Response(answer.http_code, answer.headers, body, time.monotonic() - started)

    def _open_route(self) -> Route:
        from exotel_frames.api.wire.pool import open_route  # noqa: PLC0415 - see there

        route = self._route = open_route(self._settings, self._watch)
        self._watch.begin(self._settings.timeout_s)
        return route

    def _map_exception(self, problem: Exception, call: Request) -> ApiError:
        """Tell not sent from maybe sent: what was written decides, since the libraries' errors are both."""
        cause = _root_cause(problem)
        if self._watch.written:
            return _unknown_error(call, _describe(cause))
        where = f"{self._settings.base_url} for {call.method} {call.path}"
        # A connection that is closed during the handshake is a server that restarts: that passes.
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, _CLOSED):
            why = (getattr(cause, "verify_message", None) or cause.reason or type(cause).__name__).rstrip(".")
            return TlsError(f"No safe connection to {where} ({why}). Nothing was sent. {OWN_AUTHORITY}", attempts=0)
        if self._settings.proxy and "407" in str(cause):
            return NotSentError(
                f"No connection through the proxy (407). Nothing was sent. {PROXY_WANTS_MORE}", attempts=0
            )
        via, doubt = (" through the proxy", "proxy") if self._settings.proxy else ("", "base_url")
        error = NotSentError(
            f"No connection to {where}{via} ({_describe(cause)}). Nothing was sent: try again, or check {doubt}.",
            attempts=0,
        )
        error.refused = isinstance(cause, ConnectionRefusedError | socket.gaierror)
        return error


def _unknown_error(call: Request, why: str) -> OutcomeUnknownError:
    effect = "" if call.reads else " The service may have carried it out: look before you send it again."
    return OutcomeUnknownError(f"No complete response to {call.method} {call.path} ({why}).{effect}")


def _root_cause(problem: BaseException) -> BaseException:
    """Return the innermost cause; the libraries wrap it several times."""
    for _ in range(10):
        inner = (getattr(problem, "reason", None), *problem.args[:1], problem.__cause__, problem.__context__)
        cause = next((each for each in inner if isinstance(each, BaseException)), None)
        if cause is None:
            break
        problem = cause
    return problem


def _describe(problem: BaseException) -> str:
    """Return what happened; never a library's own sentence, which may quote an address with a password."""
    if isinstance(problem, TimeoutError):
        return "timed out"
    kind = type(problem).__name__
    return getattr(problem, "strerror", None) or _IN_WORDS.get(kind, kind)
