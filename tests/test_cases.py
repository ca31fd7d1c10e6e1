"""Every case of `cases/` comes out as its expectation, derived by hand from the policy text, says.

`cases/<topic>-<what it shows>/case.ttl` holds one request, `expected.toml` beside it what each policy must make of it.
In `[policy.<slug>.criteria]` a criterion about the request stands by its local name, one about a single study as
`<name>@<fragment of the study>`. `conflicts`, where it stands, names every criterion that a contradiction leaves open.
"""

import functools
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rdflib import URIRef

import reasoner
from reasoner import Case, Determination, Knowledge, Outcome, Status
from reasoner.evaluation.criteria import Assessment
from reasoner.policy.edition import Criterion, Edition, Kind
from reasoner.terms import EDX

CASES = Path(__file__).parent.parent / "cases"
FOLDERS = sorted(file.parent for file in CASES.glob("*/case.ttl"))
AT_LEAST = 61  # the request of source 000 and sixty more
TO_BE_SHOWN = {  # law 10: both ways shown, and open
    Kind.OPEN: {Status.MET, Status.REFUTED, Status.UNDETERMINED},
    Kind.COMPLETE: {Status.MET, Status.REFUTED},
    Kind.COUNTED: {Status.MET, Status.REFUTED, Status.UNDETERMINED},
    Kind.AFFIRMABLE: {Status.MET, Status.UNDETERMINED},
    Kind.UNENCODED: {Status.UNDETERMINED},
}
KEYS = {"outcome", "because", "studies", "criteria"}
OPTIONAL_KEYS = {"conflicts"}
SHORT_NAMES = {"source-000-lumbar-spondylosis-after-fusion": "source-000"}

each_case = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return reasoner.load_knowledge()


@functools.cache
def case_in(folder: Path) -> Case:
    (case,) = reasoner.read_cases(folder / "case.ttl")
    return case


@functools.cache
def expectation_of(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "expected.toml").read_text(encoding="utf-8"))


def edition_of(slug: str, knowledge: Knowledge) -> Edition:
    (edition,) = [edition for edition in knowledge.editions if edition.slug == slug]
    return edition


def criteria_of(edition: Edition) -> dict[str, Criterion]:
    return {criterion.name: criterion for criterion in edition.criteria.values()}


def fragment(case: Case, node: object) -> str:
    return str(node).removeprefix(f"{str(case.iri).partition('#')[0]}#")


def requested_studies(case: Case) -> set[str]:
    return {fragment(case, o) for s, p, o in case.triples if s == case.iri and p == EDX.requestsStudy}


def name_of(assessment: Assessment, case: Case) -> str:
    """How an expectation names what was assessed."""
    criterion = assessment.criterion
    return criterion.name if assessment.focus == case.iri else f"{criterion.name}@{fragment(case, assessment.focus)}"


def assessed(assessment: Assessment) -> Iterator[Assessment]:
    yield assessment
    for part in assessment.parts:
        yield from assessed(part.assessment)


def statuses_of(determination: Determination) -> dict[str, str]:
    case = determination.case
    return {name_of(assessment, case): str(assessment.status) for assessment in assessed(determination.root)}


def test_there_are_enough_cases() -> None:
    assert len(FOLDERS) >= AT_LEAST
    assert len(list(CASES.glob("*/expected.toml"))) == len(FOLDERS)


def test_no_two_cases_are_the_same_request() -> None:
    digests = defaultdict(list)
    for folder in FOLDERS:
        digests[case_in(folder).iri].append(folder.name)
    assert [names for names in digests.values() if len(names) > 1] == []


@each_case
def test_case_is_named_after_its_folder(folder: Path) -> None:
    name = SHORT_NAMES.get(folder.name, folder.name)
    assert case_in(folder).iri == URIRef(f"https://example.org/cases/{name}#request")


