"""What the Excel tests share: nasty names and fields, real LibreOffice, workbooks taken apart and put together."""

import io
import random
import shutil
import subprocess
import zipfile

import pandas as pd
import pytest

from exotel_frames.errors import WorkbookError
from exotel_frames.workbooks import write_workbook
from exotel_frames.workbooks.preflight.archive import xml_pieces
from exotel_frames.workbooks.preflight.scan import scan_exactly, scan_fast

SOFFICE = shutil.which("soffice")
NASTY_NAMES = [
    "007",
    "1E5",
    "1e5",
    "0x1F",
    "TRUE",
    "true",
    "FALSE",
    "false",
    "NA",
    "NaN",
    "nan",
    "null",
    "NULL",
    "None",
    "MAR1",
    "1MAR",
    "SEPT2",
    "DEC10",
    "2JAN",
    "JAN2026",
    "12E34",
    "9E99",
    "1E400",
    "INF",
    "inf",
    "Infinity",
    "0",
    "00",
    "000",
    "0123456789012345",
    "9999999999999999",
    "1234567890123456",
    "20261123",
    "1d5",
    "1L",
    "10h30",
    "5PM",
    "A1",
    "R1C1",
    "XFD1048576",
    "SUM",
    "YES",
    "no",
    "on",
    "off",
    "1st",
    "E5",
]
NASTY_FIELDS = [
    *(
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "=HYPERLINK(1)",
        "'007",
        '"quoted"',
        "a,b;c\td",
        "two\nlines",
        "cr\rhere",
        "crlf\r\nhere",
    ),
    *(
        "_x0041_",
        "_x000D_",
        "_x005F_",
        "_X0041_",
        "_x00e9_",
        "x005F_",
        "_x0041",
        "__x0041__",
        " lead",
        "trail ",
        "  ",
        "\n",
    ),
    *(
        "<r>x</r>",
        "<r><t>x</t></r>",
        "<is>",
        "&amp;",
        "&#13;",
        "]]>",
        "<!-- x -->",
        "<![CDATA[x]]>",
        "😀🏽‍♀️",
        "שלום",
        "\u202eRTL",
    ),
    *(
        "é",
        "e\u0301",
        "ﬀ",
        "\u00a0",
        "\u200b",
        "\u2028",
        "\x7f",
        "\x85",
        "\ufeff",
        "1e5",
        "0x1F",
        "TRUE",
        "#N/A",
        "#REF!",
    ),
    *(
        "http://example.com/",
        "mailto:x@example.com",
        "internal:A1",
        "2026-11-23",
        "12:30",
        "50%",
        "€5",
        "x" * 32_767,
        "😀" * 16_383,
    ),
]
_PIECES = [*NASTY_FIELDS[:-2], *"=+-@'\"\r\n\t<>&_;,|%{}[]()0123456789abcXYZ äßñ中文한國😀🏳️‍🌈\u05d0\u0627\u200f\u2028"]


def random_names(number, seed):
    """Return distinct legal names beside the nasty ones, many of digits and E's, where spreadsheets see numbers."""
    draw = random.Random(seed)
    alphabets = (
        "0123456789",
        "0123456789Ee",
        "0123456789ABCDEFabcdefx",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
    )
    names = {}
    while len(names) < number:
        name = "".join(draw.choices(draw.choice(alphabets), k=draw.randint(1, 16)))
        if name not in NASTY_NAMES:
            names[name] = None
    return list(names)


def random_fields(number, seed):
    """Return texts of odd pieces and of any character a workbook can hold."""
    draw = random.Random(seed)
    return [_field(draw) for _ in range(number)]


def _field(draw):
    if draw.random() < 0.5:
        return "".join(draw.choices(_PIECES, k=draw.randint(1, 6)))
    top = draw.choice([0x7F, 0x2FF, 0xFFFF, 0x10FFFF])
    return "".join(filter(_fits, (chr(draw.randint(9, top)) for _ in range(draw.randint(1, 40)))))


def _fits(char):
    code = ord(char)
    return char in "\t\n\r" or (code >= 0x20 and not 0xD800 <= code <= 0xDFFF and code not in {0xFFFE, 0xFFFF})


def subscribers(names, fields=None, **more):
    """Return a subscribers frame with these names."""
    number = len(names)
    made = pd.DataFrame(
        {
            "subscriber_name": pd.array(list(names), dtype="str"),
            "status": pd.array([("active", "inactive")[at % 2] for at in range(number)], dtype="str"),
            "custom_field": pd.array([None] * number if fields is None else list(fields), dtype="str"),
            "date_created": pd.date_range("2026-01-01", periods=number, freq="h", tz="UTC", unit="us"),
            "date_updated": pd.date_range("2026-02-01 09:30:01.5", periods=number, freq="h", tz="UTC", unit="us"),
        }
    )
    return made.assign(**more)


def written(frame, path, **options):
    """Write what can be written, and return it; what is refused must be named with its cell, and be rare."""
    try:
        write_workbook(frame, path, **options)
    except WorkbookError as error:
        problems = error.problems
        assert not path.exists()
        assert len(problems) < 0.02 * len(frame)
        assert (problems["column"] == "custom_field").all()
        assert problems["message"].str.match(r"subscribers!D\d+ ").all()
        rest = frame.drop(index=frame.index[problems["row"].astype(int).unique()]).reset_index(drop=True)
        write_workbook(rest, path, **options)
        return rest
    return frame


def plain(column):
    """Return a column as a list in which what is missing is None."""
    return [None if pd.isna(cell) else cell for cell in column]


def resaved_by_libreoffice(path, folder, ending="xlsx"):
    """Return a copy that real LibreOffice has opened and saved; the test is skipped where there is none."""
    (resaved,) = all_resaved_by_libreoffice([path], folder, ending)
    return resaved


def all_resaved_by_libreoffice(paths, folder, ending="xlsx"):
    """Return copies that one real LibreOffice has opened and saved: to start it takes longer than to save six files."""
    if SOFFICE is None:
        pytest.skip("LIBREOFFICE IS NOT INSTALLED (apt-get install libreoffice-calc): THE RE-SAVE IS NOT TESTED HERE")
    out = folder / "resaved"
    command = [SOFFICE, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", ending]
    subprocess.run([*command, "--outdir", str(out), *map(str, paths)], check=True, capture_output=True, timeout=110)
    return [out / path.with_suffix(f".{ending}").name for path in paths]


def parts_of(path):
    """Return a workbook's parts by name."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts):
    """Return the bytes of a workbook made of these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return file.getvalue()


def formula_cells(path):
    """Return how many cells of a workbook are formulas."""
    sheets = [data for name, data in parts_of(path).items() if name.startswith("xl/worksheets/sheet")]
    return sum(data.count(b"<f>") + data.count(b"<f ") for data in sheets)


def assert_both_scanners_agree(path):
    """Let both scanners look at each sheet of a workbook; the fast one may count formatted empty cells as far."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                fast, exact = scan_fast(xml_pieces(archive, name)), scan_exactly(xml_pieces(archive, name))
                assert fast is not None
                assert [fast.cells, fast.formulas, fast.errors, fast.merged] == [
                    *(exact.cells, exact.formulas, exact.errors, exact.merged)
                ]
                assert fast.rows >= exact.rows
                assert fast.columns >= exact.columns
