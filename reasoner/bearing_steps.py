"""The steps of weighing: which statements could change an answer about one value, or about the values of a path."""

from collections.abc import Callable
from typing import Final

from rdflib.term import Node, URIRef

from reasoner import components
from reasoner.index import Index
from reasoner.reached import Reach, Reached
from reasoner.shapes import Component

FIXED: Final = 0
TIGHT: Final = 1
LOOSE: Final = 2
Bearing = tuple[bool, int, int]
"""The answer; the statements that it could change with; and what kind of set they are. `FIXED`: there are none, the
answer is the same with any fewer statements. `TIGHT`: they all belong to the support that the proof gives. `LOOSE`:
there may be others among them. All bits set says: any of the support."""
Weigh = Callable[[Index, Node], Bearing]
OfReached = Callable[[Index, Reached], Bearing]
TRUE: Final[Bearing] = (True, 0, FIXED)
FALSE: Final[Bearing] = (False, 0, FIXED)
ANY: Final = -1


def remembered(weigh: Weigh) -> Weigh:
    """Weighs once for a node."""

    def known(index: Index, node: Node) -> Bearing:
        key = (weigh, node)
        found: Bearing | None = index.remembered.get(key)
        if found is None:
            found = index.remembered[key] = weigh(index, node)
        return found

    return known


# Values ------------------------------------------------------------------------------


def moving(truth: bool, mask: int, kind: int) -> Bearing:
    """An answer that rests on these statements; where there are none it is fixed."""
    if mask:
        return (truth, mask, kind)
    return TRUE if truth else FALSE


def union(reached: Reached) -> int:
    """Every statement that leads to a value."""
    mask = 0
    for walked in reached.values():
        mask |= walked
    return mask


def at_least(count: int) -> OfReached:
    """Whether there are so many values."""
    return lambda _, reached: moving(True, union(reached), TIGHT) if len(reached) >= count else FALSE


def at_most(count: int) -> OfReached:
    """Whether there are no more values."""
    return lambda _, reached: moving(False, union(reached), TIGHT) if len(reached) > count else TRUE


def climbing(reach: Reach, value: Node, down: bool) -> Weigh:
    """Whether the class tree leads down from one of the nodes reached to a value, or up to it."""

    def weigh(index: Index, node: Node) -> Bearing:
        reached = reach(index, node)
        if not reached:
            return FALSE
        above = index.hierarchy.ancestors
        mask, found = 0, False
        for start, walked in reached.items():
            if start in above(value) if down else value in above(start):
                mask |= walked
                found = True
        return moving(True, mask, TIGHT) if found else FALSE

    return weigh


def has_value(value: Node) -> OfReached:
    """Whether a value is among those reached."""

    def weigh(_: Index, reached: Reached) -> Bearing:
        walked = reached.get(value)
        return FALSE if walked is None else moving(True, walked, TIGHT)

    return weigh


def is_a(cls: URIRef) -> Weigh:
    """Whether a node has a type that is a class or lies below it."""

    def weigh(index: Index, node: Node) -> Bearing:
        mask = index.types_of(node, cls)
        return (True, mask, TIGHT) if mask else FALSE

    return weigh


def component(constraint: Component) -> Weigh:
    """What a constraint component says."""

    def weigh(index: Index, node: Node) -> Bearing:
        found = components.NATIVE[constraint.iri](index, node, constraint)
        mask = components.changes_with(index, node, constraint, found)
        return moving(found.conforms, mask, LOOSE if mask == ANY else TIGHT)

    return weigh


def qualified(inner: Weigh, minimum: int) -> OfReached:
    """Whether so many of the values conform."""

    def weigh(index: Index, reached: Reached) -> Bearing:
        possible = holding = mask = 0
        kind = TIGHT
        for value, walked in reached.items():
            truth, bears, how = inner(index, value)
            if truth or how is not FIXED:
                possible += 1
                mask |= walked | bears
                holding += truth
                if not truth or how is LOOSE:
                    kind = LOOSE
        if possible < minimum:
            return FALSE
        truth = holding >= minimum
        return moving(truth, mask, kind if truth else LOOSE)

    return weigh


def guarded(may_hold: Callable[[Index], bool] | None, weigh: OfReached) -> OfReached:
    """What no class in the case allows never holds, and no value has to be looked at."""
    if may_hold is None:
        return weigh
    return lambda index, reached: weigh(index, reached) if may_hold(index) else FALSE


def each(inner: Weigh, least: int) -> OfReached:
    """Whether every value passes; `least` is the number of values that the property shape asks for besides."""

    def weigh(index: Index, reached: Reached) -> Bearing:
        possible = mask = 0
        truth, kind = True, FIXED
        for value, walked in reached.items():
            holds, bears, how = inner(index, value)
            if holds:
                possible += 1
                if how is not FIXED:
                    mask |= walked | bears
                    kind = max(kind, how)
            else:
                truth, kind = False, LOOSE
                possible += how is not FIXED
                mask |= walked | bears
        return FALSE if possible < least else moving(truth, mask, kind)

    return weigh


# Bearings of bearings ----------------------------------------------------------------


def negated(weigh: Weigh) -> Weigh:
    """The opposite answer, which rests on the same statements."""

    def opposite(index: Index, node: Node) -> Bearing:
        truth, mask, kind = weigh(index, node)
        return (not truth, mask, kind)

    return opposite


def both(parts: list[Weigh]) -> Weigh:
    """Whether all hold: one that never does is enough to know."""
    if len(parts) == 1:
        return parts[0]

    def weigh(index: Index, node: Node) -> Bearing:
        truth, mask, kind = True, 0, FIXED
        for part in parts:
            holds, bears, how = part(index, node)
            if not holds:
                if how is FIXED:
                    return FALSE
                truth, how = False, LOOSE
            mask |= bears
            kind = max(kind, how)
        return (truth, mask, kind)

    return weigh


def one_of(options: list[Weigh]) -> Weigh:
    """Whether one holds: one that always does is enough to know."""

    def weigh(index: Index, node: Node) -> Bearing:
        truth, mask, kind = False, 0, FIXED
        for option in options:
            holds, bears, how = option(index, node)
            if holds:
                if how is FIXED:
                    return TRUE
                truth = True
            elif how is not FIXED:
                how = LOOSE
            mask |= bears
            kind = max(kind, how)
        return (truth, mask, kind)

    return weigh
