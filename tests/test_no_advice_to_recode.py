"""Law 11: what a report asks for is documentation, never another diagnosis, code or finding."""

import re
from collections.abc import Iterator
from random import Random

import pytest
from judging import POLICIES, editions, example_cases, judge, knowledge
from rdflib import RDFS, SKOS, Literal
from strategies import coverable, generate, silent
from wording_rules import PATTERNS, advises_to_recode

import reasoner
from reasoner.formats.render import FORMATS
from reasoner.policy.edition import Kind
from reasoner.terms import EDX

both_policies = pytest.mark.parametrize("policy", POLICIES)


@pytest.mark.parametrize(
    "text",
    [
        "Consider updating the diagnosis code.",
        "Add a diagnosis of radiculopathy.",
        "Use M54.16 as the code.",
        "The request should use a more specific code.",
        "The record could be corrected by adding a finding of numbness.",
        "Resubmit with another code.",
        "Did you mean M54.16?",
        "Codes below it that can be: M47.811.",
        "You may wish to change the indication.",
        "whether the diagnosis is certain; if not, change the diagnosis",
    ],
)
def test_the_word_list_finds_advice_to_recode(text: str) -> None:
    assert advises_to_recode(text)


@pytest.mark.parametrize(
    "text",
    [
        "whether the course or the response to treatment has changed unexpectedly",
        "whether cervical radiculopathy is suspected, confirmed or ruled out",
        "No code, diagnosis or earlier study names radiculopathy.",
        "whether weakness is present or absent",
        "the findings of the neurologic examination: strength, sensation, reflexes, muscle bulk, present or absent",
    ],
)
def test_the_word_list_lets_questions_and_statements_pass(text: str) -> None:
    assert not advises_to_recode(text)


@both_policies
def test_no_text_of_a_policy_advises_to_recode(policy: str) -> None:
    graph = editions()[policy].graph
    terms = (
        RDFS.label, SKOS.definition, EDX.documentation, EDX.sentence, EDX.whenMet, EDX.whenRefuted, EDX.whenOpen,
        EDX.whenNotApplicable, EDX.place,
    )  # fmt: skip
    texts = [str(o) for term in terms for o in graph.objects(None, term)]
    assert len(texts) > 200
    assert [text for text in texts if advises_to_recode(text)] == []


@both_policies
def test_what_would_settle_a_question_is_told_as_a_question_or_a_document(policy: str) -> None:
    """Positive form: "whether …" asks both ways, "how many …" for a number; "the … of …" names a document or a fact, whichever way it turns out."""
    told = {c.name: c.documentation for c in editions()[policy].criteria.values() if c.documentation}
    assert len(told) > 20
    for name, text in told.items():
        assert re.match(r"(whether|which|how many|the) [a-z]", text), name
        if text.startswith("the "):
            # things that a record has whatever is found: never a disease or a finding that would have to be there
            assert re.match(r"the (purpose|reason|result|date|findings of the neurologic examination)\b", text), name
        assert not text.endswith("."), name


@both_policies
def test_a_question_about_a_disease_or_a_finding_is_open_both_ways(policy: str) -> None:
    for criterion in editions()[policy].criteria.values():
        if criterion.kind is Kind.OPEN and re.search(r"suspected|present", criterion.documentation or ""):
            assert re.search(r"suspected.*ruled out|present or absent", criterion.documentation or ""), criterion.name


# The reports


def sentences(policy: str, share: int) -> Iterator[tuple[str, str]]:
    """Every text of the report graphs of examples and of generated cases; quoted documents and labels of cases apart."""
    cases = [
        *list(example_cases().values())[::share],
        *(f(Random(n)) for n in range(12) for f in (generate, coverable, silent)),
    ]
    for case in cases:
        graph = reasoner.report_graph(judge(case, editions()[policy]), knowledge())
        for term in (EDX.sentence, EDX.documentation, EDX.recommendation):
            for text in graph.objects(None, term):
                yield case.label, str(text)
        for text in graph.objects(None, None):
            if isinstance(text, Literal) and " " in str(text) and (None, EDX.text, text) not in graph:
                yield case.label, str(text)


@both_policies
@pytest.mark.parametrize("share", [12, pytest.param(1, marks=pytest.mark.slow)], ids=["twelfth", "all"])
def test_no_text_of_a_report_advises_to_recode(policy: str, share: int) -> None:
    found = {text: case for case, text in sentences(policy, share)}
    assert len(found) > 150
    assert {text: case for text, case in found.items() if advises_to_recode(text)} == {}


@both_policies
@pytest.mark.parametrize("format", [f for f in FORMATS if f != "turtle"])
def test_no_words_that_a_format_puts_around_the_texts_advise_to_recode(policy: str, format: str) -> None:  # noqa: A002
    for number in (1, 5):
        graph = reasoner.report_graph(judge(silent(Random(number)), editions()[policy]), knowledge())
        rendered = reasoner.render(graph, format)
        plain = " ".join(re.sub(r"<style.*?</style>|<[^>]+>|[*_#|`│├└─]", " ", rendered, flags=re.S).split())
        assert [match[0] for pattern in PATTERNS for match in pattern.finditer(plain)] == []


CODED = """
@prefix edx: <{edx}> . @prefix icd10cm: <http://purl.bioontology.org/ontology/ICD10CM/> . @prefix : <https://example.org/c#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:request a edx:Request ; edx:dateOfService "2026-01-15"^^xsd:date ; edx:requestsStudy :emg ; edx:hasIndication :d , :e .
:emg a edx:NeedleElectromyography ; edx:procedureCode "{procedure}" .
:d a edx:Diagnosis , icd10cm:{code} ; edx:certainty edx:Suspected .
:e a edx:Diagnosis , icd10cm:{other} ; edx:certainty edx:Suspected .
"""


@both_policies
@pytest.mark.parametrize(
    ("code", "other", "procedure"),
    [
        ("M47", "M54.1", "95886"),
        ("M47.816", "M54.16", "95886"),
        ("A00.0", "Z00.00", "95886"),
        ("M54.16", "M51.16", "95886"),
        ("G56.00", "R20.2", "95886"),
        ("M54.10", "B37.3", "95886"),
    ],
    ids=[
        *("categories", "contradicting codes", "codes outside the map"),
        *("codes kept apart", "side left open and symptom", "site left open and category"),
    ],
)
def test_what_intake_says_of_codes_does_not_become_advice(policy: str, code: str, other: str, procedure: str) -> None:
    text = CODED.format(edx=EDX, code=code, other=other, procedure=procedure)
    (entry,) = reasoner.validate(text.encode(), name="case.ttl").entries
    assert isinstance(entry, reasoner.Case)
    assert entry.warnings
    graph = reasoner.report_graph(judge(entry, editions()[policy]), knowledge())
    texts = [str(o) for o in graph.objects(None, None) if isinstance(o, Literal)]
    assert [said for said in texts if advises_to_recode(said)] == []
