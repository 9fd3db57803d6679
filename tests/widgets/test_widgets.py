"""The forms without a browser: what they do on the sandbox, and what they say where widgets can't be shown."""

import re
import threading
from dataclasses import replace
from html import unescape

import ipywidgets as ipw
import numpy as np
import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames import schema
from exotel_frames.api.client import Client
from exotel_frames.api.retry import Patience
from exotel_frames.errors import StalePlanError
from exotel_frames.frames.convert import conform
from exotel_frames.widgets.background import Background
from exotel_frames.widgets.callbacks import Callbacks
from exotel_frames.widgets.checkbox_table import PAGE_ROWS, CheckboxTable, TableColumns
from exotel_frames.widgets.results_log import ResultsLog, apply_results
from tests.operations.mutating_proxy import spoiling_proxy
from tests.slow import slow
from tests.widgets.driver import code_of, is_shown, parts, text_of
from tests.widgets.wording import went_wrong

OLD = "2026-01-05T10:00:00+05:30"
TEAM = [f"team{number}" for number in range(5)]


@pytest.fixture
def box():
    with tenant() as made:
        yield made


@pytest.fixture
def client(box):
    return box.connect()


def tenant():
    box = ef.Sandbox(subscribers=10, seed=3).start()
    box.add(*TEAM, custom_field="old", date_created=OLD)
    return box


def field(form, label):
    found = [part for part in parts(form) if getattr(part, "description", None) == label]
    (shown,) = [part for part in found if is_shown(form, part)]
    return shown


def click(form, label):
    made = field(form, label)
    assert not made.disabled, f"{label} can't be clicked"
    made.click()
    assert form.wait(30)


def said(form):
    """Return what a person reads: the texts of what is shown."""
    pages = [part.value for part in parts(form) if isinstance(part, ipw.HTML) and is_shown(form, part)]
    return unescape(re.sub(r"<[^>]*>", " ", "\n".join(pages)))


def state_of(box):
    return {row["subscriber_name"]: (row["status"], row["custom_field"]) for row in box.subscribers()}


def run_by_hand(code, make=lambda client: {}):
    """Run the code a form shows on an equal sandbox, and return what is there afterwards."""
    with tenant() as other:
        client = other.connect()
        exec(code, {"ef": ef, "pd": pd, "client": client, **make(client)})
        return state_of(other)


def plan_of(client):
    desired = pd.DataFrame({"subscriber_name": [*TEAM[:3], "priya07"], "custom_field": "new"})
    return ef.plan_changes(ef.load_subscribers(client, progress=False), desired)


# The code that is shown does what the form does.


def test_the_code_of_the_create_form_does_the_same(box, client):
    form = ef.widgets.create_form(client)
    field(form, "Subscriber name").value = "priya07"
    field(form, "Status").value = "inactive"
    field(form, "Custom field").value = 'it\'s "new"\nreally'
    click(form, "Review")
    code = code_of(form)
    click(form, "Confirm 1 create")
    assert form.results["outcome"].tolist() == ["done"]
    assert state_of(box)["priya07"] == ("inactive", 'it\'s "new"\nreally')
    assert run_by_hand(code) == state_of(box)


@pytest.mark.parametrize("action", ["change", slow("delete")])
def test_the_code_of_the_edit_form_does_the_same(box, client, action):
    form = ef.widgets.edit_form(client, "team3")
    assert form.wait(30)
    if action == "change":
        field(form, "Custom field").value = "new"
        click(form, "Review the change")
        code, confirm = code_of(form), "Confirm 1 update"
    else:
        click(form, "Delete …")
        code, confirm = code_of(form), "Confirm 1 delete"
        field(form, "To delete team3 for good, type its name").value = "team3"
    click(form, confirm)
    assert state_of(box).get("team3") == (None if action == "delete" else ("active", "new"))
    assert run_by_hand(code) == state_of(box)


