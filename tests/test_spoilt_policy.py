"""Spoilt on purpose: a policy whose shapes are changed is either refused by name when it is loaded, or contradicts what the
example cases expect. So a slip in a shape cannot pass unseen.
"""

import dataclasses
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from random import Random
from typing import Any

import pytest
from judging import CASES, POLICIES, editions, example_cases, judge, knowledge
from rdflib import DCTERMS, RDF, SH, XSD, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node
from test_statements import tables, wrong

from reasoner.errors import PolicyDefinitionError
from reasoner.evaluation.criteria import Assessor
from reasoner.evaluation.leaves import Leaves
from reasoner.policy.edition import Criterion, Edition, Kind
from reasoner.policy.loader import load_edition
from reasoner.rdf.index import Index, Triple
from reasoner.rdf.turtle import read_turtle
from reasoner.resources import data_folder, turtle_files
from reasoner.shacl.declared import read_components
from reasoner.shacl.reader import ShapeReader
from reasoner.terms import EDX, EXCLUDED, STATED

both_policies = pytest.mark.parametrize("policy", POLICIES)
BCBSND, AETNA = "bcbsnd-emg-ncs", "aetna-cpb-0502"


def sources(policy: str) -> tuple[Graph, Graph]:
    """Fresh graphs of an edition's file and of what editions share."""
    own, shared = _read(policy)
    return _copy(own), _copy(shared)


@cache
def _read(policy: str) -> tuple[Graph, Graph]:
    (path,) = (p for p in turtle_files("shapes/policies") if p.parent.name == policy)
    shared = read_turtle([data_folder("shapes") / "components.ttl", *turtle_files("shapes/statements")])
    return read_turtle([path]), shared


def _copy(graph: Graph) -> Graph:
    copied = Graph(bind_namespaces="none")
    copied += graph
    for prefix, namespace in graph.namespaces():
        copied.bind(prefix, namespace)
    return copied


def term(policy: str, name: str) -> URIRef:
    """A shape by its local name, or `stated:…`, `excluded:…`."""
    prefix, _, local = name.rpartition(":")
    return (
        {"stated": STATED, "excluded": EXCLUDED}[prefix][local]
        if prefix
        else URIRef(f"{editions()[policy].iri}#{name}")
    )


# What the cases expect


@dataclasses.dataclass(frozen=True)
class Expectation:
    folder: str
    criterion: str
    node: Node
    status: str


@cache
def expected_of(folder: str, policy: str) -> dict[str, Any]:
    path = CASES / folder / "expected.toml"
    expected: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))["policy"].get(policy, {})
    return expected


@cache
def expectations(policy: str) -> dict[str, list[Expectation]]:
    """By the name of the criterion."""
    found: dict[str, list[Expectation]] = defaultdict(list)
    for folder, case in example_cases().items():
        for key, status in expected_of(folder, policy).get("criteria", {}).items():
            name, _, study = key.partition("@")
            node = URIRef(str(case.iri).rpartition("#")[0] + "#" + study) if study else case.iri
            found[name].append(Expectation(folder, name, node, status))
    return found


def disappointed(expected: list[Expectation], criteria: dict[str, Criterion]) -> Expectation | None:
    """The first expectation that the criteria do not fulfil."""
    assessors: dict[str, Assessor] = {}
    leaves = Leaves(criteria.values())
    for item in expected:
        if item.folder not in assessors:
            assessors[item.folder] = Assessor(
                Index(example_cases()[item.folder].statements, knowledge().hierarchy), leaves
            )
        assessment = assessors[item.folder].assess(criteria[item.criterion], item.node)
        if assessment.status.value != item.status:
            return item
    return None


def every_expectation(policy: str) -> list[Expectation]:
    return sorted((item for items in expectations(policy).values() for item in items), key=lambda item: item.folder)


def named(edition: Edition) -> dict[str, Criterion]:
    return {criterion.name: criterion for criterion in edition.criteria.values()}


@both_policies
def test_expectations_are_found(policy: str) -> None:
    assert len(every_expectation(policy)) > 150
    assert {item.criterion for item in every_expectation(policy)} <= set(named(editions()[policy]))


@both_policies
@pytest.mark.slow
def test_expectations_hold_before_anything_is_spoilt(policy: str) -> None:
    assert disappointed(every_expectation(policy), named(editions()[policy])) is None


# Every statement of every open criterion


@contextmanager
def replaced(graph: Graph, node: Node, constraint: Triple) -> Iterator[None]:
    """The node's constraints replaced by one, for the time being."""
    before = [t for t in graph.triples((node, None, None)) if str(t[1]).startswith(str(SH))]
    for triple in before:
        graph.remove(triple)
    graph.add(constraint)
    yield
    graph.remove(constraint)
    for triple in before:
        graph.add(triple)


