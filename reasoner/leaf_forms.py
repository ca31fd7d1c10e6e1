"""The forms in which leaf criteria are written, so that a shape and its refuting shape can never both hold."""

from rdflib import URIRef
from rdflib.term import Node

from reasoner.shapes import And, Component, NodeShape, Not, Or, Shape
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
