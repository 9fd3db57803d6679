"""Frames that are known to hold a part of the account: a subscriber that such a frame lacks may exist all the same."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import pyarrow as pa

from exotel_frames.errors import ValidationError
from exotel_frames.frames.arguments import recall
from exotel_frames.frames.arrow_columns import same_text
from exotel_frames.frames.compare import names_of
from exotel_frames.frames.loaded_state import LOADED, Loaded
from exotel_frames.frames.text_column import TEXT, read_texts, str_array
from exotel_frames.outcomes import FAILURES, OUTCOMES
from exotel_frames.schema import NAME, NO_SUCH
from exotel_frames.text import pluralize, quote_names, quote_value

ONLY: Final = "only"
"""Where a frame remembers the one status that was loaded."""
UNRECORDED: Final = "unrecorded"
"""Where a frame of an older file remembers the fields that did not exist when it was written."""
EDITED: Final = "edited"
"""Where a frame of a snapshot remembers that it was edited before it was written."""
NAMELESS: Final = "nameless"
"""Where a frame remembers how many items of the listing named nobody: who is not in it may exist all the same."""
UNREAD: Final = "unread"
"""Where a frame remembers who could not be read, by name, and why: they may exist all the same."""
ANOTHER: Final = "another"
"""Where a frame remembers those of them for whom the service answered about another: to it, case may mean nothing."""
_AS_ASKED: Final = [name for name in OUTCOMES if name not in FAILURES]


def may_exist(names: pd.Series[Any], current: Any) -> list[str]:
    """Return the names that a frame lacks and that may exist; none unless it is a part, or not all of it could be read.

    >>> current = pd.DataFrame({"subscriber_name": ["bob"], "status": ["active"]})
    >>> may_exist(pd.Series(["bob", "eve"]), current)
    []
    >>> current.attrs["exotel_frames"] = {"only": "active"}
    >>> may_exist(pd.Series(["bob", "eve"]), current)
    ['eve']
    """
    why = why_unsure(names, current)
    unsure: list[str] = names_of(names)[(why != "").to_numpy()].tolist()
    return list(dict.fromkeys([*missing_from_part(names, current), *unsure]))


def missing_from_part(names: pd.Series[Any], current: Any) -> list[str]:
    """Return the names that a part of the account lacks and that may exist."""
    if not is_part(current):
        return []
    about = recall(current)
    kept = about.get(LOADED)
    distinct = pd.Series(names_of(names).dropna().unique())
    absent = distinct[~distinct.isin(_judged_names(current))]
    if isinstance(kept, Loaded) and not about.get(ONLY):
        absent = absent[absent.isin(kept.frame[NAME])]
    found: list[str] = absent.tolist()
    return found


def is_part(frame: Any) -> bool:
    """Tell whether a frame is known to hold a part of the account: of a status, some rows of a listing, results.

    >>> frame = pd.DataFrame({"subscriber_name": ["bob"]})
    >>> frame.attrs["exotel_frames"] = {"loaded": {"rows": 2}}
    >>> is_part(frame), is_part(frame[["subscriber_name"]].assign(status="active")), is_part(["bob"])
    (True, True, False)
    """
    if not isinstance(frame, pd.DataFrame) or NAME not in frame:
        return False
    kept = recall(frame).get(LOADED)
    shrunk = isinstance(kept, dict) and kept.get("rows", 0) > len(frame)
    return shrunk or bool(recall(frame).get(ONLY)) or is_results(frame)


def why_unsure(names: pd.Series[Any], current: Any) -> pd.Series[Any]:
    """Return, by position, why a listing leaves it open whether a name that it lacks exists; an empty text elsewhere.

    >>> current = pd.DataFrame({"subscriber_name": ["bob"]})
    >>> current.attrs["exotel_frames"] = {"unread": {"eve": "HTTP 403: Authorization failed"}}
    >>> why_unsure(pd.Series(["bob", "eve", "nidhi"]), current).tolist()
    ['', "it can't be read (HTTP 403: Authorization failed)", '']
    """
    return pd.Series(str_array(unsure_texts(read_texts(names).arrow, current)))


def unsure_texts(names: Any, current: Any) -> Any:
    """Return what `why_unsure` does, of names that are arrow texts.

    >>> unsure_texts(pa.array(["bob"], TEXT), pd.DataFrame({"subscriber_name": ["bob"]})).to_pylist()
    ['']
    """
    items, unread = _count_unread(current)
    if not items and not unread:
        return same_text("", len(names))
    which = "this one" if items == 1 else "one of them"
    anybody = f"{describe_nameless(items)}, and it may be {which}" if items else ""
    sure, why = set(current[NAME]), {name: f"it can't be read ({reason})" for name, reason in unread.items()}
    absent = [None if name in sure else name for name in names.to_pylist()]
    return pa.array([why.get(name, anybody) if name else "" for name in absent], TEXT)


def answered_for_another(names: pd.Series[Any], current: Any) -> pd.Series[bool]:
    """Tell, by position, for which names the service was seen to answer about another subscriber."""
    return names_of(names).isin(recall(current).get(ANOTHER) or []).reset_index(drop=True)


def _count_unread(frame: Any) -> tuple[int, dict[str, str]]:
    """Return how many items of a listing named nobody, and who could not be read, and why."""
    about = recall(frame) if isinstance(frame, pd.DataFrame) and NAME in frame else {}
    return about.get(NAMELESS) or 0, about.get(UNREAD) or {}


def describe_nameless(count: int) -> str:
    """Say that a listing has items that name nobody.

    >>> describe_nameless(1)
    "1 item of the listing can't be read (no name or failed)"
    """
    return f"{pluralize(count, 'item')} of the listing can't be read (no name or failed)"


def refuse_part(verb: str, names: pd.Series[Any], current: Any) -> None:
    """Raise a `ValidationError` that names those that `current`, a part of the account, lacks and that may exist."""
    unknown = missing_from_part(names, current)
    if unknown:
        raise ValidationError(
            f"current {describe_part(current)}, so it does not show whether {_who_exists(unknown)}. Pass all "
            "subscribers: "
            f"{verb} with ef.load_subscribers(client) as current."
        )


def refuse_unsure(verb: str, names: pd.Series[Any], current: Any) -> None:
    """Raise a `ValidationError` that names those that `current` lacks, and that items without a name may be."""
    refuse_part(verb, names, current)
    unknown = may_exist(names, current)
    if unknown:
        items = describe_nameless(recall(current)[NAMELESS])
        raise ValidationError(
            f"current does not show whether {_who_exists(unknown)}: {items}. Look them up by name: "
            f"{verb} with ef.get_subscribers(client, names) as current."
        )


def _who_exists(unknown: list[str]) -> str:
    return f"{quote_names(unknown)} {'exists' if len(unknown) == 1 else 'exist'}"


def describe_part(frame: pd.DataFrame) -> str:
    """Say which part of the account a frame holds, if it is known to hold only a part."""
    about = recall(frame)
    if is_results(frame):
        return "holds results, which list only the requested names"
    if about.get(ONLY):
        return f"lists only subscribers with the status {quote_value(about[ONLY])}"
    return f"has {len(frame):,} of the {pluralize(about[LOADED]['rows'], 'subscriber')} that were loaded"


def existing_subscribers(current: Any) -> Any:
    """Return the subscribers that a results frame shows to exist, each once; any other frame, and names, unchanged.

    >>> results = pd.DataFrame({"subscriber_name": ["bob", "eve"], "action": "get", "outcome": ["done", "rejected"]})
    >>> existing_subscribers(results)["subscriber_name"].tolist()
    ['bob']
    """
    if not isinstance(current, pd.DataFrame) or not is_results(current):
        return current
    exists = current["outcome"].isin(_AS_ASKED) & (current["action"] != "delete")
    return current[exists].drop_duplicates(NAME)


def is_results(frame: pd.DataFrame) -> bool:
    """Tell whether a frame holds results."""
    return {"outcome", "action"} <= set(frame.columns)


def _judged_names(current: pd.DataFrame) -> pd.Series[Any]:
    """Return the names that a frame shows to exist, or not to exist."""
    if not is_results(current):
        return current[NAME]
    code = current["http_code"] if "http_code" in current else pd.Series(pd.NA, index=current.index)
    sure = current["outcome"].isin(_AS_ASKED)
    absent = (current["action"] == "get") & (current["outcome"] == "rejected") & (code.isna() | code.isin(NO_SUCH))
    return current.loc[sure | absent, NAME]
