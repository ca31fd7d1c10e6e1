"""What one process does with some pieces of a batch: take them in, determine, put into the form asked for."""

import datetime
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from reasoner.batch.forms import Form, Made, descriptions, form_of
from reasoner.batch.inputs import Piece
from reasoner.batch.rows import Answer, answers_of, failed
from reasoner.case import Case, Problem, Severity
from reasoner.deadline import Deadline, clock
from reasoner.errors import EngineError, UnreadableInputError
from reasoner.intake import rules
from reasoner.intake.admission import Refusal, validate
from reasoner.intake.content import Engine
from reasoner.knowledge import Knowledge, load_knowledge
from reasoner.limits import DEFAULT, Limits, flag_of

_LINE: Final = re.compile(r"line (\d+)")


@dataclass(frozen=True)
class Asked:
    """What is asked of every case of a batch; see `determine` and `reasoner.batch.forms` for what the values mean."""

    form: str
    detail: str
    policies: tuple[str, ...] = ()
    on: datetime.date | None = None
    engine: Engine = "compiled"
    further: tuple[Path, ...] = ()  # editions beside the shipped ones, for `load_knowledge`
    limits: Limits = DEFAULT


@dataclass
class Done:
    """What became of some pieces.

    `cases` counts the cases and whatever was refused in place of one; `counts` the outcomes of the determinations and
    the codes of the problems; `editions` are the editions that were applied; `said` is what is to be told at once.
    """

    made: Made
    cases: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    editions: set[str] = field(default_factory=set)
    said: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Worker:
    """Determines pieces as asked, with knowledge that is loaded once."""

    asked: Asked

    @cached_property
    def knowledge(self) -> Knowledge:
        """The knowledge of this process."""
        return load_knowledge(self.asked.further)

    @cached_property
    def _form(self) -> Form:
        asked = self.asked
        return form_of(asked.form, asked.detail, self.knowledge, several=len(asked.policies) > 1)

    def work(self, pieces: Sequence[Piece]) -> Done:
        """Determine some pieces, in their order.

        Raises:
            UnknownTermError: There is no policy of a name that was asked for.
        """
        done, asked = Done(Made()), self.asked
        engine, limits = asked.engine, asked.limits
        with clock():
            for piece in pieces:
                for entry in taken_in(piece, engine, limits):
                    done.cases += 1
                    answers = answers_of(entry, self.knowledge, asked.policies, asked.on, engine=engine, limits=limits)
                    for answer in answers:
                        self._count(self._added(done.cases, answer), done)
        done.made = self._form.made()
        return done

    def give_up(self, pieces: Sequence[Piece]) -> Done:
        """The results for pieces at which a process died."""
        said = f"the process that determined it was ended from outside, or ran out of memory ({flag_of('memory')})."
        return self.work([replace(piece, problem=said) for piece in pieces])

    def describe(self, editions: Sequence[str]) -> bytes:
        """What the results leave to be said once about editions."""
        whole = self.asked.detail == "full"
        return descriptions(self.knowledge, self.asked.form, editions) if whole else b""

    def _added(self, number: int, answer: Answer) -> Answer:
        """The answer, or if it cannot be put into the form the one that says so."""
        try:
            with Deadline(self.asked.limits.seconds):
                self._form.add(number, answer)
        except Exception as error:  # noqa: BLE001 - as for `answers_of`
            answer = failed(answer.entry, error, answer.policy)
            self._form.add(number, answer)
        return answer

    def _count(self, answer: Answer, done: Done) -> None:
        if answer.determination is not None:
            done.counts[answer.determination.outcome.value] += 1
            done.editions.add(str(answer.determination.edition.iri))
            return
        done.counts[answer.problem_code or EngineError.code] += 1
        entry = answer.entry
        name = entry.label if isinstance(entry, Case) else entry.name
        place = entry.source if name.startswith(entry.source) else f"{entry.source}: {name}"
        done.said.append("\n".join([f"{answer.problem_code}: {place}", *(f"  - {text}" for text in answer.problems)]))


def taken_in(piece: Piece, engine: Engine = "compiled", limits: Limits = DEFAULT) -> Iterator[Case | Refusal]:
    """The cases of a piece, and what of it is refused; `engine` and `limits` as `validate` takes them."""
    if piece.problem:
        yield _unreadable(piece, piece.problem)
        return
    try:
        if piece.text is None:
            entries = validate(Path(piece.source), engine=engine, limits=limits).entries
        else:
            entries = validate(piece.text, name=piece.source, syntax=piece.syntax, engine=engine, limits=limits).entries
    except Exception as error:  # noqa: BLE001 - a piece that the program fails at stops no other
        answer = failed(_unreadable(piece, ""), error)
        problems = tuple(Problem(Severity.ERROR, text) for text in answer.problems)
        yield Refusal(piece.source, piece.source, problems, answer.problem_code or EngineError.code)
        return
    for entry in entries:
        if piece.lines_before is not None and isinstance(entry, Refusal) and entry.code == UnreadableInputError.code:
            yield _unreadable(piece, _in_file(entry.problems[0].message, piece.lines_before))
        else:
            yield entry


def _unreadable(piece: Piece, problem: str) -> Refusal:
    said = (Problem(Severity.ERROR, problem, source_shape=rules.READABLE),)
    return Refusal(piece.source, piece.source, said, UnreadableInputError.code)


def _in_file(message: str, before: int) -> str:
    """A message with the line in the file for the line in the text."""
    found = _LINE.match(message)
    if found is None:
        return f"line {max(before, 0) + 1}: {message}"
    return f"line {max(int(found[1]) + before, 1)}{message[found.end() :]}"
