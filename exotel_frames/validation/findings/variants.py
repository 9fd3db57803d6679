"""Custom fields that say the same in different spellings: fingerprints, as OpenRefine's clusters have them.

Two spellings are one when they differ only in case, blanks and punctuation, or only in case, punctuation and the order
of their words. Between two digits a blank or a sign is kept, and numbers keep their order: 1.5 is not 15, and 01/02 not
02/01.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from exotel_frames.frames.arrow_columns import quote_texts, text_mask
from exotel_frames.frames.text_column import TEXT, flat
from exotel_frames.validation.findings.finding import Findings, count_texts, join_texts

FIELD: Final = "custom_field"
_SPELLINGS_TOLD: Final = 5
_GAP: Final = r"[\p{P}\p{Z}\p{C}|\s]+"
Codes = NDArray[np.int64]


def field_variants(fields: Any, fixable: NDArray[np.bool_]) -> Findings:
    """Find custom fields of which there is a commoner spelling, which is the fix where the row is `fixable`.

    Where no spelling is the commonest, each gets a finding without a fix.

    >>> found = field_variants(pa.array(["Sales", "sales ", "Sales", "HR"], TEXT), np.full(4, True))
    >>> found.rows.tolist(), found.fixes.to_pylist(), found.messages[0].as_py()
    ([1], ['Sales'], "'sales ' seems to be another spelling of 'Sales': 'Sales' (2 rows), 'sales ' (1 row).")
    """
    encoded = fields.dictionary_encode()
    codes = encoded.indices.fill_null(len(encoded.dictionary)).to_numpy()
    counts = np.bincount(codes, minlength=len(encoded.dictionary) + 1)[:-1]
    spelling, fixes, messages = _variants(encoded.dictionary, counts)
    place = np.full(len(counts) + 1, -1)
    place[spelling] = np.arange(len(spelling))
    rows = np.flatnonzero(place[codes] >= 0)
    at = pa.array(place[codes[rows]])
    fix = pc.if_else(pa.array(fixable[rows]), fixes.take(at), pa.scalar(None, TEXT))
    return Findings("field_variant", FIELD, rows, messages.take(at), fix)


def _variants(spellings: Any, counts: Codes) -> tuple[Codes, Any, Any]:
    """Return which spellings are not the one to keep, the one to keep (or null), and a sentence for each."""
    label = clusters(spellings)
    order = np.lexsort((-counts, label))
    order = order[label[order] >= 0]
    begins = np.flatnonzero(np.diff(label[order], prepend=-1))
    sizes = np.diff(np.append(begins, len(order)))
    first, second = order[begins], order[begins + 1] if len(begins) else order
    texts = quote_texts(spellings.take(order))
    group_of = np.repeat(np.arange(len(begins)), sizes)
    tie = (counts[first] == counts[second])[group_of]
    listing = _listings(join_texts(texts, " (", count_texts(counts[order], "row"), ")"), begins, sizes)
    best = texts.take(pa.array(np.repeat(begins, sizes)))
    sentences = join_texts(texts, " seems to be another spelling of ", best, ": ")
    open_sentences = join_texts(texts, " is spelled in several ways, none of which is the most common: ")
    messages = join_texts(pc.if_else(pa.array(tie), open_sentences, sentences), listing.take(pa.array(group_of)), ".")
    fixes = pc.if_else(pa.array(tie), pa.scalar(None, TEXT), spellings.take(np.repeat(first, sizes)))
    tells = tie | (order != np.repeat(first, sizes))
    where = pa.array(np.flatnonzero(tells))
    return order[tells], flat(fixes).take(where), messages.take(where)


def _listings(texts: Any, begins: Codes, sizes: Codes) -> Any:
    """Return for each cluster its spellings, the commonest first."""
    rank = np.arange(len(texts)) - np.repeat(begins, sizes)
    shown = texts.filter(pa.array(rank < _SPELLINGS_TOLD))
    ends = np.append(0, np.cumsum(np.minimum(sizes, _SPELLINGS_TOLD)))
    lists = pa.LargeListArray.from_arrays(pa.array(ends, pa.int64()), shown)
    left = sizes - _SPELLINGS_TOLD
    more = join_texts(" and ", count_texts(np.maximum(left, 0), "more spelling"))
    return join_texts(
        pc.binary_join(lists, pa.scalar(", ", TEXT)), pc.if_else(pa.array(left > 0), more, pa.scalar("", TEXT))
    )


def clusters(spellings: Any) -> Codes:
    """Return a number for each spelling, the same for those that say the same, and -1 for those that stand alone.

    >>> clusters(pa.array(["North Sales", "sales, north", "northsales", "HR", "1.5", "15"], TEXT)).tolist()
    [0, 0, 0, -1, -1, -1]
    """
    cleaned = pc.utf8_trim_whitespace(
        pc.replace_substring_regex(pc.utf8_lower(pc.utf8_normalize(spellings, form="NFKC")), _GAP, " ")
    )
    together = _codes(_squeeze(cleaned))
    ordered = _codes(_in_order(cleaned))
    label = _connect(together, ordered)
    alone = np.bincount(label, minlength=1)[label] == 1
    return np.where(alone | text_mask(pc.equal(cleaned, "")), -1, label)


def _codes(keys: Any) -> Codes:
    return np.asarray(flat(keys).dictionary_encode().indices, dtype=np.int64)


def _squeeze(cleaned: Any) -> Any:
    """Return texts without blanks, but for those between two digits."""
    behind = pc.replace_substring_regex(cleaned, r"([^0-9]) ", r"\1")
    return pc.replace_substring_regex(behind, r" ([^0-9])", r"\1")


def _in_order(cleaned: Any) -> Any:
    """Return texts with their words in an order of ours, and then the numbers in theirs."""
    several = np.flatnonzero(text_mask(pc.match_substring(cleaned, " ")))
    lists = pc.split_pattern(cleaned.take(several), " ")
    of, words = pc.list_parent_indices(lists).to_numpy(), pc.list_flatten(lists)
    numeric = text_mask(pc.match_substring_regex(words, "^[0-9]+$"))
    rank = np.where(numeric, np.arange(len(words)), _codes(words))
    order = np.lexsort((rank, numeric, of))
    ends = pa.array(np.append(0, np.cumsum(np.bincount(of))), pa.int64())
    lists = pa.LargeListArray.from_arrays(ends, words.take(order))
    made: pd.Series[Any] = cleaned.to_pandas()
    made.iloc[several] = pc.binary_join(lists, pa.scalar(" ", TEXT)).to_pandas().array
    return flat(pa.array(made, TEXT))


def _connect(one: Codes, other: Codes) -> Codes:
    """Return the least code of each group connected by either code; two or three rounds are usual."""
    label = one
    while True:
        least = _least_of_group(_least_of_group(label, other), one)
        if np.array_equal(least, label):
            return label
        label = least


def _least_of_group(label: Codes, group: Codes) -> Codes:
    least = np.full(group.max(initial=0) + 1, np.iinfo(np.int64).max)
    np.minimum.at(least, group, label)
    return np.asarray(least[group], dtype=np.int64)
