"""The terms of SHACL that a shape may use: those with a constraint, those beside one, and those given once."""

from collections.abc import Callable
from typing import Final

from rdflib import RDF, RDFS, SH, Literal, URIRef
from rdflib.term import Node

from reasoner.rdf.nodes import interned
from reasoner.shacl.shapes import (
    ClassIs,
    Constraint,
    Datatype,
    Disjoint,
    Equals,
    HasValue,
    Inverse,
    LessThan,
    Limit,
    MaxCount,
    MaxLength,
    MinCount,
    MinLength,
    NodeKind,
    OneOrMore,
    ZeroOrMore,
    ZeroOrOne,
)
from reasoner.terms import EDX


def _iri(value: Node) -> URIRef:
    if not isinstance(value, URIRef):
        raise ValueError(f"{value.n3()} is no IRI")
    return value


def as_count(value: Node) -> int:
    """The number that a parameter gives.

    Raises:
        ValueError: The term is no whole number from 0 upwards.
    """
    if not isinstance(value, Literal) or not (str(value).isascii() and str(value).removeprefix("+").isdigit()):
        raise ValueError(f"{value.n3()} is no whole number from 0 upwards")
    return int(str(value))


def is_true(value: Node) -> bool:
    """Whether a parameter says true.

    Raises:
        ValueError: The term is neither true nor false.
    """
    if not isinstance(value, Literal) or str(value) not in {"true", "false"}:
        raise ValueError(f"{value.n3()} is neither true nor false")
    return str(value) == "true"


def _limit(term: URIRef) -> Callable[[Node], Constraint]:
    def limit(value: Node) -> Constraint:
        if not isinstance(value, Literal):
            raise ValueError(f"{value.n3()} is no literal")
        return Limit(term, value)

    return limit


_NODE_KINDS: Final = {
    SH[name] for name in ("IRI", "BlankNode", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral")
}


def _node_kind(value: Node) -> Constraint:
    if value not in _NODE_KINDS:
        raise ValueError(f"{value.n3()} is no kind of node")
    return NodeKind(URIRef(str(value)))


Single = dict[URIRef, Callable[[Node], Constraint]]


def _by_one_object(single: Single) -> Single:
    return {interned(term): build for term, build in single.items()}


OF_POLICIES: Final[Single] = _by_one_object(
    {
        SH["class"]: lambda value: ClassIs(_iri(value)),
        SH.hasValue: HasValue,
        SH.minCount: lambda value: MinCount(as_count(value)),
        SH.maxCount: lambda value: MaxCount(as_count(value)),
    }
)
"""Parameters of one value and one constraint each, in the profile of policies."""

OF_CORE: Final[Single] = _by_one_object(
    {
        **OF_POLICIES,
        SH.datatype: lambda value: Datatype(_iri(value)),
        SH.nodeKind: _node_kind,
        SH.minLength: lambda value: MinLength(as_count(value)),
        SH.maxLength: lambda value: MaxLength(as_count(value)),
        SH.equals: lambda value: Equals(_iri(value)),
        SH.disjoint: lambda value: Disjoint(_iri(value)),
        SH.lessThan: lambda value: LessThan(_iri(value)),
        SH.lessThanOrEquals: lambda value: LessThan(_iri(value), or_equal=True),
        **{term: _limit(term) for term in (SH.minExclusive, SH.minInclusive, SH.maxExclusive, SH.maxInclusive)},
    }
)
"""The same in SHACL Core."""

BESIDE: Final = frozenset(map(interned, {
    RDF.type, RDFS.label, RDFS.comment, RDFS.isDefinedBy, SH.name, SH.description, SH.message, SH.severity, SH.order,
    SH.targetClass, SH.path, SH.property, SH.qualifiedMinCount,
}))  # fmt: skip
"""Terms that carry no constraint by themselves: documentation, targets, and what is read with another term."""

BESIDE_IN_CORE: Final = BESIDE.union(map(interned, {
    SH.group, SH.defaultValue, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf, SH.deactivated, SH.flags,
    SH.ignoredProperties, SH.qualifiedMaxCount, SH.qualifiedValueShapesDisjoint,
}))  # fmt: skip
"""The same in SHACL Core."""

ONCE: Final = frozenset(map(interned, {
    SH.datatype, SH.nodeKind, SH.minCount, SH.maxCount, SH.minLength, SH.maxLength, SH.minExclusive, SH.minInclusive,
    SH.maxExclusive, SH.maxInclusive, SH["in"], SH.languageIn, SH.uniqueLang, SH.closed, SH.ignoredProperties, SH.flags,
    SH.severity, SH.qualifiedMinCount, SH.qualifiedMaxCount, SH.qualifiedValueShape, SH.path, SH.sparql, SH.deactivated,
}))  # fmt: skip
"""Terms that a shape may have one value of. (SHACL lets `sh:sparql` and `sh:qualifiedValueShape` have several.)"""

POLICY_TERMS: Final = frozenset(
    interned(EDX[name])
    for name in (
        "refutedBy", "whenMet", "whenRefuted", "whenOpen", "whenNotApplicable", "documentation", "reading", "assumes",
        "appliesTo", "sentence",
    )
)  # fmt: skip
"""What the policy loader reads of a criterion."""

DOCUMENTATION: Final = ("http://www.w3.org/2004/02/skos/core#", "http://purl.org/dc/terms/")
"""Vocabularies that only describe."""

REPEATED: Final[dict[Node, type[Inverse | ZeroOrMore | OneOrMore | ZeroOrOne]]] = {
    SH.inversePath: Inverse,
    SH.zeroOrMorePath: ZeroOrMore,
    SH.oneOrMorePath: OneOrMore,
    SH.zeroOrOnePath: ZeroOrOne,
}
"""Paths made of one other path."""
