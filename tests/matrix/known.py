"""What is still untrue: variants of which a verb tells something false. A mark goes when its cause is mended."""

REASONS = {
    "clock": "two clocks count as one (engine.md 12)",
    "second_step": "the PUT after a create clears the custom field, and the row shows it as sent (engine.md 14)",
}

QUICK = {
    ("date_header", "-2s"): REASONS["clock"],
    ("date_header", "backwards"): REASONS["clock"],
}

EVERY_VERB = QUICK | {("put_without_custom_field", "clears"): REASONS["second_step"]}
