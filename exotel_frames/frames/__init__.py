"""DataFrames: no HTTP, no threads, no files but Excel's."""
