"""Create answers that arrive mutated, through a real proxy: never a lost row, never a false `done`."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames.api.client import Client
from tests.operations.mutating_proxy import mutating_proxy
from tests.operations.truth import assert_accounted, assert_creates_are_true, assert_never_repeated_blindly


def run_through(bodies: int, seed: int) -> None:
    sent = 0
    with ef.Sandbox(subscribers=20, seed=seed) as box, mutating_proxy(box.base_url, seed) as (base_url, told):
        client = Client(replace(box.connect().settings, base_url=base_url))  # still a sandbox: nothing to wait for
        while len(told) < bodies:
            names = [f"s{seed}n{sent + row}" for row in range(500)]
            sent += 500
            box.add(*names[::7], custom_field="theirs", date_created="2020-01-01T00:00:00+05:30")
            results = ef.create_subscribers(
                client, pd.DataFrame({"subscriber_name": names, "custom_field": "ours"}), progress=False
            )
            assert_accounted(results, 500)
            assert_creates_are_true(box, results, forged_refusals=True)
            assert (results["outcome"].isin(["done", "rejected"])).mean() > 0.9
        assert_never_repeated_blindly(box)


def test_30_mutated_answers_lose_no_row_and_make_no_false_done():
    run_through(30, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(2, 12))
def test_10000_mutated_answers_lose_no_row_and_make_no_false_done(seed):
    run_through(1000, seed=seed)
