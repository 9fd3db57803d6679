"""One table for all parts: what was measured, what it is beside the others, and which goals are reached."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from .measuring import Figures, Line

WIDTHS = (54, 10, 9, 9, 11, 9, 9)
HEADS = ("", "rows", "wall", "CPU", "CPU a row", "peak", "a row")


def cpu_beside(figures: Figures, other: Figures) -> float | None:
    """Return how many times the CPU a row the other takes; None when either could not be measured."""
    return other.us_a_row / figures.us_a_row if figures.rows and other.rows else None


def table(parts: Mapping[str, Sequence[Line]]) -> str:
    """Return the table as text.

    CPU is that of all threads of the contender's process; peak is the memory that the task took on top.
    """
    made = [row(HEADS, "beside", "goal")]
    for title, lines in parts.items():
        made += ["", title, *map(printed, lines)]
    return "\n".join(text.rstrip() for text in made)


def row(cells: Sequence[str], beside: str, goal: str) -> str:
    first, *numbers = zip(cells, WIDTHS, strict=True)
    return f"{first[0]:{first[1]}}" + " ".join(f"{cell:>{width}}" for cell, width in numbers) + f"  {beside:34} {goal}"


def printed(line: Line) -> str:
    goal = line.goal and f"{line.goal}: {'not measured' if line.reached is None else 'yes' if line.reached else 'NO'}"
    name = f"  {line.name}"
    if line.figures is None:
        return row([name, *[""] * 6], line.beside, goal)
    if line.figures.trouble:
        return f"{name:{WIDTHS[0]}} {line.figures.trouble}"
    return row([name, *numbers(line.figures)], line.beside, goal)


def numbers(figures: Figures) -> Iterator[str]:
    yield f"{figures.rows:,}" if figures.rows else ""
    yield seconds(figures.wall_s)
    yield seconds(figures.cpu_s)
    yield f"{figures.us_a_row:.2f} µs" if figures.rows else ""
    yield size(figures.peak_bytes) if figures.peak_bytes else ""
    yield f"{figures.bytes_a_row:,.0f} B" if figures.rows and figures.peak_bytes else ""


def seconds(number: float) -> str:
    return f"{number:.2f} s" if number >= 1 else f"{number * 1000:.1f} ms"


def size(number: float) -> str:
    return f"{number / 2**20:,.0f} MB"


def as_data(parts: Mapping[str, Sequence[Line]]) -> dict[str, list[dict[str, Any]]]:
    """Return the same as plain data, for `--json`."""
    return {title: [asdict(line) for line in lines] for title, lines in parts.items()}
