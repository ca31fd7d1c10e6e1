"""Native code for the constraint components whose SPARQL text in `shapes/components.ttl` is normative.

Each function answers for one focus node: whether it conforms, the triples that the answer rests on, and the
figures a reader wants to see. Tests hold each to its SPARQL text.
"""

import datetime
import re
from calendar import monthrange
from collections.abc import Callable, Iterable
from functools import cache
from typing import Final, NamedTuple

from rdflib import RDF, Literal, URIRef
from rdflib.term import Node

from reasoner.native.counting import Count, conduction_studies, number_of_kind, own_code, undivided
from reasoner.rdf.index import Index
from reasoner.rdf.nodes import interned
from reasoner.shacl.shapes import Component, as_integer
from reasoner.terms import EDX


class Finding(NamedTuple):
    """What a component says of a focus node.

    `support` are the statements that the answer rests on, as the bits of a number (`Index.bits`); `notes` the figures
    that a reader wants to see.
    """

    conforms: bool
    support: int = 0
    notes: tuple[str, ...] = ()


def months_later(date: datetime.date, months: int) -> datetime.date:
    """The same day so many calendar months on, or the last day of that month where it has no such day.

    The rule is that of `op:add-yearMonthDuration-to-date` in XPath and XQuery Functions and Operators 3.1, 9.7.2.
    """
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    return datetime.date(year, month + 1, min(date.day, monthrange(year, month + 1)[1]))


def _dates(index: Index, subject: Node, predicate: URIRef) -> list[tuple[datetime.date, int]]:
    """The dates that a node has for a property, each with the statement that says so."""
    found: list[tuple[datetime.date, int]] = []
    for value in index.objects(subject, predicate):
        if isinstance(value, Literal):
            try:
                found.append((datetime.date.fromisoformat(str(value)), index.bit(subject, predicate, value)))
            except ValueError:
                continue  # intake refuses an ill-typed date; a graph that never passed it has no date here
    return found


def _service_dates(index: Index, node: Node, links: tuple[URIRef, ...]) -> list[tuple[datetime.date, int]]:
    """The dates of service of the requests that reach a node by one of the properties."""
    return [
        (date, index.bit(request, link, node) | said)
        for link in links
        for request in index.subjects(node, link)
        for date, said in _dates(index, request, _DATE_OF_SERVICE)
    ]


def onset_window(index: Index, node: Node, component: Component) -> Finding:
    """More than so many days and less than so many calendar months lie between onset and date of service."""
    months, days = (as_integer(value) for value in _values(component))
    support = 0
    notes: list[str] = []
    inside = False
    for service, reached in _service_dates(index, node, _INDICATED):
        for onset, said in _dates(index, node, _ONSET):
            support |= reached | said
            inside |= service > onset + datetime.timedelta(days=days) and service < months_later(onset, months)
            notes.append(f"{(service - onset).days} days from onset ({onset}) to the date of service ({service})")
    return Finding(inside, support, tuple(dict.fromkeys(notes)))


def months_before_service(index: Index, node: Node, component: Component) -> Finding:
    """The earlier study was done on the date of service or at most so many calendar months before it."""
    (months,) = (as_integer(value) for value in _values(component))
    support = 0
    within = False
    for service, reached in _service_dates(index, node, (_HAS_EARLIER_STUDY,)):
        for done, said in _dates(index, node, _DATE):
            support |= reached | said
            within |= done <= service <= months_later(done, months)
    return Finding(within, support)


def maximum_total(index: Index, node: Node, component: Component) -> Finding:
    """If the study is of the kind, surely no more than the maximum of that kind is requested in all."""
    kind, maximum = _values(component)
    return _held_against(_counts_of_kind(index, node, kind), kind, as_integer(maximum), Count.within, all)


def exceeded_total(index: Index, node: Node, component: Component) -> Finding:
    """The study is of the kind, and surely more than the maximum of that kind is requested in all."""
    kind, maximum = _values(component)
    return _held_against(_counts_of_kind(index, node, kind), kind, as_integer(maximum), Count.exceeds, any)


def maximum_conduction_total(index: Index, node: Node, component: Component) -> Finding:
    """If the study speaks of nerve conduction studies in all, surely no more than the maximum of them is requested."""
    (maximum,) = _values(component)
    return _held_against(_counts_in_all(index, node), None, as_integer(maximum), Count.within, all)


def exceeded_conduction_total(index: Index, node: Node, component: Component) -> Finding:
    """The study speaks of nerve conduction studies in all, and surely more than the maximum of them is requested."""
    (maximum,) = _values(component)
    return _held_against(_counts_in_all(index, node), None, as_integer(maximum), Count.exceeds, any)


def _counts_of_kind(index: Index, node: Node, kind: Node) -> list[Count]:
    own = index.types_of(node, interned(kind))
    found = (number_of_kind(index, request, interned(kind)) for request in _requests(index, node, own))
    return [Count(count.lowest, count.highest, count.support | own) for count in found if count is not None]


def _counts_in_all(index: Index, node: Node) -> list[Count]:
    own = undivided(index, node)
    found = (conduction_studies(index, request).count for request in _requests(index, node, own))
    return [Count(count.lowest, count.highest, count.support | own) for count in found if count is not None]


