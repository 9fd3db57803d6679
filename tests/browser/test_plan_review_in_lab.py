"""The review of a plan, in a real JupyterLab."""

from playwright.sync_api import expect

from tests.widgets.wording import STOPPED

PLAN = """\
box.add(*[f"team{number:02d}" for number in range(6)], custom_field="old", date_created="2026-01-05T10:00:00+05:30")
subs = ef.load_subscribers(client, progress=False)
desired = pd.DataFrame({
    "subscriber_name": ["priya07", *[f"team{number:02d}" for number in range(4)], "team05"],
    "custom_field": ["new", "new", "new", "new", "new", None],
    "action": [None, None, None, None, None, "delete"],
})
plan = ef.plan_changes(subs, desired)"""
REVIEW = "ef.widgets.plan_review(client, plan)"


def test_what_stays_ticked_is_done_after_the_review(desk):
    form = desk.show(REVIEW, before=PLAN)
    form.says("Ticked: 1 create, 4 updates and 1 delete.")
    form.field("team05").click()
    form.field("team02").click()
    form.says("Ticked: 1 create and 3 updates.")
    form.click("Review")
    form.says("Plan: 1 to create, 3 to update, 0 to delete", "~plan.subscriber_name.isin(['team02', 'team05'])")
    assert desk.sent() == []
    form.click("Confirm 1 create and 3 updates")
    form.says("Created priya07", "Updated 3 subscribers.", "4 rows: 4 done", "Nothing is ticked")
    assert sorted(name for _, names in desk.sent() for name in names) == ["priya07", "team00", "team01", "team03"]
    assert desk.truth("team02")["custom_field"] == "old"
    assert desk.truth("team05") is not None


def test_a_delete_is_confirmed_by_its_number_and_undone(desk):
    form = desk.show(REVIEW, before=PLAN)
    form.click("Untick all 6")
    expect(form.field("team05")).not_to_be_checked()  # else the click would take the old tick away
    form.field("team05").click()
    form.click("Review")
    form.field("To delete 1 subscriber for good, type 1").press_sequentially("1")
    form.click("Confirm 1 delete")
    form.says("Deleted team05.")
    assert desk.truth("team05") is None
    form.click("Undo this run")
    form.says("1 to create", "lossy")
    form.click("Confirm 1 create")
    form.says("Created team05: it is active, custom_field 'old'.")
    assert [call for call, _ in desk.sent()] == ["delete", "create"]
    assert desk.truth("team05")["custom_field"] == "old"


def test_more_than_the_limit_is_refused_with_the_arithmetic_and_the_limit_can_be_raised(desk):
    half = """\
subs = ef.load_subscribers(client, progress=False)
plan = ef.plan_changes(subs, subs[["subscriber_name"]].head(20).assign(custom_field="new"))"""
    form = desk.show(REVIEW, before=half)
    form.click("Review")
    form.click("Confirm 20 updates")
    form.says("changes 20 of 40", "max_share is 30 %", "Nothing was sent.", "above, and confirm again")
    assert desk.sent() == []
    form.fill("May change at most (%)", "50")
    form.click("Confirm 20 updates")
    form.says("20 rows: 20 done")
    assert len(desk.sent()) == 20


def test_a_slow_run_is_stopped_and_goes_on_with_the_rest(desk):
    slow = """\
client = box.connect(workers=1)
subs = ef.load_subscribers(client, progress=False)
plan = ef.plan_changes(subs, subs[["subscriber_name"]].assign(custom_field="new"))"""
    form = desk.show("ef.widgets.plan_review(client, plan, max_share=1.0)", before=slow)
    desk.faults_are(latency_s=0.05, only=["update"])
    form.click("Review")
    form.click("Confirm 40 updates")
    form.says(" of 40 rows. ", " done")
    form.click("Stop")
    form.says(STOPPED, "not_sent")
    done = len(desk.sent())
    assert 1 <= done < 40
    desk.faults_are()
    form.click("Go on with the rest")
    form.says("40 rows: 40 done")
    assert sorted(name for _, names in desk.sent() for name in names) == sorted(
        desk.kernel.value("plan['subscriber_name'].tolist()")
    )
    assert [outcome for _, _, outcome in form.results()] == ["done"] * 40


def test_rows_in_conflict_are_not_ticked_and_one_can_be_decided(desk):
    conflict = f"{PLAN}\nplan.loc[plan.subscriber_name == 'team00', ['conflict', 'note']] = [True, 'set by two people']"
    form = desk.show(REVIEW, before=conflict)
    form.says("CONFLICT (update)", "set by two people", "1 row in conflict: tick one to apply it as planned.")
    expect(form.field("team00")).not_to_be_checked()
    form.click("Untick all 6")
    expect(form.field("team01")).not_to_be_checked()
    form.field("team00").click()
    form.click("Review")
    form.says("chosen.assign(conflict=False)")
    form.click("Confirm 1 update")
    form.says("Updated team00")
    assert desk.sent() == [["update", ["team00"]]]


def test_a_service_that_fails_half_way_leaves_a_sentence_and_the_rest(desk):
    form = desk.show(REVIEW, before=f"client = box.connect(timeout_s=0.5)\n{PLAN}")
    form.field("team05").click()
    form.click("Review")
    desk.kernel.value("box.stop()")
    form.click("Confirm 1 create and 4 updates")
    form.says("No connection to http://127.0.0.1")
    assert desk.sent() == []
    expect(form.button("Review")).to_be_enabled()


def test_a_plan_is_reviewed_by_keyboard_alone(desk):
    form = desk.show(REVIEW, before=PLAN)
    form.field("Search names").focus()
    form.tab_to("team05")
    form.press("Space")
    form.says("Ticked: 1 create and 4 updates.")
    form.tab_to("Review")
    form.press("Enter")
    form.says("Plan: 1 to create, 4 to update")
    form.tab_to("Confirm 1 create and 4 updates")
    form.press("Enter")
    form.says("5 rows: 5 done")
    assert desk.truth("team05") is not None
