"""Whole runs under faults: every verdict is compared with the server's own log."""

from __future__ import annotations

import pandas as pd
import pytest

import exotel_frames as ef
from tests.operations.truth import (
    FIVE_PERCENT,
    assert_accounted,
    assert_creates_are_true,
    assert_deletes_are_true,
    assert_never_repeated_blindly,
    assert_updates_are_true,
)
from tests.slow import slow


def sheet(rows: int, **columns) -> pd.DataFrame:
    return pd.DataFrame({"subscriber_name": [f"n{row:05d}" for row in range(rows)], **columns})


# A refusal costs a real wait: most of what these tests take.
@pytest.mark.parametrize(("seed", "rows"), [(1, 150), slow(1, 300), slow(1, 1000), slow(2, 1000)])
def test_every_verdict_of_hundreds_of_creates_under_faults_of_every_kind_is_true(seed, rows):
    with ef.Sandbox(subscribers=50, seed=seed, faults=FIVE_PERCENT) as box:
        client = box.connect()
        frame = sheet(rows, custom_field="support")
        results = ef.create_subscribers(client, frame, progress=False)
        assert_accounted(results, rows)
        assert_creates_are_true(box, results)
        assert_never_repeated_blindly(box)
        assert (results["outcome"] == "done").mean() >= 0.99


@pytest.mark.parametrize("rows", [50, slow(150)])
def test_every_verdict_of_updates_under_faults_is_true(rows):
    with ef.Sandbox(subscribers=400, seed=3) as box:
        client = box.connect()
        subs = ef.load_subscribers(client, progress=False)
        box.set_faults(FIVE_PERCENT)
        frame = subs[["subscriber_name"]].head(rows).assign(custom_field="moved")
        results = ef.update_subscribers(client, frame, current=subs, progress=False)
        assert_accounted(results, rows)
        assert_updates_are_true(box, results)
        assert (results["outcome"].isin(["done", "unchanged"])).mean() >= 0.98


@pytest.mark.parametrize("rows", [50, slow(150)])
def test_every_verdict_of_deletes_under_faults_is_true(rows):
    with ef.Sandbox(subscribers=400, seed=4) as box:
        client = box.connect()
        names = ef.load_subscribers(client, progress=False)["subscriber_name"].head(rows)
        box.set_faults(FIVE_PERCENT)
        results = ef.delete_subscribers(client, names, max_deletes=rows, progress=False)
        assert_accounted(results, rows)
        assert_deletes_are_true(box, results)
        assert (results["outcome"] == "done").mean() >= 0.98
