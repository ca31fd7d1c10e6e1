"""Intake with what it remembers of statements, beside intake that remembers nothing: the same of every case.

    python tests/remembering.py 20000 [--seed 1]     # so many mutants, and as many generated cases

The two share the parser, the digests and what single checks say; what is compared is everything that is told of a case:
statements, digest, and each problem with focus, shape, component, value, severity, words and order.
"""

import argparse
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any
from unittest.mock import patch

from spoiling import mutant

from reasoner.generation.case_text import as_turtle
from reasoner.generation.generator import generate_cases
from reasoner.intake import foreseen, notes
from reasoner.intake.admission import validate
from reasoner.rdf import statements

HERE = Path(__file__).parent
Text = tuple[str, bytes]
"""The name of a document, whose extension tells the syntax, and its bytes."""


class Forgetful(dict[Any, Any]):
    """A dictionary that keeps nothing."""

    def __setitem__(self, key: object, value: object) -> None:
        """Do nothing."""


@contextmanager
def nothing_remembered() -> Iterator[None]:
    """Every statement is met for the first time, and every case is looked at as a whole."""
    with (
        patch.object(statements, "_REMEMBERED", Forgetful()),
        patch.object(statements, "_LINKS", Forgetful()),
        patch.object(notes, "_NOTES", Forgetful()),
        patch("reasoner.intake.admission.noted", lambda _: notes.Notes(False, (), ())),
        patch.object(foreseen.Foreseen, "not_clear", lambda _, stated: list(stated)),
        patch.object(foreseen.Foreseen, "suspects", lambda *_: None),
    ):
        yield


def told(text: Text) -> list[tuple[object, ...]]:
    """Everything that intake tells of a document."""
    name, data = text
    return [
        (
            type(entry).__name__, entry.source, getattr(entry, "iri", None), getattr(entry, "label", None),
            getattr(entry, "digest", None), getattr(entry, "name", None),
            [[term.n3() for term in triple] for triple in getattr(entry, "statements", ())],
            [
                (p.severity, p.message, p.node, p.path, p.source_shape, p.component, p.where, repr(p.value))
                for p in (getattr(entry, "warnings", None) or getattr(entry, "problems", ()))
            ],
        )
        for entry in validate(data, name=name).entries
    ]  # fmt: skip


def examples() -> list[Text]:
    """The files of intake's own tests, and the example cases."""
    paths = [p for p in chain((HERE / "intake").iterdir(), (HERE / "intake_valid").iterdir()) if p.suffix != ".expect"]
    paths += sorted((HERE.parent / "cases").glob("*/case.ttl"))
    return [(path.name, path.read_bytes()) for path in sorted(paths)]


def made_up(number: int, seed: int) -> Iterator[Text]:
    """Generated cases, half of them with a defect, some without names for their nodes."""
    for unnamed in (False, True):
        share = number // 4 if unnamed else number - number // 4
        for case in generate_cases(share, seed=seed, defects=50, unnamed=unnamed):
            yield "case.ttl", as_turtle(case).encode()


def spoilt(numbers: Iterable[int], seed: int) -> Iterator[Text]:
    """Mutants."""
    for number in numbers:
        one = mutant(number, seed)
        yield one.name, one.data


def different(texts: Iterable[Text]) -> list[str]:
    """The documents of which the two do not tell the same, in a process that has met them all before."""
    every = list(texts)
    for text in every:
        validate(text[1], name=text[0])
    remembering = [told(text) for text in every]
    with nothing_remembered():
        return [name for (name, data), found in zip(every, remembering, strict=True) if told((name, data)) != found]


def main() -> None:
    """Compare so many mutants and generated cases."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("number", type=int)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}")
    found = different(examples())
    for start in range(0, arguments.number, 500):
        end = min(start + 500, arguments.number)
        found += different(spoilt(range(start, end), arguments.seed))
        found += different(made_up(end - start, arguments.seed + start))
    print(f"{len(examples())} examples, {arguments.number} mutants, {arguments.number} generated: {len(found)} differ")
    for name in found[:20]:
        print(f"  {name}")
    raise SystemExit(bool(found))


if __name__ == "__main__":
    main()
