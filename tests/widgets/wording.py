"""The sentences of the forms that several tests expect, word for word."""

TOKEN_TOO = "Make a token for a device as well"
STALE_RULE = "Active, and not updated for longer than the days above."
NOT_LOADED = "No subscribers are loaded yet."
STOPPED = "Stopped, and what was under way is finished."


def no_such_subscriber(name):
    return f"There is no subscriber {name}, and there can't be made one."


def went_wrong(error):
    return f"This went wrong inside the tool ({error})."
