"""The text of a report that is the same for every case of an edition, made once and put together for each case.

A criterion is assessed of the request or of each requested study; the pieces of a study are those of its number, so
that they hold no more of a case than stand-ins (see `reasoner.report.forms`).
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Final

from rdflib.term import Node

from reasoner.evaluation.criteria import Assessment, Part, Status, contribution
from reasoner.policy.edition import Advice, Clause, Criterion, Edition, Note
from reasoner.report.forms import FormName, Lists, form_of, quoted
from reasoner.report.terms import ReportTerms

_KEPT: Final = 16  # studies whose pieces are kept; a request of more makes those of the others again
_REFUTED: Final = Status.REFUTED
_UNDETERMINED: Final = Status.UNDETERMINED
_MOST: Final = 16  # sets of descriptions that are kept


class CriterionPieces:
    """The text for one criterion, held against the request or the study of a number."""

    __slots__ = (
        "_below", "_exclusion", "_focus", "_form", "_heads", "_kept", "_results", "_terms", "assessment",
        "corroboration_lists", "criterion", "detail", "evidence_lists", "name", "number", "result", "same_focus",
        "texts",
    )  # fmt: skip

    def __init__(self, kept: "FocusPieces", criterion: Criterion) -> None:
        edition, number = kept.edition, kept.number
        self.criterion = criterion
        self.number = number
        self.name = criterion.name if number is None else f"{criterion.name}-{number}"
        form = self._form = edition.form
        self._terms = edition.terms
        self._exclusion = criterion in edition.edition.exclusions
        self._focus = form.request if number is None else form.study(number)
        self.assessment = form.part(f"a-{self.name}")
        self.result = form.part(f"r-{self.name}")
        base = f"a-{self.name}"
        self.evidence_lists = Lists(form, f"{base}-evidence")
        self.corroboration_lists = Lists(form, f"{base}-corroboration")
        self.detail = form.before(self.result, self._terms.detail)
        self.same_focus = all(member.path is None for member in criterion.members)
        self._heads: dict[int, str] = {}
        # by the identity of a status: members of an enumeration are slow as keys
        self.texts: tuple[dict[int, str], ...] = ({}, {}, {}, {})
        """What `assessed` gives for plain ones: without more, with evidence, with corroboration, with both."""
        self._kept = kept
        self._below: dict[int, tuple[str, list[CriterionPieces]]] = {}
        self._results: dict[tuple[int, bool], str] = {}

    def assessed(self, a: Assessment, conflict: str | None = None) -> str:
        """What is said of an assessment; the same for all plain ones of its status that rest on something, or do not.

        For a study its label is left to be said, whose property ends the text; for a composite, its parts. Otherwise
        it is all.

        Args:
            a: The assessment.
            conflict: The name of the conflict that leaves it open.
        """
        head = self._heads.get(id(a.status))
        if head is None:
            head = self._heads[id(a.status)] = self._head(a.status)
        form, terms, subject, base = self._form, self._terms, self.assessment, f"a-{self.name}"
        found = head + form.pair(subject, terms.sentence, quoted(a.sentence))
        if conflict is not None:
            found += form.pair(subject, terms.conflict, form.part(conflict))
        if a.grounds:
            found += form.pair(subject, terms.evidence, form.part(f"{base}-evidence-1"))
        if a.further:
            found += form.pair(subject, terms.corroboration, form.part(f"{base}-corroboration-1"))
        if self.number is not None:
            found += form.before(subject, terms.focus_label)
        elif not a.parts:
            found += form.end
        if a.plain:
            self.texts[(a.grounds > 0) + 2 * (a.further > 0)][id(a.status)] = found
        return found

    def _head(self, status: Status) -> str:
        form, terms, subject, criterion = self._form, self._terms, self.assessment, self.criterion
        pairs = [
            (terms.of_criterion, form.iri(criterion.iri)),
            (terms.focus, self._focus),
            (terms.status, terms.statuses[status]),
            (terms.kind, terms.kinds[criterion.operator] if criterion.operator else terms.leaf),
        ]
        if self._exclusion:
            pairs.append((terms.is_exclusion, terms.true))
        if status is _UNDETERMINED and criterion.documentation:
            pairs.append((terms.documentation, quoted(criterion.documentation)))
        return form.begin(subject, terms.a, terms.assessment) + "".join([form.pair(subject, p, o) for p, o in pairs])

    def below(self, parts: tuple[Part, ...]) -> tuple[str, list["CriterionPieces"]]:
        """The link to the list of the parts, as the end of what is said of the assessment, the list, and their pieces.

        For a composite whose parts are held against what it is held against itself, so that their number tells which
        they are: all members, or the condition of a conditional one alone.
        """
        found = self._below.get(len(parts))
        if found is None:
            pieces = [self._kept[part.assessment.criterion] for part in parts]
            found = self._below[len(parts)] = self.listed(pieces), pieces
        return found

    def listed(self, pieces: Sequence["CriterionPieces"]) -> str:
        """The link to a list of parts by their pieces, the end of the assessment, and the list."""
        form, base = self._form, f"a-{self.name}-parts"
        link = form.pair(self.assessment, self._terms.parts, form.part(f"{base}-1")) + form.end
        return link + form.list_(base, [piece.assessment for piece in pieces])

    def failed(self, a: Assessment, *, ruled_out: bool) -> str:
        """The SHACL result of the criterion, up to its details."""
        if not a.plain:
            return self._failed(a, ruled_out=ruled_out)
        found = self._results.get((id(a.status), ruled_out))
        if found is None:
            found = self._results[id(a.status), ruled_out] = self._failed(a, ruled_out=ruled_out)
        return found

    def _failed(self, a: Assessment, *, ruled_out: bool) -> str:
        form, terms, criterion = self._form, self._terms, self.criterion
        refuted = contribution(a.status, ruled_out=ruled_out) is _REFUTED
        return form.begin(self.result, terms.a, terms.validation_result) + "".join([
            form.pair(self.result, predicate, value)
            for predicate, value in (
                (terms.focus_node, self._focus),
                (terms.source_shape, form.iri(str(failing_shape(criterion, ruled_out=ruled_out)))),
                (terms.component, terms.components[criterion.operator]),
                (terms.severity, terms.violation if refuted else terms.warning),
                (terms.message, quoted(a.sentence)),
            )
        ])  # fmt: skip


def failing_shape(criterion: Criterion, *, ruled_out: bool) -> Node:
    """The shape that a part which is not satisfied fails: where it is asked to be ruled out, the refuting one."""
    return criterion.refuted_by.node if ruled_out and criterion.refuted_by else criterion.iri


class FocusPieces(dict[Criterion, CriterionPieces]):
    """The pieces for the request or for the study of a number, made as they are asked for."""

    def __init__(self, edition: "EditionPieces", number: int | None) -> None:
        super().__init__()
        self.edition = edition
        self.number = number

    def __missing__(self, criterion: Criterion) -> CriterionPieces:
        """Make the pieces of a criterion."""
        found = self[criterion] = CriterionPieces(self, criterion)
        return found


class EditionPieces:
    """The text for one edition in one form."""

    def __init__(self, edition: Edition, form_name: FormName) -> None:
        self.edition = edition
        self.form = form_of(form_name, str(edition.iri))
        self.terms = ReportTerms(self.form)
        terms = self.terms
        pairs = [(terms.a, terms.statement), (terms.subject, "{1}"), (terms.predicate, "{2}"), (terms.object, "{3}")]
        self.statement = self.form.template([*pairs, (terms.sentence, "{4}")]).format
        """A statement of the case by name, terms and sentence."""
        self._kept: dict[int | None, FocusPieces] = {}
        self._described: dict[tuple[object, ...], str] = {}

    def of_focus(self, number: int | None) -> "FocusPieces":
        """The pieces of the criteria that are held against the request, or against the study of a number."""
        found = self._kept.get(number)
        if found is None:
            found = FocusPieces(self, number)
            if number is None or number <= _KEPT:
                self._kept[number] = found
        return found

    def described(self, pieces: Collection[CriterionPieces], notes: Sequence[Note], advice: Sequence[Advice]) -> str:
        """The descriptions of criteria, notes and advice, with their clauses and documents."""
        key = (*pieces, *[note.iri for note in notes], *advice)
        found = self._described.get(key)
        if found is None:
            if len(self._described) == _MOST:
                self._described.clear()
            criteria = [piece.criterion for piece in pieces]
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
        pairs = [(terms.label, form.text(criterion.label)), (terms.definition, form.text(criterion.definition))]
        yield form.block(subject, pairs + [(terms.source, form.iri(clause.iri)) for clause in criterion.clauses])
        for clause in criterion.clauses:
            yield from self._clause(clause, seen)

    def _clause(self, clause: Clause, seen: set[str]) -> Iterator[str]:
        """The description of a clause and its document, each if it has not been seen."""
        form, terms = self.form, self.terms
        if clause.iri not in seen:
            seen.add(clause.iri)
            document = form.iri(clause.document)
            pairs = [(terms.label, form.text(clause.label)), (terms.place, quoted(clause.place))]
            yield form.block(form.iri(clause.iri), [*pairs, (terms.part_of, document)])
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
        return form.block(form.iri(edition.iri), pairs)

    def everything(self) -> str:
        """The description of all that a report under the edition can speak of."""
        edition = self.edition
        criteria = tuple(edition.criteria.values())
        notes = [note for criterion in criteria for note in (*criterion.assumptions, *criterion.readings)]
        return self.own + "".join(self._describe(criteria, notes, edition.advice))


class CasePieces:
    """The pieces of an edition as one case asks for them."""

    def __init__(self, pieces: EditionPieces, numbers: dict[Node, int]) -> None:
        """Take the pieces and the number of each requested study."""
        self.edition = pieces
        self._numbers = numbers
        self._by_focus: dict[int, FocusPieces] = {}  # by identity: IRIs are slow as keys

    def piece(self, a: Assessment) -> CriterionPieces:
        """The pieces of a criterion for what it is held against."""
        found = self._by_focus.get(id(a.focus))
        if found is None:
            found = self._by_focus[id(a.focus)] = self.edition.of_focus(self._numbers.get(a.focus))
        return found[a.criterion]

    def below(self, a: Assessment, piece: CriterionPieces) -> tuple[str, list[CriterionPieces]]:
        """The text that ends a composite with the list of its parts, and the pieces of the parts."""
        if piece.same_focus:
            return piece.below(a.parts)
        pieces = [self.piece(part.assessment) for part in a.parts]
        return piece.listed(pieces), pieces


@lru_cache(maxsize=32)
def pieces_of(edition: Edition, form: FormName) -> EditionPieces:
    """The pieces of an edition, made once."""
    return EditionPieces(edition, form)
