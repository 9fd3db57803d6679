"""The sentences of the public verbs that several tests expect, word for word."""

NO_MOMENT = "can't be read as a point in time"
NO_EDITS = "the results of a run, not edits"
WHOSE = "Say how to divide the workbooks"


def needs_client(verb, thing):
    return f"{verb}() needs a client first, but this is {thing}."
