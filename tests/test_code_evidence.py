"""What a code alone may and may not settle, by its role: direct, half of a pair, conditional, symptom, negative, later
encounter; and what intake says of the codes of a case.

Expectations come from source 001 (diagnosis list, repeat assessment), from the tabular list and index of ICD-10-CM and
from the readings 18 and 19 of the edition of 2020-01-22, not from the program's output. What the statement shapes make of
each role is held by `test_statements`; whole cases stand in `cases/code-*`.
"""

from collections.abc import Iterator

import pytest
from judging import CASES, assessments, editions, example_cases, judge, knowledge
from rdflib import RDF, URIRef

import reasoner
from reasoner.case import Case, Problem, Severity
from reasoner.evaluation.criteria import Assessment
from reasoner.intake import rules
from reasoner.intake.shapes import contradiction_shapes
from reasoner.rdf.index import Triple
from reasoner.terminology import codes as terminology
from reasoner.terms import EDX, ICD10CM, INTAKE

BCBSND, AETNA = "bcbsnd-emg-ncs", "aetna-cpb-0502"
ADVICE = "advice-earlier-study-after-injury"
PREFIXES = """
@prefix edx: <https://w3id.org/edx-reasoner/ontology#> .
@prefix icd10cm: <http://purl.bioontology.org/ontology/ICD10CM/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix : <https://example.org/c#> .
"""


def coded(
    *codes: str, certainty: str = "Suspected", more: str = "", day: str = "2025-12-03", link: str = "hasDiagnosis"
) -> Case:
    """A request with one diagnosis for each code, named after it, that passes intake."""
    named = {code: f":d-{code.replace('.', '-')}" for code in codes}
    nodes = "\n".join(f"{n} a edx:Diagnosis , icd10cm:{c} ; edx:certainty edx:{certainty} ." for c, n in named.items())
    links = "".join(f" ; edx:{link} {node}" for node in named.values())
    text = (
        f'{PREFIXES}:r a edx:Request ; edx:dateOfService "{day}"^^xsd:date ; edx:requestsStudy :emg{links} {more} .\n'
        f":emg a edx:NeedleElectromyography .\n{nodes}"
    )
    (entry,) = reasoner.validate(text.encode(), name="coded.ttl").entries
    assert isinstance(entry, Case), entry.problems
    return entry


def said(case: Case, rule: URIRef) -> list[Problem]:
    return [problem for problem in case.warnings if problem.source_shape == rule]


def assessed(case: Case, policy: str, name: str) -> Assessment:
    edition = editions()[policy]
    found = assessments(judge(case, edition).root)
    return found[URIRef(f"{edition.iri}#{name}"), case.iri]


def advised(case: Case) -> set[str]:
    return {str(advice.iri).rpartition("#")[2] for advice, _ in judge(case, editions()[BCBSND]).advice}


def codes_in(triples: tuple[Triple, ...]) -> set[str]:
    return {
        str(o).removeprefix(str(ICD10CM)) for _, p, o in triples if p == RDF.type and str(o).startswith(str(ICD10CM))
    }


# Pairs: a cause and the polyneuropathy in it


def test_polyneuropathy_rests_on_its_code_and_the_cause_is_shown_beside_it() -> None:
    leaf = assessed(example_cases()["code-pair-hypothyroidism"], BCBSND, "polyneuropathies")
    assert codes_in(leaf.evidence) == {"G63"}
    assert codes_in(leaf.corroboration) == {"E03.9"}


def test_uremic_neuropathy_rests_on_both_codes_of_its_pair() -> None:
    for folder in ("code-pair-kidney-disease-monitoring", "code-pair-in-the-record-monitoring"):
        leaf = assessed(example_cases()[folder], AETNA, "neuropathy-screening")
        assert codes_in(leaf.evidence) == {"G63", "N18.6"}, folder


@pytest.mark.parametrize("cause", ["E03.9", "D51.0", "E53.8", "E51.9", "N18.6", "E85.4"])
def test_a_cause_alone_opens_no_category_and_is_shown_where_its_polyneuropathy_is_coded(cause: str) -> None:
    alone = assessed(coded(cause, link="hasIndication"), BCBSND, "polyneuropathies")
    assert alone.status is reasoner.Status.UNDETERMINED
    paired = assessed(coded(cause, "G63", link="hasIndication"), BCBSND, "polyneuropathies")
    assert paired.status is reasoner.Status.MET
    assert codes_in(paired.corroboration) == {cause}


