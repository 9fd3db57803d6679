"""What a form asks before it does anything: what would happen, by which code, and what must be typed to allow it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import pandas as pd

from exotel_frames.api.client import Client
from exotel_frames.display import plan_html
from exotel_frames.operations.apply import apply_plan
from exotel_frames.operations.cost import estimate
from exotel_frames.runs.progress import Listener
from exotel_frames.text import join_words, pluralize

Run = Callable[[float, Listener], pd.DataFrame]
LIMITS: Final = "…limits"
ROWS_SHOWN: Final = 200
"""So many rows of a plan or of results are shown, in a box that scrolls; the others are counted."""
WHOLE: Final = 1_000_000
NAMES_MAX: Final = 5
"""Up to so many names stand in the code; more are a variable."""
FORM_PLAN: Final = "form.plan  # what is under review here; form is what this cell returned"


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """Something that is done only when it is confirmed.

    `run(max_share, listener)` does it. With a `confirm_text`, that must be typed first, as `prompt` says. `plan` is
    what is asked about, when that is a plan.
    """

    html: str
    code: str
    label: str
    run: Run
    cost: str = ""
    confirm_text: str = ""
    prompt: str = ""
    plan: pd.DataFrame | None = None


def confirm_plan(
    client: Client, plan: pd.DataFrame, *, code: str, confirm_text: str = "", prompt: str = ""
) -> Confirmation:
    """Return what asks whether to apply a plan; rows in conflict are shown, and left out. A delete must be typed for.

    Values are shown whole, however long they are: this is the last look.

    `code` has `LIMITS` where the argument goes that allows the deletes.
    """
    todo = to_do(plan)
    deletes = int((todo["action"] == "delete").sum())
    if deletes and not confirm_text:
        confirm_text, prompt = str(deletes), f"To delete {pluralize(deletes, 'subscriber')} for good, type {deletes}"
    return Confirmation(
        html=plan_html(plan, max_rows=ROWS_SHOWN, see_all="ef.show(form.plan)", value_max=WHOLE, account=False),
        code=code.replace(LIMITS, f", max_deletes={deletes}" if deletes else ""),
        label=f"Confirm {counts_of(todo)}",
        run=partial(_apply, client, todo, deletes),
        confirm_text=confirm_text if deletes else "",
        cost=f"{estimate(client, todo)}.",
        prompt=prompt,
        plan=plan,
    )


def _apply(client: Client, plan: pd.DataFrame, deletes: int, max_share: float, listener: Listener) -> pd.DataFrame:
    account = client.settings.account_sid  # the form shows it, and somebody has confirmed it
    return apply_plan(client, plan, max_deletes=deletes, max_share=max_share, account=account, progress=listener)


def to_do(plan: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a plan that would be sent: neither in conflict nor without anything to do.

    >>> len(to_do(pd.DataFrame({"action": ["none", "update", "delete"], "conflict": [False, False, True]})))
    1
    """
    return plan[(~plan["conflict"] & (plan["action"] != "none")).to_numpy()]


def counts_of(todo: pd.DataFrame) -> str:
    """Return how many rows of which action, in words.

    >>> counts_of(pd.DataFrame({"action": ["update", "delete", "update"]}))
    '2 updates and 1 delete'
    """
    counts = todo["action"].value_counts()
    return join_words([pluralize(int(counts[each]), each) for each in ("create", "update", "delete") if each in counts])


def frame_code(frame: pd.DataFrame) -> str:
    """Return the code of a small frame.

    >>> frame_code(pd.DataFrame({"subscriber_name": ["bob"], "status": ["active"]}))
    "pd.DataFrame({'subscriber_name': ['bob'], 'status': ['active']})"
    """
    return f"pd.DataFrame({frame.to_dict('list')!r})"
