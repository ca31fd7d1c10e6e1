"""Categories: what a policy's criterion or a class of the ontology comes to in concepts, rows of the map and codes.

The concepts of a criterion are those of the mapping sets that meet one of its leaves when they are stated: the engine
is asked, so that a category is what the policy makes of it. Whatever no made-up request can state, such as a purpose,
goes by the clause that the row of the map serves.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, cached_property
from typing import Final

from rdflib import URIRef

from reasoner.case import curie
from reasoner.errors import UnknownTermError
from reasoner.evaluation.synthetic import Asking
from reasoner.knowledge import Knowledge
from reasoner.policy.criterion_classes import leaves_of
from reasoner.policy.edition import Clause, Criterion, Edition
from reasoner.terminology.expansion import ExpandedCode, expansion
from reasoner.terminology.mappings import MAPPING_SETS, Mapping, NamedItem, read_mapping_set, read_named_items
from reasoner.terms import EDX

ALONE: Final = ("direct", "manifestation")
"""Roles by which a code says the concept by itself."""
ROLES: Final = (*ALONE, "conditional", "etiology", "supporting", "sequela", "symptom", "negative")
"""The roles of ICD-10-CM codes, those first that say the concept by themselves."""
_NEAREST: Final = 5
_ALIKE: Final = 0.6


@dataclass(frozen=True)
class Category:
    """A name that a reader asks for: a criterion of an edition, or a class, with the concepts that it comes to."""

    name: str
    label: str
    concepts: frozenset[URIRef]
    clauses: tuple[Clause, ...] = ()
    edition: Edition | None = None

    def rows(self, set_name: str) -> tuple[Mapping, ...]:
        """The rows of a mapping set about its concepts, in the order of the file."""
        return tuple(row for row in read_mapping_set(set_name).mappings if row.subject in self.concepts)

    @cached_property
    def codes(self) -> tuple[ExpandedCode, ...]:
        """The ICD-10-CM codes of its concepts, negated ones among them, by code."""
        return codes_of(self.concepts)

    @property
    def counts(self) -> Counter[str]:
        """The number of billable codes of each role; a code counts once for each role that it has."""
        return billable_by_role(self.codes)


@dataclass(frozen=True)
class Item:
    """An item that the policy names, with its billable codes."""

    named: NamedItem
    heading: str
    label: str
    counts: Counter[str]


def category(name: str, knowledge: Knowledge) -> Category:
    """The category of a name.

    Args:
        name: A criterion (`nerve-root-compression`, `aetna:plexopathy`), or a class by IRI, CURIE (`edx:Plexopathy`),
            last part of the IRI or label, with hyphens or blanks. A criterion goes before a class of the same name.
        knowledge: Ontology and policies.

    Raises:
        UnknownTermError: There is neither, or several policies have such a criterion; the message names what there is.
    """
    found = [
        (edition, criterion)
        for edition in knowledge.editions
        for criterion in edition.criteria.values()
        if name in (criterion.name, f"{edition.payer_slug}:{criterion.name}", str(criterion.iri), curie(criterion.iri))
    ]
    if len({edition.slug for edition, _ in found}) > 1:
        listed = " and ".join(sorted(f"{edition.payer_slug}:{criterion.name}" for edition, criterion in found))
        raise UnknownTermError(f"Several policies have a criterion '{name}'. Ask for {listed}.")
    if found:
        edition, criterion = max(found, key=lambda pair: pair[0].effective_from)
        return _of_criterion(criterion, edition, knowledge)
    cls = _class(name, knowledge)
    if cls is None:
        raise UnknownTermError(_unknown(name, knowledge))
    return category_of_class(cls, knowledge)


def category_of_class(cls: URIRef, knowledge: Knowledge) -> Category:
    """The category of a class: the concepts of the mapping sets that are the class or lie below it."""
    below = knowledge.hierarchy.descendants(cls)
    concepts = frozenset(concept for concept in mapped_concepts() if concept in below)
    return Category(curie(cls), knowledge.labels.get(cls, curie(cls)), concepts)


@cache
def mapped_concepts() -> frozenset[URIRef]:
    """Every concept that a mapping set has a row for."""
    return frozenset(row.subject for name in MAPPING_SETS for row in read_mapping_set(name).mappings)


def items(knowledge: Knowledge) -> tuple[Item, ...]:
    """The items that BCBSND's diagnosis list names, in its order, each with the number of its codes by role."""
    found = []
    for named in read_named_items():
        heading, _, label = named.item.partition(": ")
        counts = billable_by_role(codes_of([named.subject], below=True))
        found.append(Item(named, heading, label or knowledge.labels.get(named.subject, heading), counts))
    return tuple(found)


