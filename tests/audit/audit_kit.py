"""What the tests of audits share: people who edit workbooks."""

from __future__ import annotations

import openpyxl

import exotel_frames as ef


def load(client):
    return ef.load_subscribers(client, progress=False)


def edit(path, changes, *, removed=()):
    """Set cells as a person would: `changes` is {(name, column): text or None}; a new name is a new row."""
    book = openpyxl.load_workbook(path)
    sheet = book["subscribers"]
    headers = [cell.value for cell in sheet[1]]
    rows = {row[1].value: row[0].row for row in sheet.iter_rows(min_row=2) if row[1].value}
    for (name, column), text in changes.items():
        row = rows.setdefault(name, sheet.max_row + 1)
        sheet.cell(row, 2).value = name
        sheet.cell(row, headers.index(column) + 1).value = text
    for name in removed:
        sheet.delete_rows(rows[name])
    book.save(path)


def plan_of(client, paths):
    return ef.plan_workbook(client, paths, progress=False)


def busy(plan):
    """What a plan does: {name: (action, status, custom_field, conflict)}."""
    rows = plan[plan["action"] != "none"].astype(object)
    rows = rows.where(rows.notna(), None)
    return {
        row["subscriber_name"]: (row["action"], row["status"], row["custom_field"], row["conflict"])
        for row in rows.to_dict("records")
    }
