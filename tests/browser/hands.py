"""A form used in the browser by the words a person sees: the same hands as in tests/widgets/driver.py."""

from __future__ import annotations

import datetime as dt
import re
import time

from tests.browser.desk import Desk

PATIENCE_S = 30
SETTLE = """async wait => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const state = { _model_module: "@jupyter-widgets/base", _model_module_version: "2.0.0", _model_name: "LayoutModel",
    _view_module: "@jupyter-widgets/base", _view_module_version: "2.0.0", _view_name: "LayoutView" };
  const comm = kernel.createComm("jupyter.widget");
  await comm.subshellStarted;
  await comm.open({ state }, { version: "2.1.0" }).done;
  const echo = async () => {
    await comm.send({ method: "request_state" }).done;
    await new Promise(resolve => setTimeout(() => requestAnimationFrame(() => resolve()), 20));
  };
  await echo();
  if (wait) {
    const reply = await kernel.requestExecute({ code: "assert form.wait(30)", silent: true }).done;
    if (reply.content.status !== "ok") throw new Error(reply.content.evalue);
    await echo();
  }
  await comm.close().done;
}"""
"""Clicks and texts go to the kernel as messages, in order: when one more has been answered, all have been."""
ROW_BOXES = """form => [...form.querySelectorAll(".exotel-row input[type=checkbox]")]
  .map(box => [box.closest(".widget-checkbox").innerText.trim(), box.checked])"""


class BrowserHands:
    """Uses a form of a sandbox in JupyterLab."""

    slow_s = 15.0
    """How slow an answer must be so that Stop comes before it, on a busy machine too."""

    def __init__(self, desk: Desk, before: str, code: str) -> None:
        self.desk = desk
        self.form = desk.show(code, before=before)
        self.settle()

    def settle(self, *, wait: bool = True) -> None:
        """Wait until the kernel has heard of everything that was done here, and has answered."""
        self.desk.page.evaluate(SETTLE, wait)

    def control(self, words):
        """Return the control that is shown with these words; a button may go on after them."""
        found = self._found(words)
        assert found is not None, f"{words!r} is not shown"
        return found

    def _found(self, words):
        at = self.form.at
        begins = re.compile(f"^{re.escape(words)}")
        ways = (
            at.get_by_role("button", name=words, exact=True),
            at.get_by_label(words, exact=True),
            at.get_by_role("button", name=begins),
        )
        for way in ways:
            shown = way.filter(visible=True)
            if shown.count():
                return shown.first
        return None

    def is_shown(self, words) -> bool:
        return self._found(words) is not None

    def fill(self, label, value) -> None:
        """Type into a field, choose in a list, or set a day."""
        field = self.control(label)
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value.isoformat() if isinstance(value, dt.date) else "" if value is None else str(value))
            field.blur()
        self.settle()

    def tick(self, label, *, on=True) -> None:
        self.control(label).set_checked(on)
        self.settle()

    def click(self, words, *, wait=True) -> None:
        button = self.control(words)
        assert button.is_enabled(), f"{words} can't be clicked"
        button.click()
        self.settle(wait=wait)

    def value(self, label):
        return self.control(label).input_value()

    def is_on(self, label) -> bool:
        """Tell whether a box is ticked."""
        return self.control(label).is_checked()

    def can_click(self, words) -> bool:
        return self.control(words).is_enabled()

    def says(self, *texts) -> None:
        """Wait until texts stand in the form, all at once."""
        ends = time.monotonic() + PATIENCE_S
        while self._lacking(texts) and time.monotonic() < ends:
            self.desk.page.wait_for_timeout(30)
        assert not self._lacking(texts), f"{self._lacking(texts)} not in: {self.form.at.inner_text()}"

    def _lacking(self, texts):
        said = self.form.at.inner_text()
        return [text for text in texts if text not in said]

    def lacks(self, text) -> None:
        assert text not in self.form.at.inner_text()

    def names(self):
        """Return the names of the rows that are shown, in their order."""
        return [name for name, _ in self.form.at.evaluate(ROW_BOXES)]

    def ticked(self):
        return [name for name, is_ticked in self.form.at.evaluate(ROW_BOXES) if is_ticked]

    def truth(self, name):
        """Return a subscriber as the sandbox has it, or None."""
        return self.desk.truth(name)

    def sent(self):
        return [call for call, _ in self.desk.sent()]

    def run(self, code) -> None:
        """Let something happen outside the form."""
        self.desk.kernel.value(f"exec({code!r}, globals())")

    def token(self, kind):
        """Return the token of a kind that was made."""
        return self.desk.kernel.value(f"form.tokens[{kind!r}].iloc[0].reveal()")

    def copied(self, words):
        """Click a button that copies, and return what it gives to the clipboard."""
        self.desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.control(words).click()
        self.form.says("Copied.")
        return self.desk.page.evaluate("navigator.clipboard.readText()")
