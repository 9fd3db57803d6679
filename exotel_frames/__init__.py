"""Exotel subscribers as pandas DataFrames: frames in, frames out, one result row for every input row.

>>> import exotel_frames as ef
>>> client = ef.connect("sandbox")
>>> subscribers = ef.load_subscribers(client, progress=False)
>>> len(subscribers)
250

The public names stand in `__init__.pyi`; each is loaded when it is first used, so that importing the package costs next
to nothing.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__version__ = "0.1.0"
