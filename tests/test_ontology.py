"""The ontology: documented as the style asks, OWL 2 DL, free of contradiction, and as wide as the policy's lists."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from rdflib import DCTERMS, OWL, RDF, RDFS, SH, SKOS, XSD, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from reasoner.resources import data_folder, turtle_files
from reasoner.shacl import pyshacl_engine
from reasoner.terms import BASE, EDX

MODULES = (
    "body",
    "constraint",
    "diagnosis",
    "finding",
    "policy",
    "provenance",
    "purpose",
    "record",
    "report",
    "request",
    "study",
)
HAND_WRITTEN = (
    *MODULES,
    "diagnosis-code",
    "diagnosis-disease",
    "diagnosis-neuropathy",
    "edx",
)  # icd10cm.ttl and procedure.ttl are generated
STYLE = BASE + "shapes/ontology/"
KINDS = {OWL.AnnotationProperty, OWL.Class, OWL.DatatypeProperty, OWL.NamedIndividual, OWL.ObjectProperty}


def read(*paths: Path) -> Graph:
    graph = Graph(bind_namespaces="none")
    for path in paths:
        graph.parse(path)
    return graph


def ours(graph: Graph) -> set[URIRef]:
    return {s for s in graph.subjects(RDF.type) if isinstance(s, URIRef) and s.startswith(EDX)}


WRITTEN = read(*(data_folder("ontology") / f"{name}.ttl" for name in HAND_WRITTEN))
EVERYTHING = read(*turtle_files("ontology"))
STYLE_SHAPES = read(*turtle_files("shapes/ontology"))


# The files


def test_the_files_are_the_modules_the_header_and_the_generated_codes() -> None:
    assert {path.name for path in turtle_files("ontology")} == {
        f"{name}.ttl" for name in (*HAND_WRITTEN, "icd10cm", "procedure")
    }
    assert len(turtle_files("ontology")) == 17
    assert [path.name for path in turtle_files("shapes/ontology")] == ["style.ttl"]


@pytest.mark.parametrize("name", HAND_WRITTEN)
def test_a_file_is_short_enough_to_be_read(name: str) -> None:
    lines = (data_folder("ontology") / f"{name}.ttl").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 510


@pytest.mark.parametrize("name", HAND_WRITTEN)
def test_a_term_is_declared_in_the_file_of_its_module_and_described_once(name: str) -> None:
    text = (data_folder("ontology") / f"{name}.ttl").read_text(encoding="utf-8")
    terms = ours(read(data_folder("ontology") / f"{name}.ttl"))
    assert {str(WRITTEN.value(term, RDFS.isDefinedBy)) for term in terms} <= {f"{BASE}ontology/{name.split('-')[0]}"}
    blocks = Counter(re.findall(r"(?m)^edx:(\w+)$", text))
    assert blocks == {term.removeprefix(EDX): 1 for term in terms}


def test_no_term_is_declared_in_two_files() -> None:
    found = Counter(term for name in HAND_WRITTEN for term in ours(read(data_folder("ontology") / f"{name}.ttl")))
    assert {term for term, files in found.items() if files > 1} == set()
    assert len(found) == len(ours(WRITTEN)) > 350


def test_the_header_states_version_licence_and_that_no_clinician_has_reviewed_it() -> None:
    header = URIRef(BASE + "ontology")
    assert WRITTEN.value(header, OWL.versionIRI) == URIRef(BASE + "ontology/0.1.0")
    assert "Not clinically reviewed" in str(WRITTEN.value(header, RDFS.comment))
    assert (None, OWL.imports, None) not in EVERYTHING
    declared = set(WRITTEN.subjects(RDF.type, OWL.Ontology))
    assert declared == {header, *(URIRef(f"{BASE}ontology/{name}") for name in MODULES)}


# Style


def broken_rules(graph: Graph, shapes: Graph = STYLE_SHAPES) -> set[tuple[str, str]]:
    """Name of the rule and of the term, for each result of the style shapes."""
    conforms, report = pyshacl_engine.validate(graph, shapes)
    results = {
        (str(report.value(r, SH.sourceShape)).removeprefix(STYLE), str(report.value(r, SH.focusNode)).removeprefix(EDX))
        for r in report.subjects(RDF.type, SH.ValidationResult)
    }
    assert conforms == (not results)
    return results


def test_every_term_is_documented_as_the_style_asks() -> None:
    assert broken_rules(WRITTEN) == set()


def sample() -> Graph:
    return read(data_folder("ontology") / "body.ttl")


def replace(predicate: URIRef, *values: Node, term: URIRef = EDX.Trunk) -> Callable[[Graph], Graph]:
    def spoil(graph: Graph) -> Graph:
        graph.remove((term, predicate, None))
        for value in values:
            graph.add((term, predicate, value))
        return graph

    return spoil


def rename(old: URIRef, new: URIRef) -> Callable[[Graph], Graph]:
    def spoil(graph: Graph) -> Graph:
        for s, p, o in list(graph):
            graph.remove((s, p, o))
            graph.add((new if s == old else s, p, new if o == old else o))
        return graph

    return spoil


def english(text: str) -> Literal:
    return Literal(text, lang="en")


def modules(*declared: URIRef) -> Callable[[Graph], Graph]:
    def spoil(graph: Graph) -> Graph:
        for module in declared:
            graph.add((module, RDF.type, OWL.Ontology))
        return replace(RDFS.isDefinedBy, *declared)(graph)

    return spoil


BODY = URIRef(BASE + "ontology/body")
RECORD = URIRef(BASE + "ontology/record")  # not declared in the sample, which is body.ttl alone
SPOILT = {
    "no label": ("one-label", "Trunk", replace(RDFS.label)),
    "two labels": ("one-label", "Trunk", replace(RDFS.label, english("trunk"), english("torso"))),
    "a label without language": ("one-label", "Trunk", replace(RDFS.label, Literal("trunk"))),
    "a label in German": ("one-label", "Trunk", replace(RDFS.label, Literal("Rumpf", lang="de"))),
    "no definition": ("one-definition", "Trunk", replace(SKOS.definition)),
    "two definitions": ("one-definition", "Trunk", replace(SKOS.definition, english("One."), english("Two."))),
    "a definition without language": ("one-definition", "Trunk", replace(SKOS.definition, Literal("The rest."))),
    "a definition without a period": ("definition-is-a-sentence", "Trunk", replace(SKOS.definition, english("Rest"))),
    "two sentences": ("definition-is-a-sentence", "Trunk", replace(SKOS.definition, english("One. Two."))),
    "a definition in lower case": ("definition-is-a-sentence", "Trunk", replace(SKOS.definition, english("rest."))),
    "no module": ("one-module", "Trunk", replace(RDFS.isDefinedBy)),
    "two modules": ("one-module", "Trunk", modules(BODY, RECORD)),
    "a module as a string": ("one-module", "Trunk", replace(RDFS.isDefinedBy, Literal(BODY))),
    "a module that is not declared": ("one-module", "Trunk", replace(RDFS.isDefinedBy, RECORD)),
    "a module elsewhere": ("one-module", "Trunk", modules(URIRef("https://example.org/ontology/body"))),
    "no source": ("sourced", "Trunk", replace(DCTERMS.source)),
    "a source in words": ("sourced", "Trunk", replace(DCTERMS.source, Literal(BASE + "source/design"))),
    "a source elsewhere": ("sourced", "Trunk", replace(DCTERMS.source, BODY)),
    "the label again as another": ("other-labels", "Trunk", replace(SKOS.altLabel, english("trunk"))),
    "another label without language": ("other-labels", "Trunk", replace(SKOS.altLabel, Literal("torso"))),
    "a class that is a property": ("one-kind", "laterality", replace(RDF.type, *KINDS, term=EDX.laterality)),
    "an individual of no class": ("value-of-a-class", "Trunk", replace(RDF.type, OWL.NamedIndividual)),
    "an individual of two classes": (
        "value-of-a-class",
        "Trunk",
        replace(RDF.type, OWL.NamedIndividual, EDX.BodyRegion, EDX.Laterality),
    ),
    "a class in lower case": ("class-name", "spinalregion", rename(EDX.SpinalRegion, EDX.spinalregion)),
    "an individual with a hyphen": ("class-name", "Upper-Limb", rename(EDX.UpperLimb, EDX["Upper-Limb"])),
    "a property in upper case": ("property-name", "SpineRegion", rename(EDX.spinalRegion, EDX.SpineRegion)),
}


def test_the_sample_to_be_spoilt_is_sound() -> None:
    assert broken_rules(sample()) == set()


@pytest.mark.parametrize(("rule", "term", "spoil"), SPOILT.values(), ids=SPOILT)
def test_a_spoilt_term_breaks_the_rule(rule: str, term: str, spoil: Callable[[Graph], Graph]) -> None:
    found = broken_rules(spoil(sample()))
    assert (rule, term) in found
    if rule != "one-kind":  # a term of all kinds cannot be named rightly
        assert {name for _, name in found} == {term}


def test_every_rule_of_style_has_a_spoilt_term() -> None:
    rules = {str(s).removeprefix(STYLE) for s in STYLE_SHAPES.subjects(SH.targetClass)}
    assert len(rules) == 10
    assert {rule for rule, _, _ in SPOILT.values()} == rules


HARMLESS: dict[Node, Literal] = {
    SH.qualifiedMaxCount: Literal(99),
    SH.qualifiedMinCount: Literal(0),
}  # SHACL wants one of the two to stand
CONSTRAINTS = {
    *(SH["class"], SH.disjoint, SH.languageIn, SH.maxCount, SH.minCount, SH.nodeKind, SH.pattern),
    *HARMLESS,
}


def members(shapes: Graph, node: Node) -> set[Node]:
    """The shapes that a rule chooses between."""
    return set(Collection(shapes, choices)) if (choices := shapes.value(node, SH["or"])) is not None else set()


@pytest.mark.slow
def test_no_constraint_of_the_style_shapes_can_be_dropped_unseen() -> None:
    checked = 0
    for rule in set(STYLE_SHAPES.subjects(SH.targetClass)):
        name = str(rule).removeprefix(STYLE)
        spoilt = [case for case in SPOILT.values() if case[0] == name]
        for member in members(STYLE_SHAPES, rule) - {URIRef(STYLE + "not-ours")}:
            for predicate in set(STYLE_SHAPES.predicates(member)) & CONSTRAINTS:
                weaker = Graph() + STYLE_SHAPES
                weaker.remove((member, predicate, None))
                if predicate in HARMLESS:
                    weaker.add((member, predicate, HARMLESS[predicate]))
                assert any((name, term) not in broken_rules(spoil(sample()), weaker) for _, term, spoil in spoilt), (
                    f"{name} without {predicate} finds the same"
                )
                checked += 1
    assert checked == 21


def test_every_style_shape_says_what_it_asks() -> None:
    named = {s for s in STYLE_SHAPES.subjects(RDF.type) if isinstance(s, URIRef)}
    assert len(named) == 20
    for shape in named:
        for predicate in (SH.name, SH.message, SH.severity):
            assert len(list(STYLE_SHAPES.objects(shape, predicate))) == 1, (shape, predicate)


# What shapes cannot see, and queries neither (tests/hygiene)


def test_only_owl_2_dl_is_used_where_that_can_be_read_off() -> None:
    """Each property of one kind and declared, datatypes of OWL 2's own map, no list behind an object property."""
    kinds = {t: KINDS & set(EVERYTHING.objects(t, RDF.type)) for t in set(EVERYTHING.subjects(RDF.type))}
    built_in = (str(RDF), str(RDFS), str(OWL), str(XSD))
    for s, p, o in EVERYTHING:
        assert str(p).startswith(built_in) or kinds.get(p, set()) & {OWL.AnnotationProperty}, (s, p, o)
    for term, found in kinds.items():
        if isinstance(term, URIRef):
            assert len(found) == 1 or (term, RDF.type, OWL.Ontology) in EVERYTHING, term
    known = {RDFS.Literal, XSD.string, XSD.boolean, XSD.integer}
    for prop in EVERYTHING.subjects(RDF.type, OWL.DatatypeProperty):
        for value in EVERYTHING.objects(prop, RDFS.range):
            base = EVERYTHING.value(value, OWL.onDatatype) if isinstance(value, BNode) else value
            assert base in known, prop
    for prop in EVERYTHING.subjects(RDF.type, OWL.ObjectProperty):
        for predicate in (RDFS.domain, RDFS.range):
            for value in EVERYTHING.objects(prop, predicate):
                union = EVERYTHING.value(value, OWL.unionOf)
                classes: list[Node] = [value] if union is None else list(Collection(EVERYTHING, union))
                assert all(OWL.Class in kinds[c] for c in classes), prop
