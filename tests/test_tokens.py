"""From text to terms: nothing inside a term passes for another one, and every term is what rdflib would make of it."""

import hashlib
import json
import pickle
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import XSD, Literal, URIRef
from rdflib.term import Node

from reasoner.errors import UnreadableInputError
from reasoner.intake.admission import validate
from reasoner.intake.rules import KNOWN_TERM
from reasoner.rdf.canonical import IndistinctNodesError, canonical_form
from reasoner.rdf.index import in_order
from reasoner.rdf.jsonld import with_local_context
from reasoner.rdf.nodes import known
from reasoner.rdf.statements import in_order as statements_in_order
from reasoner.rdf.statements import statements_of
from reasoner.rdf.syntax import read_quads
from reasoner.rdf.tokens import term_of, tokens_of
from reasoner.resources import data_folder
from reasoner.terminology.ontology import hierarchy
from reasoner.terms import CPT, EDX

VALID = Path(__file__).parent / "intake_valid"

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    [
        '"',
        "\\",
        "\n",
        "\r\n",
        "\t",
        "\x00",
        "\x7f",
        "\x85",
        "\u2028",
        '"@en',
        '" .\n<urn:a> <urn:b> "',
        "<urn:a>",
        "_:a",
    ]
)
DATATYPES = st.sampled_from([XSD.date, XSD.integer, XSD.boolean, XSD.decimal, XSD.double, XSD.token, URIRef("urn:d")])
LITERALS = (
    TEXTS.map(ox.Literal)
    | st.builds(lambda text, tag: ox.Literal(text, language=tag), TEXTS, st.sampled_from(["en", "de-ch", "x-a1"]))
    | st.builds(
        lambda text, datatype: ox.Literal(text, datatype=ox.NamedNode(str(datatype))),
        TEXTS | st.sampled_from(["2025-02-28", "2025-02-29", "007", "+1", "true", "yes", "nan", "INF", " a  b "]),
        DATATYPES,
    )
)


def in_rdflib(literal: ox.Literal) -> Literal:
    if literal.language:
        return Literal(literal.value, lang=literal.language, normalize=False)
    datatype = literal.datatype.value
    named = None if datatype == str(XSD.string) else URIRef(datatype)
    return Literal(literal.value, datatype=named, normalize=False)


def fields(literal: Node) -> tuple[object, ...]:
    assert isinstance(literal, Literal)
    value = repr(literal.value)  # not a number is not equal to itself
    return str(literal), literal.language, literal.datatype, type(literal.value), value, literal.ill_typed


@settings(max_examples=500, deadline=None)
@given(LITERALS)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_literal_is_the_one_that_rdflib_makes(literal: ox.Literal) -> None:
    quad = ox.Quad(ox.NamedNode("urn:a"), ox.NamedNode("urn:b"), literal)
    ((_, _, _, token),) = tokens_of([quad])
    assert fields(term_of(token, "")) == fields(in_rdflib(literal))


@settings(max_examples=300, deadline=None)
@given(st.lists(LITERALS | TEXTS.map(lambda text: ox.NamedNode("urn:" + text.encode().hex())), max_size=12))
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_statements_stand_in_the_order_of_their_lines_in_rdflib(values: list[ox.Literal | ox.NamedNode]) -> None:
    quads = [ox.Quad(ox.NamedNode("urn:a"), ox.NamedNode("urn:b"), value) for value in values]
    stated = {statement[0]: statement for statement in statements_of(quads)}
    _, ordered, _ = statements_in_order([stated[line] for line in sorted(stated)], "")
    assert [tuple(term.n3() for term in triple) for triple in ordered] == [
        tuple(term.n3() for term in triple) for triple in in_order(ordered)
    ]
    assert (
        len(set(ordered))
        == len(ordered)
        == len({fields(in_rdflib(v))[:3] if isinstance(v, ox.Literal) else v for v in values})  # space may collapse
    )


