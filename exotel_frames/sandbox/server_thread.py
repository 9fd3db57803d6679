"""uvicorn in a thread that starts when its socket accepts and stops at once, without polling."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from exotel_frames.sandbox.protocol import Protocol

_GRACE_S: Final = 0.5
_ACCEPT_S: Final = 0.1
_KEEP_ALIVE_S: Final = 75  # longer than a client thinks between two calls, or every pause ends in a stale connection
_BACKLOG: Final = 512


class ServerThread:
    """Serves an application on `(host, port)` until `stop()`; port 0 takes a free one."""

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        # Bound here and not in the thread: a port in use is the caller's error, and nobody can take it in between.
        self._socket = _listen(host, port)
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            app,
            http=Protocol,
            loop="asyncio",
            ws="none",
            lifespan="off",
            proxy_headers=False,  # the admin paths ask where a request really comes from
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=_KEEP_ALIVE_S,
        )
        self._server = _Server(config)
        self._thread = threading.Thread(target=self._run, name=f"sandbox-{self.port}", daemon=True)
        self._thread.start()
        self._server.ready.wait()

    def _run(self) -> None:
        try:
            asyncio.run(self._server.serve(sockets=[self._socket]))
        finally:
            self._socket.close()
            self._server.ready.set()

    def stop(self) -> None:
        """Stop accepting, let running answers end (for half a second), and wait for the thread."""
        self._server.leave()
        self._thread.join()


class _Server(uvicorn.Server):
    """uvicorn's server, waiting for an event instead of looking every tenth of a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._left = asyncio.Event()

    def leave(self) -> None:
        """Ask it to stop, from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._left.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._loop = asyncio.get_running_loop()
        self.ready.set()

    async def main_loop(self) -> None:
        await self._left.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002 - uvicorn's own signature
        await self._finish_accepting()
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        answering = set(self.server_state.tasks)
        late = (await asyncio.wait(answering, timeout=_GRACE_S))[1] if answering else set()
        await self._abandon(late)

    async def _finish_accepting(self) -> None:
        """Wait for connections just being accepted: asyncio leaves them open when its server closes under them."""
        while accepting := asyncio.all_tasks() - self.server_state.tasks - {asyncio.current_task()}:
            _, lasting = await asyncio.wait(accepting, timeout=_ACCEPT_S)
            if lasting:  # on Windows a task of the loop always waits for the next connection
                break

    async def _abandon(self, late: set[asyncio.Task[None]]) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)  # let the connections learn that they are lost, before their tasks end
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


def _listen(host: str, port: int) -> socket.socket:
    # asyncio turns Nagle's delay off only where the protocol is named; with it, every second answer comes 40 ms late.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":  # there it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
        listener.setblocking(False)  # noqa: FBT003 - its only argument
    except OSError as error:
        listener.close()
        raise OSError(
            f"The sandbox can't listen on {host}:{port} ({error}). Name another port, or 0 for a free one."
        ) from error
    return listener
