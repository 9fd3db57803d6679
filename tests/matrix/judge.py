"""Compares what a verb told with what the sandbox's own log and truth say was really done."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from exotel_frames import schema
from exotel_frames.sandbox import Entry
from tests.operations.wording import NO_MOMENT

OURS = frozenset({"POST", "PUT", "DELETE", "GATEWAY", "LATE"})
"""The methods of entries that a request of our client caused; the others were somebody else's doing."""

POSTPONED = 504
"""What a service answers that carries a write out later."""

CALL_OF = {"create": {"create", "update"}, "update": {"update"}, "delete": {"delete"}}


@dataclass
class Judgement:
    """What was found about one service: violations, and how many rows had which outcome."""

    violations: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    outcomes: list[tuple[str, str, str]] = field(default_factory=list)

    def check(self, verb: str, holds: bool, what: str) -> None:
        if not holds:
            self.violations.append(f"{verb}: {what}")


def as_shown(value: Any) -> str | None:
    """Return a cell as text; an empty one and a missing one are both nothing."""
    if value is None or (not isinstance(value, list | dict | str) and pd.isna(value)):
        return None
    return value or None


def ours(entries: list[Entry]) -> list[Entry]:
    """Return what our client caused among these; what a request of before has done late is not told of by this verb."""
    postponed = {(entry.call, entry.names) for entry in entries if entry.http_code == POSTPONED}
    return [
        entry
        for entry in entries
        if entry.method in OURS and (entry.method != "LATE" or (entry.call, entry.names) in postponed)
    ]


def committed(entries: list[Entry], action: str, name: str) -> int:
    return sum(name in entry.committed for entry in ours(entries) if entry.call == action)


def judge_results(found: Judgement, verb: str, results: pd.DataFrame, entries: list[Entry], truth: dict, asked) -> None:
    """Judge each row; `asked` are the rows that went in, as dicts, and `truth` the subscribers as they are now."""
    found.check(verb, len(results) == len(asked), f"{len(asked)} rows went in and {len(results)} came out")
    for row, wanted in zip(results.to_dict("records"), asked, strict=False):
        _judge_row(found, verb, row, wanted, entries, truth)
        found.outcomes.append((verb, row["outcome"], str(row["error_message"])))
    _judge_sends(found, verb, entries)


def _judge_row(found: Judgement, verb: str, row: dict, wanted: dict, entries: list[Entry], truth: dict) -> None:
    name, action, outcome = row["subscriber_name"], row["action"], row["outcome"]
    at = f"{name} ({action}) is {outcome}"
    found.check(verb, outcome in schema.OUTCOMES, f"{at}: no outcome of ours")
    found.check(verb, name == wanted["subscriber_name"], f"row of {wanted['subscriber_name']} is about {name}")
    if outcome == "done":
        _judge_done(found, verb, at, row, wanted, entries, truth)
    elif outcome == "unknown":
        found.check(verb, bool(as_shown(row["error_message"])), f"{at} without a word why")
    else:
        times = sum(committed(entries, call, name) for call in CALL_OF.get(action, ()))
        found.check(verb, not times, f"{at}, and was carried out by us")
    _judge_codes(found, verb, at, row, entries)


def _judge_done(
    found: Judgement, verb: str, at: str, row: dict, wanted: dict, entries: list[Entry], truth: dict
) -> None:
    name, action = row["subscriber_name"], row["action"]
    there = truth.get(name)
    if action == "delete":
        found.check(verb, there is None, f"{at}, and is still there")
        said_so = any(entry.http_code == 204 and name in entry.names for entry in entries if entry.call == "delete")
        found.check(verb, said_so or committed(entries, "delete", name) > 0, f"{at}, and was not deleted by us")
        return
    found.check(verb, there is not None, f"{at}, and is not there")
    found.check(verb, committed(entries, action, name) > 0, f"{at}, and that was not our doing")
    if there is None:
        return
    stored, told = as_shown(there["custom_field"]), as_shown(row["custom_field"])
    found.check(verb, same_text(stored, told), f"{at} with the custom field {told!r}, and {stored!r} is stored")
    found.check(verb, there["status"] == row["status"], f"{at} and {row['status']}, and it is {there['status']}")
    if wanted.get("status"):
        told_so = as_shown(row["error_message"]) is not None
        found.check(verb, there["status"] == wanted["status"] or told_so, f"{at}, and its status is another than asked")
    elif action == "update":
        found.check(verb, there["status"] == wanted["status_before"], f"{at}, and its status was changed unasked")


