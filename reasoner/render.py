"""One report graph in any of the formats; a format adds nothing to what the graph says."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Final

from rdflib import Graph, URIRef

from reasoner.errors import UnknownTermError
from reasoner.presentation import present
from reasoner.render_html import render_html
from reasoner.render_json import render_json
from reasoner.render_markdown import render_markdown
from reasoner.render_text import DEFAULT_WIDTH, render_text
from reasoner.terms import PREFIXES
from reasoner.view import ReportView
from reasoner.view_reader import read_view

_FROM_VIEW: Final[dict[str, Callable[[ReportView], str]]] = {
    "html": lambda view: render_html(present(view)),
    "json": render_json,
    "markdown": lambda view: render_markdown(present(view)),
}
EXTENSIONS: Final = MappingProxyType(
    {"text": ".txt", "markdown": ".md", "html": ".html", "json": ".json", "turtle": ".ttl"}
)
"""The formats, each with the usual ending of its files."""
FORMATS: Final = tuple(EXTENSIONS)


def render(graph: Graph, format: str = "text", *, width: int = DEFAULT_WIDTH, color: bool = False) -> str:  # noqa: A002 - the name that the command line gives it
    """A report graph in the format.

    Args:
        graph: The report graph of one determination.
        format: One of `FORMATS`.
        width: Columns of the text format.
        color: Whether the text format carries ANSI colours, as for a terminal.

    Raises:
        UnknownTermError: There is no such format.
        EngineError: The graph is no report, or lacks what a report must have.
    """
    if format not in FORMATS:
        raise UnknownTermError(f"There is no format '{format}'. The formats are {', '.join(FORMATS)}.")
    if format == "turtle":
        return render_turtle(graph)
    view = read_view(graph)
    if format == "text":
        return render_text(present(view), width=width, color=color)
    return _FROM_VIEW[format](view)


def render_turtle(graph: Graph) -> str:
    """The graph itself in Turtle, under the prefixes of the project."""
    out = Graph(bind_namespaces="none")
    for prefix, namespace in PREFIXES.items():
        out.bind(prefix, URIRef(namespace))
    for triple in graph:
        out.add(triple)
    return out.serialize(format="turtle").strip("\n") + "\n"
