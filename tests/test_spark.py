"""Spark gives what the local run gives: the same rows for the same cases, whatever becomes of its workers on the way."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from commands import edx
from judging import knowledge

from reasoner.batch.rows import COLUMNS, arrow_schema, rows_of
from reasoner.errors import UnknownTermError, UsageError
from reasoner.generation.case_text import as_jsonld, as_nquads, as_turtle
from reasoner.generation.generator import generate_cases
from reasoner.intake.admission import validate
from reasoner.spark.frames import determine_dataframe

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # sockets to Java that py4j leaves to the collector
]

CASES = int(os.environ.get("EDX_SPARK_CASES", "2000"))
CASE = (Path(__file__).parent.parent / "cases" / "aetna-muscle-disorder" / "case.ttl").read_text("utf-8")


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """A session of two workers; a task may fail three times, as on a cluster."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2,4]").appName("tests").config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.execution.arrow.maxRecordsPerBatch", "100").getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


@pytest.fixture(scope="module")
def lines() -> list[str]:
    """Made-up cases as lines of JSON-LD, one in ten with a defect."""
    return [as_jsonld(case) for case in generate_cases(CASES, seed=7, defects=10)]


@pytest.fixture(scope="module")
def local(lines: list[str]) -> Counter[str]:
    """How often each result comes out of the local run."""
    entries = (entry for line in lines for entry in validate(line.encode(), name="input", syntax="jsonld").entries)
    return Counter(row.result_digest for entry in entries for row in rows_of(entry, knowledge()))


def results(folder: Path) -> Counter[str]:
    return Counter(pq.read_table(folder, columns=["result_digest"])["result_digest"].to_pylist())


def frame(spark: Any, lines: list[str]) -> Any:
    """The lines as a DataFrame in eight parts, so that each of two workers has several tasks."""
    table = pa.table({"position": range(1, len(lines) + 1), "case": lines})
    return spark.createDataFrame(table).repartition(8, "position")


def test_every_row_of_spark_is_one_of_the_local_run(
    spark: Any, lines: list[str], local: Counter[str], tmp_path: Path
) -> None:
    determine_dataframe(frame(spark, lines), syntax="jsonld").write.parquet(str(tmp_path / "out"))
    assert results(tmp_path / "out") == local
    found = pq.read_table(tmp_path / "out")
    assert found.schema.remove_metadata().equals(arrow_schema(), check_metadata=False)
    assert set(found["position"].to_pylist()) == set(range(1, len(lines) + 1))


def test_a_killed_worker_changes_nothing(spark: Any, lines: list[str], local: Counter[str], tmp_path: Path) -> None:
    before = set(python_workers())
    killed: list[int] = []
    over = threading.Event()
    killer = threading.Thread(target=kill_one_at_work, args=(before, killed, over))
    killer.start()
    determine_dataframe(frame(spark, lines), syntax="jsonld").write.parquet(str(tmp_path / "out"))
    over.set()
    killer.join()
    assert len(killed) == 1
    assert results(tmp_path / "out") == local


def kill_one_at_work(before: set[int], killed: list[int], over: threading.Event) -> None:
    """End one Python worker that has judged cases for a second."""
    started = {pid: seconds_used(pid) for pid in before}
    while not over.is_set():
        for pid in python_workers():
            if seconds_used(pid) - started.get(pid, 0) > 1:
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
                return
        time.sleep(0.01)


def python_workers() -> list[int]:
    """The workers that Spark has forked: processes below this one whose parent is its daemon."""
    parents = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            command = (place / "cmdline").read_bytes()
            parents[int(place.name)] = (int((place / "stat").read_text().rpartition(")")[2].split()[1]), command)
        except OSError:
            continue  # it has ended meanwhile

    def is_below(pid: int) -> bool:
        return pid == os.getpid() or (pid in parents and is_below(parents[pid][0]))

    daemons = {pid for pid, (_, command) in parents.items() if b"pyspark.daemon" in command}
    return [pid for pid in daemons if parents[pid][0] in daemons and is_below(pid)]


