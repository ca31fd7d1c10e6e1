"""Results of determinations read back: rows of Parquet or JSON lines, put together by case and policy edition."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import groupby
from pathlib import Path
from sys import intern
from typing import Any, Final, NamedTuple

import orjson

from reasoner.errors import UnreadableResultsError, UsageError
from reasoner.evaluation.criteria import Status
from reasoner.evaluation.determination import Outcome

READ: Final = (
    "source", "position", "case", "case_label", "policy", "edition", "study", "study_number", "study_label", "outcome",
    "request_outcome", "deciding", "met", "refuted", "undetermined", "not_applicable", "missing", "conflicts",
    "case_digest", "knowledge_digest", "program_version", "problem_code", "problems",
)  # fmt: skip
"""What is read of a row; `rows` says what each column holds."""
_LISTS: Final = ("deciding", "met", "refuted", "undetermined", "not_applicable", "missing", "problems")
_STATUSES: Final = {
    "met": Status.MET,
    "refuted": Status.REFUTED,
    "undetermined": Status.UNDETERMINED,
    "not_applicable": Status.NOT_APPLICABLE,
}
ALTERNATIVELY: Final = "; or "
"""What stands between the facts of one question, of which any one will do."""
_AT_ONCE: Final = 2_048  # rows


class Place(NamedTuple):
    """Where a case stands in the input, and what it is: two cases never share all four."""

    source: str
    position: int
    case: str
    digest: str


@dataclass(frozen=True, slots=True)
class StudyResult:
    """What became of one requested study; criteria are told by name."""

    iri: str
    number: int
    label: str
    outcome: Outcome
    deciding: tuple[str, ...]
    criteria: Mapping[Status, tuple[str, ...]]
    missing: tuple[str, ...]

    @property
    def statuses(self) -> dict[str, Status]:
        """The status of each criterion for the study and the request."""
        return {name: status for status, names in self.criteria.items() for name in names}


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What became of one case under one edition."""

    place: Place
    label: str
    policy: str
    edition: str
    outcome: Outcome
    studies: tuple[StudyResult, ...]
    conflicts: int
    knowledge: str
    program: str

    @property
    def deciding(self) -> tuple[str, ...]:
        """The criteria that decided the request: those of the studies whose outcome it takes, each once."""
        return tuple(dict.fromkeys(n for s in self.studies if s.outcome is self.outcome for n in s.deciding))

    @property
    def missing(self) -> dict[str, bool]:
        """Facts that the smallest sets of the studies ask for, each with whether it is needed and no other will do."""
        found: dict[str, bool] = {}
        for question in dict.fromkeys(question for study in self.studies for question in study.missing):
            facts = question.split(ALTERNATIVELY)
            for fact in facts:
                found[fact] = found.get(fact, False) or len(facts) == 1
        return found


@dataclass(frozen=True, slots=True)
class Undecided:
    """A case that was refused, or that no policy applies to."""

    place: Place
    label: str
    policy: str
    code: str
    problems: tuple[str, ...]


def holds_results(path: Path) -> bool:
    """Whether a path is a table of results, not a file of cases: Parquet, or JSON lines with the columns of one.

    A folder is one where Parquet files lie in it, as Spark writes them.
    """
    if path.is_dir():
        return bool(_parts(path))
    if path.suffix == ".parquet":
        return True
    if path.suffix not in {".jsonl", ".ndjson"} or not path.is_file():
        return False
    with path.open("rb") as file:
        first = file.readline()
    try:
        record = orjson.loads(first)
    except ValueError:
        return False
    return isinstance(record, dict) and "@context" not in record and {"position", "outcome"} <= record.keys()


def read_results(paths: Iterable[Path]) -> Iterator[CaseResult | Undecided]:
    """The cases of some tables of results, each under each edition that it was held against, in order.

    Raises:
        UsageError: A file is no table of results, or a case stands in them twice under the same edition.
        UnreadableResultsError: A table is damaged, or lacks what a row must have.
    """
    yield from put_together((str(path), record) for path in paths for record in _records(path))


