"""Where codes stand in the ontology; expectations come from the policies and from what the tabular list says."""

import gzip
import os
import subprocess
import sys
from datetime import date
from itertools import groupby
from pathlib import Path

import pytest
from rdflib import OWL

from reasoner.ontology import declared_terms, hierarchy, labels
from reasoner.resources import data_folder
from reasoner.terminology import children, icd10cm, icd10cm_release, procedure
from reasoner.terminology_build import RELEASE, Placement, TabularList, carried, read_mapping, side
from reasoner.terms import EDX, ICD10CM

MAPPING = read_mapping(data_folder("ontology") / "mappings" / "icd10cm.tsv")
CODES = [
    line.split("\t")
    for line in gzip.decompress((data_folder("ontology") / "icd10cm_codes.tsv.gz").read_bytes()).decode().splitlines()
    if not line.startswith("#")
]
BY_CATEGORY = {name: [code for code, *_ in found] for name, found in groupby(CODES, key=lambda line: line[0][:3])}
PLACED = sorted(str(term).removeprefix(str(ICD10CM)) for term in declared_terms() if term.startswith(ICD10CM))
SIDES = {"RightSidedDiagnosis", "LeftSidedDiagnosis", "BilateralDiagnosis"}

# Diseases of the policies' lists that no code names alone: the code is shared, is one half of a pair, or is residual.
WITHOUT_A_CODE_OF_THEIR_OWN = {
    "CubitalTunnelSyndrome",
    "ThoracicOutletSyndrome",
    "CervicalPlexopathy",
    "PseudobulbarPalsy",
    "HypothyroidNeuropathy",
    "VitaminB12DeficiencyNeuropathy",
    "UremicNeuropathy",
}


def classes(code: str) -> set[str]:
    """Names of the ontology's classes above a code."""
    return {str(cls).removeprefix(str(EDX)) for cls in hierarchy().ancestors(ICD10CM[code]) if str(cls).startswith(EDX)}


def below(row: Placement) -> list[str]:
    """Codes that a row speaks of, found by their spelling alone: a code begins with every code above it."""
    found = [code for code in BY_CATEGORY[row.root[:3]] if code.startswith(row.root)]
    return [code for code in found if not (row.excluded_roots and code.startswith(row.excluded_roots))]


# Trap 1: "without radiculopathy" is only a title.


@pytest.mark.parametrize(
    ("region", "codes"),
    [
        ("Cervical", ["M47.811", "M47.812", "M47.813"]),
        ("Thoracic", ["M47.814", "M47.815"]),
        ("Lumbosacral", ["M47.816", "M47.817", "M47.818"]),
    ],
)
def test_spondylosis_without_radiculopathy_denies_radiculopathy_of_its_region_alone(
    region: str, codes: list[str]
) -> None:
    for code in codes:
        denied = {cls for cls in classes(code) if cls.startswith("Without")}
        assert denied == {"WithoutRadiculopathy", f"Without{region}Radiculopathy"}, code


def test_spondylosis_without_radiculopathy_is_a_structural_spine_disorder_and_no_named_disease() -> None:
    for code in ("M47.81", *(found.code for found in children("M47.81"))):
        assert "StructuralSpineDisorder" in classes(code)
        assert classes(code).isdisjoint({"NamedDisease", "Radiculopathy", "NerveRootCompression"})


def test_spondylosis_without_radiculopathy_at_an_unspecified_site_denies_no_region() -> None:
    assert not {cls for cls in classes("M47.819") if cls.startswith("Without")}


def test_spondylosis_with_radiculopathy_is_radiculopathy_and_root_compression_of_its_region() -> None:
    assert {"LumbosacralRadiculopathy", "LumbosacralNerveRootCompression"} <= classes("M47.26")


def test_low_back_pain_denies_no_radiculopathy() -> None:
    assert "WithoutRadiculopathy" not in classes("M54.50")


# Trap 2: "lower extremity pain" of a degenerated disc is referred pain.


@pytest.mark.parametrize("code", ["M51.361", "M51.362", "M51.371", "M51.372"])
def test_disc_degeneration_with_leg_pain_is_no_radiculopathy(code: str) -> None:
    assert "StructuralSpineDisorder" in classes(code)
    assert classes(code).isdisjoint({"NamedDisease", "Radiculopathy", "NerveRootCompression"})


# Trap 3: stray roots.


