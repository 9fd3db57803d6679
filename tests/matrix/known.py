"""What is still untrue: variants of which a verb tells something false. A mark goes when its cause is mended."""

REASONS = {
    "empty_page": "an empty page that names a next one counts as the end (bulk.md A4)",
    "filter": "an ignored status filter is believed (bulk.md A2)",
    "no_offset": "a date without an offset counts as UTC (bulk.md A5)",
    "clock": "two clocks count as one (engine.md 12)",
    "lag": "a reading that is older than our own writes is believed (engine.md 13)",
}

QUICK = {
    ("pages", "empty_first"): REASONS["empty_page"],
    ("status_filter", "ignored"): REASONS["filter"],
    ("dates", "no_offset"): REASONS["no_offset"],
    ("date_header", "-2s"): REASONS["clock"],
    ("date_header", "backwards"): REASONS["clock"],
    ("read_lag", "3s"): REASONS["lag"],
}

EVERY_VERB = QUICK
