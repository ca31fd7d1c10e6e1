"""Terms as one object each: what is the same object compares at once, in a look-up as anywhere.

rdflib compares two IRIs that are equal but not the same object in Python code. Whoever keeps IRIs of the program's own
knowledge for look-ups, a compiled shape or the reader of a case, takes them through `interned`.
"""

import warnings
from typing import TypeVar

from rdflib import Literal, URIRef
from rdflib.term import Node

_Term = TypeVar("_Term", bound=Node)
_KNOWN: dict[str, URIRef] = {}


def interned(term: _Term) -> _Term:
    """The one object for an IRI of the knowledge; another term is given back as it is.

    Not for the IRIs of a case: what is interned stays for the life of the process.
    """
    return _KNOWN.setdefault(str(term), term) if type(term) is URIRef else term  # type: ignore[arg-type, return-value]


def interned_iri(iri: str) -> URIRef:
    """The one object for an IRI of the knowledge that is given as text."""
    term = _KNOWN.get(iri)
    if term is None:
        term = _KNOWN[iri] = URIRef(iri)
    return term


def known(iri: str) -> URIRef | None:
    """The one object for an IRI, if the knowledge has it."""
    return _KNOWN.get(iri)


def as_token(term: Node) -> str:
    """A term as rdflib writes it in N-Triples, without the warning that it prints for a number that is none."""
    if type(term) is Literal and term.ill_typed:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            return term.n3()
    return term.n3()
