"""A form used by the words a person sees, in this process: the browser has the same hands, in tests/browser."""

from __future__ import annotations

import re
import time
from html import unescape

import ipywidgets as ipw
import pandas as pd

import exotel_frames as ef

PATIENCE_S = 30


def parts(widget):
    """Yield a widget and everything in it."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from parts(child)


def shown_parts(widget):
    """Yield what is shown of a widget: it, and what is in it, down to what is hidden."""
    if widget.layout.display != "none":
        yield widget
        for child in getattr(widget, "children", ()):
            yield from shown_parts(child)


def is_shown(form, widget):
    """Tell whether a widget, and each box it stands in, is shown."""
    return any(part is widget for part in shown_parts(form))


def label_of(part):
    """Return the words of a control as they are read; empty for what is none."""
    words = getattr(part, "description", None) or getattr(part, "label", None) or ""
    return unescape(re.sub(r"<[^>]*>", "", words)) if isinstance(words, str) else ""


def text_of(form):
    """Return what a person reads: the texts of what is shown."""
    pages = [part.value for part in shown_parts(form) if isinstance(part, ipw.HTML)]
    seen = re.sub(r"<style>.*?</style>", "", "\n".join(pages))
    lines = re.sub(r"</?(div|p|br|td|th|tr|table|pre|caption)\b[^>]*>", "\n", seen)
    return unescape(re.sub(r"<[^>]*>", "", lines))


def code_of(form):
    """Return the code that stands in a form, as it would be copied."""
    pages = [part.value for part in shown_parts(form) if isinstance(part, ipw.HTML)]
    return unescape(re.findall(r'<pre class="exotel-code"[^>]*>(.*?)</pre>', "".join(pages), re.DOTALL)[0])


def row_boxes(form):
    """Return the boxes of a table's rows: each stands first in its row."""
    rows = [part.children for part in parts(form) if isinstance(part, ipw.HBox)]
    return [first for first, *_ in rows if isinstance(first, ipw.Checkbox)]


class Hands:
    """Uses a form of a sandbox in this process."""

    slow_s = 1.0
    """How slow an answer must be so that Stop comes before it."""

    def __init__(self, box, before, code):
        client = box.connect()
        self.space = {"box": box, "client": client, "ef": ef, "pd": pd}
        exec(before, self.space)
        self.box = box
        self.form = eval(code, self.space)
        assert self.form.wait(PATIENCE_S)

    @classmethod
    def of(cls, box, form):
        """Return the hands of a form that there is."""
        made = cls.__new__(cls)
        made.box, made.form, made.space = box, form, {"box": box}
        return made

    def control(self, words):
        """Return the control that is shown with these words; a button may go on after them."""
        shown = list(shown_parts(self.form))
        exact = [part for part in shown if label_of(part) == words]
        begun = [part for part in shown if isinstance(part, ipw.Button) and label_of(part).startswith(words)]
        (found, *_) = exact or begun or [None]
        assert found is not None, f"{words!r} is not shown"
        return found

    def is_shown(self, words):
        return any(
            label_of(part) == words or (isinstance(part, ipw.Button) and label_of(part).startswith(words))
            for part in shown_parts(self.form)
        )

    def fill(self, label, value):
        """Type into a field, choose in a list, or set a day."""
        if hasattr(self.control(label), "options"):  # a list may lack a choice until what is under way has ended
            assert self.form.wait(PATIENCE_S)
        self.control(label).value = value

    def tick(self, label, *, on=True):
        self.control(label).value = on

    def click(self, words, *, wait=True):
        button = self.control(words)
        assert not button.disabled, f"{words} can't be clicked"
        button.click()
        assert not wait or self.form.wait(PATIENCE_S)

    def value(self, label):
        return self.control(label).value

    def is_on(self, label):
        """Tell whether a box is ticked."""
        return self.control(label).value

    def can_click(self, words):
        return not self.control(words).disabled

    def says(self, *texts):
        """Wait until texts stand in the form, as long as something is under way."""
        ends = time.monotonic() + PATIENCE_S
        while self._lacking(texts) and not self.form.wait(0.01) and time.monotonic() < ends:
            pass
        lacking = self._lacking(texts)
        assert not lacking, f"{lacking} not in: {text_of(self.form)}"

    def _lacking(self, texts):
        told = text_of(self.form)
        return [text for text in texts if text not in told]

    def lacks(self, text):
        assert self.form.wait(PATIENCE_S)
        assert text not in text_of(self.form)

    def names(self):
        """Return the names of the rows that are shown, in their order."""
        return [label_of(box) for box in row_boxes(self.form)]

    def ticked(self):
        return [name for name in self.names() if self.control(name).value]

    def truth(self, name):
        """Return a subscriber as the sandbox has it, or None."""
        return {row["subscriber_name"]: row for row in self.box.subscribers()}.get(name)

    def sent(self):
        calls = ("create", "update", "delete", "token")
        return [entry.call for entry in self.box.log if entry.call in calls and entry.method != "SANDBOX"]

    def run(self, code):
        """Let something happen outside the form."""
        exec(code, self.space)

    def token(self, kind):
        """Return the token of a kind that was made."""
        return self.form.tokens[kind].iloc[0].reveal()

    def copied(self, words):
        """Click a button that copies, and return what it gives to the clipboard."""
        button, given = self.control(words), []
        button.send = given.append
        button._handle_custom_msg({"asked": "secret"}, [])
        return given[0]["secret"]
