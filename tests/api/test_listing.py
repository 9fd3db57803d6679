"""Complete listings: bounds, ends, strange servers, errors; the random worlds are in test_listing_simulation.py."""

import gc
import random
import threading
import weakref
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from math import ceil

import pytest
from msgspec import structs

from exotel_frames.api.listing import overlapping, walk
from exotel_frames.errors import AuthError, UnstableListingError
from exotel_frames.records import Page
from tests.api.listing_world import Service, World, check_law, one_shared_row, read, rests
from tests.api.wording import EMPTY_FIRST_PAGE
from tests.slow import but_slow

TRAPS = (0, 1, 2, 9, 91, 98, 99, 100, 101, 190, 191, 192, 198, 199, 200, 290, 298, 299, 300, 396, 990, 1000, 2500)


def tenant(rows: int, *, tie: int = 1, churn=rests, ties: str = "stable") -> World:
    return World(random.Random(rows), rows, tie, ties, churn)


def whole(world: World) -> list[int]:
    return [row.serial for row in world.rows]


class Script:
    """Answers from one list after another: `states[k]` is the list at request k. A row is (name, created)."""

    def __init__(self, *states: Sequence[tuple[str, str | None]]) -> None:
        self.states, self.asked = states, []

    def __call__(self, offset: int) -> Page[str]:
        state = self.states[min(len(self.asked), len(self.states) - 1)]
        self.asked.append(offset)
        rows = state[offset : offset + 100]
        names = [name for name, _ in rows]
        return Page(offset, names, [created for _, created in rows], names, last=offset + 100 >= len(state))


def walked(fetch, **options) -> walk.Listing[list[str]]:
    return walk.walk_pages(fetch, into=[], **options)


def locked(script):
    """The same script, for several threads."""
    lock = threading.Lock()

    def fetch(offset: int) -> Page[str]:
        with lock:
            return script(offset)

    return fetch


def rows_of(count: int, *, start: int = 0) -> list[tuple[str, str | None]]:
    """Rows `r0`, `r1`, … newest first, each of its own second."""
    return [(f"r{at}", stamp(at)) for at in range(start, start + count)]


def stamp(at: int) -> str:
    return f"2026-01-01T{23 - at // 3600:02}:{59 - at // 60 % 60:02}:{59 - at % 60:02}+05:30"


# --- at rest: complete, in order, and cheap


@pytest.mark.parametrize("rows", TRAPS)
@pytest.mark.parametrize("tie", [1, 10, 3000])
def test_a_listing_at_rest_is_the_whole_list_in_order_within_the_bound(rows, tie):
    world = tenant(rows, tie=tie)
    found = read(Service(world))
    assert found.rows == whole(world)
    assert (len(found.rows), found.walk) == (rows, "quiet")
    assert found.requests <= max(1, ceil(rows / 99) + 1)


@pytest.mark.parametrize("rows", TRAPS)
@pytest.mark.parametrize("workers", but_slow([2, 3, 8, 16], [3, 16]))
def test_several_workers_ask_for_few_pages_past_the_end(rows, workers):
    world = tenant(rows)
    found = read(Service(world), workers=workers)
    assert found.rows == whole(world)
    assert found.requests <= ceil(rows / 99) + workers + workers // 4


@pytest.mark.parametrize("size", but_slow(range(2, 101), [2, 3, 9, 10, 11, 50, 99, 100]))
def test_the_shared_rows_never_cost_more_than_one_request(size):
    shared = [overlapping.shared_rows(joint, size) for joint in range(300)]
    assert min(shared) >= 1
    assert max(shared) <= (size + 9) // 10
    assert sum(shared) - len(shared) <= 99
    assert all(above >= below for above, below in pairwise(shared))


def test_the_extra_request_of_the_shared_rows_is_used_up_but_not_exceeded():
    assert sum(overlapping.shared_rows(joint, 100) - 1 for joint in range(1000)) == 99


