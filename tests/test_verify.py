"""A determination proves itself: its report is equal to a replay, whatever the case and the report were written in, and
whatever was tampered with is named.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from random import Random

import pyoxigraph as ox
import pytest
from click.testing import Result
from commands import edx
from judging import CASES, knowledge
from written import SYNTAXES

import reasoner
from reasoner.cli import verification as cli_verification
from reasoner.errors import UnreadableProofError
from reasoner.report.text import report_text
from reasoner.resources import data_folder
from reasoner.verification import documents
from reasoner.verification.replay import Verdict, verify

SOURCE = CASES / "source-000-lumbar-spondylosis-after-fusion" / "case.ttl"
EDX = "https://w3id.org/edx-reasoner/ontology#"
DIGEST = re.compile(r"RDFC-1.0, SHA-256:? ([0-9a-f]{64})")


@pytest.fixture(autouse=True)
def _knowledge_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_verification, "load_knowledge", knowledge)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return reported(SOURCE, tmp_path_factory.mktemp("report") / "report.ttl")


def reported(case: Path, out: Path, *options: str) -> Path:
    done = edx("determine", str(case), "--policy", "bcbsnd", "--format", "turtle", "-o", str(out), *options)
    assert done.exit_code == 0, done.output
    return out


def verified(path: Path, *cases: Path, code: int) -> str:
    done = edx("verify", str(path), *(part for case in cases for part in ("--case", str(case))))
    assert done.exit_code == code, done.output
    return done.output


def edited(path: Path, out: Path, *changes: tuple[str, str]) -> Path:
    """A copy in which each text, which must be there, stands for another."""
    text = path.read_text("utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    out.write_text(text, "utf-8")
    return out


# Equal: must show 5 ----------------------------------------------------------


def partly_unnamed() -> list[ox.Quad]:
    """The case with some of its nodes without an IRI."""
    nodes = {}
    base = "https://example.org/cases/source-000#"
    for name in ("mri", "spondylosis", "earlier-emg", "earlier-radiculopathies", "back-pain", "review"):
        nodes[ox.NamedNode(base + name)] = ox.BlankNode(name)
    found = [
        ox.Quad(nodes.get(q.subject, q.subject), q.predicate, nodes.get(q.object, q.object))
        for q in ox.parse(path=SOURCE, format=ox.RdfFormat.TURTLE)
    ]
    assert sum(isinstance(q.subject, ox.BlankNode) for q in found) > len(nodes)
    return found


def renamed(quads: list[ox.Quad], seed: int) -> list[ox.Quad]:
    """The same statements in another order, with other names of the blank nodes."""
    random, names = Random(seed), dict[str, ox.BlankNode]()

    def other(term: object) -> object:
        if not isinstance(term, ox.BlankNode):
            return term
        return names.setdefault(term.value, ox.BlankNode(f"n{random.randrange(10**9)}"))

    return [ox.Quad(other(q.subject), q.predicate, other(q.object)) for q in random.sample(quads, len(quads))]  # type: ignore[arg-type]


def test_the_report_is_the_same_bytes_whatever_the_case_is_written_in_and_whoever_runs_it(tmp_path: Path) -> None:
    """Four syntaxes, each with its triples shuffled and its blank nodes renamed; two hash seeds and two time zones."""
    quads = partly_unnamed()
    cases = []
    for number, extension in enumerate((".ttl", ".nt", ".jsonld", ".rdf")):
        written = ox.serialize(renamed(quads, number), format=SYNTAXES[extension])
        assert written is not None
        cases.append(tmp_path / f"case{extension}")
        cases[-1].write_bytes(written)
    reports = [reported(case, tmp_path / f"{case.name}.report.ttl") for case in cases]
    for number, (seed, zone) in enumerate((("1", "Pacific/Kiritimati"), ("4242", "America/Anchorage"))):
        out = tmp_path / f"process-{number}.ttl"
        done = process(PYTHON, "determine", cases[number], "--policy", "bcbsnd", "--format", "turtle", "-o", out,
                       env={"PYTHONHASHSEED": seed, "TZ": zone})  # fmt: skip
        assert done.returncode == 0, done.stderr
        reports.append(out)
    assert len({path.read_bytes() for path in reports}) == 1
    digests = set()
    for path, case in zip(reports, [*reversed(cases), cases[0], cases[3]], strict=True):
        said = verified(path, case, code=0)
        assert ": equal: " in said
        digests.update(DIGEST.findall(said))
    assert len(digests) == 1


PYTHON = Path(__file__).parent.parent


def process(root: Path, *arguments: object, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, from the package in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "reasoner", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(root), **(env or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=root,
    )


@pytest.mark.parametrize("extension", SYNTAXES)
def test_a_report_written_anew_in_any_syntax_is_equal_and_has_the_same_digest(
    extension: str, report: Path, tmp_path: Path
) -> None:
    quads = list(ox.parse(path=report, format=ox.RdfFormat.TURTLE))
    again = ox.serialize(Random(7).sample(quads, len(quads)), format=SYNTAXES[extension])
    assert again is not None
    (tmp_path / f"again{extension}").write_bytes(again)
    said = verified(tmp_path / f"again{extension}", SOURCE, code=0)
    assert ": equal: " in said
    assert DIGEST.findall(said) == DIGEST.findall(verified(report, SOURCE, code=0))


def test_determine_says_the_digest_that_verify_says(tmp_path: Path) -> None:
    done = edx("determine", str(SOURCE), "--policy", "aetna", "--format", "turtle", "-o", str(tmp_path / "r.ttl"))
    assert DIGEST.findall(done.output) == DIGEST.findall(verified(tmp_path / "r.ttl", SOURCE, code=0))
    assert len(DIGEST.findall(done.output)) == 1


def test_a_date_that_was_asked_for_is_replayed_as_such(report: Path, tmp_path: Path) -> None:
    """The same date, once taken from the request and once asked for: the notices differ, and both are equal."""
    asked = reported(SOURCE, tmp_path / "asked.ttl", "--on", "2025-11-20")
    assert asked.read_bytes() != report.read_bytes()
    assert ": equal: " in verified(asked, SOURCE, code=0)
    later = reported(SOURCE, tmp_path / "later.ttl", "--on", "2026-03-01")
    assert ": equal: " in verified(later, SOURCE, code=0)


def test_a_report_in_json_is_verified_and_a_flipped_status_in_it_named(tmp_path: Path) -> None:
    out = tmp_path / "report.json"
    edx("determine", str(SOURCE), "--policy", "bcbsnd", "--format", "json", "-o", str(out))
    assert ": equal: " in verified(out, SOURCE, code=0)
    said = json.loads(out.read_text("utf-8"))
    (flipped,) = (a for a in said["assessments"] if a["iri"].endswith("#a-not-settled-by-examination-and-imaging"))
    assert flipped["status"] == "Refuted"
    flipped["status"] = "Met"
    out.write_text(json.dumps(said, indent=7, sort_keys=True), "utf-8")
    told = verified(out, SOURCE, code=1)
    assert "criterion not-settled-by-examination-and-imaging: met in the report, not met now" in told
    assert 'status  "Met"' in told


# Tampering with the case -----------------------------------------------------


def test_a_tampered_case_is_named_as_the_input_that_differs(report: Path, tmp_path: Path) -> None:
    case = edited(SOURCE, tmp_path / "case.ttl", ('dateOfRequest "2025-11-20"', 'dateOfRequest "2025-11-19"'))
    told = verified(report, case, code=1)
    assert "input: the case: the report was made from " in told
    assert told.count("input: ") == 1


def test_a_tampered_code_of_the_case_is_named_with_the_criteria_that_change(report: Path, tmp_path: Path) -> None:
    case = edited(SOURCE, tmp_path / "case.ttl", ("icd10cm:M47.816", "icd10cm:M54.16"), ("M47.816", "M54.16"))
    told = verified(report, case, code=1)
    assert "input: the case: " in told
    assert re.search(r"cited in the report, not stated in the case at hand:\n.*rdf:type  icd10cm:M47\.816", told)
    assert "criterion lumbosacral-radiculopathy: open in the report, met now" in told


def test_the_case_is_found_in_the_file_of_the_report_or_by_its_digest_among_others(
    report: Path, tmp_path: Path
) -> None:
    assert "its case <https://example.org/cases/source-000#request>, of digest " in verified(report, code=1)
    others = [CASES / name / "case.ttl" for name in ("symptom-free-limb", "category-motor-neuron-disease-als")]
    assert ": equal: " in verified(report, *others, SOURCE, code=0)
    assert "none of the 2 cases at hand is it" in verified(report, *others, code=1)
    quads = [*ox.parse(path=report, format=ox.RdfFormat.TURTLE)]
    case = [
        ox.Quad(q.subject, q.predicate, q.object, ox.NamedNode("https://example.org/case"))
        for q in ox.parse(path=SOURCE, format=ox.RdfFormat.TURTLE)
    ]
    both = ox.serialize([*quads, *case], format=ox.RdfFormat.TRIG)
    assert both is not None
    (tmp_path / "both.trig").write_bytes(both)
    assert ": equal: " in verified(tmp_path / "both.trig", code=0)


def test_case_and_report_one_after_the_other_are_a_proof_in_one_file(tmp_path: Path) -> None:
    case = ox.serialize(quads_of(SOURCE), format=ox.RdfFormat.N_QUADS)
    assert case is not None
    (tmp_path / "case.nq").write_bytes(case)
    done = edx("determine", str(tmp_path / "case.nq"), "--policy", "bcbsnd", "--to", str(tmp_path / "report.nq"))
    assert done.exit_code == 0
    (tmp_path / "proof.nq").write_bytes(case + (tmp_path / "report.nq").read_bytes())
    assert "2 checked: 2 equal" in verified(tmp_path / "proof.nq", code=0)
    edited(tmp_path / "proof.nq", tmp_path / "proof.nq", ("ICD10CM/M47.816> .", "ICD10CM/M54.16> ."))
    assert "input: the case: " in verified(tmp_path / "proof.nq", code=1)


def test_a_case_that_is_given_counts_before_one_that_came_with_the_report(tmp_path: Path) -> None:
    """An altered case with the report of it, sent as one proof, is held against the case that the reader has."""
    altered = edited(SOURCE, tmp_path / "altered.ttl", ("icd10cm:M47.816", "icd10cm:M47.26"))
    case = ox.serialize(quads_of(altered), format=ox.RdfFormat.N_QUADS)
    assert case is not None
    edx("determine", str(altered), "--policy", "bcbsnd", "--to", str(tmp_path / "report.nq"))
    proof = tmp_path / "proof.nq"
    proof.write_bytes(case + (tmp_path / "report.nq").read_bytes())
    assert "2 checked: 2 equal" in verified(proof, code=0)
    told = verified(proof, SOURCE, code=1)
    assert "input: the case: " in told
    assert re.search(r"not stated in the case at hand:\n.*icd10cm:M47\.26", told)


def test_cases_without_a_report_are_counted(report: Path) -> None:
    assert "2 of the 3 cases given by --case have no report here" in verified(report, *THREE, code=0)


def test_a_case_that_intake_refuses_is_no_case_to_replay(report: Path, tmp_path: Path) -> None:
    case = edited(SOURCE, tmp_path / "case.ttl", ("a edx:Request ;", "a edx:Request ; edx:noSuchProperty 1 ;"))
    told = verified(report, case, code=1)
    assert "E101" in told
    assert "is missing" in told


# Tampering with the report ---------------------------------------------------

ALTERED: dict[str, tuple[tuple[str, str], list[str]]] = {
    "a sentence": (
        ("adequately explain the patient", "do not explain the patient"),
        ["stated in the report, not by the replay:\n      #q-1  edx:text  \"The imaging findings do not explain"],
    ),
    "the outcome": (
        ("edx:outcome edx:NotMedicallyNecessary", "edx:outcome edx:MedicallyNecessary"),
        [
            "outcome of the request: medically necessary in the report, not medically necessary now",
            "outcome of needle electromyography, lower limb, bilateral: medically necessary in the report, not medically",
        ],
    ),
    "the edition": (
        ("edx:underEdition <https://w3id.org/edx-reasoner/policy/bcbsnd-emg-ncs/2020-01-22>",
         "edx:underEdition <https://w3id.org/edx-reasoner/policy/aetna-cpb-0502/2025-11-20>"),
        ["name: the IRI of the report does not follow", "input: the policy edition: the report was made from "],
    ),
    "an edition that does not exist": (
        ("edx:underEdition <https://w3id.org/edx-reasoner/policy/bcbsnd-emg-ncs/2020-01-22>",
         "edx:underEdition <https://example.org/policy>"),
        ["it cannot be replayed: There is no policy or payer 'https://example.org/policy'"],
    ),
    "the date": (
        ('edx:dateApplied "2025-11-20"', 'edx:dateApplied "2025-11-21"'),
        ["name: the IRI of the report does not follow", "stated by the replay, not in the report:"],
    ),
    "a date before the edition": (
        ('edx:dateApplied "2025-11-20"', 'edx:dateApplied "1999-01-01"'),
        ["it cannot be replayed: No edition of bcbsnd-emg-ncs is in force on 1999-01-01"],
    ),
    "the version": (
        ('edx:programVersion "', 'edx:programVersion "9.'),
        ["name: the IRI of the report does not follow", "program: the report was made by version 9.0.1.0, this is 0.1.0"],
    ),
    "the digest of the terminology": (
        ('edx:terminologyDigest "', 'edx:terminologyDigest "0'),
        ["input: the terminology release: the report was made from 0"],
    ),
    "a foreign statement": (
        ("\n:study-1\n", '\n<https://example.org/x> <https://example.org/y> "z" .\n\n:study-1\n'),
        ["stated in the report, not by the replay:\n      <https://example.org/x>  <https://example.org/y>  \"z\""],
    ),
    "a label of the policy": (
        ('rdfs:label "Not settled by examination and imaging"@en', 'rdfs:label "Settled"@en'),
        ["bcbsnd:not-settled-by-examination-and-imaging  rdfs:label  \"Settled\"@en"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", ALTERED)
def test_what_is_altered_in_a_report_is_named(what: str, report: Path, tmp_path: Path) -> None:
    (old, new), expected = ALTERED[what]
    text = report.read_text("utf-8")
    if old not in text:  # the label of a criterion in the case in which the policy writes it
        old = next(line.strip() for line in text.splitlines() if old.lower() in line.lower())[: len(old)]
    altered = edited(report, tmp_path / "report.ttl", (old, new))
    told = verified(altered, SOURCE, code=1)
    assert ": equal: " not in told
    for words in expected:
        assert words in told


def quads_of(report: Path) -> list[ox.Quad]:
    return list(ox.parse(path=report, format=ox.RdfFormat.TURTLE))


def held(quads: list[ox.Quad], tmp_path: Path) -> tuple[Verdict, str]:
    """What comes of a report of these statements."""
    written = ox.serialize(quads, format=ox.RdfFormat.TURTLE)
    assert written is not None
    (tmp_path / "held.ttl").write_bytes(written)
    (case,) = reasoner.read_cases(SOURCE)
    (found,) = verify(documents.read_document(tmp_path / "held.ttl"), [case], knowledge())
    return found.verdict, "\n".join(found.said)


def test_a_flipped_status_is_named_by_its_criterion_and_its_statement(report: Path, tmp_path: Path) -> None:
    status, met = ox.NamedNode(f"{EDX}status"), ox.NamedNode(f"{EDX}Met")
    (at,) = (q for q in quads_of(report) if q.predicate == status
             and str(q.subject).endswith("#a-not-settled-by-examination-and-imaging>"))  # fmt: skip
    others = [q for q in quads_of(report) if q != at]
    verdict, said = held([*others, ox.Quad(at.subject, status, met)], tmp_path)
    assert verdict is Verdict.DIFFERS
    assert said.count("criterion ") == 1
    assert "criterion not-settled-by-examination-and-imaging: met in the report, not met now" in said
    assert "#a-not-settled-by-examination-and-imaging  edx:status  edx:Met" in said
    assert "#a-not-settled-by-examination-and-imaging  edx:status  edx:Refuted" in said


def test_removed_evidence_is_named(report: Path, tmp_path: Path) -> None:
    statement = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#Statement")
    evidence = sorted({str(q.subject) for q in quads_of(report) if q.object == statement})
    assert evidence
    gone = evidence[0].strip("<>")
    verdict, said = held([q for q in quads_of(report) if gone not in (getattr(q.subject, "value", ""),)], tmp_path)
    assert verdict is Verdict.DIFFERS
    assert f"stated by the replay, not in the report:\n  #{gone.partition('#')[2]}" in said


def dropped(report: Path, tmp_path: Path, places: list[int]) -> None:
    """Each statement dropped, alone: either the replay is refused for want of it, or it is named."""
    quads = quads_of(report)
    for place in places:
        try:
            verdict, said = held(quads[:place] + quads[place + 1 :], tmp_path)
        except UnreadableProofError as error:
            assert "holds no edx:Determination" in str(error)  # noqa: PT017 - of one statement alone
            continue
        assert verdict in (Verdict.DIFFERS, Verdict.REFUSED), str(quads[place])
        name = str(quads[place].predicate.value).rpartition("#")[2].rpartition("/")[2]
        assert name in said or verdict is Verdict.REFUSED or "more" in said, (str(quads[place]), said)


def test_no_statement_of_a_report_can_be_dropped_unnoticed(report: Path, tmp_path: Path) -> None:
    count = len(quads_of(report))
    dropped(report, tmp_path, sorted(Random(5).sample(range(count), 25)))


@pytest.mark.slow
def test_no_statement_can_be_dropped_unnoticed_of_hundreds(report: Path, tmp_path: Path) -> None:
    dropped(report, tmp_path, list(range(0, len(quads_of(report)), 10)))


def test_a_report_that_lacks_what_a_replay_needs_is_refused_with_every_problem(report: Path, tmp_path: Path) -> None:
    wanted = {f"{EDX}{name}" for name in ("caseDigest", "dateApplied", "outcome")}
    verdict, said = held([q for q in quads_of(report) if q.predicate.value not in wanted], tmp_path)
    assert verdict is Verdict.REFUSED
    for name in wanted:
        assert f"it states no edx:{name.removeprefix(EDX)}" in said


def test_two_values_where_there_must_be_one_are_refused_by_name(report: Path, tmp_path: Path) -> None:
    quads = quads_of(report)
    (at,) = (q for q in quads if q.predicate.value == f"{EDX}caseDigest")
    verdict, said = held([*quads, ox.Quad(at.subject, at.predicate, ox.Literal("0" * 64))], tmp_path)
    assert verdict is Verdict.REFUSED
    assert "it states 2 values of edx:caseDigest; it must be one" in said


def test_another_version_with_the_same_result_says_so(report: Path, tmp_path: Path) -> None:
    """A report that is right in itself, as a program of version 0.0.9 would have made it. Its IRI is the first half of
    the SHA-256 of its inputs, line by line.
    """
    text = report.read_text("utf-8")
    (own,) = set(re.findall(r"<(https://w3id.org/edx-reasoner/determination/[0-9a-f]+)>", text))
    digest = {name: re.search(rf'edx:{name}Digest "(\w+)"', text)[1] for name in ("case", "knowledge")}  # type: ignore[index]
    inputs = (
        digest["case"],
        "https://example.org/cases/source-000#request",
        "https://w3id.org/edx-reasoner/policy/bcbsnd-emg-ncs/2020-01-22",
        digest["knowledge"],
        "0.0.9",
        "2025-11-20",
    )
    other = hashlib.sha256("\n".join(inputs).encode()).hexdigest()[:32]
    version = reasoner.__version__
    changes = (
        (own, f"{own.rpartition('/')[0]}/{other}"),
        (f'programVersion "{version}"', 'programVersion "0.0.9"'),
        (f"program/{version}", "program/0.0.9"),
    )
    told = verified(edited(report, tmp_path / "old.ttl", *changes), SOURCE, code=0)
    assert ": same result: " in told
    assert f"program: the report was made by version 0.0.9, this is {version}" in told
    altered = edited(tmp_path / "old.ttl", tmp_path / "bad.ttl", ("adequately explain", "do not explain"))
    assert "do not explain" in verified(altered, SOURCE, code=1)


# Tampering with the knowledge ------------------------------------------------


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A copy of the package with its knowledge."""
    root = tmp_path / "copy"
    apart = shutil.ignore_patterns("__pycache__", "data")
    shutil.copytree(Path(reasoner.__file__).parent, root / "reasoner", ignore=apart)
    for folder in ("ontology", "shapes"):
        shutil.copytree(data_folder(folder), root / folder)
    return root


