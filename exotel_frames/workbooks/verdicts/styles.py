"""The style of a verdict's cell: the font of its row, the colour of its outcome; existing styles are kept."""

from __future__ import annotations

from typing import Final

from exotel_frames.outcomes import OUTCOME_INFO
from exotel_frames.workbooks.verdicts.xml_edit import Edit, Element, apply_edits, parse, prefix_of, rewrite

COLOURS: Final = {str(outcome): info.fill for outcome, info in OUTCOME_INFO.items()} | {
    "left out": OUTCOME_INFO["not_sent"].fill
}
"""The fill of each outcome's cell."""
_FACE: Final = ("sz", "name", "family", "charset", "scheme")
"""What a verdict takes from its row's font; its weight and colour mean something to the people who set them."""
_TEXT_FORMAT: Final = 49


class Styles:
    """A workbook's styles, and those that are added; without a styles part, cells have none."""

    def __init__(self, xml: bytes | None) -> None:
        self._xml = xml or b""
        self._root = parse(self._xml) if xml else None
        self._prefix = prefix_of(self._xml, self._root).decode() if self._root else ""
        self._formats = self._children("cellXfs")
        self._counts = {name: len(self._children(name)) for name in ("fonts", "fills", "cellXfs")}
        self._added: dict[str, list[str]] = {"fonts": [], "fills": [], "cellXfs": []}
        self._known: dict[tuple[str, str], int] = {}
        self._verdicts: dict[tuple[int, str], int | None] = {}

    @property
    def has_any(self) -> bool:
        """Tell whether cells can have a style."""
        return bool(self._formats)

    def verdict(self, like: int, colour: str) -> int | None:
        """Return the style of a cell that stands in a row whose name has the style `like`."""
        key = (like, colour)
        if key not in self._verdicts:  # nearly all rows look alike
            self._verdicts[key] = self._verdict(like, colour)
        return self._verdicts[key]

    def _verdict(self, like: int, colour: str) -> int | None:
        if not self._formats:
            return None
        base = self._formats[like] if like < len(self._formats) else self._formats[0]
        font, fill = self._font(base), self._fill(colour) if colour else 0
        locked = base.find("protection")
        p = self._prefix
        inner = f'<{p}alignment horizontal="left" vertical="center" indent="1"/>'
        if locked is not None:
            inner += self._xml[locked.start : locked.end].decode()
        filled = ' applyFill="1"' if colour else ""
        protected = ' applyProtection="1"' if locked is not None else ""
        return self._add(
            "cellXfs",
            f'<{p}xf numFmtId="{_TEXT_FORMAT}" fontId="{font}" fillId="{fill}" borderId="0" xfId="0" '
            f'applyNumberFormat="1" applyFont="1"{filled} applyAlignment="1"{protected}>{inner}</{p}xf>',
        )

    def xml(self) -> bytes:
        """Return the styles part with what was added."""
        if self._root is None:
            return self._xml
        edits: list[Edit] = []
        for name, added in self._added.items():
            group = self._root.find(name)
            if group is not None and added:
                count = {"count": len(group.children) + len(added)}
                edits += rewrite(self._xml, group, count, append="".join(added).encode())
        return apply_edits(self._xml, edits)

    def _children(self, name: str) -> list[Element]:
        group = self._root.find(name) if self._root else None
        return group.children if group else []

    def _font(self, base: Element) -> int:
        fonts = self._children("fonts")
        at = int(base.attributes.get("fontId", 0))
        if at >= len(fonts):
            return 0
        parts = [self._xml[part.start : part.end].decode() for part in fonts[at].children if part.name in _FACE]
        return self._add("fonts", f"<{self._prefix}font>{''.join(parts)}</{self._prefix}font>")

    def _fill(self, colour: str) -> int:
        p = self._prefix
        inner = f'<{p}fgColor rgb="00{colour}"/><{p}bgColor indexed="64"/>'
        return self._add("fills", f'<{p}fill><{p}patternFill patternType="solid">{inner}</{p}patternFill></{p}fill>')

    def _add(self, group: str, markup: str) -> int:
        key = (group, markup)
        if key not in self._known:
            self._known[key] = self._counts[group] + len(self._added[group])
            self._added[group].append(markup)
        return self._known[key]
