"""Building a graph around one named thing without blank nodes: parts and lists have names below its own."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from rdflib import RDF, Graph, URIRef
from rdflib.term import Node

from reasoner.terms import PREFIXES

_T = TypeVar("_T")


class GraphBuilder:
    """Adds statements about a thing and its parts; whatever has a name of its own is described once."""

    def __init__(self, iri: URIRef) -> None:
        self.iri = iri
        self.graph = Graph(bind_namespaces="none")
        for prefix, namespace in PREFIXES.items():
            self.graph.bind(prefix, namespace)
        self.described: set[URIRef] = set()

    def each(self, name: str, items: Sequence[_T], describe: Callable[[URIRef, _T], None]) -> list[URIRef]:
        """One numbered part per item, described in turn."""
        nodes = [self.part(f"{name}-{number}") for number in range(1, len(items) + 1)]
        for node, item in zip(nodes, items, strict=True):
            describe(node, item)
        return nodes

    def part(self, name: str) -> URIRef:
        """The name of a part."""
        return URIRef(f"{self.iri}#{name}")

    def new(self, node: URIRef) -> bool:
        """Whether the node is still to be described; asked once, it counts as described."""
        if node in self.described:
            return False
        self.described.add(node)
        return True

    def add(self, s: Node, p: Node, o: Node) -> None:
        """Add a statement."""
        self.graph.add((s, p, o))

    def list_(self, subject: URIRef, predicate: URIRef, items: Sequence[Node]) -> None:
        """An rdf:List whose nodes have IRIs; an empty one is left out."""
        local = str(predicate).rpartition("#")[2]
        base = str(subject) if str(subject).startswith(str(self.iri) + "#") else f"{self.iri}#list"
        nodes = [URIRef(f"{base}-{local}-{n}") for n in range(1, len(items) + 1)]
        for node, item, rest in zip(nodes, items, [*nodes[1:], RDF.nil][: len(nodes)], strict=True):
            self.add(node, RDF.first, item)
            self.add(node, RDF.rest, rest)
        if nodes:
            self.add(subject, predicate, nodes[0])
