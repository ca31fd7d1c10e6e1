"""The mapping sets in the formats that others read: SSSOM, FHIR ValueSet and ConceptMap, SKOS."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from reasoner.case import curie
from reasoner.errors import UsageError
from reasoner.exchange.fhir import Resource, as_json, version_of
from reasoner.exchange.fhir_concept_maps import concept_map
from reasoner.exchange.fhir_value_sets import value_set
from reasoner.exchange.skos import skos_turtle
from reasoner.knowledge import Knowledge
from reasoner.lookup.categories import Category, category_of_class
from reasoner.terminology.expansion import expansion_date
from reasoner.terminology.mappings import Mapping as Row
from reasoner.terminology.mappings import MappingSet, read_mapping_set

EXPORT_FORMATS: Final = ("sssom", "valueset", "conceptmap", "skos")
_FHIR: Final = ("valueset", "conceptmap")
_NOUNS: Final = {
    "hpo": "terms of the Human Phenotype Ontology",
    "icd10cm": "codes of ICD-10-CM",
    "procedures": "procedure codes and LOINC",
}


def export(format_: str, sets: Sequence[str], wanted: Category | None, knowledge: Knowledge) -> Mapping[str, str]:
    """The documents of an export, each under the name of its file.

    Args:
        format_: One of `EXPORT_FORMATS`.
        sets: Names of mapping sets.
        wanted: A category to keep to; without it every row.
        knowledge: Ontology and policies.

    Raises:
        UsageError: No row of the sets is about the category, or no code is a member of it.
    """
    chosen = [(read_mapping_set(name), _rows(name, wanted)) for name in sets]
    chosen = [(mapping_set, rows) for mapping_set, rows in chosen if rows]
    if not chosen:
        label = wanted.name if wanted else "anything"
        raise UsageError(f"No row of {', '.join(sets)} is about {label}. `edx category` lists what the sets map.")
    if format_ == "sssom":
        return {mapping_set.path.name: _sssom(mapping_set, rows) for mapping_set, rows in chosen}
    if format_ == "skos":
        return {f"{_file_name(sets, wanted)}.ttl": skos_turtle(chosen)}
    make = _value_sets if format_ == "valueset" else _concept_maps
    resources = [resource for mapping_set, rows in chosen for resource in make(mapping_set, rows, wanted, knowledge)]
    if not resources:
        raise UsageError(
            "No code says it by itself, so that there is no value set: codes that count only with findings or a second "
            "code are no members. Export the concept map instead."
        )
    return {f"{resource['resourceType']}-{resource['id']}.json": as_json([resource]) for resource in resources}


def in_one(format_: str, documents: Mapping[str, str]) -> str:
    """Several documents as one, where the format allows it: FHIR resources make a bundle.

    Raises:
        UsageError: The format has no document that holds several.
    """
    if len(documents) == 1:
        return next(iter(documents.values()))
    if format_ not in _FHIR:
        raise UsageError(
            f"{len(documents)} mapping sets in SSSOM are no one document. "
            "Choose one with --set, or name a folder with -o."
        )
    return as_json([json.loads(text) for text in documents.values()])


def _rows(set_name: str, wanted: Category | None) -> tuple[Row, ...]:
    return read_mapping_set(set_name).mappings if wanted is None else wanted.rows(set_name)


def _sssom(mapping_set: MappingSet, rows: Sequence[Row]) -> str:
    """The file as it is, or its head and some of its rows."""
    text = mapping_set.path.read_text("utf-8")
    if len(rows) == len(mapping_set.mappings):
        return text
    kept = {row.line for row in rows}
    lines = text.splitlines(keepends=True)
    columns = min(row.line for row in mapping_set.mappings) - 2
    said = f'# other: "An excerpt: {len(rows)} of the {len(mapping_set.mappings)} rows of the set."\n'
    rest = (line for number, line in enumerate(lines, 1) if number in kept)
    return "".join([*lines[:columns], said, lines[columns], *rest])


def _value_sets(
    mapping_set: MappingSet, rows: Sequence[Row], wanted: Category | None, knowledge: Knowledge
) -> list[Resource]:
    """One of the category that is asked for; else one of every concept, with the classes below it."""
    dated = _dated(mapping_set)
    if wanted is not None:
        found = [value_set(mapping_set, rows, _identifier(wanted), wanted.label, dated)]
        return [resource for resource in found if resource is not None]
    made = []
    for concept in dict.fromkeys(row.subject for row in rows):
        below = category_of_class(concept, knowledge)
        resource = value_set(
            mapping_set, below.rows(_name(mapping_set)), curie(concept).partition(":")[2], below.label, dated
        )
        made.extend([resource] if resource is not None else [])
    return made


def _concept_maps(
    mapping_set: MappingSet, rows: Sequence[Row], wanted: Category | None, knowledge: Knowledge
) -> list[Resource]:
    noun = _NOUNS[_name(mapping_set)]
    name, label = ("all", noun) if wanted is None else (_identifier(wanted), f"{wanted.label}, in {noun}")
    found = concept_map(mapping_set, rows, name, label, knowledge.labels)
    return [] if found is None else [found]


def _dated(mapping_set: MappingSet) -> str:
    """The first day of the release that an expansion is of; the day of the set where its systems have several."""
    if _name(mapping_set) == "icd10cm":
        return expansion_date().in_force_from.isoformat()
    return (version_of(mapping_set, "HP") if _name(mapping_set) == "hpo" else None) or mapping_set.version


def _name(mapping_set: MappingSet) -> str:
    return mapping_set.path.name.partition(".")[0]


def _identifier(wanted: Category) -> str:
    return wanted.name.removeprefix("edx:").replace(":", "-")


def _file_name(sets: Sequence[str], wanted: Category | None) -> str:
    return "-".join([*sets, *([_identifier(wanted)] if wanted else [])])
