"""What intake remembers of statements changes nothing that it tells of a case (`remembering.py`)."""

import re
from typing import Any
from unittest.mock import patch

import pytest
from remembering import different, examples, made_up, nothing_remembered, spoilt, told

from reasoner.intake import admission, content, foreseen, notes
from reasoner.intake.admission import validate
from reasoner.rdf import statements

NUMBER = 150


@pytest.fixture(autouse=True)
def foresight(monkeypatch: pytest.MonkeyPatch) -> foreseen.Foreseen:
    """What has been found out about statements, afresh: what a fault has found out is not for other tests."""
    fresh = foreseen.Foreseen(content.compiled_intake(), content.beside_every_case())
    monkeypatch.setattr(admission, "foreseen", lambda: fresh)
    monkeypatch.setattr(content, "foreseen", lambda: fresh)
    return fresh


def test_the_files_of_intake_and_the_example_cases_are_told_alike() -> None:
    texts = examples()
    assert len(texts) > 350
    assert not different(texts)


def test_made_up_cases_are_told_alike() -> None:
    texts = list(made_up(NUMBER, 5))
    assert sum(any(entry[0] == "Refusal" for entry in told(text)) for text in texts) > NUMBER // 4
    assert not different(texts)


def test_mutants_are_told_alike() -> None:
    assert not different(spoilt(range(2 * NUMBER), 5))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 16))
def test_many_made_up_cases_and_mutants_are_told_alike(seed: int) -> None:
    assert not different([*made_up(400, seed), *spoilt(range(600), seed)])


def test_every_shape_can_be_foreseen_by_its_statements() -> None:
    """Nothing of it would be, if a target were told by other things than kinds and ways to a node."""
    asked: list[int] = []
    whole = foreseen.Foreseen.suspects

    def counted(*arguments: Any) -> Any:
        found = whole(*arguments)
        assert found is not None
        asked.append(len(found))
        return found

    with patch.object(foreseen.Foreseen, "suspects", counted):
        admitted = sum(len(validate(data, name=name).cases) for name, data in made_up(40, 1))
    assert len(asked) >= admitted > 15
    assert sum(asked) < 6 * len(asked)  # of some forty pairs of a shape and a node in each case


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch, foresight: foreseen.Foreseen) -> None:
    monkeypatch.setattr(statements, "_REMEMBERED_AT_MOST", 50)
    monkeypatch.setattr(notes, "_MOST_REMEMBERED", 50)
    monkeypatch.setattr(foreseen, "_MOST_REMEMBERED", 50)
    for store in (statements._REMEMBERED, notes._NOTES):
        store.clear()  # type: ignore[attr-defined]
    assert not different(made_up(40, 3))
    kept = (
        statements._REMEMBERED, notes._NOTES, foresight._fixed, foresight._clear, foresight._by_kinds, foresight._plans,
    )  # fmt: skip
    assert all(0 < len(store) <= 50 for store in kept)


# The comparison would notice ---------------------------------------------------------


class Careless(dict[Any, Any]):
    """A dictionary that leaves something out of its keys."""

    def __init__(self, shorten: Any) -> None:
        super().__init__()
        self._shorten = shorten

    def get(self, key: Any, default: Any = None) -> Any:
        """The value of a key, or of another one that differs in what is left out."""
        return super().get(self._shorten(key), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        """Keep the value for the key without what is left out."""
        super().__setitem__(self._shorten(key), value)


def test_a_datatype_left_out_is_noticed() -> None:
    careless = Careless(lambda rest: rest.partition("^^")[0].removesuffix(" ."))
    (name, typed), *_ = made_up(1, 1)
    plain = typed.replace(b'"^^xsd:date', b'"')
    assert plain != typed
    assert not different([(name, typed), (name, plain)])
    with patch.object(statements, "_REMEMBERED", careless):
        assert different([(name, typed), (name, plain)]) == [name]


def test_a_value_left_out_is_noticed() -> None:
    with patch.object(notes, "_NOTES", Careless(lambda said: said.predicate)):
        assert len(different(examples())) > 3


def test_kinds_left_out_are_noticed(foresight: foreseen.Foreseen) -> None:
    with patch.object(foresight, "_by_kinds", Careless(lambda key: key[0])):
        assert len(different(examples())) > 3


def test_a_count_left_out_is_noticed() -> None:
    with patch.object(foreseen, "_within", lambda *_: True):
        assert len(different(examples())) > 3


def test_a_case_that_describes_terms_is_noticed() -> None:
    (name, text), *_ = made_up(1, 1)
    found = re.search(rb"^(\S+)\n    a edx:Request", text, re.MULTILINE)
    assert found
    purpose = b'edx:DiagnosticWorkUp rdfs:label "another" . %b edx:hasPurpose edx:DiagnosticWorkUp .' % found[1]
    assert not different([(name, text + purpose)])
    with patch.object(admission, "are_own", lambda _: True):
        assert different([(name, text + purpose)]) == [name]


def test_without_memory_nothing_is_remembered() -> None:
    before = len(statements._REMEMBERED)
    with nothing_remembered():
        list(map(told, made_up(3, 77)))
    assert len(statements._REMEMBERED) == before
