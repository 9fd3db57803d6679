"""The sentences of plans and of what refuses them that several tests expect, word for word."""

KEEP_OR_WRITE = "Drop this row to keep theirs, or set its conflict to False to write yours."
KEEP_OR_DELETE = "Drop this row to keep the subscriber, or set its conflict to False to delete it."
LEAVE_DELETED = "Drop this row to leave it so, or set its action to 'create'"
REMAKE = (
    f"{LEAVE_DELETED} and its conflict to False to make the subscriber again (date_created and device tokens are lost)."
)
PLAN_AGAIN = "Plan again, or drop this row."
DELETED_SINCE = f"deleted since this was planned. {PLAN_AGAIN}"
RENAMED = "a rename is a delete and a create: date_created and device tokens are lost"
SERVICE_IS_ASKED = "not among the current subscribers: the service decides"
UNKNOWN_BEFORE = "impossible: the run did not record what it was before"
WAS_SUSPENDED = "it was 'suspended', which can't be requested: made inactive"
SHARE_IS_A_PART = "it must be a share between 0 and 1"
NOT_COMPARED = "after can't be compared: "


def changed_since(changes):
    return f"changed since this was planned: {changes}. {PLAN_AGAIN}"


def same_change(changes):
    return f"already so: you and others made the same change (meanwhile: {changes})"


def exists_already(custom_field):
    return f"but it exists already: active, custom_field '{custom_field}'. {KEEP_OR_WRITE}"


def case_twin(name):
    return f"differs only by case from '{name}'"


def to_allow(arguments):
    return f"To allow it: apply_plan(client, plan, {arguments})."
