"""Nobody sees the key, the token, their pair or a device's tokens who does not ask: whole runs, then a search."""

import base64
import copy
import json
import logging
import pickle
import random
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import keyring
import keyring.backends.fail
import pandas as pd
import pytest
from IPython.core.ultratb import VerboseTB

import exotel_frames as ef
from exotel_frames.api.client import Client
from exotel_frames.api.rate_limit.limiter import Limiter
from exotel_frames.api.retry import Patience
from exotel_frames.api.wire.transport import Request, Transport
from exotel_frames.settings.sources import ENVIRONMENT, settings_from
from tests.api.raw_server import KEY, TOKEN, RawServer, answer, envelope
from tests.ctrl_c import ctrl_c_when
from tests.slow import but_slow

PAIR = base64.b64encode(f"{KEY}:{TOKEN}".encode()).decode()
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJib2IifQ.wJ4dQ9sIgNaTuRe"
MADE = envelope({"subscriber_name": "bob", "subscriber_token": {"refresh_token": "r" + JWT, "access_token": "a" + JWT}})
SECRETS = {KEY, TOKEN, PAIR, JWT}
FAULTS = dict.fromkeys(("drop_before", "drop_after", "error_before", "error_after", "truncate", "short"), 0.08)
HASTY = Patience(deadline_s=0.1, first_wait_s=0.001, longest_wait_s=0.001)
verbose = VerboseTB(theme_name="nocolor", tb_offset=0)


def assert_silent(text: str | bytes, also: set[str] = frozenset()) -> None:
    for secret in SECRETS | also:
        assert (secret.encode() if isinstance(text, bytes) else secret) not in text


def traceback_of(problem: BaseException) -> str:
    """Return what IPython prints after `%xmode Verbose`: every frame of ours and below, with its variables."""
    trace = problem.__traceback__
    while "/exotel_frames/" not in trace.tb_frame.f_code.co_filename:
        trace = trace.tb_next
    text = verbose.text(type(problem), problem, trace, context=5)
    assert "/exotel_frames/" in text
    return text


@pytest.fixture
def logs(caplog):
    for name in ("", "urllib3", "requests", "exotel_frames", "http.client"):
        caplog.set_level(logging.DEBUG, logger=name)  # "" is the root: set twice, it would be put back to DEBUG
    return caplog


@contextmanager
def guarded_box(tmp_path: Path, **options) -> Iterator[ef.Sandbox]:
    options = {"subscribers": 60, "seed": 5, "state": tmp_path / "truth.db"} | options
    with ef.Sandbox(api_key=KEY, api_token=TOKEN, **options) as box:
        yield box


def test_whole_runs_under_faults_leave_no_secret_behind(tmp_path, logs, capsys):
    with guarded_box(tmp_path) as box:
        client = box.connect(journal=tmp_path / "journal", timeout_s=2.0)
        subs = ef.load_subscribers(client, progress=False)
        box.set_faults(FAULTS)
        names = [f"n{row:03d}" for row in range(40)]
        devices = pd.DataFrame({"subscriber_name": [*names[:8], "nobody"], "platform": "ios", "device_id": "d1"})
        shown = [
            subs,
            ef.create_subscribers(client, pd.DataFrame({"subscriber_name": names, "custom_field": "x"})),
            ef.update_subscribers(
                client, subs[["subscriber_name"]].head(20).assign(custom_field="moved"), current=subs
            ),
            ef.delete_subscribers(client, names[20:], max_deletes=20),
            tokens := ef.create_tokens(client, devices),
            ef.list_runs(client),
            ef.read_results(client),
        ]
        box.set_faults()
        made = {secret.reveal() for column in ("access_token", "refresh_token") for secret in tokens[column].dropna()}
        assert len(made) >= 10
        for frame in shown:
            for text in (repr(frame), frame.to_string(), frame.to_csv(), frame.to_html(), str(frame.attrs)):
                assert_silent(text, made)
        assert_silent(tokens.to_json(default_handler=str, date_format="iso"), made)
        for thing in (client, client.settings, client.limiter, client._transport, vars(client), vars(client.settings)):
            assert_silent(f"{thing!r} {thing!s}", made)
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert {"-wal", "-shm"} <= {path.name[-4:] for path in files}
        for path in files:
            assert_silent(path.read_bytes(), made)
        for frame in shown:
            if frame is tokens:
                with pytest.raises(TypeError, match="be pickled"):
                    pickle.dumps(frame)
            else:
                assert_silent(pickle.dumps(frame), made)
    printed = capsys.readouterr()
    assert "done" in printed.out
    assert_silent(printed.out + printed.err, made)
    assert "POST /v2/accounts" in logs.text, "urllib3 logs each request; if it does not, this proves nothing"
    assert_silent(logs.text, made)


