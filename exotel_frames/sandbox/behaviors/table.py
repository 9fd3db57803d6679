"""The table of behaviours: each thing the service may do otherwise than documented, as frozen data.

Where the provider's document is silent the sandbox has to choose; `source` says how sure the default is. A variant
with `{n}` in its name takes any whole number; `numbers` are those that the tests try.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, Literal

from msgspec import Struct

Source = Literal["documented", "platform", "assumed"]
"""Said by the provider's document; said for the same provider's other APIs; or a choice of ours."""


class Variant(Struct, frozen=True):
    """One way in which the service may do a thing, and one sentence of what it means."""

    name: str
    meaning: str
    numbers: tuple[int, ...] = ()

    def names(self) -> tuple[str, ...]:
        """Return the name, once for each number that is tried.

        >>> Variant("cut{n}", "only {n} characters are kept", (32, 255)).names()
        ('cut32', 'cut255')
        """
        return tuple(self.name.format(n=number) for number in self.numbers) or (self.name,)

    def number_in(self, said: str) -> int | None:
        """Return the number that `said` has in the place of `{n}`; 0 where there is no such place, None if it differs.

        >>> Variant("cut{n}", "only {n} characters are kept", (32, 255)).number_in("cut64")
        64
        """
        found = re.fullmatch(re.escape(self.name).replace(re.escape("{n}"), "([0-9]{1,6})"), said)
        return None if found is None else int("".join(found.groups()) or 0)


class Behavior(Struct, frozen=True):
    """One thing that the service may do in several ways; the first variant is the default."""

    name: str
    source: Source
    about: str
    variants: tuple[Variant, ...]

    @property
    def default(self) -> str:
        """The variant that the sandbox has when nothing is said."""
        return self.variants[0].name

    def variant_names(self) -> tuple[str, ...]:
        """Return every variant's name, the default first."""
        return tuple(name for variant in self.variants for name in variant.names())


class Chosen(Struct, frozen=True):
    """A variant that was chosen, and the number in its name."""

    variant: str
    number: int = 0


def _behavior(
    name: str, source: Source, about: str, *variants: tuple[str, str] | tuple[str, str, tuple[int, ...]]
) -> Behavior:
    return Behavior(name, source, about, tuple(Variant(*variant) for variant in variants))


