"""Categories as text, CSV and JSON: concepts, rows of the map, and the codes of the release."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

from rdflib import URIRef

from reasoner.case import curie
from reasoner.knowledge import Knowledge
from reasoner.lookup.categories import (
    ALONE,
    ROLES,
    Category,
    Item,
    billable_alone,
    billable_by_role,
    codes_of,
    headings,
    items,
)
from reasoner.lookup.code_json import row_as_json
from reasoner.plain_text import DEFAULT_WIDTH, item, listing, section, wrapped
from reasoner.terminology.expansion import ExpandedCode, expansion_date
from reasoner.terminology.mappings import MAPPING_SETS, Mapping, read_mapping_set

CATEGORY_FORMATS: Final = ("text", "csv", "json")
_CSV: Final = (
    *("category", "concept", "concept_label", "terminology", "code", "title", "billable"),
    *("role", "member", "confidence", "clause", "release", "notice"),
)
_DENYING: Final = "negative"
_OTHERS: Final = ("hpo", "procedures")


def render_category(category: Category, knowledge: Knowledge, format_: str, *, width: int = DEFAULT_WIDTH) -> str:
    """One category in one of `CATEGORY_FORMATS`."""
    if format_ == "csv":
        return _as_csv(_CSV, _csv_rows(category, knowledge))
    if format_ == "json":
        return _as_json(_category_json(category, knowledge))
    return "\n".join(_lines(category, knowledge, width)) + "\n"


def notice_of(set_name: str) -> str:
    """What has to be said wherever codes of a mapping set are shown: whose they are, and what their use needs."""
    return str(read_mapping_set(set_name).metadata.get("comment", ""))


def render_items(knowledge: Knowledge, format_: str, *, width: int = DEFAULT_WIDTH) -> str:
    """The headings and items of BCBSND's diagnosis list, with the numbers of their billable codes."""
    listed = items(knowledge)
    columns = (
        "heading",
        "item",
        "concept",
        "clause",
        "alone",
        *(role for role in ROLES if role not in ALONE),
        "release",
    )
    cells = (
        (
            i.heading,
            i.label,
            curie(i.named.subject),
            curie(i.named.clause),
            *_numbers(i.counts),
            expansion_date().release,
        )
        for i in listed
    )
    if format_ == "csv":
        return _as_csv(columns, cells)
    if format_ == "json":
        found = [dict(zip(columns, row, strict=True)) for row in cells]
        return _as_json({**_dated(), "items": found})
    return "\n".join(_item_lines(listed, width)) + "\n"


def _lines(category: Category, knowledge: Knowledge, width: int) -> Iterator[str]:
    places = "; ".join(clause.place for clause in category.clauses)
    head = f"{category.label} [{category.name}]"
    yield from wrapped(f"{head} — {places}" if places else head, width, rest="  ")
    yield from wrapped(_release(), width)
    yield from wrapped(_counted(category), width)
    places_of = _places(knowledge)
    for concept in _concepts(category):
        label = f"{knowledge.labels.get(concept, curie(concept))} [{curie(concept)}]"
        yield from section(label, _concept_lines(category, concept, places_of, width), width)
    for name in _OTHERS:
        if category.rows(name):
            yield ""
            yield from wrapped(notice_of(name), width)


def _counted(category: Category) -> str:
    counts = category.counts
    if not counts:
        return "No billable code of ICD-10-CM."
    said = [f"{counts[role]} {role}" for role in ROLES if counts[role] and role != _DENYING]
    denying = f"; {counts[_DENYING]} that deny it" if counts[_DENYING] else ""
    alone = billable_alone(category.codes)
    return f"Billable codes by role: {', '.join(said) or 'none'}{denying}. By themselves {alone} of them say it."


def _release() -> str:
    dated = expansion_date()
    return (
        f"{dated.release}, in force from {dated.in_force_from} to {dated.in_force_to}; mapping set of "
        f"{dated.mapping_set_version}. Draft, not clinically reviewed."
    )


def _concept_lines(category: Category, concept: URIRef, places: dict[URIRef, str], width: int) -> Iterator[str]:
    rows = {name: [row for row in category.rows(name) if row.subject == concept] for name in MAPPING_SETS}
    clauses = dict.fromkeys(row.clause for listed in rows.values() for row in listed if row.clause is not None)
    for clause in clauses:
        yield from item("§", places.get(clause, curie(clause)), width)
    for entry in codes_of([concept]):
        yield from _code_line(entry, width)
    for row in rows["icd10cm"]:
        if row.code is None:
            yield from item("•", f"no code of ICD-10-CM. {row.comment}", width)
        elif row.excluded_roots:
            yield from item("○", f"{row.code} counts without {listing(row.excluded_roots)}", width)
        if beside := row.extra.get("edx_with"):
            yield from item("→", f"{row.code} counts only with {beside}", width)
    for name in _OTHERS:
        for row in rows[name]:
            yield from _other_line(row, width)


def _code_line(entry: ExpandedCode, width: int) -> list[str]:
    symbol = "\N{MINUS SIGN}" if entry.negated else "+"
    heading = "" if entry.billable else " (a category, not billable)"
    said = f"{entry.code:8} {entry.role:13} {entry.title}{heading}"
    return (
        wrapped(said, width, first=f"  {symbol} ", rest=" " * 27) if len(said) + 4 > width else [f"  {symbol} {said}"]
    )


