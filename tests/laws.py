"""Laws that Hypothesis tries: a few examples in each run, many more in the slow one."""

from __future__ import annotations

from unittest import TestCase

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.stateful import RuleBasedStateMachine

_LONG = [pytest.mark.slow, pytest.mark.timeout(1800)]


def holds(*strategies, few=2, many=100, **named):
    """Make a test of a law: `few` examples by default, `many` in the slow run."""

    def made(law):
        @pytest.mark.parametrize("examples", [few, pytest.param(many, marks=_LONG)])
        def test(examples):
            settings(max_examples=examples, deadline=None)(given(*strategies, **named)(law))()

        return test

    return made


def runs_of(
    machine: type[RuleBasedStateMachine], *, few: int, many: int, steps: int
) -> tuple[type[TestCase], type[TestCase]]:
    """Return two tests of a machine, each of so many runs of at most so many steps; the second is slow."""

    def made(examples: int) -> type[TestCase]:
        limits = settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
        )
        return type(machine.__name__, (machine.TestCase,), {"settings": limits})

    slow = made(many)
    slow.pytestmark = _LONG
    return made(few), slow
