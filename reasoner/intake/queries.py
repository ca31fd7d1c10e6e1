"""Native code for the queries (`sh:sparql`) of the intake shapes, by the IRI of the shape that has each.

The SPARQL text in `shapes/intake` is normative; each function gives the solutions that the query has for a request.
Tests hold the two together. The index is one of a case beside the knowledge that its words stand for
(`reasoner.intake.knowledge`).
"""

from collections.abc import Iterator
from typing import Final

from rdflib import URIRef
from rdflib.term import Node

from reasoner.native import contradiction_queries as contradictions
from reasoner.native import date_queries as dates
from reasoner.rdf.index import Index
from reasoner.rdf.nodes import interned
from reasoner.shacl.reader import Solve
from reasoner.shacl.shapes import Solution
from reasoner.terminology.ontology import declared_terms
from reasoner.terms import EDX, INTAKE

_ABOUT: Final = interned(EDX.about)
_HAS_DOCUMENT: Final = interned(EDX.hasDocument)
_HAS_QUOTATION: Final = interned(EDX.hasQuotation)
_EDX: Final = str(EDX)


def quotation_about_the_case(index: Index, request: Node) -> Iterator[Solution]:
    """A quotation about what is no node with a type, no term of the ontology and nothing that the request states."""
    kinds, objects = index.kinds, index.objects
    for document in objects(request, _HAS_DOCUMENT):
        for quotation in objects(document, _HAS_QUOTATION):
            for value in objects(quotation, _ABOUT):
                if type(value) is URIRef and value in kinds:
                    continue
                if not _has_type(index, value) and not _is_named(index, request, value):
                    yield {"path": _ABOUT, "value": value}


def _has_type(index: Index, value: Node) -> bool:
    if not isinstance(value, URIRef):
        return False
    return value in index.kinds or (value.startswith(_EDX) and value in declared_terms())


def _is_named(index: Index, request: Node, value: Node) -> bool:
    return any(value in index.objects(request, predicate) for predicate in index.predicates(request))


QUERIES: Final[dict[Node, Solve]] = {
    INTAKE["finding-not-excluded"]: contradictions.finding_not_excluded,
    INTAKE["diagnosis-not-excluded"]: contradictions.diagnosis_not_excluded,
    INTAKE["diagnosis-not-ruled-out"]: contradictions.diagnosis_not_ruled_out,
    INTAKE["indication-not-ruled-out"]: contradictions.indication_not_ruled_out,
    INTAKE["radiculopathy-not-denied"]: contradictions.radiculopathy_not_denied,
    INTAKE["side-as-coded"]: contradictions.side_as_coded,
    INTAKE["limb-without-finding"]: contradictions.limb_without_finding,
    INTAKE["one-course"]: contradictions.one_course,
    INTAKE["course-since-something"]: contradictions.course_since_something,
    INTAKE["earlier-study-not-excluded"]: contradictions.earlier_study_not_excluded,
    INTAKE["normal-study-establishes-nothing"]: contradictions.normal_study_establishes_nothing,
    INTAKE["quotation-about-the-case"]: quotation_about_the_case,
    INTAKE["recorded-before-service"]: dates.recorded_before_service,
    INTAKE["onset-before-service"]: dates.onset_before_service,
    INTAKE["recorded-before-request"]: dates.recorded_before_request,
    INTAKE["requested-before-service"]: dates.requested_before_service,
}
"""The queries that intake knows, by the shape that has each."""
