"""Which code of ICD-10-CM was in force when: `ontology/icd10cm_years.tsv`, the codes that the known years differ in.

For each code the table gives its standing in each known release: billable (1), heading (0) or absent (-). A code that
the table lacks stands in all of them as in the release that the package ships. Between two known releases a day is
answered where both agree: no code has left ICD-10-CM and come back later. Of a year whose list is not at hand it may be
known that it deletes none of the mapped codes: they then stand as in the last known release before it. The table was
made by `years_of` from the releases that its header names, with where each was found. The build keeps it, and adds the
release that it is given.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Final

from reasoner.terminology.release import Release, ReleaseCode

ABSENT: Final = "-"
_COLUMNS: Final = "code\tstanding\ttitle"
_PREAMBLE: Final = (
    "Codes of ICD-10-CM whose standing differs between the known releases. A work of the United States government.",
    "Standing: a character for each release below, in their order: 1 billable, 0 a heading, - absent. A code that is",
    "not listed stands as in the shipped one. `python -m reasoner.terminology.build` adds a release given to it.",
    "Of a release: name, first day, last day, shipped or other, where it was found. A year whose list is not at hand,",
    "but which is known to delete none of the codes that the mapping set names, stands as unchanged.",
)


@dataclass(frozen=True)
class KnownRelease:
    """A release whose codes are known, with the days for which it answers and where it was found."""

    name: str
    first: date
    last: date
    found: str


@dataclass(frozen=True)
class Years:
    """The known releases in order of time; `standing` has one character for each, `titles` those of absent codes.

    `unchanged` are later years of which only this is known: they delete no mapped code.
    """

    releases: tuple[KnownRelease, ...]
    shipped: int
    standing: Mapping[str, str]
    titles: Mapping[str, str]
    unchanged: tuple[KnownRelease, ...] = ()

    def on(self, standing: str, day: date, *, mapped: bool) -> str | None:
        """The standing on a day of a code, mapped or not; nothing where the known releases do not tell."""
        for number, release in enumerate(self.releases):
            if release.first <= day <= release.last:
                return standing[number]
            if day < release.first:
                same = number > 0 and standing[number - 1] == standing[number]
                return standing[number] if same else None
        gone = standing[-1] == ABSENT
        unchanged = mapped and any(year.first <= day <= year.last for year in self.unchanged)
        return standing[-1] if gone or unchanged else None

    @cached_property
    def turns(self) -> tuple[date, ...]:
        """The days on which a release begins, or is over."""
        known = (*self.releases, *self.unchanged)
        over = {year.last + timedelta(days=1) for year in known if year.last < date.max}
        return tuple(sorted({year.first for year in known} | over))

    def since(self, day: date) -> date:
        """The first day of the time around a day in which each code stands as on that day."""
        place = bisect_right(self.turns, day)
        return self.turns[place - 1] if place else date.min

    def first_day(self, standing: str) -> date | None:
        """The first day in force, where it is known: the release before lacks the code and ends the day before."""
        for number in range(1, len(self.releases)):
            if standing[number - 1] == ABSENT != standing[number]:
                day = self.releases[number].first
                return day if self.releases[number - 1].last == day - timedelta(days=1) else None
        return None

    def last_day(self, standing: str) -> date | None:
        """The last day in force, where it is known: the release after lacks the code and begins on the next day."""
        for number in range(1, len(self.releases)):
            if standing[number - 1] != ABSENT == standing[number]:
                day = self.releases[number - 1].last
                return day if self.releases[number].first == day + timedelta(days=1) else None
        return None


def read_years(text: str) -> Years:
    """The table.

    Raises:
        ValueError: A line is not as `years_text` writes it.
    """
    lines = text.splitlines()
    releases: list[KnownRelease] = []
    unchanged: list[KnownRelease] = []
    shipped = -1
    for line in lines:
        if line.startswith("# unchanged\t"):
            _, name, first, last, found = line.split("\t")
            unchanged.append(KnownRelease(name, date.fromisoformat(first), date.fromisoformat(last), found))
        if line.startswith("# release\t"):
            _, name, first, last, mark, found = line.split("\t")
            if mark == "shipped":
                shipped = len(releases)
            releases.append(KnownRelease(name, date.fromisoformat(first), date.fromisoformat(last), found))
    rows = [line for line in lines if not line.startswith("#")]
    if not releases or shipped < 0 or not rows or rows[0] != _COLUMNS:
        raise ValueError(f"icd10cm_years.tsv: expected lines '# release', one of them shipped, and then {_COLUMNS!r}.")
    standing: dict[str, str] = {}
    titles: dict[str, str] = {}
    for row in rows[1:]:
        code, marks, title = row.split("\t")
        if len(marks) != len(releases) or set(marks) - set("01-"):
            raise ValueError(
                f"icd10cm_years.tsv: expected one of 0, 1 and - for each of {len(releases)} releases in: {row}"
            )
        standing[code] = marks
        if title:
            titles[code] = title
    return Years(tuple(releases), shipped, standing, titles, tuple(unchanged))


def years_of(known: Sequence[tuple[KnownRelease, Release]], shipped: int) -> Years:
    """The table of some releases in order of time, one of which the package ships."""
    standing: dict[str, str] = {}
    titles: dict[str, str] = {}
    for code in sorted(set().union(*(release.codes for _, release in known))):
        entries = [release.codes.get(code) for _, release in known]
        marks = "".join(map(_mark, entries))
        if len(set(marks)) > 1:
            standing[code] = marks
        if entries[shipped] is None:
            titles[code] = next(entry.title for entry in reversed(entries) if entry)
    return Years(tuple(found for found, _ in known), shipped, standing, titles)


def taken_over(years: Years, shipped: Mapping[str, ReleaseCode], release: Release, found: str) -> Years:
    """The table when the package ships another release from now on.

    Args:
        years: The table as it stands.
        shipped: The codes that the package ships so far.
        release: What it is to ship. If it begins within the days of a known release, it takes that place; else it is
            one more, for the days from its first on, until the next known one begins.
        found: Where the release was found, if it is one more.
    """
    first = release.in_force_from
    place = next((n for n, known in enumerate(years.releases) if known.first <= first <= known.last), None)
    new = place is None
    if place is None:
        place = sum(known.first < first for known in years.releases)
    following = years.releases[place:] if new else ()
    last = min([release.in_force_to, *(known.first - timedelta(days=1) for known in following)])
    own = KnownRelease(f"FY{release.fiscal_year}", first, last, found) if new else years.releases[place]
    after = place if new else place + 1
    standing: dict[str, str] = {}
    titles: dict[str, str] = {}
    for code in sorted({*years.standing, *shipped, *release.codes}):
        before = years.standing.get(code, _mark(shipped.get(code)) * len(years.releases))
        marks = before[:place] + _mark(release.codes.get(code)) + before[after:]
        if len(set(marks)) > 1:
            standing[code] = marks
            if code not in release.codes:
                titles[code] = shipped[code].title if code in shipped else years.titles[code]
    known_now = (*years.releases[:place], own, *years.releases[after:])
    unchanged = tuple(year for year in years.unchanged if year.first > known_now[-1].last)
    return Years(known_now, place, standing, titles, unchanged)


def years_text(years: Years) -> str:
    """The table as the file has it; titles stand only for codes that the shipped release lacks."""
    lines = [f"# {line}" for line in _PREAMBLE]
    for number, release in enumerate(years.releases):
        mark = "shipped" if number == years.shipped else "other"
        lines.append(f"# release\t{release.name}\t{release.first}\t{release.last}\t{mark}\t{release.found}")
    lines.extend(f"# unchanged\t{y.name}\t{y.first}\t{y.last}\t{y.found}" for y in years.unchanged)
    lines.append(_COLUMNS)
    lines.extend(f"{code}\t{marks}\t{years.titles.get(code, '')}" for code, marks in sorted(years.standing.items()))
    return "\n".join(lines) + "\n"


def _mark(entry: ReleaseCode | None) -> str:
    return ABSENT if entry is None else str(int(entry.billable))
