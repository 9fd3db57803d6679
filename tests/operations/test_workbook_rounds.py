"""A workbook that lives: round after round, a plan is exactly what its people changed since the last one."""

import time

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import exotel_frames as ef
from exotel_frames.workbooks import read_with_base
from tests.audit.audit_kit import edit, load
from tests.operations.wording import NO_EDITS

HEADERS = ["action", "subscriber_name", "status", "custom_field", "date_created", "date_updated"]


@pytest.fixture
def box():
    with ef.Sandbox(subscribers=6, seed=1) as box:
        yield box


@pytest.fixture
def client(box, tmp_path):
    return box.connect(journal=tmp_path / "journal")


def apply_round(client, path, **limits):
    """Plan, apply and write verdicts; return the plan and the results."""
    plan = ef.plan_workbook(client, path, progress=False)
    results = ef.apply_plan(client, plan, max_share=1.0, progress=False, **limits)
    ef.write_verdicts(path, results)
    return plan, results


def done(plan):
    """Return what a plan does."""
    busy = plan[plan["action"] != "none"].astype(object)
    return busy.where(busy.notna(), None)[["action", "subscriber_name", "status", "custom_field"]].to_numpy().tolist()


@pytest.mark.slow  # the law below asks it of any rounds
def test_a_cell_that_was_changed_applied_and_set_back_is_a_change_again(client, tmp_path):
    path = tmp_path / "audit.xlsx"
    subs = load(client)
    name = subs.loc[subs["status"] == "active", "subscriber_name"].iloc[0]
    ef.write_workbook(subs, path)
    for status in ("inactive", "active", "inactive"):
        edit(path, {(name, "status"): status})
        plan, results = apply_round(client, path)
        assert plan.loc[plan["action"] != "none", ["subscriber_name", "status"]].to_numpy().tolist() == [[name, status]]
        assert results["outcome"].tolist() == ["done"]
        assert client.get(name).data.status == status
    assert ef.plan_workbook(client, path, progress=False).empty
    assert openpyxl.load_workbook(path).sheetnames[-1] == "earlier verdicts"


@pytest.mark.slow  # the law below asks it of any rounds
def test_what_a_colleague_changed_between_two_rounds_is_never_taken_back(client, tmp_path):
    path = tmp_path / "audit.xlsx"
    subs = load(client)
    mine, theirs = subs["subscriber_name"].iloc[:2]
    ef.write_workbook(subs, path)
    edit(path, {(mine, "custom_field"): "one"})
    apply_round(client, path)
    other = "inactive" if client.get(theirs).data.status == "active" else "active"
    client.update(theirs, status=other)
    for text in ("two", "three"):
        edit(path, {(mine, "custom_field"): text})
        plan, _ = apply_round(client, path)
        assert [row[1] for row in done(plan)] == [mine]
        assert client.get(theirs).data.status == other


def test_rows_that_were_created_or_deleted_live_on_without_being_asked_for_again(client, tmp_path):
    path = tmp_path / "audit.xlsx"
    subs = load(client)
    gone = subs["subscriber_name"].iloc[0]
    ef.write_workbook(subs, path)
    edit(path, {("newbie", "action"): "create", ("newbie", "custom_field"): "x", (gone, "action"): "delete"})
    _, results = apply_round(client, path, max_deletes=1)
    assert set(results["outcome"]) == {"done"}
    assert done(ef.plan_workbook(client, path, progress=False)) == []
    edit(path, {("newbie", "custom_field"): "y", (gone, "action"): None})
    plan, _ = apply_round(client, path)
    assert done(plan) == [["update", "newbie", "active", "y"]]
    names = read_with_base(path)[1].frame["subscriber_name"].tolist()
    assert "newbie" in names
    assert gone not in names


def test_someone_who_was_deleted_here_and_created_again_by_others_is_not_deleted_again(client, tmp_path):
    path = tmp_path / "audit.xlsx"
    subs = load(client)
    gone = subs["subscriber_name"].iloc[0]
    ef.write_workbook(subs, path)
    edit(path, {(gone, "action"): "delete"})
    apply_round(client, path, max_deletes=1)
    client.create([ef.NewSubscriber(gone)])
    plan = ef.plan_workbook(client, path, progress=False)
    assert plan["conflict"].tolist() == [True]


def test_rows_that_were_left_out_of_the_plan_say_so(client, tmp_path):
    path = tmp_path / "audit.xlsx"
    subs = load(client)
    first, second = subs["subscriber_name"].iloc[:2]
    ef.write_workbook(subs, path)
    edit(path, {(first, "custom_field"): "a", (second, "custom_field"): "b"})
    client.update(second, status="active", custom_field="theirs")
    plan = ef.plan_workbook(client, path, progress=False)
    results = ef.apply_plan(client, plan[~plan.conflict], progress=False)
    ef.write_verdicts(path, results)
    said = ef.read_workbook(path).set_index("subscriber_name")
    assert said.loc[first, "outcome"] == "done"
    assert said.loc[second, "outcome"] == "left out"
    assert "you: custom_field 'b', meanwhile:" in said.loc[second, "message"]


