"""Two programs that write at the same moment: neither replaces what the other one has just written."""

from __future__ import annotations

import errno
import os
import shutil
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

from exotel_frames.errors import WorkbookError
from exotel_frames.frames.convert import results_frame
from exotel_frames.records import Verdict
from exotel_frames.workbooks import read_table, write_snapshot_file, write_verdicts
from exotel_frames.workbooks.atomic import refuse_if_changed, replace_whole, write_first_free
from tests.audit.planted import NOW, frame

WRITERS = 4


def at_once(work):
    """Have several threads do something at the same moment; return what became of each."""
    barrier = threading.Barrier(WRITERS)

    def begin(number):
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(WRITERS) as pool:
        return [each.exception() or each.result() for each in [pool.submit(begin, number) for number in range(WRITERS)]]


def result(name, number):
    return results_frame(
        [Verdict(row=0, subscriber_name=name, action="create", outcome="done", run_id=f"run {number}")]
    )


def test_outcomes_of_a_csv_file_have_a_file_each(tmp_path):
    source = tmp_path / "team.csv"
    source.write_text("subscriber_name\nbob\n")
    outcomes = ["done", "rejected", "unknown", "not_sent"]

    def write(number):
        return write_verdicts(source, result("bob", number).assign(outcome=outcomes[number]))

    paths = at_once(write)
    assert len({*paths}) == WRITERS
    assert [pd.read_csv(path)["outcome"].item() for path in paths] == outcomes


def test_copies_of_a_workbook_that_somebody_has_open_have_a_file_each(tmp_path):
    source = tmp_path / "team.xlsx"
    shutil.copy("sample_data/new_subscribers.xlsx", source)
    (tmp_path / ".~lock.team.xlsx#").write_text(",asha,")
    paths = at_once(lambda number: write_verdicts(source, result("AaravSharma", number)))
    assert len({*paths}) == WRITERS
    assert [read_table(path).loc[0, "outcome"] for path in paths] == ["done"] * WRITERS


def test_snapshots_of_one_moment_have_a_file_each(tmp_path):
    places = [tmp_path / f"acme1-{number}.parquet" for number in range(WRITERS)]

    def write(_):
        return write_snapshot_file(frame(["bob"]), places[0], origin={}, taken_at=NOW, or_else=places[1:])

    assert sorted(at_once(write)) == places


def test_of_those_who_write_into_one_workbook_none_loses_what_another_one_has_written(tmp_path):
    """The one that comes too late is told; the outcomes of an earlier one are kept in a sheet of their own."""
    source = tmp_path / "team.xlsx"
    shutil.copy("sample_data/new_subscribers.xlsx", source)
    found = at_once(lambda number: write_verdicts(source, result("AaravSharma", number)))
    with zipfile.ZipFile(source) as parts:
        text = "".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())
    for number, each in enumerate(found):
        assert f"run {number}" in text if each == source else "changed in the meantime" in str(each)


def test_a_name_that_somebody_takes_while_it_is_written_is_theirs(tmp_path):
    theirs, ours = tmp_path / "a", tmp_path / "a 2"

    def write(file):
        theirs.write_bytes(b"theirs")
        file.write(b"ours")

    assert write_first_free([theirs, ours], write) == ours
    assert [path.read_bytes() for path in sorted(tmp_path.iterdir())] == [b"theirs", b"ours"]


def test_a_disk_without_links_takes_a_new_file_too(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    places = [tmp_path / "a", tmp_path / "b"]
    assert [write_first_free(places, lambda file: file.write(b"1")) for _ in places] == places
    assert sorted(tmp_path.iterdir()) == places


def test_a_file_that_is_changed_while_its_successor_is_written_stays(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def write():
        with replace_whole(path, still_allowed=lambda: refuse_if_changed(path, b"old")) as file:
            file.write(b"new")
            path.write_bytes(b"saved by somebody")

    with pytest.raises(WorkbookError, match="changed in the meantime"):
        write()
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"saved by somebody"]
