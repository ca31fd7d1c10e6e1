"""The native constraint components hold to their SPARQL text: pySHACL runs the text over the same data.

The expectation of the edges themselves is written by hand besides, from the policy: more than four weeks and less than
six months; at most a year back, the same day included.
"""

import datetime
from collections.abc import Iterable
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import RDF, RDFS, SH, XSD, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from reasoner.native.components import NATIVE, months_later
from reasoner.rdf.index import Hierarchy, Index
from reasoner.rdf.turtle import read_turtle
from reasoner.resources import data_folder
from reasoner.shacl import pyshacl_engine
from reasoner.shacl.declared import read_components
from reasoner.shacl.reader import ShapeReader
from reasoner.shacl.shapes import Component
from reasoner.terminology.procedures import procedure
from reasoner.terms import EDX

EX = Namespace("https://example.org/component#")
COMPONENTS = read_turtle([data_folder("shapes") / "components.ttl"])


def both_answers(data: Graph, nodes: Iterable[URIRef], shape: str) -> tuple[set[Node], set[Node]]:
    """The nodes that conform according to the SPARQL text and according to the native code."""
    shapes = Graph()
    shapes += COMPONENTS
    shapes.parse(
        data=f"@prefix sh: <{SH}> . @prefix edx: <{EDX}> . @prefix ex: <{EX}> . ex:shape a sh:NodeShape ; {shape} .",
        format="turtle",
    )
    asked: set[Node] = set(nodes)
    for node in asked:
        shapes.add((EX.shape, SH.targetNode, node))
    _, report = pyshacl_engine.validate(data, shapes)
    failing = {report.value(result, SH.focusNode) for result in report.subjects(SH.sourceShape, EX.shape)}
    (component,) = ShapeReader(shapes, read_components(shapes)).shape(EX.shape).constraints
    assert isinstance(component, Component)
    index = Index.of(data, Hierarchy.of(data))
    native = {node for node in asked if NATIVE[component.iri](index, node, component).conforms}
    return asked - failing, native


def test_every_component_has_native_code_and_a_test_here() -> None:
    assert set(read_components(COMPONENTS)) == set(NATIVE)
    assert {str(iri).rpartition("#")[2] for iri in NATIVE} == {
        "OnsetWindowConstraintComponent", "MonthsBeforeServiceConstraintComponent",
        "MaximumTotalConstraintComponent", "ExceededTotalConstraintComponent",
        "MaximumConductionTotalConstraintComponent", "ExceededConductionTotalConstraintComponent",
        "NumberStatedConstraintComponent", "RepeatStudyConstraintComponent",
    }  # fmt: skip


# Dates


def random_pairs(count: int) -> list[tuple[datetime.date, datetime.date]]:
    """An earlier and a later day: ends of months, leap days, the edges of the windows, a few the wrong way round."""
    random = Random(7)
    ends = [
        datetime.date(year, month, 1) - datetime.timedelta(days=days)
        for year in (2024, 2025, 2026, 2028, 2100)
        for month in range(1, 13)
        for days in (0, 1, 2, 3)
    ]
    pairs = []
    for number in range(count):
        first = (
            random.choice(ends)
            if number % 2
            else datetime.date(2023, 1, 1) + datetime.timedelta(random.randint(0, 1500))
        )
        if number % 3 == 0:
            gap = random.choice((0, 27, 28, 29, 179, 180, 181, 182, 183, 184, 185, 364, 365, 366, 367, -1))
            second = first + datetime.timedelta(days=gap)
        else:
            months = random.choice((6, 6, 12, 12, 5, 1))
            second = months_later(first, months) + datetime.timedelta(days=random.choice((-1, 0, 1)))
        pairs.append((first, second))
    return pairs


def dated(
    pairs: Iterable[tuple[datetime.date, datetime.date]], link: URIRef, dating: URIRef
) -> tuple[Graph, list[URIRef]]:
    data, nodes = Graph(), []
    for number, (first, second) in enumerate(pairs):
        node, request = EX[f"node-{number}"], EX[f"request-{number}"]
        data.add((request, link, node))
        data.add((request, EDX.dateOfService, Literal(second)))
        data.add((node, dating, Literal(first)))
        nodes.append(node)
    return data, nodes


@pytest.mark.parametrize("link", [EDX.hasIndication, EDX.hasDiagnosis, EDX.hasFinding])
def test_onset_window_is_counted_as_its_text_counts(link: URIRef) -> None:
    data, nodes = dated(random_pairs(160), link, EDX.onset)
    text, native = both_answers(data, nodes, "edx:onsetMoreThanDays 28 ; edx:onsetLessThanMonths 6")
    assert text == native
    assert 20 < len(text) < 140


