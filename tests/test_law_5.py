"""Law 5: the case cannot change the policy. Any graph over any vocabulary is refused, or adds its facts and no more."""

import pytest
from interference import Tally, is_fact, tried, words
from judging import example_cases
from rdflib import RDFS

from reasoner.case import Problem
from reasoner.intake import vocabulary
from reasoner.rdf.index import Triple
from reasoner.terms import GENID


def told(tally: Tally, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\nlaw 5: {tally}")


@pytest.mark.parametrize("count", [300, pytest.param(2_000, marks=pytest.mark.slow)])
def test_any_graph_is_refused_or_adds_its_facts_and_no_more(count: int, capsys: pytest.CaptureFixture[str]) -> None:
    tally = tried(count)
    told(tally, capsys)
    assert tally.changed == []
    assert (tally.graphs, tally.refused + tally.admitted) == (count, count)
    assert tally.admitted > count // 6
    assert tally.refused > count // 3
    assert tally.statuses > 100 * tally.admitted
    assert {"no-schema-statement", "own-nodes-only", "known-term", "nothing-left-over"} <= tally.rules.keys()


def test_one_axiom_that_is_let_in_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: intake takes `rdfs:subClassOf` for a property of a case."""
    whole = vocabulary._problem_of

    def with_a_hole(triple: Triple, *, guess: bool) -> Problem | None:
        return None if triple[1] == RDFS.subClassOf else whole(triple, guess=guess)

    monkeypatch.setattr(vocabulary, "_problem_of", with_a_hole)
    tally = tried(150)
    assert tally.more_than_facts > 0
    assert [line for line in tally.changed if "by the facts" in line], "a status changes where the axiom is heeded"


def test_the_model_of_facts_takes_the_examples_for_facts_and_knows_the_words_of_a_case() -> None:
    assert len(words().properties) == 49  # as the context publishes them, `type` beside
    for case in example_cases().values():
        own = [triple for triple in case.statements if not str(triple[0]).startswith(GENID)]  # the others have no IRI
        assert own
        assert [triple for triple in own if not is_fact(triple)] == []
