"""Whether a node conforms to a shape, and the triples of the case that the answer rests on.

An engine that only reports violations cannot say why a criterion is met. Here both answers carry their support:
every triple that takes part in the answer, and, from it, a smallest set of triples that gives the same answer alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import chain

from rdflib import RDF, RDFS
from rdflib.term import Node

from reasoner.components import NATIVE
from reasoner.index import Index, Triple, triple_key
from reasoner.procedures import procedure_class
from reasoner.shapes import (
    Alternative,
    And,
    ClassIs,
    Component,
    Constraint,
    HasValue,
    In,
    Inverse,
    MaxCount,
    MinCount,
    NodeShape,
    Not,
    Or,
    Path,
    Predicate,
    PropertyShape,
    Qualified,
    Sequence,
    Shape,
    ZeroOrMore,
)

_NOTHING: frozenset[Triple] = frozenset()


@dataclass(frozen=True)
class Result:
    """The answer for one shape and one node, its support, and figures from the components that took part.

    `every` names the property shapes that held for each of their value nodes, with the node they start from: such an
    answer rests on all of the values, although it would be the same with fewer.
    """

    conforms: bool
    support: frozenset[Triple] = _NOTHING
    notes: tuple[str, ...] = ()
    every: frozenset[tuple[PropertyShape, Node]] = frozenset()


Reached = dict[Node, frozenset[Triple]]  # value node -> triples walked to it


@dataclass(frozen=True)
class Conformance:
    """Evaluates shapes over one case; remembers what it has answered."""

    index: Index
    _known: dict[tuple[int, Node], Result] = field(default_factory=dict, repr=False)

    def check(self, shape: Shape, node: Node) -> Result:
        """Whether the node conforms to the shape."""
        key = (id(shape), node)
        known = self._known.get(key)
        if known is None:
            by_property = (self._property(p, node) for p in shape.properties)
            by_node = (self._constraint(c, {node: _NOTHING}) for c in shape.constraints)
            known = self._known[key] = _all(chain(by_property, by_node))
        return known

    def smallest_support(self, shape: Shape, node: Node) -> frozenset[Triple]:
        """Triples of which none can go without changing the answer, taken from the support of `check`.

        Where the answer speaks of every value of a path, none can go without changing it or what it speaks of.
        """
        smallest = self._reduced(shape, node, self.check(shape, node).support, frozenset())
        every = Conformance(self.index.restricted_to(smallest)).check(shape, node).every
        if not every:
            return smallest
        whole = smallest.union(*(self._property(prop, start).support for prop, start in every))
        return self._reduced(shape, node, whole, every)

    def _reduced(
        self, shape: Shape, node: Node, support: frozenset[Triple], every: frozenset[tuple[PropertyShape, Node]]
    ) -> frozenset[Triple]:
        """Fewer of the triples, with the same answer about the same values of the property shapes in `every`."""
        result = self.check(shape, node)
        kept = set(support)
        for triple in sorted(support, key=_removal_order, reverse=True):
            trial = Conformance(self.index.restricted_to(kept - {triple}))
            again = trial.check(shape, node)
            if (again.conforms, again.notes) == (result.conforms, result.notes) and all(
                (prop, start) in again.every
                and trial.reach(prop.path, start).keys() == self.reach(prop.path, start).keys()
                for prop, start in every
            ):
                kept.discard(triple)
        return frozenset(kept)

    # Paths

    def reach(self, path: Path, node: Node) -> Reached:
        """The value nodes of a path, each with the triples that lead to it."""
        if isinstance(path, Predicate):
            if path.iri == RDFS.subClassOf:  # the class tree is the ontology's, never the case's
                return dict.fromkeys(sorted(self.index.hierarchy.parents.get(node, ()), key=str), _NOTHING)
            return {value: frozenset({(node, path.iri, value)}) for value in self.index.objects(node, path.iri)}
        if isinstance(path, Inverse):
            return self._reach_back(path.path, node)
        if isinstance(path, Sequence):
            found: Reached = {node: _NOTHING}
            for step in path.steps:
                found = _merge((value, walked | more) for start, walked in found.items()
                               for value, more in self.reach(step, start).items())  # fmt: skip
            return found
        if isinstance(path, Alternative):
            return _merge(pair for option in path.options for pair in self.reach(option, node).items())
        return self._closure(path, node)

    def _reach_back(self, path: Path, node: Node) -> Reached:
        if isinstance(path, Predicate):
            if path.iri == RDFS.subClassOf:
                children = self.index.hierarchy.descendants(node) - {node}
                return dict.fromkeys(
                    sorted((c for c in children if node in self.index.hierarchy.parents[c]), key=str), _NOTHING
                )
            return {start: frozenset({(start, path.iri, node)}) for start in self.index.subjects(node, path.iri)}
        if isinstance(path, Alternative):
            return _merge(pair for option in path.options for pair in self._reach_back(option, node).items())
        if isinstance(path, Sequence):
            return self.reach(Sequence(tuple(Inverse(step) for step in reversed(path.steps))), node)
        if isinstance(path, Inverse):
            return self.reach(path.path, node)
        return self._closure(ZeroOrMore(Inverse(path.path)), node)

    def _closure(self, path: ZeroOrMore, node: Node) -> Reached:
        if path == _DESCENDANTS:
            return dict.fromkeys(self.index.hierarchy.descendants(node), _NOTHING)
        found: Reached = {node: _NOTHING}
        pending = [node]
        while pending:
            start = pending.pop()
            for value, walked in self.reach(path.path, start).items():
                if value not in found:
                    found[value] = found[start] | walked
                    pending.append(value)
        return found

    # Constraints

    def _property(self, shape: PropertyShape, node: Node) -> Result:
        reached = self.reach(shape.path, node)
        result = _all(self._constraint(constraint, reached) for constraint in shape.constraints)
        of_each = any(isinstance(c, ClassIs | NodeShape | Not | And | Or | Component) for c in shape.constraints)
        if result.conforms and of_each and reached:
            return replace(result, every=result.every | {(shape, node)})
        return result

    def _constraint(self, constraint: Constraint, reached: Reached) -> Result:
        if isinstance(constraint, HasValue):
            walked = reached.get(constraint.value)
            return Result(False) if walked is None else Result(True, walked)
        if isinstance(constraint, MinCount):
            enough = len(reached) >= constraint.count
            return Result(enough, _union(reached.values()) if enough else _NOTHING)
        if isinstance(constraint, MaxCount):
            too_many = len(reached) > constraint.count
            return Result(not too_many, _union(reached.values()) if too_many else _NOTHING)
        if isinstance(constraint, Qualified):
            return self._qualified(constraint, reached)
        return _every((self._value(constraint, value), walked) for value, walked in reached.items())

    def _qualified(self, constraint: Qualified, reached: Reached) -> Result:
        answers = [(self.check(constraint.shape, value), walked) for value, walked in reached.items()]
        witnesses = [(result, walked) for result, walked in answers if result.conforms]
        if len(witnesses) >= constraint.minimum:
            return Result(True, *_gathered(witnesses))
        return Result(False, *_gathered((result, walked) for result, walked in answers if result.support))

    def _value(self, constraint: Constraint, value: Node) -> Result:
        """A constraint that each value node has to satisfy by itself."""
        match constraint:
            case ClassIs(cls):
                types = self.index.types_within(value, cls)
                return Result(bool(types), frozenset((value, RDF.type, t) for t in types))
            case In(values):
                return Result(value in values)
            case NodeShape(shape):
                return self.check(shape, value)
            case Not(shape):
                inner = self.check(shape, value)
                return replace(inner, conforms=not inner.conforms)
            case And(shapes):
                return _all(self.check(shape, value) for shape in shapes)
            case Or(shapes):
                return _any(self.check(shape, value) for shape in shapes)
            case Component(iri):
                found = NATIVE[iri](self.index, value, constraint)
                return Result(found.conforms, found.support, found.notes)
        raise TypeError(f"{constraint!r} is no constraint on a single value")


def _removal_order(triple: Triple) -> tuple[bool, tuple[str, str, str]]:
    """The class of a procedure code goes first: the kind that a request states in words says the same more plainly."""
    return triple[1] == RDF.type and procedure_class(triple[2]) is not None, triple_key(triple)


_DESCENDANTS = ZeroOrMore(Inverse(Predicate(RDFS.subClassOf)))


def _merge(pairs: Iterable[tuple[Node, frozenset[Triple]]]) -> Reached:
    merged: Reached = {}
    for value, walked in pairs:
        merged[value] = merged.get(value, _NOTHING) | walked
    return merged


def _union(sets: Iterable[frozenset[Triple]]) -> frozenset[Triple]:
    return frozenset().union(*sets)


def _gathered(
    answers: Iterable[tuple[Result, frozenset[Triple]]],
) -> tuple[frozenset[Triple], tuple[str, ...], frozenset[tuple[PropertyShape, Node]]]:
    support: set[Triple] = set()
    notes: dict[str, None] = {}
    every: set[tuple[PropertyShape, Node]] = set()
    for result, walked in answers:
        support |= result.support | walked
        notes.update(dict.fromkeys(result.notes))
        every |= result.every
    return frozenset(support), tuple(notes), frozenset(every)


def _every(answers: Iterable[tuple[Result, frozenset[Triple]]]) -> Result:
    """All must hold; the first that does not is reason enough."""
    holding = []
    for result, walked in answers:
        if not result.conforms:
            return replace(result, support=result.support | walked)
        holding.append((result, walked))
    return Result(True, *_gathered(holding))


def _all(results: Iterable[Result]) -> Result:
    return _every((result, _NOTHING) for result in results)


def _any(results: Iterable[Result]) -> Result:
    listed = [(result, _NOTHING) for result in results]
    holding = [(result, walked) for result, walked in listed if result.conforms]
    return Result(True, *_gathered(holding)) if holding else Result(False, *_gathered(listed))
