"""What a long call shows: one source for its numbers, waits that count down, silence that is seen."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass, field

import pytest

import exotel_frames as ef
from exotel_frames.api.rate_limit.quota import Waiting
from exotel_frames.records import Verdict
from exotel_frames.runs.progress import LINE_EVERY_S, Progress, lines, progress_of
from tests.gate import gated


class Clock:
    now_s = 1000.0

    def __call__(self):
        return self.now_s


@dataclass
class Watched:
    total: int | None = 400
    seconds_for: object = staticmethod(lambda rows: 0.0)
    clock: Clock = field(default_factory=Clock)
    told: list = field(default_factory=list)

    def __post_init__(self):
        self.state = Progress(
            lambda state: self.told.append(state.text),
            self.total,
            self.seconds_for,
            service="http://127.0.0.1:9",
            clock=self.clock,
        )

    def after(self, seconds):
        self.clock.now_s += seconds
        self.state.draw()
        return self.told[-1]


def verdicts(outcome, *rows):
    return [Verdict(row=row, subscriber_name=f"s{row}", action="update", outcome=outcome) for row in rows]


def test_rows_count_as_they_are_answered_and_once_when_their_chunk_ends():
    watched = Watched()
    for verdict in verdicts("done", *range(6)):
        watched.state.add_row(verdict)
    assert watched.after(0).startswith("6 of 400 rows: 6 done")
    watched.state.add(verdicts("done", *range(10)))
    assert watched.told[-1].startswith("10 of 400 rows: 10 done")


def test_rows_that_were_never_sent_are_not_done_so_nothing_jumps_on_stop():
    watched = Watched()
    watched.state.add([*verdicts("done", 0, 1, 2), *verdicts("rejected", 3), *verdicts("not_sent", *range(4, 110))])
    assert watched.told[-1].startswith("4 of 400 rows: 3 done, 1 rejected")


def test_a_wait_counts_down_and_then_is_gone():
    watched = Watched()
    watched.state.on_wait(Waiting(60.0, "the account's limit of 120/min"))
    assert "waiting 60 s: the account's limit of 120/min" in watched.after(0)
    assert "waiting 37 s" in watched.after(23)
    assert "waiting 1 s" in watched.after(36)
    assert "waiting" not in watched.after(1)
    watched.state.on_wait(Waiting(60.0, "the limit"))
    watched.state.on_wait(Waiting(0.0, ""))
    assert "waiting" not in watched.after(0)


@pytest.mark.parametrize("silent_s", [2, 7, 107])
def test_a_service_that_does_not_answer_is_seen_after_two_seconds(silent_s):
    watched = Watched(total=None)
    assert watched.after(1.9) == "0 rows"
    assert (
        watched.after(silent_s - 1.9) == f"0 rows: no response from http://127.0.0.1:9 for {silent_s} s, still trying"
    )
    watched.state.reach(99)
    assert watched.told[-1] == "99 rows"


def test_silence_is_counted_from_the_end_of_a_wait():
    watched = Watched()
    watched.state.on_wait(Waiting(60.0, "the limit"))
    assert "no response" not in watched.after(61)
    assert "no response from http://127.0.0.1:9 for 2 s" in watched.after(1)


def test_one_time_is_left_by_the_limit_or_by_the_pace_whichever_is_longer():
    by_pace = Watched()
    by_pace.state.add(verdicts("done", *range(100)))
    assert "left" not in by_pace.after(1)  # too early to say
    assert by_pace.after(9).endswith("about 30 s left")
    assert by_pace.after(290).endswith("about 15 min left")
    by_limit = Watched(seconds_for=lambda rows: rows * 0.5)
    by_limit.state.add(verdicts("done", *range(40)))
    assert by_limit.after(5).endswith("at least 3 min left at the account's limit")


def test_a_listing_ends_with_its_total():
    watched = Watched(total=None)
    watched.state.reach(250)
    watched.state.finish()
    assert (watched.state.total, watched.told[-1]) == (250, "250 rows")


def test_without_a_terminal_there_is_a_line_every_half_minute_at_most():
    out, clock = io.StringIO(), Clock()
    draw, state = lines("writing", out, clock), Progress(lambda _: None, 400)
    for _ in range(600):
        clock.now_s += 0.5
        draw(state)
    assert out.getvalue().splitlines() == ["writing: 0 of 400 rows"] * int(300 / LINE_EVERY_S)


class Broken(io.StringIO):
    def write(self, _text):
        raise BrokenPipeError

    def isatty(self):
        return True


def test_a_bar_that_cannot_be_drawn_is_switched_off_and_the_run_goes_on(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Broken())
    with progress_of(progress=True, what="writing", total=3) as bar:
        bar.add(verdicts("done", 0, 1, 2))
    assert bar.done == 3


def test_what_a_listener_raises_stops_the_call():
    def stop(_step):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), progress_of(stop, "writing", 3) as bar:
        bar.draw()


def test_a_real_run_at_the_limit_counts_each_row_as_it_is_answered():
    steps = []
    with ef.Sandbox(subscribers=12, seed=1) as box, gated(box, "PUT", 4, workers=1) as (client, gate):
        subs = ef.load_subscribers(client, progress=False)

        def tell(step):
            steps.append(step.done)
            if step.done == 4:  # and not by tens alone
                gate.open()

        sheet = subs[["subscriber_name"]].assign(custom_field="new")
        ef.update_subscribers(client, sheet, current=subs, progress=tell)
    assert steps == sorted(steps)
    assert 4 in steps
    assert steps[-1] == 12


def test_a_terminal_shows_one_line_of_text_without_a_rate_of_the_bars_own(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with progress_of(progress=True, what="loading") as bar:
        bar.reach(99)
        bar.reach(250)
    assert screen.getvalue().rstrip().endswith("loading: 250 rows")
    assert "?" not in screen.getvalue()
    assert "rows/s" not in screen.getvalue()