@pytest.mark.parametrize(
    "rows", but_slow([*range(7_900, 8_110, 7), 7_029, 7_030, 20_000], [7_900, 7_998, 8_005, 7_030, 20_000])
)
def test_a_long_listing_keeps_the_bound_too(rows):
    lines = rows_of(rows)
    found = walked(Script(lines))
    assert len(found.rows) == rows
    assert found.requests <= ceil(rows / 99) + 1


def test_the_first_page_comes_alone_and_with_each_one_taken_three_more_are_under_way():
    service, under_way = Service(tenant(2500)), []

    def begin(offset):
        answer = service.begin(offset)

        def told():
            under_way.append(len(service.under_way) + len(service.answers))
            return answer()

        return told

    reader = walk.Reader(begin, lambda: 8)
    walk.read_whole(reader, [], lambda rows: None)
    assert under_way[:5] == [1, 4 + 1, 7 + 1, 8 + 2, 8 + 2]  # and a quarter waits to be begun


@pytest.mark.parametrize(("useful", "most"), [(1, 26), (0, 26), (-5, 26), (3, 28), (8, 35), (99, 35)])
def test_no_more_pages_are_asked_at_once_than_are_useful(useful, most):
    # 26 pages are needed; of those under way with the last one all are past the end
    script = Script(rows_of(2500))
    found = walked(locked(script), workers=8, useful_workers=lambda: useful)
    assert len(found.rows) == 2500
    assert 26 <= found.requests <= most
    assert found.requests == len(script.asked)  # what nobody had begun is not counted


def test_a_slow_page_does_not_keep_the_others_from_being_asked_for():
    script, gone_on = locked(Script(rows_of(2500))), threading.Event()

    def fetch(offset):
        if offset == 663:
            assert gone_on.wait(timeout=30)  # until two pages more were asked for than there are workers
        if offset == 1542:
            gone_on.set()
        return script(offset)

    assert len(walked(fetch, workers=8).rows) == 2500


def test_as_many_pages_are_under_way_at_once_as_there_are_workers():
    script, meeting, met = locked(Script(rows_of(2500))), threading.Barrier(4), []

    def fetch(offset):
        if offset in (279, 374, 470, 566):  # the first four under way together: each waits for the three others
            met.append(meeting.wait(timeout=30))
        return script(offset)

    assert len(walked(fetch, workers=4).rows) == 2500
    assert sorted(met) == [0, 1, 2, 3]


def test_progress_tells_the_rows_known_so_far():
    told = []
    walked(Script(rows_of(250)), on_page=told.append)
    assert told == [100, 191, 250]


def test_a_listing_does_not_keep_the_pages_names_and_dates_alive():
    class Texts(list):
        """A list that can be watched."""

    watched = []

    def fetch(offset):
        page = script(offset)
        names, created = Texts(page.names), Texts(page.created)
        watched.extend((weakref.ref(names), weakref.ref(created)))
        return Page(offset, names, created, page.rows, page.last)

    script = Script(rows_of(450))
    found = walked(fetch)
    gc.collect()
    assert len(found.rows) == 450
    assert len(watched) == 10
    assert not any(ref() for ref in watched)


def test_the_rows_of_a_page_are_never_looked_into():
    state = rows_of(150)

    def fetch(offset):
        rows = state[offset : offset + 100]
        return Page(offset, [r[0] for r in rows], [r[1] for r in rows], [object() for _ in rows], offset + 100 >= 150)

    assert len(walked(fetch).rows) == 150


def test_rows_that_are_read_again_are_let_go_first():
    class Rows(list):
        """A list that remembers what was cut off."""

        def __delitem__(self, end):
            cut.append(len(self[end]))
            super().__delitem__(end)

    cut = []
    before = tied(rows_of(300, start=1), 88, 106)
    found = walk.walk_pages(Script(before, before, [("new", stamp(0)), *before]), into=Rows())
    assert found.rows == [name for name, _ in before]
    assert cut == [0, 200]  # the first page stays: all behind the joint within one second is read again


