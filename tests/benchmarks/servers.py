"""The servers that the contenders talk to, on loopback ports, started and ended here.

Reading: nginx from Debian with pages written beforehand; under `/slow/` it waits 80 ms before each answer (its echo
module's `echo_sleep`, which nginx-light brings). Writing: our own small server (answering.py), since the names that are
sent must stand in the answer.
"""

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from . import pages
from .measuring import ROOT, MissingError

LATENCY_S = 0.08
ECHO = "ngx_http_echo_module.so"
CONFIG = """
load_module {module};
daemon off; master_process off; pid {folder}/pid; error_log {folder}/errors warn;
worker_rlimit_nofile 4096;
events {{ worker_connections 1024; }}
http {{
  access_log off; default_type application/json; keepalive_requests 100000000; sendfile on; tcp_nopush on;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port}; root {folder}/pages;
    location = /empty.json {{ }}
    location ~ "^/(?<tenant>[0-9]+)/" {{ try_files /$tenant/$arg_offset.json /empty.json; }}
    location ~ "^/slow/(?<tenant>[0-9]+)/" {{ echo_sleep {latency_s}; echo_exec @page; }}
    location @page {{ try_files /$tenant/$arg_offset.json /empty.json; }}
  }}
}}
"""


@contextmanager
def nginx(tenants: Mapping[int, list[int]]) -> Iterator[str]:
    """Serve tenants of so many rows, with the pages at these offsets.

    Yield the address before `/<rows>` (or `/slow/<rows>`).
    """
    module = Path("/usr/lib/nginx/modules") / ECHO
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None or not module.exists():
        raise MissingError("nginx with its echo module (apt install nginx-light)")
    with tempfile.TemporaryDirectory(prefix="benchmarks_") as name:
        folder, port = Path(name), free_port()
        for rows, offsets in tenants.items():
            pages.write_tenant(folder / "pages", rows, offsets)
        config = folder / "nginx.conf"
        config.write_text(CONFIG.format(folder=folder, port=port, module=module, latency_s=LATENCY_S))
        with serving([program, "-c", str(config), "-p", name], port):
            yield f"http://127.0.0.1:{port}"


@contextmanager
def answering(latency_s: float = 0.0) -> Iterator[str]:
    """Serve the writing calls; yield the address."""
    port = free_port()
    command = [sys.executable, "-m", f"{__package__}.answering", str(port), str(latency_s)]
    with serving(command, port):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def serving(command: list[str], port: int) -> Iterator[None]:
    """Run a server for as long as it is needed; it is up when this yields."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said)
        try:
            until_s = time.monotonic() + 20
            while not accepts(port):
                if process.poll() is not None or time.monotonic() > until_s:
                    said.seek(0)
                    raise RuntimeError(f"{command[0]} does not serve: {said.read().decode(errors='replace')[-500:]}")
                time.sleep(0.02)
            yield
        finally:
            process.terminate()
            process.wait()


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
