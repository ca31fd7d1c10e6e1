"""What a diagnosis code is and means: release, hierarchy, ontology, rows of the map, notes, and policies."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Final

from rdflib import URIRef

from reasoner.errors import UnknownTermError
from reasoner.knowledge import Knowledge
from reasoner.lookup.code_policies import PolicyMeaning, policy_meaning
from reasoner.policy.edition import Edition
from reasoner.rdf.index import Hierarchy
from reasoner.terminology import codes as terminology
from reasoner.terminology.codes import Excludes1, Icd10cmCode
from reasoner.terminology.contradictions import contradicted_by
from reasoner.terminology.expansion import expansion_date
from reasoner.terminology.mappings import Mapping, read_mapping_set
from reasoner.terminology.release import Release
from reasoner.terms import EDX, ICD10CM

SIDES: Final = (EDX.RightSidedDiagnosis, EDX.LeftSidedDiagnosis, EDX.BilateralDiagnosis)
ENCOUNTERS: Final = (EDX.InitialEncounterDiagnosis, EDX.SubsequentEncounterDiagnosis, EDX.SequelaEncounterDiagnosis)
_ALIKE: Final = 0.8
_NEAREST: Final = 3
_CATEGORY_ALIKE: Final = 0.6
_CATEGORIES: Final = 12


@dataclass(frozen=True)
class Standing:
    """What a release given by file says of a code; no title where it lacks the code."""

    release: str
    in_force_from: date
    in_force_to: date
    title: str | None
    billable: bool | None


@dataclass(frozen=True, eq=False)
class Contradicted:
    """A class that the code contradicts, and the roots of the map that are placed at or below it."""

    cls: URIRef
    roots: tuple[Mapping, ...]


@dataclass(frozen=True, eq=False)
class CodeMeaning:
    """What an ICD-10-CM code is and means.

    `in_release` says whether the shipped `release` has it; it may be older, newer, or of a release in a file.
    `in_force` is for the day `on`; nothing where no day was asked for or no known release reaches it. `above` leads
    from the category down to the code, which is left out. `affirmed`, `denied` and `left_out` are the rows of the map
    that reach the code, that reach it with "Not", and that name a code above it but leave it out.
    """

    code: Icd10cmCode
    release: str
    in_release: bool
    on: date | None
    in_force: bool | None
    billable_on: bool | None
    standings: tuple[Standing, ...]
    above: tuple[Icd10cmCode, ...]
    below: tuple[Icd10cmCode, ...]
    classes: tuple[URIRef, ...]
    side: URIRef | None
    encounter: URIRef | None
    affirmed: tuple[Mapping, ...]
    denied: tuple[Mapping, ...]
    left_out: tuple[Mapping, ...]
    excludes1: tuple[Excludes1, ...]
    contradicted: tuple[Contradicted, ...]
    policies: tuple[PolicyMeaning, ...]

    @property
    def mapped(self) -> bool:
        """Whether a row of the map reaches the code."""
        return bool(self.affirmed or self.denied)


def code_meaning(
    code: str, knowledge: Knowledge, *, on: date | None = None, releases: Sequence[Release] = ()
) -> CodeMeaning:
    """What a code is and means.

    Args:
        code: As ICD-10-CM writes it; a missing point and small letters are overlooked.
        knowledge: Ontology and policies.
        on: The day to ask for: which releases, and which editions of the policies, are in force.
        releases: Further releases, in order; the shipped data answer first.

    Raises:
        UnknownTermError: No release has the code; the message names what is nearest.
    """
    written = as_written(code)
    standings = tuple(_standing(written, release) for release in releases)
    known = terminology.icd10cm(written)
    entry = known or next(
        (Icd10cmCode(written, s.title, bool(s.billable)) for s in reversed(standings) if s.title is not None), None
    )
    if entry is None:
        raise UnknownTermError(_unknown(code, written))
    tree = knowledge.hierarchy
    cls = _known_class(written, tree)
    ancestors = tree.ancestors(cls)
    rows = read_mapping_set("icd10cm").mappings
    affirmed = tuple(row for row in rows if not row.negated and reaches(row, written))
    contradicted = contradicted_by(cls, tree)
    return CodeMeaning(
        code=entry,
        release=terminology.icd10cm_release(),
        in_release=known is not None and known.in_force(expansion_date().in_force_from) is not False,
        on=on,
        in_force=None if on is None else _in_force(known, on, standings),
        billable_on=None if on is None or known is None else known.billable_on(on),
        standings=standings,
        above=_above(written),
        below=terminology.children(written) if not entry.billable else (),
        classes=_nearest_classes(cls, tree),
        side=next((side for side in SIDES if side in ancestors), None),
        encounter=next((encounter for encounter in ENCOUNTERS if encounter in ancestors), None),
        affirmed=affirmed,
        denied=tuple(row for row in rows if row.negated and reaches(row, written)),
        left_out=tuple(row for row in rows if not row.negated and _leaves_out(row, written)),
        excludes1=terminology.excludes1(written),
        contradicted=tuple(Contradicted(other, _placed(rows, other, tree)) for other in contradicted),
        policies=tuple(
            policy_meaning(cls, edition, tree, affirmed, contradicted) for edition in editions_on(knowledge, on)
        ),
    )


def as_written(code: str) -> str:
    """The code as ICD-10-CM writes it: capitals, and a point after the third character."""
    plain = code.strip().upper()
    return plain if "." in plain or len(plain) <= 3 else f"{plain[:3]}.{plain[3:]}"


def reaches(row: Mapping, code: str) -> bool:
    """Whether a row speaks of a code: it is its object or lies below it, and not at or below an excluded root."""
    return row.code is not None and code.startswith(row.code) and not code.startswith(row.excluded_roots or ("\0",))


def editions_on(knowledge: Knowledge, on: date | None) -> tuple[Edition, ...]:
    """The edition of each policy that is in force on a day, or its latest one; sorted by name."""
    found: dict[str, Edition] = {}
    for edition in sorted(knowledge.editions, key=lambda edition: (edition.slug, edition.effective_from)):
        if on is None or edition.effective_from <= on:
            found[edition.slug] = edition
    return tuple(found.values())


def _standing(code: str, release: Release) -> Standing:
    entry = release.codes.get(code)
    title, billable = (entry.title, entry.billable) if entry else (None, None)
    return Standing(release.name, release.in_force_from, release.in_force_to, title, billable)


def _in_force(known: Icd10cmCode | None, on: date, standings: Iterable[Standing]) -> bool | None:
    for standing in standings:
        if standing.in_force_from <= on <= standing.in_force_to:
            return standing.title is not None
    if known is not None:
        return known.in_force(on)
    return False if any(first <= on <= last for first, last in terminology.known_days()) else None


def _above(code: str) -> tuple[Icd10cmCode, ...]:
    found = (terminology.icd10cm(code[:length]) for length in range(3, len(code)))
    return tuple(entry for entry in found if entry is not None)


def _known_class(code: str, tree: Hierarchy) -> URIRef:
    """The class of the code, or of the nearest code above it that the ontology has."""
    for length in range(len(code), 2, -1):
        if ICD10CM[code[:length]] in tree.parents:
            return ICD10CM[code[:length]]
    return ICD10CM[code]


def _nearest_classes(cls: URIRef, tree: Hierarchy) -> tuple[URIRef, ...]:
    """The most particular classes of our ontology above a code, without side and encounter."""
    beside = {*SIDES, *ENCOUNTERS, EDX.Diagnosis}
    found = {a for a in tree.ancestors(cls) if isinstance(a, URIRef) and a.startswith(str(EDX)) and a not in beside}
    return tuple(sorted(a for a in found if not any(a != b and a in tree.ancestors(b) for b in found)))


def _leaves_out(row: Mapping, code: str) -> bool:
    return row.code is not None and code.startswith(row.code) and not reaches(row, code)


def _placed(rows: Iterable[Mapping], cls: URIRef, tree: Hierarchy) -> tuple[Mapping, ...]:
    found = {
        row.code: row for row in rows if row.code and row.edx_class is not None and cls in tree.ancestors(row.edx_class)
    }
    return tuple(
        row
        for code, row in sorted(found.items())
        if not any(other != code and code.startswith(other) for other in found if other not in row.excluded_roots)
    )


def _unknown(asked: str, written: str) -> str:
    said = f"{asked} is no code of ICD-10-CM in any release known here, nor a procedure code of the map."
    return f"{said} {_nearest(written)} Check how the record writes it."


def _nearest(code: str) -> str:
    categories = terminology.categories()
    alike = get_close_matches(code[:3], categories, n=_CATEGORIES, cutoff=_CATEGORY_ALIKE)
    below = dict.fromkeys(child.code for category in alike for child in terminology.children(category))
    near = get_close_matches(code, below, n=_NEAREST, cutoff=_ALIKE) if "." in code else alike[:_NEAREST]
    above = next((entry for entry in reversed(_above(code)) if entry.code != code), None)
    near = [found for found in near if above is None or found != above.code]
    said = [f"The nearest code above it is {above.code}, {above.title}."] if above else []
    if near:
        said.append(f"Written alike: {', '.join(near)}.")
    letter = [category for category in categories if code and category.startswith(code[:1])]
    if not said:
        known = f"Categories that begin with {code[:1]} run from {letter[0]} to {letter[-1]}." if letter else ""
        said.append(known or "A code of ICD-10-CM begins with a letter, as in M54.16.")
    return " ".join(said)
