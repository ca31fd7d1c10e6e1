"""Options and settings that several commands share."""

import datetime
import os
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import click

from reasoner.limits import Limits

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


def LIMITS(command: Callable[..., Any]) -> Callable[..., Any]:  # noqa: N802 - a decorator like the others
    """The limits, a flag for each; what it gives the command is for `limits_of`."""
    for limit in reversed(fields(Limits)):
        told = limit.metadata
        option = click.option(
            told["flag"],
            _MOST + limit.name,
            metavar="N",
            type=click.IntRange(told["least"]),
            default=limit.default,
            show_default=True,
            help=told["help"],
        )
        command = option(command)
    return command


def limits_of(given: dict[str, int]) -> Limits:
    """The limits that flags give."""
    return Limits(**{name.removeprefix(_MOST): value for name, value in given.items()})


def date_of(on: datetime.datetime | None) -> datetime.date | None:
    """The day that an option gives."""
    return on.date() if on else None


def width() -> int:
    """Columns of the terminal; a fixed number where there is none, so that output does not depend on who asks."""
    return os.get_terminal_size(sys.stdout.fileno()).columns if sys.stdout.isatty() else PLAIN_WIDTH
