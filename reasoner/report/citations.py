"""The statements of a case that a report cites, as text: their names where they are cited, and what they say."""

from collections.abc import Iterator

from rdflib.term import Node

from reasoner.report.evidence import Evidence, numbers_in
from reasoner.report.forms import quoted
from reasoner.report.pieces import EditionPieces


class Citations:
    """Names the statements as they are cited, and tells in the end what they say, each once."""

    def __init__(self, evidence: Evidence, pieces: EditionPieces) -> None:
        self._evidence = evidence
        self._pieces = pieces
        self._all = 0
        self._known: dict[int, list[str]] = {}  # many assessments rest on the same
        self._terms: dict[int, str] = {}  # by identity: IRIs are slow as keys

    def of(self, mask: int) -> list[str]:
        """The names of the statements that something rests on, which are the bits of a number."""
        found = self._known.get(mask)
        if found is None:
            self._all |= mask
            name = self._pieces.statement_name
            found = self._known[mask] = [name(number) for number in numbers_in(mask)]
        return found

    def statements(self) -> Iterator[str]:
        """What the statements say that were cited so far, in order."""
        form, terms, term, pieces = self._pieces.form, self._pieces.terms, self._term, self._pieces
        for number in numbers_in(self._all):
            cited = self._evidence.cited(number)
            name = pieces.statement_name(number)
            s, p, o = cited.triple
            text = pieces.statement(name, term(s), term(p), term(o), quoted(cited.sentence))
            if cited.quotations:
                quotations = [form.part(quotation.name) for quotation in cited.quotations]
                ((predicate, values),) = form.several(name, terms.cites_quotation, quotations)
                text = text.removesuffix(form.end) + form.pair(name, predicate, values) + form.end
            yield text

    def quotations(self) -> list[str]:
        """What the quotations of the case's documents say."""
        form, terms = self._pieces.form, self._pieces.terms
        found = []
        for quotation in self._evidence.quoted:
            said = ((terms.text, quotation.text), (terms.title, quotation.title), (terms.date, quotation.date))
            pairs = [(predicate, form.term(value)) for predicate, value in said if value is not None]
            found.append(form.block(form.part(quotation.name), [(terms.a, terms.cited_quotation), *pairs]))
        return found

    def _term(self, node: Node) -> str:
        known = self._terms.get(id(node))
        if known is None:
            known = self._terms[id(node)] = self._pieces.form.term(node)
        return known
