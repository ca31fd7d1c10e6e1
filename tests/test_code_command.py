"""`edx code`: what a code is and means. Expectations are those of the tabular list and of the policies' texts."""

import json
import re
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from commands import edx
from judging import knowledge
from test_no_advice_to_recode import advises_to_recode
from test_release import order_line

import reasoner
from reasoner.cli.exits import DONE, REFUSED, USAGE
from reasoner.errors import UnknownTermError
from reasoner.evaluation.criteria import Status, leaves
from reasoner.evaluation.synthetic import Asking, certain, diagnosis, finding
from reasoner.lookup.categories import codes_of
from reasoner.lookup.code_meaning import CodeMeaning, as_written, code_meaning
from reasoner.lookup.code_policies import PolicyMeaning
from reasoner.lookup.codes_text import render_code
from reasoner.policy.edition import Criterion
from reasoner.terminology.contradictions import contradicted_by
from reasoner.terminology.mappings import read_mapping_set
from reasoner.terminology.release_files import read_release
from reasoner.terms import EDX, ICD10CM

BCBSND, AETNA = "bcbsnd-emg-ncs", "aetna-cpb-0502"

# The tabular list of 2026-04-01: title, and whether the code may stand on a claim.
TABULAR_LIST = {
    "M47.816": ("Spondylosis without myelopathy or radiculopathy, lumbar region", True),
    "M54.16": ("Radiculopathy, lumbar region", True),
    "G56.01": ("Carpal tunnel syndrome, right upper limb", True),
    "G12.21": ("Amyotrophic lateral sclerosis", True),
    "E03.9": ("Hypothyroidism, unspecified", True),
    "M51.361": ("Other intervertebral disc degeneration, lumbar region with lower extremity pain only", True),
    "M54.5": ("Low back pain", False),
}


pytestmark = pytest.mark.usefixtures("knowledge_loaded_once")


@cache
def meaning(code: str) -> CodeMeaning:
    return code_meaning(code, knowledge())


def under(policy: str, code: str) -> PolicyMeaning:
    (found,) = (p for p in meaning(code).policies if p.edition.slug == policy)
    return found


def names(criteria: Iterable[Criterion]) -> set[str]:
    return {criterion.name for criterion in criteria}


def local(*classes: str) -> set[str]:
    return {str(EDX[name]) for name in classes}


def in_one_line(text: str) -> str:
    return " ".join(text.split())


# What the code is -------------------------------------------------------------


@pytest.mark.parametrize("code", TABULAR_LIST)
def test_a_code_has_title_release_and_mark_of_the_tabular_list(code: str) -> None:
    title, billable = TABULAR_LIST[code]
    result = edx("code", code)
    assert result.exit_code == DONE
    said = in_one_line(result.stdout)
    assert said.startswith(f"{code} {title} ICD-10-CM FY2026, release of 2026-04-01")
    assert ("Not billable" not in said) is billable


def test_a_category_is_told_with_the_billable_codes_below_it() -> None:
    said = edx("code", "M54.5").stdout
    assert "Not billable: it is a category, and 3 billable codes lie below it." in said
    for code, title in (("50", "unspecified"), ("51", "Vertebrogenic"), ("59", "Other")):
        assert re.search(rf"^  M54\.{code} .*{title}", said, re.MULTILINE)


def test_the_hierarchy_leads_from_the_category_to_the_code() -> None:
    assert [entry.code for entry in meaning("M47.816").above] == ["M47", "M47.8", "M47.81"]


def test_side_and_encounter_are_told() -> None:
    assert meaning("G56.01").side == EDX.RightSidedDiagnosis
    assert meaning("G56.03").side == EDX.BilateralDiagnosis
    assert meaning("S44.01XD").encounter == EDX.SubsequentEncounterDiagnosis
    assert "side: right-sided diagnosis" in edx("code", "G56.01").stdout
    assert "encounter: subsequent encounter diagnosis" in edx("code", "S44.01XD").stdout


