"""A plan as text: the account and the counts first, then changed cells only, and nothing hidden in them."""

import sys
import unicodedata
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import strategies as st

from exotel_frames import schema
from exotel_frames.display.show import Shown
from exotel_frames.errors import ValidationError
from exotel_frames.frames.convert import conform
from exotel_frames.plans import plan_changes, plan_deletes, plan_updates
from tests.display.views import plan_html, plan_text
from tests.display.wording import NO_ROWS
from tests.laws import holds
from tests.plans.plan_kit import tenant
from tests.plans.wording import KEEP_OR_WRITE, LEAVE_DELETED, case_twin

SANDBOX = "SANDBOX account sandbox1 at 127.0.0.1:8080"
BEFORE = tenant(
    ("anil", "active", "sales"), ("bela", "active", None), ("chitra", "inactive", "vip"), ("dev", "active", "x")
)

PAIRS = st.lists(st.tuples(st.text(max_size=90), st.text(max_size=90)), min_size=1, max_size=30)


def plan_of(*rows, **attrs):
    """A plan of dicts; what they leave out is missing."""
    frame = pd.DataFrame([dict.fromkeys(schema.PLAN) | {"note": "", "conflict": False} | row for row in rows])
    plan = conform(frame if rows else pd.DataFrame(columns=list(schema.PLAN)), "plan")
    plan.attrs.update(attrs)
    return plan


def update(name="bob", before="x", after="y", **more):
    row = {"action": "update", "subscriber_name": name, "status_from": "active", "status": "active"}
    return row | {"custom_field_from": before, "custom_field": after} | more


def lines(plan, **options):
    return plan_text(plan, **options).splitlines()


def test_the_account_and_the_counts_stand_on_top():
    wanted = tenant(("anil", "inactive", "sales"), ("bela", "active", "new"), ("eve", "active", "hello"))
    plan = plan_changes(BEFORE, wanted.assign(action=""))
    plan = pd.concat([plan, plan_deletes(["dev"], BEFORE)])
    plan.attrs = {"exotel_frames": {"origin": {"label": SANDBOX}}}
    assert lines(plan)[:2] == [SANDBOX, "Plan: 1 to create, 2 to update, 1 to delete"]


def test_a_given_label_wins_over_the_remembered_one():
    plan = plan_of(update(), exotel_frames={"origin": {"label": SANDBOX}})
    assert lines(plan, label="LIVE account acme1 at mum")[0] == "LIVE account acme1 at mum"


@pytest.mark.parametrize("about", [None, "text", {}, {"origin": None}, {"origin": {"label": None}}])
def test_a_plan_that_remembers_no_account_says_so(about):
    assert lines(plan_of(update(), exotel_frames=about))[0].startswith("Account not known")


def test_only_changed_cells_are_shown_before_and_after():
    wanted = tenant(("anil", "inactive", "sales"), ("bela", "active", "new"), ("chitra", "active", ""))
    text = plan_text(plan_changes(BEFORE, wanted))
    assert "  ~ anil     status active → inactive\n" in text
    assert "  ~ bela     custom_field (empty) → 'new'\n" in text
    assert "  ~ chitra   status inactive → active   custom_field 'vip' → (empty)" in text
    assert "nan" not in text.lower()


def test_the_updates_are_told_by_what_changes():
    wanted = BEFORE.assign(status="inactive", custom_field="")
    assert "4 to update (active → inactive: 3, custom_field: 3, 3 of them cleared)" in plan_text(
        plan_changes(BEFORE, wanted)
    )


def test_a_delete_is_unmistakable_and_tells_what_is_lost():
    text = plan_text(plan_deletes(["anil"], BEFORE))
    assert "1 to DELETE for good: the values below, date_created and the device tokens are lost" in text
    assert "  - anil   status active   custom_field 'sales'   last updated 2026-01-01" in text


def test_a_delete_of_an_unread_subscriber_does_not_pretend_to_know_what_is_lost():
    assert lines(plan_deletes(["anil"]))[-1] == "  - anil   status (not known)"


