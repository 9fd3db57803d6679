"""Frames that are known to hold a part of the account: a subscriber that such a frame lacks may exist all the same."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from exotel_frames.errors import ValidationError
from exotel_frames.frames.arguments import remembered
from exotel_frames.frames.compare import names_of
from exotel_frames.frames.loaded import LOADED, Loaded
from exotel_frames.outcomes import FAILURES, OUTCOMES
from exotel_frames.schema import NAME, NO_SUCH
from exotel_frames.text import join_words, pluralize, quote_value

ONLY: Final = "only"
"""Where a frame remembers the one status that was loaded."""
UNRECORDED: Final = "unrecorded"
"""Where a frame of an older file remembers the fields that did not exist when it was written."""
_LISTED_MAX: Final = 5
_AS_ASKED: Final = [name for name in OUTCOMES if name not in FAILURES]


def may_exist(names: pd.Series[Any], current: Any) -> list[str]:
    """Return the names that a frame lacks and that may exist; none unless the frame is known to hold a part.

    >>> current = pd.DataFrame({"subscriber_name": ["bob"], "status": ["active"]})
    >>> may_exist(pd.Series(["bob", "eve"]), current)
    []
    >>> current.attrs["exotel_frames"] = {"only": "active"}
    >>> may_exist(pd.Series(["bob", "eve"]), current)
    ['eve']
    """
    if not isinstance(current, pd.DataFrame) or NAME not in current:
        return []
    about = remembered(current)
    kept = about.get(LOADED)
    shrunk = isinstance(kept, dict) and kept.get("rows", 0) > len(current)
    if not (shrunk or about.get(ONLY) or is_of_a_run(current)):
        return []
    distinct = pd.Series(names_of(names).dropna().unique())
    absent = distinct[~distinct.isin(_judged_names(current))]
    if isinstance(kept, Loaded) and not about.get(ONLY):
        absent = absent[absent.isin(kept.frame[NAME])]
    found: list[str] = absent.tolist()
    return found


def refuse_part(verb: str, names: pd.Series[Any], current: Any) -> None:
    """Raise a `ValidationError` that names those that `current`, a part of the account, lacks and that may exist."""
    unknown = may_exist(names, current)
    if unknown:
        listed = join_words([quote_value(name) for name in unknown[:_LISTED_MAX]], len(unknown))
        does = "exists" if len(unknown) == 1 else "exist"
        raise ValidationError(
            f"current {part_of(current)}, and does not tell whether {listed} {does}. Give everybody: "
            f"{verb} with ef.load_subscribers(client) as current."
        )


def part_of(frame: pd.DataFrame) -> str:
    """Say which part of the account a frame holds, if it is known to hold only a part."""
    about = remembered(frame)
    if is_of_a_run(frame):
        return "holds results, of those only that were asked for"
    if about.get(ONLY):
        return f"lists only subscribers with the status {quote_value(about[ONLY])}"
    return f"has {len(frame):,} of the {pluralize(about[LOADED]['rows'], 'subscriber')} that were loaded"


def who_is_there(current: Any) -> Any:
    """Return the subscribers that a results frame shows to exist, each once; any other frame, and names, unchanged.

    >>> results = pd.DataFrame({"subscriber_name": ["bob", "eve"], "action": "get", "outcome": ["done", "rejected"]})
    >>> who_is_there(results)["subscriber_name"].tolist()
    ['bob']
    """
    if not isinstance(current, pd.DataFrame) or not is_of_a_run(current):
        return current
    exists = current["outcome"].isin(_AS_ASKED) & (current["action"] != "delete")
    return current[exists].drop_duplicates(NAME)


def is_of_a_run(frame: pd.DataFrame) -> bool:
    """Tell whether a frame holds results."""
    return {"outcome", "action"} <= set(frame.columns)


def _judged_names(current: pd.DataFrame) -> pd.Series[Any]:
    """Return the names that a frame shows to exist, or not to exist."""
    if not is_of_a_run(current):
        return current[NAME]
    code = current["http_code"] if "http_code" in current else pd.Series(pd.NA, index=current.index)
    sure = current["outcome"].isin(_AS_ASKED)
    absent = (current["action"] == "get") & (current["outcome"] == "rejected") & (code.isna() | code.isin(NO_SUCH))
    return current.loc[sure | absent, NAME]
