"""Typical mistakes in a notebook cell: each is a sentence of four lines at most, and not thirty of internals."""

from __future__ import annotations

import inspect
import re

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import exotel_frames as ef
from tests.frames.wording import NO_FRAME, NO_LIST, NOTHING_TO_DO
from tests.operations.wording import needs_client

SETUP = """
import pandas as pd
import exotel_frames as ef
client = box.connect()
subs = ef.load_subscribers(client, progress=False)
plan = ef.plan_changes(subs, subs[["subscriber_name"]].assign(custom_field="new"))
"""
MISTAKES = {
    "ef.load_subscriber(client)": "did you mean load_subscribers?",
    "ef.load_subscribers(None)": needs_client("load_subscribers", "None"),
    "ef.create_subscribers(subs, client)": needs_client("create_subscribers", "a DataFrame"),
    "ef.list_runs('sandbox')": needs_client("list_runs", "a str"),
    "ef.widgets.edit_form('priya07')": needs_client("edit_form", "a str"),
    "ef.load_subscribers(client, status='on')": "status='on' is not one of",
    "ef.get_subscribers(client, 'priya07')": NO_LIST,
    "ef.update_subscribers(client, subs[['subscriber_name']], progress=False)": NOTHING_TO_DO,
    "ef.create_subscribers(client, subs.rename(columns={'subscriber_name': 'Name'}))": "no column 'subscriber_name'",
    "ef.delete_subscribers(client, subs.subscriber_name, max_deletes=0)": "max_deletes is 0",
    "ef.apply_plan(client, plan, progress=False)": "max_share is 30 %",
    "ef.apply_plan(client, 'plan.xlsx')": NO_FRAME,
    "ef.read_workbook('no such file.xlsx')": "no such file.xlsx",
    "ef.plan_undo(client, 'no such run')": "no such run",
    "ef.plan_undo(client, ef.apply_plan(client, plan, dry_run=True, max_share=1, progress=False))": "names no run",
    "raise ef.RunInterrupted('Stopped: 3 rows: 1 done, 2 not_sent.')": "RunInterrupted: Stopped: 3 rows",
}


@pytest.fixture(scope="module")
def box():
    with ef.Sandbox(subscribers=40, seed=5) as made:
        yield made


@pytest.fixture(scope="module")
def cell(box):
    """Run a cell of a notebook as IPython does."""
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}), colors="nocolor")
    shell.user_ns["box"] = box
    assert shell.run_cell(SETUP).success
    return shell.run_cell


@pytest.mark.parametrize("code", MISTAKES)
def test_a_mistake_in_a_cell_is_told_in_four_lines_at_most(cell, capsys, code):
    assert not cell(code).success
    said = capsys.readouterr()
    lines = [line for line in f"{said.out}{said.err}".splitlines() if line.strip()]
    assert MISTAKES[code] in lines[0]
    assert len(lines) <= 4
    assert "File " not in "".join(lines)


def test_the_rest_of_an_error_is_seen_by_the_line_that_says_so(cell, capsys):
    cell("ef.load_subscribers(client, status='on')")
    told = capsys.readouterr()
    line = f"{told.out}{told.err}".splitlines()[-1]
    (code,) = [line.removeprefix("(where it happened: ").removesuffix(")")]
    cell(code)
    assert "in load_subscribers" in capsys.readouterr().err


def test_a_results_frame_is_taken_where_a_run_id_is(box):
    client = box.connect()
    results = [
        ef.create_subscribers(client, ef.load_subscribers(client, progress=False)[[]].head(1).assign(
            subscriber_name=name), progress=False)
        for name in ("priya07", "priya08")
    ]  # fmt: skip
    first, last = results
    assert ef.read_results(client, first)["subscriber_name"].tolist() == ["priya07"]
    assert ef.resume_run(client, first, progress=False)["outcome"].tolist() == ["done"]
    undo = ef.plan_undo(client, first, progress=False)
    assert undo[["action", "subscriber_name"]].to_numpy().tolist() == [["delete", "priya07"]]
    row = ef.list_runs(client).iloc[0]
    assert ef.read_results(client, row)["subscriber_name"].tolist() == last["subscriber_name"].tolist()
    import pandas as pd

    with pytest.raises(ef.ValidationError, match="These rows belong to 2 runs"):
        ef.plan_undo(client, pd.concat([first, last]))


def test_every_verb_that_takes_a_client_says_so_alike():
    verbs = [getattr(ef, name) for name in dir(ef) if inspect.isfunction(getattr(ef, name))]
    verbs += [getattr(ef.widgets, name) for name in dir(ef.widgets)]
    with_client = [verb for verb in verbs if next(iter(inspect.signature(verb).parameters)) == "client"]
    assert len(with_client) >= 17
    for verb in with_client:
        with pytest.raises(ef.ValidationError, match=re.escape(needs_client(verb.__name__, "None"))):
            verb(None)


def test_the_sandbox_completes_its_options():
    assert {"subscribers", "seed", "state", "rate_limit", "faults"} <= set(inspect.signature(ef.Sandbox).parameters)
