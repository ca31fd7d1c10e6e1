"""A shape with many properties: each property that a node has is looked up, with what its values must satisfy."""

# ruff: noqa: SIM110 (a loop costs a third of what a generator in any() costs, and these are the innermost ones)

from collections.abc import Callable

from rdflib.term import Node

from reasoner.rdf.index import Index
from reasoner.rdf.nodes import interned
from reasoner.shacl.paths import Test

Check = Callable[[Index, Node, list[Node]], bool]
"""What the values of one property of a node must satisfy."""


def dispatched(checks: dict[Node, Check], needed: list[Node], closed: frozenset[Node] | None, rest: Test) -> Test:
    """All of it as one test of a node.

    Args:
        checks: What to ask of the values of a property, where the node has it.
        needed: Properties that the node must have.
        closed: The only properties that the node may have, if there are such.
        rest: What else must hold.
    """
    by_predicate = {interned(predicate): check for predicate, check in checks.items()}
    for predicate in closed or ():
        by_predicate.setdefault(interned(predicate), _any_values)
    otherwise = _any_values if closed is None else _no_values
    wanted = tuple(interned(predicate) for predicate in needed)

    def holds(index: Index, node: Node) -> bool:
        about = index.predicates(node)
        for predicate, values in about.items():
            if not by_predicate.get(predicate, otherwise)(index, node, values):
                return False
        for predicate in wanted:
            if predicate not in about:
                return False
        return rest(index, node)

    return holds


def both(one: Check | None, other: Check) -> Check:
    """Both checks, where there is a first."""
    if one is None:
        return other
    first = one
    return lambda index, node, values: first(index, node, values) and other(index, node, values)


def each(test: Test, least: int, most: int | None) -> Check:
    """So many values, and the test holds for each."""
    if most is None and least <= 1:

        def all_hold(index: Index, _: Node, values: list[Node]) -> bool:
            for value in values:
                if not test(index, value):
                    return False
            return True

        return all_hold
    end = float("inf") if most is None else most

    def hold(index: Index, _: Node, values: list[Node]) -> bool:
        if not least <= len(values) <= end:
            return False
        for value in values:
            if not test(index, value):
                return False
        return True

    return hold


def _any_values(_: Index, __: Node, ___: list[Node]) -> bool:
    return True


def _no_values(_: Index, __: Node, ___: list[Node]) -> bool:
    return False
