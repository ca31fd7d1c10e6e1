"""Native code for the queries of `shapes/intake/dates.ttl`: what is dated after the request or the service.

The SPARQL text is normative; each function gives the solutions that the query has for a request. Tests hold the two
together.
"""

from collections.abc import Callable, Iterator
from typing import Final

from rdflib import XSD, Literal, URIRef
from rdflib.term import Node

from reasoner.native.contradiction_queries import diagnoses_of
from reasoner.rdf.index import Index
from reasoner.rdf.nodes import interned
from reasoner.shacl.shapes import Solution
from reasoner.terms import EDX

_DATE_TYPE: Final = str(XSD.date)


def _edx(name: str) -> URIRef:
    return interned(EDX[name])


_DATE, _DATE_OF_REQUEST, _DATE_OF_SERVICE, _HAS_FINDING, _ONSET = map(
    _edx, ("date", "dateOfRequest", "dateOfService", "hasFinding", "onset")
)
_DATED: Final = tuple(
    _edx(name)
    for name in ("hasExamination", "hasImaging", "hasEarlierStudy", "hasTreatment", "hasAssessment", "hasInjury")
)


def recorded_before_service(index: Index, request: Node) -> Iterator[Solution]:
    """Something recorded that is dated after the date of service."""
    for served in index.objects(request, _DATE_OF_SERVICE):
        for path, value, dated in _dated(index, request):
            if _is_later(dated, served):
                yield {"path": path, "value": value, "dated": dated, "served": served}


def onset_before_service(index: Index, request: Node) -> Iterator[Solution]:
    """An onset after the date of service."""
    for served in index.objects(request, _DATE_OF_SERVICE):
        for value in dict.fromkeys((*index.objects(request, _HAS_FINDING), *diagnoses_of(index, request))):
            for begun in index.objects(value, _ONSET):
                if _is_later(begun, served):
                    yield {"path": _ONSET, "value": value, "begun": begun, "served": served}


def recorded_before_request(index: Index, request: Node) -> Iterator[Solution]:
    """Something recorded that is dated after the date of request, where no date of service is stated."""
    if not index.objects(request, _DATE_OF_SERVICE):
        for asked in index.objects(request, _DATE_OF_REQUEST):
            for path, value, dated in _dated(index, request):
                if _is_later(dated, asked):
                    yield {"path": path, "value": value, "dated": dated, "asked": asked}


def requested_before_service(index: Index, request: Node) -> Iterator[Solution]:
    """A date of request after the date of service."""
    for served in index.objects(request, _DATE_OF_SERVICE):
        for value in index.objects(request, _DATE_OF_REQUEST):
            if _is_later(value, served):
                yield {"path": _DATE_OF_REQUEST, "value": value, "served": served}


def _dated(index: Index, request: Node) -> Iterator[tuple[Node, Node, Node]]:
    stated, objects = index.predicates(request), index.objects
    for path in _DATED:
        for value in stated.get(path, ()):
            for dated in objects(value, _DATE):
                yield path, value, dated


def _is_later(date: Node, other: Node) -> bool:
    """Whether one date lies after another, both as YYYY-MM-DD, which stand in the order of their texts.

    Dates that are no days of the calendar are compared as they are written.
    """
    return _follows(date, other) and _is_date(date) and _is_date(other)


_follows: Final[Callable[[Node, Node], bool]] = str.__gt__  # type: ignore[assignment]  # every term of rdflib is a text


def _is_date(node: Node) -> bool:
    datatype = node.datatype if isinstance(node, Literal) else None
    return datatype is not None and str.__eq__(datatype, _DATE_TYPE)