@pytest.mark.parametrize("code", ["M33.03", "M33.13", "M33.93"])
def test_dermatomyositis_without_myopathy_counts_only_with_findings(code: str) -> None:
    assert classes(code) == {"Diagnosis", "ConditionalDiagnosis"}


@pytest.mark.parametrize(
    ("code", "disease"),
    [
        ("M36.0", "Dermatomyositis"),
        ("G73.1", "LambertEatonMyasthenicSyndrome"),
        ("A05.1", "BotulinumToxicity"),
        ("A48.51", "BotulinumToxicity"),
        ("A48.52", "BotulinumToxicity"),
    ],
)
def test_a_disease_is_found_outside_its_own_block(code: str, disease: str) -> None:
    assert disease in classes(code)


# Trap 4: progressive muscular atrophy and pseudobulbar palsy.


def test_progressive_muscular_atrophy_is_the_code_of_that_title_and_not_the_one_a_stale_note_names() -> None:
    assert "ProgressiveMuscularAtrophy" in classes("G12.25")
    assert "ProgressiveMuscularAtrophy" not in classes("G12.21")


def test_pseudobulbar_palsy_is_a_motor_neuron_disease_and_pseudobulbar_affect_is_not() -> None:
    assert "MotorNeuronDisease" in classes("G12.29")
    assert "MotorNeuronDisease" not in classes("F48.2")


# Trap 5: one code, two items of a policy.


@pytest.mark.parametrize(
    ("code", "common", "undecided"),
    [
        ("G56.21", "UlnarNerveEntrapment", {"CubitalTunnelSyndrome"}),
        ("G54.0", "BrachialPlexopathy", {"ThoracicOutletSyndrome", "PeripheralNerveEntrapment"}),
        ("G54.2", "CervicalRadiculopathy", {"CervicalPlexopathy", "NerveRootCompression"}),
        ("G60.9", "Polyneuropathy", {"HereditaryNeuropathy", "IdiopathicPeripheralNeuropathy"}),
        ("G60.8", "Polyneuropathy", {"HereditaryNeuropathy", "IdiopathicPeripheralNeuropathy"}),
        ("M33.90", "Myopathy", {"Dermatomyositis", "Polymyositis"}),
    ],
)
def test_a_code_of_two_items_stands_under_what_every_bearer_has(code: str, common: str, undecided: set[str]) -> None:
    assert common in classes(code)
    assert classes(code).isdisjoint(undecided)


def test_abnormal_reflex_is_only_a_symptom() -> None:
    assert classes("R29.2") == {"Diagnosis", "SymptomDiagnosis"}


@pytest.mark.parametrize("code", ["G54.8", "G54.9", "G55"])
def test_root_or_plexus_unsaid_opens_no_category(code: str) -> None:
    assert classes(code) == {"Diagnosis", "ConditionalDiagnosis"}


# Trap 6: pairs of cause and manifestation.


@pytest.mark.parametrize("code", ["E03.9", "E53.8", "D51.0", "D51.3", "N18.6", "N18.9", "E85.4", "E85.81", "E51.9"])
def test_a_cause_alone_opens_nothing(code: str) -> None:
    assert classes(code) == {"Diagnosis", "PossibleCauseOfNeuropathy"}


def test_the_manifestation_half_is_a_polyneuropathy_of_no_stated_cause() -> None:
    assert classes("G63") == {"Diagnosis", "NamedDisease", "Polyneuropathy"}


@pytest.mark.parametrize(
    ("code", "disease"),
    [("E85.1", "AmyloidNeuropathy"), ("E51.11", "ThiamineDeficiencyNeuropathy"), ("E11.42", "DiabeticNeuropathy")],
)
def test_a_combination_code_needs_no_partner(code: str, disease: str) -> None:
    assert disease in classes(code)


@pytest.mark.parametrize("code", ["E85.0", "E11.43"])
def test_a_code_whose_title_denies_a_somatic_neuropathy_is_not_placed(code: str) -> None:
    assert code not in PLACED


# Trap 7: findings, not codes.


def test_no_code_is_a_finding() -> None:
    assert not [code for code in PLACED if "Finding" in classes(code)]


@pytest.mark.parametrize("code", ["M62.81", "R53.1", "R53.83"])
def test_no_code_of_weakness_or_fatigue_says_more_than_a_symptom(code: str) -> None:
    assert classes(code) == {"Diagnosis", "SymptomDiagnosis"}


