"""SPARQL over knowledge, cases and determinations together, each in a graph of its own.

The ontology is the graph `…/ontology`, each policy edition and each determination is the graph of its own IRI, and each
case that of its request. The default graph is their union as RDF has it, and is held as such: the engine's own union
would give a triple that stands in two graphs twice, and every count would be off.
"""

import hashlib
import re
from collections.abc import Iterable
from typing import Final

import pyoxigraph as ox
from rdflib import Graph, Literal, URIRef
from rdflib.term import BNode, Node

from reasoner.case import Case
from reasoner.errors import QueryError, UsageError
from reasoner.evaluation.determination import Determination
from reasoner.knowledge import Knowledge
from reasoner.rdf.index import Triple
from reasoner.report.content import determination_iri
from reasoner.report.text import report_text
from reasoner.terminology.ontology import ontology_triples
from reasoner.terms import BASE, PREFIXES

MAX_NESTING: Final = 50
"""Levels of brackets in a query. The parser recurses, and past some 300 levels it would take the process along."""

MAX_TOKENS: Final = 1000
"""Tokens of a query outside VALUES blocks. Long chains recurse as well: the shortest that overflowed had 3000."""

MAX_LENGTH: Final = 1_000_000
"""Characters of a query; room for VALUES blocks with thousands of codes."""

# Whatever may hide a bracket or a word. A name may hold escaped characters (`ex:a\#b`), so that the escape goes first.
# What looks like an IRI may be a comparison (`?a<((1))&&?b>1`), so that its brackets and operators still count.
_OPAQUE: Final = re.compile(
    r"""\\.|(?P<iri><[^<>"{}|^`\\\s]*>)"""
    r'''|"""(?:[^"\\]|\\.|"(?!""))*"""|\'\'\'(?:[^\'\\]|\\.|\'(?!\'\'))*\'\'\''''
    r"""|"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*'|\#[^\n\r]*""",
    re.DOTALL,
)
_WORD_BEFORE: Final = r"(?<![\w:?$@\\-])"
_FORBIDDEN: Final = re.compile(rf"{_WORD_BEFORE}(SERVICE|LOAD|FROM)(?![\w:])", re.IGNORECASE)
_VALUES: Final = re.compile(
    rf"{_WORD_BEFORE}VALUES\s*(?:[?$]\w+|\((?:\s*[?$]\w+)*\s*\))\s*\{{[^{{}}]*\}}", re.IGNORECASE
)
_TOKEN: Final = re.compile(r"[?$]?(?:\w*:)?\w+|\S")


def build_dataset(
    knowledge: Knowledge, cases: Iterable[Case] = (), determinations: Iterable[Determination] = ()
) -> ox.Store:
    """Everything in one store, each part in its named graph.

    Raises:
        UsageError: Two different cases have a request of the same IRI, so that they would be one.
    """
    store = ox.Store()
    _load(store, URIRef(BASE + "ontology"), ontology_triples())
    for edition in knowledge.editions:
        _load(store, edition.iri, edition.graph)
    seen: dict[URIRef, Case] = {}
    for case in cases:
        other = seen.setdefault(case.iri, case)
        if other.digest != case.digest:
            raise UsageError(
                f"The request <{case.iri}> stands in {other.source} and, with other statements, in {case.source}. "
                "Ask about them one by one, or give each request an IRI of its own."
            )
        _load(store, case.iri, case.triples)
    for determination in determinations:
        name = ox.NamedNode(determination_iri(determination, knowledge))
        text = report_text(determination, knowledge)
        for graph in (name, ox.DefaultGraph()):
            store.bulk_load(text.encode(), format=ox.RdfFormat.TURTLE, to_graph=graph)
    return store


def run_query(store: ox.Store, text: str) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    """Run a query; without GRAPH it sees all graphs as one. Nothing outside the store is reached.

    Raises:
        QueryError: The query is malformed, too long or too deeply nested, or asks for `SERVICE`, `LOAD` or `FROM`.
    """
    check_query(text)
    try:
        return store.query(text, prefixes=PREFIXES)
    except SyntaxError as error:
        raise QueryError(f"The query is no SPARQL 1.1 query: {error}") from error
    except (ValueError, OSError, RuntimeError) as error:
        raise QueryError(f"The query cannot be answered: {error}") from error


def check_query(text: str) -> None:
    """Refuse what must not reach the engine, before its parser sees it.

    Raises:
        QueryError: The query is too long or too deeply nested, or asks for `SERVICE`, `LOAD` or `FROM`.
    """
    if len(text) > MAX_LENGTH:
        raise QueryError(f"The query has {len(text)} characters; at most {MAX_LENGTH} are read.")
    forbidden = _FORBIDDEN.search(_OPAQUE.sub(" ", text))
    if forbidden:
        raise QueryError(
            f"The query uses {forbidden[1].upper()}. Nothing outside the loaded graphs is read; "
            "use GRAPH to choose one of them."
        )
    bare = _OPAQUE.sub(_bare, text)
    depth = deepest = 0
    for character in bare:
        depth += (character in "{([") - (character in "})]")
        deepest = max(deepest, depth)
    if deepest > MAX_NESTING:
        raise QueryError(f"The query nests {deepest} levels deep; at most {MAX_NESTING} are read. Simplify it.")
    tokens = len(_TOKEN.findall(_VALUES.sub(" VALUES ?x {} ", bare)))
    if tokens > MAX_TOKENS:
        raise QueryError(
            f"The query has {tokens} words and signs; at most {MAX_TOKENS} are read beside VALUES blocks. "
            "Put long lists into VALUES, or split the query."
        )


def _bare(match: re.Match[str]) -> str:
    return " x " + re.sub(r"\w+", " ", match["iri"][1:-1]) if match["iri"] else " x "


def _load(store: ox.Store, name: URIRef, triples: Iterable[Triple] | Graph) -> None:
    # blank nodes are named apart by graph, so that two graphs never share one by accident
    scope = "g" + hashlib.sha256(str(name).encode()).hexdigest()[:16]
    terms = [(_term(s, scope), _term(p, scope), _term(o, scope)) for s, p, o in triples]
    for graph in (ox.NamedNode(str(name)), ox.DefaultGraph()):
        store.bulk_extend(ox.Quad(s, p, o, graph) for s, p, o in terms)  # type: ignore[arg-type]


def _term(node: Node, scope: str) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    if isinstance(node, URIRef):
        return ox.NamedNode(str(node))
    if isinstance(node, BNode):
        return ox.BlankNode(f"{scope}{node}")
    assert isinstance(node, Literal)
    if node.language:
        return ox.Literal(str(node), language=node.language)
    return ox.Literal(str(node), datatype=ox.NamedNode(str(node.datatype)) if node.datatype else None)