BCBSND = Path("shapes/policies/bcbsnd-emg-ncs/2020-01-22.ttl")


def test_a_tampered_policy_is_named_even_where_its_kept_digest_is_forged(report: Path, installed: Path) -> None:
    """Another sentence for one criterion, and the digest of the true edition kept for the bytes of the tampered one."""
    policy = installed / BCBSND
    edited(policy, policy, ("record states that the matter is settled", "matter is settled"))
    kept = installed / "reasoner" / "digests.json"
    told = json.loads(kept.read_text("utf-8"))
    line = f"{hashlib.sha256(policy.read_bytes()).hexdigest()}  {BCBSND.as_posix()}\n"
    told[BCBSND.as_posix()]["sha256"] = hashlib.sha256(line.encode()).hexdigest()
    kept.write_text(json.dumps(told), "utf-8")
    done = process(installed, "verify", report, "--case", SOURCE)
    assert done.returncode == 1, done.stderr
    assert "input: the policy edition: the report was made from " in done.stdout
    assert done.stdout.count("input: ") == 1


def test_every_input_that_was_tampered_with_is_named_at_once(report: Path, installed: Path, tmp_path: Path) -> None:
    body, table = installed / "ontology" / "body.ttl", installed / "ontology" / "icd10cm_years.tsv"
    edited(body, body, ('"lower limb"@en', '"leg"@en'))
    table.write_text(table.read_text("utf-8").replace("M47", "M48", 1) + "#\n", "utf-8")
    components = installed / "shapes" / "components.ttl"
    components.write_text(components.read_text("utf-8") + '\n<urn:x> <urn:y> "z" .\n', "utf-8")
    policy = installed / BCBSND
    policy.write_text(policy.read_text("utf-8").replace("sh:or (", "sh:and (", 1), "utf-8")
    case = edited(SOURCE, tmp_path / "case.ttl", ('dateOfRequest "2025-11-20"', 'dateOfRequest "2025-11-19"'))
    done = process(installed, "verify", report, "--case", case)
    assert done.returncode == 1, done.stderr + done.stdout
    for name in ("the case", "the policy edition", "the shapes that the editions share", "the ontology",
                 "the terminology release"):  # fmt: skip
        assert f"input: {name}: " in done.stdout


