"""A plan that somebody must approve: what comes back is what was written, or it is refused by its address."""

from __future__ import annotations

import json

import openpyxl
import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames import schema
from exotel_frames.cli import main
from tests.audit.planted import frame
from tests.slow import but_slow, slow
from tests.workbooks.wording import ABOVE_ROWS

BY = "Meera Iyer"


@pytest.fixture
def box():
    with ef.Sandbox(subscribers=12, seed=3) as box:
        yield box


@pytest.fixture
def client(box):
    return box.connect()


def planned(client):
    """A plan with a create, updates with awkward texts, and a delete."""
    subs = ef.load_subscribers(client, progress=False)
    desired = subs.head(4).assign(custom_field=["=1+1", "a\r\nb", "", "007"], action=["", "", "", "delete"])
    new = frame(["007"], fields=["new"]).assign(action="")
    columns = ["subscriber_name", "status", "custom_field", "action"]
    return ef.plan_changes(subs, pd.concat([desired[columns], new[columns]], ignore_index=True))


def filled(path, answers, *, by=BY, change=()):
    """Fill in a workbook as a person does, cell by cell."""
    book = openpyxl.load_workbook(path)
    for row, answer in enumerate(answers, start=2):
        book["plan"].cell(row, 1).value = answer
    lines = {row[0].value: row[1] for row in book["approval"].iter_rows(max_col=2) if row[0].value}
    lines["Approved by"].value, lines["Reason"].value = by, "quarterly audit"
    for cell, text in change:
        book["plan"][cell].value = text
    book.save(path)
    return path


@pytest.mark.parametrize("ending", ["xlsx", "json"])
def test_a_plan_comes_back_from_a_file_exactly_as_it_was(client, tmp_path, ending):
    plan = planned(client)
    ef.write_plan(plan, tmp_path / f"plan.{ending}")
    back = ef.read_plan(tmp_path / f"plan.{ending}")
    pd.testing.assert_frame_equal(back, plan.reset_index(drop=True))
    assert back.attrs["exotel_frames"]["origin"] == client.settings.origin


def test_only_rows_with_yes_are_taken_sent_and_journaled_with_who_approved(client, box, tmp_path, capsys):
    plan = planned(client)
    ef.write_plan(plan, tmp_path / "plan.xlsx")
    filled(tmp_path / "plan.xlsx", ["yes", "no", None, "Yes ", None])
    approved = ef.read_plan(tmp_path / "plan.xlsx", require_approval=True)
    assert "2 of 5 rows approved by Meera Iyer; 3 rows left (1 says no, 2 are open)" in capsys.readouterr().out
    assert approved["subscriber_name"].tolist() == plan["subscriber_name"].iloc[[0, 3]].tolist()
    results = ef.apply_plan(client, approved, max_deletes=1, progress=False)
    assert results["outcome"].tolist() == ["done", "done"]
    sent = [call.names for call in box.log if call.method in {"PUT", "DELETE", "POST"}]
    assert len(sent) == 2
    runs = ef.list_runs(client)
    assert list(runs.columns)[-2:] == ["plan_id", "approved_by"]
    assert runs["approved_by"].tolist() == [BY]
    assert runs["plan_id"].tolist() == [approved.attrs["exotel_frames"]["plan"]["plan_id"]]


def test_without_asking_for_approval_open_rows_are_taken_and_refused_ones_never(client, tmp_path):
    plan = planned(client)
    ef.write_plan(plan, tmp_path / "plan.xlsx")
    filled(tmp_path / "plan.xlsx", ["yes", "no"])
    assert len(ef.read_plan(tmp_path / "plan.xlsx", progress=False)) == len(plan) - 1


def test_an_approval_without_a_name_is_none(client, tmp_path):
    plan = planned(client)
    ef.write_plan(plan, tmp_path / "plan.xlsx")
    filled(tmp_path / "plan.xlsx", ["yes"] * 5, by=None)
    with pytest.raises(ef.WorkbookError, match="who approved it"):
        ef.read_plan(tmp_path / "plan.xlsx", require_approval=True)