# --- servers with habits of their own


@pytest.mark.parametrize("rows", TRAPS[:-2])
@pytest.mark.parametrize("links", ["never", "always"])
@pytest.mark.parametrize("workers", but_slow([1, 4], [4]))
def test_next_links_that_are_always_or_never_there_lose_no_row(rows, links, workers):
    world = tenant(rows)
    if links == "always" and not rows:
        with pytest.raises(UnstableListingError, match=EMPTY_FIRST_PAGE):
            read(Service(world, links=links), workers=workers)
        return
    found = read(Service(world, links=links), workers=workers)
    assert found.rows == whole(world)
    assert found.walk == "quiet"
    confirmed = 2 if links == "always" else 0  # that its empty page is the end
    assert found.requests <= ceil(rows / 99) + 1 + workers + confirmed


class Holed:
    """A list of 430 rows whose page at 99 is empty, as often as told; every page but the last names a next one."""

    def __init__(self, times: int, *, named: bool) -> None:
        self.script, self.times, self.named = Script(rows_of(430)), times, named

    def __call__(self, offset: int) -> Page[str]:
        page = self.script(offset)
        if offset == 91 and self.times:
            self.times -= 1
            return Page(offset, [], [], [], last=not self.named)
        return page


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("named", [True, False])
def test_an_empty_page_in_the_middle_is_asked_for_again_and_never_taken_for_the_end(named, workers):
    found = walked(locked(Holed(1, named=named)), workers=workers)
    assert len(found.rows) == 430


def test_a_named_page_behind_the_last_row_that_is_empty_is_told():
    """A service that lists no deeper than so many rows looks like this."""
    cut = Script(rows_of(200))
    found = walked(lambda offset: structs.replace(cut(offset), last=offset >= 200))
    assert (len(found.rows), found.named_more) == (200, True)
    assert not walked(Script(rows_of(200))).named_more


@pytest.mark.parametrize("workers", [1, 4])
def test_a_page_that_stays_empty_although_more_follows_is_refused(workers):
    with pytest.raises(UnstableListingError, match="there are subscribers further down"):
        walked(locked(Holed(99, named=True)), workers=workers)


@pytest.mark.parametrize("rows", [0, 1, 7, 20, 49, 50, 51, 100, 333, 500])
@pytest.mark.parametrize("cap", but_slow([2, 7, 20, 50, 99], [2, 50, 99]))
@pytest.mark.parametrize("workers", but_slow([1, 4], [4]))
def test_a_server_that_gives_smaller_pages_than_asked_for_loses_no_row(rows, cap, workers):
    world = tenant(rows)
    found = read(Service(world, cap=cap), workers=workers)
    assert found.rows == whole(world)
    assert found.walk == "quiet"


@pytest.mark.parametrize("cap", [30, 50])
@pytest.mark.parametrize("rows", [1, 30, 49, 50, 51, 333])
def test_smaller_pages_that_always_name_a_next_one_lose_no_row(rows, cap):
    world = tenant(rows)
    assert read(Service(world, cap=cap, links="always")).rows == whole(world)


def test_small_pages_of_a_moving_list_share_a_part_of_themselves_only():
    deletes = iter([0, 0, 5])

    def churn(world):
        for _ in range(next(deletes, 0)):
            world.delete(0)

    world = tenant(300, churn=churn)
    found = read(Service(world, cap=16))
    check_law(world, found)
    assert found.walk == "anchored"
    assert found.requests <= 35  # 12 new rows a page; 3 would take 100


def test_pages_of_one_row_are_refused_instead_of_read_without_a_proof():
    with pytest.raises(UnstableListingError, match="as many as a page holds"):
        read(Service(tenant(5), cap=1))


def test_a_list_without_dates_is_read_as_long_as_nothing_moves():
    world = tenant(450)
    found = read(Service(world, dated=False), workers=4)
    assert found.rows == whole(world)
    assert found.walk == "quiet"