@pytest.mark.parametrize(
    "action", [slow("set inactive"), "set custom field", slow("clear custom field"), slow("delete")]
)
def test_the_code_of_the_panel_does_the_same(box, client, action):
    before = state_of(box)
    form = ef.widgets.cleanup_panel(client, ef.load_subscribers(client, progress=False))
    field(form, "Search").value = "team"
    click(form, "Tick all 5 that match")
    field(form, "With the ticked rows").value = action
    if action == "set custom field":
        field(form, "New custom field").value = "new"
    click(form, "Review")
    code = code_of(form)
    if action == "delete":
        field(form, "To delete 5 subscribers for good, type 5").value = "5"
    click(form, f"Confirm 5 {'deletes' if action == 'delete' else 'updates'}")
    assert form.results["outcome"].tolist() == ["done"] * 5
    assert state_of(box) != before
    made = run_by_hand(code, lambda client: {"subs": ef.load_subscribers(client, progress=False), "form": form})
    assert made == state_of(box)


@pytest.mark.parametrize("unticked", [slow([]), ["team0"], slow(["team0", "team1", "team2"])])
def test_the_code_of_the_plan_review_does_the_same(box, client, unticked):
    form = ef.widgets.plan_review(client, plan_of(client))
    for name in unticked:
        row(form, name).value = False
    click(form, "Review")
    code = code_of(form)
    (confirm,) = [part for part in parts(form) if str(getattr(part, "description", "")).startswith("Confirm")]
    click(form, confirm.description)
    assert state_of(box)["team0"][1] == ("old" if unticked else "new")
    assert state_of(box)["priya07"] == ("active", "new")
    assert run_by_hand(code, lambda client: {"plan": plan_of(client)}) == state_of(box)


def test_the_code_of_the_token_form_makes_tokens_too(client):
    form = ef.widgets.token_form(client)
    field(form, "Subscriber name").value = "team1"
    field(form, "Device id").value = "phone1"
    click(form, "Review")
    code = code_of(form)
    click(form, "Confirm 1 token")
    assert form.results["outcome"].tolist() == ["done"]
    assert form.results["access_token"].iloc[0].reveal() not in repr([part.get_state() for part in parts(form)])
    with tenant() as other:
        made = eval(code, {"ef": ef, "pd": pd, "client": other.connect()})
        assert made["outcome"].tolist() == ["done"]


def row(form, name):
    (box,) = [part for part in parts(form) if isinstance(part, ipw.Checkbox) and part.description == name]
    return box


# Nothing is done by halves, twice, or unseen.


def test_a_change_of_the_fields_takes_the_question_away(client):
    form = ef.widgets.create_form(client)
    field(form, "Subscriber name").value = "priya07"
    click(form, "Review")
    assert "Plan: 1 to create" in said(form)
    field(form, "Custom field").value = "x"
    assert "Plan: 1 to create" not in said(form)


def test_a_name_that_a_whole_listing_lacks_is_free_though_it_can_not_be_read_by_itself(box, client):
    fails = (500, b'{"response": {"code": 500, "status": "failure", "error_data": {"code": 1}}}')
    with spoiling_proxy(box.base_url, lambda line, _, said: fails if line.endswith("/priya07") else said) as url:
        hasty = Patience(deadline_s=0.02, first_wait_s=0.001, longest_wait_s=0.001)
        other = Client(replace(client.settings, base_url=url), patience=hasty)
        form = ef.widgets.create_form(other)
        field(form, "Subscriber name").value = "priya07"
        click(form, "Review")
        assert "Plan: 1 to create" in said(form)
        form = ef.widgets.edit_form(other, "priya07")
        assert form.wait(30)
        assert "There is no subscriber priya07. To create it" in said(form)


def test_what_is_typed_while_a_review_is_read_is_what_is_asked(box, client):
    form = ef.widgets.create_form(client)
    field(form, "Subscriber name").value = "pri"
    field(form, "Review").click()
    name = next(part for part in parts(form) if getattr(part, "description", None) == "Subscriber name")
    name.value = "priya07"  # the last letters come after the click
    assert form.wait(30)
    click(form, "Confirm 1 create")
    assert "priya07" in state_of(box)
    assert "pri" not in state_of(box)


