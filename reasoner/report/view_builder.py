"""The records of `view` straight from a determination: the same that reading its report graph gives."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from rdflib import URIRef
from rdflib.term import Node

from reasoner.evaluation.criteria import Assessment, Status
from reasoner.evaluation.determination import Determination
from reasoner.knowledge import Knowledge
from reasoner.policy.edition import Clause, Criterion, Edition, Note, Operator
from reasoner.report import view
from reasoner.report.content import Content, sources
from reasoner.report.evidence import Quoted, numbers_in
from reasoner.report.order import places_in
from reasoner.version import VERSION

_iri: Final = str.__new__  # an IRI made of sound parts: nothing in it that rdflib would have to look at
_MET: Final = Status.MET
_UNDETERMINED: Final = Status.UNDETERMINED


def view_of(determination: Determination, knowledge: Knowledge) -> view.ReportView:
    """The records of a determination; whatever is shared is one record."""
    return _Builder(Content(determination, knowledge)).report(knowledge)


class _Builder:
    """Keeps what it has made, so that a shared thing becomes one shared record."""

    def __init__(self, content: Content) -> None:
        self.content = content
        self.d = content.determination
        self.edition = _edition_records(self.d.edition)
        self.base = f"{content.iri}#"
        self.assessments: dict[str, view.Assessment] = {}
        self.statements: dict[int, view.Statement] = {}
        self.quotations: dict[str, view.Quotation] = {}
        self.named: dict[int, tuple[view.Statement, ...]] = {}
        self.by_focus: dict[int, tuple[str, str | None]] = {}
        self.in_conflict = content.in_conflict

    def report(self, knowledge: Knowledge) -> view.ReportView:
        """Everything about the determination."""
        d, content, edition = self.d, self.content, self.edition
        root = self.assessment(d.root)
        digests = knowledge.digests(d.edition)
        studies = tuple(self.study(number) for number in range(len(d.studies)))
        return view.ReportView(
            iri=content.iri,
            label=content.label,
            recommendation=content.recommendation,
            outcome=d.outcome,
            conforms=d.root.status is _MET,
            date_applied=d.date.isoformat(),
            case=d.case.iri,
            case_label=d.case.label,
            edition=edition.record,
            studies=studies,
            root=root,
            decided_by=self.in_order(d.decisive),
            conflicts=self.conflicts(),
            settling_sets=self.settling_sets(studies),
            assumptions=tuple(map(_note, content.assumptions)),
            readings=tuple(map(_note, content.readings)),
            advice=tuple(view.Advice(a.iri, a.label, a.sentence, (edition.clause(a.clause),)) for a in content.advice),
            notices=tuple(content.notices),
            citations=tuple(map(edition.clause, content.citations)),
            provenance=view.Provenance(
                derived_from=tuple(sorted((d.case.iri, d.edition.iri, *map(URIRef, sources())), key=str)),
                case_digest=d.case.digest,
                edition_digest=digests.edition,
                shapes_digest=digests.shapes,
                ontology_digest=digests.ontology,
                terminology_digest=digests.terminology,
                knowledge_digest=knowledge.digest,
                program_version=VERSION,
            ),
        )

    def part(self, name: str) -> URIRef:
        """The IRI of a part of the report."""
        return _iri(URIRef, self.base + name)

    def all_of(self, found: Iterable[Assessment]) -> tuple[view.Assessment, ...]:
        """The records of assessments."""
        return tuple([self.assessment(a) for a in found])

    def in_order(self, found: Iterable[Assessment]) -> tuple[view.Assessment, ...]:
        """The records of assessments, in the order in which they are read."""
        return self.all_of(self.content.in_order(found))

    def parts(self, a: Assessment, criterion: "_CriterionRecord") -> tuple[view.Assessment, ...]:
        """The records of the parts of a composite."""
        parts = [part.assessment for part in a.parts]
        if not criterion.parts_in_order:
            parts = self.content.in_order(parts)
            if a.criterion.operator is Operator.CONDITIONAL:
                parts.sort(key=lambda part: part.criterion is not a.criterion.members[0].criterion)
        return self.all_of(parts)

    def assessment(self, a: Assessment) -> view.Assessment:
        """The record of an assessment."""
        criterion = self.edition.criteria[a.criterion]
        suffix, label = self.by_focus.get(id(a.focus)) or self.focus(a.focus)
        name = criterion.local + suffix
        known = self.assessments.get(name)
        if known is not None:
            return known
        shared = criterion.by_status.get(id(a.status)) or criterion.shared(a)
        found = {**shared, "iri": _iri(URIRef, self.base + name), "focus": a.focus, "focus_label": label}
        if not a.silent:
            if not a.plain:
                found["sentence"] = a.sentence
            if a.grounds:
                found["evidence"] = self.cited(a.grounds)
            if a.parts:
                found["parts"] = self.parts(a, criterion)
            elif a.further:
                found["corroboration"] = self.cited(a.further)
            if self.in_conflict and id(a) in self.in_conflict:
                found["conflict"] = self.part(self.in_conflict[id(a)])
        known = self.assessments[name] = object.__new__(view.Assessment)
        vars(known).update(found)  # all fields at once: one by one takes most of the time of a report
        return known

    def cited(self, mask: int) -> tuple[view.Statement, ...]:
        """The records of the statements that something rests on, which are the bits of a number."""
        found = self.named.get(mask)
        if found is None:
            known = self.statements
            found = self.named[mask] = tuple([known.get(n) or self.statement(n) for n in numbers_in(mask)])
        return found

    def focus(self, focus: Node) -> tuple[str, str | None]:
        """What tells the assessments of a node apart, and the words for it where it is a study."""
        number = self.content.numbers.get(focus)
        found = ("", None) if number is None else (f"-{number}", self.content.studies[number - 1])
        self.by_focus[id(focus)] = found
        return found

    def study(self, place: int) -> view.StudyDetermination:
        """The record of what was determined of a study."""
        study = self.d.studies[place]
        return view.StudyDetermination(
            iri=self.part(f"study-{place + 1}"),
            study=study.study,
            label=self.content.studies[place],
            outcome=study.outcome,
            sentence=self.content.outcome_sentence(study),
            decided_by=self.in_order(study.decisive),
        )

    def statement(self, number: int) -> view.Statement:
        """The record of a statement of the case by its number."""
        evidence = self.content.evidence
        triple = evidence.statements[number - 1]
        quotations = tuple(map(self.quotation, evidence.quotations(triple)))
        found = view.Statement(self.part(f"e-{number}"), *triple, evidence.sentence(triple), quotations)
        self.statements[number] = found
        return found

    def quotation(self, quoted: Quoted) -> view.Quotation:
        """The record of a quotation."""
        found = self.quotations.get(quoted.name)
        if found is None:
            texts = [None if value is None else str(value) for value in (quoted.text, quoted.title, quoted.date)]
            found = view.Quotation(self.part(quoted.name), texts[0] or "", *texts[1:])
            self.quotations[quoted.name] = found
        return found

    def conflicts(self) -> tuple[view.Conflict, ...]:
        """The records of the conflicts, and of the contradictions that only intake found."""
        found = [
            view.Conflict(
                self.part(f"conflict-{number}"),
                sentence,
                self.cited(mask),
                self.in_order(self.d.conflicts[number - 1].assessments),
            )
            for number, (sentence, mask) in enumerate(self.content.conflicts, 1)
        ]
        for number, message in enumerate(self.content.contradictions, 1):
            found.append(view.Conflict(self.part(f"contradiction-{number}"), message, (), ()))
        return tuple(found)

    def settling_sets(self, studies: tuple[view.StudyDetermination, ...]) -> tuple[view.SettlingSet, ...]:
        """The records of the settling sets."""
        return tuple(
            view.SettlingSet(
                iri=self.part(f"set-{number}"),
                size=len(settling.way),
                questions=tuple(
                    view.OpenQuestion(self.part(f"set-{number}-item-{n}"), self.all_of(question))
                    for n, question in enumerate(self.content.questions(settling), 1)
                ),
                studies=tuple(studies[self.content.numbers[study] - 1] for study in settling.studies),
                leads_to=settling.leads_to,
            )
            for number, settling in enumerate(self.d.settling, 1)
        )


class _CriterionRecord:
    """The record of a criterion within the fields that its assessments share."""

    __slots__ = ("_bare", "by_status", "local", "parts_in_order")

    def __init__(self, criterion: Criterion, edition: "_EditionRecords") -> None:
        places = places_in(edition.edition)
        clauses = tuple(edition.clause(c) for c in sorted(criterion.clauses, key=lambda c: places.clauses[c.iri]))
        below = [places.criteria[member.criterion] for member in criterion.members]
        self.parts_in_order = below == sorted(set(below)) and all(m.path is None for m in criterion.members)
        self.local = f"a-{criterion.name}"
        self.by_status: dict[int, dict[str, Any]] = {}  # by identity: members of an enumeration are slow as keys
        self._bare: dict[str, Any] = {
            "iri": criterion.iri,
            "criterion": view.Criterion(criterion.iri, criterion.label, criterion.definition, clauses),
            "focus": None,
            "focus_label": None,
            "status": None,
            "kind": view.Kind(criterion.operator.value) if criterion.operator else view.Kind.LEAF,
            "sentence": "",
            "is_exclusion": criterion in edition.edition.exclusions,
            "parts": (),
            "evidence": (),
            "corroboration": (),
            "documentation": None,
            "conflict": None,
        }
        view.Assessment(**self._bare)  # all of its fields are there

    def shared(self, a: Assessment) -> dict[str, Any]:
        """The fields of an assessment that rests on nothing and has no parts; kept for all plain ones of its status."""
        documentation = (a.criterion.documentation or None) if a.status is _UNDETERMINED else None
        found = {**self._bare, "status": a.status, "sentence": a.sentence, "documentation": documentation}
        if a.plain:
            self.by_status[id(a.status)] = found
        return found


class _Criteria(dict[Criterion, _CriterionRecord]):
    """The records of criteria, made as they are asked for."""

    def __init__(self, edition: "_EditionRecords") -> None:
        super().__init__()
        self._edition = edition

    def __missing__(self, criterion: Criterion) -> _CriterionRecord:
        """Make the record of a criterion."""
        found = self[criterion] = _CriterionRecord(criterion, self._edition)
        return found


class _EditionRecords:
    """The records that are the same for all cases of an edition."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self._clauses: dict[str, view.Clause] = {}
        self.criteria = _Criteria(self)
        self.record = view.Edition(
            iri=edition.iri,
            title=edition.title,
            payer=edition.payer_name,
            effective_from=edition.effective_from.isoformat(),
            partial=edition.partial,
            not_encoded=tuple(map(self.clause, _in_place(edition))),
        )

    def clause(self, clause: Clause) -> view.Clause:
        """The record of a clause."""
        found = self._clauses.get(clause.iri)
        if found is None:
            document = view.Document(clause.document, clause.document_title, None)
            found = self._clauses[clause.iri] = view.Clause(clause.iri, clause.label, clause.place, document)
        return found


@lru_cache(maxsize=32)
def _edition_records(edition: Edition) -> _EditionRecords:
    return _EditionRecords(edition)


def _note(note: Note) -> view.Note:
    return view.Note(note.iri, note.label, note.definition)


def _in_place(edition: Edition) -> list[Clause]:
    places = places_in(edition).clauses
    return sorted(edition.not_encoded, key=lambda clause: places[clause.iri])
