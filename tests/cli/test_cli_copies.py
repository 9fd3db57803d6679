"""An audit in several copies, in a terminal."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

import exotel_frames as ef
from exotel_frames.cli import main
from tests.audit.audit_kit import edit
from tests.workbooks.wording import in_a_copy


def test_copies_are_written_planned_together_applied_and_answered(box, capsys):
    assert main(["load", "--copies", "north, south", "-o", "audit"]) == 0
    assert "When they have been edited: exotel-frames plan audit" in capsys.readouterr().out
    names = ef.load_subscribers(box.connect(), progress=False)["subscriber_name"][:3].tolist()
    assert main(["plan", "audit", "--quiet"]) == 0
    edit("audit/north.xlsx", {(names[0], "custom_field"): "n", (names[1], "custom_field"): "both"})
    edit("audit/south.xlsx", {(names[2], "custom_field"): "s", (names[1], "custom_field"): "both"})
    capsys.readouterr()
    assert main(["plan", "audit/north.xlsx", "audit/south.xlsx"]) == 2
    assert "3 to update" in capsys.readouterr().out
    assert main(["apply", "audit/*.xlsx"]) == 0
    assert "is beside it in north.xlsx and south.xlsx." in capsys.readouterr().err
    assert ef.read_workbook("audit/south.xlsx")["outcome"].dropna().tolist() == ["done"] * 3
    assert main(["plan", "audit"]) == 0


@pytest.mark.slow  # each half of it is tested by itself: a plan of copies above, an approved one in tests/audit
def test_an_approved_plan_is_answered_in_the_copies_it_came_from(box, capsys):
    assert main(["load", "--by", "status", "-o", "audit"]) == 0
    subs = ef.load_subscribers(box.connect(), progress=False)
    name = subs.loc[subs["status"] == "active", "subscriber_name"].iloc[0]
    edit("audit/active.xlsx", {(name, "custom_field"): "n"})
    assert main(["plan", "audit", "-o", "plan.xlsx"]) == 2
    assert main(["apply", "plan.xlsx", "--verdicts", "audit"]) == 0
    assert "is beside it in active.xlsx and inactive.xlsx." in capsys.readouterr().err
    assert ef.read_workbook("audit/active.xlsx")["outcome"].dropna().tolist() == ["done"]


def test_a_csv_file_is_answered_as_it_was_read(box, capsys):
    name = ef.load_subscribers(box.connect(), progress=False)["subscriber_name"].iloc[0]
    Path("team.csv").write_bytes(f"Emp ID^custom_field\n{name}^na\xefve\n".encode("cp1252"))
    how = ["--delimiter", "^", "--encoding", "cp1252", "--column", "Emp ID=subscriber_name"]
    assert main(["apply", "team.csv", "--account-sid", box.account_sid, *how]) == 0
    assert "is beside it in team.results.csv." in capsys.readouterr().err
    answered = ef.read_table("team.results.csv")
    assert answered[["custom_field", "outcome"]].to_numpy().tolist() == [["na\xefve", "done"]]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["load", "--by", "status"], "name the folder for them"),
        (["load", "--by", "status", "-o", "file.csv"], "need a folder"),
        (["plan", "no.xlsx", "none.xlsx"], "none.xlsx: there is no such file"),
        (["apply", "x", "--verdicts", "nowhere"], "nowhere: there is no such file"),
        (["plan", "*.xlsx"], "no copy of an audit in *.xlsx"),
    ],
)
def test_what_can_not_be_is_told_before_anything_is_sent(box, capsys, arguments, said):
    Path("file.csv").write_text("subscriber_name\n", encoding="utf-8")
    assert main(arguments) == 1
    assert said in capsys.readouterr().err
    assert all(call.method == "GET" for call in box.log)


@pytest.mark.slow
def test_copies_are_named_for_machines_and_a_run_for_machines_warns_beside_its_json(box, capsys):
    assert main(["load", "--copies", "north,south", "-o", "audit", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 2
    assert main(["load", "-o", "audit.xlsx", "--quiet"]) == 0
    name = ef.load_subscribers(box.connect(), progress=False)["subscriber_name"].iloc[0]
    edit("audit.xlsx", {(name, "custom_field"): "n"})
    with zipfile.ZipFile("audit.xlsx", "a") as book:
        book.writestr("_xmlsignatures/sig1.xml", b"<Signature/>")
    capsys.readouterr()
    assert main(["apply", "audit.xlsx", "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)[0]["outcome"] == "done"
    assert in_a_copy("audit", "it is signed") in told.err
