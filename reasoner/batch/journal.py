"""What a batch remembers while it runs: how far the input has been taken and the results are written.

The journal is a database of SQLite beside the unfinished results. What is written after it was last saved does not
count and is written again; it belongs to one run at a time.
"""

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from reasoner.batch.case_streams import Place
from reasoner.batch.inputs import Cursor
from reasoner.errors import UsageError

NAME = "journal.sqlite"


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
        self._path = folder / NAME
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(self._path, timeout=0, isolation_level=None)
            self._database.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._database.execute("PRAGMA synchronous=FULL")
            self._database.execute("BEGIN EXCLUSIVE")
            self._database.execute("CREATE TABLE IF NOT EXISTS said (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
            self._database.execute(
                "CREATE TABLE IF NOT EXISTS graph (name BLOB PRIMARY KEY, piece INTEGER NOT NULL) WITHOUT ROWID"
            )
        except (sqlite3.Error, OSError) as error:
            raise self._error(error) from error

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
        """Let others have it; what was not saved is forgotten."""
        if remove:
            with suppress(OSError):
                self._path.unlink()
        with suppress(sqlite3.Error):
            self._database.execute("ROLLBACK")
        self._database.close()

    def _read(self, name: str) -> Any:
        row = self._database.execute("SELECT value FROM said WHERE name = ?", (name,)).fetchone()
        return None if row is None else json.loads(row[0])

    def _write(self, name: str, value: Mapping[str, Any]) -> None:
        self._database.execute("INSERT OR REPLACE INTO said VALUES (?, ?)", (name, json.dumps(value)))

    def _error(self, error: Exception) -> UsageError:
        if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
            return UsageError(f"{self._results} is being written by another run. Wait for it, or choose another place.")
        return UsageError(f"{self._results} cannot be written: {error}.")