def test_a_day_is_answered_by_the_fiscal_year_that_it_lies_in() -> None:
    # M51.36 was split into M51.360, M51.361 and others on 2024-10-01, so that it could be billed before.
    before = edx("code", "M51.361", "M51.36", "--on", "2021-06-01").stdout
    assert "Not in force on 2021-06-01." in before
    assert "On 2021-06-01 it was billable." in before
    assert "Whether it is in force on 1999-01-01 is not known" in in_one_line(
        edx("code", "M54.16", "--on", "1999-01-01").stdout
    )
    after = edx("code", "M51.361", "--on", "2024-10-01").stdout
    assert "In force on 2024-10-01." in after


def test_a_code_of_another_fiscal_year_is_said_not_to_be_in_the_shipped_release() -> None:
    """O35.0XX0 was deleted between FY2021 and FY2025."""
    now, then = (in_one_line(edx("code", "O35.0XX0", "--on", day).stdout) for day in ("2026-05-03", "2021-06-01"))
    assert "Not in ICD-10-CM FY2026" in now
    assert "Not in force on 2026-05-03." in now
    assert "In force on 2021-06-01." in then
    assert "Not in ICD-10-CM" not in edx("code", "M54.16").stdout


def test_no_edition_is_applied_to_a_day_before_it() -> None:
    early = code_meaning("M54.16", knowledge(), on=date(2021, 1, 1))
    assert [policy.edition.slug for policy in early.policies] == [BCBSND]
    said = in_one_line(edx("code", "M54.16", "--on", "2019-01-01").stdout)
    assert said.endswith("No edition of a policy that is known here is in force on 2019-01-01.")


def test_a_release_in_a_file_is_asked_beside_the_shipped_one(tmp_path: Path) -> None:
    file = tmp_path / "icd10cm-order-2027.txt"
    codes = [("M54", "Dorsalgia", 0), ("M54.1", "Radiculopathy", 0), ("M54.1A", "Radiculopathy, of a new kind", 1)]
    file.write_text("".join(order_line(n, *c[:2], bool(c[2])) + "\n" for n, c in enumerate(codes, 1)), "utf-8")
    result = edx("code", "M54.16", "M54.1A", "--release", str(file), "--on", "2026-11-02")
    assert result.exit_code == DONE
    said = in_one_line(result.stdout)
    assert "ICD-10-CM FY2027, release of 2026-10-01 (2026-10-01 to 2027-09-30): lacks it." in said
    assert "M54.1A Radiculopathy, of a new kind" in said
    assert said.count("In force on 2026-11-02.") == 1
    assert said.count("Not in force on 2026-11-02.") == 1
    new = code_meaning("M54.1A", knowledge(), releases=[read_release(file)])
    assert not new.in_release
    inside, beyond = (
        code_meaning("M54.1A", knowledge(), releases=[read_release(file)], on=day).in_force
        for day in (date(2026, 5, 3), date(2035, 1, 1))
    )
    assert (inside, beyond) == (False, None), "the shipped release has no such code; of 2035 nothing is known"
    assert [row.object for row in new.affirmed] == ["ICD10CM:M54.1"], "the map speaks of whatever lies below its roots"


def test_a_release_that_cannot_be_read_is_refused_and_what_it_says_does_not_steer_the_terminal(tmp_path: Path) -> None:
    missing = edx("code", "M54.16", "--release", str(tmp_path / "none-2027.txt"))
    assert (missing.exit_code, missing.stdout) == (REFUSED, "")
    file = tmp_path / "icd10cm-order-2027.txt"
    file.write_text(order_line(1, "M54.16", "Radiculopathy \x1b[2J\u202elumbar", True) + "\n", "utf-8")
    shown = edx("code", "M54.16", "--release", str(file)).stdout
    assert "\x1b" not in shown
    assert "\u202e" not in shown


# A code that does not exist ---------------------------------------------------


def test_an_unknown_code_is_an_error_by_name_and_stops_no_other() -> None:
    alone = edx("code", "ZZZ.9")
    assert (alone.exit_code, alone.stdout) == (USAGE, "")
    assert "E201: ZZZ.9 is no code of ICD-10-CM" in alone.stderr
    several = edx("code", "ZZZ.9", "M54.16", "QQ", "95910")
    assert several.exit_code == USAGE
    assert several.stderr.count("E201: ") == 2
    assert "Radiculopathy, lumbar region" in several.stdout
    assert "nerve conduction study" in several.stdout