def test_a_bare_update_keeps_what_it_does_not_name_and_clears_what_it_empties():
    rows = pd.DataFrame({"subscriber_name": ["a", "b"], "status": "inactive", "custom_field": [None, ""]})
    text = plan_text(plan_updates(rows, None))
    assert "  ~ a   status (not known) → inactive\n" in text
    assert "  ~ b   status (not known) → inactive   custom_field (not known) → (empty)" in text


def test_a_create_tells_what_it_gives_and_an_absent_status_is_active():
    plan = plan_of({"action": "create", "subscriber_name": "eve", "custom_field": "x"})
    assert lines(plan)[-1] == "  + eve   status active   custom_field 'x'"


def test_a_conflict_stands_first_with_its_note_and_is_counted_apart():
    theirs = BEFORE.assign(custom_field=["moved", None, "vip", "x"])
    plan = plan_changes(theirs, BEFORE.assign(custom_field=["mine", "new", "vip", "x"]), base=BEFORE)
    told = lines(plan, width=200)
    assert told[1] == "Plan: 0 to create, 1 to update, 0 to delete, 1 in conflict"
    assert told[3].startswith("1 in conflict: apply_plan refuses the plan")
    assert told[4] == "  ! update anil   custom_field 'moved' → 'mine'"
    assert told[5].strip() == plan["note"].iloc[0]
    assert KEEP_OR_WRITE in told[5]


def test_rows_that_do_nothing_are_counted_and_told_by_reason():
    rows = [update(action="none", name=f"n{number}", note="nothing to change") for number in range(3)]
    told = lines(plan_of(*rows, update(action="none", name="eve", note="changed by others only"), update()))
    assert told[1] == "Plan: 0 to create, 1 to update, 0 to delete, 4 unchanged"
    assert told[-3:] == [
        "4 unchanged",
        "  = 3 subscribers   nothing to change",
        "  = eve             changed by others only",
    ]


def test_a_hint_stands_below_the_row_that_it_is_about():
    told = lines(plan_of(update(note=case_twin("Bob"))))
    assert told[-2:] == ["  ~ bob   custom_field 'x' → 'y'", f"      {case_twin('Bob')}"]


def test_an_empty_plan_says_that_there_is_nothing_to_do():
    assert lines(plan_of())[1:] == [
        "Plan: 0 to create, 0 to update, 0 to delete",
        "",
        NO_ROWS,
    ]


def test_a_plan_of_rows_that_do_nothing_says_that_nothing_would_be_sent():
    assert lines(plan_of(update(action="none")))[-1] == "Nothing to do: applying this plan sends nothing."


def test_a_long_value_is_cut_in_the_middle_and_its_length_said():
    text = plan_text(plan_of(update(after="begin" + "-" * 5000 + "end")))
    assert "'begin" in text
    assert "end' (5,008 characters)" in text
    assert max(map(len, text.splitlines())) <= 100


def test_two_long_values_that_differ_only_in_the_middle_are_shown_where_they_differ():
    text = plan_text(plan_of(update(before="a" * 200 + "X" + "a" * 200, after="a" * 200 + "Y" + "a" * 200)))
    before, after = (line for line in text.splitlines() if "401 characters" in line)
    assert "aX" in before
    assert "aY" in after


def test_two_values_that_look_the_same_are_told_apart():
    text = plan_text(plan_of(update(before="Jos\u00e9", after="Jose\u0301")))
    assert r"'Jos\xe9' → 'Jose\u0301'" in text


@pytest.mark.parametrize(
    "hidden", ["\n", "\r", "\t", "\x1b[31m", "\u202e", "\u200b", "\u2028", "\x00", "\x9b", "\ufeff"]
)
def test_what_a_screen_would_hide_or_obey_is_written_out(hidden):
    text = plan_text(plan_of(update(after=f"a{hidden}b", note=f"n{hidden}n"), update(name=f"a{hidden}b")))
    assert hidden not in text.replace("\n", "") if hidden != "\n" else "a\\nb" in text


