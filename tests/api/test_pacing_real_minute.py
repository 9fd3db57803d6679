"""Pacing for real: real HTTP, the real clock, and a limit that the sandbox keeps."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

import exotel_frames as ef
from exotel_frames.sandbox.rate_limit import RateLimit

LIMIT = 120
WORKERS = 8
MINUTE_S = 60.0


@pytest.mark.slow
@pytest.mark.timeout(200)
@pytest.mark.parametrize("window", ["fixed", "sliding"])
def test_a_real_minute_uses_98_percent_of_the_limit_and_none_is_refused(window):
    with ef.Sandbox(subscribers=LIMIT, seed=1, rate_limit=RateLimit(per_minute=LIMIT, window=window)) as box:
        client = box.connect(workers=WORKERS)
        with ThreadPoolExecutor(WORKERS) as pool:
            answers = list(pool.map(lambda place: client.list_page(offset=place, page_size=1), range(LIMIT * 2)))
        log = box.log
    assert [answer.attempts for answer in answers] == [1] * LIMIT * 2
    assert [entry.http_code for entry in log] == [200] * LIMIT * 2
    times = sorted(entry.time for entry in log)
    lags_s = [again - first for first, again in zip(times[:LIMIT], times[LIMIT:], strict=True)]
    print(f"{window}: {MINUTE_S / max(lags_s):.2%} of {LIMIT}/min used at the least, 0 answers of 429")
    assert MINUTE_S / max(lags_s) >= 0.98