@both_policies
@pytest.mark.slow
def test_no_statement_of_an_open_criterion_can_be_emptied_unseen(policy: str) -> None:
    """What affirms and what denies, each made true of everything and each of nothing."""
    own, shared = sources(policy)
    graph = own + shared
    studied = BNode()
    graph.add((studied, SH.path, EDX.requestsStudy))
    graph.add((studied, SH.minCount, Literal(1)))
    components = read_components(graph)
    unseen = []
    spoilt = 0
    for criterion in editions()[policy].criteria.values():
        if criterion.kind is not Kind.OPEN:
            continue
        for side in (SH.node, SH["not"]):
            statement = graph.value(criterion.iri, side)
            assert isinstance(statement, URIRef)
            for how, constraint in (
                ("always", (statement, SH.property, studied)),
                ("never", (statement, SH["in"], RDF.nil)),
            ):
                with replaced(graph, statement, constraint):
                    reader = ShapeReader(graph, components)
                    changed = dataclasses.replace(
                        criterion,
                        shape=reader.shape(criterion.iri),
                        refuted_by=reader.shape(graph.value(criterion.iri, EDX.refutedBy) or BNode()),
                        affirmed=reader.shape(graph.value(criterion.iri, SH.node) or BNode()),
                        denied=reader.shape(graph.value(criterion.iri, SH["not"]) or BNode()),
                    )
                spoilt += 1
                if disappointed(expectations(policy)[criterion.name], {criterion.name: changed}) is None:
                    unseen.append(f"{criterion.name}: {statement} {how} true")
    assert spoilt > 100
    assert unseen == []


# Chosen changes, each of the kind that a slip of the pen makes

Change = Callable[[Graph], None]


def number(policy: str, old: tuple[str, int], new: int, within: str | None = None) -> Change:
    """Every use of a parameter with one figure gets another; in one shape only, if it is named."""

    def change(graph: Graph) -> None:
        parameter = EDX[old[0]]
        subjects = [s for s, o in list(graph.subject_objects(parameter)) if int(str(o)) == old[1]]
        if within is not None:
            below = set(graph.transitive_objects(term(policy, within), None))
            subjects = [s for s in subjects if s in below]
        assert subjects
        for subject in subjects:
            graph.set((subject, parameter, Literal(new)))

    return change


def row(policy: str, name: str, kind: str, by: int) -> Change:
    """The maximum of one kind of study in one row of the table, and what exceeds it: by itself either is refused."""

    def change(graph: Graph) -> None:
        for shape, of, figure in (
            (term(policy, name), EDX.countedKind, EDX.maximumTotal),
            (term(policy, f"{name}-refuted"), EDX.exceededKind, EDX.exceededTotal),
        ):
            (cell,) = (x for x in reached_from(graph, shape) if graph.value(x, of) == EDX[kind])
            graph.set((cell, figure, Literal(int(str(graph.value(cell, figure))) + by)))

    return change


def in_all(policy: str, name: str, by: int) -> Change:
    """The figure of one row for nerve conduction studies in all, and what exceeds it."""

    def change(graph: Graph) -> None:
        for shape, figure in (
            (term(policy, name), EDX.maximumConductionTotal),
            (term(policy, f"{name}-refuted"), EDX.exceededConductionTotal),
        ):
            (cell,) = (x for x in reached_from(graph, shape) if graph.value(x, figure) is not None)
            graph.set((cell, figure, Literal(int(str(graph.value(cell, figure))) + by)))

    return change


def drop_member(policy: str, shape: str, member: str) -> Change:
    """One alternative, or one condition, out of a list."""

    def change(graph: Graph) -> None:
        for predicate in (SH["or"], SH["and"]):
            for listed in graph.objects(term(policy, shape), predicate):
                items = Collection(graph, listed)
                if term(policy, member) in list(items):
                    del items[list(items).index(term(policy, member))]
                    return
        raise AssertionError(f"{shape} has no member {member}")

    return change


def drop(policy: str, shape: str, predicate: URIRef, value: str) -> Change:
    """One constraint out of several."""

    def change(graph: Graph) -> None:
        triple = (term(policy, shape), predicate, term(policy, value))
        assert triple in graph
        graph.remove(triple)

    return change


def swap(policy: str, shape: str, old: URIRef, new: URIRef) -> Change:
    """One word for another, in one shape."""

    def change(graph: Graph) -> None:
        inside: set[Node] = {term(policy, shape)}
        pending: list[Node] = list(inside)
        while pending:
            for value in graph.objects(pending.pop()):
                if isinstance(value, BNode) and value not in inside:
                    inside.add(value)
                    pending.append(value)
        found = [(s, p, o) for s in inside for p, o in graph.predicate_objects(s) if o == old]
        assert found
        for s, p, _ in found:
            graph.remove((s, p, old))
            graph.add((s, p, new))

    return change


