"""Property paths as Python closures over the index of a case.

Three questions are compiled: whether some value of a path passes a test, whether every value does, and which values
there are, each once. The first two walk without making a collection, and stop at the first value that decides.
"""

# ruff: noqa: SIM110 (a loop costs a third of what a generator in any() costs, and these are the innermost ones)

from collections.abc import Callable, Collection, Iterable
from itertools import chain
from typing import Final

from rdflib import RDFS, URIRef
from rdflib.term import Node

from reasoner.rdf.index import Index
from reasoner.rdf.nodes import interned
from reasoner.shacl.shapes import (
    Alternative,
    Inverse,
    OneOrMore,
    Path,
    Predicate,
    Sequence,
    ZeroOrMore,
    ZeroOrOne,
)

Test = Callable[[Index, Node], bool]
Walk = Callable[[Index, Node], Collection[Node]]

SELF: Final = Sequence(())
"""The path of no step: it leads to the node itself."""
_SUB_CLASS_OF: Final = RDFS.subClassOf
_NONE: Final[tuple[Node, ...]] = ()


def is_term(value: Node) -> Test:
    """Whether a node is the given term; IRIs are compared without running Python code of rdflib."""
    term = interned(value)
    if isinstance(term, URIRef):
        same = str.__eq__
        return lambda _, node: node is term or (isinstance(node, URIRef) and same(node, term))
    return lambda _, node: bool(node == term)


def straightened(path: Path) -> Path:
    """The same path with `sh:inversePath` over single properties only, and without steps inside steps."""
    if isinstance(path, Predicate):
        return path
    if isinstance(path, Inverse):
        return _inverted(path.path)
    if isinstance(path, Sequence):
        steps = [straightened(step) for step in path.steps]
        flat = tuple(chain.from_iterable(s.steps if isinstance(s, Sequence) else (s,) for s in steps))
        return flat[0] if len(flat) == 1 else Sequence(flat)
    if isinstance(path, Alternative):
        return Alternative(tuple(straightened(option) for option in path.options))
    return type(path)(straightened(path.path))


def _inverted(path: Path) -> Path:
    if isinstance(path, Predicate):
        return Inverse(path)
    if isinstance(path, Inverse):
        return straightened(path.path)
    if isinstance(path, Sequence):
        return straightened(Sequence(tuple(_inverted(step) for step in reversed(path.steps))))
    if isinstance(path, Alternative):
        return Alternative(tuple(_inverted(option) for option in path.options))
    return type(path)(_inverted(path.path))


def some(path: Path, test: Test) -> Test:
    """Whether the test holds for at least one value of the path."""
    return _some(straightened(path), test)


def every(path: Path, test: Test) -> Test:
    """Whether the test holds for all values of the path."""
    straight = straightened(path)
    if straight == SELF:
        return test
    if _of_one_property(straight):
        return _every_of_property(straight, test)
    failing = _some(straight, lambda index, node: not test(index, node))
    return lambda index, node: not failing(index, node)


def reaches(path: Path, value: Node) -> Test:
    """Whether the value is among those of the path."""
    straight, term = straightened(path), interned(value)
    if straight == _ANCESTORS:
        return lambda index, node: term in index.hierarchy.ancestors(node)
    if straight == _PROPER_ANCESTORS:
        return lambda index, node: any(
            term in index.hierarchy.ancestors(parent) for parent in index.hierarchy.parents.get(node, _NONE)
        )
    if straight == _DESCENDANTS:
        return lambda index, node: node in index.hierarchy.ancestors(term)
    if isinstance(straight, Sequence) and straight.steps and straight.steps[-1] in _OF_TREE:
        return _some(straightened(Sequence(straight.steps[:-1])), reaches(straight.steps[-1], term))
    return _some(straight, is_term(term))


def has_values(path: Path) -> Test:
    """Whether the path has any value."""
    straight = straightened(path)
    if _of_one_property(straight):
        walk = values(straight)
        return lambda index, node: bool(walk(index, node))
    return _some(straight, lambda _, __: True)


def values(path: Path) -> Walk:
    """The values of a path, each once, in the order of the index."""
    return _values(straightened(path))


# One value at a time -----------------------------------------------------------------


def _some(path: Path, test: Test) -> Test:
    if _of_one_property(path):
        return _some_of_property(path, test)
    if isinstance(path, Sequence):
        for step in reversed(path.steps):
            test = _some(step, test)
        return test
    if isinstance(path, Alternative):
        return _some_option(path, test)
    walk = _values(path)

    def holds(index: Index, node: Node) -> bool:
        for value in walk(index, node):
            if test(index, value):
                return True
        return False

    return holds


