"""What combines and what would settle, held to an evaluator of its own.

The evaluator here reads `sh:and`, `sh:or`, `sh:not` and `sh:property` of the policy's file and nothing of the reasoner's
own reading of it: truth values are True, False and None, combined by tables written out below (Kleene 1952, section 64).
"""

from collections.abc import Callable, Iterable
from functools import cache
from itertools import product
from random import Random

import pytest
from judging import POLICIES, assessments, editions, example_cases, judge, leaf_assessments
from rdflib import RDF, SH, Graph, URIRef
from rdflib.collection import Collection
from rdflib.term import Node
from strategies import coverable, generate, silent

from reasoner.case import Case
from reasoner.evaluation.criteria import Assessment, Status, all_of, any_of, contribution
from reasoner.evaluation.determination import Determination, Outcome, SettlingSet
from reasoner.policy.edition import Edition
from reasoner.terms import EDX

both_policies = pytest.mark.parametrize("policy", POLICIES)
Truth = bool | None
Values = dict[tuple[Node, Node], Truth]

AND: dict[tuple[Truth, Truth], Truth] = {
    (True, True): True, (True, False): False, (True, None): None,
    (False, True): False, (False, False): False, (False, None): False,
    (None, True): None, (None, False): False, (None, None): None,
}  # fmt: skip
OR: dict[tuple[Truth, Truth], Truth] = {
    (True, True): True, (True, False): True, (True, None): True,
    (False, True): True, (False, False): False, (False, None): None,
    (None, True): True, (None, False): None, (None, None): None,
}  # fmt: skip
NOT: dict[Truth, Truth] = {True: False, False: True, None: None}
TRUTH: dict[Status, Truth] = {
    Status.MET: True,
    Status.REFUTED: False,
    Status.UNDETERMINED: None,
    Status.NOT_APPLICABLE: True,  # what need not be met stands in nobody's way
}
STATUS = {True: Status.MET, False: Status.REFUTED, None: Status.UNDETERMINED}


class Evaluator:
    """Three-valued evaluation over the shapes of one edition, from given values of its leaves."""

    def __init__(self, edition: Edition, case: Case, values: Values, studies: Iterable[Node] | None = None) -> None:
        self.graph: Graph = edition.graph
        self.case = case
        self.values = dict(values)
        asked = [o for s, p, o in sorted(case.triples, key=str) if s == case.iri and p == EDX.requestsStudy]
        self.studies = asked if studies is None else list(studies)
        self.refuting = refuting_shapes(edition)

    def value(self, node: Node, focus: Node) -> Truth:
        if (node, focus) not in self.values:
            self.values[node, focus] = self._value(node, focus)
        return self.values[node, focus]

    def _value(self, node: Node, focus: Node) -> Truth:
        if node in self.refuting:
            return NOT[self.value(self.refuting[node], focus)]
        combine = self._composite(node)
        if combine is not None:
            table, start, members = combine
            result = start
            for member in members:
                result = table[result, self.value(member, focus)]
            return result
        inner = self.graph.value(node, SH["not"])
        if inner is not None:
            return NOT[self.value(inner, focus)]
        reached = self.graph.value(node, SH.property)
        assert reached is not None, f"{node} is neither a leaf nor a composite"
        path = self.graph.value(reached, SH.path)
        if path == EDX.requestsStudy:
            nodes = self.studies
        else:
            assert self.graph.value(path, SH.inversePath) == EDX.requestsStudy
            nodes = [self.case.iri]
        result = True
        for other in nodes:
            result = AND[result, self.value(self.graph.value(reached, SH.node) or reached, other)]
        return result

    def _composite(self, node: Node) -> tuple[dict[tuple[Truth, Truth], Truth], Truth, list[Node]] | None:
        for term, table, start in ((SH["and"], AND, True), (SH["or"], OR, False)):
            members = self.graph.value(node, term)
            leaf = any((node, RDF.type, EDX[f"{kind}Criterion"]) in self.graph for kind in LEAVES)
            if members is not None and not leaf:
                return table, start, list(Collection(self.graph, members))
        return None


