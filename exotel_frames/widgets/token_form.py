"""The form that makes a device's token, and how tokens are shown: masked, with a button to copy, and when they end."""

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
from exotel_frames.widgets.confirmation import Confirmation, frame_code
from exotel_frames.widgets.controls import (
    choice_field,
    disable,
    foot_of,
    message,
    note_below,
    row_of,
    set_message,
    set_note,
    text_field,
)
from exotel_frames.widgets.form import Form
from exotel_frames.widgets.page import enter_presses
from exotel_frames.widgets.results_log import ResultsLog
from exotel_frames.widgets.workflow import ReviewFlow

DEVICE_HINT: Final = "As the app knows it."
_HINTS: Final = {NAME: "Of an active subscriber.", "device_id": DEVICE_HINT}
_ODD: Final = "If there is such a subscriber all the same, it gets them."
_KINDS: Final = {
    "access_token": ("Access token", "access_expires"),
    "refresh_token": ("Refresh token", "refresh_expires"),
}


@takes_client
def token_form(client: Client) -> Form:
    """Return a form that makes the two tokens of a device.

    The tokens are masked on the page, and in the frame (`.reveal()` gives the text); a button copies one.

    Parameters
    ----------
    client : Client
        The connection: what `connect` returned.

    Returns
    -------
    Form
        A widget: the last value of a cell shows it. `.results` is the tokens frame of all that were made.

    Examples
    --------
    >>> list(token_form(client).results.columns)[:3]
    ['subscriber_name', 'platform', 'device_id']
    """
    return _Tokens(client).form


class _Tokens:
    def __init__(self, client: Client) -> None:
        self._client, self._log = client, ResultsLog("tokens")
        self._name = text_field("Subscriber name", "The active subscriber whose phone it is.")
        self._platform, self._device_id = device_fields()
        self._notes = {column: note_below(hint) for column, hint in _HINTS.items()}
        self._flow = ReviewFlow(client, on_results=self._keep, on_busy=self._set_busy)
        tip = "Shows for which device the tokens would be made; nothing is sent yet"
        self._review = self._flow.callbacks.button("Review", self._read_fields, tip=tip, style="primary")
        self._show = TokenShow()
        self._fields = [self._name, self._platform, self._device_id]
        self._flow.callbacks.watch(self._check, *self._fields)
        enter_presses(self._review, *self._fields)
        placed = [self._name, self._notes[NAME], self._platform, self._device_id, self._notes["device_id"]]
        self.form = Form(
            client,
            "Make a device's token",
            [*placed, foot_of(row_of(self._review)), self._flow, self._show],
            flow=self._flow,
            results=self._log.frame,
            tokens=self._log.frame,
            by_code="ef.create_tokens(client, frame)",
        )
        self._check()

    def _device(self) -> pd.DataFrame:
        cells = {NAME: self._name.value, "platform": self._platform.value, "device_id": self._device_id.value}
        return pd.DataFrame([cells])

    def _check(self) -> None:
        """Say what is wrong below its field; an empty one is only not filled yet."""
        self._flow.cancel()
        problems = validate_tokens(self._device())
        for column, field in ((NAME, self._name), ("device_id", self._device_id)):
            found = problems[(problems["column"] == column).to_numpy()]
            wrong = row_messages(found).get(0, "") if field.value else ""
            wrong += f" {_ODD}" if wrong and found["rule"].isin(FORM_RULES).all() else ""
            set_note(self._notes[column], wrong, _HINTS[column])
        self._review.disabled = self._is_wrong()

    def _is_wrong(self) -> bool:
        """Tell whether the device can't be asked for; a name that could not be created may exist."""
        problems = validate_tokens(self._device())
        return bool((~problems["rule"].isin(FORM_RULES)).any())

    def _read_fields(self) -> None:
        self._flow.read(lambda _listener: self._device(), self._ask)

    def _ask(self, device: pd.DataFrame) -> None:
        name, platform, device_id = device.iloc[0]
        question = (
            f"Make an access token (it lives 30 minutes) and a refresh token (24 hours) for "
            f"<strong>{escape(name)}</strong> on {escape(platform)}, device <strong>{escape(device_id)}</strong>."
        )
        self._flow.ask(
            Confirmation(
                html=f"<p>{question}</p>",
                code=f"ef.create_tokens(client, {frame_code(device)})",
                label="Confirm 1 token",
                run=partial(self._run, device),
            )
        )

    def _run(self, device: pd.DataFrame, _max_share: float, listener: Listener) -> pd.DataFrame:
        return create_tokens(self._client, device, progress=listener)

    def _keep(self, tokens: pd.DataFrame) -> None:
        self._log.add(tokens)
        self._show.show(tokens)

    def _set_busy(self, on: bool) -> None:
        if on:
            self._show.clear()
        disable([*self._fields, self._review], on=on)
        if not on:
            self._review.disabled = self._is_wrong()


def device_fields() -> tuple[ipw.Dropdown, ipw.Text]:
    """Return the fields for a device: its platform, and its id."""
    platform = choice_field("Platform", "The system of the phone.", schema.PLATFORMS)
    return platform, text_field("Device id", "The id by which the app knows the phone.")


class TokenShow(ipw.VBox):
    """Shows the tokens that were made: masked, each with a button that copies it, and when it ends."""

    def show(self, tokens: pd.DataFrame) -> None:
        """Show the first row of a tokens frame."""
        row = tokens.iloc[0]
        if row["outcome"] == "done":
            self.children = [self._token(row, kind) for kind in _KINDS]
            return
        place = message()
        set_message(place, f"No token was made ({row['outcome']}): {row['error_message']}", "error")
        self.children = [place]

    def clear(self) -> None:
        """Show none."""
        self.children = []

    def _token(self, row: pd.Series[Any], kind: str) -> ipw.HBox:
        label, ends = _KINDS[kind]
        until = row[ends].strftime("until %Y-%m-%d %H:%M UTC") if pd.notna(row[ends]) else "its end is not known"
        line = f"{label} of {escape(row[NAME])}: <code>•••</code>, {until}"
        return row_of(ipw.HTML(line), CopyButton(row[kind], label=f"Copy {label.lower()}"))


class CopyButton(anywidget.AnyWidget):
    """Copies a secret to the clipboard when it is clicked.

    The secret stands in no widget's state, which notebooks may save: the kernel sends it in answer to the click.
    """

    _esm = """
    export default { render({ model, el }) {
      const button = document.createElement("button"), said = document.createElement("span");
      button.textContent = model.get("label");
      button.className = "jupyter-widgets jupyter-button widget-button";
      button.style.width = "auto";
      button.title = "Copies it to the clipboard; it is shown nowhere";
      said.setAttribute("role", "status");
      said.style.marginLeft = ".6em";
      button.onclick = () => model.send({ asked: "secret" });
      model.on("msg:custom", async ({ secret }) => {
        try { await navigator.clipboard.writeText(secret); said.textContent = "Copied."; }
        catch { said.textContent = "No copying in this browser: .reveal() in the tokens frame gives the text."; }
      });
      el.append(button, said);
    } }
    """
    label = traitlets.Unicode().tag(sync=True)

    def __init__(self, secret: Secret, *, label: str) -> None:
        super().__init__(label=label)
        self._secret = secret
        self.on_msg(self._asked)

    def _asked(self, _widget: Any, content: dict[str, Any], _buffers: Any) -> None:
        if content.get("asked") == "secret":
            self.send({"secret": self._secret.reveal()})
