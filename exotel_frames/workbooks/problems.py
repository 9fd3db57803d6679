"""One error for all problems of a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from exotel_frames.errors import WorkbookError
from exotel_frames.frames.convert import problems_frame
from exotel_frames.text import escape_text, pluralize
from exotel_frames.validation import Problem

_LISTED_MAX: Final = 5
_VALUE_MAX: Final = 60


def workbook_error(what: str, problems: Sequence[Problem]) -> WorkbookError:
    """Return the one error about all problems; the first few are told, all are in `.problems`.

    >>> problem = Problem(5, "subscriber_name", "7", "retyped", "subscribers!B7 is the number 7", "Type it again.")
    >>> print(workbook_error("audit.xlsx can't be read", [problem]))
    audit.xlsx can't be read: subscribers!B7 is the number 7. Type it again.
    """
    listed = [_sentences(problem) for problem in problems[:_LISTED_MAX]]
    if len(problems) == 1:
        text = f"{what}: {listed[0]}"
    else:
        more = len(problems) - len(listed)
        rest = [f"… and {more:,} more: see .problems of this error."] if more else []
        text = "\n  - ".join([f"{what}, for {pluralize(len(problems), 'reason')}:", *listed, *rest])
    rows = [{**each._asdict(), "value": each.value and escape_text(each.value, _VALUE_MAX)} for each in problems]
    return WorkbookError(text, problems_frame(rows))


def _sentences(problem: Problem) -> str:
    end = "" if problem.message.endswith("?") else "."
    return f"{problem.message}{end} {problem.fix}".strip()