def test_vocal_fold_paralysis_is_the_laryngeal_item_whatever_its_duration() -> None:
    assert all("RecurrentLaryngealNeuropathy" in classes(found.code) for found in children("J38.0"))
    assert classes("G52.2") == {"Diagnosis", "ConditionalDiagnosis"}


# Trap 8: pain.


def test_leg_pain_is_a_symptom_and_low_back_pain_is_pain_of_the_spine() -> None:
    assert classes("M79.604") - SIDES == {"Diagnosis", "SymptomDiagnosis"}
    assert classes("M54.50") == {"Diagnosis", "SpineDisorder", "SpinalPain"}


# Trap 9: sides and seventh characters.


def test_carpal_tunnel_syndrome_carries_its_side() -> None:
    sides = {code: classes(code) & SIDES for code in ("G56.00", "G56.01", "G56.02", "G56.03")}
    assert sides == {
        "G56.00": set(),
        "G56.01": {"RightSidedDiagnosis"},
        "G56.02": {"LeftSidedDiagnosis"},
        "G56.03": {"BilateralDiagnosis"},
    }
    assert all("CarpalTunnelSyndrome" in classes(code) for code in sides)


@pytest.mark.parametrize("code", ["S54.01XA", "S54.01XD", "S54.01XS"])
def test_every_encounter_of_a_nerve_injury_is_a_traumatic_nerve_injury(code: str) -> None:
    assert "TraumaticNerveInjury" in classes(code)


@pytest.mark.parametrize("code", ["S14.101A", "S24.4XXA", "S04.011A", "S34.0"])
def test_injury_of_cord_sympathetic_or_optic_nerve_is_not_placed(code: str) -> None:
    assert icd10cm(code)
    assert code not in PLACED


def test_the_side_of_the_joint_is_not_the_side_of_the_neuropathy() -> None:
    assert side("Rheumatoid polyneuropathy with rheumatoid arthritis of right shoulder") is None


# Regions of the spine: radiculopathy, and root compression where a cause that compresses is stated.


@pytest.mark.parametrize(
    ("region", "radiculopathy", "compression"),
    [
        ("Cervical", ["M54.11", "M54.12", "M54.13"], ["M50.10", "M50.120", "M50.13", "M47.21", "M47.22", "M47.23"]),
        ("Thoracic", ["M54.14", "M54.15"], ["M51.14", "M51.15", "M47.24", "M47.25"]),
        ("Lumbosacral", ["M54.16", "M54.17", "M54.18"], ["M51.16", "M51.17", "M47.26", "M47.27", "M47.28"]),
    ],
)
def test_roots_stand_under_their_region_and_no_other(
    region: str, radiculopathy: list[str], compression: list[str]
) -> None:
    plain = {"Diagnosis", "NamedDisease", "Radiculopathy", f"{region}Radiculopathy"}
    for code in radiculopathy:
        assert classes(code) == plain, code
    for code in compression:
        assert classes(code) == plain | {"NerveRootCompression", f"{region}NerveRootCompression"}, code


def test_radiculopathy_of_an_unspecified_site_has_no_region() -> None:
    assert classes("M54.10") == {"Diagnosis", "NamedDisease", "Radiculopathy"}
    assert classes("M47.20") == {"Diagnosis", "NamedDisease", "Radiculopathy", "NerveRootCompression"}


@pytest.mark.parametrize("code", ["M99.61", "M99.73", "M48.062"])
def test_narrowing_that_may_compress_a_root_is_conditional(code: str) -> None:
    assert classes(code) == {"Diagnosis", "SpineDisorder", "ConditionalDiagnosis"}


# The table as a whole.


def test_the_table_of_codes_is_the_whole_release() -> None:
    assert icd10cm_release().startswith(RELEASE)
    assert sum(billable == "1" for _, billable, _ in CODES) == 74_719
    assert not [code for code, *_ in CODES if "-" in code]


def test_one_mapping_table_is_found() -> None:
    assert [path.name for path in (data_folder("ontology") / "mappings").glob("icd10cm*.tsv")] == ["icd10cm.tsv"]


def test_every_code_of_the_mapping_exists() -> None:
    named = {code for row in MAPPING for code in (row.root, *row.excluded_roots)}
    assert len(named) > 300
    assert not {code for code in named if icd10cm(code) is None}


def test_no_row_of_the_mapping_is_said_twice() -> None:
    pairs = [(row.root, row.edx_class) for row in MAPPING]
    assert len(pairs) == len(set(pairs))


