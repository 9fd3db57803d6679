"""What lies at `-o` while a command is under way: others read it, and somebody may save it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames.cli.commands import load
from exotel_frames.cli.output import show_results, write_frame
from exotel_frames.cli.parser import parser
from tests.audit.audit_kit import edit

EDITED = "has been edited since exotel_frames wrote it"


@pytest.mark.parametrize("ending", ["csv", "json", "parquet"])
def test_whoever_reads_a_file_while_it_is_written_anew_reads_all_of_the_old_one(tmp_path, ending):
    path = tmp_path / f"subs.{ending}"
    write_frame(pd.DataFrame({"subscriber_name": ["bob"]}), str(path), "subscribers")
    before = path.read_bytes()
    with path.open("rb") as reader:
        write_frame(pd.DataFrame({"subscriber_name": ["asha", "zoe"]}), str(path), "subscribers")
        assert reader.read() == before
    assert path.read_bytes() != before
    assert [*tmp_path.iterdir()] == [path]


@pytest.fixture
def edited(box):
    """A workbook that somebody has saved after the command had looked at it: the command itself is called here."""
    subs = ef.load_subscribers(ef.connect(), progress=False)
    ef.write_workbook(subs, "audit.xlsx")
    edit(Path("audit.xlsx"), {(subs["subscriber_name"][0], "status"): "inactive"})
    return Path("audit.xlsx").read_bytes()


def test_a_workbook_that_somebody_saves_while_the_account_is_loaded_is_not_replaced(edited):
    with pytest.raises(ef.WorkbookError, match=EDITED):
        load(parser().parse_args(["load", "-o", "audit.xlsx"]))
    assert Path("audit.xlsx").read_bytes() == edited
    assert load(parser().parse_args(["load", "-o", "audit.xlsx", "--overwrite"])) == 0


def test_a_workbook_that_somebody_saves_during_a_run_is_not_replaced_by_its_results(edited, capsys):
    made = ef.create_subscribers(ef.connect(), pd.DataFrame({"subscriber_name": ["priya07"]}), progress=False)
    Path("new.csv").write_text("subscriber_name\npriya07\n")
    assert show_results(made, parser().parse_args(["create", "new.csv", "-o", "audit.xlsx"])) == 1
    assert Path("audit.xlsx").read_bytes() == edited
    said = capsys.readouterr().err
    assert EDITED in said
    assert "exotel-frames results" in said
