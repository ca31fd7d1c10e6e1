"""What a batch tells while it runs: refusals as they come; on a terminal how far it is, how fast, and how long yet."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Final

import click

from reasoner.batch.inputs import Survey
from reasoner.batch.journal import State
from reasoner.batch.run import Advance
from reasoner.cli.exits import printable
from reasoner.plain_text import counted

_MOST_TOLD: Final = 20


class Watch:
    """Tells on the standard error what is refused, as far as it is little."""

    def __init__(self) -> None:
        self._told = 0

    def begin(self, survey: Survey, state: State) -> None:  # noqa: ARG002 - of interest only to a bar
        """Tell what a run goes on from."""
        if state.cases:
            self._say(f"Going on after {counted(state.cases, 'case')}.")

    def tell(self, advance: Advance) -> None:
        """Tell of the last cases."""
        for text in advance.said:
            if self._told < _MOST_TOLD:
                self._say(printable(text))
            self._told += 1

    def end(self) -> None:
        """Tell what was not told."""
        if self._told > _MOST_TOLD:
            self._say(f"… and {self._told - _MOST_TOLD} more refused; the results name them all.")

    def _say(self, text: str) -> None:
        click.echo(text, err=True)


class _Bar(Watch):
    """The same above a bar."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, Task, TaskProgressColumn, TextColumn, TimeRemainingColumn
        from rich.text import Text

        class Time(TimeRemainingColumn):
            """The time that is left, or that it took, each with the word for it."""

            def render(self, task: Task) -> Text:
                known = task.finished or task.time_remaining is not None
                return super().render(task).append((" in all" if task.finished else " left") if known else "")

        super().__init__()
        self._console = Console(stderr=True)
        columns = (
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[cases]:,} cases"),
            TextColumn("{task.fields[rate]:,.0f} cases/s"),
            Time(elapsed_when_finished=True),
        )
        self.progress = Progress(*columns, console=self._console)
        self._task = self.progress.add_task("cases", total=None, cases=0, rate=0.0)
        self._from = 0
        self._started = monotonic()

    def begin(self, survey: Survey, state: State) -> None:
        super().begin(survey, state)
        self._from, self._started = state.cases, monotonic()
        self.progress.update(self._task, total=max(survey.size, 1), cases=state.cases)

    def tell(self, advance: Advance) -> None:
        super().tell(advance)
        rate = (advance.cases - self._from) / max(monotonic() - self._started, 1e-9)
        self.progress.update(self._task, completed=advance.read, cases=advance.cases, rate=rate)

    def _say(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def watched() -> Iterator[Watch]:
    """A watch for the length of a run; with a bar where the standard error is a terminal."""
    if not sys.stderr.isatty():
        yield Watch()
        return
    bar = _Bar()
    with bar.progress:
        yield bar
