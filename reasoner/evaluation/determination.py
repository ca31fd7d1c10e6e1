"""From the criteria to an outcome for each requested study and for the request."""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from rdflib import RDF, URIRef
from rdflib.term import Node

from reasoner.case import Case
from reasoner.errors import EngineError
from reasoner.evaluation.criteria import Assessment, Assessor, Contradiction, Part, Status, contribution, leaves
from reasoner.evaluation.leaves import TestOf, leaves_of
from reasoner.evaluation.scope import Scope, same
from reasoner.evaluation.settle import Settling, Way, everything
from reasoner.intake.content import Engine
from reasoner.policy.edition import Advice, Edition, Note, Operator
from reasoner.policy.outline import outline_of
from reasoner.rdf.index import Hierarchy
from reasoner.rdf.nodes import interned
from reasoner.terms import EDX
from reasoner.validation.closures import compile_shape


class Outcome(StrEnum):
    """What follows for a study or a request, in the order in which a request takes it from its studies."""

    ADDITIONAL_INFORMATION_NEEDED = "AdditionalInformationNeeded"
    NOT_MEDICALLY_NECESSARY = "NotMedicallyNecessary"
    EXPERIMENTAL_INVESTIGATIONAL = "ExperimentalInvestigational"
    MEDICALLY_NECESSARY = "MedicallyNecessary"


@dataclass(frozen=True, eq=False)
class StudyDetermination:
    """The outcome for one requested study, and the criteria that decided it."""

    study: Node
    outcome: Outcome
    decisive: tuple[Assessment, ...]


@dataclass(frozen=True, eq=False)
class SettlingSet:
    """Questions whose answers, taken together, would settle some of the studies."""

    way: frozenset[frozenset[Assessment]]
    leads_to: Outcome
    studies: tuple[Node, ...]


@dataclass(frozen=True, eq=False)
class Conflict:
    """A contradiction in the record, and the criteria that it leaves open."""

    contradiction: Contradiction
    assessments: tuple[Assessment, ...]


@dataclass(frozen=True, eq=False)
class Determination:
    """What an edition of a policy makes of a case."""

    case: Case
    edition: Edition
    date: datetime.date
    date_basis: str
    outcome: Outcome
    root: Assessment
    studies: tuple[StudyDetermination, ...]
    conflicts: tuple[Conflict, ...]
    settling: tuple[SettlingSet, ...]
    assumptions: tuple[Note, ...]
    readings: tuple[Note, ...]
    advice: tuple[tuple[Advice, Node], ...]

    @property
    def decisive(self) -> tuple[Assessment, ...]:
        """The criteria that decided the request: those of the studies whose outcome it takes."""
        decisive = [d for study in self.studies if study.outcome is self.outcome for d in study.decisive]
        return tuple(dict.fromkeys(decisive))


def determine_under(
    case: Case, edition: Edition, hierarchy: Hierarchy, date: datetime.date, basis: str, *, engine: Engine = "compiled"
) -> Determination:
    """Hold a case against one edition.

    Args:
        case: A case that intake has admitted.
        edition: The edition to apply.
        hierarchy: The class tree of the ontology.
        date: The date that chose the edition.
        basis: What that date is, in words.
        engine: What says which shapes the nodes of the case conform to; pySHACL is the reference, slow.

    Raises:
        EngineError: The case has nothing that the edition could look at.
    """
    index = case.index(hierarchy)
    request = next((node for node in index.subjects(_REQUEST, _TYPE) if node == case.iri), None)
    if request is None:
        raise EngineError(f"{case.iri} is no edx:Request: the root criterion of {edition.iri} does not look at it.")
    found, test_of = leaves_of(edition), compile_shape
    if engine == "pyshacl":
        from reasoner.evaluation.pyshacl_leaves import leaves_by_pyshacl

        found, answers = leaves_by_pyshacl(index, request, edition)
        test_of = answers.test_of
    return _Determining(request, edition, Assessor(index, found), test_of).determination(case, date, basis)


