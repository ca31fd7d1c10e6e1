"""A case leaves nothing behind that only the garbage collector could take away."""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from judging import CASES, knowledge

from reasoner.batch.inputs import Cursor, Piece
from reasoner.batch.worker import Asked, Worker
from reasoner.evaluation.determining import determine
from reasoner.intake.admission import validate
from reasoner.report.results import violations
from reasoner.report.text import report_text
from reasoner.report.view_builder import view_of

FILES = sorted(CASES.glob("*/case.ttl"))[::10]


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    """Nothing of other tests is left, and nothing is collected in between."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def taken_in(path: Path) -> None:
    assert validate(path.read_bytes(), name=path.name).entries


def explained(path: Path) -> None:
    for case in validate(path.read_bytes(), name=path.name).cases:
        for policy in ("bcbsnd", "aetna"):
            found = determine(case, knowledge(), policy=policy)
            violations(found, knowledge())
            report_text(found, knowledge())


def viewed(path: Path) -> None:
    for case in validate(path.read_bytes(), name=path.name).cases:
        view_of(determine(case, knowledge(), policy="bcbsnd"), knowledge())


@pytest.mark.parametrize("done", [taken_in, explained, viewed])
def test_a_case_leaves_no_garbage_in_cycles(done: Callable[[Path], None]) -> None:
    assert len(FILES) >= 20
    for path in FILES:  # what is made once and kept is made now
        done(path)
    gc.collect()
    for path in FILES:
        done(path)
    assert gc.collect() == 0


@pytest.mark.parametrize("form", ["trig", "jsonl"])
def test_a_batch_leaves_no_garbage_in_cycles(form: str) -> None:
    worker = Worker(Asked(form, "full", ("bcbsnd",)))
    pieces = [Piece(path.name, Cursor(), 0, text=path.read_bytes(), syntax="turtle") for path in FILES]
    assert not worker.work(pieces).said  # a refusal is a graph of rdflib's, and that is a cycle
    gc.collect()
    worker.work(pieces)
    assert gc.collect() == 0


def test_garbage_in_cycles_would_be_seen() -> None:
    gc.collect()
    for _ in FILES:
        held: list[object] = []
        held.append(held)
    del held
    assert gc.collect() == len(FILES)