def put_together(records: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[CaseResult | Undecided]:
    """Rows, each with the table that it comes from, put together by case and edition.

    Raises:
        UsageError: A case stands twice under the same edition, or its rows do not stand together.
        UnreadableResultsError: A row lacks what it must have.
    """
    seen: set[bytes] = set()
    for (place, edition, table), rows in groupby(records, _key):
        told = blake2b("\0".join(map(str, (*place, edition))).encode(), digest_size=16).digest()
        listed = [row for _, row in rows]
        if told in seen and listed[0].get("study") is None:
            continue  # refused whatever it was held against, so it stands in each table
        if told in seen:
            raise UsageError(
                f"{table}: {place.case or place.source} (place {place.position} of the input) stands in the results "
                f"twice{f' under {edition}' if edition else ''}. Give each result once; if the table was sorted "
                "anew, sort it by source, position, edition and study_number."
            )
        seen.add(told)
        try:
            yield _result(place, edition, listed)
        except (KeyError, TypeError, ValueError) as error:
            said = f"a row of place {place.position} is no result ({type(error).__name__}: {error})"
            raise UnreadableResultsError(table, said) from error


def _key(record: tuple[str, Mapping[str, Any]]) -> tuple[Place, str, str]:
    table, row = record
    try:
        place = Place(str(row["source"]), int(row["position"]), row["case"] or "", row["case_digest"] or "")
        return place, row["edition"] or row["policy"] or "", table
    except (KeyError, TypeError, ValueError) as error:
        said = f"a row has no readable source, position, case or edition ({type(error).__name__}: {error})"
        raise UnreadableResultsError(table, said) from error


def _result(place: Place, edition: str, rows: list[Mapping[str, Any]]) -> CaseResult | Undecided:
    first = rows[0]
    if first["study"] is None:
        return Undecided(
            place,
            first["case_label"] or "",
            first["policy"] or "",
            first["problem_code"] or "",
            tuple(problem for row in rows for problem in row["problems"] or ()),
        )
    studies = tuple(
        StudyResult(
            row["study"],
            int(row["study_number"]),
            row["study_label"] or "",
            Outcome(row["outcome"]),
            _names(row["deciding"]),
            {status: _names(row[column]) for column, status in _STATUSES.items()},
            _names(row["missing"]),
        )
        for row in rows
    )
    return CaseResult(
        place,
        first["case_label"] or place.case,
        first["policy"],
        edition,
        Outcome(first["request_outcome"]),
        studies,
        max(int(row["conflicts"] or 0) for row in rows),
        first["knowledge_digest"] or "",
        first["program_version"] or "",
    )


def _names(listed: Sequence[str] | None) -> tuple[str, ...]:
    """Names of which there are few, each kept once however many rows have it."""
    return tuple(map(intern, listed or ()))


def _records(path: Path) -> Iterator[Mapping[str, Any]]:
    if not path.exists():
        raise UsageError(f"{path} does not exist.")
    if not holds_results(path):
        raise UsageError(
            f"{path} is no table of results. Write one with `edx determine … --to results.parquet` (or .jsonl)."
        )
    if path.suffix in {".jsonl", ".ndjson"}:
        yield from _json_lines(path)
    else:
        for part in _parts(path) if path.is_dir() else [path]:
            yield from _parquet(part)


def _parts(folder: Path) -> list[Path]:
    return sorted(p for p in folder.glob("*.parquet") if not p.name.startswith(("_", ".")))


def _json_lines(path: Path) -> Iterator[Mapping[str, Any]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                record = orjson.loads(line)
            except ValueError as error:
                said = f"line {number} is no JSON ({error}). If the run was broken off, run it again: it goes on there"
                raise UnreadableResultsError(str(path), said) from error
            if not isinstance(record, dict):
                raise UnreadableResultsError(str(path), f"line {number} is no JSON object")
            yield record


def _parquet(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        import pyarrow as pa  # takes a tenth of a second, and JSON lines do without it
        import pyarrow.parquet as pq
    except ImportError as error:
        raise UsageError(
            f"{path}: reading Parquet needs pyarrow. Install edx-reasoner[batch], or write the results as JSON lines."
        ) from error
    try:
        with pq.ParquetFile(path) as file:
            absent = [column for column in READ if column not in file.schema_arrow.names]
            if absent:
                raise UnreadableResultsError(str(path), f"the table has no column {', '.join(absent)}")
            for batch in file.iter_batches(_AT_ONCE, columns=list(READ), use_threads=False):
                columns = [_lists(batch[c]) if c in _LISTS else batch[c].to_pylist() for c in READ]
                for values in zip(*columns, strict=True):
                    yield dict(zip(READ, values, strict=True))
    except (pa.ArrowException, OSError) as error:
        raise UnreadableResultsError(str(path), f"it cannot be read as Parquet ({error})") from error


def _lists(column: Any) -> list[list[str]]:
    """A column of lists of strings; each string is made once, not once for each row that has it."""
    encoded = column.flatten().dictionary_encode()
    texts = encoded.dictionary.to_pylist()
    values = [texts[i] for i in encoded.indices.to_pylist()]
    lengths = column.value_lengths().fill_null(0).to_pylist()
    found: list[list[str]] = []
    start = 0
    for length in lengths:
        found.append(values[start : start + length])
        start += length
    return found
