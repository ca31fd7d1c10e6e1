"""Requests made up to ask the engine what one statement does: one study of no stated kind, and what is asked about.

A criterion is asked about with the statement and without it; what differs is what the statement does.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from rdflib import RDF, URIRef

from reasoner.evaluation.criteria import Assessment, Assessor, Status
from reasoner.evaluation.leaves import leaves_of
from reasoner.policy.edition import Criterion, Edition
from reasoner.rdf.index import Hierarchy, Index, Triple
from reasoner.terms import BASE, EDX
from reasoner.validation.closures import compile_shape

REQUEST, STUDY, DIAGNOSIS, OTHER_DIAGNOSIS, FINDING = (
    URIRef(f"{BASE}.well-known/synthetic/{name}") for name in ("request", "study", "diagnosis", "other", "finding")
)
_GENERIC: Final[tuple[Triple, ...]] = (
    (REQUEST, RDF.type, EDX.Request),
    (REQUEST, EDX.requestsStudy, STUDY),
    (STUDY, RDF.type, EDX.ElectrodiagnosticStudy),
)
_CERTAINTIES: Final = (EDX.Suspected, EDX.Confirmed)


@dataclass(frozen=True)
class Asking:
    """Asks an edition about requests that say little."""

    edition: Edition
    tree: Hierarchy
    _known: dict[frozenset[Triple], dict[Criterion, Assessment]] = field(default_factory=dict, repr=False)

    def assessed(self, statements: Sequence[Triple]) -> dict[Criterion, Assessment]:
        """Every criterion of the edition, in reading order, for the request with these statements."""
        said = frozenset(statements)
        known = self._known.get(said)
        if known is None:
            assessor = Assessor(self._index(statements), leaves_of(self.edition))
            known = {criterion: assessor.assess(criterion, _focus(criterion)) for criterion in self._criteria()}
            self._known[said] = known
        return known

    def changed(self, statements: Sequence[Triple], without: Sequence[Triple]) -> dict[Criterion, Status]:
        """The criteria that the statements change, each with its new status, suspected and confirmed alike."""
        found: dict[Criterion, Status] = {}
        for certainty in _CERTAINTIES:
            before, after = (self.assessed(certain(said, certainty)) for said in (without, statements))
            now = {c: after[c].status for c in after if after[c].status is not before[c].status}
            found = now if certainty is _CERTAINTIES[0] else {c: s for c, s in found.items() if now.get(c) is s}
        return found

    def met(self, statements: Sequence[Triple], among: Iterable[Criterion] | None = None) -> frozenset[Criterion]:
        """The leaves that the request with these statements meets.

        `among` says which criteria are asked about; by default all.
        """
        index = self._index(statements)
        return frozenset(
            criterion
            for criterion in (self._criteria() if among is None else among)
            if criterion.shape is not None and compile_shape(criterion.shape)(index, _focus(criterion))
        )

    def met_by(self, concept: URIRef, among: Iterable[Criterion] | None = None) -> tuple[Criterion, ...]:
        """The leaves that are met where a concept is stated: a suspected diagnosis, a finding or the study's kind."""
        said = _stating(concept, self.tree)
        if said is None:
            return ()
        asked = tuple(self._criteria() if among is None else among)
        found = self.met(certain(said[0]), asked) - self.met(certain(said[1]), asked)
        return tuple(criterion for criterion in asked if criterion in found)

    def _criteria(self) -> Iterator[Criterion]:
        yield from self.edition.criteria.values()

    def _index(self, statements: Sequence[Triple]) -> Index:
        return Index.of((*_GENERIC, *statements), self.tree)


def diagnosis(prop: URIRef, *types: URIRef) -> list[Triple]:
    """A diagnosis of the request (`edx:hasIndication`, `edx:hasDiagnosis`), with further types."""
    return [(REQUEST, prop, DIAGNOSIS), *((DIAGNOSIS, RDF.type, cls) for cls in (EDX.Diagnosis, *types))]


def finding(cls: URIRef, place: URIRef | None = None) -> list[Triple]:
    """A finding of a kind, in a region of the body if one is given."""
    found: list[Triple] = [(REQUEST, EDX.hasFinding, FINDING), (FINDING, RDF.type, cls)]
    return found if place is None else [*found, (FINDING, EDX.bodyRegion, place)]


def certain(statements: Sequence[Triple], certainty: URIRef = EDX.Suspected) -> list[Triple]:
    """The same statements with the certainty of the diagnosis."""
    return [*statements, (DIAGNOSIS, EDX.certainty, certainty)]


def _stating(concept: URIRef, tree: Hierarchy) -> tuple[list[Triple], list[Triple]] | None:
    """A concept stated, and the same request without it; nothing for a concept that no such request states."""
    above = tree.ancestors(concept)
    if EDX.Diagnosis in above:
        return diagnosis(EDX.hasIndication, concept), diagnosis(EDX.hasIndication)
    if EDX.Finding in above:
        return [*diagnosis(EDX.hasDiagnosis), *finding(concept)], diagnosis(EDX.hasDiagnosis)
    if EDX.ElectrodiagnosticStudy in above:
        return [*diagnosis(EDX.hasDiagnosis), (STUDY, RDF.type, concept)], diagnosis(EDX.hasDiagnosis)
    return None


def _focus(criterion: Criterion) -> URIRef:
    return REQUEST if criterion.applies_to == EDX.Request else STUDY
