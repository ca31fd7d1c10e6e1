"""The commands about populations of cases: `summary` and `impact`. What they need is loaded when they run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from reasoner.cli.exits import DONE, EXIT_CODES, guarded
from reasoner.population.tables import DEFAULT_TOP, PICTURE_FORMATS, TABLE_FORMATS


def _output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("-o", "--out", metavar="FILE", type=click.Path(path_type=Path), help="File to write."),
        click.option(
            "--picture-format",
            type=click.Choice(PICTURE_FORMATS),
            default="svg",
            show_default=True,
            help="Format of the pictures.",
        ),
        click.option(
            "--pictures",
            metavar="FOLDER",
            type=click.Path(path_type=Path, file_okay=False),
            help="Folder to draw pictures in; needs edx-reasoner[plot]. An HTML page has them in itself.",
        ),
        click.option(
            "--top",
            metavar="N",
            default=DEFAULT_TOP,
            show_default=True,
            type=click.IntRange(0),
            help="Rows shown of a long table; 0 for all. JSON always has all.",
        ),
        click.option(
            "--format",
            type=click.Choice(TABLE_FORMATS),
            default="text",
            show_default=True,
            help="Format of the tables.",
        ),
    ):
        command = option(command)
    return command


@click.command("summary", short_help="Count outcomes, deciding criteria and missing facts.", epilog=EXIT_CODES)
@click.argument("results", nargs=-1, required=True, metavar="RESULTS...", type=click.Path(path_type=Path))
@_output_options
@guarded
def summary_command(results: tuple[Path, ...], **output: Any) -> int:
    """Count what the determinations of a population come to, by policy edition.

    RESULTS is what `edx determine --to` wrote: Parquet, a folder of Parquet files as Spark writes it, or JSON lines.
    Several are counted together; a case that stands twice under one edition is refused.

    \b
    Examples:
      edx summary results.parquet
      edx summary january.jsonl february.jsonl --format html -o summary.html
      edx summary results.parquet --pictures pictures/ --picture-format png
    """  # noqa: D301 - click takes the backspace for "leave the lines as they are"
    from reasoner.cli.population_steps import Output, run_summary

    run_summary(results, Output(**output))
    return DONE


@click.command("impact", short_help="Say what another policy edition changes for a population.", epilog=EXIT_CODES)
@click.argument("inputs", nargs=-1, required=True, metavar="RESULTS|CASES...", type=click.Path(path_type=Path))
@click.option(
    "--from", "before", required=True, metavar="EDITION", help="Edition in force, as bcbsnd-emg-ncs/2020-01-22."
)
@click.option(
    "--to", "after", required=True, metavar="EDITION", help="Edition to come, or a Turtle file that holds it."
)
@_output_options
@guarded
def impact_command(inputs: tuple[Path, ...], before: str, after: str, **output: Any) -> int:
    """Hold the same cases against two editions: what changes, for which cases, and by which criteria.

    Of RESULTS, as `edx determine --to` writes them, those under the two editions are compared. CASES are determined
    under both, whatever payer and date they name. EDITION is a series and a date (see `edx policies`), an IRI, a policy
    that has one edition, or the Turtle file of an edition that is not shipped.

    \b
    Examples:
      edx impact --from bcbsnd-emg-ncs/2020-01-22 --to draft.ttl january/*.ttl
      edx impact --from bcbsnd --to aetna results.parquet --format html -o impact.html
    """  # noqa: D301 - click takes the backspace for "leave the lines as they are"
    from reasoner.cli.population_steps import Output, run_impact

    return run_impact(inputs, before, after, Output(**output))


POPULATION_COMMANDS: Final = (summary_command, impact_command)
