"""The leaves of an edition, compiled: how each comes by its status, and what each status rests on.

Whether a shape and its refuting shape hold is asked of every leaf; on which statements that rests, only of those that
somebody wants to be told about. What answers the second question is therefore compiled when it is first asked.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from rdflib import URIRef
from rdflib.term import BNode, Node

from reasoner.evaluation.grounds import Ground, Joint, Linked, Nothing
from reasoner.evaluation.recalled import Judge, recalling, recalling_test
from reasoner.evaluation.signatures import PROCEDURE, Asked, Feature, Signatures
from reasoner.evaluation.statuses import Status
from reasoner.evaluation.views import Views
from reasoner.policy.edition import Criterion, Edition, Kind
from reasoner.policy.leaf_forms import any_number, exceeding_part, numbers_alone, refuting_bounds, seen_from
from reasoner.rdf.index import Index
from reasoner.rdf.nodes import interned
from reasoner.shacl.paths import Test
from reasoner.shacl.shapes import And, Component, Shape
from reasoner.validation.closures import compile_shape
from reasoner.validation.proofs import Provers


@dataclass(frozen=True)
class Compilers:
    """What the shapes of one edition are compiled with."""

    provers: Provers
    witnesses: Provers
    signatures: Signatures
    views: Views
    _numbers: dict[tuple[Component, ...], Ground] = field(default_factory=dict)

    @classmethod
    def of(cls, shapes: Iterable[Shape], *, recalling: bool = True) -> "Compilers":
        """For some shapes and all within them; answers are recalled from cases that looked the same, or never."""
        features: set[Feature] = {PROCEDURE}
        for shape in shapes:
            features |= Asked.by(shape).features
        signatures = Signatures(frozenset(features))
        views = Views(signatures) if recalling else Views(signatures, broadest=-1)
        provers, witnesses = Provers(recalling=views.recalling), Provers(single=True, recalling=views.recalling)
        return cls(provers, witnesses, signatures, views)

    def ground(self, shape: Shape, *, holds: bool = True) -> Ground:
        """What gives the fewest statements behind an answer of a shape."""
        return Ground(shape, holds=holds, provers=self.provers, witnesses=self.witnesses, signatures=self.signatures)

    def linked(self, ground: Ground, seen: tuple[URIRef, Shape]) -> Linked:
        """The same for an answer about what leads to a node: by which property, and the shape that is asked of it."""
        predicate, shape = seen
        return Linked(ground, interned(predicate), self.ground(shape), self.views.of(shape))

    def ground_of_numbers(self, numbers: tuple[Component, ...]) -> Ground:
        """What gives the fewest statements behind numbers that are added up; the same for all who ask for the same."""
        known = self._numbers.get(numbers)
        if known is None:
            asked = Shape(BNode(), (And(tuple([Shape(BNode(), (number,)) for number in numbers])),))
            known = self._numbers[numbers] = self.ground(asked)
        return known


Finder = Ground | Linked | Joint | Nothing


@dataclass(frozen=True)
class Verdict:
    """One of the answers that a leaf can get.

    `ground` makes what finds the fewest statements behind it, by default for `shape` to hold. The support of `asked`
    beyond those corroborates it; by default that of the answer itself. `sides` are the shapes of a contradiction, for
    and against.
    """

    status: Status
    compilers: Compilers
    shape: Shape | None = None
    asked: Shape | None = None
    ground: Callable[[], Finder] | None = None
    sides: tuple[Shape, ...] = ()

    @cached_property
    def figures(self) -> bool:
        """Whether the answer comes with figures."""
        return self.shape is not None and Asked.by(self.shape).figures

    @property
    def plain(self) -> bool:
        """Whether the answer comes with nothing of the case: no figures, and no contradiction."""
        return not self.sides and not self.figures

    @property
    def silent(self) -> bool:
        """Whether the answer rests on nothing and comes with nothing."""
        return self.status is Status.UNDETERMINED and self.plain

    @cached_property
    def _ground(self) -> Finder:
        assert self.shape is not None
        return self.compilers.ground(self.shape) if self.ground is None else self.ground()

    @cached_property
    def _sides(self) -> tuple[Ground, ...]:
        return tuple(self.compilers.ground(side) for side in self.sides)

    def smallest(self, index: Index, node: Node) -> int:
        """The fewest statements that give the answer, as the bits of a number."""
        return 0 if self.status is Status.UNDETERMINED else self._ground.smallest(index, node)

    def further(self, index: Index, node: Node, evidence: int) -> int:
        """The statements that say the same again."""
        if not evidence or self.status is Status.UNDETERMINED:
            return 0
        return self._support(index, node) & ~evidence

    @cached_property
    def _support(self) -> Callable[[Index, Node], int]:
        if self.asked is None:
            ground = self._ground
            assert not isinstance(ground, Joint)
            return ground.support
        prove = self.compilers.provers.shape(self.asked)
        return lambda index, node: prove(index, node)[1]

    def notes(self, index: Index, node: Node) -> tuple[str, ...]:
        """Figures, such as days counted and numbers added up."""
        if not self.figures or self.shape is None:
            return ()
        return self.compilers.provers.shape(self.shape)(index, node)[2]

    def contradiction(self, index: Index, node: Node) -> tuple[int, int] | None:
        """The statements for and against, where the record has both."""
        if not self.sides:
            return None
        affirming, denying = (side.smallest(index, node) for side in self._sides)
        return affirming, denying


TestOf = Callable[[Shape], Test]


def _leading(predicate: URIRef, shape: Shape, views: Views) -> Test:
    """Whether what leads to a node by a property conforms to a shape; asked once of each."""
    test, iri = recalling_test(shape, views), interned(predicate)

    def holds(index: Index, node: Node) -> bool:
        starts = index.subjects(node, iri)
        for start in starts:
            key = (test, start)
            known: bool | None = index.remembered.get(key)
            if known is None:
                known = index.remembered[key] = test(index, start)
            if not known:
                return False
        return bool(starts)

    return holds


class Leaves:
    """Judges the leaves of one edition, each compiled once."""

    def __init__(
        self, criteria: Iterable[Criterion], test_of: TestOf = compile_shape, *, recalled: bool = True
    ) -> None:
        """Take the leaves; composites are passed over.

        `test_of` gives what says whether a node conforms to a shape. Unless it is another engine that says so, answers
        are recalled from cases that looked the same.
        """
        leaves = [criterion for criterion in criteria if criterion.operator is None]
        asked = [shape for leaf in leaves for shape in (leaf.shape, leaf.refuted_by) if shape is not None]
        compilers = Compilers.of(asked, recalling=recalled and test_of is compile_shape)
        self.judges: dict[Criterion, Judge] = {leaf: _judge(leaf, compilers, test_of) for leaf in leaves}
        for leaf in leaves:
            if leaf.kind in (Kind.OPEN, Kind.AFFIRMABLE) and leaf.shape is not None:
                self.judges[leaf] = recalling(self.judges[leaf], leaf.shape, compilers.views)


@lru_cache(maxsize=64)
def leaves_of(edition: Edition) -> Leaves:
    """The leaves of an edition."""
    return Leaves(edition.criteria.values())


def _judge(leaf: Criterion, compilers: Compilers, test_of: TestOf) -> Judge:
    shape, refuting = leaf.shape, leaf.refuted_by
    assert shape is not None  # a leaf has a shape: reasoner.policy.loader reads it so
    if leaf.kind is Kind.OPEN:
        assert refuting is not None
        return _open(leaf, shape, refuting, compilers, test_of)
    conforms = test_of(shape)
    met = Verdict(Status.MET, compilers, shape, shape, lambda: _in_parts(shape, compilers))
    if test_of is compile_shape:
        conforms = _tested_in_parts(shape, compilers)
    if leaf.kind is Kind.COMPLETE:
        refuted = Verdict(Status.REFUTED, compilers, shape, shape, lambda: compilers.ground(shape, holds=False))
        return lambda index, node: met if conforms(index, node) else refuted
    if leaf.kind is Kind.COUNTED:
        assert refuting is not None
        return _counted(shape, refuting, compilers, test_of)
    undetermined = Verdict(Status.UNDETERMINED, compilers)
    return lambda index, node: met if conforms(index, node) else undetermined


def _in_parts(shape: Shape, compilers: Compilers) -> Finder:
    """What gives the fewest statements behind a shape that asks one thing of the request and others of the study."""
    condition, others = Shape(shape.node, (), shape.properties), Shape(shape.node, shape.constraints)
    seen = seen_from(condition) if shape.constraints else None
    together = compilers.ground(shape)
    if seen is None or Asked.by(shape).figures or Asked.by(others).of_each:
        return together
    return Joint(compilers.linked(compilers.ground(condition), seen), compilers.ground(others), together)


def _tested_in_parts(shape: Shape, compilers: Compilers) -> Test:
    """Whether a shape holds that may ask one thing of the request and others of the study."""
    seen = seen_from(Shape(shape.node, (), shape.properties))
    if seen is None:
        return compile_shape(shape)
    leads = _leading(*seen, compilers.views)
    others = compile_shape(Shape(shape.node, shape.constraints))
    return lambda index, node: leads(index, node) and others(index, node)


def _open(leaf: Criterion, shape: Shape, refuting: Shape, compilers: Compilers, test_of: TestOf) -> Judge:
    """An open leaf: its shape is `sh:node A ; sh:not B`, its refuting shape `sh:node B ; sh:not A`."""
    affirmed, denied = leaf.affirmed, leaf.denied
    assert affirmed is not None
    assert denied is not None
    affirms, denies = test_of(affirmed), test_of(denied)

    def met_by() -> Ground:
        return compilers.ground(shape)

    def refuted_by() -> Ground:
        return compilers.ground(refuting)

    met = Verdict(Status.MET, compilers, shape, affirmed, met_by)
    refuted = Verdict(Status.REFUTED, compilers, refuting, denied, refuted_by)
    undetermined = Verdict(Status.UNDETERMINED, compilers)
    contradicted = Verdict(Status.UNDETERMINED, compilers, sides=(affirmed, denied))

    def judge(index: Index, node: Node) -> Verdict:
        if affirms(index, node):
            return contradicted if denies(index, node) else met
        return refuted if denies(index, node) else undetermined

    return judge


def _counted(shape: Shape, refuting: Shape, compilers: Compilers, test_of: TestOf) -> Judge:
    """A counted leaf: a condition, and numbers surely within their figures or one of them surely above its own."""
    bounds = refuting_bounds(refuting)
    assert bounds is not None  # reasoner.policy.loader refuses a counted leaf that is written in another way
    condition = bounds[0]
    seen = seen_from(condition)
    within, above = numbers_alone(shape, And), exceeding_part(refuting)
    applies, is_within, is_above = test_of(condition), test_of(shape), test_of(refuting)
    if test_of is compile_shape:  # asked beside each other, the condition need not be asked again
        applies = applies if seen is None else _leading(*seen, compilers.views)
        is_within, is_above = compile_shape(within), compile_shape(above)

    def met_by() -> Finder:
        return joint(shape, compilers.ground_of_numbers(any_number(within)))

    def refuted_by() -> Finder:
        return joint(refuting, compilers.ground(above))

    def joint(whole: Shape, numbers: Ground) -> Finder:
        together = compilers.ground(whole)
        figures = Asked.by(condition).figures
        return together if figures else Joint(of_condition(), numbers, together)

    def of_condition() -> Ground | Linked:
        ground = compilers.ground(condition)
        return ground if seen is None else compilers.linked(ground, seen)

    def outside_by() -> Finder:
        # without the link to the request no condition holds of it: no statement is needed for that
        return compilers.ground(condition, holds=False) if seen is None else Nothing()

    met = Verdict(Status.MET, compilers, shape, shape, met_by)
    # where the condition does not hold, the refuting shape says just that, and no number is looked at
    outside = Verdict(Status.REFUTED, compilers, condition, None, outside_by)
    refuted = Verdict(Status.REFUTED, compilers, refuting, refuting, refuted_by)
    undetermined = Verdict(Status.UNDETERMINED, compilers, shape)

    def judge(index: Index, node: Node) -> Verdict:
        if not applies(index, node):
            return outside
        if is_within(index, node):
            return met
        return refuted if is_above(index, node) else undetermined

    return judge