def _other_line(row: Mapping, width: int) -> list[str]:
    symbol = "\N{MINUS SIGN}" if row.negated else "+"
    predicate = row.predicate.rpartition("#")[2]
    said = f"no term found. {row.comment}" if row.code is None else f"{row.object} {predicate} {row.object_label}"
    return item("•" if row.code is None else symbol, said, width)


def _item_lines(listed: Iterable[Item], width: int) -> Iterator[str]:
    yield from wrapped("What the diagnosis list of BCBSND names, and its billable codes by role.", width)
    yield from wrapped(_release(), width)
    yield from wrapped("Alone: codes that say the item by themselves. `edx category NAME` lists the codes.", width)
    roles = ("alone", *(role for role in ROLES if role not in ALONE))
    widths = [len(role) + 2 for role in roles]
    room = max(20, width - sum(widths) - 2)
    for heading, below in headings(list(listed)).items():
        yield ""
        first, *more = wrapped(heading, room)
        yield first.ljust(room + 2) + "".join(role.rjust(w) for role, w in zip(roles, widths, strict=True))
        yield from more
        for entry in below:
            numbers = (str(n) if n else "\N{MIDDLE DOT}" for n in _numbers(entry.counts))
            first, *more = wrapped(entry.label, room, first="  ", rest="    ")
            yield first.ljust(room + 2) + "".join(n.rjust(w) for n, w in zip(numbers, widths, strict=True))
            yield from more
        codes = codes_of([entry.named.subject for entry in below], below=True)
        numbers = (str(n) if n else "\N{MIDDLE DOT}" for n in _numbers(billable_by_role(codes), billable_alone(codes)))
        yield "  together".ljust(room + 2) + "".join(n.rjust(w) for n, w in zip(numbers, widths, strict=True))


def _numbers(counts: Counter[str], alone: int | None = None) -> list[int]:
    first = sum(counts[role] for role in ALONE) if alone is None else alone
    return [first, *(counts[role] for role in ROLES if role not in ALONE)]


def _csv_rows(category: Category, knowledge: Knowledge) -> Iterator[tuple[Any, ...]]:
    def concept(cls: URIRef) -> tuple[str, str, str]:
        return category.name, curie(cls), knowledge.labels.get(cls, "")

    release = expansion_date().release
    for entry in category.codes:
        code = ("ICD10CM", entry.code, entry.title, int(entry.billable))
        clause = curie(entry.clause) if entry.clause else ""
        yield (
            *concept(entry.concept),
            *code,
            entry.role,
            _member(entry.negated),
            entry.confidence,
            clause,
            release,
            "",
        )
    for name in _OTHERS:
        for row in category.rows(name):
            if row.code is not None:
                prefix = row.object.partition(":")[0]
                clause = curie(row.clause) if row.clause else ""
                told = (prefix, row.code, row.object_label, "", row.role, _member(row.negated))
                yield (*concept(row.subject), *told, row.confidence, clause, _versions(name), notice_of(name))


def _versions(set_name: str) -> str:
    return str(read_mapping_set(set_name).metadata.get("object_source_version", ""))


def _member(negated: bool) -> str:
    return "no" if negated else "yes"


def _category_json(category: Category, knowledge: Knowledge) -> dict[str, Any]:
    return {
        **_dated(),
        "category": category.name,
        "label": category.label,
        "clauses": [{"iri": str(clause.iri), "place": clause.place} for clause in category.clauses],
        "billable_codes_by_role": {role: category.counts[role] for role in ROLES if category.counts[role]},
        "billable_codes_alone": billable_alone(category.codes),
        "notices": {name: notice_of(name) for name in _OTHERS if category.rows(name)},
        "concepts": [
            {
                "concept": curie(concept),
                "label": knowledge.labels.get(concept),
                "rows": [
                    row_as_json(row) for name in MAPPING_SETS for row in category.rows(name) if row.subject == concept
                ],
                "codes": [
                    {
                        "code": entry.code,
                        "title": entry.title,
                        "billable": entry.billable,
                        "role": entry.role,
                        "negated": entry.negated,
                        "confidence": entry.confidence,
                        "clause": curie(entry.clause) if entry.clause else None,
                    }
                    for entry in codes_of([concept])
                ],
            }
            for concept in _concepts(category)
        ],
    }


def _concepts(category: Category) -> list[URIRef]:
    """In the order in which the mapping sets name them."""
    order = dict.fromkeys(row.subject for name in ("icd10cm", "hpo", "procedures") for row in category.rows(name))
    return list(order)


def _dated() -> dict[str, Any]:
    dated = expansion_date()
    return {
        "release": dated.release,
        "in_force_from": dated.in_force_from.isoformat(),
        "in_force_to": dated.in_force_to.isoformat(),
        "mapping_set_version": dated.mapping_set_version,
        "reviewed": False,
    }


def _places(knowledge: Knowledge) -> dict[URIRef, str]:
    clauses = (
        c for edition in knowledge.editions for criterion in edition.criteria.values() for c in criterion.clauses
    )
    return {clause.iri: clause.place for clause in clauses}


def _as_csv(columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


def _as_json(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
