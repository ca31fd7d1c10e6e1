"""`edx category`: which codes a category comes to. Expectations are those of the policy's text and the tabular list."""

import csv
import io
import json
import re

import pytest
from commands import edx
from judging import knowledge

from reasoner.cli.exits import DONE, USAGE
from reasoner.errors import UnknownTermError
from reasoner.lookup.categories import billable_alone, category, items
from reasoner.lookup.categories_text import render_category, render_items
from reasoner.terminology.expansion import expansion
from reasoner.terminology.mappings import read_mapping_set
from reasoner.terms import EDX

pytestmark = pytest.mark.usefixtures("knowledge_loaded_once")


def local(name: str) -> set[str]:
    return {concept.removeprefix(str(EDX)) for concept in category(name, knowledge()).concepts}


def test_a_heading_comes_to_the_concepts_that_the_policy_names_under_it() -> None:
    regions = ("Cervical", "Lumbosacral", "Thoracic", "")
    # heading 3 and heading 10 of the diagnosis list: both are nerve root compression of the coverage statement
    assert local("nerve-root-compression") == {
        f"{r}{kind}" for r in regions for kind in ("NerveRootCompression", "Radiculopathy")
    }
    assert local("nerve-root-compression-heading") == {f"{region}NerveRootCompression" for region in regions}
    assert {"AmyotrophicLateralSclerosis", "PrimaryLateralSclerosis", "ProgressiveBulbarPalsy"} <= local(
        "motor-neuron-diseases"
    )
    assert {"HypothyroidNeuropathy", "UremicNeuropathy", "GuillainBarreSyndrome"} <= local("polyneuropathies")
    assert local("diplopia") == {"Diplopia"}
    assert local("muscle-location-for-injection") == {"MuscleLocalizationForInjection"}
    assert local("surface-electromyography") == {"SurfaceElectromyography", "ParaspinalSurfaceElectromyography"}


def test_a_criterion_of_the_other_policy_is_asked_for_by_its_payer() -> None:
    assert local("aetna:lumbosacral-root-lesion") == {"LumbosacralNerveRootCompression", "LumbosacralRadiculopathy"}
    with pytest.raises(UnknownTermError, match="aetna:medical-necessity and bcbsnd:medical-necessity"):
        category("medical-necessity", knowledge())


@pytest.mark.parametrize(
    "name",
    [
        "edx:CarpalTunnelSyndrome",
        "CarpalTunnelSyndrome",
        "carpal-tunnel-syndrome",
        "carpal tunnel syndrome",
        str(EDX.CarpalTunnelSyndrome),
    ],
)
def test_a_class_is_known_by_iri_prefixed_name_and_label(name: str) -> None:
    assert local(name) == {"CarpalTunnelSyndrome"}


def test_a_class_comes_with_the_classes_below_it() -> None:
    assert {"Radiculopathy", "LumbosacralRadiculopathy", "CervicalRadiculopathy"} <= local("edx:Radiculopathy")


@pytest.mark.parametrize(
    ("asked", "near"), [("nerve-root-compresion", "nerve-root-compression"), ("edx:Radiculopaty", "edx:Radiculopathy")]
)
def test_an_unknown_category_is_told_with_the_nearest_ones(asked: str, near: str) -> None:
    result = edx("category", asked)
    assert (result.exit_code, result.stdout) == (USAGE, "")
    assert "E201: There is no category" in result.stderr
    assert near in result.stderr


def test_codes_stand_with_role_title_and_mark_and_denied_ones_apart() -> None:
    said = edx("category", "lumbosacral-radiculopathy").stdout
    assert said.startswith("lumbosacral radiculopathy [bcbsnd:lumbosacral-radiculopathy] — diagnosis list, heading 10")
    assert "Draft, not clinically reviewed." in said
    assert re.search(r"^  \+ M54\.16 +direct +Radiculopathy, lumbar region$", said, re.MULTILINE)
    assert re.search(
        r"^  \N{MINUS SIGN} M47\.816 +negative +Spondylosis without myelopathy or radiculopathy, lumbar region$",
        said,
        re.MULTILINE,
    )
    assert "§ diagnosis list, heading 10, lumbosacral item" in said


def test_a_heading_is_marked_and_what_a_root_leaves_out_is_told() -> None:
    roots = " ".join(edx("category", "edx:CervicalNerveRootCompression").stdout.split())
    assert "M50.1 direct Cervical disc disorder with radiculopathy (a category, not billable)" in roots
    said = edx("category", "edx:DiabeticNeuropathy").stdout
    assert "○ E11.4 counts without E11.43, E11.49" in said
    assert re.search(r"^  \+ E11\.42 +direct", said, re.MULTILINE)
    assert not re.search(r"^  \+ E11\.43 +direct", said, re.MULTILINE)


