"""A report as text: every form holds the statements of the report graph, and no format adds anything to them."""

import json
from collections.abc import Iterable
from dataclasses import replace
from random import Random

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from judging import POLICIES, editions, example_cases, judge, knowledge
from rdflib import DCTERMS, RDF, RDFS, SH, SKOS, Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.term import Node
from strategies import cases, generate

import reasoner
from reasoner.case import Case
from reasoner.errors import EngineError
from reasoner.evaluation.determination import Determination
from reasoner.formats.render import FORMATS
from reasoner.rdf.index import Triple, in_order
from reasoner.report.content import determination_iri
from reasoner.report.forms import FormName, quoted
from reasoner.report.results import violations
from reasoner.report.text import descriptions_text, report_text, results_text
from reasoner.report.view_builder import view_of
from reasoner.report.view_reader import read_view
from reasoner.terms import EDX

FORMS: dict[FormName, ox.RdfFormat] = {
    "turtle": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
    "nquads": ox.RdfFormat.N_QUADS,
}
FOLDERS = ("source-000-lumbar-spondylosis-after-fusion", "aetna-emg-done-and-never-done", "both-payers-pain-alone")
DESCRIBING = {
    RDFS.label, SKOS.definition, DCTERMS.source, DCTERMS.isPartOf, DCTERMS.title, SH.order,
    EDX.place, EDX.sentence, EDX["kind"], EDX.condition, EDX.isExclusion, EDX.documentation,
}  # fmt: skip


def some() -> list[Determination]:
    """Determinations that between them are open, refused and granted, with quotations, conflicts and settling sets."""
    found = [example_cases()[folder] for folder in FOLDERS] + [generate(Random(n)) for n in range(6)]
    determined = [judge(case, editions()[policy]) for case in found for policy in POLICIES]
    assert any(d.conflicts for d in determined)
    assert any(d.settling for d in determined)
    assert any(d.root.status is reasoner.Status.MET for d in determined)
    return determined


def parsed(text: str, form: FormName) -> list[ox.Quad]:
    return list(ox.parse(text, format=FORMS[form]))


def values(quads: Iterable[ox.Quad], predicate: URIRef) -> Iterable[str]:
    for quad in quads:
        if quad.predicate.value == str(predicate):
            assert isinstance(quad.object, ox.Literal | ox.NamedNode)
            yield quad.object.value


def lines(quads: Iterable[ox.Quad]) -> set[str]:
    """The statements without the names of their graphs."""
    return {str(ox.Triple(q.subject, q.predicate, q.object)) for q in quads}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_holds_the_statements_of_the_report_graph_each_once(form: FormName) -> None:
    for determination in some():
        graph = reasoner.report_graph(determination, knowledge())
        quads = parsed(report_text(determination, knowledge(), form), form)
        assert len(quads) == len(graph)
        assert lines(quads) == lines(ox.parse(graph.serialize(format="nt"), format=ox.RdfFormat.N_TRIPLES))
        names = {str(quad.graph_name) for quad in quads}
        assert names == {"DEFAULT" if form == "turtle" else f"<{determination_iri(determination, knowledge())}>"}


@settings(max_examples=20, deadline=None)
@given(case=cases())
def test_no_format_adds_anything_to_the_report_graph(case: Case) -> None:
    """What the formats print is made without the graph; it is what anybody would read from the graph."""
    for policy in POLICIES:
        determination = judge(case, editions()[policy])
        assert view_of(determination, knowledge()) == read_view(reasoner.report_graph(determination, knowledge()))


@pytest.mark.parametrize("output", sorted({*FORMATS} - {"turtle"}))
def test_graph_records_and_determination_read_the_same_in_every_format(output: str) -> None:
    for determination in some()[:4]:
        graph = reasoner.report_graph(determination, knowledge())
        view = view_of(determination, knowledge())
        said = reasoner.render(determination, output, knowledge=knowledge())
        assert reasoner.render(graph, output) == reasoner.render(view, output) == said


