"""Where codes stand in the ontology, and what is known of one; expectations come from the policies and from what the tabular list says."""

import gzip
from datetime import date
from itertools import groupby

import pytest

from reasoner.resources import data_folder
from reasoner.terminology.class_files import side
from reasoner.terminology.codes import children, excludes1, excludes1_between, icd10cm, icd10cm_release, known_days
from reasoner.terminology.mappings import Mapping, read_mapping_set
from reasoner.terminology.ontology import declared_terms, hierarchy, labels
from reasoner.terms import EDX, ICD10CM

MAPPING = [row for row in read_mapping_set("icd10cm").mappings if row.code is not None]


def packed_lines(name: str) -> list[str]:
    text = gzip.decompress((data_folder("ontology") / name).read_bytes()).decode()
    return [line for line in text.splitlines() if not line.startswith("#")]


CODES = [line.split("\t") for line in packed_lines("icd10cm_codes.tsv.gz")]
YEARS = (data_folder("ontology") / "icd10cm_years.tsv").read_text("utf-8")
BY_CATEGORY = {name: [code for code, *_ in found] for name, found in groupby(CODES, key=lambda line: line[0][:3])}
PLACED = sorted(str(term).removeprefix(str(ICD10CM)) for term in declared_terms() if term.startswith(ICD10CM))
SIDES = {"RightSidedDiagnosis", "LeftSidedDiagnosis", "BilateralDiagnosis"}
ENCOUNTERS = {f"{name}EncounterDiagnosis" for name in ("Initial", "Subsequent", "Sequela")}

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


def below(row: Mapping) -> list[str]:
    """Codes that a row speaks of, found by their spelling alone: a code begins with every code above it."""
    assert row.code is not None
    found = [code for code in BY_CATEGORY[row.code[:3]] if code.startswith(row.code)]
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
    assert classes(code) == {"Diagnosis", "ConditionalDiagnosis", "PossibleDermatomyositis"}


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


@pytest.mark.parametrize("code", ["G54.2", "G54.8", "G54.9", "G55"])
def test_root_or_plexus_unsaid_opens_no_category(code: str) -> None:
    assert classes(code) - {"PossibleNerveRootCompression"} == {"Diagnosis", "ConditionalDiagnosis"}


# Trap 6: pairs of cause and manifestation.


@pytest.mark.parametrize(
    ("cause", "codes"),
    [
        ("Hypothyroidism", ["E02", "E03.9"]),
        ("VitaminB12Deficiency", ["E53.8", "D51.0", "D51.3"]),
        ("ChronicKidneyDisease", ["N18.6", "N18.9"]),
        ("Amyloidosis", ["E85.4", "E85.81"]),
        ("ThiamineDeficiency", ["E51.9"]),
    ],
)
def test_a_cause_alone_opens_nothing(cause: str, codes: list[str]) -> None:
    for code in codes:
        assert classes(code) == {"Diagnosis", "PossibleCauseOfNeuropathy", cause}, code


def test_the_manifestation_half_is_a_polyneuropathy_of_no_stated_cause() -> None:
    assert classes("G63") == {"Diagnosis", "NamedDisease", "Polyneuropathy", "ManifestationPolyneuropathy"}


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
    assert classes("G52.2") == {"Diagnosis", "ConditionalDiagnosis", "PossibleRecurrentLaryngealNeuropathy"}


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


@pytest.mark.parametrize(
    ("code", "encounter"), [("S54.01XA", "Initial"), ("S54.01XD", "Subsequent"), ("S54.01XS", "Sequela")]
)
def test_every_encounter_of_a_nerve_injury_is_a_traumatic_nerve_injury(code: str, encounter: str) -> None:
    assert classes(code) & ENCOUNTERS == {f"{encounter}EncounterDiagnosis"}
    assert "TraumaticNerveInjury" in classes(code)


def test_a_code_of_injury_tells_its_encounter_and_no_other_code_does() -> None:
    injuries = {code for code in PLACED if code[0] in "ST" and len(code) == 8}
    assert len(injuries) > 400
    assert {code for code in PLACED if classes(code) & ENCOUNTERS} == injuries
    assert all(len(classes(code) & ENCOUNTERS) == 1 for code in injuries)


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


