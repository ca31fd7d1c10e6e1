"""A report as people read it: numbered, folded and in order; each format adds only its own typography."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from rdflib import URIRef

from reasoner.evaluation.criteria import Status
from reasoner.evaluation.determination import Outcome
from reasoner.formats.wording import OPEN, STATUS_MARKS, Mark, Role, asked, document_of, listing, place_of
from reasoner.report.view import (
    Assessment,
    Clause,
    Kind,
    OpenQuestion,
    Quotation,
    ReportView,
    SettlingSet,
    Statement,
    StudyDetermination,
)

FOLD_ABOVE: Final = 3
"""Runs of alternatives longer than this share one line in text and Markdown."""
SETS_SHOWN: Final = 3
"""So many settling sets for each outcome stand in text and Markdown."""


@dataclass(frozen=True)
class Fold:
    """Neighbouring leaves of the same status that share one line."""

    mark: Mark
    assessments: tuple[Assessment, ...]

    @property
    def silent(self) -> bool:
        """Whether they are open because the record says nothing."""
        return self.mark == OPEN

    @property
    def note(self) -> str:
        """What they have in common."""
        return f"{self.mark.word}, nothing recorded" if self.silent else self.mark.word

    @property
    def labels(self) -> str:
        """The criteria that share the line."""
        return listing([assessment.criterion.label for assessment in self.assessments])

    @property
    def evidence(self) -> tuple[Statement, ...]:
        """What settled them, each statement once."""
        return tuple({s.iri: s for a in self.assessments for s in a.evidence}.values())


@dataclass(frozen=True)
class Decisive:
    """A criterion that decided, and the studies whose outcome it decided, where those are not all."""

    assessment: Assessment
    only_for: tuple[StudyDetermination, ...]


@dataclass(frozen=True)
class Source:
    """A document and the clauses of it that the report cites, with their numbers."""

    title: str
    clauses: tuple[tuple[int, Clause], ...]


@dataclass(frozen=True)
class Question:
    """What an open question asks to be documented; any one alternative is enough."""

    alternatives: tuple[str, ...]
    listed: str | None
    """Where the same alternatives were listed before, in words."""


@dataclass(frozen=True)
class Settling:
    """A settling set with its number and its questions in words."""

    number: int
    set: SettlingSet
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Presentation:
    """A report view with what the formats for people need to know about it."""

    view: ReportView
    decisive: tuple[Decisive, ...]
    settling: tuple[Settling, ...]
    settling_first: tuple[Settling, ...]
    """The first sets for each outcome, for the formats that must be short."""
    _roles: dict[URIRef, Role]
    _cited: dict[URIRef, Clause]
    _numbers: dict[URIRef, int]
    _conflicts: dict[URIRef, int]
    _anchors: dict[URIRef, int]

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What the report is about, in pairs of name and value."""
        edition = self.view.edition
        since = edition.effective_from
        named = since is None or since in edition.title
        facts = (
            ("Request", self.view.case_label),
            ("Payer", edition.payer),
            ("Policy", edition.title if named else f"{edition.title}, in force from {since}"),
            ("Known", "in part; what is not known was not judged" if edition.partial else None),
            ("Applied as of", self.view.date_applied),
        )
        return tuple((name, value) for name, value in facts if value)

    @property
    def made_from(self) -> tuple[tuple[str, str], ...]:
        """What identifies the inputs and the program, in pairs of name and value."""
        provenance = self.view.provenance
        facts = (
            ("Case digest", provenance.case_digest),
            ("Edition digest", provenance.edition_digest),
            ("Shapes digest", provenance.shapes_digest),
            ("Ontology digest", provenance.ontology_digest),
            ("Terminology digest", provenance.terminology_digest),
            ("Knowledge digest", provenance.knowledge_digest),
            ("edx-reasoner", provenance.program_version),
        )
        return tuple((name, value) for name, value in facts if value)

    @property
    def notices(self) -> tuple[str, ...]:
        """What a reader must know before the rest; last, what of the policy was not judged."""
        return (*self.view.notices, *(f"Not judged: {place_of(clause)}." for clause in self.view.edition.not_encoded))

    @property
    def citations(self) -> tuple[Source, ...]:
        """The clauses by document, each with its number."""
        sources: dict[str, list[tuple[int, Clause]]] = {}
        for number, clause in enumerate(self._cited.values(), 1):
            sources.setdefault(document_of(clause), []).append((number, clause))
        return tuple(Source(title, tuple(clauses)) for title, clauses in sources.items())

    @property
    def left_out(self) -> str | None:
        """What is to be said where only the first settling sets are shown."""
        more = len(self.settling) - len(self.settling_first)
        stand = "set stands" if more == 1 else "sets stand"
        return f"{more} more {stand} in the HTML and the JSON report." if more else None

    def mark(self, assessment: Assessment) -> Mark:
        """Symbol and word of the status, in words that fit what the criterion is there for."""
        return STATUS_MARKS[self.role(assessment)][assessment.status]

    def role(self, assessment: Assessment) -> Role:
        """What the criterion is there for; the parts of an exclusion or a condition serve as it does."""
        return self._roles.get(assessment.iri, Role.EXCLUSION if assessment.is_exclusion else Role.REQUIREMENT)

    def decided(self, assessment: Assessment) -> bool:
        """Whether the criterion is one of those that decided."""
        return any(entry.assessment.iri == assessment.iri for entry in self.decisive)

    def numbers(self, clauses: Iterable[Clause]) -> tuple[int, ...]:
        """The numbers of clauses in the list of citations."""
        return tuple(self._numbers[clause.iri] for clause in clauses)

    def conflict(self, assessment: Assessment) -> int | None:
        """The number of the conflict that leaves a criterion open."""
        return None if assessment.conflict is None else self._conflicts.get(assessment.conflict)

    def anchor(self, assessment: Assessment) -> str | None:
        """A name for links to the assessment within one page, where the tree holds it."""
        number = self._anchors.get(assessment.iri)
        return None if number is None else f"criterion-{number}"

    def asked(self, assessment: Assessment) -> str | None:
        """What would have to be documented, where the criterion is open."""
        return assessment.documentation if assessment.status is Status.UNDETERMINED else None

    def folded(self, assessment: Assessment) -> tuple[Assessment | Fold, ...]:
        """The parts, with each long run of leaves that say the same in one fold.

        Folded are alternatives that are refuted, or open because the record is silent, and leaves that do not apply.
        What decided, stands in conflict or is open in spite of a statement keeps a line of its own.
        """
        found: list[Assessment | Fold] = []
        run: list[Assessment] = []
        for part in (*assessment.parts, None):
            fits = part is not None and self._foldable(part, assessment.kind)
            if run and not (part is not None and fits and self.mark(part) == self.mark(run[0])):
                found.extend([Fold(self.mark(run[0]), tuple(run))] if len(run) > FOLD_ABOVE else run)
                run = []
            if part is not None and fits:
                run.append(part)
            elif part is not None:
                found.append(part)
        return tuple(found)

    def _foldable(self, part: Assessment, parent: Kind) -> bool:
        if part.kind is not Kind.LEAF or part.conflict is not None or self.decided(part):
            return False
        match part.status:
            case Status.NOT_APPLICABLE:
                return True
            case Status.REFUTED:
                return parent is Kind.ANY_OF
            case Status.UNDETERMINED:
                return parent is Kind.ANY_OF and not part.evidence and not part.corroboration
            case Status.MET:
                return False


