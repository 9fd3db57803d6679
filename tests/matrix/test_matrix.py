"""Every verb against every way in which the service may differ from its document (`sandbox.BEHAVIORS`)."""

import re

import pytest

from exotel_frames.sandbox import BEHAVIORS
from tests.matrix.known import EVERY_VERB, QUICK
from tests.matrix.scenario import VERBS, Scenario

VARIANTS = [(each.name, variant) for each in BEHAVIORS for variant in each.variant_names()[1:]]
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


def kinds(violations: list[str]) -> list[str]:
    """Return one violation of each kind: they differ in more than a name or a number."""
    seen = {
        re.sub(r"[A-Za-z]*[0-9]+[A-Za-z]*|[A-Z][A-Za-z]+|\bkeep\w*", "N", what): what for what in reversed(violations)
    }
    return list(seen.values())[::-1]


def variants(known: dict[tuple[str, str], str]):
    """Return each variant as a test's parameters; one that is known to make something untrue fails, strictly."""
    return [
        pytest.param(*pair, marks=[pytest.mark.xfail(strict=True, reason=known[pair])] if pair in known else [])
        for pair in VARIANTS
    ]


def test_the_service_as_documented_gives_no_refusal_and_nothing_unknown():
    found = Scenario({}).run()
    assert kinds(found.violations) == []
    assert found.refusals == []
    assert {outcome for _, outcome, _ in found.outcomes} == {"done", "rejected", "unchanged"}


def test_a_subscriber_that_somebody_else_made_a_moment_ago_is_not_ours():
    assert kinds(Scenario({}).run(["rival"]).violations) == []


@pytest.mark.parametrize(("behavior", "variant"), variants(QUICK))
def test_nothing_untrue_is_told_of_a_service_that_differs(behavior, variant):
    found = Scenario({behavior: variant}).run(TOUCHED.get(behavior, CREATING))
    assert kinds(found.violations) == []


@pytest.mark.slow
@pytest.mark.parametrize(("behavior", "variant"), variants(EVERY_VERB))
def test_nothing_untrue_is_told_by_any_verb_of_a_service_that_differs(behavior, variant):
    found = Scenario({behavior: variant}).run(VERBS)
    assert kinds(found.violations) == []
