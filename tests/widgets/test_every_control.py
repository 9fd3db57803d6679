"""Every control of every form is used, and what it changes is looked at; what goes wrong in one is shown."""

from __future__ import annotations

import ipywidgets as ipw
import pytest

import exotel_frames as ef
from tests.widgets.controls_table import FORMS, ROW, TABLE, TYPED, name_of_words
from tests.widgets.driver import Hands, label_of, parts, row_boxes, text_of
from tests.widgets.wording import went_wrong


@pytest.fixture
def box():
    with ef.Sandbox(subscribers=40, seed=5) as made:
        yield made


@pytest.fixture(autouse=True)
def quiet(caplog):
    """Fail when a callback failed, though the form has told it: nobody may get used to that."""
    yield
    assert failures_in(caplog) == []


def failures_in(caplog):
    """Return the exceptions that the forms have logged."""
    return [str(record.exc_info[1]) for record in caplog.records if record.name == "exotel_frames.widgets"]


def controls_of(form):
    """Return the names under which the table has a form's controls."""
    made_of = (ipw.Button, ipw.Text, ipw.Textarea, ipw.Dropdown, ipw.Checkbox, ipw.DatePicker, ipw.BoundedIntText)
    rows = row_boxes(form)
    return {
        ROW if part in rows else name_of(part)
        for part in parts(form)
        if isinstance(part, made_of) or type(part).__name__ == "CopyButton"
    }


def name_of(part):
    label = label_of(part)
    return TYPED if isinstance(part, ipw.Text) and not label else name_of_words(label)


@pytest.mark.parametrize("form", FORMS)
def test_every_control_of_a_form_stands_in_the_table(box, form):
    found = controls_of(Hands(box, *FORMS[form]).form)
    if form in {"create_form", "token_form"}:
        found |= {"Copy access token", "Copy refresh token"}  # which come with the tokens
    assert found == {control for name, control in TABLE if name == form}


SHARED = {"Confirm", "Cancel", "Stop", "Go on with the rest", "Undo this run", "May change at most (%)", TYPED}
"""What all forms have in common; by default it is used in one of them (and Confirm in all of them in a browser)."""
SAME = {"Keep mine: review again", "Next page", "Previous page", "Copy refresh token"}
"""What is made by the same lines as another control, or the same in two forms; used by default in one."""


TABLES = {
    *("Search", "Search names", "(the box of a row)", "Tick all", "Untick all", "subscriber_name", "status"),
    *("custom_field", "last changed", "action", "change", "note", "rule", "finding"),
}
"""What the tables of rows have in common: how they are searched, sorted and ticked; used by default in one of them."""
RULES = {
    *("case_twin", "zero_twin", "lookalike_twin", "spreadsheet_hazard", "damaged_twin", "status_unknown"),
    "name_unusual",
}
"""The boxes of rules, made by one line: by default one of those that can be fixed is used, and one that can not."""


ALIKE = {
    "create_form": {
        "Subscriber name",
        "Status",
        "Custom field",
        "Platform",
        "Make a token for a device as well",
        "Review",
    },
    "edit_form": {"Subscriber name", "Look up", "Status"},
    "token_form": {"Subscriber name", "Device id", "Copy access token", "Review"},
    "cleanup_panel": {"status", "custom_field", "last changed", "Untick all", "Previous page", "Status", "Next page"},
    "findings_form": {"stale", "Show"},
    "plan_review": {"Show", "Cancel", "Review"},
}
"""What is a field, a head or a button of the same kind as another one of the form, or as one of another form."""


def is_slow(form, control):
    return (
        control in ALIKE[form]
        or (control in SHARED and form != "plan_review")
        or (control in SAME and form != "cleanup_panel")
        or (control in TABLES and form != "cleanup_panel")
        or control in RULES
    )


def rows_of_the_table():
    for form, control in TABLE:
        yield pytest.param(form, control, marks=[pytest.mark.slow] * is_slow(form, control), id=f"{form}-{control}")


@pytest.mark.parametrize(("form", "control"), list(rows_of_the_table()))
def test_a_control_does_what_it_shows(box, form, control):
    before, code, use, _ = TABLE[form, control]
    use(Hands(box, before, code))


