"""The embedded API server; it shares no code with the client, on purpose: the wire is written down twice."""

from exotel_frames.sandbox.faults import Faults
from exotel_frames.sandbox.limits import RateLimit
from exotel_frames.sandbox.log import Entry
from exotel_frames.sandbox.server import SandboxServer
from exotel_frames.sandbox.serving import serve

__all__ = ["Entry", "Faults", "RateLimit", "SandboxServer", "serve"]
