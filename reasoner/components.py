"""Native code for the constraint components whose SPARQL text in `shapes/components.ttl` is normative.

Each function answers for one focus node: whether it conforms, the triples that the answer rests on, and the
figures a reader wants to see. Tests hold each to its SPARQL text.
"""

import datetime
import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, replace

from rdflib import RDF, Literal, URIRef
from rdflib.term import Node

from reasoner.counting import Count, conduction_studies, number_of_kind, own_code, undivided
from reasoner.index import Index, Triple
from reasoner.shapes import Component, as_integer
from reasoner.terms import EDX


@dataclass(frozen=True)
class Finding:
    """What a component says of a focus node."""

    conforms: bool
    support: frozenset[Triple] = frozenset()
    notes: tuple[str, ...] = ()


def months_later(date: datetime.date, months: int) -> datetime.date:
    """The same day so many calendar months on, or the last day of that month where it has no such day.

    The rule is that of `op:add-yearMonthDuration-to-date` in XPath and XQuery Functions and Operators 3.1, 9.7.2.
    """
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    return datetime.date(year, month + 1, min(date.day, monthrange(year, month + 1)[1]))


def _dates(index: Index, subject: Node, predicate: URIRef) -> list[tuple[datetime.date, Triple]]:
    found: list[tuple[datetime.date, Triple]] = []
    for value in index.objects(subject, predicate):
        if isinstance(value, Literal):
            try:
                found.append((datetime.date.fromisoformat(str(value)), (subject, predicate, value)))
            except ValueError:
                continue  # intake refuses an ill-typed date; a graph that never passed it has no date here
    return found


def _service_dates(
    index: Index, node: Node, links: tuple[URIRef, ...]
) -> list[tuple[datetime.date, frozenset[Triple]]]:
    """The dates of service of the requests that reach a node by one of the properties."""
    return [
        (date, frozenset({(request, link, node), triple}))
        for link in links
        for request in index.subjects(node, link)
        for date, triple in _dates(index, request, EDX.dateOfService)
    ]


def onset_window(index: Index, node: Node, component: Component) -> Finding:
    """More than so many days and less than so many calendar months lie between onset and date of service."""
    days = as_integer(component.parameter(EDX.onsetMoreThanDays))
    months = as_integer(component.parameter(EDX.onsetLessThanMonths))
    links = (EDX.hasIndication, EDX.hasDiagnosis, EDX.hasFinding)
    support: set[Triple] = set()
    notes: list[str] = []
    inside = False
    for service, reached in _service_dates(index, node, links):
        for onset, triple in _dates(index, node, EDX.onset):
            support |= reached | {triple}
            inside |= service > onset + datetime.timedelta(days=days) and service < months_later(onset, months)
            notes.append(f"{(service - onset).days} days from onset ({onset}) to the date of service ({service})")
    return Finding(inside, frozenset(support), tuple(dict.fromkeys(notes)))


def months_before_service(index: Index, node: Node, component: Component) -> Finding:
    """The earlier study was done on the date of service or at most so many calendar months before it."""
    months = as_integer(component.parameter(EDX.maximumMonthsBefore))
    support: set[Triple] = set()
    within = False
    for service, reached in _service_dates(index, node, (EDX.hasEarlierStudy,)):
        for done, triple in _dates(index, node, EDX.date):
            support |= reached | {triple}
            within |= done <= service <= months_later(done, months)
    return Finding(within, frozenset(support))


def maximum_total(index: Index, node: Node, component: Component) -> Finding:
    """If the study is of the kind, surely no more than the maximum of that kind is requested in all."""
    kind, maximum = component.parameter(EDX.countedKind), as_integer(component.parameter(EDX.maximumTotal))
    counts = _counts_of_kind(index, node, kind)
    return Finding(all(count.within(maximum) for count in counts), *_told(counts, _named(kind), maximum))


def exceeded_total(index: Index, node: Node, component: Component) -> Finding:
    """The study is of the kind, and surely more than the maximum of that kind is requested in all."""
    kind, maximum = component.parameter(EDX.exceededKind), as_integer(component.parameter(EDX.exceededTotal))
    counts = _counts_of_kind(index, node, kind)
    return Finding(any(count.exceeds(maximum) for count in counts), *_told(counts, _named(kind), maximum))


def _counts_of_kind(index: Index, node: Node, kind: Node) -> list[Count]:
    own = frozenset((node, RDF.type, cls) for cls in index.types_within(node, kind))
    found = (number_of_kind(index, request, kind) for request in index.subjects(node, EDX.requestsStudy) if own)
    return [replace(count, support=count.support | own) for count in found if count is not None]