@pytest.mark.parametrize(
    ("asked", "near"), [("M54.166", "M54.16"), ("G56.0A", "G56.0"), ("M45.16", "M45.1"), ("G5", "G59")]
)
def test_an_unknown_code_is_told_with_the_nearest_ones(asked: str, near: str) -> None:
    with pytest.raises(UnknownTermError, match=re.escape(near)):
        code_meaning(asked, knowledge())


def test_a_code_is_known_in_small_letters_and_without_its_point() -> None:
    assert as_written("m5416") == "M54.16"
    assert as_written(" g63 ") == "G63"
    assert meaning("m47816").code.code == "M47.816"


# What it means ----------------------------------------------------------------


def test_spondylosis_without_radiculopathy_denies_it_and_contradicts_its_codes() -> None:
    """Trap 1: M47.81- denies radiculopathy by title alone; no Excludes1 note of M54.1- names it."""
    found = meaning("M47.816")
    assert EDX.LumbosacralRadiculopathy in {row.subject for row in found.denied}
    assert EDX.LumbosacralRadiculopathy not in {row.subject for row in found.affirmed}
    (other,) = found.contradicted
    assert other.cls == EDX.LumbosacralRadiculopathy
    assert {"M54.16", "M54.17", "M47.26"} <= {row.code for row in other.roots}
    assert not {"M54.12", "M54.14"} & {row.code for row in other.roots}, "another region is no contradiction"
    said = in_one_line(edx("code", "M47.816").stdout)
    assert "Not: lumbosacral radiculopathy (negative" in said
    assert "Title denies radiculopathy" in said
    assert re.search(r"No Excludes1 note keeps it apart from [^:]*M54\.16[^:]*: the titles do\.", said)
    for policy, criterion in ((BCBSND, "lumbosacral-radiculopathy"), (AETNA, "lumbosacral-root-lesion")):
        (against,) = under(policy, "M47.816").stands_against
        assert names(against.criteria) == {criterion}
        assert not names(under(policy, "M47.816").meets) & {criterion, "nerve-root-compression"}


def test_the_contradiction_is_told_from_the_other_code_as_well() -> None:
    (other,) = meaning("M54.16").contradicted
    assert {row.code for row in other.roots} == {"M47.816", "M47.817", "M47.818"}


@pytest.mark.parametrize("region", ["Cervical", "Thoracic", "Lumbosacral"])
def test_only_statements_about_one_region_contradict_each_other(region: str) -> None:
    affirmed, denied = EDX[f"{region}Radiculopathy"], EDX[f"Without{region}Radiculopathy"]
    assert contradicted_by(denied, knowledge().hierarchy) == (affirmed,)
    assert contradicted_by(affirmed, knowledge().hierarchy) == (denied,)


def test_two_encounters_for_one_injury_are_no_contradiction() -> None:
    """Their classes are disjoint, since a code has one seventh character; a request may name both codes."""
    assert not meaning("S44.01XA").contradicted
    assert not meaning("G56.01").contradicted, "right and left together mean both sides"


def test_excludes1_notes_are_told_with_the_place_where_they_stand() -> None:
    """The notes of the tabular list at M54.1, M54 and M50-M54; none of them names M47.81-."""
    said = edx("code", "M54.16").stdout
    for note in (
        "note at M54.1: radiculopathy with spondylosis (M47.2-)",
        "note at M54.1: radiculopathy with cervical disc disorder (M50.1)",
        "note at M54.1: radiculopathy with lumbar and other intervertebral disc disorder (M51.1-)",
        "note at M54: psychogenic dorsalgia (F45.41)",
        "note at M50-M54: discitis NOS (M46.4-)",
    ):
        assert note in said
    assert not any(note.excluded.startswith("M47.8") for note in meaning("M54.16").excludes1)
    assert "its own note: lumbago with sciatica (M54.4-)" in edx("code", "M54.5").stdout


