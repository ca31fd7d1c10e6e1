"""Queries run in a process of their own, with a limit on everything that they may take."""

import faulthandler
import os
import pickle
import selectors
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from reasoner.errors import QueryError, QueryLimitError
from reasoner.query import worker
from reasoner.query.checks import check_query
from reasoner.query.limits import QueryLimits, how_to_raise
from reasoner.terms import PREFIXES

_AT_ONCE: Final = 1 << 16
_LONGEST_WAIT: Final = 1_000_000.0  # seconds; more does not fit into what the system takes
_CAN_FORK: Final = hasattr(os, "fork")
_OUT_OF_MEMORY: Final = (b"memory allocation of", b"MemoryError", b"capacity overflow")


def run_query(
    store: ox.Store, text: str, *, limits: QueryLimits | None = None
) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    """Run a query; without GRAPH it sees all graphs as one. Nothing outside the store is reached.

    The query runs in a process of its own, forked from this one, that can open neither file nor socket. Whatever a
    query does, this process goes on: one that takes too long is killed, one that overflows the stack or takes too much
    memory kills only its own process. The memory limit holds on Linux. Where the platform does not fork (Windows) a
    fresh Python is started and sent the data, which takes longer, and memory is not limited there. The answer is whole,
    and is held in memory.

    Args:
        store: What `build_dataset` gave. It is not changed.
        text: SPARQL 1.1; the prefixes of the project are declared.
        limits: What the query may take; see `QueryLimits` for the defaults.

    Raises:
        QueryLimitError: The query takes more than a limit allows; the message names the limit.
        QueryError: The query is malformed, is an update, or asks for `SERVICE`, `LOAD` or `FROM`.
    """
    limits = limits or QueryLimits()
    check_query(text, limits)
    asked = {**asdict(limits), "text": text, "prefixes": PREFIXES}
    answer, ended, said = (_forked if _CAN_FORK else _started_anew)(store, asked)
    if ended is None:
        raise _over("seconds", limits)
    if ended:
        raise _broken_off(ended, said, limits)
    return _read(answer[:1], answer[1:], limits)


def _read(kind: bytes, answer: bytes, limits: QueryLimits) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    if kind == worker.TRIPLES:
        graph = ox.Store()
        graph.bulk_extend(ox.parse(answer, format=ox.RdfFormat.N_TRIPLES, lenient=True))
        found = graph.query("CONSTRUCT WHERE { ?s ?p ?o }")
    elif kind in (worker.SOLUTIONS, worker.BOOLEAN):
        found = ox.parse_query_results(answer, format=ox.QueryResultsFormat.JSON)
    else:
        said = answer.decode("utf-8", "replace")
        if kind == worker.OVER:
            raise _over(said, limits)
        no_query = kind == worker.MALFORMED
        raise QueryError(f"The query {'is no SPARQL 1.1 query' if no_query else 'cannot be answered'}: {said}")
    assert isinstance(found, (ox.QuerySolutions, ox.QueryBoolean, ox.QueryTriples))
    return found


def _over(limit: str, limits: QueryLimits) -> QueryLimitError:
    most = getattr(limits, limit)
    said = {
        "seconds": f"The query was not answered within {most:g} seconds.",
        "results": f"The query has more than {most:,} results; none of them is given, so that no part passes for all.",
        "answer": f"The answer to the query is longer than {most:,} bytes.",
        "memory": f"The query needs more than {most:,} bytes of memory.",
        "depth": "The query nests too deeply for the parser.",
    }
    return QueryLimitError(f"{said[limit]} {how_to_raise(limit)}")


def _broken_off(ended: int, said: bytes, limits: QueryLimits) -> QueryError:
    """What is to be told of a process that gave no answer."""
    if any(words in said for words in _OUT_OF_MEMORY):
        return _over("memory", limits)
    if b"overflowed its stack" in said or ended == -signal.SIGSEGV:
        return QueryLimitError("The query nests too deeply for the parser, or is too long a chain. Simplify it.")
    if sys.platform != "win32" and ended == -signal.SIGXCPU:
        return _over("seconds", limits)
    how = f"by signal {-ended}" if ended < 0 else f"with code {ended}"
    return QueryError(f"The query cannot be answered: the process that ran it ended {how}. Simplify the query.")


# A process for a query ----------------------------------------------------------------

_Ended = tuple[bytes, int | None, bytes]
"""What a process wrote, how it ended (as `subprocess` has it; None: killed for its time), what it said of errors."""


def _forked(store: ox.Store, asked: Mapping[str, Any]) -> _Ended:
    until = time.monotonic() + asked["seconds"]
    out, to_out = os.pipe()
    said, to_said = os.pipe()
    try:
        with warnings.catch_warnings():
            # Python warns of other threads that may hold a lock: one that the child waits for costs it its time
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            _in_child(store, asked, to_out, to_said)
        ended = None
        try:
            os.close(to_out)
            os.close(to_said)
            to_out = to_said = -1
            answer = _all_of(out, until)
        except BaseException:
            _end(child)
            raise
        ended = _end(child) if answer is None else _wait(child)
        os.set_blocking(said, False)
        with suppress(BlockingIOError):
            return answer or b"", None if answer is None else ended, os.read(said, _AT_ONCE)
        return answer or b"", None if answer is None else ended, b""
    finally:
        for descriptor in (out, to_out, said, to_said):
            if descriptor >= 0:
                os.close(descriptor)


def _in_child(store: ox.Store, asked: Mapping[str, Any], out: int, said: int) -> None:
    """The forked process: it keeps the data and two pipes of what its parent had, and never comes back."""
    try:
        faulthandler.disable()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        os.dup2(out, 1)
        os.dup2(said, 2)
        os.closerange(3, min(os.sysconf("SC_OPEN_MAX"), _AT_ONCE))
        worker.run_and_end(store, asked, 1)
    finally:
        os._exit(1)


def _all_of(descriptor: int, until: float) -> bytes | None:
    """All that is written, or None where its end was not there in time."""
    parts: list[bytes] = []
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while (left := until - time.monotonic()) > 0:
            if selector.select(min(left, _LONGEST_WAIT)):
                part = os.read(descriptor, _AT_ONCE)
                if not part:
                    return b"".join(parts)
                parts.append(part)
    return None


def _end(child: int) -> int:
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    return _wait(child)


def _wait(child: int) -> int:
    try:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    except ChildProcessError:  # this program leaves its children to the system
        return 0


def _started_anew(store: ox.Store, asked: Mapping[str, Any]) -> _Ended:
    """The same in a fresh Python, which finds what this one finds."""
    data = store.dump(format=ox.RdfFormat.N_QUADS)
    paths = os.pathsep.join(path for path in sys.path if path)
    command = [sys.executable, "-P", str(Path(worker.__file__))]
    done = subprocess.Popen(  # noqa: S603 - this Python, and a file of this package
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": paths},
    )
    with done:
        try:
            answer, said = done.communicate(pickle.dumps((asked, data)), min(asked["seconds"], _LONGEST_WAIT))
        except BaseException as error:
            done.kill()
            if isinstance(error, subprocess.TimeoutExpired):
                return b"", None, b""
            raise
    return answer, done.returncode, said
