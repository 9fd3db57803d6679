"""A company's network, over real sockets: its certificate authority, its proxy, and a front with its certificate."""

from __future__ import annotations

import base64
import re
import socket
import ssl
import threading
from pathlib import Path
from typing import Self

import trustme


def make_authority(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Return a company's certificate authority: its file, and a server's context with a certificate of it."""
    made = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.issue_cert("127.0.0.1").configure_cert(context)
    path = folder / "company.pem"
    made.cert_pem.write_to_path(str(path))
    return path, context


class _Listener:
    """A port whose connections are served one thread each."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        raise NotImplementedError


class Proxy(_Listener):
    """A proxy that tunnels for whoever gives its password."""

    def __init__(self, password: str) -> None:
        self.wanted = "Basic " + base64.b64encode(password.encode()).decode()
        self.tunnels = 0
        super().__init__()

    def _serve(self, sock: socket.socket) -> None:
        with sock:
            head = b""
            while b"\r\n\r\n" not in head:
                head += sock.recv(4096)
            if self.wanted.encode() not in head:
                sock.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
                return
            host, port = re.match(rb"CONNECT ([^:]+):(\d+)", head).groups()
            with socket.create_connection((host.decode(), int(port))) as other:
                self.tunnels += 1
                sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                pump_both(sock, other)


class TlsFront(_Listener):
    """An https address in front of a plain one."""

    def __init__(self, context: ssl.SSLContext, behind: str) -> None:
        self._context = context
        self._behind = behind
        super().__init__()
        self.base_url = f"https://{self.address}"

    def _serve(self, sock: socket.socket) -> None:
        host, _, port = self._behind.rpartition("//")[2].partition(":")
        try:
            with (
                self._context.wrap_socket(sock, server_side=True) as inner,
                socket.create_connection((host, int(port))) as other,
            ):
                pump_both(inner, other)
        except OSError:
            sock.close()  # whoever came did not trust the certificate, or is gone


def pump_both(one: socket.socket, other: socket.socket) -> None:
    back = threading.Thread(target=pump, args=(other, one), daemon=True)
    back.start()
    pump(one, other)
    back.join()


def pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while part := source.recv(65536):
            target.sendall(part)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
