"""Batches: in order, the same to the byte however they are run, and whole whatever interrupts them."""

import hashlib
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import pyarrow.parquet as pq
import pyoxigraph as ox
import pytest
from commands import edx
from judging import CASES, knowledge

from reasoner.batch import outputs as batch_outputs
from reasoner.batch import pool as batch_pool
from reasoner.batch import run as batch
from reasoner.batch.case_streams import Place
from reasoner.batch.forms import DETAILS
from reasoner.batch.inputs import Cursor, Piece
from reasoner.batch.journal import Journal, State
from reasoner.batch.rows import COLUMNS, json_line, rows_of
from reasoner.batch.run import Summary, run_batch
from reasoner.batch.worker import Asked, Done, Worker
from reasoner.cli.exits import DONE, REFUSED, USAGE
from reasoner.errors import UnknownTermError, UsageError
from reasoner.intake.admission import validate

HERE = Path(__file__).parent
EXAMPLES = sorted(CASES.glob("*/case.ttl"))[::10]
BAD = HERE / "intake" / "refused-two-payers.ttl"
FORMS = ("jsonl", "parquet", "nq", "trig", "folder")
POLICIES = ["bcbsnd"]


def write_cases(path: Path, *, times: int = 1, bad: Sequence[int] = ()) -> Path:
    """The examples, and refused cases at some places, as a TriG file with a graph for each."""
    paths = EXAMPLES * times
    for place in bad:
        paths.insert(place, BAD)
    quads = [
        ox.Quad(q.subject, q.predicate, q.object, ox.NamedNode(f"urn:case:{number}"))
        for number, source in enumerate(paths)
        for q in ox.parse(path=source, format=ox.RdfFormat.TURTLE)
    ]
    path.write_bytes(ox.serialize(quads, format=ox.RdfFormat.TRIG))
    return path


def run(cases: Path, form: str, folder: Path, **settings: object) -> Summary:
    """A batch into a folder of its own."""
    settings = {"processes": 1, "policies": POLICIES, **settings}
    if form == "folder":
        return run_batch([str(cases)], folder / "reports", files="json", **settings)  # type: ignore[arg-type]
    return run_batch([str(cases)], folder / f"results.{form}", **settings)  # type: ignore[arg-type]


