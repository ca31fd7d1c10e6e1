"""A graph as dictionaries: the view that evaluation walks over."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

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


@dataclass(frozen=True)
class Index:
    """The triples of one case by subject and predicate, and by object and predicate.

    Values come sorted, so that whatever walks the index meets them in the same order in any process.
    """

    triples: frozenset[Triple]
    hierarchy: Hierarchy
    _forward: dict[tuple[Node, Node], list[Node]] = field(init=False, repr=False)
    _backward: dict[tuple[Node, Node], list[Node]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        forward: dict[tuple[Node, Node], list[Node]] = defaultdict(list)
        backward: dict[tuple[Node, Node], list[Node]] = defaultdict(list)
        for s, p, o in sorted(self.triples, key=triple_key):
            forward[s, p].append(o)
            backward[o, p].append(s)
        object.__setattr__(self, "_forward", dict(forward))
        object.__setattr__(self, "_backward", dict(backward))

    def objects(self, subject: Node, predicate: Node) -> list[Node]:
        """The values of a property."""
        return self._forward.get((subject, predicate), [])

    def subjects(self, obj: Node, predicate: Node) -> list[Node]:
        """The nodes that have the value."""
        return self._backward.get((obj, predicate), [])

    def types_within(self, node: Node, cls: Node) -> list[Node]:
        """The stated types of a node that are the class or lie below it."""
        return [t for t in self.objects(node, RDF.type) if cls in self.hierarchy.ancestors(t)]

    def restricted_to(self, triples: Iterable[Triple]) -> "Index":
        """The same view over fewer triples."""
        return Index(frozenset(triples), self.hierarchy)


def triple_key(triple: Triple) -> tuple[str, str, str]:
    """Order of triples that no process and no hash seed changes."""
    s, p, o = triple
    return (s.n3(), p.n3(), o.n3())
