"""Holds a mapping set against what it speaks of: the ontology, the policies' clauses, the codes, and its own rules.

Rules for ICD-10-CM, where a row places a code under a class of the ontology (`edx_class`):

- Only the roles direct and manifestation, which place a code under the very concept that it serves, reach a class at
  or below edx:NamedDisease, besides edx:OtherDisease, which a negative may be placed under.
- A placement says that the code is no wider than the class: exact, close or narrow match.
- A negative denies (`predicate_modifier` "Not"), and nothing else does.
- An etiology names in `edx_with` the code that has to stand beside it.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Final

import pyoxigraph as ox
from rdflib import OWL, RDF, SKOS, URIRef

from reasoner.resources import turtle_files
from reasoner.terminology import codes as terminology
from reasoner.terminology.mappings import NO_TERM, Mapping, MappingSet, read_named_items
from reasoner.terminology.ontology import declared_terms, hierarchy, labels
from reasoner.terms import BASE, EDX, PREFIXES

PREDICATES: Final = (SKOS.exactMatch, SKOS.closeMatch, SKOS.narrowMatch, SKOS.broadMatch, SKOS.relatedMatch)
JUSTIFICATION: Final = "semapv:ManualMappingCuration"
ROLES: Final = {
    "hpo": ("symptom",),
    "icd10cm": (
        *("direct", "conditional", "manifestation", "etiology"),
        *("supporting", "sequela", "symptom", "negative"),
    ),
}
"""The roles that a code of a terminology can have; procedure codes have roles of their own."""

_TERMINOLOGY: Final = {"hpo": ("HP",), "icd10cm": ("ICD10CM",), "procedures": ("CPT", "HCPCS", "LOINC")}
_HPO: Final = re.compile(r"HP:[0-9]{7}")
_OURS: Final = ("aetna", "bcbsnd", "edx", "skos")
_PLACING: Final = ("direct", "manifestation")
_NO_WIDER: Final = PREDICATES[:3]


def check_mapping_set(found: MappingSet) -> list[str]:
    """Everything that is wrong with a mapping set, each with file and line; empty if it is sound."""
    kind = str(found.metadata["mapping_set_id"]).rpartition("/")[2]
    name = found.path.name
    problems = [f"{name}: {said}" for said in _of_metadata(found)]
    seen: dict[tuple[URIRef, bool, str], int] = {}
    for row in found.mappings:
        where = f"{name}:{row.line}"
        problems.extend(f"{where}: {said}" for check in _checks(kind) for said in check(row))
        if kind in _TERMINOLOGY and not row.object.startswith(_prefixes(kind)) and row.code:
            problems.append(f"{where}: {row.object} is of another terminology than the set.")
        if row.role not in ROLES.get(kind, (row.role,)):
            problems.append(f"{where}: role '{row.role}' is not one of {', '.join(ROLES[kind])}.")
        first = seen.setdefault((row.subject, row.negated, row.object), row.line)
        if first != row.line:
            problems.append(f"{where}: says again what line {first} says of {_short(row.subject)} and {row.object}.")
    if kind == "icd10cm":
        problems.extend(f"{name}:{line}: {said}" for line, said in _contradictions(found))
        problems.extend(f"{name}: {said}" for said in _missing_items(found))
    return problems


def _prefixes(kind: str) -> tuple[str, ...]:
    return tuple(f"{prefix}:" for prefix in _TERMINOLOGY[kind])


def _checks(kind: str) -> tuple[Callable[[Mapping], Iterator[str]], ...]:
    if kind == "icd10cm":
        return (_of_any_row, _of_serving, _of_codes, _of_negation, _of_placement)
    return (_of_any_row, _of_serving, _of_hpo) if kind == "hpo" else (_of_any_row,)


def _of_metadata(found: MappingSet) -> Iterator[str]:
    kind = str(found.metadata["mapping_set_id"]).rpartition("/")[2]
    if kind not in _TERMINOLOGY:
        known = ", ".join(f"/{name}" for name in sorted(_TERMINOLOGY))
        yield f"mapping_set_id must end in one of {known}, by which its rows are checked, and not in /{kind}."
    for prefix in _OURS:
        if prefix in found.prefixes and found.prefixes[prefix] != PREFIXES[prefix]:
            yield f"prefix {prefix} stands for {PREFIXES[prefix]}, not for {found.prefixes[prefix]}."
    if not str(found.metadata.get("mapping_set_description", "")).startswith("Draft, not clinically reviewed."):
        yield "mapping_set_description must begin with: Draft, not clinically reviewed."


def _of_any_row(row: Mapping) -> Iterator[str]:
    types = declared_terms().get(row.subject, frozenset())
    if not types & {OWL.Class, OWL.NamedIndividual}:
        yield f"subject {_short(row.subject)} is no class of the ontology."
    elif row.extra.get("subject_label") != labels()[row.subject]:
        yield f"the label of {_short(row.subject)} is '{labels()[row.subject]}'."
    if row.predicate not in PREDICATES:
        allowed = ", ".join(predicate.rpartition("#")[2] for predicate in PREDICATES)
        yield f"the predicate must be one of {allowed} of skos, not {row.predicate}."
    if row.extra.get("mapping_justification") != JUSTIFICATION:
        yield f"mapping_justification must be {JUSTIFICATION}."
    if row.edx_class is not None and OWL.Class not in declared_terms().get(row.edx_class, ()):
        yield f"edx_class {_short(row.edx_class)} is no class of the ontology."
    if row.clause is not None and row.clause not in _clauses():
        yield f"edx_clause {_short(row.clause)} is no clause of a policy."


def _of_serving(row: Mapping) -> Iterator[str]:
    if row.clause is None or not row.item:
        yield "edx_clause and edx_item must say what in a policy the row serves."


def _of_hpo(row: Mapping) -> Iterator[str]:
    if not _HPO.fullmatch(row.object):
        yield f"{row.object} is not written as HPO writes its terms, such as HP:0001324."


def _of_codes(row: Mapping) -> Iterator[str]:
    if row.code is None:
        if row.excluded_roots or row.edx_class:
            yield f"{NO_TERM} can neither be placed nor leave anything out."
        if not row.comment:
            yield f"{NO_TERM} needs a comment that says why."
        return
    entry = terminology.icd10cm(row.code)
    if entry is None:
        yield f"{row.code} is no code of {terminology.icd10cm_release()}."
    elif entry.title != row.object_label:
        yield f"the title of {row.code} is '{entry.title}'."
    for root in row.excluded_roots:
        if terminology.icd10cm(root) is None:
            yield f"excluded root {root} is no code of {terminology.icd10cm_release()}."
        elif not root.startswith(row.code) or root == row.code:
            yield f"excluded root {root} does not lie below {row.code}."
    beside = row.extra.get("edx_with", "")
    if beside and terminology.icd10cm(beside) is None:
        yield f"edx_with {beside} is no code of {terminology.icd10cm_release()}."
    if row.role == "etiology" and not beside:
        yield "an etiology must name in edx_with the code that has to stand beside it."


def _of_negation(row: Mapping) -> Iterator[str]:
    if row.negated and row.role != "negative":
        yield f"predicate_modifier Not goes with the role negative, not with {row.role}."
    if row.role == "negative" and not row.negated:
        yield "the role negative needs predicate_modifier Not."
    if row.negated and not row.comment:
        yield "a negative needs a comment that says why."


def _of_placement(row: Mapping) -> Iterator[str]:
    if row.role in _PLACING and row.edx_class != row.subject:
        yield f"the role {row.role} places a code under its own concept: edx_class must be {_short(row.subject)}."
    if row.edx_class is None:
        if row.role in ("etiology", "sequela"):
            yield f"a code with the role {row.role} must be placed: edx_class is empty."
        return
    may_be_disease = row.role in _PLACING or (row.negated and row.edx_class == EDX.OtherDisease)
    if not may_be_disease and EDX.NamedDisease in hierarchy().ancestors(row.edx_class):
        yield f"the role {row.role} cannot place a code under {_short(row.edx_class)}, a disease."
    if not row.negated and row.edx_class == row.subject and row.predicate not in _NO_WIDER:
        yield "a code that is placed under the concept matches it exactly, closely or more narrowly."
    if row.negated and row.edx_class == row.subject:
        yield f"a code that is said not to be {_short(row.subject)} cannot be placed under it."


def _contradictions(found: MappingSet) -> Iterator[tuple[int, str]]:
    """Negatives about codes that another row gives to the same concept."""
    given: dict[URIRef, list[Mapping]] = {}
    for row in found.mappings:
        if not row.negated and row.code:
            given.setdefault(row.subject, []).append(row)
    for row in found.mappings:
        for other in given.get(row.subject, ()) if row.negated else ():
            if (low := _shared(row, other)) is not None:
                yield row.line, f"{low} is denied to {_short(row.subject)}, to which line {other.line} gives it."


def _shared(one: Mapping, other: Mapping) -> str | None:
    """The highest code that two rows both speak of; a code begins with every code above it."""
    low, high = sorted((one.code or "", other.code or ""), key=len, reverse=True)
    excluded = (*one.excluded_roots, *other.excluded_roots)
    return low if low.startswith(high) and not (excluded and low.startswith(excluded)) else None


def _missing_items(found: MappingSet) -> Iterator[str]:
    served = {(row.subject, row.clause, row.item) for row in found.mappings if not row.negated}
    for item in read_named_items():
        if (item.subject, item.clause, item.item) not in served:
            yield f"no row serves {_short(item.subject)}: {item.item}."


@cache
def _clauses() -> frozenset[URIRef]:
    kind, clause = ox.NamedNode(str(RDF.type)), ox.NamedNode(str(EDX.Clause))
    return frozenset(
        URIRef(quad.subject.value)
        for path in turtle_files("shapes/policies")
        for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE)
        if quad.predicate == kind and quad.object == clause and isinstance(quad.subject, ox.NamedNode)
    )


def _short(iri: URIRef) -> str:
    prefix = next((name for name, base in PREFIXES.items() if iri.startswith(base) and base.startswith(BASE)), None)
    return f"{prefix}:{iri.removeprefix(PREFIXES[prefix])}" if prefix else str(iri)