@each_case
def test_expectation_is_well_formed(folder: Path, knowledge: Knowledge) -> None:
    expected = expectation_of(folder)
    assert set(expected) == {"shows", "policy"}
    assert expected["shows"].strip()
    assert expected["policy"]
    for slug, under in expected["policy"].items():
        assert KEYS <= set(under) <= KEYS | OPTIONAL_KEYS, slug
        assert under["because"].strip(), slug
        assert under["criteria"], slug
        assert {under["outcome"], *under["studies"].values()} <= {str(outcome) for outcome in Outcome}, slug
        assert set(under["criteria"].values()) <= {str(status) for status in Status}, slug
        assert set(under["studies"]) == requested_studies(case_in(folder)), slug


@each_case
def test_every_expected_criterion_exists(folder: Path, knowledge: Knowledge) -> None:
    studies = requested_studies(case_in(folder))
    wrong = []
    for slug, under in expectation_of(folder)["policy"].items():
        criteria = criteria_of(edition_of(slug, knowledge))
        for key in [*under["criteria"], *under.get("conflicts", [])]:
            name, at, study = key.partition("@")
            if name not in criteria:
                wrong.append(f"{slug}: there is no criterion {name}")
            elif (criteria[name].applies_to == EDX.Request) == bool(at):
                wrong.append(f"{slug}: {name} is about {'the request' if at else 'one study; say which'}")
            elif at and study not in studies:
                wrong.append(f"{slug}: no study {study} is requested")
    assert not wrong, "\n".join(wrong)


@each_case
def test_case_comes_out_as_expected(folder: Path, knowledge: Knowledge) -> None:
    case = case_in(folder)
    wrong = []
    for slug, under in expectation_of(folder)["policy"].items():
        determination = reasoner.determine(case, knowledge, policy=slug)
        statuses = statuses_of(determination)
        found = {"outcome": str(determination.outcome)}
        found |= {f"study {fragment(case, s.study)}": str(s.outcome) for s in determination.studies}
        found |= {f"criterion {name}": statuses.get(name, "not assessed") for name in under["criteria"]}
        expected = {"outcome": under["outcome"]}
        expected |= {f"study {name}": outcome for name, outcome in under["studies"].items()}
        expected |= {f"criterion {name}": status for name, status in under["criteria"].items()}
        if "conflicts" in under:
            open_to_conflict = {name_of(a, case) for conflict in determination.conflicts for a in conflict.assessments}
            found["conflicts"] = ", ".join(sorted(open_to_conflict))
            expected["conflicts"] = ", ".join(sorted(under["conflicts"]))
        wrong += [
            f"{slug}: {what}: expected {expected.get(what)}, found {found.get(what)}"
            for what in expected | found
            if expected.get(what) != found.get(what)
        ]
    assert not wrong, "\n".join(wrong)


def test_every_leaf_of_every_policy_is_shown_in_each_of_its_statuses(knowledge: Knowledge) -> None:
    shown: dict[tuple[str, str], set[str]] = defaultdict(set)
    for folder in FOLDERS:
        for slug, under in expectation_of(folder)["policy"].items():
            for key, status in under["criteria"].items():
                shown[slug, key.partition("@")[0]].add(status)
    missing = [
        f"{edition.slug}: {name} ({criterion.kind}) in no case expected {status}"
        for edition in knowledge.editions
        for name, criterion in sorted(criteria_of(edition).items())
        for status in sorted(TO_BE_SHOWN.get(criterion.kind, set()) - {Status(s) for s in shown[edition.slug, name]})
    ]
    assert not missing, "\n".join(missing)


def test_every_policy_comes_to_every_outcome(knowledge: Knowledge) -> None:
    shown = defaultdict(set)
    for folder in FOLDERS:
        for slug, under in expectation_of(folder)["policy"].items():
            shown[slug].add(under["outcome"])
    assert shown == {edition.slug: {str(outcome) for outcome in Outcome} for edition in knowledge.editions}
