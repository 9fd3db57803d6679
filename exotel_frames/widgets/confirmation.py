"""What a form shows before it sends anything: what would happen, by which code, and what must be typed to allow it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import pandas as pd

from exotel_frames.api.client import Client
from exotel_frames.display import render_html, view_plan
from exotel_frames.operations.apply import apply_plan
from exotel_frames.operations.cost import estimate
from exotel_frames.runs.progress import Listener
from exotel_frames.text import join_words, pluralize

Run = Callable[[float, Listener], pd.DataFrame]
MAX_DELETES_SLOT: Final = "…max_deletes"
"""Stands in a code where the argument goes that allows its deletes, when there are any."""
ROWS_SHOWN: Final = 200
"""So many rows of a plan or of results are shown, in a box that scrolls; the others are counted."""
_UNCUT: Final = 1_000_000
CODE_NAMES_MAX: Final = 5
"""With more names than this the code has a variable instead of their list."""
FORM_PLAN: Final = "form.plan  # what is under review here; form is what this cell returned"


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """Something that is done once a person has confirmed it.

    `run(max_share, listener)` does it. Where `text_to_type` is not empty it must be typed first, as `prompt` says.
    `plan` is the plan that `run` applies, if it applies one.
    """

    html: str
    code: str
    label: str
    run: Run
    cost: str = ""
    text_to_type: str = ""
    prompt: str = ""
    plan: pd.DataFrame | None = None


def confirm_plan(client: Client, plan: pd.DataFrame, *, code: str, name_to_type: str = "") -> Confirmation:
    """Return the confirmation of a plan; rows in conflict are shown, and not sent.

    Where it deletes, `name_to_type` must be typed, or the number of deletes. Values are shown uncut, since this is the
    last look at them. `code` may have a `MAX_DELETES_SLOT`.
    """
    todo = rows_to_send(plan)
    deletes = int((todo["action"] == "delete").sum())
    text_to_type, prompt = _deletion_prompt(deletes, name_to_type) if deletes else ("", "")
    view = view_plan(plan, max_rows=ROWS_SHOWN, see_all="ef.show(form.plan)", value_max=_UNCUT)
    return Confirmation(
        html=render_html(replace(view, label=None)),  # the form has the account on top
        code=code.replace(MAX_DELETES_SLOT, f", max_deletes={deletes}" if deletes else ""),
        label=f"Confirm {describe_counts(todo)}",
        run=partial(_apply, client, todo, deletes),
        cost=f"{estimate(client, todo)}.",
        text_to_type=text_to_type,
        prompt=prompt,
        plan=plan,
    )


def _deletion_prompt(deletes: int, name: str) -> tuple[str, str]:
    """Return what must be typed to allow deletes, and the sentence that asks for it."""
    if name:
        return name, f"To delete {name} for good, type its name"
    return str(deletes), f"To delete {pluralize(deletes, 'subscriber')} for good, type {deletes}"


def _apply(client: Client, plan: pd.DataFrame, deletes: int, max_share: float, listener: Listener) -> pd.DataFrame:
    account = client.settings.account_sid  # the form shows it above Confirm
    return apply_plan(client, plan, max_deletes=deletes, max_share=max_share, account=account, progress=listener)


def rows_to_send(plan: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a plan that would be sent: neither in conflict nor without anything to do.

    >>> len(rows_to_send(pd.DataFrame({"action": ["none", "update", "delete"], "conflict": [False, False, True]})))
    1
    """
    return plan[(~plan["conflict"] & (plan["action"] != "none")).to_numpy()]


def describe_counts(todo: pd.DataFrame) -> str:
    """Return in words how many rows there are of each action.

    >>> describe_counts(pd.DataFrame({"action": ["update", "delete", "update"]}))
    '2 updates and 1 delete'
    """
    counts = todo["action"].value_counts()
    return join_words([pluralize(int(counts[each]), each) for each in ("create", "update", "delete") if each in counts])


def frame_code(frame: pd.DataFrame) -> str:
    """Return the code that makes a small frame.

    >>> frame_code(pd.DataFrame({"subscriber_name": ["bob"], "status": ["active"]}))
    "pd.DataFrame({'subscriber_name': ['bob'], 'status': ['active']})"
    """
    return f"pd.DataFrame({frame.to_dict('list')!r})"
