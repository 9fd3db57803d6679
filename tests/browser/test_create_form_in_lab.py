"""The form that creates a subscriber, in a real JupyterLab."""

from playwright.sync_api import expect

from tests.widgets.wording import TOKEN_TOO

CREATE = "ef.widgets.create_form(client)"


def test_a_subscriber_is_created_when_it_was_reviewed_and_confirmed(desk):
    form = desk.show(CREATE)
    form.fill("Subscriber name", "priya07")
    form.fill("Custom field", "support")
    form.click("Review")
    form.says("Plan: 1 to create", "ef.create_subscribers(client, pd.DataFrame(")
    assert desk.sent() == []

    form.click("Confirm 1 create")
    form.says("Created priya07: it is active, custom_field 'support'.", "1 row: 1 done")
    assert desk.sent() == [["create", ["priya07"]]]
    assert desk.truth("priya07")["custom_field"] == "support"
    assert form.results() == [["priya07", "create", "done"]]
    expect(form.field("Subscriber name")).to_have_value("")  # there is room for the next one


def test_what_is_wrong_with_a_name_is_said_as_it_is_typed(desk):
    form = desk.show(CREATE)
    expect(form.button("Review")).to_be_disabled()
    form.fill("Subscriber name", "priya 07")
    form.says(desk.kernel.value("ef.validate_names(['priya 07'])['message'][0]"))
    expect(form.button("Review")).to_be_disabled()
    form.press("Backspace", "Backspace", "Backspace")
    expect(form.button("Review")).to_be_enabled()
    expect(form.at.get_by_role("alert")).to_have_count(0)
    assert desk.sent() == []


def test_a_name_that_exists_is_told_with_the_way_to_change_it(desk):
    form = desk.show(CREATE, before="box.add('priya07', status='inactive', custom_field='night')")
    form.fill("Subscriber name", "priya07")
    form.click("Review")
    form.says("priya07 exists already: inactive, custom field 'night'.", "ef.widgets.edit_form(client, 'priya07')")
    expect(form.at.get_by_role("button", name="Confirm")).to_have_count(0)
    assert desk.sent() == []


def test_an_answer_that_is_lost_ends_as_done_and_nothing_is_created_twice(desk):
    form = desk.show(CREATE)
    form.fill("Subscriber name", "priya07")
    form.click("Review")
    desk.faults_are(drop_after=1, only=["create"], limit=1)
    form.click("Confirm 1 create")
    form.says("Created priya07", "1 row: 1 done")
    assert desk.sent() == [["create", ["priya07"]]]


def test_a_double_click_on_confirm_sends_once(desk):
    form = desk.show(CREATE)
    form.fill("Subscriber name", "priya07")
    form.click("Review")
    form.button("Confirm 1 create").dblclick()
    form.says("Created priya07")
    assert desk.sent() == [["create", ["priya07"]]]
    assert len(form.results()) == 1


def test_a_service_that_fails_is_told_in_a_sentence_before_anything_is_sent(desk):
    form = desk.show(CREATE, before="client = box.connect(timeout_s=0.5)")
    desk.kernel.value("box.stop()")
    form.fill("Subscriber name", "priya07")
    form.click("Review")
    form.says("No connection to http://127.0.0.1", "Nothing was sent: try again")
    expect(form.button("Review")).to_be_enabled()
    assert desk.sent() == []


def test_a_token_is_made_at_once_when_that_is_wanted(desk):
    form = desk.show(CREATE)
    form.fill("Subscriber name", "priya07")
    form.field(TOKEN_TOO).click()
    form.field("Platform").select_option("ios")
    expect(form.button("Review")).to_be_disabled()  # no device yet
    form.fill("Device id", "phone1")
    form.click("Review")
    form.click("Confirm 1 create and its token")
    form.says("Created priya07", "Access token of priya07: •••, until 20")
    assert desk.sent() == [["create", ["priya07"]], ["token", ["priya07"]]]
    assert desk.kernel.value("form.tokens[['platform', 'device_id', 'outcome']].values.tolist()") == [
        ["ios", "phone1", "done"]
    ]


def test_a_subscriber_is_created_by_keyboard_alone(desk):
    form = desk.show(CREATE)
    form.field("Subscriber name").focus()
    form.press(*"priya07", "Tab")
    assert form.focus() == "Status"
    form.press("ArrowDown", "Tab")
    assert form.focus() == "Custom field"
    form.press(*"night", "Tab", "Tab")
    assert form.focus() == "Review"
    form.press("Space")
    form.says("Plan: 1 to create")
    form.tab_to("Confirm 1 create")
    form.press("Enter")
    form.says("Created priya07: it is inactive, custom_field 'night'.")
    assert [call for call, _ in desk.sent()] == ["create", "update"]  # a POST has no status


def test_a_look_that_takes_long_can_be_stopped(desk):
    form = desk.show(CREATE)
    desk.faults_are(error_before=1, only=["get"])
    form.fill("Subscriber name", "priya07")
    form.click("Review")
    form.click("Stop")
    form.says("Stopped. Nothing was sent.")
    expect(form.button("Review")).to_be_enabled()
    assert desk.sent() == []


def test_keys_in_a_form_do_nothing_to_the_notebook(desk):
    form = desk.show(CREATE)
    form.field("Status").focus()
    form.press("d", "d", "b", "ArrowDown", "Shift+Enter")
    assert form.focus() == "Status"
    expect(form.field("Status")).to_have_value("inactive")
    assert desk.page.evaluate("window.jupyterapp.shell.currentWidget.content.widgets.length") == 1
    expect(form.at).to_be_visible()


def test_a_click_waits_for_the_letters_that_are_on_their_way(desk):
    slow = "\n".join(
        [
            "import time",
            "parts = lambda at: [at, *[each for child in getattr(at, 'children', ()) for each in parts(child)]]",
            f"form = {CREATE}",
            "(field,) = [part for part in parts(form) if getattr(part, 'description', '') == 'Custom field']",
            "field.observe(lambda change: time.sleep(1), 'value')  # as on a way of one second",
        ]
    )
    form = desk.show("form", before=slow)
    form.fill("Subscriber name", "priya07")
    form.fill("Custom field", "support")
    form.button("Review").click()
    form.says("Plan: 1 to create", "'support'")
    form.click("Confirm 1 create")
    form.says("Created priya07: it is active, custom_field 'support'.")
    assert desk.truth("priya07")["custom_field"] == "support"
