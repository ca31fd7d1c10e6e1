"""What a shape can see of a request, so that requests which look alike to it are judged once.

A request is seen through its statements, each with what is said of its value and below: a record. A record matters to a
shape if it satisfies one of the conditions that the shape asks a value for, or says why not, or if the shape speaks of
every value. What matters, reduced to the properties and features that the shape asks for and put in order, is the view;
requests with the same view get the same answer, and it rests on the statements in the same places.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import count
from typing import Any, Final

from rdflib.term import Node

from reasoner.evaluation.seen import Seen, Unseen, seen_by
from reasoner.evaluation.signatures import Features, Signatures
from reasoner.rdf.index import Index
from reasoner.recent import Recent
from reasoner.shacl.paths import Test
from reasoner.shacl.shapes import Shape
from reasoner.validation.proof_steps import NO_ONE, Proof, Prove
from reasoner.validation.proofs import Provers

MOST_REMEMBERED: Final = 256  # views of each shape; few have many
_MOST_RECORDS: Final = 2048
_DEEPEST: Final = 4  # steps below the value of a statement about the request


@dataclass(frozen=True, slots=True)
class Record:
    """One statement about a request: its number, those about its value and below, and where their subjects begin."""

    number: int
    numbers: tuple[int, ...]
    starts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class View:
    """What one shape sees of one request: a key that is equal where requests look alike, and the statements in it."""

    key: object
    seen: list[tuple[int, tuple[int, ...], Record]]

    def numbers(self) -> list[int]:
        """The statements in the view, in its order."""
        found = []
        for _, places, record in self.seen:
            found.append(record.number)
            found += [record.numbers[place] for place in places]
        return found

    def places(self, mask: int) -> tuple[int, ...] | None:
        """Where statements stand in the view; nothing if one of them does not stand in it."""
        found = []
        for place, number in enumerate(self.numbers()):
            if mask >> number & 1:
                mask ^= 1 << number
                found.append(place)
        return None if mask else _one(tuple(found))

    def mask(self, places: tuple[int, ...]) -> int:
        """The statements at some places of the view, as the bits of a number."""
        mask = 0
        if places:
            numbers = self.numbers()
            for place in places:
                mask |= 1 << numbers[place]
        return mask


ViewOf = Callable[[Index, Node], View | None]
"""What a shape sees of a request; nothing if the request is such that no view shows it."""
_UNSEEN: Final[dict[int, View]] = {}
_BLIND: Final = View(None, [])
"""What a shape sees of a request that says nothing which matters to it."""


class Views:
    """The views of the shapes of one edition."""

    def __init__(self, signatures: Signatures, *, broadest: int = 32) -> None:
        """A shape that asks for more features than `broadest` sees so much that few requests look alike to it."""
        self._broadest = broadest
        self._signatures = signatures
        self._provers = Provers()
        self._shapes: list[Seen] = []
        self._numbers: dict[Shape, int | None] = {}
        self._first: set[Node] = set()
        self._predicates: set[Node] = set()
        self._records: Recent[tuple[Node, object], list[tuple[int, int, tuple[int, ...]]]] = Recent(_MOST_RECORDS)
        self._locals: Recent[object, int] = Recent(_MOST_RECORDS)
        self._next = count().__next__  # what is forgotten gets another number: a view keeps its meaning
        self._by_predicate: dict[Node, list[tuple[int, tuple[Shape, ...] | None]]] = {}
        self._narrow: dict[tuple[int, int], Features] = {}
        self._given = False
        self.tests: dict[Shape, Test] = {}
        """Whether a request conforms to a shape, by whatever recalls it."""

    def of(self, shape: Shape) -> ViewOf | None:
        """What gives the views of a shape; nothing if it asks for more than a view shows.

        Raises:
            RuntimeError: A view has been given already, and did not look for what this shape asks.
        """
        if shape not in self._numbers:
            if self._given:
                raise RuntimeError(f"{shape.node} comes after the first view of its edition")
            try:
                seen = seen_by(shape, self._broadest)
            except Unseen:
                self._numbers[shape] = None
            else:
                self._numbers[shape] = len(self._shapes)
                self._shapes.append(seen)
                self._first |= seen.first
                self._predicates |= seen.predicates
        number = self._numbers[shape]
        return None if number is None else partial(self._view, number)

    def recalling(self, shape: Shape, prove: Prove) -> Prove:
        """The same proof of a request, made once for each view of a shape that has been asked for its views before."""
        number = self._numbers.get(shape)
        if number is None:
            return prove
        known: Recent[object, tuple[bool, tuple[int, ...]] | None] = Recent(MOST_REMEMBERED)

        def recall(index: Index, node: Node) -> Proof:
            view = self._view(number, index, node)
            if view is None:
                return prove(index, node)
            try:
                recalled = known[view.key]
            except KeyError:
                proof = prove(index, node)
                found = view.places(proof[1])
                known.keep(view.key, None if found is None or proof[2] or proof[3] else (proof[0], found))
                return proof
            if recalled is None:
                return prove(index, node)
            holds, places = recalled
            return holds, view.mask(places), (), NO_ONE

        return recall

    def _view(self, number: int, index: Index, request: Node) -> View | None:
        if index.changes:
            return None
        key = (self, request)
        known: dict[int, View] | None = index.remembered.get(key, _UNSEEN)
        if known is _UNSEEN:
            self._given = True
            try:
                known = self._of(index, request)
            except Unseen:
                known = None
            index.remembered[key] = known
        return None if known is None else known.get(number, _BLIND)

    def _of(self, index: Index, request: Node) -> dict[int, View]:
        seen: dict[int, list[tuple[int, tuple[int, ...], Record]]] = {}
        first, records, places = self._first, self._records, index.places
        own = places.get(request, {})
        for predicate, values in index.predicates(request).items():
            if predicate not in first:
                continue
            number = own[predicate]
            for value in values:
                numbers: list[int] = []
                starts: list[int] = []
                shown = self._shown(index, value, numbers, starts, {request})
                key = (predicate, shown)
                try:
                    mattering = records[key]
                except KeyError:
                    mattering = self._matters(index, request, predicate, shown, [number, *numbers])
                    records.keep(key, mattering)
                if mattering:
                    record = Record(number, tuple(numbers), tuple(starts))
                    for shape, local, kept in mattering:
                        if shape in seen:
                            seen[shape].append((local, kept, record))
                        else:
                            seen[shape] = [(local, kept, record)]
                number += 1
        start = next(iter(own.values()), 0)
        return {shape: View(_key(found, start), found) for shape, found in seen.items()}

    def _shown(self, index: Index, node: Node, numbers: list[int], starts: list[int], above: set[Node]) -> object:
        """What is said of a node with the properties that some shape asks for, and of what it leads to."""
        stated = index.predicates(node)
        if not stated:
            return self._signatures.code(node, index.hierarchy)
        if node in above or len(above) > _DEEPEST:
            raise Unseen
        found: list[object] = []
        code, hierarchy = self._signatures.code, index.hierarchy
        places = index.places[node]
        starts.append(next(iter(places.values())))
        for predicate, values in stated.items():
            if predicate in self._predicates:
                number = places[predicate]
                for value in values:
                    numbers.append(number)
                    number += 1
                    found.append(predicate)
                    if index.predicates(value):
                        found.append(self._shown(index, value, numbers, starts, above | {node}))
                    else:
                        found.append(code(value, hierarchy))
        return tuple(found)

    def _matters(
        self, index: Index, request: Node, predicate: Node, shown: object, numbers: list[int]
    ) -> list[tuple[int, int, tuple[int, ...]]]:
        """The shapes to which a record matters, with a number for what each sees of it and where that stands."""
        alone = Index([index.statements[number] for number in sorted(set(numbers))], index.hierarchy)
        says: dict[Shape, bool] = {}
        found = []
        for number, conditions in self._asking(predicate):
            if conditions is None or any(self._says(shape, alone, request, says) for shape in conditions):
                kept: list[int] = []
                narrowed = self._narrowed(shown, number, iter(range(len(numbers) - 1)), kept)
                key = (number, predicate, narrowed)
                try:
                    local = self._locals[key]
                except KeyError:
                    local = self._locals.keep(key, self._next())
                found.append((number, local, _one(tuple(kept))))
        return found

    def _asking(self, predicate: Node) -> list[tuple[int, tuple[Shape, ...] | None]]:
        """The shapes that ask for a property, and under which conditions; None where it always matters."""
        known = self._by_predicate.get(predicate)
        if known is None:
            known = self._by_predicate[predicate] = []
            for number, seen in enumerate(self._shapes):
                conditions = tuple([shape for first, shape in seen.conditions if predicate in first])
                if predicate in seen.every:
                    known.append((number, None))
                elif conditions:
                    known.append((number, conditions))
        return known

    def _says(self, shape: Shape, index: Index, request: Node, known: dict[Shape, bool]) -> bool:
        """Whether there is something to the answer of a condition: it is yes, or there are statements behind the no."""
        says = known.get(shape)
        if says is None:
            holds, mask, _, _ = self._provers.shape(shape)(index, request)
            says = known[shape] = holds or mask > 0
        return says

    def _narrowed(self, shown: Any, number: int, places: Iterator[int], kept: list[int]) -> object:
        """What one shape can tell of what is shown, and the places of the statements that it can tell."""
        if not isinstance(shown, tuple):
            known = self._narrow.get((number, shown))
            if known is None:
                known = self._narrow[number, shown] = self._signatures.sets[shown] & self._shapes[number].features
            return known
        found, asked = [], self._shapes[number].predicates
        for predicate, value in zip(shown[::2], shown[1::2], strict=True):
            place = next(places)
            if predicate in asked:
                kept.append(place)
                found.append((predicate, self._narrowed(value, number, places, kept)))
            elif isinstance(value, tuple):
                self._narrowed(value, number, places, [])
        return tuple(found)


def _key(seen: list[tuple[int, tuple[int, ...], Record]], request: int) -> object:
    """What is seen, in order, and in which order the statements about the nodes in it stand among each other."""
    starts = [start for _, _, record in seen for start in record.starts]
    if len(seen) == 1 and len(starts) < 2:
        return seen[0][0], starts[0] < request if starts else None
    order = sorted({*starts, request})
    return tuple([local for local, _, _ in seen]), _one(tuple([order.index(start) for start in (request, *starts)]))


@lru_cache(maxsize=2048)
def _one(places: tuple[int, ...]) -> tuple[int, ...]:
    """The same places as one object, of which there are few among many."""
    return places
