"""Forms for notebooks; each calls operations and shows frames."""
