"""What a report says in words of its own, and how its parts are named; the records and the RDF text both read it."""

import hashlib
from collections.abc import Iterable, Sequence
from functools import cache, cached_property, lru_cache
from typing import Final

from rdflib import URIRef
from rdflib.term import Node

from reasoner.case import Problem, Severity
from reasoner.evaluation.criteria import Assessment
from reasoner.evaluation.determination import Determination, Outcome, SettlingSet, StudyDetermination
from reasoner.intake import rules
from reasoner.intake.shapes import contradiction_shapes
from reasoner.knowledge import Knowledge
from reasoner.policy.edition import Advice, Clause, Note
from reasoner.rdf.index import Index
from reasoner.rdf.nodes import interned
from reasoner.report.evidence import Evidence
from reasoner.report.order import Places, by_name, places_in
from reasoner.report.phrases import KnownWords, Phrases
from reasoner.terminology.codes import icd10cm_release
from reasoner.terms import BASE, DETERMINATION, EDX
from reasoner.version import VERSION

OUTCOME_WORDS: Final = {
    Outcome.MEDICALLY_NECESSARY: "medically necessary",
    Outcome.NOT_MEDICALLY_NECESSARY: "not medically necessary",
    Outcome.EXPERIMENTAL_INVESTIGATIONAL: "experimental or investigational",
    Outcome.ADDITIONAL_INFORMATION_NEEDED: "not decidable without additional information",
}

_SAID: Final = 3  # so many reasons stand in the recommendation; all of them stand under it
_DATE_OF_SERVICE: Final = interned(EDX.dateOfService)


def determination_iri(determination: Determination, knowledge: Knowledge) -> URIRef:
    """The name of a determination: the same inputs give the same name."""
    case = determination.case
    return iri_of_inputs(
        case.digest, case.iri, determination.edition.iri, knowledge.digest, VERSION, determination.date.isoformat()
    )


def iri_of_inputs(case_digest: str, case: str, edition: str, knowledge_digest: str, version: str, date: str) -> URIRef:
    """The name of the determination that is made from such inputs."""
    inputs = (case_digest, str(case), str(edition), knowledge_digest, version, date)
    return URIRef(DETERMINATION + hashlib.sha256("\n".join(inputs).encode()).hexdigest()[:32])


