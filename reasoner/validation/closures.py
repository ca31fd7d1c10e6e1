"""Shapes as Python closures that answer whether a node conforms, and nothing else.

A shape is compiled once, to a function of the index of a case and a node. It walks the index directly, makes no
collection where a loop will do, and stops at the first value that decides. Before it looks at values at all, a
qualified shape asks whether the case has any node of the class that they would need; and a shape with many properties
looks at those that the node has, not at those that it might have.
"""

# ruff: noqa: SIM110 (a loop costs a third of what a generator in any() costs, and these are the innermost ones)

from collections.abc import Callable, Collection, Iterable
from typing import Final
from weakref import WeakKeyDictionary

from rdflib import Literal, URIRef
from rdflib.term import Node

from reasoner.native import components
from reasoner.rdf.index import Index
from reasoner.rdf.nodes import interned
from reasoner.shacl.dispatch import Check, both, dispatched, each
from reasoner.shacl.lexical import less, less_or_equal
from reasoner.shacl.logic import all_of, always, any_of, exactly_one, negated
from reasoner.shacl.paths import SELF, Test, every, has_values, is_property, reaches, some, values
from reasoner.shacl.possible import possible
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
from reasoner.shacl.values import has_length, in_language, matches, of_datatype, of_kind, within

_MANY: Final = 3  # properties of a shape, from which on a look-up for each that a node has costs less
_NO_CLASS: Final[frozenset[Node]] = frozenset()


def compile_shape(shape: Shape) -> Test:
    """Whether a node conforms to the shape, as a function of the index of a case and the node.

    The same shape gives the same function. A constraint component runs whatever `components.NATIVE` holds for its IRI
    when the function is called.
    """
    known = _COMPILED.get(shape)
    if known is None:
        many = sum(_is_simple(prop) for prop in shape.properties) >= _MANY
        known = _COMPILED[shape] = _with_many_properties(shape) if many else _one_by_one(shape)
    return known


def _one_by_one(shape: Shape) -> Test:
    of_properties = [compile_property(prop) for prop in shape.properties]
    return all_of([*of_properties, *_constraints(SELF, shape.constraints)])


def _with_many_properties(shape: Shape) -> Test:
    checks: dict[Node, Check] = {}
    needed: list[Node] = []
    rest: list[Test] = []
    for prop in shape.properties:
        if not _is_simple(prop):
            rest.append(compile_property(prop))
            continue
        assert isinstance(prop.path, Predicate)
        counts = [c.count for c in prop.constraints if isinstance(c, MinCount)]
        most = [c.count for c in prop.constraints if isinstance(c, MaxCount)]
        if any(counts):
            needed.append(prop.path.iri)
        test = all_of([of_value(c) for c in prop.constraints if isinstance(c, OfValue)])
        check = each(test, max(counts, default=0), min(most, default=None))
        checks[prop.path.iri] = both(checks.get(prop.path.iri), check)
    closed = [c.allowed for c in shape.constraints if isinstance(c, Closed)]
    rest += _constraints(SELF, [c for c in shape.constraints if not isinstance(c, Closed)])
    return dispatched(checks, needed, frozenset.intersection(*closed) if closed else None, all_of(rest))


def _is_simple(shape: PropertyShape) -> bool:
    """Whether a property shape asks only for the number of values of one property, and for each of them."""
    counted_or_of_value = all(isinstance(c, OfValue | MinCount | MaxCount) for c in shape.constraints)
    return is_property(shape.path) and counted_or_of_value and not shape.properties


_COMPILED: WeakKeyDictionary[Shape, Test] = WeakKeyDictionary()


def compile_property(shape: PropertyShape) -> Test:
    """Whether the values that a focus node has for the path of the shape conform to it."""
    below = [compile_property(prop) for prop in shape.properties]
    tests = _constraints(shape.path, shape.constraints)
    return all_of([*tests, every(shape.path, all_of(below))] if below else tests)


def _constraints(path: Path, constraints: Iterable[Constraint]) -> list[Test]:
    """The tests of a focus node for constraints on the values of a path; those of single values share one walk."""
    tests: list[Test] = []
    of_values: list[Test] = []
    for constraint in constraints:
        if isinstance(constraint, OfValue):
            of_values.append(of_value(constraint))
        else:
            tests.append(_of_all_values(path, constraint))
    return [*tests, every(path, all_of(of_values))] if of_values else tests


