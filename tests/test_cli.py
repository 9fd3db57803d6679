"""The commands: what they print, what they write, and how they end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames.cli import main
from exotel_frames.cli.parser import parser

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "sample_data" / "new_subscribers.xlsx"
COMMANDS = [
    "apply", "create", "delete", "demo", "load", "plan", "results", "resume", "runs", "sandbox", "token", "undo",
    "update", "validate",
]  # fmt: skip


@pytest.fixture
def box(monkeypatch, tmp_path):
    with ef.Sandbox(subscribers=30, seed=3) as box:
        for name, value in (
            ("API_KEY", box.api_key),
            ("API_TOKEN", box.api_token),
            ("ACCOUNT_SID", box.account_sid),
            ("BASE_URL", box.base_url),
        ):
            monkeypatch.setenv(f"EXOTEL_{name}", value)
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
        monkeypatch.setenv("COLUMNS", "120")
        monkeypatch.chdir(tmp_path)
        yield box


def csv(path: str, text: str) -> str:
    Path(path).write_text(text, encoding="utf-8")
    return path


def test_the_commands_are_these(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    told = capsys.readouterr().out
    assert all(f"    {command} " in told for command in COMMANDS)
    assert "Exit codes" in told


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_has_an_example_that_is_one(command, capsys):
    with pytest.raises(SystemExit, match="0"):
        main([command, "--help"])
    told = capsys.readouterr().out
    example = told.split("Example:")[1].strip()
    assert example.startswith(f"exotel-frames {command}")
    assert parser().parse_args(example.split()[1:]).run == command


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


def test_load_writes_a_workbook_for_editing(box, capsys):
    assert main(["load", "-o", "tenant.xlsx"]) == 0
    assert len(ef.read_workbook("tenant.xlsx")) == 30
    assert "SANDBOX account sandbox1" in capsys.readouterr().out


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


def test_unknown_rows_end_with_5_and_a_resume_settles_them(box, capsys):
    box.set_faults(drop_before=1, only={"create"})
    assert main(["create", csv("new.csv", "subscriber_name\nn1\n")]) == 5
    assert "exotel-frames resume" in capsys.readouterr().err
    box.set_faults()
    assert main(["resume"]) == 0
    assert {row["subscriber_name"] for row in box.subscribers()} >= {"n1"}


def test_the_sandbox_command_serves_until_it_is_told_to_stop(tmp_path):
    command = [sys.executable, "-m", "exotel_frames.cli", "sandbox", "--subscribers", "5", "--state", "box.db"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    assert line.startswith("SANDBOX http://127.0.0.1:")
    told = dict(word.split("=") for word in line.split()[2:])
    client = ef.connect(
        api_key=told["key"], api_token=told["token"], account_sid=told["account"], base_url=line.split()[1],
        journal=tmp_path,
    )  # fmt: skip
    assert len(ef.load_subscribers(client, progress=False)) == 5
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    process.stdout.close()