class _Determining:
    """Takes the outcomes from the assessed criteria of one case."""

    def __init__(self, request: Node, edition: Edition, assessor: Assessor, test_of: TestOf) -> None:
        self.test_of = test_of
        self.request = request  # as the index has it: what is the same object compares at once
        self.edition = edition
        self.index = assessor.index
        self.outline = outline_of(edition)
        self.assess = assessor.assess
        self.root = assessor.assess(edition.root, request)
        self.leaves = leaves(self.root)
        self.scope = Scope(self.outline, request)
        self.settling = Settling(self.scope)

    def determination(self, case: Case, date: datetime.date, basis: str) -> Determination:
        wanted = self.index.objects(self.request, _REQUESTS_STUDY)
        studies = tuple([self.determine_study(study) for study in wanted])
        outcome = min((s.outcome for s in studies), key=_PRECEDENCE.__getitem__)
        resting = _rests_on(studies, self.root, outcome)
        return Determination(
            case=case,
            edition=self.edition,
            date=date,
            date_basis=basis,
            outcome=outcome,
            root=self.root,
            studies=studies,
            conflicts=_conflicts(self.leaves),
            settling=self.settling_sets(studies),
            # what was found in the record assumes nothing; only what was not found rests on its being complete
            assumptions=_notes(n for a in resting if a.status is Status.REFUTED for n in a.criterion.assumptions),
            readings=_notes(note for assessment in resting for note in assessment.criterion.readings),
            advice=tuple(self.advice(wanted)),
        )

    def advice(self, studies: Iterable[Node]) -> Iterator[tuple[Advice, Node]]:
        for given in self.edition.advice:
            holds = self.test_of(given.shape)
            for node in [self.request] if given in self.outline.of_request else studies:
                if holds(self.index, node):
                    yield given, node

    def determine_study(self, study: Node) -> StudyDetermination:
        self.scope.study = study
        of_request = self.outline.of_request
        excluding = [
            self.assess(criterion, self.request if criterion in of_request else study)
            for criterion in self.edition.exclusions
        ]
        met = tuple([a for a in excluding if a.status is Status.MET])
        if met:
            return StudyDetermination(study, Outcome.EXPERIMENTAL_INVESTIGATIONAL, met)
        covered = self.scope.restricted(self.root)
        still_open = [a for a in excluding if a.status is Status.UNDETERMINED]
        if still_open or covered is Status.UNDETERMINED:
            decisive = [*still_open, *self.decisive(self.root, Status.UNDETERMINED)]
            return StudyDetermination(study, Outcome.ADDITIONAL_INFORMATION_NEEDED, _once(decisive))
        outcome = Outcome.MEDICALLY_NECESSARY if covered is Status.MET else Outcome.NOT_MEDICALLY_NECESSARY
        return StudyDetermination(study, outcome, _once(self.decisive(self.root, covered)))

    def decisive(self, assessment: Assessment, wanted: Status) -> list[Assessment]:
        """The criteria below which the outcome turned, as far down as a conjunction or a met alternative leads."""
        operator = assessment.criterion.operator
        parts: Iterable[Part]
        if operator is Operator.ALL:
            plain = assessment.criterion in self.outline.plain
            parts = assessment.parts if plain else filter(self.scope.bears_on, assessment.parts)
        elif operator is Operator.ANY and wanted is Status.MET:
            parts = [part for part in assessment.parts if part.value is Status.MET]
        elif assessment.status is Status.NOT_APPLICABLE:
            return []
        else:
            return [assessment]
        found: list[Assessment] = []
        for part in parts:
            status = self.scope.restricted(part.assessment)
            if contribution(status, ruled_out=part.ruled_out) is wanted:
                found += self.decisive(part.assessment, wanted if status is Status.NOT_APPLICABLE else status)
        return found

    def settling_sets(self, studies: Iterable[StudyDetermination]) -> tuple[SettlingSet, ...]:
        found: dict[tuple[frozenset[frozenset[Assessment]], Outcome], list[Node]] = {}
        for determined in studies:
            if determined.outcome is Outcome.ADDITIONAL_INFORMATION_NEEDED:
                self.scope.study = determined.study
                for way, outcome in self.ways():
                    found.setdefault((self.settling.told(way), outcome), []).append(determined.study)
        return tuple([SettlingSet(way, outcome, tuple(nodes)) for (way, outcome), nodes in found.items()])

    def ways(self) -> list[tuple[Way, Outcome]]:
        """Sets that would settle the study as covered, then as not covered, with no exclusion left open either way."""
        excluding = [
            self.settling.ways(Part(leaf, ruled_out=True), Status.MET)
            for leaf in self.leaves
            if leaf.criterion in self.outline.exclusions
            and (leaf.focus is self.request or same(leaf.focus, self.scope.study))
        ]
        found = []
        for wanted, outcome in _SETTLED.items():
            together = everything((self.settling.ways(Part(self.root), wanted), *excluding))
            ways = [way for way in together if way]
            found += [(way, outcome) for way in ways[:MOST_SETS] if len(way) <= len(ways[0]) + 1]
        return found


def _rests_on(determined: Iterable[StudyDetermination], root: Assessment, outcome: Outcome) -> list[Assessment]:
    """Every assessment that the outcome of the request rests on, composites included."""
    starts = [root] if outcome is Outcome.MEDICALLY_NECESSARY else [
        assessment for study in determined if study.outcome is outcome for assessment in study.decisive
    ]  # fmt: skip
    found: dict[Assessment, None] = {}
    pending = starts[::-1]
    while pending:
        assessment = pending.pop()
        if assessment not in found:
            found[assessment] = None
            own = contribution(assessment.status)
            conditional = assessment.criterion.operator is Operator.CONDITIONAL
            pending += [part.assessment for part in reversed(assessment.parts) if part.value is own or conditional]
    return list(found)


MOST_SETS = 6
"""So many sets are reported for each study and outcome: the smallest, and those that ask one question more."""
_TYPE: Final = interned(RDF.type)
_REQUEST: Final = interned(EDX.Request)
_REQUESTS_STUDY: Final = interned(EDX.requestsStudy)
_PRECEDENCE: Final = {outcome: place for place, outcome in enumerate(Outcome)}
_SETTLED: Final = {Status.MET: Outcome.MEDICALLY_NECESSARY, Status.REFUTED: Outcome.NOT_MEDICALLY_NECESSARY}


def _conflicts(found_leaves: Iterable[Assessment]) -> tuple[Conflict, ...]:
    """The contradictions among leaves; the same statements make one conflict, whichever criteria it leaves open."""
    found: dict[Contradiction, list[Assessment]] = {}
    for leaf in found_leaves:
        if leaf.is_contradicted and leaf.contradiction is not None:
            found.setdefault(leaf.contradiction, []).append(leaf)
    return tuple([Conflict(contradiction, tuple(open_leaves)) for contradiction, open_leaves in found.items()])


def _notes(notes: Iterable[Note]) -> tuple[Note, ...]:
    return tuple(sorted(dict.fromkeys(notes), key=lambda note: _natural(note.iri)))


@lru_cache(maxsize=1024)
def _natural(iri: URIRef) -> tuple[str, int]:
    head, _, number = str(iri).rpartition("-")
    return (head, int(number)) if number.isdecimal() else (str(iri), 0)


def _once(assessments: Iterable[Assessment]) -> tuple[Assessment, ...]:
    return tuple(dict.fromkeys(assessments))
