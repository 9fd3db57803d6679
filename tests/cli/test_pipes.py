"""Files that come from a pipe: read once, by every command."""

import io
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

import exotel_frames as ef
from exotel_frames.cli import main
from tests.cli.kit import csv
from tests.slow import slow

NAMES = "subscriber_name,custom_field\n"


@pytest.fixture
def piped(monkeypatch):
    """Give a file to the next command's standard input."""

    def pipe(data):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    return pipe


def edited(path):
    """Load the account, and change one field as a person does."""
    assert main(["load", "-o", path, "--quiet"]) == 0
    book = openpyxl.load_workbook(path)
    book["subscribers"]["D2"].value = "moved"
    book.save(path)
    return Path(path).read_bytes()


def test_a_plan_and_an_apply_take_a_workbook_from_a_pipe(box, piped, capsys):
    data = edited("audit.xlsx")
    piped(data)
    assert main(["plan", "-", "-o", "plan.parquet"]) == 2
    piped(data)
    assert main(["apply", "-"]) == 0
    told = capsys.readouterr()
    assert "1 done" in told.out
    assert "The rows come from a pipe, so the outcomes can't be written beside them" in told.err
    assert Path("audit.xlsx").read_bytes() == data
    piped(data)
    assert main(["apply", "-", "-o", "results.xlsx"]) == 0
    assert ef.read_table("results.xlsx")["outcome"].tolist() == ["unchanged"]
    assert box.requests > 0


@pytest.mark.parametrize("kind", [slow("parquet"), slow("xlsx"), slow("csv"), "json"])
def test_a_plan_that_was_kept_is_applied_from_a_pipe(box, piped, kind):
    edited("audit.xlsx")
    assert main(["plan", "audit.xlsx", "-o", f"plan.{kind}"]) == 2
    piped(Path(f"plan.{kind}").read_bytes())
    assert main(["apply", "-", "--account-sid", box.account_sid]) == 0


def test_what_is_no_table_is_told_in_a_sentence(box, piped, capsys):
    piped(b"")
    assert main(["plan", "-"]) == 1
    assert "stdin.csv can't be read" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/stdin").exists(), reason="no /dev/stdin on this system")
def test_a_file_can_come_from_a_pipe_of_a_shell(box):
    for command in ("cat new.csv | {0} validate -", "{0} validate <(cat new.csv)", "{0} create - < new.csv"):
        csv("new.csv", NAMES + "priya07,x\n")
        line = command.format(f"{sys.executable} -m exotel_frames")
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
        assert done.returncode == 0, (line, done.stderr)
