"""Each criterion's status for one case: met, refuted, undetermined or not applicable, with its evidence.

Statuses are found out at once. What they rest on is found out when it is asked for: many questions end with the status.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from rdflib.term import Node

from reasoner.errors import EngineError
from reasoner.evaluation.leaves import Leaves
from reasoner.evaluation.recalled import Answer
from reasoner.evaluation.statuses import Status, all_of, any_of, contribution
from reasoner.policy.edition import Criterion, Member, Operator
from reasoner.rdf.index import Index, Triple
from reasoner.shacl.paths import values

__all__ = [
    "Assessment",
    "Assessor",
    "Contradiction",
    "Part",
    "Status",
    "all_of",
    "any_of",
    "contribution",
    "leaves",
]


@dataclass(frozen=True)
class Contradiction:
    """Statements of the case of which some affirm a criterion and some deny it."""

    affirming: tuple[Triple, ...]
    denying: tuple[Triple, ...]


class Part:
    """A member of a composite, assessed; `ruled_out` says that the composite asks for it to be refuted.

    `value` is what it contributes to the composite.
    """

    __slots__ = ("assessment", "ruled_out", "value")

    def __init__(self, assessment: "Assessment", ruled_out: bool = False) -> None:
        self.assessment = assessment
        self.ruled_out = ruled_out
        self.value = contribution(assessment.status, ruled_out=ruled_out)


class Assessment:
    """One criterion held against one node of a case.

    `evidence` gives the status by itself and loses it, or speaks of less, if any triple goes; `corroboration` says the
    same again. `notes` are figures, such as days counted and numbers added up. These, and a contradiction, are found
    out when they are first asked for, and kept.
    """

    __slots__ = ("criterion", "focus", "parts", "status")

    def __init__(self, criterion: Criterion, focus: Node, status: Status, parts: tuple[Part, ...] = ()) -> None:
        """By itself, an open leaf on which nothing in the case bears."""
        self.criterion = criterion
        self.focus = focus
        self.status = status
        self.parts = parts

    @property
    def plain(self) -> bool:
        """Whether the sentence follows from the status alone, without figures and contradictions of the case."""
        return True

    @property
    def silent(self) -> bool:
        """Whether this is an open leaf on which nothing in the case bears, and which therefore comes with nothing."""
        return True

    @property
    def grounds(self) -> int:
        """The evidence as the bits of a number: the fewest statements of a leaf, or all that a composite rests on."""
        return 0

    @property
    def further(self) -> int:
        """The corroboration as the bits of a number."""
        return 0

    @property
    def evidence(self) -> tuple[Triple, ...]:
        """The statements that give the status."""
        return ()

    @property
    def corroboration(self) -> tuple[Triple, ...]:
        """The statements that say the same again."""
        return ()

    @property
    def is_contradicted(self) -> bool:
        """Whether the record says the one and the other of it."""
        return False

    @property
    def contradiction(self) -> Contradiction | None:
        """What the record says for the criterion and against it, where it says both."""
        return None

    @property
    def notes(self) -> tuple[str, ...]:
        """Figures, such as days counted and numbers added up."""
        return ()

    @property
    def sentence(self) -> str:
        """The status in plain words."""
        if self.is_contradicted:
            return f"The record contradicts itself about this: {self.criterion.label}."
        words = self.criterion.sentences[_SENTENCE[self.status]]
        return f"{words} ({'; '.join(self.notes)}.)" if self.notes else words


class _Leaf(Assessment):
    """A leaf on which something in the case bears."""

    __slots__ = ("_contradiction", "_further", "_grounds", "_index", "_notes", "_verdict")

    def __init__(self, criterion: Criterion, focus: Node, verdict: Answer, index: Index) -> None:
        self.criterion = criterion
        self.focus = focus
        self.status = verdict.status
        self.parts = ()
        self._verdict = verdict
        self._index = index
        self._grounds = self._further = -1
        self._notes: tuple[str, ...] | None = None
        self._contradiction: Contradiction | None = None

    @property
    def plain(self) -> bool:
        return self._verdict.plain

    @property
    def silent(self) -> bool:
        return False

    @property
    def grounds(self) -> int:
        if self._grounds < 0:
            self._grounds = self._verdict.smallest(self._index, self.focus)
        return self._grounds

    @property
    def further(self) -> int:
        if self._further < 0:
            self._further = self._verdict.further(self._index, self.focus, self.grounds)
        return self._further

    @property
    def evidence(self) -> tuple[Triple, ...]:
        grounds = self.grounds
        return self._index.within(grounds) if grounds else ()

    @property
    def corroboration(self) -> tuple[Triple, ...]:
        further = self.further
        return self._index.within(further) if further else ()

    @property
    def is_contradicted(self) -> bool:
        return bool(self._verdict.sides)

    @property
    def contradiction(self) -> Contradiction | None:
        if self._contradiction is None:
            found = self._verdict.contradiction(self._index, self.focus)
            if found is not None:
                self._contradiction = Contradiction(*map(self._index.within, found))
        return self._contradiction

    @property
    def notes(self) -> tuple[str, ...]:
        if self._notes is None:
            self._notes = () if self._verdict.plain else self._verdict.notes(self._index, self.focus)
        return self._notes


class _Composite(Assessment):
    """A composite: it rests on the evidence of the parts that have its value."""

    __slots__ = ("_grounds", "_index")

    def __init__(
        self, criterion: Criterion, focus: Node, status: Status, parts: tuple[Part, ...], index: Index
    ) -> None:
        self.criterion = criterion
        self.focus = focus
        self.status = status
        self.parts = parts
        self._index = index
        self._grounds = 0 if status is Status.UNDETERMINED else -1

    @property
    def silent(self) -> bool:
        return False

    @property
    def grounds(self) -> int:
        if self._grounds < 0:
            wanted = Status.REFUTED if self.status is Status.REFUTED else Status.MET
            mask = 0
            for part in self.parts:
                if part.value is wanted:
                    mask |= part.assessment.grounds
            self._grounds = mask
        return self._grounds

    @property
    def evidence(self) -> tuple[Triple, ...]:
        grounds = self.grounds
        return self._index.within(grounds) if grounds else ()


_SENTENCE = {
    Status.MET: "met",
    Status.REFUTED: "refuted",
    Status.UNDETERMINED: "open",
    Status.NOT_APPLICABLE: "not applicable",
}


@dataclass(frozen=True)
class Assessor:
    """Assesses the criteria of an edition for one case, each criterion and node once."""

    index: Index
    leaves: Leaves
    _known: dict[Node, dict[Criterion, Assessment]] = field(default_factory=dict, repr=False)

    def assess(self, criterion: Criterion, focus: Node) -> Assessment:
        """The status of a criterion for a node, with that of everything below it."""
        known = self._known.get(focus)
        if known is None:
            known = self._known[focus] = {}
        found = known.get(criterion)
        return self._new(criterion, focus, known) if found is None else found

    def _new(self, criterion: Criterion, focus: Node, known: dict[Criterion, Assessment]) -> Assessment:
        found: Assessment
        judge = self.leaves.judges.get(criterion)
        if judge is None:
            found = self._composite(criterion, focus, known)
        else:
            verdict = judge(self.index, focus)
            if verdict.silent:
                found = Assessment(criterion, focus, verdict.status)
            else:
                found = _Leaf(criterion, focus, verdict, self.index)
        known[criterion] = found
        return found

    def _composite(self, criterion: Criterion, focus: Node, known: dict[Criterion, Assessment]) -> Assessment:
        members = criterion.members
        if criterion.operator is Operator.CONDITIONAL:
            parts = self._parts(members[:1], focus, known)
            if parts[0].assessment.status is not Status.MET:
                return _Composite(criterion, focus, Status.NOT_APPLICABLE, tuple(parts), self.index)
            requirement = self._parts(members[1:], focus, known)
            status = all_of([part.value for part in requirement])
            return _Composite(criterion, focus, status, (*parts, *requirement), self.index)
        parts = self._parts(members, focus, known)
        combine = all_of if criterion.operator is Operator.ALL else any_of
        return _Composite(criterion, focus, combine([part.value for part in parts]), tuple(parts), self.index)

    def _parts(self, members: Iterable[Member], focus: Node, known: dict[Criterion, Assessment]) -> list[Part]:
        parts = []
        for member in members:
            criterion = member.criterion
            if member.path is None:
                found = known.get(criterion)
                if found is None:
                    found = self._new(criterion, focus, known)
                parts.append(Part(found, member.ruled_out))
                continue
            reached = sorted(values_of(member.path)(self.index, focus), key=str)
            if not reached:
                raise EngineError(f"{criterion.iri} was to be assessed, but nothing lies at its path from {focus}.")
            parts += [Part(self.assess(criterion, node), member.ruled_out) for node in reached]
        return parts


values_of = lru_cache(maxsize=256)(values)


def leaves(assessment: Assessment) -> list[Assessment]:
    """The leaves below an assessment, each once, in reading order."""
    found: list[Assessment] = []
    seen: set[Assessment] = set()
    pending = [assessment]
    while pending:
        current = pending.pop()
        if current not in seen:
            seen.add(current)
            if current.parts:
                pending += [part.assessment for part in reversed(current.parts)]
            else:
                found.append(current)
    return found
