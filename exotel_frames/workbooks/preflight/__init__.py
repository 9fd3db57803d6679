"""Checks that a file is safe to open, before any library opens it."""
