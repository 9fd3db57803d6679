"""What a workbook takes for its past, and for whom it is: known, read or asked for, and never guessed."""

import openpyxl
import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames.errors import StalePlanError, ValidationError, WorkbookError
from exotel_frames.workbooks import read_with_base
from tests.slow import but_slow, slow


@pytest.fixture
def box():
    with ef.Sandbox(subscribers=6, seed=1) as box:
        yield box


@pytest.fixture
def client(box, tmp_path):
    return box.connect(journal=tmp_path / "journal")


@pytest.fixture
def subs(client):
    return ef.load_subscribers(client, progress=False)


def planned(client, path):
    plan = ef.plan_workbook(client, path, progress=False)
    return plan.loc[plan["action"] != "none", ["action", "subscriber_name", "custom_field"]].to_numpy().tolist()


@pytest.mark.parametrize(
    "edit",
    [
        slow(lambda subs: subs),
        slow(lambda subs: subs.iloc[::-1]),
        slow(lambda subs: subs.reset_index(drop=True)),
        lambda subs: subs.sort_values("custom_field").assign(team="x"),
        lambda subs: subs[subs["subscriber_name"] == subs["subscriber_name"].iloc[0]],
    ],
)
def test_what_was_edited_in_pandas_is_a_proposal(client, subs, tmp_path, edit):
    name = subs["subscriber_name"].iloc[0]
    made = edit(subs).copy()
    made.loc[made["subscriber_name"] == name, "custom_field"] = "proposed"
    ef.write_workbook(made, tmp_path / "proposal.xlsx")
    assert planned(client, tmp_path / "proposal.xlsx") == [["update", name, "proposed"]]
    assert client.get(name).data.custom_field != "proposed"


@pytest.mark.parametrize(
    "columns",
    but_slow(
        [["subscriber_name"], ["subscriber_name", "status"], ["subscriber_name", "custom_field"]],
        [["subscriber_name", "status"]],
    ),
)
def test_a_frame_without_some_of_our_columns_proposes_nothing_in_them(client, subs, tmp_path, columns):
    ef.write_workbook(subs[columns], tmp_path / "part.xlsx")
    assert planned(client, tmp_path / "part.xlsx") == []
    pd.testing.assert_frame_equal(ef.read_workbook(tmp_path / "part.xlsx")[["custom_field"]], subs[["custom_field"]])
    ef.write_workbooks(subs[columns], tmp_path / "copies", copies=["north", "south"])
    assert planned(client, tmp_path / "copies") == []


@pytest.mark.parametrize("known", but_slow([[], ["status"], ["custom_field"], ["date_updated"]], [["status"]]))
@pytest.mark.parametrize("edit", but_slow(["status", "custom_field"], ["status"]))
def test_a_base_without_some_of_our_columns_is_no_reason_for_a_conflict(client, subs, tmp_path, known, edit):
    part = subs[["subscriber_name", *known]]
    ef.write_workbook(part, tmp_path / "part.xlsx", base=part, client=client)
    typed = {"status": "inactive" if subs["status"].iloc[1] == "active" else "active", "custom_field": "typed"}[edit]
    book = openpyxl.load_workbook(tmp_path / "part.xlsx")
    book["subscribers"].cell(3, [cell.value for cell in book["subscribers"][1]].index(edit) + 1).value = typed
    book.save(tmp_path / "part.xlsx")
    plan = ef.plan_workbook(client, tmp_path / "part.xlsx", progress=False)
    assert plan[["action", "conflict", "note"]].to_numpy().tolist() == [["update", False, ""]]
    assert plan.iloc[0][["status", "custom_field"]].to_dict() == subs.iloc[1][["status", "custom_field"]].to_dict() | {
        edit: typed
    }


def test_names_of_nobody_can_be_written_and_names_that_are_no_text_are_refused_in_a_sentence(client, tmp_path):
    new = pd.DataFrame({"subscriber_name": ["newbie"], "custom_field": ["x"]})
    ef.write_workbook(new, tmp_path / "new.xlsx", client=client)
    assert planned(client, tmp_path / "new.xlsx") == [["create", "newbie", "x"]]
    for names in ([7], [["a"]], [None]):
        with pytest.raises(WorkbookError, match="can't be written"):
            ef.write_workbook(pd.DataFrame({"subscriber_name": names}), tmp_path / "bad.xlsx", client=client)


def test_a_frame_that_was_not_edited_proposes_nothing_even_after_parquet(client, subs, tmp_path):
    subs.to_parquet(tmp_path / "subs.parquet")
    again = pd.read_parquet(tmp_path / "subs.parquet")
    ef.write_workbook(again, tmp_path / "audit.xlsx")
    assert planned(client, tmp_path / "audit.xlsx") == []
    again.loc[0, "custom_field"] = "edited"
    with pytest.raises(
        WorkbookError, match=r"edits made to the frame since it was loaded can't be detected.*Pass base="
    ):
        ef.write_workbook(again, tmp_path / "edited.xlsx")
    ef.write_workbook(again, tmp_path / "edited.xlsx", base=subs)
    assert len(planned(client, tmp_path / "edited.xlsx")) == 1


