"""Plans and results as a terminal and a notebook show them, by the defaults of `show`."""

from exotel_frames.display import render_html, render_text, view_plan, view_results


def plan_text(plan, *, label="", color=False, max_rows=40, width=100):
    return render_text(view_plan(plan, label=label, max_rows=max_rows), color=color, width=width)


def plan_html(plan, *, label="", max_rows=200, see_all=""):
    return render_html(view_plan(plan, label=label, max_rows=max_rows, see_all=see_all))


def results_html(results):
    return render_html(view_results(results, max_rows=200))
