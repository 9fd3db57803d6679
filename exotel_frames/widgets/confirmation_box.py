"""The box in which a form asks for a confirmation: what would be done, the code that does it, Confirm and Cancel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import ipywidgets as ipw

from exotel_frames.plans import check_arguments
from exotel_frames.widgets.browser_part import press_on_enter
from exotel_frames.widgets.callbacks import Callbacks
from exotel_frames.widgets.confirmation import Confirmation
from exotel_frames.widgets.controls import (
    code_html,
    message_line,
    number_field,
    set_message,
    set_visible,
    side_by_side,
    sticky_foot,
    table_html,
    text_field,
)

SHARE_LABEL: Final = "May change at most (%)"


class ConfirmationBox(ipw.VBox):
    """Shows a confirmation with its Confirm button, and the field for what must be typed first."""

    def __init__(
        self, callbacks: Callbacks, *, confirm: Callable[[], None], cancel: Callable[[], None], max_share: float
    ) -> None:
        self._html, self._code, self._cost = ipw.HTML(), ipw.HTML(), message_line()
        self._typed, self._text_to_type = _typed_field(), ""
        check_arguments(0, max_share)
        self._given_share = max_share
        share_tip = (
            "A plan that changes more than this share of the account's subscribers is refused before anything is sent."
        )
        self._share = number_field(SHARE_LABEL, share_tip, value=round(max_share * 100), largest=100)
        button = callbacks.button
        self._confirm = button("Confirm", confirm, tip="Sends the changes shown here, once", style="primary")
        self._cancel = button("Cancel", cancel, tip="Closes this; nothing is sent")
        callbacks.watch(self.enable, self._typed)
        press_on_enter(self._confirm, self._typed, self._share)
        foot = sticky_foot(self._share, self._typed, side_by_side(self._confirm, self._cancel))
        foot.add_class("exotel-confirm")
        super().__init__([self._html, self._code, self._cost, foot])
        self.add_class("exotel-question")
        self.hide()

    @property
    def is_shown(self) -> bool:
        """Whether a confirmation is asked for at the moment."""
        return bool(self.layout.display != "none")

    @property
    def max_share(self) -> float:
        """The share of the tenant that may be changed: exactly as given, until another per cent is typed."""
        is_as_given = self._share.value == round(self._given_share * 100)
        return self._given_share if is_as_given else float(self._share.value) / 100

    def show(self, confirmation: Confirmation) -> None:
        """Ask for a confirmation."""
        self._html.value, self._code.value = table_html(confirmation.html), code_html(confirmation.code)
        set_message(self._cost, confirmation.cost)
        self._text_to_type = confirmation.text_to_type
        self._confirm.description = confirmation.label
        self._confirm.button_style = "danger" if self._text_to_type else "primary"
        self._typed.value, self._typed.description = "", confirmation.prompt
        set_visible(self._typed, when=bool(self._text_to_type))
        set_visible(self, when=True)
        self.enable()

    def show_share(self) -> None:
        """Show the field that raises `max_share`, after a plan was refused because of it."""
        set_visible(self._share, when=True)

    def hide(self) -> None:
        """Ask for nothing."""
        set_visible(self, when=False)
        set_visible(self._share, when=False)

    def enable(self) -> None:
        """Enable Confirm, after something ran, unless something must be typed first."""
        self._confirm.disabled = bool(self._text_to_type) and self._typed.value.strip() != self._text_to_type


def _typed_field() -> ipw.Text:
    made = text_field("", "What is deleted can't be restored as it was, so this must be typed first.")
    made.style.description_width = "initial"
    made.layout = ipw.Layout(width="calc(100% - 4px)", max_width="52em")  # the prompt may hold a long name
    return made