def test_the_mapping_keeps_to_its_words() -> None:
    assert {row.role for row in MAPPING} == {
        *("direct", "manifestation", "conditional", "etiology", "supporting", "sequela", "symptom", "negative")
    }
    assert {row.confidence for row in MAPPING} == {"high", "medium", "low"}
    matches = {f"skos:{kind}Match" for kind in ("exact", "close", "narrow", "related")}
    assert {row.predicate for row in MAPPING if row.edx_class} == matches
    assert {row.role for row in MAPPING if not row.edx_class} == {"negative"}


def test_every_class_of_the_mapping_is_declared() -> None:
    named = {EDX[row.edx_class.removeprefix("edx:")] for row in MAPPING if row.edx_class}
    assert not {cls for cls in named if OWL.Class not in declared_terms().get(cls, ())}


@pytest.mark.parametrize("role", ["conditional", "etiology", "supporting", "sequela", "symptom"])
def test_no_code_that_names_no_disease_stands_below_one(role: str) -> None:
    codes = [code for row in MAPPING if row.role == role for code in below(row)]
    assert codes
    assert not [code for code in codes if "NamedDisease" in classes(code)]


def test_a_negative_names_no_disease_of_a_policy() -> None:
    codes = [code for row in MAPPING if row.role == "negative" for code in below(row)]
    assert codes
    diseases = {code: classes(code) - {"Diagnosis", "NamedDisease", "OtherDisease"} for code in codes}
    assert not {code for code, found in diseases.items() if "NamedDisease" in classes(code) and found - SIDES}


def test_other_disease_shares_no_code_with_a_disease_of_a_policy() -> None:
    other = [code for code in PLACED if "OtherDisease" in classes(code)]
    assert {"F48.2", "G23.1", "G43", "G93.32", "M62.84", "M79.7"} <= set(other)
    assert all(classes(code) - SIDES == {"Diagnosis", "NamedDisease", "OtherDisease"} for code in other)


def test_every_billable_code_stands_exactly_where_the_rows_put_it() -> None:
    expected: dict[str, set[str]] = {}
    for row in MAPPING:
        if row.edx_class:
            reached = {str(cls).removeprefix(str(EDX)) for cls in hierarchy().ancestors(EDX[row.edx_class[4:]])}
            for code in below(row):
                expected.setdefault(code, set()).update(reached)
    billable = {code for code, mark, _ in CODES if mark == "1"}
    assert {code: classes(code) - SIDES for code in PLACED if code in billable} == {
        code: found for code, found in expected.items() if code in billable
    }


def test_a_placed_code_bears_the_title_of_the_release() -> None:
    titles = {code: title for code, _, title in CODES}
    assert len(PLACED) > 2_000
    assert {code: labels()[ICD10CM[code]] for code in PLACED} == {code: titles[code] for code in PLACED}


def test_chapter_18_is_symptoms_throughout() -> None:
    chapter = [code for code, *_ in CODES if code.startswith("R")]
    assert len(chapter) > 900
    assert not [code for code in chapter if classes(code) - SIDES != {"Diagnosis", "SymptomDiagnosis"}]


def test_every_disease_of_the_ontology_has_a_code_or_is_known_to_have_none() -> None:
    coded = set().union(*(classes(code) for code in PLACED))
    diseases = {
        str(cls).removeprefix(str(EDX)) for cls in hierarchy().descendants(EDX.NamedDisease) if str(cls).startswith(EDX)
    }
    assert diseases - coded == WITHOUT_A_CODE_OF_THEIR_OWN


def test_no_code_has_two_sides() -> None:
    assert not [code for code in PLACED if len(classes(code) & SIDES) > 1]


# Building.

TOY = TabularList(
    titles={"A": "all", "A.0": "in", "A.1": "mixed", "A.10": "in", "A.11": "out"},
    parents={"A.0": "A", "A.1": "A", "A.10": "A.1", "A.11": "A.1"},
)


def test_a_class_goes_to_the_largest_subtrees_that_avoid_what_is_excluded() -> None:
    row = Placement("A", ("A.11",), "edx:X", "direct", "skos:narrowMatch", "high", "")
    assert carried([row], TOY) == {
        "A": frozenset(),
        "A.0": frozenset({"edx:X"}),
        "A.1": frozenset(),
        "A.10": frozenset({"edx:X"}),
    }


