"""What the Tab key shows in IPython, asked of its own completer in a process of its own, with and without jedi."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

ASK = """
import json, sys
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
import exotel_frames as ef

shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}), user_ns={"ef": ef})
shell.Completer.use_jedi = sys.argv[1] == "jedi"

def shown(text):
    with provisionalcompleter():
        found = list(shell.Completer.completions(text, len(text)))
    return [(each.text.lstrip("."), each.type) for each in found if not each.text.startswith("%")]

first = shown("ef.")
shell.Completer.jedi_compute_type_timeout = 20_000  # its default is 400 ms for all of them
texts = ["ef.", "ef.widgets.", "ef.errors.", "ef.Sandbox(", "ef.Sandbox(sub", "ef.app"]
texts += ["ef.load_subscribers(client, pro"]
print(json.dumps({"loaded": "exotel_frames.workbooks" in sys.modules, **{text: shown(text) for text in texts}}))
"""


@pytest.fixture(scope="module", params=["plain", pytest.param("jedi", marks=pytest.mark.slow)])
def tab(request, tmp_path_factory):
    environment = os.environ | {"IPYTHONDIR": str(tmp_path_factory.mktemp("ipython"))}
    done = subprocess.run(
        [sys.executable, "-c", ASK, request.param], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_tab_shows_verbs_alone_with_their_types_once_it_was_pressed(tab):
    names = [name for name, _ in tab["ef."]]
    assert [name for name in names if not name.islower()] == ["Sandbox"]
    assert {"load_subscribers", "apply_plan", "widgets", "errors"} <= set(names)
    assert {kind for _, kind in tab["ef."]} <= {"function", "module", "class", "attribute"}
    assert tab["loaded"]  # by the first Tab: the second has the types at hand
    assert [name for name, _ in tab["ef.app"]] == ["apply_fixes", "apply_plan"]


def test_tab_shows_forms_and_exceptions_where_they_are(tab):
    assert [name for name, _ in tab["ef.widgets."]] == [
        "cleanup_panel",
        "create_form",
        "edit_form",
        "findings_form",
        "plan_review",
        "token_form",
    ]
    assert all(name.endswith(("Error", "Interrupted")) for name, _ in tab["ef.errors."])


def test_tab_completes_the_options_of_a_sandbox_and_of_a_verb(tab):
    options = [name for name, _ in tab["ef.Sandbox("] if name.endswith("=")]
    assert {"subscribers=", "seed=", "state=", "rate_limit=", "faults=", "behavior="} <= set(options)
    assert [name for name, _ in tab["ef.Sandbox(sub"]] == ["subscribers="]
    assert "progress=" in [name for name, _ in tab["ef.load_subscribers(client, pro"]]
