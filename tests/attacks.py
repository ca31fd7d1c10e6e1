"""Single statements that each turn a naive validation from denied to conforming: case, ontology and policy in one graph.

Each is what a case graph might carry along, by accident or on purpose. `covered` is a record that BCBSND's policy
covers; each attack has a record of its own that lacks one thing, and one triple that makes up for it.
"""

from dataclasses import dataclass, replace
from functools import cache
from typing import Final, Literal

import pyshacl
from judging import class_tree, editions
from rdflib import DCTERMS, Graph
from rdflib import Literal as TextLiteral

from reasoner.shacl.pyshacl_engine import _DataGraph
from reasoner.terms import EDX

PREFIXES: Final = """\
@prefix bcbsnd: <https://w3id.org/edx-reasoner/policy/bcbsnd-emg-ncs/2020-01-22#> .
@prefix edx: <https://w3id.org/edx-reasoner/ontology#> .
@prefix ex: <https://example.org/attack#> .
@prefix excluded: <https://w3id.org/edx-reasoner/shapes/excluded/> .
@prefix icd10cm: <http://purl.bioontology.org/ontology/ICD10CM/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix stated: <https://w3id.org/edx-reasoner/shapes/stated/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


@dataclass(frozen=True)
class Record:
    """A request for needle EMG, by its parts."""

    finding: str = "ex:finding a edx:MuscleWeakness ; edx:bodyRegion edx:UpperLimb ."
    reason: str = "ex:request edx:hasIndication ex:diagnosis ."
    diagnosis: str = "ex:diagnosis a edx:CarpalTunnelSyndrome ; edx:certainty edx:Suspected ."
    study: str = "ex:study a edx:NeedleElectromyography ."
    examination: str = "ex:examination a edx:Examination ; edx:conclusive false ."
    further: str = ""

    @property
    def text(self) -> str:
        request = (
            "ex:request a edx:Request ; edx:payer <https://w3id.org/edx-reasoner/payer/bcbsnd> ; edx:requestsStudy "
            'ex:study ; edx:dateOfService "2026-02-03"^^xsd:date ; edx:hasFinding ex:finding ; '
            "edx:hasExamination ex:examination ."
        )
        parts = (request, self.finding, self.reason, self.diagnosis, self.study, self.examination, self.further)
        return PREFIXES + "\n".join(parts) + "\n"


COVERED: Final = Record()
NO_SIGN: Final = replace(COVERED, finding="ex:finding a edx:JointPain ; edx:bodyRegion edx:UpperLimb .")
NOT_LISTED: Final = replace(COVERED, diagnosis="ex:diagnosis a edx:Hypothyroidism ; edx:certainty edx:Suspected .")
UNMAPPED_CODE: Final = replace(
    COVERED, diagnosis="ex:diagnosis a edx:Diagnosis , icd10cm:I10 ; edx:certainty edx:Suspected ."
)
SETTLED: Final = replace(COVERED, examination="ex:examination a edx:Examination ; edx:conclusive true .")
TOO_MANY: Final = replace(COVERED, study="ex:study a edx:NeedleElectromyography ; edx:quantity 9 .")
LABELLED: Final = replace(TOO_MANY, further='ex:request rdfs:label "Request of February" .')
SURFACE: Final = replace(COVERED, study="ex:study a edx:SurfaceElectromyography .")
EXPLAINED: Final = replace(
    COVERED,
    examination="ex:examination a edx:Examination .",
    further="ex:request edx:hasImaging ex:imaging . ex:imaging a edx:Imaging ; edx:patternMatches false ; "
    "edx:conclusive false .",
)
REPEATED: Final = replace(
    COVERED,
    further="ex:request edx:hasEarlierStudy ex:earlier . ex:earlier a edx:NeedleElectromyography ; "
    'edx:date "2026-01-03"^^xsd:date ; edx:bodyRegion edx:UpperLimb .',
    study="ex:study a edx:NeedleElectromyography ; edx:bodyRegion edx:UpperLimb .",
)


@dataclass(frozen=True)
class Attack:
    """A record that is denied, the statement that turns it, and how intake names that.

    `inference` is what a naive validator has to derive for it; with `allow_infos`, it passes over results of that
    severity, as it may be told to.
    """

    name: str
    record: Record
    triple: str
    rule: str
    named: str
    inference: Literal["none", "rdfs", "owlrl"] = "none"
    allow_infos: bool = False


SCHEMA: Final = "no-schema-statement"
ATTACKS: Final = (
    Attack(
        "subclass of a finding",
        NO_SIGN,
        "edx:JointPain rdfs:subClassOf edx:MuscleWeakness .",
        SCHEMA,
        "rdfs:subClassOf",
    ),
    Attack(
        "subclass of a disease",
        NOT_LISTED,
        "edx:Hypothyroidism rdfs:subClassOf edx:CarpalTunnelSyndrome .",
        SCHEMA,
        "rdfs:subClassOf",
    ),
    Attack(
        "subclass of a code",
        UNMAPPED_CODE,
        "icd10cm:I10 rdfs:subClassOf edx:CarpalTunnelSyndrome .",
        SCHEMA,
        "rdfs:subClassOf",
    ),
    Attack(
        "equivalent class",
        NO_SIGN,
        "edx:JointPain owl:equivalentClass edx:MuscleWeakness .",
        SCHEMA,
        "owl:equivalentClass",
        "owlrl",
    ),
    Attack(
        "subproperty",
        LABELLED,
        "rdfs:label rdfs:subPropertyOf edx:reasonForNumber .",
        SCHEMA,
        "rdfs:subPropertyOf",
        "rdfs",
    ),
    Attack(
        "equivalent property",
        LABELLED,
        "rdfs:label owl:equivalentProperty edx:reasonForNumber .",
        SCHEMA,
        "owl:equivalentProperty",
        "owlrl",
    ),
    Attack("same as", EXPLAINED, "ex:examination owl:sameAs ex:imaging .", SCHEMA, "owl:sameAs", "owlrl"),
    Attack("domain", NO_SIGN, "edx:bodyRegion rdfs:domain edx:MuscleWeakness .", SCHEMA, "rdfs:domain", "rdfs"),
    Attack("range", NO_SIGN, "edx:hasFinding rdfs:range edx:MuscleWeakness .", SCHEMA, "rdfs:range", "rdfs"),
    Attack(
        "root shape deactivated", SETTLED, "bcbsnd:medical-necessity sh:deactivated true .", SCHEMA, "sh:deactivated"
    ),
    Attack(
        "criterion deactivated", NO_SIGN, "bcbsnd:signs-and-symptoms sh:deactivated true .", SCHEMA, "sh:deactivated"
    ),
    Attack(
        "examination deactivated",
        SETTLED,
        "bcbsnd:not-settled-by-examination-and-imaging sh:deactivated true .",
        SCHEMA,
        "sh:deactivated",
    ),
    Attack(
        "severity",
        NOT_LISTED,
        "bcbsnd:medical-necessity sh:severity sh:Info .",
        SCHEMA,
        "sh:severity",
        allow_infos=True,
    ),
    Attack("maxima never checked", TOO_MANY, "bcbsnd:maximum-checkable sh:in rdf:nil .", SCHEMA, "sh:in"),
    Attack(
        "row of the table deactivated",
        TOO_MANY,
        "bcbsnd:maximum-polyneuropathy sh:deactivated true .",
        SCHEMA,
        "sh:deactivated",
    ),
    Attack("exclusion emptied", SURFACE, "bcbsnd:surface-electromyography sh:in rdf:nil .", SCHEMA, "sh:in"),
    Attack("repeat emptied", REPEATED, "bcbsnd:is-repeat sh:in rdf:nil .", SCHEMA, "sh:in"),
)


@cache
def surroundings() -> Graph:
    """The policy edition, with shapes and components, and the class tree of what it speaks of; without words for readers,
    over which inference takes minutes."""
    edition = editions()["bcbsnd-emg-ncs"]
    graph = class_tree(edition.graph)
    for s, p, o in edition.graph:
        if not (isinstance(o, TextLiteral) and o.language) and not str(p).startswith(
            (str(DCTERMS), str(EDX) + "reading")
        ):
            graph.add((s, p, o))
    return graph


def naively_conforms(attack: Attack, *, with_triple: bool) -> bool:
    """All in one graph, which is data and shapes at once, as in a pipeline that loads everything into one store."""
    text = attack.record.text + (attack.triple if with_triple else "")
    return _conforms(text, attack.inference, attack.allow_infos)


@cache
def _conforms(text: str, inference: str, allow_infos: bool) -> bool:
    case = Graph().parse(data=text, format="turtle")
    merged = _DataGraph(bind_namespaces="none")  # parses each query text once
    merged += surroundings()
    merged += class_tree(case)
    merged += case
    conforms, _, _ = pyshacl.validate(
        merged,
        shacl_graph=merged,
        inference=inference,
        allow_infos=allow_infos,
        max_validation_depth=60,
    )
    return bool(conforms)