def flip(policy: str, shape: str) -> Change:
    """`and` for `or`, or the other way round."""

    def change(graph: Graph) -> None:
        node = term(policy, shape)
        for old, new in ((SH["or"], SH["and"]), (SH["and"], SH["or"])):
            value = graph.value(node, old)
            if value is not None:
                graph.remove((node, old, value))
                graph.add((node, new, value))
                return
        raise AssertionError(f"{shape} has no list")

    return change


CHANGES: dict[str, tuple[str, Change]] = {
    "laryngeal window opens a day early": (BCBSND, number(BCBSND, ("onsetMoreThanDays", 28), 27)),
    "laryngeal window opens a day late": (BCBSND, number(BCBSND, ("onsetMoreThanDays", 28), 29)),
    "laryngeal window closes a month late": (BCBSND, number(BCBSND, ("onsetLessThanMonths", 6), 7)),
    "laryngeal window closes a month early": (BCBSND, number(BCBSND, ("onsetLessThanMonths", 6), 5)),
    "laryngeal window not asked for": (BCBSND, drop_member(BCBSND, "recurrent-laryngeal-neuropathy", "laryngeal-window")),
    "signs and symptoms not asked for": (BCBSND, drop_member(BCBSND, "coverage", "signs-and-symptoms")),
    "examination and imaging not asked for": (
        BCBSND, drop_member(BCBSND, "coverage", "not-settled-by-examination-and-imaging"),
    ),
    "work-up not asked for": (BCBSND, drop_member(BCBSND, "coverage", "work-up-indicated")),
    "coverage by one criterion of three": (BCBSND, flip(BCBSND, "coverage")),
    "screening no obstacle": (BCBSND, drop_member(BCBSND, "medical-necessity", "screening-of-asymptomatic-person-refuted")),
    "imaging that explains does not settle": (
        BCBSND,
        drop_member(BCBSND, "not-settled-by-examination-and-imaging-denied", "stated:imaging-explains-presentation"),
    ),
    "conclusive examination does not settle": (
        BCBSND, drop_member(BCBSND, "not-settled-by-examination-and-imaging-denied", "stated:examination-conclusive"),
    ),
    "uncertain clinical diagnosis does not leave open": (
        BCBSND,
        drop_member(BCBSND, "not-settled-by-examination-and-imaging-affirmed", "stated:clinical-diagnosis-uncertain"),
    ),
    "MRI not asked for with root compression": (
        BCBSND,
        drop(BCBSND, "examination-and-mri-inconclusive-affirmed", SH.node, "stated:magnetic-resonance-imaging-inconclusive"),
    ),
    "motor neuron diseases forgotten": (BCBSND, drop_member(BCBSND, "work-up-indicated", "motor-neuron-diseases")),
    "plexopathies forgotten": (BCBSND, drop_member(BCBSND, "work-up-indicated", "plexopathies")),
    "injections forgotten": (BCBSND, drop_member(BCBSND, "work-up-indicated", "muscle-location-for-injection")),
    "any symptom instead of a listed one": (BCBSND, swap(BCBSND, "stated:Diplopia", EDX.Diplopia, EDX.SymptomOrSign)),
    "numbness instead of any sensory deficit": (
        BCBSND, swap(BCBSND, "excluded:SensoryDeficit", EDX.SensoryDeficit, EDX.Numbness),
    ),
    "pain counted as a neuromuscular sign": (
        BCBSND, swap(BCBSND, "stated:NeuromuscularFinding", EDX.NeuromuscularFinding, EDX.SymptomOrSign),
    ),
    "supporting assessment not asked for": (
        BCBSND, drop_member(BCBSND, "symptom-based-presentation", "assessment-supports-study"),
    ),
    "pain not asked for with its purpose": (BCBSND, drop_member(BCBSND, "relate-imaging-to-pain", "pain-reported")),
    "mismatch not asked for with its purpose": (
        BCBSND, drop_member(BCBSND, "reconcile-pattern-with-imaging", "pattern-does-not-match"),
    ),
    "surface EMG covered": (BCBSND, drop_member(BCBSND, "requested-study", "surface-electromyography-refuted")),
    "surface EMG mistaken": (
        BCBSND, swap(BCBSND, "surface-electromyography", EDX.SurfaceElectromyography, EDX.MacroElectromyography),
    ),
    "repeat testing not looked at": (BCBSND, drop_member(BCBSND, "requested-study", "repeat-testing")),
    "inconclusive first test not asked for": (
        BCBSND, drop_member(BCBSND, "progression-after-inconclusive-test", "first-test-inconclusive"),
    ),
    "normal first test mistaken": (
        BCBSND, swap(BCBSND, "stated:earlier-study-normal", EDX.NormalResult, EDX.AbnormalResult),
    ),
    "monitoring not asked for in fluctuating disease": (
        BCBSND, drop_member(BCBSND, "fluctuating-disease", "purpose-monitoring"),
    ),
    "numbers of studies not looked at": (BCBSND, drop_member(BCBSND, "requested-study", "number-of-studies")),
    "a reason for the number not heard": (BCBSND, drop_member(BCBSND, "number-supported", "reason-for-number")),
    "one needle EMG more in radiculopathy": (
        BCBSND, row(BCBSND, "maximum-radiculopathy", "NeedleElectromyography", 1),
    ),
    "one needle EMG less in radiculopathy": (
        BCBSND, row(BCBSND, "maximum-radiculopathy", "NeedleElectromyography", -1),
    ),
    "one nerve conduction study more in carpal tunnel syndrome": (
        BCBSND, in_all(BCBSND, "maximum-carpal-tunnel-unilateral", 1),
    ),
    "one motor study less in carpal tunnel syndrome": (
        BCBSND, row(BCBSND, "maximum-carpal-tunnel-unilateral", "MotorNerveConductionStudy", -1),
    ),
    "a code that leaves root compression open is enough": (
        BCBSND, drop(BCBSND, "stated:lumbosacral-root-compression-by-finding", SH.node, "stated:lumbosacral-root-finding"),
    ),
    "a code that leaves root compression open is never enough": (
        BCBSND,
        drop_member(BCBSND, "stated:LumbosacralNerveRootCompression", "stated:lumbosacral-root-compression-by-finding"),
    ),
    "vocal fold paralysis not heard beside the vagus nerve": (
        BCBSND, drop_member(BCBSND, "stated:RecurrentLaryngealNeuropathy", "stated:laryngeal-neuropathy-by-finding"),
    ),
    "weakness not heard beside dermatomyositis": (
        BCBSND, drop_member(BCBSND, "stated:Myopathy", "stated:dermatomyositis-by-finding"),
    ),
    "no row of maxima for root compression by finding": (
        BCBSND, drop_member(BCBSND, "row-radiculopathy-applies", "stated:root-compression-by-finding"),
    ),
    "another cause taken for kidney disease": (
        AETNA, swap(AETNA, "stated:ChronicKidneyDisease", EDX.ChronicKidneyDisease, EDX.Hypothyroidism),
    ),
    "imaging not looked at in radiculopathy": (
        AETNA, drop_member(AETNA, "medical-necessity", "radiculopathy-selection"),
    ),
    "imaging for the other answer": (
        AETNA, swap(AETNA, "stated:imaging-explains-presentation", EDX.explainsPresentation, EDX.conclusive),
    ),
    "needle EMG not asked for": (AETNA, drop_member(AETNA, "medical-necessity", "needle-electromyography")),
    "requested needle EMG does not count": (
        AETNA, drop_member(AETNA, "needle-electromyography", "needle-electromyography-requested"),
    ),
    "needle EMG within eleven months": (AETNA, number(AETNA, ("maximumMonthsBefore", 12), 11)),
    "needle EMG within thirteen months": (AETNA, number(AETNA, ("maximumMonthsBefore", 12), 13)),
    "any complaint without an assessment": (
        AETNA, drop_member(AETNA, "symptom-based-complaints", "assessment-supports-study"),
    ),
    "joint pain forgotten": (AETNA, drop_member(AETNA, "listed-complaint", "complaint-joint-pain")),
    "known cause overlooked": (AETNA, swap(AETNA, "weakness-unexplained-affirmed", EDX.MuscleWeakness, EDX.Finding)),
    "automated device governed": (AETNA, drop_member(AETNA, "requested-study", "automated-device-refuted")),
    "screening of diabetic neuropathy covered": (
        AETNA, drop_member(AETNA, "medical-necessity", "neuropathy-screening-refuted"),
    ),
    "blink reflex for anything": (AETNA, drop_member(AETNA, "requested-study", "blink-reflex")),
    "muscular dystrophy forgotten": (
        AETNA, drop_member(AETNA, "generalized-neuropathy-affirmed", "stated:MuscularDystrophy"),
    ),
}  # fmt: skip


