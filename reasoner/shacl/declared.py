"""Constraint components as a shapes graph declares them."""

from collections.abc import Mapping

from rdflib import RDF, SH, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.rdf.nodes import interned
from reasoner.shacl.lexical import is_well_formed

Components = Mapping[URIRef, Mapping[URIRef, URIRef | None]]
"""Constraint components by IRI, each with its parameters, all mandatory, and the datatype that a value has to have."""


def is_of(value: Node, datatype: URIRef | None) -> bool:
    """Whether a value is a well-formed literal of the datatype, if one is asked for."""
    if datatype is None:
        return True
    return isinstance(value, Literal) and value.datatype == datatype and is_well_formed(str(value), str(datatype))


def read_components(graph: Graph) -> dict[URIRef, dict[URIRef, URIRef | None]]:
    """The constraint components that a graph declares, each with the paths of its parameters and their datatypes."""
    found: dict[URIRef, dict[URIRef, URIRef | None]] = {}
    for iri in graph.subjects(RDF.type, SH.ConstraintComponent):
        of_path: dict[URIRef, URIRef | None] = {}
        for parameter in graph.objects(iri, SH.parameter):
            datatype = graph.value(parameter, SH.datatype)
            path = interned(URIRef(str(graph.value(parameter, SH.path))))
            of_path[path] = None if datatype is None else URIRef(str(datatype))
        found[interned(URIRef(str(iri)))] = dict(sorted(of_path.items()))
    return found