def test_a_comment_in_a_policy_changes_no_digest_but_that_of_the_bytes(report: Path, installed: Path) -> None:
    policy = installed / BCBSND
    policy.write_text(f"# a comment\n{policy.read_text('utf-8')}", "utf-8")
    done = process(installed, "verify", report, "--case", SOURCE)
    assert done.returncode == 0, done.stderr + done.stdout
    assert ": same result: " in done.stdout
    assert "knowledge as a whole: " in done.stdout


# Many reports ----------------------------------------------------------------

THREE = [
    CASES / name / "case.ttl"
    for name in ("source-000-lumbar-spondylosis-after-fusion", "symptom-free-limb", "category-motor-neuron-disease-als")
]


def batch(out: Path, *options: str) -> Path:
    done = edx("determine", *map(str, THREE), "--policy", "bcbsnd", "--to", str(out), *options)
    assert done.exit_code == 0, done.output
    return out


@pytest.mark.parametrize(
    ("name", "options", "checked"),
    [("r.trig", (), 4), ("r.nq", (), 4), ("r.jsonl", ("--detail", "full"), 3)],
)
def test_each_report_of_a_batch_is_verified(name: str, options: tuple[str, ...], checked: int, tmp_path: Path) -> None:
    """In a batch of graphs the policy's own words stand apart and are the fourth thing to check."""
    out = batch(tmp_path / name, *options)
    assert f"{checked} checked: {checked} equal\n" in verified(out, *THREE, code=0)
    altered = tmp_path / f"altered-{name}"
    needle = "adequately explain"
    edited(out, altered, (needle, "do not explain"))
    told = verified(altered, *THREE, code=1)
    assert f"{checked} checked: {checked - 1} equal, 1 differs\n" in told
    assert "do not explain" in told


