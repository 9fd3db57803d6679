"""Changes small XML parts in place: everything else stays byte for byte as it was."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat
from xml.sax import saxutils

_TAG: Final = re.compile(rb"""<[^\s/>]+(?:[^>"']|"[^"]*"|'[^']*')*>""")
_PREFIX: Final = re.compile(rb"<([^\s/>:]+:)?")
_ENTITIES: Final = {'"': "&quot;", "\n": "&#10;", "\t": "&#9;", "\r": "&#13;"}
Edit = tuple[int, int, bytes]
"""Where to cut, from and to, and what to put there."""


@dataclass
class Element:
    """An element and where it stands in its part's bytes; `inner` and `close` are the ends of its content."""

    space: str
    name: str
    attributes: dict[str, str]
    start: int
    inner: int
    close: int = 0
    end: int = 0
    children: list[Element] = field(default_factory=list)

    def find(self, name: str) -> Element | None:
        """Return the first child of that name."""
        return next(self.all(name), None)

    def all(self, name: str) -> Iterator[Element]:
        """Yield the children of that name."""
        return (child for child in self.children if child.name == name)

    def linked_attribute(self, name: str) -> str | None:
        """Return an attribute that stands in a namespace, such as `r:id`."""
        return next((value for key, value in self.attributes.items() if key.endswith(f" {name}")), None)


def parse(xml: bytes) -> Element:
    """Return a part's root element.

    >>> root = parse(b'<a x="1"><b/></a>')
    >>> root.attributes, root.children[0].name, (root.inner, root.close)
    ({'x': '1'}, 'b', (9, 13))
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    top = Element("", "", {}, 0, 0)
    stack = [top]

    def start(tag: str, attributes: dict[str, str]) -> None:
        space, _, name = tag.rpartition(" ")
        at = parser.CurrentByteIndex
        found = _TAG.match(xml, at)
        if found is None:
            raise ValueError("An element's tag can't be found.")
        stack[-1].children.append(Element(space, name, attributes, at, found.end()))
        stack.append(stack[-1].children[-1])

    def end(_: str) -> None:
        element = stack.pop()
        is_empty = xml[element.inner - 2 : element.inner] == b"/>"
        element.close = element.inner if is_empty else parser.CurrentByteIndex
        element.end = element.inner if is_empty else xml.index(b">", element.close) + 1

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(xml, True)  # noqa: FBT003 - expat's own signature
    return top.children[0]


def parse_tag(tag: bytes) -> Element:
    """Return an element that stands alone, as far as `rewrite` needs it.

    >>> parse_tag(b'<x:col min="1"/>').inner
    16
    """
    found = _TAG.match(tag)
    inner = found.end() if found else len(tag)
    return Element("", "", {}, 0, inner, inner, len(tag))


def prefix_of(xml: bytes, element: Element) -> bytes:
    """Return the prefix that an element's name is written with, colon included.

    >>> prefix_of(b'<x:a xmlns:x="u"/>', parse(b'<x:a xmlns:x="u"/>'))
    b'x:'
    """
    found = _PREFIX.match(xml, element.start)
    return (found and found[1]) or b""


def rewrite(
    xml: bytes, element: Element, attributes: Mapping[str, object] | None = None, *, append: bytes = b""
) -> list[Edit]:
    """Return the edits that set attributes of an element, and put something behind its last child.

    >>> xml = b'<a n="1"/>'
    >>> apply_edits(xml, rewrite(xml, parse(xml), {"n": 2}, append=b"<b/>"))
    b'<a n="2"><b/></a>'
    """
    tag = xml[element.start : element.inner]
    for name, value in (attributes or {}).items():
        tag = _with_attribute(tag, name, str(value))
    if not append:
        return [(element.start, element.inner, tag)]
    if element.close == element.inner:  # an empty element: it gets an end
        end = b"</" + tag[1:].split(None, 1)[0].split(b"/")[0] + b">"
        return [(element.start, element.inner, tag[:-2].rstrip() + b">" + append + end)]
    return [(element.start, element.inner, tag), (element.close, element.close, append)]


def _with_attribute(tag: bytes, name: str, value: str) -> bytes:
    attribute = f'{name}="{escape(value)}"'.encode()
    found = re.search(rb"""(?<=\s)%s\s*=\s*(?:"[^"]*"|'[^']*')""" % re.escape(name.encode()), tag)
    if found:
        return tag[: found.start()] + attribute + tag[found.end() :]
    ends = b"/>" if tag.endswith(b"/>") else b">"
    return tag.removesuffix(ends).rstrip() + b" " + attribute + ends


def escape(text: str) -> str:
    """Return a text as it stands in an attribute.

    >>> escape('a "b" & c')
    'a &quot;b&quot; &amp; c'
    """
    return saxutils.escape(text, _ENTITIES)


def apply_edits(xml: bytes, edits: Iterable[Edit]) -> bytes:
    """Return a part with its edits made; where two stand at one place, in the order given.

    >>> apply_edits(b"abcd", [(2, 3, b"X"), (0, 0, b">")])
    b'>abXd'
    """
    made, at = [], 0
    for start, end, put in sorted(edits, key=lambda edit: edit[:2]):
        made += [xml[at:start], put]
        at = end
    return b"".join([*made, xml[at:]])
