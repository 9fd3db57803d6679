"""The sentences of the forms that several tests expect, word for word."""

TOKEN_TOO = "Make a token for a device as well"
STALE_RULE = "Active, and not updated for longer than the days above."
NOT_LOADED = "No subscribers are loaded yet."
STOPPED = "Stopped. Left open: "

MAY_EXIST = "A subscriber with this name can't be created; if one exists anyway, it "
DEVICE_HINT = "The id of the app on this phone."
NAME_HINT = "The name of an active subscriber."
NOTHING_TICKED = "Nothing is ticked"
RESUME = 'Click "Go on with the rest" below, or call ef.resume_run(client) later.'
VALUES_ALREADY = "It already has your values: there is nothing left to change."


def no_such_subscriber(name):
    return f"There is no subscriber {name}, and none with this name can be created."


def went_wrong(error):
    return f"Something went wrong inside the tool ({error})."
