"""Laws 1, 2, 3, 4 and 6 of the design, over generated cases and the examples, under every policy.

Laws 8, 9 and 11 stand in `test_same_in_same_out`, `test_engines_agree` and `test_no_advice_to_recode`.
"""

from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from judging import POLICIES, editions, example_cases, judge, leaf_assessments
from laws import COMPLETE_BY_NATURE, held_to_law_2, held_to_law_3, held_to_law_4
from rdflib import RDF, SH, URIRef
from rdflib.term import Node
from strategies import CLINICAL, Draft, additions, cases, coverable, generate, make_case, silent_cases

import reasoner
from reasoner.case import Case
from reasoner.errors import EngineError, PolicyDefinitionError
from reasoner.evaluation.criteria import Status
from reasoner.evaluation.determination import Outcome
from reasoner.intake.vocabulary import vocabulary
from reasoner.policy.edition import Kind
from reasoner.policy.loader import load_edition
from reasoner.rdf.turtle import read_turtle
from reasoner.resources import data_folder, turtle_files
from reasoner.terminology.ontology import hierarchy
from reasoner.terms import EDX

every_example = pytest.mark.parametrize("share", [8, pytest.param(1, marks=pytest.mark.slow)], ids=["eighth", "all"])
both_policies = pytest.mark.parametrize("policy", POLICIES)
sampled = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],  # shrinking takes minutes; a generated case is small enough to be read
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def test_the_examples_are_found() -> None:
    assert len(example_cases()) >= 61


@pytest.mark.slow
def test_generated_cases_are_admissible() -> None:
    for number in range(40):
        case = (generate if number % 4 else coverable)(Random(number))
        lines = "".join(f"{s.n3()} {p.n3()} {o.n3()} .\n" for s, p, o in case.triples)
        (entry,) = reasoner.validate(lines.encode(), name="generated.nt").entries
        assert isinstance(entry, Case), entry.problems
        assert entry.triples == case.triples  # the classes of procedure codes too, which intake derives


def test_generated_cases_use_the_whole_vocabulary_of_a_case() -> None:
    used = {p for number in range(300) for _, p, _ in generate(Random(number)).triples}
    left_out = {"label", "identifier", "duration", "imagingFinding", "hasQuotation", "procedureCode"}
    missing = {str(p).rpartition("#")[2].rpartition("/")[2] for p in vocabulary().properties - used}
    assert missing <= left_out


# Law 1: silence is not a no

# Leaves about the request itself that can be met without a clinical word, and are never refuted.
AFFIRMABLE = {"aetna-cpb-0502": {"governed"}, "bcbsnd-emg-ncs": {"reason-for-number"}}
# Kinds of study that each policy calls experimental, whatever the person has.
EXPERIMENTAL = {
    "aetna-cpb-0502": {EDX.AutomatedNerveConductionStudy},
    "bcbsnd-emg-ncs": {
        EDX.SurfaceElectromyography, EDX.ParaspinalSurfaceElectromyography, EDX.MacroElectromyography,
        EDX.QuantitativeSensoryTesting,
    },
}  # fmt: skip


@both_policies
def test_only_what_a_request_contains_is_taken_as_complete(policy: str) -> None:
    by_kind = {kind: {c.name for c in editions()[policy].criteria.values() if c.kind is kind} for kind in Kind}
    assert by_kind[Kind.COMPLETE] | by_kind[Kind.COUNTED] == COMPLETE_BY_NATURE[policy]
    assert all(name.startswith("maximum-") for name in by_kind[Kind.COUNTED])
    assert by_kind[Kind.AFFIRMABLE] == AFFIRMABLE[policy]


@both_policies
@sampled
@given(case=silent_cases())
def test_silence_settles_nothing_clinical_and_denies_nothing(policy: str, case: Case) -> None:
    edition = editions()[policy]
    exempt = COMPLETE_BY_NATURE[policy] | AFFIRMABLE[policy]
    for assessment in leaf_assessments(case, edition).values():
        if assessment.criterion.name not in exempt:
            assert assessment.status is Status.UNDETERMINED, assessment.criterion.name
            assert assessment.contradiction is None
            assert not assessment.evidence
    determination = judge(case, edition)
    kinds = {
        study.study: {kind for cls in types_of(case, study.study) for kind in hierarchy().ancestors(cls)}
        for study in determination.studies
    }
    for study in determination.studies:
        experimental = bool(kinds[study.study] & EXPERIMENTAL[policy])
        expected = Outcome.EXPERIMENTAL_INVESTIGATIONAL if experimental else Outcome.ADDITIONAL_INFORMATION_NEEDED
        assert study.outcome is expected
    if not all(kinds[s.study] & EXPERIMENTAL[policy] for s in determination.studies):
        assert determination.outcome is Outcome.ADDITIONAL_INFORMATION_NEEDED


