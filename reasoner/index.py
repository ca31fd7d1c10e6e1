"""A graph as dictionaries: the view that evaluation walks over."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from rdflib import RDF, RDFS, URIRef
from rdflib.term import Node

Triple = tuple[Node, Node, Node]


@dataclass(frozen=True)
class Hierarchy:
    """The class tree of the ontology, closed once; a case never adds to it."""

    parents: dict[Node, frozenset[Node]]

    @classmethod
    def of(cls, triples: Iterable[Triple]) -> "Hierarchy":
        """Read the direct `rdfs:subClassOf` statements between named classes."""
        parents: dict[Node, set[Node]] = defaultdict(set)
        for s, p, o in triples:
            if p == RDFS.subClassOf and isinstance(s, URIRef) and isinstance(o, URIRef):
                parents[s].add(o)
        return cls({child: frozenset(found) for child, found in parents.items()})

    @cached_property
    def _above(self) -> dict[Node, frozenset[Node]]:
        return {}

    def ancestors(self, cls: Node) -> frozenset[Node]:
        """The class itself and every class above it."""
        known = self._above.get(cls)
        if known is None:
            found = {cls}
            pending = [cls]
            while pending:
                for parent in self.parents.get(pending.pop(), ()):
                    if parent not in found:
                        found.add(parent)
                        pending.append(parent)
            known = self._above[cls] = frozenset(found)
        return known

    @cached_property
    def _children(self) -> dict[Node, frozenset[Node]]:
        children: dict[Node, set[Node]] = defaultdict(set)
        for child, found in self.parents.items():
            for parent in found:
                children[parent].add(child)
        return {parent: frozenset(found) for parent, found in children.items()}

    def descendants(self, cls: Node) -> frozenset[Node]:
        """The class itself and every class below it."""
        found = {cls}
        pending = [cls]
        while pending:
            for child in self._children.get(pending.pop(), ()):
                if child not in found:
                    found.add(child)
                    pending.append(child)
        return frozenset(found)


class Index:
    """The statements of one case by subject and predicate, and by object and predicate.

    `statements` come in the order of their N-Triples, and so do the values that the index gives: whatever walks it
    meets them in the same order in any process. Predicates and classes are best asked for as `interned` terms.
    """

    __slots__ = ("__dict__", "_backward", "_forward", "hierarchy", "statements")

    def __init__(self, statements: Iterable[Triple], hierarchy: Hierarchy) -> None:
        """Take statements that are in order already, each once; see `of`."""
        self.statements = tuple(statements)
        self.hierarchy = hierarchy
        forward: dict[Node, dict[Node, list[Node]]] = {}
        backward: dict[Node, dict[Node, list[Node]]] = {}
        for s, p, o in self.statements:
            forward.setdefault(s, {}).setdefault(p, []).append(o)
            backward.setdefault(o, {}).setdefault(p, []).append(s)
        self._forward = forward
        self._backward = backward

    @classmethod
    def of(cls, triples: Iterable[Triple], hierarchy: Hierarchy) -> "Index":
        """The index of statements in no order."""
        return cls(in_order(triples), hierarchy)

    @cached_property
    def triples(self) -> frozenset[Triple]:
        """The statements as a set."""
        return frozenset(self.statements)

    @cached_property
    def number(self) -> dict[Triple, int]:
        """The place of each statement in the order."""
        return {triple: number for number, triple in enumerate(self.statements)}

    @cached_property
    def classes(self) -> frozenset[Node]:
        """Every class that some node has as its type or above it: what nothing in the case can be lies outside."""
        stated = {cls for by_predicate in self._forward.values() for cls in by_predicate.get(RDF.type, ())}
        return frozenset().union(*(self.hierarchy.ancestors(cls) for cls in stated))

    def objects(self, subject: Node, predicate: Node) -> list[Node]:
        """The values of a property."""
        return self._forward.get(subject, _NO_PREDICATE).get(predicate, _NOTHING)

    def subjects(self, obj: Node, predicate: Node) -> list[Node]:
        """The nodes that have the value."""
        return self._backward.get(obj, _NO_PREDICATE).get(predicate, _NOTHING)

    def predicates(self, subject: Node) -> Iterable[Node]:
        """The properties that a node has."""
        return self._forward.get(subject, _NO_PREDICATE)

    def types_within(self, node: Node, cls: Node) -> list[Node]:
        """The stated types of a node that are the class or lie below it."""
        return [t for t in self.objects(node, RDF.type) if cls in self.hierarchy.ancestors(t)]

    def restricted_to(self, triples: Iterable[Triple]) -> "Index":
        """The same view over fewer statements."""
        kept = set(triples)
        return Index((triple for triple in self.statements if triple in kept), self.hierarchy)


_NO_PREDICATE: Final[dict[Node, list[Node]]] = {}
_NOTHING: Final[list[Node]] = []


def triple_key(triple: Triple) -> tuple[str, str, str]:
    """Order of triples that no process and no hash seed changes."""
    s, p, o = triple
    return (s.n3(), p.n3(), o.n3())


def in_order(triples: Iterable[Triple]) -> tuple[Triple, ...]:
    """Statements in the order of their N-Triples, each once."""
    return tuple(sorted(set(triples), key=triple_key))
