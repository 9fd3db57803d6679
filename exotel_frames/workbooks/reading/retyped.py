"""Cells that a spreadsheet program has made into something else than text, and what they may have been."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from exotel_frames.text import join_words
from exotel_frames.validation import is_legal
from exotel_frames.workbooks.addresses import cell_to_text

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
TYPE_AGAIN = "Format the column as Text and type the cell again"


def describe(cell: Any) -> tuple[str, str]:
    """Return what a cell has become, and the names it may have been.

    >>> describe(7.0)
    ('the number 7', ': was it "007"?')
    >>> describe(dt.date(2026, 3, 1))
    ('the date 2026-03-01', ': was it "MAR1" or "1MAR"?')
    """
    if isinstance(cell, bool):
        return f"the yes/no value {cell_to_text(cell)}", suggested([cell_to_text(cell)])
    if isinstance(cell, int | float):
        return f"the number {_digits(cell)}", suggested(_numbers(float(cell)))
    if isinstance(cell, dt.date):
        month = _MONTHS[cell.month - 1]
        return f"the date {cell_to_text(cell)}", suggested([f"{month}{cell.day}", f"{cell.day}{month}"])
    return f"the time {cell_to_text(cell)}", ""


def _digits(value: float) -> str:
    return cell_to_text(float(value)) if abs(value) < 10**17 else f"{value:.15g}"


def _numbers(value: float) -> list[str]:
    """Return what people type that becomes this number: leading zeros, or an E between digits."""
    if value < 0 or not value.is_integer():
        return []
    zeros = [f"{value:03.0f}"] if value < 100 else []  # noqa: PLR2004 - people pad to three digits: 007
    mantissa, _, exponent = f"{value:.14e}".partition("e")
    digits = mantissa.replace(".", "").rstrip("0")
    power = int(exponent) - len(digits) + 1
    exponents = [f"{digits}E{power}"] if digits and power > 1 else []
    return [name for name in zeros + exponents if is_legal(name)]


def suggested(candidates: Sequence[str]) -> str:
    """Return the names a retyped cell may have held, as a question.

    >>> suggested(["007", "07"])
    ': was it "007" or "07"?'
    """
    quoted = [f'"{candidate}"' for candidate in candidates]
    return f": was it {join_words(quoted).replace(' and ', ' or ')}?" if quoted else ""
