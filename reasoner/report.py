"""The determination as an RDF graph, which all other formats read.

It is a SHACL validation report whose results nest as the policy does, an assessment of every criterion with its
evidence, and PROV-O for what it was made from.
"""

import hashlib
from collections.abc import Iterable
from typing import Final

from rdflib import DCTERMS, PROV, RDF, RDFS, SH, SKOS, XSD, Graph, Literal, URIRef

from reasoner import intake_rules as rules
from reasoner.case import Problem, Severity
from reasoner.criteria import Assessment, Part, Status
from reasoner.determination import Conflict, Determination, Outcome, SettlingSet, StudyDetermination
from reasoner.graph_builder import GraphBuilder
from reasoner.index import Index, Triple, triple_key
from reasoner.intake_shapes import contradiction_shapes
from reasoner.knowledge import Knowledge
from reasoner.phrases import Phrases
from reasoner.policy import Advice, Clause, Criterion, Note
from reasoner.report_parts import write_quotations, write_result
from reasoner.terminology import icd10cm_release
from reasoner.terms import BASE, DETERMINATION, EDX
from reasoner.version import VERSION

OUTCOME_WORDS: Final = {
    Outcome.MEDICALLY_NECESSARY: "medically necessary",
    Outcome.NOT_MEDICALLY_NECESSARY: "not medically necessary",
    Outcome.EXPERIMENTAL_INVESTIGATIONAL: "experimental or investigational",
    Outcome.ADDITIONAL_INFORMATION_NEEDED: "not decidable without additional information",
}


_SAID = 3  # so many reasons stand in the recommendation; all of them stand under it


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