@cache
def rests_on(policy: str) -> dict[str, set[Node]]:
    """The nodes of the shapes that each criterion rests on, the criterion itself included."""
    own, shared = sources(policy)
    graph = own + shared
    return {criterion.name: reached_from(graph, criterion.iri) for criterion in editions()[policy].criteria.values()}


def reached_from(graph: Graph, node: Node) -> set[Node]:
    reached: set[Node] = {node}
    pending: list[Node] = [node]
    while pending:
        for p, o in graph.predicate_objects(pending.pop()):
            if o not in reached and (str(p).startswith(str(SH)) or p in (EDX.refutedBy, RDF.first, RDF.rest)):
                reached.add(o)
                pending.append(o)
    return reached


def noticed(policy: str, change: Change) -> str | None:
    """How a change comes to light: refused when loaded, or the case and criterion that it disappoints.

    A criterion that is left out of a list would be refused as out of reach; it is struck off altogether, so that the
    cases have to notice.
    """
    own, shared = sources(policy)
    whole = own + shared
    before = set(whole)
    change(whole)
    changed = {triple[0] for triple in before ^ set(whole)}
    assert changed
    try:
        spoilt = _loaded(whole, own)
    except PolicyDefinitionError as error:
        return f"refused: {error.problems[0]}"
    criteria = named(spoilt)
    affected = [name for name, nodes in rests_on(policy).items() if nodes & changed and name in criteria]
    if not affected:  # criteria struck off altogether are no longer there to be disappointed: their composites are
        affected = list(criteria)
    for name in sorted(affected, key=lambda name: len(rests_on(policy)[name])):  # leaves before what they are part of
        item = disappointed(expectations(policy)[name], criteria)
        if item is not None:
            return f"{item.folder}: {item.criterion}"
    return _noticed_by_outcomes(policy, spoilt) or _noticed_by_statements(changed, whole)