# Code, and leaves that BCBSND's text makes it meet alone: the items that the diagnosis list names.
MEETS = {
    "M54.16": "lumbosacral-radiculopathy",  # heading 10, lumbosacral
    "G56.01": "peripheral-nerve-entrapment",  # heading 6, carpal tunnel syndrome
    "G12.21": "motor-neuron-diseases",  # heading 1, amyotrophic lateral sclerosis
    "M50.11": "cervical-nerve-root-compression",  # heading 3, cervical
    "G70.00": "neuromuscular-junction-disorders",  # heading 5, myasthenia gravis
    "G61.0": "polyneuropathies",  # heading 8, Guillain-Barré
    "G54.1": "plexopathies",  # heading 7, lumbosacral
    "G71.01": "myopathies",  # heading 2, muscular dystrophies
    "S44.01XA": "traumatic-nerve-injuries",  # heading 12
}


@pytest.mark.parametrize("code", MEETS)
def test_a_direct_code_meets_the_item_that_the_policy_names(code: str) -> None:
    found = under(BCBSND, code)
    assert MEETS[code] in names(found.meets)
    assert {"work-up-indicated"} <= names(found.reached)
    assert f"✔ meets {found.meets[0].label} [{found.meets[0].name}]" in in_one_line(edx("code", code).stdout)


def test_what_still_has_to_be_shown_is_told() -> None:
    """The first two bullets of the coverage statement are about the record, which a code does not speak of."""
    (waiting,) = under(BCBSND, "G56.01").waiting
    assert waiting.criterion.name == "coverage"
    assert names(waiting.parts) == {"signs-and-symptoms", "not-settled-by-examination-and-imaging"}


def test_only_a_code_of_both_sides_selects_the_bilateral_row_of_the_maxima() -> None:
    one, both = (names(under(BCBSND, code).meets) for code in ("G56.01", "G56.03"))
    assert "maximum-carpal-tunnel-unilateral" in one
    assert both - one == {"maximum-carpal-tunnel-bilateral"}


def test_a_cause_alone_opens_nothing_and_is_told_with_the_code_that_it_needs() -> None:
    """Trap 6: hypothyroid neuropathy needs a pair of codes, the cause and G63."""
    for policy, criterion in ((BCBSND, "polyneuropathies"), (AETNA, "generalized-neuropathy")):
        found = under(policy, "E03.9")
        assert not found.meets
        assert not found.reached
        (left,) = found.left_open
        assert (names(left.criteria), left.codes) == ({criterion}, ("G63",))
    assert "counts only with G63 (Polyneuropathy in diseases classified elsewhere)" in edx("code", "E03.9").stdout


@pytest.mark.parametrize("code", ["M51.361", "M51.362", "M51.371", "M51.372"])
def test_pain_referred_from_a_disc_is_no_radiculopathy(code: str) -> None:
    """Trap 2."""
    assert local("Radiculopathy", "NerveRootCompression") <= {str(row.subject) for row in meaning(code).denied}
    assert names(under(BCBSND, code).meets) == {"spine-disorder"}
    assert {waiting.criterion.name for waiting in under(BCBSND, code).waiting} == {"spine-disorders"}
    assert not under(AETNA, code).meets


def test_a_conditional_code_is_told_with_the_findings_that_it_needs() -> None:
    (left,) = under(BCBSND, "M48.062").left_open
    assert names(left.criteria) == {"lumbosacral-nerve-root-compression"}
    assert {EDX.RadicularPain, EDX.SensoryDeficit} <= {needed.cls for needed in left.findings}
    assert "counts only with a finding: " in edx("code", "M48.062").stdout
    asking = Asking(under(BCBSND, "M48.062").edition, knowledge().hierarchy)
    (leaf,) = left.criteria
    stated = [(needed.cls, place) for needed in left.findings for place in needed.places or (None,)]
    for cls, place in stated:  # the engine agrees, finding by finding, that both are needed
        both = asking.assessed(certain([*diagnosis(EDX.hasDiagnosis, ICD10CM["M48.062"]), *finding(cls, place)]))
        without = asking.assessed(certain([*diagnosis(EDX.hasDiagnosis), *finding(cls, place)]))
        assert (both[leaf].status, without[leaf].status) == (Status.MET, Status.UNDETERMINED)
    assert EDX.UpperLimb not in {place for _, place in stated}, "a lumbosacral root does not supply the arm"


