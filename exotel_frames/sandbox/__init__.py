"""The embedded API server; it shares no code with the client, on purpose."""
