"""Many requests, safely: neither pandas nor HTTP."""
