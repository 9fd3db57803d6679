"""The messages of rows whose response alone does not decide the outcome."""

from __future__ import annotations

from typing import Final

OLD_READING: Final = (
    "Sent, but the response was lost. The service still shows a state older than the one known before sending. "
    "resume_run(client) looks again."
)

CLEARED: Final = (
    "{fields}, but it is empty now although nothing was sent for it: either the service clears fields that an update "
    "does not name, or somebody has cleared it in the meantime. plan_undo restores it."
)
NOBODY: Final = (
    "Sent, but the response was lost. There is no subscriber with that name now, and it is not known whether there "
    "was one before."
)
ACCEPTED_ONLY: Final = (
    "The service has accepted it (202), but does not show that it was carried out. resume_run(client) looks again."
)
UNCHANGED: Final = "The service reported success, but shows no change. {what} resume_run(client) looks again."
GONE_MEANWHILE: Final = (
    "It was there when this was planned, but the service says that it is gone: either this request deleted it (a "
    "gateway may have sent it twice), or somebody else did. resume_run(client) looks again."
)

NOT_TOLD: Final = "It exists, and whether this run created it can't be told"
UNCLEAR: Final = f"{NOT_TOLD}: {{why}}. It is {{state}}."
NO_TIME: Final = "the service tells no time"
NAME_TAKEN: Final = "Another subscriber already had this name before the request was sent: nothing was created."
REPEATED: Final = "the service refused it because the name exists, but it was created at the time of this request"
OTHER_RUN: Final = "another run on this account has created it since, so it can't be seen what this run did"
OTHER_TEXT: Final = "it was created at the time of this run, with other fields"
NOT_SHOWN: Final = """The service refused it because the name exists, but shows no such subscriber that is older \
than
this request. resume_run(client) looks again."""
CLOCKS: Final = "the clock of the service's answers and the one of its dates"
TWO_CLOCKS: Final = f"{CLOCKS} may differ by {{seconds:.0f}} s"
