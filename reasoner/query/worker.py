"""The process that runs one query: it may be killed, run out of memory or overflow its stack, and takes nothing along.

It is forked from the process that holds the data. Where the platform does not fork, this file is run by itself and
given the data as N-Quads, which is why it imports nothing of the package.
"""

import gc
import os
import pickle
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NoReturn

import orjson
import pyoxigraph as ox

if sys.platform != "win32":
    import resource

SOLUTIONS: Final = b"S"
BOOLEAN: Final = b"B"
TRIPLES: Final = b"T"
MALFORMED: Final = b"M"
UNANSWERABLE: Final = b"U"
OVER: Final = b"O"
"""How an answer begins: with what it is, or with why there is none (`OVER`: the name of a limit follows)."""

_MANY_TRIPLES: Final = 1_000
_MOST_SECONDS: Final = 2**30
_MOST_MEMORY: Final = 2**60


class _OverError(Exception):
    """A limit was met; its name is the argument."""


def answer_of(
    store: ox.Store, text: str, prefixes: Mapping[str, str], *, most_results: int, most_bytes: int
) -> list[bytes]:
    """The answer to a query in parts, the first of which says what it is."""
    try:
        found = store.query(text, prefixes=dict(prefixes))
        if isinstance(found, ox.QueryBoolean):
            return [BOOLEAN, found.serialize(format=ox.QueryResultsFormat.JSON) or b""]
        if isinstance(found, ox.QueryTriples):
            return [TRIPLES, *_bounded(_triples(found, most_results), most_bytes)]
        return [SOLUTIONS, *_bounded(_solutions(found, most_results), most_bytes)]
    except SyntaxError as error:
        return [MALFORMED, str(error).encode()]
    except _OverError as error:
        return [OVER, str(error).encode()]
    except MemoryError:
        return [OVER, b"memory"]
    except (ValueError, OSError, RuntimeError) as error:
        return [UNANSWERABLE, str(error).encode()]


def _bounded(parts: Iterable[bytes], most: int) -> Iterable[bytes]:
    size = 0
    for part in parts:
        size += len(part)
        if size > most:
            raise _OverError("answer")
        yield part


def _solutions(found: ox.QuerySolutions, most: int) -> Iterable[bytes]:
    names = [variable.value for variable in found.variables]
    yield b'{"head":{"vars":%s},"results":{"bindings":[' % orjson.dumps(names)
    for number, row in enumerate(found):
        if number == most:
            raise _OverError("results")
        bound = {name: _as_json(term) for name, term in zip(names, row, strict=True) if term is not None}
        yield (b"," if number else b"") + orjson.dumps(bound)
    yield b"]}}"


def _as_json(term: Any) -> dict[str, Any]:
    """A term as SPARQL 1.1 Query Results JSON has it, and triple terms as the working draft of 1.2 has them."""
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, ox.BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, ox.Triple):
        parts = {"subject": term.subject, "predicate": term.predicate, "object": term.object}
        return {"type": "triple", "value": {name: _as_json(part) for name, part in parts.items()}}
    if term.language:
        direction = {"its:dir": term.direction.value} if term.direction else {}
        return {"type": "literal", "value": term.value, "xml:lang": term.language, **direction}
    return {"type": "literal", "value": term.value, "datatype": term.datatype.value}


def _triples(found: ox.QueryTriples, most: int) -> Iterable[bytes]:
    many: list[ox.Triple] = []
    for number, triple in enumerate(found):
        if number == most:
            raise _OverError("results")
        many.append(triple)
        if len(many) == _MANY_TRIPLES:
            yield ox.serialize(many, format=ox.RdfFormat.N_TRIPLES) or b""
            many.clear()
    yield ox.serialize(many, format=ox.RdfFormat.N_TRIPLES) or b""


def confine(seconds: float, memory: int) -> None:
    """Take from this process what a query has no need of: time and memory beyond its limits, new files and sockets."""
    if sys.platform == "win32":
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))  # what is open stays open
    _lower(resource.RLIMIT_CPU, int(min(seconds, _MOST_SECONDS)) + 2)  # should nobody be left to end this process
    if _SIZE:
        _lower(resource.RLIMIT_AS, _SIZE + min(memory, _MOST_MEMORY))


def measure() -> None:
    """Note how much memory this process has by now, as far as the platform tells."""
    global _SIZE
    with suppress(OSError):
        _SIZE = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")


_SIZE = 0


def _lower(which: int, limit: int) -> None:
    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(which, (limit, limit))


def run_and_end(store: ox.Store, asked: Mapping[str, Any], out: int) -> NoReturn:
    """Answer a query to a file descriptor, and end the process: what else it has of its parent is not its own."""
    try:
        gc.disable()
        measure()
        confine(asked["seconds"], asked["memory"])
        parts = answer_of(
            store, asked["text"], asked["prefixes"], most_results=asked["results"], most_bytes=asked["answer"]
        )
        for part in (parts[0], b"".join(parts[1:])):
            rest = memoryview(part)
            while rest:
                rest = rest[os.write(out, rest) :]
        os._exit(0)
    except BaseException as error:  # noqa: BLE001 - a panic of the engine is no Exception; whatever it was, it ends here
        with suppress(BaseException):
            os.write(2, type(error).__name__.encode())
    finally:
        os._exit(1)


def _main() -> None:
    asked, data = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
    store = ox.Store()
    store.bulk_extend(ox.parse(data, format=ox.RdfFormat.N_QUADS, lenient=True))  # blank nodes keep their names
    run_and_end(store, asked, sys.stdout.fileno())


if __name__ == "__main__":
    _main()
