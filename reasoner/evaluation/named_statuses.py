"""The criteria of a determination by status, as names in the order of the policy."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from rdflib.term import Node

from reasoner.evaluation.criteria import Assessment, Status
from reasoner.evaluation.determination import Determination
from reasoner.policy.edition import Criterion, Edition
from reasoner.recent import Recent

_MOST_KNOWN: Final = 256
_MET: Final = Status.MET
_REFUTED: Final = Status.REFUTED
_UNDETERMINED: Final = Status.UNDETERMINED


class Named(NamedTuple):
    """Names of criteria by the status that they have; in a row of bytes, 1 to 4 in this order, 0 for none."""

    met: tuple[str, ...]
    refuted: tuple[str, ...]
    undetermined: tuple[str, ...]
    not_applicable: tuple[str, ...]


class _Order:
    """The criteria of an edition by their places; what has been put into names is kept, within bounds."""

    def __init__(self, edition: Edition) -> None:
        self.names: Final = tuple(criterion.name for criterion in edition.criteria.values())
        self.places: Final[Mapping[Criterion, int]] = {c: place for place, c in enumerate(edition.criteria.values())}
        self.known: Final[Recent[bytes, Named]] = Recent(_MOST_KNOWN)

    def named(self, statuses: bytes) -> Named:
        try:
            return self.known[statuses]
        except KeyError:
            pairs = tuple(zip(statuses, self.names, strict=True))
            found = Named(*(tuple([name for code, name in pairs if code == wanted]) for wanted in range(1, 5)))
            return self.known.keep(statuses, found)


@lru_cache(maxsize=64)
def order_of(edition: Edition) -> _Order:
    """The order of the criteria of an edition."""
    return _Order(edition)


def named_statuses(d: Determination) -> dict[Node, Named]:
    """For each requested study the criteria about it and those about the request."""
    order = order_of(d.edition)
    places, request = order.places, d.case.iri
    shared = bytearray(len(order.names))
    own = {study.study: bytearray(len(order.names)) for study in d.studies}
    pending: list[Assessment] = [d.root]
    for assessment in pending:  # which grows on the way
        place = places[assessment.criterion]
        statuses = shared if assessment.focus is request else own.get(assessment.focus, shared)
        if statuses[place]:
            continue
        status = assessment.status
        if status is _UNDETERMINED:
            statuses[place] = 3
        else:
            statuses[place] = 2 if status is _REFUTED else 1 if status is _MET else 4
        if assessment.parts:
            pending += [part.assessment for part in assessment.parts]
    # a criterion is either about the request or about a study
    merged = int.from_bytes(shared)
    return {
        study: order.named((merged | int.from_bytes(statuses)).to_bytes(len(statuses)))
        for study, statuses in own.items()
    }
