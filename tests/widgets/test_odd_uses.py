"""What people do with forms that nobody has planned for: odd frames, limits that are none, a service that has ended."""

from __future__ import annotations

import time

import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames.errors import ValidationError
from tests.plans.wording import SHARE_IS_A_PART
from tests.runs.wording import UNDER_WAY, WAIT_FOR_IT
from tests.slow import slow
from tests.validation.wording import frame_to
from tests.widgets.controls_table import FORMS
from tests.widgets.driver import Hands
from tests.widgets.wording import VALUES_ALREADY

OF_SUBSCRIBERS = ("cleanup_panel", "findings_form")


@pytest.fixture
def box():
    with ef.Sandbox(subscribers=12, seed=5) as made:
        yield made


@pytest.fixture
def client(box):
    return box.connect()


@pytest.fixture
def subs(client):
    return ef.load_subscribers(client, progress=False)


@pytest.mark.parametrize("form", OF_SUBSCRIBERS)
def test_rows_without_a_name_and_names_more_than_once_are_refused_in_one_sentence(client, subs, form):
    odd = pd.concat([subs, subs.head(2), subs.tail(1).assign(subscriber_name=None)])
    with pytest.raises(ValidationError) as told:
        getattr(ef.widgets, form)(client, odd)
    names = " and ".join(f"'{name}'" for name in subs["subscriber_name"].head(2))
    assert str(told.value).startswith(
        f"The frame of subscribers has 1 row without a name and {names} more than once. Drop those rows"
    )


@pytest.mark.parametrize("form", OF_SUBSCRIBERS)
@pytest.mark.parametrize("given", [None, 7, slow(["bob"]), pd.DataFrame({"name": ["bob"]}), slow(pd.Series(["bob"]))])
def test_what_is_no_frame_of_subscribers_is_told_as_such(client, form, given):
    if form == "findings_form" and given is None:
        return  # it loads them itself
    with pytest.raises(ValidationError, match=frame_to()):
        getattr(ef.widgets, form)(client, given)


@pytest.mark.parametrize(
    ("form", "share"),
    [
        (form, share) if at % 3 == turn else slow(form, share)
        for at, share in enumerate([-0.1, 1.01, 30, "0.3", None, True, float("nan")])
        for turn, form in enumerate(["cleanup_panel", "findings_form", "plan_review"])
    ],
)
def test_a_share_that_is_none_is_told_in_the_words_of_apply_plan(client, subs, form, share):
    given = ef.plan_changes(subs, subs.head(1).assign(custom_field="x")) if form == "plan_review" else subs
    with pytest.raises(ValidationError, match=SHARE_IS_A_PART):
        getattr(ef.widgets, form)(client, given, max_share=share)


@pytest.mark.parametrize(("share", "ticked"), [slow(0.955, 12), (0.996, 12), slow(0.004, 11)])
def test_a_share_is_kept_exactly_though_it_is_shown_in_whole_per_cent(box, share, ticked):
    hands = Hands(box, FORMS["plan_review"][0], f"ef.widgets.cleanup_panel(client, subs.tail(12), max_share={share})")
    box.remove(*[row["subscriber_name"] for row in box.subscribers()[:-12]])
    for name in hands.names()[:ticked]:
        hands.tick(name)
    hands.fill("With the ticked rows", "set custom field")
    hands.fill("New custom field", "x")
    hands.click("Review")
    hands.click("Confirm")
    hands.says("Nothing was sent.", "max_share is")
    assert hands.sent() == []


def test_a_plan_and_a_tenant_without_rows_are_said(box, client, subs):
    empty = Hands.of(box, ef.widgets.plan_review(client, ef.plan_changes(subs, subs.head(2))))
    empty.says("There are no rows.", "The plan changes nothing.")
    assert not empty.can_click("Review")
    nobody = Hands.of(box, ef.widgets.cleanup_panel(client, subs.head(0)))
    nobody.says("There are no rows.")
    assert not nobody.can_click("Review")


@pytest.mark.slow
@pytest.mark.parametrize("form", ["cleanup_panel", "findings_form", "plan_review"])
def test_a_service_that_has_ended_is_told_after_confirm_and_it_can_be_stopped(form):
    with ef.Sandbox(subscribers=40, seed=5) as ended:
        hands = Hands(ended, *FORMS[form])
    if form == "plan_review":
        hands.tick("team2", on=False)
    else:
        hands.fill("Search", "Desk" if form == "findings_form" else "team")
        hands.click("Tick all")
    hands.click("Review")
    hands.click("Confirm", wait=False)
    hands.says("no response from http://127.0.0.1:", "still trying")
    hands.click("Stop")
    hands.says("Stopped. Nothing was sent.")


@pytest.mark.slow
def test_a_second_form_of_a_client_that_is_busy_says_that_it_has_to_wait(box):
    busy = "client = box.connect(workers=1)\n"
    first = Hands(box, busy + FORMS["plan_review"][0], FORMS["plan_review"][1])
    second = Hands.of(box, ef.widgets.create_form(first.space["client"]))
    first.tick("team2", on=False)
    box.set_faults(latency_s=2.0, only=["update"])
    first.click("Review")
    first.click("Confirm", wait=False)
    first.says(" of 3 rows")
    second.fill("Subscriber name", "priya08")
    second.click("Review")
    second.click("Confirm")
    second.says(f"{UNDER_WAY} {WAIT_FOR_IT}")
    assert first.form.wait(30)
    box.set_faults()
    second.click("Review")
    second.click("Confirm")
    second.says("Created priya08")
    assert first.form.results["outcome"].tolist() == ["done"] * 3


@pytest.mark.slow
def test_values_that_somebody_else_has_given_meanwhile_too_leave_nothing_to_put_on_top(box):
    box.add("team0", custom_field="old")
    hands = Hands(box, "", "ef.widgets.edit_form(client, 'team0')")
    hands.fill("Custom field", "mine")
    hands.click("Review the change")
    box.change("team0", custom_field="theirs")
    hands.click("Confirm 1 update")
    hands.says("1 conflict")
    box.change("team0", custom_field="mine")
    hands.click("Keep mine: review again")
    hands.says(VALUES_ALREADY)
    assert hands.sent() == []


@pytest.mark.slow
@pytest.mark.parametrize("form", ["cleanup_panel", "plan_review"])
def test_stop_is_obeyed_at_once_while_a_request_hangs(form):
    with ef.Sandbox(subscribers=40, seed=5) as hanging:
        hands = Hands(hanging, *FORMS[form])
        if form == "plan_review":
            hands.tick("team2", on=False)  # who is deleted, which would have to be counted
        else:
            hands.fill("Search", "team")
            hands.click("Tick all")
        hands.click("Review")
        hanging.set_faults(latency_s=25, only=["update"])
        hands.click("Confirm", wait=False)
        hands.says("no response from http://127.0.0.1:", "still trying")
        began_s = time.monotonic()
        hands.click("Stop")
        hands.says("unknown", "resume_run")
        assert time.monotonic() - began_s < 10  # the answer comes after 25 s
        hanging.set_faults()
