"""Laws 2, 3, 4, 7, 8 and 11 over generated cases of realistic size; and for each law a violation that is planted is found.

`python tests/laws.py N` holds any number of cases to them.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest
from judging import editions
from laws import LAWS, SIZES, generated, held, taken_in
from rdflib.term import Node

from reasoner.batch import rows as batch_rows
from reasoner.evaluation import criteria
from reasoner.evaluation.criteria import Assessment, Assessor, Status
from reasoner.intake import admission
from reasoner.policy.edition import Criterion, Kind
from reasoner.rdf.index import Triple
from reasoner.terms import EDX

SEED = 30
QUICK = {2: 2, 3: 4, 4: 4, 7: 10, 8: 2, 11: 3}
MANY = {2: 15, 3: 40, 4: 40, 7: 100, 8: 15, 11: 30}


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("counts", [QUICK, pytest.param(MANY, marks=pytest.mark.slow)], ids=["few", "many"])
def test_the_law_holds_over_generated_cases(
    law: int, counts: dict[int, int], capsys: pytest.CaptureFixture[str]
) -> None:
    found = held(range(1, counts[law] + 1), SEED, frozenset({law}))
    with capsys.disabled():
        print(f"\nseed {SEED}: {found}")
    assert found.violations == []
    assert found.compared[law] >= counts[law]


def test_generated_cases_are_as_large_as_records_are() -> None:
    sizes = [len(taken_in(generated(number, SEED)).triples) for number in range(1, 25)]
    assert min(sizes) < 70
    assert max(sizes) > 200
    assert len(SIZES) == 6


# A violation that is planted is found ------------------------------------------------------------


def flipped_by_a_limb(patch: pytest.MonkeyPatch) -> None:
    """Law 2: once a limb without symptoms is recorded, what was met about the record is refuted."""
    sound = Assessor._new

    def faulty(self: Assessor, criterion: Criterion, focus: Node, known: dict[Criterion, Assessment]) -> Assessment:
        found = sound(self, criterion, focus, known)
        recorded = any(p == EDX.hasSymptomFreeLimb for _, p, _ in self.index.statements)
        if recorded and found.status is Status.MET and criterion.kind is Kind.OPEN:
            known[criterion] = found = Assessment(criterion, focus, Status.REFUTED)
        return found

    patch.setattr(Assessor, "_new", faulty)


def one_statement_too_few(patch: pytest.MonkeyPatch) -> None:
    """Law 3: the evidence lacks the last statement."""
    sound: Any = criteria._Leaf.evidence.fget

    def faulty(self: Any) -> tuple[Triple, ...]:
        found: tuple[Triple, ...] = sound(self)
        return found[:-1]

    patch.setattr(criteria._Leaf, "evidence", property(faulty))


def one_statement_too_many(patch: pytest.MonkeyPatch) -> None:
    """Law 4: a statement is cited that bears on nothing."""
    sound: Any = criteria._Leaf.evidence.fget

    def faulty(self: Any) -> tuple[Triple, ...]:
        found: tuple[Triple, ...] = sound(self)
        payer = [t for t in self._index.statements if t[1] == EDX.payer]
        return (*found, *payer) if found else found

    patch.setattr(criteria._Leaf, "evidence", property(faulty))


def what_came_before_counts(patch: pytest.MonkeyPatch) -> None:
    """Law 7: the seventh case that a process determines has a conflict more."""
    sound, seen = batch_rows._determined, list[object]()

    def faulty(determination: Any, *arguments: Any) -> Sequence[Any]:
        seen.append(determination)
        rows = sound(determination, *arguments)
        return (
            [dataclasses.replace(row, result_digest=f"{row.result_digest}x") for row in rows]
            if len(seen) == 7
            else rows
        )

    patch.setattr(batch_rows, "_determined", faulty)


def order_counts(patch: pytest.MonkeyPatch) -> None:
    """Law 8: the digest is of the statements as they came."""
    sound = admission.canonical

    def faulty(statements: Any) -> Any:
        given = list(statements)
        return dataclasses.replace(sound(given), digest=f"{hash(tuple(line for line, *_ in given)) % 2**64:064x}")

    patch.setattr(admission, "canonical", faulty)


def advice_to_recode(patch: pytest.MonkeyPatch) -> None:
    """Law 11: one sentence of one criterion says what to code."""
    for edition in editions().values():
        for criterion in edition.criteria.values():
            if "open" in criterion.sentences:
                patch.setitem(
                    criterion.sentences, "open", "Nothing is stated. Consider adding a diagnosis of radiculopathy."
                )


PLANTED = {
    2: flipped_by_a_limb,
    3: one_statement_too_few,
    4: one_statement_too_many,
    7: what_came_before_counts,
    8: order_counts,
    11: advice_to_recode,
}


@pytest.mark.parametrize("law", LAWS)
def test_a_planted_violation_is_found(law: int, monkeypatch: pytest.MonkeyPatch) -> None:
    PLANTED[law](monkeypatch)
    violations = held(range(1, QUICK[law] + 1), SEED, frozenset({law})).violations
    assert violations
    assert all(said.startswith(f"law {law}, ") for said in violations)
