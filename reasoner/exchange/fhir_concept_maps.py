"""FHIR R4 ConceptMaps of the mapping sets: every row, with what it affirms or denies.

The equivalence reads from source to target ("the target is narrower than the source"), as SKOS does. SKOS has no word
for what R4 calls inexact, "it is uncertain whether they have the same boundaries": that is what `closeMatch` says. A
denied row is `disjoint`, by R4 an explicit assertion that there is no mapping; a row without a term is `unmatched`.

R4 has no place for the role of a code. It stands in an extension, as do confidence, clause and excluded roots; the code
that a cause needs beside it is a `dependsOn`, which R4 defines as what must hold for the mapping to.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from rdflib import URIRef

from reasoner.exchange.fhir import EXTENSION, OWN_WORDS, SOURCE_SYSTEM, SYSTEMS, Resource, code_in, metadata, version_of
from reasoner.terminology.mappings import NO_TERM, MappingSet
from reasoner.terminology.mappings import Mapping as Row
from reasoner.terms import EDX

EQUIVALENCE: Final = {
    "exactMatch": "equivalent",
    "closeMatch": "inexact",
    "narrowMatch": "narrower",
    "broadMatch": "wider",
    "relatedMatch": "relatedto",
}
"""R4's concept-map-equivalence for each SKOS predicate; `concept-map-equivalence` 4.0.1 gives the definitions."""
_SENSE: Final = {
    "narrower": "The code says less than the concept: it is one kind of it.",
    "inexact": "Whether code and concept have the same boundaries is not certain.",
}
"""What is said of a row without a comment, where R4 demands one (invariant cmd-1)."""
_BESIDE: Final = str(EDX.hasDiagnosis)


def concept_map(
    mapping_set: MappingSet, rows: Iterable[Row], name: str, label: str, labels: Mapping[URIRef, str]
) -> Resource | None:
    """The concept map of some rows, one group for each code system; nothing where there is no row.

    Rows without a term go with the first system of the set: there is no other place for them.
    """
    listed = list(rows)
    if not listed:
        return None
    systems = sorted({_prefix(row) for row in listed if row.object != NO_TERM}) or [_default(mapping_set)]
    found = metadata(
        mapping_set,
        "ConceptMap",
        name,
        f"{label}: concepts of the policies and codes",
        f"How concepts of payers' policies on electrodiagnostic studies map to codes: {label}. What a code may settle "
        "alone depends on its role, which the extension mapping-role gives.",
    )
    found["sourceUri"] = SOURCE_SYSTEM
    found["group"] = [
        group
        for number, prefix in enumerate(systems)
        if (
            group := _group(
                mapping_set,
                prefix,
                [r for r in listed if (_prefix(r) == prefix or (r.object == NO_TERM and number == 0))],
                labels,
            )
        )
    ]
    return found


def _group(mapping_set: MappingSet, prefix: str, rows: Iterable[Row], labels: Mapping[URIRef, str]) -> Resource:
    elements: dict[URIRef, list[Resource]] = {}
    for row in rows:
        elements.setdefault(row.subject, []).append(_target(prefix, row))
    version = version_of(mapping_set, prefix)
    source_version = mapping_set.metadata.get("subject_source_version")
    return {
        "source": SOURCE_SYSTEM,
        **({"sourceVersion": str(source_version)} if source_version else {}),
        "target": SYSTEMS[prefix],
        **({"targetVersion": version} if version else {}),
        "element": [
            {
                "code": subject.removeprefix(str(EDX)),
                **({"display": labels[subject]} if subject in labels else {}),
                "target": targets,
            }
            for subject, targets in elements.items()
        ],
    }


def _target(prefix: str, row: Row) -> Resource:
    if row.object == NO_TERM:
        found: Resource = {"equivalence": "unmatched"}
    else:
        shown = {} if prefix in OWN_WORDS or not row.object_label else {"display": row.object_label}
        equivalence = "disjoint" if row.negated else EQUIVALENCE[row.predicate.rpartition("#")[2]]
        found = {"code": code_in(prefix, row.code or ""), **shown, "equivalence": equivalence}
    comment = " ".join(filter(None, (_own_words(prefix, row), row.comment))) or _SENSE.get(found["equivalence"])
    if comment:
        found["comment"] = comment
    if beside := row.extra.get("edx_with"):
        found["dependsOn"] = [
            {"property": _BESIDE, "system": SYSTEMS[prefix], "value": code} for code in beside.split("|")
        ]
    return {"extension": list(_extensions(row)), **found}


def _own_words(prefix: str, row: Row) -> str:
    return f"In our own words: {row.object_label}." if prefix in OWN_WORDS and row.object_label else ""


def _extensions(row: Row) -> Iterator[Resource]:
    yield {"url": EXTENSION + "mapping-role", "valueCode": row.role}
    yield {"url": EXTENSION + "mapping-confidence", "valueDecimal": row.confidence}
    if row.clause is not None:
        yield {"url": EXTENSION + "policy-clause", "valueUri": str(row.clause)}
    for root in row.excluded_roots:
        yield {"url": EXTENSION + "excluded-root", "valueCode": root}


def _prefix(row: Row) -> str:
    return row.object.partition(":")[0]


def _default(mapping_set: MappingSet) -> str:
    return {"hpo": "HP", "icd10cm": "ICD10CM"}.get(mapping_set.path.name.partition(".")[0], "CPT")
