"""Verdicts in fifty workbooks of people: no part is lost, no cell is changed, each verdict stands beside its person."""

import pytest

from exotel_frames.errors import WorkbookError
from exotel_frames.frames.convert import results_frame
from exotel_frames.records import Verdict
from exotel_frames.workbooks import check_verdicts, read_with_base, write_verdicts
from tests.slow import but_slow
from tests.workbooks.corpus import ROWS, WORKBOOKS, make_corpus, name_of
from tests.workbooks.excel_kit import parts_of
from tests.workbooks.libreoffice_sort import sorted_by_libreoffice

COPIES = {
    "table without room": "there is no room to the right of its table (column G is taken)",
    "table that a query fills": "its table is filled by a query, which would remove new columns",
    "signed": "it is signed, and a change would break the signature",
}
"""Whose verdicts can't stand in the workbook itself, and why."""
MAY_CHANGE = {"xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml", "xl/tables/table1.xml"}


def results(names):
    """Return results that say of whom they are."""
    outcomes = ["done", "rejected", "conflict", "unknown"]
    told = []
    for row, name in enumerate(names):
        said = {"outcome": outcomes[row % 4], "error_message": f"verdict of {name}"}
        told.append(Verdict(row=row, subscriber_name=name, action="update", **said))
    return results_frame(told)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return make_corpus(tmp_path_factory.mktemp("corpus"))


def test_the_corpus_has_fifty_workbooks(corpus):
    assert len(corpus) >= 50


@pytest.mark.parametrize("name", but_slow(WORKBOOKS, [*WORKBOOKS][::6]))
def test_no_part_is_lost_and_no_cell_is_changed(corpus, name, capsys):
    path = corpus[name]
    try:
        before = read_with_base(path)[0]
    except WorkbookError as refused:
        pytest.skip(f"not read yet: {refused}")
    parts = parts_of(path)
    expected = check_verdicts(path)
    made = write_verdicts(path, results([name_of(row) for row in range(ROWS)]))
    after = read_with_base(made)[0]
    assert after["message"].tolist()[:ROWS] == [f"verdict of {who}" for who in after["subscriber_name"][:ROWS]]
    assert [column for column in before if not after[column].equals(before[column])] == []
    if name in COPIES:
        assert parts_of(path) == parts
        assert made.name == f"{name} verdicts.xlsx"
        assert COPIES[name] in expected
        assert capsys.readouterr().out.count(COPIES[name]) == 1
    else:
        assert (made, expected, capsys.readouterr().out) == (path, None, "")
        kept = parts_of(path)
        assert kept.keys() >= parts.keys()
        assert {part for part in parts if kept[part] != parts[part]} <= MAY_CHANGE


@pytest.fixture(scope="module")
def sorted_files(tmp_path_factory):
    """Return what real LibreOffice makes of all of them, sorted by each column."""
    folder = tmp_path_factory.mktemp("sorted")
    paths = []
    for name, path in make_corpus(folder / "corpus").items():
        try:
            made = write_verdicts(path, results([name_of(row) for row in range(ROWS)]))
        except WorkbookError:
            continue  # not read yet: it has links or macros
        paths += [made] if name not in COPIES else []
    return paths, sorted_by_libreoffice(paths, folder)


@pytest.mark.slow
def test_sorting_by_any_column_in_libreoffice_moves_no_verdict_to_another_person(sorted_files):
    paths, found = sorted_files
    assert [path.name for path in paths if str(path) not in found] == []
    for path, sortings in found.items():
        for what, column, ascending, *rows in sortings:
            pairs = [row.split("=", 1) for row in rows]
            wrong = [name for name, said in pairs if said != f"verdict of {name}"]
            assert wrong == [], (path, what, column, ascending)
    for path, sortings in found.items():
        assert len({tuple(each[3:]) for each in sortings}) > 2, path  # it was sorted at all
        assert {len(each) - 3 for each in sortings} == {ROWS}, path