AS_SHOWN = [
    "action",
    "subscriber_name",
    "conflict",
    "note",
    "status_from",
    "status",
    "custom_field_from",
    "custom_field",
]
AS_SHOWN += [column for column in schema.PLAN if column not in AS_SHOWN]


@pytest.mark.parametrize(
    ("column", "letter"),
    [(shown, at) if at == "J" else slow(shown, at) for shown, at in zip(AS_SHOWN, "BCDEFGHIJ", strict=True)],
)
def test_a_changed_cell_of_any_column_is_refused_by_its_address(client, tmp_path, column, letter):
    plan = planned(client)
    ef.write_plan(plan, tmp_path / "plan.xlsx")
    filled(tmp_path / "plan.xlsx", ["yes"] * 5, change=[(f"{letter}3", "Tampered1")])
    with pytest.raises(ef.WorkbookError, match=rf"plan!{letter}3 says 'Tampered1'") as told:
        ef.read_plan(tmp_path / "plan.xlsx")
    assert column in told.value.problems["column"].tolist()


def test_everything_that_was_changed_is_named_at_once_also_after_sorting(client, tmp_path):
    plan = planned(client)
    ef.write_plan(plan, tmp_path / "plan.xlsx")
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    sheet = book["plan"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    for at, row in enumerate(reversed(rows), start=2):
        for column, value in enumerate(row, start=1):
            sheet.cell(at, column).value = value
            sheet.cell(at, column).data_type = "s"  # or openpyxl makes a formula of =1+1
    book.save(tmp_path / "sorted.xlsx")
    assert len(ef.read_plan(tmp_path / "sorted.xlsx")) == len(plan)
    sheet["B2"].value, sheet["A3"].value, sheet["C4"].value = "delete", "perhaps", sheet["C5"].value
    book.save(tmp_path / "sorted.xlsx")
    with pytest.raises(ef.WorkbookError) as told:
        ef.read_plan(tmp_path / "sorted.xlsx")
    messages = told.value.problems["message"].str.cat(sep="\n")
    for part in ("plan!B2 says 'delete'", "plan!A3 says 'perhaps'", "is in another row too"):
        assert part in messages


def test_a_row_that_was_removed_is_left_out(client, tmp_path):
    plan = planned(client)
    ef.write_plan(plan, tmp_path / "plan.xlsx")
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    book["plan"].delete_rows(3)
    book.save(tmp_path / "plan.xlsx")
    assert ef.read_plan(tmp_path / "plan.xlsx", progress=False)["subscriber_name"].tolist() == (
        plan["subscriber_name"].drop(plan.index[1]).tolist()
    )


def test_a_hidden_sheet_that_was_changed_and_another_workbook_are_refused(client, tmp_path):
    ef.write_plan(planned(client), tmp_path / "plan.xlsx")
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    book["exotel_frames_plan"]["B4"].value = "AAAA"
    book.save(tmp_path / "plan.xlsx")
    with pytest.raises(ef.WorkbookError, match="exotel_frames_plan was changed"):
        ef.read_plan(tmp_path / "plan.xlsx")
    ef.write_workbook(ef.load_subscribers(client, progress=False), tmp_path / "audit.xlsx")
    with pytest.raises(ef.WorkbookError, match="was not written by write_plan"):
        ef.read_plan(tmp_path / "audit.xlsx")


@pytest.mark.parametrize("column", but_slow(schema.PLAN, ["subscriber_name", "note"]))
def test_a_changed_row_of_json_is_refused_by_its_place(client, tmp_path, column):
    path = tmp_path / "plan.json"
    ef.write_plan(planned(client), path)
    whole = json.loads(path.read_text())
    whole["rows"][1][column] = "delete"
    path.write_text(json.dumps(whole))
    with pytest.raises(ef.WorkbookError, match=r"rows\[1\]"):
        ef.read_plan(path)


def test_json_can_be_approved_too(client, tmp_path):
    path = tmp_path / "plan.json"
    ef.write_plan(planned(client), path)
    whole = json.loads(path.read_text())
    whole["rows"][1]["approved"] = "yes"
    whole["approval"]["by"] = BY
    path.write_text(json.dumps(whole))
    assert len(ef.read_plan(path, require_approval=True, progress=False)) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        slow(lambda whole: whole["origin"].update(account_sid="other1"), ABOVE_ROWS),
        (lambda whole: whole.update(written_at="2020-01-01T00:00:00+00:00"), ABOVE_ROWS),
        (lambda whole: whole["rows"].append(whole["rows"][0]), r"rows\[5\] \('.+'\) appears twice"),
        (lambda whole: whole.update(rows={}), "was not written by write_plan, or is damaged"),
    ],
)
def test_json_whose_account_time_or_rows_were_changed_is_refused(client, tmp_path, change, said):
    path = tmp_path / "plan.json"
    ef.write_plan(planned(client), path)
    whole = json.loads(path.read_text())
    change(whole)
    path.write_text(json.dumps(whole))
    with pytest.raises(ef.WorkbookError, match=said):
        ef.read_plan(path)


