"""Procedure codes of a case: the classes that they entail, and whether they agree with what else is stated."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from rdflib import RDF, Literal, URIRef
from rdflib.term import Node

from reasoner import intake_rules as rules
from reasoner.case import Problem, Severity, curie, node_namer
from reasoner.counting import conduction_studies, is_automated, own_code, total_code
from reasoner.index import Hierarchy, Index, Triple
from reasoner.ontology import are_disjoint, hierarchy
from reasoner.procedures import ProcedureCode, procedure, procedure_class
from reasoner.shapes import as_integer
from reasoner.terms import EDX

LIMBS = 4
"""The limbs of a person: so many are studied in a day at most (95885 and 95886 together)."""


def with_entailed(triples: frozenset[Triple]) -> frozenset[Triple]:
    """The statements with what follows from procedure codes by the ontology, and with nothing else.

    A class of procedure codes is defined by the code (`owl:equivalentClass`, `owl:hasValue`), so that a study with the
    code is a member, and a member has the code. Where the stated kind and the kind of the code are unrelated, nothing
    is derived: `check_procedure_codes` refuses such a case.
    """
    index = Index.of(triples, hierarchy())
    derived: set[Triple] = set()
    for study, predicate, value in triples:
        if predicate == EDX.procedureCode and value == Literal(str(value)):
            code = procedure(str(value))
            if code is not None and code.study_class is not None and not _unrelated(index, study, code):
                derived.add((study, RDF.type, code.iri))
        elif predicate == RDF.type and (member := procedure_class(value)) is not None:
            derived.add((study, EDX.procedureCode, Literal(member.code)))
    return triples | derived


def check_procedure_codes(index: Index, request: Node, service: date | None) -> Iterator[Problem]:
    """Every code that does not exist, is not in force, or contradicts what else the request states."""
    index = index.restricted_to(t for t in index.triples if t[1] != EDX.quantity or _is_number(t[2]))
    for study in sorted({s for s, p, _ in index.triples if p == EDX.procedureCode}, key=str):
        for code in index.objects(study, EDX.procedureCode):
            if isinstance(study, URIRef):
                yield from _code(index, study, code, service)
    if isinstance(request, URIRef):
        yield from _together(index, request)


def _code(index: Index, study: URIRef, code: Node, service: date | None) -> Iterator[Problem]:
    path = EDX.procedureCode
    entry = procedure(str(code))
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
    unrelated = _unrelated(index, study, entry)
    if unrelated:
        stated = " and ".join(curie(kind) for kind in unrelated)
        said = (
            f"The study is stated as {stated}, but {code} is a code of {curie(entry.study_class or code)} "
            f"({entry.label}): it is not both. Correct the kind or the code."
        )
        yield Problem(Severity.ERROR, said, study, path, rules.PROCEDURE_CODE_OF_KIND, code)
    elif entry.minimum is not None:
        for quantity in index.objects(study, EDX.quantity):
            if not _holds(entry, quantity):
                said = (
                    f"{code} means {entry.label}, so that a quantity of {entry.span()} is expected; stated is "
                    f"{quantity}. The number is taken to lie anywhere between."
                )
                yield Problem(Severity.WARNING, said, study, EDX.quantity, rules.QUANTITY_OF_PROCEDURE_CODE, quantity)


def _together(index: Index, request: URIRef) -> Iterator[Problem]:
    """What the codes of a request say of each other and of the other studies."""
    name = node_namer(index.triples)
    coded: dict[Node, ProcedureCode] = {}
    for study in index.objects(request, EDX.requestsStudy):
        found = own_code(index, study)
        if found is not None:
            coded[study] = found[0]
    conduction = [
        study
        for study in index.objects(request, EDX.requestsStudy)
        if index.types_within(study, EDX.NerveConductionStudy) and not is_automated(index, study)
    ]
    yield from _totals(index, request, coded, conduction, name)
    yield from _beside_conduction(coded, conduction, name)
    yield from _limbs(index, request, coded, name)


def _totals(
    index: Index,
    request: URIRef,
    coded: dict[Node, ProcedureCode],
    conduction: list[Node],
    name: Callable[[Node], str],
) -> Iterator[Problem]:
    path = EDX.requestsStudy
    totals = {study: code for study, code in coded.items() if code.is_total}
    if len(totals) > 1:
        said = (
            f"{_listed(totals.values())}: such a code counts every nerve conduction study of a day, so that one entry "
            f"with one of them is expected; stated are {len(totals)}: {_named(totals, name)}."
        )
        yield Problem(Severity.WARNING, said, request, path, rules.ONE_TOTAL_CODE)
    automated = {study: code for study, code in coded.items() if is_automated(index, study)}
    if automated and totals:
        said = (
            f"{_listed(automated.values())} counts studies of an automated device and is not expected on the day of "
            f"{_listed(totals.values())}: {_named([*automated, *totals], name)}."
        )
        yield Problem(Severity.WARNING, said, request, path, rules.AUTOMATED_CODE_ALONE)
    added = [s for s in conduction if total_code(index, s) is None and index.objects(s, EDX.quantity)]
    number = sum(as_integer(q) for s in added for q in index.objects(s, EDX.quantity))
    against = [code for code in totals.values() if not _holds(code, Literal(number))]
    if added and against:
        count = conduction_studies(index, request).count
        said = (
            f"{_listed(against)}: {' and '.join(code.label for code in against)}, but the quantities of "
            f"{_named(added, name)} come to {number}. The number is taken to be {count}, anywhere between."
        )
        yield Problem(Severity.WARNING, said, request, path, rules.TOTAL_CODE_OF_STATED_STUDIES)


def _beside_conduction(
    coded: dict[Node, ProcedureCode], conduction: list[Node], name: Callable[[Node], str]
) -> Iterator[Problem]:
    path = EDX.procedureCode
    for study, code in coded.items():
        if not isinstance(study, URIRef):
            continue
        if code.role == "add-on" and not conduction:
            said = (
                f"{code.code} means {code.label}: a nerve conduction study is expected in the same request, and none "
                "is stated."
            )
            yield Problem(Severity.WARNING, said, study, path, rules.ADD_ON_CODE, Literal(code.code))
        if code.role == "limbs" and conduction:
            said = (
                f"{code.code} means {code.label} on a day without nerve conduction studies; the request states "
                f"{_named(conduction, name)}."
            )
            yield Problem(Severity.WARNING, said, study, path, rules.LIMB_CODE_ALONE, Literal(code.code))


def _limbs(
    index: Index, request: URIRef, coded: dict[Node, ProcedureCode], name: Callable[[Node], str]
) -> Iterator[Problem]:
    each = {study: code for study, code in coded.items() if code.role == "add-on" and code.unit == "limb"}
    limbs = sum(as_integer(q) for study in each for q in index.objects(study, EDX.quantity) or [Literal(1)])
    if limbs > LIMBS:
        said = (
            f"{_listed(each.values())}: by such a code each limb counts once, so that {LIMBS} in a day are the most "
            f"that is expected; stated are {limbs}: {_named(each, name)}."
        )
        yield Problem(Severity.WARNING, said, request, EDX.requestsStudy, rules.FOUR_LIMBS)


def _unrelated(index: Index, study: Node, code: ProcedureCode) -> list[URIRef]:
    """The stated kinds of a study that it cannot have beside the kind that the code stands for.

    A kind is compatible that shares a class with the other below "electrodiagnostic study", unless the ontology says
    that nothing is both: a motor study can be one of an automated device, a needle study none of surface electrodes.
    """
    kinds = [
        URIRef(str(kind))
        for kind in index.objects(study, RDF.type)
        if kind != EDX.ElectrodiagnosticStudy and procedure_class(kind) is None and kind in index.hierarchy.parents
    ]
    own = code.study_class
    if own is None:
        return []
    excluded = [kind for kind in kinds if are_disjoint(kind, own)]
    return excluded or ([] if any(_akin(kind, own, index.hierarchy) for kind in kinds) else kinds)


def _akin(kind: Node, other: Node, tree: Hierarchy) -> bool:
    return bool(tree.ancestors(kind) & tree.ancestors(other) - {EDX.ElectrodiagnosticStudy})


def _is_number(value: Node) -> bool:
    return isinstance(value, Literal) and str(value).isdecimal()  # another value is refused by the shape of quantities


def _holds(code: ProcedureCode, number: Node) -> bool:
    at_least = code.minimum is None or as_integer(number) >= code.minimum
    return at_least and (code.maximum is None or as_integer(number) <= code.maximum)


def _listed(codes: Iterable[ProcedureCode]) -> str:
    return " and ".join(sorted({code.code for code in codes}))


def _named(studies: Iterable[Node], name: Callable[[Node], str]) -> str:
    return ", ".join(name(study) for study in studies)
