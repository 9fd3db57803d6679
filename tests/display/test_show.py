"""One verb shows whatever wants a reader: in a notebook as HTML, in a terminal as text."""

import pandas as pd
import pytest

import exotel_frames as ef

EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def frames():
    with ef.Sandbox(subscribers=3, seed=1) as box:
        client = box.connect()
        subs = ef.load_subscribers(client, progress=False)
        wanted = subs[["subscriber_name"]].assign(custom_field=EVIL)
        plan = ef.plan_changes(subs, wanted)
        yield {
            "plan": plan,
            "results": ef.create_subscribers(client, subs, progress=False),
            "tokens": ef.create_tokens(
                client,
                pd.DataFrame([{"subscriber_name": "nobody", "platform": "ios", "device_id": "d1"}]),
                progress=False,
            ),
            "problems": ef.validate_names(["a b", EVIL]),
            "subscribers": subs,
        }


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("plan", "Plan: 0 to create, 3 to update, 0 to delete"),
        ("results", "3 rows: 3 rejected (1008 Duplicate resource)"),
        ("tokens", "1 row: 1 rejected"),
        ("problems", "3 problems in 2 rows"),
    ],
)
def test_each_kind_of_frame_is_told_by_its_columns(frames, kind, said):
    shown = ef.show(frames[kind])
    assert said in repr(shown)
    assert said in shown._repr_html_()


@pytest.mark.parametrize("kind", ["plan", "problems"])
def test_what_a_value_holds_is_no_markup(frames, kind):
    html = ef.show(frames[kind])._repr_html_()
    assert "<img" not in html
    assert "&lt;img" in html


def test_the_account_stands_on_top(frames):
    assert repr(ef.show(frames["plan"])).startswith("SANDBOX account sandbox1")
    assert ">SANDBOX</strong>" in ef.show(frames["results"])._repr_html_()


def test_rows_that_are_not_shown_are_counted(frames):
    assert "… and 2 more updates" in repr(ef.show(frames["plan"], max_rows=1))


@pytest.mark.parametrize("other", [pd.DataFrame({"a": [1]}), pd.DataFrame(), [1, 2], None])
def test_what_is_none_of_these_is_refused_with_what_it_is(other):
    with pytest.raises(ef.ValidationError, match=f"show.. takes plans.*this {type(other).__name__} has the columns"):
        ef.show(other)


def test_a_client_shows_where_it_works_and_no_secret():
    with ef.Sandbox(subscribers=0, rate_limit=200) as box:
        client = box.connect(workers=3)
        before = client._repr_html_()
        client.list_page()
        after = client._repr_html_()
    assert ">SANDBOX</strong> account sandbox1" in before
    assert "no rate limit known yet, 3 at once, 30 s a request" in before
    assert "200 requests a minute" in after
    assert not [secret for secret in (box.api_key, box.api_token) if secret in before + after + repr(client)]
