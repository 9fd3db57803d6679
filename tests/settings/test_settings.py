"""Who and where: which source wins, and what is said when something is missing, wrong or unsafe."""

import copy
import os
import pickle
import threading
from functools import partial
from pathlib import Path

import keyring
import keyring.backend
import keyring.backends.fail
import pytest
from keyrings.alt.file import PlaintextKeyring

from exotel_frames.errors import SettingsError
from exotel_frames.operations.connect import Sandbox, connect
from exotel_frames.secret import Secret
from exotel_frames.settings import sources
from exotel_frames.settings.model import Settings
from exotel_frames.settings.sources import ENVIRONMENT, load_settings, profiles_path, settings_from

ARGUMENTS = {"api_key": "argkey", "api_token": "argtoken", "account_sid": "argsid", "stamp": "mum"}
IN_ENVIRONMENT = {"api_key": "envkey", "api_token": "envtoken", "account_sid": "envsid", "stamp": "sgp"}
IN_FILE = {"api_key": "filekey", "api_token": "filetoken", "account_sid": "filesid", "base_url": "https://file.example"}
WORST = "pasted:secret/key+of=mine"


@pytest.fixture(autouse=True)
def nobody(tmp_path, monkeypatch):
    """Leave nothing of this machine's own: no variables, no profile file, no keyring."""
    for name in [*ENVIRONMENT.values(), "EXOTEL_PROFILE"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("EXOTEL_PROFILES", str(tmp_path / "profiles.toml"))
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.backends.fail.Keyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def environment(monkeypatch):
    for field, value in IN_ENVIRONMENT.items():
        monkeypatch.setenv(ENVIRONMENT[field], value)


@pytest.fixture
def profiles(tmp_path):
    """Return a function that writes the profile file."""
    path = tmp_path / "profiles.toml"

    def write(text: str | bytes, mode: int = 0o600) -> Path:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(mode)
        return path

    return write


@pytest.fixture
def stored(tmp_path):
    """Return a keyring of a file."""
    backend = PlaintextKeyring()
    backend.file_path = str(tmp_path / "keyring.cfg")
    keyring.set_keyring(backend)
    return backend


def table(name: str, **fields: str) -> str:
    return f"[{name}]\n" + "".join(f'{field} = "{value}"\n' for field, value in fields.items())


def who(settings: Settings) -> tuple[str, str, str, str]:
    return settings.api_key.reveal(), settings.api_token.reveal(), settings.account_sid, settings.base_url


def refusal(profile: str | None = None, **arguments: object) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(profile, **arguments)
    assert caught.value.__cause__ is caught.value.__context__ is None
    return str(caught.value)


def test_arguments_come_before_environment_and_file(environment, profiles):
    profiles(table("default", **IN_FILE))
    assert who(load_settings(**ARGUMENTS)) == ("argkey", "argtoken", "argsid", "https://chaotix.mum1.exotel.in")


def test_the_environment_comes_before_the_default_profile(environment, profiles):
    profiles(table("default", **IN_FILE))
    assert who(load_settings()) == ("envkey", "envtoken", "envsid", "https://chaotix.apac-sg.exotel.in")


@pytest.mark.parametrize("by_variable", [False, True])
def test_a_named_profile_comes_before_the_environment(environment, profiles, monkeypatch, by_variable):
    profiles(table("default", **ARGUMENTS) + table("production", **IN_FILE))
    if by_variable:
        monkeypatch.setenv("EXOTEL_PROFILE", "production")
    found = load_settings(None if by_variable else "production")
    assert who(found) == ("filekey", "filetoken", "filesid", "https://file.example")


def test_the_sandbox_can_be_the_variables_profile_and_an_argument_still_comes_first(monkeypatch):
    monkeypatch.setenv("EXOTEL_PROFILE", "sandbox")
    assert not connect().settings.live
    who = {"api_key": "mykey", "api_token": "mytoken", "account_sid": "mysid"}
    with pytest.raises(SettingsError, match="sandbox"):  # no table of that name, and no quiet made-up account
        connect(**who, stamp="mum")


def test_the_default_profile_fills_what_the_environment_leaves_open(profiles, monkeypatch):
    profiles(table("default", **IN_FILE))
    monkeypatch.setenv("EXOTEL_API_KEY", "envkey")
    monkeypatch.setenv("EXOTEL_API_TOKEN", "  ")
    assert who(load_settings()) == ("envkey", "filetoken", "filesid", "https://file.example")


@pytest.mark.parametrize("missing", ["api_key", "api_token", "account_sid", "stamp"])
def test_each_field_comes_from_the_first_source_that_has_it(environment, missing):
    given = {field: value for field, value in ARGUMENTS.items() if field != missing}
    found = load_settings(**given)
    expected = {**ARGUMENTS, missing: IN_ENVIRONMENT[missing]}
    assert (found.api_key.reveal(), found.api_token.reveal()) == (expected["api_key"], expected["api_token"])
    assert (found.account_sid, found.stamp) == (expected["account_sid"], expected["stamp"])


@pytest.mark.parametrize(
    ("first", "second", "base_url", "stamp"),
    [
        ({"stamp": "mum"}, {"base_url": "https://other.example"}, "https://chaotix.mum1.exotel.in", "mum"),
        ({"base_url": "https://one.example/"}, {"stamp": "sgp"}, "https://one.example", None),
    ],
)
def test_the_place_comes_from_one_source_only(monkeypatch, first, second, base_url, stamp):
    for field, value in second.items():
        monkeypatch.setenv(ENVIRONMENT[field], value)
    found = load_settings(api_key="k", api_token="t", account_sid="a", **first)
    assert (found.base_url, found.stamp) == (base_url, stamp)


def test_settings_from_arguments_ask_nobody_else(environment):
    with pytest.raises(SettingsError, match="Not configured: api_token, account_sid"):
        settings_from(api_key="k", stamp="mum")


def test_white_space_around_a_copied_value_goes(monkeypatch):
    monkeypatch.setenv("EXOTEL_API_KEY", " envkey\n")
    monkeypatch.setenv("EXOTEL_ACCOUNT_SID", "acme1\n")
    found = load_settings(api_token=Secret("argtoken\n"), stamp=" mum ")
    assert who(found)[:3] == ("envkey", "argtoken", "acme1")
    assert found.stamp == "mum"


def test_nothing_configured_is_one_error_that_names_every_way(tmp_path):
    said = refusal()
    assert said.startswith("Not configured: api_key, api_token, account_sid, stamp (or base_url).")
    for way in (
        'connect("sandbox")',
        "api_key=…",
        *ENVIRONMENT.values(),
        str(tmp_path),
        "keyring set exotel_frames",
    ):
        assert way in said


def test_only_what_is_missing_is_named(environment, monkeypatch):
    monkeypatch.delenv("EXOTEL_API_TOKEN")
    assert refusal().startswith("Not configured: api_token.\n")


def test_an_unknown_profile_lists_what_there_is(profiles):
    path = profiles(table("production", **IN_FILE) + table("staging", **IN_FILE))
    assert refusal("produktion").startswith(
        f"There is no profile 'produktion' in {path}. Profiles there: production, staging."
    )
    profiles("")
    assert "Profiles there: none." in refusal("produktion")


def test_a_profile_without_a_file_says_so(tmp_path):
    assert f"no profile 'production' in {tmp_path / 'profiles.toml'}. That file does not exist." in refusal(
        "production"
    )


def test_a_profile_with_unknown_fields_names_them_and_not_their_values(profiles):
    profiles(table("default", **IN_FILE, api_tokn="misspelt", apikey="too"))
    said = refusal()
    assert "unknown fields ['api_tokn', 'apikey']" in said
    assert "misspelt" not in said


def test_fields_above_the_first_table_are_told_where_they_belong(profiles):
    profiles('api_key = "loosekey"\naccount_sid = "a"\n')
    said = refusal()
    assert "has api_key, account_sid above its first table: put a line [default] on top" in said
    assert "loosekey" not in said


BROKEN = {
    "a key without quotes": (f"[default]\napi_key = {WORST}\n", "at line 2, column"),
    "a quote left open": (f'[default]\napi_key = "{WORST}\n', "at line 2, column"),
    "no equals sign": (f"[default]\n{WORST}\n", "at line 2, column"),
    "the same table twice": (f'[{"x"}]\napi_key = "{WORST}"\n[x]\n', "at line 3, column"),
    "cut in the middle": ('[default]\napi_key = """' + WORST, "at end of document"),
}


@pytest.mark.parametrize(("text", "where"), BROKEN.values(), ids=BROKEN)
def test_broken_toml_names_the_place_and_quotes_nothing(profiles, text, where):
    path = profiles(text)
    said = refusal()
    assert said.startswith(f"The profile file {path} is not TOML ({where}")
    for part in ("pasted", "secret", "mine"):
        assert part not in said


def test_a_file_that_is_no_text_says_so(profiles):
    profiles(table("default", **IN_FILE).encode("utf-16"))
    assert refusal().endswith("can't be read (UnicodeDecodeError).")


def test_a_folder_in_the_file_s_place_says_so(tmp_path):
    (tmp_path / "profiles.toml").mkdir()
    assert refusal().endswith("can't be read (Is a directory).")


def test_the_mark_that_windows_editors_write_is_no_trouble(profiles):
    profiles(b"\xef\xbb\xbf" + table("default", **IN_FILE).encode())
    assert load_settings().account_sid == "filesid"


def test_numbers_in_the_file_are_taken_for_the_texts_they_are(profiles):
    profiles('[default]\napi_key = 1234\napi_token = 5678\naccount_sid = "a"\nstamp = "mum"\n')
    assert who(load_settings())[:2] == ("1234", "5678")
    profiles('[default]\napi_key = 1234\napi_token = 5678\naccount_sid = 99\nstamp = ["mum"]\n')
    said = refusal()
    assert "account_sid must be a text, in quotes" in said
    assert "stamp ['mum'] is none of ['mum', 'sgp']" in said


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_file_that_others_can_read_is_warned_about(profiles, mode):
    path = profiles(table("default", **IN_FILE), mode)
    with pytest.warns(
        UserWarning, match=f"Other users of this machine can read {path}: run `chmod 600` on it"
    ) as caught:
        connect()
    assert caught[0].filename == __file__, "the warning points at the caller's line"


def test_a_file_of_one_s_own_is_not_warned_about(profiles):
    profiles(table("default", **IN_FILE), 0o600)
    assert load_settings().account_sid == "filesid"


def test_the_profile_file_lies_where_the_variable_points(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("EXOTEL_PROFILES", "~/mine.toml")
    assert profiles_path() == tmp_path / "mine.toml"
    monkeypatch.delenv("EXOTEL_PROFILES")
    assert profiles_path().parts[-2:] == ("exotel_frames", "profiles.toml")


def test_the_keyring_has_the_last_word(stored):
    keyring.set_password("exotel_frames", "default/api_key", "ringkey")
    keyring.set_password("exotel_frames", "default/api_token", "ringtoken")
    keyring.set_password("exotel_frames", "staging/api_token", "othertoken")
    found = load_settings(account_sid="acme1", stamp="mum")
    assert who(found)[:2] == ("ringkey", "ringtoken")
    found = load_settings(account_sid="acme1", stamp="mum", api_key=Secret("argkey"))
    assert who(found)[:2] == ("argkey", "ringtoken")


def test_the_keyring_is_asked_under_the_profile_s_name(stored, profiles):
    profiles(table("staging", account_sid="acme2", stamp="sgp", api_key="filekey"))
    keyring.set_password("exotel_frames", "default/api_token", "wrong")
    keyring.set_password("exotel_frames", "staging/api_token", "ringtoken")
    assert who(load_settings("staging"))[:3] == ("filekey", "ringtoken", "acme2")


def test_a_keyring_that_lacks_them_leaves_them_missing(stored):
    assert refusal(account_sid="acme1", stamp="mum").startswith("Not configured: api_key, api_token.\nWays")


def test_a_keyring_that_does_not_answer_is_named(stored):
    Path(stored.file_path).write_text("this is no keyring\n")
    said = refusal(account_sid="acme1", stamp="mum")
    assert "The system's keyring did not answer (MissingSectionHeaderError)." in said


def test_no_keyring_is_asked_for_who_has_configured_nothing(stored):
    Path(stored.file_path).write_text("this is no keyring\n")
    assert "keyring did not answer" not in refusal()


def test_bad_values_are_all_named_at_once():
    said = refusal(
        api_key=Secret("visible:part"),
        api_token=Secret("tök en"),
        account_sid="acme 1/..",
        base_url="http://live.example",
        requests_per_minute=0,
        workers=2.5,
        timeout_s=float("nan"),
        journal="  ",
        proxy="ftp://proxy.example",
    )
    assert said.splitlines()[0] == "These settings can't be used:"
    assert [line.split(" ")[3].rstrip(",") for line in said.splitlines()[1:]] == [
        *("api_key", "api_token", "account_sid", "base_url"),
        *("requests_per_minute", "workers", "timeout_s", "journal", "proxy"),
    ]
    assert "has ' ./'" in said
    for secret in ("visible:", "part", "tök"):
        assert secret not in said


@pytest.mark.parametrize(
    ("option", "bad", "good"),
    [
        ("requests_per_minute", [0, -1, 1.5, True, "9", 10**7], [1, 200]),
        ("workers", [0, 65, 8.0, False, "8"], [1, 64]),
        ("timeout_s", [0, -1.0, float("inf"), 3601, "30", True], [0.2, 30, 3600]),
        ("journal", ["", 7, b"folder"], ["folder", Path("folder")]),
        (
            "proxy",
            ["socks5://h:1", "http://", "http://h:99999", "http://h/x?y", "a b", ["x"]],
            ["http://h:1", "u:p@h:1"],
        ),
    ],
)
def test_each_option_has_its_limits(option, bad, good):
    for value in bad:
        assert f"{option} " in refusal(**ARGUMENTS, **{option: value})
    for value in good:
        load_settings(**ARGUMENTS, **{option: value})


def test_blank_and_missing_options_keep_their_defaults():
    found = load_settings(**ARGUMENTS, proxy="", workers=None, journal=None)
    assert (found.proxy, found.workers, found.timeout_s, found.journal) == (None, 8, 30.0, None)


def test_a_home_in_the_journal_s_folder_is_understood(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load_settings(**ARGUMENTS, journal="~/diary").journal == tmp_path / "diary"


def test_a_proxy_without_a_scheme_is_a_plain_one():
    proxy = load_settings(**ARGUMENTS, proxy="joe:pw@proxy.example:3128").proxy
    assert proxy == Secret("http://joe:pw@proxy.example:3128")


HIDING = [
    "https://key:hunter2@exotel.example",
    "https://hunter2@exotel.example",
    "https:key:hunter2@exotel.example",
    "key:hunter2@exotel.example",
    "//key:hunter2@exotel.example",
    "https://exotel.example?key=hunter2",
    "https://exotel.example/#hunter2",
    "hunter2",
    "https://exotel.example/ hunter2",
    "ftp://hunter2",
]


@pytest.mark.parametrize("base_url", HIDING)
def test_a_base_url_that_may_hold_credentials_is_refused_without_an_echo(base_url, monkeypatch):
    monkeypatch.setenv("EXOTEL_BASE_URL", base_url)
    said = refusal(api_key="k", api_token="t", account_sid="a")
    assert ("must not contain credentials" if "@" in base_url else "base_url must be an address such as") in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    "base_url",
    [
        *(
            "http://exotel.example",
            "http://127.0.0.1.evil.example",
            "http://127.0.0.2",
            "http://localhost.evil.example",
        ),
        *("http://127.0.0.1@evil.example", "http://127.0.0.1\\.evil.example", "http://evil.example#127.0.0.1"),
        *(
            "https://exotel.example:99999",
            "https://exotel.example:0",
            "https://exotel.example:x",
            "https://[::1",
            "://",
        ),
        *("https://", "https:///v2", "https://exotel.exämple", "https://exo\ntel.example", "file:///etc/passwd"),
    ],
)
def test_an_address_that_is_unsafe_or_none_is_refused(base_url):
    said = refusal(api_key="k", api_token="t", account_sid="a", base_url=base_url)
    assert "base_url" in said


@pytest.mark.parametrize(
    "base_url",
    [
        *("http://127.0.0.1:8080", "http://localhost", "http://[::1]:80/", "https://127.0.0.1"),
        *("https://exotel.example", "https://exotel.example:8443/gateway/", "https://127.0.0.1.evil.example"),
    ],
)
def test_every_address_is_live_on_this_machine_too_since_it_may_be_a_tunnel(base_url):
    found = load_settings(api_key="k", api_token="t", account_sid="a", base_url=base_url)
    assert (found.base_url, found.live) == (base_url.rstrip("/"), True)
    assert found.label == f"LIVE account a at {base_url.split('/')[2]}"
    assert found.origin == {"account_sid": "a", "base_url": found.base_url, "label": found.label}
    assert found.settle_delay_s == 2.0


@pytest.mark.parametrize("option", ["api_key", "api_token", "account_sid", "stamp", "base_url", "proxy"])
@pytest.mark.parametrize("by", ["connect", "Sandbox.connect", "EXOTEL_PROFILE"])
def test_what_only_a_real_account_needs_is_refused_by_the_sandbox(monkeypatch, by, option):
    if by == "EXOTEL_PROFILE":
        monkeypatch.setenv("EXOTEL_PROFILE", "sandbox")
    profile = "sandbox" if by == "connect" else None
    with Sandbox(subscribers=0) as box, pytest.raises(SettingsError, match=f"sandbox.*{option}|profile 'sandbox'"):
        (box.connect if by == "Sandbox.connect" else partial(connect, profile))(**{option: "mum"})


@pytest.mark.parametrize("profile", ["", "  ", 7])
def test_a_profile_without_a_name_is_refused_and_not_taken_for_none_at_all(environment, profile):
    with pytest.raises(SettingsError, match="must be the name of a profile"):
        connect(profile)


def test_a_stamp_beside_an_address_is_refused_since_one_would_be_ignored():
    who = {"api_key": "k", "api_token": "t", "account_sid": "a"}
    with pytest.raises(SettingsError, match="stamp and base_url both say where"):
        connect(**who, stamp="mum", base_url="https://one.example")


def test_settings_show_and_pickle_neither_key_nor_token_nor_proxy():
    found = settings_from(**ARGUMENTS, proxy="http://joe:proxypw@h:1")
    for text in (repr(found), str(found), f"{found}", f"{found.api_key:>10}", repr(vars(found))):
        for secret in ("argkey", "argtoken", "proxypw"):
            assert secret not in text
    with pytest.raises(TypeError, match="be pickled"):
        pickle.dumps(found)
    assert copy.deepcopy(found) == found


def test_an_unnamed_sandbox_needs_no_settings_at_all():
    assert "SANDBOX" in repr(connect("sandbox"))
    assert "EXOTEL_API_KEY" not in os.environ


def test_a_sandbox_is_a_place_to_connect_to_once_it_is_started():
    box = Sandbox(subscribers=3)
    for premature in (box.connect, partial(connect, box)):
        with pytest.raises(SettingsError, match=r"no address yet: use it in a `with`"):
            premature()
    with box:
        client = connect(box, workers=2)
        assert len(client.list_page().data.names) == 3
        assert client.settings.workers == 2
        with pytest.raises(SettingsError, match="it takes no stamp"):
            connect(box, stamp="mum")


def test_a_keyring_that_waits_to_be_unlocked_is_left_and_told(monkeypatch):
    unlocked = threading.Event()

    class Locked(keyring.backend.KeyringBackend):
        priority = 1

        def get_password(self, service, username):
            unlocked.wait()

        def set_password(self, service, username, password):
            raise NotImplementedError

    monkeypatch.setattr(sources, "KEYRING_TIMEOUT_S", 0.05)
    keyring.set_keyring(Locked())
    try:
        said = refusal(account_sid="acme1", stamp="mum")
    finally:
        unlocked.set()
    assert "keyring did not answer in 0.05 seconds" in said
    assert "Not configured: api_key, api_token" in said


def test_the_label_names_the_profile_that_the_settings_came_from(profiles, environment):
    profiles('[other]\napi_key = "k"\napi_token = "t"\naccount_sid = "acme1"\nstamp = "mum"')
    assert load_settings("other").label == "LIVE account acme1 at mum, profile other"
    assert load_settings().label == "LIVE account envsid at sgp"  # of the environment alone
    assert settings_from(**ARGUMENTS).label == "LIVE account argsid at mum"