def test_months_before_service_are_counted_as_their_text_counts() -> None:
    data, nodes = dated(random_pairs(240), EDX.hasEarlierStudy, EDX.date)
    text, native = both_answers(data, nodes, "edx:maximumMonthsBefore 12")
    assert text == native
    assert 20 < len(text) < 220


@pytest.mark.parametrize(
    ("onset", "service", "inside"),
    [
        ("2026-01-01", "2026-01-29", False),  # 28 days: four weeks, not more
        ("2026-01-01", "2026-01-30", True),
        ("2026-01-01", "2026-06-30", True),  # six months less a day
        ("2026-01-01", "2026-07-01", False),
        ("2025-08-31", "2026-02-27", True),
        ("2025-08-31", "2026-02-28", False),  # February has no 31st: its last day completes the six months
        ("2027-08-31", "2028-02-28", True),
        ("2027-08-31", "2028-02-29", False),
        ("2028-02-29", "2028-08-28", True),
        ("2028-02-29", "2028-08-29", False),
        ("2026-01-30", "2026-01-01", False),
    ],
)
def test_laryngeal_window_at_its_edges(onset: str, service: str, inside: bool) -> None:
    data, nodes = dated(
        [(datetime.date.fromisoformat(onset), datetime.date.fromisoformat(service))], EDX.hasFinding, EDX.onset
    )
    answers = both_answers(data, nodes, "edx:onsetMoreThanDays 28 ; edx:onsetLessThanMonths 6")
    assert answers == ((set(nodes), set(nodes)) if inside else (set(), set()))


@pytest.mark.parametrize(
    ("done", "service", "within"),
    [
        ("2025-03-01", "2026-03-01", True),  # a year to the day
        ("2025-03-01", "2026-03-02", False),
        ("2024-02-29", "2025-02-28", True),
        ("2024-02-29", "2025-03-01", False),
        ("2027-02-28", "2028-02-28", True),
        ("2027-02-28", "2028-02-29", False),
        ("2026-03-01", "2026-03-01", True),
        ("2026-03-02", "2026-03-01", False),
    ],
)
def test_past_year_at_its_edges(done: str, service: str, within: bool) -> None:
    pair = (datetime.date.fromisoformat(done), datetime.date.fromisoformat(service))
    data, nodes = dated([pair], EDX.hasEarlierStudy, EDX.date)
    assert both_answers(data, nodes, "edx:maximumMonthsBefore 12") == (
        (set(nodes), set(nodes)) if within else (set(), set())
    )


def test_a_date_that_is_missing_is_outside_every_window() -> None:
    data = Graph()
    data.add((EX.request, EDX.hasFinding, EX.undated))
    data.add((EX.request, EDX.dateOfService, Literal(datetime.date(2026, 3, 1))))
    data.add((EX.other, EDX.hasFinding, EX.unserved))
    data.add((EX.unserved, EDX.onset, Literal(datetime.date(2026, 1, 1))))
    answers = both_answers(data, [EX.undated, EX.unserved], "edx:onsetMoreThanDays 28 ; edx:onsetLessThanMonths 6")
    assert answers == (set(), set())


# Studies


def requests(count: int) -> tuple[Graph, list[URIRef]]:
    """Requests of three studies and up to two earlier ones, with and without quantity, region and side."""
    random = Random(11)
    data, studies = Graph(), []
    data.add((EX.Part, RDFS.subClassOf, EX.Kind))
    data.add((EX.Detail, RDFS.subClassOf, EX.Part))
    places = (
        (EDX.bodyRegion, (EDX.UpperLimb, EDX.LowerLimb)),
        (EDX.laterality, (EDX.Left, EDX.Right, EDX.Bilateral)),
    )
    for number in range(count):
        request = EX[f"request-{number}"]
        nodes = [(EX[f"study-{number}-{n}"], EDX.requestsStudy) for n in range(3)]
        nodes += [(EX[f"earlier-{number}-{n}"], EDX.hasEarlierStudy) for n in range(random.choice((0, 1, 2)))]
        for node, link in nodes:
            data.add((request, link, node))
            data.add((node, RDF.type, random.choice((EX.Kind, EX.Part, EX.Detail, EX.Other))))
            if random.random() < 0.8:
                data.add((node, EDX.quantity, Literal(random.choice((1, 2, 2, 3)), datatype=XSD.integer)))
            for predicate, values in places:
                if random.random() < 0.7:
                    data.add((node, predicate, random.choice(values)))
            if random.random() < 0.1:
                data.add((node, EDX.bodyRegion, EDX.Trunk))
        studies += [node for node, link in nodes if link == EDX.requestsStudy]
    return data, studies


