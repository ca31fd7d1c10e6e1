"""A policy edition: its criteria as they combine; `reasoner.policy.loader` reads one from its shapes."""

import datetime
from dataclasses import dataclass
from enum import StrEnum

from rdflib import Graph, URIRef

from reasoner.shacl.shapes import Path, Shape


class Kind(StrEnum):
    """How a criterion comes by its status."""

    OPEN = "OpenCriterion"  # the record may be silent about it
    COMPLETE = "CompleteCriterion"  # about what is complete by nature: always met or refuted
    COUNTED = "CountedCriterion"  # about a number that may come as a range: open where that decides nothing
    AFFIRMABLE = "AffirmableCriterion"  # met or open, never refuted
    UNENCODED = "UnencodedCriterion"  # content unknown: always open
    COMPOSITE = "CompositeCriterion"
    CONDITIONAL = "ConditionalCriterion"


class Operator(StrEnum):
    """How the members of a composite combine."""

    ALL = "AllOf"
    ANY = "AnyOf"
    CONDITIONAL = "Conditional"


@dataclass(frozen=True)
class Note:
    """A reading or an assumption that a criterion names."""

    iri: URIRef
    label: str
    definition: str


@dataclass(frozen=True)
class Clause:
    """A place in a policy document."""

    iri: URIRef
    label: str
    place: str
    document: URIRef
    document_title: str


@dataclass(frozen=True)
class Member:
    """A criterion within a composite: as it is, or ruled out; on the same node, or on every node at a path."""

    criterion: "Criterion"
    ruled_out: bool = False
    path: Path | None = None


@dataclass(frozen=True, eq=False)
class Criterion:
    """One criterion of one edition."""

    iri: URIRef
    kind: Kind
    label: str
    definition: str
    clauses: tuple[Clause, ...]
    applies_to: URIRef
    sentences: dict[str, str]  # met, refuted, open, not applicable -> plain sentence
    documentation: str | None
    readings: tuple[Note, ...]
    assumptions: tuple[Note, ...]
    shape: Shape | None = None  # leaves only, as is what follows
    refuted_by: Shape | None = None
    affirmed: Shape | None = None
    denied: Shape | None = None
    operator: Operator | None = None  # composites only, as is what follows
    members: tuple[Member, ...] = ()

    @property
    def name(self) -> str:
        """The last part of the IRI."""
        return str(self.iri).rpartition("#")[2]


@dataclass(frozen=True, eq=False)
class Advice:
    """A remark that is made where its shape holds; it decides nothing."""

    iri: URIRef
    label: str
    sentence: str
    clause: Clause
    applies_to: URIRef
    shape: Shape
    readings: tuple[Note, ...]


@dataclass(frozen=True, eq=False)
class Edition:
    """One edition of one policy."""

    iri: URIRef
    series: URIRef
    slug: str
    title: str
    payer: URIRef
    payer_name: str
    payer_slug: str
    effective_from: datetime.date
    partial: bool
    not_encoded: tuple[Clause, ...]
    root: Criterion
    exclusions: tuple[Criterion, ...]
    advice: tuple[Advice, ...]
    criteria: dict[URIRef, Criterion]  # every criterion of the edition, in reading order
    graph: Graph  # the edition's own statements and the shapes that it stands on
