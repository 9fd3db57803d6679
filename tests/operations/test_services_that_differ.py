"""Reading a service that differs from its document: complete and true, or refused, never silently short."""

import json

import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames.operations.lookup import read_current
from tests.api.raw_server import BOB, BRIEF, RawServer, answer, envelope, refusal
from tests.api.wording import EMPTY_FIRST_PAGE
from tests.operations.wording import NO_MOMENT
from tests.slow import but_slow, slow

ODD_PAGES = [
    {"page_cap": "clamped"},
    *({"links": links} for links in ("null", "absent", "absolute", "to_empty_page")),
    {"pages": "short"},
    *({"pages": "short", "links": links} for links in ("null", "absent")),
    *({"offset_past_end": past} for past in ("400", "404")),
    *({"links": "null", "offset_past_end": past} for past in ("400", "404")),
    *({"order": order} for order in ("oldest", "name")),
    {"order": "name", "links": "absent"},
    {"tenant_dates": "one_second"},
    {"extra_fields": "present"},
]


def load(box, **options):
    return ef.load_subscribers(box.connect(), progress=False, **options)


def names(box, status=None):
    return {row["subscriber_name"] for row in box.subscribers() if status in (None, row["status"])}


@pytest.mark.parametrize("behavior", ODD_PAGES, ids=str)
@pytest.mark.parametrize("rows", [slow(0), slow(40), 100, 430])
def test_a_listing_is_whole_whatever_its_pages_and_links_are_like(behavior, rows):
    with ef.Sandbox(subscribers=rows, behavior=behavior) as box:
        found = load(box)
        assert len(found) == rows
        assert set(found["subscriber_name"]) == names(box)


def test_a_first_page_that_stays_empty_and_names_a_next_one_is_refused_and_not_the_whole_tenant():
    told = pytest.raises(ef.UnstableListingError, match=EMPTY_FIRST_PAGE)
    with ef.Sandbox(subscribers=30, behavior={"pages": "empty_first"}) as box, told:
        load(box)


@pytest.mark.parametrize("rows", [50, 430])
@pytest.mark.parametrize("links", ["null", "absent", "paths"])
def test_pages_that_a_service_cuts_to_50_lose_nobody(rows, links):
    with ef.Sandbox(subscribers=rows, behavior={"page_cap": "clamped50", "links": links}) as box:
        assert set(load(box)["subscriber_name"]) == names(box)


@pytest.mark.parametrize(
    ("rows", "cap"),
    but_slow([(rows, cap) for rows in (0, 50, 130) for cap in (2, 7, 50, 99)], [(0, 2), (50, 50), (130, 7), (130, 99)]),
)
def test_a_service_that_refuses_full_pages_is_listed_whole(rows, cap):
    with ef.Sandbox(subscribers=rows, behavior={"page_cap": f"refused{cap}"}) as box:
        assert set(load(box)["subscriber_name"]) == names(box)
        assert set(load(box, status="active")["subscriber_name"]) == names(box, "active")


def test_a_refused_page_size_is_asked_for_once_and_never_again(tmp_path):
    with ef.Sandbox(subscribers=130, behavior={"page_cap": "refused50"}) as box:
        for _ in range(2):
            client = box.connect(journal=tmp_path)
            for _ in range(2):
                ef.load_subscribers(client, progress=False)
                ef.create_subscribers(client, pd.DataFrame({"subscriber_name": [f"n{len(box.log)}"]}), progress=False)
        assert [entry.http_code for entry in box.log if entry.http_code == 400] == [400]


