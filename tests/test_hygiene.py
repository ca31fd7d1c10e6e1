"""Rules that hold across files: each is a query of `tests/hygiene` that must find nothing.

Which form a rule has: what can be said of one term by itself (a label, a definition, a source, a module, a name in the
right case) is a shape in `shapes/ontology/style.ttl`; what an edition of a policy must be is a shape in `shapes/meta`;
what compares terms or files, or asks whether something is used at all, is a query here; whether a term of another
vocabulary exists, how Turtle is laid out, and whether cases keep to domains and ranges is Python in
`tests/test_ontology_use.py`; whether what the axioms imply can be true is for HermiT, in `tests/test_reasoning.py`.

The queries see every file of `ontology/` and `shapes/` as a graph of its own, and what RDF forgets as two statements
about each file of the project: the terms that it uses (`dcterms:references`) and its prefixes (`sh:declare`).
"""

import re
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import DCTERMS, SH, XSD
from written import FOLDERS, PROGRAM, TABLES, every_term, files, name, prefixes

from reasoner.query.checks import check_query
from reasoner.terms import BASE, PREFIXES

RULES = sorted(FOLDERS["hygiene"].glob("*.rq"))
FILE = f"{BASE}.well-known/file/"


def rule_name(path: Path) -> str:
    return path.stem.removesuffix("-violation")


@cache
def everything() -> ox.Store:
    store = ox.Store()
    for path in files(".ttl"):
        if name(path).startswith(("ontology/", "shapes/")):
            store.bulk_load(path=path, format=ox.RdfFormat.TURTLE, to_graph=ox.NamedNode(FILE + name(path)))
    store.bulk_extend(told() | declarations())
    return store


def told() -> set[ox.Quad]:
    """Which file uses which term."""
    references, written = ox.NamedNode(str(DCTERMS.references)), ox.NamedNode(FILE)
    return {
        ox.Quad(ox.NamedNode(FILE + place), references, ox.NamedNode(term), written)
        for term, place in every_term()
        if term.startswith(tuple(PREFIXES.values())) and "\\" not in term
    }


def declarations() -> set[ox.Quad]:
    """Which file declares which prefix, and those of the program, which queries need not declare."""
    found = {("program/terms.py", prefix, namespace) for prefix, namespace in PREFIXES.items()}
    for path in (*files(".ttl", ".trig", ".rq", ".jsonld", *TABLES), *PROGRAM.rglob("*.py")):
        found |= {(name(path), prefix, namespace) for prefix, namespace in prefixes(path) if prefix}
    return {quad for place, prefix, namespace in found for quad in declared(place, prefix, namespace)}


def declared(place: str, prefix: str, namespace: str) -> list[ox.Quad]:
    node, written = ox.BlankNode(), ox.NamedNode(FILE)
    said = ox.Literal(namespace, datatype=ox.NamedNode(str(XSD.anyURI)))
    return [
        ox.Quad(ox.NamedNode(FILE + place), ox.NamedNode(str(SH.declare)), node, written),
        ox.Quad(node, ox.NamedNode(str(SH.prefix)), ox.Literal(prefix), written),
        ox.Quad(node, ox.NamedNode(str(SH.namespace)), said, written),
    ]


def violations(store: ox.Store, path: Path) -> list[tuple[str, ...]]:
    found = store.query(path.read_text("utf-8"), prefixes=PREFIXES, use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    columns = [variable.value for variable in found.variables]
    assert columns[0] == "entity"
    return sorted(tuple("" if row[c] is None else short(row[c]) for c in columns) for row in found)


def short(term: object) -> str:
    text = term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)
    return text.removeprefix(PREFIXES["edx"]).removeprefix(FILE)


# The rules --------------------------------------------------------------------


def test_there_is_a_planted_violation_for_each_rule_and_no_other() -> None:
    assert len(RULES) == 27
    assert {rule_name(path) for path in RULES} == set(PLANTED)


