"""Small populations, written row by row so that everything about them can be counted by hand."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from judging import knowledge

from reasoner.batch.rows import Row, arrow_batch, arrow_schema, json_line
from reasoner.evaluation.determination import Outcome
from reasoner.population.criterion_names import CriterionNames
from reasoner.population.results import CaseResult, Undecided, put_together
from reasoner.terms import BASE

NECESSARY, NOT, EXPERIMENTAL, NEEDED = (
    Outcome.MEDICALLY_NECESSARY,
    Outcome.NOT_MEDICALLY_NECESSARY,
    Outcome.EXPERIMENTAL_INVESTIGATIONAL,
    Outcome.ADDITIONAL_INFORMATION_NEEDED,
)
AETNA = f"{BASE}policy/aetna-cpb-0502/2025-11-20"
AETNA_NEXT = f"{BASE}policy/aetna-cpb-0502/2026-07-01"
BCBSND = f"{BASE}policy/bcbsnd-emg-ncs/2020-01-22"


def study(
    number: int, outcome: Outcome, deciding: Sequence[str] = (), missing: Sequence[str] = (), **statuses: Sequence[str]
) -> dict[str, Any]:
    """What became of one study; `statuses` are the columns met, refuted, undetermined and not_applicable."""
    return {
        "study": f"https://example.org/study/{number}",
        "study_number": number,
        "study_label": f"study {number}",
        "outcome": outcome.value,
        "deciding": tuple(deciding),
        "missing": tuple(missing),
        **{column: tuple(names) for column, names in statuses.items()},
    }


def case(
    position: int,
    edition: str,
    request: Outcome,
    *studies: dict[str, Any],
    source: str = "cases.trig",
    name: str = "",
    conflicts: int = 0,
    **columns: Any,
) -> list[Row]:
    """The rows of one case under one edition."""
    called = name or f"case {position}"
    told = {
        "source": source,
        "position": position,
        "case": f"https://example.org/{called.replace(' ', '-')}",
        "case_label": called,
        "policy": edition.removeprefix(f"{BASE}policy/").partition("/")[0],
        "edition": edition,
        "request_outcome": request.value,
        "conflicts": conflicts,
        "case_digest": f"digest of {called}",
        "knowledge_digest": "k",
        **columns,
    }
    return [Row(**{**told, **found}) for found in studies]


def refused(position: int, *problems: str, code: str = "E101", policy: str | None = None) -> list[Row]:
    told = {"source": "cases.trig", "case_label": f"case {position}", "knowledge_digest": "k", "policy": policy}
    return [Row(position=position, problem_code=code, problems=problems, **told)]


def as_json_lines(path: Path, rows: Iterable[Row]) -> Path:
    path.write_bytes(b"".join(map(json_line, rows)))
    return path


def as_parquet(path: Path, rows: Iterable[Row]) -> Path:
    with pq.ParquetWriter(path, arrow_schema()) as writer:
        writer.write_batch(arrow_batch(rows))
    return path


def names() -> CriterionNames:
    return CriterionNames(knowledge())


def results(rows: Iterable[Row]) -> Iterator[CaseResult | Undecided]:
    return put_together(("rows", asdict(row)) for row in rows)
