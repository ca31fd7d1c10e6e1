"""Fast reading of the Turtle files that the package itself ships, blank nodes kept."""

from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
from rdflib import BNode, Graph, Literal
from rdflib.term import Node

from reasoner.rdf.nodes import interned_iri
from reasoner.rdf.source_graph import About, SourceGraph

_Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


def read_turtle(paths: Iterable[Path]) -> Graph:
    """One graph of several files, which the caller may change; the prefixes of the files are bound in it.

    Raises:
        SyntaxError: A file is no Turtle; its name and the place stand in the message.
    """
    source = read_source(paths)
    graph = Graph(store="SimpleMemory", bind_namespaces="none")  # no contexts: half the work of the default store
    for subject, by_predicate in source.about.items():
        for predicate, values in by_predicate.items():
            for value in values:
                graph.add((subject, predicate, value))
    for prefix, namespace in source.namespaces():
        graph.bind(prefix, namespace)
    return graph


def read_source(paths: Iterable[Path]) -> SourceGraph:
    """One graph of several files that nobody changes, with the prefixes of the files; quick to read and to ask.

    Raises:
        SyntaxError: A file is no Turtle; its name and the place stand in the message.
    """
    about: About = {}
    prefixes: dict[str, str] = {}
    for number, path in enumerate(paths):
        parser = ox.parse(path=path, format=ox.RdfFormat.TURTLE)
        _read(parser, about, f"f{number}")
        prefixes |= parser.prefixes
    return SourceGraph(about, prefixes)


def _read(quads: Iterable[ox.Quad], about: About, prefix: str) -> None:
    """Add the statements of a file; its blank nodes get names that begin with the prefix."""
    terms: dict[_Term, Node] = {}
    for quad in quads:
        s, p, o = quad.subject, quad.predicate, quad.object
        subject = terms.get(s) or terms.setdefault(s, _term(s, prefix))
        predicate = terms.get(p) or terms.setdefault(p, _term(p, prefix))
        value = terms.get(o)
        if value is None:
            value = terms[o] = _term(o, prefix)
        values = about.setdefault(subject, {}).setdefault(predicate, [])
        if value not in values:
            values.append(value)


def _term(term: _Term, prefix: str) -> Node:
    if isinstance(term, ox.NamedNode):
        return interned_iri(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(prefix + term.value)
    if isinstance(term, ox.Literal):
        if term.language:
            return Literal(term.value, lang=term.language)
        return Literal(term.value, datatype=interned_iri(term.datatype.value), normalize=False)
    raise TypeError(f"{term} is no term of RDF 1.1")
