"""Whatever is in a column, validating it judges like a slow reference in plain Python, and never raises."""

import math
import re
import unicodedata
from collections import Counter
from decimal import Decimal

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from exotel_frames import schema
from exotel_frames.validation.problem import RULES
from exotel_frames.validation.validate import invalid_rows, validate_names, validate_subscribers, validate_tokens
from tests.laws import holds

NEAR_LEGAL = st.text(
    st.sampled_from([*"abAB01", " ", "\n", "\u00e9", "\uff11", "\u0430", "\ud83d", "\u200b", "-"]), max_size=18
)
LEGAL = st.text(st.sampled_from("abAB01"), min_size=1, max_size=3)
ODD = st.one_of(
    st.none(),
    st.just(pd.NA),
    st.just(pd.NaT),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.binary(max_size=4),
    st.datetimes(),
    st.dates(),
    st.decimals(allow_nan=True),
    st.complex_numbers(),
    st.lists(st.text(max_size=2), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=1),
    st.tuples(),
    st.just(object()),
    st.builds(np.float64, st.floats()),
)
CELLS = st.lists(st.one_of(LEGAL, NEAR_LEGAL, st.text(st.characters(), max_size=20), ODD), max_size=12)
DTYPES = ["object", "str", "string", "string[python]", "category", "string[pyarrow]"]
TEXTS = st.lists(st.one_of(st.none(), LEGAL, NEAR_LEGAL.filter(str.isprintable)), max_size=12)


def accepted(cells):
    """Return the rows that may be sent: the rules of API.md, slowly."""
    counts = Counter(cell for cell in cells if isinstance(cell, str))
    pattern = re.compile(r"[0-9A-Za-z]{1,16}")
    return [
        row for row, cell in enumerate(cells) if isinstance(cell, str) and pattern.fullmatch(cell) and counts[cell] == 1
    ]


def twins(cells):
    """Return the rows of legal names that differ only by case from another legal name."""
    legal = {row: cells[row] for row in range(len(cells)) if isinstance(cells[row], str) and cells[row].isascii()}
    by_lower = {name: {other for other in legal.values() if other.lower() == name.lower()} for name in legal.values()}
    return [row for row, name in legal.items() if name and len(by_lower[name]) > 1]


def assert_well_formed(problems):
    assert {name: str(dtype) for name, dtype in problems.dtypes.items()} == schema.PROBLEMS
    order = [(row, list(RULES).index(rule)) for row, rule in zip(problems["row"], problems["rule"], strict=True)]
    assert order == sorted(order)
    for message in problems["message"]:
        assert message.strip()
        assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in message)
    assert problems["fix"].notna().all()


def sendable(problems, rows):
    return sorted(set(range(rows)) - set(invalid_rows(problems).tolist()))


@holds(CELLS, few=20, many=10_000)
def test_the_rows_that_may_be_sent_are_those_of_the_reference(cells):
    problems = validate_names(cells)
    assert_well_formed(problems)
    assert sendable(problems, len(cells)) == accepted(cells)


@holds(CELLS, few=8, many=300)
def test_the_twins_are_those_of_the_reference(cells):
    problems = validate_names(cells)
    ascii_rows = [row for row, cell in enumerate(cells) if isinstance(cell, str) and cell.isascii()]
    found = problems.loc[problems["rule"] == "case_twin", "row"].tolist()
    assert [row for row in found if row in ascii_rows] == twins(cells)


@holds(
    TEXTS,
    st.sampled_from(["object", "str", "string", "string[python]", "category", "string[pyarrow]"]),
    few=8,
    many=300,
)
def test_every_dtype_of_text_is_judged_alike(cells, dtype):
    problems = validate_names(pd.Series(cells, dtype=dtype))
    pd.testing.assert_frame_equal(problems, validate_names(cells))


@holds(TEXTS, TEXTS, st.sampled_from(["create", "update", "delete"]), few=8, many=300)
def test_beside_a_tenant_the_rows_that_may_be_sent_are_those_of_the_reference(cells, current, action):
    """What exists may have any name."""
    frame = pd.DataFrame({"subscriber_name": pd.Series(cells, dtype=object), "status": "active"})
    problems = validate_subscribers(frame, action=action, current=pd.Series(current, dtype=object))
    assert_well_formed(problems)
    once = [row for row, cell in enumerate(cells) if cell and cells.count(cell) == 1]
    fit = accepted(cells) if action == "create" else once
    wanted = [row for row in fit if (cells[row] in current) == (action != "create")]
    assert sendable(problems, len(cells)) == wanted


@holds(TEXTS, TEXTS, few=8, many=300)
def test_a_twin_in_the_tenant_is_told_exactly_when_there_is_one(cells, current):
    frame = pd.DataFrame({"subscriber_name": pd.Series(cells, dtype=object)})
    problems = validate_subscribers(frame, current=pd.Series(current, dtype=object))
    everyone = {name for name in [*cells, *current] if name and name.isascii()}
    wanted = [
        row
        for row, name in enumerate(cells)
        if name and name.isascii() and any(other != name and other.lower() == name.lower() for other in everyone)
    ]
    found = problems.loc[problems["rule"] == "case_twin", "row"].tolist()
    assert [row for row in found if cells[row].isascii()] == wanted


@holds(CELLS, few=8, many=300)
def test_a_status_may_be_sent_when_it_is_one_or_missing(cells):
    names = [f"n{row}" for row in range(len(cells))]
    frame = pd.DataFrame({"subscriber_name": names, "status": pd.Series([*cells], dtype=object)})
    problems = validate_subscribers(frame, action="update")
    assert_well_formed(problems)
    assert sendable(problems, len(cells)) == [
        row for row, cell in enumerate(cells) if is_missing(cell) or (isinstance(cell, str) and cell in schema.STATUSES)
    ]


@holds(CELLS, few=8, many=300)
def test_a_custom_field_may_be_sent_when_it_is_unicode_or_missing(cells):
    names = [f"n{row}" for row in range(len(cells))]
    problems = validate_subscribers(
        pd.DataFrame({"subscriber_name": names, "custom_field": pd.Series(cells, dtype=object)})
    )
    assert_well_formed(problems)
    assert sendable(problems, len(cells)) == [
        row for row, cell in enumerate(cells) if is_missing(cell) or is_unicode(cell)
    ]


@holds(CELLS, few=8, many=300)
def test_a_device_may_be_sent_when_it_is_unicode_with_something_in_it(cells):
    frame = pd.DataFrame({"subscriber_name": "bob", "platform": "iOS", "device_id": pd.Series(cells, dtype=object)})
    problems = validate_tokens(frame)
    assert_well_formed(problems)
    assert sendable(problems, len(cells)) == [
        row for row, cell in enumerate(cells) if is_unicode(cell) and cell.strip()
    ]


@holds(CELLS, few=8, many=300)
def test_any_cell_may_stand_for_a_platform(cells):
    frame = pd.DataFrame({"subscriber_name": "bob", "platform": pd.Series(cells, dtype=object), "device_id": "d"})
    problems = validate_tokens(frame)
    assert_well_formed(problems)
    assert sendable(problems, len(cells)) == []


def is_missing(cell):
    if isinstance(cell, complex):
        return math.isnan(cell.real) or math.isnan(cell.imag)
    if isinstance(cell, float | np.floating):
        return math.isnan(cell)
    if isinstance(cell, Decimal):
        return cell.is_qnan()
    return cell is None or cell is pd.NA or cell is pd.NaT


def is_unicode(cell):
    return isinstance(cell, str) and not any("\ud800" <= char <= "\udfff" for char in cell)
