"""Compiled shapes: closures that answer, that say what their answer rests on, and SHACL results."""
