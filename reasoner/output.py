"""Files that are whole or not there at all."""

import os
import tempfile
from pathlib import Path

from reasoner.errors import UsageError


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file so that no reader ever meets half of it; folders are made as needed.

    Raises:
        UsageError: The file cannot be written; nothing is left behind.
    """
    name = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, delete=False, prefix=".edx-") as file:
            name = file.name
            file.write(content.encode() if isinstance(content, str) else content)
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)
        Path(name).replace(path)
    except OSError as error:
        if name:
            Path(name).unlink(missing_ok=True)
        raise UsageError(f"{path} cannot be written: {error.strerror}. Choose another place with -o.") from error
