"""One report in any of the formats; a format adds nothing to what the report graph says."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Final

from rdflib import Graph, URIRef

from reasoner.errors import UnknownTermError
from reasoner.evaluation.determination import Determination
from reasoner.formats.as_json import render_json
from reasoner.formats.presentation import present
from reasoner.knowledge import Knowledge
from reasoner.plain_text import DEFAULT_WIDTH
from reasoner.report.text import report_text
from reasoner.report.view import ReportView
from reasoner.report.view_builder import view_of
from reasoner.report.view_reader import read_view
from reasoner.terms import PREFIXES


def _html(view: ReportView) -> str:
    from reasoner.formats.as_html import render_html  # what draws a format is imported with it: some of it takes long

    return render_html(present(view))


def _markdown(view: ReportView) -> str:
    from reasoner.formats.as_markdown import render_markdown

    return render_markdown(present(view))


_FROM_VIEW: Final[dict[str, Callable[[ReportView], str]]] = {"html": _html, "json": render_json, "markdown": _markdown}
EXTENSIONS: Final = MappingProxyType(
    {"text": ".txt", "markdown": ".md", "html": ".html", "json": ".json", "turtle": ".ttl"}
)
"""The formats, each with the usual ending of its files."""
FORMATS: Final = tuple(EXTENSIONS)


def render(
    report: Graph | ReportView | Determination,
    format: str = "text",  # noqa: A002 - the name that the command line gives it
    *,
    knowledge: Knowledge | None = None,
    width: int = DEFAULT_WIDTH,
    color: bool = False,
) -> str:
    """A report in the format.

    Args:
        report: The report graph of one determination, its records, or the determination itself, which is by far the
            quickest. A graph in Turtle is the graph as it is; a determination in Turtle is in reading order.
        format: One of `FORMATS`.
        knowledge: What a determination was made from; needed for a determination, and of no use otherwise.
        width: Columns of the text format.
        color: Whether the text format carries ANSI colours, as for a terminal.

    Raises:
        UnknownTermError: There is no such format.
        EngineError: The graph is no report, or lacks what a report must have.
        TypeError: A determination came without knowledge, or records are to be written in Turtle, which holds more.
    """
    if format not in FORMATS:
        raise UnknownTermError(f"There is no format '{format}'. The formats are {', '.join(FORMATS)}.")
    if format == "turtle":
        return _in_turtle(report, knowledge)
    view = _records(report, knowledge)
    if format == "text":
        from reasoner.formats.as_text import render_text

        return render_text(present(view), width=width, color=color)
    return _FROM_VIEW[format](view)


def _records(report: Graph | ReportView | Determination, knowledge: Knowledge | None) -> ReportView:
    if isinstance(report, ReportView):
        return report
    return view_of(report, _needed(knowledge)) if isinstance(report, Determination) else read_view(report)


def _in_turtle(report: Graph | ReportView | Determination, knowledge: Knowledge | None) -> str:
    if isinstance(report, ReportView):
        raise TypeError("The records of a report lack its SHACL results: give the determination for Turtle.")
    if isinstance(report, Determination):
        return report_text(report, _needed(knowledge))
    return render_turtle(report)


def _needed(knowledge: Knowledge | None) -> Knowledge:
    if knowledge is None:
        raise TypeError("A determination is rendered with the knowledge that it was made from: give `knowledge`.")
    return knowledge


def render_turtle(graph: Graph) -> str:
    """The graph itself in Turtle, under the prefixes of the project."""
    out = Graph(bind_namespaces="none")
    for prefix, namespace in PREFIXES.items():
        out.bind(prefix, URIRef(namespace))
    for triple in graph:
        out.add(triple)
    return out.serialize(format="turtle").strip("\n") + "\n"
