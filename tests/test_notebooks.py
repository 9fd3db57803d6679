"""The notebooks run top to bottom, and what is saved in them is what they give, fit to be read on a page."""

import json
import re

import pytest

from tests.save_notebooks import METADATA, NOTEBOOKS, WIDGET, run_in_one_kernel, run_to_the_end, tidied

PATH = re.compile(r"(?<![\w.:/])/(?:home|root|tmp|usr|var|opt|work|private|Users)/|\b[A-Z]:\\", re.ASCII)
BAR = re.compile(r"\d%\||\| *\d+/\d+|\d rows \[|FloatProgress|HBox\(")
VARYING = re.compile(r"[0-9a-f]{32}|\d{8}-\d{6}-[0-9a-f]{4}|\d[\d:.+-]*")
"""Request ids, run ids, and all numbers: dates and ports differ each time."""

LINE_MAX = 100

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def saved(path):
    """Return a notebook as it lies on the disk (nbformat, which takes seconds to import, does little more)."""
    return json.loads(path.read_text(encoding="utf-8"))


def code_cells(book):
    return [cell for cell in book["cells"] if cell["cell_type"] == "code"]


def said(output):
    """Return what an output says, as one text; on the disk a text is a list of lines."""
    data = output.get("data", {})
    return "".join(output.get("text") or data.get("text/html") or data.get("text/plain") or " ".join(data))


def book_of(*cells, metadata=METADATA):
    from nbformat import from_dict

    return from_dict({"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def cell_of(*outputs, count=1, **more):
    kind = {"cell_type": "code", "source": "1", "metadata": {}}
    return {**kind, "execution_count": count, "outputs": list(outputs), **more}


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def displayed(kind="display_data", **data):
    return {"output_type": kind, "metadata": {}, "data": {name.replace("_", "/"): text for name, text in data.items()}}


def widget(text):
    return {"output_type": "display_data", "metadata": {}, "data": {WIDGET: {"model_id": "7"}, "text/plain": text}}


def faults_of(book):
    """Name everything that must not be in a saved notebook."""
    faults = []
    for number, cell in enumerate(code_cells(book), start=1):
        if cell["execution_count"] != number:
            faults.append(f"cell {number} was not run in its order")
        for output in cell["outputs"]:
            text = said(output)
            faults += [
                f"cell {number} has {what}"
                for what, found in {
                    "an error": output["output_type"] == "error",
                    "a warning": output.get("name") == "stderr",
                    "a machine path": PATH.search(text),
                    "a bar": BAR.search(text),
                    "a widget": WIDGET in output.get("data", {}),
                }.items()
                if found
            ]
    if book["metadata"] != METADATA:
        faults.append(f"the metadata have more or less than {sorted(METADATA)}")
    return faults


def test_the_first_notebook_runs_top_to_bottom_and_gives_what_is_saved_in_it(tmp_path):
    assert_gives_what_is_saved(NOTEBOOKS[0], run_to_the_end(NOTEBOOKS[0], tmp_path))


@pytest.mark.slow
def test_a_notebook_runs_in_a_kernel_that_has_run_another_one(tmp_path):
    for path, ran in zip(NOTEBOOKS[:2], run_in_one_kernel(NOTEBOOKS[:2], tmp_path), strict=True):
        assert_gives_what_is_saved(path, ran)


@pytest.mark.slow  # 3 s of CPU each, and as many for a kernel
@each_notebook
def test_a_notebook_runs_in_a_kernel_of_its_own_and_gives_what_is_saved_in_it(path, tmp_path):
    assert_gives_what_is_saved(path, run_to_the_end(path, tmp_path))


def assert_gives_what_is_saved(path, ran):
    assert faults_of(ran) == []
    for before, after in zip(code_cells(saved(path)), code_cells(ran), strict=True):
        told = [[VARYING.sub("#", said(output)) for output in cell["outputs"]] for cell in (before, after)]
        assert told[0] == told[1], f"python tests/save_notebooks.py {path.name} brings it up to date"


@each_notebook
def test_a_saved_notebook_has_no_error_no_machine_path_and_no_stuck_bar(path):
    assert faults_of(saved(path)) == []


@each_notebook
def test_each_code_cell_has_a_reason_before_it(path):
    kinds = [cell["cell_type"] for cell in saved(path)["cells"]]
    assert kinds == ["markdown", *["markdown", "code"] * kinds.count("code"), "markdown"]


@each_notebook
def test_no_line_of_code_is_too_long_for_a_page(path):
    lines = [line for cell in code_cells(saved(path)) for line in "".join(cell["source"]).splitlines()]
    assert [line for line in lines if len(line) > LINE_MAX] == []


def test_there_are_notebooks():
    assert [path.stem[:2] for path in NOTEBOOKS] == ["01", "02", "03", "04", "05", "06"]


@pytest.mark.parametrize(
    ("output", "fault"),
    [
        ({"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": []}, "an error"),
        (stream("FutureWarning", "stderr"), "a warning"),
        (stream("kept in /tmp/x/results.xlsx"), "a machine path"),
        (stream(r"kept in C:\Users\me"), "a machine path"),
        (stream("writing:   0%|          | 0/40 [00:00<?, ? rows/s]"), "a bar"),
        (stream("loading: 0 rows [00:00, ? rows/s]"), "a bar"),
        (widget("loading"), "a widget"),
    ],
)
def test_what_must_not_be_saved_is_found(output, fault):
    assert faults_of(book_of(cell_of(output))) == [f"cell 1 has {fault}"]


def test_a_cell_run_out_of_order_and_a_front_ends_metadata_are_found():
    book = book_of(cell_of(count=7), metadata={**METADATA, "widgets": {}})
    assert [fault.partition(" was")[0].partition(" have")[0] for fault in faults_of(book)] == ["cell 1", "the metadata"]


def test_saving_leaves_out_bars_and_times_and_keeps_tables_and_sentences():
    outputs = [
        widget("writing: 0%|"),
        displayed("execute_result", text_html="<table></table>", text_plain="…"),
        displayed("execute_result", text_plain="49"),
        stream("49 rows: 40 done, 9 invalid\n"),
    ]
    cell = cell_of(*outputs, count=3, metadata={"execution": {"at": "9:00"}, "tags": ["x"]})
    book = tidied(book_of(cell, metadata={"widgets": {}, **METADATA}))

    kept = [output.get("data") or output.text for output in book.cells[0].outputs]
    assert kept == [{"text/html": "<table></table>"}, {"text/plain": "49"}, "49 rows: 40 done, 9 invalid\n"]
    assert (book.cells[0].metadata, book.metadata) == ({"tags": ["x"]}, METADATA)