@pytest.mark.parametrize("path", RULES, ids=rule_name)
def test_a_rule_states_problem_principle_and_solution_and_names_an_entity(path: Path) -> None:
    text = path.read_text("utf-8")
    head = text.partition("\n\n")[0]
    assert re.fullmatch(r"# Problem: .+(?:\n#   .+)*\n# Principle: .+(?:\n#   .+)*\n# Solution: .+(?:\n#   .+)*", head)
    assert "SELECT DISTINCT ?entity" in text
    assert path.name == f"{rule_name(path)}-violation.rq"
    check_query(text)


def test_the_files_are_looked_at() -> None:
    graphs = {short(graph) for graph in everything().named_graphs()}
    assert {"ontology/body.ttl", "ontology/icd10cm.ttl", "shapes/ontology/style.ttl", "shapes/components.ttl"} <= graphs
    assert sum(graph.startswith("shapes/policies/") for graph in graphs) >= 2
    assert len(graphs) > 35
    asked = "SELECT DISTINCT ?file { ?file dcterms:references edx:Request }"
    using = {
        short(row["file"]) for row in everything().query(asked, prefixes=PREFIXES, use_default_graph_as_union=True)
    }
    assert {"program/case.py", "ontology/request.ttl", "shapes/intake/request.ttl"} <= using
    asked = "SELECT DISTINCT ?file { ?file sh:declare/sh:prefix 'edx' }"
    having = {
        short(row["file"]) for row in everything().query(asked, prefixes=PREFIXES, use_default_graph_as_union=True)
    }
    assert {
        "program/terms.py",
        "ontology/context.jsonld",
        "ontology/body.ttl",
        "ontology/mappings/icd10cm.sssom.tsv",
    } <= having


@pytest.mark.parametrize("path", RULES, ids=rule_name)
def test_nothing_violates_a_rule(path: Path) -> None:
    assert violations(everything(), path) == []


# Planted violations -----------------------------------------------------------

