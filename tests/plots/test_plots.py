"""Pictures: drawn without pyplot, nothing cut, no warning whatever is in the data, and words that say the truth."""

import io
import pickle
import struct
import subprocess
import sys
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from exotel_frames.errors import ValidationError
from exotel_frames.frames.convert import results_frame, tokens_frame
from exotel_frames.plots import plot_changes, plot_results, plot_subscribers
from exotel_frames.plots.counts import count_created
from exotel_frames.records import TokenVerdict, Verdict
from tests.slow import but_slow

ABOUT = {"exotel_frames": {"origin": {"label": "LIVE account acme1 at mum"}}}
DAY = pd.Timestamp("2026-01-01", tz="UTC")
# Every process collects these tests, and few run them: matplotlib and the frames are left to those.


def subscribers(rows, *, created=DAY, step="1D", status="active", custom_field="sales"):
    dates = created + pd.to_timedelta(np.arange(rows) * pd.Timedelta(step))
    frame = pd.DataFrame({"status": status, "custom_field": custom_field, "date_created": dates}, index=range(rows))
    frame.attrs = dict(ABOUT)
    return frame


def results(*outcomes, **said):
    return results_frame(
        [Verdict(row=0, subscriber_name="bob", action="create", outcome=each, **said) for each in outcomes], attrs=ABOUT
    )


def words(figure):
    """Every text of a figure that is drawn."""
    import matplotlib as mpl

    drawn = [figure._suptitle, *(text for axes in figure.axes for text in axes.findobj(mpl.text.Text))]
    return [text.get_text() for text in drawn if text.get_visible() and text.get_text()]


