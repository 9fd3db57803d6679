"""Many things wrong with one file, said in one error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from exotel_frames.errors import WorkbookError
from exotel_frames.frames.convert import problems_frame
from exotel_frames.text import escape_text, pluralize

_TOLD: Final = 5
_VALUE_MAX: Final = 60


@dataclass(frozen=True)
class Fault:
    """One thing wrong in a file; `row` is the 0-based data row, or None for the header and the file itself."""

    row: int | None
    column: str | None
    value: str | None
    rule: str
    message: str
    fix: str


def workbook_error(what: str, faults: Sequence[Fault]) -> WorkbookError:
    """Return the one error about all faults; the first few are told, all are in `.problems`.

    >>> fault = Fault(5, "subscriber_name", "7", "retyped", "subscribers!B7 is the number 7", "Type it again.")
    >>> print(workbook_error("audit.xlsx can't be read", [fault]))
    audit.xlsx can't be read: subscribers!B7 is the number 7. Type it again.
    """
    told = [_sentences(fault) for fault in faults[:_TOLD]]
    if len(faults) == 1:
        text = f"{what}: {told[0]}"
    else:
        more = len(faults) - len(told)
        rest = [f"… and {more:,} more: see .problems of this error."] if more else []
        text = "\n  - ".join([f"{what}, for {pluralize(len(faults), 'reason')}:", *told, *rest])
    rows = [{**asdict(each), "value": each.value and escape_text(each.value, _VALUE_MAX)} for each in faults]
    return WorkbookError(text, problems_frame(rows))


def _sentences(fault: Fault) -> str:
    end = "" if fault.message.endswith("?") else "."
    return f"{fault.message}{end} {fault.fix}".strip()