def failing_client(base_url: str, **options) -> Client:
    who = {"api_key": KEY, "api_token": TOKEN, "account_sid": "acme1", "base_url": base_url, "timeout_s": 0.2}
    return Client(settings_from(**(who | options)), limiter=Limiter(), patience=HASTY)


def refused() -> None:
    failing_client("http://127.0.0.1:9").get("bob")


def refused_by_the_proxy() -> None:
    failing_client("https://exotel.example", proxy=f"http://{KEY}:{TOKEN}@127.0.0.1:9").get("bob")


def answering(*acts) -> Callable[[], None]:
    def call() -> None:
        with RawServer(*acts) as server:
            failing_client(server.base_url).create_token("bob", platform="ios", device_id="d")

    return call


def loading(*acts) -> Callable[[], None]:
    def call() -> None:
        with RawServer(*acts) as server:
            ef.load_subscribers(failing_client(server.base_url), progress=False)

    return call


def interrupting(peer) -> None:
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
    peer.hang()


def closing(peer) -> None:
    peer.close()


FAILURES = {
    "NotSentError": (refused, ef.NotSentError),
    "NotSentError at a proxy": (refused_by_the_proxy, ef.NotSentError),
    "OutcomeUnknownError, closed": (answering(closing), ef.OutcomeUnknownError),
    "OutcomeUnknownError, silent": (answering(lambda peer: peer.hang()), ef.OutcomeUnknownError),
    "OutcomeUnknownError, cut": (answering(answer(200, MADE, length=len(MADE) + 9)), ef.OutcomeUnknownError),
    "BadReplyError, cut": (answering(answer(200, MADE[:-9])), ef.BadReplyError),
    "BadReplyError, of the wrong shape": (answering(answer(200, MADE.replace(b'"acc', b'"Acc'))), ef.BadReplyError),
    "BadReplyError, of somebody else": (answering(answer(200, MADE.replace(b'"bob"', b'"eve"'))), ef.BadReplyError),
    "RejectedError": (answering(answer(418, MADE)), ef.RejectedError),
    "BadReplyError in a listing": (loading(answer(200, MADE)), ef.BadReplyError),
    "AuthError": (answering(answer(401, MADE)), ef.AuthError),
    "ServerError in a listing": (loading(answer(503, MADE)), ef.ServerError),
    "OutcomeUnknownError in a listing": (loading(closing), ef.OutcomeUnknownError),
    "KeyboardInterrupt": (answering(interrupting), KeyboardInterrupt),
    "KeyboardInterrupt in a listing": (loading(interrupting), KeyboardInterrupt),
}


@pytest.mark.parametrize(
    "failure",
    but_slow(FAILURES, ["NotSentError", "OutcomeUnknownError, cut", "BadReplyError in a listing", "KeyboardInterrupt"]),
)
def test_a_verbose_traceback_shows_no_secret(failure):
    call, kind = FAILURES[failure]
    with pytest.raises(kind) as caught:
        call()
    text = traceback_of(caught.value)
    assert_silent(text)
    assert_silent(f"{caught.value!r} {caught.value!s} {vars(caught.value)}")
    assert_silent(pickle.dumps(caught.value))
    assert_ours(caught.value)


