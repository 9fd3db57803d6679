"""Names that spreadsheet programs would change, and names that look like the result of such a change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from exotel_frames.frames.arrow_columns import quote_texts, text_mask
from exotel_frames.frames.text_column import TEXT
from exotel_frames.schema import NAME
from exotel_frames.validation.findings.finding import Findings, Rows, count_texts, join_texts

_MONTH: Final = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?)"
)
_DAY, _YEAR = "(?:0?[1-9]|[12][0-9]|3[01])", "(?:[0-9]{2}|(?:19|[2-9][0-9])[0-9]{2})"
_KINDS: Final = {
    "number": "0[0-9]+",
    "long": "[0-9]{12,16}",
    "power": "[0-9]+e0*[0-9]{1,3}",
    "date": f"{_MONTH}(?:{_DAY}|{_YEAR})|{_DAY}{_MONTH}{_YEAR}?",
    "truth": "true|false",
    "nothing": "",
}
_NOTHING: Final = "NA|NULL|NaN|None|nan|null"
_ANY: Final = f"^(?:(?i:{'|'.join(filter(None, _KINDS.values()))})|{_NOTHING})$"
_DIGITS_KEPT: Final = 15
_POWER_MAX: Final = 307
_NAME_MAX: Final = 16
_SAID: Final = {
    "long": "a number that is shown as a power of ten and keeps only 15 digits",
    "date": "a date",
    "truth": "a truth value",
    "nothing": "an empty cell",
}
_WAY_ON: Final = ": keep it as text, and expect damaged copies."


@dataclass(frozen=True)
class Hazards:
    """The names (by position) that spreadsheets change: which `kind`, and the legal name that it leaves (or null)."""

    at: Rows
    names: Any
    kind: NDArray[np.object_]
    left: Any


def find_hazards(names: Any) -> Hazards:
    """Find names that spreadsheet programs, or pandas reading a sheet, turn into something else.

    >>> found = find_hazards(pa.array(["007", "1E5", "MAR1", "bob", "1E400", "true"], TEXT))
    >>> found.kind.tolist(), found.left.to_pylist()
    (['number', 'power', 'date', 'truth'], ['7', '100000', None, 'TRUE'])
    """
    at = np.flatnonzero(text_mask(pc.match_substring_regex(names, _ANY)))
    hit = names.take(at)
    kind = np.full(len(at), "nothing", dtype=object)
    for name, pattern in reversed(_KINDS.items()):
        if pattern:
            kind[text_mask(pc.match_substring_regex(hit, f"(?i)^(?:{pattern})$"))] = name
    exponent, spelled = _powers(hit, kind == "power")
    keep = (kind != "power") | (exponent <= _POWER_MAX)
    left = pc.if_else(pa.array(kind == "power"), spelled, _left(hit, kind))
    return Hazards(at[keep], hit.filter(pa.array(keep)), kind[keep], left.filter(pa.array(keep)))


def _left(names: Any, kind: NDArray[np.object_]) -> Any:
    """Return the name that is left of a number or a truth value; null where that is no name."""
    number = pa.array((kind == "number") | (kind == "long"))
    bare = pc.utf8_ltrim(names, characters="0")
    whole = pc.if_else(pc.equal(bare, ""), "0", bare)
    long = pc.greater(pc.utf8_length(whole), _DIGITS_KEPT)
    rounded = pc.if_else(long, join_texts(pc.utf8_slice_codeunits(whole, 0, _DIGITS_KEPT), "0"), whole)
    nothing = pa.scalar(None, TEXT)
    return pc.if_else(number, rounded, pc.if_else(pa.array(kind == "truth"), pc.ascii_upper(names), nothing))


def _powers(names: Any, which: NDArray[np.bool_]) -> tuple[NDArray[np.int64], Any]:
    """Return the exponents of names such as 1E5, and the numbers written out where those are short enough."""
    where = pa.array(which)
    parts = pc.extract_regex(pc.if_else(where, names, "0E0"), "^0*(?P<digits>[0-9]+)[Ee]0*(?P<power>[0-9]+)$")
    digits, power = pc.struct_field(parts, "digits"), pc.struct_field(parts, "power").cast(pa.int64())
    zeros = pc.binary_repeat(pa.scalar("0", TEXT), pc.min_element_wise(power, _NAME_MAX))
    spelled = pc.if_else(pc.equal(digits, "0"), "0", join_texts(digits, zeros))
    short = pc.less_equal(pc.utf8_length(spelled), _NAME_MAX)
    size = pc.add(power, pc.subtract(pc.utf8_length(digits), 1))
    return size.to_numpy(zero_copy_only=False), pc.if_else(short, spelled, pa.scalar(None, TEXT))


def spreadsheet_hazards(found: Hazards, rows: Rows) -> Findings:
    """Say for each name what a spreadsheet makes of it; `rows` are the names' rows in the frame.

    >>> spreadsheet_hazards(find_hazards(pa.array(["007"], TEXT)), np.arange(1)).messages[0].as_py()
    "A spreadsheet program makes the number 7 of '007': keep it as text, and expect damaged copies."
    """
    names_of_kinds = pa.array([_SAID.get(kind) for kind in found.kind], TEXT) if len(found.kind) else pa.array([], TEXT)
    what = pc.coalesce(names_of_kinds, join_texts("the number ", found.left), pa.scalar("a number", TEXT))
    messages = join_texts("A spreadsheet program makes ", what, " of ", quote_texts(found.names), _WAY_ON)
    return Findings("spreadsheet_hazard", NAME, rows[found.at], messages)


def damaged_twins(found: Hazards, names: Any, rows: Rows) -> Findings:
    """Find names that are what a spreadsheet leaves of another one.

    >>> names = pa.array(["007", "7", "bob"], TEXT)
    >>> damaged_twins(find_hazards(names), names, np.arange(3)).messages.to_pylist()
    ["'7' is what a spreadsheet program makes of '007', which also exists: one may be a damaged copy of the other."]
    """
    target = pc.index_in(found.left, value_set=names, skip_nulls=True).fill_null(-1).to_numpy()
    sources = np.flatnonzero((target >= 0) & (target != found.at))
    here, first, count = np.unique(target[sources], return_index=True, return_counts=True)
    source = found.names.take(sources[first])
    more = pc.if_else(pa.array(count > 1), join_texts(" and ", count_texts(count - 1, "other")), "")
    why = ", which also exists: one may be a damaged copy of the other."
    quoted = quote_texts(names.take(here))
    messages = join_texts(quoted, " is what a spreadsheet program makes of ", quote_texts(source), more, why)
    return Findings("damaged_twin", NAME, rows[here], messages)
