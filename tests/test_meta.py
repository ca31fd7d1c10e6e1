"""The shapes about shapes: what every policy edition and every report graph must satisfy (`shapes/meta`).

All editions and reports conform. That each constraint bites is shown one by one: the statement that it is about is
spoilt in a copy, and exactly this shape and this constraint must speak.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from rdflib import RDF, RDFS, SH, BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

import reasoner
from reasoner.errors import NoApplicablePolicyError
from reasoner.rdf.turtle import read_turtle
from reasoner.resources import data_folder, turtle_files
from reasoner.shacl import pyshacl_engine
from reasoner.terms import BASE, EDX, PREFIXES

META = Namespace(BASE + "shapes/meta/")
CASES = sorted((Path(__file__).parent.parent / "cases").glob("*/case.ttl"))
OTHER = URIRef("urn:other")
KINDS = ("policy", "report")
SHOWING = (  # between them their reports show everything that a report can hold
    "source-000-lumbar-spondylosis-after-fusion",
    "symptom-free-limb",
    "laryngeal-onset-not-recorded",
    "mixed-not-necessary-and-experimental",
)


@cache
def shapes(kind: str) -> Graph:
    wanted = {"prefixes.ttl", f"{kind}.ttl"}
    files = [path for path in turtle_files("shapes/meta") if path.name in wanted]
    assert len(files) == 2
    return read_turtle(files)


@cache
def knowledge() -> reasoner.Knowledge:
    return reasoner.load_knowledge()


@cache
def editions() -> dict[str, Graph]:
    """Each edition with the shapes that it stands on and the ontology's module on policies."""
    ontology = read_turtle([data_folder("ontology") / "policy.ttl"])
    found = {}
    for edition in knowledge().editions:
        found[edition.slug] = Graph(bind_namespaces="none")
        found[edition.slug] += edition.graph
        found[edition.slug] += ontology
    return found


@cache
def reports(folder: str) -> dict[str, Graph]:
    """The reports of one case, under each policy that has an edition for its date."""
    (case,) = reasoner.read_cases(Path(__file__).parent.parent / "cases" / folder / "case.ttl")
    found = {}
    for edition in knowledge().editions:
        try:
            determination = reasoner.determine(case, knowledge(), policy=edition.slug)
        except NoApplicablePolicyError:
            continue
        found[f"{folder} {edition.slug}"] = reasoner.report_graph(determination, knowledge())
    return found


def data(kind: str) -> dict[str, Graph]:
    if kind == "policy":
        return editions()
    return {name: graph for folder in SHOWING for name, graph in reports(folder).items()}


def complaints(graph: Graph, kind: str) -> list[str]:
    _, report = pyshacl_engine.validate(graph, shapes(kind))
    return [
        f"{report.value(r, SH.sourceShape)} at {report.value(r, SH.focusNode)}: {report.value(r, SH.resultMessage)}"
        for r in report.subjects(RDF.type, SH.ValidationResult)
    ]


# Editions and reports conform ---------------------------------------------------------------


def test_both_editions_were_found() -> None:
    assert sorted(editions()) == ["aetna-cpb-0502", "bcbsnd-emg-ncs"]


@pytest.mark.parametrize("slug", ["aetna-cpb-0502", "bcbsnd-emg-ncs"])
def test_edition_conforms(slug: str) -> None:
    assert complaints(editions()[slug], "policy") == []


@pytest.mark.parametrize("folder", SHOWING)
def test_reports_conform(folder: str) -> None:
    found = reports(folder)
    assert found
    assert {name: complaints(graph, "report") for name, graph in found.items()} == {name: [] for name in found}


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", [path for path in CASES if path.parent.name not in SHOWING], ids=lambda p: p.parent.name
)
def test_reports_of_every_other_case_conform(path: Path) -> None:
    found = reports(path.parent.name)
    assert found
    assert {name: complaints(graph, "report") for name, graph in found.items()} == {name: [] for name in found}


def test_cases_were_found() -> None:
    assert len(CASES) >= 61
    assert set(SHOWING) <= {path.parent.name for path in CASES}


@pytest.mark.parametrize("folder", SHOWING)
def test_reports_hold_no_blank_node(folder: str) -> None:
    for graph in reports(folder).values():
        assert not [term for triple in graph for term in triple if isinstance(term, BNode)]


# The shapes are well made --------------------------------------------------------------------