@holds(PAIRS, few=5)
def test_no_value_can_break_a_line_or_move_the_cursor(pairs):
    plan = plan_of(*(update(before=before, after=after) for before, after in pairs))
    text = plan_text(plan, width=10_000)
    assert all(unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in text.replace("\n", ""))
    assert len(text.splitlines()) == len(pairs) + 4


@holds(PAIRS, few=5)
def test_two_different_values_never_look_the_same(pairs):
    told = lines(plan_of(*(update(before=before, after=after) for before, after in pairs)), width=10_000)[4:]
    for line, (before, after) in zip(told, pairs, strict=True):
        shown = line.removeprefix("  ~ bob").strip().removeprefix("custom_field ")
        halves = len(shown) // 2
        assert (shown == "") == (before == after)
        assert not shown or shown[: halves - 1] != shown[-(halves - 1) :]


def test_a_custom_field_that_reads_empty_is_not_taken_for_an_empty_one():
    assert "'(empty)' → (empty)" in plan_text(plan_of(update(before="(empty)", after=None)))


def test_small_groups_are_shown_whole_and_what_is_not_shown_is_counted():
    rows = [update(name=f"u{number}") for number in range(500)]
    told = lines(plan_of(*rows, {"action": "delete", "subscriber_name": "eve"}), max_rows=11)
    assert sum(line.startswith("  ~ ") for line in told) == 10
    assert sum(line.startswith("  - ") for line in told) == 1
    assert told[-1] == '  … and 490 more updates: plan[plan["action"] == "update"]'


def test_the_line_that_shows_the_rest_shows_the_rest():
    plan = plan_of(*(update(name=f"u{number}") for number in range(60)))
    line = lines(plan, max_rows=5)[-1].split(": ", 1)[1]
    assert len(eval(line, {"plan": plan})) == 60


def test_how_to_see_all_can_be_said_otherwise():
    plan = plan_of(*(update(name=f"u{number}") for number in range(9)))
    assert "… and 8 more updates: ef.show(form.plan)" in plan_html(plan, max_rows=1, see_all="ef.show(form.plan)")


@pytest.mark.parametrize("max_rows", [0, 1, 2])
def test_each_group_shows_a_row_however_few_are_allowed(max_rows):
    rows = [update(), update(name="eve"), {"action": "delete", "subscriber_name": "dev"}]
    text = plan_text(plan_of(*rows), max_rows=max_rows)
    assert "~ bob" in text
    assert "- dev" in text


def test_colours_come_only_when_asked_for_and_change_no_word():
    plan = plan_of(update(), {"action": "delete", "subscriber_name": "eve"}, update(name="a", conflict=True, note="no"))
    plain, colored = plan_text(plan, label=SANDBOX), plan_text(plan, label=SANDBOX, color=True)
    assert "\x1b" not in plain
    assert "\x1b[1;31m  - eve" in colored
    stripped = colored
    for code in ("0", "1", "1;31", "1;35", "1;36", "33", "32", "2"):
        stripped = stripped.replace(f"\x1b[{code}m", "")
    assert stripped == plain


def test_live_shouts_louder_than_sandbox():
    live = plan_text(plan_of(), label="LIVE account acme1 at mum", color=True)
    assert live.startswith("\x1b[1;37;41mLIVE\x1b[0m ")


def test_no_line_is_wider_than_it_may_be():
    note = f"you: inactive, meanwhile: deleted. {LEAVE_DELETED}. " * 3
    rows = [update(name="a" * 16, after="word " * 30, note=note), update(conflict=True, note=note, after="z" * 40)]
    assert max(map(len, lines(plan_of(*rows), width=100))) <= 100


def test_wide_characters_keep_the_columns_in_line():
    told = lines(plan_of(update(name="東京"), update(name="bob")))
    assert told[-2:] == ["  ~ '東京'   custom_field 'x' → 'y'", "  ~ bob      custom_field 'x' → 'y'"]


