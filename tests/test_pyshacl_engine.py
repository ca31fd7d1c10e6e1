"""The adapter of pySHACL: it never takes silence for conformance."""

import pytest
from rdflib import RDF, SH, Graph, Literal, URIRef

from reasoner.errors import EngineError
from reasoner.shacl import pyshacl_engine

SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
<urn:shape> a sh:NodeShape ; sh:targetClass <urn:C> ; sh:property <urn:property> .
<urn:property> sh:path <urn:p> ; sh:minCount 1 ; sh:message "one p" .
"""


def graph(text: str) -> Graph:
    return Graph().parse(data=text, format="turtle")


def test_conforming_data_conforms_and_the_canary_is_gone() -> None:
    conforms, report = pyshacl_engine.validate(graph("<urn:x> a <urn:C> ; <urn:p> 1 ."), graph(SHAPES))
    assert conforms
    assert (None, SH.conforms, Literal(True)) in report
    assert not list(report.subjects(RDF.type, SH.ValidationResult))


def test_violation_names_shape_node_and_path() -> None:
    conforms, report = pyshacl_engine.validate(graph("<urn:x> a <urn:C> ."), graph(SHAPES))
    result = report.value(predicate=RDF.type, object=SH.ValidationResult)
    assert not conforms
    assert report.value(result, SH.sourceShape) == URIRef("urn:property")
    assert report.value(result, SH.focusNode) == URIRef("urn:x")
    assert report.value(result, SH.resultPath) == URIRef("urn:p")


def test_neither_graph_is_changed() -> None:
    data, shapes = graph("<urn:x> a <urn:C> ."), graph(SHAPES)
    before = set(data), set(shapes)
    pyshacl_engine.validate(data, shapes)
    assert (set(data), set(shapes)) == before


def test_engine_that_does_not_look_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = graph("@prefix sh: <http://www.w3.org/ns/shacl#> . [] a sh:ValidationReport ; sh:conforms true .")
    monkeypatch.setattr("pyshacl.validate", lambda *_, **__: (True, empty, ""))
    with pytest.raises(EngineError, match="did not validate"):
        pyshacl_engine.validate(Graph(), graph(SHAPES))


def test_exception_in_the_place_of_a_report_is_an_error() -> None:
    broken = (
        SHAPES
        + """
    <urn:shape> sh:sparql [ sh:select "SELECT $this WHERE { VALUES $this { <urn:x> } }" ] .
    """
    )
    with pytest.raises(EngineError, match="VALUES"):
        pyshacl_engine.validate(graph("<urn:x> a <urn:C> ."), graph(broken))


def test_exception_of_the_engine_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RecursionError("too deep")

    monkeypatch.setattr("pyshacl.validate", fail)
    with pytest.raises(EngineError, match="too deep"):
        pyshacl_engine.validate(Graph(), graph(SHAPES))
