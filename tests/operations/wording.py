"""The sentences of the public verbs that several tests expect, word for word."""

NO_MOMENT = "can't be read as a moment"
NO_EDITS = "the results of a run, and no edits"
WHOSE = "Say whose the workbooks are"


def needs_client(verb, thing):
    return f"{verb}() needs a client first, and this is {thing}."
