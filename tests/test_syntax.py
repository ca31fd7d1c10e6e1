"""Reading: the same statements give the same case in any syntax; what cannot be read says where and why."""

import json
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import XSD, Literal, URIRef

from reasoner.errors import UnreadableInputError
from reasoner.rdf.canonical import IndistinctNodesError, canonical_form
from reasoner.rdf.index import Triple
from reasoner.rdf.syntax import EXTENSIONS, SYNTAXES, read_quads
from reasoner.terms import CONTEXT, EDX, GENID

VALID = Path(__file__).parent / "intake_valid"
BROKEN = Path(__file__).parent / "intake"
QUADS = read_quads(VALID / "case.ttl")
TRIPLES, DIGEST = canonical_form(QUADS)


def as_read(data: bytes, name: str, **how: str) -> tuple[frozenset[Triple], str]:
    return canonical_form(read_quads(data, name=name, **how))


# The same statements, the same case ----------------------------------------------


def test_six_syntaxes_give_the_same_case() -> None:
    files = sorted(VALID.glob("case.*"))
    assert {EXTENSIONS[path.suffix] for path in files} == set(SYNTAXES)
    for path in files:
        assert canonical_form(read_quads(path)) == (TRIPLES, DIGEST), path.name


@st.composite
def rewritten(draw: st.DrawFn) -> tuple[bytes, str]:
    """The statements of the case in another order, with other blank nodes, another graph and another syntax."""
    syntax = draw(st.sampled_from(sorted(SYNTAXES)))
    names = draw(st.permutations(range(40)))
    renamed: dict[str, ox.BlankNode] = {}

    def other(term: ox.NamedNode | ox.BlankNode | ox.Literal) -> ox.NamedNode | ox.BlankNode | ox.Literal:
        if isinstance(term, ox.BlankNode):
            return renamed.setdefault(term.value, ox.BlankNode(f"b{names[len(renamed)]}"))
        return term

    quads = draw(st.permutations(QUADS))
    in_graphs = syntax in {"nquads", "trig", "jsonld"}
    graph = draw(st.sampled_from([None, "https://example.org/g", "urn:another"])) if in_graphs else None
    where = ox.NamedNode(graph) if graph else ox.DefaultGraph()
    made = [ox.Quad(other(q.subject), q.predicate, other(q.object), where) for q in quads]
    prefixes = {draw(st.sampled_from(["edx", "e", "x"])): str(EDX)}
    written = ox.serialize(
        made if in_graphs else [q.triple for q in made],
        format=SYNTAXES[syntax],
        prefixes=prefixes if syntax in {"turtle", "trig", "rdfxml"} else None,
    )
    return written, syntax


@settings(max_examples=150, deadline=None)
@given(rewritten())
def test_order_names_graph_prefixes_and_syntax_change_nothing(written: tuple[bytes, str]) -> None:
    data, syntax = written
    assert as_read(data, "case", syntax=syntax) == (TRIPLES, DIGEST)


SUBJECTS = st.sampled_from([ox.NamedNode("urn:a"), *(ox.BlankNode(f"n{i}") for i in range(5))])
STATEMENTS = st.lists(
    st.builds(
        ox.Quad,
        SUBJECTS,
        st.sampled_from([ox.NamedNode("urn:p"), ox.NamedNode("urn:q")]),
        SUBJECTS | st.just(ox.Literal("x")),
    ),
    max_size=12,
)


@settings(max_examples=300, deadline=None)
@given(STATEMENTS, st.permutations(range(5)), st.randoms(use_true_random=False))
def test_any_small_graph_is_named_by_its_shape_alone(quads: list[ox.Quad], order: list[int], random: object) -> None:
    def other(term: object) -> object:
        return ox.BlankNode(f"m{order[int(term.value[1:])]}") if isinstance(term, ox.BlankNode) else term

    again = [ox.Quad(other(q.subject), q.predicate, other(q.object)) for q in quads]
    random.shuffle(again)
    try:
        expected = canonical_form(quads)
    except IndistinctNodesError:
        with pytest.raises(IndistinctNodesError):
            canonical_form(again)
        return
    assert canonical_form(again) == expected


