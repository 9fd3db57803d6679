"""What an audit finds, what it leaves alone, and what its fixes become."""

from __future__ import annotations

import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames import schema
from exotel_frames.validation import FINDING_RULES
from tests.audit.planted import DAY, NOW, frame, planted, sound

RULES = sorted(FINDING_RULES)


@pytest.fixture(scope="module")
def audited():
    subs, odd = planted()
    return subs, odd, ef.audit_subscribers(subs, stale_days=365, now=NOW)


@pytest.mark.parametrize("rule", RULES)
def test_200_planted_oddities_are_all_found_and_nothing_else(audited, rule):
    subs, odd, found = audited
    told = set(subs["subscriber_name"].iloc[found.loc[found["rule"] == rule, "row"].astype(int)])
    assert len(odd[rule]) >= 200
    assert odd[rule] - told == set()
    assert told - odd[rule] == set()


def test_nothing_is_told_of_a_tenant_in_which_nothing_is_odd():
    assert ef.audit_subscribers(sound(20_000), stale_days=365, now=NOW).empty


def test_the_frame_is_a_problems_frame_with_the_callers_index_and_origin_also_without_rows(audited):
    _, _, found = audited
    none = ef.audit_subscribers(sound(0), stale_days=1)
    for each in (found, none):
        assert {name: str(dtype) for name, dtype in each.dtypes.items()} == schema.PROBLEMS
    subs = frame(["desk", "Desk"]).set_axis(["x", "y"])
    subs.attrs["exotel_frames"] = {"origin": {"account_sid": "acme1"}}
    twins = ef.audit_subscribers(subs)
    assert (twins.index.tolist(), twins["row"].tolist(), twins.attrs) == (["x", "y"], [0, 1], subs.attrs)
    assert found["row"].is_monotonic_increasing


def rules_of(names, **more):
    subs = frame(names)
    found = ef.audit_subscribers(subs, **more)
    return sorted(zip(subs["subscriber_name"].iloc[found["row"].astype(int)], found["rule"], strict=True))


@pytest.mark.parametrize("name", [
    "007", "000", "0123456789012345", "123456789012", "1E5", "1e5", "12E34", "9E99", "00E1", "MAR1", "1MAR", "SEPT2",
    "DEC10", "2JAN", "JAN2026", "march1", "31dec26", "TRUE", "false", "NA", "NaN", "null", "None", "MAR00",
])  # fmt: skip
def test_a_name_that_a_spreadsheet_changes_is_a_hazard(name):
    assert rules_of([name], rules=["spreadsheet_hazard"]) == [(name, "spreadsheet_hazard")]


@pytest.mark.parametrize(
    "name", ["7", "12345678901", "1E400", "E5", "MARK1", "MAR", "32JANX", "na", "Null", "0x1F", "1E", "truex", "MAR123"]
)
def test_a_name_that_a_spreadsheet_leaves_alone_is_none(name):
    assert rules_of([name], rules=["spreadsheet_hazard"]) == []


@pytest.mark.parametrize(("whole", "left"), [
    ("007", "7"), ("000", "0"), ("1E5", "100000"), ("012E3", "12000"), ("0E7", "0"), ("true", "TRUE"),
    ("1e005", "100000"),
    ("1234567890123456", "1234567890123450"), ("0123456789012345", "123456789012345"),
])  # fmt: skip
def test_what_a_spreadsheet_leaves_of_a_name_is_told_as_its_damaged_twin(whole, left):
    assert rules_of([whole, left, "bob"], rules=["damaged_twin"]) == [(left, "damaged_twin")]


def test_a_name_is_no_damaged_twin_of_itself():
    assert rules_of(["TRUE", "1234567890123450", "0"], rules=["damaged_twin"]) == []


@pytest.mark.parametrize("fields", [
    ["Support", "support"], ["Support", "Support "], ["tele-sales", "tele sales", "telesales"], ["a, b", "b a"],
    ["विक्रय दल", "विक्रय-दल"], ["\uff33ales", "Sales"], ["e\u0301quipe", "équipe"], ["a\tb", "a  b"], ["x|y", "y x"],
])  # fmt: skip
def test_spellings_that_differ_in_case_blanks_punctuation_or_order_are_variants(fields):
    subs = frame([f"n{at}" for at in range(len(fields) + 1)], fields=[*fields, fields[0]])
    found = ef.audit_subscribers(subs, rules=["field_variant"])
    assert found["value"].tolist() == fields[1:]
    assert set(found["fix"]) == {fields[0]}


@pytest.mark.parametrize("fields", [
    ["1.5", "15"], ["01/02/2026", "02/01/2026"], ["दल", "दिल"], ["C++", "C"], ["😀", "😡"], ["-", "."],
    ["team 1 2", "team 2 1"], ["", None], ["+91 1", "-91 2"], ["12 3", "1 23"],
])  # fmt: skip
def test_other_texts_are_no_variants(fields):
    assert ef.audit_subscribers(frame(["a", "b"], fields=fields), rules=["field_variant"]).empty


def test_spellings_that_hang_together_by_a_third_are_one_cluster_and_each_is_counted():
    fields = ["North Sales"] * 4 + ["sales north"] * 2 + ["SalesNorth"]
    found = ef.audit_subscribers(frame(list("abcdefg"), fields=fields), rules=["field_variant"])
    assert found["row"].tolist() == [4, 5, 6]
    assert found["message"].iloc[-1] == (
        "'SalesNorth' seems to be another spelling of 'North Sales': "
        "'North Sales' (4 rows), 'sales north' (2 rows), 'SalesNorth' (1 row)."
    )


