"""`python -m exotel_frames.cli`: the same as `exotel-frames`."""

import sys

from exotel_frames.cli import main

if __name__ == "__main__":
    sys.exit(main())
