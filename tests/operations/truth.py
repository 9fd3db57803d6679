"""Compares what a results frame claims with what the sandbox's own log says was really done."""

from __future__ import annotations

from collections import Counter

from exotel_frames import schema

FIVE_PERCENT = {
    **dict.fromkeys(
        ("rate429", "drop_before", "drop_after", "error_before", "error_after", "truncate", "shuffle", "short"), 0.05
    ),
    "retry_after": "0",
}


def assert_accounted(results, rows: int) -> None:
    """One row for each row that came in, in order, each with an outcome of the closed set."""
    assert results["row"].tolist() == list(range(rows))
    assert set(results["outcome"]) <= set(schema.OUTCOMES)


def assert_creates_are_true(box, results, *, forged_refusals: bool = False) -> None:
    """`done` names are there, created once and by us; `rejected` ones were refused by somebody's subscriber.

    `forged_refusals`: somebody between us changes answers, and a refusal that was forged whole can't be told from one.
    """
    there = {row["subscriber_name"]: row for row in box.subscribers()}
    by_us = Counter(name for entry in box.log if entry.call == "create" for name in entry.committed)
    for name, outcome, custom_field in zip(
        results["subscriber_name"], results["outcome"], results["custom_field"].fillna(""), strict=True
    ):
        if outcome == "done":
            assert by_us[name] == 1, f"{name} is called done and was created {by_us[name]} times"
            assert (there[name]["custom_field"] or "") == custom_field
        elif outcome != "unknown" and not (forged_refusals and outcome == "rejected"):
            assert by_us[name] == 0, f"{name} is called {outcome} and was created by us"


def assert_updates_are_true(box, results) -> None:
    """`done` rows show what is there, and were really changed by us."""
    there = {row["subscriber_name"]: row for row in box.subscribers()}
    by_us = Counter(name for entry in box.log if entry.call == "update" for name in entry.committed)
    for name, outcome, status, custom_field in zip(
        results["subscriber_name"],
        results["outcome"],
        results["status"],
        results["custom_field"].fillna(""),
        strict=True,
    ):
        if outcome == "done":
            assert by_us[name] >= 1
            assert (there[name]["status"], there[name]["custom_field"] or "") == (status, custom_field)
        elif outcome in {"rejected", "invalid", "not_sent", "unchanged"}:
            assert by_us[name] == 0, f"{name} is called {outcome} and was updated by us"


def assert_deletes_are_true(box, results) -> None:
    """`done` names are gone and were deleted by us; what was not sent is still there."""
    there = {row["subscriber_name"] for row in box.subscribers()}
    by_us = Counter(name for entry in box.log if entry.call == "delete" for name in entry.committed)
    for name, outcome in zip(results["subscriber_name"], results["outcome"], strict=True):
        if outcome == "done":
            assert name not in there
            assert by_us[name] == 1
        elif outcome != "unknown":
            assert by_us[name] == 0, f"{name} is called {outcome} and was deleted by us"


def assert_never_repeated_blindly(box) -> None:
    """Between two requests that carry the same name there is always a read."""
    open_names: set[str] = set()
    for entry in box.log:
        if entry.call in {"list", "get"}:
            open_names -= set(entry.names) if entry.call == "get" else open_names
        elif entry.call in {"create", "update", "delete"}:
            again = open_names & set(entry.names)
            assert not again, f"request {entry.sequence} sends {again} again without having looked"
            if entry.http_code != 429:  # which says that it was not done
                open_names |= set(entry.names)
