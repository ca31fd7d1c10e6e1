"""How a command ends: its exit codes, and what becomes of an error on the way out."""

import errno
import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

import click

from reasoner.errors import EngineError, InputError, ReasonerError, UsageError
from reasoner.intake.admission import IntakeResult

DONE: Final = 0
REFUSED: Final = 1
USAGE: Final = 2
ENGINE: Final = 3

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EFBIG, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC)})

EXIT_CODES: Final = """\b
Exit codes:
  0  done, whatever the outcomes are
  1  an input was refused; the others were dealt with
  2  usage: an option, policy, criterion, code, category or query that does not exist or cannot be
     answered
  3  engine error: the program or its knowledge is at fault
"""


def guarded(command: Callable[..., int]) -> Callable[..., None]:
    """Turns what the package raises into a message and an exit code; a bad input never ends in a traceback."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            code = command(*args, **kwargs)
            sys.stdout.flush()
        except ReasonerError as error:
            code = fail(error)
        except click.ClickException:
            raise
        except BrokenPipeError:  # whoever reads has read enough: `edx … | head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = 128 + signal.SIGPIPE
        except KeyboardInterrupt:
            code = 128 + signal.SIGINT
        except Exception as error:  # noqa: BLE001 - the last line: whoever runs a command gets a message and a code
            code = fail(_as_ours(error))
        sys.exit(code)

    return run


def _as_ours(error: Exception) -> ReasonerError:
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return UsageError(
            f"the output cannot be written: {error.strerror}. What was written is not whole; run it again."
        )
    said = f"the program failed ({type(error).__name__}: {error}). Nothing was determined; please report this."
    return EngineError(said)


def fail(error: ReasonerError) -> int:
    """Say what went wrong, and give the exit code for it."""
    click.echo(printable(f"{error.code}: {error}"), err=True)
    return REFUSED if isinstance(error, InputError) else USAGE if isinstance(error, UsageError) else ENGINE


def report_refusals(result: IntakeResult) -> int:
    """Say what intake refused, and give the exit code for it."""
    for refusal in result.refusals:
        error = refusal.error()
        said = str(error) if str(error).startswith(refusal.source) else f"{refusal.source}: {error}"
        click.echo(printable(f"{error.code}: {said}"), err=True)
    return REFUSED if result.refusals else DONE


def printable(text: str) -> str:
    """A message without anything in it that would steer the terminal: parts of it are what a file says."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
