"""In which ways the service may differ from its document: the table, and a function for each variant."""

from exotel_frames.sandbox.behaviors.calls import duplicate
from exotel_frames.sandbox.behaviors.choose import choose, read_pairs
from exotel_frames.sandbox.behaviors.listing import Fetch, Place
from exotel_frames.sandbox.behaviors.model import Behavior, Variant
from exotel_frames.sandbox.behaviors.service import Service, service
from exotel_frames.sandbox.behaviors.table import BEHAVIORS
from exotel_frames.sandbox.behaviors.timing import Replica

__all__ = [
    "BEHAVIORS",
    "Behavior",
    "Fetch",
    "Place",
    "Replica",
    "Service",
    "Variant",
    "choose",
    "duplicate",
    "read_pairs",
    "service",
]