@pytest.mark.parametrize("maximum", [0, 2, 4])
def test_totals_are_summed_as_their_text_sums(maximum: int) -> None:
    data, studies = requests(50)
    text, native = both_answers(data, studies, f"edx:countedKind ex:Kind ; edx:maximumTotal {maximum}")
    assert text == native
    assert 15 < len(text) < len(studies)


@pytest.mark.parametrize("maximum", [0, 2, 4])
def test_exceeded_totals_are_summed_as_their_text_sums(maximum: int) -> None:
    data, studies = requests(50)
    text, native = both_answers(data, studies, f"edx:exceededKind ex:Kind ; edx:exceededTotal {maximum}")
    assert text == native
    assert 5 < len(text) < len(studies)


# Numbers by procedure code

STUDY_TREE = read_turtle([data_folder("ontology") / f"{name}.ttl" for name in ("study", "procedure")])
KINDS = (
    "NeedleElectromyography", "NerveConductionStudy", "MotorNerveConductionStudy", "SensoryNerveConductionStudy",
    "HReflexStudy", "AutomatedNerveConductionStudy", "LaryngealElectromyography",
)  # fmt: skip
CODES_OF = {
    "NeedleElectromyography": ("95860", "95861", "95864", "95886", "95887", "95865"),
    "NerveConductionStudy": ("95907", "95908", "95909", "95910", "95913", "95905", "95900"),
    "MotorNerveConductionStudy": ("95900", "95908"),
    "SensoryNerveConductionStudy": ("95908",),
    "HReflexStudy": ("95909",),
    "AutomatedNerveConductionStudy": ("95905", "95908"),
    "LaryngealElectromyography": ("95865", "95861"),
}
Entry = tuple[str | None, str | None, int | None]  # kind, code, quantity


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    kind = draw(st.sampled_from(KINDS))
    code = draw(st.one_of(st.none(), st.sampled_from(CODES_OF[kind])))
    stated = None if code is not None and draw(st.booleans()) else kind  # a code stands for its kind by itself
    quantity = draw(st.one_of(st.none(), st.sampled_from((1, 2, 3, 4, 6, 7, 8, 13))))
    return stated, code, quantity


def requested(found: Iterable[Iterable[Entry]]) -> tuple[Graph, list[URIRef]]:
    """Requests of such entries, beside the tree of studies; each code as the class that intake derives."""
    data, studies = Graph(), []
    data += STUDY_TREE
    for number, entered in enumerate(found):
        for place, (kind, code, quantity) in enumerate(entered):
            study = EX[f"study-{number}-{place}"]
            data.add((EX[f"request-{number}"], EDX.requestsStudy, study))
            if kind is not None:
                data.add((study, RDF.type, EDX[kind]))
            if code is not None and (known := procedure(code)):
                data.add((study, RDF.type, known.iri))
            if quantity is not None:
                data.add((study, EDX.quantity, Literal(quantity, datatype=XSD.integer)))
            studies.append(study)
    return data, studies


