"""The forms in which leaf criteria are written, so that a shape and its refuting shape can never both hold."""

from typing import Final

from rdflib import Literal, URIRef
from rdflib.term import Node

from reasoner.shacl.shapes import (
    And,
    Component,
    Inverse,
    MinCount,
    NodeShape,
    Not,
    Or,
    Predicate,
    PropertyShape,
    Shape,
)
from reasoner.terms import EDX

Bounds = tuple[Shape, tuple[tuple[URIRef, tuple[Node, ...]], ...]]
"""A condition, and the counts that are bounded or exceeded where it holds: component and parameters."""

EXCEEDING: dict[URIRef, URIRef] = {
    EDX.MaximumTotalConstraintComponent: EDX.ExceededTotalConstraintComponent,
    EDX.MaximumConductionTotalConstraintComponent: EDX.ExceededConductionTotalConstraintComponent,
}
"""The components that ask for a number to be surely within a figure, each with the one that asks for more."""


def two_ends(shape: Shape) -> tuple[Shape, Shape] | None:
    """A and B of a shape that is `sh:node A ; sh:not B` and nothing else."""
    affirmed = [c.shape for c in shape.constraints if isinstance(c, NodeShape)]
    denied = [c.shape for c in shape.constraints if isinstance(c, Not)]
    if shape.properties or len(shape.constraints) != 2 or len(affirmed) != 1 or len(denied) != 1:
        return None
    return affirmed[0], denied[0]


def exceeded_bounds(shape: Shape) -> Bounds | None:
    """The condition of a counted leaf, and its maxima as the components that say them exceeded."""
    bounded = _bounds(shape, And)
    if bounded is None or any(iri not in EXCEEDING for iri, _ in bounded[1]):
        return None
    return bounded[0], tuple((EXCEEDING[iri], values) for iri, values in bounded[1])


def refuting_bounds(refuting: Shape) -> Bounds | None:
    """The condition and the exceeded counts of a refuting shape: the condition does not hold, or it does and one is."""
    match refuting.constraints:
        case (Or((Shape(constraints=(Not(condition),), properties=()), exceeded)),) if not refuting.properties:
            bounded = _bounds(exceeded, Or)
            return bounded if bounded is not None and bounded[0] is condition else None
    return None


def seen_from(condition: Shape) -> tuple[URIRef, Shape] | None:
    """The property and the shape of a condition that asks one thing of the node that leads to the study by it."""
    match condition:
        case Shape(constraints=(), properties=(PropertyShape(path=Inverse(Predicate(iri)), constraints=asked),)):
            shapes = [constraint.shape for constraint in asked if isinstance(constraint, NodeShape)]
            others = [constraint for constraint in asked if not isinstance(constraint, NodeShape)]
            if len(shapes) == 1 and others == [MinCount(1)]:
                return iri, shapes[0]
    return None


def numbers_alone(shape: Shape, combine: type[And] | type[Or]) -> Shape:
    """What a counted leaf or its refuting shape asks of numbers, without the condition beside it."""
    (listed,) = (constraint for constraint in shape.constraints if isinstance(constraint, combine))
    return Shape(shape.node, (listed,))


def exceeding_part(refuting: Shape) -> Shape:
    """What the refuting shape of a counted leaf asks of numbers, without the condition beside it."""
    (options,) = (constraint for constraint in refuting.constraints if isinstance(constraint, Or))
    return numbers_alone(options.shapes[1], Or)


def any_number(numbers: Shape) -> tuple[Component, ...]:
    """Components that look at the same numbers as some maxima do, and are content with any of them."""
    (listed,) = numbers.constraints
    assert isinstance(listed, And)
    bounded = [constraint for member in listed.shapes for constraint in member.constraints]
    return tuple(
        Component(
            component.iri, tuple((name, _ANY if name in _FIGURES else value) for name, value in component.parameters)
        )
        for component in bounded
        if isinstance(component, Component)
    )


_FIGURES: Final = (EDX.maximumTotal, EDX.maximumConductionTotal)
_ANY: Final = Literal(10**9)


def _bounds(shape: Shape, combine: type[And] | type[Or]) -> Bounds | None:
    """The parts of `sh:node CONDITION` beside one list of shapes of one component each, and nothing else."""
    conditions = [c.shape for c in shape.constraints if isinstance(c, NodeShape)]
    lists = [c.shapes for c in shape.constraints if isinstance(c, combine)]
    if shape.properties or len(shape.constraints) != 2 or len(conditions) != 1 or len(lists) != 1:
        return None
    found = []
    for member in lists[0]:
        match member:
            case Shape(constraints=(Component(iri, parameters),), properties=()):
                found.append((iri, tuple(value for _, value in parameters)))
            case _:
                return None
    return conditions[0], tuple(found)
