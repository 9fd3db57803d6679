"""Files to frames of text: nothing is guessed, and what a spreadsheet program changed is refused."""