def property_shapes(kind: str) -> list[URIRef]:
    return sorted(URIRef(str(s)) for s in shapes(kind).subjects(RDF.type, SH.PropertyShape))


def node_shapes(kind: str) -> list[URIRef]:
    return sorted(URIRef(str(s)) for s in shapes(kind).subjects(RDF.type, SH.NodeShape))


TARGETS = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf)
OF_A_NODE_SHAPE = (SH["class"], SH.nodeKind, SH.pattern, SH["or"], SH.sparql)


def constrained(kind: str) -> list[URIRef]:
    """Node shapes that ask something of the node itself."""
    return [s for s in node_shapes(kind) if any((s, p, None) in shapes(kind) for p in OF_A_NODE_SHAPE)]


def test_shapes_are_as_many_as_are_known() -> None:
    counts = {kind: (len(node_shapes(kind)), len(property_shapes(kind)), len(constrained(kind))) for kind in KINDS}
    assert counts == {"policy": (23, 49, 9), "report": (28, 83, 11)}


@pytest.mark.parametrize("kind", KINDS)
def test_every_property_shape_has_iri_name_message_and_severity_and_is_used(kind: str) -> None:
    graph = shapes(kind)
    assert not [s for s in graph.subjects(SH.path, None) if isinstance(s, BNode)]
    for shape in property_shapes(kind):
        for needed in (SH.path, SH.name, SH.message, SH.severity):
            assert len(list(graph.objects(shape, needed))) == 1, (shape, needed)
        assert str(graph.value(shape, SH.message)).endswith(".")
        assert list(graph.subjects(SH.property, shape)), f"no shape uses {shape}"
    assert set(graph.objects(None, SH.property)) == set(property_shapes(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_every_node_shape_is_named_and_reached(kind: str) -> None:
    graph = shapes(kind)
    branches = {member for listed in graph.objects(None, SH["or"]) for member in Collection(graph, listed)}
    for shape in node_shapes(kind):
        assert len(list(graph.objects(shape, SH.name))) == 1, shape
        reached = (
            any((shape, p, None) in graph for p in TARGETS) or (None, SH.node, shape) in graph or shape in branches
        )
        assert reached, f"nothing reaches {shape}"
    for shape in constrained(kind):
        asked = [shape, *graph.objects(shape, SH.sparql)]
        messages = [message for node in asked for message in graph.objects(node, SH.message)]
        assert len(messages) == 1, shape
        assert (shape, SH.severity, SH.Violation) in graph


@pytest.mark.parametrize("kind", KINDS)
def test_every_term_exists(kind: str) -> None:
    known = set(read_turtle(turtle_files("ontology")).subjects())
    used = {term for triple in shapes(kind) for term in triple if isinstance(term, URIRef)}
    assert {term for term in used if term.startswith(str(EDX)) and term not in known} == set()
    assert {term for term in used if term.startswith(str(SH)) and term not in SH} == set()


# Paths: where a property shape looks ------------------------------------------------------------


def steps(graph: Graph, path: Node) -> list[Node]:
    return list(Collection(graph, path)) if (path, RDF.first, None) in graph else [path]


def walk(shape_graph: Graph, graph: Graph, node: Node, step: Node) -> Iterator[tuple[tuple[Node, Node, Node], Node]]:
    """The triples of one step of a path from a node, each with the node that it leads to."""
    if isinstance(step, URIRef):
        yield from (((node, step, o), o) for o in graph.objects(node, step))
    elif (backwards := shape_graph.value(step, SH.inversePath)) is not None:
        options = shape_graph.value(backwards, SH.alternativePath)
        for predicate in Collection(shape_graph, options) if options is not None else [backwards]:
            yield from (((s, predicate, node), s) for s in graph.subjects(predicate, node))
    else:
        raise AssertionError(f"a step of an unknown kind: {step}")


def ends(shape_graph: Graph, graph: Graph, focus: Node, path: Node) -> list[tuple[tuple[Node, Node, Node], Node]]:
    """The last triples of a path, each with the value node."""
    *before, last = steps(shape_graph, path)
    nodes = [focus]
    for step in before:
        nodes = [o for node in nodes for _, o in walk(shape_graph, graph, node, step)]
    return [end for node in nodes for end in walk(shape_graph, graph, node, last)]


def targets(kind: str, graph: Graph, shape: Node) -> list[Node]:
    """The nodes that a node shape is held against, by its own target or through the shapes that refer to it."""
    rules = shapes(kind)
    found: list[Node] = []
    for cls in rules.objects(shape, SH.targetClass):
        below = {cls, *graph.transitive_subjects(RDFS.subClassOf, cls)}
        found += [s for c in below for s in graph.subjects(RDF.type, c)]
    for predicate in rules.objects(shape, SH.targetSubjectsOf):
        found += graph.subjects(predicate, None)
    for predicate in rules.objects(shape, SH.targetObjectsOf):
        found += graph.objects(None, predicate)
    for referring in rules.subjects(SH.node, shape):
        path = rules.value(referring, SH.path)
        assert path is not None
        for owner in rules.subjects(SH.property, referring):
            found += [v for t in targets(kind, graph, owner) for _, v in ends(rules, graph, t, path)]
    for listed in rules.objects(None, SH["or"]):
        if shape in Collection(rules, listed):
            found += [t for owner in rules.subjects(SH["or"], listed) for t in targets(kind, graph, owner)]
    return sorted(set(found), key=str)


# Each constraint bites ------------------------------------------------------------------------------

BITING = {  # parameter -> component that must speak
    SH.minCount: SH.MinCountConstraintComponent,
    SH.maxCount: SH.MaxCountConstraintComponent,
    SH.pattern: SH.PatternConstraintComponent,
    SH.datatype: SH.DatatypeConstraintComponent,
    SH.languageIn: SH.LanguageInConstraintComponent,
    SH["in"]: SH.InConstraintComponent,
    SH["class"]: SH.ClassConstraintComponent,
    SH.nodeKind: SH.NodeKindConstraintComponent,
    SH.minInclusive: SH.MinInclusiveConstraintComponent,
    SH.node: SH.NodeConstraintComponent,
    SH["or"]: SH.OrConstraintComponent,
    SH.hasValue: SH.HasValueConstraintComponent,
    SH.qualifiedMinCount: SH.QualifiedMinCountConstraintComponent,
    SH.qualifiedMaxCount: SH.QualifiedMaxCountConstraintComponent,
}
WRONG: dict[URIRef, Node] = {  # a value that the parameter cannot bear
    SH.pattern: Literal(" "),
    SH.datatype: OTHER,
    SH.languageIn: Literal("Ein Satz.", lang="de"),
    SH["in"]: OTHER,
    SH["class"]: OTHER,
    SH.nodeKind: Literal("no IRI"),
    SH.minInclusive: Literal(0),
    SH.node: OTHER,
    SH["or"]: OTHER,
}
TAKEN_AWAY = (SH.minCount, SH.hasValue, SH.qualifiedMinCount)


@dataclass(frozen=True)
class Spoilt:
    """A property shape, one of its parameters, and a copy in which the statement that it is about is spoilt."""

    graph: Graph
    focus: Node


def constraints(kind: str) -> list[tuple[str, URIRef, URIRef]]:
    graph = shapes(kind)
    return [(kind, s, p) for s in property_shapes(kind) for p in BITING if (s, p, None) in graph]


def conforming_focuses(kind: str, shape: URIRef) -> Iterator[tuple[Graph, Node]]:
    owners = sorted(shapes(kind).subjects(SH.property, shape), key=str)
    for graph in data(kind).values():
        for owner in owners:
            yield from ((graph, focus) for focus in targets(kind, graph, owner))


def spoil(kind: str, shape: URIRef, parameter: URIRef) -> Spoilt:
    """The first node for which the parameter can be spoilt, with the neighbourhood that its shape looks at."""
    rules = shapes(kind)
    path = rules.value(shape, SH.path)
    assert path is not None
    fallback = None
    for graph, focus in conforming_focuses(kind, shape):
        if speaking(kind, shape, Spoilt(near(graph, focus), focus)):
            continue  # a branch of sh:or that this node does not take
        if ends(rules, graph, focus, path):
            return Spoilt(changed(rules, near(graph, focus), focus, shape, path, parameter), focus)
        fallback = fallback or (graph, focus)
    assert fallback is not None, f"no node conforms to {shape}: no data shows that it can be met"
    graph, focus = fallback
    return Spoilt(added(rules, near(graph, focus), focus, shape, path, parameter), focus)


def changed(rules: Graph, graph: Graph, focus: Node, shape: URIRef, path: Node, parameter: URIRef) -> Graph:
    found = ends(rules, graph, focus, path)
    if parameter in TAKEN_AWAY:
        keep = int(str(rules.value(shape, parameter))) - 1 if parameter == SH.minCount else 0
        for triple, _ in found[keep:]:
            graph.remove(triple)
    elif parameter == SH.maxCount:
        (subject, predicate, _), _ = found[0]
        graph.add((subject, predicate, Literal("one more")))
    elif parameter == SH.qualifiedMaxCount:
        (members,) = (
            o for inner in rules.objects(shape, SH.qualifiedValueShape) for o in rules.objects(inner, SH["in"])
        )
        for other in Collection(rules, members):
            graph.add((focus, RDF.type, other))
    else:
        for (subject, predicate, value), _ in found:
            graph.remove((subject, predicate, value))
            graph.add((subject, predicate, WRONG[parameter]))
    return graph


def added(rules: Graph, graph: Graph, focus: Node, shape: URIRef, path: Node, parameter: URIRef) -> Graph:
    """Where a node has no value, a wrong one, or one too many, is given to it."""
    first, *more = steps(rules, path)
    value = WRONG.get(parameter, Literal("one more"))
    assert isinstance(first, URIRef), f"{shape}: nothing to spoil"
    limit = rules.value(shape, SH.maxCount)
    values = [value] if parameter != SH.maxCount else [Literal(f"{n} more") for n in range(int(str(limit)) + 1)]
    for number, each in enumerate(values):
        node = focus
        if more:  # a path of two steps
            (last,) = more
            assert isinstance(last, URIRef), f"{shape}: nothing to spoil"
            node, found = URIRef(f"urn:between-{number}"), graph.value(focus, first)
            node = found if isinstance(found, URIRef) else node
            graph.add((focus, first, node))
            first = last
        graph.add((node, first, each))
    return graph


def near(graph: Graph, focus: Node) -> Graph:
    """What can be reached from a node, and what points at it: enough for every shape, and small."""
    copy = Graph(bind_namespaces="none")
    pending, seen = [(focus, 0)], {focus}
    for pattern in ((None, None, focus), (None, EDX.notEncoded, None)):
        for triple in graph.triples(pattern):
            copy.add(triple)
    while pending:
        node, depth = pending.pop()
        for s, p, o in graph.triples((node, None, None)):
            copy.add((s, p, o))
            if o not in seen and depth < 3 and not isinstance(o, Literal):
                seen.add(o)
                pending.append((o, depth + 1))
    return copy


@cache
def rules_for(kind: str, shape: Node) -> Graph:
    """A shape with all that it refers to, and without targets."""
    copy = Graph(bind_namespaces="none")
    pending = [shape]
    while pending:
        node = pending.pop()
        for s, p, o in shapes(kind).triples((node, None, None)):
            if p not in TARGETS and (s, p, o) not in copy:
                copy.add((s, p, o))
                pending.append(o)
    return copy


def speaking(kind: str, shape: URIRef, spoilt: Spoilt) -> set[Node]:
    """The components of this shape that speak of the node, the shape alone being held against it."""
    rules = Graph(bind_namespaces="none")
    rules += rules_for(kind, shape)
    wrapper = META["wrapper"]
    for predicate, value in ((RDF.type, SH.NodeShape), (SH.targetNode, spoilt.focus), (SH.property, shape)):
        rules.add((wrapper, predicate, value))
    _, report = pyshacl_engine.validate(spoilt.graph, rules)
    return {
        component
        for result in report.subjects(SH.sourceShape, shape)
        if (result, SH.focusNode, spoilt.focus) in report
        for component in report.objects(result, SH.sourceConstraintComponent)
    }


@pytest.mark.parametrize(
    ("kind", "shape", "parameter"),
    [c for kind in KINDS for c in constraints(kind)],
    ids=lambda x: str(x).rpartition("/")[2].rpartition("#")[2] or str(x).rpartition("/")[2],
)
def test_spoilt_statement_is_told_by_its_own_constraint(kind: str, shape: URIRef, parameter: URIRef) -> None:
    assert BITING[parameter] in speaking(kind, shape, spoil(kind, shape, parameter))


# What asks something of the node itself, or of the whole --------------------------------------------------

SPOILING = {  # shape -> SPARQL Update that spoils a copy of the data
    "policy": {
        "series": "INSERT DATA { [] a edx:PolicySeries }",
        "document": "INSERT DATA { [] a edx:PolicyDocument }",
        "edition": "DELETE { ?e edx:partial ?old } INSERT { ?e edx:partial ?new } "
        "WHERE { ?e a edx:PolicyEdition ; edx:partial ?old BIND(!?old AS ?new) }",
        "edition-iri": "DELETE { ?e edx:effectiveFrom ?old } INSERT { ?e edx:effectiveFrom '2001-01-01'^^xsd:date } "
        "WHERE { ?e edx:effectiveFrom ?old }",
        "own-iri": "INSERT DATA { <urn:other#clause> a edx:Clause }",
        "said-of-a-criterion": "INSERT DATA { <urn:other> edx:whenMet 'Met.'@en }",
        "unconditional": "INSERT { ?c edx:whenNotApplicable 'Not applicable.'@en } WHERE { ?c a edx:OpenCriterion }",
        "counted-criterion": "DELETE { ?b edx:exceededConductionTotal 7 } INSERT { ?b edx:exceededConductionTotal 9 } "
        "WHERE { ?b edx:exceededConductionTotal 7 }",
        "label-unique": "INSERT { ?c rdfs:label 'medical necessity'@en } WHERE { ?c a edx:OpenCriterion }",
    },
    "report": {
        "determination": "INSERT DATA { <urn:other> a edx:Determination }",
        "conforms-exactly-when-met": "DELETE { ?d sh:result ?r } WHERE { ?d sh:result ?r }",
        "conforms-exactly-when-necessary": "DELETE { ?d sh:conforms ?old } INSERT { ?d sh:conforms ?new } "
        "WHERE { ?d sh:conforms ?old BIND(!?old AS ?new) }",
        "outcome-of-the-request": "INSERT { ?s edx:outcome edx:AdditionalInformationNeeded } "
        "WHERE { ?s a edx:StudyDetermination }",
        "provenance-of-its-own-case": "DELETE { ?d prov:wasDerivedFrom ?c } WHERE { ?d edx:ofCase ?c }",
        "edition-in-force": "DELETE { ?d edx:dateApplied ?old } INSERT { ?d edx:dateApplied '2001-01-01'^^xsd:date } "
        "WHERE { ?d edx:dateApplied ?old }",
        "assessment": "INSERT { ?c edx:kind edx:Leaf } WHERE { ?c edx:kind edx:AllOf }",
        "only-the-undetermined-stand-in-conflict": "INSERT { ?a edx:conflict <urn:other> } "
        "WHERE { ?a edx:status edx:Refuted }",
        "open-leaf-has-no-evidence": "INSERT { ?a edx:evidence <urn:other> } "
        "WHERE { ?a edx:status edx:Undetermined ; edx:ofCriterion/edx:kind edx:Leaf }",
        "one-assessment-of-criterion-and-focus": "INSERT { <urn:other> edx:ofCriterion ?c ; edx:focus ?f } "
        "WHERE { ?a edx:ofCriterion ?c ; edx:focus ?f }",
        "size-counts-the-questions": "DELETE { ?s edx:size ?n } INSERT { ?s edx:size ?more } "
        "WHERE { ?s edx:size ?n BIND(?n + 1 AS ?more) }",
    },
}


@pytest.mark.parametrize("kind", KINDS)
def test_everything_asked_of_a_node_itself_is_spoilt_below(kind: str) -> None:
    assert {META[name] for name in SPOILING[kind]} == set(constrained(kind))


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in KINDS for name in SPOILING[kind]])
def test_spoilt_copy_is_told_by_its_own_shape(kind: str, name: str) -> None:
    told = []
    for graph in data(kind).values():
        copy = Graph(bind_namespaces="none")
        copy += graph
        copy.update(SPOILING[kind][name], initNs=dict(PREFIXES))
        if set(copy) != set(graph):
            _, report = pyshacl_engine.validate(copy, alone(kind, META[name]))
            told.append((None, SH.sourceShape, META[name]) in report)
    assert told, "the data has nothing of the kind that is to be spoilt"
    assert all(told)


def alone(kind: str, shape: URIRef) -> Graph:
    """A shape with its targets and all that it refers to."""
    rules = Graph(bind_namespaces="none")
    rules += rules_for(kind, shape)
    for predicate in TARGETS:
        for value in shapes(kind).objects(shape, predicate):
            rules.add((shape, predicate, value))
    return rules


@pytest.mark.parametrize("kind", KINDS)
def test_unspoilt_data_conforms_to_each_shape_alone(kind: str) -> None:
    for name in SPOILING[kind]:
        graph = next(iter(data(kind).values()))
        assert pyshacl_engine.validate(graph, alone(kind, META[name]))[0], name
