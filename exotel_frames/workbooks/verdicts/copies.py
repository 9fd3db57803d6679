"""Which results belong into which copy of an audit."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from exotel_frames.errors import WorkbookError
from exotel_frames.schema import NAME
from exotel_frames.text import pluralize, quote_names
from exotel_frames.workbooks.copies import CopyFile


def results_of_copies(copies: Sequence[CopyFile], results: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the results of each copy's rows, by its file; a subscriber may have a row in several.

    Errors: a `WorkbookError` when a result has a row in none of them; a delete whose row was removed may.
    """
    about = results.attrs
    parts = {copy.file: results[results[NAME].isin(copy.sheet[NAME].dropna())] for copy in copies}
    found = pd.concat([part[NAME] for part in parts.values()])
    lost = results[~results[NAME].isin(found) & (results["action"] != "delete")]
    if len(lost):
        names = lost[NAME].fillna("").tolist()
        have = "has" if len(names) == 1 else "have"
        raise WorkbookError(
            f"The copies and the results don't belong together: {pluralize(len(names), 'result')} {have} a row in none "
            f"of them ({quote_names(names)}). Nothing was written. Add the copy that is missing, or leave these out."
        )
    for part in parts.values():
        part.attrs.update(about)
    return parts
