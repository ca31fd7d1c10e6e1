"""Diagnosis codes of a case, held against the classification: known, billable, in force, specific, and compatible."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import lru_cache
from itertools import combinations
from typing import Final, NamedTuple

from rdflib import RDF, URIRef
from rdflib.term import Node

from reasoner.case import NodeNamer, Problem, Severity, curie
from reasoner.intake import rules
from reasoner.rdf.index import Index, Triple
from reasoner.rdf.nodes import interned
from reasoner.terminology import codes as terminology
from reasoner.terminology.codes import Icd10cmCode
from reasoner.terminology.ontology import hierarchy
from reasoner.terms import EDX, ICD10CM

_TYPE: Final = interned(RDF.type)
_CERTAINTY: Final = interned(EDX.certainty)
_RULED_OUT: Final = interned(EDX.RuledOut)
_OF_RULED_OUT: Final = frozenset({_RULED_OUT})
_SYMPTOM: Final = interned(EDX.SymptomDiagnosis)
_STATED_BY: Final = (interned(EDX.hasIndication), interned(EDX.hasDiagnosis))
_ICD10CM: Final = str(ICD10CM)
_EDX: Final = str(EDX)

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
        interned(EDX.laterality),
        re.compile(
            r"\bunspecified (?:side|eye(?:lid)?|(?:upper |lower )?limb|(?:upper )?arm|(?:lower )?leg|forearm|hand|thumb"
            r"|finger|shoulder|elbow|wrist|hip|thigh|knee|ankle|foot|toe)s?\b"
        ),
    ),
    (
        "site",
        interned(EDX.spinalRegion),
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


def check_diagnosis_codes(
    index: Index, request: Node, service: date | None, statements: Iterable[Triple]
) -> Iterator[Problem]:
    """Every diagnosis code that does not exist, is not in force, says too little, or does not go with another.

    `statements` are those of the case, or at least those whose value is a diagnosis code.
    """
    coded: list[_Coded] = []
    used = _used(statements)
    standing = _standing(index, request) if used else frozenset()
    for node, path, cls in used:
        code = str.removeprefix(cls, _ICD10CM)
        entry = _entry(code)
        if entry is None:
            yield _unknown(code, cls, node, path, service)
        elif path == _TYPE:
            coded.append(_Coded(node, cls, code, entry, node in standing))
    since = terminology.standing_since(service) if service is not None else None
    for one in coded:
        yield from _by_itself(index, one, since)
    yield from _in_force(coded, request, service)
    yield from _together(coded, NodeNamer(lambda: index.statements))


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


def _used(statements: Iterable[Triple]) -> list[tuple[URIRef, URIRef, URIRef]]:
    """The statements whose value is a diagnosis code."""
    starts = str.startswith
    found = [
        (s, p, o)
        for s, p, o in statements
        if type(o) is URIRef and starts(o, _ICD10CM) and isinstance(s, URIRef) and isinstance(p, URIRef)
    ]
    return sorted(found) if len(found) > 1 else found


def _standing(index: Index, request: Node) -> frozenset[Node]:
    """The nodes that the request names as its own diagnoses and that are not ruled out."""
    named = {node for predicate in _STATED_BY for node in index.objects(request, predicate)}
    return frozenset(node for node in named if not _is_ruled_out(index, node))


@lru_cache(maxsize=2_048)
def _entry(code: str) -> Icd10cmCode | None:
    return terminology.icd10cm(code)


def _is_ruled_out(index: Index, node: Node) -> bool:
    return not _OF_RULED_OUT.isdisjoint(index.objects(node, _CERTAINTY))


def _by_itself(index: Index, one: _Coded, since: date | None) -> Iterator[Problem]:
    if not _billable(one.code, since):
        said = f"{one.code} is a category, not a billable code.{_more_specific(one.code)}"
        yield Problem(Severity.WARNING, said, one.node, RDF.type, rules.BILLABLE_DIAGNOSIS_CODE, one.cls)
    opens_something, is_symptom = _said_by(one.cls)
    if not opens_something:
        said = f"{one.code} is not mapped to any class of the ontology: it opens no category of a policy by itself."
        yield Problem(Severity.INFO, said, one.node, RDF.type, rules.MAPPED_DIAGNOSIS_CODE, one.cls)
    if _is_ruled_out(index, one.node):
        return
    if is_symptom:
        said = (
            f"{one.code} names a symptom, and a code states no finding. Where the record documents the symptom, state "
            "it with edx:hasFinding as well."
        )
        yield Problem(Severity.INFO, said, one.node, RDF.type, rules.SYMPTOM_CODE, one.cls)
    for what, said_by in _left_open(one.code):
        if not index.objects(one.node, said_by):
            said = (
                f"{one.code} leaves the {what} open, though the classification tells it apart. Where the record gives "
                f"it, document it; {curie(said_by)} states it."
            )
            yield Problem(Severity.INFO, said, one.node, RDF.type, rules.SPECIFIC_DIAGNOSIS_CODE, one.cls)


@lru_cache(maxsize=2_048)
def _said_by(cls: URIRef) -> tuple[bool, bool]:
    """Whether a code opens a category of some policy, as a disease that the ontology has; whether it is a symptom."""
    above = hierarchy().ancestors(cls)
    opens = any(found.startswith(_EDX) and found not in _SAYS_NO_DISEASE for found in map(str, above))
    return opens, _SYMPTOM in above


@lru_cache(maxsize=2_048)
def _billable(code: str, since: date | None) -> bool:
    """Whether the code is no heading, on the day of service where that is known; one out of force is told as that.

    `since` stands for the day of service: the first day on which every code stood as on that day.
    """
    entry = _entry(code)
    assert entry is not None  # asked of known codes only
    if since is not None and _was_in_force(code, since):
        return bool(entry.billable_on(since))
    return entry.billable


@lru_cache(maxsize=2_048)
def _was_in_force(code: str, since: date) -> bool | None:
    entry = _entry(code)
    return entry.in_force(since) if entry is not None else None


@lru_cache(maxsize=2_048)
def _left_open(code: str) -> tuple[tuple[str, URIRef], ...]:
    """What the title leaves open where another code of the category has the same title with something in its place.

    Each with the property that states it.
    """
    entry = _entry(code)
    title = entry.title.lower() if entry is not None else ""
    found = []
    for what, said_by, pattern in _UNSAID:
        if pattern.search(title):
            wanted = re.compile(".+".join(re.escape(part) for part in pattern.split(title)))
            titles = (other.title.lower() for other in terminology.children(code[:3]))
            if any(wanted.fullmatch(other) and not pattern.search(other) for other in titles):
                found.append((what, said_by))
    return tuple(found)


def _in_force(coded: list[_Coded], request: Node, service: date | None) -> Iterator[Problem]:
    """Codes out of force on the day of service; where the release at hand does not reach that day, one note for all."""
    if service is None:
        return  # intake notes already that the date is missing
    since = terminology.standing_since(service)
    known = [(one, _was_in_force(one.code, since)) for one in coded if one.stands]
    for one in (one for one, standing in known if standing is False):
        first, last = one.entry.first_day, one.entry.last_day
        if last is not None and last < service:
            when = f"was in force until {last}, before the date of service {service}"
        elif first is not None and service < first:
            when = f"came into force on {first}, after the date of service {service}"
        else:
            when = f"is not in force on the date of service {service}"
        said = f"{one.code} {when}. Check the date and the code against the record."
        yield Problem(Severity.WARNING, said, one.node, RDF.type, rules.CURRENT_DIAGNOSIS_CODE, one.cls)
    if any(standing is None for _, standing in known) and isinstance(request, URIRef):
        said = f"The releases known here do not tell whether the diagnosis codes are in force on {service}."
        yield Problem(Severity.INFO, said, request, EDX.dateOfService, rules.CURRENT_DIAGNOSIS_CODE)


def _together(coded: list[_Coded], namer: Callable[[Node], str]) -> Iterator[Problem]:
    """Pairs of codes that an Excludes1 note of the tabular list keeps apart, among the diagnoses of the request."""
    for one, other in combinations([c for c in coded if c.stands], 2):
        if one.code == other.code:
            continue
        note = _kept_apart(one.code, other.code)
        if note is not None:
            said = (
                f"“{one.entry.title}” ({curie(one.cls)}), {namer(one.node)}, and “{other.entry.title}” "
                f"({curie(other.cls)}), {namer(other.node)}, are stated together, but an Excludes1 note at "
                f"{note.noted_at} keeps them apart: “{note.text}”. Both stand in the report; correct the record if one "
                "of them is a mistake."
            )
            yield Problem(Severity.WARNING, said, one.node, RDF.type, rules.COMPATIBLE_DIAGNOSIS_CODES, other.cls)


@lru_cache(maxsize=4_096)
def _kept_apart(one: str, other: str) -> terminology.Excludes1 | None:
    return next(iter(terminology.excludes1_between(one, other)), None)


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
