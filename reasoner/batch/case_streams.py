"""A long file to its cases, one after another, without ever holding more than one of them.

N-Quads are cut into graphs and JSON lines into documents; for TriG see `reasoner.batch.trig_stream`. The cut is made in
the text alone, so that what is wrong with one graph stays its own: each stretch is read and judged by itself
afterwards.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from reasoner.limits import flag_of

_BLANK: Final = rb"_:[^\s<\"#.]++(?:\.++[^\s<\"#.]++)*+"  # possessive: nothing is tried twice in a long line
_QUAD: Final = re.compile(
    rb"\s*+(?:<[^>]*+>|" + _BLANK + rb")\s*+<[^>]*+>\s*+"
    rb"(?:<[^>]*+>|" + _BLANK + rb'|"[^"\\]*+(?:\\.[^"\\]*+)*+"(?:\^\^<[^>]*+>|@[A-Za-z0-9-]++)?)'
    rb"\s*+(?P<graph><[^>]*+>|" + _BLANK + rb")?\s*+\.\s*+(?:#.*)?$",
    re.DOTALL,
)
DEFAULT_GRAPH: Final = b""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file, unpacked, to go on: bytes and lines before it, and what prefixes are declared by then."""

    offset: int = 0
    line: int = 0
    header: bytes = b""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The text of one graph or document.

    `lines_before` is how many lines of the file stand before the first line of `text`; it is negative where a line of
    prefixes was put before it. `graph` is the graph as it is named, None where the text is a document of its own.
    `problem` says why there is no text to judge.
    """

    text: bytes
    lines_before: int
    after: Place
    graph: bytes | None = None
    problem: str = ""


Cutter = Callable[[BinaryIO, Place, int], Iterator[Stretch]]
"""Cuts what a stream, which stands at the place, still holds; no text is longer than so many bytes."""


def too_long(most: int) -> str:
    """What is said of a case that is longer than so many bytes."""
    flag = flag_of("document_bytes")
    return f"it is longer than {most:,} bytes ({flag}), too long for one case. Write each case as a graph of its own."


def cut_json_lines(stream: BinaryIO, place: Place, most: int) -> Iterator[Stretch]:
    """One JSON document a line; empty lines are passed over."""
    offset, number = place.offset, place.line
    while line := stream.readline(most + 1):
        size, problem = len(line), ""
        if size > most:
            size, line, problem = _rest_of_line(stream, line), b"", too_long(most)
        offset += size
        number += 1
        if problem or line.strip():
            yield Stretch(line, number - 1, Place(offset, number), problem=problem)


def cut_nquads(stream: BinaryIO, place: Place, most: int) -> Iterator[Stretch]:
    """The lines of each graph, as far as they stand together; a line that is no statement goes with those before it."""
    offset, number = place.offset, place.line
    graph: bytes | None = None
    ending: bytes | None = None  # how the lines of this graph end
    kept: list[bytes] = []
    size, first = 0, number
    while line := stream.readline(most + 1):
        if len(line) > most:
            if kept or size > most:
                yield _joined(kept, size, first, Place(offset, number), graph or DEFAULT_GRAPH, most)
            offset += _rest_of_line(stream, line)
            number += 1
            yield Stretch(b"", number - 1, Place(offset, number), None, too_long(most))
            graph, ending, kept, size, first = None, None, [], 0, number
            continue
        if ending is None or not line.endswith(ending):
            found = _QUAD.match(line)
            if found:
                named = found["graph"] or DEFAULT_GRAPH
                if graph is not None and named != graph:
                    yield _joined(kept, size, first, Place(offset, number), graph, most)
                    kept, size, first = [], 0, number
                graph, ending = named, _ending(line, found)
        size += len(line)
        offset += len(line)
        number += line.endswith(b"\n")
        if size <= most:
            kept.append(line)
        else:
            kept.clear()
    if graph is not None or size > most or any(line.strip() for line in kept):
        yield _joined(kept, size, first, Place(offset, number), graph or DEFAULT_GRAPH, most)


def _rest_of_line(stream: BinaryIO, line: bytes) -> int:
    """Pass to the end of a line that has been begun; gives the bytes of all of it."""
    size = len(line)
    while not line.endswith(b"\n") and (line := stream.readline(1 << 16)):
        size += len(line)
    return size


def _ending(line: bytes, quad: re.Match[bytes]) -> bytes | None:
    """The name of the graph with all that follows and the blank before: no other line that ends so is of another."""
    start = quad.start("graph") - 1
    return line[start:] if quad["graph"] and line[start : start + 1] in (b" ", b"\t") else None


def _joined(kept: list[bytes], size: int, first: int, after: Place, graph: bytes, most: int) -> Stretch:
    return Stretch(b"".join(kept), first, after, graph, too_long(most) if size > most else "")
