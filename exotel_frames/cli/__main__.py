"""`python -m exotel_frames.cli`: the same as `exotel-frames`."""

import sys

from exotel_frames.cli import main

sys.exit(main())