@pytest.mark.parametrize("workers", [1, 4])
def test_a_list_that_is_oldest_first_is_read_as_long_as_nothing_moves(workers):
    world = tenant(450)
    found = read(Service(world, reverse=True), workers=workers)
    assert found.rows == whole(world)[::-1]
    assert found.walk == "quiet"


def test_a_name_that_a_server_gives_twice_on_a_page_counts_once():
    lines = rows_of(40)
    found = walked(Script([*lines[:20], lines[7], *lines[20:]]))
    assert found.rows == [name for name, _ in lines]
    assert len(found.rows) == 40


def test_what_fails_behind_the_end_does_not_fail_a_complete_listing():
    answer = locked(Script(rows_of(250)))

    def fetch(offset):
        if offset > 250:
            raise AuthError("no such page")
        return answer(offset)

    assert len(walked(fetch, workers=8).rows) == 250


# --- while it moves, step by step


def test_an_insert_between_two_pages_needs_no_second_reading():
    before = rows_of(150, start=1)
    found = walked(Script(before, rows_of(151)))
    assert found.rows == [name for name, _ in before]
    assert (found.walk, found.requests) == ("quiet", 2)


def test_a_delete_that_leaves_the_dates_overlapping_needs_no_second_reading():
    before = rows_of(150)
    found = walked(Script(before, [*before[:5], *before[6:]]))
    assert found.rows == [name for name, _ in before]
    assert (found.walk, found.requests) == ("quiet", 2)


def test_more_deletes_than_shared_rows_are_answered_by_stepping_back():
    before = rows_of(300)
    script = Script(before, before[30:])
    found = walked(script)
    assert sorted(found.rows) == sorted(name for name, _ in before)
    assert found.walk == "anchored"
    assert script.asked[:5] == [0, 91, 87, 75, 51]


def test_stepping_back_ends_at_the_top():
    before = rows_of(200)
    script = Script(before, before[98:])
    found = walked(script)
    assert {name for name, _ in before[98:]} <= set(found.rows)
    assert script.asked == [0, 91, 87, 75, 51, 3, 0, 87]


def test_two_rows_of_one_second_that_change_places_while_a_row_above_goes_are_both_there():
    # page 1 ends with x; then r5 goes, and b steps before x: by one shared row and the count nothing would have moved
    before = rows_of(200)
    before[99], before[100] = ("x", before[99][1]), ("b", before[99][1])
    after = [*before[:5], *before[6:]]
    after[98], after[99] = after[99], after[98]
    found = walked(Script(before, after))
    assert {"x", "b"} <= set(found.rows)
    assert len(found.rows) == 200
    assert "b" not in (one_shared_row(Script(before, after)) or {"b"})


def tied(before: list[tuple[str, str | None]], low: int, high: int) -> list[tuple[str, str | None]]:
    """The same rows, those from `low` to `high` of one second."""
    return [(name, before[low][1] if low <= at < high else created) for at, (name, created) in enumerate(before)]


def test_a_joint_within_one_second_counts_while_everything_is_as_planned():
    before = tied(rows_of(300), 88, 106)
    found = walked(Script(before))
    assert (found.rows, found.walk, found.requests) == ([name for name, _ in before], "quiet", 4)


@pytest.mark.parametrize("change", ["insert", "delete", "deletes"])
def test_a_joint_within_one_second_is_read_again_as_soon_as_anything_moved(change):
    before = tied(rows_of(300, start=1), 88, 106)
    after = {
        "insert": [("new", stamp(0)), *before],
        "delete": [*before[:40], *before[41:]],
        "deletes": [*before[:40], *before[60:]],
    }[change]
    script = Script(before, before, after)
    found = walked(script)
    assert set(found.rows) >= {name for name, _ in before}
    assert found.walk == "anchored"
    assert 76 in script.asked  # 12 rows above the second at the end of page 1, which begins at 88


