"""A single request that stays without an answer is told as in a long run, and can be stopped."""

from __future__ import annotations

import re
import threading

import pytest

import exotel_frames as ef
from exotel_frames.api import fetchers
from exotel_frames.operations import execute
from exotel_frames.runs import progress
from tests.gate import gated


@pytest.fixture
def box(monkeypatch):
    monkeypatch.setattr(execute, "SILENCE_S", 0.02)
    monkeypatch.setattr(progress, "SILENCE_S", 0.02)
    monkeypatch.setattr(fetchers, "POLL_S", 0.01)
    with ef.Sandbox(subscribers=40, seed=5) as made:
        yield made


def plan_of(client, rows=3):
    subs = ef.load_subscribers(client, progress=False)
    return ef.plan_changes(subs, subs.head(rows).assign(custom_field="new"))


def test_a_service_that_is_silent_at_the_first_question_of_a_plan_is_told(box):
    told = []
    with gated(box, "GET", 1) as (client, gate):  # the one page of the listing passes
        plan = plan_of(client)

        def tell(step):
            told.append(step.remark)
            if "no response" in step.remark:
                gate.open()

        results = ef.apply_plan(client, plan, progress=tell)
        assert results["outcome"].tolist() == ["done"] * 3
        assert any(
            re.fullmatch(f"no response from {client.settings.base_url} for [0-9]+ s, still trying", remark)
            for remark in told
        )


def test_what_a_listener_raises_stops_a_question_that_is_not_answered(box):
    def stop(_step):
        raise KeyboardInterrupt

    with gated(box, "GET", 1) as (client, gate):
        plan = plan_of(client)
        with pytest.raises(KeyboardInterrupt):
            ef.apply_plan(client, plan, progress=stop)
        gate.open()
        assert [entry.call for entry in box.log if entry.call == "update"] == []
        assert ef.list_runs(client).empty
        assert ef.apply_plan(client, plan, progress=False)["outcome"].tolist() == ["done"] * 3


def test_the_error_of_a_question_is_raised_where_it_was_asked_and_no_thread_is_left(box):
    client = box.connect()
    before = threading.active_count()
    with pytest.raises(ZeroDivisionError):
        execute.ask_with_progress(client, lambda _: 1 / 0, progress=print)
    assert execute.ask_with_progress(client, lambda view: view.list_page().data.names, progress=print)
    assert threading.active_count() <= before + 1


def test_a_question_that_is_answered_at_once_draws_nothing(box, monkeypatch, capsys):
    monkeypatch.setattr(execute, "SILENCE_S", 30.0)
    told = []
    execute.ask_with_progress(box.connect(), lambda view: view.list_page(), progress=told.append)
    execute.ask_with_progress(box.connect(), lambda view: view.list_page(), progress=True)
    assert (told, capsys.readouterr()) == ([], ("", ""))
