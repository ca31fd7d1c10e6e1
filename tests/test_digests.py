"""The digests in a report are what the documentation says, recomputed here by means of others: PyLD's canonicalization, which
is not the one that the program uses, and `sha256sum`.
"""

import gzip
import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pyoxigraph as ox
import pytest
from judging import CASES, knowledge
from pyld import jsonld

import reasoner
from reasoner import digests
from reasoner.resources import data_folder
from reasoner.terminology import digests_build

SOURCE = CASES / "source-000-lumbar-spondylosis-after-fusion" / "case.ttl"
ONTOLOGY, SHAPES = data_folder("ontology"), data_folder("shapes")
TERMINOLOGY = ("icd10cm.ttl", "procedure.ttl")
BCBSND = SHAPES / "policies" / "bcbsnd-emg-ncs" / "2020-01-22.ttl"


def turtle(*files: Path) -> list[ox.Quad]:
    """The statements of some Turtle files, each with blank nodes of its own."""
    form = ox.RdfFormat.TURTLE
    return [quad for path in files for quad in ox.parse(path=path, format=form, rename_blank_nodes=True)]


def by_pyld(*files: Path) -> str:
    """SHA-256 of the canonical N-Quads of some Turtle files taken together, by PyLD."""
    quads = [
        quad for path in files for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)
    ]
    written = ox.serialize(quads, format=ox.RdfFormat.N_QUADS)
    assert written is not None
    form = "application/n-quads"
    options = {"algorithm": "URDNA2015", "inputFormat": form, "format": form}
    return hashlib.sha256(jsonld.normalize(written.decode(), options).encode()).hexdigest()


def stated() -> digests.Digests:
    return knowledge().digests(next(e for e in knowledge().editions if e.slug == "bcbsnd-emg-ncs"))


def test_the_case_by_pyld() -> None:
    (case,) = reasoner.read_cases(SOURCE)
    assert by_pyld(SOURCE) == case.digest


@pytest.mark.parametrize("policy", ["aetna-cpb-0502", pytest.param("bcbsnd-emg-ncs", marks=pytest.mark.slow)])
def test_the_edition_by_pyld(policy: str) -> None:
    (edition,) = (edition for edition in knowledge().editions if edition.slug == policy)
    (file,) = (SHAPES / "policies" / policy).glob("*.ttl")
    assert by_pyld(file) == knowledge().digests(edition).edition


@pytest.mark.slow
def test_the_shapes_by_pyld() -> None:
    """PyLD reads no control character that is written by its number, as patterns of the intake shapes have them."""
    shared = [SHAPES / "components.ttl", *(SHAPES / "statements").rglob("*.ttl")]
    assert by_pyld(*shared) == digests.canonical_digest(turtle(*shared))
    assert digests.canonical_digest(turtle(*shared, *(SHAPES / "intake").rglob("*.ttl"))) == stated().shapes


@pytest.mark.slow
def test_the_ontology_by_pyld() -> None:
    assert by_pyld(*(p for p in ONTOLOGY.glob("*.ttl") if p.name not in TERMINOLOGY)) == stated().ontology


@pytest.mark.slow
def test_the_terminology_by_pyld_and_by_content() -> None:
    """The listing as `sha256sum` writes it: two spaces between digest and name, in the order of the names.

    PyLD takes a minute for `icd10cm.ttl`, whose digest is therefore taken as the program has it.
    """
    listing = {}
    for path in ONTOLOGY.rglob("*"):
        name = f"ontology/{path.relative_to(ONTOLOGY).as_posix()}"
        if path.name == "icd10cm.ttl":
            listing[name] = digests.canonical_digest(ox.parse(path=path, format=ox.RdfFormat.TURTLE))
        elif path.name in TERMINOLOGY:
            listing[name] = by_pyld(path)
        elif path.suffix == ".gz":
            listing[name] = hashlib.sha256(gzip.decompress(path.read_bytes())).hexdigest()
        elif path.suffix == ".tsv":
            listing[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    assert len(listing) > 5
    text = "".join(f"{digest}  {name}\n" for name, digest in sorted(listing.items()))
    assert hashlib.sha256(text.encode()).hexdigest() == stated().terminology


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="the command sha256sum is not on this machine")
def test_the_knowledge_as_a_whole_by_sha256sum() -> None:
    root = ONTOLOGY.parent
    read = {".ttl", ".tsv", ".gz", ".jsonld"}
    names = sorted(p.relative_to(root).as_posix() for f in (ONTOLOGY, SHAPES) for p in f.rglob("*") if p.suffix in read)
    listing = subprocess.run(["sha256sum", *names], cwd=root, capture_output=True, check=True).stdout
    assert hashlib.sha256(listing).hexdigest() == knowledge().digest


