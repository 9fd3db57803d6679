"""A button that can't be clicked says beside it why, and a run that was stopped says what is open and how to go on."""

from __future__ import annotations

import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames.widgets.results_box import describe_stop
from tests.widgets.controls_table import FORMS
from tests.widgets.driver import Hands
from tests.widgets.wording import RESUME, TOKEN_TOO


@pytest.fixture(scope="module")
def box():
    with ef.Sandbox(subscribers=12, seed=5) as made:
        yield made


def test_a_review_without_its_fields_says_which_to_fill(box):
    create = Hands.of(box, ef.widgets.create_form(box.connect()))
    create.says("Type a name first.")
    create.fill("Subscriber name", "pri ya")
    create.says("Correct what is marked ✗ first.")
    create.fill("Subscriber name", "priya07")
    create.tick(TOKEN_TOO)
    create.says("Type the device id first, or untick the token.")
    create.fill("Device id", "phone1")
    create.lacks(" first")
    assert create.can_click("Review")


def test_a_token_without_its_fields_says_which_to_fill(box):
    token = Hands.of(box, ef.widgets.token_form(box.connect()))
    token.fill("Subscriber name", "team1")
    token.says("Type the name and the device id first.")
    token.fill("Device id", " ")
    token.says("Correct what is marked ✗ first.")
    token.fill("Device id", "phone1")
    token.lacks(" first")


def test_a_subscriber_as_it_is_says_that_there_is_nothing_to_review_yet(box):
    hands = Hands(box, *FORMS["edit_form"])
    hands.says("To change it, edit the status or the custom field.")
    hands.fill("Custom field", "mine")
    hands.lacks("To change it, edit")
    hands.fill("Custom field", "old team")
    hands.says("To change it, edit")


def test_a_panel_without_ticks_says_so_beside_review(box):
    hands = Hands.of(box, ef.widgets.cleanup_panel(box.connect(), ef.load_subscribers(box.connect(), progress=False)))
    hands.says("Tick the rows first.")
    hands.click("Tick all")
    hands.lacks("Tick the rows first.")


@pytest.mark.parametrize(
    ("outcomes", "run_id", "sentence"),
    [
        (["done", "not_sent", "not_sent"], "r1", f"Stopped. Left open: 2 not_sent. {RESUME}"),
        (["unknown", "not_sent"], "r1", f"Stopped. Left open: 1 unknown and 1 not_sent. {RESUME}"),
        (["unknown"], None, "Stopped. Left open: 1 unknown."),  # of tokens: there is no run that could go on
        (["done"], "r1", "Stopped after the last row was done."),
    ],
)
def test_a_run_that_was_stopped_says_what_is_open_and_only_what_can_be_done(outcomes, run_id, sentence):
    results = pd.DataFrame({"outcome": outcomes}).assign(run_id=pd.array([run_id] * len(outcomes), dtype="string"))
    assert describe_stop(results) == sentence
