"""Plans, results, problems, changes and runs as readable pages, and read back with every dtype."""
