"""The report as JSON, as `report.schema.json` describes it."""

import json
from pathlib import Path
from typing import Any, Final

from rdflib import BNode, Literal
from rdflib.namespace import RDF, XSD
from rdflib.term import Node

from reasoner.terms import BASE
from reasoner.view import (
    Advice,
    Assessment,
    Clause,
    Conflict,
    Note,
    ReportView,
    SettlingSet,
    Statement,
    StudyDetermination,
)
from reasoner.wording import FOOTER

SCHEMA: Final = BASE + "report.schema.json"
SCHEMA_FILE: Final = Path(__file__).parent / "report.schema.json"

_Object = dict[str, Any]


def render_json(view: ReportView) -> str:
    """The report as a JSON document, indented, in UTF-8 characters."""
    return json.dumps(report_object(view), indent=2, ensure_ascii=False) + "\n"


def report_object(view: ReportView) -> _Object:
    """The report as dictionaries, lists and strings.

    Each assessment stands once, in the order of the tree, and names its parts by IRI, as does whatever speaks of one.
    """
    edition, provenance = view.edition, view.provenance
    return {
        "schema": SCHEMA,
        "determination": view.iri,
        "label": view.label,
        "recommendation": view.recommendation,
        "outcome": view.outcome,
        "conforms": view.conforms,
        "standing": FOOTER,
        "date_applied": view.date_applied,
        "case": {"iri": view.case, "label": view.case_label},
        "edition": {
            "iri": edition.iri,
            "title": edition.title,
            "payer": edition.payer,
            "effective_from": edition.effective_from,
            "partial": edition.partial,
            "not_encoded": [_clause(clause) for clause in edition.not_encoded],
        },
        "notices": list(view.notices),
        "studies": [_study(study) for study in view.studies],
        "decided_by": _iris(view.decided_by),
        "root": view.root.iri,
        "assessments": [_assessment(assessment) for assessment in view.root.walk()],
        "conflicts": [_conflict(conflict) for conflict in view.conflicts],
        "settling_sets": [_settling_set(settling_set) for settling_set in view.settling_sets],
        "assumptions": [_note(note) for note in view.assumptions],
        "readings": [_note(note) for note in view.readings],
        "advice": [_advice(advice) for advice in view.advice],
        "citations": [_clause(clause) for clause in view.citations],
        "provenance": {
            "derived_from": list(provenance.derived_from),
            "case_digest": provenance.case_digest,
            "knowledge_digest": provenance.knowledge_digest,
            "program_version": provenance.program_version,
        },
    }


def _study(study: StudyDetermination) -> _Object:
    return {
        "iri": study.iri,
        "study": _term(study.study),
        "label": study.label,
        "outcome": study.outcome,
        "sentence": study.sentence,
        "decided_by": _iris(study.decided_by),
    }


def _assessment(assessment: Assessment) -> _Object:
    criterion = assessment.criterion
    return {
        "iri": assessment.iri,
        "criterion": {
            "iri": criterion.iri,
            "label": criterion.label,
            "definition": criterion.definition,
            "clauses": [_clause(clause) for clause in criterion.clauses],
        },
        "status": assessment.status,
        "sentence": assessment.sentence,
        "kind": assessment.kind,
        "parts": _iris(assessment.parts),
        "is_exclusion": assessment.is_exclusion,
        "focus": None if assessment.focus is None else _term(assessment.focus),
        "focus_label": assessment.focus_label,
        "evidence": [_statement(statement) for statement in assessment.evidence],
        "corroboration": [_statement(statement) for statement in assessment.corroboration],
        "documentation": assessment.documentation,
        "conflict": assessment.conflict,
    }


def _statement(statement: Statement) -> _Object:
    return {
        "iri": statement.iri,
        "sentence": statement.sentence,
        "subject": _term(statement.subject),
        "predicate": _term(statement.predicate),
        "object": _term(statement.object),
        "quotations": [
            {"iri": found.iri, "text": found.text, "document": found.document, "date": found.date}
            for found in statement.quotations
        ],
    }


def _conflict(conflict: Conflict) -> _Object:
    return {
        "iri": conflict.iri,
        "sentence": conflict.sentence,
        "evidence": [_statement(statement) for statement in conflict.evidence],
        "bears_on": _iris(conflict.bears_on),
    }


def _settling_set(settling_set: SettlingSet) -> _Object:
    return {
        "iri": settling_set.iri,
        "size": settling_set.size,
        "questions": [{"iri": q.iri, "alternatives": _iris(q.alternatives)} for q in settling_set.questions],
        "studies": _iris(settling_set.studies),
        "leads_to": settling_set.leads_to,
    }


def _note(note: Note) -> _Object:
    return {"iri": note.iri, "label": note.label, "definition": note.definition}


def _advice(advice: Advice) -> _Object:
    clauses = [_clause(clause) for clause in advice.clauses]
    return {"iri": advice.iri, "label": advice.label, "sentence": advice.sentence, "clauses": clauses}


def _clause(clause: Clause) -> _Object:
    document = clause.document
    return {
        "iri": clause.iri,
        "label": clause.label,
        "place": clause.place,
        "document": document and {"iri": document.iri, "title": document.title, "date": document.date},
    }


def _iris(records: tuple[Assessment, ...] | tuple[StudyDetermination, ...]) -> list[str]:
    return [record.iri for record in records]


def _term(node: Node) -> _Object:
    """A term of RDF in the manner of SPARQL's JSON results."""
    if isinstance(node, Literal):
        if node.language:
            return {"type": "literal", "value": str(node), "datatype": RDF.langString, "language": node.language}
        return {"type": "literal", "value": str(node), "datatype": node.datatype or XSD.string, "language": None}
    kind = "bnode" if isinstance(node, BNode) else "uri"
    return {"type": kind, "value": str(node), "datatype": None, "language": None}
