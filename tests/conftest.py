"""Tests don't time: on a busy machine a slow example is no failure. What is compiled once stays compiled."""

import os
import sys

from hypothesis import HealthCheck, settings

settings.register_profile("ours", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ours")

# Where this variable is set, each of some hundred processes that the tests start would compile pandas anew: 2 s of CPU.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
