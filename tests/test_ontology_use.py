"""The terms as ontology, shapes, cases and program use them: none misspelt, none used against its description.

RDF swallows a misspelt term; a shape that contains one never runs.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import DCTERMS, OWL, PROV, RDF, RDFS, SH, SKOS, XSD, URIRef
from rdflib.namespace import DefinedNamespace
from rdflib.term import Node

import reasoner
from reasoner.ontology import declared_terms, hierarchy, load_ontology
from reasoner.resources import data_folder
from reasoner.terms import CONTEXT, EDX, PREFIXES

FOLDERS = {
    "ontology": data_folder("ontology"),
    "shapes": data_folder("shapes"),
    "cases": Path(__file__).parents[1] / "cases",
}
SYNTAXES = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".jsonld": ox.RdfFormat.JSON_LD,
}
VOCABULARIES: dict[str, type[DefinedNamespace]] = {
    str(vocabulary): vocabulary for vocabulary in (DCTERMS, OWL, PROV, RDF, RDFS, SH, SKOS, XSD)
}
QUERY_TERMS = {SH.ask, SH.construct, SH.select}


def files(*suffixes: str) -> list[Path]:
    return sorted(p for folder in FOLDERS.values() for p in folder.rglob("*") if p.suffix in suffixes)


def name(path: Path) -> str:
    return next(f"{key}/{path.relative_to(f)}" for key, f in FOLDERS.items() if path.is_relative_to(f))


@cache
def quads(path: Path) -> tuple[ox.Quad, ...]:
    data = path.read_bytes()
    if path.suffix == ".jsonld":
        context = (data_folder("ontology") / "context.jsonld").read_text(encoding="utf-8")
        data = data.replace(json.dumps(str(CONTEXT)).encode(), json.dumps(json.loads(context)["@context"]).encode())
    return tuple(ox.parse(data, format=SYNTAXES[path.suffix], base_iri="https://example.org/"))


def terms_of(path: Path) -> Iterator[tuple[str, str]]:
    """Every IRI in a file, datatypes and the SPARQL within shapes included, with where it stands."""
    for quad in quads(path):
        for term in (quad.subject, quad.predicate, quad.object, quad.graph_name):
            if isinstance(term, ox.NamedNode):
                yield term.value, name(path)
            elif isinstance(term, ox.Literal):
                yield term.datatype.value, name(path)
                if URIRef(quad.predicate.value) in QUERY_TERMS:
                    yield from terms_in_query(term.value, name(path))


def terms_in_query(text: str, where: str) -> Iterator[tuple[str, str]]:
    text = re.sub(r'"[^"\n]*"|<[^>\s]*>|(?:^|\s)#.*$', " ", text, flags=re.MULTILINE)
    for prefix, local in re.findall(r"(?<![\w?$:])([a-z0-9]+):(\w+)", text):
        if prefix in PREFIXES:
            yield PREFIXES[prefix] + local, f"SPARQL in {where}"


@cache
def used_terms() -> dict[str, set[str]]:
    """Every IRI in use, with the places of its use."""
    found = defaultdict(set)
    for term, where in every_term():
        found[term].add(where)
    return dict(found)


def every_term() -> Iterator[tuple[str, str]]:
    for path in files(*SYNTAXES):
        if path.name != "context.jsonld":
            yield from terms_of(path)
    for path in files(".rq"):
        yield from terms_in_query(path.read_text(encoding="utf-8"), name(path))
    for path in sorted(Path(reasoner.__file__).parent.glob("*.py")):
        for word in re.findall(r"\bEDX(?:\.|\[\")(\w+)", path.read_text(encoding="utf-8")):
            yield str(EDX) + word, path.name


def unknown(namespace: str) -> dict[str, set[str]]:
    """The used terms of a namespace that nothing declares, with the places of their use."""
    vocabulary = VOCABULARIES.get(namespace)
    used = {term: places for term, places in used_terms().items() if term.startswith(namespace) and term != namespace}
    if vocabulary is None:
        return {term: places for term, places in used.items() if URIRef(term) not in declared_terms()}
    return {term: places for term, places in used.items() if URIRef(term) not in vocabulary}


def test_the_files_are_found() -> None:
    found = [name(path).split("/")[0] for path in files(*SYNTAXES)]
    assert found.count("ontology") == 15  # fourteen of Turtle, and the context
    assert found.count("shapes") >= 19
    assert found.count("cases") >= 1
    assert any(where == "components.py" for places in used_terms().values() for where in places)


def test_no_term_of_ours_is_used_that_the_ontology_does_not_declare() -> None:
    assert sum(term.startswith(str(EDX)) for term in used_terms()) > 350
    assert unknown(str(EDX)) == {}


@pytest.mark.parametrize("namespace", VOCABULARIES)
def test_no_term_is_used_that_its_vocabulary_does_not_have(namespace: str) -> None:
    assert unknown(namespace) == {}


def test_a_misspelt_term_would_be_seen() -> None:
    """`sh:shape` stood for `sh:node` in a well-known profile; five of its checks never ran."""
    assert SH.node in VOCABULARIES[str(SH)]
    assert URIRef(str(SH) + "shape") not in VOCABULARIES[str(SH)]
    query = 'SELECT ?x { ?x edx:hasFindng/sh:pth ?y . # edx:comment\n FILTER(?y != "edx:text" && ?y != <sh:iri>) }'
    assert {term for term, _ in terms_in_query(query, "here")} == {str(EDX) + "hasFindng", str(SH) + "pth"}


# Prefixes


def prefixes(path: Path) -> list[tuple[str, str]]:
    text = path.read_text(encoding="utf-8")
    return re.findall(r"(?im)^\s*@?prefix\s+([\w-]*):\s*<([^>]*)>", text)


def test_every_prefix_means_one_iri_everywhere() -> None:
    meanings = defaultdict(set, {prefix: {iri} for prefix, iri in PREFIXES.items()})
    for path in files(".ttl", ".trig", ".rq"):
        for prefix, iri in prefixes(path):
            if prefix:  # the empty one is the file's own
                meanings[prefix].add(iri)
    assert {prefix: iris for prefix, iris in meanings.items() if len(iris) > 1} == {}
    owners = defaultdict(set)
    for prefix, iris in meanings.items():
        for iri in iris:
            owners[iri].add(prefix)
    assert {iri: found for iri, found in owners.items() if len(found) > 1} == {}


@pytest.mark.parametrize("path", [p for p in files(".ttl") if not name(p).startswith("cases")], ids=name)
def test_a_file_declares_its_prefixes_sorted_and_none_that_it_does_not_use(path: Path) -> None:
    declared = [prefix for prefix, _ in prefixes(path)]
    assert declared == sorted(declared)
    text = re.sub(r"(?m)^@prefix.*$", "", path.read_text(encoding="utf-8"))
    bare = re.sub(r'"""(?:.|\n)*?"""|"(?:[^"\\\n]|\\.)*"|<[^>\s]*>|(?m:(?:^|\s)#.*$)', " ", text)
    used = set(re.findall(r"(?<![\w:-])([\w-]*):", bare))
    assert set(declared) == used


# Domains and ranges

ONTOLOGY = load_ontology()


def classes_of(value: Node) -> set[Node]:
    union = ONTOLOGY.value(value, OWL.unionOf)
    return {value} if union is None else set(ONTOLOGY.items(union))


DOMAINS = {str(prop): classes_of(value) for prop, value in ONTOLOGY.subject_objects(RDFS.domain)}
RANGES = {
    str(prop): classes_of(value)
    for prop, value in ONTOLOGY.subject_objects(RDFS.range)
    if (prop, RDF.type, OWL.ObjectProperty) in ONTOLOGY
}


def inferred(path: Path) -> set[tuple[str, str, str]]:
    """Property, side and node, where a domain or range says of a node what its types do not.

    The payer of a case is left out: the case names it, and the policy's file says what it is.
    """
    types: dict[str, set[Node]] = defaultdict(set, {str(term): set(kinds) for term, kinds in declared_terms().items()})
    stated = [(str(q.subject).strip("<>"), q.predicate.value, q.object) for q in quads(path)]
    for subject, predicate, value in stated:
        if predicate == str(RDF.type):
            types[subject].add(URIRef(str(value).strip("<>")))
    found = set()
    for subject, predicate, value in stated:
        sides = {"domain": (subject, DOMAINS.get(predicate))}
        if not isinstance(value, ox.Literal) and predicate != str(EDX.payer):
            sides["range"] = (str(value).strip("<>"), RANGES.get(predicate))
        for side, (node, expected) in sides.items():
            if expected and not any(expected & hierarchy().ancestors(cls) for cls in types[node]):
                found.add((predicate.removeprefix(str(EDX)), side, node))
    return found


@pytest.mark.parametrize("folder", ["shapes/policies", "cases"])
def test_no_domain_or_range_infers_a_class_that_a_node_does_not_state(folder: str) -> None:
    """Otherwise a reasoner would take a node for what its author did not say it is."""
    assert len(DOMAINS) > 50
    assert len(RANGES) > 30
    top, _, rest = folder.partition("/")
    found = sorted((FOLDERS[top] / rest).rglob("*.ttl"))
    assert found
    assert {path: inferred(path) for path in found if inferred(path)} == {}


def test_an_inferred_class_would_be_seen(tmp_path: Path) -> None:
    path = tmp_path / "wrong.ttl"
    path.write_text(f"@prefix edx: <{EDX}> . <urn:x> a edx:Numbness ; edx:certainty edx:Left .", encoding="utf-8")
    assert inferred(path) == {("certainty", "domain", "urn:x"), ("certainty", "range", str(EDX.Left))}
