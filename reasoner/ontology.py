"""The ontology as a graph and as a class tree, read once per process.

Tree, labels and declared terms take the classes of ICD-10-CM codes from their compact table: `icd10cm.ttl`, by far the
largest file, is read only where the ontology is asked for as a graph.
"""

from functools import cache
from pathlib import Path
from typing import Final

import pyoxigraph as ox
from rdflib import OWL, RDF, RDFS, Graph, URIRef
from rdflib.term import Node

from reasoner.canonical import rdflib_triples
from reasoner.index import Hierarchy, Triple
from reasoner.resources import turtle_files
from reasoner.terminology import code_classes
from reasoner.terms import BASE

_OF_CODES: Final = "icd10cm"


@cache
def ontology_triples() -> frozenset[Triple]:
    """Every statement of `ontology/*.ttl`; blank nodes are IRIs, distinct per file."""
    return _written().union(*(_statements(path) for path in turtle_files("ontology") if path.stem == _OF_CODES))


def load_ontology() -> Graph:
    """A fresh graph of the whole ontology; the caller may change it."""
    graph = Graph(bind_namespaces="none")
    for triple in ontology_triples():
        graph.add(triple)
    return graph


@cache
def hierarchy() -> Hierarchy:
    """The class tree of the ontology."""
    written = Hierarchy.of(_written())
    return Hierarchy({**written.parents, **{code: frozenset(above) for code, (above, _) in code_classes().items()}})


@cache
def declared_terms() -> dict[URIRef, frozenset[URIRef]]:
    """Each term that the ontology declares, with its types."""
    found: dict[URIRef, set[URIRef]] = {code: {OWL.Class} for code in code_classes()}
    for s, p, o in _written():
        if p == RDF.type and isinstance(s, URIRef) and isinstance(o, URIRef) and o != OWL.Ontology:
            found.setdefault(s, set()).add(o)
    return {term: frozenset(types) for term, types in found.items()}


@cache
def labels() -> dict[URIRef, str]:
    """The label of each term."""
    found = {s: str(o) for s, p, o in _written() if p == RDFS.label and isinstance(s, URIRef)}
    return found | {code: label for code, (_, label) in code_classes().items()}


@cache
def are_disjoint(one: Node, other: Node) -> bool:
    """Whether the ontology says that nothing belongs to both classes, of them or of classes above them."""
    tree, pairs = hierarchy(), _disjoint_pairs()
    return any((a, b) in pairs or (b, a) in pairs for a in tree.ancestors(one) for b in tree.ancestors(other))


@cache
def _disjoint_pairs() -> frozenset[tuple[Node, Node]]:
    return frozenset((s, o) for s, p, o in _written() if p == OWL.disjointWith)


@cache
def _written() -> frozenset[Triple]:
    """The statements of all files but that of the codes."""
    files = (path for path in turtle_files("ontology") if path.stem != _OF_CODES)
    return frozenset[Triple]().union(*(_statements(path) for path in files))


def _statements(path: Path) -> set[Triple]:
    quads = list(ox.parse(path=path, format=ox.RdfFormat.TURTLE))
    if any(isinstance(term, ox.BlankNode) for quad in quads for term in (quad.subject, quad.object)):
        dataset = ox.Dataset(quads)
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)  # the same names in every process
        quads = list(dataset)
    return set(rdflib_triples(quads, f"{BASE}.well-known/ontology/{path.stem}/"))
