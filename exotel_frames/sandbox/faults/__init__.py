"""Faults on demand: what networks, gateways and other writers do to a client, drawn by seed."""
