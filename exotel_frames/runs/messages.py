"""The messages of rows whose answer alone does not tell what became of them."""

from __future__ import annotations

from typing import Final

OLD_READING: Final = (
    "Sent, and the answer was lost; what the service shows is older than what was known before it was sent. "
    "resume_run(client) looks again."
)

CLEARED: Final = (
    "{fields}, and it is empty now although nothing was sent for it: the service clears what an update does not name, "
    "or somebody has cleared it meanwhile. plan_undo brings it back."
)
NOBODY: Final = (
    "Sent, and the answer was lost: there is nobody of that name, and whether there was before is not known."
)
ACCEPTED_ONLY: Final = (
    "The service has accepted it (202), and has not been seen to carry it out. resume_run(client) looks again."
)
UNCHANGED: Final = "The service has answered a success, and shows no change. {what} resume_run(client) looks again."
GONE_MEANWHILE: Final = (
    "It was there when this was planned, and the service says that it is gone: either this very request has deleted it "
    "(a gateway may have sent it twice), or somebody else has. resume_run(client) looks again."
)

NOT_TOLD: Final = "It exists, and whether this run created it can't be told"
UNCLEAR: Final = f"{NOT_TOLD}: {{why}}. It is {{state}}."
NO_TIME: Final = "the service tells no time"
NAME_TAKEN: Final = "Another subscriber had this name before it was sent: nothing was created."
REPEATED: Final = "the service has refused it as existing, and it was created at the time of this very request"
OTHER_RUN: Final = "another run of this account has created it since, so what this one did is no longer to be seen"
OTHER_TEXT: Final = "it was created at the time of this run, with other fields"
NOT_SHOWN: Final = """The service has refused it as existing, and its readings show no such subscriber that is older \
than this request. resume_run(client) looks again."""
CLOCKS: Final = "the clock of the service's answers and the one of its dates"
TWO_CLOCKS: Final = f"{CLOCKS} may differ by {{seconds:.0f}} s"
