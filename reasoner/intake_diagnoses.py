"""Diagnosis codes of a case, held against the classification: known, billable, in force, specific, and compatible."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from itertools import combinations
from typing import Final, NamedTuple

from rdflib import RDF, URIRef
from rdflib.term import Node

from reasoner import intake_rules as rules
from reasoner import terminology
from reasoner.case import Problem, Severity, curie, node_namer
from reasoner.index import Hierarchy, Index
from reasoner.terminology import Icd10cmCode
from reasoner.terms import EDX, ICD10CM

_NAMED_AT_MOST: Final = 6
_FORM: Final = re.compile(r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?")
_SAYS_NO_DISEASE: Final = frozenset(
    str(EDX[name])
    for name in (
        *("Diagnosis", "RightSidedDiagnosis", "LeftSidedDiagnosis", "BilateralDiagnosis"),
        *("InitialEncounterDiagnosis", "SubsequentEncounterDiagnosis", "SequelaEncounterDiagnosis"),
    )
)
# What a title leaves unsaid, and the property by which a case can say it all the same.
_UNSAID: Final = (
    (
        "side",
        EDX.laterality,
        re.compile(
            r"\bunspecified (?:side|eye(?:lid)?|(?:upper |lower )?limb|(?:upper )?arm|(?:lower )?leg|forearm|hand|thumb"
            r"|finger|shoulder|elbow|wrist|hip|thigh|knee|ankle|foot|toe)s?\b"
        ),
    ),
    (
        "site",
        EDX.spinalRegion,
        re.compile(r"\bsite unspecified\b|\bunspecified (?:site|(?:cervical )?region|level|joint)s?\b"),
    ),
)


class _Coded(NamedTuple):
    """A diagnosis code on a node of the case, and whether the request names it as its own and does not rule it out."""

    node: URIRef
    cls: URIRef
    code: str
    entry: Icd10cmCode
    stands: bool


def check_diagnosis_codes(index: Index, request: Node, service: date | None) -> Iterator[Problem]:
    """Every diagnosis code that does not exist, is not in force, says too little, or does not go with another."""
    coded: list[_Coded] = []
    for node, path, cls in _used(index):
        code = cls.removeprefix(str(ICD10CM))
        entry = terminology.icd10cm(code)
        if entry is None:
            yield _unknown(code, cls, node, path, service)
        elif path == RDF.type:
            coded.append(_Coded(node, cls, code, entry, _stands(index, request, node)))
    for one in coded:
        yield from _by_itself(index, one, service)
    yield from _in_force(coded, request, service)
    yield from _together(coded, node_namer(index.triples))


def _unknown(code: str, cls: URIRef, node: URIRef, path: URIRef, service: date | None) -> Problem:
    """A code that no known release has: an error, unless the day of service lies after all of them."""
    last = max(last for _, last in terminology.known_days())
    if service is not None and service > last and _FORM.fullmatch(code):
        said = (
            f"{curie(cls)} is in no release of ICD-10-CM known here; they end on {last}, before the date of service "
            f"{service}. It may be newer: check it. It opens no category of a policy.{_nearest(code)}"
        )
        return Problem(Severity.WARNING, said, node, path, rules.KNOWN_DIAGNOSIS_CODE, cls)
    said = f"{curie(cls)} is no ICD-10-CM code.{_nearest(code)}"
    return Problem(Severity.ERROR, said, node, path, rules.KNOWN_DIAGNOSIS_CODE, cls)


def _used(index: Index) -> list[tuple[URIRef, URIRef, URIRef]]:
    used: set[tuple[URIRef, URIRef, URIRef]] = set()
    for s, p, o in index.triples:
        if isinstance(s, URIRef) and isinstance(p, URIRef) and isinstance(o, URIRef) and o.startswith(str(ICD10CM)):
            used.add((s, p, o))
    return sorted(used)


def _stands(index: Index, request: Node, node: URIRef) -> bool:
    named = {*index.objects(request, EDX.hasIndication), *index.objects(request, EDX.hasDiagnosis)}
    return node in named and EDX.RuledOut not in set(index.objects(node, EDX.certainty))


def _by_itself(index: Index, one: _Coded, service: date | None) -> Iterator[Problem]:
    above = index.hierarchy.ancestors(one.cls)
    if not _billable(one.entry, service):
        said = f"{one.code} is a category, not a billable code.{_more_specific(one.code)}"
        yield Problem(Severity.WARNING, said, one.node, RDF.type, rules.BILLABLE_DIAGNOSIS_CODE, one.cls)
    if not _opens_something(index.hierarchy, one.cls):
        said = f"{one.code} is not mapped to any class of the ontology: it opens no category of a policy by itself."
        yield Problem(Severity.INFO, said, one.node, RDF.type, rules.MAPPED_DIAGNOSIS_CODE, one.cls)
    if EDX.RuledOut in set(index.objects(one.node, EDX.certainty)):
        return
    if EDX.SymptomDiagnosis in above:
        said = (
            f"{one.code} names a symptom, and a code states no finding. Where the record documents the symptom, state "
            "it with edx:hasFinding as well."
        )
        yield Problem(Severity.INFO, said, one.node, RDF.type, rules.SYMPTOM_CODE, one.cls)
    for what, said_by, pattern in _UNSAID:
        if not index.objects(one.node, said_by) and _left_open(one.entry, pattern):
            said = (
                f"{one.code} leaves the {what} open, though the classification tells it apart. Where the record gives "
                f"it, document it; {curie(said_by)} states it."
            )
            yield Problem(Severity.INFO, said, one.node, RDF.type, rules.SPECIFIC_DIAGNOSIS_CODE, one.cls)


def _billable(entry: Icd10cmCode, service: date | None) -> bool:
    """Whether the code is no heading, on the day of service where that is known; one out of force is told as that."""
    if service is not None and entry.in_force(service):
        return bool(entry.billable_on(service))
    return entry.billable


def _left_open(entry: Icd10cmCode, pattern: re.Pattern[str]) -> bool:
    """Whether another code of the category has the same title with something said in the place of what is left open."""
    if not pattern.search(entry.title.lower()):
        return False
    parts = (re.escape(part) for part in pattern.split(entry.title.lower()))
    wanted = re.compile(".+".join(parts))
    return any(
        wanted.fullmatch(other.title.lower()) and not pattern.search(other.title.lower())
        for other in terminology.children(entry.code[:3])
    )


def _in_force(coded: list[_Coded], request: Node, service: date | None) -> Iterator[Problem]:
    """Codes out of force on the day of service; where the release at hand does not reach that day, one note for all."""
    if service is None:
        return  # intake notes already that the date is missing
    known = {one: one.entry.in_force(service) for one in coded if one.stands}
    for one in (one for one, standing in known.items() if standing is False):
        first, last = one.entry.first_day, one.entry.last_day
        if last is not None and last < service:
            when = f"was in force until {last}, before the date of service {service}"
        elif first is not None and service < first:
            when = f"came into force on {first}, after the date of service {service}"
        else:
            when = f"is not in force on the date of service {service}"
        said = f"{one.code} {when}. Check the date and the code against the record."
        yield Problem(Severity.WARNING, said, one.node, RDF.type, rules.CURRENT_DIAGNOSIS_CODE, one.cls)
    if None in known.values() and isinstance(request, URIRef):
        said = f"The releases known here do not tell whether the diagnosis codes are in force on {service}."
        yield Problem(Severity.INFO, said, request, EDX.dateOfService, rules.CURRENT_DIAGNOSIS_CODE)


def _together(coded: list[_Coded], namer: Callable[[Node], str]) -> Iterator[Problem]:
    """Pairs of codes that an Excludes1 note of the tabular list keeps apart, among the diagnoses of the request."""
    for one, other in combinations([c for c in coded if c.stands], 2):
        if one.code == other.code:
            continue
        note = next(iter(terminology.excludes1_between(one.code, other.code)), None)
        if note is not None:
            said = (
                f"“{one.entry.title}” ({curie(one.cls)}), {namer(one.node)}, and “{other.entry.title}” "
                f"({curie(other.cls)}), {namer(other.node)}, are stated together, but an Excludes1 note at "
                f"{note.noted_at} keeps them apart: “{note.text}”. Both stand in the report; correct the record if one "
                "of them is a mistake."
            )
            yield Problem(Severity.WARNING, said, one.node, RDF.type, rules.COMPATIBLE_DIAGNOSIS_CODES, other.cls)


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