def test_the_words_of_a_policy_beside_a_batch_are_verified(tmp_path: Path) -> None:
    out = batch(tmp_path / "r.nq")
    lines = out.read_text("utf-8").splitlines(keepends=True)
    edition = "<https://w3id.org/edx-reasoner/policy/bcbsnd-emg-ncs/2020-01-22> .\n"
    own = [n for n, line in enumerate(lines) if line.endswith(edition) and "#definition>" in line]
    gone = lines.pop(own[0])
    out.write_text("".join(lines), "utf-8")
    told = verified(out, *THREE, code=1)
    assert "4 checked: 3 equal, 1 differs" in told
    assert "skos:definition" in told
    assert gone.split()[0].rpartition("#")[2].rstrip(">") in told


def test_reports_of_one_graph_are_told_apart(tmp_path: Path) -> None:
    """Two reports in one graph: an altered one is named, and so is what neither of them says."""
    texts = [reported(case, tmp_path / f"{n}.ttl").read_text("utf-8") for n, case in enumerate(THREE[:2])]
    both = tmp_path / "both.ttl"
    both.write_text("\n".join(texts), "utf-8")
    assert "2 checked: 2 equal" in verified(both, *THREE, code=0)
    edited(both, both, ("adequately explain", "do not explain"))
    told = verified(both, *THREE, code=1)
    assert "2 checked: 1 equal, 1 differs" in told
    both.write_text("\n".join([*texts, '<urn:x> <urn:y> "z" .\n']), "utf-8")
    told = verified(both, *THREE, code=1)
    assert 'stated beside the reports, and by no replay:\n      <urn:x>  <urn:y>  "z"' in told