def assert_ours(problem: BaseException) -> None:
    for frame in frames_of(problem):
        assert "site-packages" not in frame.f_code.co_filename, "a library's frame holds the header"


def frames_of(problem: BaseException) -> Iterator:
    seen, todo = set(), [problem]
    while todo:
        each = todo.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        todo += [each.__cause__, each.__context__]
        trace = each.__traceback__
        while trace:
            yield trace.tb_frame
            trace = trace.tb_next


def test_a_pickled_error_comes_back_whole():
    with pytest.raises(ef.AuthError) as caught:
        answering(answer(401, b'{"response": {"error_data": {"code": 1010, "message": "m"}}}'))()
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again), vars(again)) == (ef.AuthError, str(caught.value), vars(caught.value))
    assert copy.copy(again).code == 1010


def broken_profile(path: Path) -> None:
    path.write_text(f"[default]\napi_key = {KEY}\napi_token = '{TOKEN}'\n")


def misspelt_profile(path: Path) -> None:
    path.write_text(f"[default]\napi_key = '{KEY}'\napi_tokn = '{TOKEN}'\n")


def loose_profile(path: Path) -> None:
    path.write_text(f"api_key = '{KEY}'\napi_token = '{TOKEN}'\n")


def half_a_profile(path: Path) -> None:
    path.write_text(f"[default]\napi_key = '{KEY}'\napi_token = '{TOKEN}'\nstamp = 'mars'\naccount_sid = 'a'\n")


def open_profile(path: Path) -> None:
    path.write_text(f"[default]\napi_key = '{KEY}'\napi_token = '{TOKEN}'\nstamp = 'mum'\naccount_sid = 'a'\n")
    path.chmod(0o644)


@pytest.mark.parametrize("write", [broken_profile, misspelt_profile, loose_profile, half_a_profile, open_profile])
def test_a_profile_that_fails_shows_no_secret(tmp_path, monkeypatch, write):
    for name in ENVIRONMENT.values():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("EXOTEL_PROFILES", str(tmp_path / "profiles.toml"))
    write(tmp_path / "profiles.toml")
    (tmp_path / "profiles.toml").chmod((tmp_path / "profiles.toml").stat().st_mode & 0o777)
    if write is not open_profile:
        (tmp_path / "profiles.toml").chmod(0o600)
    with pytest.raises((ef.SettingsError, UserWarning)) as caught:
        ef.connect()
    assert_silent(traceback_of(caught.value))
    assert_no_local_shows(caught.value)


def test_bad_settings_show_no_secret(monkeypatch):
    monkeypatch.setenv("EXOTEL_API_KEY", KEY + "\n:" + KEY)
    monkeypatch.setenv("EXOTEL_API_TOKEN", TOKEN + " " + TOKEN)
    monkeypatch.setenv("EXOTEL_ACCOUNT_SID", "a b")
    monkeypatch.setenv("EXOTEL_BASE_URL", f"https://{KEY}:{TOKEN}@exotel.example")
    with pytest.raises(ef.SettingsError) as caught:
        ef.connect(proxy=ef.Secret(f"http://{KEY}:{TOKEN}@"))
    assert_silent(str(caught.value))
    assert_silent(traceback_of(caught.value))
    assert_no_local_shows(caught.value)


def test_a_keyring_that_fails_shows_no_secret(monkeypatch):
    class Leaky(keyring.backends.fail.Keyring):
        def get_password(self, service: str, username: str) -> str:
            raise RuntimeError(f"decrypting with {KEY} failed")

    for name in ENVIRONMENT.values():
        monkeypatch.delenv(name, raising=False)
    before = keyring.get_keyring()
    keyring.set_keyring(Leaky())
    try:
        with pytest.raises(ef.SettingsError) as caught:
            ef.connect(account_sid="a", stamp="mum")
    finally:
        keyring.set_keyring(before)
    assert_silent(traceback_of(caught.value))


