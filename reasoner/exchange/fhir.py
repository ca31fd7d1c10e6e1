"""What the FHIR exports share: code systems, metadata of a resource, validation by `fhir.resources`, bundles.

The models are those of R4B, in which ValueSet and ConceptMap are what they are in R4 (4.0.1). `fhir.resources` takes a
quarter of a second to load, so that it is imported where it is used.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from reasoner.terminology.mappings import MappingSet
from reasoner.terms import BASE

Resource = dict[str, Any]
"""A FHIR resource as JSON has it."""

SYSTEMS: Final = {
    "CPT": "http://www.ama-assn.org/go/cpt",
    "HCPCS": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
    "HP": "http://human-phenotype-ontology.org",
    "ICD10CM": "http://hl7.org/fhir/sid/icd-10-cm",
    "LOINC": "http://loinc.org",
}
"""The URI that FHIR uses for each code system, by the prefix of the mapping sets."""
SOURCE_SYSTEM: Final = BASE + "ontology"
EXTENSION: Final = BASE + "fhir/StructureDefinition/"
PUBLISHER: Final = "edx-reasoner"
NOT_REVIEWED: Final = "Draft, not clinically reviewed."
OWN_WORDS: Final = frozenset({"CPT", "HCPCS"})
"""Systems whose descriptors are not given: a display would have to be the publisher's own words."""


def code_in(prefix: str, code: str) -> str:
    """The code as its system writes it in FHIR: HPO keeps its prefix (`HP:0001324`)."""
    return f"HP:{code}" if prefix == "HP" else code


def version_of(mapping_set: MappingSet, prefix: str) -> str | None:
    """The version of a code system that the set was made against, in the form that FHIR uses for it, if it has one.

    ICD-10-CM is versioned by fiscal year; HPO by the day of the release. CPT, HCPCS and LOINC share a set whose
    version is told in words, so that none is stated for them.
    """
    stated = str(mapping_set.metadata.get("object_source_version", ""))
    if prefix == "ICD10CM" and stated.startswith("FY"):
        return stated[2:6]
    return stated.rpartition("/")[2] if prefix == "HP" else None


def source_of(mapping_set: MappingSet) -> str:
    """What the codes of a set were taken from, for a reader."""
    stated = str(mapping_set.metadata.get("object_source_version", ""))
    return f"ICD-10-CM {stated}" if stated.startswith("FY") else stated


def versioned(mapping_set: MappingSet, prefix: str) -> Resource:
    """System and, where there is one, version, as they begin an include, exclude or contains."""
    version = version_of(mapping_set, prefix)
    return {"system": SYSTEMS[prefix], **({"version": version} if version else {})}


def metadata(mapping_set: MappingSet, kind: str, name: str, title: str, description: str) -> Resource:
    """The elements that every resource begins with.

    `name` becomes its id, at most 64 letters, digits, points and hyphens, and the end of its URL.
    """
    identifier = f"{mapping_set.path.name.partition('.')[0]}-{name}"[:64]
    found: Resource = {
        "resourceType": kind,
        "id": identifier,
        "url": f"{BASE}{kind}/{identifier}",
        "version": mapping_set.version,
        "name": "".join(part[:1].upper() + part[1:] for part in identifier.replace(".", "-").split("-")),
        "title": title,
        "status": "draft",
        "experimental": True,
        "date": mapping_set.version,
        "publisher": PUBLISHER,
        "description": f"{NOT_REVIEWED} {description}",
    }
    if notice := mapping_set.metadata.get("comment"):
        found["copyright"] = str(notice)
    return found


def validated(resource: Resource) -> Resource:
    """The resource, once the models of `fhir.resources` have accepted it.

    Raises:
        ValueError: A model refuses it; the message says where.
    """
    from fhir.resources.R4B import bundle, conceptmap, valueset  # here, because they take long to load

    models: Mapping[str, Any] = {
        "Bundle": bundle.Bundle,
        "ConceptMap": conceptmap.ConceptMap,
        "ValueSet": valueset.ValueSet,
    }
    models[resource["resourceType"]].model_validate(resource)
    return resource


def bundle_of(resources: Sequence[Resource]) -> Resource:
    """Several resources as one document: a bundle of type `collection`."""
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"fullUrl": resource["url"], "resource": resource} for resource in resources],
    }


def as_json(resources: Iterable[Resource]) -> str:
    """One resource as it is, several in a bundle, validated; the same resources give the same text."""
    listed = list(resources)
    document = listed[0] if len(listed) == 1 else bundle_of(listed)
    return json.dumps(validated(document), indent=2, ensure_ascii=False) + "\n"
