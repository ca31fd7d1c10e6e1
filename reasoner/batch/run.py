"""Determine many cases: in several processes, in order, in constant memory, and so that an interrupted run goes on.

>>> from reasoner.batch.run import run_batch
>>> summary = run_batch(["january/"], Path("january.parquet"), policies=["bcbsnd"])
"""

import datetime
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain, islice
from pathlib import Path
from time import monotonic
from typing import Any, Final

from reasoner.batch.forms import RESULT_FORMS, check_detail, default_detail
from reasoner.batch.inputs import Inputs, Piece, Survey
from reasoner.batch.journal import Journal, State
from reasoner.batch.outputs import Output, output_for
from reasoner.batch.pool import Pool, Task, usable_processes
from reasoner.batch.worker import Asked
from reasoner.errors import UsageError
from reasoner.intake.content import Engine
from reasoner.knowledge import knowledge_digest
from reasoner.limits import DEFAULT, Limits
from reasoner.version import VERSION

_TASK_BYTES: Final = 1 << 16
_TASK_PIECES: Final = 16
_WORTH_PROCESSES: Final = 32  # fewer tasks are done before a second process would be ready
_SAVE_EVERY: Final = 2.0  # seconds


@dataclass(frozen=True)
class Advance:
    """How far a batch has come: bytes of the input, cases, and what is to be told of the last ones."""

    read: int
    cases: int
    said: Sequence[str] = ()


@dataclass(frozen=True)
class Summary:
    """What became of a batch.

    `counts` has the outcomes of the determinations and the codes of problems; `resumed` is the number of cases that an
    interrupted run had determined before; `passed_over` counts files that were no cases, by extension; `others` are the
    reports of earlier runs that stand in the same folder.
    """

    results: Path
    cases: int
    counts: Counter[str]
    resumed: int
    passed_over: Counter[str]
    others: int = 0


def run_batch(
    inputs: Sequence[str],
    results: Path,
    *,
    files: str | None = None,
    detail: str | None = None,
    policies: Sequence[str] = (),
    on: datetime.date | None = None,
    engine: Engine = "compiled",
    further: Sequence[Path] = (),
    processes: int | None = None,
    restart: bool = False,
    limits: Limits = DEFAULT,
    begin: Callable[[Survey, State], None] = lambda _survey, _state: None,
    tell: Callable[[Advance], None] = lambda _advance: None,
    task_bytes: int = _TASK_BYTES,
) -> Summary:
    """Determine all cases of some files, folders, patterns and archives into one file or a folder.

    What was interrupted goes on where it stopped when the same is asked again. Whatever the number of processes, the
    results are the same to the byte.

    Args:
        inputs: Files, folders and patterns; see `reasoner.batch.inputs`.
        results: File to write, whose extension says its form (`RESULT_FORMS`); with `files`, a folder.
        files: Format of reports (`reasoner.formats.render.FORMATS`), one file for each determination.
        detail: How much is said, one of `DETAILS`; by default what the form is there for.
        policies: Names of policies or payers; by default the policy of each request's payer.
        on: The date that chooses the editions, as `determine` takes it.
        engine: What holds the cases against shapes, as `determine` takes it.
        further: Files of editions to be known beside the shipped ones, as `load_knowledge` takes them.
        processes: How many; by default one for each core, or none besides this one where there is little to do.
        restart: Whether to forget what an interrupted run has left.
        limits: What is read and judged at most.
        begin: Called once with what there is to do and how far it has come.
        tell: Called as the batch goes on.
        task_bytes: How much input a process takes at a time.

    Raises:
        UsageError: The results cannot be written there, or not so, or another run of other inputs is unfinished there.
    """
    form = files or _form_of(results)
    asked = Asked(form, detail or default_detail(form), tuple(policies), on, engine, tuple(further), limits)
    check_detail(asked.form, asked.detail)
    _check_apart(inputs, results)
    output = output_for(results, form, folder=files is not None)
    left_out = frozenset({output.unfinished.absolute(), results.absolute()})
    taken = Inputs(inputs, left_out, limits.document_bytes, limits.unpacked_bytes)
    survey = taken.survey()
    journal = Journal(output.unfinished, results)
    try:
        state = _state(journal, _identity(asked, survey), results, restart=restart)
        if restart and not state.cases:
            output.forget()
        begin(survey, state)
        run = _Run(asked, taken, output, journal, state, tell, task_bytes)
        summary = run.go(processes)
    except BaseException:
        output.close()
        journal.close()
        raise
    journal.close(remove=True)
    return summary


