"""The sentences about files that several tests expect, word for word."""

NAME_COLUMN = "Call the column with the names subscriber_name"
ABOVE_ROWS = "what stands above the rows"
PAGE_CHANGED = "can't be read back exactly: its hidden sheet exotel_frames_pages was changed"


def read_loosely(cells, shown):
    return f"{cells} of status {'was' if cells == '1 cell' else 'were'} read without capitals and blanks ({shown})"


def only_values_of(column, field):
    return f"'{column}' contains only values of {field}, but is not read"


def row_changed(row):
    return f"row {row} was changed since this was written"


def in_a_copy(file, why):
    return f"The outcomes will be in a copy, {file} verdicts.xlsx, and not in {file}.xlsx: {why}"