@pytest.mark.parametrize(("low", "high", "walk"), [(7226, 7228, "anchored"), (7227, 7229, "anchored"), (0, 1, "quiet")])
def test_a_single_shared_row_counts_only_with_a_second_of_its_own_once_anything_moved(low, high, walk):
    before = tied(rows_of(7500, start=1), low, high)
    found = walked(Script(*[before] * 75, [("new", stamp(0)), *before]))
    assert found.rows == [name for name, _ in before]
    assert found.walk == walk


def test_the_same_second_in_another_order_is_read_again():
    before = tied(rows_of(300), 88, 106)
    after = [*before[:88], *before[88:106][::-1], *before[106:]]
    found = walked(Script(before, after))
    assert sorted(found.rows) == sorted(name for name, _ in before)
    assert found.walk == "anchored"


def test_a_second_as_long_as_a_page_is_proved_by_names_while_rows_go():
    states = [tied(rows_of(400), 20, 300)[gone:] for gone in range(60)]
    found = walked(Script(*states))
    assert {name for name, _ in states[-1]} <= set(found.rows)
    assert found.walk == "twice"


def test_a_second_as_long_as_a_page_is_refused_when_its_rows_change_places():
    states = [tied(rows_of(400), 20, 300)[:: 1 - 2 * (turn % 2)] for turn in range(90)]
    with pytest.raises(UnstableListingError, match=r"after \d+ requests and \d+ rows: .*Load again"):
        walked(Script(*states))


def test_a_second_as_long_as_a_page_is_read_in_the_next_quiet_moment():
    before = tied(rows_of(400), 20, 300)
    after = before[1:]
    found = walked(Script(before, before, after))
    assert found.rows == [name for name, _ in after]


def test_ninety_eight_rows_of_one_second_are_still_read_while_it_moves():
    before = tied(rows_of(400), 60, 158)
    found = walked(Script(before, before[30:]))
    assert {name for name, _ in before[30:]} <= set(found.rows)
    assert found.walk == "anchored"


@pytest.mark.parametrize("created", [None, "yesterday", ""])
def test_rows_whose_dates_are_none_are_proved_by_names_while_rows_go(created):
    states = []
    for gone in range(12):
        states.append([(name, created) for name, _ in rows_of(400)][gone * 20 :])
    found = walked(Script(*states))
    assert {name for name, _ in states[-1]} <= set(found.rows)
    assert found.walk == "twice"


@pytest.mark.parametrize("odd", [None, "yesterday"])
def test_one_missing_date_far_down_is_enough_to_refuse_a_proof_by_dates_and_take_one_by_names(odd):
    before = rows_of(400)
    before[250] = ("odd", odd)
    states = [before[gone * 15 :] for gone in range(12)]
    found = walked(Script(*states))
    assert {name for name, _ in states[-1]} <= set(found.rows)
    assert found.walk == "twice"


@pytest.mark.parametrize("zones", [("+05:30", "+05:30"), ("+05:30", "+06:00")])
def test_dates_prove_nothing_where_the_list_is_oldest_first(zones):
    before = [(name, created.replace("+05:30", zones[at % 2])) for at, (name, created) in enumerate(rows_of(300)[::-1])]
    found = walked(Script(before, before[30:]))
    assert found.rows == [name for name, _ in before[30:]]


def test_a_row_that_shows_up_again_below_a_joint_tells_that_something_moved():
    before: list[tuple[str, str | None]] = [(name, None) for name, _ in rows_of(200)]
    after = [*before]
    after[50], after[150] = before[150], before[50]  # r150 steps up into the first page, which is read already
    assert sorted(walked(Script(before, after)).rows) == sorted(name for name, _ in before)


def test_a_row_that_comes_back_higher_up_is_not_taken_out_of_order():
    lines = rows_of(200)
    without = [*lines[:95], *lines[96:]]
    found = walked(Script(without, lines))
    assert found.rows == [name for name, _ in without]


