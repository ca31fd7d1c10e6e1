"""The steps of a proof: what an answer about one value, or about the values of a path, rests on.

Statements are the bits of a number, as `Index.places` has them.
"""

from collections.abc import Callable, Iterable
from typing import Final

from rdflib.term import Node, URIRef

from reasoner.native import components
from reasoner.rdf.index import Index
from reasoner.shacl.reached import Reached
from reasoner.shacl.shapes import Component, PropertyShape

Held = tuple[PropertyShape, Node]
Proof = tuple[bool, int, tuple[str, ...], frozenset[Held]]
"""Whether a node conforms; the statements that the answer rests on; figures from the components that took part; and
the property shapes that held for each of their value nodes, with the node they start from: such an answer rests on all
of the values, although it would be the same with fewer."""
Prove = Callable[[Index, Node], Proof]
OfReached = Callable[[Index, Reached], Proof]

NO_ONE: Final[frozenset[Held]] = frozenset()
YES: Final[Proof] = (True, 0, (), NO_ONE)
NO: Final[Proof] = (False, 0, (), NO_ONE)


# Values ------------------------------------------------------------------------------


def climbing(reach: Callable[[Index, Node], Reached], value: Node, down: bool) -> Prove:
    """That the class tree leads down from one of the nodes reached to a value, or up to it."""

    def prove(index: Index, node: Node) -> Proof:
        reached = reach(index, node)
        if not reached:
            return NO
        above = index.hierarchy.ancestors
        mask, found = 0, False
        for start, walked in reached.items():
            if start in above(value) if down else value in above(start):
                mask |= walked
                found = True
        return (True, mask, (), NO_ONE) if found else NO

    return prove


def has_value(value: Node) -> OfReached:
    """That a value is among those reached."""

    def prove(_: Index, reached: Reached) -> Proof:
        walked = reached.get(value)
        return NO if walked is None else (True, walked, (), NO_ONE)

    return prove


def qualified(test: Callable[[Index, Node], bool], prove: Prove, minimum: int, *, single: bool = False) -> OfReached:
    """That so many of the values conform: those that do; where they are too few, whatever has a say in it.

    With `single`, no more of those that do than have to.
    """

    def proof(index: Index, reached: Reached) -> Proof:
        witnesses = [(value, walked) for value, walked in reached.items() if test(index, value)]
        enough = len(witnesses) >= minimum
        if enough and single:
            del witnesses[max(minimum, 1) :]
        found = []
        for value, walked in witnesses if enough else reached.items():
            answer = prove(index, value)
            if enough or answer[1]:
                found.append((answer[0], answer[1] | walked, answer[2], answer[3]))
        return joined(enough, found)

    return proof


def each(prove: Prove) -> OfReached:
    """All must hold; the first that does not is reason enough."""

    def proof(index: Index, reached: Reached) -> Proof:
        found = []
        for value, walked in reached.items():
            holds, mask, notes, every = prove(index, value)
            if not holds:
                return (False, mask | walked, notes, every)
            found.append((True, mask | walked, notes, every))
        return joined(True, found)

    return proof


def is_a(cls: URIRef) -> Prove:
    """That a node has a type that is a class or lies below it."""

    def prove(index: Index, node: Node) -> Proof:
        mask = index.types_of(node, cls)
        return (True, mask, (), NO_ONE) if mask else NO

    return prove


def component(constraint: Component) -> Prove:
    """What a constraint component says."""
    iri = constraint.iri

    def prove(index: Index, node: Node) -> Proof:
        found = components.NATIVE[iri](index, node, constraint)
        return (found.conforms, found.support, tuple(dict.fromkeys(found.notes)), NO_ONE)

    return prove


def union(reached: Reached) -> int:
    """Every statement that leads to a value."""
    mask = 0
    for walked in reached.values():
        mask |= walked
    return mask


# Proofs of proofs --------------------------------------------------------------------


def joined(holds: bool, proofs: Iterable[Proof]) -> Proof:
    """One answer that rests on all of these."""
    mask = 0
    notes: tuple[str, ...] = ()
    every = NO_ONE
    for _, support, figures, held in proofs:
        mask |= support
        if figures:
            notes = tuple(dict.fromkeys((*notes, *figures))) if notes else tuple(dict.fromkeys(figures))
        if held:
            every = every | held if every else held
    return (holds, mask, notes, every)


def negated(prove: Prove) -> Prove:
    """The opposite answer, which rests on the same statements."""

    def opposite(index: Index, node: Node) -> Proof:
        holds, mask, notes, every = prove(index, node)
        return (not holds, mask, notes, every)

    return opposite


def all_of(parts: list[Prove], *, single: bool = False) -> Prove:
    """All must hold; the first that does not is reason enough, or with `single` the first that rests on nothing."""
    if len(parts) == 1:
        return parts[0]

    def least(index: Index, node: Node) -> Proof:
        found = []
        failing = None
        for part in parts:
            proof = part(index, node)
            if not proof[0]:
                if not proof[1]:
                    return proof
                failing = failing or proof
            found.append(proof)
        return failing or joined(True, found)

    if single:
        return least

    def prove(index: Index, node: Node) -> Proof:
        found = []
        for part in parts:
            proof = part(index, node)
            if not proof[0]:
                return proof
            found.append(proof)
        return joined(True, found)

    return prove


def any_of(options: list[tuple[Callable[[Index, Node], bool], Prove]], *, single: bool = False) -> Prove:
    """Those that hold, or with `single` the first that does; where none does, all of them."""

    def first(index: Index, node: Node) -> Proof:
        for test, prove in options:
            if test(index, node):
                return prove(index, node)
        return joined(False, [prove(index, node) for _, prove in options])

    if single:
        return first

    def prove(index: Index, node: Node) -> Proof:
        holding = [prove(index, node) for test, prove in options if test(index, node)]
        return joined(True, holding) if holding else joined(False, [prove(index, node) for _, prove in options])

    return prove
