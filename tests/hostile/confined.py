"""Commands run in a forked process with limits, where every opened file and every connection is noted."""

import faulthandler
import os
import pickle
import resource
import select
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import reasoner
from reasoner.cli import main as cli

SECONDS = 60
"""For all commands on one file together, on a machine that does other things as well."""

MEMORY = 1_500_000_000
"""Bytes of address space beside what the process has when it is forked."""

NOTED = (
    "open",
    "socket.",
    "subprocess.",
    "os.",
    "shutil.",
    "ctypes.",
    "urllib.",
    "http.",
    "ftplib.",
    "smtplib.",
    "tempfile.",
)
PACKAGE = Path(reasoner.__file__).resolve().parent
CHANGES = {
    "os.mkdir",
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.chmod",
    "os.truncate",
    "os.utime",
    "os.link",
    "tempfile.mkstemp",
    "shutil.rmtree",
}
HARMLESS = {
    "os.listdir",
    "os.scandir",
    "os.putenv",
    "os.unsetenv",
    "os.walk",
    "os.fwalk",
    "os.getxattr",
    "os.listxattr",
}


@dataclass
class Ran:
    """One command, how it ended, what it said and what it did."""

    arguments: tuple[str, ...]
    code: int | None
    seconds: float
    stdout: bytes
    stderr: bytes
    did: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)


@dataclass
class Confined:
    """What became of the commands on one file; `died` tells the signal or the limit if the process did not end by itself."""

    ran: list[Ran]
    died: str
    seconds: float
    memory: int


def run(commands: Sequence[Sequence[str]], place: Path, *, seconds: float = SECONDS, memory: int = MEMORY) -> Confined:
    """Run commands one after another in one forked process; `place` is a folder for what they print."""
    told, begun = place / "told", time.monotonic()
    child = os.fork()
    if child == 0:
        try:
            _in_child([tuple(c) for c in commands], place, told, seconds, memory)
        finally:
            os._exit(99)
    died = ""
    descriptor = os.pidfd_open(child)
    ended, _, _ = select.select([descriptor], [], [], seconds)
    os.close(descriptor)
    if not ended:
        os.kill(child, signal.SIGKILL)
        died = f"took more than {seconds} s"
    _, status, usage = os.wait4(child, 0)
    code = os.waitstatus_to_exitcode(status)
    ran = []
    if told.exists():
        with told.open("rb") as file:
            while True:
                try:
                    ran.append(pickle.load(file))
                except (EOFError, pickle.UnpicklingError):
                    break
        told.unlink()
    if code and not died:
        died = f"ended by signal {-code}" if code < 0 else f"ended with {code}"
    return Confined(ran, died, time.monotonic() - begun, usage.ru_maxrss * 1024)


def _in_child(commands: list[tuple[str, ...]], place: Path, told: Path, seconds: float, memory: int) -> None:
    faulthandler.disable()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    size = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (size + memory, size + memory))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 5, int(seconds) + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    did: list[tuple[str, tuple[Any, ...]]] = []
    at_work = False

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if at_work and event.startswith(NOTED) and event not in HARMLESS:
            did.append((event, tuple(_plain(a) for a in _whole(event, arguments))))

    sys.addaudithook(note)
    with told.open("ab") as results:
        for arguments in commands:
            out = [os.open(place / name, os.O_RDWR | os.O_CREAT | os.O_TRUNC) for name in ("stdout", "stderr")]
            for number, descriptor in enumerate(out, 1):
                os.dup2(descriptor, number)
            did.clear()
            begun, at_work = time.perf_counter(), True
            sys.stdout, sys.stderr = (
                os.fdopen(number, "w", encoding="utf-8", errors="surrogateescape", closefd=False) for number in (1, 2)
            )
            code: int | None = None
            try:
                cli.main.main(list(arguments), prog_name="edx")
            except SystemExit as error:
                code = error.code if isinstance(error.code, int) else 0 if error.code is None else 1
            except BaseException as error:  # noqa: BLE001 - this is what a command must not let out
                sys.stderr.write(f"Traceback: {type(error).__name__}: {error}")
            sys.stdout.flush()
            sys.stderr.flush()
            at_work = False
            said = [os.pread(descriptor, 50_000_000, 0) for descriptor in out]
            pickle.dump(Ran(arguments, code, time.perf_counter() - begun, *said, list(did)), results)
            results.flush()
            for descriptor in out:
                os.close(descriptor)
    os._exit(0)


def _plain(argument: Any) -> Any:
    if isinstance(argument, os.PathLike):
        return os.fspath(argument)
    return argument if isinstance(argument, (str, bytes, int)) or argument is None else repr(argument)[:200]


def _whole(event: str, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments of an event, with the whole path where one is given beside the folder that is open."""
    match arguments:
        case (str() | bytes() as name, int(folder)) if event in ("os.remove", "os.rmdir") and folder >= 0:
            return (str(Path(f"/proc/self/fd/{folder}").readlink() / os.fsdecode(name)), -1)
    return arguments


def trespasses(ran: Ran, inputs: Sequence[Path], outputs: Path) -> list[str]:
    """What a command did beyond reading its input, the package and Python's libraries, and writing its results."""
    home = [PACKAGE, PACKAGE.parent / "ontology", PACKAGE.parent / "shapes", Path(sys.prefix), Path(sys.base_prefix)]
    home += [Path(path).resolve() for path in sys.path if path]
    found = []
    for event, arguments in ran.did:
        first = arguments[0] if arguments else ""
        if event == "os.fork" and ran.arguments[0] == "query":
            continue
        if event in CHANGES:
            if all(
                Path(os.fsdecode(a)).resolve().is_relative_to(outputs)
                for a in arguments
                if isinstance(a, (str, bytes)) and a
            ):
                continue
        elif event in ("os.kill", "os.posix_fallocate", "os.setxattr") and ran.arguments[0] == "query":
            continue
        elif event == "open":
            if isinstance(first, int) or first in ("/dev/null", "/proc/self/statm"):
                continue
            if not isinstance(first, (str, bytes)):
                continue
            path, mode = Path(os.fsdecode(first)), arguments[1] if len(arguments) > 1 else "r"
            flags = arguments[2] if len(arguments) > 2 and isinstance(arguments[2], int) else 0
            writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) or any(c in str(mode) for c in "wax+")
            if path in inputs and not writes:
                continue
            if path.absolute().is_relative_to(outputs):
                continue
            if not writes and any(path.resolve().is_relative_to(folder) for folder in home):
                continue
        found.append(f"{event}{arguments}"[:300])
    return found
