"""What the tests of the laws share: the knowledge, the example cases, and short ways to judge a case."""

import datetime
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pyoxigraph as ox
from rdflib import RDF, RDFS, Graph, URIRef
from rdflib.term import Node

import reasoner
from reasoner.case import Case
from reasoner.evaluation.criteria import Assessment, Assessor, Status
from reasoner.evaluation.determination import Determination, determine_under
from reasoner.evaluation.leaves import leaves_of
from reasoner.intake.procedures import entailed
from reasoner.knowledge import Knowledge
from reasoner.policy.edition import Edition
from reasoner.rdf.canonical import canonical_form
from reasoner.rdf.index import Index, Triple, in_order
from reasoner.terminology.ontology import ontology_triples
from reasoner.terms import EDX

CASES = Path(__file__).parents[1] / "cases"
DATE = datetime.date(2026, 1, 15)


@cache
def knowledge() -> Knowledge:
    return reasoner.load_knowledge()


def editions() -> dict[str, Edition]:
    return {edition.slug: edition for edition in knowledge().editions}


POLICIES = ("aetna-cpb-0502", "bcbsnd-emg-ncs")


@cache
def example_cases() -> dict[str, Case]:
    """The example cases by folder, read past the intake shapes: `test_cases` holds them to those."""
    found = {}
    for path in sorted(CASES.glob("*/case.ttl")):
        stated, digest = canonical_form(ox.parse(path=path, format=ox.RdfFormat.TURTLE))
        triples = stated.union(entailed(stated))
        (request,) = (URIRef(str(s)) for s, p, o in triples if p == RDF.type and o == EDX.Request)
        found[path.parent.name] = Case(request, path.parent.name, str(path), in_order(triples), digest)
    return found


def judge(case: Case, edition: Edition) -> Determination:
    return determine_under(case, edition, knowledge().hierarchy, DATE, "date of the test")


def assessor_of(triples: Iterable[Triple], edition: Edition) -> Assessor:
    return Assessor(Index.of(triples, knowledge().hierarchy), leaves_of(edition))


Key = tuple[URIRef, Node]


def assessments(root: Assessment) -> dict[Key, Assessment]:
    """Every assessment below and with the root, by criterion and node."""
    found: dict[Key, Assessment] = {}

    def visit(assessment: Assessment) -> None:
        if (assessment.criterion.iri, assessment.focus) not in found:
            found[assessment.criterion.iri, assessment.focus] = assessment
            for part in assessment.parts:
                visit(part.assessment)

    visit(root)
    return found


def leaf_assessments(case: Case, edition: Edition) -> dict[Key, Assessment]:
    """Every leaf of the edition held against the node of the case that it speaks of, below conditions that do not
    hold as well."""
    assessor = assessor_of(case.triples, edition)
    return {
        (criterion.iri, node): assessor.assess(criterion, node)
        for criterion in edition.criteria.values()
        if criterion.operator is None
        for node in (
            [case.iri] if criterion.applies_to == EDX.Request else _studies(case)
        )
    }  # fmt: skip


def _studies(case: Case) -> Iterator[Node]:
    return (o for s, p, o in sorted(case.triples, key=str) if s == case.iri and p == EDX.requestsStudy)


def frame(case: Case) -> set[Triple]:
    """What makes a graph a request at all: its type, its studies and their types."""
    studies = set(_studies(case))
    return {
        t
        for t in case.triples
        if (t[0] == case.iri and t[1] == EDX.requestsStudy)
        or (t[1] == RDF.type and (t[0] in studies or t[2] == EDX.Request))
    }


def settled(status: Status) -> bool:
    return status in (Status.MET, Status.REFUTED)


def class_tree(*graphs: Iterable[Triple]) -> Graph:
    """The class hierarchy, with how many studies the classes of procedure codes stand for, as an engine needs it beside
    the case; of all classes, or of those that graphs speak of and what lies above them."""
    tree = knowledge().hierarchy
    asked = {term for graph in graphs for triple in graph for term in triple} if graphs else set(tree.parents)
    graph = Graph(bind_namespaces="none")
    for child in {cls for term in asked for cls in tree.ancestors(term)}:
        for parent in tree.parents.get(child, ()):
            graph.add((child, RDFS.subClassOf, parent))
    for cls, predicate, number in numbers():
        graph.add((cls, predicate, number))
    return graph


@cache
def numbers() -> frozenset[Triple]:
    return frozenset(t for t in ontology_triples() if t[1] in (EDX.minimumStudies, EDX.maximumStudies))
