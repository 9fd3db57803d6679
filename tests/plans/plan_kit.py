"""Small frames for the tests of plans, and the tiny service that the laws are told with."""

import pandas as pd

from exotel_frames import schema
from exotel_frames.frames.convert import conform

DAY = pd.Timestamp("2026-01-01", tz="UTC")


def tenant(*rows, day=DAY):
    """Subscribers as (name, status, custom field[, date updated])."""
    cells = [(*row, day)[:4] for row in rows]
    frame = pd.DataFrame(cells, columns=["subscriber_name", "status", "custom_field", "date_updated"], dtype=object)
    return conform(frame.assign(date_created=DAY), "subscribers")


def cells(frame, *columns):
    """The columns as a list of tuples, missing as None."""
    part = frame[list(columns)].astype(object)
    return list(part.where(part.notna(), None).itertuples(index=False, name=None))


def changes(plan):
    return cells(plan, "action", "subscriber_name", "status_from", "status", "custom_field_from", "custom_field")


def state(frame):
    """Who there is, and how: none and the empty text are one."""
    return {
        name: (status, field or None)
        for name, status, field in cells(frame, "subscriber_name", "status", "custom_field")
    }


def apply(plan, live, *, day=DAY):
    """What the service holds after a plan: it takes every row but conflicts."""
    rows = {name: (status, field, date) for name, status, field, date in cells(live, *COLUMNS)}
    for action, name, _, status, _, field in changes(plan[~plan["conflict"]]):
        if action == "delete":
            del rows[name]
        elif action == "create":
            assert name not in rows
            rows[name] = (status, field, day)
        elif action == "update":
            rows[name] = (status or rows[name][0], field, day)
    return tenant(*[(name, *row) for name, row in rows.items()])


COLUMNS = ("subscriber_name", "status", "custom_field", "date_updated")


def has_the_schema(plan):
    return {column: str(dtype) for column, dtype in plan.dtypes.items()} == schema.PLAN