@pytest.mark.slow
def test_rows_that_were_spoiled_after_the_plan_say_what_is_wrong_with_them(client, tmp_path):
    path = tmp_path / "audit.xlsx"
    subs = load(client)
    first, second, third = subs["subscriber_name"].iloc[:3]
    ef.write_workbook(subs, path)
    edit(path, {(first, "custom_field"): "a"})
    results = ef.apply_plan(client, ef.plan_workbook(client, path, progress=False), progress=False)
    edit(path, {(second, "status"): "gone", (third, "custom_field"): "late"})
    ef.write_verdicts(path, results)
    rows = ef.read_table(path).set_index("subscriber_name")
    assert rows.loc[[first, second, third], "outcome"].tolist() == ["done", "invalid", "left out"]
    assert rows.loc[second, "message"].startswith("in no run: 'gone' is no status")
    assert rows.loc[third, "message"].startswith("in no run: custom_field ")


def test_a_file_that_is_no_list_of_subscribers_is_not_planned(client, tmp_path):
    subs = load(client)
    plan = ef.plan_changes(subs, subs[["subscriber_name"]].head(1).assign(custom_field="new"))
    ef.write_workbook(plan, tmp_path / "plan.xlsx", client=client)
    ef.write_workbook(ef.apply_plan(client, plan, progress=False), tmp_path / "results.xlsx", client=client)
    ef.write_workbook(ef.audit_subscribers(subs), tmp_path / "problems.xlsx", client=client)
    for name, why in [
        ("plan", "already holds a plan: apply_plan"),
        ("results", f"holds {NO_EDITS}"),
        ("problems", "holds problems without subscribers to plan"),
    ]:
        with pytest.raises(ef.WorkbookError, match=f"{name}.xlsx {why}"):
            ef.plan_workbook(client, tmp_path / f"{name}.xlsx", progress=False)
    with pytest.raises(ef.WorkbookError, match="leave out columns="):
        ef.plan_workbook(client, [tmp_path / "plan.xlsx"], columns={"Name": "subscriber_name"}, progress=False)
    other = subs.copy()
    other.attrs["exotel_frames"] = {"origin": {"account_sid": "other1", "label": "LIVE account other1 at mum"}}
    with pytest.raises(ef.WorkbookError, match=r"the frame comes from .*other1.*, not from this client's account"):
        ef.write_workbook(other, tmp_path / "other.xlsx", client=client)


NAMES = [f"p{at}" for at in range(5)]
EDITS = st.dictionaries(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(["status", "custom_field"])), st.integers(0, 3), max_size=3
)
ROUNDS = st.lists(st.tuples(EDITS, EDITS, EDITS), min_size=2, max_size=5)


def value(column, number):
    """Return a cell's text."""
    return ("active", "inactive")[number % 2] if column == "status" else ("", "x", "y", "z")[number]


def live_through(tmp_path_factory, rounds):
    """Let two people edit a file and others the service, in rounds; compare each plan with what the people did."""
    folder = tmp_path_factory.mktemp("rounds")
    ahead_s = 0  # two changes of one second can't be told apart, and no people edit, plan and apply in one
    with ef.Sandbox(subscribers=0, clock=lambda: time.time() + ahead_s) as box:
        client = box.connect(journal=folder / "journal")
        client.create([ef.NewSubscriber(name) for name in NAMES])
        path = folder / "audit.xlsx"
        ef.write_workbook(load(client), path)
        sheet = {name: {"status": "active", "custom_field": ""} for name in NAMES}
        pending = {}  # the cells that ask for something, and what each said before: put back, it asks for nothing
        for first, second, others in rounds:
            mine = {}
            for by in (first, second):  # two people, one after the other
                cells = {(name, column): value(column, number) for (name, column), number in by.items()}
                edit(path, {cell: text or None for cell, text in cells.items()})
                mine |= cells
            ahead_s += 2
            for (name, column), number in others.items():
                live = client.get(name).data
                now = {"status": live.status, "custom_field": live.custom_field or ""}
                client.update(name, **(now | {column: value(column, number)}))
            for (name, column), text in mine.items():
                if sheet[name][column] != text:
                    pending.setdefault((name, column), sheet[name][column])
                sheet[name][column] = text
            pending = {cell: was for cell, was in pending.items() if sheet[cell[0]][cell[1]] != was}
            live = {row["subscriber_name"]: row for row in load(client).fillna({"custom_field": ""}).to_dict("records")}
            plan = ef.plan_workbook(client, path, progress=False)
            busy = plan[plan["action"] != "none"]
            wanted = {name for name, column in pending if sheet[name][column] != live[name][column]}
            assert set(busy["subscriber_name"]) == wanted
            clear = plan[~plan.conflict]
            results = ef.apply_plan(client, clear, max_share=1.0, progress=False)
            assert set(results["outcome"]) <= {"done", "unchanged"}
            ef.write_verdicts(path, results)
            for row in clear[clear["action"] == "update"].itertuples():
                now = client.get(row.subscriber_name).data
                for column in ("status", "custom_field"):
                    if (row.subscriber_name, column) in pending:
                        assert (getattr(now, column) or "") == sheet[row.subscriber_name][column]
            in_conflict = set(plan.loc[plan["conflict"], "subscriber_name"])
            pending = {cell: was for cell, was in pending.items() if cell[0] in in_conflict}


@settings(max_examples=1, deadline=None, derandomize=True)
@given(ROUNDS)
def test_each_rounds_plan_is_exactly_what_the_files_people_changed_since_the_last(tmp_path_factory, rounds):
    live_through(tmp_path_factory, rounds)


@pytest.mark.slow
@pytest.mark.timeout(5400)
@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(EDITS, EDITS, EDITS), min_size=5, max_size=10))
def test_ten_rounds_are_as_true_as_the_first(tmp_path_factory, rounds):
    live_through(tmp_path_factory, rounds)
