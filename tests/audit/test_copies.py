"""An audit in several copies: written for each manager, planned together, and answered in each."""

from __future__ import annotations

import shutil
import tempfile

import openpyxl
import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames.workbooks import read_with_base
from tests.audit.audit_kit import busy, edit, load, plan_of
from tests.operations.wording import WHOSE
from tests.slow import slow
from tests.workbooks.excel_kit import resaved_by_libreoffice
from tests.workbooks.wording import read_loosely


@pytest.fixture(scope="module")
def shared():
    """An account that no test changes."""
    with ef.Sandbox(subscribers=6, seed=1) as box:
        yield box.connect()


@pytest.fixture
def client():
    with ef.Sandbox(subscribers=6, seed=1) as box:
        yield box.connect()


@pytest.fixture(scope="module")
def subs(shared):
    return load(shared)


@pytest.fixture(scope="module")
def written(subs, tmp_path_factory):
    path = tmp_path_factory.mktemp("written") / "audit"
    ef.write_workbooks(subs, path, copies=["north", "south", "west"])
    return path


@pytest.fixture
def folder(written, tmp_path):
    return shutil.copytree(written, tmp_path / "audit")


@pytest.mark.parametrize(
    "by",
    [
        "custom_field",
        slow(lambda subs: subs["custom_field"].fillna("").str[:2]),
        slow(lambda subs: lambda name: name[0].upper()),
    ],
)
def test_each_row_is_in_one_workbook_of_its_group_and_all_are_of_one_audit(subs, tmp_path, by):
    by = by if isinstance(by, str) else by(subs)
    files = ef.write_workbooks(subs, tmp_path / "audit", by=by)
    assert list(files.columns) == ["copy", "file", "rows"]
    read = {copy: ef.read_workbook(file) for copy, file in zip(files["copy"], files["file"], strict=True)}
    assert [len(frame) for frame in read.values()] == files["rows"].tolist()
    names = pd.concat([frame["subscriber_name"] for frame in read.values()])
    assert sorted(names) == sorted(subs["subscriber_name"])
    origins = [read_with_base(file)[1].origin for file in files["file"]]
    assert len({origin["audit_id"] for origin in origins}) == 1
    assert [origin["copy"] for origin in origins] == files["copy"].tolist()


def test_rows_without_a_group_have_a_workbook_and_names_that_a_disk_takes_for_one_have_two(subs, tmp_path):
    groups = pd.Series(["R&D/West", "Sales", "sales", None, "", "con"], index=subs.index, name="team")
    files = ef.write_workbooks(subs, tmp_path, by=groups)
    assert dict(zip(files["copy"], files["file"].map(lambda file: file.rpartition("/")[2]), strict=True)) == {
        "R&D/West": "R&D_West.xlsx", "Sales": "Sales.xlsx", "con": "con_.xlsx", "no team": "no team.xlsx",
        "sales": "sales 2.xlsx",
    }  # fmt: skip
    assert files.set_index("copy").loc["no team", "rows"] == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, WHOSE),
        ({"by": "custom_field", "copies": ["x"]}, WHOSE),
        ({"copies": ["North", "north"]}, "different names"),
        ({"by": "team"}, "no column 'team'"),
        ({"by": pd.Series(["x"], index=[99])}, "the frame's index"),
        ({"by": 7}, "but this is 7"),
    ],
)
def test_what_is_not_clear_is_asked(subs, tmp_path, options, said):
    with pytest.raises(ef.ValidationError, match=said):
        ef.write_workbooks(subs, tmp_path / "audit", **options)
    assert not (tmp_path / "audit").exists()


def test_a_workbook_that_somebody_has_saved_is_not_replaced_and_nothing_is_half_written(subs, folder):
    edit(folder / "south.xlsx", {(subs["subscriber_name"][0], "status"): "inactive"})
    before = (folder / "north.xlsx").read_bytes()
    with pytest.raises(ef.WorkbookError, match=r"Nothing was written: south.xlsx was edited and saved"):
        ef.write_workbooks(subs, folder, copies=["north", "south", "west"])
    assert (folder / "north.xlsx").read_bytes() == before
    bad = subs.assign(custom_field="x" * 40_000)
    with pytest.raises(ef.WorkbookError, match=r"north.xlsx: [\s\S]*D2[\s\S]*south.xlsx: [\s\S]*D2"):
        ef.write_workbooks(bad, folder, copies=["north", "south"], overwrite=True)
    assert sorted(path.name for path in folder.iterdir()) == ["north.xlsx", "south.xlsx", "west.xlsx"]
    ef.write_workbooks(subs, folder, copies=["north", "south", "west"], overwrite=True)
    assert plan_of_untouched(folder)


