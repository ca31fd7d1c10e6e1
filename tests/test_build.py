"""What the build makes of mapping sets and release: classes, tables, and the same bytes each time."""

import gzip
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, SKOS, Graph, URIRef

from reasoner.knowledge import load_knowledge
from reasoner.rdf.index import Hierarchy
from reasoner.resources import data_folder
from reasoner.terminology import ontology
from reasoner.terminology.build import FILES
from reasoner.terminology.class_files import CodeClass, carried, class_table, code_classes, encounter, turtle
from reasoner.terminology.mappings import Mapping
from reasoner.terminology.release import ExcludesNote, Release, with_parents
from reasoner.terminology.table_files import code_table, excludes_table
from reasoner.terms import BASE, EDX, ICD10CM

TOY = Release(
    name="toy",
    fiscal_year=2027,
    in_force_from=date(2026, 10, 1),
    in_force_to=date(2027, 9, 30),
    codes=with_parents(
        {
            "A00": ("all", False),
            "A00.0": ("in, right side", True),
            "A00.1": ("mixed", False),
            "A00.10": ("in", True),
            "A00.11": ("out", True),
        }
    ),
    notes=(
        ExcludesNote("A00-A09", ("B00",), "of the block (B00.-)"),
        ExcludesNote("A00.1", ("B01", "M50-M54"), "of a code (B01.-, M50-M54)"),
        ExcludesNote("A00.1", (), "in words"),
        ExcludesNote("A00.0", ("A00.11",), "of another (A00.11)"),
    ),
    categories=("A00",),
)


def row(root: str, cls: str | None, *excluded: str) -> Mapping:
    return Mapping(
        subject=EDX.Myopathy,
        predicate=URIRef(str(SKOS.narrowMatch)),
        negated=False,
        object=f"ICD10CM:{root}",
        object_label="",
        role="direct",
        excluded_roots=excluded,
        edx_class=None if cls is None else EDX[cls],
        confidence=0.9,
        clause=None,
        item="",
        comment="",
        extra={},
        line=1,
    )


# Classes


def test_a_class_goes_to_the_largest_subtrees_that_avoid_what_is_excluded() -> None:
    assert carried([row("A00", "Myopathy", "A00.11")], TOY) == {
        "A00": frozenset(),
        "A00.0": frozenset({"edx:Myopathy"}),
        "A00.1": frozenset(),
        "A00.10": frozenset({"edx:Myopathy"}),
    }


def test_a_row_without_a_class_and_a_row_without_a_code_place_nothing() -> None:
    nothing = replace(row("A00", "Myopathy"), object="sssom:NoTermFound")
    assert carried([row("A00", None), nothing], TOY) == {}


def test_a_code_says_what_the_code_above_does_not_say_already() -> None:
    found = {cls.code: cls.supers for cls in code_classes([row("A00", "Myopathy"), row("A00.1", "Polymyositis")], TOY)}
    assert found == {
        "A00": ("edx:Myopathy",),
        "A00.0": ("icd10cm:A00", "edx:RightSidedDiagnosis"),
        "A00.1": ("icd10cm:A00", "edx:Polymyositis"),
        "A00.10": ("icd10cm:A00.1",),
        "A00.11": ("icd10cm:A00.1",),
    }


def test_a_class_names_what_its_own_notes_exclude() -> None:
    found = {cls.code: cls.excludes for cls in code_classes([row("A00", "Myopathy")], TOY)}
    assert found["A00.1"] == ("B01", "M50-M54")
    assert found["A00.0"] == ("A00.11",)
    assert found["A00"] == found["A00.10"] == ()
    graph = Graph().parse(data=turtle(code_classes([row("A00", "Myopathy")], TOY), "toy"), format="turtle")
    assert set(graph.objects(ICD10CM["A00.1"], EDX.excludes1)) == {ICD10CM["B01"], ICD10CM["M50-M54"]}


@pytest.mark.parametrize(
    ("code", "cls"),
    [
        ("S54.01XA", "edx:InitialEncounterDiagnosis"),
        ("S54.01XD", "edx:SubsequentEncounterDiagnosis"),
        ("T45.1X5S", "edx:SequelaEncounterDiagnosis"),
        ("S54.01", None),
        ("M80.00XA", None),  # the same characters mean the same there, but only injuries bear on repeat testing
        ("S02.0XXB", None),
        ("M54.16", None),
    ],
)
def test_the_seventh_character_of_an_injury_tells_the_encounter(code: str, cls: str | None) -> None:
    assert encounter(code) == cls


def test_text_in_a_title_is_written_as_turtle_reads_it() -> None:
    cls = CodeClass("A00", 'a "b" \\ c', ("edx:Diagnosis",), ())
    graph = Graph().parse(data=turtle([cls], "toy"), format="turtle")
    assert str(graph.value(ICD10CM["A00"], RDFS.label)) == 'a "b" \\ c'


def test_a_class_of_the_shipped_file_has_a_notation_and_a_title() -> None:
    graph = Graph().parse(data_folder("ontology") / "icd10cm.ttl")
    classes = set(graph.subjects(RDF.type, OWL.Class))
    assert len(classes) > 2_000
    for cls in classes:
        assert str(graph.value(cls, SKOS.notation)) == str(cls).removeprefix(str(ICD10CM))
    radiculopathy = ICD10CM["M54.1"]
    assert set(graph.objects(radiculopathy, EDX.excludes1)) == {
        ICD10CM[c] for c in ("M79.2", "M50.1", "M51.1", "M47.2")
    }