BEHAVIORS: Final[tuple[Behavior, ...]] = (
    _behavior(
        "custom_field",
        "assumed",
        "what is stored of a custom field's text",
        ("exact", "the text is stored as it was sent, and an empty one is stored as null"),
        ("trim", "white space at both ends is dropped"),
        ("collapse", "each run of white space becomes one blank"),
        ("cut{n}", "only the first {n} characters are kept", (32, 255)),
        ("nfc", "the text is brought into Unicode's composed form (NFC)"),
        ("lf", "each line end CR LF becomes LF"),
        ("html", "&, <, > and quotes are stored as HTML entities"),
        ("lower", "the text is stored in lower case"),
        ("null_to_empty", "a field that is null or was not given is stored as an empty text"),
        ("empty_kept", "an empty text is stored as an empty text and not as null"),
        ("refuse_over{n}", "a text of more than {n} characters is refused: 400/1002", (255,)),
    ),
    _behavior(
        "custom_field_type",
        "documented",
        "what type a custom field has in an answer",
        ("text", "a text or null"),
        ("json", "a text that reads as a JSON number, boolean, list or object comes back as that"),
    ),
    _behavior(
        "new_status",
        "assumed",
        "the status of a subscriber at birth",
        ("active", "a new subscriber is active"),
        ("inactive", "a new subscriber is inactive"),
        ("pending", "a new subscriber has a status of which the document says nothing"),
    ),
    _behavior(
        "status_missing",
        "documented",
        "a PUT without a status",
        ("refused", "it is refused: 400/1001"),
        ("kept", "the status stays as it is"),
        ("activates", "the status becomes active"),
    ),
    _behavior(
        "put_without_custom_field",
        "assumed",
        "a PUT without a custom field",
        ("keeps", "the custom field stays as it is"),
        ("clears", "the custom field is cleared"),
    ),
    _behavior(
        "put_without_change",
        "assumed",
        "a PUT that changes nothing",
        ("moves", "date_updated moves"),
        ("stays", "date_updated stays as it is"),
    ),
    _behavior(
        "repeated_create",
        "platform",
        "a name that exists is created again",
        ("409", "its item is refused: 409/1008"),
        ("200", "its item succeeds, shows the subscriber that exists, and changes nothing"),
    ),
    _behavior(
        "create_after_delete",
        "assumed",
        "a name that was deleted is created again",
        ("allowed", "it is created"),
        ("refused", "its item is refused for ever: 409/1008"),
    ),
    _behavior(
        "case_twins",
        "documented",
        "two names that differ in case only",
        ("two", "they are two subscribers"),
        ("refused", "the second one is refused: 409/1008"),
    ),
    _behavior(
        "post_code",
        "documented",
        "the HTTP code of a create call",
        ("207", "207, each item with a code of its own"),
        ("200", "200, each item with a code of its own"),
        ("201", "201, each item with a code of its own"),
    ),
    _behavior(
        "post_refusal",
        "platform",
        "a create call of which one item is refused",
        ("item", "that item fails, the others are created"),
        ("items_in_4xx", "that item fails, the others are created, and the HTTP code of the whole is that item's"),
        ("all_or_nothing", "nothing is created; the HTTP code is that item's, and each item says so in a list"),
        ("whole_post", "nothing is created, and the one answer speaks of that item only"),
    ),
    _behavior(
        "items_order",
        "assumed",
        "the order of the items that a create call answers",
        ("as_sent", "the order of the request"),
        ("reversed", "the last one first"),
        ("failed_last", "those that failed come last"),
    ),
    _behavior(
        "failed_items",
        "assumed",
        "what an item that failed says of its subscriber",
        ("nameless", "its data is null"),
        ("named", "its data has the name"),
    ),
    _behavior(
        "echo",
        "documented",
        "the name in the answer to a create call",
        ("exact", "the name as it was sent"),
        ("lower", "the name in lower case; what is stored is as it was sent"),
        ("upper", "the name in upper case; what is stored is as it was sent"),
    ),
    _behavior(
        "delete_again",
        "documented",
        "a subscriber that is not there is deleted",
        ("404", "404/1000"),
        ("204", "204, as if it had been there"),
    ),
    _behavior(
        "protected_row",
        "assumed",
        "a subscriber of the account that can't be changed",
        ("none", "every subscriber can be changed and deleted"),
        ("403", "the oldest subscriber can't be changed or deleted: 403/1003"),
        ("423", "the oldest subscriber can't be changed or deleted: 423/1002"),
    ),
    _behavior(
        "token_inactive",
        "assumed",
        "a token for an inactive subscriber",
        ("refused", "it is refused: 403/1003"),
        ("given", "it is given"),
    ),
    _behavior(
        "order",
        "documented",
        "the order of a listing",
        ("newest", "newest first"),
        ("oldest", "oldest first"),
        ("name", "by name"),
    ),
    _behavior(
        "ties",
        "assumed",
        "the order of subscribers that were created in the same second",
        ("stable", "always the same: the reverse order of creation"),
        ("unstable", "another one each time"),
    ),
    _behavior(
        "page_cap",
        "platform",
        "a page size over 100",
        ("refused", "it is refused: 400/1002"),
        ("clamped", "100 are given, without a word"),
        ("raised", "up to 1,000 are given"),
        ("clamped{n}", "a page never holds more than {n}, without a word", (50,)),
        ("refused{n}", "a page size over {n} is refused: 400/1002", (50,)),
    ),
    _behavior(
        "pages",
        "documented",
        "how full a page is that is not the last one",
        ("full", "as full as it was asked for"),
        ("short", "a third of its places stay empty; next_page_uri goes on behind what is shown"),
        ("empty_first", "the first page is empty and names a next one, which begins at the first subscriber"),
    ),
    _behavior(
        "links",
        "documented",
        "the links of a listing",
        ("paths", "paths; next_page_uri is null on the last page"),
        ("null", "all of them are null"),
        ("absent", "there is no metadata"),
        ("absolute", "whole addresses"),
        ("to_empty_page", "next_page_uri of the last page names an empty page"),
    ),
    _behavior(
        "offset_past_end",
        "assumed",
        "an offset past the end of a listing",
        ("empty", "an empty page"),
        ("400", "it is refused: 400/1002"),
        ("404", "it is refused: 404/1000"),
    ),
    _behavior(
        "status_filter",
        "documented",
        "the status filter of a listing",
        ("honoured", "only subscribers with that status are listed"),
        ("ignored", "all subscribers are listed, without a word"),
        ("refused", "it is refused: 400/1002"),
    ),
    _behavior(
        "dates",
        "documented",
        "how a date is written",
        ("offset", "as 2019-11-19T23:14:17+05:30"),
        ("utc", "as 2019-11-19T17:44:17Z"),
        ("millis", "as 2019-11-19T23:14:17.000+05:30"),
        ("no_offset", "as 2019-11-19 23:14:17: the time in India, and nothing says so"),
        ("rfc2822", "as Tue, 19 Nov 2019 23:14:17 +0530"),
        ("epoch", "as the number 1574185457"),
    ),
    _behavior(
        "date_header",
        "assumed",
        "the Date header beside the clock that writes date_created",
        ("now", "both are one clock"),
        ("absent", "there is no Date header"),
        ("+{n}s", "the header's clock is {n} s ahead", (2, 90)),
        ("-{n}s", "the header's clock is {n} s behind", (2, 90)),
        ("backwards", "each header is a second earlier than the one before"),
    ),
    _behavior(
        "rate_headers",
        "platform",
        "the X-RateLimit headers of an account with a rate limit",
        ("sent", "each answer has them"),
        ("absent", "there are none"),
    ),
    _behavior(
        "extra_fields",
        "documented",
        "fields of which the document says nothing",
        ("none", "there are none"),
        ("present", "every object of an answer has one more"),
    ),
    _behavior(
        "tenant_dates",
        "assumed",
        "when the subscribers of the account were created",
        ("spread", "over three years"),
        ("one_second", "all of them in the same second"),
    ),
    _behavior(
        "tenant_status",
        "documented",
        "the status of the account's subscribers",
        ("known", "active or inactive"),
        ("odd", "some have a status of which the document says nothing"),
    ),
    _behavior(
        "tenant_names",
        "documented",
        "the names of the account's subscribers",
        ("legal", "1 to 16 ASCII letters and digits"),
        ("odd", "some have other alphabets, blanks, signs or up to 64 characters"),
    ),
    _behavior(
        "read_lag",
        "assumed",
        "how old the state is that a GET shows",
        ("none", "it shows every write that was answered before"),
        ("{n}s", "it shows the state of {n} s ago", (3,)),
    ),
    _behavior(
        "late_writes",
        "assumed",
        "a write whose answer was lost",
        ("none", "it was carried out at once or never"),
        ("{n}s", "every third write is answered 504 at once and carried out {n} s later", (2,)),
    ),
    _behavior(
        "gateway",
        "assumed",
        "how often a gateway passes a request on",
        ("once", "once"),
        ("repeats_post", "each POST twice; the answer is the second one's"),
        ("repeats_delete", "each DELETE twice; the answer is the second one's"),
    ),
)
"""Every behaviour, in the order of the documentation."""

