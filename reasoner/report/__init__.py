"""A determination as an RDF graph, and as the records that every other format prints."""
