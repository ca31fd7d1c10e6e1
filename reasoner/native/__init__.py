"""Native code for what shapes write in SPARQL: constraint components and the queries of intake."""
