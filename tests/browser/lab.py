"""A JupyterLab of the tests' own: on loopback, with folders of its own, without news, autosave or extras."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
import threading
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

import urllib3

READY = re.compile(r"http://127\.0\.0\.1:\d+/")
START_S = 60
ANSWER_S = 60
NOTEBOOK = "forms.ipynb"
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
FOLDERS = {
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_DATA_DIR": "data",
    "JUPYTER_RUNTIME_DIR": "runtime",
    "JUPYTERLAB_SETTINGS_DIR": "settings",
    "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    "IPYTHONDIR": "ipython",
}
SETTINGS = {
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
    "@jupyterlab/apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyter-widgets/jupyterlab-manager/plugin": {"saveState": True},
}
OPTIONS = [
    "--no-browser",
    "--allow-root",
    "--expose-app-in-browser",
    "--ServerApp.ip=127.0.0.1",
    "--ServerApp.port=0",
    "--LabApp.extension_manager=readonly",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--ServerApp.jpserver_extensions={'jupyterlab': True, 'jupyter_lsp': False, 'jupyter_server_terminals': False}",
]


class Lab:
    """A server that is starting or running: where its notebook is, and what it has said."""

    def __init__(self, folder: Path, process: subprocess.Popen[str], token: str) -> None:
        self.folder = folder
        self._process, self._token, self._said = process, token, []
        self._ready, self._origin = threading.Event(), ""
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def notebook(self) -> Path:
        """The file of the notebook."""
        return self.folder / "files" / NOTEBOOK

    def open(self) -> str:
        """Wait until it serves, start the notebook's kernel, and return the address of the notebook's page."""
        assert self._ready.wait(START_S), "".join(self._said)
        assert self._origin, f"JupyterLab ended: {''.join(self._said)}"
        patient = urllib3.Retry(
            connect=100, backoff_factor=0.05, backoff_max=0.2
        )  # it names its port before it listens
        with urllib3.PoolManager(retries=patient) as pool:
            session = {"path": NOTEBOOK, "name": NOTEBOOK, "type": "notebook", "kernel": {"name": KERNEL["name"]}}
            who = {"Authorization": f"token {self._token}"}
            answer = pool.request("POST", f"{self._origin}api/sessions", json=session, headers=who)
        assert answer.status == HTTPStatus.CREATED, answer.data
        return f"{self._origin}lab/tree/{NOTEBOOK}?reset&token={self._token}"

    def kernel(self) -> Kernel:
        """Return a client of the notebook's kernel, by its own connection file."""
        (file,) = (self.folder / "runtime").glob("kernel-*.json")
        return Kernel(file)

    def _read(self) -> None:
        for line in self._process.stderr:
            self._said.append(line)
            if found := READY.search(line):
                self._origin = found.group()
                self._ready.set()
        self._ready.set()


@contextmanager
def running_lab(folder: Path):
    """Start a JupyterLab with one empty notebook, and end it with the block."""
    (folder / "files").mkdir()
    empty = {"cells": [], "metadata": {"kernelspec": KERNEL}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "files" / NOTEBOOK).write_text(json.dumps(empty))
    for name, setting in SETTINGS.items():
        file = folder / "settings" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(setting))
    token = secrets.token_hex(16)
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("EXOTEL_", "JUPYTER"))}
    own = {name: str(folder / sub) for name, sub in FOLDERS.items()}
    command = [sys.executable, "-m", "jupyterlab", *OPTIONS, f"--ServerApp.root_dir={folder / 'files'}"]
    process = subprocess.Popen(
        command,
        env={**bare, **own, "JUPYTER_TOKEN": token},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    with process:
        try:
            yield Lab(folder, process, token)
        finally:
            process.terminate()  # it ends its kernels
            process.wait(START_S)


class Kernel:
    """Reads values from the kernel behind the page, as JSON, and hears what it complains of."""

    def __init__(self, connection_file: Path) -> None:
        from jupyter_client import BlockingKernelClient  # only here: collecting the tests must not wait for it

        self._client = BlockingKernelClient(connection_file=str(connection_file))
        self._client.load_connection_file()
        self._client.start_channels(stdin=False, hb=False)
        self._client.wait_for_ready(timeout=ANSWER_S)

    def value(self, expression: str):
        """Return what an expression gives in the notebook's namespace; its error fails the test."""
        text = f"__import__('json').dumps({expression})"
        number = self._client.execute("", silent=True, user_expressions={"value": text})
        answer = self._client.get_shell_msg(timeout=ANSWER_S)
        while answer["parent_header"].get("msg_id") != number:
            answer = self._client.get_shell_msg(timeout=ANSWER_S)
        found = answer["content"]["user_expressions"]["value"]
        assert found["status"] == "ok", f"{expression}: {found.get('evalue')}"
        return json.loads(eval(found["data"]["text/plain"], {"__builtins__": {}}))  # a repr of a str

    def complaints(self) -> list[str]:
        """Return what went to stderr, and the errors, of all cells and callbacks since this was asked last."""
        found = []
        while self._client.iopub_channel.msg_ready():
            message = self._client.get_iopub_msg(timeout=ANSWER_S)
            content = message["content"]
            if message["msg_type"] == "stream" and content["name"] == "stderr":
                found.append(content["text"])
            if message["msg_type"] == "error":
                found.append(f"{content['ename']}: {content['evalue']}")
        return found

    def close(self) -> None:
        """Let go of the kernel; its server ends it."""
        self._client.stop_channels()
