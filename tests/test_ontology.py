"""The ontology: documented as the style asks, OWL 2 DL, free of contradiction, and as wide as the policy's lists."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, SH, SKOS, XSD, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from reasoner import pyshacl_engine
from reasoner.ontology import hierarchy
from reasoner.resources import data_folder, turtle_files
from reasoner.terms import BASE, EDX

MODULES = ("body", "diagnosis", "finding", "policy", "purpose", "record", "report", "request", "study")
HAND_WRITTEN = (*MODULES, "diagnosis-disease", "diagnosis-neuropathy", "edx")  # icd10cm.ttl is generated
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
    assert {path.name for path in turtle_files("ontology")} == {f"{name}.ttl" for name in (*HAND_WRITTEN, "icd10cm")}
    assert len(turtle_files("ontology")) == 13
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


def broken_rules(graph: Graph) -> set[tuple[str, str]]:
    """Name of the rule and of the term, for each result of the style shapes."""
    conforms, report = pyshacl_engine.validate(graph, STYLE_SHAPES)
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


def replace(predicate: URIRef, *values: Node, term: URIRef = EDX.Trunk) -> Callable[[Graph], None]:
    def spoil(graph: Graph) -> None:
        graph.remove((term, predicate, None))
        for value in values:
            graph.add((term, predicate, value))

    return spoil


def rename(old: URIRef, new: URIRef) -> Callable[[Graph], None]:
    def spoil(graph: Graph) -> None:
        for s, p, o in list(graph):
            graph.remove((s, p, o))
            graph.add((new if s == old else s, p, new if o == old else o))

    return spoil


def english(text: str) -> Literal:
    return Literal(text, lang="en")


BODY = URIRef(BASE + "ontology/body")
RECORD = URIRef(BASE + "ontology/record")  # no ontology in the sample, which is body.ttl alone
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
    "two modules": ("one-module", "Trunk", replace(RDFS.isDefinedBy, BODY, RECORD)),
    "a module as a string": ("one-module", "Trunk", replace(RDFS.isDefinedBy, Literal(BODY))),
    "a module that is not declared": ("one-module", "Trunk", replace(RDFS.isDefinedBy, RECORD)),
    "a module elsewhere": ("one-module", "Trunk", replace(RDFS.isDefinedBy, URIRef("https://example.org/body"))),
    "no source": ("sourced", "Trunk", replace(URIRef("http://purl.org/dc/terms/source"))),
    "a source in words": ("sourced", "Trunk", replace(URIRef("http://purl.org/dc/terms/source"), Literal("book"))),
    "a source elsewhere": ("sourced", "Trunk", replace(URIRef("http://purl.org/dc/terms/source"), BODY)),
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
def test_a_spoilt_term_breaks_the_rule(rule: str, term: str, spoil: Callable[[Graph], None]) -> None:
    graph = sample()
    spoil(graph)
    assert (rule, term) in broken_rules(graph)
    if rule != "one-kind":  # a term of all kinds cannot be named rightly
        assert {name for _, name in broken_rules(graph)} == {term}


def test_every_rule_of_style_has_a_spoilt_term() -> None:
    rules = {str(s).removeprefix(STYLE) for s in STYLE_SHAPES.subjects(SH.targetClass)}
    assert len(rules) == 10
    assert {rule for rule, _, _ in SPOILT.values()} == rules


def test_every_style_shape_says_what_it_asks() -> None:
    named = {s for s in STYLE_SHAPES.subjects(RDF.type) if isinstance(s, URIRef)}
    assert len(named) == 20
    for shape in named:
        for predicate in (SH.name, SH.message, SH.severity):
            assert len(list(STYLE_SHAPES.objects(shape, predicate))) == 1, (shape, predicate)


# What shapes cannot see


def test_no_two_terms_share_a_label_or_a_definition() -> None:
    for predicate in (RDFS.label, SKOS.definition):
        found = Counter(str(WRITTEN.value(term, predicate)).casefold() for term in ours(WRITTEN))
        assert [text for text, terms in found.items() if terms > 1] == []


def test_no_definition_uses_the_label_that_it_defines() -> None:
    circular = [
        term
        for term in ours(WRITTEN)
        if {OWL.Class, OWL.NamedIndividual} & set(WRITTEN.objects(term, RDF.type))
        and re.search(rf"\b{re.escape(str(WRITTEN.value(term, RDFS.label)))}\b", definition(term), re.IGNORECASE)
    ]
    assert circular == []


def definition(term: Node) -> str:
    return str(WRITTEN.value(term, SKOS.definition))


def test_a_definition_opens_with_the_class_above_where_there_is_one_alone() -> None:
    """Genus and differentia; the classes of codes named by a title or a side state theirs in full."""
    for term in ours(WRITTEN):
        above = [c for c in WRITTEN.objects(term, RDFS.subClassOf) if isinstance(c, URIRef)]
        if OWL.NamedIndividual in set(WRITTEN.objects(term, RDF.type)):
            above = [c for c in WRITTEN.objects(term, RDF.type) if c in ours(WRITTEN)]
        if above and EDX.WithoutRadiculopathy not in above:
            heads = [str(WRITTEN.value(c, RDFS.label)).split(" of a ")[0].casefold() for c in above]
            assert any(head_of(definition(term)).startswith(head) for head in heads), (term, definition(term))


def head_of(text: str) -> str:
    return text.casefold()


def test_only_owl_2_dl_is_used_where_that_can_be_read_off() -> None:
    """Each property of one kind and declared, datatypes of OWL 2's own map, no list behind an object property."""
    kinds = {t: KINDS & set(EVERYTHING.objects(t, RDF.type)) for t in set(EVERYTHING.subjects(RDF.type))}
    built_in = (str(RDF), str(RDFS), str(OWL), str(XSD))
    for s, p, o in EVERYTHING:
        assert p.startswith(built_in) or kinds.get(p, set()) & {OWL.AnnotationProperty}, (s, p, o)
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
                classes = [value] if union is None else list(Collection(EVERYTHING, union))
                assert all(OWL.Class in kinds[c] for c in classes), prop