def test_a_symptom_code_states_no_finding() -> None:
    found = under(BCBSND, "R20.2")
    assert not names(found.meets) & {"signs-and-symptoms", "sensory-deficit", "work-up-indicated"}
    assert "sensory-deficit" in {c.name for left in found.left_open for c in left.criteria}
    assert "a code states no finding: the record has to document it" in in_one_line(edx("code", "R20.2").stdout)


def test_a_screening_encounter_meets_an_exclusion_and_is_said_to() -> None:
    assert "✘ applies screening of a person without symptoms" in in_one_line(edx("code", "Z13.858").stdout)


def test_a_code_that_the_map_does_not_reach_means_nothing() -> None:
    found = meaning("Z00.00")
    assert not found.mapped
    assert not found.classes
    assert all(policy.does_nothing and not policy.left_open for policy in found.policies)
    assert edx("code", "Z00.00").stdout.count("meets and refutes nothing") == 2


def test_a_code_below_an_excluded_root_is_told_as_left_out() -> None:
    (row,) = meaning("E08.43").left_out
    assert (row.subject, row.code) == (EDX.DiabeticNeuropathy, "E08.4")
    assert "E08.4 counts without E08.43" in edx("code", "E08.43").stdout


CASE = """
@prefix edx: <https://w3id.org/edx-reasoner/ontology#> .
@prefix icd10cm: <http://purl.bioontology.org/ontology/ICD10CM/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix : <https://example.org/c#> .
:r a edx:Request ; edx:payer <https://w3id.org/edx-reasoner/payer/bcbsnd> ; edx:dateOfService "2026-05-03"^^xsd:date ;
    edx:requestsStudy :s ; edx:hasIndication :d .
:s a edx:NeedleElectromyography .
:d a edx:Diagnosis, icd10cm:%s ; edx:certainty edx:%s .
"""


@pytest.mark.parametrize("certainty", ["Suspected", "Confirmed"])
@pytest.mark.parametrize("code", ["M47.816", "M54.16", "G56.01", "E03.9", "R20.2", "M48.062", "S44.01XD", "Z13.858"])
def test_a_real_request_with_the_code_alone_comes_out_as_told(code: str, certainty: str) -> None:
    (case,) = reasoner.validate((CASE % (code, certainty)).encode(), name="case.ttl").cases
    for policy in (BCBSND, AETNA):
        told = under(policy, code)
        found = reasoner.determine(case, knowledge(), policy=policy)
        status = {leaf.criterion: leaf.status for leaf in leaves(found.root)}
        about_request = {c for c in told.meets if c.applies_to == EDX.Request and c in status}
        assert all(status[c] is Status.MET for c in about_request)
        assert all(status[c] is Status.REFUTED for c in (*told.refutes, *told.refutes_as_indication) if c in status)
        for left in told.left_open:
            assert all(status[c] is Status.UNDETERMINED for c in left.criteria)


def test_ruled_out_the_code_meets_nothing_that_suspected_it_meets() -> None:
    (case,) = reasoner.validate((CASE % ("M54.16", "RuledOut")).encode(), name="case.ttl").cases
    found = reasoner.determine(case, knowledge(), policy="bcbsnd")
    status = {leaf.criterion.name: leaf.status for leaf in leaves(found.root)}
    assert Status.MET not in {
        status[criterion.name] for criterion in under(BCBSND, "M54.16").meets if criterion.applies_to == EDX.Request
    }


