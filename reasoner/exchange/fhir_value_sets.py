"""FHIR R4 ValueSets of what counts as a concept: roots to include and exclude, and the codes of the release.

Members are the codes that say the concept by themselves: roles `direct` and `manifestation` of ICD-10-CM. A conditional
code, a cause, a symptom, a sequela and whatever a row denies are no members: without findings or a second code they say
nothing of the concept, and a value set cannot say "only with".

The compose is intensional: `concept` `is-a` a root. FHIR knows no filter of its own for ICD-10-CM; `is-a` is defined
for any system whose hierarchy means it, and a server has to know that of ICD-10-CM. One that does not can use the
expansion, which is dated and complete; headings stand in it as abstract.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reasoner.exchange.fhir import OWN_WORDS, SYSTEMS, Resource, code_in, metadata, source_of, versioned
from reasoner.terminology import codes as terminology
from reasoner.terminology.mappings import Mapping as Row
from reasoner.terminology.mappings import MappingSet

MEMBER_ROLES: Final = {
    "hpo": frozenset({"symptom"}),
    "icd10cm": frozenset({"direct", "manifestation"}),
    "procedures": frozenset({"add-on", "direct", "limbs", "total"}),
}
"""The roles by which a code is a member of the concept; in HPO a symptom is a finding, and the concept is one too."""
_CLOSE_ENOUGH: Final = ("exactMatch", "closeMatch", "narrowMatch")


@dataclass(frozen=True)
class Listed:
    """A code of an expansion."""

    code: str
    title: str
    billable: bool


def is_member(mapping_set: MappingSet, row: Row) -> bool:
    """Whether the codes of a row are members of the value set of its subject."""
    name = mapping_set.path.name.partition(".")[0]
    predicate = row.predicate.rpartition("#")[2]
    return (
        row.code is not None
        and not row.negated
        and predicate in _CLOSE_ENOUGH
        and row.role in MEMBER_ROLES.get(name, ())
    )


def value_set(mapping_set: MappingSet, rows: Iterable[Row], name: str, label: str, expanded_on: str) -> Resource | None:
    """The value set of some rows, or nothing where none of them has a member.

    Args:
        mapping_set: The set that the rows belong to.
        rows: Rows of one concept or category; those without members are left out.
        name: What the id ends in.
        label: What the members are, for a reader.
        expanded_on: The first day of the release that the expansion is of, as `2026-04-01`.
    """
    members = [row for row in rows if is_member(mapping_set, row)]
    if not members:
        return None
    icd10cm = [row for row in members if row.object.startswith("ICD10CM:")]
    others = [row for row in members if row not in icd10cm]
    include, exclude = (_intensional(mapping_set, icd10cm)) if icd10cm else ([], [])
    include.extend(_enumerated(mapping_set, others))
    contains = [
        *_expanded(mapping_set, icd10cm),
        *(c for part in _enumerated(mapping_set, others) for c in _flat(part)),
    ]
    billable = sum(not entry.get("abstract") for entry in contains)
    found = metadata(
        mapping_set,
        "ValueSet",
        name,
        f"{label}: codes that say it by themselves",
        f"Codes of {source_of(mapping_set)} that stand for {label} by themselves: "
        f"{billable} that can be reported. Codes that count only with findings or a second code, and codes that deny "
        "it, are no members.",
    )
    found["compose"] = {"include": include, **({"exclude": exclude} if exclude else {})}
    used = dict.fromkeys(f"{e['system']}|{e['version']}" for e in contains if "version" in e)
    parameters = [{"name": "version", "valueUri": system} for system in used]
    found["expansion"] = {
        "timestamp": expanded_on,
        "total": len(contains),
        **({"parameter": parameters} if parameters else {}),
        "contains": contains,
    }
    return found


def member_codes(rows: Iterable[Row]) -> dict[str, Listed]:
    """The ICD-10-CM codes that some rows reach, in order: headings too, but none above what is left out."""
    found = {
        code: entry
        for row in rows
        for code, entry in subtree(row.code or "").items()
        if not any(code.startswith(root) or root.startswith(code) for root in row.excluded_roots)
    }
    return dict(sorted(found.items()))


def subtree(root: str) -> dict[str, Listed]:
    """The code and every code below it, in order; a code begins with those above it."""
    top = terminology.icd10cm(root)
    if top is None:
        return {}
    found = {top.code: Listed(top.code, top.title, top.billable)}
    for child in terminology.children(root):
        for length in range(len(root) + 1, len(child.code)):
            above = terminology.icd10cm(child.code[:length])
            if above is not None and above.code not in found:
                found[above.code] = Listed(above.code, above.title, above.billable)
        found[child.code] = Listed(child.code, child.title, child.billable)
    return dict(sorted(found.items()))


def _intensional(mapping_set: MappingSet, rows: Sequence[Row]) -> tuple[list[Resource], list[Resource]]:
    """Roots to include, and whatever below them is no member, as largest subtrees or single headings."""
    members = member_codes(rows)
    roots = sorted({row.code for row in rows if row.code})
    tops = [root for root in roots if not any(root != other and root.startswith(other) for other in roots)]
    system = versioned(mapping_set, "ICD10CM")
    exclude: list[Resource] = []
    headings: list[Resource] = []
    for top in tops:
        below = subtree(top)
        done: str | None = None
        for code in below:
            if code in members or (done is not None and code.startswith(done)):
                continue
            if any(other in members for other in below if other.startswith(code)):
                headings.append({"code": code, "display": below[code].title})
            else:
                done = code
                exclude.append({**system, "filter": [_is_a(code)]})
    if headings:
        exclude.append({**system, "concept": headings})
    return [{**system, "filter": [_is_a(top)]} for top in tops], exclude


def _is_a(code: str) -> Resource:
    return {"property": "concept", "op": "is-a", "value": code}


def _expanded(mapping_set: MappingSet, rows: Sequence[Row]) -> list[Resource]:
    system = versioned(mapping_set, "ICD10CM")
    return [
        {**system, **({} if entry.billable else {"abstract": True}), "code": entry.code, "display": entry.title}
        for entry in member_codes(rows).values()
    ]


def _enumerated(mapping_set: MappingSet, rows: Sequence[Row]) -> list[Resource]:
    """Codes of systems whose hierarchy is not at hand: one include a system, code by code."""
    found: dict[str, dict[str, Mapping[str, Any]]] = {}
    for row in rows:
        prefix, _, code = row.object.partition(":")
        shown = {} if prefix in OWN_WORDS or not row.object_label else {"display": row.object_label}
        found.setdefault(prefix, {})[code] = {"code": code_in(prefix, code), **shown}
    return [
        {**versioned(mapping_set, prefix), "concept": [dict(codes[code]) for code in sorted(codes)]}
        for prefix, codes in sorted(found.items())
        if prefix in SYSTEMS
    ]


def _flat(include: Resource) -> list[Resource]:
    system: Resource = {key: include[key] for key in ("system", "version") if key in include}
    return [{**system, **concept} for concept in include["concept"]]
