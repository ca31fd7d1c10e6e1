"""Shapes as Python closures that say what their answer rests on.

An engine that only reports violations cannot say why a criterion is met. Here both answers carry their support: every
statement of the case that takes part in the answer. Statements are the bits of a number, as `Index.places` has them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from rdflib.term import Node, URIRef

from reasoner.rdf.index import Index
from reasoner.rdf.nodes import interned
from reasoner.shacl.reached import Reached, along_class_tree, reach_of, remembered
from reasoner.shacl.shapes import (
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
from reasoner.validation import proof_steps as steps
from reasoner.validation.closures import compile_shape
from reasoner.validation.proof_steps import NO, NO_ONE, YES, OfReached, Proof, Prove

_OF_EACH: Final = ClassIs | NodeShape | Not | And | Or | Component


@dataclass(frozen=True)
class Provers:
    """Compiles the shapes of one edition, each once.

    With `single`, what holds for several reasons is proved by the first of them. `recalling` may give another way to
    the same proof of a shape with a name.
    """

    single: bool = False
    recalling: Callable[[Shape, Prove], Prove] | None = None

    _shapes: dict[Shape, Prove] = field(default_factory=dict)
    _properties: dict[PropertyShape, Prove] = field(default_factory=dict)
    _named: dict[URIRef, Prove] = field(default_factory=dict)

    def shape(self, shape: Shape) -> Prove:
        """Proves that a node conforms to a shape, or does not. A shape with a name is proved once for a node."""
        known = self._shapes.get(shape)
        if known is None:
            parts = [self.property(prop) for prop in shape.properties]
            parts += [self._of_node(constraint) for constraint in shape.constraints]
            known = steps.all_of(parts, single=self.single)
            if isinstance(shape.node, URIRef):
                known = remembered(known if self.recalling is None else self.recalling(shape, known))
            self._shapes[shape] = known
        return known

    def property(self, shape: PropertyShape) -> Prove:
        """Proves that the values of a path are as a property shape has it, or are not."""
        known = self._properties.get(shape)
        if known is None:
            known = self._properties[shape] = self._shared(shape)
        return known

    def _shared(self, shape: PropertyShape) -> Prove:
        """A property shape that has a name and speaks of no value by itself is proved once for a node."""
        if shape.properties:
            raise TypeError(f"{shape.node} has property shapes of its own, which no policy has")
        if not isinstance(shape.node, URIRef) or _speaks_of_each(shape):
            return self._property(shape)
        known = self._named.get(shape.node)
        if known is None:
            known = self._named[shape.node] = remembered(self._property(shape))
        return known

    def _property(self, shape: PropertyShape) -> Prove:
        ends = along_class_tree(shape)
        if ends is not None:
            return steps.all_of([steps.climbing(ends[0], value, down) for value, down in ends[1]])
        return self._by_reaching(shape)

    def _by_reaching(self, shape: PropertyShape) -> Prove:
        reach = reach_of(shape.path)
        constraints = [self._of_reached(constraint) for constraint in shape.constraints]
        of_each = _speaks_of_each(shape)

        def prove(index: Index, node: Node) -> Proof:
            reached = reach(index, node)
            proof = YES
            for constraint in constraints:
                found = constraint(index, reached)
                if not found[0]:
                    return found
                proof = found if proof is YES else steps.joined(True, (proof, found))
            if of_each and reached:
                return (True, proof[1], proof[2], proof[3] | {(shape, node)})
            return proof

        return prove

    def _of_node(self, constraint: Constraint) -> Prove:
        """A constraint of a node shape: the node is its own value."""
        if isinstance(constraint, HasValue | MinCount | MaxCount | Qualified):
            of_reached = self._of_reached(constraint)
            return lambda index, node: of_reached(index, {node: 0})
        return self._of_value(constraint)

    def _of_reached(self, constraint: Constraint) -> OfReached:
        match constraint:
            case HasValue(value):
                return steps.has_value(interned(value))
            case MinCount(count):
                return lambda _, reached: (True, steps.union(reached), (), NO_ONE) if len(reached) >= count else NO
            case MaxCount(count):
                return lambda _, reached: (False, steps.union(reached), (), NO_ONE) if len(reached) > count else YES
            case Qualified(shape, minimum, None, ()):
                qualified = steps.qualified(compile_shape(shape), self.shape(shape), minimum, single=self.single)
                return self._without_members(shape, qualified) if minimum > 0 else qualified
        return steps.each(self._of_value(constraint))

    def _without_members(self, shape: Shape, prove: OfReached) -> OfReached:
        """The same for values of which none is of the class that the shape asks for first, after its properties.

        Then each value fails by one of the properties, or by the class, which rests on nothing. Shapes that differ in
        the class alone share the answer.
        """
        classes = _asked_first(shape)
        if not classes:
            return prove
        names = tuple([prop.node for prop in shape.properties])
        if not all(isinstance(name, URIRef) for name in names):
            return prove
        before = steps.all_of([self.property(prop) for prop in shape.properties]) if names else None

        def proof(index: Index, reached: Reached) -> Proof:
            if not classes.isdisjoint(index.classes):
                return prove(index, reached)
            if before is None:
                return NO
            key = (names, id(reached))
            known: tuple[Reached, Proof] | None = index.remembered.get(key)
            if known is None:  # what is kept beside the answer keeps its place in memory, and so the key, its own
                found = []
                for value, walked in reached.items():
                    holds, mask, notes, every = before(index, value)
                    if not holds and mask:
                        found.append((False, mask | walked, notes, every))
                known = index.remembered[key] = reached, steps.joined(False, found)
            return known[1]

        return proof

    def _of_value(self, constraint: Constraint) -> Prove:
        """A constraint that each value node has to satisfy by itself."""
        match constraint:
            case ClassIs(cls):
                return steps.is_a(interned(cls))
            case In(values):
                allowed = frozenset(interned(value) for value in values)
                return lambda _, node: YES if node in allowed else NO
            case NodeShape(shape):
                return self.shape(shape)
            case Not(shape):
                return steps.negated(self.shape(shape))
            case And(shapes):
                return steps.all_of([self.shape(shape) for shape in shapes], single=self.single)
            case Or(shapes):
                options = [(compile_shape(shape), self.shape(shape)) for shape in shapes]
                return steps.any_of(options, single=self.single)
            case Component():
                return steps.component(constraint)
        raise TypeError(f"{constraint!r} is no constraint on a single value")


def _asked_first(shape: Shape) -> frozenset[Node]:
    """The class that a node shape asks for before anything but properties, or the classes of which it asks for one."""
    match shape.constraints:
        case (ClassIs(cls), *_):
            return frozenset({interned(cls)})
        case (Or(shapes), *_):
            asked = [_asked_first(option) for option in shapes]
            if all(asked) and all(not option.properties and len(option.constraints) == 1 for option in shapes):
                return frozenset().union(*asked)
    return frozenset()


def _speaks_of_each(shape: PropertyShape) -> bool:
    return any(isinstance(constraint, _OF_EACH) for constraint in shape.constraints)
