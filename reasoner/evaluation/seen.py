"""What a shape asks of a request: which of its statements, and what of their values and below."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from rdflib import RDF, RDFS
from rdflib.term import Node

from reasoner.evaluation.signatures import PROCEDURE, Asked, Features
from reasoner.rdf.nodes import interned
from reasoner.shacl.shapes import (
    Alternative,
    And,
    ClassIs,
    Constraint,
    HasValue,
    In,
    Inverse,
    MaxCount,
    MinCount,
    NodeShape,
    Not,
    OneOrMore,
    Or,
    Path,
    Predicate,
    PropertyShape,
    Qualified,
    Sequence,
    Shape,
    ZeroOrMore,
    ZeroOrOne,
)


class Unseen(Exception):  # noqa: N818 - no error: what it stands for is judged without a view
    """A shape asks for more than a view shows, or a case has what no view shows."""


@dataclass
class Seen:
    """What a shape asks of a request: conditions on values, properties of which every value matters, all properties."""

    features: Features
    conditions: list[tuple[frozenset[Node], Shape]] = field(default_factory=list)
    every: set[Node] = field(default_factory=set)
    first: set[Node] = field(default_factory=set)
    predicates: set[Node] = field(default_factory=set)


def seen_by(shape: Shape, broadest: int) -> Seen:
    """What a shape asks of a request, if it asks for so many features at the most.

    Raises:
        Unseen: It asks for more than a view shows.
    """
    asked = Asked.by(shape)
    if asked.whole or asked.but_diagnoses or asked.figures or len(asked.features) > broadest:
        raise Unseen
    seen = Seen(frozenset({*asked.features, PROCEDURE}))
    _of_request(shape, seen)
    return seen


def _of_request(shape: Shape, seen: Seen) -> None:
    for prop in shape.properties:
        first = _first(prop.path)
        seen.first |= first
        _of_path(prop.path, seen)
        for constraint in prop.constraints:
            _of_value(constraint, seen)
            match constraint:
                case HasValue() | MinCount(1) | Qualified(minimum=1, maximum=None, siblings=()):
                    seen.conditions.append((first, _alone(prop, constraint)))
                case MinCount() | MaxCount() | Qualified() if not isinstance(prop.path, Predicate):
                    raise Unseen  # by two ways to one value, which counts once
                case _:
                    seen.every |= first
    for constraint in shape.constraints:
        match constraint:
            case NodeShape(inner) | Not(inner):
                _of_request(inner, seen)
            case And(shapes) | Or(shapes):
                for inner in shapes:
                    _of_request(inner, seen)
            case _:
                raise Unseen


@lru_cache(maxsize=4096)
def _alone(prop: PropertyShape, constraint: Constraint) -> Shape:
    """One constraint of a property shape, as a shape."""
    return Shape(prop.node, (), (PropertyShape(prop.node, prop.path, (constraint,)),))


def _of_value(constraint: Constraint, seen: Seen) -> None:
    match constraint:
        case HasValue() | In() | MinCount() | MaxCount():
            return
        case ClassIs():
            seen.predicates.add(_TYPE)
        case NodeShape(inner) | Not(inner) | Qualified(inner, siblings=()):
            _of_inner(inner, seen)
        case And(shapes) | Or(shapes):
            for inner in shapes:
                _of_inner(inner, seen)
        case _:
            raise Unseen


def _of_inner(shape: Shape, seen: Seen) -> None:
    for prop in shape.properties:
        if prop.properties:
            raise Unseen
        _of_path(prop.path, seen)
        for constraint in prop.constraints:
            _of_value(constraint, seen)
    for constraint in shape.constraints:
        _of_value(constraint, seen)


def _of_path(path: Path, seen: Seen) -> None:
    """The properties of a path; steps along the class tree lead over no statement."""
    match path:
        case Predicate(iri):
            seen.predicates.add(interned(iri))
        case Inverse(Predicate(iri)) if iri == RDFS.subClassOf:
            return
        case Sequence(parts) | Alternative(parts):
            for part in parts:
                _of_path(part, seen)
        case ZeroOrMore(inner) | OneOrMore(inner) | ZeroOrOne(inner):
            _of_path(inner, seen)
        case _:
            raise Unseen


def _first(path: Path) -> frozenset[Node]:
    """The properties with which a path may begin."""
    match path:
        case Predicate(iri) if iri != RDFS.subClassOf:
            return frozenset({interned(iri)})
        case Sequence((step, *_)):
            return _first(step)
        case Alternative(options):
            return frozenset[Node]().union(*map(_first, options))
    raise Unseen


_TYPE: Final = interned(RDF.type)
