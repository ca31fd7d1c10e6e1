"""Property paths as closures that give each value node with the statements that lead to it, as the bits of a number."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final, TypeVar

from rdflib import RDFS
from rdflib.term import Node

from reasoner.rdf.index import Index
from reasoner.rdf.nodes import interned
from reasoner.shacl.paths import straightened
from reasoner.shacl.shapes import Alternative, HasValue, Inverse, Path, Predicate, PropertyShape, Sequence, ZeroOrMore

Reached = dict[Node, int]
Reach = Callable[[Index, Node], Reached]
_Found = TypeVar("_Found")

_SUB_CLASS_OF: Final = RDFS.subClassOf
_UP: Final = ZeroOrMore(Predicate(_SUB_CLASS_OF))
_DOWN: Final = ZeroOrMore(Inverse(Predicate(_SUB_CLASS_OF)))
_NONE: Final[Reached] = {}


@lru_cache(maxsize=1024)
def reach_of(path: Path) -> Reach:
    """The values of a path in the order of the index; equal paths give the same function. Nobody changes what it gives.

    The class tree is the ontology's, never the case's: steps along it lead over no statement.
    """
    straight = straightened(path)
    reach = _reach(straight)
    return remembered(reach) if isinstance(straight, Sequence | Alternative) and straight != _SELF else reach


_SELF: Final = Sequence(())


def remembered(asked: Callable[[Index, Node], _Found]) -> Callable[[Index, Node], _Found]:
    """Asks once for a node of a case."""

    def known(index: Index, node: Node) -> _Found:
        key = (asked, node)
        found: _Found | None = index.remembered.get(key)
        if found is None:
            found = index.remembered[key] = asked(index, node)
        return found

    return known


def _reach(path: Path) -> Reach:
    if isinstance(path, Predicate):
        if path.iri == _SUB_CLASS_OF:
            return lambda index, node: dict.fromkeys(sorted(index.hierarchy.parents.get(node, ()), key=str), 0)
        return _forward(interned(path.iri))
    if isinstance(path, Inverse):
        assert isinstance(path.path, Predicate)
        if path.path.iri == _SUB_CLASS_OF:
            return _children
        return _backward(interned(path.path.iri))
    if isinstance(path, Sequence):
        return _along([_reach(step) for step in path.steps])
    if isinstance(path, Alternative):
        return _either([_reach(option) for option in path.options])
    if path == _DOWN:
        return lambda index, node: dict.fromkeys(index.hierarchy.descendants(node), 0)
    if isinstance(path, ZeroOrMore):
        return _closure(_reach(path.path))
    raise TypeError(f"{path!r} is no path of a policy")


def _forward(iri: Node) -> Reach:
    def reach(index: Index, node: Node) -> Reached:
        values = index.objects(node, iri)
        if not values:
            return _NONE
        bit = 1 << index.places[node][iri]
        if len(values) == 1:
            return {values[0]: bit}
        return {value: bit << place for place, value in enumerate(values)}

    return reach


def _backward(iri: Node) -> Reach:
    def reach(index: Index, node: Node) -> Reached:
        return {
            start: 1 << (index.places[start][iri] + index.objects(start, iri).index(node))
            for start in index.subjects(node, iri)
        }

    return reach


def _children(index: Index, node: Node) -> Reached:
    parents = index.hierarchy.parents
    below = index.hierarchy.descendants(node) - {node}
    return dict.fromkeys(sorted((cls for cls in below if node in parents.get(cls, ())), key=str), 0)


def _along(steps: list[Reach]) -> Reach:
    def reach(index: Index, node: Node) -> Reached:
        found = {node: 0}
        for step in steps:
            further: Reached = {}
            for start, walked in found.items():
                for value, more in step(index, start).items():
                    further[value] = further.get(value, 0) | walked | more
            found = further
        return found

    return reach


def _either(options: list[Reach]) -> Reach:
    def reach(index: Index, node: Node) -> Reached:
        found: Reached = {}
        for option in options:
            for value, walked in option(index, node).items():
                found[value] = found.get(value, 0) | walked
        return found

    return reach


def _closure(step: Reach) -> Reach:
    def reach(index: Index, node: Node) -> Reached:
        found = {node: 0}
        pending = [node]
        while pending:
            start = pending.pop()
            for value, walked in step(index, start).items():
                if value not in found:
                    found[value] = found[start] | walked
                    pending.append(value)
        return found

    return reach


def along_class_tree(shape: PropertyShape) -> tuple[Reach, list[tuple[Node, bool]]] | None:
    """For a path that ends along the class tree and asks for values only: what comes before that end, and each value.

    With a value stands whether the path descends to it. To go down from every class named would meet thousands of
    codes; to ask whether the class named lies above the value meets none.
    """
    path = straightened(shape.path)
    steps = path.steps if isinstance(path, Sequence) else (path,)
    if not steps or steps[-1] not in (_UP, _DOWN) or not all(isinstance(c, HasValue) for c in shape.constraints):
        return None
    wanted = [(interned(c.value), steps[-1] == _DOWN) for c in shape.constraints if isinstance(c, HasValue)]
    return reach_of(Sequence(steps[:-1])), wanted
