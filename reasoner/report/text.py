"""A determination as RDF text: Turtle, a graph of TriG, or N-Quads, in reading order.

It is a SHACL validation report whose results nest as the policy does, an assessment of every criterion with its
evidence, and PROV-O for what it was made from. It holds no blank nodes and nothing that changes from run to run.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Protocol

from rdflib import URIRef

from reasoner.evaluation.criteria import Assessment, Part, Status
from reasoner.evaluation.determination import Determination
from reasoner.knowledge import Knowledge
from reasoner.policy.edition import Edition
from reasoner.report.citations import Citations
from reasoner.report.content import PROGRAM, Content, sources
from reasoner.report.forms import FormName, quoted
from reasoner.report.pieces import CasePieces, CriterionPieces, pieces_of
from reasoner.report.results import write_result
from reasoner.version import VERSION

_MET: Final = Status.MET
_OPEN: Final = id(Status.UNDETERMINED)


def report_text(
    determination: Determination, knowledge: Knowledge, form: FormName = "turtle", *, with_descriptions: bool = True
) -> str:
    """The whole report of one determination.

    Args:
        determination: What to report.
        knowledge: What it was made from.
        form: The syntax. TriG and N-Quads put the report into a graph of the determination's name; the texts of several
            determinations may be written one after the other.
        with_descriptions: Whether labels, definitions and clauses of the criteria stand in it. Without them it says as
            much only beside `descriptions_text` of the edition.
    """
    writer = _Writer(Content(determination, knowledge), form)
    return writer.whole(writer.report(knowledge, with_descriptions=with_descriptions))


def results_text(determination: Determination, knowledge: Knowledge, form: FormName = "turtle") -> str:
    """The SHACL validation report alone: whether the request conforms, and its nested results."""
    writer = _Writer(Content(determination, knowledge), form)
    terms, results = writer.terms, writer.results()
    pairs = [(terms.a, terms.report), (terms.conforms, terms.false if results else terms.true), *results]
    return writer.whole(writer.form.block(writer.own, pairs) + "".join(writer.out))


def descriptions_text(edition: Edition, form: FormName = "turtle") -> str:
    """What the reports of an edition leave out without descriptions; in TriG and N-Quads in the edition's graph."""
    pieces = pieces_of(edition, form)
    return pieces.form.whole(pieces.descriptions.everything(), str(edition.iri), "", (), str(edition.iri))


class _Named(Protocol):
    @property
    def iri(self) -> URIRef: ...


