"""The form that creates one subscriber, and a token for its device at once when that is wanted."""

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
from exotel_frames.widgets.confirmation import Confirmation, confirm_plan, frame_code
from exotel_frames.widgets.controls import (
    area_field,
    check_field,
    choice_field,
    disable,
    foot_of,
    note_below,
    row_of,
    set_note,
    text_field,
    visible,
)
from exotel_frames.widgets.form import Form
from exotel_frames.widgets.page import enter_presses
from exotel_frames.widgets.results_log import ResultsLog
from exotel_frames.widgets.token_form import DEVICE_HINT, TokenShow, device_fields
from exotel_frames.widgets.workflow import ReviewFlow

_HINTS: Final = {
    NAME: "1 to 16 letters and digits; it is for good.",
    "custom_field": "A team, say; may stay empty.",
    "device_id": DEVICE_HINT,
}


@takes_client
def create_form(client: Client) -> Form:
    """Return a form that creates one subscriber after another.

    What is typed is checked as it is typed, by the rules of `validate_names`. Review reads whether the name is free,
    and shows what would be sent; only Confirm sends it. A token for a device can be made at once.

    Parameters
    ----------
    client : Client
        The connection: what `connect` returned.

    Returns
    -------
    Form
        A widget: the last value of a cell shows it. `.results` has a row for each subscriber, `.tokens` the tokens.

    Examples
    --------
    >>> form = create_form(client)
    >>> len(form.results), len(form.tokens)
    (0, 0)
    """
    return _Creating(client).form


class _Creating:
    def __init__(self, client: Client) -> None:
        self._client = client
        self._log, self._tokens, self._token_show = ResultsLog(), ResultsLog("tokens"), TokenShow()
        self._make_fields()
        self._notes = {column: note_below(hint) for column, hint in _HINTS.items()}
        self._flow = ReviewFlow(client, on_results=self._keep, on_busy=self._set_busy)
        tip = "Reads whether the name is free, and shows what would be sent; nothing is sent yet"
        self._review = self._flow.callbacks.button("Review", self._look_up, tip=tip, style="primary")
        self._token_fields = [self._platform, self._device_id, self._notes["device_id"]]
        device = [self._wants_token, self._platform, self._device_id]
        self._fields = [self._name, self._status, self._custom_field, *device]
        self._flow.callbacks.watch(self._check, *self._fields)
        enter_presses(self._review, *self._fields)
        placed = [self._name, self._notes[NAME], self._status, self._custom_field, self._notes["custom_field"]]
        foot = [foot_of(row_of(self._review)), self._flow, self._token_show]
        self.form = Form(
            client,
            "Create a subscriber",
            [*placed, self._wants_token, *self._token_fields, *foot],
            flow=self._flow,
            results=self._log.frame,
            tokens=self._tokens.frame,
            by_code="ef.create_subscribers(client, frame)",
        )
        self._check()

    def _make_fields(self) -> None:
        self._name = text_field("Subscriber name", "The name of the new subscriber, as its app will know it.")
        self._status = choice_field("Status", "Whether it may call at once.", schema.STATUSES)
        self._custom_field = area_field("Custom field", "Any text kept with the subscriber.")
        device_tip = "Once it is created, makes the two tokens that its phone needs."
        self._wants_token = check_field("Make a token for a device as well", device_tip)
        self._platform, self._device_id = device_fields()

    def _frame(self) -> pd.DataFrame:
        row = {NAME: self._name.value, "status": self._status.value, "custom_field": self._custom_field.value or None}
        return pd.DataFrame({column: [cell] for column, cell in row.items()}).astype(schema.STR)

    def _device(self) -> pd.DataFrame:
        row = {NAME: self._name.value, "platform": self._platform.value, "device_id": self._device_id.value}
        return pd.DataFrame({column: [cell] for column, cell in row.items()})

    def _check(self) -> None:
        """Say at once what is wrong, below its field; what was asked before this change is asked no more."""
        self._flow.cancel()
        for widget in self._token_fields:
            visible(widget, when=self._wants_token.value)
        problems = self._problems()
        for column, hint in _HINTS.items():
            set_note(self._notes[column], row_messages(problems[problems["column"] == column]).get(0, ""), hint)
        self._review.disabled = not self._can_review()

    def _problems(self) -> pd.DataFrame:
        """Return what is wrong with what was typed so far; an empty field is only not filled yet."""
        typed = {NAME: self._name.value, "device_id": self._device_id.value}
        found = [validate_subscribers(self._frame())]
        if self._wants_token.value:
            device = validate_tokens(self._device())
            found.append(device[device["column"] != NAME])
        problems = pd.concat(found)
        unfilled = [column for column, text in typed.items() if not text]
        return problems[~problems["column"].isin(unfilled)]

    def _can_review(self) -> bool:
        device_needed = self._wants_token.value and not self._device_id.value
        return bool(self._name.value) and not device_needed and self._problems().empty

    def _look_up(self) -> None:
        self._flow.read(
            lambda listener: get_subscribers(self._client, self._frame()[NAME], progress=listener), self._ask
        )

    def _ask(self, found: pd.DataFrame) -> None:
        frame, live = self._frame(), found.iloc[0]
        name = live[NAME]
        if live["outcome"] == "done":
            field = f", custom field {live['custom_field']!r}" if pd.notna(live["custom_field"]) else ""
            self._flow.fail(
                f"{name} exists already: {live['status']}{field}. "
                f"To change it: ef.widgets.edit_form(client, {name!r}). Nothing was sent."
            )
        elif shows_nobody(live):
            self._flow.ask(self._confirmation(frame))
        else:
            self._flow.fail(f"Whether {name} exists can't be read: {live['error_message']}. Nothing was sent.")

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
        self._token_show.show(tokens)

    def _keep(self, results: pd.DataFrame) -> None:
        """Keep the results, and make room for the next one; status and custom field stay, they are often the same."""
        self._log.add(results)
        if (results["outcome"] == "done").all():
            self._name.value = self._device_id.value = ""

    def _set_busy(self, on: bool) -> None:
        if on:
            self._token_show.clear()
        disable([self._review, *self._fields], on=on)
        if not on:
            self._review.disabled = not self._can_review()