def test_where_no_spelling_is_the_commonest_none_is_proposed():
    found = ef.audit_subscribers(frame(["a", "b"], fields=["HR", "hr"]))
    assert (found["row"].tolist(), found["fix"].tolist()) == ([0, 1], ["", ""])
    assert "none of which is the most common" in found["message"].iloc[0]


def test_a_subscriber_whose_status_is_not_known_gets_no_fix_for_an_update_would_need_one():
    subs = frame(["a", "b", "c"], status=["active", "active", "paused"], fields=["HR", "HR", "hr"])
    assert ef.audit_subscribers(subs, rules=["field_variant"])["fix"].tolist() == [""]


def test_all_unknown_rules_and_options_are_named_at_once():
    with pytest.raises(ef.ValidationError, match=r"'twins' and 'old' are not rules.*case_twin.*stale_days is -1"):
        ef.audit_subscribers(sound(3), rules=["twins", "case_twin", "old"], stale_days=-1)
    with pytest.raises(ef.ValidationError, match="the rule stale needs stale_days"):
        ef.audit_subscribers(sound(3), rules=["stale"])
    with pytest.raises(ef.ValidationError, match=r"'custom_field'.*'status'"):
        ef.audit_subscribers(sound(3)[["subscriber_name"]])


def test_a_rule_by_itself_needs_its_own_columns_only():
    names = pd.DataFrame({"subscriber_name": ["desk", "Desk", None]})
    assert ef.audit_subscribers(names, rules=["case_twin"])["row"].tolist() == [0, 1]


def test_who_was_never_updated_or_is_suspended_is_not_stale():
    old = pd.Timestamp("2020-01-01", tz="UTC")
    subs = frame(["a", "b", "c", "d"], status=["active", "inactive", "active", "active"], updated=[old, old, None, DAY])
    found = ef.audit_subscribers(subs, rules=["stale"], stale_days=30, now=NOW)
    assert (found["row"].tolist(), found["value"].tolist()) == ([0], ["2020-01-01T00:00:00+00:00"])


def test_the_fixes_become_a_plan_that_cleans_up_and_nothing_else(audited):
    subs, _, found = audited
    desired = ef.apply_fixes(subs, found)
    plan = ef.plan_changes(subs, desired)
    fixed = found[(found["fix"] != "").to_numpy()]
    assert set(plan["action"]) == {"update"}
    assert sorted(plan["subscriber_name"]) == sorted(subs["subscriber_name"].iloc[fixed["row"].astype(int)])
    after = subs.assign(custom_field=desired["custom_field"])
    assert ef.audit_subscribers(after, rules=["field_variant"]).empty
    assert not subs.equals(desired)


def test_a_part_of_the_findings_mends_that_part_only():
    subs = frame(list("abcde"), fields=["HR", "hr", "HR", "Hr.", "HR"])
    found = ef.audit_subscribers(subs)
    assert ef.apply_fixes(subs, found[found["value"] == "hr"])["custom_field"].tolist() == [
        "HR",
        "HR",
        "HR",
        "Hr.",
        "HR",
    ]


def test_findings_of_another_frame_are_refused_with_everything_that_does_not_fit():
    subs = frame(list("abcde"), fields=["HR", "hr", "HR", "Hr.", "HR"])
    found = ef.audit_subscribers(subs)
    with pytest.raises(ef.ValidationError, match=r"row 1 \('d'\) says 'Hr.*row 3 \('b'\) says 'hr'"):
        ef.apply_fixes(subs.iloc[::-1].reset_index(drop=True), found)
    with pytest.raises(ef.ValidationError, match="rows that are not among these 2 subscribers"):
        ef.apply_fixes(subs.iloc[:2], found)
    twice = pd.concat([found, found.assign(fix="Personnel")])
    with pytest.raises(ef.ValidationError, match="row 1 has two fixes for its custom_field"):
        ef.apply_fixes(subs, twice)


def test_a_rename_is_never_a_fix():
    subs = frame(["bob"])
    problem = pd.DataFrame({"row": [0], "column": ["subscriber_name"], "value": ["bob"], "fix": ["Bob"]})
    assert ef.apply_fixes(subs, problem)["subscriber_name"].tolist() == ["bob"]


def test_findings_are_shown_by_rule_with_meaning_count_examples_and_the_way_on(audited):
    _, _, found = audited
    told = repr(ef.show(found, max_rows=20))
    assert "case_twin: another name differs only by case, such as '" in told
    assert 'problems[problems["rule"] == "stale"]' in told
    assert "ef.plan_changes(subs, ef.apply_fixes(subs, problems))" in told
    one = repr(ef.show(ef.audit_subscribers(frame(list("abc"), fields=["HR", "hr", "HR"]))))
    assert "Proposed: 'HR'" in " ".join(one.split())
    assert "never sent" not in told


def test_a_warning_of_a_sheet_is_still_shown_as_one():
    assert "1 warning" in repr(ef.show(ef.validate_names(["desk", "Desk"]).iloc[:1]))


def test_findings_of_a_real_listing_clean_it_up():
    with ef.Sandbox(subscribers=0) as box:
        client = box.connect()
        new = frame(["a1", "b2", "c3", "007", "7"], fields=["HR", "HR", "hr ", None, None])
        ef.create_subscribers(client, new[["subscriber_name", "custom_field"]], progress=False)
        subs = ef.load_subscribers(client, progress=False)
        found = ef.audit_subscribers(subs)
        plan = ef.plan_changes(subs, ef.apply_fixes(subs, found))
        ef.apply_plan(client, plan, progress=False)
        assert {row["subscriber_name"]: row["custom_field"] for row in box.subscribers()}["c3"] == "HR"
        assert "SANDBOX" in repr(ef.show(found))
