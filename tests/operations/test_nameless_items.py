"""One item of a listing that names nobody: everybody else is listed, and what could not be read is told."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace

import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames.api.client import Client
from exotel_frames.operations.lookup import read_current
from tests.operations.mutating_proxy import spoiling_proxy

WITHOUT_NAME = {
    "absent": lambda item: item["data"].pop("subscriber_name"),
    "null": lambda item: item["data"].update(subscriber_name=None),
    "empty": lambda item: item["data"].update(subscriber_name=""),
    "object": lambda item: item["data"].update(subscriber_name={"en": "bob"}),
    "no data": lambda item: item.update(data=None),
    "text": lambda item: item.update(data="bob"),
    "failed": lambda item: item.update(code=500, status="failure", data=None, error_data={"code": 1, "message": "x"}),
    "no code": lambda item: item.pop("code"),
    "bare": lambda item: item.clear(),
}
NOTE = "1 item of the listing can't be read (no name or failed): not in the frame."


@contextmanager
def account(rows, hidden, how="absent"):
    """Give a sandbox and a client to whom the listings of one subscriber, by place, have no name."""
    with ef.Sandbox(subscribers=rows, seed=3) as box:
        name = box.subscribers()[hidden]["subscriber_name"]

        def spoil(line, status, content):
            if "/subscribers?" not in line or status != 200:
                return content
            page = json.loads(content)
            for item in page["response"]:
                if item["data"]["subscriber_name"] == name:
                    WITHOUT_NAME[how](item)
            return json.dumps(page).encode()

        with spoiling_proxy(box.base_url, spoil) as url:
            yield box, Client(replace(box.connect().settings, base_url=url)), name


def others(box, name):
    return {row["subscriber_name"] for row in box.subscribers()} - {name}


@pytest.mark.parametrize("how", WITHOUT_NAME)
def test_everybody_else_is_listed_once_and_what_could_not_be_read_is_told(how):
    with account(230, 93, how) as (box, client, name):  # on two pages, where they overlap
        found = ef.load_subscribers(client, progress=False)
        assert found["subscriber_name"].is_unique
        assert set(found["subscriber_name"]) == others(box, name)
        assert found.attrs["exotel_frames"]["notes"] == [NOTE]


@pytest.mark.parametrize("place", [0, 99, 229])
def test_it_may_be_the_first_or_the_last_one(place):
    with account(230, place) as (box, client, name):
        found = ef.load_subscribers(client, progress=False)
        assert set(found["subscriber_name"]) == others(box, name)
        assert found.attrs["exotel_frames"]["notes"] == [NOTE]


def test_a_listing_of_a_status_is_filtered_and_told_as_well():
    with account(230, 93) as (box, client, name):
        status = next(row["status"] for row in box.subscribers() if row["subscriber_name"] == name)
        found = ef.load_subscribers(client, status=status, progress=False)
        assert set(found["subscriber_name"]) == {
            row["subscriber_name"] for row in box.subscribers() if row["status"] == status
        } - {name}
        assert found.attrs["exotel_frames"]["notes"] == [NOTE]


def test_a_page_of_nothing_that_is_a_subscriber_is_no_page_of_this_api():
    with ef.Sandbox(subscribers=5) as box, spoiling_proxy(box.base_url, all_nameless) as url:
        client = Client(replace(box.connect().settings, base_url=url))
        with pytest.raises(ef.BadReplyError, match="on which no item is a subscriber"):
            ef.load_subscribers(client, progress=False)


def all_nameless(_, __, content):
    page = json.loads(content)
    for item in page["response"]:
        item["data"] = None
    return json.dumps(page).encode()


def test_nobody_else_is_held_up_where_the_newest_has_no_name():
    with account(230, 0) as (_, client, __):
        results = ef.create_subscribers(client, pd.DataFrame({"subscriber_name": ["fresh1"]}), progress=False)
        assert results["outcome"].tolist() == ["done"]


def test_who_is_not_in_such_a_listing_is_looked_for_by_name_before_he_is_called_absent():
    with account(150, 93) as (box, client, name):
        asked = [name, "nobody1", *sorted(others(box, name))[:3]]
        found = ef.get_subscribers(client, asked, progress=False)
        assert found["outcome"].tolist() == ["done", "rejected", "done", "done", "done"]
        assert found["http_code"].iloc[1] == 404  # the service itself has said so
        current = read_current(client, asked, progress=False)
        assert set(asked) & set(current["subscriber_name"]) == {*asked} - {"nobody1"}
        assert current.attrs["exotel_frames"]["tenant_rows"] == 149  # a share is never of more than could be read


def test_he_is_updated_and_not_created_by_a_workbook_that_names_him(tmp_path):
    with account(150, 93) as (box, client, name):
        sheet = pd.DataFrame({"subscriber_name": [name, *sorted(others(box, name))[:3]], "custom_field": "moved"})
        sheet.to_csv(tmp_path / "sheet.csv", index=False)
        plan = ef.plan_workbook(client, tmp_path / "sheet.csv", progress=False)
        assert plan["action"].tolist() == ["update"] * 4
        account_sid = client.settings.account_sid
        results = ef.apply_plan(client, plan, account=account_sid, progress=False)
        assert results["outcome"].tolist() == ["done"] * 4
