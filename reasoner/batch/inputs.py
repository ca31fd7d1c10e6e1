"""What a batch is asked to determine, as pieces that can be read by themselves: files, folders, patterns, archives.

The order is that of the arguments; folders and patterns give their files sorted by path, archives in their own order.
"""

import glob
import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final

from reasoner.batch.archives import UnpacksToTooMuchError, is_archive, members, opened, without_compression
from reasoner.batch.case_streams import Cutter, Place, cut_json_lines, cut_nquads
from reasoner.batch.trig_stream import cut_trig
from reasoner.errors import UnreadableInputError
from reasoner.limits import DEFAULT, flag_of
from reasoner.rdf.syntax import EXTENSIONS

_STREAMED: Final[dict[str, tuple[Cutter, str]]] = {
    ".nq": (cut_nquads, "nquads"),
    ".trig": (cut_trig, "trig"),
    ".ndjson": (cut_json_lines, "jsonld"),
    ".jsonl": (cut_json_lines, "jsonld"),
}
Torn = Callable[[bytes, int], bool]
"""Whether a graph of that name was met before the piece of that number."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far the input has been taken: `file` and `member` are the numbers, from 0, of those to go on with."""

    pieces: int = 0
    file: int = 0
    member: int = 0
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Piece:
    """Something to take in by itself: a file to open where there is no `text`, else what stands in one.

    `size` is how many bytes there are to take in, and `read` how many bytes of the input, as it is stored, have been
    read by then. `lines_before` is None where the text is the whole of the file. `problem` says why it cannot be read.
    """

    source: str
    after: Cursor
    read: int
    size: int = 0
    text: bytes | None = None
    syntax: str | None = None
    lines_before: int | None = None
    problem: str = ""


@dataclass(frozen=True)
class Survey:
    """How much there is to do; `digest` changes when a file comes, goes or is written."""

    files: int
    size: int
    digest: str


