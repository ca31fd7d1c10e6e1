"""Diagnosis and procedure codes of a case, held against the tables."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

from rdflib import Literal
from rdflib.term import Node

from reasoner.case import Problem
from reasoner.intake.diagnoses import check_diagnosis_codes
from reasoner.intake.procedures import check_procedure_codes
from reasoner.rdf.index import Index, Triple
from reasoner.rdf.nodes import interned
from reasoner.terms import EDX

_DATE_OF_SERVICE: Final = interned(EDX.dateOfService)


def check_codes(index: Index, request: Node, statements: Sequence[Triple]) -> Iterator[Problem]:
    """Every code that does not exist, is not in force, says too little or says something else than the statement.

    `statements` are those of the case, or at least those with codes and quantities.
    """
    if statements:
        service = _date_of(index, request)
        yield from check_diagnosis_codes(index, request, service, statements)
        yield from check_procedure_codes(index, request, service, statements)


def _date_of(index: Index, request: Node) -> date | None:
    found: Iterable[Node] = index.objects(request, _DATE_OF_SERVICE)
    return next((v.value for v in found if isinstance(v, Literal) and type(v.value) is date), None)