def test_a_frame_without_an_account_is_not_written_and_with_a_client_its_past_is_read(client, subs, tmp_path):
    team = pd.DataFrame({"subscriber_name": subs["subscriber_name"], "team": "west"})
    merged = subs.merge(team, on="subscriber_name")
    merged.attrs = {}  # pandas keeps them in a merge only when both sides have the same
    merged.loc[1, "custom_field"] = "mine"
    with pytest.raises(WorkbookError, match=r"which account it comes from.*Pass client="):
        ef.write_workbook(merged, tmp_path / "m.xlsx")
    assert not (tmp_path / "m.xlsx").exists()
    ef.write_workbook(merged, tmp_path / "m.xlsx", client=client)
    assert read_with_base(tmp_path / "m.xlsx")[1].origin["account_sid"] == client.settings.account_sid
    assert planned(client, tmp_path / "m.xlsx") == [["update", subs["subscriber_name"][1], "mine"]]


def test_an_old_frame_is_not_taken_for_edits_of_what_is_live_now(client, subs, tmp_path):
    name = subs["subscriber_name"].iloc[0]
    old = subs.assign(date_updated=subs["date_updated"] - pd.Timedelta(days=1))
    old.attrs = {}
    client.update(name, status="inactive", custom_field="theirs")
    with pytest.raises(WorkbookError, match=r"6 subscribers may have been changed since.*Pass base="):
        ef.write_workbook(old, tmp_path / "old.xlsx", client=client)


def hand_made(path, **columns):
    """Write a workbook as a person would, without any of ours in it."""
    pd.DataFrame(columns).to_excel(path, index=False)
    return path


def test_what_names_no_account_is_not_applied_unless_somebody_says_which(client, subs, tmp_path):
    path = hand_made(tmp_path / "hand.xlsx", subscriber_name=["newbie"])
    plan = ef.plan_workbook(client, path, progress=False)
    bare = pd.concat([plan.set_axis(plan.index)]).copy()
    bare.attrs = {}
    for each in (plan, bare, plan[plan["action"] == "create"]):
        with pytest.raises(StalePlanError, match=r"names no account.*account='"):
            ef.apply_plan(client, each, progress=False)
        with pytest.raises(StalePlanError, match="account='other'"):
            ef.apply_plan(client, each, account="other", progress=False)
    assert len(ef.load_subscribers(client, progress=False)) == len(subs)
    account = client.settings.account_sid
    said_before = ef.plan_workbook(client, path, account=account, progress=False)
    assert ef.apply_plan(client, said_before, dry_run=True, progress=False)["outcome"].tolist() == ["not_sent"]
    assert ef.apply_plan(client, bare, account=account, progress=False)["outcome"].tolist() == ["done"]


def test_frames_of_two_accounts_are_not_compared(subs):
    other = subs.copy()
    other.attrs = {"exotel_frames": {"origin": {"account_sid": "someone_else"}}}
    with pytest.raises(ValidationError, match="desired from account someone_else"):
        ef.plan_changes(subs, other)


def stripped(path):
    """Take the hidden sheet out of a workbook, as Excel's document inspector does."""
    book = openpyxl.load_workbook(path)
    del book["exotel_frames_base"]
    book.save(path)


def test_a_workbook_that_lost_its_base_takes_back_nobodys_change(client, subs, tmp_path, capsys):
    path = tmp_path / "audit.xlsx"
    mine, theirs = subs["subscriber_name"].iloc[:2]
    ef.write_workbook(subs.assign(date_updated=subs["date_updated"]), path)
    book = openpyxl.load_workbook(path)
    book["subscribers"]["D2"] = "mine"
    book.save(path)
    stripped(path)
    client.update(theirs, status="inactive", custom_field="theirs")
    plan = ef.plan_workbook(client, path, progress=False).set_index("subscriber_name")
    assert plan["conflict"].to_dict() == {mine: False, theirs: True}
    assert "changed since the sheet was written" in plan.loc[theirs, "note"]
    assert plan.attrs["exotel_frames"]["two_way"] is True
    ef.plan_workbook(client, path)
    assert "HAS LOST ITS BASE" in capsys.readouterr().out


def test_without_dates_a_lost_base_makes_every_change_a_conflict_and_a_hand_made_sheet_says_so(client, subs, tmp_path):
    name = subs["subscriber_name"].iloc[0]
    path = tmp_path / "audit.xlsx"
    ef.write_workbook(subs, path)
    book = openpyxl.load_workbook(path)
    book["subscribers"].delete_cols(5, 2)
    book["subscribers"]["D2"] = "mine"
    book.save(path)
    stripped(path)
    plan = ef.plan_workbook(client, path, progress=False)
    assert plan["conflict"].tolist() == [True]
    assert "base (a hidden sheet) was removed" in plan["note"][0]
    hand = hand_made(tmp_path / "hand.xlsx", subscriber_name=[name], custom_field=["mine"])
    plan = ef.plan_workbook(client, hand, progress=False)
    assert plan["conflict"].tolist() == [False]
    assert plan["note"].tolist() == [
        "two-way: without a base, changes made by others in the meantime can't be detected"
    ]
