"""Single requests that return the whole response, at the account's pace and within a budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from exotel_frames.api.client import Client
from exotel_frames.api.wire import UNREADABLE


@dataclass(frozen=True)
class Answer:
    """One answer as it came; `body` is None when it is no JSON object."""

    http_code: int
    headers: Mapping[str, str]
    body: dict[str, Any] | None
    server_date: datetime | None
    """What the `Date` header says."""

    @property
    def ok(self) -> bool:
        """Whether it is a success."""
        return 200 <= self.http_code < 300  # noqa: PLR2004

    @property
    def parts(self) -> list[dict[str, Any]]:
        """Every `{code, error_data, status, data}` of it."""
        response = (self.body or {}).get("response")
        parts = response if isinstance(response, list) else [response]
        return [part for part in parts if isinstance(part, dict)]

    @property
    def is_list(self) -> bool:
        """Whether it has several parts."""
        return isinstance((self.body or {}).get("response"), list)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Every subscriber of it."""
        return [data for part in self.parts if isinstance(data := part.get("data"), dict) and "subscriber_name" in data]

    @property
    def metadata(self) -> dict[str, Any] | None:
        """The metadata beside the parts."""
        found = (self.body or {}).get("metadata")
        return found if isinstance(found, dict) else None

    @property
    def next_query(self) -> str | None:
        """The query of the next page, when one is named."""
        link = (self.metadata or {}).get("next_page_uri")
        return urlsplit(link).query if isinstance(link, str) else None

    @property
    def is_empty_first(self) -> bool:
        """Whether it is an empty page that names a next one."""
        return not self.rows and self.next_query is not None


@dataclass
class Probe:
    """Asks a client's account, at most `budget` times (None: as often as needed); `answers` are all of them."""

    client: Client
    budget: int | None
    answers: list[Answer] = field(default_factory=list)

    def __call__(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer | None:
        """Send one request; None when the budget is used up."""
        if self.budget is not None and len(self.answers) >= self.budget:
            return None
        came = self.client.exchange(method, path, body)
        answer = Answer(came.http_code, came.headers, _object(came.body), came.server_time)
        self.answers.append(answer)
        return answer

    def page(self, query: str) -> Answer | None:
        """Ask for a page; one that is empty and names a next one is followed once."""
        found = self("GET", f"/subscribers?{query}")
        if found and found.is_empty_first:
            found = self("GET", f"/subscribers?{found.next_query}") or found
        return found


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        found = msgspec.json.decode(body)
    except UNREADABLE:
        return None
    return found if isinstance(found, dict) else None
