"""Results and problems as text: the headline, what is not done and why, and how to go on."""

import numpy as np
import pandas as pd
import pytest

from exotel_frames.display.notebook import render_html
from exotel_frames.display.results_view import view_problems, view_results
from exotel_frames.display.terminal import render_text
from exotel_frames.errors import ValidationError
from exotel_frames.frames.convert import problems_frame, results_frame, tokens_frame
from exotel_frames.frames.summary import headline
from exotel_frames.records import TokenVerdict, Verdict
from exotel_frames.secret import Secret
from exotel_frames.validation.validate import validate_names
from exotel_frames.workbooks import read_workbook
from tests.display.views import results_html

RUN = "20261123-1815-ab12"


def results_text(results, *, max_rows=40, width=100):
    return render_text(view_results(results, max_rows=max_rows, see_all=""), width=width)


def problems_text(problems, *, max_rows=40):
    return render_text(view_problems(problems, max_rows=max_rows, see_all=""))


def results_of(*outcomes, run_id=RUN, about=None, **said):
    verdicts = [
        Verdict(row=row, subscriber_name=f"u{row}", action="create", outcome=outcome, run_id=run_id, **said)
        for row, outcome in enumerate(outcomes)
    ]
    return results_frame(verdicts, attrs={"exotel_frames": {"origin": {"label": "SANDBOX account a1"}} | (about or {})})


def refused(row, name):
    return Verdict(
        row=row,
        subscriber_name=name,
        action="create",
        outcome="rejected",
        error_code=1008,
        error_message="Duplicate resource",
        error_description=f"Subscriber {name} already exists",
    )


def test_the_account_and_the_headline_stand_on_top():
    results = results_of("done", "done")
    assert results_text(results).splitlines() == ["SANDBOX account a1", headline(results)]


def test_only_rows_that_are_not_done_are_listed_with_their_sentence():
    done = Verdict(row=0, subscriber_name="ok", action="create", outcome="done")
    text = results_text(results_frame([done, refused(1, "bob"), refused(2, "eve")]))
    assert "  x create row 1 bob   1008 Duplicate resource: Subscriber bob already exists\n" in text
    assert "row 2 eve" in text
    assert "row 0" not in text


def test_the_worst_outcomes_stand_first():
    text = results_text(results_of("invalid", "rejected", "conflict", "not_sent", "unknown", error_message="why"))
    places = [text.index(f"\n1 {outcome}: ") for outcome in ("unknown", "not_sent", "rejected", "conflict", "invalid")]
    assert places == sorted(places)


@pytest.mark.parametrize("outcome", ["unknown", "not_sent"])
def test_open_rows_come_with_the_call_that_goes_on(outcome):
    assert f'Go on with ef.resume_run(client, "{RUN}")' in results_text(results_of("done", outcome))


def test_rows_of_several_runs_name_each_run_once():
    both = pd.concat([results_of("unknown", "unknown", run_id="r1"), results_of("not_sent", run_id="r2")])
    assert 'ef.resume_run(client, "r1") and ef.resume_run(client, "r2")' in results_text(both, width=200)


def test_a_dry_run_is_not_to_be_resumed():
    text = results_text(results_of("not_sent", run_id=None, about={"requests": 1, "minutes": None}))
    assert (
        "This was a dry run: nothing was sent. Applying the plan takes 1 request; no rate limit is known yet." in text
    )
    assert "resume_run" not in text


def test_a_dry_run_tells_the_minutes_when_the_rate_is_known():
    text = results_text(results_of("not_sent", run_id=None, about={"requests": 1500, "minutes": 7.46}), width=200)
    assert "1,500 requests; at least 7.5 minutes at the known rate" in text


def test_open_reads_have_no_run_and_are_made_again():
    text = results_text(results_of("not_sent", run_id=None))
    assert "Make the same call again" in text
    assert "resume_run" not in text


def test_conflicts_say_to_plan_again():
    assert "look at what changed, and plan again" in results_text(results_of("conflict"))


@pytest.mark.parametrize("outcomes", [("done", "unchanged"), ("rejected", "invalid")])
def test_where_nothing_is_open_nothing_is_to_be_gone_on_with(outcomes):
    assert "Go on" not in results_text(results_of(*outcomes))


def test_a_reason_that_all_share_is_said_once():
    text = results_text(results_of(*["not_sent"] * 5, error_message="The key was refused."))
    assert text.count("The key was refused.") == 1
    assert "5 not_sent: The key was refused." in text
    assert "  . create row 4 u4" in text


def test_a_reason_that_only_the_shown_rows_share_is_said_of_them_alone():
    frame = results_of(*["not_sent"] * 5, error_message="one")
    frame.loc[4, "error_message"] = "two"
    assert results_text(frame, max_rows=2).count("   one") == 2