def test_what_is_monitored_is_not_a_neuropathy_of_the_record_beside_another_disease() -> None:
    """Aetna's exclusion speaks of the purpose of the studies: those for radiculopathy do not monitor the nerves."""
    purpose = "; edx:hasPurpose edx:MonitoringCourse ; edx:hasIndication [ a edx:LumbosacralRadiculopathy ; {} ]"
    for certainty, status in (("Suspected", reasoner.Status.REFUTED), ("Confirmed", reasoner.Status.REFUTED)):
        case = coded("G63", "N18.6", more=purpose.format(f"edx:certainty edx:{certainty}"))
        assert assessed(case, AETNA, "neuropathy-screening").status is status
    assert assessed(coded("G63", "N18.6"), AETNA, "neuropathy-screening").status is reasoner.Status.REFUTED


# Conditions


def test_a_condition_rests_on_code_and_finding() -> None:
    leaf = assessed(example_cases()["code-condition-with-finding"], BCBSND, "lumbosacral-nerve-root-compression")
    assert codes_in(leaf.evidence) == {"M48.062"}
    assert any(p == EDX.hasFinding for _, p, _ in leaf.evidence)


# Direct codes


@pytest.mark.parametrize(
    ("code", "criterion"),
    [
        *(("G12.21", "motor-neuron-diseases"), ("G70.00", "neuromuscular-junction-disorders")),
        *(("G56.01", "peripheral-nerve-entrapment"), ("G61.0", "polyneuropathies"), ("G54.1", "plexopathies")),
        *(("M54.16", "lumbosacral-radiculopathy"), ("M33.20", "myopathies"), ("S54.01XA", "traumatic-nerve-injuries")),
    ],
)
def test_a_direct_code_indicates_its_category_unless_it_is_ruled_out(code: str, criterion: str) -> None:
    for link in ("hasIndication", "hasDiagnosis"):
        for certainty in ("Suspected", "Confirmed"):
            leaf = assessed(coded(code, certainty=certainty, link=link), BCBSND, criterion)
            assert leaf.status is reasoner.Status.MET, (link, certainty)
        leaf = assessed(coded(code, certainty="RuledOut", link=link), BCBSND, criterion)
        assert leaf.status is not reasoner.Status.MET, link


# Encounters


@pytest.mark.parametrize(
    ("folder", "given"),
    [
        ("code-sequela-without-earlier-study", True),
        ("code-sequela-with-earlier-study", False),
        ("code-subsequent-encounter-with-earlier-study", False),
        ("code-initial-encounter", False),
    ],
)
def test_a_later_encounter_without_an_earlier_study_is_noted_as_advice(folder: str, given: bool) -> None:
    assert (ADVICE in advised(example_cases()[folder])) is given


def test_advice_on_an_earlier_study_asks_for_documentation_and_rests_on_an_assumption() -> None:
    (advice,) = [a for a in editions()[BCBSND].advice if str(a.iri).endswith(ADVICE)]
    assert "earlier electrodiagnostic study" in advice.sentence
    assert "documentation" in advice.sentence


@pytest.mark.parametrize(
    ("record", "given"),
    [
        ("", True),
        ("; edx:excludesEarlierStudy edx:ElectrodiagnosticStudy", False),
        ("; edx:excludesEarlierStudy edx:NeedleElectromyography", True),  # of nerve conduction nothing is said
    ],
)
def test_advice_falls_away_where_the_record_says_that_no_study_was_done(record: str, given: bool) -> None:
    assert (ADVICE in advised(coded("S54.01XD", more=record))) is given


def test_an_adverse_effect_of_a_drug_is_no_injury_whatever_its_seventh_character() -> None:
    case = coded("T45.1X5D", more="; edx:hasEarlierStudy [ a edx:NeedleElectromyography ]")
    assert assessed(case, BCBSND, "injury-recorded").status is reasoner.Status.UNDETERMINED
    assert ADVICE not in advised(coded("T45.1X5D"))


def test_an_injury_that_a_code_names_is_recorded_though_its_nerve_opens_no_category() -> None:
    """Whether the muscles of the eye are weak the code does not say; that there was an injury it does."""
    earlier = "; edx:hasEarlierStudy [ a edx:NeedleElectromyography ]"
    for code in ("S04.11XA", "S04.11XD", "S04.11XS"):
        case = coded(code, more=earlier)
        assert assessed(case, BCBSND, "injury-recorded").status is reasoner.Status.MET
        assert assessed(case, BCBSND, "traumatic-nerve-injuries").status is reasoner.Status.UNDETERMINED


def test_an_injury_that_was_ruled_out_brings_no_advice() -> None:
    assert ADVICE not in advised(coded("S54.01XD", certainty="RuledOut"))


# Intake: what a code leaves unsaid


def test_a_symptom_code_is_noted_and_a_disease_is_not() -> None:
    for code, expected in {"R20.2": 1, "M79.604": 1, "M54.16": 0, "E03.9": 0}.items():
        found = said(coded(code), rules.SYMPTOM_CODE)
        assert [p.severity for p in found] == [Severity.INFO] * expected, code
    assert said(coded("R20.2", certainty="RuledOut"), rules.SYMPTOM_CODE) == []