class Once:
    """Remembers what a section has shown, so that a long quotation or a shared criterion is printed once."""

    def __init__(self) -> None:
        self._seen: set[URIRef] = set()

    def first(self, shown: Quotation | Assessment) -> bool:
        """Whether it has not been asked about before."""
        new = shown.iri not in self._seen
        self._seen.add(shown.iri)
        return new


def present(view: ReportView) -> Presentation:
    """Number the citations and conflicts of a report, and gather what decided it and what would settle it."""
    numbered = tuple(enumerate(view.settling_sets, 1))
    cited = {clause.iri: clause for clause in _cited(view)}
    return Presentation(
        view=view,
        decisive=_decisive(view),
        settling=_settling(numbered),
        settling_first=_settling(_first(numbered)),
        _roles=_roles(view.root),
        _cited=cited,
        _numbers={iri: number for number, iri in enumerate(cited, 1)},
        _conflicts={conflict.iri: n for n, conflict in enumerate(view.conflicts, 1)},
        _anchors={assessment.iri: n for n, assessment in enumerate(view.root.walk(), 1)},
    )


def own_evidence(assessment: Assessment) -> tuple[Statement, ...]:
    """The evidence that is not shown with the assessment's own parts."""
    below = {statement.iri for part in assessment.parts for a in part.walk() for statement in a.evidence}
    return tuple(statement for statement in assessment.evidence if statement.iri not in below)


