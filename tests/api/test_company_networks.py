"""Company networks: an own certificate authority, a proxy that wants a password, login pages and web firewalls."""

import re

import pytest

import exotel_frames as ef
from exotel_frames.api.client import Client
from exotel_frames.api.rate_limit import Limiter
from exotel_frames.cli import main
from exotel_frames.settings.sources import ENVIRONMENT, load_settings
from tests.api.company_network import Proxy, TlsFront, make_authority
from tests.api.raw_server import ACCOUNT, BRIEF, HASTY, KEY, TOKEN, RawServer, answer, envelope

WHO = {"api_key": KEY, "api_token": TOKEN, "account_sid": ACCOUNT}
HTML = b"<!DOCTYPE html><html><body>Please sign in</body></html>"
WHOLE = answer(200, envelope())


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    for name in [*ENVIRONMENT.values(), "EXOTEL_PROFILE"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("EXOTEL_PROFILES", str(tmp_path / "profiles.toml"))


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def proxy():
    with Proxy("joe:proxypw") as made:
        yield made


def client_of(base_url, patience=HASTY, **options):
    return Client(load_settings(**WHO, base_url=base_url, **options), limiter=Limiter(), patience=patience)


def test_an_authority_that_nobody_knows_is_refused_with_the_next_step(authority):
    with RawServer(WHOLE, tls=authority[1]) as server, pytest.raises(ef.NotSentError, match="ca_bundle=") as told:
        client_of(server.base_url).get("bob")
    assert "trust store" in str(told.value)
    assert server.requests == []


@pytest.mark.parametrize("way", ["argument", "variable", "profile"])
def test_an_own_authority_can_be_named_in_each_way(authority, way, monkeypatch, tmp_path):
    options = {"ca_bundle": authority[0]} if way == "argument" else {}
    if way == "variable":
        monkeypatch.setenv("EXOTEL_CA_BUNDLE", str(authority[0]))
    if way == "profile":
        (tmp_path / "profiles.toml").write_text(f'[default]\nca_bundle = "{authority[0].as_posix()}"\n')
        (tmp_path / "profiles.toml").chmod(0o600)
    with RawServer(WHOLE, tls=authority[1]) as server:
        assert client_of(server.base_url, **options).get("bob").data.subscriber_name == "bob"


def test_the_system_s_own_trust_store_is_asked(authority, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority[0]))  # what OpenSSL takes for the system's
    with RawServer(WHOLE, tls=authority[1]) as server:
        assert client_of(server.base_url).get("bob").http_code == 200


@pytest.mark.parametrize("bundle", [False, "nowhere.pem", 7])
def test_checking_certificates_can_not_be_switched_off(bundle, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ef.SettingsError, match="ca_bundle"):
        ef.connect(**WHO, stamp="mum", ca_bundle=bundle)


def test_a_bundle_without_a_certificate_is_refused_before_anything_is_sent(tmp_path):
    path = tmp_path / "notes.pem"
    path.write_text("no certificate")
    with pytest.raises(ef.SettingsError, match="holds no certificate in PEM form"):
        ef.connect(**WHO, stamp="mum", ca_bundle=path)


def test_a_request_goes_through_a_proxy_with_a_password_under_an_own_authority(authority, proxy, tmp_path):
    with RawServer(WHOLE, tls=authority[1]) as server:
        path = tmp_path / "profiles.toml"
        path.write_text(
            f'[work]\napi_key = "{KEY}"\napi_token = "{TOKEN}"\naccount_sid = "{ACCOUNT}"\n'
            f'base_url = "{server.base_url}"\nca_bundle = "{authority[0].as_posix()}"\n'
            f'proxy = "http://joe:proxypw@{proxy.address}"\ntimeout_s = 7.5\nrequests_per_minute = 100\n'
        )
        path.chmod(0o600)
        client = ef.connect("work")
        assert client.get("bob").data.subscriber_name == "bob"
    assert proxy.tunnels == 1
    assert (client.settings.timeout_s, client.settings.requests_per_minute) == (7.5, 100)


