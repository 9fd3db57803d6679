"""The form that creates a subscriber, in a real JupyterLab."""

from playwright.sync_api import expect


def test_a_subscriber_is_created_when_it_was_reviewed_and_confirmed(desk):
    form = desk.show("ef.widgets.create_form(client)")
    form.fill("Subscriber name", "priya07")
    form.fill("Custom field", "support")
    form.click("Review")
    form.says("Plan: 1 to create", "ef.create_subscribers(client, pd.DataFrame(")
    assert desk.sent() == []
    form.picture("create_asked_light")
    form.click("Confirm 1 create")
    form.says("Created priya07", "1 row: 1 done")
    assert desk.sent() == [["create", ["priya07"]]]
    assert desk.truth("priya07")["custom_field"] == "support"
    form.picture("create_done_light")
