"""Where a batch puts its results: one file, or a folder with a file for each determination.

Until everything is there the results stand in a folder of their own, beside the journal; then they take their place at
once. A folder of reports fills as the batch goes on, each file whole.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Protocol

import orjson

from reasoner.batch.forms import Made, with_positions
from reasoner.batch.rows import arrow_schema
from reasoner.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_IN_A_GROUP: Final = 4096
"""So many rows stand in each row group of a Parquet file, whatever the tasks were."""
_REPORT: Final = re.compile(r"\d{7,}-[0-9a-f]{12}(-[\w-]+)?\.\w+")
REFUSED: Final = "refused.jsonl"
"""In a folder of reports, the rows of the cases without one."""


class Output(Protocol):
    """Takes results in their order."""

    results: Path
    """Where the results will be."""
    unfinished: Path
    """The folder of what is not whole yet."""

    def forget(self) -> None:
        """Remove what an interrupted run has already put into its place."""
        ...

    def go_on(self, length: int, *, anew: bool) -> None:
        """Begin, or drop all that was written after so many bytes."""
        ...

    def write(self, made: Made, before: int) -> int:
        """Take the results of some cases, so many of which came before; gives the bytes written by now."""
        ...

    def last(self) -> None:
        """See to it that what was written outlasts a loss of power."""
        ...

    def complete(self, descriptions: bytes) -> None:
        """Make everything ready to take its place."""
        ...

    def take_place(self) -> int:
        """Put the results where they belong; may be done again if it was interrupted.

        Gives the number of results of other runs that stand in the same place, and are left there.
        """
        ...

    def close(self) -> None:
        """Let go of what is open."""
        ...


def output_for(results: Path, form: str, *, folder: bool) -> Output:
    """The output for a form, see `reasoner.batch.forms`.

    Raises:
        UsageError: Parquet was asked for, and pyarrow is not installed.
    """
    if folder:
        return _Folder(results)
    return _Table(results) if form == "parquet" else _OneFile(results)


@contextmanager
def written(results: Path) -> Iterator[None]:
    """Errors of writing in words."""
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"{results} cannot be written: {error.strerror or error}. What has been determined is kept; see to it and "
            "run the same command again."
        ) from error


class _OneFile:
    """Results one after another."""

    def __init__(self, results: Path) -> None:
        self.results = results
        self.unfinished = results.with_name(results.name + ".unfinished")
        self.whole = self.unfinished / "results"
        self.data = self.whole
        self._file: BinaryIO | None = None

    def forget(self) -> None:
        pass

    def go_on(self, length: int, *, anew: bool) -> None:  # noqa: ARG002 - the length says it all
        with written(self.results):
            self.unfinished.mkdir(parents=True, exist_ok=True)
            self._file = self.data.open("r+b" if length else "wb")
            self._file.truncate(length)
            self._file.seek(length)

    def write(self, made: Made, before: int) -> int:
        return self._write(with_positions(made.data, before))

    def _write(self, data: bytes) -> int:
        assert self._file is not None  # go_on has run
        with written(self.results):
            self._file.write(data)
            return self._file.tell()

    def last(self) -> None:
        assert self._file is not None  # go_on has run
        with written(self.results):
            self._file.flush()
            os.fsync(self._file.fileno())

    def complete(self, descriptions: bytes) -> None:
        self._write(descriptions)
        self.last()
        self.close()

    def take_place(self) -> int:
        with written(self.results):
            if self.whole.exists():
                self.whole.replace(self.results)
                _make_last(self.results.parent)
        return 0

    def close(self) -> None:
        if self._file is not None:
            with suppress(OSError):
                self._file.close()


class _Table(_OneFile):
    """Rows as lines of JSON, which become a Parquet file in the end: only then is there need of pyarrow."""

    def __init__(self, results: Path) -> None:
        if find_spec("pyarrow") is None:
            raise UsageError(
                f"{results}: writing Parquet needs pyarrow. Install edx-reasoner[batch], or write a .jsonl file."
            )
        super().__init__(results)
        self.data = self.unfinished / "rows.jsonl"

    def complete(self, descriptions: bytes) -> None:  # noqa: ARG002 - rows need none
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.last()
        self.close()
        schema = arrow_schema()
        with written(self.results), self.data.open("rb") as lines:
            with pq.ParquetWriter(self.whole, schema, compression="zstd") as writer:
                while records := [orjson.loads(line) for line in islice(lines, ROWS_IN_A_GROUP)]:
                    columns = [_column([record[field.name] for record in records], field.type) for field in schema]
                    writer.write_table(pa.Table.from_arrays(columns, schema=schema))
            with self.whole.open("rb") as file:
                os.fsync(file.fileno())


def _column(values: list[Any], kind: "pa.DataType") -> "pa.Array":
    import pyarrow as pa

    return pa.array(values).cast(kind) if pa.types.is_date(kind) else pa.array(values, kind)


class _Folder(_OneFile):
    """A file for each determination, and one with the rows of what has none."""

    def __init__(self, results: Path) -> None:
        super().__init__(results)
        self.unfinished = results / ".unfinished"
        self.whole = self.data = self.unfinished / REFUSED
        self._names = self.unfinished / "names"

    def forget(self) -> None:
        with written(self.results):
            for path in self.results.iterdir():
                if _REPORT.fullmatch(path.name):
                    path.unlink()

    def go_on(self, length: int, *, anew: bool) -> None:
        super().go_on(length, anew=anew)
        if anew:
            self._names.unlink(missing_ok=True)

    def write(self, made: Made, before: int) -> int:
        part = self.unfinished / "part"
        named = [(f"{before + number:07d}-{name}", content) for number, name, content in made.files]
        with written(self.results):
            with self._names.open("a", encoding="utf-8") as names:
                names.writelines(f"{name}\n" for name, _ in named)
            for name, content in named:
                part.write_bytes(content)
                part.replace(self.results / name)
        return super().write(made, before)

    def last(self) -> None:
        super().last()
        os.sync()  # one for all of the files: thousands may have been written since

    def take_place(self) -> int:
        with written(self.results):
            if self.whole.exists() and self.whole.stat().st_size:
                self.whole.replace(self.results / REFUSED)
            elif self.whole.exists():
                (self.results / REFUSED).unlink(missing_ok=True)
                self.whole.unlink()
            _make_last(self.results)
            own = set(self._names.read_text("utf-8").splitlines()) if self._names.exists() else set()
            return sum(bool(_REPORT.fullmatch(p.name)) and p.name not in own for p in self.results.iterdir())


def _make_last(folder: Path) -> None:
    """See to it that the names in a folder outlast a loss of power, where a folder can be opened."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
