"""Which statements of a case an answer could change with, if statements were taken away.

Most of what an answer looked at cannot change it: a class that no diagnosis has is not had with fewer statements
either. What cannot change need not be tried when the fewest statements behind an answer are looked for, and cases that
differ in nothing else have the same answer for the same reason.
"""

from dataclasses import dataclass, field

from rdflib.term import Node, URIRef

from reasoner import bearing_steps as steps
from reasoner.bearing_steps import FALSE, FIXED, LOOSE, TRUE, Bearing, OfReached, Weigh
from reasoner.index import Index
from reasoner.nodes import interned
from reasoner.reached import along_class_tree, reach_of
from reasoner.shape_possible import possible
from reasoner.shapes import (
    And,
    ClassIs,
    Component,
    Constraint,
    HasValue,
    In,
    MaxCount,
    MinCount,
    NodeShape,
    Not,
    Or,
    PropertyShape,
    Qualified,
    Shape,
)

Assumed = tuple[Shape, bool] | None
"""A shape whose answer for the node in question is given, and that answer."""


@dataclass(frozen=True)
class Weighers:
    """Compiles the shapes of one edition, each once."""

    _shapes: dict[tuple[Shape, Assumed], Weigh] = field(default_factory=dict)
    _named: dict[URIRef, Weigh] = field(default_factory=dict)

    def shape(self, shape: Shape, assumed: Assumed = None) -> Weigh:
        """Weighs the answer of a shape; what it says of a shape that is assumed is not weighed again."""
        if assumed is not None:
            if shape is assumed[0]:
                given = TRUE if assumed[1] else FALSE
                return lambda _, __: given
            if not _speaks_of(shape, assumed[0]):
                assumed = None
        known = self._shapes.get((shape, assumed))
        if known is None:
            parts = [self._of_value(c, assumed) for c in shape.constraints if not _of_many(c)]
            parts += [_of_itself(self._of_many(c)) for c in shape.constraints if _of_many(c)]
            parts += [self._property(prop) for prop in shape.properties]
            known = steps.both(parts)
            if isinstance(shape.node, URIRef):
                known = steps.remembered(known)
            self._shapes[shape, assumed] = known
        return known

    def _property(self, shape: PropertyShape) -> Weigh:
        if not isinstance(shape.node, URIRef):
            return self._unnamed(shape)
        known = self._named.get(shape.node)
        if known is None:
            known = self._named[shape.node] = steps.remembered(self._unnamed(shape))
        return known

    def _unnamed(self, shape: PropertyShape) -> Weigh:
        ends = along_class_tree(shape)
        if ends is not None:
            return steps.both([steps.climbing(ends[0], value, down) for value, down in ends[1]])
        single = [self._of_value(c) for c in shape.constraints if not _of_many(c)]
        parts = [self._of_many(c) for c in shape.constraints if _of_many(c)]
        if single:
            least = max((c.count for c in shape.constraints if isinstance(c, MinCount)), default=0)
            parts.insert(0, steps.each(steps.both(single), least))
        reach = reach_of(shape.path)
        if len(parts) == 1:
            (only,) = parts
            return lambda index, node: only(index, reach(index, node))

        def weigh(index: Index, node: Node) -> Bearing:
            reached = reach(index, node)
            truth, mask, kind = True, 0, FIXED
            for part in parts:
                holds, bears, how = part(index, reached)
                if not holds:
                    if how is FIXED:
                        return FALSE
                    truth, how = False, LOOSE
                mask |= bears
                kind = max(kind, how)
            return (truth, mask, kind)

        return weigh

    def _of_many(self, constraint: Constraint) -> OfReached:
        """A constraint on the values of a path together."""
        match constraint:
            case HasValue(value):
                return steps.has_value(interned(value))
            case MinCount(count):
                return steps.at_least(count)
            case MaxCount(count):
                return steps.at_most(count)
            case Qualified(shape, minimum, None, ()):
                qualified = steps.qualified(self.shape(shape), minimum)
                return steps.guarded(possible(shape) if minimum > 0 else None, qualified)
        raise TypeError(f"{constraint!r} is no constraint on several values")

    def _of_value(self, constraint: Constraint, assumed: Assumed = None) -> Weigh:
        """A constraint that each value node has to satisfy by itself."""
        match constraint:
            case ClassIs(cls):
                return steps.is_a(interned(cls))
            case In(values):
                allowed = frozenset(interned(value) for value in values)
                return lambda _, node: TRUE if node in allowed else FALSE
            case NodeShape(shape):
                return self.shape(shape, assumed)
            case Not(shape):
                return steps.negated(self.shape(shape, assumed))
            case And(shapes):
                return steps.both([self.shape(shape, assumed) for shape in shapes])
            case Or(shapes):
                return steps.one_of([self.shape(shape, assumed) for shape in shapes])
            case Component():
                return steps.component(constraint)
        raise TypeError(f"{constraint!r} is no constraint on a single value")


def _speaks_of(shape: Shape, other: Shape) -> bool:
    """Whether a shape refers to another for the same node."""
    found: list[Shape] = []
    for constraint in shape.constraints:
        match constraint:
            case NodeShape(inner) | Not(inner):
                found.append(inner)
            case And(inners) | Or(inners):
                found += inners
    return any(inner is other or _speaks_of(inner, other) for inner in found)


def _of_many(constraint: Constraint) -> bool:
    return isinstance(constraint, HasValue | MinCount | MaxCount | Qualified)


def _of_itself(weigh: OfReached) -> Weigh:
    return lambda index, node: weigh(index, {node: 0})
