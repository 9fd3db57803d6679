"""The table of behaviours: each thing the service may do otherwise than documented, as frozen data.

Where the provider's document is silent the sandbox has to choose; `source` says how sure the default is.
"""

from __future__ import annotations

from typing import Final

from exotel_frames.sandbox.behaviors.calls import CALLS
from exotel_frames.sandbox.behaviors.listing import LISTING
from exotel_frames.sandbox.behaviors.model import Behavior
from exotel_frames.sandbox.behaviors.rows import DATES, TENANT, TEXTS
from exotel_frames.sandbox.behaviors.timing import DELAYS, HEADERS

BEHAVIORS: Final[tuple[Behavior, ...]] = (*TEXTS, *CALLS, *LISTING, *DATES, *HEADERS, *TENANT, *DELAYS)
"""Every behaviour, in the order of the documentation."""
