"""A plan, results and problems as HTML: every value escaped, a real table, words beside colours, nothing fetched."""

from html.parser import HTMLParser

import pandas as pd
import pytest
from hypothesis import strategies as st

from exotel_frames.display.notebook import render_html
from exotel_frames.display.results_view import view_problems
from exotel_frames.frames.convert import plan_frame, problems_frame, results_frame
from exotel_frames.plans import plan_changes
from exotel_frames.records import Verdict
from tests.display.views import plan_html, plan_text, results_html
from tests.display.wording import NO_ROWS
from tests.laws import holds
from tests.plans.plan_kit import tenant
from tests.slow import slow

EVIL = "<img src=x onerror=alert(1)>"
LIVE = "LIVE account acme1 at mum"
VOID = {"br"}


class Page(HTMLParser):
    """The tags with their attributes, in order, and what a reader reads; fails on tags that don't match."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.cells, self._open = [], [], []
        self.feed(html)
        self.close()
        assert not self._open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)
        if tag in {"td", "th", "caption", "p"}:
            self.cells.append("")

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if self.cells:
            self.cells[-1] += data

    def with_scope(self, scope):
        return [attrs for tag, attrs in self.tags if tag == "th" and attrs.get("scope") == scope]

    @property
    def names(self):
        return [tag for tag, _ in self.tags]


def evil_plan(text):
    return plan_frame(
        {
            "action": ["update", "delete", "create", "update", "none", text],
            "subscriber_name": [text] * 6,
            "status_from": ["active", text, None, "active", "active", text],
            "status": [text, None, text, "inactive", "active", text],
            "custom_field_from": ["x", text, None, text, None, text],
            "custom_field": [text, None, text, None, None, text],
            "note": [text] * 6,
            "conflict": [False, False, False, True, False, False],
        },
        attrs={"exotel_frames": {"origin": {"label": text}}},
    )


def evil_results(text):
    said = {"error_message": text, "error_description": text + "!", "subscriber_name": text, "action": text}
    verdicts = [
        Verdict(row=row, outcome=outcome, run_id=text, **said) for row, outcome in enumerate(("rejected", "unknown"))
    ]
    return results_frame(verdicts, attrs={"exotel_frames": {"origin": {"label": text}}})


def evil_problems(text):
    return problems_frame([(0, text, text, "bad_status", text, text), (1, text, text, "case_twin", text, text)])


def pages(text):
    return [
        plan_html(evil_plan(text)),
        results_html(evil_results(text)),
        render_html(view_problems(evil_problems(text), max_rows=200, see_all="")),
    ]


@pytest.mark.parametrize(
    "text",
    [
        EVIL,
        slow("</td></table><script>alert(1)</script>"),
        "\"' onmouseover=alert(1) x='",
        slow("&lt;b&gt;"),
        slow("<!--"),
    ],
)
def test_a_value_is_text_wherever_it_stands(text):
    for html, harmless in zip(pages(text), pages("harmless"), strict=True):
        assert Page(html).tags == Page(harmless).tags
        assert any(text in cell for cell in Page(html).cells)


@holds(st.text(min_size=1, max_size=60))
def test_no_text_makes_a_tag(text):
    allowed = {
        "div",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "strong",
        "em",
        "bdi",
        "del",
        "ins",
        "br",
        "p",
    }
    for html in pages(text):
        page = Page(html)
        assert set(page.names) <= allowed
        assert {name for _, attrs in page.tags for name in attrs} <= {"style", "scope", "colspan"}


def test_nothing_is_fetched_and_nothing_runs():
    for html in pages("bob"):
        assert not any(word in html for word in ("url(", "http", "<script", "<link", "<style", "@import", "javascript"))


def test_a_plan_is_a_table_with_a_caption_and_scoped_heads():
    page = Page(plan_html(evil_plan("bob"), label=LIVE))
    assert page.names.count("table") == page.names.count("caption") == 1
    assert (
        page.cells[0]
        == f"{LIVE}Plan: 1 to create, 1 to update, 1 to delete, 1 in conflict, 1 unchanged, 1 that can't be understood"
    )
    assert len(page.with_scope("row")) == 6
    assert len(page.with_scope("rowgroup")) == 6
    heads = page.cells[1 : 1 + len(page.with_scope("col"))]
    assert heads == ["action", "subscriber_name", "status", "custom_field", "note"]


def test_each_row_has_as_many_cells_as_the_table_has_heads():
    page = Page(plan_html(evil_plan("bob")))
    columns, width = len(page.with_scope("col")), []
    for tag, attrs in page.tags:
        if tag == "tr":
            width.append(0)
        elif tag in {"td", "th"}:
            width[-1] += int(attrs.get("colspan", 1))
    assert set(width) == {columns}


def test_deletes_and_conflicts_are_words_and_not_only_colours():
    cells = Page(plan_html(evil_plan("bob"))).cells
    assert "DELETE" in cells
    assert "CONFLICT (update)" in cells
    assert any(cell.startswith("1 to DELETE for good") for cell in cells)


def test_what_is_lost_is_struck_out_and_what_comes_is_inserted():
    before = tenant(("bob", "active", "x"), ("eve", "active", None))
    wanted = pd.DataFrame({"subscriber_name": ["bob", "eve"], "custom_field": ["y", None], "action": ["", "delete"]})
    html = plan_html(plan_changes(before, wanted))
    assert "<del><bdi>active</bdi></del>" in html
    assert "<bdi>&#x27;x&#x27;</bdi></del> → <ins" in html


def test_only_columns_that_say_something_are_shown():
    plan = plan_frame(
        {"action": ["update"], "subscriber_name": ["bob"], "status_from": ["active"], "status": ["inactive"]}
    )
    assert Page(plan_html(plan)).cells[1:4] == ["action", "subscriber_name", "status"]
    assert "note" not in Page(plan_html(plan)).cells


def test_spaces_in_a_value_are_kept_as_they_are():
    plan = plan_frame({"action": ["create"], "subscriber_name": ["bob"], "custom_field": ["a   b"]})
    page = Page(plan_html(plan))
    assert "'a   b'" in page.cells
    assert all(
        "white-space:pre-wrap" in attrs["style"]
        for tag, attrs in page.tags
        if tag == "td" and "nowrap" not in attrs["style"]
    )


def test_colours_follow_the_theme_and_have_a_fallback():
    for html in pages("bob"):
        styles = [attrs["style"] for _, attrs in Page(html).tags if "style" in attrs]
        assert any("var(--jp-ui-font-color1, inherit)" in style for style in styles)
        for style in styles:
            for rule in style.split(";"):
                name, _, value = rule.partition(":")
                own_ground = "background:#" in style  # the badge brings its own ground
                assert name != "color" or value == "inherit" or value.startswith("var(--jp-") or own_ground


def test_an_empty_plan_is_a_sentence_and_no_empty_table():
    page = Page(plan_html(plan_frame({"action": [], "subscriber_name": []}), label=LIVE))
    assert "table" not in page.names
    assert page.cells[-1] == NO_ROWS


def test_the_html_says_what_the_text_says():
    before = tenant(("bob", "active", "x"), ("eve", "active", None))
    plan = plan_changes(before, before.assign(status="inactive", custom_field="new value"))
    read = " ".join(Page(plan_html(plan, label=LIVE)).cells)
    words = plan_text(plan, label=LIVE).replace("~", "").split()
    assert [word for word in words if word not in read] == []


def test_rows_that_are_not_shown_are_counted():
    plan = plan_frame({"action": ["delete"] * 300, "subscriber_name": [f"u{number}" for number in range(300)]})
    assert '… and 100 more deletes: plan[plan["action"] == "delete"]' in Page(plan_html(plan)).cells
