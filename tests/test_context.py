"""The JSON-LD context: every word of a case, and the triples that it stands for."""

import json
from typing import Any

import pyoxigraph as ox
import pytest
from rdflib import OWL, RDF, RDFS, SH, XSD, Graph, URIRef
from rdflib.compare import isomorphic

from reasoner.resources import data_folder, turtle_files
from reasoner.terminology.ontology import hierarchy, load_ontology
from reasoner.terms import BASE, EDX, PREFIXES

ONTOLOGY = load_ontology()
DOCUMENT = json.loads((data_folder("ontology") / "context.jsonld").read_text(encoding="utf-8"))
CONTEXT: dict[str, Any] = DOCUMENT["@context"]
MODULES = ("request", "study", "body", "diagnosis", "finding", "record")
CASE_MODULES = {URIRef(f"{BASE}ontology/{name}") for name in MODULES}
NODES = (  # what a case is made of; what lies below is a type that a node may have
    *("Request", "ElectrodiagnosticStudy", "Diagnosis", "Finding", "Examination", "Imaging", "Treatment"),
    *("ClinicalAssessment", "CourseSinceEarlierStudy", "Injury", "SymptomFreeLimb", "SourceDocument", "Quotation"),
)
NAMES_A_CLASS = {"excludesDiagnosis", "excludesEarlierStudy", "excludesFinding"}
ABOVE = {EDX.statesDiagnosis}  # follows from a property of the case, and intake refuses it in one
DATES = {"date", "dateOfRequest", "dateOfService", "onset"}


def case_properties() -> dict[str, URIRef]:
    """Local name and kind of each property that a case may use."""
    return {
        str(term).removeprefix(EDX): kind
        for kind in (OWL.ObjectProperty, OWL.DatatypeProperty)
        for term in ONTOLOGY.subjects(RDF.type, kind)
        if ONTOLOGY.value(term, RDFS.isDefinedBy) in CASE_MODULES and term not in ABOVE
    }


def values_of(prop: str) -> set[str]:
    """The individuals that the ontology names in the range of a property."""
    cls = ONTOLOGY.value(EDX[prop], RDFS.range)
    found = ONTOLOGY.subjects(RDF.type, cls) if cls is not None else ()
    return {str(value).removeprefix(EDX) for value in found}


def entry(term: str) -> dict[str, Any]:
    found = CONTEXT[term]
    return found if isinstance(found, dict) else {"@id": found}


def test_every_case_property_is_a_term_of_the_context() -> None:
    assert len(case_properties()) == 46
    for prop in case_properties():
        assert entry(prop)["@id"] == f"edx:{prop}"


def test_every_property_that_intake_admits_is_a_term_of_the_context() -> None:
    shapes = Graph()
    for path in turtle_files("shapes/intake"):
        shapes.parse(path)
    paths = {path for path in shapes.objects(None, SH.path) if isinstance(path, URIRef)}
    meanings = [entry(term)["@id"].partition(":") for term in CONTEXT if not term.startswith("@")]
    written_out = {URIRef(PREFIXES[prefix] + local) for prefix, _, local in meanings if prefix in PREFIXES}
    assert len(paths) > 45
    assert paths - written_out == {RDF.type}  # JSON-LD has a keyword for it


@pytest.mark.parametrize("prop", sorted(case_properties()))
def test_a_property_is_coerced_as_its_range_asks(prop: str) -> None:
    kind, found = case_properties()[prop], entry(prop)
    if kind == OWL.ObjectProperty:
        by_name = prop in NAMES_A_CLASS or prop == "about" or values_of(prop)
        assert found["@type"] == ("@vocab" if by_name else "@id")
        assert set(found.get("@context", ())) == values_of(prop)
        assert all(meaning == f"edx:{value}" for value, meaning in found.get("@context", {}).items())
    elif prop in DATES:
        assert found["@type"] == "xsd:date"
    elif prop == "duration":
        assert found["@type"] == "xsd:duration"
    else:
        value = ONTOLOGY.value(EDX[prop], RDFS.range)
        datatype = ONTOLOGY.value(value, OWL.onDatatype) or value
        expected = {XSD.string: None, XSD.boolean: "xsd:boolean", XSD.integer: "xsd:integer"}[URIRef(str(datatype))]
        assert found.get("@type") == expected


def test_a_context_has_the_types_of_case_nodes_and_no_other_class() -> None:
    expected = {str(c).removeprefix(EDX) for node in NODES for c in hierarchy().descendants(EDX[node]) if EDX in str(c)}
    classes = {term for term in CONTEXT if term[0].isupper()}
    assert classes == expected
    assert len(classes) > 130
    assert all(CONTEXT[term] == f"edx:{term}" for term in classes)


def test_the_context_holds_prefixes_properties_types_and_a_few_words_and_nothing_else() -> None:
    words = {"@version", "@protected", "id", "type", "graph", "label", "identifier", "title"}
    prefixes = {"dcterms", "edx", "icd10cm", "rdfs", "xsd"}
    assert {term for term in CONTEXT if not term[0].isupper()} == words | prefixes | set(case_properties())
    assert all(CONTEXT[prefix] == PREFIXES[prefix] for prefix in prefixes)


