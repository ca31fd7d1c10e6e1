"""SHACL shapes as a small typed form: all of SHACL Core, and what the reasoner runs native code for.

`reasoner.shacl.reader` reads it from a graph; a policy keeps to a smaller profile, which stands there too.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rdflib import SH, Literal, URIRef
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


@dataclass(frozen=True)
class OneOrMore:
    """`sh:oneOrMorePath`."""

    path: "Path"


@dataclass(frozen=True)
class ZeroOrOne:
    """`sh:zeroOrOnePath`."""

    path: "Path"


Path = Predicate | Inverse | Sequence | Alternative | ZeroOrMore | OneOrMore | ZeroOrOne

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
    """`sh:qualifiedValueShape`: at least `minimum` and at most `maximum` value nodes conform.

    A minimum of 0 is none. A value node that conforms to one of the `siblings` does not count
    (`sh:qualifiedValueShapesDisjoint`).
    """

    shape: "Shape"
    minimum: int
    maximum: int | None = None
    siblings: tuple["Shape", ...] = ()


@dataclass(frozen=True)
class Xone:
    """`sh:xone`: exactly one shape of the list."""

    shapes: tuple["Shape", ...]


@dataclass(frozen=True)
class Datatype:
    """`sh:datatype`: the node is a literal of the datatype, and well-formed."""

    iri: URIRef


@dataclass(frozen=True)
class NodeKind:
    """`sh:nodeKind`: `sh:IRI`, `sh:BlankNode`, `sh:Literal` or one of the pairs of them."""

    kind: URIRef


@dataclass(frozen=True)
class Limit:
    """`sh:minExclusive`, `sh:minInclusive`, `sh:maxExclusive`, `sh:maxInclusive`, as `term` says."""

    term: URIRef
    bound: Literal


@dataclass(frozen=True)
class MinLength:
    """`sh:minLength`: the text of the node has at least so many characters."""

    length: int


@dataclass(frozen=True)
class MaxLength:
    """`sh:maxLength`: the text of the node has at most so many characters."""

    length: int


@dataclass(frozen=True)
class Pattern:
    """`sh:pattern` with `sh:flags`: the text of the node matches; one of the patterns that `patterns` can run."""

    pattern: str
    flags: str = ""


@dataclass(frozen=True)
class LanguageIn:
    """`sh:languageIn`: the language tag lies within one of the ranges."""

    ranges: tuple[str, ...]


@dataclass(frozen=True)
class UniqueLang:
    """`sh:uniqueLang true`: no two value nodes have the same language tag."""


@dataclass(frozen=True)
class Equals:
    """`sh:equals`: the value nodes are the values of the property."""

    predicate: URIRef


@dataclass(frozen=True)
class Disjoint:
    """`sh:disjoint`: no value node is a value of the property."""

    predicate: URIRef


@dataclass(frozen=True)
class LessThan:
    """`sh:lessThan`, or `sh:lessThanOrEquals`: each value node is less than each value of the property."""

    predicate: URIRef
    or_equal: bool = False


@dataclass(frozen=True)
class Closed:
    """`sh:closed true`: the node has no other properties than these."""

    allowed: frozenset[Node]


Solution = Mapping[str, Node]
"""What a query binds: `value`, `path`, and the variables of the message."""


@dataclass(frozen=True)
class Sparql:
    """`sh:sparql` of a shape with an IRI, by native code: the solutions for a focus node, each of them a result."""

    iri: URIRef
    constraint: Node
    messages: tuple[str, ...]
    solutions: Callable[[Any, Node], Iterable[Solution]] = field(repr=False)  # of an `Index` and the focus node


@dataclass(frozen=True)
class Component:
    """A constraint component of ours, with its parameters."""

    iri: URIRef
    parameters: tuple[tuple[URIRef, Node], ...]

    def parameter(self, name: URIRef) -> Node:
        """The value of a parameter."""
        return dict(self.parameters)[name]


OfValue = (
    And | Or | Not | Xone | NodeShape | ClassIs | In | Datatype | NodeKind | Limit | MinLength | MaxLength | Pattern
    | LanguageIn | Component
)  # fmt: skip
"""Constraints that each value node has to satisfy by itself."""
Constraint = (
    OfValue | HasValue | MinCount | MaxCount | Qualified | UniqueLang | Equals | Disjoint | LessThan | Closed | Sparql
)


@dataclass(frozen=True, eq=False)
class PropertyShape:
    """Constraints on the value nodes of a path; `properties` are shapes that every value node has to satisfy."""

    node: Node
    path: Path
    constraints: tuple[Constraint, ...]
    properties: tuple["PropertyShape", ...] = field(default=(), repr=False)
    severity: URIRef = SH.Violation
    messages: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, eq=False)
class Shape:
    """Constraints on a focus node. Two shapes are the same if they are the same object: one per node of the graph.

    A property shape that stands where a shape is asked for is a shape with that one property shape. A shape that is
    deactivated has no constraints.
    """

    node: Node
    constraints: tuple[Constraint, ...] = field(default=(), repr=False)
    properties: tuple[PropertyShape, ...] = field(default=(), repr=False)
    severity: URIRef = SH.Violation
    messages: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Targets:
    """Where a shape is to be looked at."""

    nodes: tuple[Node, ...] = ()
    classes: tuple[Node, ...] = ()
    subjects_of: tuple[URIRef, ...] = ()
    objects_of: tuple[URIRef, ...] = ()


def as_integer(value: Node) -> int:
    """The number that a literal parameter gives.

    Raises:
        ValueError: The term is no integer.
    """
    if not isinstance(value, Literal):
        raise ValueError(f"{value.n3()} is no number")
    return int(str(value))
