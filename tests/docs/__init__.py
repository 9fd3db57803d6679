"""The site: its pages run as they stand, and its links lead somewhere."""
