"""Pictures of subscribers and of results, as matplotlib figures; matplotlib is imported when the first one is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from exotel_frames.display import UNKNOWN_ACCOUNT, label_of
from exotel_frames.frames.arguments import as_pandas, need_columns
from exotel_frames.plots import counts
from exotel_frames.text import pluralize

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["plot_changes", "plot_results", "plot_subscribers"]


def plot_subscribers(subs: pd.DataFrame) -> Figure:
    """Draw a subscribers frame: how many are active, when they were created, and the most frequent custom fields.

    The background is white even in dark notebooks, because the picture is also used elsewhere.

    Parameters
    ----------
    subs : DataFrame
        A subscribers frame; `date_created` and `custom_field` may be missing.

    Returns
    -------
    matplotlib.figure.Figure
        A notebook displays it when it is the last value of a cell; `figure.savefig("tenant.png")` keeps it.

    Raises
    ------
    ValidationError
        When the frame has no column status.

    Examples
    --------
    >>> plot_subscribers(pd.DataFrame({"status": ["active", "inactive"]})).get_suptitle().splitlines()[-1]
    '2 subscribers: 1 active, 1 inactive'
    """
    subs = need_columns(subs, ["status"], what="The frame of subscribers")
    statuses = counts.count_words("Status", subs["status"], counts.STATUS_COLORS)
    return _draw(subs, "subscriber", statuses, counts.count_created(subs), counts.count_fields(subs))


def plot_results(results: pd.DataFrame) -> Figure:
    """Draw a results or tokens frame: each outcome with its count and share, and the reasons why rows are not done.

    Parameters
    ----------
    results : DataFrame
        A results or tokens frame.

    Returns
    -------
    matplotlib.figure.Figure
        A notebook displays it when it is the last value of a cell; `figure.savefig("results.png")` keeps it.

    Raises
    ------
    ValidationError
        When the frame lacks outcome, error_code or error_message.

    Examples
    --------
    >>> results = pd.DataFrame({"outcome": ["done", "done"], "error_code": None, "error_message": None})
    >>> plot_results(results).get_suptitle().splitlines()[-1]
    '2 rows: 2 done'
    """
    results = as_pandas(results)
    reasons = counts.count_reasons(results)
    outcomes = counts.count_words("Outcomes", results["outcome"], counts.OUTCOME_COLORS)
    return _draw(results, "row", outcomes, reasons)


def plot_changes(changes: pd.DataFrame) -> Figure:
    """Draw a changes frame: how many were added, removed and changed, and what changed most often.

    Parameters
    ----------
    changes : DataFrame
        What `compare` returned.

    Returns
    -------
    matplotlib.figure.Figure
        A notebook displays it when it is the last value of a cell; `figure.savefig("changes.png")` keeps it.

    Raises
    ------
    ValidationError
        When the frame lacks change or subscriber_name.

    Examples
    --------
    >>> changes = pd.DataFrame({"change": ["added", "removed", "added"], "subscriber_name": list("abc")})
    >>> plot_changes(changes).get_suptitle().splitlines()[-1]
    '3 subscribers: 2 added, 1 removed'
    """
    changes = need_columns(changes, ["change"], what="The changes")
    kinds = counts.count_words("Changes", changes["change"], counts.CHANGE_COLORS)
    return _draw(changes, "subscriber", kinds, counts.count_changes(changes))


def _draw(frame: pd.DataFrame, noun: str, first: counts.Panel, *others: counts.Panel | None) -> Figure:
    from exotel_frames.plots.drawing import draw  # noqa: PLC0415 - matplotlib takes 0.3 s, and most people don't draw

    numbers = ", ".join(f"{number:,} {label}" for label, number in first.rows.items())
    subtitle = ": ".join(filter(None, (pluralize(first.of, noun), numbers)))
    return draw(f"{label_of(frame) or UNKNOWN_ACCOUNT}\n{subtitle}", [first, *filter(None, others)])
