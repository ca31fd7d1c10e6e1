"""What a batch remembers while it runs: how far the input has been taken and the results are written.

The journal is a database of SQLite beside the unfinished results. What is written after it was last saved does not
count and is written again. The folder of both belongs to one run at a time, until it is gone: the system takes the lock
from a run that was killed, so that none is ever left behind.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from reasoner.batch.case_streams import Place
from reasoner.batch.inputs import Cursor
from reasoner.errors import UsageError

if sys.platform != "win32":
    import fcntl

NAME: Final = "journal.sqlite"
_TIMES: Final = 100  # that a folder may be gone again when it is taken: whoever had it has just ended


@dataclass
class State:
    """How far a batch has come: where in the input, cases, bytes of results, what they are, and whether that is all."""

    cursor: Cursor = field(default_factory=Cursor)
    cases: int = 0
    length: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    editions: set[str] = field(default_factory=set)
    finished: bool = False


class Journal:
    """The journal of one unfinished batch."""

    def __init__(self, folder: Path, results: Path) -> None:
        """Open or begin the journal in a folder.

        Raises:
            UsageError: Another run has it open, or it cannot be written.
        """
        self._results = results
        self._folder = folder
        self._lock: int | None = None
        try:
            self._take(folder)
            self._database = sqlite3.connect(folder / NAME, timeout=0, isolation_level=None)
            self._database.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._database.execute("PRAGMA synchronous=FULL")
            self._database.execute("BEGIN EXCLUSIVE")
            self._database.execute("CREATE TABLE IF NOT EXISTS said (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
            self._database.execute(
                "CREATE TABLE IF NOT EXISTS graph (name BLOB PRIMARY KEY, piece INTEGER NOT NULL) WITHOUT ROWID"
            )
        except (sqlite3.Error, OSError) as error:
            self._let_go()
            raise self._error(error) from error

    def _take(self, folder: Path) -> None:
        """Make the folder as needed and lock it, where the system has locks; SQLite locks the journal besides."""
        for _ in range(_TIMES):
            folder.mkdir(parents=True, exist_ok=True)
            if sys.platform == "win32":
                return
            with suppress(FileNotFoundError):
                self._lock = os.open(folder, os.O_RDONLY)
                try:
                    fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise
                except OSError:
                    return  # a file system without such locks
                if os.path.samestat(os.fstat(self._lock), folder.stat()):
                    return
            self._let_go()
        raise BlockingIOError

    def _let_go(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def identity(self) -> dict[str, Any] | None:
        """What the run that began the journal was to do."""
        found: dict[str, Any] | None = self._read("identity")
        return found

    def begin(self, identity: Mapping[str, Any]) -> None:
        """Forget everything and begin anew."""
        try:
            self._database.execute("DELETE FROM said")
            self._database.execute("DELETE FROM graph")
            self._write("identity", identity)
        except sqlite3.Error as error:
            raise self._error(error) from error

    def state(self) -> State:
        """How far the batch had come when the journal was last saved."""
        found = self._read("state")
        if found is None:
            return State()
        cursor = found["cursor"]
        place = Place(**{**cursor["place"], "header": cursor["place"]["header"].encode("utf-8", "surrogateescape")})
        return State(
            Cursor(**{**cursor, "place": place}),
            found["cases"],
            found["length"],
            Counter(found["counts"]),
            set(found["editions"]),
            found["finished"],
        )

    def save(self, state: State) -> None:
        """Make it last that the batch has come so far; the results up to there must have been made to last before.

        Raises:
            UsageError: It cannot be written.
        """
        cursor = asdict(state.cursor)
        cursor["place"]["header"] = state.cursor.place.header.decode("utf-8", "surrogateescape")
        said = {
            "cursor": cursor,
            "cases": state.cases,
            "length": state.length,
            "counts": dict(state.counts),
            "editions": sorted(state.editions),
            "finished": state.finished,
        }
        try:
            self._write("state", said)
            self._database.execute("COMMIT")
            self._database.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            raise self._error(error) from error

    def torn(self, graph: bytes, piece: int) -> bool:
        """Whether a graph of that name was met in an earlier piece of the same file.

        What the journal knows of this piece and later ones is from before it was interrupted.
        """
        name = hashlib.sha256(graph).digest()[:16]
        try:
            added = self._database.execute(
                "INSERT INTO graph VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET piece = excluded.piece "
                "WHERE piece >= excluded.piece",
                (name, piece),
            )
        except sqlite3.Error as error:
            raise self._error(error) from error
        return added.rowcount == 0

    def close(self, *, remove: bool = False) -> None:
        """Let others have it; what was not saved is forgotten.

        The folder goes with it if `remove` says so, or where nothing was ever saved.
        """
        remove = remove or self._holds_nothing()
        with suppress(sqlite3.Error):
            self._database.execute("ROLLBACK")
        with suppress(sqlite3.Error):
            self._database.close()
        if remove:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._let_go()

    def _holds_nothing(self) -> bool:
        """Whether nothing was ever saved; False also where that cannot be found out."""
        with suppress(sqlite3.Error, ValueError):
            return not self.state().cases
        return False

    def _read(self, name: str) -> Any:
        row = self._database.execute("SELECT value FROM said WHERE name = ?", (name,)).fetchone()
        return None if row is None else json.loads(row[0])

    def _write(self, name: str, value: Mapping[str, Any]) -> None:
        self._database.execute("INSERT OR REPLACE INTO said VALUES (?, ?)", (name, json.dumps(value)))

    def _error(self, error: Exception) -> UsageError:
        locked = isinstance(error, sqlite3.OperationalError) and "locked" in str(error)
        if locked or isinstance(error, BlockingIOError):
            return UsageError(f"{self._results} is being written by another run. Wait for it, or choose another place.")
        said = error.strerror if isinstance(error, OSError) and error.strerror else error
        return UsageError(
            f"{self._results} cannot be written: {said}. What has been determined is kept; see to it and run the same "
            "command again."
        )
