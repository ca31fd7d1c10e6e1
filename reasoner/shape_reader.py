"""Reads shapes from a graph into the typed form of `shapes`.

Every term outside the profile is refused by name when a policy is loaded: an engine that ignores a constraint which it
does not know takes a criterion for met.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from rdflib import RDF, RDFS, SH, BNode, Graph, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from reasoner.shapes import (
    Alternative,
    And,
    ClassIs,
    Component,
    Constraint,
    HasValue,
    In,
    Inverse,
    MaxCount,
    MinCount,
    NodeShape,
    Not,
    Or,
    Path,
    Predicate,
    PropertyShape,
    Qualified,
    Sequence,
    Shape,
    ZeroOrMore,
)
from reasoner.terms import EDX

_BESIDE = {  # terms that carry no constraint: documentation, targets, and what the policy loader reads
    RDF.type, RDFS.label, RDFS.comment, RDFS.isDefinedBy, SH.name, SH.description, SH.message, SH.severity, SH.order,
    SH.targetClass, SH.path, SH.property, SH.qualifiedMinCount,
}  # fmt: skip
_SINGLE: dict[URIRef, Callable[[Node], Constraint]] = {
    SH["class"]: lambda value: ClassIs(URIRef(str(value))),
    SH.hasValue: HasValue,
    SH.minCount: lambda value: MinCount(int(str(value))),
    SH.maxCount: lambda value: MaxCount(int(str(value))),
}
_AND, _IN, _NODE, _NOT, _OR = SH["and"], SH["in"], SH.node, SH["not"], SH["or"]
_PROPERTY, _QUALIFIED = SH.property, SH.qualifiedValueShape
_DOCUMENTATION = ("http://www.w3.org/2004/02/skos/core#", "http://purl.org/dc/terms/")


@dataclass
class ShapeReader:
    """Reads shapes out of a graph, each node once; collects what lies outside the profile."""

    graph: Graph
    components: dict[URIRef, tuple[URIRef, ...]]  # component IRI -> its parameters, all mandatory
    problems: list[str] = field(default_factory=list)
    _read: dict[Node, Shape] = field(default_factory=dict)
    _open: list[Node] = field(default_factory=list)
    _about: dict[Node, list[tuple[Node, Node]]] = field(default_factory=dict)  # the graph as one look-up, read once
    _keys: dict[Node, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for subject, predicate, value in self.graph:
            self._about.setdefault(subject, []).append((predicate, value))

    def shape(self, node: Node) -> Shape:
        """The shape that stands at a node of the graph."""
        known = self._read.get(node)
        if known is not None:
            return known
        if node in self._open:
            self._complain(node, "refers back to itself; SHACL leaves recursion undefined")
            return Shape(node)
        if node not in self._about:
            self._complain(node, "is used as a shape but nothing describes it")
        self._open.append(node)
        shape = Shape(node, tuple(self._constraints(node)), tuple(self._properties(node)))
        if not shape.constraints and not shape.properties:
            self._complain(node, "constrains nothing; a shape without a constraint is met by everything")
        self._open.pop()
        self._read[node] = shape
        return shape

    def path(self, node: Node) -> Path:
        """The property path that stands at a node of the graph."""
        if isinstance(node, URIRef):
            return Predicate(node)
        if (node, RDF.first, None) in self.graph:
            return Sequence(tuple(self.path(step) for step in self._list(node)))
        for term, build in ((SH.inversePath, Inverse), (SH.zeroOrMorePath, ZeroOrMore)):
            inner = self.graph.value(node, term)
            if inner is not None:
                return build(self.path(inner))
        options = self.graph.value(node, SH.alternativePath)
        if options is not None:
            return Alternative(tuple(self.path(option) for option in self._list(options)))
        self._complain(node, "is a path outside the profile (inverse, sequence, alternative, zero-or-more)")
        return Sequence(())

    def _properties(self, node: Node) -> Iterator[PropertyShape]:
        named = (value for predicate, value in self._about.get(node, ()) if predicate == _PROPERTY)
        for prop in sorted(named, key=self._order):
            path = self.graph.value(prop, SH.path)
            if path is None:
                self._complain(prop, "is a property shape without sh:path")
                continue
            yield PropertyShape(prop, self.path(path), tuple(self._constraints(prop)))

    def _constraints(self, node: Node) -> Iterator[Constraint]:
        found = sorted(self._about.get(node, ()), key=lambda po: (str(po[0]), self._order(po[1])))
        parameters: dict[URIRef, Node] = {}
        for predicate, value in found:
            assert isinstance(predicate, URIRef)
            if predicate in _BESIDE:
                continue
            if predicate == _AND:
                yield And(tuple(self.shape(member) for member in self._list(value)))
            elif predicate == _OR:
                yield Or(tuple(self.shape(member) for member in self._list(value)))
            elif predicate == _NOT:
                yield Not(self.shape(value))
            elif predicate == _NODE:
                yield NodeShape(self.shape(value))
            elif predicate == _IN:
                yield In(tuple(self._list(value)))
            elif predicate == _QUALIFIED:
                minimum = self.graph.value(node, SH.qualifiedMinCount)
                if minimum is None:
                    self._complain(node, "has sh:qualifiedValueShape without sh:qualifiedMinCount")
                yield Qualified(self.shape(value), int(str(minimum or 1)))
            elif predicate in _SINGLE:
                yield _SINGLE[predicate](value)
            elif any(predicate in names for names in self.components.values()):
                parameters[predicate] = value
            elif str(predicate).startswith(_DOCUMENTATION) or (
                str(predicate).startswith(str(EDX)) and predicate in _POLICY_TERMS
            ):
                continue
            else:
                self._complain(
                    node, f"uses {predicate.n3(self.graph.namespace_manager)}, which the profile does not know"
                )
        yield from self._components(node, parameters)

    def _components(self, node: Node, parameters: dict[URIRef, Node]) -> Iterator[Component]:
        for iri, names in sorted(self.components.items()):
            given = [name for name in names if name in parameters]
            if not given:
                continue
            if len(given) < len(names):
                missing = ", ".join(str(name) for name in names if name not in parameters)
                self._complain(node, f"gives only some parameters of {iri}; missing: {missing}")
                continue
            yield Component(iri, tuple((name, parameters[name]) for name in names))

    def _list(self, node: Node) -> list[Node]:
        return list(Collection(self.graph, node))

    def _order(self, node: Node) -> str:
        """Blank nodes sort by what they say, so that the order does not hang on their names."""
        known = self._keys.get(node)
        if known is None:
            known = node.n3()
            if isinstance(node, BNode):
                said = sorted(p.n3() + self._order(o) for p, o in self._about.get(node, ()))
                known = "_" + " ".join(said)
            self._keys[node] = known
        return known

    def _complain(self, node: Node, problem: str) -> None:
        named = [n.n3(self.graph.namespace_manager) for n in (*self._open, node) if isinstance(n, URIRef)]
        within = "" if isinstance(node, URIRef) else "a shape within "
        self.problems.append(f"{within}{named[-1] if named else 'an unnamed shape'} {problem}")


_POLICY_TERMS = {
    EDX[name]
    for name in (
        "refutedBy", "whenMet", "whenRefuted", "whenOpen", "whenNotApplicable", "documentation", "reading", "assumes",
        "appliesTo", "sentence",
    )
}  # fmt: skip


def read_components(graph: Graph) -> dict[URIRef, tuple[URIRef, ...]]:
    """The constraint components that a graph declares, each with the paths of its parameters."""
    found: dict[URIRef, tuple[URIRef, ...]] = {}
    for iri in graph.subjects(RDF.type, SH.ConstraintComponent):
        paths = [graph.value(parameter, SH.path) for parameter in graph.objects(iri, SH.parameter)]
        found[URIRef(str(iri))] = tuple(sorted(URIRef(str(path)) for path in paths))
    return found
