"""What a batch draws on a terminal: a bar with cases, rate and the time that is left, and what is refused above it."""

import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from reasoner.generation.case_text import write_cases
from reasoner.generation.generator import SPACE, generate_cases

pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
_STEP = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|\r|\n|[^\x1b\r\n]")


def drawn(command: list[str], *, columns: int) -> tuple[list[str], list[str]]:
    """A command on a terminal: every state of the line with the bar, and the screen in the end."""
    terminal, side = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(columns)}
    running = subprocess.Popen(command, stdout=side, stderr=side, stdin=side, env=environment, close_fds=True)
    os.close(side)
    said, end = b"", time.monotonic() + 120
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                said += os.read(terminal, 65536)
            except OSError:  # the other side is closed
                break
        elif running.poll() is not None:
            break
    running.wait(timeout=60)
    os.close(terminal)
    return replayed(said.decode("utf-8"))


def replayed(text: str) -> tuple[list[str], list[str]]:
    """What a terminal makes of the text: as much of its language as is used."""
    lines, row, column, bars = [""], 0, 0, list[str]()
    for step in _STEP.finditer(text):
        said = step[0]
        if said == "\r":
            column = 0
        elif said == "\n":
            row, column = row + 1, 0
            lines += [""] * (row + 1 - len(lines))
        elif said[0] != "\x1b":
            lines[row] = lines[row][:column].ljust(column) + said + lines[row][column + 1 :]
            column += 1
        elif step[2] == "A":
            row = max(0, row - int(step[1] or 1))
        elif step[2] == "K":
            lines[row] = "" if step[1] == "2" else lines[row][:column]
        bars += [line for line in lines if "cases/s" in line and line not in bars[-1:]]
    return bars, [line.rstrip() for line in lines]


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[str]]:
    source = tmp_path_factory.mktemp("in") / "cases.nq"
    source.write_text("".join(write_cases(generate_cases(1200, seed=4, size=50, defects=1), "nquads", SPACE)), "utf-8")

    def to(results: str) -> list[str]:
        return [
            sys.executable,
            "-m",
            "reasoner",
            "determine",
            str(source),
            "--policy",
            "bcbsnd",
            "-j",
            "1",
            "--to",
            results,
        ]

    return to


@pytest.mark.slow
@pytest.mark.parametrize("columns", [100, 60])
def test_the_bar_tells_cases_rate_and_time_and_refusals_stand_above_it(
    columns: int, command: Callable[[str], list[str]], tmp_path: Path
) -> None:
    bars, screen = drawn(command(str(tmp_path / "results.jsonl")), columns=columns)
    assert all(len(bar) <= columns for bar in bars), "the bar does not fit on its line"
    under_way = [bar for bar in bars if re.search(r"\d+% [\d,]+ cases [\d,]+ cases/s \d+:\d\d:\d\d left", bar)]
    assert len(under_way) > 2
    (last,) = [n for n, line in enumerate(screen) if "cases/s" in line]
    assert re.search(r"100% 1,200 cases [\d,]+ cases/s \d+:\d\d:\d\d in all$", screen[last])
    refused = [n for n, line in enumerate(screen) if line.startswith("E101: ")]
    assert refused
    assert max(refused) < last
    assert screen[last + 1].startswith("1,200 cases: ")
    assert screen[last + 2].startswith("wrote ")
