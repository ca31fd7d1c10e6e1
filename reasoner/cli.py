"""The command `edx`.

Exit codes: 0 done (whatever the outcome of a determination), 1 input refused, 2 usage, 3 engine error.
"""

import datetime
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, Final

import click
from rdflib import Graph

from reasoner.case import Case, Problem
from reasoner.determination import Determination
from reasoner.determining import applicable_edition, determine
from reasoner.errors import EngineError, InputError, ReasonerError, UsageError
from reasoner.intake import IntakeResult, validate_all
from reasoner.knowledge import Knowledge, load_knowledge
from reasoner.output import write_atomically
from reasoner.query import build_dataset, run_query
from reasoner.query_output import as_text
from reasoner.render import EXTENSIONS, FORMATS, render
from reasoner.render_policy import policy_list, policy_tree
from reasoner.report import report_graph
from reasoner.version import VERSION

DETERMINED: Final = 0
REFUSED: Final = 1
USAGE: Final = 2
ENGINE: Final = 3

_FILES = click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
_POLICY = click.option(
    "--policy", metavar="NAME", help="Policy or payer, such as bcbsnd or aetna-cpb-0502; default: the request's payer."
)
_ON = click.option("--on", "on", metavar="DATE", type=click.DateTime(["%Y-%m-%d"]), help="Date that chooses the edition; default: the date of service.")  # fmt: skip


def _guarded(command: Callable[..., int]) -> Callable[..., None]:
    """Turns what the package raises into a message and an exit code; a bad input never ends in a traceback."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            code = command(*args, **kwargs)
        except ReasonerError as error:
            _fail(f"{error.code}: {error}")
            code = REFUSED if isinstance(error, InputError) else USAGE if isinstance(error, UsageError) else ENGINE
        except click.ClickException:
            raise
        except Exception as error:  # noqa: BLE001 - the last line: whoever runs a command gets a message and a code, never a traceback
            _fail(
                f"{EngineError.code}: the program failed ({type(error).__name__}: {error}). Nothing was determined; please report this."
            )
            code = ENGINE
        sys.exit(code)

    return run


@click.group(epilog="Exit codes: 0 done, 1 input refused, 2 usage, 3 engine error.")
@click.version_option(VERSION, prog_name="edx")
def main() -> None:
    """Determine and explain whether electrodiagnostic studies are medically necessary under a payer's policy."""


@main.command("determine")
@_FILES
@_POLICY
@_ON
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="File to write; a folder where there are several cases."
)
@_guarded
def determine_command(
    files: tuple[Path, ...], policy: str | None, on: datetime.datetime | None, format_: str, out: Path | None
) -> int:
    """Determine the cases of some files and explain each determination."""
    knowledge = load_knowledge()
    result = validate_all(files)
    _report_refusals(result)
    date = on.date() if on else None
    reports = [report_graph(determine(case, knowledge, policy=policy, on=date), knowledge) for case in result.cases]
    _hand_out(reports, result.cases, format_, out)
    return REFUSED if result.refusals else DETERMINED


@main.command("validate")
@_FILES
@click.option("--format", "format_", type=click.Choice(["text", "turtle"]), default="text", show_default=True, help="Words, or one sh:ValidationReport.")  # fmt: skip
@_guarded
def validate_command(files: tuple[Path, ...], format_: str) -> int:
    """Say whether the cases of some files can be judged, and everything that stands in the way."""
    result = validate_all(files)
    if format_ == "turtle":
        click.echo(result.report.serialize(format="turtle"))
    else:
        for entry in result.entries:
            refused = not isinstance(entry, Case)
            problems: Sequence[Problem] = entry.problems if not isinstance(entry, Case) else entry.warnings
            name = entry.name if not isinstance(entry, Case) else f"{entry.source}: {entry.label}"
            click.echo(f"{name}: {'refused' if refused else 'valid'}")
            for problem in problems:
                click.echo(f"  - {problem.severity.value}: {problem}")
        click.echo(f"{len(result.cases)} valid, {len(result.refusals)} refused")
    return REFUSED if result.refusals else DETERMINED


