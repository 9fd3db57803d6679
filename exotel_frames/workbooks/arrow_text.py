"""Texts as compact arrow columns, and frames of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import pyarrow as pa

from exotel_frames.frames.text_column import TEXT


def compact(texts: Sequence[str | None]) -> Any:
    """Return texts as a pyarrow array in memory that goes back to the system when it is let go.

    >>> compact(["007", None]).to_pylist()
    ['007', None]
    """
    return pa.array(texts, TEXT, memory_pool=_pool())


def _pool() -> Any:
    """Return what allocates the columns; arrow's own pool would keep the parts' memory beside the whole's."""
    return pa.system_memory_pool()


def text_frame(columns: dict[str, Any]) -> pd.DataFrame:
    """Return a frame of pyarrow text columns.

    >>> text_frame({"note": pa.array(["NA", None], TEXT)})["note"].tolist()
    ['NA', nan]
    """
    return pd.DataFrame({header: texts.to_pandas().array for header, texts in columns.items()})