@pytest.mark.parametrize("cap", ["clamped50", "refused50"])
def test_where_pages_are_smaller_a_listing_is_reckoned_with_as_many_requests_as_it_takes(tmp_path, cap):
    with ef.Sandbox(subscribers=430, behavior={"page_cap": cap}) as box:
        ef.load_subscribers(box.connect(journal=tmp_path), progress=False)
        for client in (box.connect(journal=tmp_path), box.connect(journal=tmp_path)):  # of later sessions
            before = len(box.log)
            asked = [row["subscriber_name"] for row in box.subscribers()[::80]]
            assert ef.get_subscribers(client, asked, progress=False)["outcome"].eq("done").all()
            assert len(box.log) - before == 7  # the question, and one each: a listing takes nine


def test_pages_that_have_become_larger_are_reckoned_with_again(tmp_path):
    with ef.Sandbox(subscribers=430, behavior={"page_cap": "clamped50"}) as box:
        ef.load_subscribers(box.connect(journal=tmp_path), progress=False)
    with ef.Sandbox(subscribers=430) as box:
        ef.load_subscribers(box.connect(journal=tmp_path), progress=False)
        before = len(box.log)
        asked = [row["subscriber_name"] for row in box.subscribers()[::60]]
        ef.get_subscribers(box.connect(journal=tmp_path), asked, progress=False)
        assert {entry.call for entry in box.log[before:]} == {"list"}


@pytest.mark.parametrize("faults", [{"drop_after": 1}, {"error_before": 1}, {"truncate": 1}], ids=str)
def test_lost_creates_are_looked_for_where_full_pages_are_refused(faults):
    with ef.Sandbox(subscribers=130, behavior={"page_cap": "refused50"}) as box:
        box.set_faults(**faults, only={"create"}, limit=1)
        sheet = pd.DataFrame({"subscriber_name": [f"n{row}" for row in range(12)]})
        found = ef.create_subscribers(box.connect(), sheet, progress=False)
    assert found["outcome"].tolist() == ["done"] * 12


@pytest.mark.parametrize("status", ["active", "inactive"])
@pytest.mark.parametrize("habit", ["ignored", "refused"])
def test_a_status_filter_that_is_not_applied_is_applied_here_and_told(habit, status):
    with ef.Sandbox(subscribers=150, behavior={"status_filter": habit}) as box:
        found = load(box, status=status)
        assert set(found["subscriber_name"]) == names(box, status)
        assert found["status"].eq(status).all()
        assert any("filter" in note for note in found.attrs["exotel_frames"]["notes"])


@pytest.mark.parametrize("refusal_of_ann", [(500, 1), (403, 1003), (200, None)])
def test_one_subscriber_that_cannot_be_read_by_itself_is_found_in_the_listing(refusal_of_ann):
    """The last one answers about somebody else, as a service does to which case means nothing."""
    code, reason = refusal_of_ann
    ann, bob = BOB | {"subscriber_name": "ann"}, BOB

    def act(peer):
        target = peer.server.requests[-1].target
        if "/subscribers/ann" in target:
            about_another = answer(200, envelope(BOB | {"subscriber_name": "Ann"}))
            peer.send(about_another if reason is None else answer(code, refusal(code, {"code": reason})))
        elif "/subscribers/bob" in target:
            peer.send(answer(200, envelope(bob)))
        else:
            last = {"next_page_uri": None, "first_page_uri": "/x"}
            one = [{"code": 200, "status": "success", "error_data": None, "data": each} for each in (ann, bob)]
            body = {"request_id": "1", "http_code": 200, "response": one, "metadata": last}
            peer.send(answer(200, json.dumps(body).encode()))

    with RawServer(act) as server:
        current = read_current(server.client(patience=BRIEF), ["ann", "bob"], progress=False)
    assert current["subscriber_name"].tolist() == ["ann", "bob"]


@pytest.mark.parametrize("dates", ["utc", "millis", "rfc2822", "epoch"])
def test_dates_of_another_form_are_the_same_moments(dates):
    with ef.Sandbox(subscribers=20, behavior={"dates": dates}) as box:
        found = load(box).set_index("subscriber_name")["date_created"]
        truth = {row["subscriber_name"]: pd.Timestamp(row["date_created"]) for row in box.subscribers()}
    assert found.to_dict() == truth
    assert found.notna().all()


