"""Frames to workbooks that people like to read."""
