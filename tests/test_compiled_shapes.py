"""The compiled engine beside the W3C suite: what it refuses, nested detail, and pySHACL on generated shapes and data."""

from collections import Counter
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import RDF, SH, BNode, Graph, Literal, URIRef

from reasoner.errors import ShapesDefinitionError
from reasoner.rdf.index import Hierarchy, Index
from reasoner.shacl import pyshacl_engine
from reasoner.shacl.reader import ShapeReader
from reasoner.shacl.shapes import Predicate
from reasoner.validation.compiled_shapes import CompiledShapes, compile_shapes
from reasoner.validation.results import ShaclResult

PREFIXES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix : <urn:> .
"""


def graph(text: str) -> Graph:
    return Graph().parse(data=PREFIXES + text, format="turtle")


def index(data: Graph) -> Index:
    return Index.of(data, Hierarchy.of(data))


def results(shapes: str, data: str) -> list[ShaclResult]:
    return list(compile_shapes(graph(shapes)).results(index(graph(data))))


# What lies outside the profile is refused by name ------------------------------------


@pytest.mark.parametrize(
    ("shape", "named"),
    [
        ("sh:minimumCount 1", "sh:minimumCount, which the profile does not know"),
        ("sh:property [ sh:path :p ; sh:minCuont 1 ]", "sh:minCuont"),
        ("sh:js [ ]", "sh:js"),
        ("sh:rule [ ]", "sh:rule"),
        ("sh:target [ ]", "sh:target"),
        ('sh:sparql [ sh:select "SELECT $this {}" ]', "no native code for the query"),
        ("sh:property [ sh:minCount 1 ]", "a property shape without sh:path"),
        ("sh:property [ sh:path [ sh:inverse :p ] ]", "a path outside the profile"),
        ("sh:node :nowhere", "nothing describes it"),
        ("sh:node :shape", "refers back to itself"),
        ("sh:not [ sh:property [ sh:path :p ; sh:node :shape ] ]", "refers back to itself"),
        ('sh:datatype "xsd:string"', "is no IRI"),
        ("sh:nodeKind sh:Iri", "is no kind of node"),
        ("sh:property [ sh:path :p ; sh:minCount -1 ]", "no whole number"),
        ("sh:property [ sh:path :p ; sh:minCount 1 , 2 ]", "more than one sh:minCount"),
        ('sh:pattern "(a+)+"', "several ways"),
        ('sh:pattern "[a-z"', "ends too early"),
        ("sh:closed 1", "neither true nor false"),
        ("sh:minInclusive :a", "no literal"),
        (":limit 3", "gives only some parameters|without native code"),
    ],
)
def test_shape_outside_the_profile_is_refused_by_name(shape: str, named: str) -> None:
    component = ":Limited a sh:ConstraintComponent ; sh:parameter [ sh:path :limit ] ." if ":limit" in shape else ""
    with pytest.raises(ShapesDefinitionError, match=named):
        compile_shapes(graph(f":shape sh:targetClass :C ; {shape} . {component}"))


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(ShapesDefinitionError) as refused:
        compile_shapes(graph(":shape sh:targetClass :C ; sh:js [ ] ; sh:values [ ] ; sh:nodeKind :X ."))
    assert len(refused.value.problems) == 3


def test_terms_of_other_vocabularies_describe_and_constrain_nothing() -> None:
    shapes = ':shape sh:targetClass :C ; rdfs:comment "x" ; :note "x" ; sh:property [ sh:path :p ; sh:maxCount 0 ] .'
    assert len(results(shapes, ":x a :C ; :p 1 .")) == 1


@pytest.mark.parametrize(
    ("shape", "named"),
    [
        ("sh:pattern 'a'", "uses sh:pattern"),
        ("sh:datatype xsd:date", "uses sh:datatype"),
        ("sh:xone ( [ sh:class :C ] )", "uses sh:xone"),
        ("sh:closed true", "uses sh:closed"),
        ("sh:deactivated true ; sh:class :C", "uses sh:deactivated"),
        ("sh:property [ sh:path :p ; sh:property [ sh:path :q ; sh:minCount 1 ] ]", "uses sh:property below a path"),
        ("sh:property [ sh:path [ sh:oneOrMorePath :p ] ; sh:minCount 1 ]", "a path outside the profile"),
        (
            "sh:property [ sh:path :p ; sh:qualifiedMaxCount 1 ; sh:qualifiedValueShape [ sh:class :C ] ]",
            "sh:qualifiedMaxCount",
        ),
        ("rdfs:label 'nothing'", "constrains nothing"),
        (":note 'x' ; sh:class :C", "uses :note"),
    ],
)
def test_policies_keep_to_a_smaller_profile(shape: str, named: str) -> None:
    reader = ShapeReader(graph(f":shape a sh:NodeShape ; {shape} ."), {})
    reader.shape(URIRef("urn:shape"))
    assert any(named in problem for problem in reader.problems), reader.problems


# Results -----------------------------------------------------------------------------


def test_qualified_maximum() -> None:
    shapes = ":shape sh:targetClass :C ; sh:property :s . :s sh:path :p ; sh:qualifiedMaxCount 1 ; sh:qualifiedValueShape [ sh:class :D ] ."
    one = ":x a :C ; :p :a , :b . :a a :D ."
    assert results(shapes, one) == []
    (result,) = results(shapes, one + ":b a :D .")
    assert result.component == SH.QualifiedMaxCountConstraintComponent
    assert (result.focus, result.value, result.path) == (URIRef("urn:x"), None, Predicate(URIRef("urn:p")))


def test_detail_tells_why_a_referenced_shape_fails() -> None:
    shapes = """
        :shape sh:targetClass :C ; sh:property [ sh:path :p ; sh:node :inner ; sh:message "p" ] .
        :inner sh:property :deep . :deep sh:path :q ; sh:minCount 1 ; sh:message "no q" ; sh:severity sh:Warning .
    """
    (result,) = results(shapes, ":x a :C ; :p :y .")
    assert (result.component, result.value, result.messages) == (SH.NodeConstraintComponent, URIRef("urn:y"), ("p",))
    (detail,) = result.details
    assert (detail.focus, detail.shape, detail.severity) == (URIRef("urn:y"), URIRef("urn:deep"), SH.Warning)
    assert detail.messages == ("no q",)


def test_detail_of_a_disjunction_tells_of_every_option() -> None:
    shapes = ":shape sh:targetClass :C ; sh:or ( [ sh:class :D ] [ sh:property [ sh:path :p ; sh:minCount 1 ] ] ) ."
    (result,) = results(shapes, ":x a :C .")
    assert {detail.component for detail in result.details} == {
        SH.ClassConstraintComponent,
        SH.MinCountConstraintComponent,
    }


def test_result_without_a_message_names_its_constraint() -> None:
    (result,) = results(":shape sh:targetClass :C ; sh:property [ sh:path :p ; sh:minCount 1 ] .", ":x a :C .")
    assert result.messages == ("The constraint minCount is not satisfied.",)


def test_inverse_of_a_sequence_takes_its_last_step_first() -> None:
    """SPARQL 1.1, 18.4: the inverse of a path swaps its two ends."""
    shapes = ":shape sh:targetNode :end ; sh:property [ sh:path [ sh:inversePath ( :p :q ) ] ; sh:hasValue :start ] ."
    assert results(shapes, ":start :p :middle . :middle :q :end .") == []
    assert len(results(shapes, ":start :q :middle . :middle :p :end .")) == 1


def test_deactivated_shape_and_shape_without_target_say_nothing() -> None:
    shapes = ":shape sh:targetClass :C ; sh:nodeKind sh:Literal ; sh:deactivated true . :other sh:nodeKind sh:Literal ."
    assert results(shapes, ":x a :C .") == []


def test_results_stand_in_the_order_of_shapes_and_statements() -> None:
    shapes = ":b sh:targetClass :C ; sh:nodeKind sh:Literal . :a sh:targetSubjectsOf :p ; sh:nodeKind sh:Literal ."
    found = results(shapes, ":y a :C . :x a :C ; :p 1 .")
    assert [(str(r.shape), str(r.focus)) for r in found] == [("urn:a", "urn:x"), ("urn:b", "urn:x"), ("urn:b", "urn:y")]


# The reference on generated shapes and data ------------------------------------------

NODES = [URIRef(f"urn:{name}") for name in "abcde"]
CLASSES = [URIRef(f"urn:{name}") for name in ("C", "D", "E")]
PROPERTIES = [URIRef(f"urn:{name}") for name in "pqr"]
# no boolean and no date: pySHACL puts them in order with numbers, as rdflib does, where SPARQL has an error
LITERALS = [
    Literal("x"),
    Literal("xyz"),
    Literal("x", lang="en"),
    Literal("y", lang="de"),
    Literal(1),
    Literal(7),
    Literal(2.5),
]


def data_graph(random: Random) -> Graph:
    made = Graph()
    made.add((CLASSES[1], URIRef("http://www.w3.org/2000/01/rdf-schema#subClassOf"), CLASSES[0]))
    for node in NODES:
        for cls in random.sample(CLASSES, random.choice((0, 1, 1, 2))):
            made.add((node, RDF.type, cls))
        for _ in range(random.randrange(5)):
            made.add((node, random.choice(PROPERTIES), random.choice([*NODES, *LITERALS])))
    return made


def path(random: Random, depth: int = 0) -> str:
    """No inverse of a sequence: pySHACL walks its steps in the order in which they are written."""
    simple = f"<{random.choice(PROPERTIES)}>"
    if depth > 1 or random.random() < 0.6:
        return simple
    inner, other = path(random, depth + 1), path(random, depth + 1)
    return random.choice((
        f"[ sh:inversePath <{random.choice(PROPERTIES)}> ]", f"( {inner} {other} )", f"[ sh:alternativePath ( {inner} {other} ) ]",
        f"[ sh:zeroOrMorePath {inner} ]", f"[ sh:oneOrMorePath {inner} ]", f"[ sh:zeroOrOnePath {inner} ]",
    ))  # fmt: skip


def of_value(random: Random, depth: int) -> str:
    def inner() -> str:
        return f"[ {constraints(random, depth + 1)} ]"

    node = f"<{random.choice(NODES)}>"
    found = [
        lambda: f"sh:class <{random.choice(CLASSES)}>",
        lambda: "sh:nodeKind " + random.choice(("sh:IRI", "sh:Literal", "sh:BlankNodeOrIRI", "sh:IRIOrLiteral")),
        lambda: "sh:datatype " + random.choice(("xsd:string", "xsd:integer", "xsd:boolean")),
        lambda: f"sh:in ( {node} 1 7 'x' )",
        lambda: random.choice(("sh:minInclusive 3", "sh:maxExclusive 7", "sh:minLength 2", "sh:maxLength 5")),
        lambda: random.choice(("sh:pattern '^x'", "sh:pattern '[a-c]$'", "sh:languageIn ( 'en' )")),
    ]  # fmt: skip
    if depth < 2:
        found += [
            lambda: f"sh:not {inner()}",
            lambda: f"sh:{random.choice(('and', 'or', 'xone'))} ( {inner()} {inner()} )",
            lambda: f"sh:node {inner()}",
        ]
    return random.choice(found)()


def on_path(random: Random, depth: int) -> str:
    found = [
        lambda: of_value(random, depth),
        lambda: of_value(random, depth),
        lambda: f"sh:minCount {random.randrange(3)}",
        lambda: f"sh:maxCount {random.randrange(3)}",
        lambda: f"sh:hasValue {random.choice(('<urn:a>', '1', chr(34) + 'x' + chr(34)))}",
        lambda: f"sh:{random.choice(('equals', 'disjoint'))} <{random.choice(PROPERTIES)}>",
        lambda: (
            f"sh:qualifiedValueShape [ {constraints(random, depth + 1)} ] ; sh:qualifiedMinCount 1 ; sh:qualifiedMaxCount 2"
        ),
        lambda: "sh:uniqueLang true",
    ]
    return random.choice(found)()


def constraints(random: Random, depth: int = 0) -> str:
    said = [of_value(random, depth) for _ in range(random.choice((0, 1, 1)))]
    many = random.choice((0, 1, 2, 4)) if depth < 2 else 0
    for _ in range(many):
        asked = {c.split(" ", 1)[0]: c for c in (on_path(random, depth + 1) for _ in range(random.choice((1, 2))))}
        where = f"<{random.choice(PROPERTIES)}>" if many == 4 else path(random)
        said.append(f"sh:property [ sh:path {where} ; {' ; '.join(asked.values())} ]")
    if many == 4 and random.random() < 0.5:
        said.append("sh:closed true ; sh:ignoredProperties ( <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> )")
    return " ; ".join(said or [of_value(random, depth)])


def of_pyshacl(data: Graph, shapes: Graph) -> Counter[tuple[object, ...]]:
    _, report = pyshacl_engine.validate(data, shapes)
    found: Counter[tuple[object, ...]] = Counter()
    report_root = report.value(predicate=RDF.type, object=SH.ValidationReport)
    for result in report.objects(report_root, SH.result):
        where = report.value(result, SH.resultPath)
        found[
            (
                report.value(result, SH.focusNode), None if isinstance(where, BNode) else where,
                report.value(result, SH.value), report.value(result, SH.sourceConstraintComponent),
                report.value(result, SH.resultSeverity),
            )
        ] += 1  # fmt: skip
    return found


def of_compiled(data: Graph, shapes: CompiledShapes) -> Counter[tuple[object, ...]]:
    return Counter(
        (r.focus, r.path.iri if isinstance(r.path, Predicate) else None, r.value, r.component, r.severity)
        for r in shapes.results(index(data))
    )


def compare(seed: int) -> int:
    random = Random(seed)
    data = data_graph(random)
    target = random.choice(("sh:targetClass :C", "sh:targetSubjectsOf :p", "sh:targetObjectsOf :q", "sh:targetNode :a"))
    text = f":shape a sh:NodeShape ; {target} ; {constraints(random)} ."
    shapes = graph(text)
    compiled, reference = of_compiled(data, compile_shapes(shapes)), of_pyshacl(data, shapes)
    assert compiled == reference, (
        f"{text}\n{data.serialize(format='nt')}\n{compiled - reference}\n{reference - compiled}"
    )
    return sum(reference.values())


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32))
def test_same_results_as_pyshacl_on_generated_shapes(seed: int) -> None:
    compare(seed)


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(8))
def test_same_results_as_pyshacl_on_many_generated_shapes(chunk: int) -> None:
    assert sum(compare(chunk * 1000 + number) for number in range(500)) > 300
