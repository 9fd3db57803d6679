"""What became of each row, written beside it in the file that people edited."""
