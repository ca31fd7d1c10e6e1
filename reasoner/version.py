"""The version of the package, in one place."""

VERSION = "0.1.0"
"""The version of the program; it stands in every report."""
