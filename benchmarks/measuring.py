"""How a process or a piece of work is measured: seconds, seconds of the processors, and memory."""

import json
import math
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psutil

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Run:
    """One run of a command with all its processes: seconds from start to end, those of the processors, and the most
    memory at one time; pages that several processes share count once (PSS).
    """

    seconds: float
    processor: float
    peak_mb: float

    def as_json(self) -> dict[str, float]:
        return asdict(self)


def run(command: Sequence[str], *, every: float = 0.2) -> Run:
    """Run a command to its end; it has to succeed. Its processes are looked at every so many seconds: what one that
    the command does not wait for (the workers of a batch) uses after the last look is not counted."""
    before = os.times()
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    watch = _Watch(process.pid)
    ended = Event()
    watcher = Thread(target=watch.until, args=(ended, every), daemon=True)
    watcher.start()
    _, said = process.communicate()
    seconds = time.perf_counter() - start
    ended.set()
    watcher.join()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{said.decode()[-2000:]}")
    after = os.times()
    own = after.children_user + after.children_system - before.children_user - before.children_system
    return Run(seconds, own + sum(watch.used.values()), watch.peak / 2**20)


class _Watch:
    """The memory of a process with those below it, and the seconds that each of those has used."""

    def __init__(self, pid: int) -> None:
        self.peak = 0
        self.used: dict[int, float] = {}
        self._root = psutil.Process(pid)

    def until(self, ended: Event, every: float) -> None:
        """Look at the processes again and again."""
        while not ended.wait(every):
            try:
                below = self._root.children(recursive=True)
            except psutil.Error:
                return
            found = self._memory(self._root)
            for process in below:
                found += self._memory(process)
                with suppress(psutil.Error):
                    times = process.cpu_times()
                    self.used[process.pid] = times.user + times.system
            self.peak = max(self.peak, found)

    @staticmethod
    def _memory(process: psutil.Process) -> int:
        try:
            memory = process.memory_full_info()
        except psutil.Error:
            return 0
        return int(getattr(memory, "pss", memory.uss))


def peak_mb() -> float:
    """The most memory of this process so far, without what it was before it ran this program."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text("ascii").splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def pace() -> float:
    """Milliseconds of a fixed loop over dictionaries and texts, the median of nine: how fast the machine is now."""
    taken = []
    for _ in range(9):
        start = time.perf_counter()
        found: dict[str, list[int]] = {}
        for number in range(60_000):
            found.setdefault(f"n{number % 4999}", []).append(number)
        sum(len(numbers) for numbers in found.values())
        taken.append(1000 * (time.perf_counter() - start))
    return statistics.median(taken)


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
