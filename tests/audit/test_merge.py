"""Several copies of one audit become one plan: in any order, and without losing an edit."""

from __future__ import annotations

import pandas as pd
from hypothesis import strategies as st

from exotel_frames.plans import Copy, merge_copies, plan_changes
from tests.laws import holds

NAMES = [f"p{at}" for at in range(5)]
FIELDS = ["action", "status", "custom_field"]
VALUES = {
    "action": st.sampled_from(["", "update", "delete", "create", "none"]),
    "status": st.sampled_from(["active", "inactive"]),
    "custom_field": st.sampled_from(["", "x", "y"]),
}
ROW = st.fixed_dictionaries({}, optional=VALUES)
EDITS = st.fixed_dictionaries(
    {"cells": st.dictionaries(st.sampled_from([*NAMES, "new1", "new2"]), ROW, max_size=3)},
    optional={"removed": st.sets(st.sampled_from(NAMES), max_size=1)},
)
LIVE = st.fixed_dictionaries(
    {}, optional={name: st.one_of(st.none(), st.fixed_dictionaries({}, optional={k: VALUES[k] for k in FIELDS[1:]}))
                  for name in [*NAMES, "new1"]}
)  # fmt: skip
PROPOSED = st.dictionaries(st.sampled_from([*NAMES, "new2"]), ROW, max_size=2)


def subscribers(rows):
    """A subscribers frame from {name: (status, custom_field, day)}."""
    columns = ["subscriber_name", "status", "custom_field", "date_updated"]
    made = pd.DataFrame([[name, *row] for name, row in rows.items()], columns=columns)
    texts = {name: made[name].astype("str") for name in columns[:2]}
    field = made["custom_field"].where(made["custom_field"] != "").astype("str")
    dates = pd.to_datetime(made["date_updated"], utc=True).astype("datetime64[us, UTC]")
    return pd.DataFrame({**texts, "custom_field": field, "date_updated": dates})


BASE = subscribers(dict.fromkeys(NAMES, ("active", "x", "2026-01-01")))


def live_after(changes):
    """What the service holds after others have written: None deletes."""
    rows = dict.fromkeys(NAMES, ("active", "x", "2026-01-01"))
    for name, change in changes.items():
        if change is None:
            rows.pop(name, None)
        else:
            was = rows.get(name, ("active", "", ""))
            fields = {"status": was[0], "custom_field": was[1]} | change
            rows[name] = (fields["status"], fields["custom_field"], "2026-02-01")
    return subscribers(rows)


def written(proposed):
    """The sheet as it is written, and the cells that are proposals."""
    cells = {name: {"action": "", "status": "active", "custom_field": "x"} for name in NAMES}
    kept = {}
    for name, row in proposed.items():
        before = cells.get(name, {"action": "", "status": None, "custom_field": None})
        cells[name] = before | row
        different = {column: text for column, text in row.items() if text != before[column]}
        if different or name not in NAMES:
            kept[name] = different
    return cells, kept


def copy_of(file, edits, proposed=None):
    """A copy in which somebody has edited cells, as it is read: an emptied custom_field is ''."""
    cells, kept = written(proposed or {})
    for name, row in edits.get("cells", {}).items():
        cells[name] = cells.get(name, {"action": "", "status": None, "custom_field": None}) | row
    for name in edits.get("removed", ()):
        cells.pop(name, None)
    sheet = pd.DataFrame(
        [[name, *(row[column] for column in FIELDS)] for name, row in cells.items()],
        columns=["subscriber_name", *FIELDS],
    )
    return Copy(file, sheet.astype({"subscriber_name": "str", **dict.fromkeys(FIELDS, "str")}), BASE, kept)


def merged(live, copies):
    return merge_copies(live, copies)[0]


def by_name(plan):
    """A plan without its order and its sources."""
    plan = plan.drop(columns="source", errors="ignore").sort_values("subscriber_name", ignore_index=True)
    return plan.astype(object).where(plan.notna(), None).to_dict("records")


@holds(st.lists(EDITS, min_size=2, max_size=6), LIVE, PROPOSED, st.randoms(), few=2, many=150)
def test_the_order_of_the_copies_does_not_matter(edits, changes, proposed, random):
    copies = [copy_of(f"{at}.xlsx", edit, proposed) for at, edit in enumerate(edits)]
    live = live_after(changes)
    mixed = random.sample(copies, len(copies))
    pd.testing.assert_frame_equal(merged(live, copies), merged(live, mixed))


@holds(EDITS, st.integers(2, 6), LIVE, PROPOSED, st.data(), few=2, many=150)
def test_where_one_copy_was_edited_the_plan_is_that_copys(edits, number, changes, proposed, data):
    at = data.draw(st.integers(0, number - 1))
    copies = [copy_of(f"{n}.xlsx", edits if n == at else {}, proposed) for n in range(number)]
    live = live_after(changes)
    alone = copies[at]
    plan = plan_changes(live, alone.sheet, base=alone.base)
    made, untouched = merge_copies(live, copies)
    assert by_name(made) == by_name(plan)
    assert {f"{n}.xlsx" for n in range(number) if n != at} <= set(untouched)


def test_an_update_in_the_place_of_a_proposed_delete_is_an_objection_to_it():
    proposed = {"p4": {"action": "delete"}}
    copies = [copy_of("a.xlsx", {"cells": {"p4": {"action": "update", "status": "inactive"}}}, proposed)]
    copies += [copy_of(f"{name}.xlsx", {}, proposed) for name in "bc"]
    for objection in (copies[0], copy_of("a.xlsx", {"cells": {"p4": {"action": "update"}}}, proposed)):
        alone = plan_changes(BASE, objection.sheet, base=objection.base)
        assert by_name(merged(BASE, [objection, *copies[1:]])) == by_name(alone)


def alone(copy, live):
    """What one copy by itself would do, by name."""
    plan = plan_changes(live, copy.sheet, base=copy.base)
    return {row["subscriber_name"]: row for row in by_name(plan) if row["action"] != "none"}


@holds(st.lists(EDITS, min_size=2, max_size=6), LIVE, few=2, many=150)
def test_no_edit_is_lost_and_none_is_made_up(edits, changes):
    copies = [copy_of(f"{at}.xlsx", edit) for at, edit in enumerate(edits)]
    live = live_after(changes)
    plan = merged(live, copies)
    rows = {row["subscriber_name"]: row for row in plan.to_dict("records")}
    wished = {copy.file: alone(copy, live) for copy in copies}
    for name in {name for wishes in wished.values() for name in wishes}:
        row = rows[name]
        for file, wishes in wished.items():
            if name in wishes:
                assert file in row["source"]
                same = {key: row[key] for key in ("action", "status", "custom_field")}
                want = {key: wishes[name][key] for key in same}
                is_same = {key: None if pd.isna(text) else text for key, text in same.items()} == want
                assert is_same or row["conflict"]
    busy = plan[plan["action"] != "none"]
    for row in busy[~busy["conflict"]].to_dict("records"):
        assert any(row["subscriber_name"] in wishes for wishes in wished.values())
