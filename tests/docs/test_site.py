"""The site, built without the network: no warning, no broken link, and what one looks for is two clicks away.

It needs the group `docs`: `uv run --group docs pytest -m slow tests/docs/test_site.py`.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

import exotel_frames as ef
from tests.docs.pages import ROOT
from tests.docs.site import Site

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
pytest.importorskip("sphinx", reason="the group docs is not installed: uv run --group docs pytest …")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-j", "2", "-b", "html", "docs", str(out)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return Site(out)


@pytest.fixture
def start(site):
    return site.pages[site.folder / "index.html"]


def test_every_link_inside_the_site_leads_somewhere(site):
    assert list(site.broken()) == []


def test_no_page_asks_another_server_for_anything(site):
    assert list(site.foreign()) == []


def test_every_public_name_has_a_page_or_stands_on_the_page_of_errors(site):
    told = {path.stem.removeprefix("exotel_frames.") for path in site.pages}
    errors = site.pages[site.folder / "reference" / "errors.html"]
    missing = {name for name in ef.__all__ if name not in told and f"exotel_frames.{name}" not in errors.anchors}
    assert missing <= {"errors", "widgets"}
    assert {f"widgets.{name}" for name in dir(ef.widgets)} <= told


@pytest.mark.parametrize(
    ("question", "clicks", "answer"),
    [
        ("deactivate 200 people from a CSV", ["Deactivate 200 people"], 'assign(status="inactive")'),
        ("undo it", ["Undo a run"], "ef.plan_undo(client, results)"),
        ("be sure before going live", ["Going live"], "A pilot of ten"),
        ("deactivate, by way of the how-tos", ["How-to", "A CSV from HR"], "ef.apply_plan(client, plan)"),
        ("undo, by way of the how-tos", ["How-to", "Undo a run"], "ef.apply_plan(client, undo)"),
        ("go on after a crash", ["How-to", "Retry and resume"], "ef.resume_run(client)"),
        ("what a verb takes", ["Reference", "apply_plan"], "max_deletes"),
    ],
)
def test_from_the_start_page_the_answer_is_at_most_two_clicks_away(site, start, question, clicks, answer):
    page = start
    for words in clicks:
        page = site.click(page, words)
    assert len(clicks) <= 2
    assert answer in page.text, question


def test_the_start_page_asks_the_three_questions_in_the_words_of_the_user(start):
    for question in ("Deactivate 200 people from a CSV", "Undo it", "Be sure before going live"):
        assert question in start.text
