"""Where a frame came from a file, results are told by the file's rows: in every verb, also after a plan."""

from __future__ import annotations

import pandas as pd
import pytest

import exotel_frames as ef
from tests.slow import slow

ROWS = (
    "subscriber_name,status,custom_field,platform,device_id\nno body,active,x,ios,d1\n,,,,\nnobody9,active,x,ios,d1\n"
)
VERBS = {
    "create": lambda client, frame: ef.create_subscribers(client, frame, progress=False),
    "dry run": lambda client, frame: ef.create_subscribers(client, frame, dry_run=True, progress=False),
    "update": lambda client, frame: ef.update_subscribers(client, frame, progress=False),
    "delete": lambda client, frame: ef.delete_subscribers(client, frame, max_deletes=2, progress=False),
    "get": lambda client, frame: ef.get_subscribers(client, frame, progress=False),
    "tokens": lambda client, frame: ef.create_tokens(client, frame, progress=False),
}


@pytest.fixture
def client():
    with ef.Sandbox(subscribers=5, seed=5) as box:
        yield box.connect()


@pytest.fixture
def frame(tmp_path):
    (tmp_path / "people.csv").write_text(ROWS)
    return ef.read_table(tmp_path / "people.csv")


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_tells_the_rows_of_the_file(client, frame, verb):
    results = VERBS[verb](client, frame)
    told = " ".join(str(ef.show(results)).split())
    if "row" in results:
        assert "row 2 'no body'" in told
        assert "row 0" not in told
    if verb in {"update", "delete", "get"}:
        assert "row 4 nobody9" in told
    assert results["row"].tolist() == [0, 1] if "row" in results else True  # the column counts from 0, as ever


@pytest.mark.parametrize("change", [slow("reversed"), slow("filtered"), "a plan file's way"])
def test_an_applied_plan_tells_the_rows_of_the_file(client, frame, change):
    subs = ef.load_subscribers(client, progress=False)
    plan = ef.plan_changes(subs, frame.iloc[1:].assign(status="inactive"))
    plan = {"reversed": plan.iloc[::-1], "filtered": plan[plan["action"] == "create"]}.get(change, plan)
    results = ef.apply_plan(client, plan, dry_run=True, progress=False)
    assert "row 4 nobody9" in " ".join(str(ef.show(results)).split())


def test_a_frame_in_another_order_without_its_index_gets_no_numbers(client, frame):
    moved = pd.concat([frame.iloc[[1]], frame.iloc[[0]]], ignore_index=True)
    moved.attrs = dict(frame.attrs)
    told = " ".join(str(ef.show(ef.get_subscribers(client, moved, progress=False))).split())
    assert "row 0 nobody9" in told