class _Writer(GraphBuilder):
    """Builds the graph of one determination, each node once."""

    def __init__(self, determination: Determination, knowledge: Knowledge) -> None:
        self.d = determination
        self.knowledge = knowledge
        super().__init__(determination_iri(determination, knowledge))
        self.index = Index(determination.case.statements, knowledge.hierarchy)
        self.phrases = Phrases(self.index, knowledge.labels, determination.case.iri)
        self.numbers = {s.study: n for n, s in enumerate(determination.studies, 1)}
        self.quoted = write_quotations(self, self.index, determination.case)

    def write(self) -> Graph:
        d, iri = self.d, self.iri
        for cls in (EDX.Determination, SH.ValidationReport, PROV.Entity):
            self.add(iri, RDF.type, cls)
        self.add(iri, RDFS.label, Literal(f"Determination of {d.case.label} under {d.edition.title}", lang="en"))
        self.add(iri, SH.conforms, Literal(d.root.status is Status.MET))
        self.add(iri, EDX.outcome, EDX[d.outcome.value])
        self.add(iri, EDX.recommendation, Literal(self._recommendation()))
        self.add(iri, EDX.ofCase, d.case.iri)
        self.add(d.case.iri, RDFS.label, Literal(d.case.label))
        self.add(iri, EDX.dateApplied, Literal(d.date.isoformat(), datatype=XSD.date))
        self._write_edition()
        self.add(iri, EDX.rootAssessment, self._assessment(d.root))
        self.list_(iri, EDX.studies, [self._study(s) for s in d.studies])
        self.list_(iri, EDX.decidedBy, [self._assessment(a) for a in d.decisive])
        self.list_(iri, EDX.conflicts, [*self.each("conflict", d.conflicts, self._conflict), *self._contradictions()])
        self.list_(iri, EDX.settlingSets, self.each("set", d.settling, self._settling_set))
        self.list_(iri, EDX.assumptions, [self._note(n) for n in d.assumptions])
        self.list_(iri, EDX.readings, [self._note(n) for n in d.readings])
        self.list_(iri, EDX.adviceGiven, [self._advice(a) for a in dict.fromkeys(a for a, _ in d.advice)])
        self.list_(iri, EDX.notices, [Literal(notice) for notice in self._notices()])
        clauses = [c for a in d.decisive for c in a.criterion.clauses]
        self.list_(iri, EDX.clausesCited, [self._clause(c) for c in dict.fromkeys(clauses)])
        self._provenance()
        if d.root.status is not Status.MET:
            self.add(iri, SH.result, write_result(self, Part(d.root), self._local))
        return self.graph

    # Parts of the report

    def _write_edition(self) -> None:
        edition = self.d.edition
        self.add(self.iri, EDX.underEdition, edition.iri)
        self.add(edition.iri, DCTERMS.title, Literal(edition.title, lang="en"))
        self.add(edition.iri, EDX.effectiveFrom, Literal(edition.effective_from.isoformat(), datatype=XSD.date))
        self.add(edition.iri, EDX.partial, Literal(edition.partial))
        self.add(edition.iri, EDX.payerName, Literal(edition.payer_name))
        self.list_(edition.iri, EDX.notEncoded, [self._clause(c) for c in edition.not_encoded])

    def _provenance(self) -> None:
        d, iri = self.d, self.iri
        release = URIRef(f"{BASE}terminology/icd-10-cm/{icd10cm_release().replace(' ', '-')}")
        for source in (d.case.iri, d.edition.iri, URIRef(BASE + "ontology"), release):
            self.add(iri, PROV.wasDerivedFrom, source)
        program = URIRef(f"{BASE}program/{VERSION}")
        self.add(iri, PROV.wasAttributedTo, program)
        self.add(program, RDF.type, PROV.SoftwareAgent)
        self.add(iri, EDX.caseDigest, Literal(d.case.digest))
        self.add(iri, EDX.knowledgeDigest, Literal(self.knowledge.digest))
        self.add(iri, EDX.programVersion, Literal(VERSION))

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
                said.append(f"{names} {verb} {OUTCOME_WORDS[outcome]}, because {self._because(studies)}")
        return f"Under {self.d.edition.title}: {'; '.join(said)}."

    def _because(self, studies: Iterable[StudyDetermination]) -> str:
        """The deciding sentences, each once, as one clause; a single one with what the record says to it."""
        decisive = list(dict.fromkeys(a for study in studies for a in study.decisive))
        said = list(dict.fromkeys(_as_clause(a.sentence) for a in decisive))
        if len(said) == 1 and decisive[0].evidence:
            return f"{said[0]} ({self.phrases.side(decisive[0].evidence)})"
        return "; ".join(said[:_SAID]) + (f"; and {len(said) - _SAID} more" if len(said) > _SAID else "")

    def _notices(self) -> list[str]:
        d = self.d
        notices = []
        if d.date_basis != "date of service":
            missing = "" if self.index.objects(d.case.iri, EDX.dateOfService) else "No date of service is recorded. "
            notices.append(f"{missing}The edition in force on the {d.date_basis}, {d.date.isoformat()}, was applied.")
        needing = [s for s in d.studies if s.outcome is Outcome.ADDITIONAL_INFORMATION_NEEDED]
        settled = {study for settling in d.settling for study in settling.studies}
        notices += [
            f"No further documentation would settle the study {self.phrases.study(s.study)} under this edition."
            for s in needing
            if s.study not in settled
        ]
        kept = [
            problem
            for problem in d.case.warnings
            if problem.severity is not Severity.INFO or problem.source_shape == rules.MAPPED_DIAGNOSIS_CODE
        ]
        return notices + [f"Intake: {_as_notice(problem)}" for problem in kept if not _is_contradiction(problem)]

    def _contradictions(self) -> list[URIRef]:
        """Contradictions that intake found and no criterion met with."""
        met = {n for c in self.d.conflicts for t in c.contradiction.affirming + c.contradiction.denying for n in t}
        nodes: list[URIRef] = []
        for problem in self.d.case.warnings:
            if _is_contradiction(problem) and not {problem.node, problem.value} & met - {self.d.case.iri, None}:
                node = self.part(f"contradiction-{len(nodes) + 1}")
                self.add(node, RDF.type, EDX.Conflict)
                self.add(node, EDX.sentence, Literal(problem.message))
                nodes.append(node)
        return nodes

    # Nodes

    def _study(self, study: StudyDetermination) -> URIRef:
        node = self.part(f"study-{self.numbers[study.study]}")
        if self.new(node):
            label = self.phrases.study(study.study)
            self.add(node, RDF.type, EDX.StudyDetermination)
            self.add(node, EDX.ofStudy, study.study)
            self.add(node, RDFS.label, Literal(label))
            self.add(node, EDX.outcome, EDX[study.outcome.value])
            because = f"{OUTCOME_WORDS[study.outcome].capitalize()}, because {self._because([study])}."
            self.add(node, EDX.sentence, Literal(because))
            self.list_(node, EDX.decidedBy, [self._assessment(a) for a in study.decisive])
        return node

    def _assessment(self, a: Assessment) -> URIRef:
        node = self.part("a-" + self._local(a))
        if not self.new(node):
            return node
        criterion = a.criterion
        self._criterion(criterion)
        self.add(node, RDF.type, EDX.Assessment)
        self.add(node, EDX.ofCriterion, criterion.iri)
        self.add(node, EDX.focus, a.focus)
        if a.focus in self.numbers:
            self.add(node, EDX.focusLabel, Literal(self.phrases.study(a.focus)))
        self.add(node, EDX.status, EDX[a.status.value])
        self.add(node, EDX.kind, EDX[criterion.operator.value if criterion.operator else "Leaf"])
        self.add(node, EDX.sentence, Literal(a.sentence))
        if criterion in self.d.edition.exclusions:
            self.add(node, EDX.isExclusion, Literal(True))
        if a.status is Status.UNDETERMINED and criterion.documentation:
            self.add(node, EDX.documentation, Literal(criterion.documentation))
        self.list_(node, EDX.evidence, [self._statement(t) for t in a.evidence])
        self.list_(node, EDX.corroboration, [self._statement(t) for t in a.corroboration])
        self.list_(node, EDX.parts, [self._assessment(p.assessment) for p in a.parts])
        return node

    def _criterion(self, criterion: Criterion) -> None:
        if self.new(criterion.iri):
            self.add(criterion.iri, RDFS.label, Literal(criterion.label, lang="en"))
            self.add(criterion.iri, SKOS.definition, Literal(criterion.definition, lang="en"))
            for clause in criterion.clauses:
                self.add(criterion.iri, DCTERMS.source, self._clause(clause))

    def _clause(self, clause: Clause) -> URIRef:
        if self.new(clause.iri):
            self.add(clause.iri, RDFS.label, Literal(clause.label, lang="en"))
            self.add(clause.iri, EDX.place, Literal(clause.place))
            self.add(clause.iri, DCTERMS.isPartOf, clause.document)
            self.add(clause.document, DCTERMS.title, Literal(clause.document_title, lang="en"))
        return clause.iri

    def _statement(self, triple: Triple) -> URIRef:
        digest = hashlib.sha256(" ".join(triple_key(triple)).encode()).hexdigest()[:12]
        node = self.part("e-" + digest)
        if self.new(node):
            s, p, o = triple
            for predicate, value in ((RDF.type, RDF.Statement), (RDF.subject, s), (RDF.predicate, p), (RDF.object, o)):
                self.add(node, predicate, value)
            self.add(node, EDX.sentence, Literal(self.phrases.statement(triple)))
            about = [s, o] if s == self.d.case.iri else [s]
            self.list_(node, EDX.quotations, [q for n in about for q in self.quoted.get(n, ())])
        return node

    def _conflict(self, node: URIRef, conflict: Conflict) -> None:
        contradiction = conflict.contradiction
        affirming = self.phrases.side(contradiction.affirming)
        denying = [t for t in contradiction.denying if t not in contradiction.affirming]
        against = self.phrases.side(denying)
        self.add(node, RDF.type, EDX.Conflict)
        self.add(node, EDX.sentence, Literal(f"On one side: {affirming}. On the other: {against}."))
        self.list_(node, EDX.evidence, [self._statement(t) for t in (*contradiction.affirming, *denying)])
        self.list_(node, EDX.bearsOn, [self._assessment(a) for a in conflict.assessments])
        for assessment in conflict.assessments:
            self.add(self._assessment(assessment), EDX.conflict, node)

    def _settling_set(self, node: URIRef, settling: SettlingSet) -> None:
        self.add(node, RDF.type, EDX.SettlingSet)
        self.add(node, EDX["size"], Literal(len(settling.way)))
        self.add(node, EDX.leadsTo, EDX[settling.leads_to.value])
        by_study = {s.study: s for s in self.d.studies}
        self.list_(node, EDX.ofStudies, [self._study(by_study[s]) for s in settling.studies])
        items = []
        for number, question in enumerate(sorted(settling.way, key=self._reading_order), 1):
            item = URIRef(f"{node}-item-{number}")
            self.add(item, RDF.type, EDX.OpenQuestion)
            alternatives = sorted(question, key=lambda leaf: self._reading_order([leaf]))
            self.list_(item, EDX.alternatives, [self._assessment(leaf) for leaf in alternatives])
            items.append(item)
        self.list_(node, EDX.parts, items)

    def _note(self, note: Note) -> URIRef:
        if self.new(note.iri):
            self.add(note.iri, RDFS.label, Literal(note.label, lang="en"))
            self.add(note.iri, SKOS.definition, Literal(note.definition, lang="en"))
        return note.iri

    def _advice(self, advice: Advice) -> URIRef:
        self.add(advice.iri, RDFS.label, Literal(advice.label, lang="en"))
        self.add(advice.iri, EDX.sentence, Literal(advice.sentence, lang="en"))
        self.add(advice.iri, DCTERMS.source, self._clause(advice.clause))
        return advice.iri

    # Helpers

    def _local(self, a: Assessment) -> str:
        number = self.numbers.get(a.focus)
        return f"{a.criterion.name}-{number}" if number else a.criterion.name

    def _reading_order(self, leaves: Iterable[Assessment]) -> list[int]:
        order = list(self.d.edition.criteria)
        return sorted(order.index(leaf.criterion.iri) for leaf in leaves)


def _as_clause(sentence: str) -> str:
    """A sentence without its full stop, and without its capital unless an abbreviation begins it."""
    clause = sentence.removesuffix(".")
    return clause if clause[1:2].isupper() else clause[:1].lower() + clause[1:]


def _as_notice(problem: Problem) -> str:
    """What intake said; of a category code the finding alone, since a report names no other code to use."""
    if problem.source_shape == rules.BILLABLE_DIAGNOSIS_CODE:
        return problem.message.partition(". ")[0].removesuffix(".") + "."
    return problem.message


def _is_contradiction(problem: Problem) -> bool:
    return problem.source_shape in contradiction_shapes()