def maximum_conduction_total(index: Index, node: Node, component: Component) -> Finding:
    """If the study speaks of nerve conduction studies in all, surely no more than the maximum of them is requested."""
    maximum = as_integer(component.parameter(EDX.maximumConductionTotal))
    counts = _counts_in_all(index, node)
    return Finding(all(count.within(maximum) for count in counts), *_told(counts, _IN_ALL, maximum))


def exceeded_conduction_total(index: Index, node: Node, component: Component) -> Finding:
    """The study speaks of nerve conduction studies in all, and surely more than the maximum of them is requested."""
    maximum = as_integer(component.parameter(EDX.exceededConductionTotal))
    counts = _counts_in_all(index, node)
    return Finding(any(count.exceeds(maximum) for count in counts), *_told(counts, _IN_ALL, maximum))


def _counts_in_all(index: Index, node: Node) -> list[Count]:
    own = undivided(index, node)
    found = (conduction_studies(index, request).count for request in index.subjects(node, EDX.requestsStudy) if own)
    return [replace(count, support=count.support | own) for count in found if count is not None]


def _told(counts: list[Count], what: str, maximum: int) -> tuple[frozenset[Triple], tuple[str, ...]]:
    """What counts rest on, and the figures in words."""
    notes = (f"{what}: {count} requested, {maximum} recommended at most" for count in counts)
    return frozenset().union(*(count.support for count in counts)), tuple(notes)


def _named(kind: Node) -> str:
    """The name of a class as words: 'needle electromyography'."""
    words = re.findall("[A-Z][a-z]+|[A-Z]+(?![a-z])", str(kind).rpartition("#")[2])
    return " ".join(word if len(word) == 1 else word.lower() for word in words).replace("H reflex", "H-reflex")


_IN_ALL = "nerve conduction studies in all"


def number_stated(index: Index, node: Node, component: Component) -> Finding:
    """The entry says how many studies it stands for: by a quantity, or by a procedure code that fixes the number."""
    wanted = str(component.parameter(EDX.numberStated)) == "true"
    support: set[Triple] = {(node, EDX.quantity, quantity) for quantity in index.objects(node, EDX.quantity)}
    found = own_code(index, node)
    if found is not None and found[0].minimum is not None:
        support.add(found[1])
    return Finding(bool(support) == wanted, frozenset(support))


def repeats_earlier_study(index: Index, node: Node, component: Component) -> Finding:
    """An earlier study of the same region is recorded, or one whose region is not; opposite sides are not the same.

    That every recorded one is of another region or side is a figure of its own: the answer rests on those studies,
    although it would be the same without them.
    """
    wanted = str(component.parameter(EDX.repeatsEarlierStudy)) == "true"
    same: set[Triple] = set()
    other: set[Triple] = set()
    others = 0
    for request in index.subjects(node, EDX.requestsStudy):
        for earlier in index.objects(request, EDX.hasEarlierStudy):
            elsewhere = _elsewhere(index, node, earlier)
            others += elsewhere
            support = other if elsewhere else same
            support |= {(request, EDX.requestsStudy, node), (request, EDX.hasEarlierStudy, earlier)}
            for study in (node, earlier):
                for predicate in (EDX.bodyRegion, EDX.laterality):
                    support |= {(study, predicate, value) for value in index.objects(study, predicate)}
    if same or not others:
        return Finding(bool(same) == wanted, frozenset(same))
    said = "1 earlier study is" if others == 1 else f"{others} earlier studies are"
    return Finding(not wanted, frozenset(other), (f"{said} of another region or side",))


def _elsewhere(index: Index, study: Node, earlier: Node) -> bool:
    here, there = set(index.objects(study, EDX.bodyRegion)), set(index.objects(earlier, EDX.bodyRegion))
    if here and there and not here & there:
        return True
    sides = set(index.objects(study, EDX.laterality)), set(index.objects(earlier, EDX.laterality))
    opposite: tuple[set[Node], set[Node]] = ({EDX.Left}, {EDX.Right})
    return bool(here and there) and sides in (opposite, opposite[::-1])


NATIVE: dict[URIRef, Callable[[Index, Node, Component], Finding]] = {
    EDX.OnsetWindowConstraintComponent: onset_window,
    EDX.MonthsBeforeServiceConstraintComponent: months_before_service,
    EDX.MaximumTotalConstraintComponent: maximum_total,
    EDX.ExceededTotalConstraintComponent: exceeded_total,
    EDX.MaximumConductionTotalConstraintComponent: maximum_conduction_total,
    EDX.ExceededConductionTotalConstraintComponent: exceeded_conduction_total,
    EDX.NumberStatedConstraintComponent: number_stated,
    EDX.RepeatStudyConstraintComponent: repeats_earlier_study,
}
"""The components that evaluation knows, by IRI."""
