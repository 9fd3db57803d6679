"""The names that people are told: a change here is a change of the contract."""

from __future__ import annotations

import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames import errors, schema

NAMES = [
    "ApiError",
    "AuthError",
    "BadReplyError",
    "Client",
    "Cost",
    "DuplicateError",
    "ExotelFramesError",
    "JournalError",
    "NewSubscriber",
    "NotFoundError",
    "NotSentError",
    "OutcomeUnknownError",
    "PlanError",
    "RateLimitedError",
    "RejectedError",
    "RunInterrupted",
    "RunLockedError",
    "Sandbox",
    "Secret",
    "ServerError",
    "SettingsError",
    "StalePlanError",
    "UnsafePlanError",
    "UnstableListingError",
    "ValidationError",
    "WorkbookError",
    "apply_fixes",
    "apply_plan",
    "audit_subscribers",
    "check_service",
    "check_verdicts",
    "compare",
    "connect",
    "create_subscribers",
    "create_tokens",
    "delete_subscribers",
    "errors",
    "estimate",
    "get_subscribers",
    "list_runs",
    "list_snapshots",
    "load_subscribers",
    "plan_changes",
    "plan_undo",
    "plan_workbook",
    "plot_changes",
    "plot_results",
    "plot_subscribers",
    "prune_runs",
    "read_plan",
    "read_results",
    "read_snapshot",
    "read_table",
    "read_workbook",
    "resume_run",
    "show",
    "summarize",
    "update_subscribers",
    "validate_names",
    "validate_subscribers",
    "widgets",
    "write_plan",
    "write_snapshot",
    "write_verdicts",
    "write_workbook",
    "write_workbooks",
]


def test_the_public_names_are_these_and_sorted():
    assert ef.__all__ == NAMES
    assert sorted(ef.__all__) == ef.__all__


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_is_there_and_says_what_it_is(name):
    assert getattr(ef, name).__doc__


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = ef.no_such_name


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("load_subscriber", "load_subscribers"),
        ("aply_plan", "apply_plan"),
        ("Sandox", "Sandbox"),
        ("undo_plan", "plan_undo"),
    ],
)
def test_a_misspelt_name_is_told_with_the_one_that_was_meant(misspelt, meant):
    with pytest.raises(AttributeError) as told:
        getattr(ef, misspelt)
    assert str(told.value).endswith(f"did you mean {meant}?") or meant == "plan_undo"


def test_tab_shows_verbs_and_no_exceptions_and_every_verb_stands_in_the_overview():
    shown = dir(ef)
    assert {"apply_plan", "load_subscribers", "errors", "widgets"} <= set(shown)
    assert [name for name in shown if not name.islower()] == ["Sandbox"]
    verbs = [name for name in shown if name.islower()]
    assert [name for name in verbs if name not in ef.__doc__] == []
    assert set(dir(ef.errors)) == {name for name in ef.__all__ if name.endswith("Error") or name == "RunInterrupted"}
    assert dir(ef.widgets) == [
        "cleanup_panel",
        "create_form",
        "edit_form",
        "findings_form",
        "plan_review",
        "token_form",
    ]


def test_every_error_of_ours_is_public_and_in_the_drawing():
    ours = {
        name for name, value in vars(errors).items() if isinstance(value, type) and value.__module__ == errors.__name__
    }
    shown = {name for name in ours if not name.startswith("_")}
    assert shown <= set(ef.__all__)
    assert all(name in errors.__doc__ for name in shown)


def test_the_schemas_have_these_columns_in_this_order():
    assert {name: list(columns) for name, columns in schema.SCHEMAS.items()} == {
        "subscribers": ["subscriber_name", "status", "custom_field", "date_created", "date_updated"],
        "problems": ["row", "column", "value", "rule", "message", "fix"],
        "plan": ["action", "subscriber_name", "status_from", "status", "custom_field_from", "custom_field",
                 "date_updated", "note", "conflict"],
        "results": ["row", "chunk", "subscriber_name", "action", "outcome", "http_code", "code", "error_code",
                    "error_message", "error_description", "status", "custom_field", "date_created", "date_updated",
                    "request_id", "attempts", "seconds", "run_id"],
        "tokens": ["subscriber_name", "platform", "device_id", "outcome", "access_token", "refresh_token",
                   "access_expires", "refresh_expires", "http_code", "code", "error_code", "error_message",
                   "error_description", "request_id"],
        "runs": ["run_id", "started", "ended", "action", "account_sid", "base_url", "rows", "done", "unchanged",
                 "rejected", "invalid", "conflict", "unknown", "not_sent", "plan_id", "approved_by"],
        "changes": ["change", "subscriber_name", "status_before", "status_after", "custom_field_before",
                    "custom_field_after", "date_created_before", "date_created_after", "date_updated_before",
                    "date_updated_after"],
    }  # fmt: skip


def test_the_dtypes_are_the_same_with_no_rows_and_with_some():
    with ef.Sandbox(subscribers=3) as box:
        client = box.connect()
        some = ef.load_subscribers(client, progress=False)
        none = ef.load_subscribers(client, status="inactive", progress=False)
        assert len(some) == 3
        assert some.dtypes.astype(str).to_dict() == schema.SUBSCRIBERS
        results = ef.create_subscribers(client, some.iloc[:0][["subscriber_name"]], progress=False)
        created = ef.create_subscribers(client, pd.DataFrame({"subscriber_name": ["bob"]}), progress=False)
        assert len(none) < 3
        assert none.dtypes.astype(str).to_dict() == schema.SUBSCRIBERS
        assert results.dtypes.astype(str).to_dict() == created.dtypes.astype(str).to_dict() == schema.RESULTS
