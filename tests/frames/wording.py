"""The sentences about frames and arguments that several tests expect, word for word."""

NO_FRAME = "a pandas DataFrame is needed, and this is "
NO_LIST = "wrap the one name in a list, "
NOTHING_TO_DO = "a column 'status' or 'custom_field', or there is nothing to do"
NO_WHOLE_NUMBER = "holds what is no whole number of 64 bits"


def rename_to(column):
    return f"would be ignored: rename it to '{column}'"
