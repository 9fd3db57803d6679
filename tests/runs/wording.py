"""The sentences about runs and their journal that several tests expect, word for word."""

UNDER_WAY = "is in progress on this account; nothing was sent."
WAIT_FOR_IT = "Wait until it ends, or stop it, then run again."
FILE_IS_GONE = "moved, deleted or replaced"
BUSY_FILE = "Another program is writing there: run again when it has finished."
NOT_AS_PLANNED = "It is no longer as it was when this was planned"


def to_choose_from(runs):
    return f"the newest to choose from: {runs}."
