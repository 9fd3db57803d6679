"""Finds a sheet's rows in its XML and changes them one by one; everything else stays as it was."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Final
from xml.sax.saxutils import escape

from exotel_frames.workbooks.addresses import letters, number
from exotel_frames.workbooks.cell_text import escape_cell
from exotel_frames.workbooks.verdicts.xml_edit import Edit, Element, apply_edits, parse, rewrite

_ATTRIBUTES: Final = rb"""((?:[^>"']++|"[^"]*+"|'[^']*+')*+)"""
_ADDRESS: Final = re.compile(rb"""(?:\A|\s)r\s*=\s*["']([A-Z]{1,3})([0-9]+)["']""")
_NUMBER: Final = re.compile(rb"""(?:\A|\s)r\s*=\s*["']([0-9]+)["']""")
_STYLE: Final = re.compile(rb"""(?:\A|\s)s\s*=\s*["']([0-9]+)["']""")
_SPANS: Final = re.compile(rb"""(\sspans\s*=\s*["'][0-9]+:)([0-9]+)""")


class OddSheetError(Exception):
    """A sheet that can't take verdicts in place; the text says why, behind the words "because …"."""


@dataclass(frozen=True)
class Cell:
    """A cell of a row: its column, where it stands in the row's content, its style, and whether it holds anything."""

    column: int
    start: int
    end: int
    style: int
    is_empty: bool


class SheetXml:
    """A sheet's part, cut into what stands before its rows, the rows, and what stands behind them."""

    def __init__(self, xml: bytes) -> None:
        self._xml = xml
        root = re.search(rb"<([^\s/>:!?]+:)?worksheet\b", xml)
        self.prefix = (root and root[1]) or b""
        opened = re.search(rb"<%ssheetData(?=[\s/>])%s>" % (self.prefix, _ATTRIBUTES), xml)
        if root is None or opened is None:
            raise OddSheetError("its rows can't be found")
        is_empty = opened[1].endswith(b"/")
        self.begin = opened.end()
        self.stop = opened.end() if is_empty else xml.rindex(b"</%ssheetData" % self.prefix)
        self._opened = opened
        if xml.find(b"<!", self.begin, self.stop) >= 0:
            raise OddSheetError("its rows are written in an unusual way")
        self._row = re.compile(rb"<%srow(?=[\s/>])%s>" % (self.prefix, _ATTRIBUTES))
        self._row_end = re.compile(rb"</%srow\s*>" % self.prefix)
        self._cell = re.compile(rb"<%sc(?=[\s/>])%s>" % (self.prefix, _ATTRIBUTES))
        self._cell_end = re.compile(rb"</%sc\s*>" % self.prefix)
        self._held = re.compile(rb"<%s(?:v|is|f)[\s/>]" % self.prefix)

    @cached_property
    def without_rows(self) -> bytes:
        """Return the part without its rows: small enough to be parsed."""
        return self._xml[: self._opened.start()] + b"<%ssheetData/>" % self.prefix + self._after

    @cached_property
    def root(self) -> Element:
        """Return the part's root element, without its rows."""
        return parse(self.without_rows)

    @property
    def _after(self) -> bytes:
        close = self._xml[self.stop :]
        return close[close.index(b">") + 1 :] if close.startswith(b"</%ssheetData" % self.prefix) else close

    def rows(self) -> Iterator[tuple[int, bytes, bytes, int, int]]:
        """Yield each row: its number, its tag, its content, and where it begins and ends in the part."""
        at, last = self.begin, 0
        while found := self._row.search(self._xml, at, self.stop):
            numbered = _NUMBER.search(found[1])
            last = int(numbered[1]) if numbered else last + 1
            if found[1].endswith(b"/"):
                at = found.end()
                yield last, found[0], b"", found.start(), at
                continue
            close = self._row_end.search(self._xml, found.end(), self.stop)
            if close is None:
                raise OddSheetError("one of its rows has no end")
            at = close.end()
            yield last, found[0], self._xml[found.end() : close.start()], found.start(), at

    def cells(self, content: bytes) -> list[Cell]:
        """Return a row's cells."""
        found, at, column = [], 0, 0
        while match := self._cell.search(content, at):
            addressed = _ADDRESS.search(match[1])
            column = number(addressed[1].decode()) if addressed else column + 1
            style = _STYLE.search(match[1])
            close = None if match[1].endswith(b"/") else self._cell_end.search(content, match.end())
            at = close.end() if close else match.end()
            is_empty = close is None or not self._held.search(content, match.end(), close.start())
            found.append(Cell(column, match.start(), at, int(style[1]) if style else 0, is_empty))
        return found

    def last_columns(self) -> Iterator[tuple[int, int]]:
        """Yield each row's number and the column of its last cell that holds something."""
        for row, _, content, _, _ in self.rows():
            cells = self._last_cell(content)
            if not cells or cells[-1].is_empty:
                cells = [cell for cell in self.cells(content) if not cell.is_empty]
            if cells:
                yield row, cells[-1].column

    def _last_cell(self, content: bytes) -> list[Cell]:
        """Return a row's last cell, where it says its own address; nothing where it does not."""
        tail = content[max(content.rfind(b"<%sc " % self.prefix), 0) :]
        return self.cells(tail)[-1:] if _ADDRESS.search(tail[:80]) else []

    def style_at(self, content: bytes, column: int) -> int:
        """Return the style of a row's cell in a column; 0 where there is none."""
        found = re.search(
            rb"""<%sc\s[^>]*?\br\s*=\s*["']%s[0-9]+["'][^>]*""" % (self.prefix, _letters(column)), content
        )
        styled = _STYLE.search(found[0]) if found else None
        if styled or found:
            return int(styled[1]) if styled else 0
        return next((cell.style for cell in self.cells(content) if cell.column == column), 0)

    def own_rows(self) -> bytes:
        """Return the rows as they stand there."""
        return self._xml[self.begin : self.stop]

    def replace_rows(self, rows: bytes, ref: str) -> bytes:
        """Return the part with other rows in the place of all of its own."""
        head, _, tail = apply_edits(self.without_rows, self.dimension(ref)).partition(b"<%ssheetData/>" % self.prefix)
        return b"".join((head, b"<%ssheetData>" % self.prefix, rows, b"</%ssheetData>" % self.prefix, tail))

    def dimension(self, ref: str) -> list[Edit]:
        """Return the edit that says how far the sheet reaches; a sheet that does not say it is left so."""
        found = self.root.find("dimension")
        return rewrite(self.without_rows, found, {"ref": ref}) if found else []

    def holds(self, first: int, last: int, rows: AbstractSet[int]) -> bool:
        """Tell whether any cell of some columns holds something in these rows."""
        columns = range(first, last + 1)
        return any(
            not cell.is_empty and cell.column in columns
            for row, _, content, _, _ in self.rows()
            if row in rows
            for cell in self.cells(content)
        )

    def with_rows(
        self, change: Callable[[int, bytes], Mapping[int, bytes] | None], frame_edits: list[Edit]
    ) -> Iterator[bytes]:
        """Yield the part anew: `change` gives what stands in a row's columns from now on, b"" for nothing.

        `frame_edits` are those of `frame`.
        """
        cut = self._opened.start()
        empty = len(b"<%ssheetData/>" % self.prefix)
        yield apply_edits(self.without_rows[:cut], [edit for edit in frame_edits if edit[1] <= cut])
        is_empty = self.begin == self.stop
        yield b"<%ssheetData>" % self.prefix if is_empty else self._xml[cut : self.begin]
        at = self.begin
        for row, tag, content, start, end in self.rows():
            new = change(row, content)
            if new:
                yield self._xml[at:start]
                yield self._change_cells(tag, content, new)
                at = end
        yield self._xml[at : self.stop]
        yield b"</" + self.prefix + b"sheetData>"
        late = [(at - cut - empty, to - cut - empty, put) for at, to, put in frame_edits if at >= cut + empty]
        yield apply_edits(self.without_rows[cut + empty :], late)

    def _change_cells(self, tag: bytes, content: bytes, new: Mapping[int, bytes]) -> bytes:
        edits: list[Edit] = []
        last = self._last_cell(content)
        cells = [] if last and last[0].column < min(new) else self.cells(content)
        for column, put in new.items():
            old = next((cell for cell in cells if cell.column == column), None)
            behind = next((cell.start for cell in cells if cell.column > column), len(content))
            edits.append((old.start, old.end, put) if old else (behind, behind, put))
        widest = max(new)
        tag = _SPANS.sub(lambda found: found[1] + str(max(int(found[2]), widest)).encode(), tag, count=1)
        if tag.endswith(b"/>"):
            tag = tag[:-2].rstrip() + b">"
        return b"".join((tag, apply_edits(content, edits), b"</", self.prefix, b"row>"))


@cache
def _letters(column: int) -> bytes:
    return letters(column).encode()


def text_cell(prefix: bytes, row: int, column: int, text: str, style: int | None) -> bytes:
    """Return a cell of text, in the cell itself; without a text, an empty one.

    >>> text_cell(b"", 2, 3, "a<b", 7)
    b'<c r="C2" s="7" t="inlineStr"><is><t xml:space="preserve">a&lt;b</t></is></c>'
    """
    p = prefix.decode()
    look = "" if style is None else f' s="{style}"'
    if not text:
        return f'<{p}c r="{letters(column)}{row}"{look}/>'.encode()
    inline = f'<{p}is><{p}t xml:space="preserve">{escape(escape_cell(text))}</{p}t></{p}is>'
    return f'<{p}c r="{letters(column)}{row}"{look} t="inlineStr">{inline}</{p}c>'.encode()


def text_rows(prefix: bytes, rows: list[list[tuple[str, int | None]]], *, first: int = 1) -> bytes:
    """Return whole rows of texts, each with its style.

    >>> text_rows(b"", [[("a", None)]])
    b'<row r="1"><c r="A1" t="inlineStr"><is><t xml:space="preserve">a</t></is></c></row>'
    """
    p = prefix
    made = []
    for row, cells in enumerate(rows, start=first):
        inner = b"".join(text_cell(p, row, at, text, style) for at, (text, style) in enumerate(cells, start=1))
        made.append(b'<%srow r="%d">%s</%srow>' % (p, row, inner, p))
    return b"".join(made)
