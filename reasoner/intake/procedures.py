"""Procedure codes of a case: the classes that they entail, and whether they agree with what else is stated."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import cache, lru_cache
from typing import Final

from rdflib import RDF, Literal, URIRef
from rdflib.term import Node

from reasoner.case import NodeNamer, Problem, Severity, curie
from reasoner.intake import rules
from reasoner.native.counting import conduction_studies
from reasoner.rdf.index import Index, Triple
from reasoner.rdf.nodes import interned
from reasoner.shacl.shapes import as_integer
from reasoner.terminology.ontology import are_disjoint, hierarchy
from reasoner.terminology.procedures import ProcedureCode, procedure, procedure_class, procedures
from reasoner.terms import EDX

_TYPE: Final = interned(RDF.type)
_CODE: Final = interned(EDX.procedureCode)
_QUANTITY: Final = interned(EDX.quantity)
_STUDY: Final = interned(EDX.requestsStudy)
_ANY_STUDY: Final = interned(EDX.ElectrodiagnosticStudy)
_CONDUCTION_STUDY: Final = interned(EDX.NerveConductionStudy)

_AUTOMATED_STUDY: Final = interned(EDX.AutomatedNerveConductionStudy)
_NO_KINDS: Final[frozenset[Node]] = frozenset()
_OF_TYPE: Final = frozenset({_TYPE})
_OF_CODE: Final = frozenset({_CODE})
_OF_QUANTITY: Final = frozenset({_QUANTITY})

LIMBS = 4
"""The limbs of a person: so many are studied in a day at most (95885 and 95886 together)."""


def entailed(statements: Iterable[Triple]) -> list[Triple]:
    """What follows from procedure codes by the ontology.

    A class of procedure codes is defined by the code (`owl:equivalentClass`, `owl:hasValue`), so that a study with the
    code is a member, and a member has the code. Where the stated kind and the kind of the code are unrelated, nothing
    is derived: `check_procedure_codes` refuses such a case.
    """
    coded: list[tuple[Node, Node]] = []
    types: dict[Node, list[Node]] = {}
    for subject, predicate, value in statements:
        if predicate in _OF_CODE:
            coded.append((subject, value))
        elif predicate in _OF_TYPE:
            types.setdefault(subject, []).append(value)
    derived: list[Triple] = []
    for study, value in coded:
        code = procedure(str(value)) if _is_plain(value) else None
        if code is not None and code.study_class is not None and not _unrelated(types.get(study, ()), code):
            derived.append((study, _TYPE, interned(code.iri)))
    members = _members()
    for study, classes in types.items():
        derived += [(study, _CODE, members[cls]) for cls in classes if cls in members]
    return derived


def concerns_procedures(predicate: Node, value: Node) -> bool:
    """Whether a statement bears on what procedure codes entail, or on what is checked of them."""
    return predicate in _OF_CODE or predicate in _OF_QUANTITY or (predicate in _OF_TYPE and value in _members())


def _is_plain(value: Node) -> bool:
    return isinstance(value, Literal) and value.datatype is None and value.language is None


@cache
def _codes_by_class() -> dict[Node, ProcedureCode]:
    return {interned(code.iri): code for code in procedures()}


@cache
def _members() -> dict[Node, Literal]:
    """The code that the members of each class of procedure codes have."""
    return {cls: Literal(code.code) for cls, code in _codes_by_class().items()}


def check_procedure_codes(
    index: Index, request: Node, service: date | None, statements: Iterable[Triple]
) -> Iterator[Problem]:
    """Every code that does not exist, is not in force, or contradicts what else the request states.

    `statements` are those of the case, or at least those with procedure codes and quantities.
    """
    coded: dict[str, Node] = {}
    has_odd_number = False
    for s, p, o in statements:
        if p in _OF_CODE:
            coded[str(s)] = s
        elif p in _OF_QUANTITY and not _is_number(o):
            has_odd_number = True
    if not coded:
        return
    if has_odd_number:
        index = index.restricted_to(t for t in index.statements if t[1] != _QUANTITY or _is_number(t[2]))
    for _, study in sorted(coded.items()):
        for code in index.objects(study, _CODE):
            if isinstance(study, URIRef):
                yield from _code(index, study, code, service)
    if isinstance(request, URIRef):
        yield from _together(index, request)


def _code(index: Index, study: URIRef, code: Node, service: date | None) -> Iterator[Problem]:
    path = _CODE
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
    unrelated = _unrelated(index.objects(study, _TYPE), entry)
    if unrelated:
        stated = " and ".join(curie(kind) for kind in unrelated)
        said = (
            f"The study is stated as {stated}, but {code} is a code of {curie(entry.study_class or code)} "
            f"({entry.label}): it is not both. Correct the kind or the code."
        )
        yield Problem(Severity.ERROR, said, study, path, rules.PROCEDURE_CODE_OF_KIND, code)
    elif entry.minimum is not None:
        for quantity in index.objects(study, _QUANTITY):
            if not _holds(entry, as_integer(quantity)):
                said = (
                    f"{code} means {entry.label}, so that a quantity of {entry.span()} is expected; stated is "
                    f"{quantity}. The number is taken to lie anywhere between."
                )
                yield Problem(Severity.WARNING, said, study, _QUANTITY, rules.QUANTITY_OF_PROCEDURE_CODE, quantity)


def _together(index: Index, request: URIRef) -> Iterator[Problem]:
    """What the codes of a request say of each other and of the other studies."""
    name = NodeNamer(lambda: index.statements)
    coded: dict[Node, ProcedureCode] = {}
    conduction: list[Node] = []
    codes = _codes_by_class()
    for study in index.objects(request, _STUDY):
        found = next((codes[cls] for cls in index.objects(study, _TYPE) if cls in codes), None)
        if found is not None:
            coded[study] = found
        kinds = index.kinds.get(study, _NO_KINDS)
        if _CONDUCTION_STUDY in kinds and _AUTOMATED_STUDY not in kinds:
            conduction.append(study)
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
    path = _STUDY
    totals = {study: code for study, code in coded.items() if code.is_total}
    if not totals:
        return
    if len(totals) > 1:
        said = (
            f"{_listed(totals.values())}: such a code counts every nerve conduction study of a day, so that one entry "
            f"with one of them is expected; stated are {len(totals)}: {_named(totals, name)}."
        )
        yield Problem(Severity.WARNING, said, request, path, rules.ONE_TOTAL_CODE)
    automated = {study: code for study, code in coded.items() if _AUTOMATED_STUDY in index.kinds.get(study, _NO_KINDS)}
    if automated:
        said = (
            f"{_listed(automated.values())} counts studies of an automated device and is not expected on the day of "
            f"{_listed(totals.values())}: {_named([*automated, *totals], name)}."
        )
        yield Problem(Severity.WARNING, said, request, path, rules.AUTOMATED_CODE_ALONE)
    added = [study for study in conduction if study not in totals and index.objects(study, _QUANTITY)]
    number = sum(as_integer(q) for s in added for q in index.objects(s, _QUANTITY))
    against = [code for code in totals.values() if not _holds(code, number)]
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
    path = _CODE
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
    limbs = sum(as_integer(q) for study in each for q in index.objects(study, _QUANTITY) or [Literal(1)])
    if limbs > LIMBS:
        said = (
            f"{_listed(each.values())}: by such a code each limb counts once, so that {LIMBS} in a day are the most "
            f"that is expected; stated are {limbs}: {_named(each, name)}."
        )
        yield Problem(Severity.WARNING, said, request, _STUDY, rules.FOUR_LIMBS)


def _unrelated(types: Sequence[Node], code: ProcedureCode) -> tuple[URIRef, ...]:
    """The stated kinds of a study that it cannot have beside the kind that the code stands for.

    A kind is compatible that shares a class with the other below "electrodiagnostic study", unless the ontology says
    that nothing is both: a motor study can be one of an automated device, a needle study none of surface electrodes.
    """
    return _unrelated_to(tuple(types), code.study_class) if code.study_class is not None else ()


@lru_cache(maxsize=4_096)
def _unrelated_to(types: tuple[Node, ...], own: URIRef) -> tuple[URIRef, ...]:
    tree = hierarchy()
    kinds = tuple(
        kind
        for kind in types
        if isinstance(kind, URIRef) and kind != _ANY_STUDY and procedure_class(kind) is None and kind in tree.parents
    )
    excluded = tuple(kind for kind in kinds if are_disjoint(kind, own))
    return excluded or (() if any(_akin(kind, own) for kind in kinds) else kinds)


def _akin(kind: Node, other: Node) -> bool:
    tree = hierarchy()
    return bool(tree.ancestors(kind) & tree.ancestors(other) - {_ANY_STUDY})


def _is_number(value: Node) -> bool:
    return isinstance(value, Literal) and str(value).isdecimal()  # another value is refused by the shape of quantities


def _holds(code: ProcedureCode, number: int) -> bool:
    at_least = code.minimum is None or number >= code.minimum
    return at_least and (code.maximum is None or number <= code.maximum)


def _listed(codes: Iterable[ProcedureCode]) -> str:
    return " and ".join(sorted({code.code for code in codes}))


def _named(studies: Iterable[Node], name: Callable[[Node], str]) -> str:
    return ", ".join(name(study) for study in studies)
