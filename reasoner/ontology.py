"""The ontology as a graph and as a class tree, read once per process."""

from functools import cache

import pyoxigraph as ox
from rdflib import OWL, RDF, RDFS, Graph, URIRef

from reasoner.canonical import rdflib_triples
from reasoner.index import Hierarchy, Triple
from reasoner.resources import turtle_files
from reasoner.terms import BASE


@cache
def ontology_triples() -> frozenset[Triple]:
    """Every statement of `ontology/*.ttl`; blank nodes are IRIs, distinct per file."""
    found: set[Triple] = set()
    for path in turtle_files("ontology"):
        dataset = ox.Dataset(ox.parse(path=path, format=ox.RdfFormat.TURTLE))
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)  # the same names in every process
        found.update(rdflib_triples(dataset, f"{BASE}.well-known/ontology/{path.stem}/"))
    return frozenset(found)


def load_ontology() -> Graph:
    """A fresh graph of the whole ontology; the caller may change it."""
    graph = Graph(bind_namespaces="none")
    for triple in ontology_triples():
        graph.add(triple)
    return graph


@cache
def hierarchy() -> Hierarchy:
    """The class tree of the ontology."""
    return Hierarchy.of(ontology_triples())


@cache
def declared_terms() -> dict[URIRef, frozenset[URIRef]]:
    """Each term that the ontology declares, with its types."""
    found: dict[URIRef, set[URIRef]] = {}
    for s, p, o in ontology_triples():
        if p == RDF.type and isinstance(s, URIRef) and isinstance(o, URIRef) and o != OWL.Ontology:
            found.setdefault(s, set()).add(o)
    return {term: frozenset(types) for term, types in found.items()}


@cache
def labels() -> dict[URIRef, str]:
    """The label of each term."""
    return {s: str(o) for s, p, o in ontology_triples() if p == RDFS.label and isinstance(s, URIRef)}
