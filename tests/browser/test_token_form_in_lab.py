"""The form that makes a device's token, in a real JupyterLab: the tokens stand nowhere but where they are wanted."""

import json

from playwright.sync_api import expect

TOKENS = "ef.widgets.token_form(client)"
ADD = "box.add('priya07'); box.add('paul', status='inactive')"


def made(desk):
    form = desk.show(TOKENS, before=ADD)
    form.fill("Subscriber name", "priya07")
    form.fill("Device id", "phone1")
    form.click("Review")
    form.says("Make an access token (valid for 30 minutes)", "ef.create_tokens(client, pd.DataFrame(")
    assert desk.sent() == []
    form.click("Confirm 1 token")
    form.says("Access token of priya07: •••, until 20", "Refresh token of priya07: •••, until 20")
    return form


def secret(desk, kind):
    text = desk.kernel.value(f"form.results['{kind}'].iloc[0].reveal()")
    assert text.count(".") == 2
    return text


def test_a_token_is_made_masked_and_copied_to_the_clipboard(desk):
    form = made(desk)
    assert desk.sent() == [["token", ["priya07"]]]
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for words, kind in (("Copy access token", "access_token"), ("Copy refresh token", "refresh_token")):
        form.click(words)
        expect(form.at.get_by_text("Copied.")).to_have_count(1 if kind == "access_token" else 2)
        assert desk.page.evaluate("navigator.clipboard.readText()") == secret(desk, kind)


def test_a_token_stands_neither_in_the_page_nor_in_the_saved_notebook(desk):
    form = made(desk)
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    form.click("Copy access token")
    expect(form.at.get_by_text("Copied.")).to_be_visible()
    saved = desk.saved()
    state = json.loads(saved)["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    assert "Copy access token" in json.dumps(state)
    for kind in ("access_token", "refresh_token"):
        assert "•••" in form.dumped()
        assert secret(desk, kind) not in form.dumped()
        assert secret(desk, kind) not in saved


def test_no_token_is_made_for_a_suspended_or_unknown_subscriber_and_that_is_told(desk):
    form = desk.show(TOKENS, before=ADD)
    form.fill("Device id", "phone1")
    for name, why in (("paul", "Authorization failed"), ("nobody99", "Not Found")):
        form.fill("Subscriber name", name)
        form.click("Review")
        form.click("Confirm 1 token")
        form.says(f"No token was made (rejected): {why}")
        expect(form.at.get_by_role("button", name="Copy")).to_have_count(0)


def test_what_is_wrong_with_a_device_is_said_as_it_is_typed(desk):
    form = desk.show(TOKENS)
    form.fill("Subscriber name", "pri ya")
    form.says(desk.kernel.value("ef.validate_names(['pri ya'])['message'][0]"))
    expect(form.button("Review")).to_be_disabled()
    form.fill("Subscriber name", "priya07")
    expect(form.at.get_by_role("alert")).to_have_count(0)
    expect(form.button("Review")).to_be_disabled()  # no device yet
    form.fill("Device id", " ")
    expect(form.at.get_by_role("alert")).to_be_visible()
    expect(form.button("Review")).to_be_disabled()


def test_an_answer_that_is_lost_is_told_as_unknown_and_no_token_is_shown(desk):
    form = desk.show(TOKENS, before=ADD)
    form.fill("Subscriber name", "priya07")
    form.fill("Device id", "phone1")
    form.click("Review")
    desk.faults_are(drop_after=1, only=["token"])
    form.click("Confirm 1 token")
    form.says("No token was made")
    expect(form.at.get_by_role("button", name="Copy")).to_have_count(0)


def test_a_token_is_made_by_keyboard_alone(desk):
    form = desk.show(TOKENS, before=ADD)
    form.field("Subscriber name").focus()
    form.press(*"priya07", "Tab")
    assert form.focus() == "Platform"
    form.press("ArrowDown", "Tab", *"phone1")
    expect(form.button("Review")).to_be_enabled()
    form.press("Tab")
    assert form.focus() == "Review"
    form.press("Enter")
    form.says("priya07 on ios, device phone1")
    form.tab_to("Confirm 1 token")
    form.press("Enter")
    form.says("Access token of priya07: •••")
    form.tab_to("Copy access token")
    assert desk.sent() == [["token", ["priya07"]]]
