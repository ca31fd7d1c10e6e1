"""The command `edx`."""

import datetime
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
from rdflib import Graph

from reasoner.case import Case
from reasoner.cli_options import ON, date_of, width
from reasoner.cli_terminology import TERMINOLOGY_COMMANDS
from reasoner.determination import Determination
from reasoner.determining import applicable_edition, determine
from reasoner.errors import NoApplicablePolicyError, QueryError, UnknownTermError, UsageError
from reasoner.exits import DONE, EXIT_CODES, REFUSED, fail, guarded, printable
from reasoner.explain import explain_criterion
from reasoner.intake import IntakeResult, validate_all
from reasoner.knowledge import Knowledge, load_knowledge
from reasoner.output import write_atomically
from reasoner.query import build_dataset, check_query, run_query
from reasoner.query_output import QUERY_FORMATS, as_text
from reasoner.render import EXTENSIONS, FORMATS, render
from reasoner.render_policy import policy_list, policy_tree
from reasoner.report import report_graph
from reasoner.syntax import EXTENSIONS as SYNTAX_EXTENSIONS
from reasoner.version import VERSION

_IN_ONE_STREAM: Final = ("text", "markdown", "turtle")

_FILES: Final = click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
_POLICY: Final = click.option(
    "--policy", metavar="NAME", help="Policy or payer, such as bcbsnd or aetna-cpb-0502 (see `edx policies`)."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}, epilog=EXIT_CODES)
@click.version_option(VERSION, prog_name="edx")
def main() -> None:
    """Determine and explain whether electrodiagnostic studies are medically necessary under a payer's policy.

    What comes out is a recommendation to a human reviewer; it decides no care.
    """


@main.command("determine", short_help="Determine cases and explain each determination.", epilog=EXIT_CODES)
@_FILES
@_POLICY
@ON
@click.option(
    "--format", "format_", type=click.Choice(FORMATS), default="text", show_default=True, help="Report format."
)
@click.option(
    "-o",
    "--out",
    metavar="PATH",
    type=click.Path(),
    help="File to write. A folder, with a file for each case, where there are several cases or PATH ends in a slash.",
)
@guarded
def determine_command(
    files: tuple[Path, ...], policy: str | None, on: datetime.datetime | None, format_: str, out: str | None
) -> int:
    """Determine the cases of some files and explain each determination.

    FILE is RDF: .ttl .nt .nq .trig .rdf .jsonld, one case or many. A case that is refused stops no other.

    \b
    Examples:
      edx determine case.ttl --policy bcbsnd
      edx determine case.ttl --format html -o report.html
      edx determine january/*.ttl --format json -o reports/
    """  # noqa: D301 - click takes the backspace for "leave the lines as they are"
    knowledge = load_knowledge()
    result = validate_all(files)
    code = _report_refusals(result)
    reports: dict[int, Graph] = {}
    for number, entry in enumerate(result.entries, 1):
        if isinstance(entry, Case):
            try:
                reports[number] = report_graph(determine(entry, knowledge, policy=policy, on=date_of(on)), knowledge)
            except NoApplicablePolicyError as error:
                code = max(code, fail(error))
    _hand_out(reports, result, format_, out)
    return code


@main.command("validate", short_help="Say whether cases can be judged, and what is in the way.", epilog=EXIT_CODES)
@_FILES
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "turtle"]),
    default="text",
    show_default=True,
    help="In words, or as one sh:ValidationReport.",
)
@guarded
def validate_command(files: tuple[Path, ...], format_: str) -> int:
    """Say whether the cases of some files can be judged, and everything that stands in the way."""
    result = validate_all(files)
    if format_ == "turtle":
        click.echo(result.report.serialize(format="turtle"), nl=False)
        return REFUSED if result.refusals else DONE
    for entry in result.entries:
        if isinstance(entry, Case):
            click.echo(printable(f"{entry.source}: {entry.label}: valid"))
            problems = entry.warnings
        else:
            place = entry.source if entry.name.startswith(entry.source) else f"{entry.source}: {entry.name}"
            click.echo(printable(f"{place}: refused"))
            problems = entry.problems
        for problem in problems:
            click.echo(printable(f"  - {problem.severity.value}: {problem}"))
    click.echo(f"{len(result.cases)} valid, {len(result.refusals)} refused")
    return REFUSED if result.refusals else DONE


@main.command("policies", short_help="List the policies, or show one with its criteria.", epilog=EXIT_CODES)
@click.argument("policy", required=False)
@guarded
def policies_command(policy: str | None) -> int:
    """List the policy editions, or show one POLICY: its editions, criteria and citations."""
    knowledge = load_knowledge()
    click.echo(policy_list(knowledge) if policy is None else policy_tree(knowledge, policy, width=width()), nl=False)
    return DONE


