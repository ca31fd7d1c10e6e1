"""The statements of a case as a report cites them: their names, their words, and the quotations that they rest on.

A statement is told by its number among those of the case, which stand in the order of their N-Triples.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

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


class Cited(NamedTuple):
    """A statement of the case that the report cites, in words and with the quotations that it rests on."""

    name: str
    triple: Triple
    sentence: str
    quotations: Sequence[Quoted]


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
        self._phrases = phrases
        self._request = {request}

    def cited(self, number: int) -> Cited:
        """The statement of that number."""
        triple = self._index.statements[number - 1]
        quotations: Sequence[Quoted] = ()
        if self._by_subject:
            s, _, o = triple
            quotations = self._by_subject.get(s, ())
            if s in self._request:
                quotations = [*quotations, *self._by_subject.get(o, ())]
            quotations = sorted({q.name: q for q in quotations}.values(), key=lambda q: by_name(q.name))
        return Cited(f"e-{number}", triple, self._phrases.statement(triple), quotations)

    def mask(self, triples: Iterable[Triple]) -> int:
        """The statements as the bits of a number."""
        found = 0
        for triple in triples:
            found |= self._index.bit(*triple)
        return found

    @property
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
        documents = [o for _, p, o in self._index.statements if p in _HAS_DOCUMENT]
        quoted = [(document, quotation) for document in documents for quotation in objects(document, _HAS_QUOTATION)]
        return [
            (Quoted(f"q-{n}", *(next(iter(objects(*of)), None) for of in ((q, _TEXT), (d, _TITLE), (d, _DATE)))), q)
            for n, (d, q) in enumerate(quoted, 1)
        ]
