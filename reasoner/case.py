"""One request with all that the record says about it, and what intake has to say about it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any, Final

from rdflib import DCTERMS, RDF, RDFS, Literal, URIRef
from rdflib.term import Node

from reasoner.rdf.index import Hierarchy, Index, Triple
from reasoner.rdf.nodes import as_token, interned
from reasoner.terms import EDX, GENID, PREFIXES

_OF_TYPE: Final = frozenset({interned(RDF.type)})
_LABEL: Final = interned(RDFS.label)
_IDENTIFIER: Final = interned(DCTERMS.identifier)
_OF_QUOTATION: Final = frozenset({interned(EDX.about)})
_REQUEST: Final = interned(EDX.Request)


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

    def index(self, hierarchy: Hierarchy) -> Index:
        """The statements as an index over a class tree, made once for all who walk over the case."""
        kept = self.__dict__.get(_INDEX)
        if kept is None or kept.hierarchy is not hierarchy:
            kept = Index(self.statements, hierarchy)
            self.keep(kept)
        found: Index = kept
        return found

    def keep(self, index: Index | None) -> None:
        """Keep an index of the statements that is at hand, for `index` to give; none where memory counts more."""
        self.__dict__[_INDEX] = index

    def __getstate__(self) -> dict[str, Any]:
        """Without what can be made again."""
        return {name: value for name, value in self.__dict__.items() if name not in {_INDEX, "triples"}}


_INDEX: Final = "_index"


def label_of(request: URIRef, index: Index) -> str:
    """What to call the case: the label of its request, else its identifier, else its IRI."""
    for predicate in (_LABEL, _IDENTIFIER):
        words = index.objects(request, predicate)
        if words:
            return min(map(str, words))
    return "unnamed request" if request.startswith(GENID) else curie(request)


@lru_cache(maxsize=1_024)
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


class NodeNamer:
    """Names for the nodes of a case: an unnamed node is told by its types and by the way to it.

    The statements, in order, are asked for when the first unnamed node wants a name.
    """

    __slots__ = ("_leading", "_statements", "_types")

    def __init__(self, statements: Callable[[], Iterable[Triple]]) -> None:
        self._statements = statements
        self._types: dict[Node, list[str]] | None = None
        self._leading: dict[Node, tuple[Node, Node]] = {}

    def __call__(self, node: Node, depth: int = 3) -> str:
        """The name; `depth` is how many nodes of the way are told at most."""
        if not isinstance(node, URIRef):
            return as_token(node)
        if not node.startswith(GENID):
            return curie(node)
        types = (self._read() if self._types is None else self._types).get(node, ())
        said = f"[a {', '.join(types)}]" if types else "[a node without a type]"
        if node in self._leading and depth and curie(_REQUEST) not in types:
            subject, predicate = self._leading[node]
            return f"{said} ({curie(predicate)} of {self(subject, depth - 1)})"
        return said

    def _read(self) -> dict[Node, list[str]]:
        types = self._types = {}
        for s, p, o in self._statements():
            if p in _OF_TYPE:
                types.setdefault(s, []).append(curie(o))
            elif type(o) is URIRef and p not in _OF_QUOTATION:
                self._leading.setdefault(o, (s, p))
        return types
