"""No page lies: its blocks run in order as they stand, and print what it says."""

from __future__ import annotations

import logging
import re
import subprocess
import sys

import pytest

import exotel_frames as ef
from exotel_frames import schema
from exotel_frames.outcomes import OUTCOME_INFO
from tests.docs.pages import PAGES, ROOT, WIDTH, blocks, plain, run
from tests.slow import but_slow

FRAMES = (ROOT / "docs" / "reference" / "frames.md").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with the sample data, as in a checkout; what a page switches on is switched off again."""
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    monkeypatch.chdir(tmp_path)
    for name, value in {"COLUMNS": WIDTH, "XDG_STATE_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("EXOTEL_PROFILES", str(tmp_path / "none.toml"))  # so that it is put back
    log, root = logging.getLogger("exotel_frames"), logging.getLogger()
    before = log.level, list(log.handlers), list(root.handlers)
    yield tmp_path
    log.setLevel(before[0])
    for each in [*log.handlers, *root.handlers]:
        if each not in before[1] + before[2]:
            each.close()
    log.handlers[:], root.handlers[:] = before[1], before[2]


LONG = {"audit-three-managers", "clean-up", "csv-from-hr", "going-live", "tutorial"}
"""Pages that take seconds each: .ci/run runs them with the site."""


@pytest.mark.parametrize(
    "page", but_slow(PAGES, [page for page in PAGES if page.stem not in LONG]), ids=lambda page: page.stem
)
def test_the_blocks_of_a_page_run_in_order_and_print_what_it_says(page, folder):
    names: dict[str, object] = {"__name__": "page"}
    try:
        for block in blocks(page.read_text(encoding="utf-8")):
            printed = run(block, names)
            said = block.code if block.kind == "console" else block.told
            if said is not None:
                assert plain(printed) == plain(said), f"{page.name}, line {block.line}: it prints\n{printed}"
    finally:
        for value in names.values():
            if isinstance(value, ef.Sandbox):
                value.stop()


def test_a_refusal_that_a_page_tells_of_is_one():
    for page in PAGES:
        for block in blocks(page.read_text(encoding="utf-8")):
            if "except ef." in block.code and "print(" in block.code:
                assert "rows: " not in (block.told or ""), f"{page.name}, line {block.line}: it was done"


def tables():
    """Return the tables of the page of frames: a chapter's name, and its rows as tuples of cells."""
    for chapter in re.split(r"^## ", FRAMES, flags=re.MULTILINE)[1:]:
        rows = [
            tuple(cell.strip() for cell in line.strip("|").split("|")) for line in chapter.splitlines() if "|" in line
        ]
        yield chapter.splitlines()[0], rows[2:]


def test_the_page_of_frames_has_every_column_in_its_order_with_its_dtype():
    told = {name: {row[0]: row[1] for row in rows} for name, rows in tables() if name in schema.SCHEMAS}
    assert told == schema.SCHEMAS
    assert [list(columns) for columns in told.values()] == [list(schema.SCHEMAS[name]) for name in told]


def test_the_page_of_frames_tells_each_outcome_in_its_own_words():
    rows = dict(tables())["Outcomes"]
    assert [row[0].strip("`") for row in rows] == list(OUTCOME_INFO)
    for name, meaning, next_step in rows:
        info = OUTCOME_INFO[name.strip("`")]
        assert meaning.startswith(info.meaning)
        assert next_step == info.next_step or not info.next_step


def test_the_start_page_has_the_two_commands_of_the_readme():
    two = [
        [
            line
            for line in (ROOT / page).read_text(encoding="utf-8").splitlines()
            if line.startswith("$ python3 -m venv")
        ]
        for page in ("README.md", "docs/index.md")
    ]
    assert two[0] == two[1]
    assert len(two[0]) == 2


def test_every_public_name_stands_in_the_reference():
    reference = (ROOT / "docs" / "reference" / "index.md").read_text(encoding="utf-8").split()
    verbs = [name for name in dir(ef) if name not in {"errors", "widgets"}]
    assert [name for name in [*verbs, *(f"widgets.{form}" for form in dir(ef.widgets))] if name not in reference] == []


def test_every_page_that_says_that_it_is_run_says_why_where_it_is_not():
    for page in PAGES:
        for reason in re.findall(r"^% not run:(.*)$", page.read_text(encoding="utf-8"), re.MULTILINE):
            assert len(reason.split()) > 2, page


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_daily_script_is_silent_when_nothing_changed_and_tells_what_has(folder, monkeypatch):
    text = (ROOT / "docs" / "how-to" / "snapshots.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    (folder / "daily.sh").write_text(script, encoding="utf-8")
    monkeypatch.setenv("PATH", f"{ROOT / '.venv' / 'bin'}:{sys.exec_prefix}/bin:/usr/bin:/bin")

    def daily():
        return subprocess.run(["sh", "daily.sh", "mine"], capture_output=True, text=True, check=False)

    with ef.Sandbox(subscribers=30) as box:
        profile = [f'{name} = "{getattr(box, name)}"' for name in ("api_key", "api_token", "account_sid", "base_url")]
        (folder / "profiles.toml").write_text("\n".join(["[mine]", *profile]), encoding="utf-8")
        monkeypatch.setenv("EXOTEL_PROFILES", str(folder / "profiles.toml"))
        first, second = daily(), daily()
        assert (first.returncode, first.stdout, second.returncode, second.stdout) == (0, "", 0, "")
        box.add("NewDesk1")
        third, fourth = daily(), daily()
        assert "**1 added, 0 removed, 0 changed" in third.stdout
        assert (third.returncode, fourth.stdout) == (0, "")
    gone = daily()
    assert (gone.returncode, gone.stdout) == (1, "")
    assert "refused" in gone.stderr or "listens" in gone.stderr or "reached" in gone.stderr
    assert ef.read_snapshot("yesterday.parquet").shape[0] == 31
