"""Every subscriber of a tenant, complete while others write: pages, their overlap, and the proof."""

from __future__ import annotations

from exotel_frames.api.listing.walk import Listing, walk_pages

__all__ = [
    "Listing",
    "walk_pages",
]
