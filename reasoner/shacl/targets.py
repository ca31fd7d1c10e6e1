"""Where shapes are to be looked at: targets read from a shapes graph, and the focus nodes that they have in a case."""

from collections.abc import Iterable, Iterator

from rdflib import RDF, RDFS, SH, BNode, Graph, URIRef
from rdflib.term import Node

from reasoner.rdf.index import Index
from reasoner.rdf.nodes import interned
from reasoner.rdf.source_graph import SourceGraph
from reasoner.shacl.shapes import Targets

_TERMS = (SH.targetNode, SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf)
_SH = str(SH)
_MOST_REMEMBERED = 4_096  # sets of kinds
_NO_TARGETS: list[int] = []


def read_targets(graph: Graph) -> Iterator[tuple[Node, Targets]]:
    """The nodes of a shapes graph that have a target, in the order of their names."""
    source = SourceGraph.of(graph).about
    for node in sorted(source, key=lambda node: (isinstance(node, BNode), str(node))):
        about = source[node]
        nodes, classes, subjects, objects = ([interned(term) for term in about.get(p, ())] for p in _TERMS)
        types = about.get(RDF.type, [])
        if _is_class(types, source) and any(str(term).startswith(_SH) for term in (*types, *about)):
            classes.append(node)  # a class that is a shape has its instances as targets
        targets = Targets(tuple(nodes), tuple(classes), _iris(subjects), _iris(objects))
        if targets != Targets():
            yield node, targets


def _is_class(types: Iterable[Node], source: dict[Node, dict[Node, list[Node]]]) -> bool:
    return any(cls == RDFS.Class or RDFS.Class in source.get(cls, {}).get(RDFS.subClassOf, ()) for cls in types)


def _iris(terms: Iterable[Node]) -> tuple[URIRef, ...]:
    return tuple(term for term in terms if isinstance(term, URIRef))


class FocusNodes:
    """Finds the focus nodes of several targets in one walk over a case."""

    def __init__(self, targets: Iterable[Targets]) -> None:
        self._named: list[tuple[int, Node]] = []
        self._of_class: dict[Node, list[int]] = {}
        self._of_object: dict[Node, list[int]] = {}
        self._of_subject: dict[Node, list[int]] = {}
        self._known: dict[frozenset[Node], tuple[int, ...]] = {}  # the kinds of a node -> the targets that it is of
        for number, target in enumerate(targets):
            self._named += [(number, node) for node in target.nodes]
            for cls in target.classes:
                self._of_class.setdefault(cls, []).append(number)
            for predicate in target.subjects_of:
                self._of_subject.setdefault(predicate, []).append(number)
            for predicate in target.objects_of:
                self._of_object.setdefault(predicate, []).append(number)

    def of(self, index: Index) -> list[tuple[int, Node]]:
        """The number of each target with each of its focus nodes, no pair twice."""
        found: list[tuple[int, Node]] = []
        kinds_of, known = index.kinds, self._known
        for node, kinds in kinds_of.items():
            numbers = known.get(kinds)
            for number in self.of_kinds(kinds) if numbers is None else numbers:
                found.append((number, node))  # noqa: PERF401 (most nodes are of one target or of none)
        further = self._by_property(index)
        return [
            *found,
            *dict.fromkeys(pair for pair in further if pair[0] not in self.of_kinds(kinds_of.get(pair[1]))),
        ]

    @property
    def only_of_case(self) -> bool:
        """Whether targets are told by kinds and by what leads to a node alone."""
        return not self._named and not self._of_subject

    def of_object(self, predicate: Node) -> list[int]:
        """The targets of what a property leads to."""
        return self._of_object.get(predicate, _NO_TARGETS)

    def _by_property(self, index: Index) -> list[tuple[int, Node]]:
        found = self._named.copy()
        of_object, of_subject = self._of_object.get, self._of_subject.get
        if self._of_object:
            for _, predicate, value in index.statements:
                numbers = of_object(predicate)
                if numbers is not None:
                    found += [(number, value) for number in numbers]
        if self._of_subject:
            for subject, predicate, _ in index.statements:
                found += [(number, subject) for number in of_subject(predicate, ())]
        return found

    def of_kinds(self, kinds: frozenset[Node] | None) -> tuple[int, ...]:
        """The targets of a node by its kinds; what was asked before is remembered, up to a limit."""
        if kinds is None:
            return ()
        numbers = self._known.get(kinds)
        if numbers is None:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            hit = {number for cls, of_class in self._of_class.items() if cls in kinds for number in of_class}
            numbers = self._known[kinds] = tuple(sorted(hit))
        return numbers
