"""Is it safe to open this file? Asked before any library does."""
