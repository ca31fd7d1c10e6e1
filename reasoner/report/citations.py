"""The statements of a case that a report cites, as text: their names where they are cited, and what they say."""

from collections.abc import Iterator

from reasoner.report.evidence import Evidence, numbers_in
from reasoner.report.forms import quoted
from reasoner.report.pieces import EditionPieces


class Citations:
    """Names the statements as they are cited, and tells in the end what they say, each once."""

    def __init__(self, evidence: Evidence, pieces: EditionPieces) -> None:
        self._evidence = evidence
        self._pieces = pieces
        self._names = pieces.statement_names(len(evidence.statements))
        self._all = 0
        self._known: dict[int, list[str]] = {}  # many assessments rest on the same
        self._joined: dict[int, str] = {}
        self._one_joint = pieces.form.one_joint

    def of(self, mask: int, joint: str) -> str:
        """The names of the statements that something rests on, which are the bits of a number, with what joins them."""
        if not self._one_joint:
            return joint.join(self.names(mask))
        found = self._joined.get(mask)
        if found is None:
            found = self._joined[mask] = joint.join(self.names(mask))
        return found

    def names(self, mask: int) -> list[str]:
        """The names of the statements of a mask."""
        found = self._known.get(mask)
        if found is None:
            self._all |= mask
            names, left = self._names, mask
            found = self._known[mask] = []
            while left:  # as `numbers_in` does, which takes twice as long
                lowest = left & -left
                found.append(names[lowest.bit_length()])
                left ^= lowest
        return found

    def statements(self) -> Iterator[str]:
        """What the statements say that were cited so far, in order."""
        evidence, pieces, names = self._evidence, self._pieces, self._names
        form, terms, write = pieces.form, pieces.terms, pieces.statement
        known: dict[int, str] = {}  # by identity: IRIs are slow as keys
        for number in numbers_in(self._all):
            triple = evidence.statements[number - 1]
            said = []
            for node in triple:
                term = known.get(id(node))
                if term is None:
                    term = known[id(node)] = form.term(node)
                said.append(term)
            name = names[number]
            text = write(name, *said, quoted(evidence.sentence(triple)))
            if evidence.quoted:
                cited = [form.part(quotation.name) for quotation in evidence.quotations(triple)]
                if cited:
                    ((predicate, values),) = form.several(name, terms.cites_quotation, cited)
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
