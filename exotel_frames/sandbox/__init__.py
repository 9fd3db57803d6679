"""The embedded API server; it deliberately shares no code with the client, so the wire format is implemented twice."""

from exotel_frames.sandbox.behaviors.choose import read_pairs
from exotel_frames.sandbox.behaviors.model import Behavior, Variant
from exotel_frames.sandbox.behaviors.table import BEHAVIORS
from exotel_frames.sandbox.faults.draws import Faults
from exotel_frames.sandbox.rate_limit import RateLimit
from exotel_frames.sandbox.request_log import Entry
from exotel_frames.sandbox.server import SandboxServer

__all__ = ["BEHAVIORS", "Behavior", "Entry", "Faults", "RateLimit", "SandboxServer", "Variant", "read_pairs"]
