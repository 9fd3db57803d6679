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

# jsonschema, which nbformat imports, would load this for addresses that no notebook has: two seconds of CPU.
sys.modules.setdefault("rfc3987_syntax", None)

PROJECT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((PROJECT / "notebooks").glob("*.ipynb"))
WIDGET = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


FRESH = """
import os
os.chdir({folder!r})
get_ipython().reset(new_session=True)
"""
"""Begins a notebook in a kernel that has run another one: no name is left, and the cells are counted anew."""


def run_to_the_end(notebook, folder):
    """Run a notebook top to bottom in a copy of the folders it needs, and return it as it may be saved."""
    (ran,) = run_in_one_kernel([notebook], folder)
    return ran


def run_in_one_kernel(notebooks, folder):
    """Run notebooks one after the other, each with a copy of its folders and no name of another; a kernel takes 3 s."""
    with ThreadPoolExecutor(1) as pool:  # a thread of its own: a browser test may have left a loop running in this one
        return pool.submit(lambda: asyncio.run(_run_all(notebooks, Path(folder)))).result()


async def _run_all(notebooks, folder):
    import nbformat  # only here: with what it needs it takes a second to import
    from jupyter_client import AsyncKernelManager
    from nbclient import NotebookClient

    manager, ran = AsyncKernelManager(), []
    await manager.start_kernel(env=bare_environment() | {"IPYTHONDIR": str(folder / "ipython")})
    try:
        for notebook in notebooks:
            place = folder / notebook.stem
            for name in ("notebooks", "sample_data"):
                shutil.copytree(PROJECT / name, place / name)
            begin = FRESH.format(folder=str(place / "notebooks"))
            book = nbformat.read(notebook, as_version=4)
            client = NotebookClient(book, km=manager, timeout=60, record_timing=False, coalesce_streams=True)
            async with client.async_setup_kernel(cleanup_kc=False):
                await client.kc.execute_interactive(begin, store_history=False, timeout=60)
                await client.async_execute(cleanup_kc=False)
                client.kc.stop_channels()
            ran.append(tidied(book))
    finally:
        await manager.shutdown_kernel(now=True)
    return ran


def bare_environment():
    """Return the environment without anybody's account."""
    return {name: value for name, value in os.environ.items() if not name.startswith("EXOTEL_")}


def tidied(book):
    """Return a notebook without bars (a saved one stands at 0 %), widgets' states, and what front ends add."""
    from nbformat import from_dict

    for cell in book.cells:
        cell.metadata = {name: cell.metadata[name] for name in ("tags",) if name in cell.metadata}
        if cell.cell_type == "code":
            cell.outputs = [output for output in map(still, cell.outputs) if output]
    book.metadata = from_dict(METADATA)
    return book


def still(output):
    """Return an output as a page can show it without a kernel, or None: a table as HTML only, a widget not at all."""
    from nbformat import from_dict

    if "data" not in output:
        return output
    data = {kind: text for kind, text in output.data.items() if kind != WIDGET}
    if len(data) > 1 or WIDGET in output.data:
        data.pop("text/plain", None)
    return from_dict({**output, "data": data, "metadata": {}}) if data else None


def save(notebooks):
    """Run notebooks, and write each back with its outputs; one that fails stays as it is."""
    import nbformat

    for notebook in notebooks:
        with tempfile.TemporaryDirectory(prefix="exotel_frames_") as folder:
            nbformat.write(run_to_the_end(notebook, folder), notebook)
        print(f"{notebook.name} is saved.")


if __name__ == "__main__":
    save([Path(name) for name in sys.argv[1:]] or NOTEBOOKS)