def test_a_workbook_that_somebody_saves_while_the_others_are_written_is_not_replaced(subs, folder, monkeypatch):
    class WhileItIsWritten(tempfile.TemporaryDirectory):
        def __enter__(self):
            edit(folder / "south.xlsx", {(subs["subscriber_name"][0], "status"): "inactive"})
            return super().__enter__()

    before = (folder / "north.xlsx").read_bytes()
    monkeypatch.setattr(tempfile, "TemporaryDirectory", WhileItIsWritten)
    with pytest.raises(ef.WorkbookError, match=r"Nothing was written: south.xlsx was edited and saved"):
        ef.write_workbooks(subs, folder, copies=["north", "south", "west"])
    assert (folder / "north.xlsx").read_bytes() == before


def plan_of_untouched(folder):
    return all(ef.read_workbook(path)["action"].isna().all() for path in folder.iterdir())


def test_three_copies_make_one_plan_that_says_whose_each_wish_is(shared, subs, folder, capsys):
    one, two, three = subs["subscriber_name"][:3]
    edit(folder / "north.xlsx", {(one, "status"): "inactive", (two, "custom_field"): "both"})
    edit(
        folder / "south.xlsx", {(one, "action"): "delete", (two, "custom_field"): "both", (three, "status"): "inactive"}
    )
    plan = ef.plan_workbook(shared, folder)
    told = capsys.readouterr().out
    assert "Planned together: north.xlsx, south.xlsx and west.xlsx." in told
    assert "Came back unchanged: west.xlsx." in told
    rows = plan.set_index("subscriber_name")
    assert rows["conflict"].to_dict() == {one: True, two: False, three: False}
    assert rows.loc[one, "note"].startswith("north.xlsx: inactive · south.xlsx: delete. Drop this row")
    assert rows["source"].to_dict() == {
        one: "north.xlsx, south.xlsx", two: "north.xlsx, south.xlsx", three: "south.xlsx"
    }  # fmt: skip
    assert rows.loc[one, "action"] == "update"
    with pytest.raises(ef.PlanError, match="1 conflict"):
        ef.apply_plan(shared, plan, progress=False)


@pytest.mark.parametrize(
    "as_paths", [slow(lambda at: at), lambda at: str(at / "*.xlsx"), slow(lambda at: sorted(at.glob("*.xlsx")))]
)
def test_a_folder_a_pattern_and_a_list_in_any_order_make_the_same_plan(shared, subs, folder, as_paths):
    edit(folder / "west.xlsx", {(subs["subscriber_name"][0], "status"): "inactive"})
    paths = as_paths(folder)
    plan = plan_of(shared, paths)
    assert list(busy(plan)) == [subs["subscriber_name"][0]]
    if isinstance(paths, list):
        pd.testing.assert_frame_equal(plan_of(shared, paths[::-1]), plan)


def test_a_conflict_of_copies_is_decided_like_any_other(client, tmp_path):
    subs = load(client)
    one, two = subs["subscriber_name"][:2]
    ef.write_workbooks(subs, tmp_path, copies=["north", "south"])
    edit(tmp_path / "north.xlsx", {(one, "status"): "inactive", (two, "status"): "inactive"})
    edit(tmp_path / "south.xlsx", {(one, "action"): "delete", (two, "custom_field"): "new"})
    plan = plan_of(client, tmp_path)
    assert busy(plan)[two] == ("update", "inactive", "new", True)
    assert "to do all of it" in plan.set_index("subscriber_name").loc[two, "note"]
    plan.loc[plan["subscriber_name"] == one, ["action", "conflict"]] = ["delete", False]
    plan.loc[plan["subscriber_name"] == two, "conflict"] = False
    results = ef.apply_plan(client, plan, max_deletes=1, max_share=1.0, progress=False)
    assert results["outcome"].tolist() == ["done", "done"]
    ef.write_verdicts(tmp_path, results)
    north = ef.read_workbook(tmp_path / "north.xlsx").set_index("subscriber_name")
    assert north.loc[one, "message"] == "deleted. Not done for this row: status 'inactive'"
    assert north.loc[two, "outcome"] == "done"
    live = load(client).set_index("subscriber_name")
    assert one not in live.index
    assert live.loc[two, ["status", "custom_field"]].tolist() == ["inactive", "new"]