def test_what_stands_beside_the_reports_of_a_batch_is_told(tmp_path: Path) -> None:
    """A refused case has a graph, and in lines a row, of which nothing can be replayed; a foreign graph is not passed over."""
    bad = tmp_path / "bad.ttl"
    bad.write_text(
        SOURCE.read_text("utf-8").replace("a edx:Request ;", "a edx:Request ; edx:noSuchProperty 1 ;"), "utf-8"
    )
    for name, options in (("r.nq", ()), ("r.jsonl", ("--detail", "full"))):
        out = tmp_path / name
        edx("determine", str(SOURCE), str(bad), "--policy", "bcbsnd", "--to", str(out), *options)
        told = verified(out, SOURCE, code=0)
        assert "1 refused cases stand in it, of which there is nothing to replay" in told
        assert ": equal: " in told
    with (tmp_path / "r.nq").open("a") as file:
        file.write("<urn:x> <urn:y> <urn:z> <urn:graph> .\n")
    assert "the graph <urn:graph> is neither a report nor a case; it was not checked" in verified(
        tmp_path / "r.nq", SOURCE, code=0
    )


def test_the_order_of_the_lines_of_a_batch_changes_nothing(tmp_path: Path) -> None:
    """Statements of several graphs one among another, as no program would write them."""
    out = batch(tmp_path / "r.nq")
    lines = out.read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "shuffled.nq").write_text("".join(Random(3).sample(lines, len(lines))), "utf-8")
    told, expected = (verified(path, *THREE, code=0) for path in (tmp_path / "shuffled.nq", out))
    assert sorted(DIGEST.findall(told)) == sorted(DIGEST.findall(expected))
    assert len(DIGEST.findall(told)) == 3


