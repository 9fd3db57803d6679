"""Values that look like markup or mathematics are shown as they are, in every form, and run nothing."""

from playwright.sync_api import expect

EVIL = '"><script><img src=x onerror=hit=1>$x^2$'
BOX = f"evil = {EVIL!r}\nbox.add('mallory', custom_field=evil, date_created='2026-01-05T10:00:00+05:30')"
FRAME = f"""{BOX}
subs = ef.load_subscribers(client, progress=False)
subs.loc[len(subs)] = {{**subs.iloc[0].to_dict(), "subscriber_name": evil, "status": evil, "custom_field": "named"}}"""
CONTROL = "ipywidgets.HTMLMath('$x^2$')"


def is_harmless(form):
    """Nothing ran, nothing became an element, and no mathematics was set though the page can set it."""
    page = form.desk.page
    assert page.evaluate("window.hit") is None
    assert form.at.locator("img, script").count() == 0
    form.desk.kernel.value("form.children[0].__class__.__name__")
    assert form.at.locator("mjx-container, .MathJax").count() == 0
    return True


def test_mathematics_is_set_where_it_is_wanted(desk):
    desk.run(f"import ipywidgets\n{CONTROL}")
    expect(
        desk.page.locator(".jp-OutputArea-output mjx-container, .jp-OutputArea-output .MathJax").first
    ).to_be_attached()


def test_the_create_form_shows_markup_as_it_is(desk):
    form = desk.show("ef.widgets.create_form(client)", before=BOX)
    form.field("Subscriber name").fill(EVIL)
    form.says("<script>")
    form.field("Subscriber name").fill("priya07")
    form.field("Custom field").fill(EVIL)
    form.click("Review")
    form.says(EVIL)
    assert is_harmless(form)
    form.click("Confirm 1 create")
    form.says("Created priya07", EVIL)
    assert is_harmless(form)
    assert desk.truth("priya07")["custom_field"] == EVIL
    form.field("Subscriber name").fill("mallory")
    form.click("Review")
    form.says("mallory exists already", "$x^2$")
    assert is_harmless(form)


def test_the_edit_form_shows_markup_as_it_is(desk):
    form = desk.show("ef.widgets.edit_form(client, 'mallory')", before=BOX)
    expect(form.field("Custom field")).to_have_value(EVIL)
    form.field("Custom field").fill(EVIL[1:])
    form.click("Review the change")
    form.says(EVIL)
    desk.kernel.value("box.change('mallory', custom_field=evil + 'theirs')")
    form.click("Confirm 1 update")
    form.says("1 conflict", "theirs")
    assert is_harmless(form)
    form.click("Keep mine: review again")
    form.click("Confirm 1 update")
    form.says("Updated mallory", EVIL[1:])
    form.field("Subscriber name").fill(EVIL)
    form.says("<script>")
    assert is_harmless(form)


def test_the_panel_shows_markup_as_it_is_in_names_too(desk):
    form = desk.show("ef.widgets.cleanup_panel(client, subs)", before=FRAME)
    form.fill("Search", "script")
    form.press("Enter")
    form.says("Rows 1 to 2 of 2 that match", EVIL)
    expect(form.field(EVIL)).to_be_visible()
    assert is_harmless(form)
    form.click("Tick all 2 that match")
    form.click("Review")
    form.says("Plan:")
    assert is_harmless(form)
    form.at.get_by_role("button", name="Confirm").click()
    form.says("1 done, 1 conflict")  # nobody has such a name
    assert is_harmless(form)
    assert desk.sent() == [["update", ["mallory"]]]


def test_the_plan_review_shows_markup_as_it_is(desk):
    plan = f"{BOX}\nplan = ef.plan_changes(ef.load_subscribers(client, progress=False), pd.DataFrame("
    plan += "{'subscriber_name': ['mallory'], 'custom_field': [evil + '2']}))\nplan['note'] = evil"
    form = desk.show("ef.widgets.plan_review(client, plan)", before=plan)
    form.says(f"'{EVIL}'")
    assert is_harmless(form)
    form.click("Review")
    form.says("Plan: 0 to create, 1 to update")
    form.click("Confirm 1 update")
    form.says("Updated mallory")
    form.click("Undo this run")
    form.says("ef.plan_undo(client,")
    assert is_harmless(form)


def test_the_token_form_shows_markup_as_it_is(desk):
    form = desk.show("ef.widgets.token_form(client)", before=BOX)
    form.field("Subscriber name").fill(EVIL)
    form.says("<script>")
    form.field("Subscriber name").fill("mallory")
    form.field("Device id").fill(EVIL)
    form.click("Review")
    form.says(EVIL)
    form.click("Confirm 1 token")
    form.says("Access token of mallory")
    assert is_harmless(form)
