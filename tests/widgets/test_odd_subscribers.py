"""Forms take whoever exists: names that nobody could create, a status of the service's own."""

from __future__ import annotations

import pytest

import exotel_frames as ef
from tests.operations.test_odd_names import by_hand
from tests.widgets.test_widgets import click, field


@pytest.fixture
def box():
    with ef.Sandbox(subscribers=8, behavior={"tenant_status": "odd"}) as box:
        box.add("amit_k", custom_field="support")
        yield box


def state(box):
    return {row["subscriber_name"]: (row["status"], row["custom_field"]) for row in box.subscribers()}


def test_a_name_that_nobody_could_create_is_looked_up_changed_and_deleted(box):
    form = ef.widgets.edit_form(box.connect())
    field(form, "Subscriber name").value = "amit_k"
    click(form, "Look up")
    field(form, "Status").value = "inactive"
    click(form, "Review the change")
    click(form, "Confirm 1 update")
    assert state(box)["amit_k"] == ("inactive", "support")
    click(form, "Delete …")
    field(form, "To delete amit_k for good, type its name").value = "amit_k"
    click(form, "Confirm 1 delete")
    assert "amit_k" not in state(box)


def test_a_status_of_the_services_own_is_no_reason_to_refuse_a_change(box):
    odd = next(row["subscriber_name"] for row in box.subscribers() if row["status"] == "suspended")
    form = ef.widgets.edit_form(box.connect(), odd)
    assert form.wait(30)
    field(form, "Status").value = "inactive"
    click(form, "Review the change")
    click(form, "Confirm 1 update")
    assert state(box)[odd][0] == "inactive"


def test_a_plan_by_hand_for_a_name_that_nobody_could_create_is_reviewed_if_somebody_has_it(box):
    client = box.connect()
    plan = by_hand([{"subscriber_name": "amit_k", "action": "update", "status": "inactive"}])
    form = ef.widgets.plan_review(client, plan)
    click(form, "Review")
    click(form, "Confirm 1 update")
    assert state(box)["amit_k"][0] == "inactive"
    with pytest.raises(ef.ValidationError, match="no_body"):
        ef.widgets.plan_review(client, plan.assign(subscriber_name="no_body"))


def test_a_token_is_made_for_a_name_that_nobody_could_create(box):
    form = ef.widgets.token_form(box.connect())
    field(form, "Subscriber name").value = "amit_k"
    field(form, "Device id").value = "d1"
    click(form, "Review")
    click(form, "Confirm 1 token")
    assert form.tokens["outcome"].tolist() == ["done"]
