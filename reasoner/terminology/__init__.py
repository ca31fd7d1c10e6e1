"""Codes, mapping sets and the ontology: what a code or a class means, and how what is shipped of it is built."""
