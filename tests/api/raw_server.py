"""A server on a bare socket that can do anything: answer, drip, cut, reset, stay silent, speak TLS or nonsense.

`act(peer)` is called for each request after it was read; what it does with the connection is up to it. When it returns,
the next request on the connection is read, unless it closed it.
"""

import json
import shutil
import socket
import ssl
import struct
import subprocess
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self

from exotel_frames.api.client import Client
from exotel_frames.api.rate_limit.limiter import Limiter
from exotel_frames.api.retry import Patience
from exotel_frames.settings.sources import settings_from

KEY, TOKEN, ACCOUNT = "keyZ7Q1x9K4", "tokenV8W3j5R2", "acme1"
HASTY = Patience(deadline_s=20.0, first_wait_s=0.001, longest_wait_s=0.001)  # a busy machine gets its tries too
BRIEF = Patience(deadline_s=0.3, first_wait_s=0.001, longest_wait_s=0.001)
"""For a service that never gives what is asked for."""
BOB = {"subscriber_name": "bob", "status": "active", "custom_field": None}


def answer(code: int, body: bytes = b"", *headers: str, length: int | None = -1) -> bytes:
    """Return a whole answer; `length` is what Content-Length says: the truth, a lie, or (None) nothing."""
    said = len(body) if length == -1 else length
    lines = [f"HTTP/1.1 {code} Some Reason", *headers, *([] if said is None else [f"Content-Length: {said}"]), "", ""]
    return "\r\n".join(lines).encode() + body


def envelope(data: object = BOB, code: int = 200, **more: object) -> bytes:
    item = {"code": code, "error_data": None, "status": "success", "data": data}
    return json.dumps({"request_id": "0" * 32, "http_code": code, "response": item, **more}).encode()


def items(*names: str, **more: object) -> bytes:
    found = [
        {"code": 200, "error_data": None, "status": "success", "data": BOB | {"subscriber_name": n}} for n in names
    ]
    return json.dumps({"request_id": "0" * 32, "http_code": 207, "response": found, **more}).encode()


def refusal(http: int, error: object, **more: object) -> bytes:
    item = {"code": http, "error_data": error, "status": "failure", "data": None}
    return json.dumps({"request_id": "f" * 32, "http_code": http, "response": item, **more}).encode()


class Request:
    """What arrived, to the byte."""

    def __init__(self, raw: bytes) -> None:
        head, _, self.body = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        self.method, self.target, self.version = first.split(" ")
        self.headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        self.raw = raw

    @property
    def json(self) -> object:
        return json.loads(self.body) if self.body else None


class Peer:
    """One connection, seen from the server."""

    def __init__(self, server: "RawServer", sock: socket.socket) -> None:
        self.server = server
        self.sock = sock

    def read_request(self) -> Request | None:
        raw = b""
        while b"\r\n\r\n" not in raw:
            if not (part := self.sock.recv(65536)):
                return None
            raw += part
        request = Request(raw)
        while len(request.body) < int(request.headers.get("content-length", 0)):
            raw += self.sock.recv(65536)
            request = Request(raw)
        return request

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def close(self) -> None:
        # SHUT_RDWR first: a close alone keeps the connection up while another reference to it lives
        self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()

    def reset(self) -> None:
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def drip(self, parts: Iterable[bytes], every_s: float = 0.02) -> None:
        """Send part after part, slowly, until the other side has had enough."""
        for part in parts:
            if self.server.closing.wait(every_s):
                return
            self.send(part)

    def hang(self) -> None:
        """Say nothing until the test is over."""
        self.server.closing.wait()


Act = Callable[[Peer], object]


class RawServer:
    """Serves until the end of the `with` block; `requests` is what arrived, `connections` how many there were."""

    def __init__(
        self,
        *acts: Act | bytes,
        greet: Act | None = None,
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self.closing = threading.Event()
        self._acts = [self._saying(act) if isinstance(act, bytes) else act for act in acts]
        self._greet = greet
        self._tls = tls
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._host = f"[{host}]" if ":" in host else host
        self._listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.port = self._listener.getsockname()[1]
        self._start(self._accept)

    @property
    def base_url(self) -> str:
        return f"{'https' if self._tls else 'http'}://{self._host}:{self.port}"

    def client(self, *, limiter: Limiter | None = None, patience: Patience = HASTY, **options: object) -> Client:
        """Return a client of this server that loses patience soon."""
        who = {"api_key": KEY, "api_token": TOKEN, "account_sid": ACCOUNT, "base_url": self.base_url, "timeout_s": 5.0}
        return Client(settings_from(**(who | options)), limiter=limiter or Limiter(), patience=patience)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            waiting = list(self._open)
        for sock in waiting:
            try:
                sock.shutdown(socket.SHUT_RDWR)
                sock.close()
            except OSError:
                pass  # the test closed it
        for thread in self._threads:
            thread.join(timeout=5)
            assert not thread.is_alive()

    @staticmethod
    def _saying(data: bytes) -> Act:
        return lambda peer: peer.send(data)

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self._open.append(sock)
            self._start(self._serve, sock)

    def _serve(self, sock: socket.socket) -> None:
        try:
            if self._tls:
                sock = self._tls.wrap_socket(sock, server_side=True)
                with self._lock:
                    self._open.append(sock)
            peer = Peer(self, sock)
            if self._greet:
                self._greet(peer)
            while request := peer.read_request():
                with self._lock:
                    act = self._acts[min(len(self.requests), len(self._acts) - 1)]
                    self.requests.append(request)
                act(peer)
        except (OSError, ValueError):
            pass  # the connection is gone: what this server is made for
        finally:
            sock.close()


def self_signed(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Return a certificate for 127.0.0.1 that nobody vouches for, and a server's context with it."""
    openssl = shutil.which("openssl")
    assert openssl, "the TLS tests make their certificate with the openssl command"
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    asked = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1"
    named = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([openssl, *asked.split(), *named], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return certificate, context
