"""The benchmarks as a command: they run, they tell, and they never time anything here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks import pages, servers
from tests.benchmarks.__main__ import lines_of
from tests.benchmarks.measuring import Figures, Line, Part, medians
from tests.benchmarks.printing import table

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow  # a tool for measuring, which no user runs: once before a release is enough


def command(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_the_command_measures_in_a_quick_mode_and_tells_as_json():
    done = command("--only", "import", "--quick", "--rounds", "1", "--json")
    assert done.returncode == 0, done.stderr
    (lines,) = json.loads(done.stdout).values()
    told = {line["name"]: line for line in lines}
    assert all(line["figures"]["wall_s"] > 0 for line in lines)
    assert told["exotel-frames --help"]["reached"] is True


def test_an_unknown_part_is_refused_and_the_parts_are_named():
    done = command("--only", "load,lunch")
    assert done.returncode == 2
    assert "lunch: not among load, " in done.stderr


def test_a_contender_that_is_not_installed_is_a_line_that_says_so():
    code = "import sys; sys.modules['dlt'] = None; from tests.benchmarks.worker import measured; "
    code += "print(measured('load:dlt', {'url': '', 'rows': 1})['trouble'])"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert told.startswith("not installed: dlt")
    assert told.strip() in table({"load": [Line("dlt's RESTClient", Figures(trouble=told.strip()))]})


def test_a_part_whose_server_is_not_installed_is_a_line_that_says_so(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(servers, "ECHO", "no such module")
    (line,) = lines_of(Part("load", lambda _: servers.nginx({}), list), 1, quick=True)
    assert line.figures.trouble.startswith("not installed: nginx")


def test_a_part_that_fails_is_a_line_that_says_so():
    (line,) = lines_of(Part("load", lambda _: servers.serving(["false"], 1), list), 1, quick=True)
    assert line.figures.trouble.startswith("failed: false does not serve")


def test_a_figure_is_the_median_of_the_rounds():
    runs = [{"rows": 10, "wall_s": wall, "cpu_s": 1.0, "peak_bytes": 4.0, "requests": 2} for wall in (9.0, 1.0, 2.0)]
    assert medians(runs) == Figures(10, 2.0, 1.0, 4.0, {"requests": 2})


def test_a_round_that_failed_is_not_averaged_away():
    assert medians([{"rows": 1, "wall_s": 1.0, "cpu_s": 1.0, "peak_bytes": 1.0}, {"trouble": "failed: x"}]).rows == 0


def test_the_table_says_for_each_goal_whether_it_is_reached():
    figures = Figures(rows=1_000, wall_s=1.5, cpu_s=0.002, peak_bytes=2**20)
    lines = [Line(str(reached), figures, "2.0 x less", ">= 4 x", reached) for reached in (True, False, None)]
    _, _, _, *told = table({"load": lines}).splitlines()
    assert [line.rpartition(": ")[2] for line in told] == ["yes", "NO", "not measured"]
    assert told[0].split()[:9] == ["True", "1,000", "1.50", "s", "2.0", "ms", "2.00", "µs", "1"]


def test_plain_pages_hold_every_row_once_newest_first():
    names = [item["data"]["subscriber_name"] for offset in pages.plain_offsets(250) for item in told(250, offset)]
    assert names == [pages.name_of(number) for number in range(249, -1, -1)]


def test_a_page_names_the_next_one_unless_it_is_the_last():
    links = [json.loads(pages.page(250, offset))["metadata"]["next_page_uri"] for offset in pages.plain_offsets(250)]
    assert [bool(link) for link in links] == [True, True, False]


def test_written_pages_are_those_that_are_made_one_by_one(tmp_path):
    pages.write_tenant(tmp_path, 1_000, pages.joined_offsets(1_000))
    for offset in pages.joined_offsets(1_000):
        assert (tmp_path / "1000" / f"{offset}.json").read_bytes() == pages.page(1_000, offset)


def told(rows, offset):
    return json.loads(pages.page(rows, offset))["response"]


def test_the_answering_server_says_yes_to_what_was_asked():
    code = """
from tests.benchmarks.bulk import answering, ours
with answering() as url:
    for action in ("create", "update", "delete"):
        print(ours(url, 25, 2, action)()["rows"])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["25", "25", "25"], done.stderr
