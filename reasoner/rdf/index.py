"""A graph as dictionaries: the view that evaluation walks over."""

from collections import defaultdict
from collections.abc import Iterable, KeysView
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Final

from rdflib import RDF, RDFS, URIRef
from rdflib.term import Node

from reasoner.rdf.nodes import as_token, interned

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
    def _above_all(self) -> dict[tuple[Node, ...], frozenset[Node]]:
        return {}

    def ancestors_of_all(self, classes: tuple[Node, ...]) -> frozenset[Node]:
        """Some classes and every class above one of them; what was asked before is remembered, up to a limit."""
        known = self._above_all.get(classes)
        if known is None:
            if len(self._above_all) >= _MOST_REMEMBERED:
                self._above_all.clear()
            known = self._above_all[classes] = frozenset().union(*map(self.ancestors, classes))
        return known

    @cached_property
    def _children(self) -> dict[Node, frozenset[Node]]:
        children: dict[Node, set[Node]] = defaultdict(set)
        for child, found in self.parents.items():
            for parent in found:
                children[parent].add(child)
        return {parent: frozenset(found) for parent, found in children.items()}

    @cached_property
    def classes(self) -> frozenset[Node]:
        """Every class that lies below another one or above it."""
        return frozenset({*self.parents, *self._children})

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

    __slots__ = ("__dict__", "_forward", "hierarchy", "statements")

    changes: ClassVar[bool] = False
    """Whether statements come and go, so that it is not worth while to remember much."""

    def __init__(self, statements: Iterable[Triple], hierarchy: Hierarchy) -> None:
        """Take statements that are in order already, each once; see `of`."""
        self.statements = tuple(statements)
        self.hierarchy = hierarchy
        forward: dict[Node, dict[Node, list[Node]]] = {}
        of_subject: dict[Node, list[Node]] = {}
        last: Node | None = None
        for s, p, o in self.statements:
            if s is not last:
                of_subject = forward.setdefault(s, {})
                last = s
            if p in of_subject:
                of_subject[p].append(o)
            else:
                of_subject[p] = [o]
        self._forward = forward

    @classmethod
    def of(cls, triples: Iterable[Triple], hierarchy: Hierarchy) -> "Index":
        """The index of statements in no order."""
        return cls(in_order(triples), hierarchy)

    @cached_property
    def triples(self) -> frozenset[Triple]:
        """The statements as a set."""
        return frozenset(self.statements)

    @cached_property
    def _backward(self) -> dict[Node, dict[Node, list[Node]]]:
        return {}

    def _turned(self, predicate: Node) -> dict[Node, list[Node]]:
        """The subjects of one predicate by object; few predicates are ever asked for this way."""
        found: dict[Node, list[Node]] = {}
        for subject, by_predicate in self._forward.items():
            for value in by_predicate.get(predicate, _NOTHING):
                found.setdefault(value, []).append(subject)
        self._backward[predicate] = found
        return found

    @cached_property
    def places(self) -> dict[Node, dict[Node, int]]:
        """The number of the first statement of each subject and predicate; the others follow it."""
        number = 0
        found: dict[Node, dict[Node, int]] = {}
        for subject, by_predicate in self._forward.items():
            places = found[subject] = {}
            for predicate, values in by_predicate.items():
                places[predicate] = number
                number += len(values)
        return found

    def bits(self, subject: Node, predicate: Node) -> int:
        """The statements that give a property of a node, as the bits of a number: bit n stands for statement n."""
        values = self._forward.get(subject, _NO_PREDICATE).get(predicate)
        return 0 if values is None else ((1 << len(values)) - 1) << self.places[subject][predicate]

    def bit(self, subject: Node, predicate: Node, value: Node) -> int:
        """One statement of the case, as a bit of a number."""
        return 1 << (self.places[subject][predicate] + self._forward[subject][predicate].index(value))

    def types_of(self, node: Node, cls: Node) -> int:
        """The statements that make a node a member of a class, as the bits of a number."""
        kinds = self.kinds.get(node)
        if kinds is None or cls not in kinds:
            return 0
        types = self._forward[node][_TYPE]
        bit = 1 << self.places[node][_TYPE]
        if len(types) == 1:
            return bit
        above = self.hierarchy.ancestors
        mask = 0
        for stated in types:
            if cls in above(stated):
                mask |= bit
            bit <<= 1
        return mask

    def within(self, mask: int) -> tuple[Triple, ...]:
        """The statements of a mask, in order."""
        found = []
        statements = self.statements
        while mask:
            lowest = mask & -mask
            found.append(statements[lowest.bit_length() - 1])
            mask ^= lowest
        return tuple(found)

    @cached_property
    def remembered(self) -> dict[object, Any]:
        """What evaluation has found out about this case, by whatever asked."""
        return {}

    @cached_property
    def classes(self) -> frozenset[Node]:
        """Every class that some node has as its type or above it: what nothing in the case can be lies outside."""
        return frozenset().union(*self.kinds.values())

    @cached_property
    def kinds(self) -> dict[Node, frozenset[Node]]:
        """For each node with a type, its types and every class above them."""
        above, above_all = self.hierarchy.ancestors, self.hierarchy.ancestors_of_all
        found: dict[Node, frozenset[Node]] = {}
        for node, by_predicate in self._forward.items():
            types = by_predicate.get(_TYPE)
            if types is not None:
                found[node] = above(types[0]) if len(types) == 1 else above_all(tuple(types))
        return found

    def objects(self, subject: Node, predicate: Node) -> list[Node]:
        """The values of a property."""
        return self._forward.get(subject, _NO_PREDICATE).get(predicate, _NOTHING)

    def subjects(self, obj: Node, predicate: Node) -> list[Node]:
        """The nodes that have the value."""
        known = self._backward.get(predicate)
        return (self._turned(predicate) if known is None else known).get(obj, _NOTHING)

    def described(self) -> KeysView[Node]:
        """The nodes that the statements are about."""
        return self._forward.keys()

    def predicates(self, subject: Node) -> dict[Node, list[Node]]:
        """The properties that a node has, with their values."""
        return self._forward.get(subject, _NO_PREDICATE)

    def restricted_to(self, triples: Iterable[Triple]) -> "Index":
        """The same view over fewer statements."""
        kept = set(triples)
        return Index((triple for triple in self.statements if triple in kept), self.hierarchy)


_MOST_REMEMBERED: Final = 4096  # sets of types; a case has few that no case before it had
_TYPE: Final = interned(RDF.type)
_NO_PREDICATE: Final[dict[Node, list[Node]]] = {}
_NOTHING: Final[list[Node]] = []


def triple_key(triple: Triple) -> tuple[str, str, str]:
    """Order of triples that no process and no hash seed changes."""
    s, p, o = triple
    return (s.n3(), p.n3(), as_token(o))


def in_order(triples: Iterable[Triple]) -> tuple[Triple, ...]:
    """Statements in the order of their N-Triples, each once."""
    return tuple(sorted(set(triples), key=triple_key))
