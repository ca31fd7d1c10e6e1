"""The canonical form of a case: the same statements give the same bytes, whatever they were written in.

RDF Dataset Canonicalization (RDFC-1.0, W3C Recommendation of 2024-05-21) names the blank nodes; the digest of the
canonical N-Quads is the digest of the case, and blank nodes become IRIs below it (skolemization, RDF 1.1 section 3.5).
"""

import hashlib
import logging
import re
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from math import factorial
from typing import Final

import pyoxigraph as ox
import rdflib
from rdflib import XSD
from rdflib.term import Node

from reasoner.index import Triple
from reasoner.terms import GENID

_MOST_WORK: Final = 50_000
_TEXT_ONLY: Final = frozenset({str(rdflib.RDF.XMLLiteral), str(rdflib.RDF.HTML)})
_SURELY_WELL_TYPED: Final = {
    str(XSD.boolean): re.compile(r"true|false|1|0"),
    str(XSD.date): re.compile(r"(?!0000)\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])"),
    str(XSD.integer): re.compile(r"[+-]?\d{1,18}"),
}


class IndistinctNodesError(ValueError):
    """So many blank nodes look alike that naming them canonically could take for ever."""


def canonical_form(quads: Iterable[ox.Quad]) -> tuple[frozenset[Triple], str]:
    """Statements with IRIs in place of blank nodes, and the SHA-256 of the canonical N-Quads.

    The name of the graph is left out of account. Lexical forms of literals stay as they are.

    Raises:
        IndistinctNodesError: Naming the blank nodes would take exponential time.
    """
    dataset = ox.Dataset(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
    _check_work(dataset)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    lines = str(dataset).split("\n")  # N-Quads: a line break inside a literal is escaped
    digest = hashlib.sha256("".join(f"{line}\n" for line in sorted(filter(None, lines))).encode()).hexdigest()
    prefix = f"{GENID}{digest[:16]}/"
    return frozenset(rdflib_triples(dataset, prefix)), digest


def rdflib_triples(quads: Iterable[ox.Quad], blank_prefix: str) -> Iterator[Triple]:
    """Statements as rdflib has them, with blank nodes as IRIs below a prefix."""
    for quad in quads:
        yield (
            _node(quad.subject, blank_prefix),
            rdflib.URIRef(quad.predicate.value),
            _node(quad.object, blank_prefix),
        )


def _node(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple, blank_prefix: str) -> Node:
    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.URIRef(blank_prefix + term.value)
    if isinstance(term, ox.Literal):
        return _literal(term)
    raise TypeError("Triple terms are refused when a file is read.")


def _literal(term: ox.Literal) -> rdflib.Literal:
    if term.language:
        return rdflib.Literal(term.value, lang=term.language, normalize=False)
    datatype = term.datatype.value
    if datatype == str(XSD.string):
        return rdflib.Literal(term.value)
    if datatype in _TEXT_ONLY:
        # rdflib would run an XML or HTML parser over untrusted text; intake refuses the datatype by its name
        return rdflib.Literal(term.value, datatype=rdflib.URIRef(datatype + "#unread"))
    form = _SURELY_WELL_TYPED.get(datatype)
    if form and form.fullmatch(term.value):
        return rdflib.Literal(term.value, datatype=rdflib.URIRef(datatype), normalize=False)
    with _quiet_conversion():
        return rdflib.Literal(term.value, datatype=rdflib.URIRef(datatype), normalize=False)


def _is_no_conversion(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith("Failed to convert Literal")


@contextmanager
def _quiet_conversion() -> Iterator[None]:
    """An ill-typed literal is reported by intake; rdflib would print a traceback beside it."""
    logger = logging.getLogger("rdflib.term")
    logger.addFilter(_is_no_conversion)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            yield
    finally:
        logger.removeFilter(_is_no_conversion)


def _check_work(dataset: ox.Dataset) -> None:
    """Estimate what RDFC-1.0 has to try: permutations of like neighbours around each node that has a like."""
    statements: dict[str, list[str]] = defaultdict(list)
    neighbours: dict[str, set[str]] = defaultdict(set)
    for quad in dataset:
        s, o = quad.subject, quad.object
        s_blank = s.value if isinstance(s, ox.BlankNode) else None
        o_blank = o.value if isinstance(o, ox.BlankNode) else None
        if s_blank:
            other = "_:me" if s_blank == o_blank else "_:other" if o_blank else str(o)
            statements[s_blank].append(f"> {quad.predicate} {other}")
        if o_blank and s_blank != o_blank:
            statements[o_blank].append(f"< {quad.predicate} {'_:other' if s_blank else s}")
        if s_blank and o_blank:
            neighbours[s_blank].add(o_blank)
            neighbours[o_blank].add(s_blank)
    look = {node: "\n".join(sorted(found)) for node, found in statements.items()}
    alike: dict[str, int] = defaultdict(int)
    for appearance in look.values():
        alike[appearance] += 1
    work = 1
    for node, around in neighbours.items():
        if alike[look[node]] < 2:
            continue
        groups: dict[str, int] = defaultdict(int)
        for other in around:
            groups[look[other]] += 1
        for appearance, size in groups.items():
            if alike[appearance] > 1:
                work *= factorial(min(size, 10))
        if work > _MOST_WORK:
            raise IndistinctNodesError("Too many nodes without an IRI look alike.")
