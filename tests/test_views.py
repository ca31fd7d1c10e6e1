"""What is recalled from a request that looked the same is what would have been found out: status, evidence, the rest."""

from collections import Counter
from collections.abc import Iterable, Iterator
from random import Random
from typing import Any

import pytest
from judging import POLICIES, editions, example_cases, knowledge, leaf_assessments
from rdflib import URIRef
from rdflib.term import Node
from strategies import coverable, generate, silent

from reasoner.case import Case
from reasoner.evaluation import recalled, views
from reasoner.evaluation.criteria import Assessor, leaves
from reasoner.evaluation.leaves import Compilers, Leaves
from reasoner.policy.edition import Edition
from reasoner.rdf.index import Index, in_order

Told = tuple[object, ...]


def told(case: Case, edition: Edition, judges: Leaves) -> list[Told]:
    """Every leaf with its status, the statements it rests on, those that say the same again, and a contradiction."""
    index = Index(case.statements, knowledge().hierarchy)
    root = Assessor(index, judges).assess(edition.root, case.iri)
    return [
        (leaf.criterion.iri, leaf.focus, leaf.status, leaf.evidence, leaf.corroboration, leaf.contradiction, leaf.notes)
        for leaf in leaves(root)
    ]


def unrecalled(edition: Edition) -> Leaves:
    return Leaves(edition.criteria.values(), recalled=False)


def made_up(number: int, seed: int) -> Iterator[Case]:
    random = Random(seed)
    for place in range(number):
        make = (generate, coverable, silent)[place % 3]
        yield make(random, base=f"https://example.org/{place}#")


def different(cases: Iterable[Case], edition: Edition) -> list[tuple[Told, Told]]:
    recalling, plain = Leaves(edition.criteria.values()), unrecalled(edition)
    found = []
    for case in cases:
        pairs = zip(told(case, edition, recalling), told(case, edition, plain), strict=True)
        found += [(one, other) for one, other in pairs if one != other]
    return found


@pytest.mark.parametrize("policy", POLICIES)
def test_the_example_cases_get_the_same_answers(policy: str) -> None:
    cases = list(example_cases().values())
    assert len(cases) >= 200
    assert not different(cases, editions()[policy])


@pytest.mark.parametrize("policy", POLICIES)
def test_made_up_cases_get_the_same_answers(policy: str) -> None:
    assert not different(made_up(240, 11), editions()[policy])


@pytest.mark.slow
@pytest.mark.parametrize("policy", POLICIES)
def test_thousands_of_made_up_cases_get_the_same_answers(policy: str) -> None:
    assert not different(made_up(3000, 12), editions()[policy])


@pytest.mark.parametrize("policy", POLICIES)
def test_most_answers_are_recalled(policy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the tests above would compare what is found out with itself."""
    asked: Counter[str] = Counter()
    make = recalled._Recalled

    def made(*args: Any) -> Any:
        asked["found out"] += 1
        return make(*args)

    monkeypatch.setattr(recalled, "_Recalled", made)
    edition = editions()[policy]
    judges = Leaves(edition.criteria.values())
    for case in made_up(240, 11):
        asked["open leaves"] += len([line for line in told(case, edition, judges) if line[1] == case.iri])
    assert asked["found out"] * 2 < asked["open leaves"]


@pytest.mark.parametrize(
    ("blind", "what"),
    [
        ("_narrowed", "what is said of a value"),
        ("_shown", "a record as a whole"),
    ],
)
def test_a_view_that_shows_too_little_is_noticed(blind: str, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen_whole = getattr(views.Views, blind)

    def seen_less(self: views.Views, *args: Any) -> object:
        seen_whole(self, *args)  # the places of the statements are still gathered
        return 0

    edition = editions()["bcbsnd-emg-ncs"]
    plain = unrecalled(edition)
    monkeypatch.setattr(views.Views, blind, seen_less)
    if blind == "_shown":
        monkeypatch.setattr(views.Views, "_narrowed", lambda *_: 0)
    judges = Leaves(edition.criteria.values())
    lost = 0
    for case in made_up(60, 11):
        try:
            lost += told(case, edition, judges) != told(case, edition, plain)
        except Exception:  # noqa: BLE001 - a place that is not there is noticed, too
            lost += 1
    assert lost, what


FEW = 40  # records kept: the cases below have hundreds


def test_what_is_forgotten_is_not_mistaken_for_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "_MOST_RECORDS", FEW)
    assert not different(made_up(90, 13), editions()["bcbsnd-emg-ncs"])


def test_numbers_given_anew_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault: what comes after the forgetting gets the numbers of what came before."""
    monkeypatch.setattr(views, "_MOST_RECORDS", FEW)
    as_it_is = views.Views._matters

    def numbered_anew(self: views.Views, *arguments: Any) -> Any:
        self._next = self._locals.__len__
        return as_it_is(self, *arguments)

    monkeypatch.setattr(views.Views, "_matters", numbered_anew)
    try:
        noticed = bool(different(made_up(90, 13), editions()["bcbsnd-emg-ncs"]))
    except IndexError:  # a place in the view of another request, which this one does not have
        noticed = True
    assert noticed


def test_whoever_asks_for_the_same_shape_shares_the_answers() -> None:
    edition = editions()["bcbsnd-emg-ncs"]
    (shape,) = {leaf.shape for leaf in edition.criteria.values() if leaf.name == "presents-by-symptoms"}
    assert shape is not None
    seen = Compilers.of([shape]).views
    assert recalled.recalling_test(shape, seen) is recalled.recalling_test(shape, seen)


def renamed(case: Case, random: Random) -> Case:
    """The same case with other names for its nodes, in another order."""
    nodes = list(dict.fromkeys(s for s, _, _ in case.statements))
    places = random.sample(range(100, 1000), len(nodes))
    names: dict[Node, Node] = {
        node: URIRef(f"https://example.org/node/{place}") for node, place in zip(nodes, places, strict=True)
    }
    statements = in_order((names.get(s, s), p, names.get(o, o)) for s, p, o in case.statements)
    request = names[case.iri]
    assert isinstance(request, URIRef)
    return Case(request, case.label, case.source, statements, case.digest)


@pytest.mark.parametrize("policy", POLICIES)
def test_the_order_of_names_is_part_of_what_is_seen(policy: str) -> None:
    """The statements that are kept are the first that suffice: with other names of nodes, others may come first."""
    random = Random(5)
    cases = [*list(example_cases().values())[::4], *made_up(40, 13)]
    again = [renamed(case, random) for case in cases for _ in range(3)]
    assert not different([*cases, *again], editions()[policy])


def test_figures_and_contradictions_are_found_out_once_for_an_assessment() -> None:
    under = [(case, editions()[policy]) for case in example_cases().values() for policy in POLICIES]
    found = [leaf for case, edition in under for leaf in leaf_assessments(case, edition).values()]
    figures, sides = [a for a in found if a.notes], [a for a in found if a.contradiction is not None]
    assert len(figures) > 20
    assert len(sides) > 10
    assert all(a.notes is a.notes for a in figures)
    assert all(a.contradiction is a.contradiction for a in sides)
