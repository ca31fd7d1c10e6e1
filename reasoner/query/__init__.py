"""SPARQL over knowledge, cases and determinations."""
