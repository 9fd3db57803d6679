"""The rules that a row can break, in one place, and what a check returns when one does."""

from __future__ import annotations

from typing import Final, NamedTuple

from exotel_frames import schema

RULES: Final = {
    "missing": "a required cell is empty",
    "not_text": "a number, a date, a truth value or bytes: what was typed may be lost",
    "empty": "a text without a character, or a device of white space only",
    "too_long": "a name of more than 16 bytes",
    "bad_characters": "a name with anything but ASCII letters and digits",
    "repeated": "the same name in several rows; it is not clear which row counts",
    "case_twin": "another name differs only by case: allowed, but often a mistake (a warning)",
    "already_exists": "to be created, but it exists already",
    "not_found": "to be updated or deleted, but it does not exist",
    "bad_status": "a status that is neither active nor inactive",
    "bad_action": "an action that is none of create, update, delete and none",
    "status_missing": "an update needs a status, but neither the row nor the account has one",
    **{f"bad_{field.name}": f"a {field.name} that is not text, or can't be sent" for field in schema.MUTABLE[1:]},
    "bad_platform": "a platform that is neither Android nor iOS",
    "bad_device_id": "a device that can't be sent",
}
"""Every rule, in the order in which a row's problems are told. `schema.WARNING_RULES` says which only warn."""

FORM_RULES: Final = frozenset({"too_long", "bad_characters"})
"""Rules for the names of new subscribers: what exists may break them."""

_PLACE: Final = {rule: place for place, rule in enumerate(RULES)}


class Problem(NamedTuple):
    """One thing wrong; the fields are the columns of a problems frame, in their order.

    `row` is the position of a row, or None for a file's header and the file itself.
    """

    row: int | None
    column: str | None
    value: str | None
    rule: str
    message: str
    fix: str = ""

    @property
    def place(self) -> int:
        """The row as a number to sort and count by; -1 for a header and a file itself."""
        return -1 if self.row is None else self.row


def by_row(problem: Problem) -> tuple[int, int]:
    """Return the key that sorts problems as they are told: by row, then by rule."""
    return problem.place, _PLACE[problem.rule]