def test_an_objection_to_a_proposal_counts_and_one_left_alone_does_not(shared, subs, tmp_path):
    one, two = subs.loc[subs["status"] == "active", "subscriber_name"].iloc[:2]
    proposal = subs.assign(status=subs["status"].mask(subs["subscriber_name"].isin([one, two]), "inactive"))
    ef.write_workbooks(proposal, tmp_path, copies=["north", "south"])
    assert set(busy(plan_of(shared, tmp_path))) == {one, two}
    edit(tmp_path / "north.xlsx", {(one, "status"): "active"})
    assert set(busy(plan_of(shared, tmp_path))) == {two}
    edit(tmp_path / "south.xlsx", {(one, "custom_field"): "gone soon"})
    plan = plan_of(shared, tmp_path).set_index("subscriber_name")
    assert plan.loc[one, "conflict"]
    assert plan.loc[one, "note"].startswith(
        "north.xlsx: leave as it is · south.xlsx: inactive, custom_field 'gone soon'"
    )


def test_copies_of_another_audit_another_account_and_the_same_copy_twice_are_named_at_once(
    shared, subs, folder, tmp_path
):
    ef.write_workbooks(subs, tmp_path / "other", copies=["east"])
    shutil.copy(tmp_path / "other/east.xlsx", folder / "east.xlsx")
    shutil.copy(folder / "north.xlsx", folder / "north (1).xlsx")
    book = openpyxl.load_workbook(folder / "west.xlsx")
    del book["exotel_frames_base"]
    book.save(folder / "west.xlsx")
    with pytest.raises(ef.WorkbookError) as told:
        plan_of(shared, folder)
    said = str(told.value)
    assert "west.xlsx has no base" in said
    assert "copies of 2 audits: east.xlsx of that written" in said
    assert "north (1).xlsx and north.xlsx are all the copy 'north'" in said
    assert "plan and apply one after the other" in said
    foreign = subs.copy()
    foreign.attrs["exotel_frames"] = {
        "origin": {"account_sid": "elsewhere"},
        "loaded": subs.attrs["exotel_frames"]["loaded"],
    }
    ef.write_workbooks(foreign, tmp_path / "foreign", copies=["a", "b"])
    with pytest.raises(ef.WorkbookError, match=r"a.xlsx was written from account elsewhere.* and b.xlsx was written"):
        plan_of(shared, tmp_path / "foreign")


def test_missing_copies_are_told_and_what_is_no_copy_is_left_out_and_named(shared, subs, folder, capsys):
    (folder / "west.xlsx").unlink()
    (folder / "~$north.xlsx").write_bytes(b"\x05Meera" + b" " * 158)
    (folder / "notes.txt").write_text("x")
    pd.DataFrame({"subscriber_name": ["x1"]}).to_excel(folder / "hand made.xlsx", index=False)
    shutil.copy(folder / "south.xlsx", folder / "south verdicts.xlsx")
    ef.write_plan(ef.plan_changes(subs, subs.head(1).assign(status="inactive")), folder / "plan.xlsx")
    plan = ef.plan_workbook(shared, folder)
    about = plan.attrs["exotel_frames"]["copies"]
    assert about["files"] == ["north.xlsx", "south.xlsx"]
    assert about["missing"] == ["west"]
    told = capsys.readouterr().out
    assert "MISSING: 'west'" in told
    assert "north.xlsx is open in Excel by Meera" in told
    for name in ("~$north.xlsx", "notes.txt", "hand made.xlsx", "south verdicts.xlsx", "plan.xlsx"):
        assert any(line.startswith(name) for line in about["left_out"])
        assert name in told
    with pytest.raises(ef.WorkbookError, match=r"no copy of an audit in .*Left out"):
        plan_of(shared, folder / "*.txt")


