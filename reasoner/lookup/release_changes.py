"""What another release of ICD-10-CM changes in the categories, as text and JSON."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from reasoner.case import curie
from reasoner.knowledge import Knowledge
from reasoner.plain_text import DEFAULT_WIDTH, counted, item, section, wrapped
from reasoner.terminology import codes as terminology
from reasoner.terminology.expansion import expansion_date
from reasoner.terminology.mappings import read_mapping_set
from reasoner.terminology.release import Release, with_parents
from reasoner.terminology.release_diff import CategoryChanges, diff_releases

CHANGES_FORMATS: Final = ("text", "json")


def shipped_release() -> Release:
    """The release that the package ships, without its notes."""
    dated = expansion_date()
    codes = with_parents({entry.code: (entry.title, entry.billable) for entry in terminology.every_code()})
    ends = dated.in_force_to
    year = ends.year + 1 if ends.month >= 10 else ends.year
    return Release(dated.release, year, dated.in_force_from, ends, codes, (), terminology.categories())


def render_changes(new: Release, knowledge: Knowledge, format_: str, *, width: int = DEFAULT_WIDTH) -> str:
    """What a release changes in the codes of each concept, in one of `CHANGES_FORMATS`."""
    old, mapping_set = shipped_release(), read_mapping_set("icd10cm")
    changes = diff_releases(old, new, mapping_set.mappings)
    if format_ == "json":
        return json.dumps(_as_json(changes, old, new, knowledge), indent=2, ensure_ascii=False) + "\n"
    return "\n".join(_lines(changes, old, new, knowledge, mapping_set.path.name, width)) + "\n"


def _lines(
    changes: Sequence[CategoryChanges], old: Release, new: Release, knowledge: Knowledge, file: str, width: int
) -> Iterator[str]:
    yield from wrapped(f"From {_told(old)} to {_told(new)}.", width)
    changed = [change for change in changes if not change.nothing]
    for change in changed:
        label = f"{knowledge.labels.get(change.concept, curie(change.concept))} [{curie(change.concept)}]"
        yield from section(label, _changes(change, old, new, file, width), width)
    yield ""
    stay = len(changes) - len(changed)
    yield f"{counted(len(changes), 'concept')}: {len(changed)} with changes, {stay} without."


def _told(release: Release) -> str:
    return f"{release.name} (in force from {release.in_force_from} to {release.in_force_to})"


def _changes(change: CategoryChanges, old: Release, new: Release, file: str, width: int) -> Iterator[str]:
    for code, line in change.vanished_roots:
        said = f"{file}:{line}: {code} is no code of the new release: the row has to be curated again."
        yield from item("!", said, width)
    for code in change.added:
        heading = "" if new.codes[code].billable else " (a category)"
        yield from item("+", f"{code} {new.codes[code].title}{heading}", width)
    for code in change.deleted:
        heading = "" if old.codes[code].billable else " (a category)"
        yield from item("\N{MINUS SIGN}", f"{code} {old.codes[code].title}{heading}", width)
    for code in change.became_headings:
        yield from item("~", f"{code} is a category now, no longer billable", width)
    for code in change.became_billable:
        yield from item("~", f"{code} is billable now", width)
    for code, before, after in change.retitled:
        yield from item("~", f"{code} was “{before}”, is “{after}”", width)


def _as_json(changes: Sequence[CategoryChanges], old: Release, new: Release, knowledge: Knowledge) -> dict[str, Any]:
    def release(known: Release) -> dict[str, str]:
        first, last = known.in_force_from.isoformat(), known.in_force_to.isoformat()
        return {"name": known.name, "in_force_from": first, "in_force_to": last}

    return {
        "from": release(old),
        "to": release(new),
        "concepts": len(changes),
        "changes": [
            {
                "concept": curie(change.concept),
                "label": knowledge.labels.get(change.concept),
                "added": [{"code": code, "title": new.codes[code].title} for code in change.added],
                "deleted": [{"code": code, "title": old.codes[code].title} for code in change.deleted],
                "became_headings": list(change.became_headings),
                "became_billable": list(change.became_billable),
                "retitled": [{"code": code, "from": was, "to": is_now} for code, was, is_now in change.retitled],
                "vanished_roots": [{"code": code, "line": line} for code, line in change.vanished_roots],
            }
            for change in changes
            if not change.nothing
        ],
    }
