"""What the commands about populations do: read results or determine cases, count, and hand out tables and pictures."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rdflib import RDF

from reasoner.batch.run import run_batch
from reasoner.cli.batch_progress import watched
from reasoner.cli.exits import DONE, REFUSED
from reasoner.cli.options import width
from reasoner.errors import UsageError
from reasoner.knowledge import load_knowledge
from reasoner.output import write_atomically
from reasoner.plain_text import counted
from reasoner.policy.edition import Edition
from reasoner.population.criterion_names import CriterionNames
from reasoner.population.impact import impact
from reasoner.population.impact_tables import impact_page
from reasoner.population.pages import (
    Picture,
    tables_as_html,
    tables_as_json,
    tables_as_markdown,
    tables_as_text,
)
from reasoner.population.pictures import impact_pictures, summary_pictures
from reasoner.population.plots import can_draw
from reasoner.population.results import holds_results, read_results
from reasoner.population.summary import summarize
from reasoner.population.summary_tables import summary_page
from reasoner.population.tables import Page
from reasoner.rdf.turtle import read_turtle
from reasoner.terms import EDX

_Pictures = Callable[[str], Iterable[tuple[str, str, bytes]]]


@dataclass(frozen=True, slots=True)
class Output:
    """What is asked for: the format of the tables, rows of long ones, and where tables and pictures go."""

    format: str
    top: int
    out: Path | None
    pictures: Path | None
    picture_format: str


def run_summary(results: tuple[Path, ...], output: Output) -> None:
    """Count some results and hand the tables out.

    Raises:
        ReasonerError: The results cannot be read, or nothing can be written.
    """
    names = CriterionNames(load_knowledge())
    summary = summarize(read_results(results))
    _hand_out(summary_page(summary, names), lambda form: summary_pictures(summary, names, form), output)


def run_impact(inputs: tuple[Path, ...], before: str, after: str, output: Output) -> int:
    """Compare two editions over some results, or over some cases, and hand the tables out.

    Returns:
        The exit code: `REFUSED` where one of the cases was.

    Raises:
        ReasonerError: An edition does not exist, the inputs cannot be read, or nothing can be written.
    """
    described = {name: _edition_in(Path(name)) for name in (before, after) if name.endswith(".ttl")}
    files = tuple(map(Path, described))
    names = CriterionNames(load_knowledge(files))
    _check_new(described.values(), names)
    before, after = (described.get(name, name) for name in (before, after))
    tables = [path for path in inputs if holds_results(path)]
    if tables and len(tables) < len(inputs):
        other = next(path for path in inputs if path not in tables)
        raise UsageError(f"{tables[0]} holds results and {other} does not. Give results, or cases, not both.")
    if tables:
        found = impact(read_results(tables), names, before=before, after=after)
    else:
        editions = (names.chosen(before), names.chosen(after))
        with _determined([str(path) for path in inputs], editions, files) as results:
            told = [names.edition(str(edition.iri), edition.slug) for edition in editions]
            found = impact(read_results(results), names, before=before, after=after, known=told)
    _hand_out(impact_page(found, names), lambda form: impact_pictures(found, names, form), output)
    return REFUSED if found.undecided and not tables else DONE


def _edition_in(file: Path) -> str:
    """The IRI of the edition that a Turtle file describes."""
    try:
        found = sorted(map(str, read_turtle([file]).subjects(RDF.type, EDX.PolicyEdition)))
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read as Turtle: {error}") from error
    if len(found) != 1:
        raise UsageError(f"{file} describes {counted(len(found), 'edition')} (edx:PolicyEdition) in place of one.")
    return found[0]


def _check_new(iris: Iterable[str], names: CriterionNames) -> None:
    for iri in iris:
        if sum(str(edition.iri) == iri for edition in names.knowledge.editions) > 1:
            raise UsageError(f"{iri} is the IRI of an edition that is known already. Give the new one its own.")


@contextmanager
def _determined(
    inputs: list[str], editions: tuple[Edition, Edition], further: tuple[Path, ...]
) -> Iterator[list[Path]]:
    """Results of cases under both editions, whatever payer and date they name; they go when the block ends.

    Both are applied as of the day on which the later one takes effect. That day stands for no fact of a case: what
    depends on the date of service depends on the one that the case states.
    """
    with TemporaryDirectory(prefix="edx-") as folder, watched() as watch:
        results = Path(folder) / ("results.parquet" if find_spec("pyarrow") else "results.jsonl")
        summary = run_batch(
            inputs,
            results,
            policies=[str(edition.iri) for edition in editions],
            on=max(edition.effective_from for edition in editions),
            further=further,
            begin=watch.begin,
            tell=watch.tell,
        )
        watch.end()
        if summary.passed_over:
            others = ", ".join(f"{number} {extension}" for extension, number in summary.passed_over.most_common())
            click.echo(f"Passed over, being no cases: {others}.", err=True)
        yield [results] if results.stat().st_size else []


def _hand_out(page: Page, pictures: _Pictures, output: Output) -> None:
    """Print the tables or write them, and write the pictures; nothing leaves before all of it is made."""
    folder, form, out = output.pictures, output.picture_format, output.out
    drawn = [(folder / f"{name}.{form}", picture) for name, _, picture in pictures(form)] if folder else []
    if output.format == "html":
        shown = {name: Picture(words, svg) for name, words, svg in pictures("svg")} if can_draw() else {}
        if not can_draw():
            click.echo("The page has no pictures: they need matplotlib. Install edx-reasoner[plot].", err=True)
        text = tables_as_html(page, top=output.top, pictures=shown)
    elif output.format == "json":
        text = tables_as_json(page)
    elif output.format == "markdown":
        text = tables_as_markdown(page, top=output.top)
    else:
        color = out is None and sys.stdout.isatty() and "NO_COLOR" not in os.environ
        text = tables_as_text(page, top=output.top, width=width(), color=color)
    for path, picture in drawn:
        write_atomically(path, picture)
        click.echo(f"wrote {path}", err=out is None)
    if out is None:
        click.echo(text.encode(), nl=False)
    else:
        write_atomically(out, text)
        click.echo(f"wrote {out}")