def is_property(path: Path) -> bool:
    """Whether the path is one property of the case; the class tree is the ontology's."""
    return isinstance(path, Predicate) and path.iri != _SUB_CLASS_OF


def _of_one_property(path: Path) -> bool:
    return is_property(path.path if isinstance(path, Inverse) else path)


def _some_of_property(path: Path, test: Test) -> Test:
    if isinstance(path, Inverse):
        assert isinstance(path.path, Predicate)
        iri = interned(path.path.iri)

        def reached(index: Index, node: Node) -> bool:
            for start in index.subjects(node, iri):
                if test(index, start):
                    return True
            return False

        return reached
    assert isinstance(path, Predicate)
    iri = interned(path.iri)

    def holds(index: Index, node: Node) -> bool:
        for value in index.objects(node, iri):
            if test(index, value):
                return True
        return False

    return holds


def _every_of_property(path: Path, test: Test) -> Test:
    walk = _values(path)

    def holds(index: Index, node: Node) -> bool:
        for value in walk(index, node):
            if not test(index, value):
                return False
        return True

    return holds


def _some_option(path: Alternative, test: Test) -> Test:
    options = path.options
    if all(isinstance(option, Predicate) and _of_one_property(option) for option in options):
        iris = tuple(interned(option.iri) for option in options if isinstance(option, Predicate))

        def reached(index: Index, node: Node) -> bool:
            for iri in iris:
                for value in index.objects(node, iri):
                    if test(index, value):
                        return True
            return False

        return reached
    tests = tuple(_some(option, test) for option in options)

    def holds(index: Index, node: Node) -> bool:
        for option in tests:
            if option(index, node):
                return True
        return False

    return holds


# All values --------------------------------------------------------------------------


def _values(path: Path) -> Walk:
    if isinstance(path, Predicate):
        if path.iri == _SUB_CLASS_OF:  # the class tree is the ontology's, never the case's
            return lambda index, node: sorted(index.hierarchy.parents.get(node, _NONE), key=str)
        iri = interned(path.iri)
        return lambda index, node: index.objects(node, iri)
    if isinstance(path, Inverse):
        assert isinstance(path.path, Predicate)
        if path.path.iri == _SUB_CLASS_OF:
            return _children
        back = interned(path.path.iri)
        return lambda index, node: index.subjects(node, back)
    if isinstance(path, Sequence):
        return _along([_values(step) for step in path.steps])
    if isinstance(path, Alternative):
        walks = tuple(_values(option) for option in path.options)
        return lambda index, node: dict.fromkeys(chain.from_iterable(walk(index, node) for walk in walks))
    if path == _ANCESTORS:
        return lambda index, node: index.hierarchy.ancestors(node)
    if path == _DESCENDANTS:
        return lambda index, node: index.hierarchy.descendants(node)
    step = _values(path.path)
    if isinstance(path, ZeroOrOne):
        return lambda index, node: dict.fromkeys((node, *step(index, node)))
    if isinstance(path, OneOrMore):
        return lambda index, node: _closure(index, step(index, node), step)
    return lambda index, node: _closure(index, (node,), step)


def _along(walks: list[Walk]) -> Walk:
    def reached(index: Index, node: Node) -> Collection[Node]:
        found: Collection[Node] = (node,)
        for walk in walks:
            found = dict.fromkeys(chain.from_iterable(walk(index, start) for start in found))
        return found

    return reached


def _closure(index: Index, starts: Iterable[Node], step: Walk) -> dict[Node, None]:
    found = dict.fromkeys(starts)
    pending = list(found)
    while pending:
        for value in step(index, pending.pop()):
            if value not in found:
                found[value] = None
                pending.append(value)
    return found


def _children(index: Index, node: Node) -> list[Node]:
    parents = index.hierarchy.parents
    below = index.hierarchy.descendants(node) - {node}
    return sorted((cls for cls in below if node in parents.get(cls, _NONE)), key=str)


_ANCESTORS: Final = ZeroOrMore(Predicate(_SUB_CLASS_OF))
_PROPER_ANCESTORS: Final = OneOrMore(Predicate(_SUB_CLASS_OF))
_DESCENDANTS: Final = ZeroOrMore(Inverse(Predicate(_SUB_CLASS_OF)))
_OF_TREE: Final = (_ANCESTORS, _PROPER_ANCESTORS, _DESCENDANTS)
