"""The form that looks one subscriber up, and changes or deletes it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import pandas as pd

from exotel_frames import schema
from exotel_frames.api.client import Client
from exotel_frames.frames.convert import conform
from exotel_frames.operations.lookup import askable_rows, get_subscribers, shows_nobody
from exotel_frames.operations.origin import origin_attrs, takes_client
from exotel_frames.plans import plan_changes, plan_deletes
from exotel_frames.records import same_text
from exotel_frames.schema import NAME
from exotel_frames.validation import row_messages, validate_names, validate_subscribers
from exotel_frames.widgets.callbacks import Callbacks
from exotel_frames.widgets.confirmation import LIMITS, confirm_plan, frame_code
from exotel_frames.widgets.controls import (
    area_field,
    choice_field,
    disable,
    foot_of,
    message,
    note_below,
    row_of,
    set_message,
    set_note,
    text_field,
    visible,
)
from exotel_frames.widgets.form import Form
from exotel_frames.widgets.page import enter_presses
from exotel_frames.widgets.results_log import ResultsLog
from exotel_frames.widgets.workflow import ReviewFlow

_ODD: Final = "If there is such a subscriber all the same, it is found."
_HINT: Final = "Type the name and press Enter."


@takes_client
def edit_form(client: Client, name: str | None = None) -> Form:
    """Return a form that looks a subscriber up, and changes its status and custom field, or deletes it.

    Somebody else's change since then is a conflict, with both ways out: take theirs, or put yours on top of it. A
    delete is for good: the name must be typed.

    Parameters
    ----------
    client : Client
        The connection: what `connect` returned.
    name : str, optional
        Whom to look up at once.

    Returns
    -------
    Form
        A widget: the last value of a cell shows it. `.results` has a row for each change.

    Examples
    --------
    >>> form = edit_form(client, client.list_page().data.names[0])
    >>> form.wait(), len(form.results)
    (True, 0)
    """
    editing = _Editing(client)
    if name is not None:
        editing.look_up(name)
    return editing.form


class _Editing:
    def __init__(self, client: Client) -> None:
        self._client, self._log = client, ResultsLog()
        self._live: pd.DataFrame | None = None
        self._flow = ReviewFlow(client, on_results=self._keep, on_busy=self._set_busy)
        self._make_fields()
        self._make_buttons(self._flow.callbacks)
        self._edit = [self._known, self._status, self._custom_field, foot_of(row_of(self._review, self._delete))]
        self._ways_out = row_of(self._theirs, self._mine)
        self._flow.callbacks.watch(self._check_name, self._name)
        self._flow.callbacks.watch(self._choose, self._status, self._custom_field)
        enter_presses(self._look, self._name)
        enter_presses(self._review, self._status, self._custom_field)
        self.form = Form(
            client,
            "Edit a subscriber",
            [row_of(self._name, self._look), self._name_note, *self._edit, self._flow, self._ways_out],
            flow=self._flow,
            results=self._log.frame,
            by_code="ef.update_subscribers(client, frame)",
        )
        self._show(None)

    def _make_fields(self) -> None:
        self._name = text_field("Subscriber name", "The subscriber to look up.")
        self._name_note, self._known = note_below(_HINT), message()
        self._status = choice_field("Status", "An inactive subscriber is suspended: it can't call.", schema.STATUSES)
        self._custom_field = area_field("Custom field", "Any text kept with the subscriber; empty clears it.")

    def _make_buttons(self, callbacks: Callbacks) -> None:
        button = callbacks.button
        self._look = button("Look up", self._look_up, tip="Reads the subscriber as it is now", style="primary")
        tip = "Shows what would be changed; nothing is sent yet"
        self._review = button("Review the change", self._review_change, tip=tip, style="primary")
        self._delete = button("Delete …", self._review_delete, tip="Asks first")
        self._theirs = button("Take theirs", self._look_up, tip="Looks the subscriber up again")
        self._mine = button("Keep mine: review again", self._keep_mine, tip="Puts your values on top of theirs")

    def look_up(self, name: str) -> None:
        """Read a subscriber, and show what it is."""
        self._name.value = name
        self._look_up()

    def _check_name(self) -> None:
        """Another name is being typed: what is shown is not about it."""
        self._show(None)
        typed = pd.Series([self._name.value] if self._name.value else [], dtype=schema.STR)
        problems = validate_names(typed)
        wrong = row_messages(problems).get(0, "")
        may_exist = bool(askable_rows(typed, problems))  # it could not be created, and may be there all the same
        set_note(self._name_note, f"{wrong} {_ODD}" if may_exist else wrong, _HINT)
        self._look.disabled = (bool(wrong) and not may_exist) or not self._name.value

    def _look_up(self) -> None:
        self._read(self._show)

    def _keep_mine(self) -> None:
        self._read(self._on_top)

    def _read(self, then: Callable[[pd.DataFrame], None]) -> None:
        """Read the subscriber; `then` is told a subscribers frame with its one row."""
        visible(self._ways_out, when=False)
        self._flow.read(
            lambda listener: get_subscribers(self._client, [self._name.value], progress=listener),
            partial(self._found, then),
        )

    def _found(self, then: Callable[[pd.DataFrame], None], results: pd.DataFrame) -> None:
        row = results.iloc[0]
        if row["outcome"] == "done":
            then(conform(results[list(schema.SUBSCRIBERS)], "subscribers"))
            return
        self._show(None)
        name = row[NAME]
        if row["outcome"] == "invalid":
            self._flow.fail(f"There is no subscriber {name}, and there can't be made one.")
        elif shows_nobody(row):
            self._flow.fail(f"There is no subscriber {name}. To create it: ef.widgets.create_form(client).")
        else:
            self._flow.fail(f"{name} can't be read: {row['error_message']}.")

    def _show(self, live: pd.DataFrame | None) -> None:
        """Show a subscriber as it is, or none."""
        self._live = live
        if live is not None:
            row = live.iloc[0]
            self._status.options = list(dict.fromkeys([row["status"], *schema.STATUSES]))
            self._status.value = row["status"]
            self._custom_field.value = _text(row["custom_field"])
            set_message(self._known, f"{row[NAME]}: {_when(row)}")
        for widget in self._edit:
            visible(widget, when=live is not None)
        visible(self._ways_out, when=False)
        self._choose()

    def _choose(self) -> None:
        self._flow.cancel()
        self._review.disabled = self._live is None or self._is_so(self._live)

    def _wanted(self) -> pd.DataFrame:
        cells = {NAME: self._name.value, "status": self._status.value, "custom_field": self._custom_field.value}
        return pd.DataFrame({column: [cell] for column, cell in cells.items()}, dtype=schema.STR)

    def _plan(self, live: pd.DataFrame) -> pd.DataFrame:
        plan = plan_changes(live, self._wanted())
        plan.attrs.update(origin_attrs(self._client))
        return plan

    def _is_so(self, live: pd.DataFrame) -> bool:
        return not self._moved(live)

    def _moved(self, live: pd.DataFrame) -> list[str]:
        """Return the columns in which what was typed differs from what is so."""
        before = live.iloc[0]
        same = {
            "status": self._status.value == before["status"],
            "custom_field": same_text(self._custom_field.value, _text(before["custom_field"])),
        }
        return [column for column, is_same in same.items() if not is_same]

    def _review_change(self) -> None:
        if (live := self._live) is not None:
            self._flow.read(lambda _listener: live, self._ask)

    def _on_top(self, live: pd.DataFrame) -> None:
        """Ask for the same values again, on top of what somebody else has changed meanwhile."""
        self._live = live
        set_message(self._known, f"{self._name.value}: {_when(live.iloc[0])}")
        if self._is_so(live):
            self._flow.fail("It is so already: there is nothing left to change.")
        else:
            self._ask(live)

    def _ask(self, live: pd.DataFrame) -> None:
        moved = self._wanted()[[NAME, *self._moved(live)]]
        problems = row_messages(validate_subscribers(moved, action="update", current=live))
        if problems:
            self._flow.fail(problems[0])
            return
        code = f"ef.update_subscribers(client, {frame_code(moved)})"
        self._flow.ask(confirm_plan(self._client, self._plan(live), code=code))

    def _review_delete(self) -> None:
        if self._live is None:
            return
        name = self._name.value
        plan = plan_deletes([name], self._live)
        plan.attrs.update(origin_attrs(self._client))
        code = f"ef.delete_subscribers(client, [{name!r}]{LIMITS})"
        prompt = f"To delete {name} for good, type its name"
        self._flow.ask(confirm_plan(self._client, plan, code=code, confirm_text=name, prompt=prompt))

    def _keep(self, results: pd.DataFrame) -> None:
        self._log.add(results)
        row = results.iloc[0]
        if row["outcome"] == "conflict":
            visible(self._ways_out, when=True)
        elif row["outcome"] == "done":
            self._follow(results)

    def _follow(self, results: pd.DataFrame) -> None:
        """Show what is so now; the results stay below."""
        row = results.iloc[0]
        if row["action"] == "delete":
            self._live = None
            for widget in self._edit:
                visible(widget, when=False)
            return
        self._show(conform(results[list(schema.SUBSCRIBERS)], "subscribers"))

    def _set_busy(self, on: bool) -> None:
        disable([self._name, self._look, self._status, self._custom_field, self._review, self._delete], on=on)
        disable([self._theirs, self._mine], on=on)
        if not on:
            self._look.disabled = not self._name.value
            self._review.disabled = self._live is None or self._is_so(self._live)


def _text(cell: Any) -> str:
    return "" if pd.isna(cell) else str(cell)


def _when(row: pd.Series[Any]) -> str:
    """Say when a subscriber was created and last changed."""
    dates = [
        f"{word} {row[column]:%Y-%m-%d %H:%M} UTC"
        for word, column in (("created", "date_created"), ("last changed", "date_updated"))
        if pd.notna(row[column])
    ]
    return ", ".join(dates) or "its dates are not known"