class Content:
    """What the report of one determination says."""

    def __init__(self, determination: Determination, knowledge: Knowledge) -> None:
        d = self.determination = determination
        self.iri = determination_iri(d, knowledge)
        self.numbers: dict[Node, int] = {s.study: n for n, s in enumerate(d.studies, 1)}
        self.knowledge = knowledge
        self._reasons: dict[tuple[Assessment, ...], str] = {}

    @cached_property
    def index(self) -> Index:
        """The statements of the case."""
        return self.determination.case.index(self.knowledge.hierarchy)

    @cached_property
    def phrases(self) -> Phrases:
        """What puts them into words."""
        return Phrases(self.index, self.knowledge.labels, self.determination.case.iri, known_words(self.knowledge))

    @cached_property
    def evidence(self) -> Evidence:
        """What is said of its statements."""
        return Evidence(self.index, self.phrases, self.determination.case.iri)

    @cached_property
    def studies(self) -> list[str]:
        """The requested studies in words."""
        return [self.phrases.study(study.study) for study in self.determination.studies]

    @cached_property
    def label(self) -> str:
        """What the determination is called."""
        return f"Determination of {self.determination.case.label} under {self.determination.edition.title}"

    @cached_property
    def recommendation(self) -> str:
        """The outcomes and what decided them, in one sentence."""
        by_outcome: dict[Outcome, list[StudyDetermination]] = {}
        for study in self.determination.studies:
            by_outcome.setdefault(study.outcome, []).append(study)
        said = []
        for outcome in OUTCOMES:
            if outcome in by_outcome:
                studies = by_outcome[outcome]
                names = " and ".join(dict.fromkeys(self.study(s) for s in studies))
                verb = "is" if len(studies) == 1 else "are"
                said.append(f"{names} {verb} {OUTCOME_WORDS[outcome]}, because {self._because(studies)}")
        return f"Under {self.determination.edition.title}: {'; '.join(said)}."

    def study(self, study: StudyDetermination) -> str:
        """A requested study in words."""
        return self.studies[self.numbers[study.study] - 1]

    def outcome_sentence(self, study: StudyDetermination) -> str:
        """The outcome of a study and what decided it."""
        return f"{OUTCOME_WORDS[study.outcome].capitalize()}, because {self._because([study])}."

    def _because(self, studies: Iterable[StudyDetermination]) -> str:
        """The deciding sentences, each once, as one clause; a single one with what the record says to it."""
        decisive = tuple(dict.fromkeys([a for study in studies for a in study.decisive]))
        found = self._reasons.get(decisive)
        if found is None:
            found = self._reasons[decisive] = self._reason(decisive)
        return found

    def _reason(self, decisive: Sequence[Assessment]) -> str:
        said = list(dict.fromkeys(_as_clause(a.sentence) for a in decisive))
        if len(said) == 1 and decisive[0].evidence:
            return f"{said[0]} ({self.phrases.side(decisive[0].evidence)})"
        return "; ".join(said[:_SAID]) + (f"; and {len(said) - _SAID} more" if len(said) > _SAID else "")

    @cached_property
    def notices(self) -> list[str]:
        """What a reader must know before the rest."""
        d = self.determination
        notices = []
        if d.date_basis != "date of service":
            missing = "" if self.index.objects(d.case.iri, _DATE_OF_SERVICE) else "No date of service is recorded. "
            notices.append(f"{missing}The edition in force on the {d.date_basis}, {d.date.isoformat()}, was applied.")
        settled = {study for settling in d.settling for study in settling.studies}
        notices += [
            f"No further documentation would settle the study {self.study(s)} under this edition."
            for s in d.studies
            if s.outcome is Outcome.ADDITIONAL_INFORMATION_NEEDED and s.study not in settled
        ]
        kept = [
            problem
            for problem in d.case.warnings
            if problem.severity is not Severity.INFO or problem.source_shape == rules.MAPPED_DIAGNOSIS_CODE
        ]
        notices += [f"Intake: {_as_notice(problem)}" for problem in kept if not _is_contradiction(problem)]
        return sorted(set(notices))

    @cached_property
    def contradictions(self) -> list[str]:
        """Contradictions that intake found and no criterion met with, in words."""
        found = [problem for problem in self.determination.case.warnings if _is_contradiction(problem)]
        if not found:
            return []
        sides = [c.contradiction for c in self.determination.conflicts]
        met = {node for c in sides for triple in c.affirming + c.denying for node in triple}
        met -= {self.determination.case.iri}
        return [p.message for p in found if not {p.node, p.value} & met]

    @cached_property
    def conflicts(self) -> list[tuple[str, int]]:
        """The conflicts of the determination, each in words and with the bits of the statements that are in it."""
        found = []
        for conflict in self.determination.conflicts:
            affirming, denying = conflict.contradiction.affirming, conflict.contradiction.denying
            against = tuple(triple for triple in denying if triple not in affirming)
            sides = f"On one side: {self.phrases.side(affirming)}. On the other: {self.phrases.side(against)}."
            found.append((sides, self.evidence.mask((*affirming, *against))))
        return found

    @cached_property
    def in_conflict(self) -> dict[int, str]:
        """The name of the conflict that leaves an assessment open, by the identity of the assessment."""
        return {
            id(assessment): f"conflict-{number}"
            for number, conflict in enumerate(self.determination.conflicts, 1)
            for assessment in conflict.assessments
        }

    @cached_property
    def advice(self) -> list[Advice]:
        """Each advice that was given, once."""
        return sorted({advice for advice, _ in self.determination.advice}, key=lambda advice: by_name(advice.iri))

    @cached_property
    def assumptions(self) -> list[Note]:
        """The assumptions that the outcome rests on."""
        return sorted(self.determination.assumptions, key=lambda note: by_name(note.iri))

    @cached_property
    def readings(self) -> list[Note]:
        """The readings that the outcome rests on."""
        return sorted(self.determination.readings, key=lambda note: by_name(note.iri))

    @cached_property
    def citations(self) -> list[Clause]:
        """The clauses of the deciding criteria, each once."""
        clauses = [c for a in self.determination.decisive for c in a.criterion.clauses]
        places = self._places.clauses
        return sorted({clause.iri: clause for clause in clauses}.values(), key=lambda clause: places[clause.iri])

    def questions(self, settling: SettlingSet) -> list[list[Assessment]]:
        """The questions of a settling set in the reading order of the policy, and so their alternatives."""
        questions = [self.in_order(question) for question in settling.way]
        return sorted(questions, key=lambda question: [self.place(leaf) for leaf in question])

    def in_order(self, assessments: Iterable[Assessment]) -> list[Assessment]:
        """Assessments in the order in which they are read."""
        return sorted(assessments, key=self.place)

    def place(self, a: Assessment) -> tuple[int, int]:
        """The place of an assessment in that order: that of its criterion, then the number of the study."""
        return self._places.criteria[a.criterion], self.numbers.get(a.focus, 0)

    @cached_property
    def _places(self) -> Places:
        return places_in(self.determination.edition)


PROGRAM: Final = f"{BASE}program/{VERSION}"
"""What made the determination."""


@cache
def sources() -> tuple[str, str]:
    """What every determination is derived from beside case and edition: the ontology, and the release of ICD-10-CM."""
    return f"{BASE}ontology", f"{BASE}terminology/icd-10-cm/{icd10cm_release().replace(' ', '-')}"


@lru_cache(maxsize=4)
def known_words(knowledge: Knowledge) -> KnownWords:  # noqa: ARG001 - what keeps them apart
    """The words for terms that all cases share."""
    return KnownWords()


def _as_clause(sentence: str) -> str:
    """A sentence without its full stop, and without its capital unless an abbreviation begins it."""
    clause = sentence.removesuffix(".")
    return clause if clause[1:2].isupper() else clause[:1].lower() + clause[1:]


def _as_notice(problem: Problem) -> str:
    """What intake said; of a category code the finding alone, since a report names no other code to use."""
    if problem.source_shape == rules.BILLABLE_DIAGNOSIS_CODE:
        return problem.message.partition(". ")[0].removesuffix(".") + "."
    return problem.message


def _is_contradiction(problem: Problem) -> bool:
    return problem.source_shape in contradiction_shapes()


OUTCOMES: Final = tuple(Outcome)