@pytest.mark.parametrize(
    ("code", "unsaid"),
    [
        ("G56.00", "side"),  # carpal tunnel syndrome: G56.01 and G56.02 name the side
        ("S54.00XA", "side"),
        ("M54.10", "site"),  # radiculopathy: M54.11 to M54.18 name it
        ("M47.819", "site"),
        ("G56.01", ""),
        ("G56.03", ""),
        ("M54.16", ""),
        ("G62.9", ""),  # "Polyneuropathy, unspecified" leaves its kind open, which is neither side nor site
    ],
)
def test_a_side_or_site_left_open_is_noted(code: str, unsaid: str) -> None:
    found = said(coded(code), rules.SPECIFIC_DIAGNOSIS_CODE)
    assert [p.severity for p in found] == ([Severity.INFO] if unsaid else [])
    assert all(f"leaves the {unsaid} open" in p.message for p in found)
    children = [child.code for child in terminology.children(code[:3])]
    assert not any(child in p.message for p in found for child in children if child != code), "another code is named"


def test_a_side_or_region_that_the_record_states_is_left_open_by_no_code() -> None:
    text = (
        f'{PREFIXES}:r a edx:Request ; edx:dateOfService "2025-12-03"^^xsd:date ; edx:requestsStudy :emg ;'
        " edx:hasDiagnosis [ a edx:Diagnosis , icd10cm:G56.00 ; edx:certainty edx:Suspected ; edx:laterality edx:Left ] ,"
        " [ a edx:Diagnosis , icd10cm:M54.10 ; edx:certainty edx:Suspected ; edx:spinalRegion edx:CervicalSpine ] .\n"
        ":emg a edx:NeedleElectromyography ."
    )
    (case,) = reasoner.validate(text.encode(), name="stated.ttl").cases
    assert said(case, rules.SPECIFIC_DIAGNOSIS_CODE) == []


# Intake: in force on the day of service


@pytest.mark.parametrize(
    ("code", "day", "words"),
    [
        ("G71.036", "2025-09-30", "came into force on 2025-10-01, after"),  # new with FY2026
        ("G71.036", "2025-10-01", ""),
        ("M51.361", "2021-06-01", "is not in force on the date of service 2021-06-01"),  # new in October 2024
        ("M51.361", "2025-12-03", ""),
        ("M54.16", "2021-06-01", ""),
    ],
)
def test_a_code_is_held_against_the_day_of_service(code: str, day: str, words: str) -> None:
    found = said(coded(code, day=day), rules.CURRENT_DIAGNOSIS_CODE)
    assert [p.severity for p in found] == ([Severity.WARNING] if words else [])
    assert all(words in p.message for p in found)


def test_a_year_of_unknown_codes_is_noted_once_for_the_case() -> None:
    case = coded("M51.361", "M51.362", "M51.371", day="2023-05-01")
    (note,) = said(case, rules.CURRENT_DIAGNOSIS_CODE)
    assert (note.severity, note.node) == (Severity.INFO, case.iri)


def test_a_code_that_no_known_year_has_may_be_newer_than_all_of_them() -> None:
    """R78.72 came in October 2026, a year whose list is not at hand: whoever bears it is not refused for that."""
    (warning,) = said(coded("R78.72", day="2026-11-21"), rules.KNOWN_DIAGNOSIS_CODE)
    assert warning.severity is Severity.WARNING
    assert "end on 2026-09-30, before the date of service 2026-11-21" in warning.message


@pytest.mark.parametrize(("code", "day"), [("R78.72", "2026-09-30"), ("ZZZ.9", "2026-11-21")])
def test_a_code_that_no_year_can_have_is_refused(code: str, day: str) -> None:
    with pytest.raises(AssertionError, match="is no ICD-10-CM code"):
        coded(code, day=day)


def test_only_what_the_request_names_as_its_own_is_held_against_the_day() -> None:
    established = (
        "; edx:hasEarlierStudy [ a edx:NeedleElectromyography ; "
        "edx:establishedDiagnosis [ a edx:Diagnosis , icd10cm:M51.361 ; edx:certainty edx:Confirmed ] ]"
    )
    assert said(coded("M54.16", day="2021-06-01", more=established), rules.CURRENT_DIAGNOSIS_CODE) == []
    ruled_out = coded("M51.361", day="2021-06-01", certainty="RuledOut")
    assert said(ruled_out, rules.CURRENT_DIAGNOSIS_CODE) == []


