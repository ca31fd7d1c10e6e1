"""The command `edx`."""

import datetime
import os
import sys
from collections.abc import Sequence
from glob import has_magic
from pathlib import Path
from typing import Final

import click
from pyoxigraph import RdfFormat, parse

from reasoner.case import Case
from reasoner.cli.exits import DONE, EXIT_CODES, REFUSED, fail, guarded, printable, report_refusals
from reasoner.cli.lazy import LazyGroup
from reasoner.cli.options import FILES, LIMITS, ON, date_of, limits_of, width
from reasoner.collector import expect_little
from reasoner.deadline import Deadline, clock
from reasoner.digests import canonical_digest
from reasoner.errors import NoApplicablePolicyError, OutOfTimeError, UsageError
from reasoner.evaluation.determination import Determination
from reasoner.evaluation.determining import determine
from reasoner.formats.render import FORMATS, render
from reasoner.intake.admission import IntakeResult, validate_all
from reasoner.intake.content import Engine
from reasoner.knowledge import Knowledge, load_knowledge
from reasoner.limits import Limits
from reasoner.output import write_atomically
from reasoner.rdf.syntax import EXTENSIONS as EXTENSIONS_OF_RDF
from reasoner.version import VERSION

_IN_ONE_STREAM: Final = ("text", "markdown", "turtle")

_ELSEWHERE: Final = {
    "category": "reasoner.cli.terminology:category_command",
    "code": "reasoner.cli.terminology:code_command",
    "explain": "reasoner.cli.questions:explain_command",
    "generate": "reasoner.cli.generate:generate_command",
    "impact": "reasoner.cli.population:impact_command",
    "mappings": "reasoner.cli.terminology:mappings_command",
    "policies": "reasoner.cli.questions:policies_command",
    "query": "reasoner.cli.questions:query_command",
    "sign": "reasoner.cli.verification:sign_command",
    "spark-determine": "reasoner.cli.spark:spark_determine_command",
    "summary": "reasoner.cli.population:summary_command",
    "verify": "reasoner.cli.verification:verify_command",
}
"""Commands whose modules are imported when they are asked for."""


@click.group(
    cls=LazyGroup,
    places=_ELSEWHERE,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EXIT_CODES,
)
@click.version_option(VERSION, prog_name="edx")
def main() -> None:
    """Determine and explain whether electrodiagnostic studies are medically necessary under a payer's policy.

    What comes out is a recommendation to a human reviewer; it decides no care.
    """
    expect_little()


@main.command("determine", short_help="Determine cases and explain each determination.", epilog=EXIT_CODES)
@FILES
@click.option(
    "--policy",
    "policies",
    metavar="NAME",
    multiple=True,
    help="Policy or payer, such as bcbsnd or aetna-cpb-0502 (see `edx policies`); more than one may be given.",
)
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
@click.option(
    "--to",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="One file for the results of all cases: .jsonl or .parquet has a row for each case, policy and study, .nq or "
    ".trig a graph for each determination.",
)
@click.option(
    "--detail",
    type=click.Choice(["outcome", "violations", "full"]),
    help="How much --to holds: rows, the SHACL results of what is not met, or the whole explanation.  "
    "[default: outcome for rows, full for graphs]",
)
@click.option(
    "-j",
    "--processes",
    metavar="N",
    type=click.IntRange(1),
    help="Processes for --to and folders; by default as many as there are cores.",
)
@click.option(
    "--engine",
    type=click.Choice(["compiled", "pyshacl"]),
    default="compiled",
    show_default=True,
    help="What holds cases against shapes; pyshacl is the reference, and slow.",
)
@click.option("--restart", is_flag=True, help="Begin anew where an earlier run was interrupted, instead of going on.")
@LIMITS
@guarded
def determine_command(
    files: tuple[Path, ...],
    policies: tuple[str, ...],
    on: datetime.datetime | None,
    format_: str,
    out: str | None,
    to: Path | None,
    detail: str | None,
    processes: int | None,
    engine: Engine,
    restart: bool,
    **limits: int,
) -> int:
    """Determine the cases of some files and explain each determination.

    FILE is RDF (.ttl .nt .nq .trig .rdf .jsonld), one case or many; JSON-LD in lines (.ndjson); any of them compressed
    (.gz .bz2 .xz .zst); an archive of them (.zip .tar .tar.zst …); a folder, or a pattern in quotes. A case that is
    refused stops no other. With --to, or into a folder, cases may be any number: what is interrupted goes on where it
    stopped when the same command is given again.

    \b
    Examples:
      edx determine case.ttl --policy bcbsnd
      edx determine case.ttl --format html -o report.html
      edx determine january/ --format json -o reports/
      edx determine january.trig.zst --policy bcbsnd --policy aetna --to january.parquet
    """  # noqa: D301 - click takes the backspace for "leave the lines as they are"
    named, bounds = [str(file) for file in files], limits_of(limits, Limits)
    if to is not None and out is not None:
        raise UsageError("Give either --to for one file of results or -o for reports.")
    if to is None and detail is not None:
        raise UsageError("--detail is for --to; a report is whole.")

    def in_batch(results: Path, report_format: str | None) -> int:
        from reasoner.cli.batch import determine_many  # many modules, which a single case does not need

        return determine_many(
            named,
            results,
            report_format,
            detail,
            policies,
            date_of(on),
            engine=engine,
            processes=processes,
            restart=restart,
            limits=bounds,
        )

    if to is not None:
        return in_batch(to, None)
    if out is not None and _is_folder(out, files, named, bounds):
        return in_batch(Path(out), format_)
    result = _taken_in(files, named, engine, bounds)
    if out is not None and len(result.entries) > 1:
        return in_batch(Path(out), format_)
    code = report_refusals(result)
    knowledge = load_knowledge()
    reports: list[Determination] = []
    with clock():
        for case in result.cases:
            for policy in policies or (None,):
                try:
                    with Deadline(bounds.seconds):
                        reports.append(determine(case, knowledge, policy=policy, on=date_of(on), engine=engine))
                except (NoApplicablePolicyError, OutOfTimeError) as error:
                    code = max(code, fail(_of_case(error, case)))
        return max(code, _hand_out(reports, knowledge, format_, out, bounds))


