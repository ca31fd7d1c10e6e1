"""The mapping sets in the formats of others: SSSOM, FHIR, SKOS."""