def test_a_code_that_was_billable_on_the_day_of_service_is_no_category() -> None:
    """M54.5 could be billed until September 2021; it is the heading of M54.50, M54.51 and M54.59 since."""
    assert said(coded("M54.5", day="2021-06-01"), rules.BILLABLE_DIAGNOSIS_CODE) == []
    (warning,) = said(coded("M54.5", day="2025-12-03"), rules.BILLABLE_DIAGNOSIS_CODE)
    assert all(code in warning.message for code in ("M54.50", "M54.51", "M54.59"))


# Intake: codes that do not go together


def test_codes_that_a_note_keeps_apart_are_named_with_their_statements_and_the_note() -> None:
    case = coded("M54.16", "M51.16")
    (warning,) = said(case, rules.COMPATIBLE_DIAGNOSIS_CODES)
    assert warning.severity is Severity.WARNING
    for part in ("M54.16", "M51.16", "d-M54-16", "d-M51-16", "Excludes1 note at M5"):
        assert part in warning.message


@pytest.mark.parametrize(
    "codes",
    [
        ("M54.16", "M47.816"),  # trap 1: the contradiction is in the titles, and no note names it
        ("G56.01", "G56.02"),
        ("E03.9", "G63"),
        ("G57.51", "G57.52"),
    ],
)
def test_codes_that_no_note_keeps_apart_are_not_warned_of(codes: tuple[str, str]) -> None:
    assert said(coded(*codes), rules.COMPATIBLE_DIAGNOSIS_CODES) == []


def test_a_code_that_is_ruled_out_stands_beside_any_other() -> None:
    other = "; edx:hasDiagnosis [ a edx:Diagnosis , icd10cm:M51.16 ; edx:certainty edx:RuledOut ]"
    assert said(coded("M54.16", more=other), rules.COMPATIBLE_DIAGNOSIS_CODES) == []


DENIED = INTAKE["radiculopathy-not-denied"]


@pytest.mark.parametrize(
    ("denying", "stated", "contradict"),
    [
        ("M47.816", "M54.16", True),
        ("M47.817", "M54.17", True),
        ("M47.812", "M54.12", True),
        ("M47.814", "M54.14", True),
        ("M47.816", "M47.26", True),
        ("M47.812", "M54.16", False),
        ("M47.816", "M54.12", False),
        ("M51.361", "M54.16", False),  # trap 2: its title speaks of pain and denies nothing
    ],
)
def test_titles_that_contradict_each_other_are_named_region_by_region(
    denying: str, stated: str, contradict: bool
) -> None:
    found = said(coded(denying, stated), DENIED)
    assert bool(found) is contradict
    for warning in found:
        assert warning.severity is Severity.WARNING
        assert denying in warning.message
        assert stated in warning.message
    assert DENIED in contradiction_shapes()


@pytest.mark.parametrize("ruled_out", ["M47.816", "M54.16"])
def test_a_title_contradicts_none_that_is_ruled_out(ruled_out: str) -> None:
    (kept,) = {"M47.816", "M54.16"} - {ruled_out}
    other = f"; edx:hasDiagnosis [ a edx:Diagnosis , icd10cm:{ruled_out} ; edx:certainty edx:RuledOut ]"
    assert said(coded(kept, more=other), DENIED) == []


# The example cases


def code_cases() -> Iterator[str]:
    return (folder for folder in example_cases() if folder.startswith("code-"))


def test_the_cases_about_codes_are_found() -> None:
    assert len(list(code_cases())) >= 23


WARNED = {"code-excludes1-pair": {rules.COMPATIBLE_DIAGNOSIS_CODES}}


@pytest.mark.parametrize("folder", list(code_cases()))
def test_a_case_about_codes_is_warned_of_only_where_it_shows_a_warning(folder: str) -> None:
    (case,) = reasoner.read_cases(CASES / folder / "case.ttl")
    warned = {p.source_shape for p in case.warnings if p.severity is Severity.WARNING}
    assert warned == WARNED.get(folder, set())


def test_each_code_that_the_cases_show_stands_under_the_class_of_its_role() -> None:
    tree = knowledge().hierarchy
    for code, cls in {
        "E03.9": "Hypothyroidism",
        "N18.6": "ChronicKidneyDisease",
        "G63": "ManifestationPolyneuropathy",
        "M48.062": "PossibleLumbosacralNerveRootCompression",
        "G52.2": "PossibleRecurrentLaryngealNeuropathy",
        "M33.13": "PossibleDermatomyositis",
        "R20.2": "SymptomDiagnosis",
        "S54.01XA": "InitialEncounterDiagnosis",
        "S54.01XD": "SubsequentEncounterDiagnosis",
        "S54.01XS": "SequelaEncounterDiagnosis",
    }.items():
        assert EDX[cls] in tree.ancestors(ICD10CM[code]), code
