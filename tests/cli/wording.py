"""The sentences of the commands that several tests expect, word for word."""


def after_dry_run(happens):
    return f"Nothing was sent. Without --dry-run the same command {happens}."