def test_a_determination_in_turtle_is_its_graph_in_reading_order() -> None:
    determination = some()[0]
    text = reasoner.render(determination, "turtle", knowledge=knowledge())
    assert isomorphic(Graph().parse(data=text, format="turtle"), reasoner.report_graph(determination, knowledge()))
    blocks = [line.split()[0] for line in text.splitlines() if line[:1] == ":" and " " not in line]
    places = [blocks.index(name) for name in (f":a-{determination.root.criterion.name}", ":study-1")]
    assert places == sorted(places)
    assert "<http://www.w3.org/ns/" not in text.split("\n\n", 1)[1], "a term of a vocabulary is written with its prefix"


def test_descriptions_stand_apart_where_they_are_asked_to() -> None:
    """Without them a report says no less beside those of its edition, and nothing else is left out."""
    for determination in some():
        whole, bare, beside = (
            lines(parsed(text, "nquads"))
            for text in (
                report_text(determination, knowledge(), "nquads"),
                report_text(determination, knowledge(), "nquads", with_descriptions=False),
                descriptions_text(determination.edition, "nquads"),
            )
        )
        assert bare < whole <= bare | beside
        own = str(determination_iri(determination, knowledge()))
        assert not [line for line in whole - bare if own in line]


def test_a_report_and_the_descriptions_of_its_edition_are_read_as_the_whole_report() -> None:
    for determination in some():
        together = Graph()
        for text in (
            report_text(determination, knowledge(), with_descriptions=False),
            descriptions_text(determination.edition),
        ):
            together.parse(data=text, format="turtle")
        assert read_view(together) == view_of(determination, knowledge())


def test_a_report_holds_no_lists() -> None:
    for determination in some():
        told = {quad.predicate.value for quad in parsed(report_text(determination, knowledge(), "nquads"), "nquads")}
        assert not told & {str(RDF.first), str(RDF.rest)}
        assert {str(EDX["part"]), str(EDX.decidedBy)} <= told


def test_descriptions_are_of_all_that_an_edition_speaks_of_and_of_nothing_else() -> None:
    for policy in POLICIES:
        edition = editions()[policy]
        graph = Graph().parse(data=descriptions_text(edition), format="turtle")
        assert set(edition.criteria) <= set(graph.subjects(SKOS.definition, None))
        for clause in graph.objects(None, DCTERMS.source):
            assert (clause, DCTERMS.isPartOf, None) in graph
        about_edition = {EDX.effectiveFrom, EDX.partial, EDX.payerName}
        about_edition |= {EDX.notEncoded} if edition.not_encoded else set()
        assert set(graph.predicates()) == DESCRIBING | about_edition
        assert {quad.graph_name for quad in parsed(descriptions_text(edition, "trig"), "trig")} == {
            ox.NamedNode(str(edition.iri))
        }


@pytest.mark.parametrize("form", ["trig", "nquads"])
def test_texts_may_be_written_one_after_the_other(form: FormName) -> None:
    found = some()
    texts = [report_text(determination, knowledge(), form) for determination in found]
    quads = parsed("".join(texts), form)
    assert set(map(str, quads)) == {str(quad) for text in texts for quad in parsed(text, form)}
    assert len({quad.graph_name for quad in quads}) == len({determination_iri(d, knowledge()) for d in found})


def test_what_was_written_before_changes_nothing() -> None:
    """Pieces are made for the first case that needs them and used for all others."""
    found = some()
    forth = {form: [report_text(d, knowledge(), form) for d in found] for form in FORMS}
    back = {form: [report_text(d, knowledge(), form) for d in reversed(found)][::-1] for form in FORMS}
    assert forth == back


# Text and IRIs of a case


