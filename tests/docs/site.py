"""What can be asked of the built site: its pages, their links, and what is reached with how many clicks."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """A page: its links in their order (with the words that are clicked), its anchors, and its text."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.links: list[tuple[str, str]] = []
        self.anchors: set[str] = set()
        self.main_links: list[tuple[str, str]] = []
        self._words: list[str] = []
        self._open: list[tuple[str, int]] = []
        self._in_main = 0
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.anchors |= {value for key in ("id", "name") if (value := given.get(key))}
        self._in_main += tag == "article"
        for key in ("href", "src"):
            if target := given.get(key):
                self.links.append((target, ""))
        if tag == "a" and given.get("href"):
            self._open.append((str(given["href"]), len(self._words)))

    def handle_endtag(self, tag: str) -> None:
        self._in_main -= tag == "article"
        if tag == "a" and self._open:
            href, at = self._open.pop()
            if self._in_main > 0:
                self.main_links.append((href, " ".join("".join(self._words[at:]).split())))

    def handle_data(self, data: str) -> None:
        self._words.append(data)

    @cached_property
    def text(self) -> str:
        """Return all words of the page."""
        return " ".join("".join(self._words).split())


class Site:
    """The pages of a folder of HTML."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.pages = {
            path.resolve(): Page(path) for path in sorted(folder.rglob("*.html")) if "_static" not in path.parts
        }

    def broken(self) -> Iterator[str]:
        """Return each link inside the site that leads nowhere."""
        for page in self.pages.values():
            for href, _ in page.links:
                target = self.target(page, href)
                if target is None:
                    continue
                where, anchor = target
                here = page.path.relative_to(self.folder)
                if not where.exists():
                    yield f"{here}: {href}"
                elif anchor and where in self.pages and anchor not in self.pages[where].anchors:
                    yield f"{here}: {href} (no such place on the page)"

    def target(self, page: Page, href: str) -> tuple[Path, str] | None:
        """Return the file and the anchor that a link leads to, or None when it leads out of the site."""
        parts = urlsplit(href)
        if parts.scheme or parts.netloc:
            return None
        where = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path.resolve()
        return (where / "index.html" if where.is_dir() else where), unquote(parts.fragment)

    def foreign(self) -> Iterator[str]:
        """Return each script, style, picture or font that would be asked of another server."""
        for page in self.pages.values():
            for href, _ in page.links:
                if urlsplit(href).netloc and Path(urlsplit(href).path).suffix in {
                    ".js",
                    ".css",
                    ".woff2",
                    ".png",
                    ".svg",
                }:
                    yield f"{page.path.relative_to(self.folder)}: {href}"

    def click(self, page: Page, words: str) -> Page:
        """Return the page behind the link in the text that says these words."""
        (href,) = {href for href, said in page.main_links if words.lower() in said.lower()}
        target = self.target(page, href)
        assert target is not None
        return self.pages[target[0]]