def contents(folder: Path) -> dict[str, str]:
    """Every file below a folder, by its digest."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@cache
def inputs_folder() -> Path:
    import tempfile

    return Path(tempfile.mkdtemp(prefix="edx-test-batch-"))


@cache
def cases() -> Path:
    return write_cases(inputs_folder() / "cases.trig", bad=[5, 20])


@cache
def undisturbed(form: str) -> dict[str, str]:
    """What a run without incident leaves."""
    folder = inputs_folder() / f"undisturbed-{form}"
    folder.mkdir()
    run(cases(), form, folder)
    return contents(folder)


# The same however it is run ----------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("processes", "task_bytes"), [(1, 1), (1, 20_000), (2, 5_000), (2, 1 << 20)])
def test_the_results_are_the_same_to_the_byte(form: str, processes: int, task_bytes: int, tmp_path: Path) -> None:
    run(cases(), form, tmp_path, processes=processes, task_bytes=task_bytes)
    assert contents(tmp_path) == undisturbed(form)


def test_rows_are_those_of_each_case_alone_in_the_order_of_the_input(tmp_path: Path) -> None:
    run(cases(), "jsonl", tmp_path, processes=2, task_bytes=5_000, policies=["bcbsnd", "aetna"])
    lines = [json.loads(line) for line in (tmp_path / "results.jsonl").read_bytes().splitlines()]
    sources = [*EXAMPLES[:5], BAD, *EXAMPLES[5:19], BAD, *EXAMPLES[19:]]
    expected = []
    for position, path in enumerate(sources, 1):
        (entry,) = validate(path).entries
        expected += [
            json.loads(json_line(row)) for row in rows_of(entry, knowledge(), ["bcbsnd", "aetna"], position=position)
        ]
    assert [line["position"] for line in lines] == [row["position"] for row in expected]
    digests = [(line["result_digest"], line["problem_code"]) for line in lines if line["case"]]
    assert digests == [(row["result_digest"], row["problem_code"]) for row in expected if row["case"]]
    assert sum(line["problem_code"] == "E101" for line in lines) == 2


def test_parquet_and_json_lines_hold_the_same_rows(tmp_path: Path) -> None:
    run(cases(), "jsonl", tmp_path)
    run(cases(), "parquet", tmp_path)
    table = pq.read_table(tmp_path / "results.parquet")
    assert table.column_names == list(COLUMNS)
    rows = json.loads(json.dumps(table.to_pylist(), default=str))
    assert rows == [json.loads(line) for line in (tmp_path / "results.jsonl").read_bytes().splitlines()]


def test_row_groups_do_not_depend_on_the_tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_outputs, "ROWS_IN_A_GROUP", 7)
    for name, size in (("a", 1), ("b", 1 << 20)):
        (tmp_path / name).mkdir()
        run(cases(), "parquet", tmp_path / name, task_bytes=size)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    groups = pq.ParquetFile(tmp_path / "a" / "results.parquet").metadata
    assert [groups.row_group(n).num_rows for n in range(groups.num_row_groups - 1)] == [7] * (groups.num_row_groups - 1)


@pytest.mark.parametrize(("form", "syntax"), [("nq", ox.RdfFormat.N_QUADS), ("trig", ox.RdfFormat.TRIG)])
def test_graphs_are_those_of_the_reports_and_descriptions_stand_once(
    form: str, syntax: ox.RdfFormat, tmp_path: Path
) -> None:
    run(cases(), form, tmp_path)
    quads = set(ox.parse(path=tmp_path / f"results.{form}", format=syntax))
    run(cases(), "folder", tmp_path)
    own = {json.loads(path.read_text("utf-8"))["determination"] for path in (tmp_path / "reports").glob("*.json")}
    named = {quad.graph_name.value for quad in quads if isinstance(quad.graph_name, ox.NamedNode)}
    assert own <= named
    editions = {name for name in named if "/policy/" in name}
    refused = {name for name in named if "intake-report" in name}
    assert len(editions) == 1
    assert named == own | editions | refused
    assert refused
    label = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
    criteria = {
        q.subject
        for q in quads
        if q.predicate == label and isinstance(q.subject, ox.NamedNode) and "/policy/" in q.subject.value
    }
    assert criteria == {
        q.subject for q in quads if q.subject in criteria and q.predicate == label and q.graph_name.value in editions
    }


def test_each_level_of_detail_in_lines_names_every_case(tmp_path: Path) -> None:
    found = {}
    for detail in DETAILS:
        run(cases(), "jsonl", tmp_path, detail=detail)
        lines = [json.loads(line) for line in (tmp_path / "results.jsonl").read_bytes().splitlines()]
        assert sorted({line["position"] for line in lines}) == list(range(1, len(EXAMPLES) + 3))
        found[detail] = {
            line["position"]: line.get("request_outcome")
            or line.get("outcome")
            or line.get("report", {}).get("outcome")
            for line in lines
        }
    assert found["outcome"] == found["violations"] == found["full"]


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 2])
def test_a_batch_by_pyshacl_has_the_rows_of_the_compiled_engine(processes: int, tmp_path: Path) -> None:
    sources = [CASES / name / "case.ttl" for name in ("aetna-carpal-tunnel", "aetna-emg-exactly-one-year-ago")]
    sources.append(BAD)
    found = {}
    for engine in ("compiled", "pyshacl"):
        results = tmp_path / f"{engine}.jsonl"
        run_batch(
            [str(path) for path in sources],
            results,
            policies=["aetna"],
            engine=engine,
            processes=processes,
            task_bytes=1,
        )  # type: ignore[arg-type]
        found[engine] = results.read_bytes()
    assert found["pyshacl"] == found["compiled"]
    lines = [json.loads(line) for line in found["pyshacl"].splitlines()]
    assert {line["position"]: line["problem_code"] for line in lines} == {1: None, 2: None, 3: "E101"}


def test_the_command_runs_a_batch_by_pyshacl(tmp_path: Path) -> None:
    arguments = ("determine", str(CASES / "aetna-carpal-tunnel" / "case.ttl"), "--policy", "aetna", "--to")
    by_pyshacl, compiled = tmp_path / "pyshacl.jsonl", tmp_path / "compiled.jsonl"
    assert edx(*arguments, str(by_pyshacl), "--engine", "pyshacl", "-j", "1").exit_code == DONE
    assert edx(*arguments, str(compiled), "-j", "1").exit_code == DONE
    assert by_pyshacl.read_bytes() == compiled.read_bytes()


def test_a_bad_case_stops_no_other_and_is_named(tmp_path: Path) -> None:
    summary = run(cases(), "folder", tmp_path)
    assert summary.cases == len(EXAMPLES) + 2
    assert summary.counts["E101"] == 2
    names = sorted(path.name for path in (tmp_path / "reports").iterdir())
    assert len(names) == len(EXAMPLES) + 1 - summary.counts["E200"]
    positions = {int(name[:7]) for name in names if name[0] == "0"}
    assert positions.isdisjoint({6, 21})
    refused = [json.loads(line) for line in (tmp_path / "reports" / "refused.jsonl").read_bytes().splitlines()]
    assert [row["position"] for row in refused if row["problem_code"] == "E101"] == [6, 21]


def test_inputs_are_left_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number, path in enumerate(EXAMPLES[:4]):
        (tmp_path / "in" / f"{number}.ttl").write_bytes(path.read_bytes())
        (tmp_path / "in" / f"{number}.ttl").chmod(0o444)
    (tmp_path / "in" / "bad.nq").write_bytes(b"\x00\x01")
    before = contents(tmp_path / "in")
    run_batch([str(tmp_path / "in")], tmp_path / "in" / "results.jsonl", processes=1)
    after = contents(tmp_path / "in")
    assert after.pop("results.jsonl")
    assert after == before
    run_batch([str(tmp_path / "in")], tmp_path / "in" / "results.jsonl", processes=1)
    assert (
        sum(
            json.loads(line)["study_number"] in (1, None)
            for line in (tmp_path / "in" / "results.jsonl").read_bytes().splitlines()
        )
        == 5
    )
    with pytest.raises(UsageError, match="is an input"):
        run_batch([str(tmp_path / "in" / "results.jsonl")], tmp_path / "in" / "results.jsonl")


# Interrupted -------------------------------------------------------------------

SCRIPT = """
import os, signal, sys
from pathlib import Path
from reasoner.batch import run as batch
from reasoner.batch import journal as batch_journal
from reasoner.batch import outputs as batch_outputs

