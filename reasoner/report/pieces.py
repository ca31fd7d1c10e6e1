"""The text of a report that is the same for every case of an edition, made once and put together for each case.

A criterion is assessed of the request or of each requested study; the pieces of a study are those of its number, so
that they hold no more of a case than stand-ins (see `reasoner.report.forms`).
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from rdflib.term import Node

from reasoner.evaluation.criteria import Assessment, Part, Status, contribution
from reasoner.policy.edition import Criterion, Edition
from reasoner.report.descriptions import Descriptions
from reasoner.report.forms import FormName, form_of, quoted
from reasoner.report.terms import ReportTerms

_KEPT: Final = 16  # studies whose pieces are kept; a request of more makes those of the others again
_REFUTED: Final = Status.REFUTED
_MOST_NAMES: Final = 1000  # statements of a case whose names are kept


class CriterionPieces:
    """The text for one criterion, held against the request or the study of a number."""

    __slots__ = (
        "_below", "_evidence",
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
        self._evidence = form.before(self.assessment, terms.evidence)
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

    def assessed(self, a: Assessment, below: Sequence["CriterionPieces"] = (), conflict: str | None = None) -> str:
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
        found = head + quoted(a.sentence) + form.after
        if conflict is not None:
            found += form.pair(subject, terms.conflict, form.part(conflict))
        for predicate, parts in form.several(subject, terms.part, [piece.assessment for piece in below]):
            found += form.pair(subject, predicate, parts)
        found += self._evidence if a.grounds else form.end
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
        found = form.begin(subject, terms.a, terms.assessment) + "".join([form.pair(subject, p, o) for p, o in pairs])
        return found + form.before(subject, terms.sentence)

    def below(self, parts: tuple[Part, ...]) -> list["CriterionPieces"]:
        """The pieces of the parts of a composite that are held against what it is held against itself.

        Their number tells which they are: all members, or the condition of a conditional one alone.
        """
        found = self._below.get(len(parts))
        if found is None:
            found = self._below[len(parts)] = [self._kept[part.assessment.criterion] for part in parts]
        return found

    def failed(self, a: Assessment, *, ruled_out: bool) -> str:
        """The SHACL result of the criterion, up to its details; that of a leaf has none, and is whole."""
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
        ] + ([form.end] if criterion.operator is None else []))  # fmt: skip


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
        self._statement_names = [""]
        self.descriptions = Descriptions(edition, self.form, terms)

    def statement_names(self, count: int) -> list[str]:
        """The names of so many statements of a case, at least, by their numbers; there is no number 0."""
        known = self._statement_names
        if count < len(known):
            return known
        more = [self.form.part(f"e-{number}") for number in range(len(known), count + 1)]
        if count > _MOST_NAMES:
            return known + more
        known += more
        return known

    def of_focus(self, number: int | None) -> "FocusPieces":
        """The pieces of the criteria that are held against the request, or against the study of a number."""
        found = self._kept.get(number)
        if found is None:
            found = FocusPieces(self, number)
            if number is None or number <= _KEPT:
                self._kept[number] = found
        return found


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