HOSTILE = (
    'he said "no" \\ "yes"',
    '"""',
    "two\nlines\r\nand\ta tab",
    "\x01\x02\x03\x0e\x1f\x7f\x85\u2028",
    "{0} {4} {name} %s",
    "Grüße, 診断, \N{FACE WITH TEARS OF JOY}",
    " . } @prefix x: <y> . # ",
    "",
)


def with_labels(case: Case, label: str) -> Case:
    """A case that has the label wherever it could have one."""
    nodes = {s for s, _, _ in case.statements}
    statements = in_order([*case.statements, *((node, RDFS.label, Literal(label)) for node in nodes)])
    return Case(case.iri, label, case.source, statements, case.digest)


@pytest.mark.parametrize("label", HOSTILE)
def test_text_of_a_case_stands_in_a_report_as_it_is(label: str) -> None:
    determination = judge(with_labels(example_cases()[FOLDERS[0]], label), editions()[POLICIES[1]])
    found = {form: parsed(report_text(determination, knowledge(), form), form) for form in FORMS}
    assert lines(found["turtle"]) == lines(found["trig"]) == lines(found["nquads"])
    told = set(values(found["nquads"], RDFS.label))
    assert label in told
    report = json.loads(reasoner.render(determination, "json", knowledge=knowledge()))
    assert report["case"]["label"] == label
    assert view_of(determination, knowledge()) == read_view(reasoner.report_graph(determination, knowledge()))


def test_a_quoted_string_is_one_in_turtle_and_n_quads() -> None:
    for character in [*map(chr, range(0x300)), "\u2028", "\ufffe", "\N{FACE WITH TEARS OF JOY}"]:
        for form in (ox.RdfFormat.TURTLE, ox.RdfFormat.N_QUADS):
            (quad,) = ox.parse(f"<x:s> <x:p> {quoted(f'a{character}b')} .", format=form)
            assert isinstance(quad.object, ox.Literal)
            assert quad.object.value == f"a{character}b"


@pytest.mark.parametrize("form", FORMS)
def test_a_name_that_would_end_an_iri_is_refused(form: FormName) -> None:
    case = replace(example_cases()[FOLDERS[2]])
    bad = URIRef("https://example.org/x> <y> <z> . <a")
    swapped: dict[Node, Node] = {case.iri: bad}
    statements = tuple((swapped.get(s, s), p, swapped.get(o, o)) for s, p, o in case.statements)
    determination = judge(Case(bad, case.label, case.source, statements, case.digest), editions()[POLICIES[0]])
    with pytest.raises(EngineError, match="is no IRI"):
        report_text(determination, knowledge(), form)


def test_a_request_of_forty_studies_keeps_them_apart() -> None:
    """More than there are characters to stand in for them, and more than have pieces of their own."""
    request = URIRef("https://example.org/many#request")
    studies: list[Node] = [URIRef(f"https://example.org/many#study-{n:02}") for n in range(40)]
    statements: list[Triple] = [(request, RDF.type, EDX.Request)]
    for study in studies:
        statements += [(request, EDX.requestsStudy, study), (study, RDF.type, EDX.NeedleElectromyography)]
    case = Case(request, "many", "many.ttl", in_order(statements), "0" * 64)
    determination = judge(case, editions()[POLICIES[1]])
    found = {form: parsed(report_text(determination, knowledge(), form), form) for form in FORMS}
    assert lines(found["turtle"]) == lines(found["trig"]) == lines(found["nquads"])
    told = set(values(found["nquads"], EDX.ofStudy))
    assert told == set(map(str, studies))
    view = read_view(reasoner.report_graph(determination, knowledge()))
    assert view_of(determination, knowledge()) == view
    assert [study.study for study in view.studies] == studies
    of_studies = [a.focus for a in view.root.parts if a.focus != request]
    assert of_studies == studies, "the parts that are about a study stand in the order of the studies"


