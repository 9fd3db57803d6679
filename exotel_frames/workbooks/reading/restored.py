"""Restores texts that a cell shows only in part or in another form from the hidden copy, if nobody changed them."""

from __future__ import annotations

import re
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from exotel_frames import schema
from exotel_frames.frames.text_column import TEXT, read_texts
from exotel_frames.schema import NAME
from exotel_frames.workbooks.cell_text import FRAGILE, cut_to_cell

_BREAK: Final = re.compile("\r\n|\n\r|\r")
_ESCAPE: Final = re.compile("_?[xX]([0-9A-Fa-f]{4})_?")
_TOO_LONG: Final = 16_000


def restore(columns: dict[str, Any], base: pd.DataFrame) -> dict[str, Any]:
    """Return the names and the fields that can be changed as they are meant, `base` being what the workbook said once.

    A custom_field is `""` where the base had one and the cell is empty now: that clears it. What no cell can hold as it
    is (control characters, escapes, more than 32,767 characters) is the base's own text, unless somebody changed it.
    """
    known = read_texts(base[NAME]).arrow
    names = _as_they_were(columns[NAME], known)
    made = {NAME: names}
    where = pc.index_in(names, value_set=known)
    for field in schema.MUTABLE:
        if field.name in columns and field.name in base:
            before = read_texts(base[field.name]).arrow.take(where)
            now = columns[field.name]
            made[field.name] = _keep_unchanged(_clear(now, before) if field.empty_clears else now, before)
    return made


def _clear(now: Any, before: Any) -> Any:
    """Return the values, `""` where a cell was emptied that said something."""
    said = pc.not_equal(before, "").fill_null(False)  # noqa: FBT003 - arrow's own call
    return pc.if_else(pc.and_(now.is_null(), said), "", now)


def _as_they_were(names: Any, known: Any) -> Any:
    """Return the names; one that the service has with a character that no cell holds is found by how it is written."""
    as_written = {written_alike(name): name for name in known.filter(_is_fragile(known)).to_pylist()}
    if not as_written:
        return names
    return pa.array([as_written.get(written_alike(name), name) if name else name for name in names.to_pylist()], TEXT)


def _is_fragile(texts: Any) -> Any:
    by_form = pc.match_substring_regex(texts, FRAGILE)
    long = pc.greater(pc.binary_length(texts), _TOO_LONG)
    return pc.or_(by_form, long).fill_null(False)  # noqa: FBT003 - arrow's own call


def _keep_unchanged(fields: Any, before: Any) -> Any:
    rows = _is_fragile(before)
    if not pc.any(rows).as_py():
        return fields
    pairs = zip(fields.to_pylist(), before.to_pylist(), rows.to_pylist(), strict=True)
    texts = [
        was if fragile and now and written_alike(now) == written_alike(was) else now for now, was, fragile in pairs
    ]
    return pa.array(texts, TEXT)


def written_alike(text: str) -> str:
    """Return a key that is the same for texts that look alike in a cell, whichever program saved it last.

    LibreOffice takes underscores beside an escape for a part of it: they don't count.
    """
    breaks = _BREAK.sub("\n", cut_to_cell(text))
    return _ESCAPE.sub(lambda found: _BREAK.sub("\n", chr(int(found[1], 16))), breaks).replace("_", "")