def _noticed_by_outcomes(policy: str, spoilt: Edition) -> str | None:
    for folder, case in example_cases().items():
        expected = expected_of(folder, policy)
        if expected:
            determination = judge(case, spoilt)
            studies = {str(s.study).rpartition("#")[2]: s.outcome.value for s in determination.studies}
            if (
                determination.outcome.value != expected["outcome"]
                or expected.get("studies", {}).items() - studies.items()
            ):
                return f"{folder}: outcome"
    return None


def _noticed_by_statements(changed: set[Node], whole: Graph) -> str | None:
    """The tables of `test_statements`, as far as their shapes rest on what was changed."""
    for name, table in tables().items():
        touched = {shape for shape in {item.shape for item in table} if reached_from(whole, shape) & changed}
        about = [item for item in table if item.shape in touched]
        found = wrong(about, whole)
        if found:
            return f"{name}: {found[0]}"
    return None


def _loaded(whole: Graph, own: Graph) -> Edition:
    for _ in range(3):
        try:
            return load_edition(_own_part(whole, own), whole)
        except PolicyDefinitionError as error:
            strays = [
                p.partition(" ")[0] for p in error.problems if p.endswith("that the root criterion does not reach")
            ]
            if len(strays) < len(error.problems):
                raise
            for stray in strays:
                iri = whole.namespace_manager.expand_curie(stray)
                whole.remove((iri, RDF.type, None))
    raise AssertionError("criteria remain out of reach")


def _own_part(whole: Graph, own: Graph) -> Graph:
    """The edition's file as changed: what is said of its own subjects."""
    subjects = set(own.subjects())
    part = Graph(bind_namespaces="none")
    for triple in whole:
        if triple[0] in subjects:
            part.add(triple)
    for prefix, namespace in own.namespaces():
        part.bind(prefix, namespace)
    return part


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.slow
def test_a_slip_in_a_shape_is_noticed(name: str) -> None:
    policy, change = CHANGES[name]
    how = noticed(policy, change)
    assert how is not None, "no example case expects otherwise"
    print(f"{name}: {how}")


@pytest.mark.parametrize("name", ["laryngeal window opens a day early", "imaging not looked at in radiculopathy"])
def test_a_spoilt_edition_disappoints_an_example(name: str) -> None:
    """Two of the changes above, in every run: with them the suite of example cases fails."""
    policy, change = CHANGES[name]
    how = noticed(policy, change)
    assert how is not None
    folder, _, criterion = how.partition(": ")
    assert folder in example_cases()
    assert criterion in named(editions()[policy])


# Changes by chance


def accidents(graph: Graph) -> list[tuple[str, Triple, Triple | None]]:
    """Every single triple of the shapes that could be lost or mistaken, with what would stand in its place."""
    found: list[tuple[str, Triple, Triple | None]] = []
    for s, p, o in sorted(graph, key=lambda t: (str(t[1]), _words(graph, t[0]), _words(graph, t[2]))):
        if p == SH["class"]:
            found.append(("class", (s, p, o), (s, p, EDX.Examination)))
        elif p == SH.hasValue and isinstance(o, URIRef):
            found.append(("value", (s, p, o), (s, p, EDX.Examination)))
        elif p == SH.hasValue:
            found.append(("value", (s, p, o), (s, p, Literal(str(o) != "true"))))
        elif p in (
            EDX.maximumTotal,
            EDX.maximumConductionTotal,
            EDX.onsetMoreThanDays,
            EDX.onsetLessThanMonths,
            EDX.maximumMonthsBefore,
        ):
            found.append(("figure", (s, p, o), (s, p, Literal(int(str(o)) + 1))))
            if int(str(o)):
                found.append(("figure", (s, p, o), (s, p, Literal(int(str(o)) - 1))))
        elif p in (SH["not"], SH.property, SH.node) and _constraints(graph, s) > 1:
            found.append(("constraint", (s, p, o), None))
        elif p == RDF.rest and o != RDF.nil and graph.value(o, RDF.rest) is not None:
            found.append(("member", (s, p, o), (s, p, graph.value(o, RDF.rest) or RDF.nil)))
    return found


