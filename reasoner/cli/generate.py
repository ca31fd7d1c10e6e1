"""The command `generate`: made-up cases in any number, for trying things out, measuring and comparing."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

import click

from reasoner.cli.exits import DONE, EXIT_CODES, guarded
from reasoner.errors import UsageError
from reasoner.generation.case_text import GeneratedCase, as_turtle, write_cases
from reasoner.generation.generator import PAYERS, SIZES, SPACE, generate_cases
from reasoner.output import whole_file

_FORMS: Final = {".trig": "trig", ".nq": "nquads", ".ndjson": "ndjson", ".jsonl": "ndjson"}


@click.command("generate", short_help="Make up cases, the same for the same seed.", epilog=EXIT_CODES)
@click.argument("count", type=click.IntRange(min=1), metavar="N")
@click.option(
    "-o",
    "--out",
    metavar="PATH",
    help="File to write, .trig, .nq or .ndjson; a folder of .ttl files where PATH ends in a slash. Without it TriG is "
    "printed.",
)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Another seed, other cases.")
@click.option(
    "--from", "start", type=click.IntRange(min=1), default=1, show_default=True, help="Number of the first case."
)
@click.option(
    "--size",
    type=click.IntRange(*SIZES),
    default=100,
    show_default=True,
    help="Statements of a case, on average; the complaint alone takes some fifty.",
)
@click.option(
    "--policy", type=click.Choice(sorted(PAYERS)), help="Payer that every case goes to; by default one of them."
)
@click.option(
    "--defects",
    type=click.IntRange(0, 100),
    default=0,
    show_default=True,
    help="Percentage of cases that intake refuses, each for a reason of its own.",
)
@click.option("--unnamed", is_flag=True, help="Leave every node but the request without an IRI.")
@guarded
def generate_command(
    count: int,
    out: str | None,
    seed: int,
    start: int,
    size: int,
    policy: str | None,
    defects: int,
    unnamed: bool,
) -> int:
    """Make up N cases: requests as they might come, with diagnoses, findings, earlier studies, imaging and documents.

    The same seed gives the same cases, each by its number: a part is the same as that part of the whole. Nothing in
    them comes from a person.

    \b
    Examples:
      edx generate 10000 -o cases.trig
      edx generate 100 -o cases/ --policy bcbsnd --seed 7
      edx generate 1000 -o large.nq --size 1000
    """  # noqa: D301 - click takes the backspace for "leave the lines as they are"
    cases = generate_cases(count, seed=seed, start=start, size=size, payer=policy, defects=defects, unnamed=unnamed)
    if out is None:
        _write(cases, "trig", seed, sys.stdout.buffer)
    elif out.endswith("/") or Path(out).is_dir():
        _write_folder(cases, Path(out), digits=len(str(start + count - 1)))
    else:
        form = _FORMS.get(Path(out).suffix)
        if form is None:
            raise UsageError(f"{out}: the name has to end in {', '.join(_FORMS)}, or in a slash for a folder.")
        with whole_file(Path(out)) as file:
            _write(cases, form, seed, file)
    return DONE


def _write(cases: Iterator[GeneratedCase], form: str, seed: int, file: IO[bytes]) -> None:
    for piece in write_cases(cases, form, f"{SPACE}{seed}/"):
        file.write(piece.encode())


def _write_folder(cases: Iterator[GeneratedCase], folder: Path, digits: int) -> None:
    for case in cases:
        with whole_file(folder / f"case-{case.number:0{digits}d}.ttl") as file:
            file.write(as_turtle(case).encode())
