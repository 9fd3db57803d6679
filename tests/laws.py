"""Laws that Hypothesis tries: a few examples in each run, many more in the slow one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings


def holds(*strategies, few=2, many=100):
    """Make a test of a law: `few` examples by default, `many` in the slow run."""

    def made(law):
        @pytest.mark.parametrize(
            "examples", [few, pytest.param(many, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])]
        )
        def test(examples):
            settings(max_examples=examples, deadline=None)(given(*strategies)(law))()

        return test

    return made
