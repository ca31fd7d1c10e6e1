"""How a process or a piece of work is measured: seconds, seconds of the processors, and memory."""

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psutil

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Run:
    """One run of a command: seconds from start to end, those of the processors, and the most memory at one time.

    The memory is that of the command with all its processes; pages that several share count once (PSS).
    """

    seconds: float
    processor: float
    peak_mb: float

    def as_json(self) -> dict[str, float]:
        return asdict(self)


def run(command: Sequence[str], *, every: float = 0.2) -> Run:
    """Run a command to its end; it has to succeed. Memory is looked at every so many seconds."""
    before = os.times()
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    ended, peak = Event(), [0.0]
    watcher = Thread(target=_watch, args=(process.pid, ended, peak, every), daemon=True)
    watcher.start()
    _, said = process.communicate()
    seconds = time.perf_counter() - start
    ended.set()
    watcher.join()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{said.decode()[-2000:]}")
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Run(seconds, used, peak[0])


def _watch(pid: int, ended: Event, peak: list[float], every: float) -> None:
    try:
        root = psutil.Process(pid)
        while not ended.wait(every):
            found = 0.0
            for process in (root, *root.children(recursive=True)):
                try:
                    memory = process.memory_full_info()
                except psutil.Error:
                    continue
                found += getattr(memory, "pss", memory.uss)
            peak[0] = max(peak[0], found / 2**20)
    except psutil.Error:
        return


def processor_seconds(work: Callable[[], object], times: int = 3) -> float:
    """The least seconds of the processor that some runs of a piece of work took."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


def exponent(points: Sequence[tuple[float, float]]) -> float:
    """The power with which the second value grows with the first: the slope between their logarithms."""
    xs, ys = [math.log(x) for x, _ in points], [math.log(y) for _, y in points]
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / sum((x - mean_x) ** 2 for x in xs)


def at_once(script: str, argument_lists: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    """Start workers, let all of them prepare, then start them together; each prints what it measured as JSON."""
    commands = [[sys.executable, str(HERE / script), *arguments] for arguments in argument_lists]
    workers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for command in commands
    ]
    for worker in workers:
        assert worker.stdout is not None
        while (line := worker.stdout.readline()) != "ready\n":
            if not line:
                raise SystemExit(f"{' '.join(worker.args)} ended before it was ready")  # type: ignore[arg-type]
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    found = []
    for worker in workers:
        said, _ = worker.communicate()
        if worker.returncode:
            raise SystemExit(f"{' '.join(worker.args)} failed")  # type: ignore[arg-type]
        found.append(json.loads(said.splitlines()[-1]))
    return found
