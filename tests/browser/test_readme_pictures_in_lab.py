"""The pictures of README and docs: `EXOTEL_SCREENSHOTS=docs/pictures pytest tests/browser -k picture` makes them."""

import pytest
from PIL import Image

from tests.browser.desk import SIZE

BYTES_MAX = 60_000
COLORS = 200
TEAM = """\
box.add("meera", "arjun", "kiran", custom_field="support Mumbai", date_created="2026-01-05T10:00:00+05:30")
subs = ef.load_subscribers(client, progress=False)
plan = ef.plan_changes(subs, pd.DataFrame({
    "subscriber_name": ["priya07", "meera", "arjun", "kiran"],
    "custom_field": ["support Pune", "support Pune", "support Pune", None],
    "action": [None, None, None, "delete"],
}))"""

DIRT = """\
box.stop()
box = ef.Sandbox(subscribers=0).start()
client = box.connect()
box.add("Desk14", "desk14", "007", "7", custom_field="support")
box.add("Reception", "Lobby", custom_field="Front Desk")
box.add("Gate", custom_field="front desk ")
box.add("Porter", custom_field="FRONT-DESK")
subs = ef.load_subscribers(client, progress=False)"""


@pytest.fixture
def page_for_pictures(desk):
    desk.page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
    desk.page.set_viewport_size({"width": 980, "height": 1400})
    yield desk
    desk.page.set_viewport_size(SIZE)
    desk.page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")


def size_of(picture):
    """Return the bytes of a picture after its colours were made few: text needs no more."""
    Image.open(picture).convert("RGB").quantize(COLORS).save(picture, optimize=True)
    return picture.stat().st_size


def test_the_picture_of_a_plan_review_is_small_enough(page_for_pictures):
    form = page_for_pictures.show("ef.widgets.plan_review(client, plan)", before=TEAM)
    form.field("arjun").click()
    form.click("Review")
    form.says("Plan: 1 to create, 1 to update, 1 to delete")
    assert size_of(form.picture("plan_review")) < BYTES_MAX


def test_the_picture_of_the_findings_is_small_enough(page_for_pictures):
    form = page_for_pictures.show("ef.widgets.findings_form(client, subs)", before=DIRT)
    page_for_pictures.page.set_viewport_size(
        {"width": 980, "height": 2400}
    )  # its heading stays in view where it scrolls
    form.field("field_variant").click()
    form.says("Ticked: 2 fixes in 2 subscribers.")
    form.click("Review")
    form.says("Plan: 0 to create, 2 to update")
    assert size_of(form.picture("findings_form")) < 2 * BYTES_MAX


def test_the_picture_of_a_form_is_small_enough(page_for_pictures):
    form = page_for_pictures.show("ef.widgets.create_form(client)")
    form.fill("Subscriber name", "priya07")
    form.fill("Custom field", "support Pune")
    form.click("Review")
    form.says("Plan: 1 to create")
    assert size_of(form.picture("create_form")) < BYTES_MAX
