"""What was done through a form: one result row for each row that was sent, also after a run went on later."""

from __future__ import annotations

import pandas as pd

from exotel_frames.frames import convert


def run_of(results: pd.DataFrame) -> str:
    """Return the run a result frame is of; empty for one of a dry run, or of tokens.

    >>> run_of(pd.DataFrame({"outcome": ["done"]}))
    ''
    """
    known = results["run_id"].dropna().tolist() if "run_id" in results else []
    return str(known[0]) if known else ""


class ResultsLog:
    """Keeps the result frames of a form; a run that went on replaces what was known of it."""

    def __init__(self, schema_name: str = "results") -> None:
        self._empty = convert.empty(schema_name)
        self._frames: dict[str, pd.DataFrame] = {}

    def add(self, results: pd.DataFrame) -> None:
        """Keep a frame; one of the same run is replaced."""
        self._frames[run_of(results) or f"without a run {len(self._frames)}"] = results

    def frame(self) -> pd.DataFrame:
        """Return all of it as one frame, with the columns of its schema."""
        if not self._frames:
            return self._empty.copy()
        frames = list(self._frames.values())
        whole = pd.concat(frames, ignore_index=True)
        whole.attrs = dict(frames[-1].attrs)
        return whole