@pytest.mark.parametrize(
    "token",
    [
        f"<{EDX.Numbness}!",
        '<urn:a> <urn:b>', '<urn:a"b>', "<urn:a b>", "<urn:a", '"a" "b"', '"a"b"', '"a\\"', '"a"^^<urn:d> ', '"a"@en us',
        "_:a b", "_:a> <urn:b>", "<<( <urn:a> <urn:b> <urn:c> )>>",
    ],
)  # fmt: skip
def test_what_is_no_single_term_makes_none(token: str) -> None:
    with pytest.raises(ValueError, match="no single term"):
        term_of(token, "urn:")


def test_a_term_of_the_knowledge_comes_as_its_one_object() -> None:
    case = validate(VALID / "case.ttl").cases[0]
    named = {term for triple in case.statements for term in triple if known(str(term)) is not None}
    assert EDX.Request in named
    assert all(term is known(str(term)) for term in named if isinstance(term, URIRef))


# A text is never an IRI ------------------------------------------------------------


def case_with(*statements: str) -> bytes:
    return (
        f"@prefix edx: <{EDX}> . @prefix ex: <https://example.org/> . "
        "ex:a a edx:Request ; edx:dateOfService '2025-11-20'^^<http://www.w3.org/2001/XMLSchema#date> ; "
        f"edx:requestsStudy ex:s . ex:s a edx:NeedleElectromyography . {' . '.join(statements)} ."
    ).encode()


@pytest.mark.parametrize(
    "iri", [EDX.Numbness, EDX.Request, CPT["95886"], "http://purl.bioontology.org/ontology/ICD10CM/G56.00"]
)
def test_the_text_of_a_class_is_no_class(iri: str) -> None:
    result = validate(case_with(f'ex:a edx:hasFinding ex:f . ex:f a edx:Numbness , "{iri}"'), name="x.ttl")
    (refusal,) = result.refusals
    (problem,) = [p for p in refusal.problems if p.source_shape == KNOWN_TERM]
    assert problem.message == f'"{iri}" is no class.'
    assert problem.value == Literal(iri)


def test_nothing_follows_from_the_text_of_a_class_of_procedure_codes() -> None:
    told = [str(p) for e in validate(case_with(f'ex:s a "{CPT["95911"]}"'), name="x.ttl").refusals for p in e.problems]
    assert [said for said in told if "95911" in said] == [f'<https://example.org/s>, rdf:type: "{CPT["95911"]}" is no class. Found: "{CPT["95911"]}".']  # fmt: skip


def test_the_text_of_a_node_leads_to_no_node() -> None:
    result = validate(case_with('ex:a edx:hasFinding "https://example.org/f"', "ex:f a edx:Numbness"), name="x.ttl")
    assert any("reachable from no request" in p.message for p in result.refusals[0].problems)


# Names of blank nodes -----------------------------------------------------------------

NODES = st.sampled_from([ox.NamedNode("urn:a"), *(ox.BlankNode(f"n{i}") for i in range(6))])