@cache
def refuting_shapes(edition: Edition) -> dict[Node, Node]:
    """The refuting shapes, each with its criterion."""
    return {shape: criterion for criterion, shape in edition.graph.subject_objects(EDX.refutedBy)}


LEAVES = ("Open", "Complete", "Counted", "Affirmable", "Unencoded")


def sample() -> list[Case]:
    made: list[Callable[..., Case]] = [generate, generate, coverable, silent]
    return [*list(example_cases().values())[::12], *(made[n % 4](Random(n)) for n in range(24))]


# Strong Kleene logic


@pytest.mark.parametrize("one", list(TRUTH.values())[:3])
@pytest.mark.parametrize("other", list(TRUTH.values())[:3])
def test_connectives_are_those_of_the_tables(one: Truth, other: Truth) -> None:
    assert all_of([STATUS[one], STATUS[other]]) is STATUS[AND[one, other]]
    assert any_of([STATUS[one], STATUS[other]]) is STATUS[OR[one, other]]
    assert contribution(STATUS[one], ruled_out=True) is STATUS[NOT[one]]
    for third in TRUTH.values():
        assert all_of([STATUS[one], STATUS[other], STATUS[third]]) is STATUS[AND[AND[one, other], third]]
        assert any_of([STATUS[one], STATUS[other], STATUS[third]]) is STATUS[OR[OR[one, other], third]]


def test_a_requirement_that_does_not_apply_stands_in_nobodys_way() -> None:
    assert contribution(Status.NOT_APPLICABLE) is Status.MET
    assert contribution(Status.NOT_APPLICABLE, ruled_out=True) is Status.MET
    assert all_of([]) is Status.MET
    assert any_of([]) is Status.REFUTED


@both_policies
def test_every_composite_has_the_value_that_the_shapes_give_it(policy: str) -> None:
    edition = editions()[policy]
    compared = 0
    for case in sample():
        leaves = leaf_assessments(case, edition)
        evaluator = Evaluator(edition, case, {key: TRUTH[a.status] for key, a in leaves.items()})
        for (criterion, focus), assessment in assessments(judge(case, edition).root).items():
            assert evaluator.value(criterion, focus) is TRUTH[assessment.status], (case.label, criterion)
            compared += assessment.criterion.operator is not None
    assert compared > 200


# Outcomes


def outcome_of(edition: Edition, case: Case, values: Values, study: Node) -> Outcome:
    """The outcome of one study by the design's rule, from the values of the leaves."""
    excluding = [
        values[criterion.iri, case.iri if criterion.applies_to == EDX.Request else study]
        for criterion in edition.exclusions
    ]
    if True in excluding:
        return Outcome.EXPERIMENTAL_INVESTIGATIONAL
    # coverage is what is left of the root when no exclusion stands in the way, for this study alone
    ruled_out = {key: False for key in values if key[0] in {criterion.iri for criterion in edition.exclusions}}
    covered = Evaluator(edition, case, {**values, **ruled_out}, [study]).value(edition.root.iri, case.iri)
    if None in excluding or covered is None:
        return Outcome.ADDITIONAL_INFORMATION_NEEDED
    return Outcome.MEDICALLY_NECESSARY if covered else Outcome.NOT_MEDICALLY_NECESSARY


PRECEDENCE = (
    "AdditionalInformationNeeded",
    "NotMedicallyNecessary",
    "ExperimentalInvestigational",
    "MedicallyNecessary",
)


@both_policies
def test_outcomes_follow_from_the_leaves_as_the_design_has_it(policy: str) -> None:
    edition = editions()[policy]
    for case in sample():
        values: Values = {key: TRUTH[a.status] for key, a in leaf_assessments(case, edition).items()}
        determination = judge(case, edition)
        outcomes = {s.study: outcome_of(edition, case, values, s.study) for s in determination.studies}
        assert {s.study: s.outcome for s in determination.studies} == outcomes, case.label
        assert determination.outcome.value == min((o.value for o in outcomes.values()), key=PRECEDENCE.index)


