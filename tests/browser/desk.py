"""One notebook in a browser, used as a person uses it: cells are run, fields filled, buttons clicked."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.lab import Kernel, Lab

WAIT_MS = 30_000
SIZE = {"width": 1150, "height": 1000}
TALL = {"width": 1150, "height": 2000}
LEFT_OUT = "/lsp/status"
"""What the page asks for and the tests' server has not, for it would look for language servers."""
NARROW = {"width": 700, "height": 2600}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
FLAGS += ["--disable-component-update", "--disable-sync"]

RUN = """async code => {
  const app = window.jupyterapp, panel = app.shell.currentWidget;
  const cells = panel.content.model.sharedModel;
  cells.transact(() => {
    cells.deleteCellRange(0, cells.cells.length);
    cells.insertCell(0, { cell_type: "code", source: code });
  });
  panel.content.activeCellIndex = 0;
  await app.commands.execute("notebook:run-cell");
}"""
READY = "() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"


expect.set_options(timeout=WAIT_MS)


class Desk:
    """The page, the kernel behind it, and everything that went wrong in either."""

    def __init__(self, browser: Browser, lab: Lab) -> None:
        self._lab, self._faults = lab, []
        self.context = browser.new_context(viewport=SIZE)
        self.context.set_default_timeout(WAIT_MS)
        self.page: Page = self.context.new_page()
        self.page.on("pageerror", lambda error: self._faults.append(f"page: {error}"))
        self.page.on("console", self._heard)
        self.page.goto(lab.open())
        self.page.wait_for_function(READY)
        self.kernel: Kernel = lab.kernel()

    def _heard(self, message) -> None:
        address = message.location.get("url", "")
        if message.type == "error" and LEFT_OUT not in address:
            self._faults.append(f"console: {message.text} {address}".strip())

    def faults(self) -> list[str]:
        """Return what the browser and the kernel have complained of since this was asked last."""
        found, self._faults = [*self._faults, *self.kernel.complaints()], []
        return found

    def run(self, code: str) -> None:
        """Replace the notebook's cells by this one, run it, and wait until it has ended."""
        self.page.evaluate(RUN, code)

    def show(self, code: str, *, before: str = "") -> Form:
        """Make a form with the `client` of a new sandbox `box`, and return it as it stands on the page."""
        self.run(f"{NEW_SANDBOX}\n{before}\nform = {code}\nform")
        form = Form(self, self.page.locator(".jp-OutputArea-output .exotel-form").first)
        expect(form.at).to_be_visible()
        return form

    def faults_are(self, **faults: float | str | list[str]) -> None:
        """Let the sandbox misbehave from now on."""
        self.kernel.value(f"box.set_faults(**{faults!r})")

    def truth(self, name: str):
        """Return a subscriber as the sandbox has it, or None."""
        return self.kernel.value(f"{{row['subscriber_name']: row for row in box.subscribers()}}.get({name!r})")

    def sent(self) -> list[list]:
        """Return what was written, as the sandbox's log has it: the call and the names it really changed."""
        return self.kernel.value(
            "[[entry.call, list(entry.names if entry.call == 'token' else entry.committed)] for entry in box.log"
            " if entry.call in ('create', 'update', 'delete', 'token') and entry.method != 'SANDBOX']"
        )

    def saved(self) -> str:
        """Save the notebook with its widgets' state, and return the text of its file."""
        self.page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
        expect(self.page.locator(".jp-mod-dirty")).to_have_count(0)
        return self._lab.notebook.read_text()

    def theme(self, name: str) -> None:
        """Switch JupyterLab's theme."""
        self.page.evaluate("name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})", name)
        light = "true" if name.endswith("Light") else "false"
        self.page.wait_for_selector(f"body[data-jp-theme-light={light}]", state="attached")

    def close(self) -> None:
        self.kernel.close()
        self.context.close()


DUMP = """() => [document.documentElement.outerHTML,
  ...[...document.querySelectorAll("input, textarea")].map(field => field.value)]"""
TABS_MAX = 40
FOCUS = """() => {
  const at = document.activeElement;
  const label = at.labels && at.labels.length ? at.labels[0] : at;
  return at.closest(".jp-OutputArea-output") ? label.innerText.trim() : "";
}"""
NEW_SANDBOX = """\
import ipywidgets, json, logging
logging.getLogger("exotel_frames.widgets").handlers[:] = [logging.StreamHandler()]  # a failed callback is a complaint
import pandas as pd
import exotel_frames as ef
from exotel_frames.frames.convert import conform
if "box" in globals():
    box.stop()
    ipywidgets.Widget.close_all()
box = ef.Sandbox(subscribers=40, seed=5).start()
client = box.connect()"""


class Form:
    """A form on the page; everything is found by the words a person sees."""

    def __init__(self, desk: Desk, at: Locator) -> None:
        self.desk, self.at = desk, at

    def field(self, label: str) -> Locator:
        """Return the field with this label."""
        return self.at.get_by_label(label, exact=True)

    def button(self, words: str) -> Locator:
        """Return the button with these words."""
        return self.at.get_by_role("button", name=words, exact=True)

    def click(self, words: str) -> None:
        """Click a button once it can be clicked."""
        expect(self.button(words)).to_be_enabled()
        self.button(words).click()

    def fill(self, label: str, text: str) -> None:
        """Type into a field, key by key, in place of what stands there."""
        field = self.field(label)
        field.click()
        field.press("Control+a")
        field.press("Delete")
        field.press_sequentially(text)

    def says(self, *texts: str) -> None:
        """Expect sentences to stand in the form, and to stay: what is asserted is the settled state."""
        for text in texts:
            expect(self.at).to_contain_text(text, use_inner_text=True)

    def press(self, *keys: str) -> None:
        """Press keys, wherever the focus is."""
        for key in keys:
            self.desk.page.keyboard.press(key)

    def focus(self) -> str:
        """Return the label or the words of what has the focus; empty when nothing of a form has."""
        return self.desk.page.evaluate(FOCUS)

    def tab_to(self, words: str) -> None:
        """Go on with the Tab key until the field or button with these words has the focus."""
        passed = [self.focus()]
        while passed[-1] != words:
            assert len(passed) < TABS_MAX, f"Tab never came to {words}: {passed}"
            self.press("Tab")
            passed.append(self.focus())

    def picture(self, name: str) -> Path:
        """Write a picture of the form into the folder of the run, and return its path."""
        folder = Path(os.environ.get("EXOTEL_SCREENSHOTS") or self.desk._lab.folder / "screenshots")
        folder.mkdir(parents=True, exist_ok=True)
        self.at.screenshot(path=folder / f"{name}.png", animations="disabled")
        return folder / f"{name}.png"

    def results(self) -> list[list]:
        """Return name, action and outcome of each row the form has done, as the kernel has them."""
        return self.desk.kernel.value("form.results[['subscriber_name', 'action', 'outcome']].values.tolist()")

    def dumped(self) -> str:
        """Return the whole page as the browser holds it: elements, and what stands in their fields."""
        return "\n".join(self.desk.page.evaluate(DUMP))
