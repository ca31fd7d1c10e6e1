"""Tests of a single value by what it is itself: its kind, its datatype, its text, its place in an order."""

from collections.abc import Callable
from typing import Final

from rdflib import RDF, SH, XSD, BNode, Literal, URIRef
from rdflib.term import Node

from reasoner.rdf.index import Index
from reasoner.shacl.lexical import is_well_formed, less, less_or_equal
from reasoner.shacl.paths import Test
from reasoner.shacl.patterns import compiled
from reasoner.shacl.shapes import Limit

_CLASSES: Final[dict[Node, type | tuple[type, ...]]] = {
    SH.IRI: URIRef,
    SH.BlankNode: BNode,
    SH.Literal: Literal,
    SH.BlankNodeOrIRI: (BNode, URIRef),
    SH.BlankNodeOrLiteral: (BNode, Literal),
    SH.IRIOrLiteral: (Literal, URIRef),
}


def of_kind(kind: URIRef) -> Test:
    """Whether a node is an IRI, a blank node, a literal, or one of two of them."""
    classes = _CLASSES[kind]
    return lambda _, node: isinstance(node, classes)


def of_datatype(datatype: URIRef) -> Test:
    """Whether a node is a literal of the datatype, and well-formed."""
    iri, same = str(datatype), str.__eq__
    if datatype == RDF.langString:
        return lambda _, node: isinstance(node, Literal) and bool(node.language)
    if datatype == XSD.string:

        def is_plain(_: Index, node: Node) -> bool:
            if not isinstance(node, Literal) or node.language:
                return False
            stated = node.datatype
            return stated is None or same(stated, iri)

        return is_plain

    def is_of_datatype(_: Index, node: Node) -> bool:
        if not isinstance(node, Literal):
            return False
        stated = node.datatype
        return stated is not None and same(stated, iri) and not node.language and is_well_formed(str(node), iri)

    return is_of_datatype


def within(limit: Limit) -> Test:
    """Whether a value lies on the right side of a limit; one that cannot be compared with it does not."""
    bound = limit.bound
    holds: dict[URIRef, Callable[[Literal], bool | None]] = {
        SH.minExclusive: lambda value: less(bound, value),
        SH.minInclusive: lambda value: less_or_equal(bound, value),
        SH.maxExclusive: lambda value: less(value, bound),
        SH.maxInclusive: lambda value: less_or_equal(value, bound),
    }
    on_the_right_side = holds[limit.term]
    return lambda _, node: isinstance(node, Literal) and on_the_right_side(node) is True


def has_length(least: int, most: int | None) -> Test:
    """Whether the text of an IRI or a literal has so many characters; a blank node has none."""
    return lambda _, node: (
        not isinstance(node, BNode) and least <= len(str(node)) and (most is None or len(str(node)) <= most)
    )


def matches(pattern: str, flags: str) -> Test:
    """Whether the text of an IRI or a literal matches the pattern anywhere; a blank node does not."""
    search = compiled(pattern, flags).search
    return lambda _, node: isinstance(node, Literal | URIRef) and search(node) is not None


def in_language(ranges: tuple[str, ...]) -> Test:
    """Whether the language tag of a literal matches one of the ranges, by basic filtering (RFC 4647, 3.3.1)."""
    wanted = tuple(tag.lower() for tag in ranges)

    def spoken(_: Index, node: Node) -> bool:
        tag = node.language.lower() if isinstance(node, Literal) and node.language else ""
        return any(tag == one or tag.startswith(f"{one}-") or (one == "*" and tag != "") for one in wanted)

    return spoken