A_CLASS = 'a owl:Class ; rdfs:label "%s"@en ; skos:definition "%s"@en'
# Rule: the file in which it is planted, what is planted there, and the entities that the query must name.
PLANTED: dict[str, tuple[str, str, set[str]]] = {
    "alternative-label-shared": ("ontology/study.ttl", 'edx:BlinkReflexStudy skos:altLabel "emg"@en .', {"BlinkReflexStudy", "Electromyography"}),
    "class-above-itself": ("ontology/study.ttl", "edx:Electromyography rdfs:subClassOf edx:NeedleElectromyography .", {"Electromyography", "NeedleElectromyography"}),
    "class-in-two-trees": ("ontology/study.ttl", "edx:BlinkReflexStudy rdfs:subClassOf edx:Diagnosis .", {"BlinkReflexStudy", "http://purl.bioontology.org/ontology/CPT/95933"}),
    "class-placed-again": ("ontology/study.ttl", "edx:NeedleElectromyography rdfs:subClassOf edx:ElectrodiagnosticStudy .", {"NeedleElectromyography"}),
    "code-without-place": ("ontology/icd10cm.ttl", 'icd10cm:ZZZ.9 a owl:Class ; skos:notation "ZZZ.9" .', {PREFIXES["icd10cm"] + "ZZZ.9"}),
    "code-undocumented": ("ontology/icd10cm.ttl", 'icd10cm:M54.16 rdfs:label "Lumbar radiculopathy"@en .', {PREFIXES["icd10cm"] + "M54.16"}),
    "definition-circular": ("ontology/body.ttl", "edx:Tail " + A_CLASS % ("tail-end", "Body region that is the Tail-End of the trunk.") + " .", {"Tail"}),
    "definition-shared": ("ontology/body.ttl", "edx:Tail " + A_CLASS % ("tail", "Calendar day on which a disease OR finding began.") + " .", {"Tail", "onset"}),
    "definition-without-genus": ("ontology/body.ttl", "edx:Tail rdfs:subClassOf edx:Diagnosis ; " + A_CLASS % ("tail", "Hindmost part of the trunk.") + " .", {"Tail"}),
    "disjoint-from-above": ("ontology/study.ttl", "edx:Electromyography owl:disjointWith edx:MacroElectromyography .", {"MacroElectromyography"}),
    "file-of-another-module": ("ontology/study.ttl", "edx:Tail a owl:Class ; rdfs:isDefinedBy <https://w3id.org/edx-reasoner/ontology/body> .", {"Tail"}),
    "label-shared": ("ontology/body.ttl", "edx:Tail " + A_CLASS % ("Macro electromyography", "End.") + " .", {"Tail", "MacroElectromyography"}),
    "module-undescribed": ("ontology/body.ttl", '<https://w3id.org/edx-reasoner/ontology/body> dcterms:title "Bodies"@en .', {BASE + "ontology/body"}),
    "notation-differs": ("ontology/icd10cm.ttl", 'icd10cm:M54.16 skos:notation "M5416" .', {PREFIXES["icd10cm"] + "M54.16"}),
    "prefix-ambiguous": ("ontology/body.ttl", f'<{FILE}ontology/body.ttl> sh:declare [ sh:prefix "edx" ; sh:namespace "https://w3id.org/edx/"^^xsd:anyURI ] .', set()),
    "property-range-of-the-wrong-kind": ("ontology/study.ttl", "edx:tail a owl:DatatypeProperty ; rdfs:range edx:Certainty .", {"tail"}),
    "property-without-domain-or-range": ("ontology/study.ttl", "edx:tail a owl:ObjectProperty ; rdfs:domain edx:Request , edx:Diagnosis ; rdfs:range edx:Certainty .", {"tail"}),
    "reference-dangling": ("ontology/study.ttl", "edx:BlinkReflexStudy rdfs:subClassOf edx:ElectrodiagnosticStduy .", {"BlinkReflexStudy"}),
    "shape-never-reached": ("shapes/statements/findings.ttl", "stated:Tail a sh:NodeShape ; sh:nodeKind sh:IRI .", {BASE + "shapes/stated/Tail"}),
    "shape-says-nothing": ("shapes/intake/study.ttl", "<https://w3id.org/edx-reasoner/shapes/intake/tail> a sh:PropertyShape ; sh:path edx:tail ; sh:minCount 1 .", {BASE + "shapes/intake/tail"}),
    "shape-undeclared": ("shapes/statements/findings.ttl", "stated:Ptosis sh:or ( stated:Diplopia stated:Ptosiss ) .", {BASE + "shapes/stated/Ptosis"}),
    "shape-without-constraint": ("shapes/statements/findings.ttl", 'stated:Tail a sh:NodeShape ; rdfs:label "tail"@en ; sh:message "No."@en ; sh:targetClass edx:Request .', set()),
    "term-declared-twice": ("ontology/body.ttl", "edx:Electromyography " + A_CLASS % ("electromyography", "Again.") + " .", {"Electromyography"}),
    "term-undeclared": ("", f"<{FILE}shapes/intake/study.ttl> dcterms:references edx:hasFindng .", {"hasFindng"}),
    "term-unused": ("ontology/body.ttl", f"edx:Tail {A_CLASS % ('tail', 'End.')} . <{FILE}ontology/body.ttl> dcterms:references edx:Tail .", {"Tail"}),
    "text-untidy": ("ontology/body.ttl", "edx:Tail " + A_CLASS % ("tail ", "End  of the trunk.") + " .", {"Tail"}),
    "values-not-told-apart": ("ontology/body.ttl", "edx:Tail a owl:NamedIndividual , edx:Certainty .", {"Tail", "Confirmed", "RuledOut", "Suspected"}),
}  # fmt: skip


@pytest.mark.parametrize("path", RULES, ids=rule_name)
def test_a_planted_violation_is_found_and_nothing_else(path: Path) -> None:
    place, text, entities = PLANTED[rule_name(path)]
    header = "".join(f"@prefix {prefix}: <{namespace}> . " for prefix, namespace in PREFIXES.items())
    parsed = ox.parse(input=header + text, format=ox.RdfFormat.TURTLE)
    graph = ox.NamedNode(FILE + place)
    planted = {ox.Quad(quad.subject, quad.predicate, quad.object, graph) for quad in parsed}
    new = {quad for quad in planted if quad not in everything()}
    everything().extend(new)
    try:
        found = violations(everything(), path)
    finally:
        for quad in new:
            everything().remove(quad)
    assert found, "the query does not see it"
    if entities:
        assert {row[0] for row in found} <= entities