@pytest.mark.parametrize(
    ("code", "region"), [("M99.61", "Cervical"), ("M99.73", "Lumbosacral"), ("M48.062", "Lumbosacral")]
)
def test_narrowing_that_may_compress_a_root_is_conditional(code: str, region: str) -> None:
    possible = {"PossibleNerveRootCompression", f"Possible{region}NerveRootCompression"}
    assert classes(code) == {"Diagnosis", "SpineDisorder", "ConditionalDiagnosis", *possible}


# The table as a whole.


def test_the_table_of_codes_is_the_whole_release() -> None:
    assert icd10cm_release() == "ICD-10-CM FY2026, release of 2026-04-01, as simple-icd-10-cm 1.5.0 carries it"
    assert sum(billable == "1" for _, billable, _ in CODES) == 74_719
    assert not [code for code, *_ in CODES if "-" in code]


@pytest.mark.parametrize("role", ["conditional", "etiology", "supporting", "sequela", "symptom"])
def test_a_row_by_which_a_code_names_no_disease_places_it_below_none(role: str) -> None:
    rows = [row for row in MAPPING if row.role == role]
    assert rows
    assert not [row for row in rows if row.edx_class and EDX.NamedDisease in hierarchy().ancestors(row.edx_class)]


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
            reached = {str(cls).removeprefix(str(EDX)) for cls in hierarchy().ancestors(row.edx_class)}
            for code in below(row):
                expected.setdefault(code, set()).update(reached)
    billable = {code for code, mark, _ in CODES if mark == "1"}
    assert {code: classes(code) - SIDES - ENCOUNTERS for code in PLACED if code in billable} == {
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


# In force. A fiscal year runs from 1 October to 30 September.


def on(code: str, day: str) -> bool | None:
    found = icd10cm(code)
    assert found is not None
    return found.in_force(date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2021-01-01", "2023-05-05", "2025-09-30", "2026-09-30", "2026-10-01", "2027-03-31"])
def test_a_code_that_no_year_changed_is_in_force_in_all_of_them(day: str) -> None:
    assert on("M54.16", day) is True


@pytest.mark.parametrize("day", ["2020-12-31", "2027-04-01"])
def test_outside_of_the_known_years_nothing_is_said(day: str) -> None:
    assert on("M54.16", day) is None


def test_a_deleted_code_is_known_with_its_last_day() -> None:
    """The contusion of the abdominal wall was told apart by place with the year that began in October 2025."""
    found = icd10cm("S30.1XXA")
    assert found is not None
    assert (found.title, found.billable) == ("Contusion of abdominal wall, initial encounter", True)
    assert on("S30.1XXA", "2025-09-30") is True
    assert on("S30.1XXA", "2025-10-01") is False
    assert on("S30.1XXA", "2026-12-31") is False, "a code that was deleted stays so"
    assert found.last_day == date(2025, 9, 30)


def test_a_code_of_the_shipped_release_that_the_year_before_lacks_has_a_first_day() -> None:
    """Multiple sclerosis was divided by its course in October 2025."""
    found = icd10cm("G35.A")
    assert found is not None
    assert on("G35.A", "2025-09-30") is False
    assert on("G35.A", "2025-10-01") is True
    assert found.first_day == date(2025, 10, 1)


def test_of_a_year_without_its_list_only_the_mapped_codes_are_known_to_go_on() -> None:
    """The changes of October 2026 delete no mapped code; of others, and of what they add, nothing is known here."""
    assert on("G56.01", "2026-10-01") is True
    assert on("A00.0", "2026-10-01") is None
    assert on("A00.0", "2026-09-30") is True
    assert icd10cm("I49.81") is None, "it came in October 2026"


def test_leg_pain_with_disc_degeneration_came_between_two_known_years() -> None:
    """M51.361 is of October 2024; from 2021 to there no release is known here, so that those years are left open."""
    assert on("M51.361", "2021-06-01") is False
    assert on("M51.361", "2023-06-01") is None
    assert on("M51.361", "2024-10-01") is True


def test_a_code_can_become_a_heading() -> None:
    """Multiple sclerosis: G35 was billable until September 2025 and has G35.A and others below it since."""
    found = icd10cm("G35")
    assert found is not None
    assert not found.billable
    assert [found.billable_on(day) for day in (date(2025, 9, 30), date(2025, 10, 1))] == [True, False]
    assert found.in_force(date(2025, 10, 1)) is True


def test_each_fiscal_year_has_as_many_billable_codes_as_its_publishers_count() -> None:
    """Announced: 72,621 in January 2021, 74,260 for 2025, 74,719 for 2026."""
    rows = [line.split("\t") for line in YEARS.splitlines() if not line.startswith(("#", "code"))]
    listed = {code: standing for code, standing, _ in rows}
    same = sum(billable == "1" for code, billable, _ in CODES if code not in listed)
    counts = [same + sum(standing[year] == "1" for standing in listed.values()) for year in range(3)]
    assert counts == [72_621, 74_260, 74_719]
    assert [first.isoformat() for first, _ in known_days()] == ["2021-01-01", "2024-10-01", "2025-10-01"]


def test_the_shipped_release_is_the_one_that_the_table_of_years_calls_shipped() -> None:
    listed = {line.split("\t")[0]: line.split("\t")[1] for line in YEARS.splitlines() if line[:1].isupper()}
    marks = {code: billable for code, billable, _ in CODES}
    assert len(listed) > 3_000
    assert {code: standing[2] for code, standing in listed.items()} == {code: marks.get(code, "-") for code in listed}


# Excludes1 notes; each pair is read off the tabular list.


@pytest.mark.parametrize(
    ("one", "other", "noted_at"),
    [
        ("M54.16", "M47.26", "M54.1"),
        ("M54.12", "M50.121", "M54.1"),
        ("G54.4", "M54.16", "G54"),
        ("G63", "E11.42", "G63"),
        ("G63", "B27.91", "G63"),
        ("A05.1", "A48.51", "A48.5"),
        ("M54.16", "M46.46", "M50-M54"),
    ],
)
def test_a_note_keeps_two_codes_apart_whichever_is_named_first(one: str, other: str, noted_at: str) -> None:
    found = excludes1_between(one, other)
    assert noted_at in {note.noted_at for note in found}
    assert set(excludes1_between(other, one)) == set(found)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("M47.816", "M54.16"),  # trap 1: only the titles contradict each other
        ("G56.01", "G56.02"),
        ("G63", "E11.40"),
        ("G63", "B27.90"),
        ("E03.9", "G63"),
        ("M54.16", "M54.16"),
        ("M54.16", "no code"),
    ],
)
def test_no_note_keeps_these_codes_apart(one: str, other: str) -> None:
    assert excludes1_between(one, other) == ()


def test_the_notes_of_a_code_are_its_own_and_those_above_it_nearest_first() -> None:
    places = list(dict.fromkeys(note.noted_at for note in excludes1("M54.16")))
    assert places == ["M54.1", "M54", "M50-M54"]
    assert ("M54.1", "M47.2", "radiculopathy with spondylosis (M47.2-)") in excludes1("M54.16")
    assert excludes1("no code") == ()


def test_a_category_with_a_letter_inherits_from_the_block_that_holds_it() -> None:
    """I1A, other hypertension, is the last category of the block I10-I1A, which excludes neonatal hypertension."""
    for code in ("I10", "I1A.0"):
        assert ("I10-I1A", "P29.2", "neonatal hypertension (P29.2)") in excludes1(code)
    assert excludes1_between("P29.2", "I1A.0")


def test_the_table_has_every_line_of_every_note() -> None:
    """The tabular list of 2026 has 2,644 blocks of Excludes1 notes with 5,407 lines."""
    lines = packed_lines("icd10cm_excludes1.tsv.gz")
    assert len(lines) == 5_407
    assert len({line.split("\t")[0] for line in lines}) == 2_644
