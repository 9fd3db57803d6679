"""Every control of every form is used in a real JupyterLab: it shows what it changes, and does what it shows."""

from __future__ import annotations

import pytest

from tests.browser.hands import BrowserHands
from tests.widgets.controls_table import FORMS, TABLE, name_of_words

CONTROLS = """form => [...form.querySelectorAll("button, input, select, textarea")]
  .filter(each => each.checkVisibility() && !each.closest(".exotel-row:not(.exotel-head)"))
  .map(each => {
    const label = each.labels?.length ? each.labels[0] : each;
    return { words: label.innerText.trim(), title: each.closest("[title]")?.title ?? "", kind: each.tagName };
  })"""


@pytest.mark.parametrize(("form", "control"), [pytest.param(*key, id="-".join(key)) for key in TABLE])
def test_a_control_does_what_it_shows_in_the_browser(desk, form, control):
    before, code, use, _ = TABLE[form, control]
    hands = BrowserHands(desk, before, code)
    use(hands)
    assert unexplained(hands, form) == []


def unexplained(hands, form):
    """Return what is shown and has no row in the table, no label, or no tooltip."""
    shown = hands.form.at.evaluate(CONTROLS)
    assert shown
    return [each for each in shown if (form, name_of_words(each["words"])) not in TABLE or not each["title"].strip()]


@pytest.mark.timeout(400)  # a machine that does much else at once takes minutes to start JupyterLab
def test_one_way_through_each_form_in_the_browser(desk):
    """The shortest run in a browser."""
    for form in FORMS:
        before, code, use, _ = TABLE[form, "Confirm"]
        use(BrowserHands(desk, before, code))
