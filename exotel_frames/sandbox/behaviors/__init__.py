"""The ways in which the service may differ from its document: the table, and a function for each variant."""