# The policy's own list (source 001), heading by heading in its order: wording, term


POLICY_LIST: dict[tuple[str, str], dict[str, str]] = {
    ("motor neuron diseases", "MotorNeuronDisease"): {
        "amyotrophic lateral sclerosis": "AmyotrophicLateralSclerosis",
        "primary lateral sclerosis": "PrimaryLateralSclerosis",
        "progressive bulbar palsy": "ProgressiveBulbarPalsy",
        "progressive muscular atrophy": "ProgressiveMuscularAtrophy",
        "pseudobulbar palsy": "PseudobulbarPalsy",
    },
    ("myopathies, generalized", "Myopathy"): {
        "congenital myopathy": "CongenitalMyopathy",
        "dermatomyositis": "Dermatomyositis",
        "muscular dystrophies": "MuscularDystrophy",
        "myotonic myopathy": "MyotonicMyopathy",
        "polymyositis": "Polymyositis",
    },
    ("nerve root compression", "NerveRootCompression"): {
        "cervical nerve root compression": "CervicalNerveRootCompression",
        "lumbosacral nerve root compression": "LumbosacralNerveRootCompression",
        "thoracic nerve root compression": "ThoracicNerveRootCompression",
    },
    ("signs and symptoms of peripheral neuropathy and/or myopathy", "NeuromuscularFinding"): {
        "diplopia": "Diplopia",
        "dysarthria": "Dysarthria",
        "impaired bowel motility": "ImpairedBowelMotility",
        "fatigue/weakness that progresses with repetitive activity": "FatigableWeakness",
        "hyperreflexia": "Hyperreflexia",
        "loss of dexterity": "LossOfDexterity",
        "muscle atrophy": "MuscleAtrophy",
        "muscle fasciculation": "MuscleFasciculation",
        "muscle weakness": "MuscleWeakness",
        "myokymia": "Myokymia",
        "myotonia": "Myotonia",
        "ptosis": "Ptosis",
        "sensory deficits": "SensoryDeficit",
        "spasticity": "Spasticity",
        "swallowing dysfunction": "SwallowingDysfunction",
    },
    ("neuromuscular junction disorders", "NeuromuscularJunctionDisorder"): {
        "botulinum toxicity": "BotulinumToxicity",
        "Lambert-Eaton myasthenic syndrome": "LambertEatonMyasthenicSyndrome",
        "myasthenia gravis": "MyastheniaGravis",
        "myasthenic syndrome": "MyasthenicSyndrome",
    },
    ("neuropathies, compressive", "CompressiveNeuropathy"): {
        "carpal tunnel syndrome": "CarpalTunnelSyndrome",
        "cubital tunnel syndrome": "CubitalTunnelSyndrome",
        "other peripheral nerve entrapments": "OtherPeripheralNerveEntrapment",
        "peroneal nerve compression": "PeronealNerveCompression",
        "recurrent laryngeal neuropathy": "RecurrentLaryngealNeuropathy",
        "tarsal tunnel syndrome": "TarsalTunnelSyndrome",
        "thoracic outlet syndrome": "ThoracicOutletSyndrome",
        "ulnar nerve entrapment": "UlnarNerveEntrapment",
    },
    ("plexopathies", "Plexopathy"): {
        "brachial plexopathy": "BrachialPlexopathy",
        "cervical plexopathy": "CervicalPlexopathy",
        "lumbosacral plexopathy": "LumbosacralPlexopathy",
    },
    ("polyneuropathies, generalized and focal", "Polyneuropathy"): {
        "alcohol-related neuropathy": "AlcoholRelatedNeuropathy",
        "diabetic neuropathy": "DiabeticNeuropathy",
        "demyelinating polyneuropathies": "DemyelinatingPolyneuropathy",
        "Guillain-Barré syndrome": "GuillainBarreSyndrome",
        "chronic idiopathic demyelinating polyneuropathy": "ChronicIdiopathicDemyelinatingPolyneuropathy",
        "hereditary neuropathies": "HereditaryNeuropathy",
        "Charcot-Marie-Tooth disease": "CharcotMarieToothDisease",
        "other hereditary neuropathies": "OtherHereditaryNeuropathy",
        "idiopathic peripheral neuropathy": "IdiopathicPeripheralNeuropathy",
        "metabolic and nutritional": "MetabolicOrNutritionalNeuropathy",
        "amyloidosis": "AmyloidNeuropathy",
        "hypothyroidism": "HypothyroidNeuropathy",
        "immune": "ImmuneNeuropathy",
        "vitamin B12 deficiency": "VitaminB12DeficiencyNeuropathy",
        "thiamine deficiency": "ThiamineDeficiencyNeuropathy",
        "toxic neuropathy": "ToxicNeuropathy",
        "uremic neuropathy": "UremicNeuropathy",
    },
    ("precise muscle location for injections", "MuscleLocalizationForInjection"): {},
    ("radiculopathy", "Radiculopathy"): {
        "cervical radiculopathy": "CervicalRadiculopathy",
        "lumbosacral radiculopathy": "LumbosacralRadiculopathy",
        "thoracic radiculopathy": "ThoracicRadiculopathy",
    },
    ("spine disorders", "SpineDisorder"): {},  # four purposes, below
    ("traumatic nerve injuries", "TraumaticNerveInjury"): {},
}
SPINE_PURPOSES = {
    "DifferentiatingRadiculopathy",
    "RelatingImagingToPain",
    "ReconcilingPatternWithImaging",
    "DocumentingAxonalDamage",
}
SYMPTOMS = "NeuromuscularFinding"


