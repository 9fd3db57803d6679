"""A comparison with a listing that had items without a name, or with a part of one: who is told to be gone is gone."""

from __future__ import annotations

import json

import pytest

import exotel_frames as ef
from exotel_frames.cli import main
from tests.operations.test_nameless_items import account
from tests.slow import slow

ITEM = "1 item of the listing can't be read (no name or failed)."


@pytest.fixture(scope="module")
def listings():
    """Give what was loaded of an account whose listing names everybody, of one that does not, and who that is."""
    with account(120, 40) as (box, client, name):
        whole = ef.load_subscribers(box.connect(), progress=False)
        yield whole, ef.load_subscribers(client, progress=False), name


def kept(frame, tmp_path, name):
    return ef.read_snapshot(ef.write_snapshot(frame, tmp_path / f"{name}.parquet"))


def as_loaded(frame, *_):
    return frame


@pytest.mark.parametrize("how", [as_loaded, kept])
def test_who_may_be_an_item_without_a_name_is_maybe_removed_or_maybe_added(listings, tmp_path, how):
    whole, partly, name = listings
    partly = how(partly, tmp_path, "partly")
    there, back = ef.compare(whole, partly), ef.compare(partly, whole)
    assert there[["change", "subscriber_name"]].to_numpy().tolist() == [["maybe removed", name]]
    assert back[["change", "subscriber_name"]].to_numpy().tolist() == [["maybe added", name]]
    assert there.attrs["exotel_frames"]["notes"] == [f"after: {ITEM}"]
    assert back.attrs["exotel_frames"]["notes"] == [f"before: {ITEM}"]
    assert ef.compare(partly, partly).empty


def test_what_is_certain_stays_certain_beside_it(listings):
    whole, partly, name = listings
    before = whole.drop(index=[0])
    before.attrs = {}
    changes = ef.compare(before, partly)
    assert changes["change"].tolist() == ["added", "maybe removed"]
    assert changes["subscriber_name"].tolist() == [whole["subscriber_name"].iloc[0], name]


def test_it_is_shown_and_written_as_what_it_is(listings, tmp_path):
    whole, partly, _ = listings
    changes = ef.compare(whole, partly)
    told = repr(ef.show(changes))
    assert "0 added, 0 removed, 0 changed, 1 maybe removed" in told
    assert "not in the later listing, some of which could not be read" in told
    assert f"after: {ITEM}" in told
    ef.write_workbook(changes, tmp_path / "changes.xlsx")
    assert ef.read_table(tmp_path / "changes.xlsx")["change"].tolist() == ["maybe removed"]
    assert repr(ef.show(ef.compare(partly, partly))).count(ITEM) == 2


@pytest.mark.slow
def test_it_is_drawn_as_what_it_is(listings):
    whole, partly, _ = listings
    assert "1 maybe removed" in ef.plot_changes(ef.compare(whole, partly)).get_suptitle()


def test_the_command_says_so_in_json_too(listings, tmp_path, capsys):
    whole, partly, name = listings
    paths = [ef.write_snapshot(each, tmp_path / f"{at}.parquet") for at, each in enumerate((whole, partly))]
    assert main(["compare", *paths, "--json"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert [(row["change"], row["subscriber_name"]) for row in found] == [("maybe removed", name)]


def filtered(whole):
    return whole[whole["status"] == "active"]


def of_names(whole):
    return whole.head(30)


def of_parquet(whole):
    part = whole.head(30)
    part.attrs["exotel_frames"]["loaded"] = dict(part.attrs["exotel_frames"]["loaded"].items())
    return part


@pytest.mark.parametrize(
    ("part", "how"),
    [
        (filtered, as_loaded),
        (of_names, kept),
        *(slow(part, kept) for part in (filtered, of_parquet)),
        slow(of_parquet, as_loaded),
    ],
)
def test_a_part_beside_a_whole_is_refused_by_name(listings, tmp_path, part, how):
    whole, _, __ = listings
    some = how(part(whole), tmp_path, "some")
    absent = whole.loc[~whole["subscriber_name"].isin(some["subscriber_name"]), "subscriber_name"]
    for sides, which in (((whole, some), "after"), ((some, whole), "before")):
        with pytest.raises(ef.ValidationError) as told:
            ef.compare(*sides)
        assert f"{which} has {len(some)} of the 120 subscribers that were loaded" in str(told.value)
        assert f"whether '{absent.iloc[0]}', " in str(told.value)
    assert ef.compare(some, some).empty


def test_results_beside_a_listing_are_refused_and_beside_results_compared():
    with ef.Sandbox(subscribers=20, seed=3) as box:
        client = box.connect()
        subs = ef.load_subscribers(client, progress=False)
        asked = ef.get_subscribers(client, subs.head(3), progress=False)
        with pytest.raises(ef.ValidationError, match="before holds results, which list only the requested names"):
            ef.compare(asked, subs)
        assert ef.compare(asked, asked).empty


def test_rows_that_are_really_gone_are_removed_beside_a_filtered_frame_that_lacks_nobody_else():
    with ef.Sandbox(subscribers=20, seed=3) as box:
        client = box.connect()
        before = ef.load_subscribers(client, progress=False)
        gone = before["subscriber_name"].iloc[5]
        client.delete(gone)
        after = ef.load_subscribers(client, progress=False)
        assert ef.compare(before, after)["change"].tolist() == ["removed"]
        kept_by_both = before[before["subscriber_name"] != gone]
        assert ef.compare(kept_by_both, after).empty
