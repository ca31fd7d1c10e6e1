"""Law 9: pySHACL conforms to an edition's root shape exactly when the outcome is MedicallyNecessary."""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from random import Random

import pytest
from judging import CASES, editions, example_cases, judge, knowledge
from rdflib import RDFS, SH, Graph
from strategies import coverable, generate

from reasoner.case import Case
from reasoner.determination import Outcome
from reasoner.pyshacl_engine import validate
from reasoner.terms import EDX

QUICK = 12
"""So many of the example cases, evenly taken, are compared in the quick suite."""


def data_for(case: Case) -> Graph:
    """The case, our class tree, and the way up from each code that the case uses: other codes cannot bear on it."""
    graph = Graph(bind_namespaces="none")
    tree = knowledge().hierarchy
    wanted = {cls for cls in tree.parents if str(cls).startswith(str(EDX))}
    for triple in case.triples:
        graph.add(triple)
        wanted |= tree.ancestors(triple[0]) | tree.ancestors(triple[2])
    for cls in wanted:
        for parent in tree.parents.get(cls, ()):
            graph.add((cls, RDFS.subClassOf, parent))
    return graph


def compared(case: Case, slug: str) -> tuple[str, str, bool, str]:
    edition = editions()[slug]
    conforms, report = validate(data_for(case), edition.graph)
    focused = set(report.objects(None, SH.focusNode))
    assert conforms or case.iri in focused, "pySHACL failed something else than the request"
    return case.source, slug, conforms, judge(case, edition).outcome.value


def compared_examples(chunk: list[tuple[str, str]]) -> list[tuple[str, str, bool, str]]:
    return [compared(example_cases()[name], slug) for name, slug in chunk]


def disagreements(results: Iterable[tuple[str, str, bool, str]]) -> list[tuple[str, str, bool, str]]:
    return [result for result in results if result[2] != (result[3] == Outcome.MEDICALLY_NECESSARY.value)]


def pairs() -> list[tuple[str, str]]:
    return [(name, slug) for name in sorted(example_cases()) for slug in sorted(editions())]


def spread(wanted: int) -> Iterator[tuple[str, str]]:
    found = pairs()
    return iter(found[:: max(1, len(found) // wanted)])


def test_pyshacl_agrees_on_some_example_cases() -> None:
    results = compared_examples(list(spread(2 * QUICK)))
    assert len(results) >= 2 * QUICK
    assert {conforms for _, _, conforms, _ in results} == {True, False}
    assert not disagreements(results)


@pytest.mark.slow
def test_pyshacl_agrees_on_every_example_case_under_every_policy(capsys: pytest.CaptureFixture[str]) -> None:
    workers = os.cpu_count() or 1
    every = pairs()
    chunks = [every[start :: 8 * workers] for start in range(8 * workers)]
    with ProcessPoolExecutor(workers) as pool:
        results = [result for chunk in pool.map(compared_examples, chunks) for result in chunk]
    conforming = sum(conforms for _, _, conforms, _ in results)
    folders = len(list(CASES.glob("*/case.ttl")))
    with capsys.disabled():
        print(f"\npySHACL and the reasoner agree on {len(results)} pairs of case and policy; {conforming} conform")
    assert len(results) == 2 * folders >= 122
    assert conforming >= 40
    assert not disagreements(results)


@pytest.mark.slow
@pytest.mark.parametrize("make", [coverable, generate], ids=["coverable", "any"])
def test_pyshacl_agrees_on_generated_cases(make: object) -> None:
    assert callable(make)
    cases = [make(Random(seed)) for seed in range(25)]
    results = [compared(case, slug) for case in cases for slug in sorted(editions())]
    assert len(results) == 50
    assert not disagreements(results)
