"""Statements of a case in plain words."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from rdflib import RDF, RDFS, Literal, URIRef
from rdflib.term import Node

from reasoner.rdf.index import Index, Triple
from reasoner.rdf.nodes import interned
from reasoner.terminology.codes import icd10cm
from reasoner.terminology.procedures import procedure_class
from reasoner.terms import EDX, GENID, ICD10CM

_TYPE: Final = interned(RDF.type)
_LABEL: Final = interned(RDFS.label)
_QUANTITY: Final = interned(EDX.quantity)
_BESIDE: Final = tuple(interned(term) for term in (EDX.bodyRegion, EDX.spinalRegion, EDX.laterality))
# sets, since a set answers for what is not in it without comparing IRIs
_TYPES: Final = frozenset({_TYPE})
_CERTAINTIES: Final = frozenset({interned(EDX.certainty)})
_GENERIC: Final = frozenset({interned(EDX.Diagnosis), interned(EDX.Request)})
_GENERIC_STUDIES: Final = frozenset({interned(EDX.ElectrodiagnosticStudy)})
_CODES: Final = str(ICD10CM)
_MOST: Final = 4_096  # combinations of types whose words are kept
_YES_AND_NO: Final = {"true": "yes", "false": "no"}


@dataclass(frozen=True)
class KnownWords:
    """The words for terms of the knowledge and for codes, and for the combinations of types that nodes have."""

    terms: dict[Node, str] = field(default_factory=dict)
    kinds: dict[tuple[Node, ...], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Phrases:
    """Puts the statements of one case into words.

    `labels` are the labels of the ontology's terms. `known` keeps the words for them, for all cases that share it.
    """

    index: Index
    labels: dict[URIRef, str]
    request: Node
    known: KnownWords = field(default_factory=KnownWords, repr=False)
    _nodes: dict[Node, tuple[str, str | None]] = field(default_factory=dict, repr=False)
    _requests: set[Node] = field(default_factory=set, repr=False)

    def __post_init__(self) -> None:
        self._requests.add(self.request)

    def statement(self, triple: Triple) -> str:
        """One statement, such as 'lumbar MRI: explains the presentation: yes'."""
        subject, predicate, value = triple
        said, own = self._nodes.get(subject) or self._node(subject)
        if predicate in _TYPES:
            if own:
                return f"{own}: recorded as {self.term(value)}"
            if procedure_class(value) and self._kinds(subject) != [value]:
                return f"{said}: {self.term(value)}"
            return f"{said}: recorded"
        words = self.known.terms.get(predicate) or self.term(predicate)
        if subject in self._requests:
            return f"the request {words}: {self.value(value)}"
        return f"{said}: {words}: {self.value(value)}"

    def study(self, study: Node) -> str:
        """A requested study: its kind, region, side and number."""
        said = self.node(study)
        numbers = [str(n) for n in self.index.objects(study, _QUANTITY)]
        return f"{said}, number requested {', '.join(numbers)}" if numbers else said

    def value(self, value: Node) -> str:
        """What stands at the end of a statement."""
        if type(value) is Literal:  # a node of rdflib is slow to ask for its class
            return _YES_AND_NO.get(str(value)) or str(value)
        return self.term(value) if value in self.labels else self.node(value)

    def node(self, node: Node) -> str:
        """A node of the case: its own label, else its kind, with region and side where they are stated."""
        return self._node(node)[0]

    def side(self, triples: Iterable[Triple]) -> str:
        """One side of a contradiction: what is stated, without how it hangs on the request and how sure it is."""
        told = [
            (s, p, o)
            for s, p, o in triples
            if p not in _CERTAINTIES and not (s in self._requests and self.index.objects(o, _TYPE))
        ]
        return "; ".join(dict.fromkeys(self.statement(triple) for triple in told or triples))

    def term(self, term: Node) -> str:
        """A term of the ontology, or a code with its title."""
        known = self.known.terms.get(term)
        if known is None:
            known, lasting = self._term(term)
            if lasting:
                self.known.terms[term] = known
        return known

    def _node(self, node: Node) -> tuple[str, str | None]:
        """The words for a node, and its own label where it has one."""
        known = self._nodes.get(node)
        if known is None:
            own = next((str(label) for label in self.index.objects(node, _LABEL)), None)
            known = self._nodes[node] = (self._described(node, own), own)
        return known

    def _described(self, node: Node, own: str | None) -> str:
        if node in self._requests:
            return "the request"
        if own:
            return own
        types = tuple(self.index.objects(node, _TYPE))
        kinds = self.known.kinds.get(types)
        if kinds is None:
            kinds = " and ".join([self.term(t) for t in self._kinds(node)])
            if len(self.known.kinds) == _MOST:
                self.known.kinds.clear()
            self.known.kinds[types] = kinds
        if not kinds:
            return self.term(node) if node in self.labels else _plain(node)
        beside = [self.term(v) for p in _BESIDE for v in self.index.objects(node, p)]
        return ", ".join([kinds, *beside]) if beside else kinds

    def _kinds(self, node: Node) -> list[Node]:
        """The types that tell a node apart; that of a procedure code only where there is no other."""
        types = [t for t in self.index.objects(node, _TYPE) if t not in _GENERIC]
        coded = [t for t in types if procedure_class(t)]
        return [t for t in types if t not in coded and t not in _GENERIC_STUDIES] or coded or types

    def _term(self, term: Node) -> tuple[str, bool]:
        """The words for a term, and whether it is one of the knowledge."""
        text = str(term)
        if text.startswith(_CODES):
            code = text[len(_CODES) :]
            known = icd10cm(code)
            return (f"{code} ({known.title})", True) if known else (code, False)
        own = self.labels.get(URIRef(text))
        label = _plain(term) if own is None else own
        coded = procedure_class(term)
        return (f"procedure code {coded.code}: {label}" if coded else label), own is not None


def _plain(node: Node) -> str:
    text = str(node)
    return "an unnamed node" if text.startswith(GENID) else text.rpartition("#")[2].rpartition("/")[2] or text
