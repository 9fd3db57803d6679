"""The sentences about answers and waiting that several tests expect, word for word."""

PAUSE = "the service asked for a pause"
EMPTY_FIRST_PAGE = "first page is empty but names a next page"
NO_NAME = "can't be a subscriber's name"
MAYBE_SENT = "The service may have carried it out: look before you send it again."


def no_envelope(http_code):
    return f"HTTP {http_code} with a response without the API's envelope"
