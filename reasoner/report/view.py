"""A report as plain records: what every format for people and JSON print, and nothing beside it.

`view_of` (in `view_builder`) makes these records of a determination, `read_view` (in `view_reader`) of its report
graph; both are the same, so that no format can say what the graph does not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from rdflib import URIRef
from rdflib.term import Node

from reasoner.evaluation.criteria import Status
from reasoner.evaluation.determination import Outcome


class Kind(StrEnum):
    """How a criterion rests on its parts; the values are local names of the ontology."""

    ALL_OF = "AllOf"
    ANY_OF = "AnyOf"
    EACH_OF = "EachOf"
    CONDITIONAL = "Conditional"
    LEAF = "Leaf"


@dataclass(frozen=True)
class Document:
    """A document that a clause stands in."""

    iri: URIRef
    title: str
    date: str | None


@dataclass(frozen=True)
class Clause:
    """A place in a policy document."""

    iri: URIRef
    label: str
    place: str | None
    document: Document | None


@dataclass(frozen=True)
class Criterion:
    """A criterion of the policy, as the report carries it."""

    iri: URIRef
    label: str
    definition: str | None
    clauses: tuple[Clause, ...]


@dataclass(frozen=True)
class Quotation:
    """Words of a source document that a statement of the case rests on."""

    iri: URIRef
    text: str
    document: str | None
    date: str | None


@dataclass(frozen=True)
class Statement:
    """One triple of the case that a criterion or a conflict cites, in words and as terms."""

    iri: URIRef
    subject: Node
    predicate: Node
    object: Node
    sentence: str
    quotations: tuple[Quotation, ...]


@dataclass(frozen=True)
class Assessment:
    """One criterion held against the case or against one requested study.

    The same assessment may stand below two parents; both then hold the same object.
    """

    iri: URIRef
    criterion: Criterion
    focus: Node | None
    focus_label: str | None
    status: Status
    kind: Kind
    sentence: str
    is_exclusion: bool
    parts: "tuple[Assessment, ...]"
    evidence: tuple[Statement, ...]
    corroboration: tuple[Statement, ...]
    documentation: str | None
    conflict: URIRef | None

    def walk(self) -> "Iterator[Assessment]":
        """This assessment and everything below it, each once, parents before their parts."""
        seen: set[URIRef] = set()
        pending: list[Assessment] = [self]
        while pending:
            assessment = pending.pop()
            if assessment.iri not in seen:
                seen.add(assessment.iri)
                yield assessment
                pending.extend(reversed(assessment.parts))


@dataclass(frozen=True)
class StudyDetermination:
    """What follows for one requested study."""

    iri: URIRef
    study: Node
    label: str
    outcome: Outcome
    sentence: str
    decided_by: tuple[Assessment, ...]


@dataclass(frozen=True)
class Conflict:
    """Statements of the case that cannot all be so, and the criteria that they leave open."""

    iri: URIRef
    sentence: str
    evidence: tuple[Statement, ...]
    bears_on: tuple[Assessment, ...]


@dataclass(frozen=True)
class OpenQuestion:
    """Open criteria of which any one, once documented, is enough."""

    iri: URIRef
    alternatives: tuple[Assessment, ...]


@dataclass(frozen=True)
class SettlingSet:
    """Open questions that together would settle the outcome of some of the studies."""

    iri: URIRef
    size: int
    questions: tuple[OpenQuestion, ...]
    studies: tuple[StudyDetermination, ...]
    leads_to: Outcome


@dataclass(frozen=True)
class Note:
    """An assumption that the outcome rests on, or a reading of the policy's text."""

    iri: URIRef
    label: str
    definition: str | None


@dataclass(frozen=True)
class Advice:
    """What a society or the policy recommends; it decides nothing."""

    iri: URIRef
    label: str
    sentence: str
    clauses: tuple[Clause, ...]


@dataclass(frozen=True)
class Edition:
    """The policy edition that was applied."""

    iri: URIRef
    title: str
    payer: str | None
    effective_from: str | None
    partial: bool
    not_encoded: tuple[Clause, ...]


@dataclass(frozen=True)
class Provenance:
    """What the determination was made from, so that it can be made again."""

    derived_from: tuple[URIRef, ...]
    case_digest: str | None
    edition_digest: str | None
    shapes_digest: str | None
    ontology_digest: str | None
    terminology_digest: str | None
    knowledge_digest: str | None
    program_version: str | None


@dataclass(frozen=True)
class ReportView:
    """One determination with everything that explains it."""

    iri: URIRef
    label: str
    recommendation: str
    outcome: Outcome
    conforms: bool
    date_applied: str | None
    case: URIRef
    case_label: str
    edition: Edition
    studies: tuple[StudyDetermination, ...]
    root: Assessment
    decided_by: tuple[Assessment, ...]
    conflicts: tuple[Conflict, ...]
    settling_sets: tuple[SettlingSet, ...]
    assumptions: tuple[Note, ...]
    readings: tuple[Note, ...]
    advice: tuple[Advice, ...]
    notices: tuple[str, ...]
    citations: tuple[Clause, ...]
    provenance: Provenance
