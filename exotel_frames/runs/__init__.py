"""Many things, safely: neither pandas nor HTTP."""
