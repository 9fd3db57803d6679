"""The form that creates one subscriber, and a token for its device at once when that is wanted."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from exotel_frames import schema
from exotel_frames.api.client import Client
from exotel_frames.frames.convert import empty
from exotel_frames.operations.lookup import NOT_FOUND, get_subscribers
from exotel_frames.operations.origin import origin_attrs
from exotel_frames.operations.writing import create_tokens
from exotel_frames.plans import plan_creates
from exotel_frames.runs.progress import Listener
from exotel_frames.validation import row_messages, validate_subscribers, validate_tokens
from exotel_frames.widgets.confirmation import Confirmation, frame_code, plan_question
from exotel_frames.widgets.controls import (
    area_field,
    button,
    check_field,
    choice_field,
    disable,
    message,
    row_of,
    say,
    text_field,
    visible,
)
from exotel_frames.widgets.form import Form
from exotel_frames.widgets.results_log import Ledger
from exotel_frames.widgets.token_form import TokenShow
from exotel_frames.widgets.workflow import ReviewFlow

NAME: Final = "subscriber_name"


def create_form(client: Client) -> Form:
    """Return a form that creates one subscriber after another; `.results` has a row for each.

    What is typed is checked as it is typed, by the rules of `validate_names`. Review reads whether the name is free,
    and shows what would be sent; only Confirm sends it. A token for a device can be made at once: `.tokens` has those.

    >>> form = create_form(client)
    >>> len(form.results), len(form.tokens)
    (0, 0)
    """
    return _Creating(client).form


class _Creating:
    def __init__(self, client: Client) -> None:
        self._client = client
        self._ledger, self._tokens = Ledger(), Ledger("tokens")
        self._name = text_field("Subscriber name", placeholder="1 to 16 letters and digits, for good")
        self._status = choice_field("Status", schema.STATUSES)
        self._custom_field = area_field("Custom field", placeholder="a team, say; may stay empty")
        self._wants_token = check_field("Make a token for a device as well")
        self._platform = choice_field("Platform", schema.PLATFORMS)
        self._device_id = text_field("Device id")
        self._wrong, self._review = message(), button("Review", self._reviewed, style="primary")
        self._steps = ReviewFlow(client, on_results=self._done, on_busy=self._busy)
        self._token_show = TokenShow()
        self._fields = [
            self._name,
            self._wrong,
            self._status,
            self._custom_field,
            self._wants_token,
            self._platform,
            self._device_id,
        ]
        for field in self._fields:
            if field is not self._wrong:
                field.observe(self._changed, "value")
        self.form = Form(
            client,
            "Create a subscriber",
            [*self._fields, row_of(self._review), self._steps, self._token_show],
            background=self._steps.background,
            results=self._ledger.frame,
            tokens=self._tokens.frame,
            by_code="ef.create_subscribers(client, frame)",
        )
        self._changed(None)

    def _frame(self) -> pd.DataFrame:
        row = {NAME: self._name.value, "status": self._status.value, "custom_field": self._custom_field.value or None}
        return pd.DataFrame({column: [cell] for column, cell in row.items()}).astype(schema.STR)

    def _device(self) -> pd.DataFrame:
        row = {NAME: self._name.value, "platform": self._platform.value, "device_id": self._device_id.value}
        return pd.DataFrame({column: [cell] for column, cell in row.items()})

    def _changed(self, _: Any) -> None:
        """Say at once what is wrong; what was asked before this change is asked no more."""
        self._steps.drop()
        wants = self._wants_token.value
        visible(self._platform, when=wants)
        visible(self._device_id, when=wants)
        problems = row_messages(validate_subscribers(self._frame())).get(0, "") if self._name.value else ""
        if wants and not problems and self._name.value:
            device = validate_tokens(self._device())
            problems = row_messages(device[device["column"] != NAME]).get(0, "")
        say(self._wrong, problems, "error", indent=True)
        self._review.disabled = bool(problems) or not self._name.value

    def _reviewed(self) -> None:
        self._steps.read(
            lambda listener: get_subscribers(self._client, self._frame()[NAME], progress=listener), self._ask
        )

    def _ask(self, found: pd.DataFrame) -> None:
        frame, live = self._frame(), found.iloc[0]
        name = live[NAME]
        if live["outcome"] == "done":
            field = f", custom field {live['custom_field']!r}" if pd.notna(live["custom_field"]) else ""
            self._steps.fail(
                f"{name} exists already: {live['status']}{field}. "
                f"To change it: ef.widgets.edit_form(client, {name!r}). Nothing was sent."
            )
        elif live["error_code"] == NOT_FOUND:
            self._steps.ask(self._question(frame))
        else:
            self._steps.fail(f"Whether {name} exists can't be read: {live['error_message']}. Nothing was sent.")

    def _question(self, frame: pd.DataFrame) -> Confirmation:
        plan = plan_creates(frame, current=empty("subscribers"))
        plan.attrs.update(origin_attrs(self._client))
        code = f"ef.create_subscribers(client, {frame_code(frame.dropna(axis='columns'))})"
        question = plan_question(self._client, plan, code=code)
        return self._with_token(question) if self._wants_token.value else question

    def _with_token(self, question: Confirmation) -> Confirmation:
        device = self._device()

        def run(max_share: float, listener: Listener) -> pd.DataFrame:
            results = question.run(max_share, listener)
            if (results["outcome"] == "done").all():
                self._made(create_tokens(self._client, device, progress=False))
            return results

        return Confirmation(
            html=question.html,
            code=f"{question.code}\nef.create_tokens(client, {frame_code(device)})",
            label=f"{question.label} and its token",
            run=run,
            cost=f"{question.cost} One more makes the token.",
        )

    def _made(self, tokens: pd.DataFrame) -> None:
        self._tokens.add(tokens)
        self._token_show.show(tokens)

    def _done(self, results: pd.DataFrame) -> None:
        """Keep the results, and make room for the next one; status and custom field stay, they are often the same."""
        self._ledger.add(results)
        if (results["outcome"] == "done").all():
            self._name.value = self._device_id.value = ""

    def _busy(self, on: bool) -> None:
        if on:
            self._token_show.clear()
        disable([self._review, *(field for field in self._fields if field is not self._wrong)], on=on)
        if not on:
            self._review.disabled = not self._name.value or bool(self._wrong.value)