# The same tree without the Turtle file


def test_tree_labels_and_terms_are_those_of_the_turtle_files() -> None:
    triples = ontology.ontology_triples()
    read = Hierarchy.of(triples)
    assert ontology.hierarchy().parents == read.parents
    assert ontology.labels() == {s: str(o) for s, p, o in triples if p == RDFS.label and isinstance(s, URIRef)}
    types: dict[URIRef, set[URIRef]] = {}
    for s, p, o in triples:
        named = isinstance(s, URIRef) and not s.startswith(BASE + ".well-known/")  # a blank node is no term
        if p == RDF.type and named and isinstance(o, URIRef) and o != OWL.Ontology:
            types.setdefault(s, set()).add(o)
    assert ontology.declared_terms() == {term: frozenset(found) for term, found in types.items()}
    assert len(types) > 2_500


# Tables


def test_the_table_of_codes_is_sorted_marked_and_names_its_release() -> None:
    lines = gzip.decompress(code_table(TOY, "a test")).decode().splitlines()
    assert lines[0] == "# toy, as a test carries it: code, billable, title"
    assert lines[1:4] == ["A00\t0\tall", "A00.0\t1\tin, right side", "A00.1\t0\tmixed"]


def test_the_table_of_notes_keeps_notes_in_words_and_the_order_of_categories() -> None:
    lines = gzip.decompress(excludes_table(TOY)).decode().splitlines()
    assert lines[1] == "# categories: A00"
    assert lines[2:] == [
        "A00-A09\tB00\tof the block (B00.-)",
        "A00.1\tB01|M50-M54\tof a code (B01.-, M50-M54)",
        "A00.1\t\tin words",
        "A00.0\tA00.11\tof another (A00.11)",
    ]


def test_a_class_table_holds_supers_and_title() -> None:
    lines = class_table(code_classes([row("A00", "Myopathy")], TOY), "toy").splitlines()
    assert lines[1:3] == ["A00\tedx:Myopathy\tall", "A00.0\ticd10cm:A00 edx:RightSidedDiagnosis\tin, right side"]


# The command


@pytest.mark.slow
def test_building_again_gives_what_is_shipped_whatever_the_hash_seed(tmp_path: Path) -> None:
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "reasoner.terminology.build", "--out", str(tmp_path / seed)]
        environment = os.environ | {"PYTHONHASHSEED": seed}
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
        assert done.stdout.splitlines() == [str(tmp_path / seed / name) for name in FILES]
    for name in FILES:
        first, second = ((tmp_path / seed / name).read_bytes() for seed in ("1", "2"))
        shipped = (data_folder("ontology") / name).read_bytes()
        assert first == second, name
        if name.endswith(".gz"):  # another compression library may pack the same text otherwise
            first, shipped = gzip.decompress(first), gzip.decompress(shipped)
        assert first == shipped, f"{name} is not what the build writes; run python -m reasoner.terminology.build"


def test_every_generated_file_is_shipped_and_names_its_release_or_what_wrote_it() -> None:
    for name in FILES:
        data = (data_folder("ontology") / name).read_bytes()
        text = (gzip.decompress(data) if name.endswith(".gz") else data).decode()
        assert "ICD-10-CM FY2026, release of 2026-04-01" in text or "python -m reasoner.terminology.build" in text, name
        if name.endswith(".ttl"):
            assert "Generated by `python -m reasoner.terminology.build`" in text


def test_the_digest_of_the_knowledge_covers_every_file_that_says_something() -> None:
    found = [path for name in ("ontology", "shapes") for path in data_folder(name).rglob("*") if path.is_file()]
    assert {data_folder("ontology") / name for name in FILES} <= set(found)
    assert {path.suffix for path in found} <= {".ttl", ".tsv", ".gz", ".jsonld"} | {".md"}  # the last is prose


def test_a_generated_file_is_part_of_the_digest(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for folder in ("ontology", "shapes"):
        shutil.copytree(data_folder(folder), tmp_path / folder)
    monkeypatch.setattr("reasoner.digests.data_folder", lambda name: tmp_path / name)
    seen = {load_knowledge().digest}
    for name in FILES:
        with (tmp_path / "ontology" / name).open("ab") as file:
            file.write(b"\n")
        seen.add(load_knowledge().digest)
    assert len(seen) == 1 + len(FILES)


def test_the_command_refuses_a_release_that_it_cannot_read(tmp_path: Path) -> None:
    path = tmp_path / "icd10cm-order-2027.txt"
    path.write_text("not an order file\n", encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "reasoner.terminology.build",
        "--out",
        str(tmp_path / "out"),
        "--release",
        str(path),
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "icd10cm-order-2027.txt, line 1: expected a code such as M5416" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


# What a determination needs of it

SCRIPT = """
import sys
import reasoner
knowledge = reasoner.load_knowledge()
engines = {"pyshacl", "owlready2", "pyparsing"} & set(sys.modules)
(case,) = reasoner.read_cases(sys.argv[1])
report = reasoner.report_graph(reasoner.determine(case, knowledge, policy="bcbsnd"), knowledge)
reasoner.render(report, "text")
from reasoner.terminology.ontology import ontology_triples
print(sorted(engines), ontology_triples.cache_info().currsize)
"""


def test_no_determination_reads_the_codes_as_turtle_and_no_engine_is_loaded_before_a_case() -> None:
    case = Path(__file__).parents[1] / "cases" / "source-000-lumbar-spondylosis-after-fusion" / "case.ttl"
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(case)], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["[]", "0"]
