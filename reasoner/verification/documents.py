"""Files that hold reports: which kind a file is of, and what every kind can be asked for."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from reasoner.errors import UnreadableProofError
from reasoner.rdf.syntax import EXTENSIONS
from reasoner.verification.claims import Group, Statement
from reasoner.verification.datasets import read_dataset
from reasoner.verification.json_documents import read_json, read_lines

_LINES = frozenset({".jsonl", ".ndjson"})


class Document(Protocol):
    """A file with reports: an RDF dataset, or documents of JSON."""

    name: str
    canonicalization: str
    refusals: int
    """How many cases were refused, so that nothing is to be replayed for them."""

    @property
    def reports(self) -> int:
        """How many reports there are."""
        ...

    @property
    def digest(self) -> str:
        """The digest of the whole file: of its dataset, or of its documents."""
        ...

    @property
    def strange(self) -> Sequence[str]:
        """The graphs that are neither a report nor a case nor the words of a policy."""
        ...

    def groups(self) -> Iterator[Group]:
        """The reports with their statements, those of one graph or one document together."""
        ...

    def words(self) -> Iterator[tuple[str, frozenset[Statement]]]:
        """The policies' own words that stand once for all reports, by the IRI of the edition."""
        ...

    def cases(self) -> bytes:
        """The cases that stand in the file, as N-Quads."""
        ...


def read_document(path: Path, name: str | None = None) -> Document:
    """Read a file of reports: any RDF syntax, a report in JSON, or lines of such reports.

    Raises:
        UnreadableProofError: The file cannot be read, or holds no report.
    """
    name = name or str(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableProofError(name, f"the file cannot be read ({error.strerror or error}).") from None
    extension = path.suffix.lower()
    if extension in _LINES:
        return read_lines(data, name)
    found = read_json(data, name) if extension in {".json", ".jsonld"} else None
    return found or read_dataset(data, name, EXTENSIONS.get(extension))
