"""The form that changes or deletes one subscriber, in a real JupyterLab."""

from playwright.sync_api import expect

from tests.widgets.wording import no_such_subscriber

ADD = "box.add('priya07', custom_field='night', date_created='2026-01-05T10:00:00+05:30')"
EDIT = "ef.widgets.edit_form(client, 'priya07')"


def test_a_subscriber_is_looked_up_with_enter_and_changed(desk):
    form = desk.show("ef.widgets.edit_form(client)", before=ADD)
    form.fill("Subscriber name", "priya07")
    form.press("Enter")
    form.says("priya07: created 20")
    expect(form.field("Custom field")).to_have_value("night")
    expect(form.button("Review the change")).to_be_disabled()  # nothing is changed yet

    form.field("Status").select_option("inactive")
    form.click("Review the change")
    form.says("Plan: 0 to create, 1 to update", "'subscriber_name': ['priya07'], 'status': ['inactive']}")
    assert desk.sent() == []
    form.click("Confirm 1 update")
    form.says("Updated priya07: it is inactive, custom_field 'night'.")
    assert desk.sent() == [["update", ["priya07"]]]
    assert desk.truth("priya07")["status"] == "inactive"
    assert desk.truth("priya07")["custom_field"] == "night"
    assert form.results() == [["priya07", "update", "done"]]


def test_a_change_of_somebody_else_meanwhile_is_a_conflict_and_theirs_can_be_taken(desk):
    form = change_meanwhile(desk)
    form.click("Take theirs")
    expect(form.field("Custom field")).to_have_value("theirs")
    expect(form.button("Review the change")).to_be_disabled()
    assert desk.truth("priya07")["custom_field"] == "theirs"
    assert desk.sent() == []


def test_after_a_conflict_mine_is_put_on_top_when_it_is_confirmed_again(desk):
    form = change_meanwhile(desk)
    form.click("Keep mine: review again")
    form.says("'theirs' → 'mine'")
    form.click("Confirm 1 update")
    form.says("Updated priya07: it is active, custom_field 'mine'.")
    assert desk.sent() == [["update", ["priya07"]]]
    assert form.results() == [["priya07", "update", "conflict"], ["priya07", "update", "done"]]


def change_meanwhile(desk):
    form = desk.show(EDIT, before=ADD)
    expect(form.field("Custom field")).to_have_value("night")
    form.fill("Custom field", "mine")
    form.click("Review the change")
    form.says("'night' → 'mine'")
    desk.kernel.value("box.change('priya07', custom_field='theirs')")
    form.click("Confirm 1 update")
    form.says("1 row: 1 conflict", "theirs")
    return form


def test_a_subscriber_is_deleted_only_when_its_name_is_typed(desk):
    form = desk.show(EDIT, before=ADD)
    form.click("Delete …")
    form.says("1 to DELETE for good", "max_deletes=1")
    word = form.field("To delete priya07 for good, type its name")
    expect(form.button("Confirm 1 delete")).to_be_disabled()
    word.press_sequentially("priya0")
    expect(form.button("Confirm 1 delete")).to_be_disabled()
    word.press_sequentially("7")
    form.click("Confirm 1 delete")
    form.says("Deleted priya07.")
    expect(form.button("Review the change")).to_be_hidden()
    assert desk.sent() == [["delete", ["priya07"]]]
    assert desk.truth("priya07") is None


def test_a_name_that_nobody_has_and_one_that_nobody_can_have_are_told(desk):
    form = desk.show("ef.widgets.edit_form(client)")
    form.fill("Subscriber name", "nobody99")
    form.click("Look up")
    form.says("There is no subscriber nobody99.")
    form.fill("Subscriber name", "no body")
    form.says(desk.kernel.value("ef.validate_names(['no body'])['message'][0]"))
    form.click("Look up")
    form.says(no_such_subscriber("no body"))  # it may exist
    form.fill("Subscriber name", "..")
    expect(form.button("Look up")).to_be_disabled()


def test_an_update_whose_answer_is_lost_is_looked_up_and_told_as_done(desk):
    form = desk.show(EDIT, before=ADD)
    expect(form.field("Custom field")).to_have_value("night")
    form.fill("Custom field", "day")
    form.click("Review the change")
    desk.faults_are(drop_after=1, only=["update"], limit=1)
    form.click("Confirm 1 update")
    form.says("Updated priya07: it is active, custom_field 'day'.")
    assert desk.sent() == [["update", ["priya07"]]]


def test_a_refusal_of_the_service_is_told_with_its_words(desk):
    form = desk.show(EDIT, before=ADD)
    form.click("Delete …")
    form.field("To delete priya07 for good, type its name").press_sequentially("priya07")
    desk.kernel.value("box.remove('priya07')")
    form.click("Confirm 1 delete")
    form.says("1 row: 1 ")
    assert form.results() != [["priya07", "delete", "done"]]
    assert desk.sent() == []


def test_a_subscriber_is_changed_by_keyboard_alone(desk):
    form = desk.show("ef.widgets.edit_form(client)", before=ADD)
    form.field("Subscriber name").focus()
    form.press(*"priya07", "Enter")
    form.says("priya07: created 20")
    form.tab_to("Status")
    form.press("ArrowDown")
    form.tab_to("Review the change")
    form.press("Enter")
    form.says("Plan: 0 to create, 1 to update")
    form.tab_to("Confirm 1 update")
    form.press("Space")
    form.says("Updated priya07: it is inactive")
    assert desk.sent() == [["update", ["priya07"]]]
