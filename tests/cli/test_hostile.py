"""Command lines of somebody who is careless, in a hurry or hostile: a sentence and an exit code, never a traceback."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import pytest

import exotel_frames as ef
from exotel_frames.cli import main
from tests.cli.kit import Terminal, csv
from tests.slow import slow

NAMES = "subscriber_name\n"


def told(capsys, *arguments: str) -> tuple[int | str | None, str]:
    """Run a command; return its exit code and what stands on stderr, which is never an accident."""
    try:
        code: int | str | None = main(arguments)
    except SystemExit as end:
        code = end.code
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert "should not happen" not in said
    return code, said


@pytest.mark.parametrize(
    ("command", "file"),
    [
        (command, file) if command == "apply" or file == "dangling.csv" else slow(command, file)
        for command in ("validate", "create", "plan", "apply", "compare")
        for file in ("folder", "dir.xlsx", "dangling.csv", "loop", "new.csv/x.csv", "x" * 300, "a\0b", "", " ")
    ],
)
def test_a_file_that_can_not_be_read_ends_with_1_before_anything_is_sent(box, capsys, command, file):
    csv("new.csv", NAMES + "priya07\n")
    for folder in ("folder", "dir.xlsx"):
        Path(folder).mkdir()
    Path("dangling.csv").symlink_to("gone.csv")
    Path("loop").symlink_to("loop")
    code, said = told(capsys, command, file)
    assert (code, box.requests) == (1, 0)
    assert said


@pytest.mark.parametrize(
    ("command", "out", "said"),
    [
        ("snapshot", "now.csv", "the ending must be .parquet"),
        ("demo", "results.csv", "the ending must be .xlsx"),
        ("load", "", "it is empty"),
        ("load", "a\0b.csv", "NUL"),
        ("results", "no/r.csv", "there is no folder no"),
    ],
)
def test_an_output_is_looked_at_before_the_first_request(box, capsys, command, out, said):
    code, heard = told(capsys, command, "--out", out)
    assert (code, box.requests) == (1, 0)
    assert said in heard


@pytest.mark.parametrize(
    "option", ["--profile", "--account-sid", "--base-url", "--proxy", "--ca-bundle", "--journal", "--out"]
)
def test_a_variable_of_the_shell_that_is_not_set_is_no_setting(box, capsys, option):
    code, said = told(capsys, "load", option, "")
    assert (code, box.requests) == (1, 0)
    assert "it is empty" in said


@pytest.mark.parametrize("command", ["results", "resume", "undo"])
def test_an_empty_run_id_is_not_the_newest_run(box, capsys, command):
    assert main(["create", csv("new.csv", NAMES + "priya07\n")]) == 0
    sent = box.requests
    code, said = told(capsys, command, "")
    assert (code, box.requests) == (1, sent)
    assert "it is empty" in said


@pytest.mark.parametrize(
    "options",
    [
        ["--port", "-1"], ["--port", "70000"], ["--subscribers", "-1"], ["--state", "folder"], ["--state", "no/x.db"],
        ["--state", "new.csv"], ["--rate-limit", "0"], ["--rate-limit", "-4"], ["--faults", "[]"], ["--faults", "1"],
        ["--faults", '{"nope": 1}'], ["--faults", '{"drop_after": "x"}'], ["--faults", '{"drop_after": 7}'],
        ["--behavior", "x"], ["--behavior", "x=y"], ["--behavior", "="],
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_sandbox_that_can_not_be_says_what_is_wrong(capsys, tmp_path, monkeypatch, options):
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    csv("new.csv", "no database")
    code, said = told(capsys, "sandbox", *options)
    assert code == 1
    assert len(said) > 20


@pytest.mark.parametrize(
    "options", [["--max-share", "nan"], ["--max-share", "2"], ["--max-share", "-1"], ["--max-deletes", "-1"]]
)
def test_limits_that_are_none_are_refused(box, capsys, options):
    code, _ = told(capsys, "delete", csv("gone.csv", NAMES + "priya07\n"), "--yes", *options)
    assert (code, box.requests) == (1, 0)


def test_ctrl_c_at_the_question_says_that_nothing_was_sent(box, monkeypatch, capsys):
    class Stopped(Terminal):
        def readline(self, *_):
            raise KeyboardInterrupt

    box.add("gone1")
    monkeypatch.setattr(sys, "stdin", Stopped())
    for command in (["delete", csv("gone.csv", NAMES + "gone1\n"), "--max-deletes", "1"],):
        assert told(capsys, *command)[0] == 130
        assert told(capsys, *command)[1].endswith("Nothing was sent: stopped at the question.\n")
    assert "gone1" in {row["subscriber_name"] for row in box.subscribers()}


@pytest.mark.parametrize("quiet", ["--quiet", "--json"])
def test_the_question_is_asked_where_it_is_seen_and_in_nobodys_data(box, monkeypatch, capsys, quiet):
    box.add("gone1")
    monkeypatch.setattr(sys, "stdin", Terminal("1\n"))
    assert main(["delete", csv("gone.csv", NAMES + "gone1\n"), "--max-deletes", "1", quiet]) == 0
    heard = capsys.readouterr()
    assert "Type 1 to go on" in heard.err
    assert heard.out == "" if quiet == "--quiet" else json.loads(heard.out)[0]["outcome"] == "done"


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colours_are_shown_where_they_are_wanted(monkeypatch, variables, coloured):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    assert main(["validate", str(Path(__file__).parents[2] / "sample_data" / "new_subscribers.xlsx")]) == 3
    assert ("\x1b[" in screen.getvalue()) == coloured


@pytest.mark.parametrize("columns", ["0", "1", slow("20"), "nonsense", slow("100000")])
def test_any_width_of_the_terminal_is_one(box, monkeypatch, capsys, columns):
    monkeypatch.setenv("COLUMNS", columns)
    assert told(capsys, "load")[0] == 0
    assert told(capsys, "create", csv("new.csv", NAMES + "priya07\nnot legal\n"))[0] == 3


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes on Linux alone")
@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp1252"])
def test_a_file_whose_name_is_no_text_is_named_as_well_as_can_be(box, monkeypatch, encoding):
    name = os.fsdecode(b"caf\xe9.csv")
    console = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", console)
    assert main(["validate", csv(name, NAMES + "priya07\n")]) == 0
    console.flush()
    assert b"1 row, 1 can be sent" in console.buffer.getvalue()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_results_that_find_no_room_on_the_disk_do_not_hide_what_was_done(box, capsys):
    Path("r.csv").symlink_to("/dev/full")
    code, said = told(capsys, "create", csv("new.csv", NAMES + "priya07\n"), "-o", "r.csv")
    assert code == 1
    assert "the results are not in r.csv (No space left on device)" in said
    run_id = ef.list_runs(ef.connect())["run_id"].iloc[0]
    assert f"exotel-frames results {run_id} -o FILE" in said
    assert "priya07" in {row["subscriber_name"] for row in box.subscribers()}


def test_a_token_that_was_not_made_says_why(box, capsys):
    assert main(["token", "nobody", "ios", "1"]) == 3
    assert "Not Found" in capsys.readouterr().out


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
@pytest.mark.filterwarnings("default")
def test_a_warning_is_a_sentence_without_our_code(box, tmp_path, capsys):
    profiles = tmp_path / "config" / "exotel_frames" / "profiles.toml"
    profiles.parent.mkdir(parents=True)
    profiles.write_text("[default]\n", encoding="utf-8")
    profiles.chmod(0o644)
    code, said = told(capsys, "runs")
    assert code == 0
    assert f"exotel-frames: Other users of this machine can read {profiles}: run `chmod 600` on it." in said
    assert "steps.py" not in said
