"""Look-up of diagnosis codes: what a code is, when it was in force, and which codes may not stand beside it.

The tables are read at the first question and kept. `reasoner.terminology.build` writes `ontology/icd10cm_codes.tsv.gz`,
every code of the release that the package ships, `ontology/icd10cm_excludes1.tsv.gz`, its Excludes1 notes, and
`ontology/icd10cm_classes.tsv`, the mapped codes as classes; `ontology/icd10cm_years.tsv` says how other fiscal years
differ.
"""

import gzip
import re
import zlib
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from itertools import takewhile
from typing import Final, NamedTuple

from rdflib import URIRef

from reasoner.rdf.nodes import interned_iri
from reasoner.resources import data_folder
from reasoner.terminology.release_notes import covers
from reasoner.terminology.release_years import ABSENT, Years, read_years
from reasoner.terms import ICD10CM, PREFIXES

CLASSES_FILE: Final = "icd10cm_classes.tsv"
CODES_FILE: Final = "icd10cm_codes.tsv.gz"
EXCLUDES_FILE: Final = "icd10cm_excludes1.tsv.gz"
YEARS_FILE: Final = "icd10cm_years.tsv"
CATEGORIES: Final = "# categories: "
PART: Final = 2
"""Codes that are alike in so many characters at their beginning are a part of the table of codes."""

_MEMBER: Final = re.compile(rb"\x1f\x8b\x08\x08\0{4}..(\w+)\0", re.DOTALL)  # RFC 1952, 2.3: a member with a name


@dataclass(frozen=True)
class Icd10cmCode:
    """A code of ICD-10-CM; one that is not billable has more detailed codes below it.

    Title and `billable` are those of the release that the package ships; of a code that this release lacks, because it
    was deleted before or is newer, those of the latest known release that has it.
    """

    code: str
    title: str
    billable: bool

    def in_force(self, on: date) -> bool | None:
        """Whether the classification had the code on that day; nothing where the known releases do not tell.

        ICD-10-CM changes on 1 October, in some years on 1 April as well. A heading is in force while it stands there.
        """
        standing = self._on(on)
        return None if standing is None else standing != ABSENT

    def billable_on(self, on: date) -> bool | None:
        """Whether the code could stand on a claim for that day; nothing where the known releases do not tell."""
        standing = self._on(on)
        return None if standing is None else standing == "1"

    @property
    def first_day(self) -> date | None:
        """The day on which the code came into force, where the known releases tell it."""
        return _years().first_day(self._standing)

    @property
    def last_day(self) -> date | None:
        """The last day on which a code was in force that has been deleted, where the known releases tell it."""
        return _years().last_day(self._standing)

    def _on(self, day: date) -> str | None:
        return _years().on(self._standing, day, mapped=self.code in _mapped_codes())

    @property
    def _standing(self) -> str:
        years = _years()
        return years.standing.get(self.code) or str(int(self.billable)) * len(years.releases)


class Excludes1(NamedTuple):
    """What an Excludes1 note keeps from being coded together with the codes at or below `noted_at`.

    `noted_at` is a code or the range of a block or chapter, `excluded` a code or a range of codes (`M50-M54`), each
    with all that lies below it; `excluded` is empty where the note names no code.
    """

    noted_at: str
    excluded: str
    text: str


def icd10cm(code: str) -> Icd10cmCode | None:
    """The code as ICD-10-CM writes it (`M54.16`), or nothing where no release known here has it.

    Ask `Icd10cmCode.in_force` for a day: codes that another known fiscal year has are found as well.
    """
    if not code or "\t" in code:
        return None
    lines = _lines(code[:PART])
    at = bisect_left(lines, code + "\t")
    if at < len(lines) and lines[at].startswith(code + "\t"):
        return _read(lines[at])
    years = _years()
    title = years.titles.get(code)
    return None if title is None else Icd10cmCode(code, title, years.standing[code].rstrip(ABSENT)[-1] == "1")


def children(code: str) -> tuple[Icd10cmCode, ...]:
    """The billable codes below a code, in order; none below a billable or an unknown one."""
    if icd10cm(code) is None:
        return ()
    lines = _lines(code[:PART])
    below = takewhile(lambda line: line.startswith(code), lines[bisect_left(lines, code) :])
    return tuple(found for found in map(_read, below) if found.billable and found.code != code)


@cache
def code_classes() -> Mapping[URIRef, tuple[tuple[URIRef, ...], str]]:
    """The mapped codes as classes, each with the classes directly above it and its label, as in `icd10cm.ttl`.

    The table is a small part of that file, which no determination needs. It is read once, and not to be changed.
    """
    found = {}
    for line in (data_folder("ontology") / CLASSES_FILE).read_text("utf-8").splitlines():
        if not line.startswith("#"):
            code, curies, label = line.split("\t")
            above = tuple(_class(curie) for curie in curies.split(" "))
            found[interned_iri(f"{ICD10CM}{code}")] = (above, label)
    return found


