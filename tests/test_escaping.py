"""Whatever the service writes is shown as text, and never acts on a terminal or on the words around it."""

import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames import errors
from exotel_frames.plans import describe_change, describe_state, mark_stale
from tests.slow import but_slow

EVIL = ["\x1b]0;pwned\x07", "\r\n600 rows: 600 done", "\u202egnp.exe", "\u2066x\u2069", "\u2028", "\x9b31m", "\x00"]
KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.ApiError)]


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("kind", KINDS)
def test_an_error_of_any_kind_is_one_printable_line(kind, evil):
    problem = kind(f"refused: {evil}", description=evil)
    assert str(problem).isprintable()
    assert problem.description == evil


@pytest.mark.parametrize("evil", but_slow(EVIL, EVIL[:3]))
def test_notes_of_plans_are_printable_whatever_a_status_or_a_field_says(evil):
    here = pd.DataFrame({"status": [f"active{evil}"], "custom_field": [evil]}, dtype="str")
    there = pd.DataFrame({"status": ["active"], "custom_field": ["vip"]}, dtype="str")
    for note in (describe_state(here), describe_change(there, here), describe_change(here, there)):
        assert note.item().isprintable()
    current = there.assign(subscriber_name="bob", date_updated=pd.Timestamp("2026-01-02", tz="UTC"))
    plan = ef.plan_changes(current, current[["subscriber_name"]].assign(status="inactive"))
    stale = mark_stale(plan, current.assign(status=f"on{evil}", date_updated=pd.Timestamp("2026-01-03", tz="UTC")))
    assert stale["conflict"].all()
    assert stale["note"].item().isprintable()


@pytest.mark.parametrize("evil", EVIL)
def test_a_shown_plan_or_result_has_nothing_that_acts(evil):
    results = pd.DataFrame({"outcome": ["rejected"], "error_code": [1], "error_message": [evil], "row": [0]})
    plan = pd.DataFrame({"action": ["update"], "subscriber_name": ["bob"], "status_from": [evil], "status": ["active"]})
    for frame in (results.assign(error_description=f"x{evil}"), plan.assign(note=evil)):
        shown = ef.show(frame)
        assert all(line.isprintable() for line in shown.text.split("\n"))
        assert evil not in shown.text
        assert evil not in shown.html
