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


def sheet(rows: int, **columns) -> pd.DataFrame:
    return pd.DataFrame({"subscriber_name": [f"n{row:05d}" for row in range(rows)], **columns})


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_every_verdict_of_1000_creates_under_faults_of_every_kind_is_true(seed):
    with ef.Sandbox(subscribers=50, seed=seed, faults=FIVE_PERCENT) as box:
        client = box.connect()
        frame = sheet(1000, custom_field="support")
        results = ef.create_subscribers(client, frame, progress=False)
        assert_accounted(results, 1000)
        assert_creates_are_true(box, results)
        assert_never_repeated_blindly(box)
        assert (results["outcome"] == "done").sum() >= 990


def test_every_verdict_of_150_updates_under_faults_is_true():
    with ef.Sandbox(subscribers=400, seed=3) as box:
        client = box.connect()
        subs = ef.load_subscribers(client, progress=False)
        box.set_faults(FIVE_PERCENT)
        frame = subs[["subscriber_name"]].head(150).assign(custom_field="moved")
        results = ef.update_subscribers(client, frame, current=subs, progress=False)
        assert_accounted(results, 150)
        assert_updates_are_true(box, results)
        assert (results["outcome"].isin(["done", "unchanged"])).sum() >= 147


def test_every_verdict_of_150_deletes_under_faults_is_true():
    with ef.Sandbox(subscribers=400, seed=4) as box:
        client = box.connect()
        names = ef.load_subscribers(client, progress=False)["subscriber_name"].head(150)
        box.set_faults(FIVE_PERCENT)
        results = ef.delete_subscribers(client, names, max_deletes=150, progress=False)
        assert_accounted(results, 150)
        assert_deletes_are_true(box, results)
        assert (results["outcome"] == "done").sum() >= 147
