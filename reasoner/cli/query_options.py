"""The options of `edx query` for its limits."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import click

from reasoner.errors import UsageError
from reasoner.query.limits import OPTIONS, QueryLimits

_MEGABYTE: Final = 1_000_000
_IN_MEGABYTES: Final = frozenset({"answer", "memory"})
_TOLD: Final = {
    "seconds": ("SECONDS", "Time until the answer is there."),
    "results": ("N", "Rows, or triples of CONSTRUCT and DESCRIBE; an answer with more is not given."),
    "answer": ("MB", "Length of the answer."),
    "memory": ("MB", "Memory beside that of the data (Linux)."),
    "nesting": ("N", "Levels of brackets in the query."),
    "words": ("N", "Words and signs of the query outside VALUES blocks."),
    "length": ("N", "Characters of the query."),
}


def query_limits(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds an option for each limit of a query, in the order in which `_TOLD` has them."""
    for limit in reversed(_TOLD):
        metavar, told = _TOLD[limit]
        default = getattr(QueryLimits(), limit)
        command = click.option(
            OPTIONS[limit],
            limit,
            metavar=metavar,
            type=click.FloatRange(0, min_open=True) if limit == "seconds" else click.IntRange(1),
            default=default // _MEGABYTE if limit in _IN_MEGABYTES else default,
            show_default=True,
            help=told,
        )(command)
    return command


def limits_of(given: Mapping[str, Any]) -> QueryLimits:
    """The limits that the options state.

    Raises:
        UsageError: One of them is no number.
    """
    try:
        return QueryLimits(**{k: v * _MEGABYTE if k in _IN_MEGABYTES else v for k, v in given.items()})
    except ValueError as error:
        raise UsageError(str(error)) from error