def _constraints(graph: Graph, node: Node) -> int:
    return sum(str(p).startswith(str(SH)) and p not in (SH.path, SH.qualifiedMinCount) for p in graph.predicates(node))


def _words(graph: Graph, node: Node, depth: int = 4) -> str:
    """A name of a node that does not hang on the labels of blank nodes."""
    if not isinstance(node, BNode) or not depth:
        return "_" if isinstance(node, BNode) else str(node)
    below = sorted(f"{p} {_words(graph, o, depth - 1)}" for p, o in graph.predicate_objects(node))
    above = sorted(str(s) for s in graph.subjects(None, node) if not isinstance(s, BNode))
    return " ".join([*above, *below])


@both_policies
@pytest.mark.slow
def test_most_accidents_are_noticed_and_the_rest_are_listed(policy: str) -> None:
    own, shared = sources(policy)
    used = {str(s) for s in shared.subjects()} & {str(o) for o in own.objects()}
    whole = own + shared
    reached = {node for iri in used for node in whole.transitive_objects(URIRef(iri), None)}
    candidates = [a for a in accidents(whole) if a[1][0] in reached or a[1][0] in set(own.subjects())]
    assert len(candidates) > 300
    chosen = Random(3).sample(candidates, 16)
    unnoticed = []
    for kind, lost, instead in chosen:

        def change(graph: Graph, lost: Triple = lost, instead: Triple | None = instead) -> None:
            graph.remove(lost)
            if instead is not None:
                graph.add(instead)

        if noticed(policy, change) is None:
            unnoticed.append(
                f"{kind} in {_home(whole, lost[0])}: {_said(whole, lost)} -> {instead and _said(whole, instead)}"
            )
    print(
        f"{policy}: {len(chosen) - len(unnoticed)} of {len(chosen)} accidents noticed; the others:",
        *unnoticed,
        sep="\n  ",
    )
    assert len(unnoticed) <= len(chosen) // 2, unnoticed


def _home(graph: Graph, node: Node) -> str:
    while isinstance(node, BNode):
        node = min(graph.subjects(None, node), key=str)
    return str(node).replace("#", "/").rpartition("/")[2]


def _said(graph: Graph, triple: Triple) -> str:
    return " ".join(re.sub(r"\S*[/#]", "", _words(graph, term, 2)) for term in triple[1:])[:120]


# What the loader refuses by name


def first(graph: Graph, kind: str, name: str) -> URIRef:
    iri = next(s for s in graph.subjects(RDF.type, EDX[kind]) if str(s).endswith("#" + name))
    return URIRef(str(iri))


def unknown_term(graph: Graph) -> None:
    graph.add((first(graph, "OpenCriterion", "diplopia"), URIRef(f"{SH}nodeByExpression"), EDX.Finding))


def unknown_term_deep_inside(graph: Graph) -> None:
    graph.add((STATED.Diplopia, SH.closed, Literal(True)))


def misspelt_term(graph: Graph) -> None:
    graph.add((STATED.Diplopia, URIRef(f"{SH}qualifiedMinimumCount"), Literal(1)))


def sparql_of_its_own(graph: Graph) -> None:
    graph.add((STATED.Diplopia, SH.sparql, BNode()))


def deactivated(graph: Graph) -> None:
    graph.add((STATED.Diplopia, SH.deactivated, Literal(True)))


def not_over_an_open_criterion(graph: Graph) -> None:
    coverage = first(graph, "CompositeCriterion", "coverage")
    negated = BNode()
    graph.add((negated, SH["not"], first(graph, "OpenCriterion", "signs-and-symptoms")))
    listed = graph.value(coverage, SH["and"])
    assert listed is not None
    Collection(graph, listed).append(negated)


def condition_that_is_open(graph: Graph) -> None:
    repeat = first(graph, "ConditionalCriterion", "repeat-testing")
    listed = graph.value(repeat, SH["or"])
    assert listed is not None
    graph.set((Collection(graph, listed)[0], SH["not"], first(graph, "OpenCriterion", "signs-and-symptoms")))


def refuting_shape_no_mirror(graph: Graph) -> None:
    graph.set((first(graph, "OpenCriterion", "diplopia"), EDX.refutedBy, STATED.Dysarthria))


def refuting_shape_that_leaves_out_the_contrary(graph: Graph) -> None:
    graph.set((first(graph, "OpenCriterion", "diplopia"), EDX.refutedBy, EXCLUDED.Diplopia))


def refuting_shape_missing(graph: Graph) -> None:
    graph.remove((first(graph, "OpenCriterion", "diplopia"), EDX.refutedBy, None))