def types_of(case: Case, study: Node) -> set[Node]:
    return {o for s, p, o in case.triples if s == study and p == RDF.type}


# Law 2: information settles, it does not flip


@both_policies
@settings(sampled, max_examples=40)
@given(pair=additions())
def test_a_further_statement_turns_nothing_met_into_not_met(policy: str, pair: tuple[Case, Case]) -> None:
    held_to_law_2(policy, *pair)


@both_policies
@every_example
def test_a_further_statement_turns_no_example_into_its_opposite(policy: str, share: int) -> None:
    for number, case in enumerate(list(example_cases().values())[::share]):
        made = Draft(Random(number), "https://example.org/addition#", set(case.triples))
        addition = CLINICAL[number % len(CLINICAL)]
        foreign = made.request
        addition(made)
        moved = {tuple(case.iri if term == foreign else term for term in triple) for triple in made.triples}
        held_to_law_2(policy, case, make_case(case.iri, moved))  # type: ignore[arg-type]


# Law 3: sufficiency, and law 4: necessity


@both_policies
@sampled
@given(case=cases())
def test_the_cited_evidence_alone_gives_every_settled_criterion_the_same_status(policy: str, case: Case) -> None:
    held_to_law_3(case, editions()[policy])


@both_policies
@sampled
@given(case=cases())
def test_no_cited_statement_can_go_without_a_trace(policy: str, case: Case) -> None:
    held_to_law_4(case, editions()[policy])


@both_policies
@every_example
def test_the_examples_are_settled_by_their_evidence_alone_and_by_all_of_it(policy: str, share: int) -> None:
    for case in list(example_cases().values())[::share]:
        held_to_law_3(case, editions()[policy])
        held_to_law_4(case, editions()[policy])


# Law 6: no vacuous pass

EMPTY = {
    "nothing at all": "",
    "no request": "<https://example.org/c#s> a edx:NeedleElectromyography .",
    "request without a type": "<https://example.org/c#r> edx:requestsStudy <https://example.org/c#s> . "
    "<https://example.org/c#s> a edx:NeedleElectromyography .",
    "request without a study": "<https://example.org/c#r> a edx:Request .",
    "study without a type": "<https://example.org/c#r> a edx:Request ; edx:requestsStudy <https://example.org/c#s> .",
    "study that is no study": "<https://example.org/c#r> a edx:Request ; edx:requestsStudy <https://example.org/c#s> . "
    "<https://example.org/c#s> a edx:Numbness .",
    "a string as study": '<https://example.org/c#r> a edx:Request ; edx:requestsStudy "EMG" .',
}


@pytest.mark.parametrize("text", EMPTY.values(), ids=EMPTY)
def test_a_graph_that_asks_for_nothing_is_refused_at_intake(text: str) -> None:
    result = reasoner.validate(f"@prefix edx: <{EDX}> .\n{text}".encode(), name="case.ttl")
    assert not result.cases
    assert result.refusals
    assert all(refusal.problems for refusal in result.refusals)


@both_policies
@pytest.mark.parametrize("missing", [EDX.requestsStudy, RDF.type])
def test_a_case_past_intake_that_has_no_type_or_no_study_is_an_error(policy: str, missing: URIRef) -> None:
    case = coverable(Random(1))
    spoilt = make_case(case.iri, {t for t in case.triples if not (t[0] == case.iri and t[1] == missing)})
    with pytest.raises(EngineError):
        judge(spoilt, editions()[policy])


@both_policies
def test_an_empty_case_is_an_error(policy: str) -> None:
    with pytest.raises(EngineError):
        judge(make_case(URIRef("https://example.org/c#r"), set()), editions()[policy])


@pytest.mark.parametrize("path", turtle_files("shapes/policies"), ids=lambda p: p.parent.name)
def test_a_policy_whose_root_has_no_target_is_not_loaded(path: object) -> None:
    own = read_turtle([path])  # type: ignore[list-item]
    own.remove((None, SH.targetClass, None))
    shared = read_turtle([data_folder("shapes") / "components.ttl", *turtle_files("shapes/statements")])
    with pytest.raises(PolicyDefinitionError, match="does not target edx:Request"):
        load_edition(own, shared)
