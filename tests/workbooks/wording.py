"""The sentences about files that several tests expect, word for word."""

NAME_COLUMN = "Call the column with the names subscriber_name"
ABOVE_ROWS = "what stands above the rows"


def read_loosely(cells, shown):
    return f"{cells} of status {'was' if cells == '1 cell' else 'were'} read without capitals and blanks ({shown})"


def only_values_of(column, field):
    return f"'{column}' holds nothing but values of {field}, and is not read"


def row_changed(row):
    return f"row {row} was changed since this was written"
