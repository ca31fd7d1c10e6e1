"""What intake costs, beside an older tree of this project, in one process and case by case.

    python benchmarks/intake.py                          # microseconds and calls of functions for one case
    python benchmarks/intake.py --against ../older-tree  # the ratio: each case is taken in by both, one after the other
    python benchmarks/intake.py --memory 15000           # what the process has grown by after so many cases

The speed of a machine varies within minutes; what is done within the same millisecond sees the same of it. The cases
are generated and all different, and both trees have to find the same of each.
"""

import argparse
import cProfile
import gc
import os
import pstats
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

TREE = Path(__file__).resolve().parents[1]
WARM = 600
FIRST = 700_001  # the number of the first case

Taken = Callable[[bytes], Any]


class Tree:
    """The program of one folder, beside that of another one in the same process."""

    def __init__(self, folder: Path) -> None:
        sys.path.insert(0, str(folder))
        self._modules: dict[str, ModuleType] = {}
        self._enter({})
        from reasoner.intake.admission import validate

        assert Path(sys.modules["reasoner"].__file__ or "").is_relative_to(folder)
        self._validate = validate
        self.leave()
        sys.path.remove(str(folder))

    def _enter(self, modules: dict[str, ModuleType]) -> None:
        for name in [name for name in sys.modules if name.partition(".")[0] == "reasoner"]:
            del sys.modules[name]
        sys.modules.update(modules)

    def leave(self) -> None:
        """Keep the modules that have been imported."""
        self._modules = {name: m for name, m in sys.modules.items() if name.partition(".")[0] == "reasoner"}

    def taken_in(self, text: bytes) -> tuple[float, object]:
        """Seconds of the processor, and what was found."""
        self._enter(self._modules)
        start = time.process_time_ns()
        result = self._validate(text, name="case.ttl")
        spent = time.process_time_ns() - start
        self.leave()
        return spent / 1e9, [told(entry) for entry in result.entries]


def told(entry: Any) -> tuple[object, ...]:
    """What has to be the same of a case or refusal."""
    problems = entry.problems if hasattr(entry, "problems") else entry.warnings
    said = [
        (p.severity.value, str(p), str(p.node), str(p.path), str(p.source_shape), str(p.value), str(p.component))
        for p in problems
    ]
    return getattr(entry, "digest", ""), [list(map(str, t)) for t in getattr(entry, "statements", ())], said


def against(folder: Path, texts: list[bytes]) -> None:
    """Print microseconds a case of both trees and their ratio."""
    here, there = Tree(TREE), Tree(folder.resolve())
    spent: list[tuple[float, float]] = []
    different = 0
    for place, text in enumerate(texts):
        if place == WARM:
            gc.collect()
            gc.freeze()
        found = {tree: tree.taken_in(text) for tree in ((there, here), (here, there))[place % 2]}
        different += found[here][1] != found[there][1]
        if place >= WARM:
            spent.append((found[there][0], found[here][0]))
    old, new = (1e6 * sum(one) / len(spent) for one in zip(*spent, strict=True))
    middle = [1e6 * statistics.median(one) for one in zip(*spent, strict=True)]
    print(f"{len(spent)} cases: {old:.0f} us there, {new:.0f} us here, ratio {old / new:.2f}")
    print(f"medians: {middle[0]:.0f} us there, {middle[1]:.0f} us here, ratio {middle[0] / middle[1]:.2f}")
    print(f"cases that came out differently: {different}")


def alone(texts: list[bytes]) -> None:
    """Print microseconds and calls a case of this tree."""
    from reasoner.intake.admission import validate

    def take_in(some: list[bytes]) -> None:
        for text in some:
            validate(text, name="case.ttl")

    take_in(texts[:WARM])
    gc.freeze()
    rest = texts[WARM:]
    half = len(rest) // 2
    start = time.process_time()
    take_in(rest[:half])
    spent = time.process_time() - start
    profile = cProfile.Profile()
    profile.runcall(take_in, rest[half:])
    calls: Any = pstats.Stats(profile)
    print(f"{half} cases: {1e6 * spent / half:.0f} us and {calls.total_calls / (len(rest) - half):.0f} calls for each")


def memory(texts: list[bytes]) -> None:
    """Print what the process has grown by."""
    from reasoner.intake.admission import validate

    def resident() -> float:
        return int(Path("/proc/self/statm").read_text("utf-8").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

    before = 0.0
    for number, text in enumerate(texts, start=1):
        validate(text, name="case.ttl")
        if number in (100, 1_000, 5_000) or number == len(texts):
            before = before or resident()
            print(f"after {number} cases: {resident() - before:.1f} MiB more than after the first 100")


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", type=Path, metavar="TREE", help="another tree of this project")
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--defects", type=int, default=0, metavar="PERCENT", help="cases with something wrong")
    parser.add_argument("--unnamed", action="store_true", help="nodes without IRIs")
    parser.add_argument("--memory", type=int, default=0, metavar="CASES")
    arguments = parser.parse_args()
    gc.set_threshold(50_000, 20, 100)  # as the command has it
    from reasoner.generation.case_text import as_turtle
    from reasoner.generation.generator import generate_cases

    number = arguments.memory or WARM + arguments.cases
    cases = generate_cases(number, start=FIRST, defects=arguments.defects, unnamed=arguments.unnamed)
    texts = [as_turtle(case).encode() for case in cases]
    if arguments.memory:
        memory(texts)
    elif arguments.against:
        against(arguments.against, texts)
    else:
        alone(texts)


if __name__ == "__main__":
    main()
