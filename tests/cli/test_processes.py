"""The commands as processes of their own: what only a real stream, a signal or a bare environment shows.

Each of these starts an interpreter that reads pandas; what the same command does inside this process is asked first,
of every member of the kind, and one of them as a process. All the others are slow.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames.cli import main
from tests.cli.kit import csv

NAMES = "subscriber_name\n"
COMMAND = (sys.executable, "-m", "exotel_frames")
needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")


def test_the_package_is_a_command():
    done = subprocess.run([*COMMAND, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("exotel-frames ")


@pytest.mark.parametrize("closed", [("stdout",), ("stderr",), ("stdin",), ("stdout", "stderr", "stdin")])
def test_streams_that_are_none_are_no_error(box, monkeypatch, closed):
    csv("new.csv", NAMES + "priya07\n")
    for name in closed:
        monkeypatch.setattr(sys, name, None)  # what the interpreter makes of a closed stream
    assert main(["create", "new.csv", "-o", "r.csv"]) == 0
    assert pd.read_csv("r.csv")["outcome"].tolist() == ["done"]


@pytest.mark.slow  # in a process of its own; what the interpreter makes of it is asked above
@pytest.mark.parametrize("streams", [">&- 2>&- <&-", ">&-", "2>&-", "<&-"])
def test_closed_streams_are_no_traceback(box, streams):
    csv("new.csv", NAMES + "priya07\n")
    command = f"{sys.executable} -m exotel_frames create new.csv -o r.csv {streams}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    assert pd.read_csv("r.csv")["outcome"].tolist() == ["done"]


@needs_full
def test_a_full_disk_behind_stdout_is_a_sentence(box, monkeypatch, capsys):
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        assert main(["load", "--json"]) == 1
    told = capsys.readouterr().err
    assert "No space left" in told
    assert "Traceback" not in told


@needs_full
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_full_disk_behind_stdout_does_not_hide_that_rows_were_sent(box, monkeypatch, capsys, options):
    csv("new.csv", NAMES + "priya07\n")
    with Path("/dev/full").open("w", buffering=1) as full:  # each line meets the full disk, also those before sending
        monkeypatch.setattr(sys, "stdout", full)
        assert main(["create", "new.csv", "-o", "done.csv", *options]) == 1
    assert "priya07" in {row["subscriber_name"] for row in box.subscribers()}
    assert pd.read_csv("done.csv")["outcome"].tolist() == ["done"]
    assert "has gone on to its end all the same: see exotel-frames runs" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "code"),
    [("validate bad.csv", 3), ("create bad.csv --json", 3), ("compare before.parquet", 2), ("create new.csv", 0)],
)
def test_whoever_reads_only_the_first_lines_gets_the_true_exit_code(box, monkeypatch, command, code):
    csv("bad.csv", NAMES + "no name\n")
    csv("new.csv", NAMES + "priya07\n")
    assert main(["snapshot", "-o", "before.parquet", "--quiet"]) == 0
    box.add("arjun08")
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", buffering=1) as unread:
        monkeypatch.setattr(sys, "stdout", unread)
        assert main(command.split()) == code


def test_the_outcomes_of_a_run_that_nobody_reads_stand_beside_the_rows(box, monkeypatch):
    csv("new.csv", NAMES + "priya07\n")
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", buffering=1) as unread:
        monkeypatch.setattr(sys, "stdout", unread)
        assert main(["apply", "new.csv", "--account-sid", box.account_sid]) == 0
    assert pd.read_csv("new.results.csv")["outcome"].tolist() == ["done"]


@needs_full
@pytest.mark.slow
def test_a_full_disk_behind_a_process_is_a_sentence_too(box):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*COMMAND, "load", "--json"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_home_that_is_none_is_a_sentence_that_names_the_option(box, monkeypatch, capsys, tmp_path):
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", csv(str(tmp_path / "home"), "a file and no folder"))
    assert main(["runs"]) == 0
    assert main(["create", csv("new.csv", NAMES + "priya07\n")]) == 1
    assert all(entry.method == "GET" for entry in box.log)
    told = capsys.readouterr().err
    assert "another folder (--journal ...)" in told
    assert "Traceback" not in told


@pytest.mark.slow
def test_a_user_without_a_home_gets_a_sentence_or_works(box):
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "HOME"))}
    for more in ({}, {"HOME": "/nonexistent"}):
        done = subprocess.run([*COMMAND, "runs"], env=bare | more, capture_output=True, text=True, check=False)
        assert done.returncode in {0, 1}
        assert "Traceback" not in done.stderr


def test_the_sandbox_command_serves_until_it_is_told_to_stop(tmp_path):
    command = [*COMMAND, "sandbox", "--subscribers", "5", "--state", "box.db"]
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
    assert process.wait(60) == 0
    process.stdout.close()


def test_a_run_that_is_stopped_by_hand_ends_with_130_and_can_be_resumed(box):
    since = box.requests
    box.set_faults(latency_s=3600, only=["create"])
    csv("new.csv", NAMES + "".join(f"n{at}\n" for at in range(100)))
    process = subprocess.Popen(
        [*COMMAND, "create", "new.csv"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while box.requests < since + 2:  # a look at the service, and the first of what hangs
        assert process.poll() is None
        time.sleep(0.01)  # leave the interpreter to the sandbox
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Stopped: 100 rows" in said
    box.set_faults()
    assert main(["resume"]) == 0
    assert {f"n{at}" for at in range(100)} <= {row["subscriber_name"] for row in box.subscribers()}
