"""A service that follows a script, and a journal that keeps what it is told: one run's chunk, step by step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from exotel_frames.errors import AuthError, NotFoundError, NotSentError, OutcomeUnknownError, RejectedError, ServerError
from exotel_frames.records import Page, Reply, Subscriber
from exotel_frames.runs.context import RunContext

NOON = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
REQUEST = "8019271c8d98422db509c2801e63435f"


def at(seconds):
    return (NOON + timedelta(seconds=seconds)).isoformat()


def bob(status="active", custom_field="old", *, updated=-1000, created=-2000, name="bob"):
    return Subscriber(name, status, custom_field, at(created), at(updated))


def reply(data, code=200):
    return Reply(data, code, REQUEST, attempts=1, seconds=0.5)


def page(*rows, last=True):
    return reply(Page(0, [row.subscriber_name for row in rows], [row.date_created for row in rows], list(rows), last))


def lost():
    return OutcomeUnknownError("No whole answer.")


def failed():
    return ServerError("It failed.", http_code=502)


def away():
    return NotSentError("No connection.", attempts=0)


def forbidden():
    return AuthError("Wrong key.", http_code=401, code=1010, reason="Authorization failed")


def missing():
    words = {"reason": "Not Found", "description": "Subscriber not found"}
    return NotFoundError("There is none.", request_id=REQUEST, http_code=404, code=1000, seconds=0.5, **words)


def refused():
    return RejectedError("No.", request_id=REQUEST, http_code=400, code=1002, reason="Invalid parameter", seconds=0.5)


class Script:
    """Each step is a call's name and what comes of it; anything else that is asked fails the test.

    `contradicts`: from the first answer on, the service's clock goes back.
    """

    def __init__(self, *steps, contradicts=False):
        self.steps = list(steps)
        self.asked = []
        self.contradicts = contradicts

    def _next(self, call, *arguments):
        self.asked.append((call, *arguments))
        assert self.steps, f"{call} was not expected"
        expected, answer = self.steps.pop(0)
        assert call == expected
        if isinstance(answer, Exception):
            raise answer
        return answer

    def get(self, name):
        return self._next("get", name)

    def update(self, name, **fields):
        return self._next("update", name, fields)

    def delete(self, name):
        return self._next("delete", name)

    def create(self, subscribers):
        return self._next("create", [item.subscriber_name for item in subscribers])

    def list_page(self, *, offset=0, page_size=100):
        return self._next("list", offset)

    def server_time(self):
        return None if self.contradicts and self.asked else NOON


class Journal:
    def __init__(self):
        self.intended, self.completed = [], []

    def record_intent(self, run_id, chunk, rows, *, server_time):
        self.intended.append((chunk, list(rows), server_time))

    def record_before_image(self, run_id, row):
        self.completed.append((run_id, row))

    def record_results(self, run_id, chunk, verdicts, *, with_next):
        raise AssertionError("whoever carries out the chunk writes down its verdicts")


def work_of(*steps, **options):
    """Return a run's work by this script, and the list of its waits."""
    waits = []

    def jitter():
        waits.append(1.0)
        return 1.0

    return RunContext(Script(*steps, **options), Journal(), "run", 0.0, jitter), waits
