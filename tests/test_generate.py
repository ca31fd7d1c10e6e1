"""Generated cases: the same for the same seed, admitted by intake, and between them every criterion in every status."""

import json
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
from commands import edx
from judging import assessments, editions, judge, leaf_assessments
from rdflib import URIRef

from reasoner.evaluation.statuses import Status
from reasoner.generation.case_text import GeneratedCase, as_jsonld, as_nquads, as_trig, as_turtle, header
from reasoner.generation.defects import DEFECTS
from reasoner.generation.generator import generate_case, generate_cases
from reasoner.generation.scenarios import SCENARIOS
from reasoner.intake.admission import validate
from reasoner.policy.edition import Criterion, Edition, Operator
from reasoner.rdf.syntax import read_quads
from reasoner.terminology.ontology import declared_terms

SYNTAXES = {
    "case.ttl": as_turtle,
    "case.trig": lambda case: header(case.space) + as_trig(case),
    "case.nq": as_nquads,
    "case.nt": lambda case: as_nquads(case, graph=False),
    "case.jsonld": as_jsonld,
}


def canonical(case: GeneratedCase, name: str) -> list[str]:
    """The statements of a case as a syntax gives them, without the name of a graph, in canonical form."""
    quads = read_quads(SYNTAXES[name](case).encode(), name=name, syntax=None)
    dataset = ox.Dataset(ox.Quad(q.subject, q.predicate, q.object) for q in quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(map(str, dataset))


@pytest.mark.parametrize("unnamed", [False, True], ids=["named", "unnamed"])
def test_every_syntax_holds_the_same_statements(unnamed: bool) -> None:
    for case in generate_cases(15, unnamed=unnamed):
        said = canonical(case, "case.ttl")
        assert len(said) == len(set(case.statements)) == len(case.statements)
        assert all(canonical(case, name) == said for name in SYNTAXES)


def test_a_case_depends_on_its_seed_and_number_alone() -> None:
    whole = list(generate_cases(20, seed=3))
    assert list(generate_cases(5, seed=3, start=11)) == whole[10:15]
    assert generate_case(20, seed=3) == whole[19]
    assert all(a.statements != b.statements for a, b in zip(whole, generate_cases(20, seed=4), strict=True))


def test_the_first_case_is_what_it_was() -> None:
    """The same under every version of Python: whoever measured with a seed can measure again."""
    case = generate_case(1)
    assert case.request == "https://example.org/generated/1/1-request"
    assert case.statements[1] == ("request", "rdfs:label", '"Request 1: symptoms without a name"')


@pytest.mark.parametrize("size", [50, 100, 400, 2000])
def test_cases_have_about_as_many_statements_as_asked_for(size: int) -> None:
    found = [len(case.statements) for case in generate_cases(40, size=size)]
    assert size * 0.85 <= sum(found) / len(found) <= size * 1.25
    assert max(found) <= size * 1.4 + 40


@pytest.mark.parametrize("count", [80, pytest.param(10_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("unnamed", [False, True], ids=["named", "unnamed"])
def test_intake_admits_every_case(count: int, unnamed: bool) -> None:
    for case in generate_cases(count, seed=2, unnamed=unnamed):
        result = validate(as_turtle(case).encode(), name="case.ttl")
        assert not result.refusals, [str(problem) for problem in result.refusals[0].problems]


def test_intake_refuses_every_defect() -> None:
    found: Counter[str] = Counter()
    for case in generate_cases(120, seed=6, defects=100):
        result = validate(as_turtle(case).encode(), name="case.ttl")
        assert not result.cases, case.defect
        found[case.defect] += 1
    assert set(found) == set(DEFECTS)


def test_defects_come_in_the_share_that_is_asked_for() -> None:
    share = sum(bool(case.defect) for case in generate_cases(1000, defects=30))
    assert 250 <= share <= 350


def test_every_scenario_names_classes_that_exist() -> None:
    known = declared_terms()
    for scenario in SCENARIOS:
        for name in (*scenario.diseases, *scenario.findings, *scenario.studies, *scenario.beside):
            assert URIRef(f"https://w3id.org/edx-reasoner/ontology#{name}") in known, (scenario.name, name)


CANNOT_BE_REFUTED = {"AffirmableCriterion", "UnencodedCriterion"}
CANNOT_BE_OPEN = {"CompleteCriterion"}
CANNOT_BE_MET = {"UnencodedCriterion"}


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["aetna-cpb-0502", "bcbsnd-emg-ncs"])
def test_every_leaf_is_met_refuted_and_open_somewhere_in_ten_thousand_cases(policy: str) -> None:
    edition: Edition = editions()[policy]
    found: Counter[tuple[str, Status]] = Counter()
    for case in generate_cases(10_000):
        (taken,) = validate(as_nquads(case, graph=False).encode(), name="case.nt").cases
        for (iri, _), assessment in leaf_assessments(taken, edition).items():
            found[str(iri), assessment.status] += 1
    for criterion in edition.criteria.values():
        if criterion.operator is not None:
            continue
        kind = criterion.kind.value
        expected = {
            Status.MET: kind not in CANNOT_BE_MET,
            Status.REFUTED: kind not in CANNOT_BE_REFUTED,
            Status.UNDETERMINED: kind not in CANNOT_BE_OPEN,
        }
        for status, can in expected.items():
            assert bool(found[str(criterion.iri), status]) == can, (criterion.name, status)


def possible(criterion: Criterion) -> set[Status]:
    """The statuses that a criterion can have by its structure, as the design has it: strong Kleene logic over its parts."""
    if criterion.operator is None:
        kind = criterion.kind.value
        cannot = {Status.MET: CANNOT_BE_MET, Status.REFUTED: CANNOT_BE_REFUTED, Status.UNDETERMINED: CANNOT_BE_OPEN}
        return {status for status, kinds in cannot.items() if kind not in kinds}
    opposite = {Status.MET: Status.REFUTED, Status.REFUTED: Status.MET, Status.NOT_APPLICABLE: Status.MET}
    parts = []
    for member in criterion.members:
        found = possible(member.criterion)
        if Status.NOT_APPLICABLE in found:
            found = found - {Status.NOT_APPLICABLE} | {Status.MET}
        parts.append({opposite.get(status, status) for status in found} if member.ruled_out else found)
    conditional = criterion.operator is Operator.CONDITIONAL
    sometimes = conditional and parts[0] != {Status.MET}
    parts = parts[conditional:]
    one = Status.MET if criterion.operator is Operator.ANY else Status.REFUTED
    all_ = Status.REFUTED if one is Status.MET else Status.MET
    can = {status for status in (one, Status.UNDETERMINED) if any(status in part for part in parts)}
    can |= {all_} if all(all_ in part for part in parts) else set()
    return can | {Status.NOT_APPLICABLE} if sometimes else can


# That every known reason is ruled out in words takes a record written for it: an example case, `aetna-every-known-reason-ruled-out`.
NEVER_DRAWN = {("reason-for-study", Status.REFUTED)}


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["aetna-cpb-0502", "bcbsnd-emg-ncs"])
def test_every_composite_has_every_status_that_it_can_have_somewhere_in_three_thousand_cases(policy: str) -> None:
    edition: Edition = editions()[policy]
    found: dict[str, set[Status]] = {}
    for case in generate_cases(3000):
        (taken,) = validate(as_nquads(case, graph=False).encode(), name="case.nt").cases
        for assessment in assessments(judge(taken, edition).root).values():
            if assessment.criterion.operator is not None:
                found.setdefault(assessment.criterion.name, set()).add(assessment.status)
    expected = {c.name: possible(c) for c in edition.criteria.values() if c.operator is not None}
    assert sum(map(len, expected.values())) > 30
    for name, can in expected.items():
        assert found[name] == {status for status in can if (name, status) not in NEVER_DRAWN}, name


# The command


@pytest.mark.parametrize("name", ["cases.trig", "cases.nq", "cases.ndjson"])
def test_the_command_writes_a_file_that_intake_admits(name: str, tmp_path: Path) -> None:
    done = edx("generate", "3", "-o", str(tmp_path / name), "--seed", "8")
    assert done.exit_code == 0, done.output
    text = (tmp_path / name).read_bytes()
    if name.endswith(".ndjson"):
        lines = text.splitlines()
        assert all(json.loads(line)["@context"] for line in lines)
        found = [entry for line in lines for entry in validate(line, name="case.jsonld").cases]
    else:
        found = list(validate(text, name=name).cases)
    assert [str(case.iri).rpartition("/")[2] for case in found] == ["1-request", "2-request", "3-request"]


def test_the_command_writes_a_folder_with_a_file_for_each_case(tmp_path: Path) -> None:
    done = edx("generate", "11", "-o", f"{tmp_path}/cases/")
    assert done.exit_code == 0, done.output
    files = sorted((tmp_path / "cases").iterdir())
    assert [file.name for file in files][:2] == ["case-01.ttl", "case-02.ttl"]
    assert len(files) == 11
    assert files[2].read_text("utf-8") == as_turtle(generate_case(3))


def test_the_command_prints_trig_where_no_file_is_named() -> None:
    done = edx("generate", "1")
    assert done.exit_code == 0
    assert done.output == header("https://example.org/generated/1/") + as_trig(generate_case(1))


def test_the_command_says_which_names_it_can_write(tmp_path: Path) -> None:
    done = edx("generate", "1", "-o", str(tmp_path / "cases.csv"))
    assert done.exit_code == 2
    assert ".trig, .nq, .ndjson" in done.output


def test_a_policy_keeps_to_its_payer() -> None:
    payers = {o for case in generate_cases(30, payer="aetna") for _, p, o in case.statements if p == "edx:payer"}
    assert payers == {"<https://w3id.org/edx-reasoner/payer/aetna>"}