def die_at(owner, name, number, *, after):
    real, left = getattr(owner, name), [number]
    def wrapped(*arguments, **named):
        left[0] -= 1
        if left[0] == 0 and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        found = real(*arguments, **named)
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return found
    setattr(owner, name, wrapped)

batch._SAVE_EVERY = 0.0
cases, form, folder, processes, *die = sys.argv[1:]
if die:
    owner = {"batch": batch, "journal": batch_journal.Journal, "file": batch_outputs._OneFile,
             "table": batch_outputs._Table, "folder": batch_outputs._Folder, "path": Path}[die[0]]
    die_at(owner, die[1], int(die[2]), after=die[3] == "after")
results = Path(folder) / ("reports" if form == "folder" else "results." + form)
batch.run_batch([cases], results, files="json" if form == "folder" else None, policies=["bcbsnd"],
                processes=int(processes), task_bytes=9000)
"""


def begun(
    cases: Path, form: str, folder: Path, *arguments: object, limit: Callable[[], None] | None = None
) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SCRIPT, str(cases), form, str(folder), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=limit)


STEPS = [
    ("jsonl", "file", "write", 1, "after"),
    ("jsonl", "file", "write", 4, "after"),
    ("jsonl", "file", "last", 2, "after"),
    ("jsonl", "journal", "save", 3, "before"),
    ("jsonl", "journal", "save", 3, "after"),
    ("trig", "journal", "torn", 9, "after"),
    ("trig", "file", "complete", 1, "before"),
    ("trig", "file", "complete", 1, "after"),
    ("trig", "file", "take_place", 1, "before"),
    ("trig", "file", "take_place", 1, "after"),
    ("nq", "journal", "close", 1, "before"),
    ("parquet", "file", "write", 3, "after"),
    ("parquet", "table", "complete", 1, "after"),
    ("parquet", "file", "take_place", 1, "after"),
    ("folder", "folder", "write", 2, "after"),
    ("folder", "path", "replace", 7, "before"),
    ("folder", "path", "replace", 7, "after"),
    ("folder", "folder", "take_place", 1, "before"),
    ("folder", "folder", "take_place", 1, "after"),
]


QUICK = {1, 4, 7, 9, 12, 17}


@pytest.mark.parametrize(
    ("form", "owner", "step", "number", "when"),
    [pytest.param(*step, marks=() if n in QUICK else pytest.mark.slow) for n, step in enumerate(STEPS)],
)
def test_killed_at_any_step_it_goes_on_to_the_same_results(
    form: str, owner: str, step: str, number: int, when: str, tmp_path: Path
) -> None:
    dying = begun(cases(), form, tmp_path, 1, owner, step, number, when)
    _, said = dying.communicate(timeout=120)
    assert dying.returncode == -signal.SIGKILL, said
    assert run(cases(), form, tmp_path).cases == len(EXAMPLES) + 2
    assert contents(tmp_path) == undisturbed(form)


@pytest.mark.parametrize("form", ["jsonl", "folder", pytest.param("parquet", marks=pytest.mark.slow), pytest.param("trig", marks=pytest.mark.slow)])  # fmt: skip
def test_killed_at_random_moments_it_loses_and_doubles_nothing(
    form: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    kills = 0
    start = time.monotonic()
    begun(cases(), form, tmp_path_factory.mktemp("undisturbed"), 2).communicate(timeout=120)
    lasts = time.monotonic() - start
    for _ in range(6):
        running = begun(cases(), form, tmp_path, 2)
        time.sleep(lasts * chance.uniform(0.2, 0.8))
        kills += running.poll() is None
        running.send_signal(signal.SIGKILL)
        running.communicate(timeout=60)
    assert run(cases(), form, tmp_path, processes=2, task_bytes=4_000).cases == len(EXAMPLES) + 2
    assert contents(tmp_path) == undisturbed(form)
    assert kills, "no run was interrupted"


def test_a_run_that_went_on_says_so_and_reads_no_case_twice(tmp_path: Path) -> None:
    begun(cases(), "jsonl", tmp_path, 1, "journal", "save", 4, "after").communicate(timeout=120)
    read = []
    summary = run(cases(), "jsonl", tmp_path, tell=lambda advance: read.append(advance.cases))
    assert 0 < summary.resumed < summary.cases
    assert min(read) > summary.resumed


def test_an_interruption_from_the_keyboard_keeps_what_was_done(tmp_path: Path) -> None:
    def interrupted(advance: batch.Advance) -> None:
        if advance.cases > 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(cases(), "jsonl", tmp_path, task_bytes=1, tell=interrupted)
    summary = run(cases(), "jsonl", tmp_path)
    assert summary.resumed >= 10
    assert contents(tmp_path) == undisturbed("jsonl")


@pytest.mark.parametrize("form", ["jsonl", "parquet", "folder"])
def test_a_full_disk_is_said_and_what_was_done_is_kept(form: str, tmp_path: Path) -> None:
    import resource

    whole = (
        max(path.stat().st_size for path in (inputs_folder() / f"undisturbed-{form}").rglob("*"))
        if undisturbed(form)
        else 0
    )
    room = {"jsonl": whole // 2, "parquet": whole + 4_000, "folder": whole - 1}[form]
    most = max(room, 40_000)
    limited = begun(cases(), form, tmp_path, 1, limit=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)))
    _, said = limited.communicate(timeout=120)
    assert limited.returncode == 1
    assert "UsageError" in said
    assert "cannot be written" in said
    assert not list(tmp_path.glob("results.*[!d]"))
    run(cases(), form, tmp_path)
    assert contents(tmp_path) == undisturbed(form)


def test_a_second_run_into_the_same_results_is_refused(tmp_path: Path) -> None:
    held = Journal(tmp_path / "results.jsonl.unfinished", tmp_path / "results.jsonl")
    with pytest.raises(UsageError, match="written by another run"):
        run(cases(), "jsonl", tmp_path)
    held.close(remove=True)
    run(cases(), "jsonl", tmp_path)
    assert contents(tmp_path) == undisturbed("jsonl")


@pytest.mark.parametrize("form", ["jsonl", "folder"])
def test_unfinished_results_of_another_run_are_not_gone_on_with(form: str, tmp_path: Path) -> None:
    begun(cases(), form, tmp_path, 1, "journal", "save", 3, "after").communicate(timeout=120)
    with pytest.raises(UsageError, match=r"--policy differ.*--restart"):
        run(cases(), form, tmp_path, policies=["aetna"])
    other = write_cases(tmp_path / "other.trig")
    with pytest.raises(UsageError, match="the input files differ"):
        run(other, form, tmp_path)
    other.unlink()
    assert run(cases(), form, tmp_path, restart=True).resumed == 0
    assert contents(tmp_path) == undisturbed(form)


def test_a_question_that_cannot_be_put_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(UnknownTermError):
        run(cases(), "jsonl", tmp_path, policies=["nobody"])
    with pytest.raises(UsageError, match="name a file that ends in"):
        run(cases(), "csv", tmp_path)
    with pytest.raises(UsageError, match="does not hold --detail full"):
        run(cases(), "parquet", tmp_path, detail="full")
    assert not list(tmp_path.iterdir())


# Processes ---------------------------------------------------------------------


def test_a_worker_that_is_killed_changes_nothing(tmp_path: Path) -> None:
    killed: list[int] = []

    def kill_one(advance: batch.Advance) -> None:
        children = multiprocessing.active_children()
        if advance.cases > 3 and children and not killed:
            killed.append(children[0].pid or 0)
            os.kill(killed[0], signal.SIGKILL)

    run(cases(), "jsonl", tmp_path, processes=2, task_bytes=3_000, tell=kill_one)
    assert killed
    assert contents(tmp_path) == undisturbed("jsonl")


real_work = Worker.work


def poisoned(self: Worker, pieces: Sequence[Piece]) -> Done:
    if any(piece.source == "poison" and not piece.problem for piece in pieces):
        os._exit(1)
    return real_work(self, pieces)


@pytest.mark.skipif(sys.version_info >= (3, 12) or sys.platform != "linux", reason="forks a process with threads, which later versions warn of")  # fmt: skip
def test_a_case_at_which_a_process_dies_is_named_and_the_others_are_determined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Worker, "work", poisoned)
    fork = multiprocessing.get_context("fork")
    monkeypatch.setattr(
        batch_pool,
        "_new_executor",
        lambda asked, number: ProcessPoolExecutor(number, fork, batch_pool._start, (asked,)),
    )
    texts = [path.read_bytes() for path in EXAMPLES[:9]]
    all_pieces = [
        Piece(f"{n}.ttl" if n != 4 else "poison", Cursor(n), n, 1, text, "turtle") for n, text in enumerate(texts)
    ]
    tasks = [tuple(all_pieces[n : n + 3]) for n in range(0, 9, 3)]
    with batch_pool.Pool(Asked("jsonl", "outcome", ("bcbsnd",)), 2) as pool:
        done = list(pool.results(iter(tasks)))
    assert [piece for task, _ in done for piece in task] == all_pieces
    assert sum(result.cases for _, result in done) == 9
    (said,) = [text for _, result in done for text in result.said if "poison" in text]
    assert "was ended from outside, or ran out of memory" in said


# The journal -------------------------------------------------------------------


def test_the_journal_gives_back_what_was_saved_and_forgets_the_rest(tmp_path: Path) -> None:
    place = Place(17, 3, b"@prefix \xff: <urn:x> .")
    state = State(Cursor(5, 1, 2, place), 9, 1234, batch.Counter({"E101": 2}), {"urn:e"}, finished=False)
    journal = Journal(tmp_path / "j", tmp_path / "results")
    journal.begin({"a": 1})
    assert [journal.torn(b"g", 1), journal.torn(b"h", 6)] == [False, False]
    journal.save(state)
    assert not journal.torn(b"i", 7)
    journal.close()
    journal = Journal(tmp_path / "j", tmp_path / "results")
    assert journal.identity() == {"a": 1}
    assert journal.state() == state
    # the run goes on with piece 5: what was met in pieces from there on is met again, and is not torn
    assert [journal.torn(b"h", 6), journal.torn(b"h", 7), journal.torn(b"g", 8), journal.torn(b"i", 9)] == [
        False,
        True,
        True,
        False,
    ]
    journal.close()


# The command -------------------------------------------------------------------


def test_the_command_writes_results_and_tells_what_became_of_the_cases(tmp_path: Path) -> None:
    result = edx("determine", str(cases()), "--policy", "bcbsnd", "--to", str(tmp_path / "results.jsonl"), "-j", "1")
    assert result.exit_code in (REFUSED, USAGE)  # as for a single case: USAGE where no policy applies to one
    assert contents(tmp_path) == undisturbed("jsonl")
    assert f"wrote {tmp_path / 'results.jsonl'}" in result.stdout
    assert f"{len(EXAMPLES) + 2} cases" in result.stdout
    assert result.stderr.count("E101: ") == 2


def test_folders_patterns_and_archives_are_printed_too() -> None:
    folder = str(EXAMPLES[0].parent)
    alone = edx("determine", str(EXAMPLES[0]), "--policy", "bcbsnd")
    assert alone.exit_code == DONE
    assert edx("determine", folder, "--policy", "bcbsnd").stdout == alone.stdout
    assert edx("determine", folder + "/*.ttl", "--policy", "bcbsnd").stdout == alone.stdout


@pytest.mark.parametrize(
    "arguments",
    [["--to", "x.csv"], ["--to", "x.jsonl", "-o", "reports/"], ["--detail", "full"], ["--to", "x.parquet", "--detail", "full"],
     ["--to", "x.nq", "--detail", "outcome"], ["--to", "x.jsonl", "-j", "0"], ["--to", "x.jsonl", "--policy", "nobody"]],
)  # fmt: skip
def test_what_cannot_be_written_so_is_a_usage_error(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = edx("determine", str(EXAMPLES[0]), *arguments)
    assert result.exit_code == USAGE
    assert result.stderr.strip()
    assert not list(tmp_path.iterdir())


def test_a_batch_from_a_script_needs_nothing_but_the_function(tmp_path: Path) -> None:
    script = textwrap.dedent(f"""
        from pathlib import Path
        from reasoner.batch.run import run_batch
        if __name__ == "__main__":
            print(run_batch([{str(cases())!r}], Path("results.jsonl"), policies=["bcbsnd"], processes=2, task_bytes=9000).cases)
    """)
    (tmp_path / "script.py").write_text(script, "utf-8")
    done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(len(EXAMPLES) + 2)
    (tmp_path / "script.py").unlink()
    assert contents(tmp_path) == undisturbed("jsonl")
