"""Options and settings that several commands share."""

import datetime
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from reasoner.errors import UsageError
from reasoner.limits import Limits

_Limits = TypeVar("_Limits")
_MOST: Final = "most_"  # how the parameters of limits begin

PLAIN_WIDTH: Final = 100
"""Columns where there is no terminal."""

FILES: Final = click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))

POLICY: Final = click.option(
    "--policy", metavar="NAME", help="Policy or payer, such as bcbsnd or aetna-cpb-0502 (see `edx policies`)."
)

ON: Final = click.option(
    "--on",
    metavar="DATE",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Date that chooses the edition, as 2025-11-20; by default the date of service, else of the request.",
)


def flags_for(limits: type[Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A flag for each limit of a class whose fields are limits; what they give a command is for `limits_of`."""

    def flagged(command: Callable[..., Any]) -> Callable[..., Any]:
        for limit in reversed(fields(limits)):
            told = limit.metadata
            whole = isinstance(limit.default, int)
            option = click.option(
                told["flag"],
                _MOST + limit.name,
                metavar="N",
                type=click.IntRange(told["least"]) if whole else click.FloatRange(told["least"], min_open=True),
                default=limit.default // told["unit"] if whole else limit.default,
                show_default=True,
                help=told["help"],
            )
            command = option(command)
        return command

    return flagged


LIMITS: Final = flags_for(Limits)


def limits_of(given: Mapping[str, float], limits: type[_Limits]) -> _Limits:
    """The limits that flags give.

    Raises:
        UsageError: One of them is no number.
    """
    units = {_MOST + limit.name: limit.metadata["unit"] for limit in fields(limits)}  # type: ignore[arg-type]
    try:
        return limits(**{name.removeprefix(_MOST): value * units[name] for name, value in given.items()})
    except ValueError as error:
        raise UsageError(str(error)) from error


def date_of(on: datetime.datetime | None) -> datetime.date | None:
    """The day that an option gives."""
    return on.date() if on else None


def width() -> int:
    """Columns of the terminal; a fixed number where there is none, so that output does not depend on who asks."""
    return os.get_terminal_size(sys.stdout.fileno()).columns if sys.stdout.isatty() else PLAIN_WIDTH
