"""A check that writes is stopped by a real Ctrl-C, at any of its requests: at once, and what may be left is named."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
import time
from dataclasses import replace

import pytest

import exotel_frames as ef
from exotel_frames.api.client import Client
from tests.operations.mutating_proxy import spoiling_proxy
from tests.slow import but_slow, slow

CREATE, TOKEN = (f"POST /v2/accounts/sandbox1/{what}" for what in ("subscribers", "subscriber-token"))


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
@pytest.mark.parametrize("strikes", [slow(1), 10])
@pytest.mark.parametrize("request_line", but_slow([CREATE, "PUT", TOKEN, "DELETE"], ["PUT"]))
def test_ctrl_c_where_the_service_hangs_from_one_of_its_writes_on(request_line, strikes):
    over, hanging = threading.Event(), threading.Event()

    def hang(line, status, content):
        begins = line.startswith(request_line) and not hanging.is_set()
        if begins:
            hanging.set()
        for _ in range(strikes if begins else 0):
            os.kill(os.getpid(), signal.SIGINT)
            over.wait(0.03)
        if hanging.is_set():  # it answers nothing any more
            over.wait(60)
        return content

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with ef.Sandbox(subscribers=30, seed=5) as box, spoiling_proxy(box.base_url, hang) as url:
            settings = replace(box.connect(timeout_s=60).settings, base_url=url)
            rows, began_s = len(box.subscribers()), time.monotonic()
            with pytest.raises(ef.RunInterrupted) as told:
                ef.check_service(Client(settings), write=True, sleep=lambda _: None)
            assert time.monotonic() - began_s < 20  # the timeout is 60 s
            left = {row["subscriber_name"] for row in box.subscribers() if row["subscriber_name"].startswith("Chk")}
            assert left <= set(re.findall("Chk[0-9a-f]{10}[Zz]", str(told.value)))
            assert len(box.subscribers()) == rows + len(left)
            over.set()
    finally:
        over.set()
        signal.signal(signal.SIGINT, before)