def test_dates_without_an_offset_are_left_empty_and_told_since_they_may_be_hours_off():
    with ef.Sandbox(subscribers=120, behavior={"dates": "no_offset"}) as box:
        found = load(box)
    assert len(found) == 120
    assert found["date_created"].isna().all()
    assert f"120 date_createds {NO_MOMENT}" in found.attrs["exotel_frames"]["notes"][0]


def test_a_custom_field_that_is_no_text_is_shown_as_json_and_marked():
    with ef.Sandbox(subscribers=0, behavior={"custom_field_type": "json"}) as box:
        for at, text in enumerate(("7", "true", '{"team": "night"}', "[1, 2]", "plain")):
            box.add(f"s{at}", custom_field=text)
        found = load(box).set_index("subscriber_name")["custom_field"]
        one = box.connect().get("s2").data
        marked = load(box).attrs["exotel_frames"]["not_editable"]
    assert found.to_dict() == {"s0": "7", "s1": "true", "s2": '{"team":"night"}', "s3": "[1,2]", "s4": "plain"}
    assert one.custom_field == '{"team":"night"}'
    assert marked == ["s0", "s1", "s2", "s3"]


@pytest.mark.parametrize("name", ["amit_k", "a" * 25, "name with space", "a/b", "ünï", "50%", "what?x=1#y", "..x"])
def test_a_name_of_any_form_that_exists_can_be_read_updated_and_deleted(name):
    with ef.Sandbox(subscribers=0) as box:
        box.add("ann", name)
        client = box.connect()
        assert client.get(name).data.subscriber_name == name
        assert client.update(name, status="inactive").data.status == "inactive"
        client.delete(name)
        assert names(box) == {"ann"}


def test_a_name_of_any_form_is_read_where_it_exists_and_invalid_where_it_does_not():
    with ef.Sandbox(subscribers=0) as box:
        box.add("amit_k", "a/b", "x" * 25)
        asked = ["amit_k", "a/b", "x" * 25, "priya_s", "..", "y" * 2000]
        found = ef.get_subscribers(box.connect(), asked, progress=False)
    assert found["outcome"].tolist() == ["done"] * 3 + ["invalid"] * 3
    assert found["subscriber_name"].tolist()[:3] == asked[:3]


@pytest.mark.parametrize("name", ["", ".", "..", "\ud800", None, "x" * 2000])
def test_what_no_path_can_carry_is_refused(name):
    with ef.Sandbox(subscribers=1) as box:
        before = box.requests
        for call in (box.connect().get, box.connect().delete):
            with pytest.raises(ef.ValidationError):
                call(name)
        assert box.requests == before


def test_a_refusal_that_carries_the_items_gives_them_with_the_error():
    items = [
        {"code": 409, "status": "failure", "data": None, "error_data": {"code": 1008, "message": "Duplicate"}},
        {"code": 200, "status": "success", "error_data": None, "data": BOB},
    ]
    body = json.dumps({"request_id": "1", "http_code": 400, "response": items})
    with RawServer(answer(400, body.encode())) as server, pytest.raises(ef.RejectedError, match="Duplicate") as told:
        server.client().get("bob")
    assert [item.code for item in told.value.items] == [409, 200]
    assert told.value.items[1].data.subscriber_name == "bob"


@pytest.mark.parametrize("text", ["\x1b]0;pwned\x07", "a\r\n600 rows: 600 done", "\u202egnp.exe", "\u2028next"])
def test_what_the_service_says_reaches_no_terminal_raw(text):
    error = {"code": 1002, "message": text, "description": text}
    with RawServer(answer(400, refusal(400, error))) as server, pytest.raises(ef.RejectedError) as told:
        server.client().get("bob")
    for shown in (str(told.value), told.value.reason, told.value.description):
        assert shown.isprintable()
        assert text not in shown
