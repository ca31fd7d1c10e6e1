"""Law 9: pySHACL conforms to a policy's root shape exactly when the outcome is `MedicallyNecessary`; it answers as the
reasoner does for every leaf and its refuting shape; and a case is judged alone as it is in company (law 7).

Many cases stand in one data graph: their nodes have IRIs of their own, so that one run answers for all of them. Of the
class tree it holds what case and policy speak of, and all above; the codes beside that would take most of the time.
A few cases are validated alone, with the whole tree.
"""

from collections.abc import Iterable
from random import Random

import pytest
from judging import POLICIES, assessor_of, class_tree, editions, example_cases, judge, knowledge
from rdflib import RDF, SH, BNode, Graph, URIRef
from rdflib.term import Node
from strategies import coverable, generate

from reasoner.case import Case
from reasoner.evaluation.determination import Outcome
from reasoner.policy.edition import Edition
from reasoner.rdf.index import Index
from reasoner.shacl import pyshacl_engine
from reasoner.terms import EDX
from reasoner.validation.closures import compile_shape

both_policies = pytest.mark.parametrize("policy", POLICIES)
WRAPPER = "https://example.org/wrapper/"


def generated(count: int, *, start: int = 0) -> list[Case]:
    """Cases of which two in three are likely to be covered."""
    return [
        (generate if number % 3 == 0 else coverable)(Random(number), base=f"https://example.org/generated-{number}#")
        for number in range(start, start + count)
    ]


def data_graph(cases: Iterable[Case], edition: Edition | None = None) -> Graph:
    """Cases with the class tree; with as much of it as they and the edition need, if one is given."""
    cases = list(cases)
    graph = class_tree(edition.graph, *(case.triples for case in cases)) if edition else class_tree()
    for case in cases:
        for triple in case.triples:
            graph.add(triple)
    return graph


def conforming(cases: list[Case], edition: Edition, *, whole_tree: bool = False) -> set[Node]:
    """The requests without a result of the root shape."""
    assert (edition.root.iri, SH.targetClass, EDX.Request) in edition.graph
    data = data_graph(cases, None if whole_tree else edition)
    requests = set(data.subjects(RDF.type, EDX.Request))
    assert requests == {case.iri for case in cases}  # every one is looked at: the root shape targets their class
    conforms, report = pyshacl_engine.validate(data, edition.graph)
    roots = set(report.subjects(SH.sourceShape, edition.root.iri))
    failing = {node for result in roots for node in report.objects(result, SH.focusNode)}
    assert failing <= requests
    assert conforms == (not failing)
    return requests - failing


@both_policies
@pytest.mark.parametrize("share", [12, pytest.param(1, marks=pytest.mark.slow)], ids=["twelfth", "all"])
def test_engine_conforms_exactly_when_the_example_is_medically_necessary(
    policy: str, share: int, capsys: pytest.CaptureFixture[str]
) -> None:
    edition = editions()[policy]
    cases = list(example_cases().values())[::share]
    necessary = {case.iri for case in cases if judge(case, edition).outcome is Outcome.MEDICALLY_NECESSARY}
    assert len({case.iri for case in cases}) == len(cases)
    assert conforming(cases, edition) == necessary
    with capsys.disabled():
        print(f"\n{policy}: {len(cases)} pairs of example case and policy compared, {len(necessary)} conform")
    assert len(cases) * share >= 61
    assert 0 < len(necessary) < len(cases)


@both_policies
@pytest.mark.parametrize("count", [15, pytest.param(60, marks=pytest.mark.slow)])
def test_engine_conforms_exactly_when_the_generated_case_is_medically_necessary(policy: str, count: int) -> None:
    edition = editions()[policy]
    cases = generated(count)
    necessary = {case.iri for case in cases if judge(case, edition).outcome is Outcome.MEDICALLY_NECESSARY}
    assert conforming(cases, edition) == necessary
    print(f"{policy}: {len(cases)} generated cases compared, {len(necessary)} conform")
    assert count // 4 <= len(necessary) < count


