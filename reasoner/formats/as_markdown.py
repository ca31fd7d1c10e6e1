"""The report as Markdown (CommonMark), with every text of the case and the policy escaped."""

import re
from functools import cache
from typing import Final

from jinja2 import Environment
from markupsafe import Markup

from reasoner.formats.presentation import Once, Presentation
from reasoner.formats.templating import environment
from reasoner.formats.wording import plain

_SPECIAL: Final = re.compile(r"[\\`*_\[\]<>&|~#$]|(?<=[a-z]):(?=//)|(?<=www)\.|@", re.IGNORECASE)
_AT_START: Final = re.compile(r"^(?:[-+=](?=\s|$|[-+=])|\d+(?=[.)](?:\s|$)))")


def render_markdown(report: Presentation) -> str:
    """The report as Markdown."""
    text = _environment().get_template("report.md.j2").render(report=report, view=report.view, once=Once)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


def escape_markdown(text: str) -> str:
    """Text that Markdown shows as it stands: no markup, no HTML, no link, no list or heading."""
    escaped = _SPECIAL.sub(_escaped, plain(text))
    if start := _AT_START.match(escaped):
        digits = start.group()
        marker = digits if digits[0].isdigit() else ""
        escaped = f"{marker}\\{escaped[len(marker) :]}"
    return escaped


def _escaped(found: re.Match[str]) -> str:
    # GitHub reads an address as a link even where its sign is escaped with a backslash, but not where it is an entity.
    return "&#64;" if found.group() == "@" else f"\\{found.group()}"


def _finalize(value: object) -> object:
    return value if isinstance(value, Markup) else Markup(escape_markdown(str(value)))  # noqa: S704 - escaped here


@cache
def _environment() -> Environment:
    return environment(_finalize)
