"""The templates of the package and the words that they may use."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reasoner.formats import wording
from reasoner.formats.presentation import Fold, own_evidence, quoted_once
from reasoner.report.view import Kind

_TEMPLATES: Final = Path(__file__).parent / "templates"


def environment(finalize: Callable[[object], object]) -> Environment:
    """An environment in which whatever a template prints passes through the function and is escaped for HTML.

    Args:
        finalize: Makes a value fit for the format; what it returns as `Markup` is taken as escaped already.
    """
    found = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=finalize,
    )
    found.globals.update(
        FOOTER=wording.FOOTER,
        Kind=Kind,
        OUTCOME_MARKS=wording.OUTCOME_MARKS,
        Title=wording.Title,
        all_of=wording.all_of,
        heading=wording.heading,
        in_one_line=wording.in_one_line,
        joining=wording.joining,
        own_evidence=own_evidence,
        place_of=wording.place_of,
        quoted_once=quoted_once,
        size_in_words=wording.size_in_words,
        source_of=wording.source_of,
        studies_named=wording.studies_named,
    )
    found.filters["headline"] = wording.headline
    found.tests["fold"] = lambda value: isinstance(value, Fold)
    return found
