"""Files that are not what they seem: a clear error within a second and 300 MB, and the process lives on."""

import json
import random
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from exotel_frames.errors import WorkbookError
from exotel_frames.workbooks import read_workbook, write_workbook
from exotel_frames.workbooks.preflight.archive import xml_pieces
from exotel_frames.workbooks.preflight.check import inspect
from exotel_frames.workbooks.preflight.scan import scan_exactly, scan_fast
from tests.workbooks.excel_kit import (
    NASTY_FIELDS,
    NASTY_NAMES,
    assert_both_scanners_agree,
    packed,
    parts_of,
    plain,
    subscribers,
)
from tests.workbooks.hostile_files import SHEET, changed, hostile, with_cell

SAMPLES = Path(__file__).parents[2] / "sample_data"
GOOD = SAMPLES / "new_subscribers.xlsx"


def read_all_in_a_process_of_its_own(*folders):
    """Return of each folder what `hostile_files.py` says of each file, and the peak memory in MB by then."""
    program = Path(__file__).with_name("hostile_files.py")
    ran = subprocess.run(
        [sys.executable, str(program), *map(str, folders)], check=True, capture_output=True, text=True, timeout=110
    )
    told = [json.loads(line) for line in ran.stdout.splitlines()]
    ends = [at for at, line in enumerate(told) if "peak_mb" in line]
    return [
        ({line["name"]: line for line in told[begin:end]}, told[end]["peak_mb"])
        for begin, end in zip([0, *(end + 1 for end in ends)], ends, strict=False)
    ]


@pytest.fixture(scope="module")
def read_at_once(tmp_path_factory):
    """Read what is hostile, and ten files with random damage, in one process: to start one takes longest."""
    harmful, random_damage = tmp_path_factory.mktemp("hostile"), tmp_path_factory.mktemp("damaged")
    files = hostile(GOOD)
    for name, (data, _) in files.items():
        (harmful / f"{name}.xlsx").write_bytes(data)
    write_damaged(random_damage, 10)
    return files, *read_all_in_a_process_of_its_own(harmful, random_damage)


def test_hostile_files_are_refused_clearly_each_within_a_second_and_all_in_less_than_300_mb(read_at_once):
    files, (outcomes, peak_mb), _ = read_at_once
    assert len(outcomes) == len(files) >= 20
    for name, found in outcomes.items():
        assert re.search(files[name][1], found["error"]), found
        assert found["error"].startswith(f"{name}.xlsx "), found
        assert found["seconds"] < 1, found
    assert peak_mb < 300


def test_files_with_random_damage_are_read_or_refused_and_never_kill_the_process(read_at_once):
    assert_read_or_refused(read_at_once[2][0], 10)


@pytest.mark.slow
def test_300_files_with_random_damage_are_read_or_refused_and_never_kill_the_process(tmp_path):
    write_damaged(tmp_path, 300)
    ((found, _),) = read_all_in_a_process_of_its_own(tmp_path)
    assert_read_or_refused(found, 300)


def write_damaged(folder, files):
    draw = random.Random(0)
    parts = parts_of(GOOD)
    for number in range(files):
        name = draw.choice(
            [SHEET, "xl/sharedStrings.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"]
        )
        (folder / f"{number}.xlsx").write_bytes(packed({**parts, name: damaged(parts[name], draw)}))


def assert_read_or_refused(found, files):
    assert len(found) == files
    assert all(line["error"].startswith(("read ", f"{name}.xlsx ")) for name, line in found.items())


def damaged(data, draw):
    """Return bytes with a few of them changed, cut out or doubled."""
    made = bytearray(data)
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(made))
        span = draw.randint(1, 30)
        made[at : at + span] = draw.choice([b"", b"9", b"<", b"\xff", bytes(made[at : at + span]) * 2, b'"', b"&x;"])
    return bytes(made)


def test_good_files_pass_the_preflight(tmp_path):
    write_workbook(subscribers(NASTY_NAMES), tmp_path / "audit.xlsx")
    for path in (GOOD, SAMPLES / "retyped_by_excel.xlsx", tmp_path / "audit.xlsx"):
        assert inspect(path).sheets


def test_a_dimension_that_is_wrong_loses_no_row(tmp_path):
    parts = parts_of(GOOD)
    for area in (b"A1:A2", b"A1:XFD1048576"):
        (tmp_path / "x.xlsx").write_bytes(
            changed(parts, SHEET, b'<dimension ref="A1:C50"/>', b'<dimension ref="%s"/>' % area)
        )
        assert len(read_workbook(tmp_path / "x.xlsx")) == 49


def test_formats_without_content_in_the_last_corner_do_no_harm(tmp_path):
    far = b'<row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData>'
    (tmp_path / "x.xlsx").write_bytes(changed(parts_of(GOOD), SHEET, b"</sheetData>", far))
    assert len(read_workbook(tmp_path / "x.xlsx")) == 49