_BY_NAME: Final[Mapping[str, Behavior]] = MappingProxyType({behavior.name: behavior for behavior in BEHAVIORS})


def choose(wanted: Mapping[str, str] | None = None) -> dict[str, Chosen]:
    """Return the variant of each behaviour; what is not wanted otherwise has its default.

    >>> choose({"custom_field": "cut64"})["custom_field"]
    Chosen(variant='cut{n}', number=64)
    >>> choose({"custom_field": "shout"})
    Traceback (most recent call last):
    ...
    ValueError: This behaviour can't be: custom_field='shout'. custom_field is one of exact, trim, collapse, ...
    """
    given = {name: str(variant) for name, variant in (wanted or {}).items()}
    found = {name: _find(name, variant) for name, variant in given.items()}
    if wrong := {name: given[name] for name, chosen in found.items() if chosen is None}:
        raise ValueError(_refusal(wrong))
    chosen = {name: choice for name, choice in found.items() if choice is not None}
    return {behavior.name: Chosen(behavior.default) for behavior in BEHAVIORS} | chosen


def read_pairs(pairs: Iterable[str]) -> dict[str, str]:
    """Read `name=variant` as a command line gives it; the last one of a name counts.

    >>> read_pairs(["custom_field=trim", "date_header=+2s"])
    {'custom_field': 'trim', 'date_header': '+2s'}
    """
    return {name.strip(): variant.strip() for name, _, variant in (pair.partition("=") for pair in pairs)}


def _find(name: str, said: str) -> Chosen | None:
    variants = _BY_NAME[name].variants if name in _BY_NAME else ()
    numbers = ((variant.name, variant.number_in(said)) for variant in variants)
    return next((Chosen(variant, number) for variant, number in numbers if number is not None), None)


def _refusal(wrong: Mapping[str, str]) -> str:
    told = ", ".join(f"{name}={variant!r}" for name, variant in wrong.items())
    known = [f"{name} is one of {', '.join(_BY_NAME[name].variant_names())}." for name in wrong if name in _BY_NAME]
    unknown = [] if wrong.keys() <= _BY_NAME.keys() else [f"The behaviours are {', '.join(_BY_NAME)}."]
    return " ".join([f"This behaviour can't be: {told}.", *known, *unknown])
