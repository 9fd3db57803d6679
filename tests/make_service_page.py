"""Write docs/service.md from the tables: `python -m tests.make_service_page`."""

from __future__ import annotations

from pathlib import Path

from exotel_frames.operations.check import ASSUMPTIONS
from exotel_frames.sandbox import BEHAVIORS, Behavior

PAGE = Path(__file__).parent.parent / "docs" / "service.md"
HEAD = """# What is known of the service, and what is assumed

This page is generated from two tables (`python -m tests.make_service_page`): the sandbox's behaviours and the
assumptions of `ef.check_service`. A test holds it equal to them.

- **documented**: the provider's own document says so.
- **platform**: the documents of the same provider's other APIs say so; it very likely holds here too.
- **assumed**: neither document says anything, and this is our assumption. `exotel-frames check` says whether it holds
  for your account; `exotel-frames check --write` observes more, with two throwaway subscribers that it deletes again.

The sandbox can imitate every variant: `ef.Sandbox(behavior={"custom_field": "trim"})` or
`exotel-frames sandbox --behavior custom_field=trim`. Every verb is tested against every variant, and its results are
compared with what was really done: `pytest tests/matrix -k custom_field`, and `-m slow` for all verbs and for pairs of
variants with faults. Cases in which a result is still wrong are marked there with the reason.
"""


def page() -> str:
    """Return the page."""
    return "\n".join([HEAD, *(_chapter(each, at) for at, each in enumerate(BEHAVIORS))])


def _chapter(each: Behavior, at: int) -> str:
    lines = [
        f"- `{name}`: {variant.meaning.format(n='N')}"
        for variant in each.variants
        for name in [_shown(variant.names())]
    ]
    return (
        f"## {each.name}: {each.about}\n\n"
        f"**{each.source}**: {each.variants[0].meaning}. {ASSUMPTIONS[at].matters}\n\n"
        "What the sandbox can do (the first is the default):\n\n" + "\n".join(lines) + "\n"
    )


def _shown(names: tuple[str, ...]) -> str:
    return "`, `".join(names)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
