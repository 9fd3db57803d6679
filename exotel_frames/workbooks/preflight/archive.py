"""An untrusted zip archive: its real and declared sizes, and its XML in pieces that end between two tags."""

from __future__ import annotations

import copy
import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import Final

from exotel_frames.workbooks.preflight.scan import DOCTYPE, SAVE_AGAIN, OddFileError

_MEBI: Final = 2**20
_PARTS_MAX: Final = 5_000
_INFLATED_MAX: Final = 2_048 * _MEBI
_RATIO_MAX: Final = 150  # a real sheet shrinks 10 to 40 times; a bomb a thousand times
_RATIO_FROM: Final = 16 * _MEBI
_SMALL_MAX: Final = 4 * _MEBI  # the parts that are read whole: the list of sheets, and where they are
_PIECE: Final = _MEBI
_TAG_MAX: Final = 65_536
_XML: Final = (".xml", ".rels", ".vml")
_ENCODING: Final = re.compile(rb"""^\s*<\?xml[^>]*encoding\s*=\s*["']([^"']*)["']""")
_PLAIN_ENCODINGS: Final = {b"utf-8", b"us-ascii", b"ascii"}
_IGNORED: Final = (
    ("vbaProject.bin", "its macros were not run"),
    ("xl/externalLinks/", "its links to other workbooks were not followed"),
    ("xl/connections.xml", "its data connections were not refreshed"),
)


def check_archive(archive: zipfile.ZipFile) -> None:
    """Raise an `OddFileError` when the archive's own list is unbelievable; nothing is inflated."""
    parts = archive.infolist()
    names = [part.filename for part in parts]
    if len(parts) > _PARTS_MAX:
        raise OddFileError(f"has {len(parts):,} parts, more than any real workbook. {SAVE_AGAIN}")
    if len({name.lower() for name in names}) < len(names):
        raise OddFileError(f"has two parts of the same name. {SAVE_AGAIN}")
    if any(part.flag_bits & 1 for part in parts):
        raise OddFileError("is protected with a password. Save it without one")
    for part in parts:
        _check_ratio(part.file_size, part.compress_size)
    _check_ratio(sum(part.file_size for part in parts), sum(part.compress_size for part in parts))


def ignored_parts(names: Iterable[str]) -> tuple[str, ...]:
    """Return what of a workbook is left alone by reading, which fetches and runs nothing.

    >>> ignored_parts(["xl/workbook.xml", "xl/vbaProject.bin"])
    ('its macros were not run',)
    """
    known = list(names)
    return tuple(what for mark, what in _IGNORED if any(mark in name for name in known))


def _check_ratio(size: int, packed: int) -> None:
    if size > _INFLATED_MAX or (size > _RATIO_FROM and size > _RATIO_MAX * packed):
        raise OddFileError(
            f"would grow from {packed / _MEBI:,.1f} MB to {size / _MEBI:,.0f} MB when opened, as a zip bomb does. "
            "Don't open it; ask the sender for the workbook"
        )


def pieces(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """Yield a part's bytes, never more than the archive's list says: a lie about the size is how a bomb gets in."""
    part = archive.getinfo(name)
    to_the_end = copy.copy(part)
    to_the_end.file_size = _INFLATED_MAX  # zipfile stops at the promised size, and would not see what follows
    seen = 0
    with archive.open(to_the_end) as stream:
        while piece := stream.read(_PIECE):
            seen += len(piece)
            if seen > part.file_size:
                raise OddFileError("declares a smaller size than it really has, as a zip bomb does. Don't open it")
            yield piece


def xml_pieces(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """Yield a part like `pieces`; an XML part in UTF-8, without a document type, each piece ending between two tags."""
    if not name.lower().endswith(_XML):
        yield from pieces(archive, name)
        return
    head = True
    for piece in _between_tags(pieces(archive, name)):
        if head and _is_foreign(piece):
            raise OddFileError(f"is not written in UTF-8. {SAVE_AGAIN}")
        if b"<!" in piece and (b"<!DOCTYPE" in piece or b"<!ENTITY" in piece):
            raise OddFileError(DOCTYPE)
        head = False
        yield piece


def _is_foreign(head: bytes) -> bool:
    named = _ENCODING.match(head.removeprefix(b"\xef\xbb\xbf"))
    return b"\x00" in head[:64] or bool(named and named[1].lower() not in _PLAIN_ENCODINGS)


def _between_tags(parts: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for part in parts:
        piece = rest + part
        opened = piece.rfind(b"<")
        split = opened if opened >= 0 and piece.find(b">", opened) < 0 else len(piece)
        rest = piece[split:]
        if len(rest) > _TAG_MAX:
            raise OddFileError(f"has an endless tag. {SAVE_AGAIN}")
        if split:
            yield piece[:split]
    if rest:
        raise OddFileError("is damaged: a part ends in the middle of a tag. Copy or download it again")


def read_small(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return an XML part that must be small."""
    if archive.getinfo(name).file_size > _SMALL_MAX:
        raise OddFileError(f"has an implausibly large list of sheets. {SAVE_AGAIN}")
    return b"".join(xml_pieces(archive, name))
