"""The report as JSON, as `report.schema.json` describes it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import orjson
from rdflib import BNode, Literal
from rdflib.namespace import RDF, XSD
from rdflib.term import Node

from reasoner.formats.wording import FOOTER
from reasoner.report.view import (
    Advice,
    Assessment,
    Clause,
    Conflict,
    Criterion,
    Note,
    ReportView,
    SettlingSet,
    Statement,
    StudyDetermination,
)
from reasoner.terms import BASE

SCHEMA: Final = BASE + "report.schema.json"
SCHEMA_FILE: Final = Path(__file__).parent / "report.schema.json"

_Object = dict[str, Any]


def render_json(view: ReportView) -> str:
    """The report as a JSON document, indented, in UTF-8 characters."""
    try:
        return orjson.dumps(_Writer(_indented).report(view), option=_INDENTED | orjson.OPT_APPEND_NEWLINE).decode()
    except orjson.JSONEncodeError:  # half a character, which stands in no file that can be read as a case
        return json.dumps(report_object(view), indent=2, ensure_ascii=False) + "\n"


def compact_json(view: ReportView) -> bytes:
    """The report as a JSON document without white space, for a line of many."""
    return orjson.dumps(_Writer(_compact).report(view))


def report_object(view: ReportView) -> _Object:
    """The report as dictionaries, lists and strings, which are shared where the records are and may not be changed.

    Each assessment stands once, in the order of the tree, and names its parts by IRI, as does whatever speaks of one.
    """
    return _Writer(_plain).report(view)


_INDENTED: Final = orjson.OPT_INDENT_2
_OF_ASSESSMENT: Final = 3  # depth of what an assessment or a conflict says
_IN_LIST: Final = 4
_Fragment = Callable[[_Object, int], Any]
"""Makes what stands at a depth of the document, and is said again and again, fit to be put in."""


def _plain(said: _Object, depth: int) -> _Object:  # noqa: ARG001
    return said


def _compact(said: _Object, depth: int) -> orjson.Fragment:  # noqa: ARG001
    return orjson.Fragment(orjson.dumps(said))


def _indented(said: _Object, depth: int) -> orjson.Fragment:
    return orjson.Fragment(orjson.dumps(said, option=_INDENTED).replace(b"\n", b"\n" + b"  " * depth))


class _Writer:
    """Keeps what it has made of the records of one report, by their identity."""

    def __init__(self, fragment: _Fragment) -> None:
        self._fragment = fragment
        self._statements: dict[int, Any] = {}
        self._focuses: dict[int, Any] = {}
        self._criteria = _CRITERIA.setdefault(fragment, {})

    def report(self, view: ReportView) -> _Object:
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
            "studies": [self.study(study) for study in view.studies],
            "decided_by": _iris(view.decided_by),
            "root": view.root.iri,
            "assessments": [self.assessment(assessment) for assessment in view.root.walk()],
            "conflicts": [self.conflict(conflict) for conflict in view.conflicts],
            "settling_sets": [_settling_set(settling_set) for settling_set in view.settling_sets],
            "assumptions": [_note(note) for note in view.assumptions],
            "readings": [_note(note) for note in view.readings],
            "advice": [_advice(advice) for advice in view.advice],
            "citations": [_clause(clause) for clause in view.citations],
            "provenance": {
                "derived_from": list(provenance.derived_from),
                "case_digest": provenance.case_digest,
                "edition_digest": provenance.edition_digest,
                "shapes_digest": provenance.shapes_digest,
                "ontology_digest": provenance.ontology_digest,
                "terminology_digest": provenance.terminology_digest,
                "knowledge_digest": provenance.knowledge_digest,
                "program_version": provenance.program_version,
            },
        }

    def study(self, study: StudyDetermination) -> _Object:
        return {
            "iri": study.iri,
            "study": _term(study.study),
            "label": study.label,
            "outcome": study.outcome,
            "sentence": study.sentence,
            "decided_by": _iris(study.decided_by),
        }

    def assessment(self, assessment: Assessment) -> _Object:
        return {
            "iri": assessment.iri,
            "criterion": self.criterion(assessment.criterion),
            "status": assessment.status,
            "sentence": assessment.sentence,
            "kind": assessment.kind,
            "parts": [part.iri for part in assessment.parts],
            "is_exclusion": assessment.is_exclusion,
            "focus": self.focus(assessment.focus),
            "focus_label": assessment.focus_label,
            "evidence": [self.statement(statement) for statement in assessment.evidence],
            "corroboration": [self.statement(statement) for statement in assessment.corroboration],
            "documentation": assessment.documentation,
            "conflict": assessment.conflict,
        }

    def statement(self, statement: Statement) -> Any:
        known = self._statements.get(id(statement))
        if known is None:
            said = {
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
            known = self._statements[id(statement)] = self._fragment(said, _IN_LIST)
        return known

    def conflict(self, conflict: Conflict) -> _Object:
        return {
            "iri": conflict.iri,
            "sentence": conflict.sentence,
            "evidence": [self.statement(statement) for statement in conflict.evidence],
            "bears_on": _iris(conflict.bears_on),
        }

    def focus(self, node: Node | None) -> Any:
        known = self._focuses.get(id(node))
        if known is None and node is not None:
            known = self._focuses[id(node)] = self._fragment(_term(node), _OF_ASSESSMENT)
        return known

    def criterion(self, criterion: Criterion) -> Any:
        """A criterion, which the reports of an edition share."""
        known = self._criteria.get(id(criterion))
        if known is not None:
            return known[1]
        said = {
            "iri": criterion.iri,
            "label": criterion.label,
            "definition": criterion.definition,
            "clauses": [_clause(clause) for clause in criterion.clauses],
        }
        if len(self._criteria) >= _MOST_CRITERIA:
            self._criteria.clear()
        # as long as the criterion is kept, no other has its identity
        known = self._criteria[id(criterion)] = criterion, self._fragment(said, _OF_ASSESSMENT)
        return known[1]


_MOST_CRITERIA: Final = 4096
_CRITERIA: Final[dict[_Fragment, dict[int, tuple[Criterion, Any]]]] = {}


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
    if type(node) is Literal:  # a node of rdflib is slow to ask for its class
        if node.language:
            return {"type": "literal", "value": str(node), "datatype": RDF.langString, "language": node.language}
        return {"type": "literal", "value": str(node), "datatype": node.datatype or XSD.string, "language": None}
    kind = "bnode" if isinstance(node, BNode) else "uri"
    return {"type": kind, "value": str(node), "datatype": None, "language": None}
