"""The site's settings. It is built without the network: `uv run --group docs sphinx-build -W docs docs/_build/html`."""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))

import exotel_frames  # noqa: E402 - found in the checkout, whatever is installed
from exotel_frames.cli.parser import parser  # noqa: E402

project = "exotel_frames"
author = "the exotel_frames team"
copyright = "2026, the exotel_frames team"  # noqa: A001 - Sphinx calls it so
version = release = exotel_frames.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_nb",
    "sphinx_design",
    "sphinx_copybutton",
]
exclude_patterns = ["_build", "**/.ipynb_checkpoints"]
templates_path = ["_templates"]
html_static_path = ["_static"]

# Docstrings: the reference is made of them, and a parameter that is not described fails the build.
autosummary_generate = True
autodoc_typehints = "none"  # types stand beside each parameter, in words
autodoc_member_order = "bysource"
default_role = "py:obj"  # `load_subscribers` in a docstring is a link
numpydoc_show_class_members = False
numpydoc_xref_param_type = True  # an error's name, and a type of ours, is a link
PLAIN = (
    "optional default of or self callable names object bool int float str None True False list dict tuple set array "
    "Path datetime Series Index DataFrame matplotlib.figure.Figure them a"
)
numpydoc_xref_ignore = set(PLAIN.split())
numpydoc_xref_aliases = {word: word for word in PLAIN.split()}  # instead of links to other sites
numpydoc_validation_checks = {
    "GL03",  # no double blank lines
    "GL06",  # sections are known ones
    "GL07",  # and stand in the field's order
    "GL08",  # there is a docstring
    "PR01",  # every parameter is described
    "PR02",  # and none that does not exist
    "PR03",  # in the order of the signature
    "PR04",  # with its type
    "PR07",  # and with a meaning
    "RT01",  # what is returned is said
    "RT03",  # and described
    "EX01",  # an example, which tests/test_docstrings.py runs
    "SS01",  # a summary
    "YD01",
}
numpydoc_validation_exclude = {
    r"exotel_frames\.Client",  # `connect` makes one; its calls are for programmers, and each has its example
    r"exotel_frames\.Sandbox\.",  # what a sandbox is played with: short, and shown by the notebooks
    r"Secret\.reveal$",
    r"Cost\.",
    r"\.errors\.",  # an error is explained by its own sentence
    r"Error$",
    r"RunInterrupted$",
}

# Pages are Markdown; notebooks are pages with the outputs they were saved with (the tests run them).
nb_execution_mode = "off"
nb_mime_priority_overrides = [("html", "text/plain", 30)]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
copybutton_prompt_text = r"\$ |>>> |\.\.\. "
copybutton_prompt_is_regexp = True

html_theme = "pydata_sphinx_theme"
html_title = f"exotel_frames {release}"
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {"text": "exotel_frames"},
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "header_links_before_dropdown": 6,
    "show_nav_level": 1,
    "show_prev_next": True,
    # Notebooks and functions have none: wide tables want the room, and a function has no chapters.
    "secondary_sidebar_items": {where: ["page-toc"] for where in ("*", "how-to/*", "explain/*", "reference/*")}
    | {"index": [], "changelog": []},
    "footer_start": ["copyright"],
    "footer_end": [],
    "article_header_start": ["breadcrumbs"],
    "pygments_light_style": "tango",
    "pygments_dark_style": "github-dark",
}
html_sidebars = {"index": [], "changelog": [], "design": []}


def bring_notebooks(_app: object) -> None:
    """Copy the notebooks to where Sphinx looks for pages."""
    target = HERE / "notebooks"
    target.mkdir(exist_ok=True)
    for old in target.glob("*.ipynb"):
        if not (ROOT / "notebooks" / old.name).exists():
            old.unlink()
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        copy = target / notebook.name
        if not copy.exists() or copy.read_bytes() != notebook.read_bytes():
            shutil.copy2(notebook, copy)

    titles = [f"- [{title_of(each)}]({each.stem}.ipynb)" for each in sorted(target.glob("*.ipynb"))]
    pages = [each.stem for each in sorted(target.glob("*.ipynb"))]
    toctree = "\n".join(["```{toctree}", ":hidden:", "", *pages, "```"])
    write_if_new(target / "index.md", "\n".join([NOTEBOOKS_HEAD, *titles, "", toctree, ""]))


def title_of(notebook: Path) -> str:
    """Return a notebook's first heading."""
    first = json.loads(notebook.read_text(encoding="utf-8"))["cells"][0]["source"]
    return "".join(first).splitlines()[0].lstrip("# ")


def write_if_new(page: Path, text: str) -> None:
    """Write a page, unless it says that already: what is not newer is not built again."""
    if not page.exists() or page.read_text(encoding="utf-8") != text:
        page.write_text(text, encoding="utf-8")


NOTEBOOKS_HEAD = """# Notebooks

Each runs on a made-up account on your machine; the tests run them and compare what they print. In a checkout
`uv run jupyter lab notebooks` opens them.
"""


def write_commands(_app: object) -> None:
    """Write the page of the commands from what `--help` prints."""
    root = parser()
    (action,) = [each for each in root._actions if isinstance(each, argparse._SubParsersAction)]  # noqa: SLF001
    told = {each.dest: each.help for each in action._choices_actions}  # noqa: SLF001
    parts = [COMMANDS_HEAD]
    for name, command in action.choices.items():
        about = told[name] or ""
        parts.append(f"## {name}\n\n{about[0].upper()}{about[1:]}.\n\n```text\n{help_of(command)}\n```\n")
    write_if_new(HERE / "reference" / "commands.md", "\n".join(parts))


def help_of(command: argparse.ArgumentParser) -> str:
    """Return what `--help` prints on a terminal of 100 columns, without its first words, which the page says."""
    formatter = command.formatter_class
    command.formatter_class = lambda prog: formatter(prog, width=100)  # type: ignore[assignment,return-value]
    text = command.format_help()
    return re.sub(r"\n\n[^\n]+\n\n(positional|options)", r"\n\n\1", text, count=1).strip()


COMMANDS_HEAD = """# Commands

`exotel-frames COMMAND --help` prints what stands here; `exotel-frames completion bash` prints what completes the
commands in a shell. Exit codes:

| code | meaning |
| --- | --- |
| 0 | done, or nothing to do |
| 1 | an error; nothing was sent, unless the message says so |
| 2 | a plan has changes pending; a comparison or a check found a difference |
| 3 | some rows failed |
| 4 | refused as unsafe, before anything was sent |
| 5 | what became of some rows is not known yet: `exotel-frames resume` |
"""


def spell_out(_app: object, _what: str, _name: str, _thing: object, _options: object, lines: list[str]) -> None:
    """Write what is no name of ours as code: `.results` would lose its dot as a link."""
    lines[:] = [re.sub(r"(?<![`:\w])`([^`]*[^`\w.][^`]*|\.[^`]*)`(?!`)", r"``\1``", line) for line in lines]


def setup(app: object) -> None:
    """Bring what other folders hold before Sphinx looks for pages."""
    app.connect("builder-inited", bring_notebooks)  # type: ignore[attr-defined]
    app.connect("autodoc-process-docstring", spell_out, priority=400)  # type: ignore[attr-defined]
    app.connect("builder-inited", write_commands)  # type: ignore[attr-defined]
