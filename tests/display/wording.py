"""The sentences of views that several tests expect, word for word."""

NO_ROWS = "Nothing to do: the plan has no rows."
