"""The ontology as a graph and as a class tree, read once per process.

Tree, labels and declared terms take the classes of ICD-10-CM codes from their compact table: `icd10cm.ttl`, by far the
largest file, is read only where the ontology is asked for as a graph.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import pyoxigraph as ox
from rdflib import OWL, RDF, RDFS, Graph, URIRef
from rdflib.term import Node

from reasoner.rdf.canonical import rdflib_triples
from reasoner.rdf.index import Hierarchy, Triple
from reasoner.rdf.nodes import interned, interned_iri
from reasoner.resources import turtle_files
from reasoner.terminology.codes import code_classes
from reasoner.terms import BASE

_OF_CODES: Final = "icd10cm"


@cache
def ontology_triples() -> frozenset[Triple]:
    """Every statement of `ontology/*.ttl`; blank nodes are IRIs, distinct per file."""
    return frozenset[Triple]().union(*map(_statements, turtle_files("ontology")))


def load_ontology() -> Graph:
    """A fresh graph of the whole ontology; the caller may change it."""
    graph = Graph(bind_namespaces="none")
    for triple in ontology_triples():
        graph.add(triple)
    return graph


@cache
def hierarchy() -> Hierarchy:
    """The class tree of the ontology."""
    parents: dict[Node, frozenset[Node]] = {term: frozenset(above) for term, above in _read().parents.items()}
    return Hierarchy(parents | {code: frozenset(above) for code, (above, _) in code_classes().items()})


@cache
def declared_terms() -> dict[URIRef, frozenset[URIRef]]:
    """Each term that the ontology declares, with its types."""
    declared = dict.fromkeys(code_classes(), frozenset({_CLASS}))
    for term, types in _read().types.items():
        declared[term] = declared.get(term, _NO_TYPES) | types
    return declared


@cache
def labels() -> dict[URIRef, str]:
    """The label of each term."""
    return _read().labels | {code: label for code, (_, label) in code_classes().items()}


@cache
def are_disjoint(one: Node, other: Node) -> bool:
    """Whether the ontology says that nothing belongs to both classes, of them or of classes above them."""
    tree, pairs = hierarchy(), _read().disjoint
    return any((a, b) in pairs or (b, a) in pairs for a in tree.ancestors(one) for b in tree.ancestors(other))


@dataclass(frozen=True)
class _Terms:
    """What the files say of named terms, beside that of the codes."""

    parents: dict[URIRef, set[URIRef]]
    types: dict[URIRef, set[URIRef]]
    labels: dict[URIRef, str]
    disjoint: set[tuple[URIRef, URIRef]]


@cache
def _read() -> _Terms:
    found = _Terms({}, {}, {}, set())
    for path in turtle_files("ontology"):
        if path.stem == _OF_CODES:
            continue
        for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE):
            predicate, subject, value = quad.predicate.value, quad.subject, quad.object
            if predicate not in _TOLD or not isinstance(subject, ox.NamedNode):
                continue
            term = interned_iri(subject.value)
            if isinstance(value, ox.Literal):
                if predicate == _LABEL:
                    found.labels[term] = value.value
            elif isinstance(value, ox.NamedNode):
                other = interned_iri(value.value)
                if predicate == _PARENT:
                    found.parents.setdefault(term, set()).add(other)
                elif predicate == _DISJOINT:
                    found.disjoint.add((term, other))
                elif predicate == _TYPE and other != OWL.Ontology:
                    found.types.setdefault(term, set()).add(other)
    return found


_CLASS: Final = interned(OWL.Class)
_NO_TYPES: Final[frozenset[URIRef]] = frozenset()
_DISJOINT, _LABEL, _PARENT, _TYPE = str(OWL.disjointWith), str(RDFS.label), str(RDFS.subClassOf), str(RDF.type)
_TOLD: Final = frozenset({_DISJOINT, _LABEL, _PARENT, _TYPE})


def _statements(path: Path) -> set[Triple]:
    quads = list(ox.parse(path=path, format=ox.RdfFormat.TURTLE))
    if any(isinstance(term, ox.BlankNode) for quad in quads for term in (quad.subject, quad.object)):
        dataset = ox.Dataset(quads)
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)  # the same names in every process
        quads = list(dataset)
    return set(rdflib_triples(quads, f"{BASE}.well-known/ontology/{path.stem}/"))
