"""What shapes can tell of a term, so that cases which differ in nothing that a shape can see count as the same."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from rdflib import RDF, RDFS
from rdflib.term import Node

from reasoner.native.components import NUMBER_STATED, WITHOUT_FIGURES
from reasoner.rdf.index import Hierarchy, Index
from reasoner.rdf.nodes import interned
from reasoner.shacl.reached import along_class_tree
from reasoner.shacl.shapes import (
    Alternative,
    And,
    ClassIs,
    Component,
    Constraint,
    HasValue,
    In,
    Inverse,
    MaxCount,
    NodeShape,
    Not,
    Or,
    Path,
    Predicate,
    PropertyShape,
    Qualified,
    Sequence,
    Shape,
)
from reasoner.terminology.procedures import procedure_class

Feature = tuple[str, Node]
"""What is asked of a term: to be another one (`is`), to be a class or `below` it, to be a class or `above` it."""
Features = frozenset[Feature]
PROCEDURE: Final[Feature] = ("procedure", interned(RDF.type))
"""To be the class of a procedure code, which goes first when statements are taken away."""
FIXING: Final[Feature] = ("fixing", interned(RDF.type))
"""To be the class of a procedure code that says a number."""


@dataclass
class Asked:
    """What a shape asks of the terms of a case, gathered from it and from every shape within it."""

    features: set[Feature] = field(default_factory=set)
    of_each: bool = False  # whether a property shape within it speaks of each of its values
    of_nothing: bool = False  # whether one may do so where nothing is stated: its path may lead over no statement
    figures: bool = False  # whether a component within it comes with figures
    monotone: bool = True  # whether what holds goes on to hold whatever else is stated
    whole: bool = False  # whether more of a term matters than its features
    but_diagnoses: bool = (
        False  # whether more of a term matters, but for the codes of diagnoses: no component knows one
    )

    @staticmethod
    @lru_cache(maxsize=10_000)
    def by(shape: Shape) -> "Asked":
        """What one shape asks. No shape is within itself: `reasoner.shacl.reader` refuses that."""
        asked = Asked()
        for prop in shape.properties:
            asked._property(prop)
        for constraint in shape.constraints:
            asked._constraint(constraint)
        return asked

    def _shape(self, shape: Shape) -> None:
        within = Asked.by(shape)
        self.features |= within.features
        self.of_each |= within.of_each
        self.of_nothing |= within.of_nothing
        self.figures |= within.figures
        self.monotone &= within.monotone
        self.whole |= within.whole
        self.but_diagnoses |= within.but_diagnoses

    def _property(self, prop: PropertyShape) -> None:
        ends = along_class_tree(prop)
        if ends is not None:
            self.features |= {("above" if down else "below", value) for value, down in ends[1]}
            return
        self.whole |= _climbs(prop.path)
        self.of_nothing |= not _needs_statement(prop.path)
        self.of_each |= any(isinstance(c, ClassIs | NodeShape | Not | And | Or | Component) for c in prop.constraints)
        self.monotone &= not self.of_each and not any(isinstance(c, MaxCount) for c in prop.constraints)
        for constraint in prop.constraints:
            self._constraint(constraint)

    def _constraint(self, constraint: Constraint) -> None:
        self.monotone &= not isinstance(constraint, Not | MaxCount | Component)
        match constraint:
            case ClassIs(cls):
                self.features.add(("below", interned(cls)))
            case HasValue(value):
                self.features.add(("is", interned(value)))
            case In(values):
                self.features |= {("is", interned(value)) for value in values}
            case NodeShape(shape) | Not(shape) | Qualified(shape):
                self._shape(shape)
            case And(shapes) | Or(shapes):
                for shape in shapes:
                    self._shape(shape)
            case Component(iri):
                self.figures |= iri not in WITHOUT_FIGURES
                self.but_diagnoses |= iri != NUMBER_STATED
                self.features.add(FIXING)


def _needs_statement(path: Path) -> bool:
    match path:
        case Predicate(iri):
            return iri != RDFS.subClassOf
        case Inverse(inner):
            return _needs_statement(inner)
        case Sequence(steps):
            return any(_needs_statement(step) for step in steps)
        case Alternative(options):
            return all(_needs_statement(option) for option in options)
    return False


def _climbs(path: Path) -> bool:
    match path:
        case Predicate(iri):
            return iri == RDFS.subClassOf
        case Sequence(paths) | Alternative(paths):
            return any(_climbs(step) for step in paths)
    return _climbs(path.path)


@dataclass(frozen=True, slots=True)
class Pattern:
    """Some statements of a case with the terms renamed by first appearance; what `codes` stand for, `Signatures` knows.

    `numbers` are the statements in order, `terms` the terms by their new names.
    """

    numbers: tuple[int, ...]
    terms: tuple[Node, ...]
    outline: tuple[object, ...]
    codes: tuple[int, ...]

    def kept(self, places: Iterable[int]) -> int:
        """The statements at some places of the pattern, as the bits of a number."""
        mask = 0
        for place in places:
            mask |= 1 << self.numbers[place]
        return mask


@dataclass(frozen=True, eq=False)
class Signatures:
    """Which of the features that shapes ask for the terms of a case have, as small numbers; 0 stands for none."""

    features: Features
    sets: list[Features] = field(default_factory=lambda: [frozenset()])
    _codes: dict[Node, int] = field(default_factory=dict)
    _known: dict[Features, int] = field(default_factory=lambda: {frozenset(): 0})
    _terms: set[Node] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._terms.update(term for kind, term in self.features if kind == "is")

    def pattern(self, index: Index, mask: int, focus: Node) -> Pattern:
        """Statements as a pattern; the focus node is named first."""
        key = (self, mask, focus)
        known: Pattern | None = index.remembered.get(key)
        if known is None:
            known = index.remembered[key] = self._pattern(index, mask, focus)
        return known

    def _pattern(self, index: Index, mask: int, focus: Node) -> Pattern:
        names = {focus: 0}
        numbers: list[int] = []
        outline: list[object] = []
        statements = index.statements
        while mask:
            lowest = mask & -mask
            mask ^= lowest
            number = lowest.bit_length() - 1
            s, p, o = statements[number]
            numbers.append(number)
            outline += (names.setdefault(s, len(names)), p, names.setdefault(o, len(names)))
        codes = tuple(self.code(term, index.hierarchy) for term in names)
        return Pattern(tuple(numbers), tuple(names), tuple(outline), codes)

    def code(self, term: Node, hierarchy: Hierarchy) -> int:
        """The number of the features that a term has, which `sets` gives."""
        known = self._codes.get(term)
        if known is None:
            if term not in hierarchy.classes and term not in self._terms:
                return 0  # a node of the case, or a value that no shape names: not worth remembering
            known = self._codes[term] = self._seen(_features(term, self.features, hierarchy))
        return known

    def _seen(self, found: Features) -> int:
        code = self._known.get(found)
        if code is None:
            code = self._known[found] = len(self.sets)
            self.sets.append(found)
        return code


def _features(term: Node, asked: Features, hierarchy: Hierarchy) -> Features:
    above = hierarchy.ancestors
    own = above(term)
    found = {
        (kind, other)
        for kind, other in asked
        if (
            other in own
            if kind == "below"
            else term in above(other)
            if kind == "above"
            else kind == "is" and term == other
        )
    }
    code = procedure_class(term)
    if code is not None:
        found |= {PROCEDURE} if code.minimum is None else {PROCEDURE, FIXING}
    return frozenset(found)