def same_text(stored: str | None, told: Any) -> bool:
    """Tell whether a text is shown as it is stored, also when the service shows it as JSON."""
    if stored == told:
        return True
    try:
        return json.loads(stored or "") == (json.loads(told) if isinstance(told, str) else told)
    except ValueError:
        return False


def _judge_codes(found: Judgement, verb: str, at: str, row: dict, entries: list[Entry]) -> None:
    sent = [code for entry in entries if _is_about(entry, row["subscriber_name"]) for code in codes_of(entry)]
    for column in ("http_code", "code", "error_code"):
        code = row[column]
        if not pd.isna(code):
            found.check(verb, int(code) in sent, f"{at} with {column} {code}, which the service did not send")


def _is_about(entry: Entry, name: str) -> bool:
    return name in entry.names or entry.call in {"list", None}


def codes_of(entry: Entry) -> list[int]:
    """Return every code that an answer carried."""
    found = [entry.http_code] if entry.http_code else []
    try:
        response = json.loads(entry.answer)["response"]
    except (ValueError, KeyError, TypeError):
        return [*found, 1000, 404] if entry.call == "get" and entry.http_code == 404 else found
    for part in response if isinstance(response, list) else [response]:
        found.append(part["code"])
        if part["error_data"]:
            found.append(part["error_data"]["code"])
    return found


def _judge_sends(found: Judgement, verb: str, entries: list[Entry]) -> None:
    """Between two requests that may have created the same name there is always a look."""
    open_names: set[str] = set()
    for entry in entries:
        if entry.method not in {"GET", "POST", "PUT", "DELETE"}:
            continue
        if entry.call in {"list", "get"}:
            open_names -= set(entry.names) if entry.call == "get" else set(open_names)
        elif entry.call in {"create", "update", "delete"}:
            again = open_names & set(entry.names) if entry.call == "create" else set()
            found.check(verb, not again, f"{sorted(again)} POSTed again without a look")
            open_names -= set(entry.names)
            if entry.call == "create" and (entry.committed or not 400 <= (entry.http_code or 0) < 500):
                open_names |= set(entry.names)


def judge_listing(found: Judgement, verb: str, frame: pd.DataFrame, truth: dict, status: str | None = None) -> None:
    """Judge a loaded frame: every subscriber once, as it is, and of a status only those."""
    expected = {name: row for name, row in truth.items() if status is None or row["status"] == status}
    names = frame["subscriber_name"].tolist()
    found.check(verb, len(names) == len(set(names)), "a subscriber is listed twice")
    missing, extra = sorted(expected.keys() - set(names)), sorted(set(names) - expected.keys())
    found.check(verb, not missing, f"{len(missing)} subscribers are missing, such as {missing[:1]}")
    found.check(verb, not extra, f"{len(extra)} are listed that should not be, such as {extra[:1]}")
    undated = any(NO_MOMENT in note for note in frame.attrs["exotel_frames"]["notes"])
    for row in frame.to_dict("records"):
        is_so = expected.get(row["subscriber_name"])
        if is_so is None:
            continue
        at = row["subscriber_name"]
        found.check(verb, row["status"] == is_so["status"], f"{at} has another status")
        found.check(
            verb, same_text(as_shown(is_so["custom_field"]), as_shown(row["custom_field"])), f"{at}: custom field"
        )
        for date in ("date_created", "date_updated"):
            shown = row[date]
            right = undated if pd.isna(shown) else shown == pd.Timestamp(is_so[date])
            found.check(verb, right, f"{at}: {date} is {shown} and should be {is_so[date]}")
