"""The report as one HTML page that needs nothing else: no script, no font, no picture, nothing loaded."""

from functools import cache

from jinja2 import Environment
from markupsafe import Markup

from reasoner.formats.presentation import Once, Presentation
from reasoner.formats.templating import environment
from reasoner.formats.wording import plain


def render_html(report: Presentation) -> str:
    """The report as an HTML page."""
    text = _environment().get_template("report.html.j2").render(report=report, view=report.view, once=Once())
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip()) + "\n"


def _finalize(value: object) -> object:
    return value if isinstance(value, Markup) else plain(str(value))


@cache
def _environment() -> Environment:
    return environment(_finalize)
