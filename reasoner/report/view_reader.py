"""Reading the records of `view` from a report graph."""

from collections.abc import Callable
from typing import Any, TypeVar

from rdflib import DCTERMS, PROV, RDF, RDFS, SH, SKOS, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.errors import EngineError
from reasoner.evaluation.criteria import Status
from reasoner.evaluation.determination import Outcome
from reasoner.rdf.index import triple_key
from reasoner.report.order import by_name
from reasoner.report.view import (
    Advice,
    Assessment,
    Clause,
    Conflict,
    Criterion,
    Document,
    Edition,
    Kind,
    Note,
    OpenQuestion,
    Provenance,
    Quotation,
    ReportView,
    SettlingSet,
    Statement,
    StudyDetermination,
)
from reasoner.terms import EDX

_Record = TypeVar("_Record")
_Term = TypeVar("_Term", Status, Outcome, Kind)


def _name(node: Node) -> tuple[str | int, ...]:
    return by_name(str(node))


def read_view(graph: Graph, determination: Node | None = None) -> ReportView:
    """The records of one determination of a report graph.

    Args:
        graph: A report graph.
        determination: Which determination to read; may be left out where the graph holds exactly one.

    Raises:
        EngineError: The graph holds no such determination, several, or one that lacks what a report must have.
    """
    found = sorted(graph.subjects(RDF.type, EDX.Determination), key=str)
    if determination is None:
        if len(found) != 1:
            raise EngineError(f"A report graph must hold exactly one determination; this one holds {len(found)}.")
        determination = found[0]
    elif determination not in found:
        raise EngineError(f"The report graph holds no determination <{determination}>.")
    return _Reader(graph).view(determination)


