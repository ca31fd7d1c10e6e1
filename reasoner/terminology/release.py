"""One release of ICD-10-CM: its codes, its Excludes1 notes, and the days on which it is in force.

A fiscal year runs from 1 October to 30 September and bears the number of the year it ends in; a release within it
(April, formerly January as well) replaces the one of October from its own first day on. Readers for what the
publishers give out are in `reasoner.terminology.release_files` and `reasoner.terminology.release_tabular`.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from reasoner.errors import UnreadableReleaseError

CODE: Final = re.compile(r"[A-Z][0-9A-Z]{2}(?:\.[0-9A-Z]{1,4})?")
"""A code as ICD-10-CM writes it; a category may hold letters in its second and third place (`C4A`, `QA0`)."""

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATED: Final = re.compile(r"(?:(?<![a-z])([a-z]{3,9})[-_ ]?(?:\d{1,2}[-_ ])?)?(20\d\d)(?!\d)", re.IGNORECASE)


@dataclass(frozen=True)
class ReleaseCode:
    """A code of a release; one that is not billable is a heading of more detailed codes. `parent` is the code above."""

    title: str
    billable: bool
    parent: str | None


@dataclass(frozen=True)
class ExcludesNote:
    """One line of an Excludes1 note: what may not be coded together with what stands under `noted_at`.

    `noted_at` is a code, or the range of a block or chapter (`M50-M54`). `excluded` holds codes, each of which speaks
    of everything below it, and ranges of codes; it is empty where the line names what it excludes in words only.
    """

    noted_at: str
    excluded: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Release:
    """The codes of a release by code, sorted; `categories` in tabular order (`C4A` stands between `C43` and `C44`).

    A file of billable codes alone has no headings, and only the tabular list has notes.
    """

    name: str
    fiscal_year: int
    in_force_from: date
    in_force_to: date
    codes: Mapping[str, ReleaseCode]
    notes: tuple[ExcludesNote, ...] = ()
    categories: tuple[str, ...] = ()

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The place of each category in the order."""
        return {category: place for place, category in enumerate(self.categories)}

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self.codes)

    def below(self, root: str) -> Iterator[str]:
        """The code itself, if the release has it, and every code below it, in order: a code begins with those above."""
        ordered = self._sorted
        for code in ordered[bisect_left(ordered, root) :]:
            if not code.startswith(root):
                return
            yield code

    @property
    def billable(self) -> frozenset[str]:
        """The codes that may stand on a claim."""
        return frozenset(code for code, entry in self.codes.items() if entry.billable)


def dotted(plain: str) -> str:
    """The code with the point after its third character: `M5416` as `M54.16`; one that has it already is kept."""
    return plain if len(plain) <= 3 or "." in plain else f"{plain[:3]}.{plain[3:]}"


def with_parents(entries: Mapping[str, tuple[str, bool]]) -> dict[str, ReleaseCode]:
    """Codes with title and mark, each with the longest other code that it begins with as the one above it."""
    found = {}
    for code in sorted(entries):
        shorter = (code[:length].rstrip(".") for length in range(len(code) - 1, 2, -1))
        title, billable = entries[code]
        found[code] = ReleaseCode(title, billable, next((above for above in shorter if above in entries), None))
    return found


def in_force(name: str) -> tuple[int, date, date]:
    """Fiscal year, first and last day of a release, read off the name of its file.

    `icd10cm-order-2027.txt` is the release of October 2026; `icd10cm-tabular-April-1-2026.xml` that of 2026-04-01.

    Raises:
        UnreadableReleaseError: The name holds no year.
    """
    matches = list(_DATED.finditer(name))
    if not matches:
        raise UnreadableReleaseError(
            name, None, "the name must hold the year, as in icd10cm-order-2027.txt or icd10cm-order-April-2027.txt."
        )
    word, year = (matches[-1][1] or "").lower()[:3], int(matches[-1][2])
    month = _MONTHS.index(word) + 1 if word in _MONTHS else None
    if month is None:
        return year, date(year - 1, 10, 1), date(year, 9, 30)
    fiscal_year = year + 1 if month >= 10 else year
    return fiscal_year, date(year, month, 1), date(fiscal_year, 9, 30)


def release_name(fiscal_year: int, first_day: date) -> str:
    """What a release is called here."""
    return f"ICD-10-CM FY{fiscal_year}, release of {first_day}"
