"""SHACL as a typed form: shapes, targets, property paths, and the tests of a value."""