@pytest.mark.parametrize("change", ["one statement less", "one word more", "another date"])
def test_another_record_has_another_digest(change: str) -> None:
    text = (VALID / "case.ttl").read_text(encoding="utf-8")
    changed = {
        "one statement less": text.replace("    edx:excludesFinding edx:MuscleAtrophy ;\n", ""),
        "one word more": text.replace("goes numb at night", "often goes numb at night"),
        "another date": text.replace('edx:onset "2025-06-01"', 'edx:onset "2025-06-02"'),
    }[change]
    assert changed != text
    assert as_read(changed.encode(), "case.ttl")[1] != DIGEST


def test_unnamed_nodes_become_iris_below_the_digest() -> None:
    nodes = {term for triple in TRIPLES for term in triple}
    assert all(isinstance(term, URIRef | Literal) for term in nodes)
    unnamed = [str(term) for term in nodes if str(term).startswith(GENID)]
    assert len(unnamed) == 10
    assert all(iri.startswith(f"{GENID}{DIGEST[:16]}/c14n") for iri in unnamed)


def test_two_equal_statements_of_unnamed_nodes_stay_two() -> None:
    assert sum(o == EDX.SensoryNerveConductionStudy for _, _, o in TRIPLES) == 2


@pytest.mark.parametrize(
    ("lexical", "datatype", "ill_typed"),
    [
        ("007", XSD.integer, False),
        ("2025-02-30", XSD.date, True),
        ("yes", XSD.boolean, True),
        ("1", XSD.boolean, False),
    ],
)
def test_lexical_forms_stay_as_they_are(
    lexical: str, datatype: URIRef, ill_typed: bool, caplog: pytest.LogCaptureFixture
) -> None:
    triples, _ = as_read(f'<urn:a> <urn:b> "{lexical}"^^<{datatype}> .'.encode(), "x.nt")
    value = next(iter(triples))[2]
    assert (str(value), value.datatype, bool(value.ill_typed)) == (lexical, datatype, ill_typed)
    assert not caplog.records, "rdflib prints a traceback for an ill-typed literal"


@pytest.mark.parametrize("datatype", ["XMLLiteral", "HTML"])
def test_markup_in_a_literal_is_never_parsed(datatype: str) -> None:
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    bomb = '<!DOCTYPE a [<!ENTITY b \\"c\\">]><a>&b;</a>'
    triples, _ = as_read(f'<urn:a> <urn:b> "{bomb}"^^<{rdf}{datatype}> .'.encode(), "x.nt")
    value = next(iter(triples))[2]
    assert value.value is None
    assert value.datatype != URIRef(rdf + datatype)


# What cannot be read ----------------------------------------------------------------

WORDS = {
    "refused-empty-file.ttl": "the file is empty",
    "refused-binary-junk.ttl": "binary data",
    "refused-image.ttl": "a PNG image",
    "refused-not-utf-8.ttl": "line 1, byte 37: not UTF-8 (byte 0xe9)",
    "refused-unknown-extension.yaml": "the extension '.yaml' names no RDF syntax",
    "refused-syntax.ttl": "line 6, column 54: not Turtle: blank node property lists should end with a ']'",
    "refused-undeclared-prefix.ttl": "line 2, column 33: not Turtle: The prefix edx: has not been declared",
    "refused-relative-iri.ttl": "An IRI must be absolute",
    "refused-json-in-turtle.ttl": "looks like JSON-LD",
    "refused-turtle-in-json.jsonld": "looks like Turtle",
    "refused-turtle-in-ntriples.nt": "looks like Turtle",
    "refused-quads-in-turtle.ttl": "looks like N-Quads",
    "refused-page-of-the-web.rdf": "looks like HTML",
    "refused-document-type.rdf": "line 3: <!DOCTYPE is not accepted",
    "refused-mismatched-tag.rdf": "line 7, column 5: not RDF/XML",
    "refused-broken-json.jsonld": "line 3, column 1: not JSON-LD",
    "refused-remote-context.jsonld": f"the remote context https://schema.org/ is not fetched. Use {CONTEXT}",
    "refused-imported-context.jsonld": "the imported context https://schema.org/ is not fetched",
    "refused-undeclared-key.jsonld": 'no context declares "hasFindng". Did you mean "hasFinding"?',
    "refused-key-twice.jsonld": 'the key "dateOfService" stands twice',
    "refused-relative-identifier.jsonld": 'the identifier "request" is relative',
    "refused-triple-term.ttl": "Use RDF 1.1",
    "refused-empty-graph.trig": "the graph ex:two is empty",
}


