"""The wire: HTTP lives here and only here, and no DataFrame."""
