"""The state of a frame when it was loaded, so that an edited frame is never mistaken for its earlier state."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import numpy as np
import pandas as pd

from exotel_frames import schema
from exotel_frames.frames.arguments import recall
from exotel_frames.frames.convert import conform

LOADED: Final = "loaded"


class Loaded(dict[str, Any]):
    """The subscribers of a frame as they were loaded; pandas copies `attrs` at every step, and this costs nothing.

    The columns are shared with the loaded frame until one of the two is edited. Written down (parquet, pickle), only
    the number of rows and a fingerprint are left: they tell whether the frame was edited since.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        super().__init__(rows=len(frame))
        self.frame = frame.copy(deep=False)
        self.frame.attrs = {}

    def items(self) -> Any:
        """Return what is written down."""
        return {"rows": len(self.frame), "fingerprint": fingerprint(self.frame)}.items()

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = None

    def __deepcopy__(self, memo: Any) -> Loaded:
        return self

    def __copy__(self) -> Loaded:
        return self

    def __reduce__(self) -> tuple[type, tuple[dict[str, Any]]]:
        return dict, (dict(self.items()),)


def fingerprint(frame: pd.DataFrame) -> str:
    """Return a text that changes with any cell of the subscribers' columns, and not with the order of the rows.

    >>> bob = pd.DataFrame({"subscriber_name": ["bob", "eve"], "status": "active"})
    >>> fingerprint(bob) == fingerprint(bob[::-1]), fingerprint(bob) == fingerprint(bob.assign(status="inactive"))
    (True, False)
    """
    rows = pd.util.hash_pandas_object(conform(frame, "subscribers"), index=False).to_numpy()
    return hashlib.sha256(np.sort(rows).tobytes()).hexdigest()


def loaded_state(frame: pd.DataFrame) -> pd.DataFrame | None:
    """Return a frame's subscribers as they were loaded; None where that is not known any more.

    >>> frame = pd.DataFrame({"subscriber_name": ["bob"], "status": ["active"]})
    >>> frame.attrs["exotel_frames"] = {"loaded": Loaded(frame)}
    >>> frame["status"] = "inactive"
    >>> loaded_state(frame)["status"].tolist()
    ['active']
    """
    kept = recall(frame).get(LOADED)
    if isinstance(kept, Loaded):
        return kept.frame[kept.frame[schema.NAME].isin(frame[schema.NAME])].reset_index(drop=True)
    if isinstance(kept, dict) and kept.get("fingerprint") == fingerprint(frame):
        return frame
    return None