def quoted_once(statements: Iterable[Statement]) -> tuple[tuple[Statement, tuple[Quotation, ...]], ...]:
    """The statements, each with those of its quotations that no statement before it has."""
    once = Once()
    return tuple((s, tuple(quotation for quotation in s.quotations if once.first(quotation))) for s in statements)


def _cited(view: ReportView) -> tuple[Clause, ...]:
    """The clauses that the report cites by itself, then those of the other criteria and of the advice."""
    criteria = (clause for assessment in view.root.walk() for clause in assessment.criterion.clauses)
    deciding = (clause for entry in _decisive(view) for clause in entry.assessment.criterion.clauses)
    advice = (clause for advice in view.advice for clause in advice.clauses)
    return (*view.citations, *deciding, *criteria, *advice)


def _decisive(view: ReportView) -> tuple[Decisive, ...]:
    deciders = {a.iri: a for a in view.decided_by} | {a.iri: a for study in view.studies for a in study.decided_by}
    found = []
    for iri, assessment in deciders.items():
        studies = tuple(s for s in view.studies if any(a.iri == iri for a in s.decided_by))
        found.append(Decisive(assessment, () if len(studies) == len(view.studies) else studies))
    return tuple(found)


def _first(sets: Iterable[tuple[int, SettlingSet]]) -> Iterator[tuple[int, SettlingSet]]:
    taken: Counter[Outcome] = Counter()
    for number, settling_set in sets:
        if taken[settling_set.leads_to] < SETS_SHOWN:
            taken[settling_set.leads_to] += 1
            yield number, settling_set


def _settling(sets: Iterable[tuple[int, SettlingSet]]) -> tuple[Settling, ...]:
    listed: dict[tuple[str, ...], str] = {}
    found = []
    for number, settling_set in sets:
        questions = []
        for place, question in enumerate(settling_set.questions, 1):
            alternatives = _alternatives(question)
            questions.append(Question(alternatives, listed.get(alternatives)))
            if len(alternatives) > 1:
                listed.setdefault(alternatives, f"{number}.{place}")
        found.append(Settling(number, settling_set, tuple(questions)))
    return tuple(found)


def _alternatives(question: OpenQuestion) -> tuple[str, ...]:
    return tuple(dict.fromkeys(asked(assessment) for assessment in question.alternatives))


def _roles(root: Assessment) -> dict[URIRef, Role]:
    """The role of each assessment; one that serves in several is a requirement first and a condition last."""
    precedence = list(Role)
    roles: dict[URIRef, Role] = {}
    pending = [(root, Role.REQUIREMENT)]
    while pending:
        assessment, inherited = pending.pop()
        role = Role.EXCLUSION if assessment.is_exclusion else inherited
        known = roles.get(assessment.iri)
        if known is not None and precedence.index(known) <= precedence.index(role):
            continue
        roles[assessment.iri] = role
        for place, part in enumerate(assessment.parts):
            condition = assessment.kind is Kind.CONDITIONAL and place == 0
            pending.append((part, Role.CONDITION if condition else role))
    return roles
