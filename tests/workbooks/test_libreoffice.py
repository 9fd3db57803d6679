"""What real LibreOffice opens and saves again is what it was; it is started once, for all files of this module."""

import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames.workbooks import (
    read_table,
    read_with_base,
    read_workbook,
    write_pages,
    write_verdicts,
    write_workbook,
)
from tests.audit.test_approval import BY, filled, planned
from tests.workbooks.excel_kit import (
    NASTY_FIELDS,
    NASTY_NAMES,
    all_resaved_by_libreoffice,
    assert_both_scanners_agree,
    formula_cells,
    plain,
    random_fields,
    random_names,
    subscribers,
    written,
)
from tests.workbooks.test_pages import results as page_of_results
from tests.workbooks.test_round_trip import ORIGIN, assert_the_same
from tests.workbooks.test_verdicts import results, write_audit
from tests.workbooks.test_what_people_send import assert_holds, names_and_left_out, odd_subscribers, write_total


def write_nasty(path):
    fields = NASTY_FIELDS + random_fields(500 - len(NASTY_FIELDS), 5)
    return written(subscribers(NASTY_NAMES + random_names(453, 4), fields), path, origin=ORIGIN)


def write_odd(path):
    frame = odd_subscribers()
    write_workbook(frame, path)
    return frame


def write_page(path):
    frame = page_of_results(odd=["_x0041_x00e9_", "cr\rhere", " lead", "two\nlines"])
    write_pages(path, {"results": frame})
    return frame


def write_approved(path):
    with ef.Sandbox(subscribers=12, seed=3) as box:
        plan = planned(box.connect())
    ef.write_plan(plan, path)
    filled(path, ["yes"] * len(plan))
    return plan


WRITERS = [write_nasty, write_odd, write_page, write_approved, write_audit, write_total]


@pytest.fixture(scope="module")
def saved_again(tmp_path_factory):
    """Return each file as LibreOffice has saved it, and what was written, by the function that wrote it."""
    folder = tmp_path_factory.mktemp("libreoffice")
    paths = [folder / f"{write.__name__}.xlsx" for write in WRITERS]
    frames = [write(path) for write, path in zip(WRITERS, paths, strict=True)]
    return dict(zip(WRITERS, zip(all_resaved_by_libreoffice(paths, folder), frames, strict=True), strict=True))


def test_nasty_names_and_fields_have_not_changed(saved_again):
    path, frame = saved_again[write_nasty]
    read, base = read_with_base(path)
    assert_the_same(frame, read)
    assert base.origin["account_sid"] == "acme1"
    pd.testing.assert_frame_equal(base.frame, frame)
    assert formula_cells(path) == 0
    assert_both_scanners_agree(path)


def test_whatever_the_service_holds_comes_back(saved_again):
    assert_holds(*saved_again[write_odd])


def test_nothing_in_a_page_is_taken_for_a_change(saved_again):
    path, frame = saved_again[write_page]
    back = read_table(path)
    pd.testing.assert_frame_equal(back, frame)
    assert back.attrs["exotel_frames"]["notes"] == ()


def test_an_approved_plan_that_was_saved_again_passes(saved_again):
    path, plan = saved_again[write_approved]
    back = ef.read_plan(path, require_approval=True, progress=False)
    pd.testing.assert_frame_equal(back, plan.reset_index(drop=True))
    assert back.attrs["exotel_frames"]["plan"]["approved_by"] == BY


def test_it_takes_verdicts_and_keeps_every_text(saved_again):
    path, _ = saved_again[write_audit]
    before = read_workbook(path)
    write_verdicts(path, results(NASTY_NAMES))
    after = read_workbook(path)
    pd.testing.assert_frame_equal(after[list(before)], before)
    assert plain(after["message"]) == ["updated"] * 47
    assert formula_cells(path) == 0


def test_the_total_row_of_a_table_is_still_no_subscriber(saved_again):
    path, _ = saved_again[write_total]
    assert names_and_left_out(path) == (["a", "b"], [4])