def assert_no_local_shows(problem: BaseException) -> None:
    """Look at every variable of every frame of ours: other tools than IPython's print them all."""
    for frame in frames_of(problem):
        if "/exotel_frames/" in frame.f_code.co_filename:
            assert_silent(repr(frame.f_locals))


def test_a_run_stopped_by_hand_shows_no_secret(tmp_path):
    with guarded_box(tmp_path, faults={"answer_latency_s": 0.2, "only": ["create"]}) as box:
        client = box.connect(journal=tmp_path / "journal", workers=2)
        frame = pd.DataFrame({"subscriber_name": [f"n{row:04d}" for row in range(2000)]})  # 20 s, if nobody stops it
        client.list_page()
        both_have_sent = ctrl_c_when(lambda: box.requests >= 3)
        with pytest.raises(ef.RunInterrupted) as caught, both_have_sent:
            ef.create_subscribers(client, frame, progress=False)
    assert_silent(traceback_of(caught.value))
    assert_silent(pickle.dumps(caught.value))
    assert_no_local_shows(caught.value)


@pytest.fixture
def no_logging():
    """Python's own logging, which pytest captures, is what a strike at the wrong moment would leave locked."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


half_open = pytest.mark.filterwarnings(  # struck while it is being opened, a socket is closed by nobody but Python
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture
def alarm(no_logging):
    """Ctrl-C by a timer: a real signal at a real moment."""
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    yield lambda after_s: signal.setitimer(signal.ITIMER_REAL, after_s)
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def interrupted(alarm, send: Callable[[], object], after_s: float) -> bool:
    try:
        try:
            alarm(after_s)
            send()
        finally:
            alarm(0)
    except KeyboardInterrupt as problem:
        assert_no_local_shows(problem)
        assert_ours(problem)
        return True
    return False


@half_open
@pytest.mark.parametrize("times", [100, pytest.param(5000, marks=pytest.mark.slow)])
def test_after_a_ctrl_c_at_any_moment_the_next_call_gets_its_own_answer(alarm, times):
    chance = random.Random(times)

    def echo(peer):
        while request := peer.read_request():
            peer.send(answer(200, request.target.encode()))

    with RawServer(greet=echo) as server:
        transport = Transport(failing_client(server.base_url, timeout_s=30.0).settings)
        usual_s = min(transport.send(Request("GET", f"/warm/{number}")).seconds for number in range(20))
        hits = 0
        for number in range(times):
            lost = Request("GET", f"/lost/{number}")
            hits += interrupted(alarm, lambda lost=lost: transport.send(lost), chance.uniform(1e-5, usual_s))
            assert transport.send(Request("GET", f"/next/{number}")).body == f"/next/{number}".encode()
        assert hits > times / 10


def test_a_json_of_a_frame_of_tokens_shows_no_secret(tmp_path):
    with guarded_box(tmp_path) as box:
        client = box.connect(journal=tmp_path / "journal")
        name = client.list_page(status="active").data.names[0]
        devices = pd.DataFrame({"subscriber_name": [name], "platform": ["ios"], "device_id": ["d"]})
        tokens = ef.create_tokens(client, devices, progress=False)
        made = {tokens["access_token"][0].reveal(), tokens["refresh_token"][0].reveal()}
        for text in (tokens.to_json(date_format="iso"), json.dumps(tokens.to_dict("records"), default=str)):
            assert_silent(str(text), made)
        tokens.drop(columns=["access_expires", "refresh_expires"]).to_excel(tmp_path / "tokens.xlsx")
        read = pd.read_excel(tmp_path / "tokens.xlsx", engine="calamine")
        assert set(read["access_token"]) == {"•••"}
