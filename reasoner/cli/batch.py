"""What `edx determine` does with many cases: into one file of results, a folder of reports, or one stream."""

import datetime
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import click

from reasoner.batch.inputs import Cursor, Inputs, Piece
from reasoner.batch.outputs import REFUSED as REFUSED_FILE
from reasoner.batch.run import Summary, run_batch
from reasoner.batch.worker import taken_in
from reasoner.cli.batch_progress import watched
from reasoner.cli.exits import DONE, ENGINE, REFUSED, USAGE
from reasoner.evaluation.determination import Outcome
from reasoner.formats.wording import OUTCOME_MARKS
from reasoner.intake.admission import IntakeResult
from reasoner.intake.content import Engine
from reasoner.limits import DEFAULT, Limits
from reasoner.plain_text import counted

_EXIT_OF: Final = {"E1": REFUSED, "E2": USAGE, "E3": ENGINE}
_CALLED: Final = {"E1": "refused", "E2": "without a policy that applies", "E3": "failed"}


def holds_several(files: Sequence[str], limits: Limits) -> bool:
    """Whether files are taken in as more than one piece."""
    pieces = _pieces(files, limits)
    return next(pieces, None) is not None and next(pieces, None) is not None


def taken_in_all(files: Sequence[str], engine: Engine, limits: Limits = DEFAULT) -> IntakeResult:
    """The cases of files, folders, patterns and archives, all held together."""
    return IntakeResult(tuple(entry for piece in _pieces(files, limits) for entry in taken_in(piece, engine, limits)))


def _pieces(files: Sequence[str], limits: Limits) -> Iterator[Piece]:
    inputs = Inputs(files, most=limits.document_bytes, unpacked=limits.unpacked_bytes)
    return inputs.pieces(Cursor(), lambda _graph, _piece: False)


def determine_many(
    files: Sequence[str],
    results: Path,
    report_format: str | None,
    detail: str | None,
    policies: Sequence[str],
    on: datetime.date | None,
    *,
    engine: Engine,
    processes: int | None,
    restart: bool,
    limits: Limits,
) -> int:
    """Determine cases into one file of results, or into a folder of reports in a format; gives the exit code."""
    try:
        with watched() as watch:
            summary = run_batch(
                files,
                results,
                files=report_format,
                detail=detail,
                policies=policies,
                on=on,
                engine=engine,
                processes=processes,
                restart=restart,
                limits=limits,
                begin=watch.begin,
                tell=watch.tell,
            )
            watch.end()
    except KeyboardInterrupt:
        click.echo("Interrupted. The same command goes on from here.", err=True)
        raise
    if summary.passed_over:
        others = ", ".join(f"{number} {extension}" for extension, number in summary.passed_over.most_common())
        click.echo(f"Passed over, being no cases: {others}.", err=True)
    if summary.others:
        held = counted(summary.others, "report")
        click.echo(f"{results} also holds {held} of an earlier run; --restart begins anew without them.", err=True)
    click.echo(_conclusion(summary))
    return max((_EXIT_OF.get(code[:2], DONE) for code in summary.counts), default=DONE)


def _conclusion(summary: Summary) -> str:
    counts = summary.counts
    said = [f"{counts[outcome.value]:,} {OUTCOME_MARKS[outcome].word}" for outcome in Outcome if counts[outcome.value]]
    for start, called in _CALLED.items():
        number = sum(count for code, count in counts.items() if code.startswith(start))
        said += [f"{number:,} {called}"] if number else []
    resumed = f" ({summary.resumed:,} of them in an earlier run)" if summary.resumed else ""
    place = f"{summary.results}/" if summary.results.is_dir() else str(summary.results)
    refused = summary.results / REFUSED_FILE
    more = f"\nwrote {refused}" if summary.results.is_dir() and refused.exists() else ""
    return f"{counted(summary.cases, 'case')}{resumed}: {', '.join(said)}\nwrote {place}{more}"
