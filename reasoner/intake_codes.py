"""Diagnosis and procedure codes of a case, held against the tables."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from rdflib import RDF, Literal, URIRef
from rdflib.term import Node

from reasoner import intake_rules as rules
from reasoner import terminology
from reasoner.case import Problem, Severity, curie
from reasoner.index import Hierarchy, Index
from reasoner.terms import EDX, ICD10CM

_NAMED_AT_MOST: Final = 6
_SAYS_NO_DISEASE: Final = frozenset(
    str(EDX[name]) for name in ("Diagnosis", "RightSidedDiagnosis", "LeftSidedDiagnosis", "BilateralDiagnosis")
)


def check_codes(index: Index, request: Node) -> Iterator[Problem]:
    """Every code that does not exist, is not in force, says too little or says something else than the statement."""
    yield from _diagnosis_codes(index)
    service = _date_of(index, request)
    for study in sorted({s for s, p, _ in index.triples if p == EDX.procedureCode}, key=str):
        for code in index.objects(study, EDX.procedureCode):
            if isinstance(study, URIRef):
                yield from _procedure_code(index, study, code, service)


def _diagnosis_codes(index: Index) -> Iterator[Problem]:
    used: set[tuple[URIRef, URIRef, URIRef]] = set()
    for s, p, o in index.triples:
        if isinstance(s, URIRef) and isinstance(p, URIRef) and isinstance(o, URIRef) and o.startswith(str(ICD10CM)):
            used.add((s, p, o))
    for node, path, cls in sorted(used):
        code = cls.removeprefix(str(ICD10CM))
        entry = terminology.icd10cm(code)
        if entry is None:
            said = f"{curie(cls)} is no ICD-10-CM code.{_nearest(code)}"
            yield Problem(Severity.ERROR, said, node, path, rules.KNOWN_DIAGNOSIS_CODE, cls)
        elif path != RDF.type:
            continue
        else:
            if not entry.billable:
                said = f"{code} is a category, not a billable code.{_more_specific(code)}"
                yield Problem(Severity.WARNING, said, node, path, rules.BILLABLE_DIAGNOSIS_CODE, cls)
            if not _opens_something(index.hierarchy, cls):
                said = f"{code} is not mapped to any class of the ontology: it opens no category of a policy by itself."
                yield Problem(Severity.INFO, said, node, path, rules.MAPPED_DIAGNOSIS_CODE, cls)


def _opens_something(tree: Hierarchy, cls: URIRef) -> bool:
    return any(above.startswith(str(EDX)) and above not in _SAYS_NO_DISEASE for above in map(str, tree.ancestors(cls)))


def _nearest(code: str) -> str:
    plain = code.upper().replace(".", "").strip()
    written = f"{plain[:3]}.{plain[3:]}" if len(plain) > 3 else plain
    while len(written) >= 3:
        if terminology.icd10cm(written):
            return f" Did you mean {written}?" if written.replace(".", "") == plain else f" The nearest is {written}."
        written = written[:-1].rstrip(".")
    return ""


def _more_specific(code: str) -> str:
    below = [child.code for child in terminology.children(code)]
    if not below:
        return ""
    more = ", …" if len(below) > _NAMED_AT_MOST else ""
    return f" Codes below it that can be: {', '.join(below[:_NAMED_AT_MOST])}{more}."


def _procedure_code(index: Index, study: URIRef, code: Node, service: date | None) -> Iterator[Problem]:
    path = EDX.procedureCode
    entry = terminology.procedure(str(code))
    if entry is None:
        said = f"{code} is no code of an electrodiagnostic procedure that the table has. Correct it, or leave it out."
        yield Problem(Severity.ERROR, said, study, path, rules.KNOWN_PROCEDURE_CODE, code)
        return
    if entry.deleted_on is not None:
        if service is None:
            said = f"{code} was deleted on {entry.deleted_on}. State the date of service: it may have been in force."
            yield Problem(Severity.WARNING, said, study, path, rules.CURRENT_PROCEDURE_CODE, code)
        elif service >= entry.deleted_on:
            said = f"{code} was deleted on {entry.deleted_on}, before the date of service {service}. Correct the code."
            yield Problem(Severity.ERROR, said, study, path, rules.CURRENT_PROCEDURE_CODE, code)
    kinds = [kind for kind in index.objects(study, RDF.type) if kind != EDX.ElectrodiagnosticStudy]
    if entry.study_class and kinds and not any(_related(kind, entry.study_class, index.hierarchy) for kind in kinds):
        stated = " and ".join(curie(kind) for kind in kinds)
        said = f"The study is stated as {stated}, but {code} is a code of {curie(entry.study_class)}."
        yield Problem(Severity.WARNING, said, study, path, rules.PROCEDURE_CODE_OF_KIND, code)


def _related(kind: Node, other: Node, tree: Hierarchy) -> bool:
    return other in tree.ancestors(kind) or kind in tree.ancestors(other)


def _date_of(index: Index, request: Node) -> date | None:
    found: Iterable[Node] = index.objects(request, EDX.dateOfService)
    return next((v.value for v in found if isinstance(v, Literal) and isinstance(v.value, date)), None)
