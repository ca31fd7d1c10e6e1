"""The dated expansion of each concept: which codes of ICD-10-CM stand for it, in the release that the package ships.

`ontology/expansions/icd10cm.tsv` is written by `reasoner.terminology.build` from the mapping set; its first line names
the release, its days in force, and the version of the set.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from rdflib import URIRef

from reasoner.resources import data_folder
from reasoner.terminology.codes import icd10cm
from reasoner.terminology.ontology import hierarchy
from reasoner.terms import PREFIXES

EXPANSION_FILE: Final = "expansions/icd10cm.tsv"
_HEADER: Final = re.compile(
    r"# Expansion of the mapping set icd10cm, version (\S+), by (.+), in force from (\S+) to (\S+)\. .*"
)


@dataclass(frozen=True)
class ExpandedCode:
    """A code of a concept's expansion.

    `concept` is the concept itself or a class below it, whichever the mapping names. A negated code is listed because
    its own title denies the concept: it is no member. `clause` is the place in the policy that names the concept.
    """

    code: str
    title: str
    billable: bool
    role: str
    negated: bool
    concept: URIRef
    clause: URIRef | None
    confidence: float


@dataclass(frozen=True)
class ExpansionDate:
    """What an expansion rests on: the version of the mapping set, the release, and the days that it was in force."""

    mapping_set_version: str
    release: str
    in_force_from: date
    in_force_to: date


def expansion(concept: URIRef) -> tuple[ExpandedCode, ...]:
    """The codes of a concept and of the classes below it, by code; empty for a concept that has none.

    A code that several of these classes have is listed with each.
    """
    rows = _rows()
    classes = hierarchy().descendants(concept)
    found = [row for cls in classes if isinstance(cls, URIRef) for row in rows.get(cls, ())]
    return tuple(sorted(found, key=lambda row: (row.code, row.concept, row.role)))


def concepts() -> tuple[URIRef, ...]:
    """Every concept that the mapping names with a code, sorted."""
    return tuple(sorted(_rows()))


@cache
def expansion_date() -> ExpansionDate:
    """What the expansion rests on.

    Raises:
        ValueError: The first line of the file is not as the build writes it.
    """
    first = _lines()[0]
    match = _HEADER.fullmatch(first)
    if match is None:
        raise ValueError(f"{EXPANSION_FILE}: the first line must name version, release and days, not: {first}")
    version, release, begins, ends = match.groups()
    return ExpansionDate(version, release, date.fromisoformat(begins), date.fromisoformat(ends))


@cache
def _lines() -> list[str]:
    return (data_folder("ontology") / EXPANSION_FILE).read_text("utf-8").splitlines()


@cache
def _rows() -> Mapping[URIRef, tuple[ExpandedCode, ...]]:
    table = [line.split("\t") for line in _lines() if not line.startswith("#")]
    found: dict[URIRef, list[ExpandedCode]] = {}
    for cells in table[1:]:
        concept, code, role, negated, billable, clause, confidence = cells
        entry = icd10cm(code)
        assert entry is not None, code
        row = ExpandedCode(
            code=code,
            title=entry.title,
            billable=billable == "1",
            role=role,
            negated=negated == "not",
            concept=_iri(concept),
            clause=_iri(clause) if clause else None,
            confidence=float(confidence),
        )
        found.setdefault(row.concept, []).append(row)
    return {concept: tuple(rows) for concept, rows in found.items()}


def _iri(curie: str) -> URIRef:
    prefix, _, name = curie.partition(":")
    return URIRef(PREFIXES[prefix] + name)