# What is no report -----------------------------------------------------------


def refused(path: Path, *options: str) -> Result:
    done = edx("verify", str(path), *options)
    assert done.exit_code == 1, done.output
    assert "E104" in done.output
    return done


NO_REPORTS: dict[str, tuple[bytes, str]] = {
    "case.ttl": (SOURCE.read_bytes(), "holds no edx:Determination"),
    "empty.ttl": (b"", "empty"),
    "broken.ttl": (b"<a> <b", "not Turtle"),
    "other.json": (b'{"schema": "x"}', ""),
    "broken.json": (b'{"schema": ', "not JSON"),
    "rows.jsonl": (b'{"source": "x", "position": 1}\n', "line 1 is no report"),
    "deep.jsonl": (b'{"report": {"schema": "https://w3id.org/edx-reasoner/report.schema.json", "x": '
                   + b"[" * 900 + b"]" * 900 + b"}}", "nested too deeply"),
    "bytes.nq": (b"\x00\x01\x02", "binary"),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_REPORTS)
def test_what_is_no_report_is_refused(name: str, tmp_path: Path) -> None:
    data, said = NO_REPORTS[name]
    (tmp_path / name).write_bytes(data)
    assert said in refused(tmp_path / name).output


def test_json_that_is_no_report_within_is_refused_by_what_it_lacks(tmp_path: Path) -> None:
    out = tmp_path / "r.json"
    out.write_text('{"schema": "https://w3id.org/edx-reasoner/report.schema.json", "determination": "urn:d"}', "utf-8")
    assert "it has no member 'provenance'" in verified(out, code=1)


