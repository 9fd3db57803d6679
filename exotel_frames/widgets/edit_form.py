"""The form that looks up one subscriber, and changes or deletes it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import pandas as pd

from exotel_frames import schema
from exotel_frames.api.client import Client
from exotel_frames.frames.convert import conform
from exotel_frames.operations.lookup import askable_rows, get_subscribers, shows_nobody
from exotel_frames.operations.origin import takes_client
from exotel_frames.plans import plan_changes, plan_deletes
from exotel_frames.records import same_text
from exotel_frames.schema import NAME
from exotel_frames.validation import row_messages, validate_names, validate_subscribers
from exotel_frames.widgets.browser_part import press_on_enter
from exotel_frames.widgets.callbacks import Callbacks
from exotel_frames.widgets.confirmation import MAX_DELETES_SLOT, frame_code
from exotel_frames.widgets.controls import (
    choice_field,
    enable_unless,
    message_line,
    multiline_field,
    note_line,
    set_message,
    set_note,
    set_visible,
    side_by_side,
    sticky_foot,
    text_field,
)
from exotel_frames.widgets.form import Form
from exotel_frames.widgets.workflow import ReviewFlow

_MAY_EXIST: Final = "A subscriber with this name can't be created; if one exists anyway, it is found."
_HINT: Final = "Type the name and press Enter."


@takes_client
def edit_form(client: Client, name: str | None = None) -> Form:
    """Return a form that looks up a subscriber, and changes its status and custom field, or deletes it.

    If somebody else has changed it in the meantime, that is a conflict: you can keep their values, or overwrite them
    with yours. To delete a subscriber you must type its name, because a delete can't be undone completely.

    Parameters
    ----------
    client : Client
        The connection that `connect` returned.
    name : str, optional
        The subscriber to look up at once.

    Returns
    -------
    Form
        A widget: a notebook displays it as the last value of a cell. `.results` has a row for each change.

    Examples
    --------
    >>> form = edit_form(client, client.list_page().data.names[0])
    >>> form.wait(), len(form.results)
    (True, 0)
    """
    editing = _EditForm(client)
    if name is not None:
        editing.look_up(name)
    return editing.form


class _EditForm:
    def __init__(self, client: Client) -> None:
        self._client = client
        self._live: pd.DataFrame | None = None
        self._flow = ReviewFlow(client, on_results=self._show_results, on_busy=self._set_busy)
        self._make_fields()
        self._make_buttons(self._flow.callbacks)
        self._edit_widgets = [
            self._dates,
            self._status,
            self._custom_field,
            sticky_foot(side_by_side(self._review, self._delete, self._why_not)),
        ]
        self._conflict_buttons = side_by_side(self._take_theirs_button, self._keep_mine_button)
        self._watch_fields(self._flow.callbacks)
        self.form = Form(
            self._flow,
            "Edit a subscriber",
            [
                side_by_side(self._name, self._look_up_button),
                self._name_note,
                *self._edit_widgets,
                self._flow,
                self._conflict_buttons,
            ],
            by_code="ef.update_subscribers(client, frame)",
        )
        self._show(None)

    def _watch_fields(self, callbacks: Callbacks) -> None:
        callbacks.watch(self._on_name_typed, self._name)
        callbacks.watch(self._on_choice, self._status, self._custom_field)
        press_on_enter(self._look_up_button, self._name)
        press_on_enter(self._review, self._status, self._custom_field)

    def _make_fields(self) -> None:
        self._name = text_field("Subscriber name", "The subscriber to look up.")
        self._name_note, self._dates, self._why_not = note_line(_HINT), message_line(), message_line()
        self._status = choice_field("Status", "An inactive subscriber is suspended: it can't call.", schema.STATUSES)
        self._custom_field = multiline_field("Custom field", "Any text kept with the subscriber; empty clears it.")

    def _make_buttons(self, callbacks: Callbacks) -> None:
        button = callbacks.button
        self._look_up_button = button(
            "Look up", self._look_up, tip="Reads the subscriber as it is now", style="primary"
        )
        tip = "Shows what would be changed; nothing is sent yet"
        self._review = button("Review the change", self._review_change, tip=tip, style="primary")
        self._delete = button(
            "Delete …",
            self._review_delete,
            tip="Shows what would be deleted, and asks for the name; nothing is sent yet",
        )
        self._take_theirs_button = button(
            "Take theirs", self._look_up, tip="Shows the subscriber as it is now, and discards your values"
        )
        self._keep_mine_button = button(
            "Keep mine: review again",
            self._keep_mine,
            tip="Shows the change from the current values to yours; nothing is sent yet",
        )

    def look_up(self, name: str) -> None:
        """Read a subscriber, and show it."""
        self._name.value = name
        self._look_up()

    def _on_name_typed(self) -> None:
        """Hide the subscriber that is shown, since another name is being typed, and say what is wrong with that."""
        self._show(None)
        typed = pd.Series([self._name.value] if self._name.value else [], dtype=schema.STR)
        problems = validate_names(typed)
        wrong = row_messages(problems).get(0, "")
        may_exist = bool(askable_rows(typed, problems))  # though it could not be created
        set_note(self._name_note, f"{wrong} {_MAY_EXIST}" if may_exist else wrong, _HINT)
        self._look_up_button.disabled = (bool(wrong) and not may_exist) or not self._name.value

    def _look_up(self) -> None:
        self._read(self._show)

    def _keep_mine(self) -> None:
        self._read(self._review_over)

    def _read(self, then: Callable[[pd.DataFrame], None]) -> None:
        """Read the subscriber, and call `then` with it as a subscribers frame of one row, if it exists."""
        set_visible(self._conflict_buttons, when=False)
        self._flow.read(
            lambda listener: get_subscribers(self._client, [self._name.value], progress=listener),
            partial(self._call_if_found, then),
        )

    def _call_if_found(self, then: Callable[[pd.DataFrame], None], results: pd.DataFrame) -> None:
        row = results.iloc[0]
        if row["outcome"] == "done":
            then(conform(results[list(schema.SUBSCRIBERS)], "subscribers"))
            return
        self._show(None)
        name = row[NAME]
        if row["outcome"] == "invalid":
            self._flow.show_error(f"There is no subscriber {name}, and none with this name can be created.")
        elif shows_nobody(row):
            self._flow.show_error(f"There is no subscriber {name}. To create it: ef.widgets.create_form(client).")
        else:
            self._flow.show_error(f"{name} can't be read: {row['error_message']}.")

    def _show(self, live: pd.DataFrame | None) -> None:
        """Show a subscriber, or none."""
        self._live = live
        if live is not None:
            row = live.iloc[0]
            self._status.options = list(dict.fromkeys([row["status"], *schema.STATUSES]))
            self._status.value = row["status"]
            self._custom_field.value = _text(row["custom_field"])
            set_message(self._dates, f"{row[NAME]}: {_describe_dates(row)}")
        for widget in self._edit_widgets:
            set_visible(widget, when=live is not None)
        set_visible(self._conflict_buttons, when=False)
        self._on_choice()

    def _on_choice(self) -> None:
        self._flow.cancel()
        self._enable_review()

    def _enable_review(self) -> None:
        is_same = self._live is None or not self._changed_fields(self._live)
        enable_unless(
            self._review, self._why_not, "To change it, edit the status or the custom field." if is_same else ""
        )

    def _desired_frame(self) -> pd.DataFrame:
        cells = {NAME: self._name.value, "status": self._status.value, "custom_field": self._custom_field.value}
        return pd.DataFrame({column: [cell] for column, cell in cells.items()}, dtype=schema.STR)

    def _changed_fields(self, live: pd.DataFrame) -> list[str]:
        """Return the fields in which the form differs from the subscriber."""
        before = live.iloc[0]
        same = {
            "status": self._status.value == before["status"],
            "custom_field": same_text(self._custom_field.value, _text(before["custom_field"])),
        }
        return [column for column, is_same in same.items() if not is_same]

    def _review_change(self) -> None:
        if (live := self._live) is not None:
            self._flow.read(lambda _listener: live, self._ask)

    def _review_over(self, live: pd.DataFrame) -> None:
        """Review the same values again, over what somebody else has written meanwhile."""
        self._live = live
        set_message(self._dates, f"{self._name.value}: {_describe_dates(live.iloc[0])}")
        if not self._changed_fields(live):
            self._flow.show_error("It already has your values: there is nothing left to change.")
        else:
            self._ask(live)

    def _ask(self, live: pd.DataFrame) -> None:
        changes = self._desired_frame()[[NAME, *self._changed_fields(live)]]
        problems = row_messages(validate_subscribers(changes, action="update", current=live))
        if problems:
            self._flow.show_error(problems[0])
            return
        code = f"ef.update_subscribers(client, {frame_code(changes)})"
        self._flow.ask_plan(plan_changes(live, self._desired_frame()), code=code)

    def _review_delete(self) -> None:
        if self._live is None:
            return
        name = self._name.value
        code = f"ef.delete_subscribers(client, [{name!r}]{MAX_DELETES_SLOT})"
        self._flow.ask_plan(plan_deletes([name], self._live), code=code, name_to_type=name)

    def _show_results(self, results: pd.DataFrame) -> None:
        row = results.iloc[0]
        if row["outcome"] == "conflict":
            set_visible(self._conflict_buttons, when=True)
        elif row["outcome"] == "done":
            is_deleted = row["action"] == "delete"
            self._show(None if is_deleted else conform(results[list(schema.SUBSCRIBERS)], "subscribers"))

    def _set_busy(self, on: bool) -> None:
        if not on:
            self._look_up_button.disabled = not self._name.value
            self._enable_review()


def _text(cell: Any) -> str:
    return "" if pd.isna(cell) else str(cell)


def _describe_dates(row: pd.Series[Any]) -> str:
    """Return in words when a subscriber was created and last changed."""
    dates = [
        f"{verb} {row[column]:%Y-%m-%d %H:%M} UTC"
        for verb, column in (("created", "date_created"), ("last changed", "date_updated"))
        if pd.notna(row[column])
    ]
    return ", ".join(dates) or "dates not known"
