"""Mutants of valid cases: nothing but what is documented comes out, pySHACL says the same, and planted faults are found.

`python tests/fuzz.py N --pyshacl` tries any number; here are as many as there is time for.
"""

import warnings
from collections.abc import Callable
from typing import Any

import fuzz
import pytest
from fuzz import PYSHACL_OF, Tally, fuzzed, pyshacl_says, tried
from judging import editions, judge, leaf_assessments
from rdflib import SH, URIRef
from rdflib.term import Node
from spoiling import BYTES, STATEMENTS, Mutant, mutant

from reasoner.case import Case
from reasoner.evaluation.statuses import Status
from reasoner.intake import admission, vocabulary
from reasoner.intake import queries as intake_queries
from reasoner.intake.admission import validate
from reasoner.intake.codes import check_codes
from reasoner.intake.shapes import intake_shapes
from reasoner.native import components, date_queries
from reasoner.native.components import Finding
from reasoner.native.counting import Count
from reasoner.rdf.nodes import as_token
from reasoner.rdf.turtle import read_turtle
from reasoner.terms import EDX
from reasoner.validation.compiled_shapes import compile_shapes

SEED = 41


def sound(tally: Tally, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\nseed {SEED}: {tally}")
    assert tally.failures == []
    assert tally.differences == []


def test_mutants_give_nothing_but_what_is_documented(capsys: pytest.CaptureFixture[str]) -> None:
    tally = fuzzed(range(1, 301), SEED)
    sound(tally, capsys)
    assert tally.mutants == 300
    assert tally.counts["admitted"] > 40
    assert tally.counts["E100"] > 20
    assert tally.counts["outputs"] > 30
    assert tally.counts["statuses"] > 2000


@pytest.mark.slow
def test_two_thousand_mutants_give_nothing_but_what_is_documented(capsys: pytest.CaptureFixture[str]) -> None:
    tally = fuzzed(range(1, 2001), SEED)
    sound(tally, capsys)
    assert set(STATEMENTS) | {f"bytes: {name}" for name in BYTES} == set(tally.done)
    assert tally.counts["admitted"] > 300


@pytest.mark.slow
def test_some_of_them_are_to_pyshacl_what_they_are_here(capsys: pytest.CaptureFixture[str]) -> None:
    """One in three of two hundred; a nightly run compares a third of all."""
    tally = fuzzed(range(2001, 2201), SEED, pyshacl=PYSHACL_OF)
    sound(tally, capsys)
    assert tally.counts["compared"] >= 60
    assert tally.counts["problems compared"] > 100
    assert tally.counts["leaves compared"] > 50
    assert tally.counts["roots compared"] > 0


def test_a_mutant_is_made_from_its_number_alone() -> None:
    assert mutant(7, 3) == mutant(7, 3)
    assert mutant(7, 3).data != mutant(7, 4).data != mutant(8, 4).data


# What is planted is found ----------------------------------------------------------------------


def first_failure(seed: int, most: int) -> str:
    return next((failure for n in range(1, most) for failure in fuzzed([n], seed).failures), "")


def test_a_crash_in_a_rare_place_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: codes are looked up by a day that may be a time, which cannot be compared with a day."""

    def faulty(*arguments: object, **named: object) -> object:
        for problem in check_codes(*arguments, **named):  # type: ignore[arg-type]
            if "fiscal year" in problem.message or "in force" in problem.message:
                raise TypeError("can't compare datetime.datetime to datetime.date")
            yield problem

    monkeypatch.setattr(admission, "check_codes", faulty)
    assert "TypeError" in first_failure(SEED, 400)


def test_a_warning_of_a_library_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a number that is none, written as rdflib writes it."""

    def faulty(term: object) -> str:
        if getattr(term, "ill_typed", False):
            warnings.warn(f"Serializing weird numerical {term!r}", stacklevel=1)
        return as_token(term)  # type: ignore[arg-type]

    monkeypatch.setattr(admission, "as_token", faulty)
    assert "printed beside the results: Serializing weird" in first_failure(SEED, 400)


def test_a_criterion_without_a_status_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: what is told of a determination lacks one criterion."""
    told = fuzz.assessments
    monkeypatch.setattr(
        fuzz,
        "assessments",
        lambda root: {k: a for k, a in told(root).items() if "surface-electromyography" not in k[0]},
    )
    assert "surface-electromyography has no status" in first_failure(SEED, 60)


def told_differently(seed: int, plant: Callable[[pytest.MonkeyPatch], None]) -> Mutant:
    """The first mutant that intake speaks of in another way with a fault; without pySHACL, which would take long."""
    for number in range(1, 1000):
        one = mutant(number, seed)
        right = fuzz.told(validate(one.data, name=one.name))
        with pytest.MonkeyPatch.context() as patch:
            plant(patch)
            if fuzz.told(validate(one.data, name=one.name)) != right:
                return one
    pytest.fail("no mutant shows the fault")


def lax(patch: pytest.MonkeyPatch) -> None:
    """No limit of one value in the compiled engine."""
    shapes = read_turtle([])
    for s, p, o in intake_shapes():
        if p != SH.maxCount:
            shapes.add((s, p, o))
    compiled = compile_shapes(shapes, queries=intake_queries.QUERIES)
    patch.setattr("reasoner.intake.content.compiled_intake", lambda: compiled)


def reversed_dates(patch: pytest.MonkeyPatch) -> None:
    """A comparison of dates the wrong way round."""
    patch.setattr(date_queries, "_is_later", lambda one, other: str(one) < str(other))


@pytest.mark.parametrize("plant", [lax, reversed_dates])
def test_a_fault_of_one_engine_at_intake_is_found(
    plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = told_differently(SEED, plant)
    assert tried(one, pyshacl=True).differences == []
    plant(monkeypatch)
    assert "intake: " in "".join(tried(one, pyshacl=True).differences)


def below_for_at_most(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Count, "within", lambda count, maximum: count.highest is not None and count.highest < maximum)


def no_month_at_all(patch: pytest.MonkeyPatch) -> None:
    iri = EDX.MonthsBeforeServiceConstraintComponent
    native = components.NATIVE[iri]

    def faulty(*arguments: Any) -> Finding:
        found = native(*arguments)
        return found._replace(conforms=not found.conforms)

    patch.setitem(components.NATIVE, iri, faulty)


@pytest.mark.parametrize(
    ("slug", "plant"), [("bcbsnd-emg-ncs", below_for_at_most), ("aetna-cpb-0502", no_month_at_all)]
)
def test_a_fault_in_native_code_is_found(
    slug: str, plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutant that shows it is searched for without pySHACL; then pySHACL is asked the leaf that it changes, one of
    those that are drawn in a nightly run."""

    def statuses(case: Case) -> dict[tuple[URIRef, Node], Status]:
        return {key: found.status for key, found in leaf_assessments(case, editions()[slug]).items()}

    for number in range(1, 4000):
        one = mutant(number, SEED)
        for case in validate(one.data, name=one.name).cases:
            right = statuses(case)
            with pytest.MonkeyPatch.context() as patch:
                plant(patch)
                wrong = statuses(case)
            if wrong != right:
                break
        else:
            continue
        break
    else:
        pytest.fail("no mutant shows the fault")
    changed = [editions()[slug].criteria[iri] for (iri, _), status in right.items() if wrong[iri, _] is not status]
    outcome = judge(case, editions()[slug]).outcome
    assert pyshacl_says(case, slug, changed, Tally(), outcome, root=False) == []
    plant(monkeypatch)
    said = pyshacl_says(case, slug, changed, Tally(), outcome, root=False)
    assert changed[0].name in "".join(said)


# What they have found --------------------------------------------------------------------------

HEAD = """@prefix edx: <https://w3id.org/edx-reasoner/ontology#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix icd10cm: <http://purl.bioontology.org/ontology/ICD10CM/> . @prefix : <https://example.org/c#> .
:request a edx:Request ; edx:payer <https://w3id.org/edx-reasoner/payer/bcbsnd> ; edx:requestsStudy :emg .
:emg a edx:NeedleElectromyography .
"""


def refused(text: str) -> list[str]:
    (refusal,) = validate((HEAD + text).encode(), name="case.ttl").refusals
    return [str(problem) for problem in refusal.problems]


def test_a_time_in_the_place_of_a_day_is_refused() -> None:
    """Mutant 100 of seed 2: codes were held against a date of service that was a time, which ended in a TypeError."""
    (said,) = refused(
        ':request edx:dateOfService "2024-12-02T00:00:00"^^xsd:dateTime ; edx:hasIndication :d .'
        ":d a edx:Diagnosis, icd10cm:M54.16 ; edx:certainty edx:Suspected ."
    )
    assert "one real day of the calendar" in said


def test_a_number_that_is_none_is_refused_without_a_warning_beside() -> None:
    """Mutant 187 of seed 5: rdflib warned of it on the standard error, beside the refusal."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        said = refused(':emg edx:quantity "true"^^xsd:decimal . :request edx:dateOfService "x"^^xsd:double .')
    assert any('"true"^^xsd:decimal' in problem for problem in said)


def test_of_many_unknown_terms_the_first_are_told_with_the_nearest_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutant 1136 of seed 2: 400 unknown classes took 15 seconds, the search for the nearest name nearly all of it."""
    searched = []
    near = vocabulary.Vocabulary.near
    monkeypatch.setattr(
        vocabulary.Vocabulary,
        "near",
        lambda self, term, *, among: searched.append(term) or near(self, term, among=among),
    )
    said = refused("\n".join(f":request edx:hasFindng{number} :x{number} ." for number in range(900)))
    assert sum("is no property" in problem for problem in said) == 900
    assert 0 < sum("Did you mean" in problem for problem in said) <= len(searched) <= 50
    assert said == refused("\n".join(f":request edx:hasFindng{number} :x{number} ." for number in range(900)))


def test_a_code_in_the_place_of_a_node_is_told_by_the_property_that_leads_to_it() -> None:
    """Mutant 213 of seed 11: pySHACL took the code for a node of the case, and told of what the ontology says of it."""
    text = ":request edx:hasDocument :doc . :doc a edx:SourceDocument ; edx:hasQuotation icd10cm:I10 ."
    told = []
    for engine in ("compiled", "pyshacl"):
        result = validate((HEAD + text).encode(), name="case.ttl", engine=engine)  # type: ignore[arg-type]
        told.append([str(problem) for problem in result.refusals[0].problems])
    assert told[0] == told[1]
    assert not any("subClassOf" in problem for problem in told[0])
    assert any("hasQuotation" in problem for problem in told[0])
