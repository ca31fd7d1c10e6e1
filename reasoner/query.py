"""SPARQL over knowledge, cases and determinations together, each in a graph of its own.

The default graph of a query is the union of all: the ontology (`…/ontology`), each policy edition and each
determination under its own IRI, and each case under the IRI of its request.
"""

import re
from collections.abc import Iterable
from typing import Final

import pyoxigraph as ox
from rdflib import Graph, Literal, URIRef
from rdflib.term import BNode, Node

from reasoner.case import Case
from reasoner.determination import Determination
from reasoner.errors import QueryError
from reasoner.index import Triple
from reasoner.knowledge import Knowledge
from reasoner.ontology import ontology_triples
from reasoner.report import determination_iri, report_graph
from reasoner.terms import BASE, PREFIXES

MAX_NESTING: Final = 100
"""Deeper nesting of a query is refused: the parser would overflow its stack and take the process along."""

MAX_LENGTH: Final = 100_000
"""Longer queries, in characters, are refused."""

# whatever may hide a brace or a word: IRIs, strings, comments
_OPAQUE: Final = re.compile(
    r'<[^<>"{}|^`\\\s]*>|"""(?:[^"\\]|\\.|"(?!""))*"""|\'\'\'(?:[^\'\\]|\\.|\'(?!\'\'))*\'\'\'|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|#[^\n]*',
    re.DOTALL,
)
_FORBIDDEN: Final = re.compile(r"(?<![:?$\w])(SERVICE|LOAD|FROM)(?![\w:])", re.IGNORECASE)
_CHAINED: Final = re.compile(r"(?<![:?$\w])(?:NOT|EXISTS|OPTIONAL|MINUS|UNION|SELECT)(?![\w:])|[!+*/(-]", re.IGNORECASE)


def build_dataset(
    knowledge: Knowledge, cases: Iterable[Case] = (), determinations: Iterable[Determination] = ()
) -> ox.Store:
    """Everything in one store, each part in its named graph."""
    store = ox.Store()
    _load(store, URIRef(BASE + "ontology"), ontology_triples())
    for edition in knowledge.editions:
        _load(store, edition.iri, edition.graph)
    for case in cases:
        _load(store, case.iri, case.triples)
    for determination in determinations:
        _load(store, determination_iri(determination, knowledge), report_graph(determination, knowledge))
    return store


def run_query(store: ox.Store, text: str) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    """Run a query over the union of all graphs; nothing outside the store is reached.

    Raises:
        QueryError: The query is malformed, too long or too deeply nested, or asks for `SERVICE`, `LOAD` or `FROM`.
    """
    _check(text)
    try:
        return store.query(text, prefixes=PREFIXES, use_default_graph_as_union=True)
    except SyntaxError as error:
        raise QueryError(f"The query is no SPARQL 1.1: {error}") from error
    except (ValueError, OSError, RuntimeError) as error:
        raise QueryError(f"The query cannot be answered: {error}") from error


def _check(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise QueryError(f"The query has {len(text)} characters; at most {MAX_LENGTH} are read.")
    bare = _OPAQUE.sub(" ", text)
    forbidden = _FORBIDDEN.search(bare)
    if forbidden:
        raise QueryError(
            f"The query uses {forbidden[1].upper()}. Nothing outside the loaded graphs is read; use GRAPH to choose one of them."
        )
    depth = deepest = 0
    for character in bare:
        depth += (character in "{([") - (character in "})]")
        deepest = max(deepest, depth)
    chained = max((len(_CHAINED.findall(run)) for run in re.split(r"[{};.]", bare)), default=0)
    if deepest > MAX_NESTING or chained > 10 * MAX_NESTING:
        raise QueryError(f"The query nests deeper than {MAX_NESTING} levels; simplify it.")


def _load(store: ox.Store, name: URIRef, triples: Iterable[Triple] | Graph) -> None:
    graph = ox.NamedNode(str(name))
    # blank nodes are named apart by graph, so that two graphs never share one by accident
    scope = f"g{abs(hash(str(name)))}"
    store.bulk_extend(ox.Quad(_term(s, scope), _term(p, scope), _term(o, scope), graph) for s, p, o in triples)  # type: ignore[arg-type]


def _term(node: Node, scope: str) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    if isinstance(node, URIRef):
        return ox.NamedNode(str(node))
    if isinstance(node, BNode):
        return ox.BlankNode(f"{scope}{node}")
    assert isinstance(node, Literal)
    if node.language:
        return ox.Literal(str(node), language=node.language)
    return ox.Literal(str(node), datatype=ox.NamedNode(str(node.datatype)) if node.datatype else None)
