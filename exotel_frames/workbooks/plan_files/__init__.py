"""A plan as a file for approval: every later change to the plan is detected."""