@cache
def _class(curie: str) -> URIRef:
    prefix, _, name = curie.partition(":")
    return interned_iri(PREFIXES[prefix] + name)


@cache
def _mapped_codes() -> frozenset[str]:
    return frozenset(str(cls).removeprefix(str(ICD10CM)) for cls in code_classes())


@cache
def icd10cm_release() -> str:
    """Name and date of the release, and what carried it."""
    heading = zlib.decompressobj(wbits=zlib.MAX_WBITS + 16).decompress(_packed_codes())  # the first member alone
    return heading.decode().removeprefix("# ").partition(":")[0]


@lru_cache(maxsize=4_096)
def standing_since(day: date) -> date:
    """The first day of the time around a day in which each code stands as on that day: one for many days."""
    return _years().since(day)


def known_days() -> tuple[tuple[date, date], ...]:
    """First and last day of each release whose codes are known."""
    return tuple((release.first, release.last) for release in _years().releases)


def every_code() -> Iterator[Icd10cmCode]:
    """Every code of the release that the package ships, headings among them, in order."""
    yield from (_read(line) for part in _parts() for line in _lines(part))


def categories() -> tuple[str, ...]:
    """The codes of three characters, in tabular order."""
    return _categories()


@lru_cache(maxsize=2_048)
def excludes1(code: str) -> tuple[Excludes1, ...]:
    """The Excludes1 notes that apply to a code: its own, then those of the code, blocks and chapter above it."""
    if icd10cm(code) is None:
        return ()
    return tuple(note for place in _places(code) for note in _notes_at(place))


def excludes1_between(one: str, other: str) -> tuple[Excludes1, ...]:
    """The notes that keep two codes apart, in either direction; none where no note does.

    A note says nothing of a code that it excludes itself. Two codes of one category are kept apart only where a note
    of theirs names one of them.
    """
    places = _order()
    found = [
        note
        for here, there in ((one, other), (other, one))
        for note in excludes1(here)
        if note.excluded and covers(note.excluded, there, places) and not covers(note.excluded, here, places)
    ]
    return tuple(dict.fromkeys(found))


def _places(code: str) -> Iterator[str]:
    """Where notes may stand that a code inherits, nearest first: itself, the codes above, narrow ranges, wide ones."""
    notes, places = _notes(), _order()
    for length in range(len(code), 2, -1):
        if code[:length] in notes:
            yield code[:length]
    yield from (place for place in _ranges() if covers(place, code, places))


@cache
def _ranges() -> tuple[str, ...]:
    places = _order()
    ends = {place: place.split("-") for place in _notes() if "-" in place}
    return tuple(sorted(ends, key=lambda place: places.get(ends[place][1], 0) - places.get(ends[place][0], 0)))


@cache
def _notes_at(place: str) -> tuple[Excludes1, ...]:
    rows = (row.split("\t") for row in _notes()[place])
    return tuple(Excludes1(place, code, text) for excluded, text in rows for code in excluded.split("|"))


@cache
def _notes() -> Mapping[str, list[str]]:
    """What the notes at each place exclude, and their texts."""
    found: dict[str, list[str]] = {}
    for line in _excludes_lines():
        if not line.startswith("#"):
            noted_at, _, rest = line.partition("\t")
            found.setdefault(noted_at, []).append(rest)
    return found


@cache
def _order() -> Mapping[str, int]:
    """The place of each category in the tabular order."""
    return {category: place for place, category in enumerate(_categories())}


@cache
def _categories() -> tuple[str, ...]:
    """Categories in tabular order, in which `C4A` stands between `C43` and `C44`."""
    return tuple(next(line for line in _excludes_lines() if line.startswith(CATEGORIES))[len(CATEGORIES) :].split())


@cache
def _excludes_lines() -> list[str]:
    return gzip.decompress((data_folder("ontology") / EXCLUDES_FILE).read_bytes()).decode().splitlines()


def _lines(part: str) -> list[str]:
    """The lines of the codes that begin alike; none where there is no such code."""
    return _unpacked(part) if part in _parts() else []


@lru_cache(maxsize=64)
def _unpacked(part: str) -> list[str]:
    # Sorted, and a code is the prefix of every code below it, so that the codes below it follow it.
    return gzip.decompress(_packed_codes()[_parts()[part]]).decode().splitlines()


@cache
def _parts() -> dict[str, slice]:
    """Where the codes that begin alike stand in the packed table, by what they begin with, in order."""
    members = list(_MEMBER.finditer(_packed_codes()))
    ends = [*(member.start() for member in members[1:]), len(_packed_codes())]
    return {member[1].decode(): slice(member.start(), end) for member, end in zip(members, ends, strict=True)}


@cache
def _packed_codes() -> bytes:
    return (data_folder("ontology") / CODES_FILE).read_bytes()


@cache
def _years() -> Years:
    return read_years((data_folder("ontology") / YEARS_FILE).read_text("utf-8"))


def _read(line: str) -> Icd10cmCode:
    code, billable, title = line.split("\t")
    return Icd10cmCode(code, title, billable == "1")
