"""The panel for a clean-up, in a real JupyterLab."""

from playwright.sync_api import expect

TEAM = """\
names = [f"team{number:02d}" for number in range(7)]
box.add(*names, custom_field="old team", date_created="2026-01-05T10:00:00+05:30")
subs = ef.load_subscribers(client, progress=False)"""
PANEL = "ef.widgets.cleanup_panel(client, subs, max_share=1.0)"
NAMES = [f"team{number:02d}" for number in range(7)]


def search(form, text):
    form.fill("Search", text)
    form.press("Enter")


def test_ticked_rows_are_changed_after_a_review_and_the_table_follows(desk):
    form = desk.show(PANEL, before=TEAM)
    form.says("Rows 1 to 15 of 47.")
    expect(form.button("Review")).to_be_disabled()
    search(form, "team03")
    form.says("Rows 1 to 1 of 1 that match, of 47.")
    form.field("team03").click()
    search(form, "OLD TEAM")
    form.says("Rows 1 to 7 of 7 that match, of 47. 1 ticked.")
    expect(form.field("team03")).to_be_checked()  # the tick lived through another search
    expect(form.field("team02")).not_to_be_checked()
    form.click("Tick all 7 that match")
    form.says("7 ticked.")

    form.field("With the ticked rows").select_option("set inactive")
    form.click("Review")
    form.says("Plan: 0 to create, 7 to update", "form.plan", "ef.apply_plan(client, plan)")
    assert desk.sent() == []
    form.click("Confirm 7 updates")
    form.says("Updated 7 subscribers.", "7 rows: 7 done", "0 ticked.")
    assert sorted(name for call, names in desk.sent() for name in names) == NAMES
    assert {call for call, _ in desk.sent()} == {"update"}
    assert {desk.truth(name)["status"] for name in NAMES} == {"inactive"}
    expect(form.at.get_by_text("inactive", exact=True).filter(visible=True)).to_have_count(7)  # each row as it is now


def test_a_run_is_undone(desk):
    form = desk.show(PANEL, before=TEAM)
    search(form, "team0")
    form.click("Tick all 7 that match")
    form.field("With the ticked rows").select_option("clear custom field")
    form.click("Review")
    form.click("Confirm 7 updates")
    form.says("Updated 7 subscribers.")
    assert desk.truth("team00")["custom_field"] is None
    form.click("Undo this run")
    form.says("ef.plan_undo(client,", "'old team'")
    form.click("Confirm 7 updates")
    form.says("Updated 7 subscribers.")
    assert {desk.truth(name)["custom_field"] for name in NAMES} == {"old team"}
    assert len(form.results()) == 14
    search(form, "old team")
    form.says("of 7 that match")


def test_deleting_asks_for_the_number(desk):
    form = desk.show(PANEL, before=TEAM)
    form.field("team00").click()
    form.field("team05").click()
    form.says("2 ticked.")
    form.field("With the ticked rows").select_option("delete")
    form.click("Review")
    form.says("2 to DELETE for good", "max_deletes=2")
    number = form.field("To delete 2 subscribers for good, type 2")
    number.press_sequentially("7")
    expect(form.button("Confirm 2 deletes")).to_be_disabled()
    number.press("Backspace")
    number.press_sequentially("2")
    form.click("Confirm 2 deletes")
    form.says("Deleted 2 subscribers.", "Rows 1 to 15 of 45.")
    assert sorted(desk.sent()) == [["delete", ["team00"]], ["delete", ["team05"]]]
    expect(form.field("team00")).to_have_count(0)


def test_another_tick_takes_the_question_away(desk):
    form = desk.show(PANEL, before=TEAM)
    form.field("team00").click()
    form.click("Review")
    form.says("Plan: 0 to create, 1 to update")
    form.field("team01").click()
    expect(form.at.get_by_role("button", name="Confirm")).to_have_count(0)
    assert desk.sent() == []


def test_what_somebody_else_changed_meanwhile_is_a_conflict_and_stays_ticked(desk):
    form = desk.show(PANEL, before=TEAM)
    form.field("team00").click()
    form.field("team01").click()
    form.click("Review")
    desk.kernel.value("box.change('team01', custom_field='theirs')")
    form.click("Confirm 2 updates")
    form.says("1 done", "1 conflict", "theirs", "1 ticked.")
    expect(form.field("team01")).to_be_checked()
    assert desk.sent() == [["update", ["team00"]]]


def test_a_subscriber_who_is_not_there_is_a_conflict_and_nothing_is_sent(desk):
    form = desk.show(PANEL, before=TEAM + '\nsubs.loc[0, "subscriber_name"] = "no name"')
    form.field("no name").click()
    form.click("Review")
    form.says("no name")
    form.at.get_by_role("button", name="Confirm").click()
    form.says("1 conflict", "no name", "1 ticked.")
    assert desk.sent() == []


def test_rows_are_ticked_and_confirmed_by_keyboard_alone(desk):
    form = desk.show(PANEL, before=TEAM)
    form.field("Search").focus()
    form.press(*"team04", "Enter")
    form.says("Rows 1 to 1 of 1 that match")
    form.tab_to("team04")
    form.press("Space")
    expect(form.button("Review")).to_be_enabled()
    form.tab_to("Review")
    form.press("Enter")
    form.says("1 to update")
    form.tab_to("Confirm 1 update")
    form.press("Enter")
    form.says("Updated team04: it is inactive")
    assert desk.sent() == [["update", ["team04"]]]


def test_a_hundred_thousand_rows_are_counted_whole_and_any_of_them_is_found(desk):
    many = """subs = conform(pd.DataFrame({"subscriber_name": [f"s{n}" for n in range(100_000)], "status": "active",
    "custom_field": "x", "date_created": None, "date_updated": None}), "subscribers")"""
    form = desk.show("ef.widgets.cleanup_panel(client, subs)", before=many)
    form.says("Rows 1 to 15 of 100,000.")
    search(form, "s99999")
    form.says("Rows 1 to 1 of 1 that match, of 100,000.")
    expect(form.field("s99999")).to_be_visible()
    search(form, "")
    form.click("Tick all 100,000")
    form.says("100,000 ticked.")
    form.click("Next page")
    form.says("Rows 16 to 30 of 100,000.")
    expect(form.field("s16")).to_be_checked()
    assert desk.sent() == []
