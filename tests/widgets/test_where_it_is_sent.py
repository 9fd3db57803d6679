"""LIVE or SANDBOX, the account and the profile's name stand wherever something could be sent."""

from __future__ import annotations

import io

import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames.cli import main
from tests.widgets.driver import text_of

SAID = "LIVE account sandbox1 at 127.0.0.1:{port}, profile production"


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def box(tmp_path, monkeypatch):
    """A service that the profile `production` names: nothing but its address could tell that it is none."""
    with ef.Sandbox(subscribers=40, seed=5) as made:
        client = made.connect()
        lines = [
            "[production]",
            f'api_key = "{client.settings.api_key.reveal()}"',
            f'api_token = "{client.settings.api_token.reveal()}"',
            f'account_sid = "{client.settings.account_sid}"',
            f'base_url = "{client.settings.base_url}"',
            f'journal = "{tmp_path / "journal"}"',
        ]
        profiles = tmp_path / "profiles.toml"
        profiles.write_text("\n".join(lines))
        profiles.chmod(0o600)
        monkeypatch.setenv("EXOTEL_PROFILES", str(profiles))
        made.add("gone1")
        yield made


@pytest.fixture
def said(box):
    return SAID.format(port=box.connect().settings.base_url.rpartition(":")[2])


@pytest.fixture
def plan(box):
    subs = ef.load_subscribers(ef.connect("production"), progress=False)
    return ef.plan_changes(subs, subs.head(3).assign(custom_field="new"))


@pytest.mark.parametrize("form", ef.widgets.__all__)
def test_every_form_says_where_it_sends(box, said, form, request):
    client, more = ef.connect("production"), []
    if form == "plan_review":
        more = [request.getfixturevalue("plan")]
    elif form == "cleanup_panel":
        more = [ef.load_subscribers(client, progress=False)]
    made = getattr(ef.widgets, form)(client, *more)
    assert said in " ".join(text_of(made).split())
    assert said in repr(made)  # where widgets can not be shown


def test_a_client_says_where_it_sends(box, said):
    assert said in repr(ef.connect("production"))


def test_a_plan_says_where_it_is_for(plan, said):
    shown = ef.show(plan)
    assert said in repr(shown)
    assert said.removeprefix("LIVE ") in shown._repr_html_()


def test_a_dry_run_says_where_it_would_be_sent(plan, said, capsys):
    results = ef.apply_plan(ef.connect("production"), plan, dry_run=True)
    assert said in capsys.readouterr().out
    assert said in repr(ef.show(results))


def test_a_question_of_the_command_line_says_where_it_is_sent(box, said, tmp_path, monkeypatch, capsys):
    pd.DataFrame({"subscriber_name": ["gone1"]}).to_csv(tmp_path / "gone.csv", index=False)
    monkeypatch.setattr("sys.stdin", Terminal("no\n"))
    code = main(["delete", str(tmp_path / "gone.csv"), "--max-deletes", "1", "--profile", "production"])
    assert code == 4
    assert f"{said}: this deletes 1 subscriber for good." in capsys.readouterr().err


@pytest.mark.parametrize("rest", [["update", "--dry-run"], ["delete", "--dry-run", "--max-deletes", "1"]])
def test_a_dry_run_of_the_command_line_says_where_it_would_be_sent(box, said, tmp_path, capsys, rest):
    file = tmp_path / "some.csv"
    pd.DataFrame({"subscriber_name": ["gone1"], "custom_field": ["x"]}).to_csv(file, index=False)
    assert main([rest[0], str(file), *rest[1:], "--profile", "production"]) in (0, 2)
    told = capsys.readouterr()
    assert said in told.out + told.err


def test_what_comes_from_no_profile_names_none(box):
    assert "profile" not in box.connect().settings.label
    assert box.connect().settings.label.startswith("SANDBOX account sandbox1 at 127.0.0.1:")