@dataclass
class _Run:
    """One run over what is left to do."""

    asked: Asked
    inputs: Inputs
    output: Output
    journal: Journal
    state: State
    tell: Callable[[Advance], None]
    task_bytes: int

    def go(self, processes: int | None) -> Summary:
        """Everything from where the journal stands to the results in their place."""
        state, resumed = self.state, self.state.cases
        if not state.finished:
            self.output.go_on(state.length, anew=not state.cases)
            tasks = _tasks(self.inputs.pieces(state.cursor, self.journal.torn), self.task_bytes)
            if processes is None:
                first = tuple(islice(tasks, _WORTH_PROCESSES))
                processes = usable_processes() if len(first) == _WORTH_PROCESSES else 1
                tasks = chain(first, tasks)
            with Pool(self.asked, processes) as pool:
                self._determine(pool, tasks)
                descriptions = pool.describe(sorted(state.editions))
            self.output.complete(descriptions)
            state.finished = True
            self.journal.save(state)
        others = self.output.take_place()
        return Summary(self.output.results, state.cases, state.counts, resumed, self.inputs.passed_over, others)

    def _determine(self, pool: Pool, tasks: Iterator[Task]) -> None:
        state, saved = self.state, monotonic()
        try:
            for task, done in pool.results(tasks):
                state.length = self.output.write(done.made, state.cases)
                state.cursor = task[-1].after
                state.cases += done.cases
                state.counts += done.counts
                state.editions |= done.editions
                self.tell(Advance(task[-1].read, state.cases, done.said))
                if monotonic() - saved > _SAVE_EVERY:
                    self._save()
                    saved = monotonic()
        except KeyboardInterrupt:
            self._save()
            raise
        self._save()

    def _save(self) -> None:
        self.output.last()
        self.journal.save(self.state)


def _tasks(pieces: Iterable[Piece], size: int) -> Iterator[Task]:
    """Pieces in tasks of about so many bytes."""
    task: list[Piece] = []
    held = 0
    for piece in pieces:
        task.append(piece)
        held += piece.size
        if held >= size or len(task) >= _TASK_PIECES:
            yield tuple(task)
            task, held = [], 0
    if task:
        yield tuple(task)


def _state(journal: Journal, identity: dict[str, Any], results: Path, *, restart: bool) -> State:
    """Where to begin: at the start, or where an interrupted run of the same stopped."""
    before = journal.identity()
    if before is None or restart:
        journal.begin(identity)
        return State()
    changed = [name for name, value in identity.items() if before.get(name) != value]
    if changed:
        raise UsageError(
            f"{results} holds the unfinished results of another run: {', '.join(changed)} differ. Run that one to its "
            "end, choose another place, or begin anew with --restart."
        )
    return journal.state()


def _identity(asked: Asked, survey: Survey) -> dict[str, Any]:
    """What the results depend on, by names that mean something to whoever ran the command."""
    return {
        "the input files": survey.digest,
        "--format": asked.form,
        "--detail": asked.detail,
        "--policy": list(asked.policies),
        "--on": asked.on and asked.on.isoformat(),
        "--engine": asked.engine,
        "the limits": asdict(asked.limits),
        "ontology and policies": knowledge_digest(asked.further),
        "the version": VERSION,
    }


def _form_of(results: Path) -> str:
    form = RESULT_FORMS.get(results.suffix.lower())
    if form is None:
        raise UsageError(f"{results}: name a file that ends in {', '.join(RESULT_FORMS)}.")
    return form


def _check_apart(inputs: Sequence[str], results: Path) -> None:
    place = os.path.realpath(results)  # unlike Path.resolve it passes over links that lead to themselves
    if any(os.path.realpath(given) == place for given in inputs):
        raise UsageError(f"{results} is an input: what is read is never written over. Choose another place.")
