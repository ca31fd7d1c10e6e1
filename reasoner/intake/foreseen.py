"""Which nodes of a case may fail an intake shape: most can be told not to, by what other cases have stated before.

What a property shape asks of each value by itself is found out once for each statement that many cases make
(`reasoner.rdf.statements.Said`), and for a link to a node of the case once for each set of kinds that the node has.
What is left for a node is its properties and how many values they have. A shape that asks for more is held against the
node as ever, and so is every node that may fail: nothing but "this node conforms" is ever foreseen.

What a shape asks is read from the shape (`_Question`): a term is asked for itself (its text, its datatype, its place in
the class tree) or for its kinds, and of an IRI of the case, which is another one in each, only for its kinds.
"""

# ruff: noqa: SIM110 (a loop costs a third of what a generator in any() costs)

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from rdflib import RDFS, Literal
from rdflib.term import Node

from reasoner.intake.notes import PLAIN, Stated, note_of
from reasoner.intake.vocabulary import is_reserved
from reasoner.rdf.index import Index
from reasoner.rdf.nodes import interned
from reasoner.rdf.statements import Said
from reasoner.shacl.logic import all_of
from reasoner.shacl.paths import Test, is_property
from reasoner.shacl.shapes import (
    And,
    ClassIs,
    Closed,
    Constraint,
    Datatype,
    HasValue,
    In,
    Inverse,
    LanguageIn,
    Limit,
    MaxCount,
    MaxLength,
    MinCount,
    MinLength,
    NodeKind,
    NodeShape,
    Not,
    OfValue,
    OneOrMore,
    Or,
    Path,
    Pattern,
    Predicate,
    PropertyShape,
    Shape,
    Xone,
    ZeroOrMore,
    ZeroOrOne,
)
from reasoner.validation.closures import compile_shape, of_value
from reasoner.validation.compiled_shapes import CompiledShapes

Pair = tuple[int, Node]
"""The number of a shape, and a focus node of it."""
_MOST_REMEMBERED: Final = 2_048
_NONE: Final[frozenset[int]] = frozenset()
_FoundOut = tuple[frozenset[int], tuple[int, ...]]
"""Of a statement: the shapes that its value may fail, and the further ones of which the value is a focus node."""
_NOTHING: Final[_FoundOut] = (_NONE, ())


class Unforeseeable(Exception):  # noqa: N818 - no error: the shape is held against each node as ever
    """A shape asks for more of a value than the value itself and its kinds."""


@dataclass(frozen=True, slots=True)
class _Question:
    """What some shapes ask of each value of a property, and whether of the term itself rather than of its kinds."""

    test: Test
    of_term: bool
    shapes: frozenset[int]


class _Outline(NamedTuple):
    """What is left of a shape when each value has been looked at: which properties a node has, and how many values.

    `rest` is what cannot be told from statements one by one.
    """

    allowed: frozenset[Node] | None
    needed: frozenset[Node]
    most: dict[Node, int] | None
    rest: Test | None


class Foreseen:
    """The shapes of intake, with what has been found out about statements."""

    def __init__(self, shapes: CompiledShapes, knowledge: Index) -> None:
        """Read what the shapes ask for; `knowledge` is what stands beside every case."""
        self._focus = shapes.focus_nodes
        self._serves = self._focus.only_of_case and not self._focus.of(knowledge)
        self._outlines: list[_Outline] = []
        self._questions: dict[Node, list[_Question]] = {}
        asking: dict[PropertyShape, set[int]] = {}
        for number, (shape, _) in enumerate(shapes.shapes):
            simple = [prop for prop in shape.properties if _is_simple(prop)]
            self._outlines.append(_outline(shape, simple))
            for prop in simple:
                asking.setdefault(prop, set()).add(number)
        for prop, numbers in asking.items():
            assert isinstance(prop.path, Predicate)
            tests = [c for c in prop.constraints if isinstance(c, OfValue)]
            if tests:
                question = _Question(all_of([of_value(c) for c in tests]), _asks_term(tests), frozenset(numbers))
                self._questions.setdefault(interned(prop.path.iri), []).append(question)
        self._plans: dict[frozenset[Node], tuple[tuple[int, _Outline], ...]] = {}
        self._clear: set[Said] = set()
        self._fixed: dict[Said, _FoundOut] = {}
        self._by_kinds: dict[tuple[Node, frozenset[Node] | None], _FoundOut] = {}

    def not_clear(self, stated: Iterable[Stated]) -> list[Stated]:
        """The statements but those that are known to be plain and to fail no shape, as other cases have shown."""
        clear = self._clear
        return [one for one in stated if one[1] not in clear]

    def suspects(self, index: Index, stated: Iterable[Stated]) -> list[Pair] | None:
        """Focus nodes that may fail a shape, in the order in which `FocusNodes` gives them; all others conform.

        Nothing is known where the shapes have targets that not only kinds and ways to a node tell.

        Args:
            index: The statements of a case beside the knowledge; none is about a term of a vocabulary.
            stated: Those of them that are not clear, in order.
        """
        if not self._serves:
            return None
        kinds_of = index.kinds
        failing: dict[Node, frozenset[int]] = {}
        further: list[Pair] = []
        fixed, by_kinds = self._fixed.get, self._by_kinds.get
        for (subject, predicate, value), one in stated:
            found_out = fixed(one)
            if found_out is None:
                found_out = (None if one.value else by_kinds((predicate, kinds_of.get(value)))) or self._find_out(
                    one, index, predicate, value
                )
            wrong, pointed = found_out
            if wrong:
                failing[subject] = failing.get(subject, _NONE) | wrong
            if pointed:
                further += [(number, value) for number in pointed]
        found: list[Pair] = []
        plans, predicates = self._plans, index.predicates
        for node in index.described():
            kinds = kinds_of.get(node)
            if kinds is None:
                continue
            plan = plans.get(kinds)
            if plan is None:
                plan = self._plan(kinds)
            about = predicates(node)
            properties = about.keys()
            failed = failing.get(node)
            for number, outline in plan:
                allowed, needed, most, rest = outline
                if (
                    (failed is not None and number in failed)
                    or not (allowed is None or properties <= allowed)
                    or not needed <= properties
                    or not (most is None or _within(about, most))
                    or not (rest is None or rest(index, node))
                ):
                    found.append((number, node))
        return [*found, *dict.fromkeys(further)]

    def _plan(self, kinds: frozenset[Node]) -> tuple[tuple[int, _Outline], ...]:
        """The shapes that a node of some kinds is a focus node of, with what is asked of it."""
        if len(self._plans) >= _MOST_REMEMBERED:
            self._plans.clear()
        plan = self._plans[kinds] = tuple((n, self._outlines[n]) for n in self._focus.of_kinds(kinds))
        return plan

    def _find_out(self, said: Said, index: Index, predicate: Node, value: Node) -> _FoundOut:
        """The shapes whose property shapes a value may fail, and those of which it is a focus node by its place alone.

        A text has no kinds, and a term of ours those that the knowledge gives it, since no case may describe it. Any
        other IRI has those that the case gives it, and stands for every one of its kinds.
        """
        questions = self._questions.get(predicate, ())
        is_text = type(value) is Literal
        kinds = None if is_text else index.kinds.get(value)
        of_kinds = self._focus.of_kinds(kinds)
        pointed = tuple(number for number in self._focus.of_object(predicate) if number not in of_kinds)
        if not (is_text or (said.value and is_reserved(value))):
            found: _FoundOut = _union(q.shapes for q in questions if q.of_term or not q.test(index, value)), pointed
            if len(self._by_kinds) >= _MOST_REMEMBERED:
                self._by_kinds.clear()
            self._by_kinds[predicate, kinds] = found
            return found
        found = _union(q.shapes for q in questions if not q.test(index, value)), pointed
        if said.common:
            if len(self._fixed) >= _MOST_REMEMBERED:
                self._fixed.clear()
                self._clear.clear()
            self._fixed[said] = found
            if found == _NOTHING and note_of(said) == PLAIN:
                self._clear.add(said)
        return found


