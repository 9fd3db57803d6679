"""The outcomes of a row: one table, used by everything that counts, colours or settles rows.

A new outcome is a word in `Outcome` and a line in `OUTCOME_INFO`, in the order in which outcomes are counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Outcome = Literal["done", "unchanged", "rejected", "invalid", "conflict", "unknown", "not_sent"]
Tone = Literal["good", "quiet", "bad", "doubt"]


@dataclass(frozen=True, kw_only=True)
class OutcomeInfo:
    """What the package knows of one outcome.

    `meaning` and `next_step` are read by people; `tone` and `mark` are how a notebook and a terminal show it; `color`
    is a picture's (Okabe and Ito's: colour-blind people can tell them apart), `fill` a workbook cell's, both as hex
    RGB. `is_open`: it can still be settled or sent by a resume. `was_sent`: the service may have received it.
    `may_be_done`: the subscriber may have been changed by it.
    """

    meaning: str
    next_step: str = ""
    tone: Tone
    mark: str
    color: str
    fill: str
    is_open: bool = False
    is_failure: bool = True
    was_sent: bool = False
    may_be_done: bool = False
    exit_code: int = 3


OUTCOME_INFO: Final[Mapping[Outcome, OutcomeInfo]] = MappingProxyType(
    {
        "done": OutcomeInfo(
            meaning="done",
            tone="good",
            mark="+",
            color="#009E73",
            fill="D1E7DD",
            is_failure=False,
            was_sent=True,
            may_be_done=True,
            exit_code=0,
        ),
        "unchanged": OutcomeInfo(
            meaning="nothing to do: it is already like that",
            tone="quiet",
            mark="=",
            color="#BBBBBB",
            fill="EEF1F4",
            is_failure=False,
            exit_code=0,
        ),
        "rejected": OutcomeInfo(
            meaning="the service refused it", tone="bad", mark="x", color="#D55E00", fill="F8D7DA", was_sent=True
        ),
        "invalid": OutcomeInfo(
            meaning="not sent: the row breaks a rule", tone="bad", mark="x", color="#E69F00", fill="F8D7DA"
        ),
        "conflict": OutcomeInfo(
            meaning="not sent: the subscriber changed meanwhile",
            next_step="look at what changed, and plan again",
            tone="doubt",
            mark="!",
            color="#CC79A7",
            fill="FFE5CC",
        ),
        "unknown": OutcomeInfo(
            meaning="sent, but the response was lost: it may or may not have been done",
            next_step="resume the run to settle it",
            tone="doubt",
            mark="?",
            color="#F0E442",
            fill="FFF3CD",
            is_open=True,
            was_sent=True,
            may_be_done=True,
            exit_code=5,
        ),
        "not_sent": OutcomeInfo(
            meaning="not sent",
            next_step="resume the run to send it",
            tone="quiet",
            mark=".",
            color="#56B4E9",
            fill="FFF3CD",
            is_open=True,
        ),
    }
)
"""All outcomes; every row of a results frame has exactly one of them."""

OUTCOMES: Final[tuple[Outcome, ...]] = tuple(OUTCOME_INFO)
OPEN: Final[tuple[Outcome, ...]] = tuple(name for name in OUTCOMES if OUTCOME_INFO[name].is_open)
"""Rows that a resume settles or sends."""
FAILURES: Final[tuple[Outcome, ...]] = tuple(name for name in OUTCOMES if OUTCOME_INFO[name].is_failure)
"""Rows that want a look: what was asked for has not surely been done."""
SUCCESSES: Final[tuple[Outcome, ...]] = tuple(name for name in OUTCOMES if not OUTCOME_INFO[name].is_failure)
WAS_SENT: Final[tuple[Outcome, ...]] = tuple(name for name in OUTCOMES if OUTCOME_INFO[name].was_sent)
MAY_BE_DONE: Final[tuple[Outcome, ...]] = tuple(name for name in OUTCOMES if OUTCOME_INFO[name].may_be_done)
"""Rows whose subscriber may have been changed: an undo looks at these."""


def settled_weight(outcome: str) -> int:
    """Return how settled a row of a run is: 0 surely not sent, 1 may have been carried out, 2 settled.

    An outcome that this version does not know is never taken for settled.

    >>> settled_weight("not_sent"), settled_weight("unknown"), settled_weight("done"), settled_weight("from the future")
    (0, 1, 2, 1)
    """
    info = OUTCOME_INFO.get(outcome)  # type: ignore[call-overload]
    if info is None:
        return 1
    return 2 if not info.is_open else 1 if info.was_sent else 0