def singular(wording: str) -> str:
    """The wording as a label has it: "myopathies, generalized" is a name of its own, "spine disorders" is a plural."""
    if "," in wording or wording.endswith("is"):
        return wording.casefold()
    return re.sub(r"(?<=[a-z])(?<!s)s$", "", re.sub(r"ies$", "y", wording)).casefold()


def names(term: Node) -> set[str]:
    found = {*WRITTEN.objects(term, RDFS.label), *WRITTEN.objects(term, SKOS.altLabel)}
    return {str(name).casefold() for name in found}


def test_the_policy_list_is_written_out_whole() -> None:
    assert len(POLICY_LIST) == 12
    counts = {heading: len(items) for (_, heading), items in POLICY_LIST.items()}
    assert counts.pop(SYMPTOMS) == 15
    assert sum(counts.values()) == 48
    assert counts["Polyneuropathy"] == 17


@pytest.mark.parametrize(("wording", "heading"), POLICY_LIST, ids=[heading for _, heading in POLICY_LIST])
def test_a_heading_of_the_policy_has_a_term_and_its_items_lie_below_it(wording: str, heading: str) -> None:
    source = URIRef(BASE + "source/bcbsnd-emg-ncs-2020-01-22")
    for text, name in {wording: heading, **POLICY_LIST[wording, heading]}.items():
        assert names(EDX[name]) & {text.casefold(), singular(text)}, name
        assert (EDX[name], None, source) in WRITTEN
        if name != "MuscleLocalizationForInjection":
            assert EDX[heading] in hierarchy().ancestors(EDX[name]), name
            above = EDX.SymptomOrSign if heading == SYMPTOMS else EDX.Diagnosis
            assert above in hierarchy().ancestors(EDX[name]), name


def test_every_spine_purpose_of_the_policy_is_a_purpose() -> None:
    assert SPINE_PURPOSES <= {str(p).removeprefix(EDX) for p in WRITTEN.subjects(RDF.type, EDX.Purpose)}


def test_a_disease_of_the_list_is_a_named_disease_and_what_names_none_is_not() -> None:
    for (_, heading), items in POLICY_LIST.items():
        if heading not in {SYMPTOMS, "SpineDisorder", "MuscleLocalizationForInjection"}:
            for name in (heading, *items.values()):
                assert EDX.NamedDisease in hierarchy().ancestors(EDX[name]), name
    for name in (
        *("SpineDisorder", "StructuralSpineDisorder", "SpinalPain", "SymptomDiagnosis", "ScreeningEncounter"),
        *("PossibleCauseOfNeuropathy", "ConditionalDiagnosis", "SequelaDiagnosis", "WithoutLumbosacralRadiculopathy"),
    ):
        assert EDX.NamedDisease not in hierarchy().ancestors(EDX[name]), name


def test_pain_and_fatigue_alone_are_no_neuromuscular_findings() -> None:
    """Reading 2: pain alone leaves the criterion about signs and symptoms undetermined."""
    for name in ("Pain", "LimbPain", "LowBackPain", "RadicularPain", "NeuropathicPain", "Fatigue"):
        assert EDX.NeuromuscularFinding not in hierarchy().ancestors(EDX[name]), name


def test_every_class_tree_ends_in_one_root_and_never_in_a_circle() -> None:
    for term in WRITTEN.subjects(RDF.type, OWL.Class):
        if isinstance(term, URIRef):
            above = hierarchy().ancestors(term) - {term}
            assert all(term not in hierarchy().ancestors(cls) for cls in above), term
            assert len([cls for cls in {term, *above} if not hierarchy().parents.get(cls)]) == 1, term