def test_bad_cells_and_bad_names_of_all_copies_are_told_with_their_files(shared, subs, folder):
    edit(folder / "north.xlsx", {("bad name!", "status"): "active"})
    edit(folder / "south.xlsx", {(subs["subscriber_name"][0], "status"): "on"})
    with pytest.raises(ef.ValidationError) as told:
        plan_of(shared, folder)
    assert "north.xlsx can't be planned: 1 problem. Row 8: " in str(told.value)
    assert "south.xlsx can't be planned: 1 problem. Row 2: 'on' is not a status" in str(told.value)
    assert len(told.value.problems) == 2
    edit(folder / "north.xlsx", {(subs["subscriber_name"][0], "custom_field"): 7})
    edit(folder / "west.xlsx", {(subs["subscriber_name"][1], "custom_field"): 8})
    with pytest.raises(ef.WorkbookError, match=r"north.xlsx can't [\s\S]*D2[\s\S]*west.xlsx can't [\s\S]*D3"):
        plan_of(shared, folder)


def test_people_who_copied_one_workbook_themselves_are_planned_together_and_a_renamed_copy_is_known(
    shared, subs, tmp_path, capsys
):
    one, two = subs["subscriber_name"][:2]
    ef.write_workbook(subs, tmp_path / "audit.xlsx")
    for who, name in (("Anna", one), ("Ben", two)):
        shutil.copy(tmp_path / "audit.xlsx", tmp_path / f"audit {who}.xlsx")
        edit(tmp_path / f"audit {who}.xlsx", {(name, "custom_field"): who})
    plan = plan_of(shared, tmp_path)
    assert plan.set_index("subscriber_name")["source"].to_dict() == {one: "audit Anna.xlsx", two: "audit Ben.xlsx"}
    ef.write_workbooks(subs, tmp_path / "named", copies=["north", "south"])
    (tmp_path / "named/north.xlsx").rename(tmp_path / "named/Kopie von Nord.xlsx")
    ef.plan_workbook(shared, tmp_path / "named")
    assert "Kopie von Nord.xlsx (the copy 'north')" in capsys.readouterr().out


def test_verdicts_go_into_each_copy_and_a_result_that_is_in_none_is_refused(client, tmp_path):
    subs = load(client)
    files = ef.write_workbooks(subs, tmp_path, by=lambda name: "first" if name < "N" else "last")
    first, last = subs.loc[subs["subscriber_name"] < "N", "subscriber_name"].iloc[0], subs["subscriber_name"].max()
    edit(tmp_path / "first.xlsx", {(first, "custom_field"): "a"})
    edit(tmp_path / "last.xlsx", {(last, "custom_field"): "b"})
    results = ef.apply_plan(client, plan_of(client, tmp_path), max_share=1.0, progress=False)
    with pytest.raises(ef.WorkbookError, match=r"1 result has no row in any of them"):
        ef.write_verdicts([tmp_path / "first.xlsx"], results)
    assert "outcome" not in ef.read_workbook(tmp_path / "first.xlsx")
    assert [path.name for path in ef.write_verdicts(tmp_path, results)] == ["first.xlsx", "last.xlsx"]
    said = {path: ef.read_workbook(path).set_index("subscriber_name")["outcome"].dropna() for path in files["file"]}
    assert [each.to_dict() for each in said.values()] == [{first: "done"}, {last: "done"}]


