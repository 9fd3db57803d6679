"""The commands: what they print, what they write, and how they end."""

from __future__ import annotations

import io
import json
import os
import sys
import zipfile
from argparse import Namespace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import xlsxwriter

import exotel_frames as ef
from exotel_frames.cli import main
from exotel_frames.cli.failures import sentence
from exotel_frames.cli.parser import parser
from tests.cli.kit import COMMANDS, Terminal, csv
from tests.cli.wording import after_dry_run
from tests.operations.wording import NO_EDITS
from tests.slow import slow
from tests.workbooks.wording import in_a_copy

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "sample_data" / "new_subscribers.xlsx"


def test_the_commands_are_these(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    told = capsys.readouterr().out
    assert all(f"\n    {command}" in told for command in COMMANDS)
    assert "Exit codes" in told


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_has_an_example_that_is_one(command, capsys):
    with pytest.raises(SystemExit, match="0"):
        main([command, "--help"])
    told = capsys.readouterr().out
    examples = [line.split() for line in told.split("Example:")[1].strip().splitlines()]
    assert {tuple(words[:2]) for words in examples} == {("exotel-frames", command)}
    assert {parser().parse_args(words[1:]).run for words in examples} == {command}


def test_a_wrong_option_ends_with_1_because_2_means_changes_pending(capsys):
    with pytest.raises(SystemExit, match="1"):
        main(["load", "--no-such-option"])
    assert "--no-such-option" in capsys.readouterr().err


def test_nothing_configured_is_a_sentence_that_names_every_way(monkeypatch, tmp_path, capsys):
    for name in list(os.environ):
        if name.startswith("EXOTEL_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert main(["load"]) == 1
    told = capsys.readouterr().err
    assert all(way in told for way in ("sandbox", "EXOTEL_API_KEY", "profiles.toml", "keyring"))
    assert "Traceback" not in told


@pytest.mark.parametrize("command", ["validate", "plan", "create", "update", "delete", "apply"])
def test_every_command_that_reads_a_file_takes_the_sheet(command):
    assert parser().parse_args([command, "x.xlsx", "--sheet", "Team"]).sheet == "Team"


def test_a_workbook_of_two_sheets_is_applied_from_the_one_that_is_named(box):
    with xlsxwriter.Workbook("x.xlsx") as book:
        for sheet, name in (("Team", "sheet1"), ("Copy", "sheet2")):
            book.add_worksheet(sheet).write_column(0, 0, ["subscriber_name", name])
    assert main(["validate", "x.xlsx"]) == 1
    assert main(["validate", "x.xlsx", "--sheet", "Copy"]) == 0
    account = ["--account-sid", box.account_sid]  # a hand-made workbook names none
    assert main(["apply", "x.xlsx", "--sheet", "Copy", "--max-share", "1", *account]) == 0
    there = {row["subscriber_name"] for row in box.subscribers()}
    assert "sheet2" in there
    assert "sheet1" not in there
    assert ef.read_workbook("x.xlsx", sheet="Copy")["outcome"].tolist() == ["done"]


def test_a_file_of_another_country_with_other_headers_is_created_from_a_pipe(box, monkeypatch, capsys):
    data = "Emp ID;Team\r\nemp1;Büro\r\nTotal:;\r\n".encode("cp1252")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert main(["create", "-", "--json", "--column", "Emp ID=subscriber_name", "--column", "Team=custom_field"]) == 0
    told = capsys.readouterr()
    assert [row["outcome"] for row in json.loads(told.out)] == ["done"]
    assert "semicolons between the fields, in cp1252; row 3 was left out" in told.err
    assert {row["subscriber_name"]: row["custom_field"] for row in box.subscribers()}["emp1"] == "Büro"


def test_load_writes_a_workbook_for_editing(box, capsys):
    assert main(["load", "-o", "tenant.xlsx"]) == 0
    assert len(ef.read_workbook("tenant.xlsx")) == 30
    assert "LIVE account sandbox1" in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["parquet", "csv", "json"])
def test_load_writes_what_the_ending_says(box, kind):
    assert main(["load", "--status", "active", "-o", f"tenant.{kind}"]) == 0
    readers = {"parquet": pd.read_parquet, "csv": pd.read_csv, "json": pd.read_json}
    active = sum(row["status"] == "active" for row in box.subscribers())
    assert len(readers[kind](f"tenant.{kind}")) == active


def test_an_ending_that_is_none_is_refused(box, capsys):
    assert main(["load", "-o", "tenant.doc"]) == 1
    assert ".xlsx" in capsys.readouterr().err


def test_validate_tells_every_problem_and_ends_with_3(capsys):
    assert main(["validate", str(SAMPLE)]) == 3
    told = capsys.readouterr().out
    assert "49 rows, 40 can be sent, 9 can't" in told
    assert main(["validate", str(SAMPLE), "--json"]) == 3
    problems = json.loads(capsys.readouterr().out)
    assert {problem["rule"] for problem in problems} >= {"missing", "bad_characters", "too_long", "repeated"}


def test_create_update_and_delete_from_files(box, capsys, monkeypatch):
    assert main(["create", csv("new.csv", "subscriber_name,custom_field\n007,x\nbad name,y\n"), "-o", "r.parquet"]) == 3
    assert pd.read_parquet("r.parquet")["outcome"].tolist() == ["done", "invalid"]
    assert main(["update", csv("up.csv", "subscriber_name,status\n007,inactive\n")]) == 0
    assert main(["delete", csv("gone.csv", "subscriber_name\n007\n"), "--max-deletes", "0"]) == 4
    assert main(["delete", "gone.csv", "--max-deletes", "1"]) == 4  # nobody has typed the number
    assert main(["delete", "gone.csv", "--max-deletes", "1", "--yes"]) == 0
    assert "007" not in {row["subscriber_name"] for row in box.subscribers()}
    assert main(["runs"]) == 0
    assert capsys.readouterr().out.count("delete") == 1
    assert main(["results", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["outcome"] == "done"


def test_a_plan_is_shown_kept_applied_and_taken_back(box, capsys):
    name = box.subscribers()[0]["subscriber_name"]
    csv("edit.csv", f"subscriber_name,custom_field\n{name},moved\n")
    assert main(["load", "-o", "audit.xlsx"]) == 0
    assert main(["plan", "audit.xlsx"]) == 0
    book = __import__("openpyxl").load_workbook("audit.xlsx")
    sheet = book["subscribers"]
    headers = [cell.value for cell in sheet[1]]
    sheet.cell(2, headers.index("custom_field") + 1).value = "moved"
    book.save("audit.xlsx")
    assert main(["plan", "audit.xlsx", "-o", "plan.parquet"]) == 2
    assert "moved" in capsys.readouterr().out
    assert main(["apply", "audit.xlsx", "--dry-run"]) == 2
    assert box.subscribers()[0]["custom_field"] != "moved"
    assert main(["apply", "plan.parquet"]) == 0
    assert box.subscribers()[0]["custom_field"] == "moved"
    assert main(["apply", "audit.xlsx"]) == 0  # already so; and the verdicts go into the workbook
    run_id = ef.list_runs(ef.connect())["run_id"].iloc[-1]
    assert main(["undo", run_id]) == 2
    assert main(["undo", run_id, "--apply"]) == 0
    assert box.subscribers()[0]["custom_field"] != "moved"


def test_a_token_is_masked_unless_it_is_to_be_revealed(box, capsys):
    box.add("archit")
    assert main(["token", "archit", "android", "2fc4b5912826ad1"]) == 0
    assert "eyJ" not in capsys.readouterr().out
    assert main(["token", "archit", "android", "2fc4b5912826ad1", "--reveal"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["access_token"].startswith("eyJ")
    assert main(["token", "nobody", "ios", "1"]) == 3


def test_a_rehearsed_token_is_not_made(box, capsys):
    box.add("archit")
    requests = len(box.log)
    assert main(["token", "archit", "android", "2fc4b5912826ad1", "--dry-run"]) == 2
    assert "the same command sends 1 row." in capsys.readouterr().out
    assert len(box.log) == requests


def test_a_rehearsed_undo_shows_the_plan_even_with_apply(box, capsys):
    assert main(["create", csv("new.csv", "subscriber_name\nn1\n")]) == 0
    run_id = capsys.readouterr().out.split("run ")[1].split(")")[0]
    assert main(["undo", run_id, "--apply", "--yes", "--max-deletes", "1", "--dry-run"]) == 2
    assert "1 to delete" in capsys.readouterr().out
    assert "n1" in {row["subscriber_name"] for row in box.subscribers()}


def test_unknown_rows_end_with_5_and_a_resume_settles_them(box, capsys):
    box.set_faults(drop_before=1, only={"create"})
    assert main(["create", csv("new.csv", "subscriber_name\nn1\n")]) == 5
    assert "exotel-frames resume" in capsys.readouterr().err
    box.set_faults()
    assert main(["resume", "--dry-run"]) == 5
    assert after_dry_run("looks for 1 row whose response was lost") in capsys.readouterr().out
    assert "n1" not in {row["subscriber_name"] for row in box.subscribers()}
    assert main(["resume"]) == 0
    assert {row["subscriber_name"] for row in box.subscribers()} >= {"n1"}


def edited(path, **cells):
    """Change cells of the first row of subscribers in a workbook, as a person would."""
    book = openpyxl.load_workbook(path)
    sheet = book["subscribers"]
    headers = [cell.value for cell in sheet[1]]
    for header, text in cells.items():
        sheet.cell(2, headers.index(header) + 1).value = text
    book.save(path)


def test_deletes_go_on_only_when_their_number_is_typed(box, monkeypatch, capsys):
    box.add("gone1")
    csv("gone.csv", "subscriber_name\ngone1\n")
    for typed, code in (("yes\n", 4), ("2\n", 4), ("1\n", 0)):
        monkeypatch.setattr("sys.stdin", Terminal(typed))
        assert main(["delete", "gone.csv", "--max-deletes", "1"]) == code
    told = capsys.readouterr()
    assert "LIVE account sandbox1" in told.err
    assert "this deletes 1 subscriber for good. Type 1 to go on: " in told.err
    assert told.err.count("were not confirmed") == 2


def test_a_plan_that_changes_too_much_is_refused_with_4_and_the_way_on(box, capsys):
    assert main(["load", "-o", "audit.xlsx"]) == 0
    book = openpyxl.load_workbook("audit.xlsx")
    for row in range(2, 22):
        book["subscribers"].cell(row, 4).value = "moved"
    book["subscribers"].cell(2, 1).value = "delete"
    book.save("audit.xlsx")
    assert main(["apply", "audit.xlsx"]) == 4
    said = capsys.readouterr().err
    assert "--max-deletes 1" in said
    assert "--max-deletes 1 --max-share 0.67" in said
    assert main(["apply", "audit.xlsx", "--max-deletes", "1", "--max-share", "1", "--dry-run"]) == 2
    assert after_dry_run("sends 20 rows") in capsys.readouterr().out
    assert main(["apply", "audit.xlsx", "--max-deletes", "1", "--max-share", "1"]) == 4  # nobody typed the 1
    assert main(["apply", "audit.xlsx", "--max-deletes", "1", "--max-share", "1", "--yes"]) == 0
    assert "20 rows: 20 done" in capsys.readouterr().out
    messages = ef.read_workbook("audit.xlsx")["message"].tolist()
    assert messages[0] == "deleted"
    assert messages[1].startswith("updated: custom_field ")
    assert messages[1].endswith("→ 'moved'")


def test_a_dry_run_for_machines_is_json_and_nothing_else(box, capsys):
    assert main(["load", "-o", "audit.xlsx"]) == 0
    edited("audit.xlsx", custom_field="moved")
    capsys.readouterr()
    assert main(["apply", "audit.xlsx", "--dry-run", "--json"]) == 2
    assert [row["outcome"] for row in json.loads(capsys.readouterr().out)] == ["not_sent"]
    assert main(["plan", "audit.xlsx", "--json"]) == 2
    assert [row["custom_field"] for row in json.loads(capsys.readouterr().out)] == ["moved"]


@pytest.mark.parametrize("kind", ["xlsx", slow("parquet"), slow("csv")])  # and from a pipe: csv and json, test_pipes.py
def test_a_plan_that_was_kept_is_applied_once(box, capsys, kind):
    assert main(["load", "-o", "audit.xlsx"]) == 0
    edited("audit.xlsx", custom_field="moved")
    assert main(["plan", "audit.xlsx", "-o", f"plan.{kind}"]) == 2
    account = ["--account-sid", box.account_sid] if kind != "parquet" else []  # parquet remembers it
    assert main(["apply", f"plan.{kind}", *account]) == 0
    capsys.readouterr()
    assert main(["apply", f"plan.{kind}", *account]) == 0
    assert "1 unchanged" in capsys.readouterr().out
    assert main(["plan", "audit.xlsx"]) == 0


def test_a_workbook_that_can_not_take_the_outcomes_says_so_before_the_run_and_gets_a_copy(box, capsys):
    assert main(["load", "-o", "audit.xlsx"]) == 0
    edited("audit.xlsx", custom_field="moved")
    with zipfile.ZipFile("audit.xlsx", "a") as book:
        book.writestr("_xmlsignatures/sig1.xml", b"<Signature/>")
    before = Path("audit.xlsx").read_bytes()
    assert main(["apply", "audit.xlsx"]) == 0
    told = capsys.readouterr()
    assert "1 row: 1 done" in told.out
    assert in_a_copy("audit", "it is signed") in told.out
    assert told.err.rstrip().endswith("The outcome of each row is beside it in audit verdicts.xlsx.")
    assert Path("audit.xlsx").read_bytes() == before
    assert (ef.read_workbook("audit verdicts.xlsx")["outcome"] == "done").sum() == 1


def test_a_workbook_that_names_no_account_is_applied_to_none_that_was_not_named(box, capsys):
    with xlsxwriter.Workbook("hand.xlsx") as book:
        book.add_worksheet().write_column(0, 0, ["subscriber_name", "newbie"])
    assert main(["apply", "hand.xlsx"]) == 4
    assert "hand.xlsx, from which this plan was made, names no account" in capsys.readouterr().err
    assert "newbie" not in {row["subscriber_name"] for row in box.subscribers()}


def test_a_workbook_that_is_gone_after_the_run_does_not_hide_that_the_run_is_done(box, capsys, monkeypatch):
    assert main(["load", "-o", "audit.xlsx"]) == 0
    edited("audit.xlsx", custom_field="moved")
    monkeypatch.setattr("exotel_frames.cli.commands.show_results", lambda *_: Path("audit.xlsx").unlink() or 0)
    assert main(["apply", "audit.xlsx"]) == 0
    assert (
        "the run is done, but its outcomes could not be written to audit.xlsx: There is no file"
        in capsys.readouterr().err
    )


def test_rows_are_named_as_the_file_counts_them(box, capsys):
    assert main(["create", csv("new.csv", 'subscriber_name,custom_field\nn1,"two\nlines"\n\nb b,\n')]) == 3
    assert "x create row 5 'b b'" in capsys.readouterr().out
    assert main(["validate", "new.csv"]) == 3
    assert "x row 5 subscriber_name" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["validate", "create", "update --max-share 1", "delete --max-deletes 9 --yes"])
def test_the_first_rows_of_a_long_file_keep_their_numbers(box, capsys, command):
    rows = ["b b,x", "c c,x", *(f"n{number},x" for number in range(9))]
    file = csv("new.csv", "\n".join(["subscriber_name,custom_field", *rows]))
    main([*command.split(), file])
    told = capsys.readouterr().out
    assert "row 2 " in told
    assert "row 3 " in told
    assert "row 4 'b b'" not in told
    assert "row 4 subscriber_name" not in told


@pytest.mark.parametrize("command", ["create", "delete --yes"])
def test_a_file_without_rows_is_told(box, capsys, command):
    assert main([*command.split(), csv("empty.csv", "subscriber_name\n")]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "0 rows"


def test_the_ways_to_say_who_are_options_in_a_terminal(box, capsys):
    assert main(["runs", "--profile", "prodcution"]) == 1
    told = capsys.readouterr().err
    assert "1. --profile sandbox needs nothing" in told
    assert "2. --account-sid … --stamp 'mum', key and token as below  (or 'sgp', or --base-url …)" in told
    assert "ef.connect" not in told


@pytest.mark.parametrize(
    ("column", "way_on"), [("Team=statsu", '--column "Emp ID=subscriber_name"'), ("Tea=status", "Pass --column with")]
)
def test_the_headers_of_a_file_are_named_by_options_in_a_terminal(box, capsys, column, way_on):
    csv("teams.csv", "subscriber_name,Team\npriya07,a\n")
    assert main(["validate", "teams.csv", "--column", column]) == 1
    told = capsys.readouterr().err
    assert way_on in told
    assert "columns=" not in told


@pytest.mark.parametrize(
    ("command", "way_on"),
    [
        ("plan", "--json prints them all"),
        ("apply --dry-run --account-sid sandbox1", "--dry-run --json prints them all"),
    ],
)
def test_the_rows_of_a_plan_that_are_not_shown_are_printed_by_an_option(box, capsys, command, way_on):
    csv("many.csv", "subscriber_name\n" + "".join(f"Agent{number}\n" for number in range(60)))
    main([*command.split(), "many.csv"])
    assert f"… and 20 more creates: {way_on}" in capsys.readouterr().out


def test_an_error_for_machines_names_options_too(box, capsys):
    names = "".join(f"{row['subscriber_name']}\n" for row in box.subscribers()[:2])
    assert main(["delete", csv("gone.csv", "subscriber_name\n" + names), "--dry-run", "--json"]) == 4
    message = json.loads(capsys.readouterr().out)["error"]["message"]
    assert "--max-deletes 2" in message
    assert "max_deletes=" not in message


def test_results_can_be_kept_in_a_plain_workbook(box, capsys):
    assert main(["create", csv("new.csv", "subscriber_name\nn1\n")]) == 0
    assert main(["results", "-o", "results.xlsx"]) == 0
    assert "kept in results.xlsx" in capsys.readouterr().out
    assert ef.read_workbook("results.xlsx")["outcome"].tolist() == ["done"]


def test_many_problems_of_a_file_are_all_told(box, capsys):
    with xlsxwriter.Workbook("team.xlsx") as book:
        book.add_worksheet("Team").write_column(0, 0, ["subscriber_name", *range(8)])
    assert main(["validate", "team.xlsx"]) == 1
    said = capsys.readouterr().err
    assert "for 8 reasons" in said
    assert all(f"Team!A{row} is the number" in said.split("All of it:")[1] for row in range(2, 10))


@pytest.mark.parametrize("encoding", ["cp1252", slow("ascii"), slow("utf-8")])
def test_a_console_without_arrows_shows_them_in_plain_characters(box, monkeypatch, encoding):
    assert main(["load", "-o", "audit.xlsx"]) == 0
    edited("audit.xlsx", custom_field="शर्मा")
    console = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr("sys.stdout", console)
    assert main(["plan", "audit.xlsx"]) == 2
    console.flush()
    said = console.buffer.getvalue().decode(encoding)
    assert (" → " if encoding == "utf-8" else " -> ") in said
    assert ("शर्मा" if encoding == "utf-8" else "?????") in said


def test_results_and_plans_that_were_kept_are_not_planned_again(box, capsys):
    assert main(["load", "-o", "audit.xlsx"]) == 0
    edited("audit.xlsx", custom_field="moved")
    assert main(["plan", "audit.xlsx", "-o", "plan.xlsx"]) == 2
    assert main(["apply", "audit.xlsx", "-o", "results.xlsx"]) == 0
    assert main(["plan", "results.xlsx"]) == 1
    assert NO_EDITS in capsys.readouterr().err
    assert main(["plan", "plan.xlsx"]) == 1
    assert "already holds a plan" in capsys.readouterr().err


def test_a_fault_of_our_own_asks_for_a_report():
    assert sentence(ZeroDivisionError("division by zero"), Namespace()).startswith(
        "this should not happen (ZeroDivisionError: division by zero). Run it again with --verbose"
    )


def test_a_broken_workbook_is_not_replaced_unasked(box, capsys):
    Path("broken.xlsx").write_bytes(b"PK, or what was left of it")
    assert main(["load", "-o", "broken.xlsx"]) == 1
    assert "To replace it anyway: --overwrite." in capsys.readouterr().err
    assert Path("broken.xlsx").read_bytes() == b"PK, or what was left of it"