def test_a_note_a_little_aside_is_no_stray_cell(tmp_path):
    (tmp_path / "x.xlsx").write_bytes(with_cell(parts_of(GOOD), "ZZ60"))
    assert len(read_workbook(tmp_path / "x.xlsx")) == 49


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"PAR1", "Parquet"),
        (b'{"a": 1}', "JSON"),
        (b"a;b\n1;2", "semicolon"),
        (b"a\tb\n1\t2", "tab-separated"),
        (b"\xff\xfea\x00", "UTF-16"),
        (b"<?xml version='1.0'?><Workbook/>", "Excel 2003 XML"),
        (b"version https://git-lfs.github.com/spec/v1", "Git LFS"),
        (b"\x00\x01\x02", "binary file"),
        (bytes.fromhex("d0cf11e0a1b11ae1"), "no workbook in it"),
    ],
)
def test_a_file_is_called_what_it_really_is(tmp_path, content, what):
    (tmp_path / "x.xlsx").write_bytes(content)
    with pytest.raises(WorkbookError, match=rf"x\.xlsx can't be read as a workbook: it is .*{what}"):
        inspect(tmp_path / "x.xlsx")


@pytest.mark.parametrize(
    ("part", "what"),
    [
        ("content.xml", "OpenDocument"),
        ("xl/workbook.bin", "xlsb"),
        ("ppt/presentation.xml", "PowerPoint"),
        ("a.txt", "zip archive"),
    ],
)
def test_another_kind_of_zip_is_called_what_it_is(tmp_path, part, what):
    (tmp_path / "x.xlsx").write_bytes(packed({part: b"x"}))
    with pytest.raises(WorkbookError, match=what):
        inspect(tmp_path / "x.xlsx")


def test_no_file_a_folder_and_a_lock_file_are_said(tmp_path):
    with pytest.raises(WorkbookError, match="There is no file"):
        inspect(tmp_path / "nowhere.xlsx")
    with pytest.raises(WorkbookError, match="is a folder"):
        inspect(tmp_path)
    with pytest.raises(WorkbookError, match=r"somebody has audit\.xlsx open"):
        inspect(tmp_path / "~$audit.xlsx")


def test_both_scanners_say_the_same_of_what_we_and_excel_write(tmp_path):
    write_workbook(subscribers(NASTY_NAMES, NASTY_FIELDS[:47]), tmp_path / "audit.xlsx")
    for path in (GOOD, SAMPLES / "retyped_by_excel.xlsx", tmp_path / "audit.xlsx"):
        assert_both_scanners_agree(path)


ODD_SHEETS = {
    "a prefix": b'<x:sheet xmlns:x="m"><x:row r="2"><x:c r="B2" t="e"><x:f>1</x:f><x:v>1</x:v></x:c></x:row></x:sheet>',
    "single quotes": b"<worksheet><row r='2'><c r='B2' t='e'><f>1</f><v>1</v></c></row></worksheet>",
    "another order": b'<worksheet><row r="2"><c t="e" r="B2"><f>1</f><v>1</v></c></row></worksheet>',
    "line breaks": b'<worksheet><row r="2"><c\nr="B2"\nt="e"><f\n>1</f><v>1</v></c></row></worksheet>',
    "no addresses": b'<worksheet><row/><row><c/><c t="e"><f/><v>1</v></c></row></worksheet>',
    "a comment": b'<worksheet><!-- <c r="A9"> --><row r="2"><c r="B2" t="e"><f>1</f><v>1</v></c></row></worksheet>',
}


@pytest.mark.parametrize("name", ODD_SHEETS)
def test_a_sheet_in_an_unusual_hand_is_left_to_the_exact_scanner(name):
    assert scan_fast([ODD_SHEETS[name]]) is None
    found = scan_exactly([ODD_SHEETS[name]])
    assert (found.rows, found.columns, found.formulas, found.errors) == (2, 2, ["B2"], ["B2"])


def test_text_that_looks_like_xml_is_no_formula_and_no_error():
    sheet = (
        b'<worksheet><row r="1"><c r="A1" t="inlineStr"><is><t>t="e" &lt;f&gt; r="ZZ9"</t></is></c></row></worksheet>'
    )
    assert scan_fast([sheet]) == scan_exactly([sheet]).__class__(rows=1, columns=1, cells=1)


def test_a_formula_is_found_when_the_piece_ends_before_it():
    pieces = [b'<worksheet><row r="1"><c r="A1"><v>1</v></c><c r="B1">', b"<f>1+1</f><v>2</v></c></row></worksheet>"]
    assert scan_fast(pieces).formulas == scan_exactly(pieces).formulas == ["B1"]


def test_pieces_end_between_two_tags_however_the_file_is_cut(tmp_path):
    text = "<t>" + "x" * 3_000_000 + "</t>" + "<c r='A1'/>" * 100_000
    (tmp_path / "x.zip").write_bytes(packed({"x.xml": text.encode()}))
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        pieces = list(xml_pieces(archive, "x.xml"))
    assert b"".join(pieces).decode() == text
    assert all(piece.count(b"<c ") == piece.count(b"/>") for piece in pieces)


def test_what_was_inspected_is_what_is_read(tmp_path):
    path = tmp_path / "x.xlsx"
    path.write_bytes(GOOD.read_bytes())
    inspected = inspect(path)
    path.write_bytes(b"changed meanwhile")
    assert inspected.data == GOOD.read_bytes()
    assert plain(read_workbook(GOOD)["subscriber_name"])[:1] == ["AaravSharma"]
