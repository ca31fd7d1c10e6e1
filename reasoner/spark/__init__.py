"""Determinations on Apache Spark."""
