"""One criterion of a report, explained by itself."""

import textwrap
from collections.abc import Iterable
from typing import Final

from rdflib import URIRef

from reasoner.formats.wording import STATUS_MARKS, Role, place_of, plain, source_of
from reasoner.report.view import Assessment, ReportView

DEFAULT_WIDTH: Final = 100
_NARROWEST: Final = 40


def explain_criterion(view: ReportView, criterion: URIRef, *, width: int = DEFAULT_WIDTH) -> str:
    """Status, sentence, definition, clause, evidence and what would settle it, for every node that was assessed."""
    found = {a.iri: a for a in view.root.walk() if a.criterion.iri == criterion}
    if not found:
        said = [plain(view.case_label), f"  The criterion <{criterion}> was not asked for in this case."]
        return _wrapped(said, width)
    return "\n".join(_wrapped(_explained(view, assessment), width) for assessment in found.values())


def _explained(view: ReportView, a: Assessment) -> Iterable[str]:
    yield plain(f"{view.case_label} · {view.edition.title}")
    yield plain(f"{_mark(a)}: {a.criterion.label}" + (f" ({a.focus_label})" if a.focus_label else ""))
    yield f"  {plain(a.sentence)}"
    if a.criterion.definition:
        yield f"  Criterion: {plain(a.criterion.definition)}"
    for clause in a.criterion.clauses:
        yield f"  Policy: {plain(place_of(clause))}"
    for statement in a.evidence:
        yield f"  Evidence: {plain(statement.sentence)}"
        for quotation in statement.quotations:
            yield f"    “{plain(quotation.text)}” ({plain(source_of(quotation))})"
    for statement in a.corroboration:
        yield f"  Also recorded: {plain(statement.sentence)}"
    for conflict in view.conflicts:
        if conflict.iri == a.conflict:
            yield f"  Conflict: {plain(conflict.sentence)}"
    if a.documentation:
        yield f"  To be documented: {plain(a.documentation)}"
    for part in a.parts:
        yield f"  Part: {_mark(part)}: {plain(part.criterion.label)}"


def _wrapped(lines: Iterable[str], width: int) -> str:
    columns = max(width, _NARROWEST)
    wrapped: list[str] = []
    for line in lines:
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        wrapped += textwrap.wrap(line, columns, subsequent_indent=indent, break_on_hyphens=False)
    return "\n".join(wrapped) + "\n"


def _mark(assessment: Assessment) -> str:
    role = Role.EXCLUSION if assessment.is_exclusion else Role.REQUIREMENT
    return str(STATUS_MARKS[role][assessment.status])
