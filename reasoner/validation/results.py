"""The results of validation as SHACL 1.0 has them: focus node, path, value, component, source shape, nested detail.

Results are made only where the closures of `reasoner.validation.closures` have said that a node does not conform, and
by the same closures, so that the two cannot disagree.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rdflib import SH, URIRef
from rdflib.term import Node

from reasoner.rdf.index import Index
from reasoner.shacl.paths import SELF, Test, reaches, values
from reasoner.shacl.shapes import (
    And,
    ClassIs,
    Closed,
    Component,
    Constraint,
    Datatype,
    Disjoint,
    Equals,
    HasValue,
    In,
    LanguageIn,
    LessThan,
    Limit,
    MaxCount,
    MaxLength,
    MinCount,
    MinLength,
    NodeKind,
    NodeShape,
    Not,
    OfValue,
    Or,
    Path,
    Pattern,
    Predicate,
    PropertyShape,
    Qualified,
    Shape,
    Sparql,
    UniqueLang,
    Xone,
)
from reasoner.validation.closures import (
    compile_property,
    counted,
    of_value,
    ordered,
    repeated_languages,
    shared,
)

_COMPONENTS: Final[dict[type, URIRef]] = {
    And: SH.AndConstraintComponent,
    ClassIs: SH.ClassConstraintComponent,
    Closed: SH.ClosedConstraintComponent,
    Datatype: SH.DatatypeConstraintComponent,
    Disjoint: SH.DisjointConstraintComponent,
    Equals: SH.EqualsConstraintComponent,
    HasValue: SH.HasValueConstraintComponent,
    In: SH.InConstraintComponent,
    LanguageIn: SH.LanguageInConstraintComponent,
    MaxCount: SH.MaxCountConstraintComponent,
    MaxLength: SH.MaxLengthConstraintComponent,
    MinCount: SH.MinCountConstraintComponent,
    MinLength: SH.MinLengthConstraintComponent,
    NodeKind: SH.NodeKindConstraintComponent,
    NodeShape: SH.NodeConstraintComponent,
    Not: SH.NotConstraintComponent,
    Or: SH.OrConstraintComponent,
    Pattern: SH.PatternConstraintComponent,
    Sparql: SH.SPARQLConstraintComponent,
    UniqueLang: SH.UniqueLangConstraintComponent,
    Xone: SH.XoneConstraintComponent,
}
_LIMITS: Final = {
    SH.minExclusive: SH.MinExclusiveConstraintComponent,
    SH.minInclusive: SH.MinInclusiveConstraintComponent,
    SH.maxExclusive: SH.MaxExclusiveConstraintComponent,
    SH.maxInclusive: SH.MaxInclusiveConstraintComponent,
}
_LESS: Final = (SH.LessThanConstraintComponent, SH.LessThanOrEqualsConstraintComponent)
_TOO_FEW: Final = SH.QualifiedMinCountConstraintComponent
_TOO_MANY: Final = SH.QualifiedMaxCountConstraintComponent


@dataclass(frozen=True)
class ShaclResult:
    """One `sh:ValidationResult`; `details` are the results of the shapes that the constraint refers to."""

    focus: Node
    path: Path | None
    value: Node | None
    component: URIRef
    shape: Node
    severity: URIRef
    messages: tuple[str, ...]
    constraint: Node | None = None
    details: tuple["ShaclResult", ...] = ()


def results_of(shape: Shape, index: Index, focus: Node) -> Iterator[ShaclResult]:
    """Every result of a node that does not conform to a shape; none for one that does."""
    for prop in shape.properties:
        yield from _results_of_property(prop, index, focus)
    at = _Place(shape, None, index, focus, (focus,))
    for constraint in shape.constraints:
        yield from _results(constraint, at)


def _results_of_property(shape: PropertyShape, index: Index, focus: Node) -> Iterator[ShaclResult]:
    if compile_property(shape)(index, focus):
        return
    at = _Place(shape, shape.path, index, focus, values(shape.path)(index, focus))
    for constraint in shape.constraints:
        yield from _results(constraint, at)
    for prop in shape.properties:
        for value in at.values:
            yield from _results_of_property(prop, index, value)


@dataclass(frozen=True)
class _Place:
    """A shape held against a focus node, and the value nodes."""

    shape: Shape | PropertyShape
    path: Path | None
    index: Index
    focus: Node
    values: Collection[Node]

    def result(
        self,
        component: URIRef,
        value: Node | None = None,
        *,
        path: Path | None = None,
        messages: tuple[str, ...] | None = None,
        constraint: Node | None = None,
        details: tuple[ShaclResult, ...] = (),
    ) -> ShaclResult:
        return ShaclResult(
            focus=self.focus,
            path=path or self.path,
            value=value,
            component=component,
            shape=self.shape.node,
            severity=self.shape.severity,
            messages=messages or self.shape.messages or (_said(component),),
            constraint=constraint,
            details=details,
        )


def _results(constraint: Constraint, at: _Place) -> Iterator[ShaclResult]:
    component = component_of(constraint)
    match constraint:
        case HasValue(value):
            if not reaches(at.path or SELF, value)(at.index, at.focus):
                yield at.result(component)
        case MinCount(count):
            if len(at.values) < count:
                yield at.result(component)
        case MaxCount(count):
            if len(at.values) > count:
                yield at.result(component)
        case Qualified():
            yield from _of_qualified(constraint, at)
        case UniqueLang():
            for _ in repeated_languages(at.values):
                yield at.result(component)
        case Equals(other_property):
            others = at.index.objects(at.focus, other_property)
            for value in (*(v for v in at.values if v not in others), *(o for o in others if o not in at.values)):
                yield at.result(component, value)
        case Disjoint(other_property):
            for value in shared(at.values, at.index.objects(at.focus, other_property)):
                yield at.result(component, value)
        case LessThan():
            in_order = ordered(constraint)
            for value in at.values:
                for other in at.index.objects(at.focus, constraint.predicate):
                    if not in_order(value, other):
                        yield at.result(component, value)
        case Closed(allowed):
            for node in at.values:
                for predicate in at.index.predicates(node):
                    if predicate not in allowed:
                        for value in at.index.objects(node, predicate):
                            yield at.result(component, value, path=Predicate(URIRef(str(predicate))))
        case Sparql():
            yield from _of_query(constraint, at)
        case _:
            holds = _test(constraint)
            for value in at.values:
                if not holds(at.index, value):
                    yield at.result(component, value, details=tuple(_details(constraint, at.index, value)))


@lru_cache(maxsize=4096)
def _test(constraint: OfValue) -> Test:
    return of_value(constraint)


def _details(constraint: OfValue, index: Index, value: Node) -> Iterator[ShaclResult]:
    """The results of the shapes that a constraint refers to, where they say why a value fails it."""
    if isinstance(constraint, NodeShape):
        yield from results_of(constraint.shape, index, value)
    elif isinstance(constraint, And | Or | Xone):
        for shape in constraint.shapes:
            yield from results_of(shape, index, value)


def _of_qualified(constraint: Qualified, at: _Place) -> Iterator[ShaclResult]:
    counts = counted(constraint)
    number = sum(counts(at.index, value) for value in at.values)
    if number < constraint.minimum:
        details = (results_of(constraint.shape, at.index, value) for value in at.values)
        yield at.result(_TOO_FEW, details=tuple(result for results in details for result in results))
    if constraint.maximum is not None and number > constraint.maximum:
        yield at.result(_TOO_MANY)


def _of_query(constraint: Sparql, at: _Place) -> Iterator[ShaclResult]:
    for solution in constraint.solutions(at.index, at.focus):
        path = solution.get("path")
        bound = {"this": at.focus, **solution}
        yield at.result(
            SH.SPARQLConstraintComponent,
            solution.get("value", at.focus if at.path is None else None),
            path=Predicate(path) if isinstance(path, URIRef) else None,
            messages=tuple(_filled(message, bound) for message in constraint.messages or at.shape.messages),
            constraint=constraint.constraint,
        )


def _filled(message: str, bound: dict[str, Node]) -> str:
    for name, value in bound.items():
        message = message.replace(f"{{?{name}}}", str(value)).replace(f"{{${name}}}", str(value))
    return message


def component_of(constraint: Constraint) -> URIRef:
    """The constraint component, as results name it."""
    match constraint:
        case Component(iri):
            return iri
        case Limit(term):
            return _LIMITS[term]
        case LessThan():
            return _LESS[constraint.or_equal]
        case Qualified():
            return _TOO_FEW
    return _COMPONENTS[type(constraint)]


def _said(component: URIRef) -> str:
    """What a result says where the shape has no message."""
    name = str(component).replace("#", "/").rpartition("/")[2].removesuffix("ConstraintComponent")
    return f"The constraint {name[:1].lower()}{name[1:]} is not satisfied."
