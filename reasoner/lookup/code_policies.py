"""What a diagnosis code alone means under an edition of a policy, found out by asking the engine.

Nothing is read off the policy's prose. Each criterion is assessed for a request with one study of no stated kind and
one diagnosis that bears the code, and again with the code left out; what differs is what the code does. The diagnosis
stands once as the only indication and once as a further diagnosis: what is refuted in the first alone is refuted
because the study is asked for something else, not because the code denies it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rdflib import RDF, URIRef

from reasoner.evaluation.criteria import Assessment, Status
from reasoner.evaluation.synthetic import OTHER_DIAGNOSIS, REQUEST, Asking, certain, diagnosis, finding
from reasoner.policy.criterion_classes import findings_asked_for, places_asked_for
from reasoner.policy.edition import Criterion, Edition
from reasoner.rdf.index import Hierarchy, Triple
from reasoner.terminology.mappings import Mapping
from reasoner.terms import EDX

_SERVING: Final = frozenset({"conditional", "etiology", "sequela", "supporting", "symptom"})


@dataclass(frozen=True, eq=False)
class Waiting:
    """A composite above a criterion that the code meets, and the parts of it that stay open."""

    criterion: Criterion
    parts: tuple[Criterion, ...]


@dataclass(frozen=True)
class Needed:
    """A kind of finding, and the regions of the body of which it has to be in one; none where its place is open."""

    cls: URIRef
    places: tuple[URIRef, ...] = ()


@dataclass(frozen=True, eq=False)
class LeftOpen:
    """A row of the map that serves criteria which the code alone leaves open, and what they would be met with.

    `codes` are the codes without which the row does not count; `findings` the kinds of finding that meet the criteria
    together with the code and not without it, each with the places of which it has to have one, if any.
    """

    row: Mapping
    criteria: tuple[Criterion, ...]
    codes: tuple[str, ...]
    findings: tuple[Needed, ...]


@dataclass(frozen=True, eq=False)
class StandsAgainst:
    """A class whose diagnosis the code contradicts, and the criteria that both together leave open as a conflict."""

    cls: URIRef
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, eq=False)
class PolicyMeaning:
    """What a code alone does to the criteria of an edition, suspected or confirmed.

    `meets` and `refutes` are leaves, as are those in `refutes_as_indication`, which the code refutes only by being the
    one indication. `reached` are composites that are met thereby, `applies` conditions that begin to apply.
    """

    edition: Edition
    meets: tuple[Criterion, ...]
    reached: tuple[Criterion, ...]
    waiting: tuple[Waiting, ...]
    applies: tuple[Criterion, ...]
    refutes: tuple[Criterion, ...]
    refutes_as_indication: tuple[Criterion, ...]
    left_open: tuple[LeftOpen, ...]
    stands_against: tuple[StandsAgainst, ...]

    @property
    def does_nothing(self) -> bool:
        """Whether no criterion comes out differently for the code."""
        return not (self.meets or self.refutes or self.refutes_as_indication or self.stands_against)


def policy_meaning(
    cls: URIRef, edition: Edition, tree: Hierarchy, rows: Iterable[Mapping], contradicts: Iterable[URIRef]
) -> PolicyMeaning:
    """What a code alone means under an edition.

    Args:
        cls: The class of the code.
        edition: The edition.
        tree: The class tree of the ontology.
        rows: The rows of the map that reach the code and affirm it.
        contradicts: Classes that a request cannot state beside the code.
    """
    asking = Asking(edition, tree)
    indicated = asking.changed(diagnosis(EDX.hasIndication, cls), diagnosis(EDX.hasIndication))
    beside = asking.changed(diagnosis(EDX.hasDiagnosis, cls), diagnosis(EDX.hasDiagnosis))
    met = [c for c, status in indicated.items() if status is Status.MET]
    refuted = [c for c, status in indicated.items() if status is Status.REFUTED and c.operator is None]
    alone = asking.assessed(certain(diagnosis(EDX.hasIndication, cls)))
    leaves = tuple(c for c in met if c.operator is None)
    return PolicyMeaning(
        edition=edition,
        meets=leaves,
        reached=tuple(c for c in met if c.operator is not None),
        waiting=tuple(_waiting(edition, alone, leaves)),
        applies=tuple(c for c, s in indicated.items() if c.operator is not None and s is Status.UNDETERMINED),
        refutes=tuple(c for c in refuted if beside.get(c) is Status.REFUTED),
        refutes_as_indication=tuple(c for c in refuted if beside.get(c) is not Status.REFUTED),
        left_open=tuple(_left_open(asking, cls, rows, alone)),
        stands_against=tuple(_stands_against(asking, cls, contradicts)),
    )


def _left_open(
    asking: Asking, cls: URIRef, rows: Iterable[Mapping], alone: dict[Criterion, Assessment]
) -> Iterator[LeftOpen]:
    """The rows whose concept would meet criteria about the request that the code alone leaves open."""
    for row in rows:
        if row.role not in _SERVING:
            continue
        served = tuple(
            criterion
            for criterion in asking.met_by(row.subject)
            if criterion.applies_to == EDX.Request and alone[criterion].status is Status.UNDETERMINED
        )
        if served:
            codes = tuple(filter(None, row.extra.get("edx_with", "").split("|")))
            findings = _findings(asking, cls, served) if row.role == "conditional" else ()
            yield LeftOpen(row, served, codes, findings)


def _findings(asking: Asking, cls: URIRef, served: Sequence[Criterion]) -> tuple[Needed, ...]:
    """Findings that meet a criterion with the code and not without it: anywhere, or else in some place."""

    def suffices(kind: URIRef, place: URIRef | None) -> bool:
        stated = finding(kind, place)
        coded, uncoded = (certain(diagnosis(EDX.hasDiagnosis, *types)) for types in ((cls,), ()))
        return asking.met([*coded, *stated], served) > asking.met([*uncoded, *stated], served)

    places = dict.fromkeys(place for leaf in served for place in places_asked_for(leaf))
    found = []
    for kind in dict.fromkeys(f for leaf in served for f in findings_asked_for(leaf, asking.tree)):
        if suffices(kind, None):
            found.append(Needed(kind))
        elif needed := tuple(place for place in places if suffices(kind, place)):
            found.append(Needed(kind, needed))
    return tuple(found)


def _stands_against(asking: Asking, cls: URIRef, contradicts: Iterable[URIRef]) -> Iterator[StandsAgainst]:
    """The criteria that one of two diagnoses meets and both together leave open."""
    coded = certain(diagnosis(EDX.hasDiagnosis, cls))
    for other in contradicts:
        stated: list[Triple] = [
            (REQUEST, EDX.hasDiagnosis, OTHER_DIAGNOSIS),
            (OTHER_DIAGNOSIS, RDF.type, other),
            (OTHER_DIAGNOSIS, EDX.certainty, EDX.Suspected),
        ]
        one, two, both = asking.assessed(coded), asking.assessed(stated), asking.assessed([*coded, *stated])
        conflicting = (
            criterion
            for criterion, assessment in both.items()
            if assessment.contradiction is not None and Status.MET in (one[criterion].status, two[criterion].status)
        )
        yield StandsAgainst(other, tuple(conflicting))


def _waiting(edition: Edition, alone: dict[Criterion, Assessment], leaves: Iterable[Criterion]) -> Iterator[Waiting]:
    """The first composite above each met leaf that is not met itself, once, with its open parts."""
    pending = list(leaves)
    seen: set[Criterion] = set()
    while pending:
        current = pending.pop(0)
        for composite in edition.criteria.values():
            if composite in seen or all(member.criterion is not current for member in composite.members):
                continue
            seen.add(composite)
            assessment = alone[composite]
            if assessment.status is Status.MET:
                pending.append(composite)
            elif assessment.status is Status.UNDETERMINED:
                parts = [p.assessment.criterion for p in assessment.parts if p.value is Status.UNDETERMINED]
                yield Waiting(composite, tuple(dict.fromkeys(parts)))