@main.command("query", short_help="Ask SPARQL of knowledge, cases and determinations.", epilog=EXIT_CODES)
@click.argument("arguments", nargs=-1, metavar="[FILE]... [SPARQL]")
@click.option(
    "-f",
    "--file",
    "query_file",
    metavar="QUERY",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File that holds the query, such as one of cases/queries.",
)
@_POLICY
@ON
@click.option(
    "--format",
    "format_",
    type=click.Choice(QUERY_FORMATS),
    default="table",
    show_default=True,
    help="json is SPARQL results; csv marks text that a spreadsheet would take for a formula; turtle is for CONSTRUCT.",
)
@guarded
def query_command(
    arguments: tuple[str, ...], query_file: Path | None, policy: str | None, on: datetime.datetime | None, format_: str
) -> int:
    """Ask SPARQL of the knowledge, some cases and their determinations.

    Each case, policy edition and determination is a named graph, and so is the ontology; a query without GRAPH sees all
    of them as one. Without --policy every case is determined under every policy that has an edition in force. The
    prefixes of the project (edx:, bcbsnd:, aetna:, icd10cm:, rdf:, rdfs:, skos:, dcterms:, sh:, prov:) are declared.

    \b
    Examples:
      edx query case.ttl 'SELECT ?what { ?d edx:recommendation ?what }'
      edx query cases/*/case.ttl -f cases/queries/deciding-criteria.rq --format csv
    """  # noqa: D301 - click takes the backspace for "leave the lines as they are"
    files, text = _asked(arguments, query_file)
    check_query(text)
    knowledge = load_knowledge()
    result = validate_all(Path(file) for file in files)
    code = _report_refusals(result)
    wanted = [policy] if policy else sorted({edition.slug for edition in knowledge.editions})
    determined = [
        d for case in result.cases for name in wanted for d in _determined(case, knowledge, name, date_of(on))
    ]
    answer = run_query(build_dataset(knowledge, result.cases, determined), text)
    click.echo(as_text(answer, format_, width=width() if sys.stdout.isatty() else None).encode(), nl=False)
    return code


@main.command("explain", short_help="Explain one criterion for some cases.", epilog=EXIT_CODES)
@_FILES
@click.option(
    "-c",
    "--criterion",
    required=True,
    metavar="NAME",
    help="Criterion, such as signs-and-symptoms (see `edx policies`).",
)
@_POLICY
@ON
@guarded
def explain_command(files: tuple[Path, ...], criterion: str, policy: str | None, on: datetime.datetime | None) -> int:
    """Explain one criterion for the cases of some files: status, evidence, clause, what would settle it."""
    knowledge = load_knowledge()
    result = validate_all(files)
    code = _report_refusals(result)
    said: list[str] = []
    for case in result.cases:
        try:
            edition, *_ = applicable_edition(case, knowledge, policy=policy, on=date_of(on))
            wanted = knowledge.criterion(criterion, [edition])
            report = report_graph(determine(case, knowledge, policy=policy, on=date_of(on)), knowledge)
        except NoApplicablePolicyError as error:
            code = max(code, fail(error))
        else:
            said.append(explain_criterion(report, wanted.iri, width=width()))
    click.echo("\n".join(said), nl=False)
    return code


def _asked(arguments: tuple[str, ...], query_file: Path | None) -> tuple[tuple[str, ...], str]:
    """The files and the text of the query."""
    if query_file is not None:
        try:
            return arguments, query_file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise QueryError(f"{query_file} cannot be read as UTF-8 text: {error}") from error
    if not arguments or arguments[-1].endswith(tuple(SYNTAX_EXTENSIONS)):
        raise click.UsageError("The query is missing: give it after the files, or name its file with -f.")
    return arguments[:-1], arguments[-1]


def _determined(case: Case, knowledge: Knowledge, policy: str, on: datetime.date | None) -> Iterator[Determination]:
    try:
        yield determine(case, knowledge, policy=policy, on=on)
    except UnknownTermError:
        raise
    except UsageError as error:
        click.echo(printable(f"{case.label}: not determined under {policy}: {error}"), err=True)


def _report_refusals(result: IntakeResult) -> int:
    for refusal in result.refusals:
        error = refusal.error()
        said = str(error) if str(error).startswith(refusal.source) else f"{refusal.source}: {error}"
        click.echo(printable(f"{error.code}: {said}"), err=True)
    return REFUSED if result.refusals else DONE


def _hand_out(reports: dict[int, Graph], result: IntakeResult, format_: str, out: str | None) -> None:
    """Print the reports or write them; every one is rendered before the first byte leaves."""
    if out is None:
        if len(reports) > 1 and format_ not in _IN_ONE_STREAM:
            raise UsageError(f"{len(reports)} reports in {format_} are no one document. Name a folder with -o.")
        terminal = sys.stdout.isatty() and format_ == "text" and "NO_COLOR" not in os.environ
        texts = [render(report, format_, width=width(), color=terminal) for report in reports.values()]
        click.echo("\n".join(texts), nl=False, color=terminal or None)
        return
    place = Path(out)
    if len(result.entries) == 1 and not place.is_dir() and not out.endswith(("/", os.sep)):
        names = dict.fromkeys(reports, place)
    else:
        names = {n: place / _file_name(n, result.entries[n - 1], format_) for n in reports}
    rendered = {number: render(report, format_) for number, report in reports.items()}
    for number, text in rendered.items():
        write_atomically(names[number], text)
        click.echo(f"wrote {names[number]}")


def _file_name(number: int, case: object, format_: str) -> str:
    """Place in the input and digest: sorted as asked, and never the same for two cases."""
    assert isinstance(case, Case)
    return f"{number:04d}-{case.digest[:12]}{EXTENSIONS[format_]}"


for _command in TERMINOLOGY_COMMANDS:
    main.add_command(_command)
