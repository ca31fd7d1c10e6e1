"""A batch that is killed again and again, and each time given the same command: what is there in the end?

    python tests/killing.py FORM [--cases 5000] [--kills 20] [--seed S]

FORM is jsonl, parquet, nq, trig or folder. The whole group of processes is killed by SIGKILL, at moments drawn by progress
(bytes of results written so far), two of them while the processes start. What is left must be, to the byte, what an
undisturbed run leaves: every case once.
"""

import argparse
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random, randrange

from reasoner.generation.case_text import write_cases
from reasoner.generation.generator import SPACE, generate_cases

DEFECTS = 4  # percent of the cases that intake refuses: they must be there too, once
POLL = 0.01


@dataclass(frozen=True)
class Killed:
    """What became of a batch that was killed."""

    form: str
    seed: int
    cases: int
    kills: int
    resumed: int
    found: int
    doubled: int
    equal: bool
    input_unchanged: bool
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.form}, seed {self.seed}: {self.kills} kills, {self.resumed} runs went on from an earlier one; {self.found:,} of "
            f"{self.cases:,} cases, {self.doubled} twice, {'equal' if self.equal else 'NOT EQUAL'} to an undisturbed run, "
            f"input {'unchanged' if self.input_unchanged else 'CHANGED'}; {self.seconds:.0f} s"
        )


def digests(place: Path) -> dict[str, str]:
    """The SHA-256 of a file, or of each file below a folder."""
    paths = sorted(place.rglob("*")) if place.is_dir() else [place]
    return {
        p.relative_to(place.parent).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in paths if p.is_file()
    }


def killed(form: str, folder: Path, *, cases: int, kills: int, seed: int, planted: str = "") -> Killed:
    """Run a batch in a folder without incident, and once more with so many kills; `planted` is Python that spoils the program."""
    start, random = time.monotonic(), Random(seed)
    source = folder / "cases.nq"
    source.write_text(
        "".join(write_cases(generate_cases(cases, seed=seed, size=60, defects=DEFECTS), "nquads", SPACE)), "utf-8"
    )
    before = digests(source)
    _done(_started(source, form, folder / "undisturbed"))
    expected = digests(_place(form, folder / "undisturbed"))
    size = _written(form, folder / "undisturbed", finished=True)

    place = folder / "killed"
    moments = sorted(random.uniform(0.01, 0.97) for _ in range(kills - 2))
    happened = resumed = 0
    for moment in (-1.0, *moments[: kills // 2], -1.0, *moments[kills // 2 :]):
        running = _started(source, form, place, planted)
        pause = time.monotonic() + random.uniform(0, 1.5)
        while running.poll() is None and (
            time.monotonic() < pause if moment < 0 else _written(form, place) < moment * size
        ):
            time.sleep(POLL)
        happened += running.poll() is None
        os.killpg(running.pid, signal.SIGKILL)
        resumed += "Going on after" in running.communicate()[1]
    last = _started(source, form, place, planted)
    resumed += "Going on after" in _done(last)
    found = _cases_in(form, place)
    return Killed(
        form, seed, cases, happened, resumed, len(found), sum(n > 1 for n in found.values()),
        digests(_place(form, place)) == expected, digests(source) == before, time.monotonic() - start,
    )  # fmt: skip


def _place(form: str, folder: Path) -> Path:
    return folder / ("reports" if form == "folder" else f"results.{form}")


def _started(source: Path, form: str, folder: Path, planted: str = "") -> subprocess.Popen[str]:
    place = (
        ["-o", f"{_place(form, folder)}/", "--format", "json"]
        if form == "folder"
        else ["--to", str(_place(form, folder))]
    )
    detail = ["--detail", "violations"] if form in ("nq", "trig") else []
    program = ["-c", f"{planted}\nfrom reasoner.cli.main import main\nmain()"] if planted else ["-m", "reasoner"]
    command = [sys.executable, *program, "determine", str(source), "--policy", "bcbsnd", *place, *detail]
    command += ["-j", "1" if planted else "2"]  # what is planted is so in one process
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def _done(running: subprocess.Popen[str]) -> str:
    said = running.communicate()[1]
    assert running.returncode == 1, said  # some cases are refused, as they should be
    return said


def _written(form: str, folder: Path, *, finished: bool = False) -> int:
    """Bytes of results so far, or files for a folder; of a Parquet file those of its rows, which come before."""
    place = _place(form, folder)
    if form == "folder":
        return sum(1 for _ in place.iterdir()) if place.exists() else 0
    if finished:
        return len(_rows(place)) if form == "parquet" else place.stat().st_size
    unfinished = place.with_name(place.name + ".unfinished") / ("rows.jsonl" if form == "parquet" else "results")
    try:
        return unfinished.stat().st_size
    except OSError:
        return 0


def _rows(place: Path) -> bytes:
    import pyarrow.parquet as pq

    return "".join(
        json.dumps(row, default=str, separators=(",", ":"), ensure_ascii=False) + "\n"
        for row in pq.read_table(place).to_pylist()
    ).encode()


def _cases_in(form: str, folder: Path) -> Counter[str]:
    """How often each case is there: by its place in the input; in graphs, by the name of its graph."""
    place = _place(form, folder)
    if form == "folder":
        refused = (place / "refused.jsonl").read_bytes().splitlines()
        numbers = [str(json.loads(line)["position"]) for line in refused]
        return Counter([*numbers, *(str(int(path.name[:7])) for path in place.glob("0*.json"))])
    if form in ("jsonl", "parquet"):
        rows = place.read_bytes() if form == "jsonl" else _rows(place)
        told = Counter((row["position"], row["study_number"]) for row in map(json.loads, rows.splitlines()))
        return _by_position(told)
    text = place.read_text("utf-8")
    if form == "nq":  # each graph is one run of lines: one that comes again is there twice
        graphs = [line.rpartition(" <")[2] for line in text.splitlines()]
        return Counter(graph for number, graph in enumerate(graphs) if not number or graphs[number - 1] != graph)
    return Counter(re.findall(r"^(<[^>]*>|[\w-]*:\S*) \{$", text, re.M))


def _by_position(told: Counter[tuple[int, int | None]]) -> Counter[str]:
    most: Counter[str] = Counter()
    for (position, _), number in told.items():
        most[str(position)] = max(most[str(position)], number)
    return most


def main() -> None:
    """Kill one batch, and say what came of it."""
    parser = argparse.ArgumentParser(description="A batch that is killed again and again.")
    parser.add_argument("form", choices=["jsonl", "parquet", "nq", "trig", "folder"])
    parser.add_argument("--cases", type=int, default=5000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=randrange(10**6))
    asked = parser.parse_args()
    print(f"seed {asked.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        found = killed(asked.form, Path(folder), cases=asked.cases, kills=asked.kills, seed=asked.seed)
    print(found)
    sys.exit(0 if found.equal and found.found == found.cases and not found.doubled and found.input_unchanged else 1)


if __name__ == "__main__":
    main()
