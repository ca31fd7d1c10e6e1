"""A case leaves nothing behind that only the garbage collector could take away."""

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from judging import CASES, knowledge

from reasoner.batch.inputs import Cursor, Piece
from reasoner.batch.pool import Pool
from reasoner.batch.worker import Asked, Worker
from reasoner.evaluation.determining import determine
from reasoner.evaluation.scope import Scope
from reasoner.intake.admission import validate
from reasoner.report.results import violations
from reasoner.report.text import report_text
from reasoner.report.view_builder import view_of

FILES = sorted(CASES.glob("*/case.ttl"))[::10]
NOTHING: Any = None


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    """Nothing of other tests is left, and nothing is collected in between."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def left_behind() -> Counter[str]:
    """What of ours lies in cycles that nothing leads to; pytest and rdflib have some of their own."""
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        gc.collect()
        owners = (found if callable(found) else type(found) for found in gc.garbage)
        return Counter(owner.__qualname__ for owner in owners if str(owner.__module__).startswith("reasoner"))
    finally:
        gc.set_debug(0)
        gc.garbage.clear()


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
    assert not left_behind()


@pytest.mark.parametrize("form", ["trig", "jsonl"])
def test_a_batch_leaves_no_garbage_in_cycles(form: str) -> None:
    worker = Worker(Asked(form, "full", ("bcbsnd",)))
    pieces = [Piece(path.name, Cursor(), 0, text=path.read_bytes(), syntax="turtle") for path in FILES]
    assert worker.work(pieces).cases == len(FILES)
    gc.collect()
    worker.work(pieces)
    assert not left_behind()


def collecting(_: Worker, __: None) -> tuple[int, int]:
    """How many young objects this process lets be, and how many it never looks at."""
    return gc.get_threshold()[0], gc.get_freeze_count()


def test_a_process_of_a_batch_passes_over_the_knowledge() -> None:
    with Pool(Asked("jsonl", "outcome", ("bcbsnd",)), 2) as pool:
        young, passed_over = pool._ask(collecting, None)
    assert young > 10_000, "the default is 700"
    assert passed_over > 50_000, "what is imported is less, the knowledge more"


def test_garbage_in_cycles_would_be_seen() -> None:
    for _ in FILES:
        scope = Scope(NOTHING, NOTHING)
        scope.study = cast("Any", scope)
    del scope
    assert left_behind()["Scope"] == len(FILES)
