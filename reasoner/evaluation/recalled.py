"""Answers recalled from a request that looked the same: see `reasoner.evaluation.views`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from rdflib.term import Node

from reasoner.evaluation.statuses import Status
from reasoner.evaluation.views import MOST_REMEMBERED, ViewOf, Views
from reasoner.rdf.index import Index
from reasoner.recent import Recent
from reasoner.shacl.logic import all_of, any_of, negated
from reasoner.shacl.paths import Test
from reasoner.shacl.reached import remembered
from reasoner.shacl.shapes import And, Constraint, NodeShape, Not, Or, Shape
from reasoner.validation.closures import compile_shape


class Answer(Protocol):
    """An answer that a leaf can get, and what finds out for a case what it rests on."""

    @property
    def status(self) -> Status:
        """The status that the leaf has by it."""
        ...

    @property
    def plain(self) -> bool:
        """Whether the answer comes with nothing of the case: no figures, and no contradiction."""
        ...

    @property
    def silent(self) -> bool:
        """Whether the answer rests on nothing and comes with nothing."""
        ...

    @property
    def sides(self) -> tuple[Shape, ...]:
        """The shapes of a contradiction, for and against."""
        ...

    def smallest(self, index: Index, node: Node) -> int:
        """The fewest statements that give the answer, as the bits of a number."""
        ...

    def further(self, index: Index, node: Node, evidence: int) -> int:
        """The statements that say the same again."""
        ...

    def notes(self, index: Index, node: Node) -> tuple[str, ...]:
        """Figures, such as days counted and numbers added up."""
        ...

    def contradiction(self, index: Index, node: Node) -> tuple[int, int] | None:
        """The statements for and against, where the record has both."""
        ...


Judge = Callable[[Index, Node], Answer]
_Found = TypeVar("_Found")


@dataclass(slots=True)
class _Recalled:
    """An answer for all requests of which a shape has the same view; what it rests on is looked for in the first."""

    answer: Answer
    view_of: ViewOf
    status: Status = field(init=False)
    plain: bool = field(init=False)
    silent: bool = field(init=False)
    sides: tuple[Shape, ...] = field(init=False)
    _smallest: tuple[int, ...] | None = None
    _further: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        self.status = self.answer.status
        self.plain = self.answer.plain
        self.silent = self.answer.silent
        self.sides = self.answer.sides

    def smallest(self, index: Index, node: Node) -> int:
        view = self.view_of(index, node)
        assert view is not None
        if self._smallest is not None:
            return view.mask(self._smallest)
        mask = self.answer.smallest(index, node)
        self._smallest = view.places(mask)
        return mask

    def further(self, index: Index, node: Node, evidence: int) -> int:
        view = self.view_of(index, node)
        assert view is not None
        if self._further is not None:
            return view.mask(self._further)
        mask = self.answer.further(index, node, evidence)
        self._further = view.places(mask)
        return mask

    def notes(self, index: Index, node: Node) -> tuple[str, ...]:
        return self.answer.notes(index, node)

    def contradiction(self, index: Index, node: Node) -> tuple[int, int] | None:
        return self.answer.contradiction(index, node)


def recalling(judge: Judge, shape: Shape, views: Views) -> Judge:
    """The same judge of a request, asked once for each view of a shape that says all that the judge asks."""
    view_of = views.of(shape)
    if view_of is None:
        return judge
    return _recalled(judge, lambda index, node: _Recalled(judge(index, node), view_of), view_of)


def recalling_test(shape: Shape, views: Views) -> Test:
    """Whether a request conforms to a shape, asked once for each view of it; of a broad one, for each of its parts.

    Whoever asks for the same shape shares the answers.
    """
    known = views.tests.get(shape)
    if known is None:
        view_of = views.of(shape)
        if view_of is None:
            known = remembered(_of_parts(shape, views))
        else:
            test = compile_shape(shape)
            known = _recalled(test, test, view_of)
        views.tests[shape] = known
    return known


def _recalled(
    asked: Callable[[Index, Node], _Found], kept: Callable[[Index, Node], _Found], view_of: ViewOf
) -> Callable[[Index, Node], _Found]:
    """What is asked of a request, once for each view of it; `kept` makes what is recalled."""
    known: Recent[object, _Found] = Recent(MOST_REMEMBERED)

    def recall(index: Index, node: Node) -> _Found:
        view = view_of(index, node)
        if view is None:
            return asked(index, node)
        try:
            return known[view.key]
        except KeyError:
            return known.keep(view.key, kept(index, node))

    return recall


def _of_parts(shape: Shape, views: Views) -> Test:
    parts = [_combined(constraint, views) for constraint in shape.constraints]
    given = [part for part in parts if part is not None]
    if not given or len(given) < len(parts):
        return compile_shape(shape)
    if shape.properties:
        given.append(compile_shape(Shape(shape.node, (), shape.properties)))
    return all_of(given)


def _combined(constraint: Constraint, views: Views) -> Test | None:
    match constraint:
        case NodeShape(shape):
            return recalling_test(shape, views)
        case Not(shape):
            return negated(recalling_test(shape, views))
        case And(shapes):
            return all_of([recalling_test(shape, views) for shape in shapes])
        case Or(shapes):
            return any_of([recalling_test(shape, views) for shape in shapes])
    return None
