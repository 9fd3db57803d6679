"""Run a page's blocks in order, and write what they print into it: `python -m tests.docs.pages docs/how-to/undo.md`.

A page's `python` blocks share their names, as the cells of a notebook do; a `text` block that follows at once is what
one prints, its last value included. A `console` block has commands, each after `$ `, with what they print below; those
of `exotel-frames` are run. `% not run: why` before a block leaves it alone.
"""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from exotel_frames.cli import main

ROOT = Path(__file__).parent.parent.parent
BLOCK = re.compile(
    r"^(?P<left>% not run:[^\n]*\n+)?```(?P<kind>python|console)\n(?P<code>.*?)^```\n"
    r"(?:\n?```text\n(?P<told>.*?)^```\n)?",
    re.DOTALL | re.MULTILINE,
)
PAGES = sorted(
    page
    for where in ("*.md", "how-to/*.md", "explain/*.md")
    for page in (ROOT / "docs").glob(where)
    if BLOCK.search(page.read_text(encoding="utf-8"))
)
VOLATILE = [
    (re.compile(r"\b[0-9a-f]{32}\b"), "ID"),
    (re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}"), "RUN"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:PORT"),
    (re.compile(r"\d{4}-\d\d-\d\d[ T]?(\d\d:?\d\d(:?\d\d)?(\.\d+)?(\+00:00|Z)?)?( UTC)?"), "WHEN"),
    (re.compile(r"\d+(\.\d+)? (seconds|s|ms)\b"), "TIME"),
    (re.compile(r"/\S*exotel_frames\S*/"), "FOLDER/"),
    (re.compile(r"-{2,}|─+"), "-"),
    (re.compile(r"\s+"), " "),
]


WIDTH = "88"
"""Columns that a block of output has on a page without a scroll bar."""


class Block(NamedTuple):
    """A block to run, and what the page says it prints (None: the page does not say)."""

    kind: str
    code: str
    told: str | None
    line: int


def blocks(text: str) -> Iterator[Block]:
    """Return the blocks of a page that are run."""
    for found in BLOCK.finditer(text):
        if not found["left"]:
            yield Block(found["kind"], found["code"], found["told"], text[: found.start("code")].count("\n") + 1)


def run(block: Block, names: dict[str, object]) -> str:
    """Run a block; return what it prints."""
    return _run_python(block, names) if block.kind == "python" else _run_console(block.code)


def plain(text: str) -> str:
    """Return a text without what differs from one run to the next."""
    for pattern, word in VOLATILE:
        text = pattern.sub(word, text)
    return text.strip()


def _run_python(block: Block, names: dict[str, object]) -> str:
    tree = ast.parse("\n" * block.line + block.code)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    out = io.StringIO()
    with contextlib.redirect_stdout(out), _wide():
        exec(compile(tree, "page", "exec"), names)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), "page", "eval"), names)
            if value is not None:
                print(_as_text(value))
    return out.getvalue()


def _as_text(value: object) -> str:
    if isinstance(value, pd.DataFrame):
        return value.to_string(max_rows=12)
    return value.to_string() if isinstance(value, pd.Series) else repr(value)


def _run_console(code: str) -> str:
    told = []
    for line in code.replace("\\\n", " ").splitlines():
        if not line.startswith("$ "):
            continue
        told.append(line)
        if line.startswith("$ exotel-frames "):
            out = io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
                main(shlex.split(line.split("  #")[0].removeprefix("$ exotel-frames ")))
            told.append(out.getvalue().rstrip())
    return "\n".join(told)


@contextlib.contextmanager
def _wide() -> Iterator[None]:
    with pd.option_context("display.width", int(WIDTH), "display.max_columns", 12, "display.max_colwidth", 70):
        yield


def _filled(text: str, names: dict[str, object]) -> str:
    """Return a page with what its blocks print, where it says it."""

    def fill(found: re.Match[str]) -> str:
        if found["left"]:
            return found[0]
        block = Block(found["kind"], found["code"], found["told"], 0)
        told = "\n".join(line.rstrip() for line in run(block, names).rstrip().splitlines())
        if block.kind == "console":
            return f"```console\n{told}\n```\n"
        return found[0] if block.told is None else f"```python\n{block.code}```\n\n```text\n{told}\n```\n"

    return BLOCK.sub(fill, text)


def _write(page: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="page") as folder:
        here = Path.cwd()
        os.environ |= {"COLUMNS": WIDTH, "XDG_STATE_HOME": folder, "XDG_CONFIG_HOME": folder}
        (Path(folder) / "sample_data").symlink_to(ROOT / "sample_data")
        os.chdir(folder)
        try:
            text = _filled(page.read_text(encoding="utf-8"), {"__name__": "page"})
        finally:
            os.chdir(here)
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        _write(Path(name).resolve())
