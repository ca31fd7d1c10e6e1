"""One criterion of a report, explained by itself."""

from rdflib import Graph, URIRef

from reasoner.view import Assessment, ReportView
from reasoner.view_reader import read_view
from reasoner.wording import STATUS_MARKS, Role, place_of


def explain_criterion(report: Graph, criterion: URIRef) -> str:
    """Status, sentence, definition, clause, evidence and what would settle it, for every node that was assessed."""
    view = read_view(report)
    found = [a for a in view.root.walk() if a.criterion.iri == criterion]
    if not found:
        return f"{view.case_label}\n  The criterion <{criterion}> was not asked for in this case.\n"
    return "\n".join(_explained(view, assessment) for assessment in found)


def _explained(view: ReportView, a: Assessment) -> str:
    lines = [
        f"{view.case_label} · {view.edition.title}",
        f"{_mark(a)}  {a.criterion.label}" + (f" ({a.focus_label})" if a.focus_label else ""),
        f"  {a.sentence}",
        f"  Asked: {a.criterion.definition}",
        *(f"  Clause: {clause.label}, {place_of(clause)}" for clause in a.criterion.clauses),
        *(f"  Evidence: {statement.sentence}" for statement in a.evidence),
        *(f"    “{quotation.text}” ({quotation.document})" for s in a.evidence for quotation in s.quotations),
        *(f"  Also recorded: {statement.sentence}" for statement in a.corroboration),
        *(f"  Conflict: {conflict.sentence}" for conflict in view.conflicts if conflict.iri == a.conflict),
        *([f"  To be documented: {a.documentation}"] if a.documentation else []),
        *(f"  Part: {_mark(part)}  {part.criterion.label}" for part in a.parts),
    ]
    return "\n".join(lines) + "\n"


def _mark(assessment: Assessment) -> str:
    role = Role.EXCLUSION if assessment.is_exclusion else Role.REQUIREMENT
    return str(STATUS_MARKS[role][assessment.status])