@pytest.mark.slow
@both_policies
def test_a_case_alone_conforms_as_it_does_in_company(policy: str) -> None:
    edition = editions()[policy]
    cases = [*list(example_cases().values())[::25], *generated(4, start=200)]
    together = conforming(cases, edition)
    assert {case.iri for case in cases if conforming([case], edition, whole_tree=True)} == together


@both_policies
def test_a_request_that_nothing_looks_at_is_no_agreement(policy: str) -> None:
    """Without its type the engine conforms, having looked at nothing; that is why the reasoner refuses such a case."""
    (case,) = generated(1)
    data = data_graph([case])
    data.remove((case.iri, RDF.type, None))
    conforms, _ = pyshacl_engine.validate(data, editions()[policy].graph)
    assert conforms
    assert not set(data.subjects(RDF.type, EDX.Request))


# Every leaf


def leaf_answers(cases: list[Case], edition: Edition) -> tuple[set[tuple[str, Node]], set[tuple[str, Node]]]:
    """What pySHACL and the reasoner say does not conform, among all leaves and refuting shapes, each on its nodes.

    Each shape is reached through a wrapper of its own with `sh:targetNode`, so that every result names its shape; the
    targets of the edition are taken away.
    """
    shapes = Graph(bind_namespaces="none")
    shapes += edition.graph
    shapes.remove((None, SH.targetClass, None))
    ours: set[tuple[str, Node]] = set()
    asked = 0
    for case in cases:
        index = Index(case.statements, knowledge().hierarchy)
        for criterion in edition.criteria.values():
            if criterion.operator is not None:
                continue
            studies = index.objects(case.iri, EDX.requestsStudy)
            for shape in filter(None, (criterion.shape, criterion.refuted_by)):
                assert not isinstance(shape.node, BNode)
                wrapper = WRAPPER + str(shape.node)
                shapes.add((URIRef(wrapper), RDF.type, SH.NodeShape))
                shapes.add((URIRef(wrapper), SH.node, shape.node))
                for node in [case.iri] if criterion.applies_to == EDX.Request else studies:
                    shapes.add((URIRef(wrapper), SH.targetNode, node))
                    asked += 1
                    if not compile_shape(shape)(index, node):
                        ours.add((wrapper, node))
    _, report = pyshacl_engine.validate(data_graph(cases, edition), shapes)
    theirs = {
        (str(report.value(result, SH.sourceShape)), report.value(result, SH.focusNode) or BNode())
        for result in report.subjects(RDF.type, SH.ValidationResult)
        if str(report.value(result, SH.sourceShape)).startswith(WRAPPER)
    }
    assert asked > 50 * len(cases)
    return theirs, ours


def _assert_leaves_agree(cases: list[Case], policy: str) -> None:
    theirs, ours = leaf_answers(cases, editions()[policy])
    assert theirs - ours == set(), "pySHACL refuses what the reasoner accepts"
    assert ours - theirs == set(), "the reasoner refuses what pySHACL accepts"


@both_policies
def test_engine_and_reasoner_agree_on_every_leaf(policy: str) -> None:
    _assert_leaves_agree([*list(example_cases().values())[::40], *generated(3, start=300)], policy)


@pytest.mark.slow
@both_policies
def test_engine_and_reasoner_agree_on_every_leaf_of_many_cases(policy: str) -> None:
    _assert_leaves_agree([*list(example_cases().values())[5::18], *generated(10, start=400)], policy)


@both_policies
def test_a_case_is_judged_alone_as_in_company(policy: str) -> None:
    edition = editions()[policy]
    cases = generated(6, start=500)
    company = assessor_of({triple for case in cases for triple in case.triples}, edition)
    for case in cases:
        alone = assessor_of(case.triples, edition)
        for criterion in edition.criteria.values():
            if criterion.applies_to == EDX.Request:
                one, other = alone.assess(criterion, case.iri), company.assess(criterion, case.iri)
                assert (one.status, one.evidence, one.notes) == (other.status, other.evidence, other.notes)
