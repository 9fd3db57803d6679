"""Company networks: an own certificate authority, a proxy that wants a password, login pages and web firewalls."""

import base64
import re
import socket
import ssl
import threading

import pytest
import trustme

import exotel_frames as ef
from exotel_frames.api.client import Client
from exotel_frames.api.rate_limit import Limiter
from exotel_frames.settings.sources import ENVIRONMENT, load_settings
from tests.api.raw_server import ACCOUNT, HASTY, KEY, TOKEN, RawServer, answer, envelope

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
    """Return a company's certificate authority: its file, and a server's context with a certificate of it."""
    made = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.issue_cert("127.0.0.1").configure_cert(context)
    path = tmp_path_factory.mktemp("authority") / "company.pem"
    made.cert_pem.write_to_path(str(path))
    return path, context


class Proxy:
    """A proxy that tunnels for whoever gives its password."""

    def __init__(self, password: str) -> None:
        self.wanted = "Basic " + base64.b64encode(password.encode()).decode()
        self.tunnels = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with sock:
            head = b""
            while b"\r\n\r\n" not in head:
                head += sock.recv(4096)
            if self.wanted.encode() not in head:
                sock.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
                return
            host, port = re.match(rb"CONNECT ([^:]+):(\d+)", head).groups()
            with socket.create_connection((host.decode(), int(port))) as other:
                self.tunnels += 1
                sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=self._pump, args=(other, sock), daemon=True)
                back.start()
                self._pump(sock, other)
                back.join()

    @staticmethod
    def _pump(source: socket.socket, target: socket.socket) -> None:
        try:
            while part := source.recv(65536):
                target.sendall(part)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass


@pytest.fixture
def proxy():
    made = Proxy("joe:proxypw")
    yield made
    made.close()


def client_of(base_url, **options):
    return Client(load_settings(**WHO, base_url=base_url, **options), limiter=Limiter(), patience=HASTY)


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


@pytest.mark.parametrize("who", ["", "joe:wrong@"])
def test_a_proxy_that_wants_another_password_says_so_and_nothing_was_sent(authority, proxy, who):
    with (
        RawServer(WHOLE, tls=authority[1]) as server,
        pytest.raises(ef.NotSentError, match=r"407.*EXOTEL_PROXY") as told,
    ):
        client_of(server.base_url, ca_bundle=authority[0], proxy=f"http://{who}{proxy.address}").get("bob")
    assert "wrong" not in str(told.value)
    assert server.requests == []


BETWEEN = {
    "a captive portal": (answer(200, HTML, "Content-Type: text/html"), ef.BadReplyError, "sign in"),
    "a portal by its code": (answer(511, HTML, "Content-Type: text/html"), ef.BadReplyError, "sign in"),
    "a page without a type": (answer(200, b"\n <HTML>welcome"), ef.BadReplyError, "sign in"),
    "a redirect": (answer(302, b"", "Location: https://login.corp/x?a=1"), ef.BadReplyError, "redirect to login.corp"),
    "a web firewall": (answer(403, HTML, "Content-Type: text/html"), ef.BadReplyError, "web firewall"),
    "a proxy for plain addresses": (answer(407, b""), ef.BadReplyError, "proxy asks for a name and password"),
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
