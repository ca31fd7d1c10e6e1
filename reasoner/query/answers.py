"""Answers of SPARQL queries as text."""

import csv
import io
from typing import Final

import pyoxigraph as ox
from rdflib import URIRef
from rich.console import Console
from rich.table import Table
from rich.text import Text

from reasoner.case import curie
from reasoner.errors import UsageError

QUERY_FORMATS: Final = ("table", "csv", "json", "turtle")
_NARROWEST: Final = 40
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def as_text(
    answer: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples, form: str, *, width: int | None = None
) -> str:
    """An answer as `table`, `csv`, `json` (SPARQL results) or `turtle` (of CONSTRUCT and DESCRIBE).

    Args:
        answer: What `run_query` gave; it is used up.
        form: One of `QUERY_FORMATS`.
        width: Columns that a table may take, its cells wrapped; without it a table is as wide as it needs.

    Raises:
        UsageError: The answer has no such form.
    """
    if form not in QUERY_FORMATS:
        raise UsageError(f"There is no form '{form}'. The forms are {', '.join(QUERY_FORMATS)}.")
    if isinstance(answer, ox.QueryTriples):
        if form not in ("table", "turtle"):
            raise UsageError(f"CONSTRUCT and DESCRIBE answer with a graph, which has no form '{form}'; use turtle.")
        return (answer.serialize(format=ox.RdfFormat.TURTLE) or b"").decode()
    if form == "turtle":
        raise UsageError("SELECT and ASK answer with no graph; use table, csv or json.")
    if form == "json":
        return (answer.serialize(format=ox.QueryResultsFormat.JSON) or b"").decode() + "\n"
    if isinstance(answer, ox.QueryBoolean):
        return "yes\n" if answer else "no\n"
    return _csv(answer) if form == "csv" else _table(answer, width)


def _csv(answer: ox.QuerySolutions) -> str:
    """SPARQL CSV results, but that no text begins as a formula: a spreadsheet would run what a case file says."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    names = [variable.value for variable in answer.variables]
    writer.writerow(names)
    writer.writerows([_harmless(row[name]) for name in names] for row in answer)
    return out.getvalue()


def _harmless(term: object) -> str:
    if isinstance(term, ox.Literal):
        written = term.value
        return f"'{written}" if written.startswith(_FORMULA) and not _is_number(written) else written
    return term.value if isinstance(term, ox.NamedNode) else "" if term is None else str(term)


def _is_number(written: str) -> bool:
    try:
        float(written)
    except ValueError:
        return False
    return True


def _table(answer: ox.QuerySolutions, width: int | None) -> str:
    names = [variable.value for variable in answer.variables]
    rows = [[_cell(row[name]) for name in names] for row in answer]
    table = Table()
    for name in names:
        table.add_column(Text(name), overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    lines = (
        (line for cell in column for line in cell.splitlines() or [""]) for column in zip(names, *rows, strict=True)
    )
    needed = sum(max(Text(line).cell_len for line in column) for column in lines) + 3 * len(names) + 1
    text = io.StringIO()
    shown = needed if width is None else min(needed, max(width, _NARROWEST))
    Console(file=text, width=shown, color_system=None, legacy_windows=False, _environ={}).print(table)
    noun = "row" if len(rows) == 1 else "rows"
    return f"{text.getvalue()}{len(rows)} {noun}\n"


def _cell(term: object) -> str:
    """A term for a reader: nothing that would steer the terminal."""
    if isinstance(term, ox.NamedNode):
        return curie(URIRef(term.value))
    written = term.value if isinstance(term, ox.Literal) else "" if term is None else str(term)
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in written)