# What goes wrong in a callback.


def broken_panel(box, problem):
    """Return a panel whose table can't be read: each of its controls that reads it raises."""
    hands = Hands(box, *FORMS["cleanup_panel"])
    tick_all = hands.control("Tick all")
    (table,) = [part for part in parts(hands.form) if type(part).__name__ == "CheckboxTable"]

    def fail():
        raise problem

    table._find = fail
    assert tick_all
    return hands


@pytest.mark.parametrize("label", ["Search", "Status"])
def test_an_exception_in_a_callback_is_shown_in_the_form_escaped_and_logged(box, caplog, label):
    hands = broken_panel(box, ValueError("<b>assignment destination</b> is read-only"))
    hands.fill(label, "inactive")
    hands.says(went_wrong("ValueError: <b>assignment destination</b> is read-only"))
    pages = "".join(part.value for part in parts(hands.form) if isinstance(part, ipw.HTML))
    assert "<b>assignment" not in pages
    assert failures_in(caplog) == ["<b>assignment destination</b> is read-only"]
    caplog.clear()


def test_our_own_error_in_a_callback_is_its_sentence_alone_and_no_fault(box):
    hands = broken_panel(box, ef.PlanError("The plan has 2 conflicts."))
    hands.click("status")
    hands.says("✗ The plan has 2 conflicts.")
    hands.lacks("went wrong inside")


def test_an_exception_as_a_form_wakes_up_is_shown_too(box, caplog):
    hands = Hands(box, *FORMS["edit_form"])
    hands.form._flow._on_busy = lambda on: None if on else 1 / 0
    hands.click("Look up")
    hands.says("ZeroDivisionError")
    hands.form._flow._on_busy = lambda on: 1 / 0 if on else None
    hands.control("Look up").disabled = False
    hands.click("Look up")
    hands.says("ZeroDivisionError")
    hands.form._flow._on_busy = lambda _on: None
    hands.click("Look up")  # and it can be used again
    hands.says("team0: created")
    caplog.clear()


def test_many_ticked_rows_stay_a_short_review_with_a_variable_for_the_names(box):
    before = 'box.add(*[f"many{n}" for n in range(600)], custom_field="old")\n' + FORMS["cleanup_panel"][0]
    hands = Hands(box, before, "ef.widgets.cleanup_panel(client, subs, max_share=1.0)")
    hands.fill("Search", "many")
    hands.click("Tick all")
    hands.click("Review")
    hands.says("form.plan", "ef.apply_plan(client, plan)", "Plan: 0 to create, 600 to update")
    assert text_of(hands.form).count("many") < 300
    assert len(hands.form.plan) == 600
    assert set(hands.form.plan["status"]) == {"inactive"}


@pytest.mark.parametrize("length", [*(pytest.param(n, marks=pytest.mark.slow) for n in (41, 400)), 5000])
def test_a_long_value_can_be_read_whole_before_it_is_confirmed(box, length):
    hands = Hands(box, *FORMS["edit_form"])
    long = "".join(chr(97 + n % 26) for n in range(length))
    hands.fill("Custom field", long)
    hands.click("Review the change")
    hands.says(f"'{long}'")


def test_the_account_is_said_once(box):
    hands = Hands(box, *FORMS["edit_form"])
    hands.fill("Custom field", "x")
    hands.click("Review the change")
    assert text_of(hands.form).count("SANDBOX") == 1
    hands.click("Confirm 1 update")
    assert text_of(hands.form).count("SANDBOX") == 1


def test_advice_in_a_plan_review_speaks_of_ticks(box):
    theirs = """
base = ef.load_subscribers(client, progress=False)
box.change("team0", custom_field="theirs")
subs = ef.load_subscribers(client, progress=False)
mine = pd.DataFrame({"subscriber_name": ["team0"], "custom_field": "mine"})
plan = ef.plan_changes(subs, mine, base=base)
"""
    hands = Hands(box, FORMS["edit_form"][0] + theirs, FORMS["plan_review"][1])
    hands.fill("Show", "conflict")
    hands.says("Leave it unticked to keep theirs, or tick it to write yours.")
    hands.lacks("Drop this row")
