"""Tables of results read back: both formats say the same, and what is damaged is told, never passed over."""

import datetime
from dataclasses import replace
from pathlib import Path

import orjson
import pyarrow.parquet as pq
import pytest
from judging import example_cases, knowledge
from populations import AETNA, BCBSND, NECESSARY, NEEDED, NOT, as_json_lines, as_parquet, case, refused, results, study

from reasoner.batch.rows import Row, json_line, rows_of
from reasoner.errors import UnreadableResultsError, UsageError
from reasoner.evaluation.criteria import Status
from reasoner.population.results import CaseResult, Undecided, holds_results, read_results

ROWS = [
    *case(
        1,
        AETNA,
        NEEDED,
        study(1, NECESSARY, ["a"], met=["a", "b"], refuted=["c"]),
        study(2, NEEDED, ["b"], ["x; or y", "z"], undetermined=["b"], not_applicable=["d"]),
        conflicts=1,
    ),
    *refused(2, "no study", "no type"),
    *case(3, AETNA, NOT, study(1, NOT, ["c"], refuted=["c"])),
    *case(3, BCBSND, NECESSARY, study(1, NECESSARY)),
]


def list_of(rows: list[Row]) -> list[CaseResult | Undecided]:
    return list(results(rows))


def both(folder: Path, rows: list[Row]) -> tuple[Path, Path]:
    return as_json_lines(folder / "r.jsonl", rows), as_parquet(folder / "r.parquet", rows)


def test_parquet_and_json_lines_are_read_alike_and_completely(tmp_path: Path) -> None:
    lines, parquet = (list(read_results([path])) for path in both(tmp_path, ROWS))
    assert lines == parquet
    first, second, third, fourth = lines
    assert isinstance(first, CaseResult)
    assert (first.place.position, first.label, first.policy, first.edition) == (1, "case 1", "aetna-cpb-0502", AETNA)
    assert (first.outcome, first.conflicts, [s.outcome for s in first.studies]) == (NEEDED, 1, [NECESSARY, NEEDED])
    assert first.studies[0].statuses == {"a": Status.MET, "b": Status.MET, "c": Status.REFUTED}
    assert first.studies[1].statuses == {"b": Status.UNDETERMINED, "d": Status.NOT_APPLICABLE}
    assert isinstance(second, Undecided)
    assert (second.place.position, second.code, second.problems) == (2, "E101", ("no study", "no type"))
    assert isinstance(third, CaseResult)
    assert isinstance(fourth, CaseResult)
    assert (third.place, third.edition, fourth.edition) == (fourth.place, AETNA, BCBSND)


def test_a_request_is_decided_by_the_criteria_of_the_studies_whose_outcome_it_takes() -> None:
    (read,) = (r for r in list_of(ROWS[:2]) if isinstance(r, CaseResult))
    assert read.deciding == ("b",)


def test_a_fact_is_needed_where_one_question_asks_for_nothing_else() -> None:
    rows = case(
        1, AETNA, NEEDED, study(1, NEEDED, [], ["x; or y", "z"]), study(2, NEEDED, [], ["y", "x; or y"])
    )  # fmt: skip
    (read,) = (r for r in list_of(rows) if isinstance(r, CaseResult))
    assert read.missing == {"x": False, "y": True, "z": True}


def test_what_the_program_writes_is_read_back_as_it_was(tmp_path: Path) -> None:
    example = example_cases()["both-payers-pain-alone"]
    rows = rows_of(example, knowledge(), ["aetna", "bcbsnd"], datetime.date(2026, 1, 15), 7)
    for path in both(tmp_path, rows):
        read = [r for r in read_results([path]) if isinstance(r, CaseResult)]
        assert [(r.edition, r.place.position, len(r.studies)) for r in read] == [(AETNA, 7, 2), (BCBSND, 7, 2)]
        assert [s.criteria[Status.MET] for r in read for s in r.studies] == [row.met for row in rows]
        assert [s.missing for r in read for s in r.studies] == [row.missing for row in rows]