def seconds_used(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_what_cannot_be_judged_is_a_row_with_its_problem(spark: Any) -> None:
    cells = [CASE, "", None, "this is no Turtle", "<a:b> <c:d> <e:f> ."]
    table = pa.table({"position": [5, 6, 7, 8, 9], "source": ["v", "w", "x", "y", "z"], "case": cells})
    rows = determine_dataframe(spark.createDataFrame(table), syntax="turtle", policies=["aetna"]).collect()
    found = {row["position"]: row for row in rows}
    assert {row["source"] for row in rows} == {"v", "w", "x", "y", "z"}
    assert found[5]["outcome"] is not None
    assert [found[n]["problem_code"] for n in (5, 6, 7, 8, 9)] == [None, "E100", "E100", "E100", "E101"]
    assert all(found[n]["problems"] and found[n]["study"] is None for n in (6, 7, 8, 9))


def test_the_columns_are_those_of_a_row(spark: Any) -> None:
    cases = spark.createDataFrame([(CASE,)], "request string")
    found = determine_dataframe(cases, case="request", syntax="turtle")
    assert tuple(found.columns) == COLUMNS
    assert {row["source"] for row in found.collect()} == {"input"}


def test_bytes_are_read_like_text(spark: Any) -> None:
    text = spark.createDataFrame([(CASE,)], "case string")
    data = spark.createDataFrame([(bytearray(CASE.encode()),)], "case binary")
    one, other = (determine_dataframe(cases, syntax="turtle").collect() for cases in (text, data))
    assert one == other


@pytest.mark.parametrize(
    ("error", "said", "settings"),
    [
        (UsageError, "There is no column 'cases'. The columns are: number, case.", {"case": "cases"}),
        (UsageError, "The column 'number' holds neither text nor bytes.", {"case": "number"}),
        (UnknownTermError, "There is no policy or payer 'nobody'.", {"policies": ["nobody"]}),
        (UnknownTermError, "There is no syntax 'n3'.", {"syntax": "n3"}),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_runs(
    spark: Any, error: type[Exception], said: str, settings: dict[str, Any]
) -> None:
    cases = spark.createDataFrame([(1, CASE)], "number int, case string")
    with pytest.raises(error, match=said):
        determine_dataframe(cases, **settings)


# The command


def in_forms(folder: Path) -> dict[str, tuple[Path, list[str]]]:
    """The same few cases in each form that the command reads, with the options that it takes."""
    cases = list(generate_cases(20, seed=3))
    (folder / "files" / "more").mkdir(parents=True)
    for number, case in enumerate(cases):
        (folder / "files" / ("more" if number % 2 else "") / f"{number}.ttl").write_text(as_turtle(case), "utf-8")
    (folder / "files" / "notes.txt").write_text("no case", "utf-8")
    (folder / "cases.nq").write_text("".join(map(as_nquads, cases)), "utf-8")
    (folder / "cases.ndjson").write_text("".join(as_jsonld(case) + "\n" for case in cases), "utf-8")
    pq.write_table(pa.table({"request": [as_turtle(case) for case in cases]}), folder / "cases.parquet")
    return {
        "files": (folder / "files", []),
        "nquads": (folder / "cases.nq", []),
        "lines": (folder / "cases.ndjson", []),
        "parquet": (folder / "cases.parquet", ["--column", "request", "--syntax", "turtle"]),
    }


def test_the_command_reads_every_form_alike(spark: Any, tmp_path: Path) -> None:
    cases = generate_cases(20, seed=3)
    entries = [entry for case in cases for entry in validate(as_turtle(case).encode(), syntax="turtle").entries]
    expected = Counter(row.result_digest for entry in entries for row in rows_of(entry, knowledge()))
    for form, (path, options) in in_forms(tmp_path).items():
        done = edx("spark-determine", str(path), str(tmp_path / "out" / form), *options)
        assert done.exit_code == 0, done.output
        assert f"wrote {expected.total():,} rows to " in done.output
        assert results(tmp_path / "out" / form) == expected, form


def test_the_command_says_what_is_in_the_way(spark: Any, tmp_path: Path) -> None:
    (tmp_path / "case.ttl").write_text(CASE, "utf-8")
    (tmp_path / "there").mkdir()
    missing = edx("spark-determine", str(tmp_path / "nothing.nq"), str(tmp_path / "out"))
    assert missing.exit_code == 1
    assert "E100" in missing.output
    taken = edx("spark-determine", str(tmp_path / "case.ttl"), str(tmp_path / "there"))
    assert taken.exit_code == 2
    assert "Choose a new folder" in taken.output