@main.command("validate", short_help="Say whether cases can be judged, and what is in the way.", epilog=EXIT_CODES)
@FILES
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "turtle"]),
    default="text",
    show_default=True,
    help="In words, or as one sh:ValidationReport.",
)
@LIMITS
@guarded
def validate_command(files: tuple[Path, ...], format_: str, **limits: int) -> int:
    """Say whether the cases of some files can be judged, and everything that stands in the way."""
    result = validate_all(files, limits=limits_of(limits, Limits))
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


def _is_folder(out: str, files: Sequence[Path], named: Sequence[str], limits: Limits) -> bool:
    """Whether the reports go into a folder: it is one, or is called one, or there may be several reports."""
    if out.endswith(("/", os.sep)) or Path(out).is_dir() or len(files) > 1:
        return True
    if _is_one_file(files[0]) and files[0].suffix.lower() not in {".nq", ".trig"}:
        return False
    from reasoner.cli.batch import holds_several

    return holds_several(named, limits)


def _is_one_file(file: Path) -> bool:
    """Whether it is a file of RDF: no folder, pattern or archive."""
    return (
        file.suffix.lower() in EXTENSIONS_OF_RDF and not file.is_dir() and (file.exists() or not has_magic(str(file)))
    )


def _taken_in(files: Sequence[Path], named: Sequence[str], engine: Engine, limits: Limits) -> IntakeResult:
    if engine == "compiled" and all(_is_one_file(file) for file in files):
        return validate_all(files, limits=limits)
    from reasoner.cli.batch import taken_in_all

    return taken_in_all(named, engine, limits)


def _of_case(error: UsageError | OutOfTimeError, case: Case) -> UsageError | OutOfTimeError:
    """The error with the name of the case, which one about time does not know."""
    return error.of(f"{case.source}: {case.label}") if isinstance(error, OutOfTimeError) else error


def _hand_out(
    reports: Sequence[Determination], knowledge: Knowledge, format_: str, out: str | None, limits: Limits
) -> int:
    """Print the reports or write them; every one is rendered before the first byte leaves. Gives the exit code."""
    if len(reports) > 1 and (format_ not in _IN_ONE_STREAM or out is not None):
        raise UsageError(f"{len(reports)} reports in {format_} are no one document. Name a folder with -o.")
    terminal = out is None and sys.stdout.isatty() and format_ == "text" and "NO_COLOR" not in os.environ
    columns = {"width": width()} if out is None else {}
    texts, code = list[str](), DONE
    for report in reports:
        try:
            with Deadline(limits.seconds):
                texts.append(render(report, format_, knowledge=knowledge, color=terminal, **columns))
        except OutOfTimeError as error:
            code = fail(_of_case(error, report.case))
    if out is None:
        click.echo("\n".join(texts), nl=False, color=terminal or None)
    for text in texts if out is not None else ():
        write_atomically(Path(str(out)), text)
        click.echo(f"wrote {out}{_digest(text) if format_ == 'turtle' else ''}")
    return code


def _digest(turtle: str) -> str:
    """What tells a report in RDF, whatever it is written in; `edx verify` says the same of it."""
    return f"\n  RDFC-1.0, SHA-256: {canonical_digest(parse(turtle, format=RdfFormat.TURTLE))}"
