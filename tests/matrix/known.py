"""What is still untrue: variants of which a verb tells something false. A mark goes when its cause is mended."""

REASONS = {
    "clock": "two clocks count as one (engine.md 12)",
    "second_step": "the PUT after a create clears the custom field, and the row shows it as sent (engine.md 14)",
    "no_offset": "a date that can't be placed becomes NaT, and the listing does not say so (bulk.md A5)",
    "repeated": "a gateway that repeats a request answers with the second one's refusal, which is believed",
}

QUICK = {
    ("date_header", "-2s"): REASONS["clock"],
    ("date_header", "backwards"): REASONS["clock"],
}

EVERY_VERB = QUICK | {
    ("put_without_custom_field", "clears"): REASONS["second_step"],
    ("dates", "no_offset"): REASONS["no_offset"],
    ("gateway", "repeats_post"): REASONS["repeated"],
    ("gateway", "repeats_delete"): REASONS["repeated"],
}