ASKED = (
    "edx:countedKind edx:NeedleElectromyography ; edx:maximumTotal 2",
    "edx:exceededKind edx:NeedleElectromyography ; edx:exceededTotal 2",
    "edx:countedKind edx:MotorNerveConductionStudy ; edx:maximumTotal 3",
    "edx:exceededKind edx:SensoryNerveConductionStudy ; edx:exceededTotal 3",
    "edx:maximumConductionTotal 7",
    "edx:exceededConductionTotal 7",
    "edx:maximumConductionTotal 4",
    "edx:exceededConductionTotal 4",
    "edx:numberStated true",
    "edx:numberStated false",
)
sampled = settings(
    max_examples=6, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.parametrize("shape", ASKED)
@sampled
@given(found=st.lists(st.lists(entries(), min_size=1, max_size=4), min_size=12, max_size=20))
def test_numbers_by_quantity_and_code_are_taken_as_their_text_takes_them(shape: str, found: list[list[Entry]]) -> None:
    data, studies = requested(found)
    text, native = both_answers(data, studies, shape)
    assert text == native


def numbers(*entered: Entry, maximum: int) -> str:
    """Whether the last entry is surely within a total of nerve conduction studies, surely above it, or neither."""
    data, studies = requested([entered])
    answers = []
    for word in ("maximum", "exceeded"):
        text, native = both_answers(data, studies[-1:], f"edx:{word}ConductionTotal {maximum}")
        assert text == native
        answers.append(bool(text))
    assert answers != [True, True]
    return {(True, False): "within", (False, True): "above", (False, False): "open"}[answers[0], answers[1]]


NCS, MOTOR, SENSORY, H_REFLEX = (
    "NerveConductionStudy", "MotorNerveConductionStudy", "SensoryNerveConductionStudy", "HReflexStudy",
)  # fmt: skip


@pytest.mark.parametrize(
    ("entered", "maximum", "expected"),
    [
        ([(None, "95910", None)], 8, "within"),  # 7 to 8
        ([(None, "95910", None)], 7, "open"),
        ([(None, "95910", None)], 6, "above"),
        ([(None, "95913", None)], 13, "open"),  # 13 or more: no figure holds them surely
        ([(None, "95913", None)], 12, "above"),
        ([(NCS, None, 7)], 7, "within"),  # an undivided count
        ([(NCS, None, 8)], 7, "above"),
        ([(NCS, None, None)], 0, "within"),  # no number: nothing is added
        ([(None, "95910", 7)], 7, "within"),  # the quantity agrees, and is more exact
        ([(None, "95910", 5)], 7, "open"),  # the two disagree: 5 to 8
        ([(None, "95910", 5)], 4, "above"),
        ([(MOTOR, None, 3), (SENSORY, None, 4), (None, "95910", None)], 7, "within"),  # compared, not added
        ([(MOTOR, None, 3), (SENSORY, None, 2), (None, "95910", None)], 7, "open"),  # 5 stated, 7 to 8 coded
        ([(MOTOR, None, 3), (SENSORY, None, 2), (None, "95910", None)], 8, "within"),
        ([(MOTOR, None, 3), (H_REFLEX, None, 2), (None, "95909", None)], 5, "within"),  # the H-reflex is in the total
        ([(None, "95905", 4), (None, "95908", None)], 4, "within"),  # automated studies are not
        ([(None, "95908", None), (None, "95910", None)], 7, "open"),  # two codes where a day has one: 3 to 8
        ([(MOTOR, None, 9)], 1, "within"),  # an entry of one kind is not held against the total
        ([(MOTOR, "95910", None)], 6, "above"),  # unless it has a code that is
    ],
)
def test_what_is_surely_within_or_above_a_total(entered: list[Entry], maximum: int, expected: str) -> None:
    assert numbers(*entered, maximum=maximum) == expected


@pytest.mark.parametrize(
    ("entered", "within", "above"),
    [
        ([(None, "95861", None)], 2, 1),  # two limbs
        ([(None, "95861", 1)], 2, 0),  # the quantity says one, the code two: neither surely within one nor above it
        ([(None, "95861", 4)], 4, 1),
        ([(None, "95886", 2), (None, "95887", None)], 3, 2),  # each unit, and once
        ([(None, "95886", None)], 0, None),  # once for each limb, and no number of limbs
        ([(None, "95865", None), ("NeedleElectromyography", None, 2)], 3, 2),
    ],
)
def test_needle_studies_count_by_quantity_or_by_what_the_code_fixes(
    entered: list[Entry], within: int, above: int | None
) -> None:
    data, studies = requested([entered])
    for maximum in range(6):
        sure = f"edx:countedKind edx:NeedleElectromyography ; edx:maximumTotal {maximum}"
        passed = f"edx:exceededKind edx:NeedleElectromyography ; edx:exceededTotal {maximum}"
        assert both_answers(data, studies[:1], sure)[1] == (set(studies[:1]) if maximum >= within else set())
        exceeded = above is not None and maximum <= above
        assert both_answers(data, studies[:1], passed)[1] == (set(studies[:1]) if exceeded else set())


@pytest.mark.parametrize("wanted", ["true", "false"])
def test_repeats_are_found_as_their_text_finds_them(wanted: str) -> None:
    data, studies = requests(60)
    text, native = both_answers(data, studies, f"edx:repeatsEarlierStudy {wanted}")
    assert text == native
    assert 25 < len(text) < len(studies) - 25


@pytest.mark.parametrize(
    ("here", "there", "repeats"),
    [
        ("LowerLimb Left", "LowerLimb Left", True),
        ("LowerLimb Left", "LowerLimb Right", False),
        ("LowerLimb Bilateral", "LowerLimb Right", True),
        ("LowerLimb", "LowerLimb Right", True),
        ("LowerLimb Left", "UpperLimb Left", False),
        ("LowerLimb Left", "", True),  # the region of the earlier study is not recorded
        ("", "LowerLimb Left", True),
        ("LowerLimb Left", "Right", True),
    ],
)
def test_what_repeats_an_earlier_study(here: str, there: str, repeats: bool) -> None:
    data = Graph()
    data.add((EX.request, EDX.requestsStudy, EX.study))
    data.add((EX.request, EDX.hasEarlierStudy, EX.earlier))
    for node, place in ((EX.study, here), (EX.earlier, there)):
        for word in place.split():
            data.add((node, EDX.bodyRegion if word.endswith("Limb") else EDX.laterality, EDX[word]))
    conforming = {EX.study} if repeats else set()
    assert both_answers(data, [EX.study], "edx:repeatsEarlierStudy true") == (conforming, conforming)
