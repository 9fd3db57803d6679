"""What the README says is run: its Python, and its commands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import exotel_frames as ef
from exotel_frames import schema
from exotel_frames.cli import main
from exotel_frames.cli.parser import parser

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
CONSOLE = [line for kind, block in BLOCKS if kind == "console" for line in block.splitlines()]
COMMANDS = [line[2:] for line in CONSOLE if line.startswith("$ uv run")]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")


def test_the_main_job_of_the_readme_runs_as_it_stands(capsys):
    (code,) = [block for kind, block in BLOCKS if kind == "python"]
    known: dict[str, object] = {}
    exec(compile(code, "README.md", "exec"), known)
    assert len(known["results"]) == len(known["plan"])
    assert "49 rows: 40 done" in capsys.readouterr().out


def test_two_lines_that_do_all_their_set_up_stand_first():
    first = CONSOLE[:2]
    assert all(line.startswith("$ python3 -m venv .venv && .venv/bin/pip install -q ") for line in first)
    assert [line.rpartition(" && ")[2] for line in first] == [".venv/bin/exotel-frames demo", ".venv/bin/uv run pytest"]


@pytest.mark.parametrize("line", [line for line in COMMANDS if "exotel-frames" in line])
def test_every_command_of_the_readme_is_one(line):
    arguments = shlex.split(line.removeprefix("uv run exotel-frames"))
    if arguments == ["--help"]:
        with pytest.raises(SystemExit, match="0"):
            main(arguments)
    else:
        assert parser().parse_args(arguments).run


def test_the_demo_tells_the_audit_in_thirty_lines_of_eighty_columns(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["demo", "--out", str(tmp_path / "demo.xlsx")]) == 0
    told = capsys.readouterr().out
    assert "SANDBOX" in told
    assert "49 rows: 37 done, 3 rejected (1008 Duplicate resource), 9 invalid" in told
    for said in (
        "Findings among",
        "north.xlsx: inactive · south.xlsx: delete",
        "Not done for this row: delete",
        "1 removed",
    ):
        assert said in told
    assert len(told.splitlines()) < 30
    assert max(map(len, told.splitlines()[:-1])) <= 80
    assert "\x1b" not in told
    kept = ef.read_workbook(tmp_path / "demo.xlsx", sheet="created")
    assert kept["subscriber_name"].tolist()[20:24] == ["007", "1E5", "TRUE", "NA"]
    assert kept["outcome"].tolist()[20:24] == ["done"] * 4


def test_every_link_of_the_readme_and_of_its_neighbours_leads_to_a_file():
    for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md"):
        links = re.findall(r"\]\(([^)]+)\)", (ROOT / name).read_text(encoding="utf-8"))
        assert [link for link in links if "//" not in link and not (ROOT / link.partition("#")[0]).exists()] == []


def test_the_readme_is_one_screen_with_three_pictures():
    prose = [line for line in re.sub(r"```.*?```", "", README, flags=re.DOTALL).splitlines() if line.strip()]
    assert len(prose) < 50
    assert len(re.findall(r"^!\[", README, re.MULTILINE)) == 3


def test_the_readme_names_every_outcome():
    assert all(f"`{outcome}`" in README for outcome in schema.OUTCOMES)