def test_other_accounts_plans_and_frames_are_refused(box, client):
    with ef.Sandbox(subscribers=3, account_sid="another") as other:
        subs = ef.load_subscribers(other.connect(), progress=False)
        plan = ef.plan_changes(subs, subs[["subscriber_name"]].assign(custom_field="x"))
        with pytest.raises(StalePlanError, match="another"):
            ef.widgets.plan_review(client, plan)
        with pytest.raises(StalePlanError, match="another"):
            ef.widgets.cleanup_panel(client, subs)


def test_two_runs_through_a_form_are_both_in_its_results(client):
    form = ef.widgets.create_form(client)
    for name in ("priya07", "priya08"):
        field(form, "Subscriber name").value = name
        click(form, "Review")
        click(form, "Confirm 1 create")
    assert form.results["subscriber_name"].tolist() == ["priya07", "priya08"]
    assert form.results["run_id"].nunique() == 2


# Where widgets can't be shown.


def forms_of(client):
    subs = ef.load_subscribers(client, progress=False)
    return [
        ef.widgets.create_form(client),
        ef.widgets.edit_form(client),
        ef.widgets.cleanup_panel(client, subs),
        ef.widgets.findings_form(client, subs),
        ef.widgets.plan_review(client, plan_of(client)),
        ef.widgets.token_form(client),
    ]


def test_text_and_html_say_the_same_of_a_form(client):
    for form in forms_of(client):
        bundle = form._repr_mimebundle_()
        assert "application/vnd.jupyter.widget-view+json" in bundle
        words = " ".join(repr(form).split())
        assert bundle["text/plain"] == repr(form)
        assert " ".join(unescape(re.sub(r"<[^>]*>", " ", bundle["text/html"])).split()) == words
        assert words.startswith("SANDBOX account sandbox1 at 127.0.0.1")
        assert "Nothing has been done through this form yet." in words


def test_what_was_done_is_told_where_widgets_cannot_be_shown(client):
    form = ef.widgets.create_form(client)
    field(form, "Subscriber name").value = "priya07"
    click(form, "Review")
    click(form, "Confirm 1 create")
    assert "Done through this form: 1 row: 1 done." in repr(form)
    assert "Done through this form: 1 row: 1 done." in form._repr_mimebundle_()["text/html"]


# The parts.


def table(count=40, **options):
    names = [f"s{number}" for number in range(count)]
    sought = {"text": ""}
    made = CheckboxTable(
        names,
        find=lambda: np.flatnonzero([sought["text"] in name for name in names]),
        columns=TableColumns(
            heads=["position"],
            widths="1fr",
            cells=lambda positions: [[str(position)] for position in positions],
            sort_values=lambda _: pd.Series(range(count)),
        ),
        callbacks=Callbacks(print),
        **options,
    )
    return made, sought


def boxes(made):
    return [part for part in parts(made) if isinstance(part, ipw.Checkbox)]


def press(made, label):
    (found,) = [part for part in parts(made) if getattr(part, "description", None) == label]
    assert not found.disabled
    found.click()


def test_a_checkbox_table_shows_whole_pages_and_says_where_it_stands():
    made, _ = table(40)
    assert len(boxes(made)) == PAGE_ROWS
    assert "Rows 1 to 15 of 40. 0 ticked." in said(made)
    press(made, "Next page")
    press(made, "Next page")
    assert len(boxes(made)) == 10
    assert "Rows 31 to 40 of 40." in said(made)
    assert field(made, "Next page").disabled