def test_counts_are_of_billable_codes_by_role() -> None:
    """Carpal tunnel syndrome: G56.00 to G56.03. Plexopathies, by themselves: both brachial, six lumbosacral and the rest."""
    assert category("carpal-tunnel-syndrome", knowledge()).counts == {"direct": 4}
    assert (
        "Billable codes by role: 4 direct. By themselves 4 of them say it."
        in edx("category", "carpal-tunnel-syndrome").stdout
    )
    roots = category("nerve-root-compression", knowledge())
    listed = {
        e.code
        for c in roots.concepts
        for e in expansion(c)
        if e.billable and e.role == "direct" and e.concept in roots.concepts
    }
    assert billable_alone(roots.codes) == len(listed)


def test_a_cause_is_told_with_the_code_that_it_needs() -> None:
    assert "→ E03 counts only with G63" in edx("category", "polyneuropathies").stdout


def test_findings_come_with_their_terms_of_hpo_and_studies_with_the_notice() -> None:
    assert "+ HP:0000651 exactMatch Diplopia" in edx("category", "diplopia").stdout
    studies = edx("category", "surface-electromyography").stdout
    assert "CPT:96002" in studies
    assert "American Medical Association" in studies
    assert "no term found." in studies


def test_csv_has_a_line_for_each_code_of_each_concept() -> None:
    text = edx("category", "nerve-root-compression", "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    (row,) = (r for r in rows if r["code"] == "M54.16" and r["concept"] == "edx:LumbosacralRadiculopathy")
    assert (row["title"], row["billable"], row["role"], row["member"]) == (
        "Radiculopathy, lumbar region",
        "1",
        "direct",
        "yes",
    )
    assert row["release"] == "ICD-10-CM FY2026, release of 2026-04-01"
    (denied,) = (r for r in rows if r["code"] == "M47.816" and r["concept"] == "edx:LumbosacralRadiculopathy")
    assert denied["member"] == "no"
    cpt = list(csv.DictReader(io.StringIO(edx("category", "surface-electromyography", "--format", "csv").stdout)))
    assert all("American Medical Association" in r["notice"] for r in cpt)


def test_json_has_rows_and_codes_and_is_dated() -> None:
    document = json.loads(edx("category", "lumbosacral-radiculopathy", "--format", "json").stdout)
    assert (document["in_force_from"], document["in_force_to"]) == ("2026-04-01", "2026-09-30")
    assert document["reviewed"] is False
    (concept,) = document["concepts"]
    assert concept["concept"] == "edx:LumbosacralRadiculopathy"
    assert {row["object"] for row in concept["rows"] if row["negated"]} == {
        "ICD10CM:M47.816",
        "ICD10CM:M47.817",
        "ICD10CM:M47.818",
    }
    assert {"M54.16", "M54.17", "M54.18"} <= {code["code"] for code in concept["codes"] if not code["negated"]}


# Without a name ---------------------------------------------------------------

# The headings of the diagnosis list of source 001, with the number of items that each names ("impaired bowel motility" once).
HEADINGS = {
    "Motor neuron diseases": 5,
    "Myopathies, generalized": 5,
    "Nerve root compression": 3,
    "Symptom-based presentation": 15,
    "Neuromuscular junction disorders": 4,
    "Neuropathies, compressive": 8,
    "Plexopathies": 3,
    "Polyneuropathies": 14,
    "Precise muscle location for injections": 1,
    "Radiculopathy": 3,
    "Spine disorders, for one of four purposes": 1,
    "Traumatic nerve injuries": 1,
}


def test_without_a_name_every_item_of_the_diagnosis_list_is_counted() -> None:
    found: dict[str, int] = {}
    for item in items(knowledge()):
        found[item.heading] = found.get(item.heading, 0) + 1
    assert found == HEADINGS
    assert sum(HEADINGS.values()) == 63
    said = edx("category").stdout
    assert all(heading.split(",")[0].split()[0] in said for heading in HEADINGS)
    assert re.search(r"^  carpal tunnel syndrome +4 ", said, re.MULTILINE)
    assert len(json.loads(edx("category", "--format", "json").stdout)["items"]) == 63
    assert len(edx("category", "--format", "csv").stdout.splitlines()) == 64


def test_an_item_counts_the_billable_codes_of_its_rows() -> None:
    by_label = {item.label: item for item in items(knowledge())}
    assert by_label["amyotrophic lateral sclerosis"].counts["direct"] == 1  # G12.21
    assert by_label["myasthenia gravis"].counts["direct"] == 2  # G70.00 and G70.01
    assert by_label["metabolic or nutritional, hypothyroidism"].counts == {
        "etiology": by_label["metabolic or nutritional, hypothyroidism"].counts["etiology"]
    }


@pytest.mark.parametrize("width", [60, 100, 160])
def test_lines_keep_to_the_width(width: int) -> None:
    for name in ("nerve-root-compression", "surface-electromyography", "polyneuropathies"):
        text = render_category(category(name, knowledge()), knowledge(), "text", width=width)
        assert max(map(len, text.splitlines())) <= width
    if width >= 100:  # the table has seven columns
        assert max(map(len, render_items(knowledge(), "text", width=width).splitlines())) <= width


def test_every_concept_of_the_map_is_a_category() -> None:
    for concept in {row.subject for row in read_mapping_set("icd10cm").mappings}:
        assert concept in category(str(concept), knowledge()).concepts
    assert edx("category", "edx:Plexopathy").exit_code == DONE
