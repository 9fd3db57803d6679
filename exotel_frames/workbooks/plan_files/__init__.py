"""A plan as a file that somebody can approve: nothing of it can be changed on the way without being told."""