def test_a_file_that_is_not_there_stops_no_other(report: Path, tmp_path: Path) -> None:
    done = edx("verify", str(tmp_path / "none.ttl"), str(report), "--case", str(SOURCE))
    assert done.exit_code == 1
    assert "none.ttl: the file cannot be read" in done.output
    assert ": equal: " in done.output


def test_the_report_of_a_case_whose_nodes_have_no_iri_is_verified(tmp_path: Path) -> None:
    """Such nodes are named by the digest of the case: in a tampered one all of them have other names."""
    quads = quads_of(SOURCE)
    nodes = {q.subject: ox.BlankNode(f"n{n}") for n, q in enumerate(quads) if isinstance(q.subject, ox.NamedNode)}
    unnamed = [ox.Quad(nodes.get(q.subject, q.subject), q.predicate, nodes.get(q.object, q.object)) for q in quads]
    written = ox.serialize(unnamed, format=ox.RdfFormat.N_TRIPLES)
    assert written is not None
    case = tmp_path / "case.nt"
    case.write_bytes(written)
    out = reported(case, tmp_path / "report.ttl")
    assert ": equal: " in verified(out, case, code=0)
    tampered = edited(case, tmp_path / "tampered.nt", ("ICD10CM/M47.816", "ICD10CM/M54.16"))
    told = verified(out, tampered, code=1)
    in_vain = told.partition("not stated in the case at hand:\n")[2].partition("\n  - ")[0].splitlines()
    assert len(in_vain) == 1
    assert "icd10cm:M47.816" in in_vain[0]


def test_a_report_made_by_the_library_is_the_one_that_the_command_writes(report: Path) -> None:
    (case,) = reasoner.read_cases(SOURCE)
    determination = reasoner.determine(case, knowledge(), policy="bcbsnd")
    assert report_text(determination, knowledge()) == report.read_text("utf-8")