def _requests(index: Index, study: Node, own: int) -> list[Node]:
    return index.subjects(study, _REQUESTS_STUDY) if own else []


def _held_against(
    counts: list[Count],
    kind: Node | None,
    maximum: int,
    holds: Callable[[Count, int], bool],
    together: Callable[[Iterable[bool]], bool],
) -> Finding:
    """Counts of a kind, or of nerve conduction studies in all, held against a maximum; with the figures in words."""
    if not counts:
        return _WITHIN if together is all else _NOT_ABOVE
    what = "nerve conduction studies in all" if kind is None else _named(kind)
    support = 0
    for count in counts:
        support |= count.support
    notes = tuple([f"{what}: {count} requested, {maximum} recommended at most" for count in counts])
    return Finding(together([holds(count, maximum) for count in counts]), support, notes)


_WITHIN: Final = Finding(True)
_NOT_ABOVE: Final = Finding(False)


@cache
def _named(kind: Node) -> str:
    """The name of a class as words: 'needle electromyography'."""
    words = re.findall("[A-Z][a-z]+|[A-Z]+(?![a-z])", str(kind).rpartition("#")[2])
    return " ".join(word if len(word) == 1 else word.lower() for word in words).replace("H reflex", "H-reflex")


def number_stated(index: Index, node: Node, component: Component) -> Finding:
    """The entry says how many studies it stands for: by a quantity, or by a procedure code that fixes the number."""
    (wanted,) = _values(component)
    support = index.bits(node, _QUANTITY)
    found = own_code(index, node)
    if found is not None and found[0].minimum is not None:
        support |= index.bit(node, _TYPE, found[1])
    return Finding(bool(support) == (str(wanted) == "true"), support)


def repeats_earlier_study(index: Index, node: Node, component: Component) -> Finding:
    """An earlier study of the same region is recorded, or one whose region is not; opposite sides are not the same.

    That every recorded one is of another region or side is a figure of its own: the answer rests on those studies,
    although it would be the same without them.
    """
    (said,) = _values(component)
    wanted = str(said) == "true"
    same = other = others = 0
    for request in index.subjects(node, _REQUESTS_STUDY):
        for earlier in index.objects(request, _HAS_EARLIER_STUDY):
            support = index.bit(request, _REQUESTS_STUDY, node) | index.bit(request, _HAS_EARLIER_STUDY, earlier)
            for study in (node, earlier):
                support |= index.bits(study, _REGION) | index.bits(study, _LATERALITY)
            if _elsewhere(index, node, earlier):
                others += 1
                other |= support
            else:
                same |= support
    if same or not others:
        return Finding(bool(same) == wanted, same)
    said_so = "1 earlier study is" if others == 1 else f"{others} earlier studies are"
    return Finding(not wanted, other, (f"{said_so} of another region or side",))


def _elsewhere(index: Index, study: Node, earlier: Node) -> bool:
    here, there = set(index.objects(study, _REGION)), set(index.objects(earlier, _REGION))
    if not here or not there:
        return False
    if not here & there:
        return True
    sides = set(index.objects(study, _LATERALITY)), set(index.objects(earlier, _LATERALITY))
    return sides in _OPPOSITE_SIDES


def _values(component: Component) -> list[Node]:
    """The values of the parameters, in the order of their IRIs."""
    return [value for _, value in component.parameters]


def _term(name: str) -> URIRef:
    return interned(EDX[name])


_TYPE: Final = interned(RDF.type)
_DATE, _DATE_OF_SERVICE, _ONSET = _term("date"), _term("dateOfService"), _term("onset")
_HAS_EARLIER_STUDY, _REQUESTS_STUDY = _term("hasEarlierStudy"), _term("requestsStudy")
_INDICATED: Final = (_term("hasIndication"), _term("hasDiagnosis"), _term("hasFinding"))
_LATERALITY, _QUANTITY, _REGION = _term("laterality"), _term("quantity"), _term("bodyRegion")
_OPPOSITE_SIDES: Final = (({_term("Left")}, {_term("Right")}), ({_term("Right")}, {_term("Left")}))

NUMBER_STATED: Final = _term("NumberStatedConstraintComponent")

NATIVE: dict[URIRef, Callable[[Index, Node, Component], Finding]] = {
    _term("OnsetWindowConstraintComponent"): onset_window,
    _term("MonthsBeforeServiceConstraintComponent"): months_before_service,
    _term("MaximumTotalConstraintComponent"): maximum_total,
    _term("ExceededTotalConstraintComponent"): exceeded_total,
    _term("MaximumConductionTotalConstraintComponent"): maximum_conduction_total,
    _term("ExceededConductionTotalConstraintComponent"): exceeded_conduction_total,
    NUMBER_STATED: number_stated,
    _term("RepeatStudyConstraintComponent"): repeats_earlier_study,
}
"""The components that evaluation knows, by IRI."""

WITHOUT_FIGURES: Final = frozenset({_term("MonthsBeforeServiceConstraintComponent"), NUMBER_STATED})
"""The components that never come with figures."""