def test_what_is_not_shown_is_counted_and_the_line_that_shows_it_is_true():
    frame = results_of(*["rejected"] * 9, "done", error_message="no")
    line = results_text(frame, max_rows=2).splitlines()[-1]
    assert line.startswith("  … and 7 more rows: ")
    assert len(eval(line.split(": ", 1)[1], {"results": frame})) == 9


def test_a_row_without_a_reason_says_so():
    assert results_text(results_of("rejected")).endswith("x create row 0 u0   the service gave no reason")


def test_an_outcome_that_is_none_is_listed_and_not_hidden():
    frame = results_of("done", "done").assign(outcome=["lost?", None])
    text = results_text(frame)
    assert "1 lost?" in text
    assert "(no outcome)" in text


def test_a_reason_of_many_lines_and_control_characters_stays_on_its_line():
    text = results_text(results_of("rejected", error_message="<html>\n\x1b[2J" + "x" * 5000))
    assert "\x1b" not in text
    assert "<html>\\n\\x1b[2J" in text
    assert len(text) < 1500


def test_tokens_are_shown_without_their_secrets():
    made = TokenVerdict(
        row=0, subscriber_name="bob", platform="ios", device_id="d", outcome="done", access_token=Secret("eyJhbGciOi")
    )
    lost = TokenVerdict(row=1, subscriber_name="eve", platform="ios", device_id="d", outcome="unknown")
    tokens = tokens_frame([made, lost])
    text = results_text(tokens)
    assert "2 rows: 1 done, 1 unknown" in text
    assert "  ? token eve" in text
    assert "Make the same call again" in text
    assert "eyJ" not in text + results_html(tokens)


def test_no_results_are_no_trouble():
    assert results_text(results_of()).splitlines()[1:] == ["0 rows"]


def test_a_frame_that_is_no_result_is_refused_in_a_sentence():
    with pytest.raises(ValidationError, match="The result frame can't be used: it has no column 'outcome'"):
        results_text(pd.DataFrame({"subscriber_name": ["bob"]}))


def test_problems_come_with_row_column_sentence_and_suggestion():
    text = problems_text(problems_frame([(3, "custom_field", "42", "bad_custom_field", "42 is a number.", "42")]))
    assert text.splitlines()[0] == "1 problem in 1 row"
    assert text.endswith("  x row 3 custom_field   42 is a number. Suggestion: 42")


def test_warnings_stand_apart_from_what_must_be_mended():
    text = problems_text(validate_names(["bob", "Bob", "b b", None]))
    assert text.splitlines()[0] == "2 problems and 2 warnings in 4 rows"
    assert text.index("2 against the rules") < text.index("2 warnings: ")


def test_several_problems_of_one_row_are_one_row():
    said = problems_text(problems_frame([(0, "a", "", "empty", "x", ""), (0, "b", "", "empty", "y", "")]))
    assert said.startswith("2 problems in 1 row\n")


def test_problems_of_a_whole_file_have_no_row():
    said = problems_text(problems_frame([(None, "Sheet1!B2", "", "merged", "Merged cells.", "")]))
    assert said.startswith("1 problem\n")
    assert "  x - Sheet1!B2   Merged cells." in said


def test_no_problems_are_a_short_answer():
    none = validate_names(["bob"])
    assert problems_text(none) == "No problems."
    assert "No problems." in render_html(view_problems(none, max_rows=9, see_all=""))


def test_many_problems_are_counted():
    problems = validate_names(np.array(["b b"] * 60, dtype=object))
    assert problems_text(problems, max_rows=5).count("\n  x row") == 5
    assert problems_text(problems, max_rows=5).splitlines()[-1].startswith("  … and ")


def test_many_problems_are_counted_by_rule_with_an_example_before_they_are_listed():
    names = [f"a {place}" for place in range(20)] + [None] * 3
    text = problems_text(validate_names(names), max_rows=5)
    counted, listed = text.index("How often each rule is broken"), text.index("23 against the rules")
    assert counted < listed
    assert "20 bad_characters" in text[counted:listed]
    assert "3 missing" in text[counted:listed]
    assert "for example row 0: 'a 0'" in " ".join(text[counted:listed].split())


def test_warnings_do_not_say_that_anything_is_sent():
    assert "sent" not in problems_text(validate_names(["bob", "Bob"]))


def test_rows_of_a_file_are_called_by_its_numbers():
    sheet = read_workbook("sample_data/new_subscribers.xlsx")
    problems = validate_names(sheet["subscriber_name"])
    numbers = sheet.attrs["exotel_frames"]["row_numbers"]
    text = problems_text(problems, max_rows=1000)
    assert all(f"row {numbers[row]} " in text for row in problems["row"].unique())
    assert problems["row"].iloc[0] != numbers[problems["row"].iloc[0]]
