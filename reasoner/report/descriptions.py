"""What a report says of the policy itself: criteria, clauses, notes, advice and the edition, as text.

What follows from a criterion alone stands here, once, and not with each assessment: its kind, its condition, whether it
is an exclusion, what would have to be documented, and its place in the reading order.
"""

from collections.abc import Iterable
from functools import cached_property

from reasoner.policy.edition import Advice, Clause, Criterion, Edition, Note, Operator
from reasoner.report.forms import Form, quoted
from reasoner.report.order import places_in
from reasoner.report.terms import ReportTerms


class Descriptions:
    """The descriptions of one edition in one form."""

    def __init__(self, edition: Edition, form: Form, terms: ReportTerms) -> None:
        self.edition = edition
        self.form = form
        self.terms = terms
        self._places = places_in(edition)
        self._known: dict[str, dict[str, str]] = {}

    def of(self, criteria: Iterable[Criterion], notes: Iterable[Note], advice: Iterable[Advice]) -> str:
        """The descriptions of criteria, notes and advice, with their clauses and documents, each once."""
        said: dict[str, str] = {}
        for criterion in criteria:
            said.update(self._criterion(criterion))
        for clause in self.edition.not_encoded:
            said.update(self._clause(clause))
        for note in notes:
            said[note.iri] = self._note(note)
        for given in advice:
            said[given.iri] = self._advice(given)
            said.update(self._clause(given.clause))
        return "".join(said.values())

    def _criterion(self, criterion: Criterion) -> dict[str, str]:
        """The descriptions of a criterion, its clauses and their documents, by what they describe."""
        found = self._known.get(criterion.iri)
        if found is not None:
            return found
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
        own = form.block(subject, pairs + form.several(subject, terms.source, sources))
        described: dict[str, str] = {criterion.iri: own}
        for clause in criterion.clauses:
            described.update(self._clause(clause))
        self._known[criterion.iri] = described
        return described

    def _clause(self, clause: Clause) -> dict[str, str]:
        """The descriptions of a clause and of its document, by what they describe."""
        found = self._known.get(clause.iri)
        if found is None:
            form, terms = self.form, self.terms
            document, place = form.iri(clause.document), str(self._places.clauses[clause.iri])
            pairs = [
                (terms.label, form.text(clause.label)),
                (terms.place, quoted(clause.place)),
                (terms.order, form.typed(place, "integer")),
                (terms.part_of, document),
            ]
            found = self._known[clause.iri] = {
                clause.iri: form.block(form.iri(clause.iri), pairs),
                f"{clause.document} {clause.document_title}": form.block(
                    document, [(terms.title, form.text(clause.document_title))]
                ),
            }
        return found

    def _note(self, note: Note) -> str:
        """The description of a reading or an assumption."""
        form, terms = self.form, self.terms
        pairs = [(terms.label, form.text(note.label)), (terms.definition, form.text(note.definition))]
        return form.block(form.iri(note.iri), pairs)

    def _advice(self, advice: Advice) -> str:
        """The description of an advice."""
        form, terms = self.form, self.terms
        pairs = [(terms.label, form.text(advice.label)), (terms.sentence, form.text(advice.sentence))]
        return form.block(form.iri(advice.iri), [*pairs, (terms.source, form.iri(advice.clause.iri))])

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
        return self.own + self.of(criteria, notes, edition.advice)