def test_ticks_stay_when_the_search_and_the_page_change():
    made, sought = table(40)
    boxes(made)[3].value = True
    sought["text"] = "2"
    made.search()
    press(made, "Tick all 13 that match")
    assert "13 that match, of 40. 14 ticked (1 of them not in this search)." in said(made)
    sought["text"] = ""
    made.search()
    assert [at for at, box in enumerate(boxes(made)) if box.value] == [2, 3, 12]
    press(made, "Untick all 40")
    assert made.ticked.tolist() == []
    assert not any(box.value for box in boxes(made))


def test_a_tick_is_told_once_also_when_many_change():
    told = []
    made, _ = table(40, on_change=lambda: told.append(made.ticked.tolist()))
    press(made, "Tick all 40")
    boxes(made)[0].value = False
    assert told == [list(range(40)), list(range(1, 40))]


def test_a_click_on_its_way_to_an_old_page_ticks_nothing():
    made, _ = table(40)
    old = boxes(made)[0]
    press(made, "Next page")
    old.value = True
    assert made.ticked.tolist() in ([], [0])  # its own row at most, and never the one that took its place


def test_a_search_without_a_match_says_so():
    made, sought = table(40)
    sought["text"] = "nobody"
    made.search()
    assert "No row matches, of 40. 0 ticked." in said(made)


def test_one_thing_is_done_at_a_time_and_an_error_is_a_sentence():
    told, go = [], threading.Event()
    background = Background(told.append, told.append)
    background.start(lambda: go.wait(30), lambda _: told.append("done"))
    background.start(lambda: told.append("never"), lambda _: told.append("never"))
    go.set()
    assert background.wait(30)
    assert told == [True, "done", False]

    background.start(lambda: 1 / 0, told.append)
    assert background.wait(30)
    assert went_wrong("ZeroDivisionError: division by zero") in told[-1]
    assert told[-2] is False  # it can be used again


def test_a_run_that_went_on_replaces_what_was_known_of_it():
    log = ResultsLog()
    assert list(log.frame().columns) == list(schema.RESULTS)
    first = pd.DataFrame({"subscriber_name": ["bob", "eve"], "outcome": ["done", "not_sent"], "run_id": "r1"})
    log.add(first)
    log.add(first.assign(run_id="r2"))
    log.add(first.assign(outcome="done"))
    assert log.frame()[["run_id", "outcome"]].to_numpy().tolist() == [
        ["r1", "done"],
        ["r1", "done"],
        ["r2", "done"],
        ["r2", "not_sent"],
    ]


def test_a_frame_follows_a_run_in_its_order():
    subs = conform(pd.DataFrame({"subscriber_name": ["a", "b", "c"], "status": "active"}), "subscribers")
    done = pd.DataFrame(
        {
            "subscriber_name": ["b", "c", "d"],
            "action": ["update", "delete", "create"],
            "status": ["inactive", "active", "active"],
        }
    )
    assert apply_results(subs, done)[["subscriber_name", "status"]].to_numpy().tolist() == [
        ["d", "active"],
        ["a", "active"],
        ["b", "inactive"],
    ]


def test_a_form_and_its_results_tell_the_rows_of_the_file(box, client, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("subscriber_name,status,custom_field\nteam3,inactive,new\n,,\nteam1,active,new\nnobody9,active,\n")
    plan = ef.plan_changes(ef.load_subscribers(client, progress=False), ef.read_table(file))
    form = ef.widgets.plan_review(client, plan.iloc[::-1])  # in whatever order
    for told in ("row 2 of the file", "row 4 of the file", "row 5 of the file"):
        assert told in text_of(form)
    box.change("team1", custom_field="theirs")
    click(form, "Review")
    click(form, "Confirm 1 create and 2 updates")
    assert "row 4 team1" in " ".join(text_of(form).split())


def test_a_row_that_may_be_another_of_the_file_gets_no_number(box, client, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("subscriber_name,status\nteam3,inactive\nteam1,inactive\n")
    plan = ef.plan_changes(ef.load_subscribers(client, progress=False), ef.read_table(file))
    assert "of the file" not in text_of(ef.widgets.plan_review(client, plan.iloc[[1, 0]].reset_index(drop=True)))