def open_leaf_without_the_contrary(graph: Graph) -> None:
    graph.remove((first(graph, "OpenCriterion", "diplopia"), SH["not"], None))


def complete_leaf_refuted_otherwise(graph: Graph) -> None:
    leaf = first(graph, "CompleteCriterion", "macro-electromyography")
    graph.set((leaf, EDX.refutedBy, STATED.Diplopia))


def exceeded_figure_that_is_another(graph: Graph) -> None:
    for bound in set(graph.subjects(EDX.exceededConductionTotal, Literal("7", datatype=XSD.integer))):
        graph.set((bound, EDX.exceededConductionTotal, Literal("8", datatype=XSD.integer)))


def maximum_that_is_never_exceeded(graph: Graph) -> None:
    for bound in set(graph.subjects(EDX.exceededKind, EDX.HReflexStudy)):
        graph.set((bound, EDX.exceededKind, EDX.MotorNerveConductionStudy))


def counted_leaf_refuted_by_its_plain_negation(graph: Graph) -> None:
    row = first(graph, "CountedCriterion", "maximum-radiculopathy")
    refuting = graph.value(row, EDX.refutedBy)
    assert refuting is not None
    graph.remove((refuting, SH["or"], None))
    graph.add((refuting, SH["not"], row))


def condition_of_a_counted_leaf_that_is_another(graph: Graph) -> None:
    row = first(graph, "CountedCriterion", "maximum-radiculopathy")
    graph.set((row, SH.node, term(BCBSND, "study-in-row-plexopathy")))


def affirmable_leaf_that_is_refuted(graph: Graph) -> None:
    graph.add((first(graph, "AffirmableCriterion", "reason-for-number"), EDX.refutedBy, STATED.Diplopia))


def sentence_missing(graph: Graph) -> None:
    graph.remove((first(graph, "OpenCriterion", "diplopia"), EDX.whenOpen, None))


def clause_missing(graph: Graph) -> None:
    graph.remove((first(graph, "OpenCriterion", "diplopia"), DCTERMS.source, None))


def criterion_out_of_reach(graph: Graph) -> None:
    drop_member(BCBSND, "work-up-indicated", "plexopathies")(graph)


def recursion_of_criteria(graph: Graph) -> None:
    listed = graph.value(first(graph, "CompositeCriterion", "coverage"), SH["and"])
    assert listed is not None
    Collection(graph, listed).append(first(graph, "CompositeCriterion", "medical-necessity"))


def recursion_of_shapes(graph: Graph) -> None:
    graph.add((STATED.Diplopia, SH.node, STATED.Diplopia))


def shape_without_a_constraint(graph: Graph) -> None:
    graph.remove((STATED.Diplopia, SH.property, None))


def shape_that_nothing_describes(graph: Graph) -> None:
    graph.remove((STATED.Diplopia, None, None))


def property_shape_without_a_path(graph: Graph) -> None:
    graph.remove((graph.value(STATED.Diplopia, SH.property), SH.path, None))


def path_outside_the_profile(graph: Graph) -> None:
    path = BNode()
    graph.add((path, SH.oneOrMorePath, EDX.hasFinding))
    graph.set((graph.value(STATED.Diplopia, SH.property) or BNode(), SH.path, path))


def half_a_component(graph: Graph) -> None:
    graph.remove((None, EDX.onsetLessThanMonths, None))


def word_for_a_number(graph: Graph) -> None:
    shape = next(graph.subjects(EDX.onsetLessThanMonths))
    graph.set((shape, EDX.onsetLessThanMonths, Literal("six")))


def number_that_is_none(graph: Graph) -> None:
    shape = next(graph.subjects(EDX.onsetLessThanMonths))
    graph.set((shape, EDX.onsetLessThanMonths, Literal("6.5", datatype=XSD.integer, normalize=False)))


def two_kinds_at_once(graph: Graph) -> None:
    graph.add((first(graph, "OpenCriterion", "diplopia"), RDF.type, EDX.CompleteCriterion))


def composite_with_a_constraint_of_its_own(graph: Graph) -> None:
    graph.add((first(graph, "CompositeCriterion", "coverage"), SH["class"], EDX.Request))


def root_without_target(graph: Graph) -> None:
    graph.remove((None, SH.targetClass, None))


def component_without_native_code(graph: Graph) -> None:
    graph.add((EDX.SomeConstraintComponent, RDF.type, SH.ConstraintComponent))


def no_edition(graph: Graph) -> None:
    graph.remove((None, RDF.type, EDX.PolicyEdition))


