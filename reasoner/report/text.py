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
    return pieces.form.whole(pieces.everything(), str(edition.iri), "", (), str(edition.iri))


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
        self.labels: list[str] = []
        self.labels_ended: list[str] = []
        self.in_conflict: dict[int, str] = {}
        self.citations = Citations(content, self.pieces)

    def whole(self, body: str) -> str:
        """The text with the names that it needs."""
        d = self.d
        return self.form.whole(
            body, self.content.iri, d.case.iri, [str(s.study) for s in d.studies], str(d.edition.iri)
        )

    def report(self, knowledge: Knowledge, *, with_descriptions: bool) -> str:
        """Everything about the determination."""
        d, content, form, terms = self.d, self.content, self.form, self.terms
        self.labels = [quoted(label) + form.after for label in content.studies]
        self.labels_ended = [label + form.end for label in self.labels]
        self.in_conflict = content.in_conflict
        (root,) = self.assessments([d.root])
        studies = [form.part(f"study-{n}") for n in range(1, len(d.studies) + 1)]
        lists = (
            (terms.studies, "studies", studies),
            (terms.decided_by, "decidedBy", self.assessments(d.decisive)),
            (terms.conflicts, "conflicts", self.conflicts()),
            (terms.settling_sets, "settlingSets", self.settling_sets(studies)),
            (terms.assumptions, "assumptions", self.iris(d.assumptions)),
            (terms.readings, "readings", self.iris(d.readings)),
            (terms.advice_given, "adviceGiven", self.iris(content.advice)),
            (terms.notices, "notices", [quoted(notice) for notice in content.notices]),
            (terms.clauses_cited, "clausesCited", self.iris(content.citations)),
        )
        listed = [
            (predicate, form.part(f"list-{name}-1"), form.list_(f"list-{name}", items))
            for predicate, name, items in lists
            if items
        ]
        self.studies()
        self.out += self.citations.quotations()
        self.out += self.citations.statements()
        results = self.results()
        if with_descriptions:
            notes = (*d.assumptions, *d.readings)
            self.out.append(self.pieces.described(self.seen.values(), notes, content.advice))
        opening = form.block(
            self.own,
            [
                (terms.a, terms.determination),
                (terms.a, terms.report),
                (terms.a, terms.entity),
                (terms.label, form.text(content.label)),
                (terms.conforms, terms.false if results else terms.true),
                (terms.outcome, terms.outcomes[d.outcome]),
                (terms.recommendation, quoted(content.recommendation)),
                (terms.of_case, form.request),
                (terms.under_edition, form.iri(d.edition.iri)),
                (terms.date_applied, form.typed(d.date.isoformat(), "date")),
                *((predicate, first) for predicate, first, _ in listed),
                (terms.root_assessment, root),
                *results,
                *self.provenance(knowledge),
            ],
        )
        return "".join([opening, *(text for _, _, text in listed), *self.inputs(with_descriptions), *self.out])

    def results(self) -> list[tuple[str, str]]:
        """Describe the SHACL results; gives the link to that of the root, where it is not met."""
        root = self.d.root
        if root.status is _MET:
            return []
        return [(self.terms.result, write_result(Part(root), self.of_case, self.out, set()))]

    def provenance(self, knowledge: Knowledge) -> list[tuple[str, str]]:
        """What the determination was made from."""
        d, form, terms = self.d, self.form, self.terms
        digests = knowledge.digests(d.edition)
        return [
            (terms.derived_from, form.request),
            (terms.derived_from, form.iri(d.edition.iri)),
            *((terms.derived_from, form.iri(source)) for source in sources()),
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
        edition = form.iri(d.edition.iri)
        if with_descriptions:
            yield self.pieces.own
        if d.edition.not_encoded:
            yield form.block(edition, [(terms.not_encoded, form.part("list-notEncoded-1"))])
            yield form.list_("list-notEncoded", self.iris(d.edition.not_encoded))
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
        seen, write, out, labels, ended = self.seen, self.out.append, self.out, self.labels, self.labels_ended
        names_of, below_of, in_conflict = self.citations.kept.get, self.of_case.below, self.in_conflict
        pending = [(a, piece)]
        while pending:
            a, piece = pending.pop()
            if piece.name in seen:
                continue
            seen[piece.name] = piece
            parts, grounds, number = a.parts, a.grounds, piece.number
            further = 0 if parts else a.further
            known = piece.texts[(grounds > 0) + 2 * (further > 0)]
            text = known.get(id(a.status)) if parts or a.plain else None
            write(text or piece.assessed(a, in_conflict.get(id(a))))
            if parts:
                if number is not None:
                    write(labels[number - 1])
                text, below = below_of(a, piece)
                write(text)
                pending += [(part.assessment, inner) for part, inner in zip(parts[::-1], below[::-1], strict=True)]
            elif number is not None:
                write(ended[number - 1])
            if grounds:
                piece.evidence_lists.write(names_of(grounds) or self.citations.of_grounds(grounds), out)
            if further:
                piece.corroboration_lists.write(names_of(further) or self.citations.of_grounds(further), out)

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
            self.part(name, pairs, [(terms.decided_by, "decidedBy", self.assessments(study.decisive))])

    def conflicts(self) -> list[str]:
        """Describe the conflicts, and the contradictions that only intake found; gives their names."""
        terms, content = self.terms, self.content
        names = []
        for number, (sentence, triples) in enumerate(content.conflicts, 1):
            lists = [
                (terms.evidence, "evidence", self.citations.of(triples)),
                (terms.bears_on, "bearsOn", self.assessments(self.d.conflicts[number - 1].assessments)),
            ]
            pairs = [(terms.a, terms.conflict_class), (terms.sentence, quoted(sentence))]
            names.append(self.part(f"conflict-{number}", pairs, lists))
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
            lists = [(terms.of_studies, "ofStudies", of_studies), (terms.parts, "parts", items)]
            names.append(self.part(name, pairs, lists))
            for n, question in enumerate(questions, 1):
                asked = [(terms.alternatives, "alternatives", self.assessments(question))]
                self.part(f"{name}-item-{n}", [(terms.a, terms.open_question)], asked)
        return names

    # Writing

    def part(
        self,
        name: str,
        pairs: Sequence[tuple[str, str]],
        lists: Sequence[tuple[str, str, Sequence[str]]] = (),
    ) -> str:
        """Describe a part of the report, with its lists by property and by the name of their nodes; gives its name."""
        form, node = self.form, self.form.part(name)
        filled = [entry for entry in lists if entry[2]]
        links = [(predicate, form.part(f"{name}-{local}-1")) for predicate, local, _ in filled]
        self.out.append(form.block(node, [*pairs, *links]))
        self.out += [form.list_(f"{name}-{local}", items) for _, local, items in filled]
        return node

    def iris(self, found: Iterable[_Named]) -> list[str]:
        """The IRIs of things of the edition."""
        return [self.form.iri(thing.iri) for thing in found]