def test_dates_are_compared_as_instants_and_not_as_texts():
    zones = (UTC, timezone(timedelta(hours=5, minutes=30)))  # row by row: as texts they would be out of order
    before = [
        (name, datetime.fromisoformat(created).astimezone(zones[at % 2]).isoformat())
        for at, (name, created) in enumerate(rows_of(300))
    ]
    found = walked(Script(before, before[30:]))
    assert {name for name, _ in before[30:]} <= set(found.rows)
    assert found.walk == "anchored"


def test_a_name_that_is_created_again_is_there_once_and_as_the_newer_row():
    before = rows_of(150, start=1)
    again = [("r120", stamp(0)), *(row for row in before if row[0] != "r120")]
    world = [before, again]
    pages = {0: 1, 91: 0}  # the lower page was carried out first

    def fetch(offset):
        rows = world[pages[offset]][offset : offset + 100]
        names = [name for name, _ in rows]
        return Page(offset, names, [created for _, created in rows], [*rows], last=offset + 100 >= 150)

    found = walked(fetch)
    assert [row for row in found.rows if row[0] == "r120"] == [("r120", stamp(0))]
    assert len(found.rows) == 150


# --- limits, errors, interrupts


@pytest.mark.parametrize("workers", [1, 4, 8])
def test_a_server_that_ignores_the_offset_is_refused_after_a_few_requests_and_not_one_more(workers):
    script = Script(rows_of(300))
    ask = locked(lambda _offset: script(0))
    with pytest.raises(UnstableListingError, match=r"after 46 requests and 100 rows: .* pages still moved, repeated"):
        walked(ask, workers=workers)
    assert len(script.asked) == 46


def test_what_came_meanwhile_is_skipped_and_not_read():
    below = rows_of(900, start=300)
    came = [*rows_of(300), *below[30:]]
    script = Script(below, below[30:], came)
    found = walked(script)
    assert sorted(found.rows) == sorted(name for name, _ in below)
    assert script.asked[:5] == [0, 91, 87, 274, 361]


def test_skips_double_until_they_are_too_long_and_then_begin_anew():
    below = rows_of(900, start=1000)
    script = Script(below, below[30:], [*rows_of(750), *below[30:]])
    found = walked(script)
    assert sorted(found.rows) == sorted(name for name, _ in below)
    assert script.asked[3:6] == [274, 561, 1048]
    assert script.asked[6:15] == [1036, 1012, 964, 868, 676, 863, 851, 827, 779]


def test_an_import_of_two_pages_with_every_request_is_outrun():
    def churn(world):
        if world.serial < 6000:
            for _ in range(20):
                world.create(10)

    world = tenant(1500, churn=churn)
    found = read(Service(world))
    check_law(world, found)
    assert found.requests <= 80  # 6,000 rows at rest would take 62


@pytest.mark.parametrize("workers", [1, 8])
@pytest.mark.parametrize("error", [AuthError("the key is wrong"), KeyboardInterrupt()])
def test_the_first_error_is_raised_and_no_thread_is_left(workers, error):
    answer = locked(Script(rows_of(5000)))

    def fetch(offset):
        if offset > 600:
            raise error
        return answer(offset)

    threads = set(threading.enumerate())
    with pytest.raises(type(error)):
        walked(fetch, workers=workers)
    assert set(threading.enumerate()) <= threads


def test_what_waits_behind_an_error_is_never_sent():
    asked, lock = [], threading.Lock()
    script = Script(rows_of(50_000))

    def fetch(offset):
        with lock:
            asked.append(offset)
            if len(asked) == 8:
                raise AuthError("the key is wrong")
            return script(offset)

    with pytest.raises(AuthError):
        walked(fetch, workers=8)
    assert len(asked) <= 15


def test_an_error_in_the_progress_callback_passes_through_and_leaves_no_thread():
    threads = set(threading.enumerate())
    fetch = locked(Script(rows_of(3000)))

    def on_page(rows):
        if rows > 500:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        walked(fetch, workers=4, on_page=on_page)
    assert set(threading.enumerate()) <= threads