def _within(about: Mapping[Node, Sequence[Node]], most: Mapping[Node, int]) -> bool:
    for predicate, values in about.items():
        if predicate in most and len(values) > most[predicate]:
            return False
    return True


def _union(numbers: Iterable[frozenset[int]]) -> frozenset[int]:
    return _NONE.union(*numbers)


# What a shape asks -------------------------------------------------------------------


def _outline(shape: Shape, simple: Sequence[PropertyShape]) -> _Outline:
    needed: set[Node] = set()
    most: dict[Node, int] = {}
    for prop in simple:
        assert isinstance(prop.path, Predicate)
        iri = interned(prop.path.iri)
        for constraint in prop.constraints:
            if isinstance(constraint, MinCount) and constraint.count:
                needed.add(iri)
            elif isinstance(constraint, MaxCount):
                most[iri] = min(constraint.count, most.get(iri, constraint.count))
    closed = [frozenset(map(interned, c.allowed)) for c in shape.constraints if isinstance(c, Closed)]
    others = tuple(c for c in shape.constraints if not isinstance(c, Closed))
    left = tuple(prop for prop in shape.properties if prop not in simple)
    rest = compile_shape(Shape(shape.node, others, left)) if others or left else None
    return _Outline(frozenset.intersection(*closed) if closed else None, frozenset(needed), most or None, rest)


def _is_simple(prop: PropertyShape) -> bool:
    """Whether a property shape asks for the number of values of one property, and for each of them by itself."""
    if prop.properties or not is_property(prop.path):
        return False
    of_values = [c for c in prop.constraints if isinstance(c, OfValue)]
    counts = [c for c in prop.constraints if (isinstance(c, MinCount) and c.count <= 1) or isinstance(c, MaxCount)]
    try:
        _asks_term(of_values)
    except Unforeseeable:
        return False
    return len(of_values) + len(counts) == len(prop.constraints)


def _asks_term(constraints: Iterable[Constraint]) -> bool:
    """Whether constraints ask an IRI for itself, and not only for its kinds and for being one.

    Raises:
        Unforeseeable: They ask for more than that.
    """
    return any([_asks(constraint) for constraint in constraints])  # noqa: C419 (each may raise)


def _asks(constraint: Constraint) -> bool:
    match constraint:
        case ClassIs() | NodeKind() | Datatype() | Limit() | LanguageIn():
            return False
        case In() | Pattern() | MinLength() | MaxLength():
            return True
        case And(shapes) | Or(shapes) | Xone(shapes):
            return any([_asks_of_node(shape) for shape in shapes])  # noqa: C419 (each may raise)
        case NodeShape(shape) | Not(shape):
            return _asks_of_node(shape)
    raise Unforeseeable


def _asks_of_node(shape: Shape) -> bool:
    along_tree = [_along_class_tree(prop) for prop in shape.properties]
    if not all(along_tree):
        raise Unforeseeable
    return _asks_term(shape.constraints) or bool(along_tree)


def _along_class_tree(prop: PropertyShape) -> bool:
    """Whether a property shape asks for the place of a term in the class tree, which no case changes."""
    if prop.properties or not all(isinstance(c, HasValue) for c in prop.constraints):
        return False
    path: Path = prop.path
    while isinstance(path, ZeroOrMore | OneOrMore | ZeroOrOne | Inverse):
        path = path.path
    return isinstance(path, Predicate) and path.iri == RDFS.subClassOf