@pytest.mark.parametrize(("root", "excluded"), [("B", ()), ("A.0", ("A.11",))])
def test_a_row_about_a_code_that_is_not_there_is_refused(root: str, excluded: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=root):
        carried([Placement(root, excluded, "edx:X", "direct", "skos:narrowMatch", "high", "")], TOY)


@pytest.mark.parametrize("text", ["code\tclass\n", "# c\n{header}\nA\tB\n"])
def test_a_mapping_with_other_columns_is_refused(text: str, tmp_path: Path) -> None:
    header = "root\texcluded_roots\tedx_class\trole\tpredicate\tconfidence\tnote"
    path = tmp_path / "mapping.tsv"
    path.write_text(text.format(header=header), "utf-8")
    with pytest.raises(ValueError, match=r"mapping\.tsv"):
        read_mapping(path)


@pytest.mark.slow
def test_building_again_gives_what_is_shipped_whatever_the_hash_seed(tmp_path: Path) -> None:
    for seed in ("1", "2"):
        folder = tmp_path / seed
        folder.mkdir()
        subprocess.run(
            [sys.executable, "-m", "reasoner.terminology_build", str(folder)],
            check=True,
            capture_output=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        )
    shipped = data_folder("ontology")
    for name in ("icd10cm.ttl", "icd10cm_codes.tsv.gz"):
        first, second = ((tmp_path / seed / name).read_bytes() for seed in ("1", "2"))
        assert first == second
        if name.endswith(".gz"):  # another compression library may pack the same text otherwise
            assert gzip.decompress(first) == gzip.decompress((shipped / name).read_bytes())
        else:
            assert first == (shipped / name).read_bytes()


# Looking codes up.


def test_a_diagnosis_code_is_found_as_it_is_written() -> None:
    found = icd10cm("M54.16")
    assert found is not None
    assert (found.code, found.title, found.billable) == ("M54.16", "Radiculopathy, lumbar region", True)


@pytest.mark.parametrize("code", ["", "M54.199", "M5416", "m54.16", "M54.", "M40-M54", "13", "#", "M54.16\t1"])
def test_what_is_no_code_is_not_found(code: str) -> None:
    assert icd10cm(code) is None
    assert children(code) == ()


def test_a_category_offers_the_billable_codes_below_it() -> None:
    assert [found.code for found in children("M54.5")] == ["M54.50", "M54.51", "M54.59"]
    assert all(found.billable for found in children("S04.3"))
    assert len(children("S04.3")) == 9
    assert children("M54.16") == ()


def test_seventh_characters_are_codes() -> None:
    found = icd10cm("T45.1X5A")
    assert found is not None
    assert found.billable


# Procedure codes.


def test_the_nerve_conduction_codes_divide_all_counts_between_them() -> None:
    found = [procedure(str(number)) for number in range(95907, 95914)]
    spans = [(code.minimum, code.maximum) for code in found if code]
    assert spans == [(1, 2), (3, 4), (5, 6), (7, 8), (9, 10), (11, 12), (13, None)]


@pytest.mark.parametrize("number", ["95900", "95903", "95904", "95934", "95936"])
def test_the_codes_per_nerve_went_out_of_use_with_2013(number: str) -> None:
    code = procedure(number)
    assert code is not None
    assert code.in_use(date(2012, 12, 31))
    assert not code.in_use(date(2013, 1, 1))


@pytest.mark.parametrize(
    ("number", "study"),
    [
        ("95886", "NeedleElectromyography"),
        ("95865", "LaryngealElectromyography"),
        ("95905", "AutomatedNerveConductionStudy"),
        ("95910", "NerveConductionStudy"),
        ("95937", "NeuromuscularJunctionTesting"),
        ("S3900", "SurfaceElectromyography"),
        ("0110T", "QuantitativeSensoryTesting"),
    ],
)
def test_a_procedure_code_stands_for_its_kind_of_study(number: str, study: str) -> None:
    code = procedure(number)
    assert code is not None
    assert code.study_class == EDX[study]
    assert EDX.ElectrodiagnosticStudy in hierarchy().ancestors(EDX[study])


def test_guidance_by_stimulation_is_no_study() -> None:
    code = procedure("95873")
    assert code is not None
    assert code.study_class is None


def test_a_code_that_was_not_confirmed_says_so() -> None:
    code = procedure("0106T")
    assert code is not None
    assert not code.verified


def test_an_unknown_procedure_code_is_not_found() -> None:
    assert procedure("99213") is None
    assert procedure("code") is None
