"""RDF as the reasoner reads it: bytes to quads, quads to the index that evaluation walks over."""
