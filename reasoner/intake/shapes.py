"""The intake shapes as one graph, read once per process."""

from functools import cache

from rdflib import RDF, SH, Graph, URIRef

from reasoner.rdf.turtle import read_turtle
from reasoner.resources import data_folder, turtle_files


@cache
def intake_shapes() -> Graph:
    """Every statement of `shapes/intake/*.ttl`; not to be changed by whoever asks for it."""
    return read_turtle(turtle_files("shapes/intake"))


@cache
def contradiction_shapes() -> frozenset[URIRef]:
    """The shapes that find contradictions inside a record; a report shows what they find among its conflicts."""
    shapes = read_turtle([data_folder("shapes") / "intake" / "contradictions.ttl"])
    return frozenset(URIRef(str(shape)) for shape in shapes.subjects(RDF.type, SH.NodeShape))