def test_a_row_that_is_gone_from_json_is_told(client, tmp_path, capsys):
    path = tmp_path / "plan.json"
    ef.write_plan(planned(client), path)
    whole = json.loads(path.read_text())
    whole["rows"].pop()
    path.write_text(json.dumps(whole))
    assert len(ef.read_plan(path)) == 4
    assert (
        "4 of 5 rows taken, none approved, 4 open (require_approval takes none of these); 1 row left (1 was removed)."
        in capsys.readouterr().out
    )


@pytest.mark.parametrize("answers", [["yes", "no"], ["yes", "yes", "no"], ["", "yes"]])
def test_an_open_row_that_is_taken_is_never_told_as_approved(client, tmp_path, capsys, answers):
    ef.write_plan(planned(client), tmp_path / "plan.xlsx")
    filled(tmp_path / "plan.xlsx", answers)
    plan = ef.read_plan(tmp_path / "plan.xlsx")
    yes, no = answers.count("yes"), answers.count("no")
    taken = f"{5 - no} of 5 rows taken, {yes} approved by {BY}, {5 - yes - no} open"
    assert taken in capsys.readouterr().out
    ef.apply_plan(client, plan, max_deletes=2, max_share=1, progress=False)
    assert ef.list_runs(client)["approved_by"].isna().all()


def test_where_every_row_that_is_left_says_yes_the_journal_has_who_approved_it(client, tmp_path, capsys):
    ef.write_plan(planned(client), tmp_path / "plan.xlsx")
    filled(tmp_path / "plan.xlsx", ["yes", "yes", "yes", "yes", "no"])
    ef.apply_plan(client, ef.read_plan(tmp_path / "plan.xlsx"), max_deletes=2, max_share=1, progress=False)
    assert f"4 of 5 rows approved by {BY}; 1 row left (1 says no)." in capsys.readouterr().out
    assert ef.list_runs(client)["approved_by"].tolist() == [BY]


def test_a_row_that_somebody_took_out_of_the_sheet_did_not_say_no(client, tmp_path, capsys):
    ef.write_plan(planned(client), tmp_path / "plan.xlsx")
    filled(tmp_path / "plan.xlsx", ["yes"] * 5)
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    book["plan"].delete_rows(3)
    book.save(tmp_path / "plan.xlsx")
    assert len(ef.read_plan(tmp_path / "plan.xlsx", require_approval=True)) == 4
    assert f"4 of 5 rows approved by {BY}; 1 row left (1 was removed)." in capsys.readouterr().out


def approved(client, tmp_path):
    """A plan of which every row was approved, as it comes back."""
    plan = planned(client)
    ef.write_plan(plan, tmp_path / "plan.xlsx")
    filled(tmp_path / "plan.xlsx", ["yes"] * len(plan))
    return ef.read_plan(tmp_path / "plan.xlsx", require_approval=True, progress=False)


