"""Names that are easily confused: by case, by leading zeros, by letters and digits that look alike."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from exotel_frames.frames.arrow_columns import quote_texts, text_mask
from exotel_frames.frames.text_column import TEXT, flat
from exotel_frames.schema import NAME
from exotel_frames.validation.findings.finding import Findings, Rows, count_texts, join_texts

_LEADING_ZEROS: Final = "(^|[^0-9])0+([0-9])"
_NAME_BYTES: Final = 16
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)  # odd, and of random bits
_LOOK_ALIKE: Final = dict(zip(b"OlISB", b"01158", strict=True))


def case_twins(names: Any, rows: Rows) -> Findings:
    """Find names that differ only by case; `names` are distinct, and stand in `rows` of the frame.

    >>> case_twins(pa.array(["Desk14", "desk14", "desk15"], TEXT), np.arange(3)).messages[0].as_py()
    "'Desk14' differs only by case from 'desk14': names are case-sensitive, so these are different subscribers."
    """
    why = ": names are case-sensitive, so these are different subscribers."
    return _twins("case_twin", names, rows, pc.ascii_lower(names), "differs only by case from", why)


def lookalike_twins(names: Any, rows: Rows) -> Findings:
    """Find names that differ only in what looks alike: 0 and O, 1 and l and I, 5 and S, 8 and B.

    >>> lookalike_twins(pa.array(["DeskO1", "Desk0l", "Desk2"], TEXT), np.arange(3)).rows.tolist()
    [0, 1]
    """
    why = " (0 and O, 1 and l and I, 5 and S, 8 and B): people may type one for the other."
    return _twins("lookalike_twin", names, rows, replace_bytes(names, _LOOK_ALIKE), "looks like", why)


def zero_twins(names: Any, rows: Rows) -> Findings:
    """Find names that differ only by leading zeros of a number in them.

    >>> zero_twins(pa.array(["7", "007", "desk07", "8"], TEXT), np.arange(4)).rows.tolist()
    [0, 1]
    """
    padded = text_mask(pc.match_substring_regex(names, _LEADING_ZEROS))
    led = names.filter(pa.array(padded))
    keys = pc.replace_substring_regex(led, _LEADING_ZEROS, r"\1\2")
    plain = names.filter(pa.array(~padded))
    same = text_mask(pc.is_in(plain, value_set=keys))
    some = np.concatenate([np.flatnonzero(padded), np.flatnonzero(~padded)[same]])
    order = np.argsort(some)
    all_keys = pa.chunked_array([keys, plain.filter(pa.array(same))], TEXT).combine_chunks().take(order)
    some = some[order]
    why = ": to a spreadsheet they are the same number, but here they are different subscribers."
    return _twins("zero_twin", names.take(some), rows[some], all_keys, "differs only by leading zeros from", why)


def replace_bytes(texts: Any, changes: dict[int, int]) -> Any:
    """Return texts with ASCII characters replaced, all of them in one step.

    >>> replace_bytes(pa.array(["Ab", None, "B"], TEXT), {ord("A"): ord("a")}).to_pylist()
    ['ab', None, 'B']
    """
    table = np.arange(256, dtype=np.uint8)
    table[list(changes)] = list(changes.values())
    array = flat(pa.chunked_array([texts], TEXT))
    valid, offsets, data = array.buffers()
    if data is None:
        return array
    made = pa.py_buffer(table[np.frombuffer(data, dtype=np.uint8)])
    return pa.Array.from_buffers(TEXT, len(array), [valid, offsets, made], array.null_count, array.offset)


def may_repeat(texts: Any) -> Rows:
    """Return where texts stand that are there more than once, and by chance a few others.

    Texts of up to 16 bytes, as names are, go by their hash: arrow's dictionary takes ten times as long. Of longer
    ones all are returned.

    >>> may_repeat(pa.array(["bob", "eve", "bob"], TEXT)).tolist()
    [0, 2]
    """
    padded = pc.utf8_rpad(texts, _NAME_BYTES, "\0")
    short = text_mask(pc.equal(pc.binary_length(padded), _NAME_BYTES))
    rows, halves = np.flatnonzero(short), padded if short.all() else padded.filter(pa.array(short))
    data = np.frombuffer(halves.buffers()[2] or b"", dtype=np.uint64)[
        2 * halves.offset : 2 * (halves.offset + len(rows))
    ]
    hashes = (data[0::2] ^ (data[1::2] * _MIX)) * _MIX
    ordered = np.sort(hashes)  # sorting values takes a tenth of sorting positions
    again = np.append(np.unique(ordered[1:][ordered[1:] == ordered[:-1]]), np.uint64(0))
    found = again[np.searchsorted(again[:-1], hashes)] == hashes
    return np.sort(np.concatenate([rows[found], np.flatnonzero(~short)]))


def find_shared(codes: NDArray[Any]) -> tuple[Rows, Rows, Rows]:
    """Return the positions whose code is there more than once, another position of each one's group, and its size.

    >>> [part.tolist() for part in find_shared(np.array([7, 3, 7, 7, 4]))]
    [[0, 2, 3], [2, 0, 0], [3, 3, 3]]
    """
    counts = np.bincount(codes)[codes] if len(codes) else codes
    some = np.flatnonzero(counts > 1)
    grouped = some[np.argsort(codes[some], kind="stable")]
    begins = np.flatnonzero(np.diff(codes[grouped], prepend=-1))
    first, second = (np.repeat(grouped[begins + at], counts[grouped[begins]]) for at in (0, 1))
    other = np.where(grouped == first, second, first)
    back = np.argsort(grouped, kind="stable")
    return grouped[back], other[back], counts[grouped][back]


def _twins(rule: str, names: Any, rows: Rows, keys: Any, how: str, why: str) -> Findings:
    few = may_repeat(keys)
    at, near, size = find_shared(keys.take(few).dictionary_encode().indices.to_numpy())
    here, other = few[at], few[near]
    quoted = quote_texts(names.take(here)), quote_texts(names.take(other))
    messages = join_texts(quoted[0], f" {how} ", quoted[1], _count_more(size), why)
    return Findings(rule, NAME, rows[here], messages)


def _count_more(size: Rows) -> Any:
    """Say how many more twins there are than the one that is named."""
    others = join_texts(" and ", count_texts(size - 2, "other"))
    return pc.if_else(pa.array(size > 2), others, pa.scalar("", TEXT))  # noqa: PLR2004 - itself and the one named