@pytest.mark.slow
def test_every_row_of_the_map_is_held_to_its_role_by_the_engine() -> None:
    """A direct or manifestation code meets what its concept meets; any other that serves a concept does not."""
    serving = {"conditional", "etiology", "sequela", "supporting", "symptom"}
    rows = [row for row in read_mapping_set("icd10cm").mappings if row.code and not row.negated]
    for edition in knowledge().editions:
        asking = Asking(edition, knowledge().hierarchy)
        for row in rows:
            leaf = next(
                e.code for e in codes_of([row.subject]) if e.code.startswith(row.code or "") and e.role == row.role
            )
            by_concept = {c for c in asking.met_by(row.subject) if c.applies_to == EDX.Request}
            by_code = set(asking.met_by(ICD10CM[leaf]))
            direct = {r.subject for r in rows if r.role not in serving and leaf.startswith(r.code or "-")}
            if row.role not in serving and not row.excluded_roots:
                assert by_concept <= by_code, (edition.slug, row)
            elif row.subject not in direct and row.role in ("etiology", "supporting", "symptom"):
                others = {c for subject in direct for c in asking.met_by(subject)}
                placed = set(asking.met_by(row.edx_class)) if row.edx_class is not None else set()
                assert not (by_concept & by_code) - others - placed, (edition.slug, row)


# How it is said ---------------------------------------------------------------


@pytest.mark.parametrize("code", [code for code, (_, billable) in TABULAR_LIST.items() if billable])
def test_no_line_advises_to_recode(code: str) -> None:
    """Law 11. A category is told with the codes below it, which is about validity; a billable code with none."""
    assert not [
        line for line in render_code(meaning(code), knowledge(), width=400).splitlines() if advises_to_recode(line)
    ]


def test_json_says_what_the_text_says() -> None:
    result = edx("code", "M47.816", "M54.5", "95910", "--format", "json")
    assert result.exit_code == DONE
    spondylosis, pain, studies = json.loads(result.stdout)["codes"]
    assert spondylosis["billable"] is True
    assert {row["subject"] for row in spondylosis["denied"]} >= {"edx:LumbosacralRadiculopathy"}
    (other,) = spondylosis["contradicts"]
    assert other["curie"] == "edx:LumbosacralRadiculopathy"
    assert "M54.16" not in other["kept_apart_by_a_note"]
    assert [entry["code"] for entry in pain["billable_codes_below"]] == ["M54.50", "M54.51", "M54.59"]
    assert (studies["minimum"], studies["maximum"]) == (7, 8)
    assert all(document["reviewed"] is False for document in (spondylosis, pain, studies))
    (bcbsnd,) = (p for p in spondylosis["policies"] if p["policy"] == BCBSND)
    assert [criterion["criterion"] for criterion in bcbsnd["meets"]] == ["spine-disorder"]
    assert bcbsnd["conflicts_beside"] == [
        {"class": "edx:LumbosacralRadiculopathy", "criteria": ["lumbosacral-radiculopathy"]}
    ]


def test_nothing_is_printed_as_json_where_no_code_is_known() -> None:
    result = edx("code", "ZZZ.9", "--format", "json")
    assert (result.exit_code, result.stdout) == (USAGE, "")


@pytest.mark.parametrize("width", [40, 60, 100, 200])
def test_lines_keep_to_the_width(width: int) -> None:
    for code in TABULAR_LIST:
        assert max(map(len, render_code(meaning(code), knowledge(), width=width).splitlines())) <= width


# Procedure codes --------------------------------------------------------------


def test_a_procedure_code_is_told_by_kind_and_number_with_the_notice() -> None:
    """CPT 2026: 95910 is for seven or eight nerve conduction studies in all."""
    said = in_one_line(edx("code", "95910").stdout)
    assert "nerve conduction study [edx:NerveConductionStudy]" in said
    assert "counts 7 to 8 of these" in said
    assert "CPT is a registered trademark of the American Medical Association" in said


def test_a_deleted_procedure_code_is_told_by_its_day() -> None:
    said = edx("code", "95903", "--on", "2026-02-03").stdout
    assert "Deleted on 2013-01-01." in said
    assert "Not in use on 2026-02-03" in said
    assert "In use on 2012-12-31" in edx("code", "95903", "--on", "2012-12-31").stdout


def test_a_code_that_is_not_confirmed_says_so() -> None:
    assert "not found confirmed" in in_one_line(edx("code", "95934").stdout)
    assert "not found confirmed" not in in_one_line(edx("code", "95910").stdout)
