"""Run the notebooks and save them with their outputs: `uv run python tests/save_notebooks.py [notebook …]`.

Each runs in a copy of `notebooks/` and `sample_data/`; what differs from run to run for no reader's good is left out.
"""

import asyncio
import os
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient

PROJECT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((PROJECT / "notebooks").glob("*.ipynb"))
WIDGET = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def executed(folders, *, at_once=2):
    """Run notebooks (notebook: an empty folder to run in), and return what may be saved of each, or its error."""
    few = asyncio.Semaphore(at_once)  # starting Python takes longer than what they do: one for each core

    async def each(notebook, folder):
        async with few:
            return await run(notebook, folder)

    async def all_of_them():
        return await asyncio.gather(*(each(*item) for item in folders.items()), return_exceptions=True)

    with ThreadPoolExecutor(1) as pool:  # a thread of its own: a browser test may have left a loop running in this one
        return dict(zip(folders, pool.submit(lambda: asyncio.run(all_of_them())).result(), strict=True))


async def run(notebook, folder):
    """Run a notebook top to bottom in a copy of the folders it needs, and return it as it may be saved."""
    for name in ("notebooks", "sample_data"):
        shutil.copytree(PROJECT / name, Path(folder, name))
    book = nbformat.read(notebook, as_version=4)
    where = {"metadata": {"path": str(Path(folder, "notebooks"))}}
    client = NotebookClient(book, timeout=60, record_timing=False, coalesce_streams=True, resources=where)
    await client.async_execute(env=bare_environment() | {"IPYTHONDIR": str(Path(folder, "ipython"))})
    return tidied(book)


def bare_environment():
    """Return the environment without anybody's account."""
    return {name: value for name, value in os.environ.items() if not name.startswith("EXOTEL_")}


def tidied(book):
    """Return a notebook without bars (a saved one stands at 0 %), widgets' states, and what front ends add."""
    for cell in book.cells:
        cell.metadata = {name: cell.metadata[name] for name in ("tags",) if name in cell.metadata}
        if cell.cell_type == "code":
            cell.outputs = [output for output in map(still, cell.outputs) if output]
    book.metadata = nbformat.from_dict(METADATA)
    return book


def still(output):
    """Return an output as a page can show it without a kernel, or None: a table as HTML only, a widget not at all."""
    if "data" not in output:
        return output
    data = {kind: text for kind, text in output.data.items() if kind != WIDGET}
    if len(data) > 1 or WIDGET in output.data:
        data.pop("text/plain", None)
    return nbformat.from_dict({**output, "data": data, "metadata": {}}) if data else None


def save(notebooks):
    """Run notebooks, and write each back with its outputs; one that fails stays as it is."""
    with tempfile.TemporaryDirectory(prefix="exotel_frames_") as folder:
        books = executed({notebook: Path(folder, notebook.stem) for notebook in notebooks})
    for notebook, book in books.items():
        if isinstance(book, Exception):
            raise book
        nbformat.write(book, notebook)
        print(f"{notebook.name} is saved.")


if __name__ == "__main__":
    save([Path(name) for name in sys.argv[1:]] or NOTEBOOKS)
