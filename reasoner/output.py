"""Files that are whole or not there at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from reasoner.errors import UsageError


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file so that no reader ever meets half of it; folders are made as needed.

    Raises:
        UsageError: The file cannot be written; nothing is left behind.
    """
    with whole_file(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write into, which takes its place when all is written.

    Raises:
        UsageError: It cannot be written; nothing is left behind.
    """
    name = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, delete=False, prefix=".edx-") as file:
            name = file.name
            yield file
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)
        Path(name).replace(path)
    except BaseException as error:
        if name:
            Path(name).unlink(missing_ok=True)
        if isinstance(error, OSError):
            said = error.strerror or error
            raise UsageError(f"{path} cannot be written: {said}. Choose another place with -o.") from error
        raise
