"""`exotel-frames snapshot` and `compare`: the account as it is now, and what has changed since."""

from __future__ import annotations

from argparse import Namespace

import exotel_frames as ef
from exotel_frames.cli.output import DONE, PENDING, print_json, print_view, write_frame
from exotel_frames.cli.steps import connect, shows_progress
from exotel_frames.display import render_markdown, view_changes

SHOWN_ROWS = 40


def snapshot(args: Namespace) -> int:
    """Load all subscribers, write them to a file, and print its path."""
    client = connect(args)
    subs = ef.load_subscribers(client, progress=shows_progress(args))
    print(ef.write_snapshot(subs, args.out, client=client))
    return DONE


def compare(args: Namespace) -> int:
    """Print what changed between two snapshots, or since one; return 2 when something differs."""
    client = None if args.after else connect(args)
    before = ef.read_snapshot(args.before)
    after = ef.load_subscribers(client, progress=False) if client else ef.read_snapshot(args.after)
    changes = ef.compare(before, after)
    write_frame(changes, args.out, "changes")
    view = view_changes(changes, max_rows=SHOWN_ROWS, see_all="--json prints them all")
    if args.json:
        print_json(changes)
    elif args.markdown:
        print(render_markdown(view))
    else:
        print_view(view)
    return PENDING if len(changes) else DONE
