"""`engine="pyshacl"`: the same determination from the answers of pySHACL, and a fault in native code is found by it."""

import dataclasses
from collections.abc import Callable

import pytest
from judging import DATE, POLICIES, assessments, editions, example_cases, knowledge
from rdflib.term import Node

from reasoner.case import Case
from reasoner.evaluation.determination import Determination, determine_under
from reasoner.intake.content import Engine
from reasoner.native import components
from reasoner.native.components import Finding
from reasoner.native.counting import Count
from reasoner.policy.edition import Edition
from reasoner.rdf.index import Index
from reasoner.shacl.shapes import Component
from reasoner.terms import EDX

Fault = Callable[[pytest.MonkeyPatch], None]


def judged(case: Case, edition: Edition, engine: Engine = "compiled") -> Determination:
    fresh = dataclasses.replace(case)  # nothing that was found out about it before
    return determine_under(fresh, edition, knowledge().hierarchy, DATE, "date of the test", engine=engine)


def told(determination: Determination) -> dict[tuple[str, Node], tuple[object, ...]]:
    """Everything that is said of every criterion."""
    return {
        (str(iri), node): (a.status, a.evidence, a.corroboration, a.notes, a.contradiction)
        for (iri, node), a in assessments(determination.root).items()
    }


def statuses(determination: Determination) -> dict[tuple[str, Node], object]:
    return {key: answer[0] for key, answer in told(determination).items()}


EXAMPLES = (
    ("maximum-two-rows-apply", "bcbsnd-emg-ncs"),
    pytest.param("maximum-carpal-tunnel-above-without-reason", "bcbsnd-emg-ncs", marks=pytest.mark.slow),
    pytest.param("aetna-emg-exactly-one-year-ago", "aetna-cpb-0502", marks=pytest.mark.slow),
    pytest.param("aetna-emg-done-and-never-done", "aetna-cpb-0502", marks=pytest.mark.slow),
)


@pytest.mark.parametrize(("folder", "policy"), EXAMPLES)
def test_pyshacl_determines_as_the_compiled_engine_does(folder: str, policy: str) -> None:
    case, edition = example_cases()[folder], editions()[policy]
    compiled, reference = judged(case, edition), judged(case, edition, "pyshacl")
    assert told(reference) == told(compiled)
    assert reference.outcome is compiled.outcome
    assert [(s.study, s.outcome) for s in reference.studies] == [(s.study, s.outcome) for s in compiled.studies]
    assert reference.advice == compiled.advice


def negated(name: str) -> Fault:
    """A component that says yes for no."""
    iri = EDX[name]
    native = components.NATIVE[iri]

    def faulty(index: Index, node: Node, component: Component) -> Finding:
        found = native(index, node, component)
        return found._replace(conforms=not found.conforms)

    return lambda patch: patch.setitem(components.NATIVE, iri, faulty)


def below_for_at_most(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Count, "within", lambda count, maximum: count.highest is not None and count.highest < maximum)


def at_least_for_above(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Count, "exceeds", lambda count, maximum: count.lowest >= maximum)


FAULTS = {
    "below for at most": below_for_at_most,
    "at least for above": pytest.param(at_least_for_above, marks=pytest.mark.slow),
    "number stated": pytest.param(negated("NumberStatedConstraintComponent"), marks=pytest.mark.slow),
    "repeat": pytest.param(negated("RepeatStudyConstraintComponent"), marks=pytest.mark.slow),
    "onset": pytest.param(negated("OnsetWindowConstraintComponent"), marks=pytest.mark.slow),
    "within the year": pytest.param(negated("MonthsBeforeServiceConstraintComponent"), marks=pytest.mark.slow),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_in_native_code_is_found(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    """One comparison is swapped; on the first example for which that matters the two engines disagree."""
    right = {
        (folder, policy): statuses(judged(case, editions()[policy]))
        for folder, case in example_cases().items()
        for policy in POLICIES
    }
    with monkeypatch.context() as patch:
        fault(patch)
        wrong = {
            key: found
            for key in right
            if (found := statuses(judged(example_cases()[key[0]], editions()[key[1]]))) != right[key]
        }
    assert wrong, "no example shows the fault"
    folder, policy = key = next(iter(wrong))
    reference = statuses(judged(example_cases()[folder], editions()[policy], "pyshacl"))
    assert reference == right[key]
    assert reference != wrong[key]