def test_the_command_line_needs_a_profile_alone_for_all_of_it(authority, proxy, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "new.csv").write_text("subscriber_name,custom_field\nnewbie,north\nnot legal,north\n")
    with ef.Sandbox(subscribers=120) as box, TlsFront(authority[1], box.base_url) as front:
        path = tmp_path / "profiles.toml"
        path.write_text(
            f'[work]\napi_key = "{box.api_key}"\napi_token = "{box.api_token}"\naccount_sid = "{box.account_sid}"\n'
            f'base_url = "{front.base_url}"\nca_bundle = "{authority[0].as_posix()}"\n'
            f'proxy = "http://joe:proxypw@{proxy.address}"\njournal = "{(tmp_path / "runs").as_posix()}"\n'
        )
        path.chmod(0o600)
        assert main(["load", "--profile", "work", "-o", "tenant.csv"]) == 0
        assert main(["create", "new.csv", "--profile", "work"]) == 3  # one of its two rows is broken
        assert main(["results", "--profile", "work", "-o", "results.csv"]) == 3
        assert "newbie" in {row["subscriber_name"] for row in box.subscribers()}
        assert len((tmp_path / "tenant.csv").read_text().splitlines()) == 121
    assert proxy.tunnels
    assert list((tmp_path / "runs").glob("*.sqlite3"))
    told = "".join(capsys.readouterr())
    assert f"LIVE account {box.account_sid} at {front.address}" in told
    assert "proxypw" not in told


@pytest.mark.parametrize("who", ["", "joe:wrong@"])
def test_a_proxy_that_wants_another_password_says_so_and_nothing_was_sent(authority, proxy, who):
    with (
        RawServer(WHOLE, tls=authority[1]) as server,
        pytest.raises(ef.NotSentError, match=r"407.*EXOTEL_PROXY") as told,
    ):
        client_of(server.base_url, BRIEF, ca_bundle=authority[0], proxy=f"http://{who}{proxy.address}").get("bob")
    assert "wrong" not in str(told.value)
    assert server.requests == []


BETWEEN = {
    "a captive portal": (answer(200, HTML, "Content-Type: text/html"), ef.BadReplyError, "sign in"),
    "a portal by its code": (answer(511, HTML, "Content-Type: text/html"), ef.BadReplyError, "sign in"),
    "a page without a type": (answer(200, b"\n <HTML>welcome"), ef.BadReplyError, "sign in"),
    "a redirect": (
        answer(302, b"", "Location: https://login.corp/x?a=1"),
        ef.BadReplyError,
        "redirected to login.corp",
    ),
    "a web firewall": (answer(403, HTML, "Content-Type: text/html"), ef.BadReplyError, "web firewall"),
    "a proxy for plain addresses": (answer(407, b""), ef.BadReplyError, "proxy requires a name and password"),
}


@pytest.mark.parametrize(("said", "error", "sentence"), BETWEEN.values(), ids=BETWEEN)
def test_what_stands_in_between_gets_a_sentence_with_the_next_step(said, error, sentence):
    with RawServer(said) as server, pytest.raises(error, match=sentence) as told:
        server.client().get("bob")
    assert not isinstance(told.value, ef.AuthError)
    assert "Please sign in" not in str(told.value)


def test_a_403_of_the_service_itself_is_still_an_auth_error():
    body = b'{"http_code": 403, "response": {"code": 403, "status": "failure", "error_data": {"code": 1003}}}'
    with RawServer(answer(403, body)) as server, pytest.raises(ef.AuthError):
        server.client().get("bob")


def test_requests_say_who_asks():
    with RawServer(WHOLE) as server:
        server.client().get("bob")
        assert re.fullmatch(r"exotel-frames/\d[\w.]* \(\+python 3\.[\w.]+\)", server.requests[0].headers["user-agent"])


@pytest.mark.parametrize(
    ("field", "text", "value"), [("timeout_s", "2.5", 2.5), ("requests_per_minute", "90", 90), ("workers", "3", 3)]
)
def test_a_number_can_be_a_variable(monkeypatch, field, text, value):
    monkeypatch.setenv(ENVIRONMENT[field], text)
    assert getattr(ef.connect(**WHO, stamp="mum").settings, field) == value
    monkeypatch.setenv(ENVIRONMENT[field], "many")
    with pytest.raises(ef.SettingsError, match=f"{field} is 'many'"):
        ef.connect(**WHO, stamp="mum")


@pytest.mark.parametrize(("mode", "may"), [(0o622, "change"), (0o644, "read"), (0o666, "read and change")])
def test_a_profile_that_others_may_change_gives_a_warning(tmp_path, mode, may):
    path = tmp_path / "profiles.toml"
    path.write_text("[default]\n")
    path.chmod(mode)
    with pytest.warns(UserWarning, match=f"can {may} .*chmod 600"):
        ef.connect(**WHO, stamp="mum")
