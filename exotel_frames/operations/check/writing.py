"""What can be observed by changing two throwaway subscribers."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from exotel_frames.errors import OutcomeUnknownError
from exotel_frames.operations.check.probe import Answer, Probe
from exotel_frames.operations.check.reading import Seen, date_form, epoch_s
from exotel_frames.operations.check.stored_text import TEXT, stored_as

_ILLEGAL: Final = "not_legal"
_TRIES: Final = 8
_PAUSE_S: Final = 1.0
_LATE_S: Final = 5
_LATE_TRIES: Final = 9
_MULTI, _DUPLICATE, _BAD, _FAILED_DEPENDENCY, _AWAY = 207, 409, 400, 424, 500


@dataclass
class Trial:
    """Two throwaways, `one` and `two`, whose names differ in case only; what is seen of them is kept in `seen`."""

    probe: Probe
    one: str
    two: str
    sleep: Callable[[float], None]
    seen: Seen = field(default_factory=dict)
    made: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The result of each of the two, of the run that has created them."""
    offsets_s: list[float] = field(default_factory=list)
    lost: bool = False

    def run(self) -> Seen:
        """Ask everything of them; both are there at the end, or one, or none: the caller deletes what is left."""
        self.check_created()
        self.check_updates()
        self.check_texts()
        self.check_token()
        self.check_deletes()
        self.check_creates()
        self.check_no_change()
        self.check_late_writes()
        self.check_clocks()
        return self.seen

    # Each question

    def check_created(self) -> None:
        """See what became of the two that the journaled run has created."""
        first = self.get(self.one)
        if first is None and self.outcome(self.one) == "done":
            self.note("read_lag", self.catch_up(lambda: self.get(self.one) is not None))
            first = self.get(self.one)
        if first is None:
            return
        self.note("new_status", "holds" if first["status"] == "active" else first["status"])
        self.note("custom_field", "holds" if first["custom_field"] is None else "null_to_empty")
        if self.get(self.two):
            self.note("case_twins")
        elif self.outcome(self.two) == "rejected":
            self.note("case_twins", "refused")

    def check_updates(self) -> None:
        """See what a PUT does with what it does not name."""
        self.put(self.one, status="inactive", custom_field="kept")
        self.check_lag("inactive")
        answer = self.put(self.one, status="inactive")
        if row := _row(answer):
            cleared = not row["custom_field"]
            self.note("put_without_custom_field", "clears" if cleared else "holds")
        answer = self.put(self.one, custom_field="kept")
        row = _row(answer)
        if row:
            self.note("status_missing", "kept" if row["status"] == "inactive" else "activates")
        elif answer and not answer.ok:
            self.note("status_missing")

    def check_texts(self) -> None:
        """See what is stored of a text with everything in it that services like to change."""
        answer = self.put(self.one, status="inactive", custom_field=TEXT)
        if answer and not answer.ok:
            self.seen["custom_field"] = f"refuse_over{self.find_longest_text()}"
        elif row := _row(answer):
            stored = stored_as(str(row["custom_field"]))
            self.seen["custom_field"] = self.empty_text_variant() if stored == "holds" else stored
        row = _row(self.put(self.one, status="inactive", custom_field="42"))
        if row and self.seen.get("custom_field_type", "holds") == "holds":
            self.seen["custom_field_type"] = "holds" if row["custom_field"] == "42" else "json: 42 is a number"

    def empty_text_variant(self) -> str:
        """See what an empty text and a null become."""
        blank, null = (_row(self.put(self.one, status="inactive", custom_field=text)) for text in ("", None))
        if not blank or not null or blank["custom_field"] is None:
            return "holds"
        return "null_to_empty" if null["custom_field"] == "" else "empty_kept"

    def find_longest_text(self) -> int:
        """Find how long a text may be."""
        low, high = 0, len(TEXT)
        while high - low > 1:
            middle = (low + high) // 2
            answer = self.put(self.one, status="inactive", custom_field="y" * middle)
            low, high = (middle, high) if answer and answer.ok else (low, middle)
        return low

    def check_token(self) -> None:
        """Ask for a token of a suspended one; what comes is not kept."""
        body = {"platform": "android", "device_id": "check", "subscriber_name": self.one}
        answer = self.probe("POST", "/subscriber-token", body)
        if answer and answer.http_code < _AWAY:
            self.note("token_inactive", "given" if answer.ok else "holds")

    def check_deletes(self) -> None:
        """Delete the second one twice."""
        exists = self.get(self.two) is not None
        answer = self.delete(self.two)
        if self.get(self.two) is not None:
            return
        if exists and answer and not answer.ok and not self.lost:
            self.seen["gateway"] = "repeats_delete"
        again = self.delete(self.two)
        if again:
            self.note("delete_again", "204" if again.ok else "holds")

    def check_creates(self) -> None:
        """Create the second one again, then beside one that exists and one that is not legal."""
        twin = self.seen.get("case_twins") != "refused"
        if twin and self.get(self.two) is None:
            answer = self.post(self.two)
            if answer:
                self.check_first_post(answer)
            self.delete(self.two)
        mixed = self.post(_ILLEGAL, self.two, self.one)
        if mixed:
            self.check_mixed_post(mixed)

    def check_first_post(self, answer: Answer) -> None:
        """See what a create call answers for one name that was deleted before, and did not exist a moment ago."""
        codes = [part.get("code") for part in answer.parts]
        refused = answer.ok and codes == [_DUPLICATE]
        exists = refused and self.get(self.two) is not None
        if not self.lost:  # after a lost answer a request of ours may have created it
            self.note("gateway", "repeats_post" if exists else "holds")
        self.note("create_after_delete", "refused" if refused and not exists else "holds")
        if answer.ok:
            self.note("post_code", "holds" if answer.http_code == _MULTI else str(answer.http_code))
        for row in answer.rows:
            name = str(row["subscriber_name"])
            echo = "lower" if name == self.two.lower() else "upper" if name == self.two.upper() else "otherwise"
            self.note("echo", "holds" if name == self.two else echo)

    def check_mixed_post(self, answer: Answer) -> None:
        """See what a create call answers when two of its items are refused."""
        errors = [part for part in answer.parts if part.get("error_data")]
        self.note("failed_items", "named" if any(part.get("data") for part in errors) else "holds")
        codes = [part.get("code") for part in answer.parts]
        if answer.ok:
            self.seen["post_refusal"] = "holds"
        elif not answer.is_list:
            self.seen["post_refusal"] = "whole_post"
        else:
            self.seen["post_refusal"] = "all_or_nothing" if _FAILED_DEPENDENCY in codes else "items_in_4xx"
        if answer.ok and len(codes) == len((_ILLEGAL, self.two, self.one)):
            place = codes.index(_BAD) if _BAD in codes else 0
            order = {0: "holds", 1: "failed_last", 2: "reversed"}[place]
            self.seen["items_order"] = order
            self.seen["repeated_create"] = "holds" if _DUPLICATE in codes else "200"
        elif _DUPLICATE in codes:
            self.seen["repeated_create"] = "holds"
        elif answer.is_list and codes.count(200) > 1:
            self.seen["repeated_create"] = "200"

    def check_no_change(self) -> None:
        """Send what is stored already, a second later at least."""
        before = _row(self.put(self.one, status="inactive", custom_field="kept"))
        if not before:
            return
        self.sleep(2 * _PAUSE_S)
        after = _row(self.put(self.one, status="inactive", custom_field=before["custom_field"]))
        if after:
            moved = after["date_updated"] != before["date_updated"]
            self.note("put_without_change", "holds" if moved else "stays")

    def check_late_writes(self) -> None:
        """After a lost answer whose write changed nothing that shows, send some that do until one comes late."""
        settled = any(row["http_code"] != _MULTI for row in self.made.values())  # by a reading
        self.lost = self.lost or (settled and self.seen.get("post_code") == "holds")
        for number in range(_LATE_TRIES if self.lost else 0):
            if "late_writes" in self.seen:
                return
            self.put(self.one, status="inactive", custom_field=f"late {number}")

    def check_clocks(self) -> None:
        """Compare the `Date` headers with the dates that were written."""
        if self.offsets_s and "date_header" not in self.seen:
            offset_s = round(statistics.median(self.offsets_s))
            self.seen["date_header"] = "holds" if abs(offset_s) <= 1 else f"{offset_s:+d}s"
        if not self.lost:
            self.note("late_writes")

    # What they share

    def outcome(self, name: str) -> str | None:
        """Return what the run that has created the two says of one."""
        return self.made[name]["outcome"] if name in self.made else None

    def note(self, name: str, variant: str = "holds") -> None:
        """Note what was seen first: what is expected, or the name of the variant."""
        self.seen.setdefault(name, variant)

    def check_lag(self, status: str) -> None:
        """Read what was just written."""
        row = self.get(self.one)
        if row and row["status"] != status:
            self.note("read_lag", self.catch_up(lambda: (self.get(self.one) or {}).get("status") == status))
        elif row:
            self.note("read_lag")

    def catch_up(self, done: Callable[[], bool]) -> str:
        """Read again until what was written is shown; return how long that took."""
        for seconds in range(1, _TRIES + 1):
            self.sleep(_PAUSE_S)
            if done():
                return f"{seconds}s: about"
        return "otherwise: what was written did not show"

    def get(self, name: str) -> dict[str, Any] | None:
        """Read one; behind a replica that lags, only when it has caught up."""
        if self.seen.get("read_lag", "holds") != "holds":
            self.sleep(_TRIES * _PAUSE_S)
        return _row(self.probe("GET", f"/subscribers/{name}"))

    def write(
        self, method: str, path: str, done: Callable[[], bool], body: Mapping[str, Any] | None = None, tries: int = 2
    ) -> Answer | None:
        """Send what changes something; again where a gateway answered, after a look whether the first one came late."""
        for _ in range(tries):
            with suppress(OutcomeUnknownError):  # a connection that was cut says as much as a gateway's time-out
                answer = self.probe(method, path, body)
                if answer is None or answer.http_code < _AWAY:
                    return answer
            self.check_late_write(done)
        return None

    def put(self, name: str, **body: Any) -> Answer | None:
        """Update one."""
        answer = self.write(
            "PUT", f"/subscribers/{name}", lambda: (self.get(name) or {}).items() >= body.items(), body, _TRIES
        )
        self.note_offset(answer, "date_updated")
        return answer

    def post(self, *names: str) -> Answer | None:
        """Create some."""
        items = {"subscribers": [{"subscriber_name": name} for name in names]}
        answer = self.write("POST", "/subscribers", lambda: self.get(self.two) is not None, items)
        self.note_offset(answer, "date_created")
        return answer

    def delete(self, name: str) -> Answer | None:
        """Delete one."""
        return self.write("DELETE", f"/subscribers/{name}", lambda: self.get(name) is None)

    def check_late_write(self, done: Callable[[], bool]) -> None:
        """Look at once and later whether a write whose response was lost was carried out."""
        self.lost = True
        at_once = done()
        for seconds in range(1, _LATE_S + 1):
            self.sleep(_PAUSE_S)
            if not at_once and done():
                self.note("late_writes", f"{seconds}s: about")
                return

    def note_offset(self, answer: Answer | None, field_name: str) -> None:
        """Keep how far the `Date` header is ahead of the date that was written by this answer."""
        if answer is None or answer.server_date is None:
            return
        server_s = answer.server_date.timestamp()
        for row in answer.rows:
            written = epoch_s(row.get(field_name))
            if written is not None and date_form(row[field_name]) != "no_offset":
                self.offsets_s.append(server_s - written)


def _row(answer: Answer | None) -> dict[str, Any] | None:
    return answer.rows[0] if answer and answer.ok and answer.rows else None
