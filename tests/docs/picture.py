"""Draw the README's picture of a tenant: `python -m tests.docs.picture`."""

from __future__ import annotations

import exotel_frames as ef
from tests.docs.pages import ROOT

PICTURE = ROOT / "docs" / "pictures" / "subscribers.png"


def draw() -> None:
    """Draw a made-up account, and keep the picture."""
    with ef.Sandbox(subscribers=1200) as box:
        figure = ef.plot_subscribers(ef.load_subscribers(box.connect(), progress=False))
    figure.savefig(PICTURE, dpi=80)


if __name__ == "__main__":
    draw()
