"""Every form in light and dark, wide and narrow: nothing cut, nothing faint; and a picture of each to look at."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.desk import NARROW, SIZE, TALL
from tests.browser.looks import CONTRAST_MIN, CROOKED, CUT, FAINT
from tests.widgets.wording import TOKEN_TOO

LONG = "a long remark about this one: moved from the night team to the support desk in March, ask Meera before changing"
TENANT = f"""\
old = "2026-01-05T10:00:00+05:30"
box.add(*[f"team{{number:02d}}" for number in range(6)], custom_field="support / Mumbai", date_created=old)
box.add("WWWWWWWWWWWWWWWW", custom_field={LONG!r}, date_created=old)
subs = ef.load_subscribers(client, progress=False)
plan = ef.plan_changes(subs, pd.DataFrame({{
    "subscriber_name": ["priya07", "team00", "team01", "WWWWWWWWWWWWWWWW", "team05"],
    "custom_field": ["support / Pune", "support / Pune", "support / Pune", "short", None],
    "action": [None, None, None, None, "delete"],
}}))
plan.loc[plan.subscriber_name == "team01", ["conflict", "note"]] = [True, "Meera has set it to 'sales' since then."]"""


@pytest.fixture
def looks(desk):
    """Look at a form in both themes and two widths; the desk is as before afterwards."""

    def look(form, name):
        faults = []
        for theme in ("light", "dark"):
            desk.theme(f"JupyterLab {theme.title()}")
            for width, size in (("wide", TALL), ("narrow", NARROW)):
                desk.page.set_viewport_size(size)
                form.picture(f"{name}_{theme}" if width == "wide" else f"{name}_{theme}_{width}")
                faults += [f"{theme}, {width}: cut: {found}" for found in form.at.evaluate(CUT)]
                faults += [f"{width}: crooked: {found}" for found in form.at.evaluate(CROOKED)]
                faults += [f"{theme}: faint: {found}" for found in form.at.evaluate(FAINT, CONTRAST_MIN)]
            desk.page.set_viewport_size(SIZE)
        assert faults == []

    desk.page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
    yield look
    desk.page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
    desk.page.set_viewport_size(SIZE)
    desk.theme("JupyterLab Light")


def test_faint_and_cut_texts_are_found(desk):
    desk.run("""import ipywidgets
ipywidgets.VBox([ipywidgets.HTML("<b style='color:#999;background:#fff'>faint</b>"),
                 ipywidgets.Button(description="a word that has no room", layout={"width": "4em"})])""")
    box = desk.page.locator(".jp-OutputArea-output .widget-vbox").first
    expect(box).to_be_visible()
    assert [found.partition(":")[0] for found in box.evaluate(FAINT, CONTRAST_MIN)] == ["faint"]
    assert [found.partition(": ")[2] for found in box.evaluate(CUT)] == ["a word that has no room"]


def test_the_create_form_is_legible(desk, looks):
    form = desk.show("ef.widgets.create_form(client)")
    form.fill("Subscriber name", "priya 07")
    looks(form, "create_invalid")
    form.fill("Subscriber name", "priya07")
    form.fill("Custom field", "support / Pune")
    form.field(TOKEN_TOO).click()
    form.fill("Device id", "2fc4b5912826ad1")
    form.click("Review")
    form.says("Plan: 1 to create")
    looks(form, "create_form")
    form.click("Confirm 1 create and its token")
    form.says("Access token of priya07")
    looks(form, "create_done")


def test_the_edit_form_is_legible(desk, looks):
    form = desk.show("ef.widgets.edit_form(client, 'WWWWWWWWWWWWWWWW')", before=TENANT)
    form.fill("Custom field", "short")
    form.click("Review the change")
    form.says("Plan: 0 to create, 1 to update")
    looks(form, "edit_form")
    desk.kernel.value("box.change('WWWWWWWWWWWWWWWW', status='inactive')")
    form.click("Confirm 1 update")
    form.says("1 row: 1 conflict")
    looks(form, "edit_conflict")
    form.click("Take theirs")
    expect(form.field("Status")).to_have_value("inactive")
    form.click("Delete …")
    form.says("To delete WWWWWWWWWWWWWWWW for good")
    looks(form, "edit_delete")


def test_the_panel_is_legible(desk, looks):
    form = desk.show("ef.widgets.cleanup_panel(client, subs, max_share=1.0)", before=TENANT)
    form.field("WWWWWWWWWWWWWWWW").click()
    form.field("team05").click()
    form.field("With the ticked rows").select_option("set custom field")
    form.fill("New custom field", "support / Pune")
    form.click("Review")
    form.says("Plan: 0 to create, 2 to update")
    looks(form, "cleanup_panel")


def test_the_form_of_findings_is_legible(desk, looks):
    dirt = f"""
box.add("Desk14", "desk14", "007", "7", "GateO1", "Gate01", custom_field="Front Desk", date_created=old)
box.add("Porter", custom_field="FRONT-DESK")
box.add("Longfield", custom_field={LONG.upper()!r})
box.add("Longfield2", custom_field={LONG!r})
subs = ef.load_subscribers(client, progress=False)
"""
    form = desk.show("ef.widgets.findings_form(client, subs, stale_days=365)", before=TENANT + dirt)
    form.says("2 with a safe fix")
    looks(form, "findings_form")
    form.field("field_variant").click()
    form.says("Ticked: ")
    form.click("Review")
    form.says("to update, 0 to delete")
    looks(form, "findings_asked")
    desk.kernel.value("box.remove('Porter')")
    form.click(form.at.get_by_role("button", name=re.compile("^Confirm")).inner_text())
    form.says("1 conflict")
    looks(form, "findings_done")


def test_the_plan_review_is_legible(desk, looks):
    form = desk.show("ef.widgets.plan_review(client, plan)", before=TENANT)
    form.says("Ticked: 1 create, 2 updates and 1 delete.")
    looks(form, "plan_review")
    form.click("Review")
    form.field("To delete 1 subscriber for good, type 1").press_sequentially("1")
    form.says("Plan: 1 to create, 2 to update, 1 to delete")
    looks(form, "plan_asked")
    desk.kernel.value("box.remove('team00')")
    form.click("Confirm 1 create, 2 updates and 1 delete")
    form.says("1 conflict")
    looks(form, "plan_done")


def test_the_token_form_is_legible(desk, looks):
    form = desk.show("ef.widgets.token_form(client)", before=TENANT)
    form.fill("Subscriber name", "WWWWWWWWWWWWWWWW")
    form.fill("Device id", "2fc4b5912826ad1")
    form.click("Review")
    form.says("Confirm 1 token")
    looks(form, "token_form")
    form.click("Confirm 1 token")
    form.says("Refresh token of WWWWWWWWWWWWWWWW")
    looks(form, "token_done")
