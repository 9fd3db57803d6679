"""The form of findings: what it shows, what can be ticked, what it would send, and what it says of nothing."""

from __future__ import annotations

import ipywidgets as ipw
import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames.errors import StalePlanError, ValidationError
from tests.slow import slow
from tests.widgets.driver import Hands, code_of, parts, text_of
from tests.widgets.wording import NOT_LOADED

FORM = "ef.widgets.findings_form(client, subs)"
LOAD = "subs = ef.load_subscribers(client, progress=False)"


@pytest.fixture
def box():
    with ef.Sandbox(subscribers=0) as made:
        yield made


def spelled(box, *, commonest=6, others=3):
    box.add(*[f"gate{n}" for n in range(commonest)], custom_field="Front Desk")
    box.add(*[f"door{n}" for n in range(others)], custom_field="front-desk")


def custom_fields(box):
    return {row["subscriber_name"]: row["custom_field"] for row in box.subscribers()}


def test_it_loads_everybody_itself_and_says_of_how_many(box):
    spelled(box)
    hands = Hands(box, "", "ef.widgets.findings_form(client)")
    hands.says("3 findings in 3 subscribers, of 9; 3 of them have a safe fix.", "SANDBOX")
    assert hands.sent() == []


def test_nothing_is_ticked_before_a_person_has_ticked_it(box):
    spelled(box)
    hands = Hands(box, LOAD, FORM)
    assert hands.ticked() == []
    assert not hands.is_on("field_variant")
    assert not hands.can_click("Review")


def test_no_findings_and_no_subscribers_are_said_and_no_table_is_shown(box):
    hands = Hands(box, "", "ef.widgets.findings_form(client)")
    hands.says("There are no subscribers.")
    assert not hands.is_shown("Review")
    box.add("bob", "eve", custom_field="support")
    hands.click("Load again")
    hands.says("No findings: 2 subscribers checked by 8 rules.")
    assert not hands.is_shown("Tick all")
    hands.fill("Stale after (days)", 1)
    hands.says("No findings: 2 subscribers checked by 9 rules.")


def test_a_load_that_is_stopped_or_fails_leaves_a_form_that_loads_again(box):
    spelled(box)
    box.set_faults(error_before=1)
    hands = Hands(box, "client = box.connect(timeout_s=0.5)", "ef.widgets.findings_form(client)")
    hands.says(NOT_LOADED, "✗ ")
    hands.fill("Stale after (days)", 30)
    hands.says(NOT_LOADED)
    box.set_faults()
    hands.click("Load again")
    hands.says("have a safe fix")


def test_a_part_of_the_subscribers_stays_that_part_when_they_are_loaded_again(box):
    spelled(box)
    hands = Hands(box, f"{LOAD}; subs = subs[subs.subscriber_name != 'door0']", FORM)
    hands.says("2 findings in 2 subscribers, of 8")
    hands.click("Load again")
    hands.says("2 findings in 2 subscribers, of 8")
    hands.click("Tick all")
    hands.click("Review")
    hands.click("Confirm 2 updates")
    assert custom_fields(box)["door0"] == "front-desk"


@pytest.mark.parametrize(
    ("loads", "others", "how"),
    [
        (loads, others, how) if (loads, others) == (True, 1) else slow(loads, others, how)
        for loads in (True, False)
        for others, how in [(1, "desired = "), (6, '["rule"].isin('), (7, "form.plan")]
    ],
)
def test_the_code_of_the_form_does_the_same_for_a_few_a_rule_and_some_of_many(box, loads, others, how):
    spelled(box, commonest=50, others=others)
    hands = Hands(box, LOAD, "ef.widgets.findings_form(client)" if loads else FORM)
    hands.tick("field_variant")
    left = hands.names()[: others == 7]
    for name in left:
        hands.tick(name, on=False)  # neither a few nor a whole rule
    hands.click("Review")
    code = code_of(hands.form)
    assert how in code
    assert ("load_subscribers" in code) == (loads and how != "form.plan")
    if loads:
        del hands.space["subs"]
    exec(code, hands.space | {"form": hands.form})
    assert {name for name, field in custom_fields(box).items() if field != "Front Desk"} == set(left)
    assert hands.sent() == ["update"] * (others - len(left))


def test_a_fix_that_somebody_else_made_meanwhile_is_a_conflict_and_nothing_is_lost(box):
    spelled(box)
    hands = Hands(box, LOAD, FORM)
    hands.tick("field_variant")
    hands.click("Review")
    box.change("door1", custom_field="sales")
    hands.click("Confirm 3 updates")
    hands.says("2 done", "1 conflict")
    assert custom_fields(box)["door1"] == "sales"
    hands.says("Ticked: 1 fix in 1 subscriber.", "✗ conflict")


def test_a_frame_of_another_account_and_days_that_are_none_are_refused_at_once(box):
    client = box.connect()
    subs = ef.load_subscribers(client, progress=False)
    with ef.Sandbox(subscribers=1, account_sid="another") as other, pytest.raises(StalePlanError, match="another"):
        ef.widgets.findings_form(client, ef.load_subscribers(other.connect(), progress=False))
    with pytest.raises(ValidationError, match="needs a client first"):
        ef.widgets.findings_form(subs)
    with pytest.raises(ValidationError, match="columns"):
        ef.widgets.findings_form(client, pd.DataFrame({"name": ["a"]}))
    for days in (-1, 1.5, "30", True, float("nan")):
        with pytest.raises(ValidationError, match="whole number of days"):
            ef.widgets.findings_form(client, subs, stale_days=days)


def test_names_and_values_are_shown_as_they_are(box):
    spelled(box)
    odd = ["<b>bo'b</b>", 'q"uo', "Zoë🎈", "x" * 255, "$x^2$"]
    before = f"""{LOAD}
subs = pd.concat([subs, subs.head(5).assign(subscriber_name={odd!r}, custom_field='<i>FRONT desk</i>')])
subs.loc[subs.subscriber_name == 'gate0', 'custom_field'] = '<i>front desk</i>'
"""
    hands = Hands(box, before, FORM)
    assert set(odd) <= set(hands.names()) | {"x" * 255}
    pages = "".join(part.value for part in parts(hands.form) if isinstance(part, ipw.HTML))
    assert "<i>FRONT" not in pages
    assert "<b>bo" not in pages
    hands.says("<i>FRONT desk</i>")


@pytest.mark.parametrize("count", [1_000, slow(50_000)])
def test_the_form_stays_small_however_many_findings_there_are(box, count):
    spelled(box)
    client = box.connect()
    subs = ef.load_subscribers(client, progress=False)
    names = [f"g{n}" for n in range(count * 2)]
    fields = ["Front Desk"] * (count + 1) + ["front desk "] * (count - 1)
    many = subs.iloc[[0] * (count * 2)].assign(subscriber_name=names, custom_field=fields)
    many.attrs = subs.attrs
    form = ef.widgets.findings_form(client, many, max_share=1.0)
    assert form.wait(60)
    hands = Hands.of(box, form)
    hands.says(f"{count - 1:,} findings in {count - 1:,} subscribers")
    hands.tick("field_variant")
    hands.click("Review")
    hands.says(f"Plan: 0 to create, {count - 1:,} to update", "plan = ef.plan_changes(subs, ef.apply_fixes(")
    assert len(list(parts(form))) < 200
    assert len(text_of(form)) < 40_000