def _of_all_values(path: Path, constraint: Constraint) -> Test:
    """A constraint that the value nodes of a focus node satisfy together."""
    match constraint:
        case HasValue(value):
            return reaches(path, value)
        case MinCount(count):
            return _at_least(path, count)
        case MaxCount(count):
            return negated(_at_least(path, count + 1))
        case Qualified():
            return _qualified(path, constraint)
        case UniqueLang():
            walk = values(path)
            return lambda index, node: not repeated_languages(walk(index, node))
        case Equals(predicate):
            walk, iri = values(path), interned(predicate)
            return lambda index, node: set(walk(index, node)) == set(index.objects(node, iri))
        case Disjoint(predicate):
            walk, iri = values(path), interned(predicate)
            return lambda index, node: not shared(walk(index, node), index.objects(node, iri))
        case LessThan():
            walk, iri = values(path), interned(constraint.predicate)
            in_order = ordered(constraint)
            return lambda index, node: all(
                in_order(value, other) for other in index.objects(node, iri) for value in walk(index, node)
            )
        case Closed(allowed):
            return every(path, _closed(allowed))
        case Sparql():
            solutions = constraint.solutions
            return lambda index, node: next(iter(solutions(index, node)), None) is None
    raise TypeError(f"{constraint!r} is no constraint on the values of a path")


def _at_least(path: Path, count: int) -> Test:
    if count <= 0:
        return always
    if count == 1:
        return has_values(path)
    walk = values(path)
    return lambda index, node: len(walk(index, node)) >= count


def _qualified(path: Path, constraint: Qualified) -> Test:
    inner, needed = counted(constraint), possible(constraint.shape)
    walk, minimum, maximum = values(path), constraint.minimum, constraint.maximum
    if maximum is not None:
        most = maximum
        return lambda index, node: minimum <= sum(inner(index, value) for value in walk(index, node)) <= most
    if minimum <= 0:
        return always
    found: Test
    if minimum == 1:
        found = some(path, inner)
    else:
        found = lambda index, node: sum(inner(index, value) for value in walk(index, node)) >= minimum  # noqa: E731
    return found if needed is None else (lambda index, node: needed(index) and found(index, node))


def counted(constraint: Qualified) -> Test:
    """Whether a value node counts for a qualified shape: it conforms, and to none of the sibling shapes."""
    inner = compile_shape(constraint.shape)
    if not constraint.siblings:
        return inner
    return all_of([inner, negated(any_of([compile_shape(sibling) for sibling in constraint.siblings]))])


def of_value(constraint: OfValue) -> Test:
    """A constraint that each value node has to satisfy by itself."""
    match constraint:
        case ClassIs(cls):
            return is_a(cls)
        case In(members):
            return _is_one_of(members)
        case NodeShape(shape):
            return compile_shape(shape)
        case Not(shape):
            return negated(compile_shape(shape))
        case And(shapes):
            return all_of([compile_shape(shape) for shape in shapes])
        case Or(shapes):
            return any_of([compile_shape(shape) for shape in shapes])
        case Xone(shapes):
            return exactly_one([compile_shape(shape) for shape in shapes])
        case Datatype(iri):
            return of_datatype(iri)
        case NodeKind(kind):
            return of_kind(kind)
        case Limit():
            return within(constraint)
        case MinLength(length):
            return has_length(length, None)
        case MaxLength(length):
            return has_length(0, length)
        case Pattern(pattern, flags):
            return matches(pattern, flags)
        case LanguageIn(ranges):
            return in_language(ranges)
        case Component():
            return _component(constraint)
    raise TypeError(f"{constraint!r} is no constraint on a single value")


def is_a(cls: URIRef) -> Test:
    """Whether the node has a type that is the class or lies below it."""
    wanted = interned(cls)
    return lambda index, node: wanted in index.kinds.get(node, _NO_CLASS)


def _is_one_of(members: tuple[Node, ...]) -> Test:
    wanted = frozenset(interned(member) for member in members)
    return lambda _, node: node in wanted


def _component(constraint: Component) -> Test:
    iri = interned(constraint.iri)
    return lambda index, node: components.NATIVE[iri](index, node, constraint).conforms


def _closed(allowed: frozenset[Node]) -> Test:
    permitted = frozenset(interned(predicate) for predicate in allowed)

    def has_no_other(index: Index, node: Node) -> bool:
        for predicate in index.predicates(node):
            if predicate not in permitted:
                return False
        return True

    return has_no_other


# What is said of several values ------------------------------------------------------


def repeated_languages(nodes: Iterable[Node]) -> list[str]:
    """The language tags that more than one of the literals have, each once."""
    tags = [node.language.lower() for node in nodes if isinstance(node, Literal) and node.language]
    return [tag for tag in dict.fromkeys(tags) if tags.count(tag) > 1]


def shared(nodes: Collection[Node], others: Collection[Node]) -> list[Node]:
    """The nodes that are among the others too."""
    return [node for node in nodes if node in others] if others else []


def ordered(constraint: LessThan) -> Callable[[Node, Node], bool]:
    """Whether a value stands before another as the constraint asks; values without an order do not."""
    compare = less_or_equal if constraint.or_equal else less
    return lambda value, other: (
        isinstance(value, Literal) and isinstance(other, Literal) and compare(value, other) is True
    )
