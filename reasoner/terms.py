"""Namespaces and IRIs that the program itself refers to."""

from typing import Final

from rdflib import Namespace, URIRef

BASE: Final = "https://w3id.org/edx-reasoner/"
EDX: Final = Namespace(BASE + "ontology#")
STATED: Final = Namespace(BASE + "shapes/stated/")
EXCLUDED: Final = Namespace(BASE + "shapes/excluded/")
REFUTED: Final = Namespace(BASE + "shapes/refuted/")
INTAKE: Final = Namespace(BASE + "shapes/intake/")
ICD10CM: Final = Namespace("http://purl.bioontology.org/ontology/ICD10CM/")
CPT: Final = Namespace("http://purl.bioontology.org/ontology/CPT/")
HCPCS: Final = Namespace("http://purl.bioontology.org/ontology/HCPCS/")

GENID: Final = BASE + ".well-known/genid/"
DETERMINATION: Final = BASE + "determination/"
CONTEXT: Final = URIRef(BASE + "context.jsonld")

PREFIXES: Final[dict[str, str]] = {
    "aetna": BASE + "policy/aetna-cpb-0502/2025-11-20#",
    "bcbsnd": BASE + "policy/bcbsnd-emg-ncs/2020-01-22#",
    "cpt": str(CPT),
    "dcterms": "http://purl.org/dc/terms/",
    "edx": str(EDX),
    "excluded": str(EXCLUDED),
    "hcpcs": str(HCPCS),
    "icd10cm": str(ICD10CM),
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "refuted": str(REFUTED),
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "stated": str(STATED),
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""The prefixes that queries may use without declaring them; every prefix means one thing."""
