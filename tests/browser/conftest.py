"""One JupyterLab and one chromium for a process: the fixtures of the tests in a browser."""

import shutil
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def pytest_ignore_collect(config):
    """Leave this folder's files alone where no slow test is asked for: to import playwright takes a second."""
    return True if config.option.markexpr == "not slow" else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark every test in a browser as slow: by default tests/widgets uses the forms in this process."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def own_desk(tmp_path_factory):
    if not CHROMIUM:
        pytest.skip("NO BROWSER: the forms were NOT tested in JupyterLab. Install chromium (apt-get install chromium).")
    from playwright.sync_api import sync_playwright

    from tests.browser.desk import FLAGS, Desk
    from tests.browser.lab import running_lab

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
