"""DataFrames of the six schemas: made, converted, compared; no rules on values, no files."""
