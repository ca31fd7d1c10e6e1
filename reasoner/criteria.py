"""Each criterion's status for one case: met, refuted, undetermined or not applicable, with its evidence.

Composites combine by strong Kleene logic: a conjunction is refuted by one refuted member whatever is unknown beside
it, a disjunction is met by one met member, and what is left open stays open.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from rdflib.term import Node

from reasoner.conformance import Conformance
from reasoner.errors import EngineError
from reasoner.index import Triple, triple_key
from reasoner.policy import Criterion, Kind, Member, Operator
from reasoner.shapes import Shape


class Status(StrEnum):
    """What a case is to a criterion."""

    MET = "Met"
    REFUTED = "Refuted"
    UNDETERMINED = "Undetermined"
    NOT_APPLICABLE = "NotApplicable"


@dataclass(frozen=True)
class Contradiction:
    """Statements of the case of which some affirm a criterion and some deny it."""

    affirming: tuple[Triple, ...]
    denying: tuple[Triple, ...]


@dataclass(frozen=True, eq=False)
class Part:
    """A member of a composite, assessed; `ruled_out` says that the composite asks for it to be refuted."""

    assessment: "Assessment"
    ruled_out: bool = False

    @property
    def value(self) -> Status:
        """What the part contributes to the composite."""
        return contribution(self.assessment.status, ruled_out=self.ruled_out)


@dataclass(frozen=True, eq=False)
class Assessment:
    """One criterion held against one node of a case.

    `evidence` gives the status by itself and loses it, or speaks of less, if any triple goes; `corroboration` says the
    same again.
    `notes` are figures, such as days counted and numbers added up.
    """

    criterion: Criterion
    focus: Node
    status: Status
    evidence: tuple[Triple, ...] = ()
    corroboration: tuple[Triple, ...] = ()
    contradiction: Contradiction | None = None
    notes: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()

    @property
    def sentence(self) -> str:
        """The status in plain words."""
        if self.contradiction is not None:
            return f"The record contradicts itself about this: {self.criterion.label}."
        words = self.criterion.sentences[_SENTENCE[self.status]]
        return f"{words} ({'; '.join(self.notes)}.)" if self.notes else words


_OPPOSITE = {Status.MET: Status.REFUTED, Status.REFUTED: Status.MET, Status.UNDETERMINED: Status.UNDETERMINED}
_SENTENCE = {
    Status.MET: "met",
    Status.REFUTED: "refuted",
    Status.UNDETERMINED: "open",
    Status.NOT_APPLICABLE: "not applicable",
}


def contribution(status: Status, *, ruled_out: bool = False) -> Status:
    """What a status contributes to a composite: a requirement that does not apply stands in nobody's way."""
    if status is Status.NOT_APPLICABLE:
        return Status.MET
    return _OPPOSITE[status] if ruled_out else status


def all_of(values: Iterable[Status]) -> Status:
    """Strong Kleene conjunction."""
    found = set(values)
    if Status.REFUTED in found:
        return Status.REFUTED
    return Status.UNDETERMINED if Status.UNDETERMINED in found else Status.MET


def any_of(values: Iterable[Status]) -> Status:
    """Strong Kleene disjunction."""
    found = set(values)
    if Status.MET in found:
        return Status.MET
    return Status.UNDETERMINED if Status.UNDETERMINED in found else Status.REFUTED