@settings(max_examples=500, deadline=None)
@given(
    st.lists(
        st.builds(ox.Quad, NODES, st.sampled_from([ox.NamedNode("urn:p"), ox.NamedNode("urn:q")]), NODES | LITERALS),
        max_size=14,
    )
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_digest_is_that_of_the_library(quads: list[ox.Quad]) -> None:
    dataset = ox.Dataset(quads)
    try:
        _, digest = canonical_form(quads)
    except IndistinctNodesError:
        return
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    lines = sorted(f"{quad} .\n" for quad in dataset)
    assert digest == hashlib.sha256("".join(lines).encode()).hexdigest()


STATEMENT = '<https://example.org/a> <https://w3id.org/edx-reasoner/ontology#hasFinding> "x"'


@pytest.mark.parametrize(
    "label",
    ["a b", "", "a> <urn:b", f"a .\n{STATEMENT} .\n_:b", 'a <urn:b> "c', "é", "<urn:a>", "a#"],
)
def test_the_name_of_a_blank_node_in_json_is_never_taken_for_more(label: str) -> None:
    document = {"@id": "urn:a", "urn:p": {"@id": f"_:{label}", "urn:q": ["x", {"@id": "_:other"}]}}
    quads = read_quads(json.dumps(document).encode(), name="x.jsonld")
    plain = '<urn:a> <urn:p> _:n . _:n <urn:q> "x", _:m .'
    assert canonical_form(quads) == canonical_form(read_quads(plain.encode(), name="x.ttl"))


def test_half_a_surrogate_pair_in_json_is_refused_in_words() -> None:
    for document in (r'{"@id": "urn:a", "urn:p": "\ud800"}', r'{"@id": "urn:a", "urn:\udc00": "x"}'):
        with pytest.raises(UnreadableInputError, match="half of a surrogate pair"):
            read_quads(document.encode(), name="x.jsonld")


def test_a_context_cut_to_what_a_document_uses_reads_it_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = json.loads((data_folder("ontology") / "context.jsonld").read_text("utf-8"))["@context"]
    terms = [key for key in whole if not key.startswith("@") and key not in {"id", "type", "graph"}]
    assert len(terms) > 200

    def read(term: str) -> object:
        document = {
            "@context": "https://w3id.org/edx-reasoner/context.jsonld",
            "id": "urn:a", "type": ["Request", term], term: {"id": "urn:b"}, "hasPurpose": [term], "laterality": term,
            "label": {"@value": f"a \"quoted\" {term}", "@language": "en"}, "edx:note": {"@value": "x", "@type": f"{term}:d"},
        }  # fmt: skip
        try:
            return canonical_form(read_quads(json.dumps(document).encode(), name="x.jsonld"))
        except UnreadableInputError as error:
            return str(error)

    cut = [read(term) for term in terms]
    assert (
        len(with_local_context('{"@context": "https://w3id.org/edx-reasoner/context.jsonld"}', "x"))
        < len(json.dumps(whole)) / 3
    )
    monkeypatch.setattr("reasoner.rdf.jsonld._context_for", lambda _: whole)
    assert [read(term) for term in terms] == cut
    assert any(not isinstance(found, str) for found in cut)


# Graphs in braces ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "graph"),
    [
        ("ex:g { }", "ex:g"),
        ("ex:g { # nothing { here\n }", "ex:g"),
        ('ex:a ex:b "{}" . ex:g {}', "ex:g"),
        ("ex:a ex:b ex:c\\#d . GRAPH ex:g { }", "ex:g"),
        ("ex:a ex:b '''it's {\n}''' . { }", "."),
        ("<http://example.org/#{> ex:b ex:c . ex:g{}", None),
        ('ex:g { ex:a ex:b "}" } # { }', ""),
        ('ex:g { ex:a ex:b """ "" {} \\""""}', ""),
    ],
)
def test_a_graph_without_a_statement_is_found_wherever_it_stands(text: str, graph: str | None) -> None:
    written = f"@prefix ex: <http://example.org/> .\n{text}".encode()
    if graph == "":
        assert read_quads(written, name="x.trig")
        return
    with pytest.raises(UnreadableInputError) as caught:
        read_quads(written, name="x.trig")
    assert graph is None or f"the graph {graph} is empty" in str(caught.value)


# The case carries its index -----------------------------------------------------------------


def test_the_index_of_a_case_is_made_once_and_left_behind_when_it_is_sent_on() -> None:
    case = validate(VALID / "case.ttl").cases[0]
    index = case.index(hierarchy())
    assert index is case.index(hierarchy())
    assert index.statements == case.statements
    again = pickle.loads(pickle.dumps(case))
    assert again == case
    assert set(vars(again)) == {"iri", "label", "source", "statements", "digest", "warnings"}
    assert again.index(hierarchy()).statements == case.statements


def test_rdflib_has_no_further_field_of_a_literal() -> None:
    """`reasoner.rdf.tokens` fills the fields of a text itself."""
    assert rdflib.Literal.__slots__ == ("_language", "_datatype", "_value", "_ill_typed")
