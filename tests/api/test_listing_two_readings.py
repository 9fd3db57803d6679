"""A tenant whose subscribers were all created in the same second: dates prove nothing, names read twice do."""

import random
from contextlib import suppress

import pytest

from exotel_frames.errors import UnstableListingError
from tests.api.listing_world import Service, World, check_law, churns, loses_one, read, rests, signs_up
from tests.slow import but_slow


def migrated(rows: int, churn, seed: int, ties: str = "stable") -> World:
    """Return a tenant that was migrated within one second, and is written since."""
    world = World(random.Random(seed), 0, 1, ties, churn)
    world.create(rows)
    world.stayed = {row.serial for row in world.rows}
    return world


def always_signs_up(world: World) -> None:
    """Somebody signs up before each answer."""
    world.create()


@pytest.mark.parametrize("churn", [signs_up, always_signs_up])
@pytest.mark.parametrize("rows", [150, 430, 900])
@pytest.mark.parametrize("seed", but_slow(range(5), range(2)))
def test_inserts_alone_never_make_a_tenant_of_one_second_unreadable(churn, rows, seed):
    world = migrated(rows, churn, seed)
    check_law(world, read(Service(world)))


@pytest.mark.parametrize("churn", [churns, loses_one])
@pytest.mark.parametrize("seed", but_slow(range(20), range(8)))
def test_what_is_read_while_rows_come_and_go_lacks_nobody_who_stayed(churn, seed):
    world = migrated(430, churn, seed)
    try:
        found = read(Service(world))
    except UnstableListingError:
        return
    check_law(world, found)


def test_most_tenants_of_one_second_are_readable_under_rare_deletes():
    found = 0
    for seed in range(20):
        world = migrated(430, loses_one, seed)
        try:
            check_law(world, read(Service(world)))
            found += 1
        except UnstableListingError:
            pass
    assert found >= 18


@pytest.mark.parametrize("ties", ["shuffled", "by_offset"])
@pytest.mark.parametrize("seed", but_slow(range(10), range(4)))
def test_rows_of_one_second_in_an_order_that_changes_are_refused_or_whole(ties, seed):
    world = migrated(430, churns, seed, ties)
    with suppress(UnstableListingError):
        check_law(world, read(Service(world)))


def test_a_tenant_of_one_second_at_rest_costs_no_more_than_another():
    world = migrated(900, rests, 0)
    found = read(Service(world))
    assert (found.walk, found.requests) == ("quiet", 10)


def test_a_listing_says_that_it_was_proved_by_names():
    world = migrated(430, always_signs_up, 0)
    assert read(Service(world)).walk == "twice"
