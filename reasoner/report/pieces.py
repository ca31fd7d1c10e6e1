"""The text of a report that is the same for every case of an edition, made once and put together for each case.

A criterion is assessed of the request or of each requested study; the pieces of a study are those of its number, so
that they hold no more of a case than stand-ins (see `reasoner.report.forms`).
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Final

from rdflib.term import Node

from reasoner.evaluation.criteria import Assessment, Part, Status, contribution
from reasoner.policy.edition import Advice, Clause, Criterion, Edition, Note, Operator
from reasoner.report.forms import FormName, form_of, quoted
from reasoner.report.order import places_in
from reasoner.report.terms import ReportTerms

_KEPT: Final = 16  # studies whose pieces are kept; a request of more makes those of the others again
_REFUTED: Final = Status.REFUTED
_MOST: Final = 16  # sets of descriptions that are kept
_MOST_NAMES: Final = 1000  # statements of a case whose names are kept


class CriterionPieces:
    """The text for one criterion, held against the request or the study of a number."""

    __slots__ = (
        "_below",
        "_focus",
        "_form",
        "_heads",
        "_kept",
        "_results",
        "_terms",
        "assessment",
        "closed",
        "corroborated",
        "corroboration_joint",
        "criterion",
        "detail",
        "detail_joint",
        "evidence_joint",
        "name",
        "opened",
        "result",
        "same_focus",
    )  # fmt: skip

    def __init__(self, kept: "FocusPieces", criterion: Criterion) -> None:
        edition, number = kept.edition, kept.number
        self.criterion = criterion
        self.name = criterion.name if number is None else f"{criterion.name}-{number}"
        form = self._form = edition.form
        terms = self._terms = edition.terms
        self._focus = form.request if number is None else form.study(number)
        self.assessment = form.part(f"a-{self.name}")
        self.result = form.part(f"r-{self.name}")
        self.evidence_joint = form.joint(self.assessment, terms.evidence)
        self.corroboration_joint = form.joint(self.assessment, terms.corroboration)
        self.corroborated = form.after + form.before(self.assessment, terms.corroboration)
        """What stands between evidence and corroboration."""
        self.detail = form.before(self.result, terms.detail)
        self.detail_joint = form.joint(self.result, terms.detail)
        self.same_focus = all(member.path is None for member in criterion.members)
        self._heads: dict[int, str] = {}
        # by the identity of a status: members of an enumeration are slow as keys
        self.closed: dict[int, str] = {}
        """What `assessed` gives where the status tells all and nothing is cited."""
        self.opened: dict[int, str] = {}
        """What it gives before the names of what is cited."""
        self._kept = kept
        self._below: dict[int, list[CriterionPieces]] = {}
        self._results: dict[tuple[int, bool], str] = {}

    def assessed(self, a: Assessment, below: Sequence["CriterionPieces"], conflict: str | None = None) -> str:
        """What is said of an assessment, up to the names of the statements that it rests on; without any, all of it.

        It is the same for all plain ones of its status that rest on something, or do not, unless what a composite is
        made of depends on the studies.

        Args:
            a: The assessment.
            below: The pieces of its parts.
            conflict: The name of the conflict that leaves it open.
        """
        head = self._heads.get(id(a.status))
        if head is None:
            head = self._heads[id(a.status)] = self._head(a.status)
        form, terms, subject = self._form, self._terms, self.assessment
        pairs = [(terms.sentence, quoted(a.sentence))]
        if conflict is not None:
            pairs.append((terms.conflict, form.part(conflict)))
        pairs += form.several(subject, terms.part, [piece.assessment for piece in below])
        found = head + "".join([form.pair(subject, p, o) for p, o in pairs])
        found += form.before(subject, terms.evidence) if a.grounds else form.end
        if a.plain and self.same_focus:
            (self.opened if a.grounds else self.closed)[id(a.status)] = found
        return found

    def _head(self, status: Status) -> str:
        form, terms, subject = self._form, self._terms, self.assessment
        pairs = [
            (terms.of_criterion, form.iri(self.criterion.iri)),
            (terms.focus, self._focus),
            (terms.status, terms.statuses[status]),
        ]
        return form.begin(subject, terms.a, terms.assessment) + "".join([form.pair(subject, p, o) for p, o in pairs])

    def below(self, parts: tuple[Part, ...]) -> list["CriterionPieces"]:
        """The pieces of the parts of a composite that are held against what it is held against itself.

        Their number tells which they are: all members, or the condition of a conditional one alone.
        """
        found = self._below.get(len(parts))
        if found is None:
            found = self._below[len(parts)] = [self._kept[part.assessment.criterion] for part in parts]
        return found

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
        self._statement_names: list[str] = []
        self._described: dict[tuple[object, ...], str] = {}
        self._places = places_in(edition)

    def statement_name(self, number: int) -> str:
        """The name of a statement of a case by its number there, from 1."""
        known = self._statement_names
        if number > _MOST_NAMES:
            return self.form.part(f"e-{number}")
        while number > len(known):
            known.append(self.form.part(f"e-{len(known) + 1}"))
        return known[number - 1]

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

    def below(self, a: Assessment, piece: CriterionPieces) -> list[CriterionPieces]:
        """The pieces of the parts of a composite."""
        return piece.below(a.parts) if piece.same_focus else [self.piece(part.assessment) for part in a.parts]


@lru_cache(maxsize=32)
def pieces_of(edition: Edition, form: FormName) -> EditionPieces:
    """The pieces of an edition, made once."""
    return EditionPieces(edition, form)