def test_a_folder_of_parquet_files_is_one_table(tmp_path: Path) -> None:
    as_parquet(tmp_path / "part-0.parquet", ROWS[:3])
    as_parquet(tmp_path / "part-1.parquet", ROWS[3:])
    (tmp_path / "_SUCCESS").touch()
    assert list(read_results([tmp_path])) == list_of(ROWS)


def test_cases_in_json_lines_are_no_results(tmp_path: Path) -> None:
    cases = tmp_path / "cases.jsonl"
    cases.write_text('{"@context": {}, "@id": "x", "position": 1, "outcome": 2}\n', "utf-8")
    assert not holds_results(cases)
    assert not holds_results(tmp_path / "cases.trig")
    with pytest.raises(UsageError, match="no table of results"):
        list(read_results([cases]))
    with pytest.raises(UsageError, match="does not exist"):
        list(read_results([tmp_path / "nowhere.parquet"]))


@pytest.mark.parametrize("write", [as_json_lines, as_parquet])
def test_a_case_that_stands_twice_under_one_edition_is_refused(tmp_path: Path, write: type) -> None:
    rows = case(1, AETNA, NOT, study(1, NOT))
    first, second = write(tmp_path / f"a.{SUFFIX[write]}", rows), write(tmp_path / f"b.{SUFFIX[write]}", rows)
    with pytest.raises(UsageError, match=r"stands in the results twice under .*aetna-cpb-0502"):
        list(read_results([first, second]))
    assert len(list(read_results([first]))) == 1


SUFFIX = {as_json_lines: "jsonl", as_parquet: "parquet"}


def test_a_refused_case_may_stand_in_the_table_of_each_policy_and_counts_once(tmp_path: Path) -> None:
    first = as_json_lines(tmp_path / "a.jsonl", [*case(1, AETNA, NOT, study(1, NOT)), *refused(2, "no study")])
    second = as_json_lines(tmp_path / "b.jsonl", [*case(1, BCBSND, NOT, study(1, NOT)), *refused(2, "no study")])
    read = list(read_results([first, second]))
    assert [type(r) for r in read] == [CaseResult, Undecided, CaseResult]


def test_two_equal_cases_at_two_places_are_two_cases() -> None:
    rows = [replace(row, position=n) for n in (1, 2) for row in case(1, AETNA, NOT, study(1, NOT))]
    assert len(list_of(rows)) == 2


def test_a_torn_last_line_is_told_with_its_number(tmp_path: Path) -> None:
    path = as_json_lines(tmp_path / "r.jsonl", ROWS)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(UnreadableResultsError, match=f"line {len(ROWS)} is no JSON"):
        list(read_results([path]))


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("outcome", "Necessary", "place 1 is no result"),
        ("study_number", "first", "place 1 is no result"),
        ("position", None, "no readable source, position"),
    ],
)
def test_a_row_with_a_wrong_value_is_told(tmp_path: Path, column: str, value: object, told: str) -> None:
    path = tmp_path / "r.jsonl"
    row = case(1, AETNA, NOT, study(1, NOT))[0]
    record = orjson.loads(json_line(row))
    record[column] = value
    path.write_bytes(orjson.dumps(record) + b"\n")
    with pytest.raises(UnreadableResultsError, match=told):
        list(read_results([path]))


def test_a_table_without_a_column_and_a_file_that_is_no_parquet_are_told(tmp_path: Path) -> None:
    path = as_parquet(tmp_path / "r.parquet", ROWS)
    pq.write_table(pq.read_table(path).drop_columns(["deciding", "met"]), path)
    with pytest.raises(UnreadableResultsError, match="no column deciding, met"):
        list(read_results([path]))
    path.write_bytes(b"PAR1 and nothing else")
    with pytest.raises(UnreadableResultsError, match="cannot be read as Parquet"):
        list(read_results([path]))


def test_rows_that_do_not_stand_together_are_refused_with_a_remedy() -> None:
    rows = case(1, AETNA, NOT, study(1, NOT), study(2, NOT))
    with pytest.raises(UsageError, match="sort it by source, position, edition and study_number"):
        list_of([rows[0], *case(2, AETNA, NOT, study(1, NOT)), rows[1]])
