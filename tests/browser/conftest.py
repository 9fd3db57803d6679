"""One JupyterLab and one chromium for a process: the fixtures of the tests in a browser."""

import shutil
from pathlib import Path

import pytest

from tests.browser.desk import FLAGS, Desk
from tests.browser.lab import running_lab

ALWAYS = {
    "test_a_subscriber_is_created_when_it_was_reviewed_and_confirmed",
    "test_a_change_of_somebody_else_meanwhile_is_a_conflict_and_theirs_can_be_taken",
    "test_ticked_rows_are_changed_after_a_review_and_the_table_follows",
    "test_what_stays_ticked_is_done_after_the_review",
    "test_a_token_is_made_masked_and_copied_to_the_clipboard",
    "test_the_panel_shows_markup_as_it_is_in_names_too",
}
"""Each form once as a person uses it, and one that looks for markup: the default run has three minutes for everything.
The others are slow ones (`pytest -m slow tests/browser`, some five minutes)."""

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.parent == Path(__file__).parent and item.originalname not in ALWAYS:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def own_desk(tmp_path_factory):
    if not CHROMIUM:
        pytest.skip("NO BROWSER: the forms were NOT tested in JupyterLab. Install chromium (apt-get install chromium).")
    from playwright.sync_api import sync_playwright

    with running_lab(tmp_path_factory.mktemp("lab")) as lab, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        desk = Desk(browser, lab)
        yield desk
        desk.close()
        browser.close()


@pytest.fixture
def desk(own_desk):
    """The desk, in the light; afterwards nothing may have gone wrong that a person would not see."""
    own_desk.faults()
    yield own_desk
    assert own_desk.faults() == []
