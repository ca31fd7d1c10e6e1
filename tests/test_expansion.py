"""The dated expansion of each concept; expectations come from the policy's list and the tabular list."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from rdflib import SKOS, URIRef

from reasoner.errors import MappingSetError
from reasoner.resources import data_folder
from reasoner.terminology.codes import icd10cm
from reasoner.terminology.expansion import EXPANSION_FILE, concepts, expansion, expansion_date
from reasoner.terminology.mappings import Mapping, MappingSet, read_mapping_set
from reasoner.terminology.ontology import hierarchy
from reasoner.terminology.release import Release, with_parents
from reasoner.terminology.release_tabular import packaged_release
from reasoner.terminology.table_files import expand, expansion_table
from reasoner.terms import EDX, ICD10CM

SHIPPED = data_folder("ontology") / EXPANSION_FILE
TITLES = {
    "A00": ("all", False),
    "A00.0": ("first", True),
    "A00.1": ("second", False),
    "A00.10": ("second, plain", True),
    "A00.11": ("second, odd", True),
    "A01": ("other", True),
}
TOY = Release("toy", 2027, date(2026, 10, 1), date(2027, 9, 30), with_parents(TITLES), (), categories=("A00", "A01"))


def row(root: str, *excluded: str, subject: str = "Myopathy", role: str = "direct", line: int = 1) -> Mapping:
    return Mapping(
        subject=EDX[subject],
        predicate=URIRef(str(SKOS.narrowMatch)),
        negated=role == "negative",
        object=f"ICD10CM:{root}",
        object_label="",
        role=role,
        excluded_roots=excluded,
        edx_class=None,
        confidence=0.5,
        clause=None,
        item="",
        comment="",
        extra={},
        line=line,
    )


def members(*rows: Mapping) -> list[tuple[str, str, bool]]:
    return [(member.code, member.role, member.row.negated) for member in expand(rows, TOY, "toy.sssom.tsv")]


# How rows are expanded


def test_a_row_reaches_its_object_and_all_below_it() -> None:
    assert [code for code, *_ in members(row("A00"))] == ["A00", "A00.0", "A00.1", "A00.10", "A00.11"]


def test_what_is_excluded_is_no_member_and_no_heading_above_it_is() -> None:
    assert members(row("A00", "A00.11")) == [("A00.0", "direct", False), ("A00.10", "direct", False)]


def test_an_excluded_root_leaves_out_what_lies_below_it() -> None:
    assert [code for code, *_ in members(row("A00", "A00.1"))] == ["A00.0"]


def test_a_negative_row_is_listed_as_negated_and_never_as_a_member() -> None:
    found = members(row("A00", "A00.1"), row("A00.1", role="negative", line=2))
    assert [(code, negated) for code, _, negated in found if negated] == [
        ("A00.1", True),
        ("A00.10", True),
        ("A00.11", True),
    ]


def test_the_closer_row_of_a_concept_counts_whatever_their_order() -> None:
    far, near = row("A00", line=1), replace(row("A00.1", line=2), confidence=0.9)
    for rows in ((far, near), (near, far)):
        found = {member.code: member.row.confidence for member in expand(rows, TOY, "toy")}
        assert found == {"A00": 0.5, "A00.0": 0.5, "A00.1": 0.9, "A00.10": 0.9, "A00.11": 0.9}


def test_a_row_without_a_term_has_no_codes() -> None:
    assert members(replace(row("A00"), object="sssom:NoTermFound")) == []


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([row("B99", line=4)], "line 4: B99 is no code of toy"),
        ([row("A00", "A01", line=5)], "line 5: A01 is excluded, but is no code below A00"),
        ([row("A00", "A00.99", line=6)], "line 6: A00.99 is excluded, but is no code"),
        ([row("A00", "A00", line=7)], "line 7: A00 is excluded"),
        (
            [row("A00", line=8), row("A00.0", role="negative", line=9)],
            "A00.0 belongs to edx:Myopathy and does not, by the lines 8 and 9",
        ),
    ],
)
def test_a_row_that_the_release_does_not_bear_out_is_refused_with_its_line(rows: list[Mapping], said: str) -> None:
    with pytest.raises(MappingSetError, match=said):
        expand(rows, TOY, "toy.sssom.tsv")


def test_all_wrong_rows_are_named_at_once() -> None:
    with pytest.raises(MappingSetError) as refused:
        expand([row("B99"), row("C99", line=2)], TOY, "toy.sssom.tsv")
    assert len(refused.value.problems) == 2


def test_the_table_is_dated_by_release_and_version_of_the_mapping() -> None:
    text = expansion_table(MappingSet({"mapping_set_version": "7"}, (row("A00.0"),), Path("toy.sssom.tsv")), TOY)
    first, _, columns, only = text.splitlines()
    assert "version 7, by toy, in force from 2026-10-01 to 2027-09-30" in first
    assert "not clinically reviewed" in first
    assert columns.split("\t") == ["concept", "code", "role", "negated", "billable", "clause", "confidence"]
    assert only.split("\t") == ["edx:Myopathy", "A00.0", "direct", "", "1", "", "0.5"]


# What is shipped


def codes(concept: str, *, negated: bool = False, role: str | None = None) -> set[str]:
    rows = expansion(EDX[concept])
    return {r.code for r in rows if r.negated is negated and r.billable and role in (None, r.role)}


def test_the_expansion_says_what_it_is_of() -> None:
    found = expansion_date()
    assert found.release == "ICD-10-CM FY2026, release of 2026-04-01"
    assert (found.in_force_from, found.in_force_to) == (date(2026, 4, 1), date(2026, 9, 30))
    assert found.mapping_set_version == read_mapping_set("icd10cm").version


@pytest.mark.parametrize(
    ("concept", "expected"),
    [
        ("CarpalTunnelSyndrome", {"G56.00", "G56.01", "G56.02", "G56.03"}),
        ("ProgressiveMuscularAtrophy", {"G12.25"}),
        ("GuillainBarreSyndrome", {"G61.0"}),
        ("MyastheniaGravis", {"G70.00", "G70.01"}),
    ],
)
def test_the_direct_codes_of_a_disease_are_those_of_its_title(concept: str, expected: set[str]) -> None:
    assert codes(concept, role="direct") == expected


def test_a_concept_has_the_codes_of_the_classes_below_it_each_with_its_own_concept() -> None:
    assert codes("CarpalTunnelSyndrome") <= codes("CompressiveNeuropathy")
    found = {r.code: r.concept for r in expansion(EDX.CompressiveNeuropathy) if r.role == "direct"}
    assert found["G56.01"] == EDX.CarpalTunnelSyndrome


def test_spondylosis_without_radiculopathy_is_listed_as_negated_only() -> None:
    assert "M47.816" in codes("LumbosacralRadiculopathy", negated=True)
    assert "M47.816" not in codes("LumbosacralRadiculopathy")
    assert {"M54.16", "M54.17"} <= codes("LumbosacralRadiculopathy", role="direct")


def test_a_cause_is_in_the_expansion_of_its_neuropathy_as_half_of_a_pair() -> None:
    assert "E03.9" in codes("HypothyroidNeuropathy", role="etiology")
    assert "E03.9" not in codes("HypothyroidNeuropathy", role="direct")


def test_a_concept_that_the_mapping_does_not_name_has_no_codes() -> None:
    assert expansion(EDX.Report) == ()


def test_every_row_of_the_mapping_reaches_a_code_and_no_code_comes_from_elsewhere() -> None:
    """Derived without the build: by the spelling of codes alone."""
    expected: set[tuple[URIRef, str, str]] = set()
    everything = {r.code for concept in concepts() for r in expansion(concept)}
    for mapping in read_mapping_set("icd10cm").mappings:
        if mapping.code is None:
            continue
        below = {code for code in everything if code.startswith(mapping.code)}
        kept = {code for code in below if not code.startswith(mapping.excluded_roots or ("none",))}
        kept -= {code for code in kept if any(root.startswith(code) for root in mapping.excluded_roots)}
        assert kept, mapping
        expected |= {(mapping.subject, code, mapping.role) for code in kept}
    found = {(r.concept, r.code, r.role) for concept in concepts() for r in expansion(concept) if r.concept == concept}
    assert found == expected


def test_every_code_of_an_expansion_is_of_the_release_with_its_mark_and_title() -> None:
    checked = 0
    for concept in concepts():
        for expanded in expansion(concept):
            entry = icd10cm(expanded.code)
            assert entry is not None
            assert (entry.title, entry.billable) == (expanded.title, expanded.billable)
            checked += 1
    assert checked > 3_000


@pytest.mark.parametrize("role", ["direct", "manifestation"])
def test_a_direct_code_is_by_the_ontology_what_the_expansion_says(role: str) -> None:
    rows = [r for concept in concepts() for r in expansion(concept) if r.role == role and r.concept == concept]
    assert rows
    assert not [r for r in rows if r.concept not in hierarchy().ancestors(ICD10CM[r.code])]


REFUSED: dict[str, tuple[Callable[[Mapping], Mapping], str]] = {
    "a diabetic exclusion forgotten": (
        lambda r: replace(r, excluded_roots=()) if r.code == "E11.4" else r,
        "E11.43 belongs to edx:DiabeticNeuropathy and does not",
    ),
    "a root misspelt": (
        lambda r: replace(r, object="ICD10CM:G56.9X") if r.code == "G56.0" else r,
        "G56.9X is no code of ICD-10-CM FY2026",
    ),
}


@pytest.fixture(scope="module")
def real() -> Release:
    return packaged_release()


@pytest.mark.slow
def test_the_shipped_expansion_is_that_of_the_mapping_and_the_release(real: Release) -> None:
    assert expansion_table(read_mapping_set("icd10cm"), real) == SHIPPED.read_text("utf-8")


@pytest.mark.slow
@pytest.mark.parametrize(("spoil", "said"), REFUSED.values(), ids=REFUSED)
def test_a_spoilt_mapping_is_refused(spoil: Callable[[Mapping], Mapping], said: str, real: Release) -> None:
    mapping_set = read_mapping_set("icd10cm")
    with pytest.raises(MappingSetError, match=said):
        expansion_table(replace(mapping_set, mappings=tuple(map(spoil, mapping_set.mappings))), real)


@pytest.mark.slow
def test_a_denial_turned_into_a_statement_gives_another_expansion(real: Release) -> None:
    mapping_set = read_mapping_set("icd10cm")
    spoilt = [replace(r, negated=False, role="direct") if r.code == "M47.816" else r for r in mapping_set.mappings]
    assert len([r for r in mapping_set.mappings if r.code == "M47.816" and r.negated]) > 0
    assert expansion_table(replace(mapping_set, mappings=tuple(spoilt)), real) != SHIPPED.read_text("utf-8")
