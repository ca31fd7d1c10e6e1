"""Statements by their N-Triples form: the terms of a case are made from tokens, equal tokens once.

A token is an IRI, a blank node or a literal as pyoxigraph writes it. An IRI that the knowledge has comes as the one
object for it (`reasoner.rdf.nodes`), and terms are made without rdflib's validation, since the parser has validated
them; that each token is one whole term all the same is checked here, so that nothing inside a term can pass for
another one.
"""

import logging
import re
import warnings
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import pyoxigraph as ox
import rdflib
from rdflib import XSD
from rdflib.term import Node

from reasoner.rdf.nodes import known

Tokens = tuple[str, str, str, str]
"""A statement: its line of N-Triples, then subject, predicate and object."""

BLANK: Final = "_"
"""How the token of a blank node begins, and no other."""
BLANK_NODE: Final = "_:"
"""The same in full: text without it has no blank node."""
_new: Final = str.__new__
_IRI: Final = re.compile(r"<[^\x00-\x20<>\"{}|\\^`]*>")
_IRIS: Final = re.compile(rf"{_IRI.pattern}(?: {_IRI.pattern})*+")
_BLANK_NODE: Final = re.compile(r"_:[^\x00-\x20<>\"\\]+")
_LITERAL: Final = re.compile(
    r'"(?P<text>[^"\\]*(?:\\.[^"\\]*)*)"'
    r"(?:\^\^<(?P<datatype>[^\x00-\x20<>\"{}|\\^`]+)>|@(?P<language>[A-Za-z0-9-]+?)(?:--(?P<direction>ltr|rtl))?)?"
)
_TEXT_ONLY: Final = frozenset({str(rdflib.RDF.XMLLiteral), str(rdflib.RDF.HTML)})
_SURELY_WELL_TYPED: Final = {
    str(XSD.boolean): re.compile(r"true|false|1|0"),
    str(XSD.date): re.compile(r"(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"),
    str(XSD.integer): re.compile(r"[+-]?[0-9]{1,18}"),
}


def tokens_of(quads: Sequence[ox.Quad]) -> list[Tokens]:
    """The statements of quads, in their order; the names of graphs are left out.

    Raises:
        ValueError: A blank node or another term is not written as N-Triples demands; no parser gives such a quad.
    """
    return tokens_of_lines(lines_of(quads))


def lines_of(quads: Sequence[ox.Quad]) -> list[str]:
    """The lines of N-Triples of quads, in their order; the names of graphs are left out.

    Raises:
        ValueError: A blank node or another term is not written as N-Triples demands; no parser gives such a quad.
    """
    try:
        written = ox.serialize(quads, format=ox.RdfFormat.N_TRIPLES)
    except ValueError:  # some stand in named graphs
        written = ox.serialize([quad.triple for quad in quads], format=ox.RdfFormat.N_TRIPLES)
    assert written is not None  # it is None only where the output goes to a file
    lines = written.decode().split("\n")[:-1]
    if len(lines) != len(quads):
        raise ValueError("A statement is more than one line.")
    return lines


def tokens_of_lines(lines: Sequence[str]) -> list[Tokens]:
    """The statements of lines as pyoxigraph writes them, each with a full stop and without a line break."""
    found = []
    for line in lines:
        subject, predicate, value = line.split(" ", 2)
        found.append((line, subject, predicate, value[:-2]))
    return found


def term_of(token: str, blank_prefix: str) -> Node:
    """The term of a token; a blank node becomes an IRI below the prefix.

    Raises:
        ValueError: The token is no single term.
    """
    if token[0] == "<" and token[-1] == ">":
        iri = token[1:-1]
        term = known(iri)
        if term is not None:
            return term
        if _IRI.fullmatch(token):
            return _new(rdflib.URIRef, iri)
    elif token[0] == BLANK:
        if _BLANK_NODE.fullmatch(token):
            return _new(rdflib.URIRef, blank_prefix + token[2:])
    else:
        return _literal(token)
    raise ValueError(f"This is no single term: {token}")


def terms_of(tokens: Collection[str], blank_prefix: str) -> dict[str, Node]:
    """The terms of some tokens in which there is no space, each once; see `term_of`."""
    if _IRIS.fullmatch(" ".join(tokens)):
        return {token: known(token[1:-1]) or _new(rdflib.URIRef, token[1:-1]) for token in tokens}
    return {token: term_of(token, blank_prefix) for token in tokens}


def is_alike(token: str) -> bool:
    """Whether rdflib surely writes the literal of a token as pyoxigraph does."""
    return "\\" not in token and token.endswith(_WRITTEN_ALIKE)


_WRITTEN_ALIKE: Final = ('"', "@en", *(f"^^<{datatype}>" for datatype in _SURELY_WELL_TYPED))
"""How literals end that rdflib writes as pyoxigraph does, if nothing in them is escaped; no blank node ends so."""


def _literal(token: str) -> rdflib.Literal:
    found = _LITERAL.fullmatch(token)
    if found is None:
        raise ValueError(f"This is no single term: {token}")
    text, datatype, language, _ = found.groups()
    if "\\" in text:
        text = _unescaped(text)
    if datatype is None:
        return _text(text, language)
    if datatype in _TEXT_ONLY:
        # rdflib would run an XML or HTML parser over untrusted text; intake refuses the datatype by its name
        return rdflib.Literal(text, datatype=rdflib.URIRef(datatype + "#unread"))
    form = _SURELY_WELL_TYPED.get(datatype)
    if form and form.fullmatch(text):
        return rdflib.Literal(text, datatype=known(datatype) or rdflib.URIRef(datatype), normalize=False)
    with _quiet_conversion():
        return rdflib.Literal(text, datatype=rdflib.URIRef(datatype), normalize=False)


def _text(text: str, language: str | None) -> rdflib.Literal:
    """The same as `rdflib.Literal(text, lang=language)`, which would hold the tag against the grammar again."""
    made = str.__new__(rdflib.Literal, text)
    made._language = language
    made._datatype = None
    made._value = text
    made._ill_typed = None
    return made


def _unescaped(text: str) -> str:
    (quad,) = ox.parse(f'<a:> <a:> "{text}" .', format=ox.RdfFormat.N_TRIPLES)
    assert isinstance(quad.object, ox.Literal)
    return quad.object.value


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
