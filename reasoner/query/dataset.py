"""SPARQL over knowledge, cases and determinations together, each in a graph of its own.

The ontology is the graph `…/ontology`, each policy edition and each determination is the graph of its own IRI, and each
case that of its request. The default graph is their union as RDF has it, and is held as such: the engine's own union
would give a triple that stands in two graphs twice, and every count would be off.
"""

import hashlib
from collections.abc import Iterable

import pyoxigraph as ox
from rdflib import Graph, Literal, URIRef
from rdflib.term import BNode, Node

from reasoner.case import Case
from reasoner.errors import UsageError
from reasoner.evaluation.determination import Determination
from reasoner.knowledge import Knowledge
from reasoner.rdf.index import Triple
from reasoner.report.content import determination_iri
from reasoner.report.text import report_text
from reasoner.terminology.ontology import ontology_triples
from reasoner.terms import BASE


def build_dataset(
    knowledge: Knowledge, cases: Iterable[Case] = (), determinations: Iterable[Determination] = ()
) -> ox.Store:
    """Everything in one store, each part in its named graph.

    Raises:
        UsageError: Two different cases have a request of the same IRI, so that they would be one.
    """
    store = ox.Store()
    add_knowledge(store, knowledge)
    seen: dict[URIRef, Case] = {}
    for case in cases:
        other = seen.setdefault(case.iri, case)
        if other.digest != case.digest:
            raise UsageError(
                f"The request <{case.iri}> stands in {other.source} and, with other statements, in {case.source}. "
                "Ask about them one by one, or give each request an IRI of its own."
            )
        _load(store, case.iri, case.triples)
    for determination in determinations:
        name = ox.NamedNode(determination_iri(determination, knowledge))
        text = report_text(determination, knowledge)
        for graph in (name, ox.DefaultGraph()):
            store.bulk_load(text.encode(), format=ox.RdfFormat.TURTLE, to_graph=graph)
    return store


def add_knowledge(store: ox.Store, knowledge: Knowledge) -> None:
    """Put the ontology and the policy editions into a store, each in its named graph."""
    _load(store, URIRef(BASE + "ontology"), ontology_triples())
    for edition in knowledge.editions:
        _load(store, edition.iri, edition.graph)


def _load(store: ox.Store, name: URIRef, triples: Iterable[Triple] | Graph) -> None:
    # blank nodes are named apart by graph, so that two graphs never share one by accident
    scope = "g" + hashlib.sha256(str(name).encode()).hexdigest()[:16]
    terms = [(_term(s, scope), _term(p, scope), _term(o, scope)) for s, p, o in triples]
    for graph in (ox.NamedNode(str(name)), ox.DefaultGraph()):
        store.bulk_extend(ox.Quad(s, p, o, graph) for s, p, o in terms)  # type: ignore[arg-type]


def _term(node: Node, scope: str) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    if isinstance(node, URIRef):
        return ox.NamedNode(str(node))
    if isinstance(node, BNode):
        return ox.BlankNode(f"{scope}{node}")
    assert isinstance(node, Literal)
    if node.language:
        return ox.Literal(str(node), language=node.language)
    return ox.Literal(str(node), datatype=ox.NamedNode(str(node.datatype)) if node.datatype else None)
