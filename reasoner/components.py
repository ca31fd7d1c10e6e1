"""Native code for the constraint components whose SPARQL text in `shapes/components.ttl` is normative.

Each function answers for one focus node: whether it conforms, the triples that the answer rests on, and the
figures a reader wants to see. Tests hold each to its SPARQL text.
"""

import datetime
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass

from rdflib import Literal, URIRef
from rdflib.term import Node

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
    """If the study is of the kind, no more than the maximum of that kind is requested in all."""
    kind = component.parameter(EDX.countedKind)
    maximum = as_integer(component.parameter(EDX.maximumTotal))
    own_types = index.types_within(node, kind)
    if not own_types:
        return Finding(True)
    total = 0
    support: set[Triple] = {(node, _TYPE, t) for t in own_types}
    for request in index.subjects(node, EDX.requestsStudy):
        for study in index.objects(request, EDX.requestsStudy):
            types = index.types_within(study, kind)
            if types:
                support |= {(request, EDX.requestsStudy, study), *((study, _TYPE, t) for t in types)}
                for quantity in index.objects(study, EDX.quantity):
                    total += as_integer(quantity)
                    support.add((study, EDX.quantity, quantity))
    return Finding(total <= maximum, frozenset(support), (f"{total} requested, {maximum} recommended at most",))


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


_TYPE = URIRef("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")

NATIVE: dict[URIRef, Callable[[Index, Node, Component], Finding]] = {
    EDX.OnsetWindowConstraintComponent: onset_window,
    EDX.MonthsBeforeServiceConstraintComponent: months_before_service,
    EDX.MaximumTotalConstraintComponent: maximum_total,
    EDX.RepeatStudyConstraintComponent: repeats_earlier_study,
}
"""The components that evaluation knows, by IRI."""