class _Writer:
    """Puts the text of one determination together, each node once."""

    def __init__(self, content: Content, form: FormName) -> None:
        self.content = content
        self.d = content.determination
        self.pieces = pieces_of(self.d.edition, form)
        self.of_case = CasePieces(self.pieces, content.numbers)
        self.form = self.pieces.form
        self.terms = self.pieces.terms
        self.own = self.form.iri(content.iri)
        self.out: list[str] = []
        self.seen: dict[str, CriterionPieces] = {}
        self.in_conflict: dict[int, str] = {}
        self.citations = Citations(content.evidence, self.pieces)

    def whole(self, body: str) -> str:
        """The text with the names that it needs."""
        d = self.d
        return self.form.whole(
            body, self.content.iri, d.case.iri, [str(s.study) for s in d.studies], str(d.edition.iri)
        )

    def report(self, knowledge: Knowledge, *, with_descriptions: bool) -> str:
        """Everything about the determination."""
        d, content, form, terms = self.d, self.content, self.form, self.terms
        self.in_conflict = content.in_conflict
        (root,) = self.assessments([d.root])
        studies = [form.part(f"study-{n}") for n in range(1, len(d.studies) + 1)]
        links = [
            *form.several(self.own, terms.study_determined, studies),
            *form.several(self.own, terms.decided_by, self.assessments(content.in_order(d.decisive))),
            *form.several(self.own, terms.reports_conflict, self.conflicts()),
            *form.several(self.own, terms.settling_set_listed, self.settling_sets(studies)),
            *form.several(self.own, terms.assumes, self.iris(content.assumptions)),
            *form.several(self.own, terms.reading, self.iris(content.readings)),
            *form.several(self.own, terms.advice_given, self.iris(content.advice)),
            *form.several(self.own, terms.notice, [quoted(notice) for notice in content.notices]),
            *form.several(self.own, terms.cites_clause, self.iris(content.citations)),
        ]
        self.studies()
        self.out += self.citations.quotations()
        self.out += self.citations.statements()
        results = self.results()
        if with_descriptions:
            notes = (*d.assumptions, *d.readings)
            self.out.append(
                self.pieces.descriptions.of([piece.criterion for piece in self.seen.values()], notes, content.advice)
            )
        opening = form.block(
            self.own,
            [
                *form.several(self.own, terms.a, [terms.determination, terms.report, terms.entity]),
                (terms.label, form.text(content.label)),
                (terms.conforms, terms.false if results else terms.true),
                (terms.outcome, terms.outcomes[d.outcome]),
                (terms.recommendation, quoted(content.recommendation)),
                (terms.of_case, form.request),
                (terms.under_edition, form.iri(d.edition.iri)),
                (terms.date_applied, form.typed(d.date.isoformat(), "date")),
                *links,
                (terms.root_assessment, root),
                *results,
                *self.provenance(knowledge),
            ],
        )
        return "".join([opening, *self.inputs(with_descriptions), *self.out])

    def results(self) -> list[tuple[str, str]]:
        """Describe the SHACL results; gives the link to that of the root, where it is not met."""
        root = self.d.root
        if root.status is _MET:
            return []
        piece = self.of_case.piece(root)
        write_result(Part(root), piece, self.of_case, self.out, set())
        return [(self.terms.result, piece.result)]

    def provenance(self, knowledge: Knowledge) -> list[tuple[str, str]]:
        """What the determination was made from."""
        d, form, terms = self.d, self.form, self.terms
        digests = knowledge.digests(d.edition)
        return [
            *form.several(self.own, terms.derived_from, [form.request, *map(form.iri, (d.edition.iri, *sources()))]),
            (terms.attributed_to, form.iri(PROGRAM)),
            (terms.case_digest, quoted(d.case.digest)),
            (terms.edition_digest, quoted(digests.edition)),
            (terms.shapes_digest, quoted(digests.shapes)),
            (terms.ontology_digest, quoted(digests.ontology)),
            (terms.terminology_digest, quoted(digests.terminology)),
            (terms.knowledge_digest, quoted(knowledge.digest)),
            (terms.program_version, quoted(VERSION)),
        ]

    def inputs(self, with_descriptions: bool) -> Iterator[str]:
        """What is said of the case, the edition and the program."""
        d, form, terms = self.d, self.form, self.terms
        yield form.block(form.request, [(terms.label, quoted(d.case.label))])
        if with_descriptions:
            yield self.pieces.descriptions.own
        yield form.block(form.iri(PROGRAM), [(terms.a, terms.agent)])

    # Criteria

    def assessments(self, found: Iterable[Assessment]) -> list[str]:
        """The names of assessments, all of which are described."""
        pieces = [(a, self.of_case.piece(a)) for a in found]
        for a, piece in pieces:
            if piece.name not in self.seen:
                self.describe(a, piece)
        return [piece.assessment for _, piece in pieces]

    def describe(self, a: Assessment, piece: CriterionPieces) -> None:
        """Describe an assessment and everything below it that is not described yet, from the top down."""
        seen, write, cited, below_of = self.seen, self.out.append, self.citations.of, self.of_case.below
        conflicts, closing = self.in_conflict, self.form.after + self.form.end

        def tell(a: Assessment, piece: CriterionPieces, below: Sequence[CriterionPieces] = ()) -> None:
            grounds = a.grounds
            text = (piece.opened if grounds else piece.closed).get(id(a.status)) if a.plain else None
            write(text or piece.assessed(a, below, conflicts.get(id(a))))
            if grounds:
                write(cited(grounds, piece.evidence_joint))
                further = a.further
                if further:
                    write(piece.corroborated)
                    write(cited(further, piece.corroboration_joint))
                write(closing)

        seen[piece.name] = piece
        below = below_of(a, piece) if a.parts else []
        tell(a, piece, below)
        open_composites = [zip(a.parts, below, strict=True)]
        while open_composites:
            for part, inner in open_composites[-1]:
                if inner.name in seen:
                    continue
                seen[inner.name] = inner
                found = part.assessment
                if type(found) is Assessment:  # nothing in the case bears on it
                    write(inner.closed.get(_OPEN) or inner.assessed(found))
                elif found.parts:
                    below = below_of(found, inner)
                    tell(found, inner, below)
                    open_composites.append(zip(found.parts, below, strict=True))
                    break
                else:
                    tell(found, inner)
            else:
                open_composites.pop()

    # Parts of the report

    def studies(self) -> None:
        """Describe what was determined of each study."""
        form, terms, content = self.form, self.terms, self.content
        for number, study in enumerate(self.d.studies, 1):
            name = f"study-{number}"
            pairs = [
                (terms.a, terms.study_determination),
                (terms.of_study, form.study(number)),
                (terms.label, quoted(content.studies[number - 1])),
                (terms.outcome, terms.outcomes[study.outcome]),
                (terms.sentence, quoted(content.outcome_sentence(study))),
            ]
            self.part(name, pairs, [(terms.decided_by, self.assessments(content.in_order(study.decisive)))])

    def conflicts(self) -> list[str]:
        """Describe the conflicts, and the contradictions that only intake found; gives their names."""
        terms, content = self.terms, self.content
        names = []
        for number, (sentence, mask) in enumerate(content.conflicts, 1):
            bearing = content.in_order(self.d.conflicts[number - 1].assessments)
            links = [(terms.evidence, self.citations.names(mask)), (terms.bears_on, self.assessments(bearing))]
            pairs = [(terms.a, terms.conflict_class), (terms.sentence, quoted(sentence))]
            names.append(self.part(f"conflict-{number}", pairs, links))
        for number, message in enumerate(content.contradictions, 1):
            pairs = [(terms.a, terms.conflict_class), (terms.sentence, quoted(message))]
            names.append(self.part(f"contradiction-{number}", pairs))
        return names

    def settling_sets(self, studies: Sequence[str]) -> list[str]:
        """Describe what would settle the open studies; gives the names of the sets."""
        form, terms, numbers = self.form, self.terms, self.content.numbers
        names = []
        for number, settling in enumerate(self.d.settling, 1):
            name = f"set-{number}"
            questions = self.content.questions(settling)
            items = [form.part(f"{name}-item-{n}") for n in range(1, len(questions) + 1)]
            pairs = [
                (terms.a, terms.settling_set),
                (terms.size, form.typed(str(len(questions)), "integer")),
                (terms.leads_to, terms.outcomes[settling.leads_to]),
            ]
            of_studies = [studies[numbers[study] - 1] for study in settling.studies]
            links = [(terms.settles_study, of_studies), (terms.open_question_asked, items)]
            names.append(self.part(name, pairs, links))
            for n, question in enumerate(questions, 1):
                asked = [(terms.alternative, self.assessments(question))]
                self.part(f"{name}-item-{n}", [(terms.a, terms.open_question)], asked)
        return names

    # Writing

    def part(
        self,
        name: str,
        pairs: Sequence[tuple[str, str]],
        links: Sequence[tuple[str, Sequence[str]]] = (),
    ) -> str:
        """Describe a part of the report, with the properties of which it may have several values; gives its name."""
        form, node = self.form, self.form.part(name)
        several = [pair for predicate, values in links for pair in form.several(node, predicate, values)]
        self.out.append(form.block(node, [*pairs, *several]))
        return node

    def iris(self, found: Iterable[_Named]) -> list[str]:
        """The IRIs of things of the edition."""
        return [self.form.iri(thing.iri) for thing in found]
