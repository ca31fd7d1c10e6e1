"""The statements of a case that a report cites, as text: their names where they are cited, and what they say."""

from collections.abc import Iterable

from rdflib.term import Node

from reasoner.rdf.index import Triple
from reasoner.report.content import Content
from reasoner.report.forms import quoted
from reasoner.report.pieces import EditionPieces


class Citations:
    """Names the statements as they are cited, and keeps what they say, each once."""

    def __init__(self, content: Content, pieces: EditionPieces) -> None:
        self._content = content
        self._pieces = pieces
        self._said: dict[str, str] = {}
        # by identity: IRIs are slow as keys
        self._names: dict[int, str] = {}
        self._terms: dict[int, str] = {}
        self.kept: dict[int, list[str]] = {}
        """The names for grounds that were asked for: many assessments rest on the same."""

    def of_grounds(self, grounds: int) -> list[str]:
        """The names of the statements that an assessment rests on, which are the bits of a number."""
        found = self.kept[grounds] = self.of(self._content.index.within(grounds))
        return found

    def of(self, triples: Iterable[Triple]) -> list[str]:
        """The names of statements."""
        known = self._names
        return [known.get(id(triple)) or self._cite(triple) for triple in triples]

    def statements(self) -> Iterable[str]:
        """What the statements say that were cited so far."""
        return self._said.values()

    def quotations(self) -> list[str]:
        """What the quotations of the case's documents say."""
        form, terms = self._pieces.form, self._pieces.terms
        found = []
        for quotation in self._content.quoted:
            said = ((terms.text, quotation.text), (terms.title, quotation.title), (terms.date, quotation.date))
            pairs = [(predicate, form.term(value)) for predicate, value in said if value is not None]
            found.append(form.block(form.part(quotation.name), [(terms.a, terms.cited_quotation), *pairs]))
        return found

    def _cite(self, triple: Triple) -> str:
        form, terms = self._pieces.form, self._pieces.terms
        cited = self._content.cited(triple)
        name = self._names[id(triple)] = form.part(cited.name)
        if name in self._said:
            return name
        s, p, o = triple
        text = self._pieces.statement(name, self._term(s), form.term(p), self._term(o), quoted(cited.sentence))
        if cited.quotations:
            base = f"{cited.name}-quotations"
            text = text.removesuffix(form.end) + form.pair(name, terms.quotations, form.part(f"{base}-1")) + form.end
            text += form.list_(base, [form.part(quotation.name) for quotation in cited.quotations])
        self._said[name] = text
        return name

    def _term(self, node: Node) -> str:
        known = self._terms.get(id(node))
        if known is None:
            known = self._terms[id(node)] = self._pieces.form.term(node)
        return known