@pytest.mark.parametrize("name", sorted(WORDS))
def test_unreadable_file_says_where_and_why(name: str) -> None:
    with pytest.raises(UnreadableInputError) as caught:
        read_quads(BROKEN / name)
    assert WORDS[name] in str(caught.value)
    assert str(caught.value).startswith(str(BROKEN / name))


def test_every_file_that_is_called_unreadable_stands_in_the_table() -> None:
    listed = {path for path in BROKEN.iterdir() if b"# expect: intake:readable" in path.read_bytes()}
    assert {path.name.removesuffix(".expect") for path in listed} == set(WORDS)


def test_missing_file_and_folder_are_named() -> None:
    with pytest.raises(UnreadableInputError, match="there is no such file"):
        read_quads(BROKEN / "none.ttl")
    with pytest.raises(UnreadableInputError, match="this is a folder"):
        read_quads(BROKEN)


def test_unknown_syntax_lists_the_known_ones() -> None:
    with pytest.raises(UnreadableInputError, match="turtle, ntriples, nquads, trig, rdfxml, jsonld"):
        read_quads(b"x", name="x.ttl", syntax="n3")


@pytest.mark.parametrize(
    "document",
    [
        {"@id": "urn:a", "word": "x"},
        {"@id": "urn:a", "@context": None, "word": "x"},
        {"@id": "urn:a", "@context": {"@vocab": None}, "word": "x"},
        {"@id": "urn:a", "@context": [str(CONTEXT), None], "word": "x"},
        {"@context": {"p": "urn:p"}, "@id": "urn:a", "p": {"@context": None, "word": "x"}},
        [{"@id": "urn:a", "word": "x"}],
        {"@graph": [{"@id": "urn:a", "word": {"@id": "urn:b"}}]},
        {"@context": str(CONTEXT), "id": "urn:a", "type": "word"},
        {"@context": str(CONTEXT), "id": "urn:a", "hasPurpose": "word"},
    ],
)
def test_json_key_that_no_context_declares_is_never_dropped(document: object) -> None:
    with pytest.raises(UnreadableInputError, match='no context declares "word"'):
        read_quads(json.dumps(document).encode(), name="x.jsonld")


@pytest.mark.parametrize("iri", ["urn:a b", "http://a/<", "urn:a|b"])
def test_malformed_identifier_in_json_is_never_dropped(iri: str) -> None:
    for document in ({"@id": iri, "urn:p": "x"}, {"@id": "urn:a", iri: "x"}, {"@id": "urn:a", "urn:p": {"@id": iri}}):
        with pytest.raises(UnreadableInputError, match=r"is no IRI|no context declares"):
            read_quads(json.dumps(document).encode(), name="x.jsonld")


def test_deep_nesting_is_refused_and_does_not_overflow() -> None:
    with pytest.raises(UnreadableInputError, match="levels deep inside each other"):
        read_quads(b"[" * 100_000 + b"]" * 100_000, name="x.jsonld")


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(sorted(SYNTAXES)))
def test_junk_is_read_or_refused_in_words(data: bytes, syntax: str) -> None:
    try:
        read_quads(data, name="junk", syntax=syntax)
    except UnreadableInputError as error:
        assert "Traceback" not in str(error)  # noqa: PT017 - reading some junk successfully is fine


def test_look_alike_nodes_are_refused_before_they_take_time() -> None:
    with pytest.raises(IndistinctNodesError):
        canonical_form(read_quads(BROKEN / "refused-nodes-that-look-alike.ttl"))


def test_thirty_equal_findings_of_one_request_are_no_trouble() -> None:
    findings = ", ".join(["[ a edx:Numbness ; edx:onset '2025-01-01' ]"] * 30)
    text = f"@prefix edx: <{EDX}> . [] a edx:Request ; edx:hasFinding {findings} ."
    assert len(as_read(text.encode(), "x.ttl")[0]) == 91
