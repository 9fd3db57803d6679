"""Copies of an audit that live: each round's plan is exactly what their people have changed since the last."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import exotel_frames as ef
from tests.audit.audit_kit import edit, load, plan_of

NAMES = [f"p{at}" for at in range(4)]
COLUMNS = ("status", "custom_field")
VALUES = {"status": ("active", "inactive"), "custom_field": ("", "x", "y")}
CELLS = st.sampled_from([(name, column, text) for name in NAMES for column in COLUMNS for text in VALUES[column]])
EDITS = st.lists(CELLS, max_size=3)


def rounds(most):
    """Rounds: what each copy's people edit, what others write on the service, and whether conflicts are decided."""
    return st.integers(2, 3).flatmap(
        lambda copies: st.lists(
            st.tuples(st.lists(EDITS, min_size=copies, max_size=copies), EDITS, st.booleans()),
            min_size=2,
            max_size=most,
        )
    )


@dataclass
class Desk:
    """One copy as its people know it: its cells, and what each cell is compared with, as it was at some moment."""

    cells: dict[str, dict[str, str]]
    base: dict[str, dict[str, str]]
    moment: dict[str, object] = field(default_factory=dict)

    def wish(self, name):
        """What the cells of a row ask for."""
        return {each: text for each, text in self.cells[name].items() if text != self.base[name][each]}

    def settle(self, name, live, moment):
        """Take what a run has settled: a cell that was overruled still asks, against what it was decided on."""
        self.base[name] |= {each: text for each, text in live.items() if self.cells[name][each] == text}
        self.moment[name] = moment


def expected(desks, live):
    """Return {name: (who asks, what shall be, whether it is in conflict)} for every row in which something happens."""
    found = {}
    for name in NAMES:
        asking = {file: desk for file, desk in desks.items() if desk.wish(name)}
        wishes = [desk.wish(name) for desk in asking.values()]
        if any(wish != wishes[0] for wish in wishes):
            found[name] = (", ".join(asking), None, True)
        elif wishes and any(live[name][each] != text for each, text in wishes[0].items()):
            newest = max(asking.values(), key=lambda desk: desk.moment[name])
            wanted = newest.base[name] | wishes[0]
            clash = any(live[name][each] not in {newest.base[name][each], wanted[each]} for each in COLUMNS)
            found[name] = (", ".join(asking), live[name] | wishes[0], clash)
    return found


def state(client):
    """Return what is live, and when it was changed."""
    subs = load(client).fillna({"custom_field": ""}).set_index("subscriber_name")
    return {name: {each: subs.loc[name, each] for each in COLUMNS} for name in NAMES}, subs["date_updated"].to_dict()


def written_by(desks, folder, edits):
    """Let each copy's people edit their cells."""
    for (file, desk), cells in zip(desks.items(), edits, strict=True):
        edit(folder / file, {(name, column): text or None for name, column, text in cells})
        for name, column, text in cells:
            desk.cells[name][column] = text


def decided(plan, desks):
    """Return the plan in which each conflict is decided for the first who asked: he gets his row as it stands."""
    for at in plan.index[plan["conflict"]]:
        name = plan.loc[at, "subscriber_name"]
        row = desks[plan.loc[at, "source"].split(", ")[0]].cells[name]
        plan.loc[at, list(COLUMNS)] = [row["status"], row["custom_field"]]
    return plan.assign(conflict=False)


def live_through(tmp_path_factory, script):
    """Play the rounds against a real service and real files, and compare each plan with what the people did."""
    folder = tmp_path_factory.mktemp("copies") / "audit"
    ahead_s = 0  # two changes of one second can't be told apart, and no people edit, plan and apply in one
    with ef.Sandbox(subscribers=0, clock=lambda: time.time() + ahead_s) as box:
        client = box.connect(journal=folder.parent / "journal")
        client.create([ef.NewSubscriber(name) for name in NAMES])
        ef.write_workbooks(load(client), folder, copies=[f"m{at}" for at in range(len(script[0][0]))])
        live, moments = state(client)
        desks = {
            file.name: Desk({n: dict(live[n]) for n in NAMES}, {n: dict(live[n]) for n in NAMES}, dict(moments))
            for file in sorted(folder.iterdir())
        }
        for edits, others, decides in script:
            written_by(desks, folder, edits)
            ahead_s += 2
            for name, column, text in others:
                client.update(name, **(live[name] | {column: text}))
                live[name][column] = text
            play_round(client, folder, desks, live, decides=decides)


def play_round(client, folder, desks, live, *, decides):
    """Plan, apply and write the verdicts; what is planned and done is what the people asked for, and nothing else."""
    wanted = expected(desks, live)
    plan = plan_of(client, folder)
    rows = plan[plan["action"] != "none"].fillna({"custom_field": ""}).set_index("subscriber_name")
    assert rows["source"].to_dict() == {name: source for name, (source, _, _) in wanted.items()}
    assert rows["conflict"].to_dict() == {name: clash for name, (_, _, clash) in wanted.items()}
    for name, (_, text, clash) in wanted.items():
        assert clash or rows.loc[name, list(COLUMNS)].to_dict() == text
    plan = decided(plan, desks) if decides else plan[~plan["conflict"]]
    results = ef.apply_plan(client, plan, max_share=1.0, progress=False)
    assert set(results["outcome"]) <= {"done", "unchanged"}
    ef.write_verdicts(folder, results)
    asked = plan[plan["action"] != "none"].fillna({"custom_field": ""}).set_index("subscriber_name")
    for name in asked.index:
        live[name] = asked.loc[name, list(COLUMNS)].to_dict()
    there, moments = state(client)
    assert there == live
    for name in results["subscriber_name"]:
        for desk in desks.values():
            desk.settle(name, live[name], moments[name])


NOTHING = [[], []]


@pytest.mark.slow  # rounds of one workbook are played by default: tests/operations/test_workbook_rounds.py
def test_a_wish_that_was_overruled_is_asked_for_again_and_never_done_without_a_word(tmp_path_factory):
    wishes = [[("p0", "custom_field", "x"), ("p1", "status", "inactive")], [("p0", "custom_field", "y")]]
    back = [[], [("p0", "custom_field", "x"), ("p1", "status", "active")]]
    live_through(
        tmp_path_factory, [(wishes, [("p2", "custom_field", "y")], True), (NOTHING, [], False), (back, [], True)]
    )


@pytest.mark.slow
@pytest.mark.timeout(5400)
@settings(max_examples=60)
@given(rounds(7))
def test_a_tenth_round_of_the_copies_is_as_true_as_the_first(tmp_path_factory, script):
    live_through(tmp_path_factory, script)
