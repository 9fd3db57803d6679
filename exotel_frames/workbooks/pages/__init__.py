"""Plans, results, problems, changes and runs as pages that people like to read, and back with every dtype."""