def badly_placed(figure):
    """The texts that reach beyond the figure, and those that cover one another, as drawn."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    drawn = [figure._suptitle, *(text for axes in figure.axes for text in axes.findobj(mpl.text.Text))]
    boxes = [
        (text.get_text(), text.get_window_extent(canvas.get_renderer()))
        for text in drawn
        if text.get_visible() and text.get_text()
    ]
    width, height = figure.bbox.x1, figure.bbox.y1
    cut = [text for text, box in boxes if box.x0 < -1 or box.y0 < -1 or box.x1 > width + 1 or box.y1 > height + 1]
    return cut + [f"{one} / {other}" for (one, a), (other, b) in combinations(boxes, 2) if _overlap(a, b)]


def _overlap(one, other):
    return min(one.x1, other.x1) - max(one.x0, other.x0) > 1 and min(one.y1, other.y1) - max(one.y0, other.y0) > 1


def png_size(figure):
    png, shown = figure._repr_png_()
    assert png.startswith(b"\x89PNG")
    return struct.unpack(">II", png[16:24]), shown


LONG = "The service told a very long story about what went wrong with this very request. " * 40
SUBSCRIBERS = {
    "no rows": lambda: subscribers(0),
    "one row": lambda: subscribers(1),
    "days": lambda: subscribers(40),
    "months": lambda: subscribers(700),
    "years": lambda: subscribers(300, step="30D", created=pd.Timestamp("1999-01-01", tz="UTC")),
    "no dates": lambda: subscribers(5).assign(date_created=pd.NaT),
    "some dates": lambda: subscribers(5).assign(date_created=[DAY, None, DAY, pd.NaT, DAY]),
    "odd statuses": lambda: subscribers(3).assign(status=["on", None, "active"]),
    "status only": lambda: subscribers(3)[["status"]],
    "odd texts": lambda: subscribers(4).assign(custom_field=["नमस्ते 東京 😀", "$x^2$ $", "\x1b\u202e\n", LONG]),
    "one long word": lambda: subscribers(2).assign(custom_field="W" * 5000),
    "all different": lambda: subscribers(20).assign(custom_field=[f"f{number}" for number in range(20)]),
    "far dates": lambda: subscribers(2).assign(
        date_created=pd.to_datetime(["1700-01-01", "9999-01-01"], utc=True).as_unit("us")
    ),
}
RESULTS = {
    "no rows": results,
    "all done": lambda: results("done", "done"),
    "every outcome": lambda: results(
        "done", "unchanged", "rejected", "invalid", "conflict", "unknown", "not_sent", error_message="x"
    ),
    "a long story": lambda: results("rejected", "done", error_code=1002, error_message=LONG),
    "one long word": lambda: results("unknown", error_message="W" * 5000),
    "odd texts": lambda: results("rejected", error_message="नमस्ते 東京 😀 $x^2$ \x1b\u202e\n"),
    "many reasons": lambda: pd.concat(
        [results("rejected", error_code=code, error_message=f"no {code}") for code in range(30)]
    ),
    "odd outcomes": lambda: results("done", "done").assign(outcome=["lost?", None]),
}


@pytest.mark.parametrize("what", but_slow(SUBSCRIBERS, ["no rows", "odd texts"]))
def test_subscribers_are_drawn_whole_whatever_they_hold(what):
    figure = plot_subscribers(SUBSCRIBERS[what]())
    assert badly_placed(figure) == []
    assert len(figure.axes) == 3


@pytest.mark.parametrize("what", but_slow(RESULTS, ["every outcome"]))
def test_results_are_drawn_whole_whatever_they_hold(what):
    assert badly_placed(plot_results(RESULTS[what]())) == []


@pytest.mark.parametrize(
    "draw", [lambda: plot_subscribers(subscribers(30)), lambda: plot_results(RESULTS["every outcome"]())]
)
def test_the_title_says_whose_account_it_is(draw):
    assert draw().get_suptitle().splitlines()[0] == "LIVE account acme1 at mum"


def test_a_frame_that_remembers_no_account_says_so():
    assert plot_subscribers(pd.DataFrame({"status": ["active"]})).get_suptitle().startswith("Account not known")


def test_each_bar_has_its_count_and_its_share():
    said = words(plot_results(results("done", "done", "rejected", error_message="no")))
    assert {"2 (66.7 %)", "1 (33.3 %)", "done", "rejected", "rejected: no"} <= set(said)


def test_a_dollar_sign_is_a_dollar_sign():
    assert "'$x^2$ $'" in words(plot_subscribers(SUBSCRIBERS["odd texts"]()))


def test_what_the_font_does_not_have_is_a_box_and_no_warning():
    from exotel_frames.plots.drawing import replace_undrawable

    assert replace_undrawable("é 東 ₹") == "é □ ₹"


def test_created_is_stacked_by_status_with_a_legend_outside_the_bars():
    frame = subscribers(6).assign(status=["active", "inactive"] * 3)
    figure = plot_subscribers(frame)
    assert badly_placed(figure) == []
    middle = figure.axes[1]
    assert [text.get_text() for text in middle.get_legend().get_texts()] == ["active", "inactive"]
    assert middle.get_legend().get_window_extent().x0 >= middle.get_window_extent().x1 - 1
    assert sum(bar.get_height() for bar in middle.patches) == 6


@pytest.mark.parametrize(
    ("rows", "step", "head"), [(92, "1D", "day"), (93, "1D", "month"), (121, "30D", "month"), (130, "31D", "year")]
)
def test_created_is_counted_by_what_fits(rows, step, head):
    assert count_created(subscribers(rows, step=step)).title == f"Created, by {head} (UTC)"


def test_every_creation_is_counted_once_in_its_own_period():
    line = count_created(subscribers(4).assign(date_created=[DAY, DAY, DAY + pd.Timedelta("2D"), None]))
    assert line.rows["active"].tolist() == [2, 1]
    assert [str(period) for period in line.rows.index] == ["2026-01-01", "2026-01-03"]
    assert "1 without a date" in line.title


def test_a_creation_belongs_to_its_day_in_utc():
    late = pd.DataFrame(
        {"status": ["active"] * 2, "date_created": ["2026-01-01T23:30:00+00:00", "2026-01-02T01:00:00+05:30"]}
    )
    assert count_created(late).rows["active"].tolist() == [2]


def test_the_ticks_are_few_and_name_their_period():
    ticks = [tick.get_text() for tick in plot_subscribers(subscribers(700)).axes[1].get_xticklabels()]
    assert len(ticks) <= 7
    assert ticks[0] == "Jan\n2026"


def heads(figure):
    return [axes.get_title(loc="left").replace("\n", " ") for axes in figure.axes]


def labels(axes):
    return [text.get_text().replace("\n", " ") for text in axes.get_yticklabels()]


def test_custom_fields_are_counted_without_the_empty_ones():
    frame = pd.DataFrame({"status": "active", "custom_field": ["a", "b", "a", "", None]})
    figure = plot_subscribers(frame)
    assert labels(figure.axes[2]) == ["'a'", "'b'"]
    assert {"2 (40.0 %)", "1 (20.0 %)"} <= set(words(figure))
    assert heads(figure)[2] == "Custom fields (2 without one)"


def test_eight_of_many_fields_that_are_all_different_are_not_passed_off_as_frequent():
    assert "20 custom fields, all different" in words(plot_subscribers(SUBSCRIBERS["all different"]()))


def test_an_unknown_status_or_outcome_is_counted_and_not_dropped():
    assert plot_subscribers(SUBSCRIBERS["odd statuses"]()).get_suptitle().endswith("3 subscribers: 1 active, 2 (other)")
    assert plot_results(RESULTS["odd outcomes"]()).get_suptitle().endswith("2 rows: 2 (other)")


def test_the_reasons_say_of_how_many_they_are_the_most_frequent():
    figure = plot_results(RESULTS["many reasons"]())
    assert len(labels(figure.axes[1])) == 8
    assert heads(figure)[1].startswith("Why rows are not done (the 8 most frequent of 30")


def test_changes_are_counted_by_what_became_of_whom():
    both = {"change": "changed", "custom_field_before": "sales", "custom_field_after": None}
    moves = [dict(both, status_before=status, status_after="inactive") for status in ("active", "inactive")]
    figure = plot_changes(pd.DataFrame([*moves, {"change": "added"}]))
    assert figure.get_suptitle().endswith("3 subscribers: 1 added, 2 changed")
    assert labels(figure.axes[1]) == ["custom_field sales → (empty)", "status active → inactive"]
    assert badly_placed(figure) == []


def test_the_most_frequent_reason_stands_first():
    frame = pd.concat([results("invalid", error_message="rare"), results("rejected", "rejected", error_code=1008)])
    assert labels(plot_results(frame).axes[1]) == ["rejected: 1008 the service gave no reason", "invalid: rare"]


@pytest.mark.parametrize(
    ("number", "of", "said"),
    [(0, 0, "100 %"), (999, 1000, "99.9 %"), (9996, 10_000, "> 99.9 %"), (4, 10_000, "< 0.1 %"), (0, 9, "0.0 %")],
)
def test_a_share_never_rounds_something_away(number, of, said):
    from exotel_frames.plots.drawing import share

    assert share(number, of) == said


def test_tokens_are_drawn_too():
    tokens = tokens_frame([TokenVerdict(row=0, subscriber_name="b", platform="ios", device_id="d", outcome="done")])
    assert plot_results(tokens).get_suptitle().endswith("1 row: 1 done")


def test_a_figure_shows_itself_sharply_in_a_notebook():
    (width, height), shown = png_size(plot_results(results("done")))
    assert (width, height) == (shown["width"] * 2, shown["height"] * 2)


def test_a_figure_is_dark_on_white_under_a_dark_style_too():
    import matplotlib as mpl

    with mpl.rc_context(
        {
            "text.color": "white",
            "axes.labelcolor": "white",
            "axes.facecolor": "black",
            "figure.facecolor": "black",
            "xtick.color": "white",
            "ytick.color": "white",
            "axes.titlecolor": "white",
            "legend.labelcolor": "white",
        }
    ):
        figure = plot_subscribers(subscribers(9))
        figure.savefig(io.BytesIO(), format="png")
        drawn = [text for axes in figure.axes for text in axes.findobj(mpl.text.Text)]
        colors = {mpl.colors.to_hex(text.get_color()) for text in [*drawn, figure._suptitle] if text.get_text()}
        assert mpl.colors.to_hex(figure.get_facecolor()) == "#ffffff"
        assert {mpl.colors.to_hex(axes.get_facecolor()) for axes in figure.axes} == {"#ffffff"}
    assert colors == {"#222222"}


def test_a_figure_can_be_kept():
    figure = pickle.loads(pickle.dumps(plot_results(results("done"))))
    assert figure.get_suptitle().endswith("1 row: 1 done")


def test_drawing_leaves_the_frame_as_it_was():
    frame = subscribers(5)
    kept = frame.copy()
    plot_subscribers(frame)
    pd.testing.assert_frame_equal(frame, kept)


def test_what_can_not_be_drawn_is_refused_in_a_sentence():
    with pytest.raises(ValidationError, match="it has no column 'status'"):
        plot_subscribers(pd.DataFrame({"subscriber_name": ["bob"]}))
    with pytest.raises(ValidationError, match="it has no column 'outcome'"):
        plot_results(pd.DataFrame({"subscriber_name": ["bob"]}))


@pytest.mark.slow  # a process of its own
def test_matplotlib_is_imported_by_the_first_picture_and_pyplot_never():
    code = (
        "import sys, pandas as pd; from exotel_frames.plots import plot_results\n"
        "assert 'matplotlib' not in sys.modules;"
        "plot_results(pd.DataFrame({'outcome': ['done'], 'error_code': None, 'error_message': None}))._repr_png_();"
        "assert 'matplotlib' in sys.modules and 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


@pytest.mark.slow
def test_a_million_rows_are_drawn():
    rows = 1_000_000
    frame = pd.DataFrame(
        {"status": "active", "date_created": pd.Series(np.full(rows, DAY.to_datetime64())).dt.tz_localize("UTC")}
    )
    assert plot_subscribers(frame).get_suptitle().endswith("1,000,000 subscribers: 1,000,000 active")
