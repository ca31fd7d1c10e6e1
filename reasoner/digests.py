"""Digests of what a determination rests on beside the case: the edition, the shapes, the ontology, the terminology.

RDF is told by the SHA-256 of its canonical N-Quads (RDFC-1.0, W3C Recommendation of 2024-05-21), so that comments and
layout do not count. Canonicalizing takes longer than a determination does. Hence the digests of the shipped files are
kept in `digests.json` beside the SHA-256 of their bytes: where the bytes are not those, the digest is made anew.
`python -m reasoner.terminology.digests_build` writes that file; a test makes every digest anew and compares.
"""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import pyoxigraph as ox

from reasoner.resources import data_folder

KEPT: Final = Path(__file__).parent / "digests.json"
"""The digests of the shipped files, each with the SHA-256 of the bytes that it belongs to."""
SHAPES: Final = "shapes"
ONTOLOGY: Final = "ontology"
TERMINOLOGY: Final = "terminology"
_FOLDERS: Final = ("ontology", "shapes")
_READ: Final = frozenset({".ttl", ".tsv", ".gz", ".jsonld"})
_OF_TERMINOLOGY: Final = frozenset({"icd10cm.ttl", "procedure.ttl"})
_SHARED: Final = ("shapes/components.ttl", "shapes/intake/", "shapes/statements/")


class Digests(NamedTuple):
    """SHA-256 in hexadecimal of what an edition is applied with.

    `edition` is that of the edition's own statements, `shapes` that of the intake shapes, statement shapes and
    components, `ontology` that of the ontology without the files that are generated from code lists; all three of
    canonical N-Quads. `terminology` is that of the listing of those files and of the tables beside them, codes and
    mappings, each with its digest and its name, as `sha256sum` prints it.
    """

    edition: str
    shapes: str
    ontology: str
    terminology: str


@dataclass(frozen=True)
class Source:
    """A file of the knowledge: its place in the package, and the SHA-256 of its bytes."""

    name: str
    path: Path
    digest: str


def sources(further: Iterable[Path] = ()) -> tuple[Source, ...]:
    """Every file that the package reads, by name, and then further editions by their number."""
    found: dict[str, Path] = {}
    for folder in _FOLDERS:
        top = data_folder(folder)
        found |= {f"{folder}/{p.relative_to(top).as_posix()}": p for p in top.rglob("*") if p.suffix in _READ}
    named = [*sorted(found.items()), *((f"further/{n}", path) for n, path in enumerate(further, 1))]
    return tuple([Source(name, path, hashlib.sha256(path.read_bytes()).hexdigest()) for name, path in named])


def digest_of_all(files: Iterable[Source]) -> str:
    """The digest of files by their bytes: SHA-256 of the listing that `sha256sum` prints of them."""
    return _of_listing((file.digest, file.name) for file in files)


def canonical_digest(quads: Iterable[ox.Quad]) -> str:
    """The SHA-256 of the canonical N-Quads of a dataset, in hexadecimal. For graphs of ours: it knows no limit.

    Raises:
        ValueError: There is no statement.
    """
    return hashlib.sha256(canonical_nquads(quads)).hexdigest()


def canonical_nquads(quads: Iterable[ox.Quad]) -> bytes:
    """The canonical N-Quads of a dataset: a line for each statement, in the order of code points."""
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    written = ox.serialize(dataset, format=ox.RdfFormat.N_QUADS)
    assert written is not None  # it is None only where the output goes to a file
    return b"".join(sorted(written.splitlines(keepends=True)))


class SourceDigests:
    """The digests of the files that some knowledge was read from, each made when it is first asked for."""

    def __init__(self, files: Sequence[Source], kept: Mapping[str, Mapping[str, str]] | None = None) -> None:
        """Take the files, and digests to go by where the bytes of a part are those that they were made of."""
        self._files = files
        self._kept = kept
        self._found: dict[str, str] = {}
        self._anew: SourceDigests | None = None

    def of_edition(self, path: Path) -> Digests:
        """The digests for the edition that was read from a file."""
        name = next(file.name for file in self._files if file.path == path)
        return Digests(*map(self.of_part, (name, SHAPES, ONTOLOGY, TERMINOLOGY)))

    def of_part(self, part: str) -> str:
        """The digest of a part of the knowledge: an edition by the name of its file, or one of the parts they share."""
        found = self._found.get(part)
        if found is None:
            files = [file for file in self._files if part_of(file.name) == part]
            kept = (_kept() if self._kept is None else self._kept).get(part, {})
            known = kept.get("sha256") == digest_of_all(files)
            found = self._found[part] = kept["digest"] if known else _digest(part, files)
        return found

    def anew(self) -> "SourceDigests":
        """The same files, with every digest made from what stands in them and none taken from `KEPT`."""
        if self._anew is None:
            self._anew = SourceDigests(self._files, {})
        return self._anew

    def kept(self) -> dict[str, dict[str, str]]:
        """Every part with the digest of its bytes and its own, made anew."""
        found = {}
        for part in sorted({part for file in self._files if (part := part_of(file.name))}):
            files = [file for file in self._files if part_of(file.name) == part]
            found[part] = {"sha256": digest_of_all(files), "digest": _digest(part, files)}
        return found


def part_of(name: str) -> str | None:
    """The part of the knowledge that a file belongs to; nothing for what no determination rests on."""
    if name.startswith(("shapes/policies/", "further/")):
        return name if not name.startswith("shapes/") or name.endswith(".ttl") else None
    if name.startswith(_SHARED):
        return SHAPES
    folder, _, rest = name.partition("/")
    if folder != "ontology":
        return None
    if rest.endswith(".ttl"):
        return TERMINOLOGY if rest in _OF_TERMINOLOGY else ONTOLOGY
    return TERMINOLOGY if rest.endswith((".tsv", ".gz")) else None


def _digest(part: str, files: Sequence[Source]) -> str:
    if part == TERMINOLOGY:
        return _of_listing((_of_content(file.path), file.name) for file in files)
    return canonical_digest(quad for file in files for quad in _quads(file.path))


def _of_content(path: Path) -> str:
    """The digest of a file by what it says: RDF by its canonical form, a table by its bytes, not compressed."""
    if path.suffix == ".ttl":
        return canonical_digest(_quads(path))
    data = path.read_bytes()
    if path.suffix == ".gz":
        with suppress(OSError, EOFError, zlib.error):  # what is damaged is told by its bytes
            data = gzip.decompress(data)
    return hashlib.sha256(data).hexdigest()


def _quads(path: Path) -> Iterable[ox.Quad]:
    return ox.parse(path=path, format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)


def _of_listing(lines: Iterable[tuple[str, str]]) -> str:
    return hashlib.sha256("".join([f"{digest}  {name}\n" for digest, name in lines]).encode()).hexdigest()


@cache
def _kept() -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = json.loads(KEPT.read_bytes()) if KEPT.is_file() else {}
    return found
