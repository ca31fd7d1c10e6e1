"""What a new release of ICD-10-CM changes in the categories of the mapping set, before it is taken over."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from rdflib import URIRef

from reasoner.terminology.mappings import Mapping
from reasoner.terminology.release import Release
from reasoner.terminology.table_files import reached


@dataclass(frozen=True)
class CategoryChanges:
    """What changes in the codes of one concept; tuples of codes in order, empty where nothing changes.

    `added` and `deleted` are codes that come or go below the roots of the concept, headings among them. Of the codes
    that stay, `retitled` bear another title (old, new), `became_billable` and `became_headings` changed their mark.
    `vanished_roots` are roots and excluded roots of the mapping that the new release lacks, with the line of the set.
    """

    concept: URIRef
    added: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    retitled: tuple[tuple[str, str, str], ...] = ()
    became_billable: tuple[str, ...] = ()
    became_headings: tuple[str, ...] = ()
    vanished_roots: tuple[tuple[str, int], ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether the new release leaves the concept as it is."""
        changes = (self.added, self.deleted, self.retitled, self.became_billable, self.became_headings)
        return not any(changes) and not self.vanished_roots


@dataclass
class _Reach:
    old: set[str] = field(default_factory=set)
    new: set[str] = field(default_factory=set)
    vanished: set[tuple[str, int]] = field(default_factory=set)


def diff_releases(old: Release, new: Release, mappings: Iterable[Mapping]) -> tuple[CategoryChanges, ...]:
    """The changes of every concept that the mapping set names with a code, sorted by concept; unchanged ones as well.

    A release read from a codes file has billable codes alone: headings are then compared on neither side, and a root
    has vanished where no billable code stands at or below it.
    """
    headings = _has_headings(old) and _has_headings(new)
    reaches: dict[URIRef, _Reach] = {}
    for row in mappings:
        if row.code is None:
            continue
        reach = reaches.setdefault(row.subject, _Reach())
        reach.old.update(code for code in reached(row, old) if headings or old.codes[code].billable)
        reach.new.update(code for code in reached(row, new) if headings or new.codes[code].billable)
        for root in (row.code, *row.excluded_roots):
            if root not in new.codes and (headings or not any(True for _ in new.below(root))):
                reach.vanished.add((root, row.line))
    return tuple(_changes(concept, reaches[concept], old, new) for concept in sorted(reaches))


def _has_headings(release: Release) -> bool:
    return not all(entry.billable for entry in release.codes.values())


def _changes(concept: URIRef, reach: _Reach, old: Release, new: Release) -> CategoryChanges:
    stayed = sorted(reach.old & reach.new)
    before = {code: old.codes[code] for code in stayed}
    after = {code: new.codes[code] for code in stayed}
    return CategoryChanges(
        concept=concept,
        added=tuple(sorted(reach.new - reach.old)),
        deleted=tuple(sorted(reach.old - reach.new)),
        retitled=tuple(
            (code, before[code].title, after[code].title)
            for code in stayed
            if before[code].title.casefold() != after[code].title.casefold()
        ),
        became_billable=tuple(code for code in stayed if after[code].billable and not before[code].billable),
        became_headings=tuple(code for code in stayed if before[code].billable and not after[code].billable),
        vanished_roots=tuple(sorted(reach.vanished)),
    )
