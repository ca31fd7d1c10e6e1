"""Rows: one for each case, policy and study, the same wherever the case stands."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pyarrow as pa
import pytest
from judging import CASES, knowledge

import reasoner
from reasoner.batch.rows import COLUMNS, Row, answers_of, arrow_batch, arrow_schema, json_line, rows_of
from reasoner.case import Case, Problem, Severity
from reasoner.errors import EngineError, UnknownTermError
from reasoner.evaluation.criteria import Assessment, Status
from reasoner.evaluation.determination import Outcome
from reasoner.intake.admission import Refusal, validate

HERE = Path(__file__).parent
SOURCE = CASES / "source-000-lumbar-spondylosis-after-fusion" / "case.ttl"
OPEN = CASES / "aetna-blink-reflex-disease-not-named" / "case.ttl"
POLICIES = ["bcbsnd", "aetna"]


def case_of(path: Path) -> Case:
    (case,) = reasoner.read_cases(path)
    return case


def criteria_below(assessment: Assessment) -> Iterator[Assessment]:
    yield assessment
    for part in assessment.parts:
        yield from criteria_below(part.assessment)


@pytest.mark.parametrize("path", [SOURCE, OPEN], ids=lambda path: path.parent.name)
def test_a_row_says_what_the_determination_says(path: Path) -> None:
    case = case_of(path)
    rows = iter(rows_of(case, knowledge(), POLICIES, position=7))
    for policy in POLICIES:
        d = reasoner.determine(case, knowledge(), policy=policy)
        for number, study in enumerate(d.studies, 1):
            row = next(rows)
            assert (row.position, row.source, row.case, row.case_label) == (7, str(path), str(case.iri), case.label)
            assert (row.policy, row.edition, row.effective_from) == (
                d.edition.slug,
                str(d.edition.iri),
                d.edition.effective_from,
            )
            assert (row.study, row.study_number, row.outcome) == (str(study.study), number, study.outcome.value)
            assert (row.request_outcome, row.conforms) == (d.outcome.value, d.root.status is Status.MET)
            assert set(row.deciding) == {a.criterion.name for a in study.decisive}
            others = {s.study for s in d.studies} - {study.study}
            held = {a.criterion.name: a.status for a in criteria_below(d.root) if a.focus not in others}
            for status, names in zip(Status, (row.met, row.refuted, row.undetermined, row.not_applicable), strict=True):
                assert set(names) == {name for name, found in held.items() if found is status}
            assert (row.conflicts, row.case_digest, row.knowledge_digest) == (
                len(d.conflicts),
                case.digest,
                knowledge().digest,
            )
            assert row.problem_code is None
    assert next(rows, None) is None


def test_what_is_missing_is_the_smallest_set_that_leads_to_coverage() -> None:
    d = reasoner.determine(case_of(OPEN), knowledge(), policy="aetna")
    (row,) = [r for r in rows_of(d.case, knowledge(), ["aetna"]) if r.outcome == "AdditionalInformationNeeded"]
    covering = [s for s in d.settling if s.leads_to is Outcome.MEDICALLY_NECESSARY and row.study in map(str, s.studies)]
    smallest = min(covering, key=lambda settling: len(settling.way))
    asked = {
        documentation
        for question in smallest.way
        for leaf in question
        if (documentation := leaf.criterion.documentation)
    }
    assert len(row.missing) == len(smallest.way)
    assert {part for text in row.missing for part in text.split("; or ")} == asked
    assert all(
        not r.missing
        for r in rows_of(d.case, knowledge(), ["aetna"])
        if r is not row and r.outcome == "MedicallyNecessary"
    )


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("cases.trig", None),
        ("cases.trig (https://example.org/1)", "https://example.org/1"),
        ("Back pain (https://example.org/1)", "Back pain (https://example.org/1)"),
        ("Weakness (left)", "Weakness (left)"),
    ],
)
def test_a_refused_case_is_called_by_its_label_and_its_graph(name: str, label: str | None) -> None:
    refusal = Refusal(name, "cases.trig", (Problem(Severity.ERROR, "No request."),))
    (row,) = rows_of(refusal, knowledge())
    assert row.case_label == label


def test_a_refused_case_is_one_row_that_names_its_problems() -> None:
    (refusal,) = validate(HERE / "intake" / "refused-two-payers.ttl").entries
    assert isinstance(refusal, Refusal)
    (row,) = rows_of(refusal, knowledge(), POLICIES)
    assert (row.study, row.outcome, row.policy, row.problem_code) == (None, None, None, "E101")
    assert any("at most one payer" in problem for problem in row.problems)


def test_a_case_that_no_policy_applies_to_is_one_row_for_each_policy_asked_for() -> None:
    case = case_of(SOURCE)
    nameless = replace(case, statements=tuple(t for t in case.statements if "payer" not in str(t[1])))
    (row,) = rows_of(nameless, knowledge())
    assert (row.study, row.problem_code, row.case, row.policy) == (None, "E200", str(case.iri), None)
    assert [r.policy for r in rows_of(nameless, knowledge(), POLICIES) if r.study_number == 1] == [
        "bcbsnd-emg-ncs",
        "aetna-cpb-0502",
    ]


def test_a_policy_that_does_not_exist_is_said_and_is_no_row() -> None:
    with pytest.raises(UnknownTermError):
        rows_of(case_of(SOURCE), knowledge(), ["nobody"])


def test_a_failure_of_the_program_is_the_answer_of_its_case(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError("once")

    monkeypatch.setattr("reasoner.batch.rows.determine", fails)
    (answer,) = answers_of(case_of(SOURCE), knowledge())
    assert answer.problem_code == EngineError.code
    assert "ZeroDivisionError: once" in answer.problems[0]


def plain(row: Row) -> dict[str, object]:
    return {
        k: v.isoformat() if hasattr(v, "isoformat") else list(v) if isinstance(v, tuple) else v
        for k, v in asdict(row).items()
    }


def test_the_result_digest_is_that_of_the_canonical_json_of_the_row() -> None:
    for row in rows_of(case_of(OPEN), knowledge(), POLICIES):
        own = {name: value for name, value in plain(row).items() if name not in ("source", "position", "result_digest")}
        # RFC 8785: members sorted, no blanks, UTF-8; there are no numbers here but small integers
        canonical = json.dumps(own, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert row.result_digest == hashlib.sha256(canonical.encode()).hexdigest()


def test_the_digest_does_not_depend_on_where_the_case_stands() -> None:
    case = case_of(SOURCE)
    elsewhere = rows_of(replace(case, source="other.zip/a.ttl"), knowledge(), POLICIES, position=99)
    assert [r.result_digest for r in elsewhere] == [r.result_digest for r in rows_of(case, knowledge(), POLICIES)]
    text = (HERE / "intake" / "refused-two-payers.ttl").read_bytes()
    refused = {
        rows_of(e, knowledge())[0].result_digest for n in ("a.ttl", "b.ttl") for e in validate(text, name=n).entries
    }
    assert len(refused) == 1


def test_json_and_arrow_hold_the_same_columns_and_values() -> None:
    (refusal,) = validate(HERE / "intake" / "refused-two-payers.ttl").entries
    rows = [*rows_of(case_of(OPEN), knowledge(), POLICIES), *rows_of(refusal, knowledge())]
    assert arrow_schema().names == list(COLUMNS)
    batch = arrow_batch(rows)
    batch.validate(full=True)
    assert batch.schema.field("deciding").type == pa.list_(pa.string())
    for row, record in zip(rows, batch.to_pylist(), strict=True):
        read = json.loads(json_line(row))
        assert list(read) == list(COLUMNS)
        assert read == plain(row)
        assert {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in record.items()} == read
