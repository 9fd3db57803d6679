"""A workbook that was written before the subscribers had a field still reads, and tells nothing of that field."""

import pandas as pd
import pytest

from exotel_frames import schema
from exotel_frames.plans import plan_changes, with_new_fields
from exotel_frames.workbooks import base

NOW = pd.DataFrame({"subscriber_name": ["bob", "eve"], "status": "active", "custom_field": ["vip", None]})


def without_custom_field(patch):
    """Let the schema be one column shorter (taking the key out and in again would move it to the end)."""
    shorter = {name: dtype for name, dtype in schema.SUBSCRIBERS.items() if name != "custom_field"}
    patch.setattr(schema, "SUBSCRIBERS", shorter)
    patch.setitem(schema.SCHEMAS, "subscribers", shorter)


@pytest.fixture
def older(monkeypatch):
    """Return what a version without the custom field would have packed."""
    with monkeypatch.context() as then:
        without_custom_field(then)
        return base.unpack(base.pack(NOW, {"account_sid": "acme1"}), "audit.xlsx")


def test_its_base_is_sound_and_has_the_columns_of_then(older):
    assert older.origin == {"account_sid": "acme1"}
    assert list(older.frame) == [column for column in schema.SUBSCRIBERS if column != "custom_field"]


def test_an_edit_in_it_is_an_update_and_no_conflict_about_the_new_field(older):
    edited = pd.DataFrame({"subscriber_name": ["bob", "eve"], "status": ["inactive", "active"]})
    current = NOW.assign(date_created=pd.NaT, date_updated=pd.NaT)
    plan = plan_changes(current, edited, base=with_new_fields(older.frame, current))
    assert plan[["action", "subscriber_name", "conflict"]].to_numpy().tolist() == [["update", "bob", False]]
    assert plan["custom_field"].tolist() == ["vip"]


def test_a_column_that_only_a_later_version_knows_is_left_out():
    rows = base.pack(NOW, {})
    assert "custom_field" in base.unpack(rows, "audit.xlsx").frame
    with pytest.MonkeyPatch.context() as patch:
        without_custom_field(patch)
        older = base.unpack(rows, "audit.xlsx")
    assert "custom_field" not in older.frame
