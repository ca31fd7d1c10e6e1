"""What a report says of the policy itself: criteria, clauses, notes, advice and the edition, as text.

What follows from a criterion alone stands here, once, and not with each assessment: its kind, its condition, whether it
is an exclusion, what would have to be documented, and its place in the reading order.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Final

from reasoner.policy.edition import Advice, Clause, Criterion, Edition, Note, Operator
from reasoner.report.forms import Form, quoted
from reasoner.report.order import places_in
from reasoner.report.terms import ReportTerms

_MOST: Final = 16  # sets of descriptions that are kept


class Descriptions:
    """The descriptions of one edition in one form."""

    def __init__(self, edition: Edition, form: Form, terms: ReportTerms) -> None:
        self.edition = edition
        self.form = form
        self.terms = terms
        self._places = places_in(edition)
        self._described: dict[tuple[object, ...], str] = {}

    def of(self, criteria: Iterable[Criterion], notes: Sequence[Note], advice: Sequence[Advice]) -> str:
        """The descriptions of criteria, notes and advice, with their clauses and documents."""
        criteria = tuple(dict.fromkeys(criteria))
        key = (*criteria, *[note.iri for note in notes], *advice)
        found = self._described.get(key)
        if found is None:
            if len(self._described) == _MOST:
                self._described.clear()
            found = self._described[key] = "".join(self._describe(criteria, notes, advice))
        return found

    def _describe(
        self, criteria: Iterable[Criterion], notes: Iterable[Note], advice: Iterable[Advice]
    ) -> Iterator[str]:
        seen = set[str]()
        for criterion in criteria:
            yield from self._criterion(criterion, seen)
        for clause in self.edition.not_encoded:
            yield from self._clause(clause, seen)
        for note in notes:
            yield from self._note(note, seen)
        for given in advice:
            yield from self._advice(given, seen)

    def _criterion(self, criterion: Criterion, seen: set[str]) -> Iterator[str]:
        if criterion.iri in seen:
            return
        seen.add(criterion.iri)
        form, terms, subject = self.form, self.terms, self.form.iri(criterion.iri)
        pairs = [
            (terms.label, form.text(criterion.label)),
            (terms.definition, form.text(criterion.definition)),
            (terms.order, form.typed(str(self._places.criteria[criterion]), "integer")),
            (terms.kind, terms.kinds[criterion.operator] if criterion.operator else terms.leaf),
        ]
        if criterion.operator is Operator.CONDITIONAL:
            pairs.append((terms.condition, form.iri(criterion.members[0].criterion.iri)))
        if criterion in self.edition.exclusions:
            pairs.append((terms.is_exclusion, terms.true))
        if criterion.documentation:
            pairs.append((terms.documentation, form.text(criterion.documentation)))
        sources = [form.iri(clause.iri) for clause in criterion.clauses]
        yield form.block(subject, pairs + form.several(subject, terms.source, sources))
        for clause in criterion.clauses:
            yield from self._clause(clause, seen)

    def _clause(self, clause: Clause, seen: set[str]) -> Iterator[str]:
        """The description of a clause and its document, each if it has not been seen."""
        form, terms = self.form, self.terms
        if clause.iri not in seen:
            seen.add(clause.iri)
            document, place = form.iri(clause.document), str(self._places.clauses[clause.iri])
            pairs = [
                (terms.label, form.text(clause.label)),
                (terms.place, quoted(clause.place)),
                (terms.order, form.typed(place, "integer")),
                (terms.part_of, document),
            ]
            yield form.block(form.iri(clause.iri), pairs)
            if f"{clause.document} {clause.document_title}" not in seen:
                seen.add(f"{clause.document} {clause.document_title}")
                yield form.block(document, [(terms.title, form.text(clause.document_title))])

    def _note(self, note: Note, seen: set[str]) -> Iterator[str]:
        """The description of a reading or an assumption."""
        if note.iri not in seen:
            seen.add(note.iri)
            form, terms = self.form, self.terms
            pairs = [(terms.label, form.text(note.label)), (terms.definition, form.text(note.definition))]
            yield form.block(form.iri(note.iri), pairs)

    def _advice(self, advice: Advice, seen: set[str]) -> Iterator[str]:
        """The description of an advice and of its clause."""
        form, terms = self.form, self.terms
        pairs = [(terms.label, form.text(advice.label)), (terms.sentence, form.text(advice.sentence))]
        yield form.block(form.iri(advice.iri), [*pairs, (terms.source, form.iri(advice.clause.iri))])
        yield from self._clause(advice.clause, seen)

    @cached_property
    def own(self) -> str:
        """The description of the edition itself."""
        edition, form, terms = self.edition, self.form, self.terms
        pairs = [
            (terms.title, form.text(edition.title)),
            (terms.effective_from, form.typed(edition.effective_from.isoformat(), "date")),
            (terms.partial, terms.true if edition.partial else terms.false),
            (terms.payer_name, quoted(edition.payer_name)),
        ]
        subject, left_out = form.iri(edition.iri), [form.iri(clause.iri) for clause in edition.not_encoded]
        return form.block(subject, pairs + form.several(subject, terms.not_encoded, left_out))

    def everything(self) -> str:
        """The description of all that a report under the edition can speak of."""
        edition = self.edition
        criteria = tuple(edition.criteria.values())
        notes = [note for criterion in criteria for note in (*criterion.assumptions, *criterion.readings)]
        return self.own + "".join(self._describe(criteria, notes, edition.advice))
