"""From the criteria to an outcome for each requested study and for the request."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from rdflib import RDF, URIRef
from rdflib.term import Node

from reasoner.case import Case
from reasoner.conformance import Conformance
from reasoner.criteria import Assessment, Assessor, Contradiction, Part, Status, all_of, contribution, leaves
from reasoner.errors import EngineError
from reasoner.index import Hierarchy, Index
from reasoner.policy import Advice, Edition, Note, Operator
from reasoner.settle import Settling, Way, everything
from reasoner.terms import EDX


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

    way: Way
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
    case: Case, edition: Edition, hierarchy: Hierarchy, date: datetime.date, basis: str
) -> Determination:
    """Hold a case against one edition.

    Args:
        case: A case that intake has admitted.
        edition: The edition to apply.
        hierarchy: The class tree of the ontology.
        date: The date that chose the edition.
        basis: What that date is, in words.

    Raises:
        EngineError: The case has nothing that the edition could look at.
    """
    if (case.iri, RDF.type, EDX.Request) not in case.triples:
        raise EngineError(f"{case.iri} is no edx:Request: the root criterion of {edition.iri} does not look at it.")
    conformance = Conformance(Index(case.statements, hierarchy))
    assessor = Assessor(conformance)
    root = assessor.assess(edition.root, case.iri)
    wanted = conformance.index.objects(case.iri, EDX.requestsStudy)
    studies = tuple(_determine_study(edition, assessor, root, case.iri, study) for study in wanted)
    outcome = min((s.outcome for s in studies), key=list(Outcome).index)
    resting = _rests_on(studies, root, outcome)
    advice = tuple(
        (given, node)
        for given in edition.advice
        for node in ([case.iri] if given.applies_to == EDX.Request else wanted)
        if conformance.check(given.shape, node).conforms
    )
    return Determination(
        case=case,
        edition=edition,
        date=date,
        date_basis=basis,
        outcome=outcome,
        root=root,
        studies=studies,
        conflicts=_conflicts(root),
        settling=_settling(edition, root, studies),
        # what was found in the record assumes nothing; only what was not found rests on its being complete
        assumptions=_notes(n for a in resting if a.status is Status.REFUTED for n in a.criterion.assumptions),
        readings=_notes(note for assessment in resting for note in assessment.criterion.readings),
        advice=advice,
    )


def _determine_study(
    edition: Edition, assessor: Assessor, root: Assessment, request: Node, study: Node
) -> StudyDetermination:
    excluding = [
        assessor.assess(criterion, request if criterion.applies_to == EDX.Request else study)
        for criterion in edition.exclusions
    ]
    met = tuple(a for a in excluding if a.status is Status.MET)
    if met:
        return StudyDetermination(study, Outcome.EXPERIMENTAL_INVESTIGATIONAL, met)
    covered = _restricted(edition, root, study)
    open_exclusions = tuple(a for a in excluding if a.status is Status.UNDETERMINED)
    if open_exclusions or covered is Status.UNDETERMINED:
        decisive = _decisive(edition, root, study, Status.UNDETERMINED)
        return StudyDetermination(study, Outcome.ADDITIONAL_INFORMATION_NEEDED, _once([*open_exclusions, *decisive]))
    outcome = Outcome.MEDICALLY_NECESSARY if covered is Status.MET else Outcome.NOT_MEDICALLY_NECESSARY
    return StudyDetermination(study, outcome, _once(_decisive(edition, root, study, covered)))


def _bears_on(edition: Edition, part: Part, study: Node) -> bool:
    """Whether a part belongs to the coverage of one study: nothing about other studies, and exclusions apart."""
    criterion = part.assessment.criterion
    if criterion in edition.exclusions:
        return False
    return criterion.applies_to == EDX.Request or part.assessment.focus == study


def _restricted(edition: Edition, assessment: Assessment, study: Node) -> Status:
    """The status of the coverage criteria for one study."""
    if assessment.criterion.operator is not Operator.ALL:
        return assessment.status
    return all_of(
        contribution(_restricted(edition, part.assessment, study), ruled_out=part.ruled_out)
        for part in assessment.parts
        if _bears_on(edition, part, study)
    )


def _decisive(edition: Edition, assessment: Assessment, study: Node, wanted: Status) -> list[Assessment]:
    """The criteria below which the outcome turned, as far down as a conjunction or a met alternative leads."""
    operator = assessment.criterion.operator
    if operator is Operator.ALL:
        parts = [part for part in assessment.parts if _bears_on(edition, part, study)]
    elif operator is Operator.ANY and wanted is Status.MET:
        parts = [part for part in assessment.parts if part.value is Status.MET]
    elif assessment.status is Status.NOT_APPLICABLE:
        return []
    else:
        return [assessment]
    found: list[Assessment] = []
    for part in parts:
        status = _restricted(edition, part.assessment, study)
        if contribution(status, ruled_out=part.ruled_out) is wanted:
            found += _decisive(
                edition, part.assessment, study, status if status is not Status.NOT_APPLICABLE else wanted
            )
    return found


def _rests_on(determined: Iterable[StudyDetermination], root: Assessment, outcome: Outcome) -> list[Assessment]:
    """Every assessment that the outcome of the request rests on, composites included."""
    starts = [root] if outcome is Outcome.MEDICALLY_NECESSARY else [
        assessment for study in determined if study.outcome is outcome for assessment in study.decisive
    ]  # fmt: skip
    found: dict[int, Assessment] = {}

    def visit(assessment: Assessment) -> None:
        if id(assessment) in found:
            return
        found[id(assessment)] = assessment
        own = contribution(assessment.status)
        for part in assessment.parts:
            if part.value is own or assessment.criterion.operator is Operator.CONDITIONAL:
                visit(part.assessment)

    for start in starts:
        visit(start)
    return list(found.values())


def _settling(edition: Edition, root: Assessment, studies: Iterable[StudyDetermination]) -> tuple[SettlingSet, ...]:
    found: dict[tuple[Way, Outcome], list[Node]] = {}
    for determined in studies:
        if determined.outcome is Outcome.ADDITIONAL_INFORMATION_NEEDED:
            for way, outcome in _ways(edition, root, determined.study):
                found.setdefault((way, outcome), []).append(determined.study)
    return tuple(SettlingSet(way, outcome, tuple(nodes)) for (way, outcome), nodes in found.items())


def _ways(edition: Edition, root: Assessment, study: Node) -> list[tuple[Way, Outcome]]:
    """Sets that would settle one study as covered, then as not covered; no exclusion may be left open either way."""
    settling = Settling(
        counts=lambda part: _bears_on(edition, part, study),
        value=lambda part: contribution(_restricted(edition, part.assessment, study), ruled_out=part.ruled_out),
    )
    excluding = [
        settling.ways(Part(leaf, ruled_out=True), Status.MET)
        for leaf in leaves(root)
        if leaf.criterion in edition.exclusions and leaf.focus in (root.focus, study)
    ]
    found = []
    for wanted, outcome in _SETTLED.items():
        ways = [way for way in everything([settling.ways(Part(root), wanted), *excluding]) if way]
        found += [(way, outcome) for way in ways[:MOST_SETS] if len(way) <= len(ways[0]) + 1]
    return found


MOST_SETS = 6
"""So many sets are reported for each study and outcome: the smallest, and those that ask one question more."""
_SETTLED = {Status.MET: Outcome.MEDICALLY_NECESSARY, Status.REFUTED: Outcome.NOT_MEDICALLY_NECESSARY}


def _conflicts(root: Assessment) -> tuple[Conflict, ...]:
    """The contradictions below the root; the same statements make one conflict, whichever criteria it leaves open."""
    found: dict[Contradiction, list[Assessment]] = {}
    for leaf in leaves(root):
        if leaf.contradiction is not None:
            found.setdefault(leaf.contradiction, []).append(leaf)
    return tuple(Conflict(contradiction, tuple(open_leaves)) for contradiction, open_leaves in found.items())


def _notes(notes: Iterable[Note]) -> tuple[Note, ...]:
    return tuple(sorted(dict.fromkeys(notes), key=lambda note: _natural(note.iri)))


def _natural(iri: URIRef) -> tuple[str, int]:
    head, _, number = str(iri).rpartition("-")
    return (head, int(number)) if number.isdecimal() else (str(iri), 0)


def _once(assessments: Iterable[Assessment]) -> tuple[Assessment, ...]:
    return tuple(dict.fromkeys(assessments))
