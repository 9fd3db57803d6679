"""The shapes of the API's JSON (API.md, "Envelopes"): what must be there, what may be missing, and its decoders.

Unknown fields are ignored, as the document's own samples ask.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from exotel_frames.records import ErrorData, Item, Subscriber
from exotel_frames.secret import Secret
from exotel_frames.text import escape_text

LONGEST_TEXT = 2_000
"""What is kept of the service's own words: no explanation is longer, a page of HTML is."""


class Links(Struct, gc=False):
    """The `metadata` of a listing."""

    next_page_uri: str | UnsetType | None = UNSET
    prev_page_uri: str | None = None
    first_page_uri: str | None = None


class AnyError(Struct, gc=False):
    """An `error_data`; a code that comes as text must not make a refusal unreadable."""

    code: int | str | None = None
    message: str | None = None
    description: str | None = None

    def to_record(self) -> ErrorData:
        """Return it with a whole number as its code, if it has one."""
        code = str(self.code) if self.code is not None else ""
        number = int(code) if re.fullmatch("[0-9]{1,9}", code) else None
        return ErrorData(number, safe(self.message), safe(self.description or (None if number is not None else code)))


def safe(text: str | None) -> str | None:
    """Return a text of the service as it may reach a terminal: no control characters, no change of direction."""
    return escape_text(text, LONGEST_TEXT) if text else None


class AnyItem(Struct, gc=False):
    """One item of an answer, as lenient as it can be without losing anything."""

    code: int | None
    status: str | None
    data: Subscriber | None = None
    error_data: AnyError | None = None

    def to_record(self) -> Item:
        """Return the record."""
        error = self.error_data.to_record() if self.error_data else None
        return Item(code=self.code, status=self.status, data=self.data, error_data=error)


class One(Struct, gc=False):
    """An envelope around one item."""

    response: AnyItem
    request_id: str | None = None


class Many(Struct, gc=False):
    """An envelope around several items."""

    response: list[AnyItem]
    request_id: str | None = None
    metadata: Links | None = None
    not_editable: tuple[str, ...] = ()


class TokenPair(Struct):
    """The two tokens, wrapped."""

    refresh_token: Secret
    access_token: Secret


class TokenData(Struct):
    """Whose tokens they are."""

    subscriber_name: str
    subscriber_token: TokenPair


class TokenItem(Struct):
    """The item around them."""

    data: TokenData
    status: str | None = None


class TokenEnvelope(Struct):
    """An envelope around a device's two tokens."""

    response: TokenItem
    request_id: str | None = None


class FailedItem(Struct):
    """The item of a refusal."""

    code: int | None = None
    status: str | None = None
    error_data: AnyError | None = None


class RestException(Struct, rename="pascal"):
    """A gateway's own way to refuse (API.md, 429)."""

    message: str | None = None
    code: int | str | None = None


class Failure(Struct):
    """The envelope of a failure, or the gateway's `RestException`."""

    response: FailedItem | list[AnyItem] | None = None
    request_id: str | None = None
    rest_exception: RestException | None = msgspec.field(name="RestException", default=None)


def _hide_token(_: type, text: Any) -> Secret:
    """Wrap a token while it is decoded: there is no moment at which a traceback could show it."""
    if not isinstance(text, str):
        raise TypeError("Expected `str`")
    return Secret(text)


ONE = msgspec.json.Decoder(One)
MANY = msgspec.json.Decoder(Many)
PAGE = msgspec.json.Decoder(Many)
"""The same for a listing, of which more is taken as it comes (see odd_values)."""
TOKENS = msgspec.json.Decoder(TokenEnvelope, dec_hook=_hide_token)
FAILURE = msgspec.json.Decoder(Failure)
