"""The sentences about answers and waiting that several tests expect, word for word."""

PAUSE = "the service asked for a pause"
EMPTY_FIRST_PAGE = "first page is empty and yet names a next one"
NO_NAME = "can't be a subscriber's name"
MAYBE_SENT = "It may have been carried out: look before you send it again."


def no_envelope(http_code):
    return f"HTTP {http_code} with an answer without the API's envelope"
