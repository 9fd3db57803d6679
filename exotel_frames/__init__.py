"""Exotel subscribers as pandas DataFrames."""
