"""Forms used in this process: what is typed has arrived when the next line runs, so nothing waits for it."""

import pytest

from exotel_frames.widgets import workflow


@pytest.fixture(autouse=True)
def _typing_takes_no_time(monkeypatch):
    monkeypatch.setattr(workflow, "_TYPING_PAUSE_S", 0.01)
