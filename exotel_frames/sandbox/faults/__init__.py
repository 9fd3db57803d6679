"""Faults on demand: what networks, gateways and other writers do to a client, drawn by seed."""

from exotel_frames.sandbox.faults.draws import CALLS, Dice, Draw, Faults, as_faults
from exotel_frames.sandbox.faults.injection import afterwards, churn, gateway_timeout, instead, mixed

__all__ = [
    "CALLS",
    "Dice",
    "Draw",
    "Faults",
    "afterwards",
    "as_faults",
    "churn",
    "gateway_timeout",
    "instead",
    "mixed",
]
