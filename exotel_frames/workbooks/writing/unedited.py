"""Whether a workbook of ours is still as it was written: then it can be replaced without losing anybody's work."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

_ZIP_EPOCH: Final = 1980


def is_unedited(workbook: Path) -> bool:
    """Tell whether a workbook is one of ours that nobody has saved since.

    Source: Excel, LibreOffice and openpyxl write `dcterms:modified` anew with each saving; the latter two date the
    archive's parts as well, which xlsxwriter and Excel don't.
    """
    try:
        with zipfile.ZipFile(workbook) as parts:
            core = parts.read("docProps/core.xml").decode()
            undated = {part.date_time[0] for part in parts.infolist()} == {_ZIP_EPOCH}
    except (OSError, KeyError, UnicodeDecodeError, zipfile.BadZipFile):
        return False
    return undated and "exotel_frames" in core and _dated(core, "created") == _dated(core, "modified") != ""


def _dated(core: str, which: str) -> str:
    _, _, rest = core.partition(f"<dcterms:{which}")
    return rest.partition(">")[2].partition("<")[0]