@dataclass(frozen=True)
class Assessor:
    """Assesses the criteria of an edition for one case, each criterion and node once."""

    conformance: Conformance
    _known: dict[tuple[Node, Node], Assessment] = field(default_factory=dict, repr=False)

    def assess(self, criterion: Criterion, focus: Node) -> Assessment:
        """The status of a criterion for a node, with that of everything below it."""
        key = (criterion.iri, focus)
        known = self._known.get(key)
        if known is None:
            assess = self._composite if criterion.operator is not None else self._leaf
            known = self._known[key] = assess(criterion, focus)
        return known

    def _composite(self, criterion: Criterion, focus: Node) -> Assessment:
        parts = tuple(part for member in criterion.members for part in self._parts(member, focus))
        if criterion.operator is Operator.CONDITIONAL:
            condition, *requirement = parts
            applies = condition.assessment.status is Status.MET
            status = all_of(p.value for p in requirement) if applies else Status.NOT_APPLICABLE
            shown = parts if applies else parts[:1]
            return Assessment(criterion, focus, status, _cited(shown, status), parts=shown)
        combine = all_of if criterion.operator is Operator.ALL else any_of
        status = combine(part.value for part in parts)
        return Assessment(criterion, focus, status, _cited(parts, status), parts=parts)

    def _parts(self, member: Member, focus: Node) -> list[Part]:
        if member.path is None:
            return [Part(self.assess(member.criterion, focus), member.ruled_out)]
        reached = sorted(self.conformance.reach(member.path, focus), key=str)
        if not reached:
            raise EngineError(f"{member.criterion.iri} was to be assessed, but nothing lies at its path from {focus}.")
        return [Part(self.assess(member.criterion, node), member.ruled_out) for node in reached]

    def _leaf(self, criterion: Criterion, focus: Node) -> Assessment:
        check = self.conformance.check
        shape = criterion.shape
        assert shape is not None  # a leaf has a shape: reasoner.policy reads it so
        answer = check(shape, focus)
        if answer.conforms:
            return self._settled(criterion, focus, Status.MET, shape, criterion.affirmed or shape)
        if criterion.kind is Kind.COMPLETE:
            return self._settled(criterion, focus, Status.REFUTED, shape, shape)
        if criterion.kind is Kind.COUNTED:
            assert criterion.refuted_by is not None
            if check(criterion.refuted_by, focus).conforms:
                return self._settled(criterion, focus, Status.REFUTED, criterion.refuted_by, criterion.refuted_by)
            return Assessment(criterion, focus, Status.UNDETERMINED, notes=answer.notes)
        if criterion.kind is Kind.OPEN:
            assert criterion.refuted_by is not None
            assert criterion.affirmed is not None
            assert criterion.denied is not None
            if check(criterion.refuted_by, focus).conforms:
                return self._settled(criterion, focus, Status.REFUTED, criterion.refuted_by, criterion.denied)
            if check(criterion.affirmed, focus).conforms and check(criterion.denied, focus).conforms:
                smallest = self.conformance.smallest_support
                sides = (_in_order(smallest(side, focus)) for side in (criterion.affirmed, criterion.denied))
                return Assessment(criterion, focus, Status.UNDETERMINED, contradiction=Contradiction(*sides))
        return Assessment(criterion, focus, Status.UNDETERMINED)

    def _settled(self, criterion: Criterion, focus: Node, status: Status, shape: Shape, asked: Shape) -> Assessment:
        answer = self.conformance.check(shape, focus)
        evidence = self.conformance.smallest_support(shape, focus)
        further = self.conformance.check(asked, focus).support - evidence
        return Assessment(criterion, focus, status, _in_order(evidence), _in_order(further), notes=answer.notes)


def _cited(parts: Iterable[Part], status: Status) -> tuple[Triple, ...]:
    """What a composite rests on: the evidence of the parts that have its value."""
    if status is Status.UNDETERMINED:
        return ()
    wanted = Status.REFUTED if status is Status.REFUTED else Status.MET
    return _in_order({triple for part in parts if part.value is wanted for triple in part.assessment.evidence})


def _in_order(triples: Iterable[Triple]) -> tuple[Triple, ...]:
    return tuple(sorted(triples, key=triple_key))


def leaves(assessment: Assessment, follow: Callable[[Part], bool] = lambda _: True) -> list[Assessment]:
    """The leaves below an assessment, each once, in reading order."""
    found: dict[int, Assessment] = {}

    def visit(current: Assessment) -> None:
        if not current.parts:
            found.setdefault(id(current), current)
        for part in current.parts:
            if follow(part):
                visit(part.assessment)

    visit(assessment)
    return list(found.values())