@pytest.mark.parametrize(
    "change",
    [
        lambda plan: plan.assign(custom_field=plan["custom_field"].where(plan.index != 1, "smuggled")),
        slow(lambda plan: plan.assign(status=plan["status"].where(plan.index != 1, "inactive"))),
        slow(lambda plan: plan.assign(action=plan["action"].where(plan.index != 1, "delete"))),
        slow(lambda plan: plan.assign(subscriber_name=plan["subscriber_name"].where(plan.index != 1, "somebodyelse"))),
    ],
)
def test_a_row_that_was_changed_after_the_approval_is_refused_for_nobody_approved_it(client, box, tmp_path, change):
    plan = approved(client, tmp_path)
    changed = change(plan)
    name = changed["subscriber_name"][1]
    with pytest.raises(ef.PlanError, match=f"not the one that {BY} approved.*1 row \\('{name}'\\)"):
        ef.apply_plan(client, changed, max_deletes=2, max_share=1.0, progress=False)
    assert ef.list_runs(client).empty


def test_an_approved_plan_may_lose_rows_be_sorted_kept_in_parquet_and_have_its_conflicts_decided(client, tmp_path):
    plan = approved(client, tmp_path).assign(conflict=True, note="decided")
    plan.to_parquet(tmp_path / "plan.parquet")
    kept = pd.read_parquet(tmp_path / "plan.parquet").iloc[[3, 0]].assign(conflict=False)
    results = ef.apply_plan(client, kept, max_deletes=1, progress=False)
    assert ef.list_runs(client)["approved_by"].tolist() == [BY]
    assert len(results) == 2


def test_a_sheet_that_the_approver_renamed_is_still_the_plan_and_one_without_its_proof_says_what_is_missing(
    client, tmp_path
):
    path = tmp_path / "plan.xlsx"
    ef.write_plan(planned(client), path)
    book = openpyxl.load_workbook(path)
    book["plan"].title = "Freigabe"
    book.save(path)
    assert len(ef.read_plan(path)) == 5
    book["Freigabe"]["B2"].value = "none"
    book["Freigabe"]["A2"].value = "maybe"
    book.save(path)
    with pytest.raises(ef.WorkbookError, match="Freigabe!B2 says 'none'"):
        ef.read_plan(path)
    del book["exotel_frames_plan"]
    book.save(path)
    with pytest.raises(ef.WorkbookError, match="which proves that the plan was not changed, was removed"):
        ef.read_plan(path)


def test_a_plan_of_another_account_is_refused_also_from_a_file(client, tmp_path):
    ef.write_plan(planned(client), tmp_path / "plan.xlsx")
    with ef.Sandbox(subscribers=1, account_sid="other1") as other, pytest.raises(ef.StalePlanError, match="sandbox1"):
        ef.apply_plan(other.connect(), ef.read_plan(tmp_path / "plan.xlsx"), progress=False)


def test_an_empty_plan_and_a_bad_name_of_the_file(client, tmp_path):
    subs = ef.load_subscribers(client, progress=False)
    ef.write_plan(ef.plan_changes(subs, subs), tmp_path / "plan.xlsx")
    assert ef.read_plan(tmp_path / "plan.xlsx").empty
    with pytest.raises(ef.WorkbookError, match=r"plan\.xlsx"):
        ef.write_plan(ef.plan_changes(subs, subs), tmp_path / "plan.csv")


def test_the_commands_write_a_plan_for_approval_and_apply_what_was_approved(box, client, monkeypatch, tmp_path, capsys):
    for name, value in (("API_KEY", box.api_key), ("API_TOKEN", box.api_token), ("ACCOUNT_SID", box.account_sid),
                        ("BASE_URL", box.base_url)):  # fmt: skip
        monkeypatch.setenv(f"EXOTEL_{name}", value)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    subs = ef.load_subscribers(client, progress=False)
    ef.write_workbook(subs, "audit.xlsx")
    book = openpyxl.load_workbook("audit.xlsx")
    for row in (2, 3):
        book["subscribers"].cell(row, 4).value = "other"
    book.save("audit.xlsx")
    assert main(["plan", "audit.xlsx", "-o", "plan.xlsx"]) == 2
    filled("plan.xlsx", ["yes", "no"])
    assert main(["apply", "plan.xlsx", "--require-approval"]) == 0
    assert "1 of 2 rows approved by Meera Iyer" in capsys.readouterr().out
    assert sum(row["custom_field"] == "other" for row in box.subscribers()) == 1
    assert main(["runs"]) == 0
    assert BY in capsys.readouterr().out
    assert main(["apply", "audit.xlsx", "--require-approval"]) == 4