def test_a_dozen_quotations_behind_a_statement_are_read_in_their_order() -> None:
    case = example_cases()[FOLDERS[0]]
    document, first = next((s, o) for s, p, o in case.statements if p == EDX.hasQuotation)
    about = next(o for s, p, o in case.statements if (s, p) == (first, EDX.about))
    more: list[Triple] = []
    for number in range(12):
        quotation = URIRef(f"https://example.org/quotations#{number:02}")
        words = Literal(f"in these words: {number:02}")
        more += [(document, EDX.hasQuotation, quotation), (quotation, EDX.about, about), (quotation, EDX.text, words)]
    statements = in_order([*case.statements, *more])
    determination = judge(Case(case.iri, case.label, case.source, statements, case.digest), editions()[POLICIES[1]])
    view = view_of(determination, knowledge())
    assert view == read_view(reasoner.report_graph(determination, knowledge()))
    cited = [s for a in view.root.walk() for s in a.evidence if len(s.quotations) > 11]
    assert cited
    for statement in cited:
        told = [q.text for q in statement.quotations if q.text.startswith("in these words")]
        assert told == [f"in these words: {number:02}" for number in range(12)]


# The results alone


def nested(report: Graph, result: Node) -> dict[str, object]:
    """A result of a graph, as `violations` writes one."""
    told = {
        name: str(report.value(result, predicate))
        for name, predicate in (
            ("focus", SH.focusNode), ("shape", SH.sourceShape), ("component", SH.sourceConstraintComponent),
            ("severity", SH.resultSeverity), ("message", SH.resultMessage),
        )
    }  # fmt: skip
    details = [nested(report, detail) for detail in report.objects(result, SH.detail)]
    return {**told, "detail": sorted(details, key=json.dumps)}


def in_any_order(result: dict[str, object]) -> dict[str, object]:
    details = result["detail"]
    assert isinstance(details, list)
    return {**result, "detail": sorted((in_any_order(detail) for detail in details), key=json.dumps)}


def test_the_results_alone_are_those_of_the_report() -> None:
    for determination in some():
        whole = reasoner.report_graph(determination, knowledge())
        (iri,) = whole.subjects(RDF.type, EDX.Determination)
        expected = {
            f"{s.n3()} {p.n3()} {o.n3()}"
            for s, p, o in whole
            if (s, RDF.type, SH.ValidationResult) in whole
            or (s == iri and p in (SH.conforms, SH.result))
            or (s, p, o) == (iri, RDF.type, SH.ValidationReport)
        }
        for form in FORMS:
            quads = parsed(results_text(determination, knowledge(), form), form)
            assert len(quads) == len(expected)
        alone = Graph().parse(data=results_text(determination, knowledge()), format="turtle")
        assert {f"{s.n3()} {p.n3()} {o.n3()}" for s, p, o in alone} == expected


def test_violations_as_json_are_the_nested_results() -> None:
    for determination in some():
        whole = reasoner.report_graph(determination, knowledge())
        line = violations(determination, knowledge())
        assert line.count(b"\n") == 1
        told = json.loads(line)
        (iri,) = whole.subjects(RDF.type, EDX.Determination)
        assert told["determination"] == str(iri)
        assert EDX[told["outcome"]] == whole.value(iri, EDX.outcome)
        assert Literal(told["conforms"]) == whole.value(iri, SH.conforms)
        expected = [nested(whole, result) for result in whole.objects(iri, SH.result)]
        assert [in_any_order(result) for result in told["results"]] == expected


# What cannot be rendered


def test_a_determination_without_knowledge_is_no_report() -> None:
    with pytest.raises(TypeError, match="knowledge"):
        reasoner.render(some()[0], "json")
    with pytest.raises(TypeError, match="knowledge"):
        reasoner.render(some()[0], "turtle")


def test_records_lack_what_turtle_needs() -> None:
    with pytest.raises(TypeError, match="SHACL results"):
        reasoner.render(view_of(some()[0], knowledge()), "turtle")
