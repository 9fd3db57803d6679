"""Every verb against every way in which the service may differ from its document (`sandbox.BEHAVIORS`)."""

import os

import pytest

from tests.matrix.pairs import runs
from tests.matrix.scenario import VERBS, Scenario
from tests.matrix.variants import FIRST_BY_DEFAULT, VARIANTS, kinds

READING = ("load", "update", "delete")
CHANGING = ("update", "update_again", "delete")
CREATING = ("create", "create_lost")
TIMES = ("create_lost", "rival")
LISTED = {"order", "ties", "page_cap", "pages", "links", "offset_past_end", "status_filter"}
SHOWN = {"rate_headers", "extra_fields", "tenant_dates", "tenant_status", "tenant_names", "custom_field_type"}
CHANGED = {"put_without_custom_field", "put_without_change", "status_missing", "protected_row", "read_lag"}
TOUCHED = (
    dict.fromkeys(LISTED | SHOWN, READING)
    | dict.fromkeys(CHANGED, CHANGING)
    | dict.fromkeys(("dates", "date_header"), TIMES)
)
"""What the default run asks of a variant; what is not named here is about creating."""


def test_the_service_as_documented_gives_no_refusal_and_nothing_unknown():
    found = Scenario({}).run()
    assert kinds(found.violations) == []
    assert found.refusals == []
    assert {outcome for _, outcome, _ in found.outcomes} == {"done", "rejected", "unchanged"}


def test_a_subscriber_that_somebody_else_made_a_moment_ago_is_not_ours():
    assert kinds(Scenario({}).run(["rival"]).violations) == []


@pytest.mark.parametrize(("behavior", "variant"), FIRST_BY_DEFAULT)
def test_nothing_untrue_is_told_of_a_service_that_differs(behavior, variant):
    found = Scenario({behavior: variant}).run(TOUCHED.get(behavior, CREATING))
    assert kinds(found.violations) == []


@pytest.mark.slow
@pytest.mark.parametrize(("behavior", "variant"), VARIANTS)
def test_nothing_untrue_is_told_by_any_verb_of_a_service_that_differs(behavior, variant):
    found = Scenario({behavior: variant}).run(VERBS)
    assert kinds(found.violations) == []


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_nothing_untrue_is_told_where_two_variants_and_all_faults_meet(tmp_path):
    """EXOTEL_MATRIX_RUNS says how many (2,000); `python -m tests.matrix.pairs` goes on with a run that was cut off."""
    lines = runs(int(os.environ.get("EXOTEL_MATRIX_RUNS", "2000")), tmp_path / "pairs.jsonl")
    assert [(line["run"], line["violations"]) for line in lines if line["violations"]] == []
