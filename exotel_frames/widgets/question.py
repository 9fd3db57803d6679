"""The question a form asks before it sends anything: what would be done, by which code, and what confirms it."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as ipw

from exotel_frames.plans import check_arguments
from exotel_frames.widgets.callbacks import Callbacks
from exotel_frames.widgets.confirmation import Confirmation
from exotel_frames.widgets.controls import (
    code_html,
    disable,
    foot_of,
    message,
    number_field,
    row_of,
    set_message,
    table_html,
    text_field,
    visible,
)
from exotel_frames.widgets.page import enter_presses


class QuestionBox(ipw.VBox):
    """Shows a confirmation, and the button that confirms it; what must be typed first is typed here."""

    def __init__(
        self, callbacks: Callbacks, *, confirm: Callable[[], None], cancel: Callable[[], None], max_share: float
    ) -> None:
        self._asked, self._code, self._cost = ipw.HTML(), ipw.HTML(), message()
        self._typed, self._needed = _typed_field(), ""
        check_arguments(0, max_share)
        self._given_share = max_share
        share_tip = "More than this share of the account's subscribers is refused before anything is sent."
        self._share = number_field("May change at most (%)", share_tip, value=round(max_share * 100), largest=100)
        button = callbacks.button
        self._confirm = button("Confirm", confirm, tip="Sends what is shown here, once", style="primary")
        self._cancel = button("Cancel", cancel, tip="Asks no more; nothing is sent")
        callbacks.watch(self._check_typed, self._typed)
        enter_presses(self._confirm, self._typed, self._share)
        foot = foot_of(self._share, self._typed, row_of(self._confirm, self._cancel))
        foot.add_class("exotel-confirm")
        super().__init__([self._asked, self._code, self._cost, foot])
        self.add_class("exotel-question")
        self.hide()

    @property
    def is_shown(self) -> bool:
        """Whether something is asked at the moment."""
        return bool(self.layout.display != "none")

    @property
    def max_share(self) -> float:
        """The share of the tenant that may be changed."""
        is_untouched = self._share.value == round(self._given_share * 100)  # in whole per cent it may say more
        return self._given_share if is_untouched else float(self._share.value) / 100

    def show(self, confirmation: Confirmation) -> None:
        """Ask for a confirmation."""
        self._asked.value, self._code.value = table_html(confirmation.html), code_html(confirmation.code)
        set_message(self._cost, confirmation.cost)
        self._needed = confirmation.confirm_text
        self._confirm.description = confirmation.label
        self._confirm.button_style = "danger" if self._needed else "primary"
        self._typed.value, self._typed.description = "", confirmation.prompt
        visible(self._typed, when=bool(self._needed))
        visible(self, when=True)
        self._check_typed()

    def show_share(self) -> None:
        """Let the limit be raised, after it has refused a plan."""
        visible(self._share, when=True)

    def hide(self) -> None:
        """Ask no more."""
        visible(self, when=False)
        visible(self._share, when=False)

    def set_busy(self, *, on: bool) -> None:
        """Let nothing be confirmed while something is under way."""
        disable([self._confirm, self._cancel], on=on)
        if not on:
            self._check_typed()

    def _check_typed(self) -> None:
        self._confirm.disabled = bool(self._needed) and self._typed.value.strip() != self._needed


def _typed_field() -> ipw.Text:
    made = text_field("", "What is deleted can't be had back as it was, so this is typed first.")
    made.style.description_width = "initial"
    made.layout = ipw.Layout(width="calc(100% - 4px)", max_width="52em")  # the prompt may hold a long name
    return made
