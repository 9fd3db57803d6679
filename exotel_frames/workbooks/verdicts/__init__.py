"""Writes the outcome of each row beside it in the file that people edited."""