@main.command("policies")
@click.argument("policy", required=False)
@_guarded
def policies_command(policy: str | None) -> int:
    """List the policy editions, or show one policy's editions, criteria and citations."""
    knowledge = load_knowledge()
    click.echo(policy_list(knowledge) if policy is None else policy_tree(knowledge, policy))
    return DETERMINED


@main.command("query")
@click.argument("arguments", nargs=-1, required=True, metavar="FILE... [SPARQL]")
@click.option(
    "-f",
    "--file",
    "query_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File that holds the query.",
)
@_POLICY
@_ON
@click.option(
    "--format", "format_", type=click.Choice(["table", "csv", "json", "turtle"]), default="table", show_default=True
)
@_guarded
def query_command(
    arguments: tuple[str, ...], query_file: Path | None, policy: str | None, on: datetime.datetime | None, format_: str
) -> int:
    """Ask SPARQL of the knowledge, some cases and their determinations, each in a named graph.

    Without --policy every case is determined under every policy that has an edition in force.
    """
    files, text = (arguments, query_file.read_text("utf-8")) if query_file else (arguments[:-1], arguments[-1])
    if not files:
        raise click.UsageError("Name at least one file before the query.")
    knowledge = load_knowledge()
    result = validate_all(Path(file) for file in files)
    _report_refusals(result)
    date = on.date() if on else None
    wanted = [policy] if policy else sorted({edition.slug for edition in knowledge.editions})
    determined = [d for case in result.cases for name in wanted for d in _determined(case, knowledge, name, date)]
    click.echo(as_text(run_query(build_dataset(knowledge, result.cases, determined), text), format_), nl=False)
    return REFUSED if result.refusals else DETERMINED


@main.command("explain")
@_FILES
@click.option(
    "--criterion", "-c", required=True, metavar="NAME", help="Name of the criterion, such as signs-and-symptoms."
)
@_POLICY
@_ON
@_guarded
def explain_command(files: tuple[Path, ...], criterion: str, policy: str | None, on: datetime.datetime | None) -> int:
    """Explain one criterion for the cases of some files: status, evidence, clause, what would settle it."""
    from reasoner.explain import explain_criterion

    knowledge = load_knowledge()
    result = validate_all(files)
    _report_refusals(result)
    date = on.date() if on else None
    for case in result.cases:
        edition, *_ = applicable_edition(case, knowledge, policy=policy, on=date)
        wanted = knowledge.criterion(criterion, [edition])
        report = report_graph(determine(case, knowledge, policy=policy, on=date), knowledge)
        click.echo(explain_criterion(report, wanted.iri))
    return REFUSED if result.refusals else DETERMINED


def _determined(case: Case, knowledge: Knowledge, policy: str, on: datetime.date | None) -> Iterator[Determination]:
    try:
        yield determine(case, knowledge, policy=policy, on=on)
    except UsageError as error:
        _fail(f"{case.label}: not determined under {policy}: {error}")


def _report_refusals(result: IntakeResult) -> None:
    for refusal in result.refusals:
        error = refusal.error()
        _fail(f"{error.code}: {error}")


def _hand_out(reports: Sequence[Graph], cases: Sequence[Case], format_: str, out: Path | None) -> None:
    if out is None:
        for report in reports:
            terminal = sys.stdout.isatty() and format_ == "text"
            width = click.get_terminal_size()[0] if terminal else 100
            click.echo(render(report, format_, width=width, color=terminal))
        return
    texts = [render(report, format_) for report in reports]
    if len(texts) == 1 and not out.is_dir():
        write_atomically(out, texts[0])
        return
    names = [f"{number:04d}-{case.digest[:12]}{EXTENSIONS[format_]}" for number, case in enumerate(cases, 1)]
    for name, text in zip(names, texts, strict=True):
        write_atomically(out / name, text)


def _fail(message: str) -> None:
    click.echo(message, err=True)
