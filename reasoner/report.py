"""The determination as an RDF graph: a SHACL validation report whose results nest as the policy does, an assessment of
every criterion with its evidence, and PROV-O for what it was made from. All other formats read this graph.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar

from rdflib import DCTERMS, PROV, RDF, RDFS, SH, SKOS, XSD, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.case import Problem, Severity
from reasoner.criteria import Assessment, Part, Status
from reasoner.determination import Conflict, Determination, Outcome, SettlingSet, StudyDetermination
from reasoner.index import Index, Triple, triple_key
from reasoner.intake_shapes import contradiction_shapes
from reasoner.knowledge import Knowledge
from reasoner.phrases import Phrases
from reasoner.policy import Advice, Clause, Criterion, Kind, Note, Operator
from reasoner.terminology import icd10cm_release
from reasoner.terms import BASE, DETERMINATION, EDX, PREFIXES
from reasoner.version import VERSION

OUTCOME_WORDS: Final = {
    Outcome.MEDICALLY_NECESSARY: "medically necessary",
    Outcome.NOT_MEDICALLY_NECESSARY: "not medically necessary",
    Outcome.EXPERIMENTAL_INVESTIGATIONAL: "experimental or investigational",
    Outcome.ADDITIONAL_INFORMATION_NEEDED: "not decidable without additional information",
}
_T = TypeVar("_T")
_COMPONENT = {Operator.ALL: SH.AndConstraintComponent, Operator.ANY: SH.OrConstraintComponent,
              Operator.CONDITIONAL: SH.OrConstraintComponent}  # fmt: skip


def determination_iri(determination: Determination, knowledge: Knowledge) -> URIRef:
    """The name of a determination: the same inputs give the same name."""
    inputs = (
        determination.case.digest, str(determination.case.iri), str(determination.edition.iri), knowledge.digest,
        VERSION, determination.date.isoformat(),
    )  # fmt: skip
    return URIRef(DETERMINATION + hashlib.sha256("\n".join(inputs).encode()).hexdigest()[:32])


def report_graph(determination: Determination, knowledge: Knowledge) -> Graph:
    """The whole report of one determination; it holds no blank nodes and nothing that changes from run to run."""
    return _Writer(determination, knowledge).write()


class _Writer:
    """Builds the graph of one determination, each node once."""

    def __init__(self, determination: Determination, knowledge: Knowledge) -> None:
        self.d = determination
        self.knowledge = knowledge
        self.iri = determination_iri(determination, knowledge)
        self.graph = Graph(bind_namespaces="none")
        for prefix, namespace in PREFIXES.items():
            self.graph.bind(prefix, namespace)
        self.index = Index(determination.case.triples, knowledge.hierarchy)
        self.phrases = Phrases(self.index, knowledge.labels, determination.case.iri)
        self.numbers = {s.study: n for n, s in enumerate(determination.studies, 1)}
        self.quoted = self._quotations()
        self.named: dict[Node, URIRef] = {}
        self.written: set[URIRef] = set()

    def write(self) -> Graph:
        d, iri = self.d, self.iri
        for cls in (EDX.Determination, SH.ValidationReport, PROV.Entity):
            self._add(iri, RDF.type, cls)
        self._add(iri, RDFS.label, Literal(f"Determination of {d.case.label} under {d.edition.title}", lang="en"))
        self._add(iri, SH.conforms, Literal(d.root.status is Status.MET))
        self._add(iri, EDX.outcome, EDX[d.outcome.value])
        self._add(iri, EDX.recommendation, Literal(self._recommendation()))
        self._add(iri, EDX.ofCase, d.case.iri)
        self._add(d.case.iri, RDFS.label, Literal(d.case.label))
        self._add(iri, EDX.dateApplied, Literal(d.date.isoformat(), datatype=XSD.date))
        self._write_edition()
        self._add(iri, EDX.rootAssessment, self._assessment(d.root))
        self._list(iri, EDX.studies, [self._study(s) for s in d.studies])
        self._list(iri, EDX.decidedBy, [self._assessment(a) for a in d.decisive])
        self._list(iri, EDX.conflicts, [*self._each("conflict", d.conflicts, self._conflict), *self._contradictions()])
        self._list(iri, EDX.settlingSets, self._each("set", d.settling, self._settling_set))
        self._list(iri, EDX.assumptions, [self._note(n) for n in d.assumptions])
        self._list(iri, EDX.readings, [self._note(n) for n in d.readings])
        self._list(iri, EDX.adviceGiven, [self._advice(a) for a in dict.fromkeys(a for a, _ in d.advice)])
        self._list(iri, EDX.notices, [Literal(notice) for notice in self._notices()])
        clauses = [c for a in d.decisive for c in a.criterion.clauses]
        self._list(iri, EDX.clausesCited, [self._clause(c) for c in dict.fromkeys(clauses)])
        self._provenance()
        if d.root.status is not Status.MET:
            self._add(iri, SH.result, self._result(Part(d.root)))
        return self.graph

    # Parts of the report

    def _write_edition(self) -> None:
        edition = self.d.edition
        self._add(self.iri, EDX.underEdition, edition.iri)
        self._add(edition.iri, DCTERMS.title, Literal(edition.title, lang="en"))
        self._add(edition.iri, EDX.effectiveFrom, Literal(edition.effective_from.isoformat(), datatype=XSD.date))
        self._add(edition.iri, EDX.partial, Literal(edition.partial))
        self._add(edition.iri, EDX.payerName, Literal(edition.payer_name))
        self._list(edition.iri, EDX.notEncoded, [self._clause(c) for c in edition.not_encoded])

    def _provenance(self) -> None:
        d, iri = self.d, self.iri
        release = URIRef(f"{BASE}terminology/icd-10-cm/{icd10cm_release().replace(' ', '-')}")
        for source in (d.case.iri, d.edition.iri, URIRef(BASE + "ontology"), release):
            self._add(iri, PROV.wasDerivedFrom, source)
        program = URIRef(f"{BASE}program/{VERSION}")
        self._add(iri, PROV.wasAttributedTo, program)
        self._add(program, RDF.type, PROV.SoftwareAgent)
        self._add(iri, EDX.caseDigest, Literal(d.case.digest))
        self._add(iri, EDX.knowledgeDigest, Literal(self.knowledge.digest))
        self._add(iri, EDX.programVersion, Literal(VERSION))

    def _recommendation(self) -> str:
        by_outcome: dict[Outcome, list[StudyDetermination]] = {}
        for study in self.d.studies:
            by_outcome.setdefault(study.outcome, []).append(study)
        said = []
        for outcome in Outcome:
            if outcome in by_outcome:
                studies = by_outcome[outcome]
                names = " and ".join(dict.fromkeys(self.phrases.study(s.study) for s in studies))
                verb = "is" if len(studies) == 1 else "are"
                said.append(f"{names} {verb} {OUTCOME_WORDS[outcome]}, because {_because(studies)}")
        return f"Under {self.d.edition.title}: {'; '.join(said)}."

    def _notices(self) -> list[str]:
        d = self.d
        notices = [f"The edition was chosen by the {d.date_basis}, {d.date}."]
        if d.edition.partial:
            notices.insert(0, "The policy is only partly known; criteria whose content is unknown were not checked.")
        needing = [s for s in d.studies if s.outcome is Outcome.ADDITIONAL_INFORMATION_NEEDED]
        settled = {study for settling in d.settling for study in settling.studies}
        notices += [
            f"No further documentation would settle the study {self.phrases.study(s.study)} under this edition."
            for s in needing
            if s.study not in settled
        ]
        kept = [p for p in d.case.warnings if p.severity is not Severity.INFO or "map" in p.message]
        return notices + [f"Intake: {problem}" for problem in kept if not _is_contradiction(problem)]

    def _contradictions(self) -> list[URIRef]:
        """Contradictions that intake found and no criterion met with."""
        met = {n for c in self.d.conflicts for t in c.contradiction.affirming + c.contradiction.denying for n in t}
        nodes = []
        for problem in self.d.case.warnings:
            if _is_contradiction(problem) and not {problem.node, problem.value} & met - {self.d.case.iri, None}:
                node = self._part(f"contradiction-{len(nodes) + 1}")
                self._add(node, RDF.type, EDX.Conflict)
                self._add(node, EDX.sentence, Literal(problem.message))
                nodes.append(node)
        return nodes

    # Nodes

    def _study(self, study: StudyDetermination) -> URIRef:
        node = self._part(f"study-{self.numbers[study.study]}")
        if self._new(node):
            label = self.phrases.study(study.study)
            self._add(node, RDF.type, EDX.StudyDetermination)
            self._add(node, EDX.ofStudy, study.study)
            self._add(node, RDFS.label, Literal(label))
            self._add(node, EDX.outcome, EDX[study.outcome.value])
            because = f"{OUTCOME_WORDS[study.outcome].capitalize()}, because {_because([study])}."
            self._add(node, EDX.sentence, Literal(because))
            self._list(node, EDX.decidedBy, [self._assessment(a) for a in study.decisive])
        return node

    def _assessment(self, a: Assessment) -> URIRef:
        node = self._part("a-" + self._local(a))
        if not self._new(node):
            return node
        criterion = a.criterion
        self._criterion(criterion)
        self._add(node, RDF.type, EDX.Assessment)
        self._add(node, EDX.ofCriterion, criterion.iri)
        self._add(node, EDX.focus, a.focus)
        if a.focus in self.numbers:
            self._add(node, EDX.focusLabel, Literal(self.phrases.study(a.focus)))
        self._add(node, EDX.status, EDX[a.status.value])
        self._add(node, EDX.kind, EDX[criterion.operator.value if criterion.operator else "Leaf"])
        self._add(node, EDX.sentence, Literal(a.sentence))
        if criterion in self.d.edition.exclusions:
            self._add(node, EDX.isExclusion, Literal(True))
        if a.status is Status.UNDETERMINED and criterion.documentation:
            self._add(node, EDX.documentation, Literal(criterion.documentation))
        self._list(node, EDX.evidence, [self._statement(t) for t in a.evidence])
        self._list(node, EDX.corroboration, [self._statement(t) for t in a.corroboration])
        self._list(node, EDX.parts, [self._assessment(p.assessment) for p in a.parts])
        return node

    def _criterion(self, criterion: Criterion) -> None:
        if self._new(criterion.iri):
            self._add(criterion.iri, RDFS.label, Literal(criterion.label, lang="en"))
            self._add(criterion.iri, SKOS.definition, Literal(criterion.definition, lang="en"))
            for clause in criterion.clauses:
                self._add(criterion.iri, DCTERMS.source, self._clause(clause))

    def _clause(self, clause: Clause) -> URIRef:
        if self._new(clause.iri):
            self._add(clause.iri, RDFS.label, Literal(clause.label, lang="en"))
            self._add(clause.iri, EDX.place, Literal(clause.place))
            self._add(clause.iri, DCTERMS.isPartOf, clause.document)
            self._add(clause.document, DCTERMS.title, Literal(clause.document_title, lang="en"))
        return clause.iri

    def _statement(self, triple: Triple) -> URIRef:
        digest = hashlib.sha256(" ".join(triple_key(triple)).encode()).hexdigest()[:12]
        node = self._part("e-" + digest)
        if self._new(node):
            s, p, o = triple
            for predicate, value in ((RDF.type, RDF.Statement), (RDF.subject, s), (RDF.predicate, p), (RDF.object, o)):
                self._add(node, predicate, value)
            self._add(node, EDX.sentence, Literal(self.phrases.statement(triple)))
            about = [s, o] if s == self.d.case.iri else [s]
            self._list(node, EDX.quotations, [q for n in about for q in self.quoted.get(n, ())])
        return node

    def _conflict(self, node: URIRef, conflict: Conflict) -> None:
        contradiction = conflict.contradiction
        affirming = self.phrases.side(contradiction.affirming)
        denying = [t for t in contradiction.denying if t not in contradiction.affirming]
        against = self.phrases.side(denying)
        self._add(node, RDF.type, EDX.Conflict)
        self._add(node, EDX.sentence, Literal(f"On one side: {affirming}. On the other: {against}."))
        self._list(node, EDX.evidence, [self._statement(t) for t in (*contradiction.affirming, *denying)])
        self._list(node, EDX.bearsOn, [self._assessment(a) for a in conflict.assessments])
        for assessment in conflict.assessments:
            self._add(self._assessment(assessment), EDX.conflict, node)

    def _settling_set(self, node: URIRef, settling: SettlingSet) -> None:
        self._add(node, RDF.type, EDX.SettlingSet)
        self._add(node, EDX["size"], Literal(len(settling.way)))
        self._add(node, EDX.leadsTo, EDX[settling.leads_to.value])
        by_study = {s.study: s for s in self.d.studies}
        self._list(node, EDX.ofStudies, [self._study(by_study[s]) for s in settling.studies])
        items = []
        for number, question in enumerate(sorted(settling.way, key=self._reading_order), 1):
            item = URIRef(f"{node}-item-{number}")
            self._add(item, RDF.type, EDX.OpenQuestion)
            alternatives = sorted(question, key=lambda leaf: self._reading_order([leaf]))
            self._list(item, EDX.alternatives, [self._assessment(leaf) for leaf in alternatives])
            items.append(item)
        self._list(node, EDX.parts, items)

    def _note(self, note: Note) -> URIRef:
        if self._new(note.iri):
            self._add(note.iri, RDFS.label, Literal(note.label, lang="en"))
            self._add(note.iri, SKOS.definition, Literal(note.definition, lang="en"))
        return note.iri

    def _advice(self, advice: Advice) -> URIRef:
        self._add(advice.iri, RDFS.label, Literal(advice.label, lang="en"))
        self._add(advice.iri, EDX.sentence, Literal(advice.sentence, lang="en"))
        self._add(advice.iri, DCTERMS.source, self._clause(advice.clause))
        return advice.iri

    def _result(self, part: Part) -> URIRef:
        """The SHACL result of a part that is not satisfied, with those of its parts that are not as detail."""
        a, criterion = part.assessment, part.assessment.criterion
        node = self._part("r-" + self._local(a))
        if self._new(node):
            operator = criterion.operator
            failing_shape = criterion.refuted_by.node if part.ruled_out and criterion.refuted_by else criterion.iri
            self._add(node, RDF.type, SH.ValidationResult)
            self._add(node, SH.focusNode, a.focus)
            self._add(node, SH.sourceShape, failing_shape)
            component = _COMPONENT[operator] if operator else SH.NodeConstraintComponent
            self._add(node, SH.sourceConstraintComponent, component)
            refuted = part.value is Status.REFUTED
            self._add(node, SH.resultSeverity, SH.Violation if refuted else SH.Warning)
            self._add(node, SH.resultMessage, Literal(a.sentence))
            for inner in a.parts:
                if inner.value is not Status.MET:
                    self._add(node, SH.detail, self._result(inner))
        return node

    # Helpers

    def _quotations(self) -> dict[Node, list[URIRef]]:
        """The quotations of the case's documents, by what they are about."""
        found: dict[Node, list[URIRef]] = {}
        number = 0
        documents = [o for s, p, o in sorted(self.d.case.triples, key=triple_key) if p == EDX.hasDocument]
        for document in documents:
            for quotation in self.index.objects(document, EDX.hasQuotation):
                number += 1
                node = self._part(f"q-{number}")
                self._add(node, RDF.type, EDX.CitedQuotation)
                self._copy(quotation, EDX.text, node)
                self._copy(document, DCTERMS.title, node)
                self._copy(document, EDX.date, node)
                for about in self.index.objects(quotation, EDX.about):
                    found.setdefault(about, []).append(node)
        return found

    def _copy(self, source: Node, predicate: URIRef, target: URIRef) -> None:
        for value in self.index.objects(source, predicate)[:1]:
            self._add(target, predicate, value)

    def _each(self, name: str, items: Sequence[_T], describe: Callable[[URIRef, _T], None]) -> list[URIRef]:
        nodes = [self._part(f"{name}-{number}") for number in range(1, len(items) + 1)]
        for node, item in zip(nodes, items, strict=True):
            describe(node, item)
        return nodes

    def _local(self, a: Assessment) -> str:
        number = self.numbers.get(a.focus)
        return f"{a.criterion.name}-{number}" if number else a.criterion.name

    def _reading_order(self, leaves: Iterable[Assessment]) -> list[int]:
        order = list(self.d.edition.criteria)
        return sorted(order.index(leaf.criterion.iri) for leaf in leaves)

    def _part(self, name: str) -> URIRef:
        return URIRef(f"{self.iri}#{name}")

    def _new(self, node: URIRef) -> bool:
        if node in self.written:
            return False
        self.written.add(node)
        return True

    def _add(self, s: Node, p: Node, o: Node) -> None:
        self.graph.add((s, p, o))

    def _list(self, subject: URIRef, predicate: URIRef, items: Sequence[Node]) -> None:
        """An rdf:List whose nodes have IRIs; an empty one is left out."""
        local = str(predicate).rpartition("#")[2]
        base = str(subject) if str(subject).startswith(str(self.iri) + "#") else f"{self.iri}#list"
        nodes = [URIRef(f"{base}-{local}-{n}") for n in range(1, len(items) + 1)]
        for node, item, rest in zip(nodes, items, [*nodes[1:], RDF.nil], strict=False):
            self._add(node, RDF.first, item)
            self._add(node, RDF.rest, rest)
        if nodes:
            self._add(subject, predicate, nodes[0])


def _because(studies: Iterable[StudyDetermination]) -> str:
    """The deciding sentences, each once, as one clause."""
    sentences = dict.fromkeys(a.sentence for study in studies for a in study.decisive)
    said = [s.removesuffix(".")[:1].lower() + s.removesuffix(".")[1:] for s in sentences]
    return "; ".join(said[:3]) + (f"; and {len(said) - 3} more" if len(said) > 3 else "")


def _is_contradiction(problem: Problem) -> bool:
    return problem.source_shape in contradiction_shapes()
