"""What the project has written, file by file: the terms that each file uses and the prefixes that it declares.

RDF swallows a misspelt term, and a parser forgets prefixes; the tests of the ontology's use and of its hygiene look here.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pyoxigraph as ox
from rdflib import SH, URIRef

import reasoner
from reasoner.resources import data_folder
from reasoner.terms import CONTEXT, EDX, PREFIXES

TESTS = Path(__file__).parent
FOLDERS = {
    "ontology": data_folder("ontology"),
    "shapes": data_folder("shapes"),
    "cases": TESTS.parent / "cases",
    "hygiene": TESTS / "hygiene",
    "questions": TESTS / "questions",
}
PROGRAM = Path(reasoner.__file__).parent
SYNTAXES = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".jsonld": ox.RdfFormat.JSON_LD,
}
TABLES = (".csv", ".tsv")
QUERY_TERMS = {SH.ask, SH.construct, SH.select}
_CURIE = re.compile(r"(?<![\w?$:])([A-Za-z0-9]+):(\w[\w.]*\w|\w)")


def files(*suffixes: str) -> list[Path]:
    return sorted(p for folder in FOLDERS.values() for p in folder.rglob("*") if p.suffix in suffixes)


def name(path: Path) -> str:
    """The path as this project names it: `ontology/body.ttl`, `program/cli/main.py`."""
    if path.suffix == ".py":
        return f"program/{path.relative_to(PROGRAM).as_posix()}"
    return next(f"{key}/{path.relative_to(f).as_posix()}" for key, f in FOLDERS.items() if path.is_relative_to(f))


@cache
def quads(path: Path) -> tuple[ox.Quad, ...]:
    data = path.read_bytes()
    if path.suffix == ".jsonld":
        context = (data_folder("ontology") / "context.jsonld").read_text(encoding="utf-8")
        data = data.replace(json.dumps(str(CONTEXT)).encode(), json.dumps(json.loads(context)["@context"]).encode())
    return tuple(ox.parse(data, format=SYNTAXES[path.suffix], base_iri="https://example.org/"))


def terms_of(path: Path) -> Iterator[str]:
    """Every IRI in a file of RDF, datatypes and the SPARQL within shapes included."""
    for quad in quads(path):
        for term in (quad.subject, quad.predicate, quad.object, quad.graph_name):
            if isinstance(term, ox.NamedNode):
                yield term.value
            elif isinstance(term, ox.Literal):
                yield term.datatype.value
                if URIRef(quad.predicate.value) in QUERY_TERMS:
                    yield from terms_in_query(term.value)


def terms_in_query(text: str) -> Iterator[str]:
    text = re.sub(r'"[^"\n]*"|<[^>\s]*>|(?:^|\s)#.*$', " ", text, flags=re.MULTILINE)
    return curies(text)


def curies(text: str) -> Iterator[str]:
    """The terms that a text names with one of the standard prefixes."""
    for prefix, local in _CURIE.findall(text):
        if prefix in PREFIXES:
            yield PREFIXES[prefix] + local


@cache
def used_terms() -> dict[str, set[str]]:
    """Every IRI in use, with the files of its use."""
    found = defaultdict(set)
    for term, where in every_term():
        found[term].add(where)
    return dict(found)


def every_term() -> Iterator[tuple[str, str]]:
    for path in files(*SYNTAXES):
        if path.name != "context.jsonld":
            yield from ((term, name(path)) for term in terms_of(path))
    for path in files(".rq"):
        yield from ((term, name(path)) for term in terms_in_query(path.read_text(encoding="utf-8")))
    for path in files(*TABLES):
        rows = (line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
        yield from ((term, name(path)) for row in rows for term in curies(row))
    for path in sorted(PROGRAM.rglob("*.py")):
        for word in re.findall(r"\bEDX(?:\.|\[\")(\w+)", path.read_text(encoding="utf-8")):
            yield str(EDX) + word, name(path)


def prefixes(path: Path) -> list[tuple[str, str]]:
    """The prefixes that a file declares, in order: Turtle, SPARQL, Python, a JSON-LD context, `curie_map` of a table."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return re.findall(r"""["']([A-Za-z][\w-]*)["']: ["'](https?://[^"'\s]+[#/_])["']""", text)
    if path.suffix in TABLES:
        block = re.search(r"(?m)^#\s*curie_map:\n((?:#\s{2,}\S.*\n)+)", text)
        return re.findall(r"""(?m)^#\s+([\w-]+):\s+["']?([^\s"']+)["']?$""", block[1]) if block else []
    if path.name == "context.jsonld":
        context = json.loads(text)["@context"]
        return [(key, value) for key, value in context.items() if isinstance(value, str) and value.endswith(("/", "#"))]
    return re.findall(r"(?im)^\s*@?prefix\s+([\w-]*):\s*<([^>]*)>", text)
