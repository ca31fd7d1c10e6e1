"""The profile of SHACL that policies are written in, as a small typed form; `shape_reader` reads it from a graph."""

from dataclasses import dataclass, field

from rdflib import Literal, URIRef
from rdflib.term import Node

# Paths -----------------------------------------------------------------------


@dataclass(frozen=True)
class Predicate:
    """A path of one property."""

    iri: URIRef


@dataclass(frozen=True)
class Inverse:
    """`sh:inversePath`."""

    path: "Path"


@dataclass(frozen=True)
class Sequence:
    """A list of paths, one after the other."""

    steps: tuple["Path", ...]


@dataclass(frozen=True)
class Alternative:
    """`sh:alternativePath`."""

    options: tuple["Path", ...]


@dataclass(frozen=True)
class ZeroOrMore:
    """`sh:zeroOrMorePath`."""

    path: "Path"


Path = Predicate | Inverse | Sequence | Alternative | ZeroOrMore

# Constraints -----------------------------------------------------------------


@dataclass(frozen=True)
class And:
    """`sh:and`: every shape of the list."""

    shapes: tuple["Shape", ...]


@dataclass(frozen=True)
class Or:
    """`sh:or`: at least one shape of the list."""

    shapes: tuple["Shape", ...]


@dataclass(frozen=True)
class Not:
    """`sh:not`: the shape does not hold."""

    shape: "Shape"


@dataclass(frozen=True)
class NodeShape:
    """`sh:node`: the other shape holds as well."""

    shape: "Shape"


@dataclass(frozen=True)
class ClassIs:
    """`sh:class`: the node has a type that is the class or lies below it."""

    cls: URIRef


@dataclass(frozen=True)
class In:
    """`sh:in`: the node is one of the list."""

    values: tuple[Node, ...]


@dataclass(frozen=True)
class HasValue:
    """`sh:hasValue`: the value is among the value nodes."""

    value: Node


@dataclass(frozen=True)
class MinCount:
    """`sh:minCount`: at least so many value nodes."""

    count: int


@dataclass(frozen=True)
class MaxCount:
    """`sh:maxCount`: at most so many value nodes."""

    count: int


@dataclass(frozen=True)
class Qualified:
    """`sh:qualifiedValueShape` with `sh:qualifiedMinCount`: at least so many value nodes conform."""

    shape: "Shape"
    minimum: int


@dataclass(frozen=True)
class Component:
    """A constraint component of ours, with its parameters."""

    iri: URIRef
    parameters: tuple[tuple[URIRef, Node], ...]

    def parameter(self, name: URIRef) -> Node:
        """The value of a parameter."""
        return dict(self.parameters)[name]


Constraint = And | Or | Not | NodeShape | ClassIs | In | HasValue | MinCount | MaxCount | Qualified | Component


@dataclass(frozen=True, eq=False)
class PropertyShape:
    """Constraints on the value nodes of a path."""

    node: Node
    path: Path
    constraints: tuple[Constraint, ...]


@dataclass(frozen=True, eq=False)
class Shape:
    """Constraints on a focus node. Two shapes are the same if they are the same object: one per node of the graph."""

    node: Node
    constraints: tuple[Constraint, ...] = field(default=(), repr=False)
    properties: tuple[PropertyShape, ...] = field(default=(), repr=False)


def as_integer(value: Node) -> int:
    """The number that a literal parameter gives.

    Raises:
        ValueError: The term is no integer.
    """
    if not isinstance(value, Literal):
        raise ValueError(f"{value.n3()} is no number")
    return int(str(value))
