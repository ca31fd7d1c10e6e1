"""The commands that ask: `policies` about the editions, `query` and `explain` about cases and their determinations."""

import datetime
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from reasoner.case import Case
from reasoner.cli.exits import DONE, EXIT_CODES, fail, guarded, printable, report_refusals
from reasoner.cli.options import FILES, ON, POLICY, date_of, flags_for, limits_of, width
from reasoner.errors import NoApplicablePolicyError, QueryError, UnknownTermError, UsageError
from reasoner.evaluation.determination import Determination
from reasoner.evaluation.determining import applicable_edition, determine
from reasoner.formats.explain import explain_criterion
from reasoner.formats.policies import policy_list, policy_tree
from reasoner.intake.admission import validate_all
from reasoner.knowledge import Knowledge, load_knowledge
from reasoner.query.answers import QUERY_FORMATS, as_text
from reasoner.query.checks import check_query
from reasoner.query.dataset import build_dataset
from reasoner.query.limits import QueryLimits
from reasoner.query.running import run_query
from reasoner.rdf.syntax import EXTENSIONS as SYNTAX_EXTENSIONS
from reasoner.report.view_builder import view_of


@click.command("policies", short_help="List the policies, or show one with its criteria.", epilog=EXIT_CODES)
@click.argument("policy", required=False)
@guarded
def policies_command(policy: str | None) -> int:
    """List the policy editions, or show one POLICY: its editions, criteria and citations."""
    knowledge = load_knowledge()
    click.echo(policy_list(knowledge) if policy is None else policy_tree(knowledge, policy, width=width()), nl=False)
    return DONE


@click.command("query", short_help="Ask SPARQL of knowledge, cases and determinations.", epilog=EXIT_CODES)
@click.argument("arguments", nargs=-1, metavar="[FILE]... [SPARQL]")
@click.option(
    "-f",
    "--file",
    "query_file",
    metavar="QUERY",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File that holds the query, such as one of cases/queries.",
)
@POLICY
@ON
@click.option(
    "--format",
    "format_",
    type=click.Choice(QUERY_FORMATS),
    default="table",
    show_default=True,
    help="json is SPARQL results; csv marks text that a spreadsheet would take for a formula; turtle is for CONSTRUCT.",
)
@flags_for(QueryLimits)
@guarded
def query_command(
    arguments: tuple[str, ...],
    query_file: Path | None,
    policy: str | None,
    on: datetime.datetime | None,
    format_: str,
    **limits: float,
) -> int:
    """Ask SPARQL of the knowledge, some cases and their determinations.

    Each case, policy edition and determination is a named graph, and so is the ontology; a query without GRAPH sees all
    of them as one. Without --policy every case is determined under every policy that has an edition in force. The
    prefixes of the project (edx:, bcbsnd:, aetna:, icd10cm:, rdf:, rdfs:, skos:, dcterms:, sh:, prov:) are declared.

    SERVICE, LOAD, FROM and updates are refused. The query runs in a process of its own that opens neither files nor
    connections; whatever goes beyond a limit below ends that process alone, and the message names the limit.

    \b
    Examples:
      edx query case.ttl 'SELECT ?what { ?d edx:recommendation ?what }'
      edx query cases/*/case.ttl -f cases/queries/deciding-criteria.rq --format csv
    """  # noqa: D301 - click takes the backspace for "leave the lines as they are"
    allowed = limits_of(limits, QueryLimits)
    files, text = _asked(arguments, query_file, allowed)
    check_query(text, allowed)
    knowledge = load_knowledge()
    result = validate_all(Path(file) for file in files)
    code = report_refusals(result)
    wanted = [policy] if policy else sorted({edition.slug for edition in knowledge.editions})
    determined = [
        d for case in result.cases for name in wanted for d in _determined(case, knowledge, name, date_of(on))
    ]
    answer = run_query(build_dataset(knowledge, result.cases, determined), text, limits=allowed)
    click.echo(as_text(answer, format_, width=width() if sys.stdout.isatty() else None).encode(), nl=False)
    return code


@click.command("explain", short_help="Explain one criterion for some cases.", epilog=EXIT_CODES)
@FILES
@click.option(
    "-c",
    "--criterion",
    required=True,
    metavar="NAME",
    help="Criterion, such as signs-and-symptoms (see `edx policies`).",
)
@POLICY
@ON
@guarded
def explain_command(files: tuple[Path, ...], criterion: str, policy: str | None, on: datetime.datetime | None) -> int:
    """Explain one criterion for the cases of some files: status, evidence, clause, what would settle it."""
    knowledge = load_knowledge()
    result = validate_all(files)
    code = report_refusals(result)
    said: list[str] = []
    for case in result.cases:
        try:
            edition, *_ = applicable_edition(case, knowledge, policy=policy, on=date_of(on))
            wanted = knowledge.criterion(criterion, [edition])
            view = view_of(determine(case, knowledge, policy=policy, on=date_of(on)), knowledge)
        except NoApplicablePolicyError as error:
            code = max(code, fail(error))
        else:
            said.append(explain_criterion(view, wanted.iri, width=width()))
    click.echo("\n".join(said), nl=False)
    return code


def _asked(arguments: tuple[str, ...], query_file: Path | None, limits: QueryLimits) -> tuple[tuple[str, ...], str]:
    """The files and the text of the query; of a query that is too long, as much as tells so."""
    if query_file is not None:
        try:
            with query_file.open(encoding="utf-8") as file:
                return arguments, file.read(limits.length + 1)
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