def test_there_is_no_vocabulary_to_fall_back_on() -> None:
    """A misspelt word must not turn into a term of ours; the reader refuses what no context declares."""
    assert "@vocab" not in CONTEXT


CASE = {
    "@context": CONTEXT,
    "id": "https://example.org/case#request",
    "type": "Request",
    "label": "legs that tingle",
    "identifier": "0042",
    "payer": "https://w3id.org/edx-reasoner/payer/bcbsnd",
    "dateOfService": "2025-11-20",
    "requestsStudy": [
        {
            "id": "https://example.org/case#emg",
            "type": "NeedleElectromyography",
            "procedureCode": "95886",
            "quantity": 2,
            "bodyRegion": "LowerLimb",
            "laterality": "Bilateral",
        }
    ],
    "hasIndication": {
        "type": ["Diagnosis", "icd10cm:G62.9"],
        "certainty": "Suspected",
        "spinalRegion": "LumbosacralSpine",
    },
    "hasFinding": {"type": "Paresthesia", "onset": "2025-03-01", "findingCourse": "Progressive", "causeKnown": False},
    "excludesFinding": ["Numbness", "edx:MuscleWeakness"],
    "excludesDiagnosis": "icd10cm:M54.16",
    "hasImaging": {"type": "Imaging", "modality": "MagneticResonanceImaging", "conclusive": True},
    "hasTreatment": {"type": "HomeExercise", "duration": "P42D", "response": "NotImproved"},
    "hasPurpose": "DiagnosticWorkUp",
    "hasDocument": {
        "type": "SourceDocument",
        "title": "clinic note",
        "hasQuotation": {
            "type": "Quotation",
            "text": "tingling",
            "about": ["https://example.org/case#emg", "Numbness"],
        },
    },
}
SAME_CASE = f"""
@prefix edx: <{EDX}> .
@prefix icd10cm: <{PREFIXES["icd10cm"]}> .
@prefix dcterms: <{PREFIXES["dcterms"]}> .
@prefix rdfs: <{RDFS}> .
@prefix xsd: <{XSD}> .
@prefix : <https://example.org/case#> .

:request a edx:Request ; rdfs:label "legs that tingle" ; dcterms:identifier "0042" ;
    edx:payer <https://w3id.org/edx-reasoner/payer/bcbsnd> ; edx:dateOfService "2025-11-20"^^xsd:date ;
    edx:requestsStudy :emg ;
    edx:hasIndication [ a edx:Diagnosis, icd10cm:G62.9 ; edx:certainty edx:Suspected ; edx:spinalRegion edx:LumbosacralSpine ] ;
    edx:hasFinding [ a edx:Paresthesia ; edx:onset "2025-03-01"^^xsd:date ; edx:findingCourse edx:Progressive ; edx:causeKnown false ] ;
    edx:excludesFinding edx:Numbness, edx:MuscleWeakness ; edx:excludesDiagnosis icd10cm:M54.16 ;
    edx:hasImaging [ a edx:Imaging ; edx:modality edx:MagneticResonanceImaging ; edx:conclusive true ] ;
    edx:hasTreatment [ a edx:HomeExercise ; edx:duration "P42D"^^xsd:duration ; edx:response edx:NotImproved ] ;
    edx:hasPurpose edx:DiagnosticWorkUp ;
    edx:hasDocument [ a edx:SourceDocument ; dcterms:title "clinic note" ;
        edx:hasQuotation [ a edx:Quotation ; edx:text "tingling" ; edx:about :emg, edx:Numbness ] ] .
:emg a edx:NeedleElectromyography ; edx:procedureCode "95886" ; edx:quantity 2 ; edx:bodyRegion edx:LowerLimb ;
    edx:laterality edx:Bilateral .
"""


def by_pyoxigraph(document: dict[str, Any]) -> Graph:
    quads = ox.parse(json.dumps(document), format=ox.RdfFormat.JSON_LD)
    triples = ox.serialize((quad.triple for quad in quads), format=ox.RdfFormat.N_TRIPLES)
    assert triples is not None
    return Graph().parse(data=triples.decode(), format="nt")


def test_a_case_in_json_gives_the_triples_that_it_gives_in_turtle() -> None:
    assert isomorphic(by_pyoxigraph(CASE), Graph().parse(data=SAME_CASE, format="turtle"))


@pytest.mark.parametrize(
    "own", [{"hasFinding": "https://example.org/p"}, {"Numbness": "edx:Pain"}, {"type": "edx:text"}]
)
def test_a_case_cannot_give_a_word_of_the_context_another_meaning(own: dict[str, str]) -> None:
    with pytest.raises(SyntaxError, match="protected"):
        by_pyoxigraph({**CASE, "@context": [CONTEXT, own]})


def test_a_value_counts_only_for_the_property_that_has_it() -> None:
    """ "Left" is no certainty: in that place no word of the context says so, and it stays a relative IRI."""
    graph = by_pyoxigraph(
        {"@context": CONTEXT, "id": "https://example.org/d", "type": "Diagnosis", "certainty": "Left"}
    )
    assert (None, EDX.certainty, EDX.Left) not in graph