def test_a_report_by_pyld(tmp_path: Path) -> None:
    (case,) = reasoner.read_cases(SOURCE)
    text = reasoner.render(reasoner.determine(case, knowledge(), policy="bcbsnd"), "turtle", knowledge=knowledge())
    (tmp_path / "report.ttl").write_text(text, "utf-8")
    assert digests.canonical_digest(ox.parse(text, format=ox.RdfFormat.TURTLE)) == by_pyld(tmp_path / "report.ttl")


def test_characters_are_escaped_as_the_recommendation_says() -> None:
    """RDFC-1.0 section 5 with the canonical form of N-Quads: seven characters by a letter, other controls by number."""
    text = "".join(map(chr, range(1, 0x20))) + '"\\\x7fé\u2028'
    quad = ox.Quad(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), ox.Literal(text))
    letters = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
    told = "".join(letters.get(c, f"\\u{ord(c):04X}" if ord(c) < 0x20 or ord(c) == 0x7F else c) for c in text)
    assert digests.canonical_nquads([quad]).decode() == f'<urn:s> <urn:p> "{told}" .\n'


# What is kept ----------------------------------------------------------------


def test_the_kept_digests_are_those_of_the_files() -> None:
    """After a change of ontology or shapes: python -m reasoner.terminology.digests_build"""
    found = digests.SourceDigests(digests.sources()).kept()
    assert json.loads(digests.KEPT.read_text("utf-8")) == found


def test_the_command_writes_what_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(digests_build, "KEPT", tmp_path / "digests.json")
    digests_build.main()
    assert (tmp_path / "digests.json").read_bytes() == digests.KEPT.read_bytes()
    assert capsys.readouterr().out == f"wrote {tmp_path / 'digests.json'}\n"


def test_every_file_of_the_knowledge_belongs_to_one_part_or_decides_nothing() -> None:
    parts = {source.name: digests.part_of(source.name) for source in digests.sources()}
    nothing = {name for name, part in parts.items() if part is None}
    assert {re.sub(r"/[^/]*$", "", name) for name in nothing} == {"ontology", "shapes/meta", "shapes/ontology"}
    assert {name for name in nothing if name.startswith("ontology")} == {"ontology/context.jsonld"}
    assert set(parts.values()) - {None} == set(json.loads(digests.KEPT.read_text("utf-8")))


def test_bytes_that_are_not_those_of_the_kept_digest_are_digested_anew() -> None:
    """A kept digest is of no avail for other bytes; for the very bytes it is what spares the time."""
    files = digests.sources()
    part = "shapes/policies/bcbsnd-emg-ncs/2020-01-22.ttl"
    (own,) = (file for file in files if file.name == part)
    true = json.loads(digests.KEPT.read_text("utf-8"))[part]
    for sha256, expected in ((true["sha256"], "0" * 64), ("1" * 64, true["digest"])):
        found = digests.SourceDigests(files, {part: {"sha256": sha256, "digest": "0" * 64}})
        assert found.of_part(part) == expected
        assert found.anew().of_part(part) == true["digest"]
    assert own.digest == hashlib.sha256(own.path.read_bytes()).hexdigest()


def test_an_edition_given_by_file_has_the_digest_of_that_file(tmp_path: Path) -> None:
    text = BCBSND.read_text("utf-8").replace("2020-01-22", "2027-01-01")
    (tmp_path / "edition.ttl").write_text(text, "utf-8")
    known = reasoner.load_knowledge([tmp_path / "edition.ttl"])
    (edition,) = (e for e in known.editions if e.slug == "bcbsnd-emg-ncs" and e.effective_from.year == 2027)
    assert known.digests(edition).edition == digests.canonical_digest(turtle(tmp_path / "edition.ttl"))
    assert known.digests(edition)[1:] == stated()[1:]
    assert known.digest != knowledge().digest
