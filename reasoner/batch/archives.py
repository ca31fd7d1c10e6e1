"""Compressed files and archives as streams of bytes: nothing is unpacked to the disk, nothing grows without bound."""

import bz2
import gzip
import io
import lzma
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO, Final, cast

from reasoner.errors import UnreadableInputError
from reasoner.limits import DEFAULT, MEBIBYTE, flag_of

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

COMPRESSED: Final = frozenset({".gz", ".bz2", ".xz", ".zst"})
_SHORT: Final = {".tgz": ".gz", ".tbz2": ".bz2", ".txz": ".xz", ".tzst": ".zst"}
MOST_TIMES: Final = 200
"""Beyond the limit, a file may not unpack to more than so many times its own size."""
_MOST_WINDOW: Final = 128 * MEBIBYTE  # of memory for one xz stream; the strongest preset takes 65 MiB
_MOST_HEADERS: Final = 2**20  # bytes of a tar archive between the contents of two members
_BUFFER: Final = 1 << 18
_DAMAGED: Final = (
    OSError, EOFError, zlib.error, lzma.LZMAError, zstd.ZstdError, tarfile.TarError, zipfile.BadZipFile,
    NotImplementedError, RuntimeError, UnicodeError, ValueError, MemoryError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Member:
    """One thing in an archive: its content, or why it has none to read."""

    number: int
    name: str
    content: BinaryIO | None
    problem: str = ""


def is_archive(name: str) -> bool:
    """Whether a file of that name holds other files."""
    last = PurePosixPath(name).suffix.lower()
    return last in {".zip", ".tar", *_SHORT} or PurePosixPath(without_compression(name)).suffix.lower() == ".tar"


def without_compression(name: str) -> str:
    """The name of what a compressed file holds; any other name as it is."""
    suffix = PurePosixPath(name).suffix
    return name.removesuffix(suffix) if suffix.lower() in COMPRESSED else name


@contextmanager
def opened(path: Path, freely: int = DEFAULT.unpacked_bytes) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """The bytes of a file, unpacked if its name says so, and the file itself, whose place tells how much has been read.

    So many bytes may come `freely` out of any file; beyond that it depends on the size of the file.

    Raises:
        UnreadableInputError: It cannot be opened; reading raises it where the file is damaged or unpacks to too much.
    """
    with _open(path) as file:
        yield _unpacked(file, path, _Meter(path, freely)), file


@contextmanager
def members(
    path: Path, start: int = 0, freely: int = DEFAULT.unpacked_bytes
) -> Iterator[tuple[Iterator[Member], BinaryIO]]:
    """What an archive holds, in its order, without folders and from the member of that number on; and the file itself.

    The content of a member can be read until the next one is asked for.

    Raises:
        UnreadableInputError: As `opened` does.
    """
    with _open(path) as file:
        meter = _Meter(path, freely)
        if path.suffix.lower() == ".zip":
            with _explained(str(path)):
                archive = zipfile.ZipFile(file)
            yield _zip_members(archive, meter, start), file
        else:
            yield _tar_members(_unpacked(file, path, meter), meter, start), file


def _open(path: Path) -> BinaryIO:
    with _explained(str(path)):
        return path.open("rb", buffering=_BUFFER)


class UnpacksToTooMuchError(UnreadableInputError):
    """A file holds more, unpacked, than a file of its size should; none of the rest is read."""


class _Meter:
    """Counts what comes out of one file."""

    def __init__(self, path: Path, freely: int) -> None:
        self.name = str(path)
        self.most = max(freely, MOST_TIMES * path.stat().st_size)
        self.out = 0
        self.fence = self.most

    def add(self, number: int) -> None:
        self.out += number
        if self.out > self.most:
            raise UnpacksToTooMuchError(
                self.name,
                f"it unpacks to more than {self.most:,} bytes, {MOST_TIMES} times its own size or more "
                f"({flag_of('unpacked_bytes')}); the rest was not read. If that is what it should hold, unpack it and "
                "name its files.",
            )
        if self.out > self.fence:
            raise UnreadableInputError(self.name, "the headers of the archive are longer than any that names files.")


class _Metered(io.RawIOBase):
    """A stream whose bytes are counted as they are read, and whose errors are those of an input."""

    def __init__(self, stream: IO[bytes], name: str, meter: _Meter | None = None) -> None:
        self.stream = stream
        self.name = name
        self.meter = meter

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        with _explained(self.name):
            data = self.stream.read(len(buffer))
        if self.meter is not None:
            self.meter.add(len(data))
        buffer[: len(data)] = data
        return len(data)


def _unpacked(file: BinaryIO, path: Path, meter: _Meter) -> BinaryIO:
    """The bytes of a file in the clear; concatenated frames are one file."""
    suffix = _SHORT.get(path.suffix.lower(), path.suffix.lower())
    stream: Any = file
    if suffix == ".gz":
        stream = gzip.GzipFile(fileobj=file)
    elif suffix == ".bz2":
        stream = bz2.BZ2File(file)
    elif suffix == ".xz":
        stream = _Xz(file)
    elif suffix == ".zst":
        stream = zstd.ZstdFile(file)
    return io.BufferedReader(_Metered(stream, str(path), meter), _BUFFER)


class _Xz:
    """The content of an xz file, one stream after another, in bounded memory, which `lzma.LZMAFile` does not offer."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.decoder: lzma.LZMADecompressor | None = None

    def read(self, size: int) -> bytes:
        """At most so many bytes; none at the end."""
        while True:
            if self.decoder is None or self.decoder.eof:
                start = (self.decoder.unused_data if self.decoder else b"").lstrip(b"\0") or self.file.read(_BUFFER)
                start = start.lstrip(b"\0") if self.decoder else start  # what fills up the space between streams
                if not start:
                    if self.decoder is None:
                        raise EOFError("Compressed file ended before the end-of-stream marker was reached")
                    return b""
                self.decoder = lzma.LZMADecompressor(memlimit=_MOST_WINDOW)
            elif self.decoder.needs_input:
                start = self.file.read(_BUFFER)
                if not start:
                    raise EOFError("Compressed file ended before the end-of-stream marker was reached")
            else:
                start = b""
            data = self.decoder.decompress(start, size)
            if data:
                return data


def _zip_members(archive: zipfile.ZipFile, meter: _Meter, start: int) -> Iterator[Member]:
    for number, entry in enumerate(archive.infolist()):
        if number < start or entry.is_dir():
            continue
        if entry.flag_bits & 1:
            yield Member(number, entry.filename, None, "it is encrypted. Unpack the archive and name its files.")
            continue
        try:
            with _explained(meter.name):
                content = archive.open(entry)
        except UnreadableInputError as error:
            yield Member(number, entry.filename, None, error.problem)
            continue
        with content:
            yield Member(number, entry.filename, io.BufferedReader(_Metered(content, meter.name, meter), _BUFFER))


def _tar_members(stream: BinaryIO, meter: _Meter, start: int) -> Iterator[Member]:
    number = -1
    meter.fence = meter.out + _MOST_HEADERS
    with _explained(meter.name):
        archive = tarfile.open(fileobj=stream, mode="r|")  # noqa: SIM115 - as above
    while (entry := _next(archive, meter.name)) is not None:
        meter.fence = meter.most
        number += 1
        archive.members.clear()  # type: ignore[attr-defined]  # it would keep what it has passed
        content = None
        if entry.isreg() and not entry.issparse():
            content = io.BufferedReader(_Metered(cast("IO[bytes]", archive.extractfile(entry)), meter.name), _BUFFER)
        if number >= start and content is not None:
            yield Member(number, entry.name, content)
        elif number >= start and not entry.isdir():
            yield Member(number, entry.name, None, "it is a link, a device or a file with holes: nothing to read.")
        while content is not None and content.read(_BUFFER):
            pass
        meter.fence = meter.out + _MOST_HEADERS


def _next(archive: tarfile.TarFile, name: str) -> tarfile.TarInfo | None:
    with _explained(name):
        return archive.next()


@contextmanager
def _explained(name: str) -> Iterator[None]:
    try:
        yield
    except _DAMAGED as error:
        if isinstance(error, FileNotFoundError):
            said = "there is no such file."
        elif isinstance(error, PermissionError):
            said = "the file may not be read by this user."
        else:
            said = f"it cannot be unpacked ({str(error).rstrip('.') or type(error).__name__})."
        raise UnreadableInputError(name, said) from None
