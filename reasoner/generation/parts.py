"""What generated cases are put together from: codes by class and side, and classes with all above them, as tokens."""

import datetime
from dataclasses import dataclass
from functools import cache
from typing import Final

from rdflib import URIRef
from rdflib.term import Node

from reasoner.terminology import codes as terminology
from reasoner.terminology.ontology import hierarchy, labels
from reasoner.terms import EDX, ICD10CM

_DAY: Final = datetime.date(2026, 3, 1)
"""Codes are those that can stand on a claim on this day, in the middle of what the known releases cover."""

SIDES: Final = ("edx:Left", "edx:Right", "edx:Bilateral")
_SIDE_OF: Final = {
    "LeftSidedDiagnosis": "edx:Left",
    "RightSidedDiagnosis": "edx:Right",
    "BilateralDiagnosis": "edx:Bilateral",
}


@dataclass(frozen=True)
class Parts:
    """What a class of diagnoses or findings offers to a generated case.

    `codes` holds each code at or below it with the side that it says, or an empty one. `above` are the classes at and
    above it, as tokens; `is_disease` tells whether a diagnosis can have it as its type without a code.
    """

    token: str
    label: str
    codes: tuple[tuple[str, str], ...]
    above: frozenset[str]
    is_disease: bool


@cache
def parts(name: str) -> Parts:
    """What the class `edx:name` offers; read from the ontology and the terminology once."""
    cls = EDX[name]
    above = frozenset(f"edx:{_local(c)}" for c in hierarchy().ancestors(cls) if str(c).startswith(str(EDX)))
    return Parts(
        token=f"edx:{name}",
        label=str(labels().get(cls, name)),
        codes=_codes(cls) if "edx:Diagnosis" in above else (),
        above=above,
        is_disease="edx:NamedDisease" in above and name != "NamedDisease",
    )


def _local(cls: Node) -> str:
    return str(cls).removeprefix(str(EDX))


def _codes(cls: URIRef) -> tuple[tuple[str, str], ...]:
    found = []
    for below in hierarchy().descendants(cls):
        code = str(below).removeprefix(str(ICD10CM))
        entry = terminology.icd10cm(code) if code != str(below) else None
        if entry is not None and entry.billable_on(_DAY):
            sides = [_SIDE_OF[_local(c)] for c in hierarchy().ancestors(below) if _local(c) in _SIDE_OF]
            found.append((f"icd10cm:{code}", sides[0] if len(sides) == 1 else ""))
    return tuple(sorted(found))


@cache
def title(token: str) -> str:
    """What a class or a code is called, without a character that a quoted text could not hold."""
    if token.startswith("icd10cm:"):
        entry = terminology.icd10cm(token.removeprefix("icd10cm:"))
        words = entry.title if entry is not None else token
    else:
        words = parts(token.removeprefix("edx:")).label
    return words.replace("\\", " ").replace('"', "'")


@cache
def findings() -> tuple[str, ...]:
    """Every class of findings below `edx:Finding`, by name."""
    below = (c for c in hierarchy().descendants(EDX.Finding) if str(c).startswith(str(EDX)) and c != EDX.Finding)
    return tuple(sorted(_local(c) for c in below))