def codes_of(concepts: Iterable[URIRef], *, below: bool = False) -> tuple[ExpandedCode, ...]:
    """The codes of some concepts, by code; of the classes below them as well if asked for."""
    wanted = set(concepts)
    found = {
        (entry.code, entry.concept, entry.role): entry
        for concept in sorted(wanted)
        for entry in expansion(concept)
        if below or entry.concept in wanted
    }
    return tuple(found[key] for key in sorted(found))


def billable_by_role(codes: Iterable[ExpandedCode]) -> Counter[str]:
    """How many billable codes have each role."""
    return Counter(role for _, role in {(entry.code, entry.role) for entry in codes if entry.billable})


def billable_alone(codes: Iterable[ExpandedCode]) -> int:
    """How many billable codes say one of their concepts by themselves."""
    return len({entry.code for entry in codes if entry.billable and entry.role in ALONE and not entry.negated})


def _of_criterion(criterion: Criterion, edition: Edition, knowledge: Knowledge) -> Category:
    asking = Asking(edition, knowledge.hierarchy)
    leaves = leaves_of(criterion)
    concepts = {concept for concept in mapped_concepts() if asking.met_by(concept, leaves)}
    clauses = {clause.iri for leaf in leaves for clause in leaf.clauses}
    by_clause = {
        row.subject
        for name in MAPPING_SETS
        for row in read_mapping_set(name).mappings
        if row.clause in clauses and not _can_be_stated(row.subject, knowledge)
    }
    shown = f"{edition.payer_slug}:{criterion.name}"
    return Category(shown, criterion.label, frozenset(concepts | by_clause), criterion.clauses, edition)


def _can_be_stated(concept: URIRef, knowledge: Knowledge) -> bool:
    kinds = {EDX.Diagnosis, EDX.Finding, EDX.ElectrodiagnosticStudy}
    return not kinds.isdisjoint(knowledge.hierarchy.ancestors(concept))


def _class(name: str, knowledge: Knowledge) -> URIRef | None:
    words = _plain(name)
    for iri, label in sorted(knowledge.labels.items()):
        own = iri.startswith(str(EDX))
        if own and (name in (str(iri), curie(iri), iri.removeprefix(str(EDX))) or words == _plain(label)):
            return iri
    return None


def _plain(name: str) -> str:
    return name.casefold().replace("-", " ").replace("_", " ").strip()


def _unknown(name: str, knowledge: Knowledge) -> str:
    concepts = mapped_concepts()
    labels = [knowledge.labels[c].replace(" ", "-") for c in sorted(concepts) if c in knowledge.labels]
    names = [criterion.name for edition in knowledge.editions for criterion in edition.criteria.values()]
    known = dict.fromkeys([*names, *labels, *(curie(concept) for concept in sorted(concepts))])
    wanted = name if name.startswith("edx:") else _plain(name).replace(" ", "-")
    near = get_close_matches(wanted, known, n=_NEAREST, cutoff=_ALIKE)
    near = near or [other for other in known if wanted and wanted in other][:_NEAREST]
    said = f"There is no category '{name}': no criterion of a policy and no class of the ontology has that name."
    return f"{said} The nearest are: {', '.join(near)}." if near else f"{said} `edx category` lists those there are."


def headings(listed: Sequence[Item]) -> dict[str, list[Item]]:
    """The items under their headings, in the order of the policy."""
    found: dict[str, list[Item]] = {}
    for item in listed:
        found.setdefault(item.heading, []).append(item)
    return found
