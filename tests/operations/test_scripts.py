"""Scripts without pandas: frames of other libraries, and the numbers and ids that they compute."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import exotel_frames as ef


class Stranger:
    """A frame of a library that is not known here, and can only be read through Arrow's interchange."""

    def __init__(self, table):
        self._table = table

    def __arrow_c_stream__(self, requested_schema=None):
        return self._table.__arrow_c_stream__(requested_schema)


@pytest.fixture(scope="module")
def client():
    with ef.Sandbox(subscribers=30, seed=5) as box:
        yield box.connect()


@pytest.fixture(scope="module")
def results(client):
    return ef.create_subscribers(client, pd.DataFrame({"subscriber_name": ["priya07", "arjun08"]}), progress=False)


@pytest.fixture(scope="module")
def plan(client, results):
    subs = ef.load_subscribers(client, progress=False)
    return ef.plan_changes(subs, subs[["subscriber_name"]].head(3).assign(custom_field="moved"))


@pytest.fixture(params=[pa.Table.from_pandas, lambda frame: Stranger(pa.Table.from_pandas(frame))])
def foreign(request):
    return request.param


def test_a_plan_of_another_library_is_shown_kept_and_rehearsed(client, plan, foreign, tmp_path):
    assert "3 to update" in str(ef.show(foreign(plan)))
    ef.write_plan(foreign(plan), tmp_path / "plan.json")
    assert len(ef.read_plan(tmp_path / "plan.json", progress=False)) == 3
    account = client.settings.account_sid
    tried = ef.apply_plan(client, foreign(plan), account=account, dry_run=True, progress=False)
    assert tried["outcome"].tolist() == ["not_sent"] * 3


def test_a_plan_of_another_library_names_no_account_and_says_how_to_name_it(client, plan, foreign):
    with pytest.raises(ef.StalePlanError, match="account='"):
        ef.apply_plan(client, foreign(plan), progress=False)


def test_results_of_another_library_name_their_run(client, results, foreign):
    assert len(ef.read_results(client, foreign(results))) == 2
    assert len(ef.plan_undo(client, foreign(results), progress=False)) == 2
    assert ef.resume_run(client, foreign(results), progress=False)["outcome"].tolist() == ["done", "done"]
    assert "2 done" in str(ef.show(foreign(results)))
    assert "2 done" in ef.plot_results(foreign(results)).get_suptitle()


def test_of_a_part_of_the_results_only_that_part_is_undone(client, results, foreign):
    part = results[results["subscriber_name"] == "arjun08"]
    for run in (part, foreign(part)):
        undo = ef.plan_undo(client, run, progress=False)
        assert undo[["action", "subscriber_name"]].to_numpy().tolist() == [["delete", "arjun08"]]
    listed = ef.list_runs(client)
    for run in (results["run_id"].iloc[0], listed.iloc[[-1]], listed.iloc[-1]):
        assert len(ef.plan_undo(client, run, progress=False)) == 2


@pytest.mark.parametrize("run", [["20260105"], 20260105, {"run_id": "20260105"}])
@pytest.mark.parametrize("verb", [ef.read_results, ef.plan_undo, ef.resume_run])
def test_what_is_no_run_is_told_with_the_way_to_the_ids(client, verb, run):
    with pytest.raises(ef.ValidationError, match=r"ef\.list_runs\(client\) has all ids"):
        verb(client, run)


@pytest.mark.parametrize("limit", [float("nan"), None, "2", True, 1.5, -1, pd.NA])
def test_a_limit_of_deletes_that_is_no_number_allows_none(client, limit):
    with pytest.raises(ef.ValidationError, match="it must be a number of subscribers, 0 or more"):
        ef.delete_subscribers(client, ["priya07"], max_deletes=limit, progress=False)


def test_limits_that_numpy_has_counted_are_numbers(client, plan):
    count = (plan["action"] == "update").sum()
    assert isinstance(count, np.int64)
    ef.apply_plan(client, plan, max_deletes=count, max_share=np.int64(1), dry_run=True, progress=False)
    ef.delete_subscribers(client, ["priya07"], max_deletes=count, dry_run=True, progress=False)
    ef.prune_runs(client, keep_days=count, dry_run=True)
    assert "3 to update" in str(ef.show(plan, max_rows=count))


@pytest.mark.parametrize("rows", [None, "5", 2.0, -1, pd.NA, True])
def test_a_number_of_rows_that_is_none_is_a_sentence(plan, rows):
    with pytest.raises(ef.ValidationError, match="it must be a number of rows, 0 or more"):
        ef.show(plan, max_rows=rows)
