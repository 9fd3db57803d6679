"""Statuses and actions as people write them: "Active", "ACTIVE ", "Delete"."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from exotel_frames import schema
from exotel_frames.text import pluralize, quote_names
from exotel_frames.workbooks.addresses import ACTION

CHOICES: Final = {"status": schema.STATUSES, ACTION: schema.ACTIONS}


def read_choices(columns: dict[str, Any], base: pd.DataFrame | None = None) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the columns with statuses and actions without capitals and blanks, and a note on each column changed.

    What is no choice even so stays as it is; and so does a status that the service itself calls so (`base`).

    >>> columns, notes = read_choices({"status": pa.array(["Active ", "active", "enabled"], pa.large_string())})
    >>> columns["status"].to_pylist(), notes
    (['active', 'active', 'enabled'], ("1 cell of status was read without capitals and blanks ('Active ')",))
    """
    made, notes = dict(columns), []
    for header, choices in CHOICES.items():
        if header in columns:
            known = set(base[header].dropna()) if base is not None and header in base else set()
            changed = _changes(columns[header], choices, known)
            if changed:
                texts = [changed.get(text, text) or None for text in columns[header].to_pylist()]
                made[header] = pa.array(texts, columns[header].type)
                notes += _notes(header, columns[header], [text for text, plain in changed.items() if plain])
    return made, tuple(notes)


def _changes(texts: Any, choices: tuple[str, ...], known: set[str]) -> dict[str, str]:
    plain = {text: text.strip().casefold() for text in texts.unique().to_pylist() if text}
    return {text: each for text, each in plain.items() if each in ("", *choices) and each != text and text not in known}


def _notes(header: str, texts: Any, changed: list[str]) -> list[str]:
    if not changed:
        return []
    number = pc.sum(pc.is_in(texts, value_set=pa.array(changed, texts.type))).as_py()
    were = "was" if number == 1 else "were"
    return [
        f"{pluralize(number, 'cell')} of {header} {were} read without capitals and blanks ({quote_names(changed, 3)})"
    ]
