"""The notebooks run top to bottom, and what is saved in them is what they give, fit to be read on a page."""

import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tests.save_notebooks import METADATA, NOTEBOOKS, WIDGET, executed, tidied

PATH = re.compile(r"(?<![\w.:/])/(?:home|root|tmp|usr|var|opt|work|private|Users)/|\b[A-Z]:\\", re.ASCII)
BAR = re.compile(r"\d%\||\| *\d+/\d+|\d rows \[|FloatProgress|HBox\(")
VARYING = re.compile(r"[0-9a-f]{32}|\d{8}-\d{6}-[0-9a-f]{4}|\d[\d:.+-]*")
"""Request ids, run ids, and all numbers: dates and ports differ each time."""

LINE_MAX = 100

pytestmark = pytest.mark.timeout(300)  # the first test waits for the runs of all notebooks

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    return executed({path: tmp_path_factory.mktemp(path.stem) for path in NOTEBOOKS})


def code_cells(book):
    return [cell for cell in book.cells if cell.cell_type == "code"]


def said(output):
    """Return what an output says, as one text."""
    data = output.get("data", {})
    return output.get("text") or data.get("text/html") or data.get("text/plain") or " ".join(data)


def faults_of(book):
    """Name everything that must not be in a saved notebook."""
    faults = []
    for number, cell in enumerate(code_cells(book), start=1):
        if cell.execution_count != number:
            faults.append(f"cell {number} was not run in its order")
        for output in cell.outputs:
            text = said(output)
            faults += [
                f"cell {number} has {what}"
                for what, found in {
                    "an error": output.output_type == "error",
                    "a warning": output.get("name") == "stderr",
                    "a machine path": PATH.search(text),
                    "a bar": BAR.search(text),
                    "a widget": WIDGET in output.get("data", {}),
                }.items()
                if found
            ]
    if book.metadata != METADATA:
        faults.append(f"the metadata have more or less than {sorted(METADATA)}")
    return faults


@each_notebook
def test_a_notebook_runs_top_to_bottom_and_gives_what_is_saved_in_it(path, fresh):
    ran = fresh[path]
    if isinstance(ran, Exception):
        raise ran
    assert faults_of(ran) == []
    for before, after in zip(code_cells(nbformat.read(path, as_version=4)), code_cells(ran), strict=True):
        told = [[VARYING.sub("#", said(output)) for output in cell.outputs] for cell in (before, after)]
        assert told[0] == told[1], f"python tests/save_notebooks.py {path.name} brings it up to date"


@each_notebook
def test_a_saved_notebook_has_no_error_no_machine_path_and_no_stuck_bar(path):
    assert faults_of(nbformat.read(path, as_version=4)) == []


@each_notebook
def test_each_code_cell_has_a_reason_before_it(path):
    kinds = [cell.cell_type for cell in nbformat.read(path, as_version=4).cells]
    assert kinds == ["markdown", *["markdown", "code"] * kinds.count("code"), "markdown"]


@each_notebook
def test_no_line_of_code_is_too_long_for_a_page(path):
    lines = [line for cell in code_cells(nbformat.read(path, as_version=4)) for line in cell.source.splitlines()]
    assert [line for line in lines if len(line) > LINE_MAX] == []


def test_there_are_notebooks():
    assert [path.stem[:2] for path in NOTEBOOKS] == ["01", "02", "03", "04", "05"]


@pytest.mark.parametrize(
    ("output", "fault"),
    [
        (new_output("error", ename="ValueError", evalue="no", traceback=[]), "an error"),
        (new_output("stream", name="stderr", text="FutureWarning"), "a warning"),
        (new_output("stream", text="kept in /tmp/x/results.xlsx"), "a machine path"),
        (new_output("stream", text=r"kept in C:\Users\me"), "a machine path"),
        (new_output("stream", text="writing:   0%|          | 0/40 [00:00<?, ? rows/s]"), "a bar"),
        (new_output("stream", text="loading: 0 rows [00:00, ? rows/s]"), "a bar"),
        (new_output("display_data", data={WIDGET: {}, "text/plain": "loading"}), "a widget"),
    ],
)
def test_what_must_not_be_saved_is_found(output, fault):
    book = new_notebook(cells=[new_code_cell("1", execution_count=1, outputs=[output])], metadata=METADATA)
    assert faults_of(book) == [f"cell 1 has {fault}"]


def test_a_cell_run_out_of_order_and_a_front_ends_metadata_are_found():
    book = new_notebook(cells=[new_code_cell("1", execution_count=7)], metadata={**METADATA, "widgets": {}})
    assert [fault.partition(" was")[0].partition(" have")[0] for fault in faults_of(book)] == ["cell 1", "the metadata"]


def test_saving_leaves_out_bars_and_times_and_keeps_tables_and_sentences():
    outputs = [
        new_output("display_data", data={WIDGET: {"model_id": "7"}, "text/plain": "writing: 0%|"}),
        new_output("execute_result", data={"text/html": "<table></table>", "text/plain": "…"}, execution_count=3),
        new_output("execute_result", data={"text/plain": "49"}, execution_count=3),
        new_output("stream", text="49 rows: 40 done, 9 invalid\n"),
    ]
    cell = new_code_cell("1", execution_count=3, outputs=outputs, metadata={"execution": {"at": "9:00"}, "tags": ["x"]})
    book = tidied(new_notebook(cells=[cell], metadata={"widgets": {}, **METADATA}))

    kept = [output.get("data") or output.text for output in book.cells[0].outputs]
    assert kept == [{"text/html": "<table></table>"}, {"text/plain": "49"}, "49 rows: 40 done, 9 invalid\n"]
    assert (book.cells[0].metadata, book.metadata) == ({"tags": ["x"]}, METADATA)
