"""Trying before doing: what each writing verb would send, at which cost, and that it sends nothing."""

from __future__ import annotations

import pandas as pd
import pytest

import exotel_frames as ef
from tests.slow import but_slow


@pytest.fixture
def box():
    with ef.Sandbox(subscribers=30, seed=3, rate_limit=100_000) as box:
        yield box


@pytest.fixture
def client(box):
    return box.connect(requests_per_minute=60_000)


def names(*texts, **more):
    return pd.DataFrame({"subscriber_name": list(texts)}).assign(**more)


def writes(box):
    return [call for call in box.log if call.method in {"POST", "PUT", "DELETE"}]


def some(box, number=3):
    return [row["subscriber_name"] for row in box.subscribers()[:number]]


VERBS = {
    "create": lambda client, box, **more: ef.create_subscribers(
        client, names(*(f"new{at}" for at in range(23)), "not legal", status="active"), progress=False, **more
    ),
    "update": lambda client, box, **more: ef.update_subscribers(
        client, names(*some(box), custom_field="new text"), progress=False, **more
    ),
    "delete": lambda client, box, **more: ef.delete_subscribers(
        client, some(box), max_deletes=3, progress=False, **more
    ),
    "token": lambda client, box, **more: ef.create_tokens(
        client, names(*some(box), platform="ios", device_id="d1"), progress=False, **more
    ),
}
REQUESTS = {"create": 3, "update": 3, "delete": 3, "token": 3}


@pytest.mark.parametrize("verb", but_slow(VERBS, ["create", "delete"]))
def test_a_dry_run_writes_nothing_and_tells_what_the_real_run_takes(box, client, verb):
    truth = box.subscribers()
    dry = VERBS[verb](client, box, dry_run=True)
    assert writes(box) == []
    assert box.subscribers() == truth
    assert dry.attrs["exotel_frames"]["requests"] == REQUESTS[verb]
    assert set(dry["outcome"]) <= {"not_sent", "invalid", "unchanged"}
    assert ef.list_runs(client).empty
    real = VERBS[verb](client, box)
    assert len(writes(box)) == REQUESTS[verb]
    assert (real["outcome"] == "done").tolist() == (dry["outcome"] == "not_sent").tolist()
    assert list(real.columns) == list(dry.columns)


def test_the_minutes_come_with_the_first_known_limit(box, client):
    frame = names(*(f"a{at}" for at in range(1000)))
    plan = ef.plan_changes(ef.load_subscribers(client, progress=False), frame)
    cost = ef.estimate(client, plan)
    assert cost.requests == 100
    assert cost.minutes is not None
    dry = ef.apply_plan(client, plan, dry_run=True, progress=False)
    assert (
        dry.attrs["exotel_frames"]["requests"]
        == ef.estimate(client, dry).requests
        == ef.estimate(client, frame).requests
    )
    with ef.Sandbox(subscribers=1) as other:
        assert ef.estimate(other.connect(), plan).minutes is None


def test_who_is_created_inactive_costs_an_update_more(box, client):
    sheet = names("n1", "n2", status=["inactive", "active"])
    assert ef.estimate(client, sheet).requests == 2
    ef.create_subscribers(client, sheet, progress=False)
    assert len(writes(box)) == 2


def test_rows_in_conflict_or_without_anything_to_do_cost_nothing(client):
    plan = pd.DataFrame(
        {"subscriber_name": list("abc"), "action": ["update", "none", "delete"], "conflict": [True, False, False]}
    )
    assert ef.estimate(client, plan).requests == 1
    assert str(ef.Cost(1, None)) == "1 request, no rate limit known yet"


def test_a_plan_from_a_text_file_is_told_how_to_be_read(client):
    plan = pd.DataFrame({"subscriber_name": ["a"], "action": ["delete"], "conflict": ["False"]})
    with pytest.raises(ef.ValidationError, match="read_plan"):
        ef.estimate(client, plan)


def test_a_dry_delete_of_too_many_is_refused_like_a_real_one(box, client):
    with pytest.raises(ef.UnsafePlanError, match="max_deletes is 1"):
        ef.delete_subscribers(client, some(box), max_deletes=1, dry_run=True, progress=False)
