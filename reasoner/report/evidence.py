"""The statements of a case as a report cites them: their names, their words, and the quotations that they rest on.

A statement is told by its number among those of the case, which stand in the order of their N-Triples.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from rdflib import DCTERMS
from rdflib.term import Node

from reasoner.rdf.index import Index, Triple
from reasoner.rdf.nodes import interned
from reasoner.report.order import by_name
from reasoner.report.phrases import Phrases
from reasoner.terms import EDX

_HAS_DOCUMENT: Final = frozenset({interned(EDX.hasDocument)})
_HAS_QUOTATION: Final = interned(EDX.hasQuotation)
_ABOUT: Final = interned(EDX.about)
_TEXT: Final = interned(EDX.text)
_TITLE: Final = interned(DCTERMS.title)
_DATE: Final = interned(EDX.date)


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words of a document of the case, as the case has them: its text, and title and date of the document."""

    name: str
    text: Node | None
    title: Node | None
    date: Node | None


def numbers_in(mask: int) -> Iterator[int]:
    """The numbers of the statements of a mask, from 1, in order."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length()
        mask ^= lowest


class Evidence:
    """What a report says of the statements of one case."""

    def __init__(self, index: Index, phrases: Phrases, request: Node) -> None:
        self._index = index
        self._request = {request}
        self.statements = index.statements
        """The statements of the case; the first one has the number 1."""
        self.sentence = phrases.statement
        """Puts a statement into words."""

    def quotations(self, triple: Triple) -> list[Quoted]:
        """The quotations that a statement rests on, in order."""
        s, _, o = triple
        quotations: Sequence[Quoted] = self._by_subject.get(s, ())
        if s in self._request:
            quotations = [*quotations, *self._by_subject.get(o, ())]
        if len(quotations) < 2:
            return list(quotations)
        return sorted({q.name: q for q in quotations}.values(), key=lambda q: by_name(q.name))

    def mask(self, triples: Iterable[Triple]) -> int:
        """The statements as the bits of a number."""
        found = 0
        for triple in triples:
            found |= self._index.bit(*triple)
        return found

    @cached_property
    def quoted(self) -> list[Quoted]:
        """Every quotation of the case, in order."""
        return [quoted for quoted, _ in self._quoted]

    @cached_property
    def _by_subject(self) -> dict[Node, list[Quoted]]:
        """The quotations of the case's documents, by each node and each excluded class that they are about."""
        found: dict[Node, list[Quoted]] = {}
        for quoted, quotation in self._quoted:
            for about in self._index.objects(quotation, _ABOUT):
                found.setdefault(about, []).append(quoted)
        return found

    @cached_property
    def _quoted(self) -> list[tuple[Quoted, Node]]:
        objects = self._index.objects
        found: list[tuple[Quoted, Node]] = []
        for document in [o for _, p, o in self.statements if p in _HAS_DOCUMENT]:
            title, date = self._first(document, _TITLE), self._first(document, _DATE)
            for quotation in objects(document, _HAS_QUOTATION):
                found.append((Quoted(f"q-{len(found) + 1}", self._first(quotation, _TEXT), title, date), quotation))
        return found

    def _first(self, node: Node, predicate: Node) -> Node | None:
        values = self._index.objects(node, predicate)
        return values[0] if values else None