class _Reader:
    """Keeps what it has read, so that a shared node becomes one shared record."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._assessments: dict[Node, Assessment] = {}
        self._studies: dict[Node, StudyDetermination] = {}
        self._statements: dict[Node, Statement] = {}
        self._clauses: dict[Node, Clause] = {}
        self._open: set[Node] = set()
        self._numbers: dict[Node, int] = {}
        self._labels: dict[Node, str] = {}

    def view(self, node: Node) -> ReportView:
        case = self._iri(node, EDX.ofCase)
        edition = self._node(node, EDX.underEdition)
        for number, study in enumerate(self._values(node, EDX.studyDetermination, _name), 1):
            self._numbers[self._node(study, EDX.ofStudy)] = number
            self._labels[self._node(study, EDX.ofStudy)] = self._text(study, RDFS.label)
        return ReportView(
            iri=_named(node),
            label=self._text(node, RDFS.label),
            recommendation=self._text(node, EDX.recommendation),
            outcome=self._term(node, EDX.outcome, Outcome),
            conforms=self._flag(node, SH.conforms),
            date_applied=self._optional(node, EDX.dateApplied),
            case=case,
            case_label=self._text(case, RDFS.label),
            edition=self._edition(edition),
            studies=self._each(node, EDX.studyDetermination, self._study),
            root=self._assessment(self._node(node, EDX.rootAssessment)),
            decided_by=self._assessed(node, EDX.decidedBy),
            conflicts=self._each(node, EDX.reportsConflict, self._conflict),
            settling_sets=self._each(node, EDX.settlingSet, self._settling_set),
            assumptions=self._each(node, EDX.assumes, self._note),
            readings=self._each(node, EDX.reading, self._note),
            advice=self._each(node, EDX.adviceGiven, self._advice),
            notices=tuple(sorted(map(str, self._graph.objects(node, EDX.notice)))),
            citations=self._each(node, EDX.citesClause, self._clause, self._place),
            provenance=Provenance(
                derived_from=tuple(sorted(_named(source) for source in self._graph.objects(node, PROV.wasDerivedFrom))),
                case_digest=self._optional(node, EDX.caseDigest),
                edition_digest=self._optional(node, EDX.editionDigest),
                shapes_digest=self._optional(node, EDX.shapesDigest),
                ontology_digest=self._optional(node, EDX.ontologyDigest),
                terminology_digest=self._optional(node, EDX.terminologyDigest),
                knowledge_digest=self._optional(node, EDX.knowledgeDigest),
                program_version=self._optional(node, EDX.programVersion),
            ),
        )

    def _edition(self, node: Node) -> Edition:
        return Edition(
            iri=_named(node),
            title=self._text(node, DCTERMS.title),
            payer=self._optional(node, EDX.payerName),
            effective_from=self._optional(node, EDX.effectiveFrom),
            partial=self._flag(node, EDX.partial),
            not_encoded=self._each(node, EDX.notEncoded, self._clause, self._place),
        )

    def _study(self, node: Node) -> StudyDetermination:
        if node not in self._studies:
            self._studies[node] = StudyDetermination(
                iri=_named(node),
                study=self._node(node, EDX.ofStudy),
                label=self._text(node, RDFS.label),
                outcome=self._term(node, EDX.outcome, Outcome),
                sentence=self._text(node, EDX.sentence),
                decided_by=self._assessed(node, EDX.decidedBy),
            )
        return self._studies[node]

    def _assessment(self, node: Node) -> Assessment:
        known = self._assessments.get(node)
        if known is None:
            if node in self._open:
                raise EngineError(f"The assessment <{node}> stands below itself.")
            self._open.add(node)
            criterion, focus = self._node(node, EDX.ofCriterion), self._value(node, EDX.focus)
            status = self._term(node, EDX.status, Status)
            known = self._assessments[node] = Assessment(
                iri=_named(node),
                criterion=self._criterion(criterion),
                focus=focus,
                focus_label=None if focus is None else self._labels.get(focus),
                status=status,
                kind=self._term(criterion, EDX.kind, Kind),
                sentence=self._text(node, EDX.sentence),
                is_exclusion=self._flag(criterion, EDX.isExclusion),
                parts=self._parts(node, criterion),
                evidence=self._cited(node, EDX.evidence),
                corroboration=self._cited(node, EDX.corroboration),
                documentation=self._optional(criterion, EDX.documentation) if status is Status.UNDETERMINED else None,
                conflict=self._link(node, EDX.conflict),
            )
            self._open.discard(node)
        return known

    def _criterion(self, node: Node) -> Criterion:
        return Criterion(
            iri=_named(node),
            label=self._text(node, RDFS.label),
            definition=self._optional(node, SKOS.definition),
            clauses=self._sources(node),
        )

    def _sources(self, node: Node) -> tuple[Clause, ...]:
        return self._each(node, DCTERMS.source, self._clause, self._place)

    def _clause(self, node: Node) -> Clause:
        if node not in self._clauses:
            document = self._value(node, DCTERMS.isPartOf)
            self._clauses[node] = Clause(
                iri=_named(node),
                label=self._text(node, RDFS.label),
                place=self._optional(node, EDX.place),
                document=None if document is None else self._document(document),
            )
        return self._clauses[node]

    def _document(self, node: Node) -> Document:
        return Document(_named(node), self._text(node, DCTERMS.title), self._optional(node, DCTERMS.date))

    def _statement(self, node: Node) -> Statement:
        if node not in self._statements:
            self._statements[node] = Statement(
                iri=_named(node),
                subject=self._node(node, RDF.subject),
                predicate=self._node(node, RDF.predicate),
                object=self._node(node, RDF.object),
                sentence=self._text(node, EDX.sentence),
                quotations=self._each(node, EDX.citesQuotation, self._quotation),
            )
        return self._statements[node]

    def _quotation(self, node: Node) -> Quotation:
        return Quotation(
            iri=_named(node),
            text=self._text(node, EDX.text),
            document=self._optional(node, DCTERMS.title),
            date=self._optional(node, EDX.date),
        )

    def _conflict(self, node: Node) -> Conflict:
        return Conflict(
            iri=_named(node),
            sentence=self._text(node, EDX.sentence),
            evidence=self._cited(node, EDX.evidence),
            bears_on=self._assessed(node, EDX.bearsOn),
        )

    def _settling_set(self, node: Node) -> SettlingSet:
        return SettlingSet(
            iri=_named(node),
            size=int(self._text(node, EDX["size"])),
            questions=self._each(node, EDX.openQuestion, self._question),
            studies=self._each(node, EDX.settlesStudy, self._study),
            leads_to=self._term(node, EDX.leadsTo, Outcome),
        )

    def _question(self, node: Node) -> OpenQuestion:
        return OpenQuestion(_named(node), self._assessed(node, EDX.alternative))

    def _note(self, node: Node) -> Note:
        return Note(_named(node), self._text(node, RDFS.label), self._optional(node, SKOS.definition))

    def _advice(self, node: Node) -> Advice:
        return Advice(
            _named(node), self._text(node, RDFS.label), self._text(node, EDX.sentence), clauses=self._sources(node)
        )

    def _assessed(self, node: Node, predicate: URIRef) -> tuple[Assessment, ...]:
        return self._each(node, predicate, self._assessment, self._place_of_assessment)

    def _parts(self, node: Node, criterion: Node) -> tuple[Assessment, ...]:
        condition = self._value(criterion, EDX.condition)

        def place(part: Node) -> tuple[Any, ...]:
            return (self._value(part, EDX.ofCriterion) != condition, *self._place_of_assessment(part))

        return self._each(node, EDX.part, self._assessment, place)

    def _cited(self, node: Node, predicate: URIRef) -> tuple[Statement, ...]:
        return self._each(node, predicate, self._statement, self._place_of_statement)

    def _each(
        self, node: Node, predicate: URIRef, read: Callable[[Node], _Record], place: Callable[[Node], Any] = _name
    ) -> tuple[_Record, ...]:
        return tuple([read(value) for value in self._values(node, predicate, place)])

    def _values(self, node: Node, predicate: URIRef, place: Callable[[Node], Any]) -> list[Node]:
        return sorted(self._graph.objects(node, predicate), key=place)

    def _place(self, node: Node) -> tuple[Any, ...]:
        """The place of a criterion or a clause in the reading order; those without one come last."""
        order = self._value(node, SH.order)
        place = order.toPython() if isinstance(order, Literal) else None
        return (float("inf") if not isinstance(place, int) else place, _name(node))

    def _place_of_assessment(self, node: Node) -> tuple[Any, ...]:
        focus = self._value(node, EDX.focus)
        number = 0 if focus is None else self._numbers.get(focus, 0)
        return (*self._place(self._node(node, EDX.ofCriterion)), number, _name(node))

    def _place_of_statement(self, node: Node) -> tuple[str, str, str]:
        return triple_key(
            (self._node(node, RDF.subject), self._node(node, RDF.predicate), self._node(node, RDF.object))
        )

    def _value(self, node: Node, predicate: URIRef) -> Node | None:
        """The value; of several, such as two labels of a case, always the same one."""
        return min(self._graph.objects(node, predicate), key=str, default=None)

    def _node(self, node: Node, predicate: URIRef) -> Node:
        value = self._value(node, predicate)
        if value is None:
            raise EngineError(f"The report graph states no <{predicate}> of <{node}>.")
        return value

    def _iri(self, node: Node, predicate: URIRef) -> URIRef:
        return _named(self._node(node, predicate))

    def _link(self, node: Node, predicate: URIRef) -> URIRef | None:
        value = self._value(node, predicate)
        return None if value is None else _named(value)

    def _text(self, node: Node, predicate: URIRef) -> str:
        return str(self._node(node, predicate))

    def _optional(self, node: Node, predicate: URIRef) -> str | None:
        value = self._value(node, predicate)
        return None if value is None else str(value)

    def _flag(self, node: Node, predicate: URIRef) -> bool:
        value = self._value(node, predicate)
        return isinstance(value, Literal) and value.toPython() is True

    def _term(self, node: Node, predicate: URIRef, terms: type[_Term]) -> _Term:
        value = str(self._node(node, predicate))
        try:
            return terms(value.removeprefix(str(EDX)))
        except ValueError:
            raise EngineError(f"The report graph states <{value}> as <{predicate}> of <{node}>.") from None


def _named(node: Node) -> URIRef:
    if not isinstance(node, URIRef):
        raise EngineError(f"The report graph names a node {node.n3()} where an IRI must stand.")
    return node