@pytest.mark.slow  # test_copies_rounds.py asks it of any rounds
def test_in_the_second_round_only_new_edits_count_and_a_late_copy_takes_nothing_back(client, tmp_path):
    subs = load(client)
    one, two, three = subs.loc[subs["status"] == "active", "subscriber_name"].iloc[:3]
    ef.write_workbooks(subs, tmp_path, copies=["north", "south", "late"])
    late = tmp_path / "late.xlsx"
    held = tmp_path / "held"
    edit(
        tmp_path / "north.xlsx",
        {(one, "status"): "inactive", (two, "action"): "delete", ("newbie", "action"): "create"},
    )
    edit(late, {(three, "custom_field"): "from late"})
    late.rename(held)
    results = ef.apply_plan(client, plan_of(client, tmp_path), max_deletes=1, max_share=1.0, progress=False)
    assert set(results["outcome"]) == {"done"}
    ef.write_verdicts(tmp_path, results)
    assert busy(plan_of(client, tmp_path)) == {}
    held.rename(late)
    assert list(busy(plan_of(client, tmp_path))) == [three]
    edit(tmp_path / "north.xlsx", {(one, "status"): "active", ("newbie", "custom_field"): "x"})
    plan = plan_of(client, tmp_path)
    assert {name: row[0] for name, row in busy(plan).items()} == {one: "update", "newbie": "update", three: "update"}
    assert not plan["conflict"].any()
    results = ef.apply_plan(client, plan, max_share=1.0, progress=False)
    ef.write_verdicts(tmp_path, results)
    assert busy(plan_of(client, tmp_path)) == {}
    edit(tmp_path / "south.xlsx", {(three, "status"): "inactive"})
    edit(tmp_path / "north.xlsx", {(three, "action"): "delete"})
    plan = plan_of(client, tmp_path)
    assert busy(plan)[three][3]
    assert "north.xlsx: delete · south.xlsx: inactive" in plan.set_index("subscriber_name").loc[three, "note"]


def test_groups_called_like_marks_of_excel_or_our_verdicts_are_copies_like_all_others(shared, subs, tmp_path, capsys):
    groups = dict(
        zip(subs["subscriber_name"], ["~$north", "a", "a verdicts", "a verdicts 2", "éa", "e\u0301a"], strict=True)
    )
    files = ef.write_workbooks(subs, tmp_path / "odd", by=groups.get)
    assert len(files) == 6
    plan = ef.plan_workbook(shared, tmp_path / "odd")
    assert plan.empty
    assert plan.attrs["exotel_frames"]["copies"]["missing"] == plan.attrs["exotel_frames"]["copies"]["left_out"] == []
    assert len(plan.attrs["exotel_frames"]["copies"]["files"]) == 6
    assert "MISSING" not in capsys.readouterr().out


def test_what_reading_a_copy_assumed_is_said_for_each(shared, subs, folder, capsys):
    one, two = subs["subscriber_name"][:2]
    edit(folder / "north.xlsx", {(one, "status"): "INACTIVE "}, removed=[two])
    book = openpyxl.load_workbook(folder / "south.xlsx")
    book["subscribers"]["D1"].value = "Team"
    book.save(folder / "south.xlsx")
    plan = ef.plan_workbook(shared, folder)
    said = capsys.readouterr().out
    for part in (
        "north.xlsx: " + read_loosely("1 cell", "'INACTIVE '") + "; 1 row of 6 was removed",
        "south.xlsx: its column custom_field was removed",
    ):
        assert part in said
    assert list(plan.attrs["exotel_frames"]["copies"]["readings"]) == ["north.xlsx", "south.xlsx"]


@pytest.mark.parametrize("paths", [None, 7, b"a.xlsx", [None], pd.DataFrame({"x": [1]})])
def test_what_is_no_path_is_refused_in_a_sentence(shared, paths):
    with pytest.raises(ef.WorkbookError, match="The workbook is a path, or several"):
        ef.plan_workbook(shared, paths)


def test_a_folder_that_can_not_be_made_is_told(subs, tmp_path):
    (tmp_path / "audit").write_text("a file")
    with pytest.raises(
        ef.WorkbookError, match=r"The folder .*audit can't be created \(File exists.*Nothing was written"
    ):
        ef.write_workbooks(subs, tmp_path / "audit", copies=["north"])


@pytest.mark.slow
def test_a_copy_that_libreoffice_saved_again_counts_like_any_other(shared, subs, folder, tmp_path):
    one, two = subs["subscriber_name"][:2]
    edit(folder / "north.xlsx", {(one, "status"): "inactive"})
    edit(folder / "south.xlsx", {(two, "custom_field"): "007"})
    plan = plan_of(shared, folder)
    shutil.copy(resaved_by_libreoffice(folder / "south.xlsx", tmp_path), folder / "south.xlsx")
    shutil.copy(resaved_by_libreoffice(folder / "west.xlsx", tmp_path), folder / "west (2).xlsx")
    (folder / "west.xlsx").unlink()
    again = plan_of(shared, folder)
    pd.testing.assert_frame_equal(again, plan)
    assert again.attrs["exotel_frames"]["copies"]["untouched"] == ["west (2).xlsx"]
