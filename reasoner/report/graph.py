"""The determination as an RDF graph, for those who go on with rdflib: the text of `reasoner.report.text`, read."""

import pyoxigraph as ox
from rdflib import Graph

from reasoner.evaluation.determination import Determination
from reasoner.knowledge import Knowledge
from reasoner.rdf.canonical import rdflib_triples
from reasoner.report.text import report_text
from reasoner.terms import PREFIXES


def report_graph(determination: Determination, knowledge: Knowledge) -> Graph:
    """The whole report of one determination; it holds no blank nodes and nothing that changes from run to run."""
    graph = Graph(bind_namespaces="none")
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    text = report_text(determination, knowledge)
    for triple in rdflib_triples(ox.parse(text, format=ox.RdfFormat.TURTLE), ""):
        graph.add(triple)
    return graph
