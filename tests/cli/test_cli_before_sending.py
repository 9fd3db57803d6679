"""What a command looks at and asks before its first request: until then nothing is sent."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames.cli import main
from exotel_frames.frames.convert import conform
from tests.cli.kit import COMMANDS, Terminal, csv
from tests.operations.mutating_proxy import spoiling_proxy

NAMES = "subscriber_name\n"


def writes(box) -> int:
    return sum(entry.method != "GET" for entry in box.log)


def names_of(box, count: int) -> list[str]:
    return sorted(row["subscriber_name"] for row in box.subscribers())[:count]


@pytest.mark.parametrize(
    ("out", "said"),
    [
        ("nodir/r.csv", "there is no folder nodir"),
        ("r.txt", "the ending must be .xlsx, .parquet, .csv or .json"),
        ("results", "the ending must be"),
        ("folder.csv", "this is a folder"),
        ("new.csv", "this is the input file"),
    ],
)
@pytest.mark.parametrize("command", ["create", "update", "delete"])
def test_an_output_that_can_not_be_written_is_refused_before_anything_is_sent(box, capsys, command, out, said):
    Path("folder.csv").mkdir()
    csv("new.csv", NAMES + "priya07\n")
    limits = ["--max-deletes", "5", "--yes"] if command == "delete" else []
    assert main([command, "new.csv", "-o", out, *limits]) == 1
    told = capsys.readouterr().err
    assert said in told
    assert "Nothing was sent" in told
    assert box.requests == 0


def test_a_workbook_that_somebody_edited_is_not_replaced_unasked(box, capsys):
    assert main(["load", "-o", "audit.xlsx"]) == 0
    assert main(["load", "-o", "audit.xlsx"]) == 0, "nobody has worked in it yet"
    book = openpyxl.load_workbook("audit.xlsx")
    book["subscribers"]["C2"] = "inactive"
    book.save("audit.xlsx")
    before = Path("audit.xlsx").read_bytes()
    assert main(["load", "-o", "audit.xlsx"]) == 1
    assert "--overwrite" in capsys.readouterr().err
    assert Path("audit.xlsx").read_bytes() == before
    assert main(["load", "-o", "audit.xlsx", "--overwrite"]) == 0
    assert Path("audit.xlsx").read_bytes() != before


def test_a_workbook_of_somebody_elses_is_not_replaced_unasked(box, capsys):
    book = openpyxl.Workbook()
    book.active["A1"] = "my budget"
    book.save("mine.xlsx")
    assert main(["load", "-o", "mine.xlsx"]) == 1
    assert openpyxl.load_workbook("mine.xlsx").active["A1"].value == "my budget"


@pytest.mark.parametrize("command", ["validate", "create", "update", "delete", "plan", "apply"])
def test_a_file_that_is_not_there_is_a_sentence(box, capsys, command):
    for name in ("nothere.csv", "nothere.xlsx", "nothere.parquet"):
        assert main([command, name]) == 1
        assert f"{name}: there is no such file" in capsys.readouterr().err
    assert box.requests == 0


def test_a_parquet_file_that_is_none_is_a_sentence(box, capsys):
    csv("plan.parquet", "no parquet at all")
    assert main(["apply", "plan.parquet"]) == 1
    assert "can't be read as parquet" in capsys.readouterr().err


def test_the_question_counts_what_will_be_deleted_and_a_pipe_is_no_yes(box, capsys):
    csv("gone.csv", NAMES + "\n".join([*names_of(box, 3), "not legal", "toolongtobeaname0123"]) + "\n")
    assert main(["delete", "gone.csv", "--max-deletes", "3"]) == 4
    assert "were not confirmed" in capsys.readouterr().err
    assert writes(box) == 0
    assert main(["delete", "gone.csv", "--max-deletes", "2", "--yes"]) == 4
    told = capsys.readouterr().err
    assert "this deletes 3 subscribers, and --max-deletes is 2" in told
    assert "--max-deletes 3" in told
    assert writes(box) == 0
    assert main(["delete", "gone.csv", "--max-deletes", "3", "--yes"]) == 3
    assert len(box.subscribers()) == 27


@pytest.mark.parametrize("twins", [1, 14])
def test_the_question_does_not_count_who_exists_in_another_case_only(box, monkeypatch, capsys, twins):
    box.add(*(f"Twin{number}" for number in range(twins)))
    before = writes(box)
    csv("gone.csv", NAMES + "\n".join([*names_of(box, 2), *(f"twin{number}" for number in range(twins))]) + "\n")
    monkeypatch.setattr("sys.stdin", Terminal("2"))
    assert main(["delete", "gone.csv", "--max-deletes", "20"]) == 3
    assert "this deletes 2 subscribers for good" in capsys.readouterr().err
    assert writes(box) - before == 2


@pytest.mark.parametrize("typed", ["", "2", "yes", "3 "])
def test_only_the_number_of_the_deed_is_a_yes(box, monkeypatch, capsys, typed):
    csv("gone.csv", NAMES + "\n".join([*names_of(box, 3), "not legal"]) + "\n")
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    code = main(["delete", "gone.csv", "--max-deletes", "3"])
    assert "this deletes 3 subscribers for good" in capsys.readouterr().err
    assert (code, len(box.subscribers())) == ((3, 27) if typed.strip() == "3" else (4, 30))


def test_an_update_of_most_of_the_tenant_from_a_pipe_is_refused_with_the_arithmetic(box, capsys):
    rows = "\n".join(f"{name},moved" for name in names_of(box, 25))
    csv("moved.csv", f"subscriber_name,custom_field\n{rows}\n")
    assert main(["update", "moved.csv"]) == 4
    told = capsys.readouterr().err
    assert "25 of 30 subscribers" in told
    assert "--max-share 0.84" in told
    assert "apply_plan(" not in told
    assert writes(box) == 0
    assert main(["update", "moved.csv", "--max-share", "0.84"]) == 0
    assert sum(row["custom_field"] == "moved" for row in box.subscribers()) == 25


def test_a_create_that_updates_most_of_the_tenant_is_refused_too(box):
    rows = "\n".join(f"{name},moved" for name in names_of(box, 25))
    csv("moved.csv", f"subscriber_name,custom_field\n{rows}\n")
    assert main(["create", "moved.csv", "--on-exists", "update"]) == 4
    assert writes(box) == 0


def test_so_is_one_that_updates_those_whom_the_listing_does_not_name(box, monkeypatch):
    names = names_of(box, 25)

    def spoil(line, status, content):
        page = json.loads(content) if "/subscribers?" in line and status == 200 else {"response": []}
        for item in page["response"]:
            if item["data"]["subscriber_name"] in names:
                item["data"] = None
        return json.dumps(page).encode() if page["response"] else content

    with spoiling_proxy(box.base_url, spoil) as url:
        monkeypatch.setenv("EXOTEL_BASE_URL", url)
        csv("moved.csv", "subscriber_name,custom_field\n" + "\n".join(f"{name},moved" for name in names))
        assert main(["create", "moved.csv", "--on-exists", "update"]) == 4
        assert writes(box) == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_the_completion_of_a_shell_knows_every_command(capsys, shell):
    assert main(["completion", shell]) == 0
    told = capsys.readouterr().out
    assert all(command in told for command in COMMANDS)


def test_the_completion_for_bash_is_bash(tmp_path, capsys):
    main(["completion", "bash"])
    (tmp_path / "done.sh").write_text(capsys.readouterr().out)
    done = subprocess.run(["bash", "-n", tmp_path / "done.sh"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out.strip() == f"exotel-frames {ef.__version__}"


def test_quiet_prints_errors_only(box, capsys):
    csv("new.csv", NAMES + "priya07\n")
    assert main(["create", "new.csv", "--quiet", "-o", "r.csv"]) == 0
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "")
    assert pd.read_csv("r.csv")["outcome"].tolist() == ["done"]
    assert main(["create", "nothere.csv", "--quiet"]) == 1
    assert "nothere.csv" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["snapshot"], ["load"], ["plan", "audit.xlsx"], ["undo", "2"]])
def test_quiet_draws_no_progress_in_a_terminal_either(box, capsys, monkeypatch, command):
    assert main(["load", "-o", "audit.xlsx"]) == 0
    assert main(["create", csv("new.csv", NAMES + "priya07\n")]) == 0
    monkeypatch.setattr("sys.stderr", Terminal())
    assert main([*command, "--quiet"]) in {0, 2}
    assert sys.stderr.getvalue() == ""


def test_an_error_for_machines_is_an_object_with_all_its_problems(box, capsys):
    rows = {"action": ["drop", "create"], "subscriber_name": ["bob", "not legal"], "conflict": False}
    conform(pd.DataFrame(rows), "plan").to_csv("plan.csv", index=False)
    assert main(["apply", "plan.csv", "--json"]) == 1
    told = capsys.readouterr()
    error = json.loads(told.out)["error"]
    assert error["type"] == "ValidationError"
    assert {problem["rule"] for problem in error["problems"]} >= {"bad_action", "bad_characters"}
    assert told.err.startswith("exotel-frames: ")


def test_json_counts_rows_as_the_file_does(box, capsys):
    csv("new.csv", NAMES + "priya07\nnot legal\n")
    main(["create", "new.csv", "--json"])
    assert [row["row"] for row in json.loads(capsys.readouterr().out)] == [2, 3]
    main(["validate", "new.csv", "--json"])
    assert [row["row"] for row in json.loads(capsys.readouterr().out)] == [3]


def test_the_next_command_works_as_it_is_printed(box, capsys, tmp_path):
    box.set_faults(drop_before=1, only={"create"})
    csv("new.csv", NAMES + "priya07\n")
    assert main(["create", "new.csv", "--journal", str(tmp_path / "my journal"), "--timeout", "2"]) == 5
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("Go on with: ")]
    box.set_faults()
    assert main(shlex.split(line.removeprefix("Go on with: "))[1:]) == 0
    assert "1 row: 1 done" in capsys.readouterr().out


def test_a_wrong_json_option_is_a_usage_error(capsys):
    with pytest.raises(SystemExit, match="1"):
        main(["sandbox", "--faults", "{drop"])
    assert "must be JSON" in capsys.readouterr().err


def test_a_port_that_is_taken_is_a_sentence(box, capsys):
    port = box.base_url.rpartition(":")[2]
    assert main(["sandbox", "--port", port]) == 1
    told = capsys.readouterr().err
    assert "exotel-frames: " in told
    assert "Traceback" not in told