def test_an_odd_plan_is_shown_and_never_a_traceback():
    odd = pd.DataFrame(
        {
            "action": ["drop", None, "update", "delete", 7],
            "subscriber_name": ["a\nb", None, 7, "bob", ["list"]],
            "status": [None, 3, "inactive", float("nan"), pd.NA],
            "custom_field": [1.5, None, {"a": 1}, "", "\ud800"],
            "date_updated": ["", "yesterday", None, 0, pd.NaT],
        },
        index=[1, 1, 1, 2, 2],
    )
    text = plan_text(odd)
    assert "Plan: 0 to create, 1 to update, 1 to delete, 3 that can't be understood" in text
    assert "3 rows whose action is not one of create, update, delete or none" in text
    assert r"  ? drop 'a\nb'" in text
    assert plan_html(odd).count("<tr") == 1 + 3 + 5


def test_a_plan_of_conflicts_only_is_shown():
    told = lines(plan_of(update(conflict=True, note="x"), update(name="b", conflict=True, note="")))
    assert told[1] == "Plan: 0 to create, 0 to update, 0 to delete, 2 in conflict"


def test_a_plan_without_notes_and_conflicts_is_shown():
    assert lines(plan_of(update())[["action", "subscriber_name"]])[-1] == "  ~ bob"


def test_a_plan_of_texts_from_a_file_reads_as_the_plan_that_it_was():
    made = plan_of(update(), update(name="eve", conflict=True, note="no"), {"action": "delete", "subscriber_name": "d"})
    in_file = made.astype(object).where(made.notna(), "").astype(str).replace({"True": "TRUE", "False": "FALSE"})
    assert plan_text(in_file) == plan_text(made)


def test_a_bare_row_without_a_conflict_column_still_clears_what_it_empties():
    bare = pd.DataFrame({"action": ["update"], "subscriber_name": ["bob"], "custom_field": [""]})
    assert lines(bare)[-1] == "  ~ bob   custom_field (not known) → (empty)"


def test_a_filtered_or_reordered_plan_is_shown_by_position():
    plan = plan_of(*(update(name=f"u{number}") for number in range(4)))
    assert [line.split()[1] for line in lines(plan.iloc[[3, 1]])[-2:]] == ["u3", "u1"]


def test_categories_are_shown_as_what_they_say():
    plan = plan_of(update()).astype({"action": "category", "status": "category"})
    assert lines(plan)[-1] == "  ~ bob   custom_field 'x' → 'y'"


def test_showing_a_plan_does_not_touch_it():
    plan = plan_of(update(), update(name="eve", note="x"))
    kept = plan.copy()
    plan_text(plan)
    plan_html(plan)
    pd.testing.assert_frame_equal(plan, kept)


def test_what_is_no_plan_is_refused_in_a_sentence():
    with pytest.raises(ValidationError, match="The plan can't be used: it has no column 'action'"):
        plan_text(BEFORE)


def test_a_plan_of_20_000_rows_is_shown_in_a_few_steps_for_each_of_them():
    rows = 20_000
    names = pd.Series(np.arange(rows)).astype("str")
    plan = pd.DataFrame({"action": "update", "subscriber_name": names, "status_from": "active", "status": "inactive"})
    plan = plan.assign(custom_field_from=names, custom_field=names + "x", conflict=False, date_updated=pd.Timestamp(0))
    steps = Counter()
    sys.setprofile(lambda _frame, event, _what: steps.update([event]))
    try:
        text = plan_text(plan)
    finally:
        sys.setprofile(None)
    assert "20,000 to update (active → inactive: 20,000, custom_field: 20,000)" in text
    assert steps["call"] + steps["c_call"] < 10 * rows  # rendering each row takes hundreds


def test_shown_is_text_for_a_terminal_and_html_for_a_notebook():
    shown = Shown("1 to delete", "<b>1 to delete</b>")
    assert repr(shown) == "1 to delete"
    assert shown._repr_html_() == "<b>1 to delete</b>"
    assert shown._repr_mimebundle_() == {"text/plain": "1 to delete", "text/html": "<b>1 to delete</b>"}
