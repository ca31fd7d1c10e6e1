"""The vocabulary of a report as text of one form, each term made once."""

from rdflib import DCTERMS, PROV, RDF, RDFS, SH, SKOS

from reasoner.evaluation.criteria import Status
from reasoner.evaluation.determination import Outcome
from reasoner.policy.edition import Operator
from reasoner.report.forms import Form
from reasoner.terms import EDX


class ReportTerms:
    """The terms, by what they are called; for those that follow from a value of the program, by that value."""

    def __init__(self, form: Form) -> None:
        iri = form.iri
        self.a = form.type_of
        # what there is
        self.advice_given = iri(EDX.adviceGiven)
        self.alternative = iri(EDX.alternative)
        self.assessment = iri(EDX.Assessment)
        self.assumes = iri(EDX.assumes)
        self.bears_on = iri(EDX.bearsOn)
        self.case_digest = iri(EDX.caseDigest)
        self.cited_quotation = iri(EDX.CitedQuotation)
        self.cites_clause = iri(EDX.citesClause)
        self.cites_quotation = iri(EDX.citesQuotation)
        self.condition = iri(EDX.condition)
        self.conflict = iri(EDX.conflict)
        self.conflict_class = iri(EDX.Conflict)
        self.corroboration = iri(EDX.corroboration)
        self.date = iri(EDX.date)
        self.date_applied = iri(EDX.dateApplied)
        self.decided_by = iri(EDX.decidedBy)
        self.determination = iri(EDX.Determination)
        self.documentation = iri(EDX.documentation)
        self.edition_digest = iri(EDX.editionDigest)
        self.effective_from = iri(EDX.effectiveFrom)
        self.evidence = iri(EDX.evidence)
        self.focus = iri(EDX.focus)
        self.is_exclusion = iri(EDX.isExclusion)
        self.kind = iri(EDX.kind)
        self.knowledge_digest = iri(EDX.knowledgeDigest)
        self.leads_to = iri(EDX.leadsTo)
        self.not_encoded = iri(EDX.notEncoded)
        self.notice = iri(EDX.notice)
        self.of_case = iri(EDX.ofCase)
        self.of_criterion = iri(EDX.ofCriterion)
        self.of_study = iri(EDX.ofStudy)
        self.ontology_digest = iri(EDX.ontologyDigest)
        self.open_question = iri(EDX.OpenQuestion)
        self.open_question_asked = iri(EDX.openQuestion)
        self.outcome = iri(EDX.outcome)
        self.part = iri(EDX.part)
        self.partial = iri(EDX.partial)
        self.payer_name = iri(EDX.payerName)
        self.place = iri(EDX.place)
        self.program_version = iri(EDX.programVersion)
        self.reading = iri(EDX.reading)
        self.recommendation = iri(EDX.recommendation)
        self.reports_conflict = iri(EDX.reportsConflict)
        self.root_assessment = iri(EDX.rootAssessment)
        self.sentence = iri(EDX.sentence)
        self.settles_study = iri(EDX.settlesStudy)
        self.settling_set = iri(EDX.SettlingSet)
        self.settling_set_listed = iri(EDX.settlingSet)
        self.shapes_digest = iri(EDX.shapesDigest)
        self.size = iri(EDX["size"])
        self.status = iri(EDX.status)
        self.study_determination = iri(EDX.StudyDetermination)
        self.study_determined = iri(EDX.studyDetermination)
        self.terminology_digest = iri(EDX.terminologyDigest)
        self.text = iri(EDX.text)
        self.under_edition = iri(EDX.underEdition)
        # of others
        self.definition = iri(SKOS.definition)
        self.label = iri(RDFS.label)
        self.part_of = iri(DCTERMS.isPartOf)
        self.source = iri(DCTERMS.source)
        self.title = iri(DCTERMS.title)
        self.statement = iri(RDF.Statement)
        self.subject = iri(RDF.subject)
        self.predicate = iri(RDF.predicate)
        self.object = iri(RDF.object)
        self.agent = iri(PROV.SoftwareAgent)
        self.attributed_to = iri(PROV.wasAttributedTo)
        self.derived_from = iri(PROV.wasDerivedFrom)
        self.entity = iri(PROV.Entity)
        self.component = iri(SH.sourceConstraintComponent)
        self.conforms = iri(SH.conforms)
        self.detail = iri(SH.detail)
        self.focus_node = iri(SH.focusNode)
        self.message = iri(SH.resultMessage)
        self.order = iri(SH.order)
        self.report = iri(SH.ValidationReport)
        self.result = iri(SH.result)
        self.severity = iri(SH.resultSeverity)
        self.source_shape = iri(SH.sourceShape)
        self.validation_result = iri(SH.ValidationResult)
        self.violation = iri(SH.Violation)
        self.warning = iri(SH.Warning)
        # values
        self.true, self.false = form.typed("true", "boolean"), form.typed("false", "boolean")
        self.leaf = iri(EDX.Leaf)
        self.kinds = {operator: iri(EDX[operator.value]) for operator in Operator}
        self.outcomes = {outcome: iri(EDX[outcome.value]) for outcome in Outcome}
        self.statuses = {status: iri(EDX[status.value]) for status in Status}
        self.components = {
            Operator.ALL: iri(SH.AndConstraintComponent),
            Operator.ANY: iri(SH.OrConstraintComponent),
            Operator.CONDITIONAL: iri(SH.OrConstraintComponent),
            None: iri(SH.NodeConstraintComponent),
        }
