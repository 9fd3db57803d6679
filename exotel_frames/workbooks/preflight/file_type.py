"""The real type of a file, whatever its name says."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from typing import Final

_STARTS: Final = (
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"{\\rtf", "an RTF document"),
    (b"MIME-Version:", "a web archive (MHTML)"),
    (b"version https://git-lfs", "a Git LFS pointer and not the file itself"),
    (b"\x7fELF", "a program"),
)
_ZIP_CONTENT: Final = (
    ("xl/workbook.bin", "a binary Excel workbook (.xlsb)"),
    ("word/document.xml", "a Word document"),
    ("ppt/presentation.xml", "a PowerPoint presentation"),
    ("content.xml", "an OpenDocument file (.ods)"),
    ("Index/Document.iwa", "an Apple Numbers or Pages document"),
    ("[Content_Types].xml", "an Office document without a workbook in it"),
)
_OLE_CONTENT: Final = (
    ("EncryptedPackage", "a workbook that is protected with a password"),
    ("WordDocument", "an old Word document (.doc)"),
    ("PowerPoint Document", "an old PowerPoint presentation (.ppt)"),
    ("__substg1.0_", "an Outlook message"),
    ("Workbook", "an Excel workbook of the old kind (.xls)"),
    ("Book", "an Excel workbook of the oldest kind (.xls)"),
)
_OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_TEXT_SAMPLE: Final = 65_536
_HEADER_SAMPLE: Final = 24  # bytes of a header, which is ASCII: "subscriber_name" alone is longer
_PLAIN: Final = frozenset((9, 10, 13, *range(32, 127)))


def is_delimited(data: bytes) -> bool:
    """Tell whether a file is text that may be a table, as CSV is.

    >>> is_delimited(b"name;team"), is_delimited(b'{"name": 7}')
    (True, False)
    """
    kind = kind_of(data)
    return "text" in kind and "JSON" not in kind


def kind_of(data: bytes) -> str:
    """Return "zip", or what a file is in the words of a person.

    >>> kind_of(b"PK" + bytes([3, 4])), kind_of(b"<html><table>"), kind_of(b"name,team" + bytes([10]) + b"bob,west")
    ('zip', 'an HTML page', 'comma-separated text (CSV)')
    """
    if not data:
        return "empty"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if data.startswith(_OLE):
        return _kind_of_ole(data)
    named = [name for start, name in _STARTS if data.startswith(start)]
    return named[0] if named else _kind_of_text(data[:_TEXT_SAMPLE])


def _kind_of_ole(data: bytes) -> str:
    return next(
        (kind for stream, kind in _OLE_CONTENT if stream.encode("utf-16-le") in data),
        "an old Office document that has no workbook in it",
    )


def _kind_of_text(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or utf16_without_mark(data):
        return "text in UTF-16"
    if b"\x00" in data:
        return "a binary file of an unknown kind"
    text = data.decode("latin-1").removeprefix("ï»¿").lstrip()
    head = text[:2048].lower()
    if "<workbook" in head and head.startswith("<?xml"):
        return "an Excel 2003 XML workbook"
    if text.startswith("<") and re.search(r"<!doctype html|<html|<table|<meta|<body|<script", head):
        return "an HTML page"
    return "an XML document" if head.startswith("<?xml") else _kind_of_plain(text)


def utf16_without_mark(data: bytes) -> str:
    """Return "utf-16-le" or "utf-16-be" for text that is so without saying it: its first line is ASCII; else "".

    >>> utf16_without_mark("name,team".encode("utf-16-le")), utf16_without_mark(b"name,team")
    ('utf-16-le', '')
    """
    head = data[: _HEADER_SAMPLE // 2 * 2]
    for name, zeros, others in (("utf-16-le", head[1::2], head[::2]), ("utf-16-be", head[::2], head[1::2])):
        if head and not any(zeros) and others and all(byte in _PLAIN for byte in others):
            return name
    return ""


def _kind_of_plain(text: str) -> str:
    if text.startswith(("{", "[")):
        return "JSON text"
    first = text.partition("\n")[0]
    names = {",": "comma-separated text (CSV)", ";": "semicolon-separated text (CSV)", "\t": "tab-separated text"}
    separator = max(names, key=first.count)
    return names[separator] if separator in first else "plain text"


def kind_of_zip(names: AbstractSet[str]) -> str | None:
    """Return what a zip archive is in the words of a person, or None for a workbook.

    >>> kind_of_zip({"word/document.xml"}), kind_of_zip({"xl/workbook.xml"})
    ('a Word document', None)
    """
    if "xl/workbook.xml" in names:
        return None
    return next((kind for name, kind in _ZIP_CONTENT if name in names), "a zip archive without a workbook in it")
