"""One request with all that the record says about it, and what intake has to say about it."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from rdflib import DCTERMS, RDF, RDFS, Literal, URIRef
from rdflib.term import Node

from reasoner.index import Triple, triple_key
from reasoner.terms import EDX, GENID, PREFIXES


class Severity(StrEnum):
    """What a problem does: an error refuses the case, the others go on into the report."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a case, or worth knowing about it.

    `source_shape` is the IRI of the intake shape, or of the intake rule where no shape can say it. `where` names the
    node for a reader who cannot see the name that an unnamed node was given; `component` is the kind of constraint.
    """

    severity: Severity
    message: str
    node: URIRef | None = None
    path: URIRef | None = None
    source_shape: URIRef | None = None
    value: Node | None = None
    where: str = ""
    component: URIRef | None = None

    def __str__(self) -> str:
        place = ", ".join(part for part in (self.where, curie(self.path) if self.path is not None else "") if part)
        said = f"{place}: {self.message}" if place else self.message
        return f"{said} Found: {shown(self.value)}." if isinstance(self.value, Literal) else said


@dataclass(frozen=True)
class Case:
    """A request and everything reachable from it.

    `statements` are in the order of their N-Triples. Blank nodes have become IRIs, and a study has the class of its
    procedure code, as the ontology entails; `digest` is the SHA-256 of the canonical N-Quads of the case as given.
    `warnings` holds every problem that does not refuse the case, notes of severity `INFO` included.
    """

    iri: URIRef
    label: str
    source: str
    statements: tuple[Triple, ...]
    digest: str
    warnings: tuple[Problem, ...] = ()

    @cached_property
    def triples(self) -> frozenset[Triple]:
        """The statements as a set."""
        return frozenset(self.statements)


def label_of(request: URIRef, triples: Iterable[Triple]) -> str:
    """What to call the case: the label of its request, else its identifier, else its IRI."""
    found: dict[Node, list[str]] = defaultdict(list)
    for s, p, o in triples:
        if s == request and p in {RDFS.label, DCTERMS.identifier}:
            found[p].append(str(o))
    for words in (found[RDFS.label], found[DCTERMS.identifier]):
        if words:
            return sorted(words)[0]
    return "unnamed request" if request.startswith(GENID) else curie(request)


def curie(iri: Node) -> str:
    """An IRI as the documentation writes it: with one of the standard prefixes, else in angle brackets."""
    for prefix, namespace in PREFIXES.items():
        local = str(iri).removeprefix(namespace)
        if local != str(iri) and local and "/" not in local and "#" not in local:
            return f"{prefix}:{local}"
    return f"<{iri}>"


def shown(value: Literal) -> str:
    """A literal as Turtle writes it, with a prefixed datatype."""
    if value.datatype is None:
        return value.n3()
    return f"{Literal(str(value)).n3()}^^{curie(value.datatype)}"


def node_namer(triples: Iterable[Triple]) -> Callable[[Node], str]:
    """Names for the nodes of a case: an unnamed node is told by its types and by the way to it."""
    types: dict[Node, list[str]] = defaultdict(list)
    leading: dict[Node, tuple[Node, Node]] = {}
    for s, p, o in sorted(triples, key=triple_key):
        if p == RDF.type:
            types[s].append(curie(o))
        elif p != EDX.about:
            leading.setdefault(o, (s, p))

    def name(node: Node, depth: int = 3) -> str:
        if not isinstance(node, URIRef):
            return node.n3()
        if not node.startswith(GENID):
            return curie(node)
        said = f"[a {', '.join(types[node])}]" if types[node] else "[a node without a type]"
        if node in leading and depth and curie(EDX.Request) not in types[node]:
            subject, predicate = leading[node]
            return f"{said} ({curie(predicate)} of {name(subject, depth - 1)})"
        return said

    return name
