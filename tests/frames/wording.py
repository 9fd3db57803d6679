"""The sentences about frames and arguments that several tests expect, word for word."""

NO_FRAME = "a pandas DataFrame is needed, but this is "
NO_LIST = "wrap a single name in a list, "
NOTHING_TO_DO = "a column 'status' or 'custom_field': without one there is nothing to do"
NO_WHOLE_NUMBER = "contains values that are not 64-bit whole numbers"


def rename_to(column):
    return f"would be ignored: rename it to '{column}'"
