"""Diagnoses that no request can state together, by the ontology: its requests that deny what others state.

The tabular list does not keep them all apart. Spondylosis "without radiculopathy" (M47.81-) has no Excludes1 note
against radiculopathy, and yet its own title denies it; the ontology says so by disjoint classes of requests.
"""

from collections import defaultdict
from functools import cache

from rdflib import OWL, RDF, Graph, URIRef
from rdflib.term import Node

from reasoner.rdf.index import Hierarchy
from reasoner.rdf.turtle import read_turtle
from reasoner.resources import turtle_files
from reasoner.terminology.ontology import hierarchy
from reasoner.terms import EDX

_OWN_MODULE = "diagnosis-code"


def contradicted_by(cls: URIRef, tree: Hierarchy) -> tuple[URIRef, ...]:
    """The classes of which no request can state a member beside one of `cls`, sorted."""
    above = tree.ancestors(cls)
    found = {other for one, others in _pairs().items() if one in above for other in others}
    return tuple(sorted(found))


@cache
def _pairs() -> dict[URIRef, frozenset[URIRef]]:
    """Classes of diagnoses, each with those that a disjoint class of requests asks for."""
    graph = read_turtle(path for path in turtle_files("ontology") if path.stem == _OWN_MODULE)
    asked: dict[Node, frozenset[URIRef]] = {
        s: _diagnoses(graph, definition)
        for s, definition in graph.subject_objects(OWL.equivalentClass)
        if isinstance(s, URIRef)
    }
    found: defaultdict[URIRef, set[URIRef]] = defaultdict(set)
    for one, other in graph.subject_objects(OWL.disjointWith):
        for left in asked.get(one, frozenset()):
            for right in asked.get(other, frozenset()):
                found[left].add(right)
                found[right].add(left)
    return {cls: frozenset(others) for cls, others in found.items()}


def _diagnoses(graph: Graph, definition: Node) -> frozenset[URIRef]:
    """The classes of diagnoses that a definition names, at any depth."""
    named: set[URIRef] = set()
    seen: set[Node] = set()
    pending = [definition]
    while pending:
        node = pending.pop()
        if node in seen:
            continue
        seen.add(node)
        if isinstance(node, URIRef):
            if EDX.Diagnosis in hierarchy().ancestors(node) and node != EDX.Diagnosis:
                named.add(node)
            continue
        pending.extend(o for _, p, o in graph.triples((node, None, None)) if p != RDF.type)
    return frozenset(named)
