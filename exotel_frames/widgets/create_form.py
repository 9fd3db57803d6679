"""The form that creates one subscriber and, if wanted, the tokens for its device."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pandas as pd

from exotel_frames import schema
from exotel_frames.api.client import Client
from exotel_frames.frames.convert import empty
from exotel_frames.operations.lookup import get_subscribers, shows_nobody
from exotel_frames.operations.origin import origin_attrs, takes_client
from exotel_frames.operations.tokens import create_tokens
from exotel_frames.plans import plan_creates
from exotel_frames.runs.progress import Listener
from exotel_frames.schema import NAME
from exotel_frames.validation import row_messages, validate_subscribers, validate_tokens
from exotel_frames.widgets.browser_part import press_on_enter
from exotel_frames.widgets.confirmation import Confirmation, confirm_plan, frame_code
from exotel_frames.widgets.controls import (
    checkbox_field,
    choice_field,
    enable_unless,
    message_line,
    multiline_field,
    note_line,
    set_note,
    set_visible,
    side_by_side,
    sticky_foot,
    text_field,
)
from exotel_frames.widgets.form import Form
from exotel_frames.widgets.results_log import ResultsLog
from exotel_frames.widgets.token_form import DEVICE_HINT, TokenList, device_fields
from exotel_frames.widgets.workflow import ReviewFlow

_HINTS: Final = {
    NAME: "1 to 16 letters and digits; it can't be changed later.",
    "custom_field": "For example a team; optional.",
    "device_id": DEVICE_HINT,
}


@takes_client
def create_form(client: Client) -> Form:
    """Return a form that creates one subscriber after another.

    Fields are checked while you type, by the rules of `validate_subscribers`. Review checks whether the name is free,
    and shows what would be sent; only Confirm sends it. The tokens for a device can be made in the same run.

    Parameters
    ----------
    client : Client
        The connection that `connect` returned.

    Returns
    -------
    Form
        A widget: a notebook displays it as the last value of a cell. `.results` has a row for each subscriber,
        `.tokens` the tokens.

    Examples
    --------
    >>> form = create_form(client)
    >>> len(form.results), len(form.tokens)
    (0, 0)
    """
    return _CreateForm(client).form


class _CreateForm:
    def __init__(self, client: Client) -> None:
        self._client = client
        self._tokens, self._token_list = ResultsLog("tokens"), TokenList()
        self._make_fields()
        self._notes = {column: note_line(hint) for column, hint in _HINTS.items()}
        self._flow = ReviewFlow(client, on_results=self._show_results, on_busy=self._set_busy)
        tip = "Checks whether the name is free, and shows what would be sent; nothing is sent yet"
        self._review = self._flow.callbacks.button("Review", self._look_up, tip=tip, style="primary")
        self._why_not = message_line()
        self._token_fields = [self._platform, self._device_id, self._notes["device_id"]]
        device = [self._wants_token, self._platform, self._device_id]
        fields = [self._name, self._status, self._custom_field, *device]
        self._flow.callbacks.watch(self._check, *fields)
        press_on_enter(self._review, *fields)
        placed = [self._name, self._notes[NAME], self._status, self._custom_field, self._notes["custom_field"]]
        foot = [sticky_foot(side_by_side(self._review, self._why_not)), self._flow, self._token_list]
        self.form = Form(
            self._flow,
            "Create a subscriber",
            [*placed, self._wants_token, *self._token_fields, *foot],
            tokens=self._tokens.frame,
            by_code="ef.create_subscribers(client, frame)",
        )
        self._check()

    def _make_fields(self) -> None:
        self._name = text_field("Subscriber name", "The name of the new subscriber, as the app will use it.")
        self._status = choice_field("Status", "Whether the subscriber can call right away.", schema.STATUSES)
        self._custom_field = multiline_field("Custom field", "Any text kept with the subscriber.")
        device_tip = "Also makes the two tokens that the subscriber's phone needs, after the subscriber is created."
        self._wants_token = checkbox_field("Make a token for a device as well", device_tip)
        self._platform, self._device_id = device_fields()

    def _frame(self) -> pd.DataFrame:
        row = {NAME: self._name.value, "status": self._status.value, "custom_field": self._custom_field.value or None}
        return pd.DataFrame({column: [cell] for column, cell in row.items()}).astype(schema.STR)

    def _device(self) -> pd.DataFrame:
        row = {NAME: self._name.value, "platform": self._platform.value, "device_id": self._device_id.value}
        return pd.DataFrame({column: [cell] for column, cell in row.items()})

    def _check(self) -> None:
        """Show below each field what is wrong in it, and take the confirmation away: it was about other values."""
        self._flow.cancel()
        for widget in self._token_fields:
            set_visible(widget, when=self._wants_token.value)
        problems = self._problems()
        for column, hint in _HINTS.items():
            set_note(self._notes[column], row_messages(problems[problems["column"] == column]).get(0, ""), hint)
        self._enable_review()

    def _problems(self) -> pd.DataFrame:
        """Return what is wrong in the fields; one that is still empty is no problem yet."""
        typed = {NAME: self._name.value, "device_id": self._device_id.value}
        found = [validate_subscribers(self._frame())]
        if self._wants_token.value:
            device = validate_tokens(self._device())
            found.append(device[device["column"] != NAME])
        problems = pd.concat(found)
        unfilled = [column for column, text in typed.items() if not text]
        return problems[~problems["column"].isin(unfilled)]

    def _enable_review(self) -> None:
        enable_unless(self._review, self._why_not, self._why_no_review())

    def _why_no_review(self) -> str:
        if not self._name.value:
            return "Type a name first."
        if not self._problems().empty:
            return "Correct what is marked ✗ first."
        needs_device = self._wants_token.value and not self._device_id.value
        return "Type the device id first, or untick the token." if needs_device else ""

    def _look_up(self) -> None:
        self._flow.read(
            lambda listener: get_subscribers(self._client, self._frame()[NAME], progress=listener), self._ask
        )

    def _ask(self, found: pd.DataFrame) -> None:
        frame, live = self._frame(), found.iloc[0]
        name = live[NAME]
        if live["outcome"] == "done":
            field = f", custom field {live['custom_field']!r}" if pd.notna(live["custom_field"]) else ""
            self._flow.show_error(
                f"{name} exists already: {live['status']}{field}. "
                f"To change it: ef.widgets.edit_form(client, {name!r}). Nothing was sent."
            )
        elif shows_nobody(live):
            self._flow.ask(self._confirmation(frame))
        else:
            self._flow.show_error(
                f"Could not find out whether {name} exists: {live['error_message']}. Nothing was sent."
            )

    def _confirmation(self, frame: pd.DataFrame) -> Confirmation:
        plan = plan_creates(frame, current=empty("subscribers"))
        plan.attrs.update(origin_attrs(self._client))
        code = f"ef.create_subscribers(client, {frame_code(frame.dropna(axis='columns'))})"
        confirmation = confirm_plan(self._client, plan, code=code)
        return self._with_token(confirmation) if self._wants_token.value else confirmation

    def _with_token(self, create: Confirmation) -> Confirmation:
        device = self._device()

        def run(max_share: float, listener: Listener) -> pd.DataFrame:
            results = create.run(max_share, listener)
            if (results["outcome"] == "done").all():
                self._keep_tokens(create_tokens(self._client, device, progress=False))
            return results

        return replace(
            create,
            code=f"{create.code}\nef.create_tokens(client, {frame_code(device)})",
            label=f"{create.label} and its token",
            run=run,
            cost=f"{create.cost} One more makes the token.",
        )

    def _keep_tokens(self, tokens: pd.DataFrame) -> None:
        self._tokens.add(tokens)
        self._token_list.show(tokens)

    def _show_results(self, results: pd.DataFrame) -> None:
        """Empty the fields that are different for the next subscriber."""
        if (results["outcome"] == "done").all():
            self._name.value = self._device_id.value = ""

    def _set_busy(self, on: bool) -> None:
        if on:
            self._token_list.clear()
        else:
            self._enable_review()
