"""Where little room is: what sends something stays in view, what is long can be read, and nothing jumps."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.desk import SIZE
from tests.browser.hands import BrowserHands
from tests.browser.looks import CUT
from tests.widgets.controls_table import FORMS
from tests.widgets.wording import STOPPED

MANY = """
box.add(*[f"row{n}" for n in range(1000)], custom_field="a team", date_created="2026-01-05T10:00:00+05:30")
box.add(*[f"door{n}" for n in range(400)], custom_field="A-Team", date_created="2026-01-05T10:00:00+05:30")
subs = ef.load_subscribers(client, progress=False)
plan = ef.plan_changes(subs, subs[["subscriber_name"]].assign(custom_field="new"))
"""
LONG_FORMS = {
    "cleanup_panel": "ef.widgets.cleanup_panel(client, subs, max_share=1.0)",
    "findings_form": "ef.widgets.findings_form(client, subs, max_share=1.0)",
    "plan_review": "ef.widgets.plan_review(client, plan, max_share=1.0)",
}
SEARCH = {"cleanup_panel": "Search", "findings_form": "Search", "plan_review": "Search names"}
WIDTHS = (700, 1024, 1366)
"""Of the window, each 768 px high, with the file browser open."""
SEEN = """button => {
  const { x, y, width, height } = button.getBoundingClientRect();
  return button.contains(document.elementFromPoint(x + width / 2, y + height / 2));
}"""
BADGE_SEEN = """form => {
  const { x, y, width, height } = form.querySelector(".exotel-heading strong").getBoundingClientRect();
  return document.elementFromPoint(x + width / 2, y + height / 2)?.closest(".exotel-heading") !== null;
}"""
PLACES = """form => Object.fromEntries([...form.querySelectorAll("button, input, select, textarea")]
  .filter(each => each.checkVisibility() && !each.closest(".exotel-rows, .exotel-foot"))
  .map(each => [each.innerText || each.labels?.[0]?.innerText, each])
  .map(([words, each]) => [words.replace(/[\\d,▲▼]|that match/g, "").trim(),
    Math.round(each.getBoundingClientRect().top - form.getBoundingClientRect().top)]))"""


@pytest.fixture(params=WIDTHS)
def narrow_desk(desk, request):
    desk.page.set_viewport_size({"width": request.param, "height": 768})
    yield desk
    desk.page.set_viewport_size(SIZE)


@pytest.mark.parametrize("form", LONG_FORMS)
def test_review_confirm_and_the_account_stay_in_view_with_a_thousand_rows(narrow_desk, form):
    hands = BrowserHands(narrow_desk, MANY, LONG_FORMS[form])
    hands.control(SEARCH[form]).scroll_into_view_if_needed()
    assert hands.control("Review").evaluate(SEEN)
    hands.click("Tick all")
    hands.click("Review")
    hands.says("Plan: 0 to create, ", "Confirm ")
    for script, part in ((SEEN, hands.control("Confirm ")), (BADGE_SEEN, hands.form.at)):
        narrow_desk.page.wait_for_function(script, arg=part.element_handle())  # the page scrolls


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_cut_off_where_there_is_little_room(narrow_desk, form):
    hands = BrowserHands(narrow_desk, *FORMS[form])
    assert hands.form.at.evaluate(CUT) == []
    asked = {
        "create_form": [("Subscriber name", "priya07")],
        "edit_form": [("Custom field", "long " * 60)],
        "cleanup_panel": [("With the ticked rows", "delete")],
        "findings_form": [],
        "plan_review": [],
        "token_form": [("Subscriber name", "team1"), ("Device id", "2fc4b5912826ad1" * 4)],
    }
    if form in {"cleanup_panel", "findings_form"}:
        hands.click("Tick all")
    for label, value in asked[form]:
        hands.fill(label, value)
    hands.click("Review")
    hands.says("The same by code:")
    assert hands.form.at.evaluate(CUT) == []


STEPS = (
    lambda hands, search: hands.fill(search, "row99"),
    lambda hands, search: hands.fill(search, "nobody has this"),
    lambda hands, search: hands.fill(search, ""),
    lambda hands, _: hands.click("subscriber_name"),
    lambda hands, _: hands.click("Next page"),
    lambda hands, _: hands.click("Untick all"),
    lambda hands, _: hands.click("Tick all"),
    lambda hands, _: hands.click("Review"),
)


def test_nothing_jumps_while_one_searches_sorts_turns_pages_and_ticks(desk):
    for form, search in SEARCH.items():
        hands = BrowserHands(desk, MANY, LONG_FORMS[form])
        places = hands.form.at.evaluate(PLACES)
        assert {"Previous page", "subscriber_name"} <= set(places)
        for use in STEPS:
            use(hands, search)
            assert hands.form.at.evaluate(PLACES).items() >= places.items()


def test_nothing_above_jumps_when_a_run_is_stopped(desk):
    slow = f"client = box.connect(workers=1)\n{MANY}"
    hands = BrowserHands(desk, slow, LONG_FORMS["plan_review"])
    places = hands.form.at.evaluate(PLACES)
    hands.run("box.set_faults(latency_s=0.05, only=['update'])")
    hands.click("Review")
    hands.click("Confirm 1,440 updates", wait=False)
    hands.says(" of 1,440", " done")
    hands.run("box.set_faults(latency_s=8, only=['update'])")  # what is under way then takes its time to end
    desk.page.wait_for_timeout(300)
    during = hands.form.at.evaluate(PLACES)
    hands.click("Stop", wait=False)
    stopping = hands.form.at.evaluate(PLACES)
    assert stopping == during  # its Stop too
    hands.says(STOPPED, "not_sent")
    after = hands.form.at.evaluate(PLACES)
    assert places.items() <= during.items()
    assert places.items() <= after.items()


def test_a_form_whose_browser_part_has_not_come_says_so_and_others_do_not(desk):
    whole = desk.show("ef.widgets.token_form(client)")
    expect(whole.at).to_have_class(re.compile("exotel-alive"))
    without = "form.children = form.children[:-1]"  # which is the part that runs in the browser
    part = desk.show(f"ef.widgets.token_form(client)\n{without}")
    note = part.at.get_by_text("did not load: Enter does not press a button")
    expect(note).to_be_attached()
    assert note.bounding_box()["height"] == 0
    desk.page.wait_for_timeout(6000)
    assert note.bounding_box()["height"] > 0
    assert part.at.evaluate(CUT) == []