REFUSED: dict[Callable[[Graph], None], str] = {
    unknown_term: r"bcbsnd:diplopia uses sh:nodeByExpression, which the profile does not know|nodeByExpression",
    unknown_term_deep_inside: r"stated:Diplopia uses .*closed.*, which the profile does not know",
    misspelt_term: r"stated:Diplopia uses .*qualifiedMinimumCount.*, which the profile does not know",
    sparql_of_its_own: r"stated:Diplopia uses .*sparql.*, which the profile does not know",
    deactivated: r"stated:Diplopia uses .*deactivated.*, which the profile does not know",
    not_over_an_open_criterion: r"bcbsnd:coverage has a member that is no criterion",
    condition_that_is_open: r"bcbsnd:repeat-testing is conditional, .* complete by nature",
    refuting_shape_no_mirror: r"bcbsnd:diplopia is open, so it must be written as",
    refuting_shape_that_leaves_out_the_contrary: r"bcbsnd:diplopia is open, so it must be written as",
    refuting_shape_missing: r"bcbsnd:diplopia is open, so it must be written as",
    open_leaf_without_the_contrary: r"bcbsnd:diplopia is open, so it must be written as",
    complete_leaf_refuted_otherwise: r"bcbsnd:macro-electromyography is complete by nature",
    exceeded_figure_that_is_another: r"bcbsnd:maximum-radiculopathy is counted, so it must be written as",
    maximum_that_is_never_exceeded: r"bcbsnd:maximum-pain-bilateral is counted, so it must be written as",
    counted_leaf_refuted_by_its_plain_negation: r"bcbsnd:maximum-radiculopathy is counted, so it must be written as",
    condition_of_a_counted_leaf_that_is_another: r"bcbsnd:maximum-radiculopathy is counted, so it must be written as",
    affirmable_leaf_that_is_refuted: r"bcbsnd:reason-for-number is never refuted",
    sentence_missing: r"bcbsnd:diplopia has no sentence for the status 'open'",
    clause_missing: r"bcbsnd:diplopia cites no clause",
    criterion_out_of_reach: r"bcbsnd:plexopathies is a criterion that the root criterion does not reach",
    recursion_of_criteria: r"bcbsnd:medical-necessity contains itself",
    recursion_of_shapes: r"stated:Diplopia refers back to itself",
    shape_without_a_constraint: r"stated:Diplopia constrains nothing",
    shape_that_nothing_describes: r"stated:Diplopia is used as a shape but nothing describes it",
    property_shape_without_a_path: r"is a property shape without sh:path",
    path_outside_the_profile: r"is a path outside the profile",
    half_a_component: r"gives only some parameters of .*OnsetWindowConstraintComponent; missing: .*onsetLessThanMonths",
    word_for_a_number: r'gives "six" for .*onsetLessThanMonths, which is to be of type .*integer',
    number_that_is_none: r'gives "6.5".* for .*onsetLessThanMonths, which is to be of type .*integer',
    two_kinds_at_once: r"bcbsnd:diplopia must be of exactly one kind of criterion, not 2",
    composite_with_a_constraint_of_its_own: r"bcbsnd:coverage is composite, so it must be one sh:and or sh:or",
    root_without_target: r"bcbsnd:medical-necessity is the root criterion but does not target edx:Request",
    component_without_native_code: r"SomeConstraintComponent is a constraint component without native code",
    no_edition: r"no edx:PolicyEdition is described",
}


@pytest.mark.parametrize("spoil", REFUSED, ids=lambda spoil: spoil.__name__)
def test_an_edition_outside_the_profile_is_refused_by_name(spoil: Callable[[Graph], None]) -> None:
    own, shared = sources(BCBSND)
    whole = own + shared
    spoil(whole)
    edition = _own_part(whole, own)
    with pytest.raises(PolicyDefinitionError, match=REFUSED[spoil]):
        load_edition(edition, whole)


def test_an_edition_that_is_not_spoilt_is_loaded_by_the_same_way() -> None:
    for policy in POLICIES:
        own, shared = sources(policy)
        edition = load_edition(_own_part(own + shared, own), own + shared)
        assert edition.iri == editions()[policy].iri
        assert [c.name for c in edition.criteria.values()] == [c.name for c in editions()[policy].criteria.values()]


def test_every_problem_is_named_at_once() -> None:
    own, shared = sources(BCBSND)
    whole = own + shared
    for spoil in (sentence_missing, misspelt_term, root_without_target):
        spoil(whole)
    with pytest.raises(PolicyDefinitionError) as refused:
        load_edition(_own_part(whole, own), whole)
    assert len(refused.value.problems) >= 3


def test_a_case_is_judged_by_what_the_file_says() -> None:
    """The whole way: the spoilt edition gives the review's request another outcome than the policy."""
    own, shared = sources(AETNA)
    whole = own + shared
    CHANGES["imaging not looked at in radiculopathy"][1](whole)
    spoilt = _loaded(whole, own)
    case = example_cases()["source-000-lumbar-spondylosis-after-fusion"]
    assert judge(case, editions()[AETNA]).outcome.value == "NotMedicallyNecessary"
    assert judge(case, spoilt).outcome.value != "NotMedicallyNecessary"
