"""The ontology is as wide as the diagnosis list of source 001: every heading, disease and symptom has its term."""

import re

import pytest
from rdflib import RDF, RDFS, SKOS, URIRef
from rdflib.term import Node

from reasoner.terminology.ontology import hierarchy, load_ontology
from reasoner.terms import BASE, EDX

ONTOLOGY = load_ontology()

# Heading by heading in the document's order: its wording, our term.
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
    found = {*ONTOLOGY.objects(term, RDFS.label), *ONTOLOGY.objects(term, SKOS.altLabel)}
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
        assert (EDX[name], None, source) in ONTOLOGY
        if name != "MuscleLocalizationForInjection":
            assert EDX[heading] in hierarchy().ancestors(EDX[name]), name
            above = EDX.SymptomOrSign if heading == SYMPTOMS else EDX.Diagnosis
            assert above in hierarchy().ancestors(EDX[name]), name


def test_every_spine_purpose_of_the_policy_is_a_purpose() -> None:
    assert {str(p).removeprefix(EDX) for p in ONTOLOGY.subjects(RDF.type, EDX.Purpose)} >= SPINE_PURPOSES


def test_a_disease_of_the_list_is_a_named_disease_and_what_names_none_is_not() -> None:
    for (_, heading), items in POLICY_LIST.items():
        if heading not in {SYMPTOMS, "SpineDisorder", "MuscleLocalizationForInjection"}:
            for name in (heading, *items.values()):
                assert EDX.NamedDisease in hierarchy().ancestors(EDX[name]), name
    for name in (
        *("SpineDisorder", "StructuralSpineDisorder", "SpinalPain", "SymptomDiagnosis", "ScreeningEncounter"),
        *("PossibleCauseOfNeuropathy", "ConditionalDiagnosis", "SequelaDiagnosis", "WithoutLumbosacralRadiculopathy"),
        *("Hypothyroidism", "VitaminB12Deficiency", "ThiamineDeficiency", "ChronicKidneyDisease", "Amyloidosis"),
        *("PossibleNerveRootCompression", "PossibleRecurrentLaryngealNeuropathy", "PossibleDermatomyositis"),
        *("InitialEncounterDiagnosis", "SubsequentEncounterDiagnosis", "SequelaEncounterDiagnosis"),
    ):
        assert EDX.NamedDisease not in hierarchy().ancestors(EDX[name]), name


def test_pain_and_fatigue_alone_are_no_neuromuscular_findings() -> None:
    """Reading 2: pain alone leaves the criterion about signs and symptoms undetermined."""
    for name in ("Pain", "LimbPain", "LowBackPain", "RadicularPain", "NeuropathicPain", "Fatigue"):
        assert EDX.NeuromuscularFinding not in hierarchy().ancestors(EDX[name]), name