@dataclass
class Inputs:
    """The files that some arguments name.

    Args:
        arguments: Files, folders and patterns such as `january/**/*.ttl`.
        left_out: Files and folders that are not read where a folder or a pattern holds them, such as the results.
        most: So many bytes may one case have, or one file that has to be read as a whole.
        unpacked: So many bytes may come out of any compressed file; see `reasoner.batch.archives`.
        passed_over: Filled on the way: how many files of folders and archives were no cases, by extension.
    """

    arguments: Sequence[str]
    left_out: frozenset[Path] = frozenset()
    most: int = DEFAULT.document_bytes
    unpacked: int = DEFAULT.unpacked_bytes
    passed_over: Counter[str] = field(default_factory=Counter)
    _taken: int = 0  # pieces given out

    def survey(self) -> Survey:
        """Count the files, without opening them."""
        digest, files, size = hashlib.sha256(), 0, 0
        for path in self._files():
            files += 1
            try:
                found = path.stat()
                size += found.st_size
                digest.update(f"{path.absolute()}\0{found.st_size}\0{found.st_mtime_ns}\0".encode("utf-8", "replace"))
            except OSError:
                digest.update(f"{path.absolute()}\0\0".encode("utf-8", "replace"))
        return Survey(files, size, digest.hexdigest())

    def pieces(self, start: Cursor, torn: Torn) -> Iterator[Piece]:
        """All pieces from a place on; whatever cannot be read is a piece with a problem."""
        self.passed_over.clear()
        self._taken, before = start.pieces, 0
        for number, path in enumerate(self._files()):
            size = _size(path)
            if number >= start.file:
                at = start if number == start.file else Cursor(file=number)
                for piece in self._of_file(path, size, at, torn):
                    self._taken += 1
                    after = replace(piece.after, pieces=self._taken)
                    yield replace(piece, after=after, read=before + min(piece.read, size))
            before += size

    def _files(self) -> Iterator[Path]:
        for argument in self.arguments:
            path = Path(argument)
            if path.is_dir():
                yield from self._in_folder(path)
            elif glob.has_magic(argument) and not path.exists():
                found = sorted(glob.glob(argument, recursive=True))  # noqa: PTH207 - the pattern may be absolute
                for name in found:
                    if Path(name).is_dir():
                        yield from () if "**" in argument else self._in_folder(Path(name))
                    elif not self._is_left_out(Path(name)):
                        yield Path(name)
                if not found:
                    yield path
            else:
                yield path

    def _in_folder(self, folder: Path) -> Iterator[Path]:
        empty, unreadable = True, list[Path]()
        for place, folders, names in os.walk(folder, onerror=lambda error: unreadable.append(Path(error.filename))):
            here = Path(place)
            folders[:] = sorted(f for f in folders if not f.startswith(".") and not self._is_left_out(here / f))
            for name in sorted(names):
                if name.startswith(".") or self._is_left_out(here / name):
                    continue
                if _is_case_file(without_compression(name)) or is_archive(name):
                    empty = False
                    yield here / name
                else:
                    self._pass_over(name)
        yield from unreadable or ([folder] if empty else [])

    def _is_left_out(self, path: Path) -> bool:
        return bool(self.left_out) and path.absolute() in self.left_out

    def _pass_over(self, name: str) -> None:
        self.passed_over[PurePosixPath(name).suffix or "no extension"] += 1

    def _of_file(self, path: Path, size: int, at: Cursor, torn: Torn) -> Iterator[Piece]:
        source, done = str(path), Cursor(file=at.file + 1)
        try:
            if path.is_dir():
                raise UnreadableInputError(source, "the folder cannot be read, or holds no file of a known extension.")
            if is_archive(source) and path.exists():
                yield from self._of_archive(path, at, torn)
            elif _suffix(source) in _STREAMED or without_compression(source) != source:
                with opened(path, self.unpacked) as (stream, file):
                    name = without_compression(source)
                    yield from self._of_stream(stream, file, source, name, at, done, torn)
            else:
                yield Piece(source, done, size, size, problem=_too_large(self.most) if size > self.most else "")
        except UnreadableInputError as error:
            yield Piece(source, done, size, problem=error.problem)

    def _of_archive(self, path: Path, at: Cursor, torn: Torn) -> Iterator[Piece]:
        empty = at.member == 0
        with members(path, at.member, self.unpacked) as (found, file):
            for member in found:
                source, problem = f"{path}/{member.name}", member.problem
                here = at if member.number == at.member else Cursor(file=at.file, member=member.number)
                done = Cursor(file=at.file, member=member.number + 1)
                if not _is_case_file(member.name):
                    if not is_archive(member.name) and without_compression(member.name) == member.name:
                        self._pass_over(member.name)
                        continue
                    problem = "what is packed inside an archive is not opened. Unpack it and name its files."
                empty = False
                try:
                    if problem or member.content is None:
                        raise UnreadableInputError(source, problem)
                    yield from self._of_stream(member.content, file, source, member.name, here, done, torn)
                except UnpacksToTooMuchError:
                    raise
                except UnreadableInputError as error:
                    yield Piece(source, done, file.tell(), problem=error.problem)
        if empty:
            raise UnreadableInputError(str(path), "the archive holds no file of a known extension.")

    def _of_stream(
        self, stream: BinaryIO, file: BinaryIO, source: str, name: str, at: Cursor, done: Cursor, torn: Torn
    ) -> Iterator[Piece]:
        """The pieces of a file that is being read, from the place in the cursor on."""
        if _suffix(name) not in _STREAMED:
            text = stream.read(self.most + 1)
            if len(text) > self.most:
                raise UnreadableInputError(source, _too_large(self.most))
            yield Piece(source, done, file.tell(), len(text), text, EXTENSIONS.get(_suffix(name)))
            return
        cut, syntax = _STREAMED[_suffix(name)]
        _pass(stream, at.place.offset)
        empty = at.place.offset == 0
        for stretch in cut(stream, at.place, self.most):
            empty, problem = False, stretch.problem
            if stretch.graph is not None and torn(f"{at.file}/{at.member}/".encode() + stretch.graph, self._taken):
                problem = problem or _torn(stretch.graph)
            after = replace(at, place=stretch.after)
            size = len(stretch.text)
            yield Piece(source, after, file.tell(), size, stretch.text, syntax, stretch.lines_before, problem)
        if empty:
            yield Piece(source, done, file.tell(), 0, b"", syntax)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _pass(stream: BinaryIO, offset: int) -> None:
    """Go to a place in a stream that can only be read."""
    while offset > 0 and (passed := stream.read(min(offset, 1 << 20))):
        offset -= len(passed)


def _is_case_file(name: str) -> bool:
    return _suffix(name) in EXTENSIONS or _suffix(name) in _STREAMED


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _too_large(most: int) -> str:
    flag = flag_of("document_bytes")
    advice = "Write a graph for each case, as .nq."
    return f"the file is longer than {most:,} bytes ({flag}), too long to be read at once. {advice}"


def _torn(graph: bytes) -> str:
    named = f"the graph {graph.decode('utf-8', 'replace')[:200]}" if graph else "the graph without a name"
    return (
        f"the statements of {named} do not stand together: others came before these, and what was determined from "
        "those is not of the whole case. Sort the file by graph and run again."
    )
