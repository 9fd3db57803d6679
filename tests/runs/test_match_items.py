"""Which item of a 207 belongs to which name: right or unknown, and never guessed."""

from __future__ import annotations

import random

import pytest
from hypothesis import strategies as st

from exotel_frames.records import ErrorData, Item, NewSubscriber, Subscriber
from exotel_frames.runs.match_items import match_items
from tests.laws import holds

NAMES = [f"n{number}" for number in range(10)]


def asked(*names, custom_field="team"):
    return [NewSubscriber(name, custom_field) for name in names]


def created(name, *, code=200, status="success", custom_field="team", state="active"):
    return Item(code, status, Subscriber(name, state, custom_field, "2026-01-01T00:00:00+00:00"))


def refused(code=409, *, status="failure", error=1008):
    return Item(code, status, None, ErrorData(error, "Duplicate resource"))


def codes(paired):
    return [item and item.code for item in paired]


def test_items_in_another_order_are_paired_by_the_name_they_echo():
    paired = match_items(asked("a", "b", "c"), [created("c"), created("a"), created("b")])
    assert [item.data.subscriber_name for item in paired] == ["a", "b", "c"]


def test_refusals_without_a_name_are_paired_by_position_when_nothing_contradicts():
    assert codes(match_items(asked("a", "b", "c"), [created("a"), refused(409), created("c")])) == [200, 409, 200]
    assert codes(match_items(asked("a", "b"), [refused(409), refused(400)])) == [409, 400]


def test_refusals_in_a_shuffled_answer_are_paired_only_when_they_all_say_the_same():
    same = match_items(asked("a", "b", "c"), [created("c"), refused(), refused()])
    assert codes(same) == [409, 409, 200]
    different = match_items(asked("a", "b", "c"), [created("c"), refused(409), refused(400)])
    assert codes(different) == [None, None, 200]


def test_the_only_name_left_gets_the_only_item_left():
    assert codes(match_items(asked("a", "b"), [created("b"), refused()])) == [409, 200]


def test_missing_items_leave_their_names_unknown():
    assert codes(match_items(asked("a", "b", "c"), [created("b")])) == [None, 200, None]
    assert codes(match_items(asked("a", "b"), [refused()])) == [None, None]
    assert codes(match_items(asked("a"), [])) == [None]


def test_a_name_that_is_echoed_twice_is_unknown():
    assert codes(match_items(asked("a", "b"), [created("a"), created("a")])) == [None, None]
    assert codes(match_items(asked("a", "b", "c"), [created("a"), created("a"), refused()])) == [None, None, None]


def test_a_name_that_nobody_asked_for_makes_positions_worthless():
    assert codes(match_items(asked("a", "b"), [created("x"), refused()])) == [None, None]


def test_more_items_than_names_are_never_paired_by_position():
    assert codes(match_items(asked("a"), [refused(), refused()])) == [None]


@pytest.mark.parametrize(
    "item",
    [
        created("a", status="failure"),
        created("a", code=500),
        created("a", code=None),
        created("a", code=199),
        created("a", code=300),
        created("a", code=400),
        Item(200, "success", None),
        refused(409, status="success"),
        refused(429),
        refused(500),
        refused(401),
        refused(408),
        refused(399),
        refused(None),
    ],
)
def test_an_item_that_contradicts_itself_or_is_not_final_is_unknown(item):
    assert match_items(asked("a"), [item]) == [None]


@pytest.mark.parametrize(
    "item",
    [
        created("a"),
        created("a", code=201),
        created("a", code=299),
        created("a", status=None),
        created("a", custom_field="other"),
        created("a", state="inactive"),
        created("A"),
    ],
)
def test_a_success_that_names_our_subscriber_is_a_success_whatever_is_stored(item):
    assert match_items(asked("a"), [item]) == [item]


def test_an_empty_custom_field_and_none_are_the_same():
    assert codes(match_items([NewSubscriber("a")], [created("a", custom_field="")])) == [200]
    assert codes(match_items(asked("a", custom_field=""), [created("a", custom_field=None)])) == [200]


def test_a_refusal_may_show_the_subscriber_that_has_the_name():
    other = Item(409, "failure", Subscriber("a", "active", "theirs"), ErrorData(1008, "Duplicate resource"))
    assert match_items(asked("a"), [other]) == [other]
    dated = Item(409, "failure", created("a", custom_field="theirs").data, ErrorData(1008, "Duplicate resource"))
    assert match_items(asked("a"), [dated]) == [dated]


def test_a_refusal_of_a_rule_that_shows_a_subscriber_contradicts_itself():
    assert match_items(asked("a"), [Item(400, "failure", created("a").data, None)]) == [None]


@pytest.mark.parametrize("code", [400, 403, 409, 423])
def test_a_refusal_of_one_row_may_name_it(code):
    item = Item(code, "failure", Subscriber("a", "active"), None)
    assert match_items(asked("a"), [item]) == [item]


def test_a_name_that_is_echoed_in_another_case_is_ours_where_it_fits_one_only():
    assert codes(match_items(asked("bob", "ann"), [created("ANN"), created("Bob", code=201)])) == [201, 200]
    assert codes(match_items(asked("bob", "Bob"), [created("BOB"), created("bob")])) == [200, None]


def mutated(items: list[Item], chance: random.Random) -> list[Item]:
    """Do to an answer what proxies, bugs and shuffles do."""
    items = list(items)
    for _ in range(chance.randrange(4)):
        what = chance.randrange(7)
        at = chance.randrange(len(items)) if items else 0
        if what == 0:
            chance.shuffle(items)
        elif what == 1 and items:
            del items[at]
        elif what == 2 and items:
            items.append(items[at])
        elif what == 3 and items:
            items[at] = refused(chance.choice([400, 409, 429, 500, None]))
        elif what == 4 and items:
            items[at] = created(chance.choice([*NAMES, "stranger"]))
        elif what == 5 and items and items[at].data:
            items[at] = Item(chance.choice([200, 409, 500]), chance.choice(["success", "failure"]), items[at].data)
        elif what == 6 and items:
            items[at] = Item(items[at].code, items[at].status, None, items[at].error_data)
    return items


@holds(st.integers(0, 2**32), st.lists(st.booleans(), min_size=1, max_size=10), few=50, many=5000)
def test_no_mutation_of_an_answer_ever_makes_a_false_done(seed, fates):
    names = NAMES[: len(fates)]
    honest = [created(name) if done else refused() for name, done in zip(names, fates, strict=True)]
    chance = random.Random(seed)
    answer = mutated(honest, chance)
    invented = {item.data.subscriber_name for item in answer if item.data} - {
        name for name, done in zip(names, fates, strict=True) if done
    }
    paired = match_items(asked(*names), answer)
    assert len(paired) == len(names)
    for name, done, item in zip(names, fates, paired, strict=True):
        if item is not None and item.code in range(200, 300):
            assert item.data.subscriber_name == name
            assert done or name in invented  # a forged success that echoes the name can't be told from a real one
