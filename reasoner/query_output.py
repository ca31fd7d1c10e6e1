"""Answers of SPARQL queries as text."""

import io

import pyoxigraph as ox
from rich.console import Console
from rich.table import Table
from rich.text import Text

from reasoner.case import curie
from reasoner.errors import UsageError

_SOLUTIONS = {"csv": ox.QueryResultsFormat.CSV, "json": ox.QueryResultsFormat.JSON}


def as_text(answer: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples, form: str) -> str:
    """An answer as `table`, `csv`, `json` (SPARQL results) or `turtle` (of CONSTRUCT and DESCRIBE).

    Raises:
        UsageError: The answer has no such form.
    """
    if isinstance(answer, ox.QueryTriples):
        if form not in ("table", "turtle"):
            raise UsageError(f"CONSTRUCT and DESCRIBE answer with a graph, which has no form '{form}'; use turtle.")
        return (answer.serialize(format=ox.RdfFormat.TURTLE) or b"").decode()
    if form == "turtle":
        raise UsageError("SELECT and ASK answer with no graph; use table, csv or json.")
    if form in _SOLUTIONS:
        return (answer.serialize(format=_SOLUTIONS[form]) or b"").decode()
    if isinstance(answer, ox.QueryBoolean):
        return "yes\n" if answer else "no\n"
    return _table(answer)


def _table(answer: ox.QuerySolutions) -> str:
    names = [variable.value for variable in answer.variables]
    rows = [[_cell(row[name]) for name in names] for row in answer]
    table = Table(*names)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    widths = [max(map(len, column)) for column in zip(names, *rows, strict=True)]
    text = io.StringIO()
    Console(file=text, width=sum(widths) + 3 * len(names) + 1, color_system=None).print(table)
    noun = "row" if len(rows) == 1 else "rows"
    return f"{text.getvalue()}{len(rows)} {noun}\n"


def _cell(term: object) -> str:
    from rdflib import URIRef

    if isinstance(term, ox.NamedNode):
        return curie(URIRef(term.value))
    return term.value if isinstance(term, ox.Literal) else "" if term is None else str(term)
