"""The form that makes the tokens of a device, and shows them masked, with a button that copies each."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import Any, Final

import anywidget
import ipywidgets as ipw
import pandas as pd
import traitlets

from exotel_frames import schema
from exotel_frames.api.client import Client
from exotel_frames.operations.origin import takes_client
from exotel_frames.operations.tokens import create_tokens
from exotel_frames.runs.progress import Listener
from exotel_frames.schema import NAME
from exotel_frames.secret import Secret
from exotel_frames.validation import FORM_RULES, row_messages, validate_tokens
from exotel_frames.widgets.browser_part import press_on_enter
from exotel_frames.widgets.confirmation import Confirmation, frame_code
from exotel_frames.widgets.controls import (
    choice_field,
    enable_unless,
    message_line,
    note_line,
    set_message,
    set_note,
    side_by_side,
    sticky_foot,
    text_field,
)
from exotel_frames.widgets.form import Form
from exotel_frames.widgets.results_log import ResultsLog
from exotel_frames.widgets.workflow import ReviewFlow

DEVICE_HINT: Final = "The id of the app on this phone."
_HINTS: Final = {NAME: "The name of an active subscriber.", "device_id": DEVICE_HINT}
_MAY_EXIST: Final = "A subscriber with this name can't be created; if one exists anyway, it gets the tokens."
_KINDS: Final = {
    "access_token": ("Access token", "access_expires"),
    "refresh_token": ("Refresh token", "refresh_expires"),
}


@takes_client
def token_form(client: Client) -> Form:
    """Return a form that makes the two tokens of a device.

    The tokens are masked on the page and in the frame; in the frame `.reveal()` returns the text, and on the page a
    button copies each token.

    Parameters
    ----------
    client : Client
        The connection that `connect` returned.

    Returns
    -------
    Form
        A widget: a notebook displays it as the last value of a cell. `.results` is the tokens frame of all tokens made.

    Examples
    --------
    >>> list(token_form(client).results.columns)[:3]
    ['subscriber_name', 'platform', 'device_id']
    """
    return _TokenForm(client).form


class _TokenForm:
    def __init__(self, client: Client) -> None:
        self._client, log = client, ResultsLog("tokens")
        self._name = text_field("Subscriber name", "The active subscriber whose phone it is.")
        self._platform, self._device_id = device_fields()
        self._notes = {column: note_line(hint) for column, hint in _HINTS.items()}
        self._token_list = TokenList()
        self._flow = ReviewFlow(client, on_results=self._token_list.show, on_busy=self._set_busy, results_log=log)
        tip = "Shows the device that the tokens are for; nothing is sent yet"
        self._review = self._flow.callbacks.button("Review", self._review_device, tip=tip, style="primary")
        self._why_not = message_line()
        fields = [self._name, self._platform, self._device_id]
        self._flow.callbacks.watch(self._check, *fields)
        press_on_enter(self._review, *fields)
        placed = [self._name, self._notes[NAME], self._platform, self._device_id, self._notes["device_id"]]
        self.form = Form(
            self._flow,
            "Make a device's token",
            [*placed, sticky_foot(side_by_side(self._review, self._why_not)), self._flow, self._token_list],
            tokens=log.frame,
            by_code="ef.create_tokens(client, frame)",
        )
        self._check()

    def _device(self) -> pd.DataFrame:
        cells = {NAME: self._name.value, "platform": self._platform.value, "device_id": self._device_id.value}
        return pd.DataFrame([cells])

    def _check(self) -> None:
        """Show below each field what is wrong in it; one that is still empty is no problem yet."""
        self._flow.cancel()
        problems = validate_tokens(self._device())
        for column, field in ((NAME, self._name), ("device_id", self._device_id)):
            found = problems[(problems["column"] == column).to_numpy()]
            wrong = row_messages(found).get(0, "") if field.value else ""
            wrong += f" {_MAY_EXIST}" if wrong and found["rule"].isin(FORM_RULES).all() else ""
            set_note(self._notes[column], wrong, _HINTS[column])
        self._enable_review()

    def _enable_review(self) -> None:
        enable_unless(self._review, self._why_not, self._why_no_review())

    def _why_no_review(self) -> str:
        """Return why no token can be asked for; a name that could not be created may exist nevertheless."""
        if not (self._name.value and self._device_id.value):
            return "Type the name and the device id first."
        rules = validate_tokens(self._device())["rule"]
        return "" if rules.isin(FORM_RULES).all() else "Correct what is marked ✗ first."

    def _review_device(self) -> None:
        self._flow.read(lambda _listener: self._device(), self._ask)

    def _ask(self, device: pd.DataFrame) -> None:
        self._flow.ask(
            Confirmation(
                html=_question(*device.iloc[0]),
                code=f"ef.create_tokens(client, {frame_code(device)})",
                label="Confirm 1 token",
                run=partial(self._run, device),
            )
        )

    def _run(self, device: pd.DataFrame, _max_share: float, listener: Listener) -> pd.DataFrame:
        return create_tokens(self._client, device, progress=listener)

    def _set_busy(self, on: bool) -> None:
        if on:
            self._token_list.clear()
        else:
            self._enable_review()


def _question(name: str, platform: str, device_id: str) -> str:
    return (
        "<p>Make an access token (valid for 30 minutes) and a refresh token (24 hours) for "
        f"<strong>{escape(name)}</strong> on {escape(platform)}, device <strong>{escape(device_id)}</strong>.</p>"
    )


def device_fields() -> tuple[ipw.Dropdown, ipw.Text]:
    """Return the fields for a device: its platform and its id."""
    platform = choice_field("Platform", "The system of the phone.", schema.PLATFORMS)
    return platform, text_field("Device id", "The id of the app on this phone.")


class TokenList(ipw.VBox):
    """Shows the tokens that were made: masked, each with its expiry and a button that copies it."""

    def show(self, tokens: pd.DataFrame) -> None:
        """Show the tokens in the first row of a tokens frame."""
        row = tokens.iloc[0]
        if row["outcome"] == "done":
            self.children = [self._token_line(row, kind) for kind in _KINDS]
            return
        line = message_line()
        set_message(line, f"No token was made ({row['outcome']}): {row['error_message']}", "error")
        self.children = [line]

    def clear(self) -> None:
        """Show no tokens."""
        self.children = []

    def _token_line(self, row: pd.Series[Any], kind: str) -> ipw.HBox:
        label, ends = _KINDS[kind]
        until = row[ends].strftime("until %Y-%m-%d %H:%M UTC") if pd.notna(row[ends]) else "expiry not known"
        text = f"{label} of {escape(row[NAME])}: <code>•••</code>, {until}"
        return side_by_side(ipw.HTML(text), CopyButton(row[kind], label=f"Copy {label.lower()}"))


class CopyButton(anywidget.AnyWidget):
    """Copies a secret to the clipboard when it is clicked.

    The kernel sends the secret in answer to the click. It is never in the widget's state, which a notebook may save.
    """

    _esm = """
    export default { render({ model, el }) {
      const button = document.createElement("button"), status = document.createElement("span");
      button.textContent = model.get("label");
      button.className = "jupyter-widgets jupyter-button widget-button";
      button.style.width = "auto";
      button.title = "Copies the token to the clipboard; it is not shown";
      status.setAttribute("role", "status");
      status.style.marginLeft = ".6em";
      button.onclick = () => model.send({ asked: "secret" });
      model.on("msg:custom", async ({ secret }) => {
        try { await navigator.clipboard.writeText(secret); status.textContent = "Copied."; }
        catch { status.textContent = "This browser can't copy: form.tokens has it, and .reveal() returns the text."; }
      });
      el.append(button, status);
    } }
    """
    label = traitlets.Unicode().tag(sync=True)

    def __init__(self, secret: Secret, *, label: str) -> None:
        super().__init__(label=label)
        self._secret = secret
        self.on_msg(self._answer)

    def _answer(self, _widget: Any, content: dict[str, Any], _buffers: Any) -> None:
        if content.get("asked") == "secret":
            self.send({"secret": self._secret.reveal()})
