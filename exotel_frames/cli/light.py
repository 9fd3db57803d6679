"""The commands that don't import pandas."""

from __future__ import annotations

from argparse import Namespace

from exotel_frames.cli.parser import parser
from exotel_frames.errors import SettingsError

DONE = 0


def completion(args: Namespace) -> int:
    """Print what completes the commands in a shell."""
    import shtab  # noqa: PLC0415 - for this command alone

    print(shtab.complete(parser(), args.shell))
    return DONE


def sandbox(args: Namespace) -> int:
    """Serve a made-up account until it is stopped."""
    from exotel_frames.sandbox import read_pairs, serve  # noqa: PLC0415 - for this command alone

    try:
        serve(
            port=args.port,
            subscribers=args.subscribers,
            seed=args.seed,
            state=args.state,
            rate_limit=args.rate_limit,
            faults=args.faults,
            behavior=read_pairs(args.behavior),
        )
    except (TypeError, ValueError) as problem:  # the sandbox refuses an option
        raise SettingsError(str(problem)) from None
    return DONE