# What would settle


def wanted(leaf: Assessment, settling: SettlingSet, edition: Edition) -> bool:
    """What the answer to an open question has to be: an exclusion has to be ruled out either way."""
    return leaf.criterion not in edition.exclusions and settling.leads_to is Outcome.MEDICALLY_NECESSARY


def settling_sets(policy: str) -> list[tuple[Case, Determination]]:
    return [(case, judge(case, editions()[policy])) for case in sample()]


@both_policies
def test_answering_every_question_of_a_set_gives_the_outcome_and_answering_fewer_does_not(policy: str) -> None:
    edition = editions()[policy]
    tried = 0
    for case, determination in settling_sets(policy):
        values: Values = {key: TRUTH[a.status] for key, a in leaf_assessments(case, edition).items()}
        for settling in determination.settling:
            questions = [sorted(question, key=lambda leaf: str(leaf.criterion.iri)) for question in settling.way]
            assert questions
            # every alternative of every question is tried, beside the first of the others
            for answers in zip_alternatives(questions):
                forced: Values = {(a.criterion.iri, a.focus): wanted(a, settling, edition) for a in answers}
                assert {values[key] for key in forced} == {None}, "only what is open is asked"
                for study in settling.studies:
                    assert outcome_of(edition, case, {**values, **forced}, study) is settling.leads_to
                    for key in forced:
                        fewer = {k: v for k, v in forced.items() if k != key}
                        assert outcome_of(edition, case, {**values, **fewer}, study) is not settling.leads_to, key
                tried += 1
    assert tried > 60


def zip_alternatives(questions: list[list[Assessment]]) -> list[tuple[Assessment, ...]]:
    found = {tuple(question[0] for question in questions)}
    for position, question in enumerate(questions):
        for alternative in question:
            found.add((*(q[0] for q in questions[:position]), alternative, *(q[0] for q in questions[position + 1 :])))
    return sorted(found, key=str)


@both_policies
def test_sets_are_ordered_by_size_and_none_contains_another(policy: str) -> None:
    for _, determination in settling_sets(policy):
        for study, outcome in product(
            determination.studies, (Outcome.MEDICALLY_NECESSARY, Outcome.NOT_MEDICALLY_NECESSARY)
        ):
            ways = [s.way for s in determination.settling if study.study in s.studies and s.leads_to is outcome]
            assert [len(way) for way in ways] == sorted(len(way) for way in ways)
            for one, other in product(ways, ways):
                assert one is other or not one <= other


@both_policies
def test_only_studies_that_need_information_are_asked_about(policy: str) -> None:
    for case, determination in settling_sets(policy):
        open_studies = {s.study for s in determination.studies if s.outcome is Outcome.ADDITIONAL_INFORMATION_NEEDED}
        assert {study for s in determination.settling for study in s.studies} <= open_studies
        for settling in determination.settling:
            for question in settling.way:
                for leaf in question:
                    assert leaf.criterion.documentation, case.label
                    assert leaf.status is Status.UNDETERMINED


@both_policies
def test_a_silent_request_can_be_settled_both_ways(policy: str) -> None:
    """Under either policy a request about which nothing is said can still turn out covered, and not covered."""
    case = example_cases()["silent-no-clinical-statement"]
    leads = {settling.leads_to for settling in judge(case, editions()[policy]).settling}
    assert Outcome.MEDICALLY_NECESSARY in leads
    if not editions()[policy].partial:  # of a list known in part no end is known, so it is never ruled out
        assert Outcome.NOT_MEDICALLY_NECESSARY in leads


def test_names_of_leaves_are_those_of_the_shapes() -> None:
    for edition in editions().values():
        for criterion in edition.criteria.values():
            kinds = [k for k in LEAVES if (criterion.iri, RDF.type, EDX[f"{k}Criterion"]) in edition.graph]
            assert (criterion.operator is None) == bool(kinds)
            assert isinstance(criterion.iri, URIRef)
