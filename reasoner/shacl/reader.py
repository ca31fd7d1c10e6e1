"""Reads shapes from a graph into the typed form of `reasoner.shacl.shapes`.

Every term outside the profile is refused by name when shapes are loaded: an engine that ignores a constraint which it
does not know takes a criterion for met. There are two profiles: SHACL Core, and the part of it that policies are
written in.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rdflib import RDF, SH, BNode, Graph, URIRef
from rdflib.term import Node

from reasoner.rdf.source_graph import SourceGraph
from reasoner.shacl import terms as sh
from reasoner.shacl.declared import Components, is_of
from reasoner.shacl.parameters import (
    BESIDE,
    BESIDE_IN_CORE,
    DOCUMENTATION,
    OF_CORE,
    OF_POLICIES,
    ONCE,
    POLICY_TERMS,
    REPEATED,
    as_count,
    is_true,
)
from reasoner.shacl.patterns import compiled
from reasoner.shacl.shapes import (
    Alternative,
    And,
    Closed,
    Component,
    Constraint,
    In,
    LanguageIn,
    NodeShape,
    Not,
    Or,
    Path,
    Pattern,
    Predicate,
    PropertyShape,
    Qualified,
    Sequence,
    Shape,
    Solution,
    Sparql,
    UniqueLang,
    Xone,
)

Solve = Callable[[Any, Node], Iterable[Solution]]

_ALL_OF_CORE = {
    *OF_CORE, sh.AND, sh.IN, sh.NODE, sh.NOT, sh.OR, sh.XONE, sh.CLOSED, sh.LANGUAGE_IN, sh.PATTERN, sh.SPARQL,
    sh.UNIQUE_LANG, sh.QUALIFIED,
}  # fmt: skip
_OF_QUERIES = {RDF.type, SH.message, SH.prefixes, SH.select}
_ALL_OF_POLICIES = {*OF_POLICIES, sh.AND, sh.IN, sh.NODE, sh.NOT, sh.OR, sh.QUALIFIED}
_LISTS: dict[Node, type[And | Or | Xone]] = {sh.AND: And, sh.OR: Or, sh.XONE: Xone}


@dataclass
class ShapeReader:
    """Reads shapes out of a graph, each node once; collects what lies outside the profile.

    `core` opens all of SHACL Core, and `sh:sparql` in the shapes that `queries` has native code for.
    """

    graph: Graph
    components: Components
    core: bool = False
    queries: Mapping[Node, Solve] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    _read: dict[Node, Shape] = field(default_factory=dict)
    _read_properties: dict[Node, PropertyShape | None] = field(default_factory=dict)
    _open: list[Node] = field(default_factory=list)
    _about: Mapping[Node, Mapping[Node, list[Node]]] = field(default_factory=dict)
    _keys: dict[Node, str] = field(default_factory=dict)
    _parameters: frozenset[Node] = frozenset()

    def __post_init__(self) -> None:
        self._about = SourceGraph.of(self.graph).about
        self._parameters = frozenset(name for names in self.components.values() for name in names)

    def shape(self, node: Node) -> Shape:
        """The shape that stands at a node of the graph."""
        known = self._read.get(node)
        if known is None:
            if node in self._open:
                self._complain(node, "refers back to itself; SHACL leaves recursion undefined")
                return Shape(node)
            known = self._read[node] = self._shape(node)
        return known

    def _shape(self, node: Node) -> Shape:
        if node not in self._about:
            self._complain(node, "is used as a shape but nothing describes it")
        if self._values(node, sh.PATH):
            found = self._property(node)
            return Shape(node, properties=() if found is None else (found,))
        if self._is_deactivated(node):
            return Shape(node)
        self._open.append(node)
        shape = Shape(node, tuple(self._constraints(node)), tuple(self._properties(node)), *self._said(node))
        if not shape.constraints and not shape.properties and not self.core:
            self._complain(node, "constrains nothing; a shape without a constraint is met by everything")
        self._open.pop()
        return shape

    def path(self, node: Node) -> Path:
        """The property path that stands at a node of the graph."""
        if isinstance(node, URIRef):
            return Predicate(node)
        if self._values(node, sh.FIRST):
            return Sequence(tuple(self.path(step) for step in self._list(node)))
        for term, build in REPEATED.items():
            if self.core or term in (sh.INVERSE, sh.ZERO_OR_MORE):
                for inner in self._values(node, term):
                    return build(self.path(inner))
        for options in self._values(node, sh.ALTERNATIVE):
            return Alternative(tuple(self.path(option) for option in self._list(options)))
        known = "" if self.core else " (inverse, sequence, alternative, zero-or-more)"
        self._complain(node, f"is a path outside the profile{known}")
        return Sequence(())

    def _properties(self, node: Node) -> Iterator[PropertyShape]:
        found = map(self._property, sorted(self._values(node, sh.PROPERTY), key=self._order))
        return (prop for prop in found if prop is not None)

    def _property(self, node: Node) -> PropertyShape | None:
        if node not in self._read_properties:
            if node in self._open:
                self._complain(node, "refers back to itself; SHACL leaves recursion undefined")
                return None
            self._open.append(node)
            self._read_properties[node] = self._property_shape(node)
            self._open.pop()
        return self._read_properties[node]

    def _property_shape(self, node: Node) -> PropertyShape | None:
        paths = self._values(node, sh.PATH)
        if not paths:
            self._complain(node, "is a property shape without sh:path")
            return None
        path = self.path(paths[0])
        if self._is_deactivated(node):
            return PropertyShape(node, path, ())
        if not self.core and self._values(node, sh.PROPERTY):
            self._complain(node, "uses sh:property below a path, which the profile does not know")
        return PropertyShape(
            node, path, tuple(self._constraints(node)), tuple(self._properties(node)), *self._said(node)
        )

    def _said(self, node: Node) -> tuple[URIRef, tuple[str, ...]]:
        """The severity of a shape and its messages."""
        severity = next(iter(self._values(node, sh.SEVERITY)), sh.VIOLATION)
        return severity if isinstance(severity, URIRef) else URIRef(str(severity)), tuple(
            sorted(str(message) for message in self._values(node, sh.MESSAGE))
        )

    def _is_deactivated(self, node: Node) -> bool:
        return self.core and any(str(value) == "true" for value in self._values(node, sh.DEACTIVATED))

    def _constraints(self, node: Node) -> Iterator[Constraint]:
        found = sorted(
            ((predicate, value) for predicate, values in self._about.get(node, {}).items() for value in values),
            key=lambda pair: (str(pair[0]), self._order(pair[1])),
        )
        parameters: dict[Node, Node] = {}
        for predicate, value in found:
            if predicate in ONCE and len(self._values(node, predicate)) > 1:
                self._complain(node, f"has more than one {self._name(predicate)}")
            if predicate in (_ALL_OF_CORE if self.core else _ALL_OF_POLICIES):
                try:
                    yield from self._constraint(node, predicate, value)
                except ValueError as error:
                    self._complain(node, f"has a {self._name(predicate)} that cannot be used: {error}")
            elif predicate in self._parameters:
                parameters[predicate] = value
            elif not self._carries_nothing(predicate):
                self._complain(node, f"uses {self._name(predicate)}, which the profile does not know")
        yield from self._components(node, parameters)

    def _constraint(self, node: Node, predicate: Node, value: Node) -> Iterator[Constraint]:
        assert isinstance(predicate, URIRef)
        if predicate in OF_CORE:
            yield OF_CORE[predicate](value)
        elif predicate in _LISTS:
            yield _LISTS[predicate](tuple(self.shape(member) for member in self._list(value)))
        elif predicate == sh.NOT:
            yield Not(self.shape(value))
        elif predicate == sh.NODE:
            yield NodeShape(self.shape(value))
        elif predicate == sh.IN:
            yield In(tuple(self._list(value)))
        elif predicate == sh.QUALIFIED:
            yield self._qualified(node, value)
        elif predicate == sh.PATTERN:
            flags = "".join(str(flag) for flag in self._values(node, sh.FLAGS))
            compiled(str(value), flags)
            yield Pattern(str(value), flags)
        elif predicate == sh.LANGUAGE_IN:
            yield LanguageIn(tuple(str(tag) for tag in self._list(value)))
        elif predicate == sh.UNIQUE_LANG:
            yield from (UniqueLang(),) if str(value) == "true" else ()  # SHACL 1.0, 4.4.5: the literal true, not 1
        elif predicate == sh.CLOSED:
            yield from (self._closed(node),) if is_true(value) else ()
        else:
            yield self._sparql(node, value)

    def _qualified(self, node: Node, value: Node) -> Qualified:
        least, most = self._values(node, sh.LEAST), self._values(node, sh.MOST)
        if not self.core and not least:
            self._complain(node, "has sh:qualifiedValueShape without sh:qualifiedMinCount")
        siblings: dict[Node, None] = {}
        if any(is_true(disjoint) for disjoint in self._values(node, sh.DISJOINT)):
            for about in self._about.values():
                beside = about.get(sh.PROPERTY, [])
                if node in beside:
                    siblings |= dict.fromkeys(other for prop in beside for other in self._values(prop, sh.QUALIFIED))
            siblings.pop(value, None)
        return Qualified(
            self.shape(value),
            as_count(least[0]) if least else 0,
            as_count(most[0]) if most else None,
            tuple(self.shape(sibling) for sibling in siblings),
        )

    def _closed(self, node: Node) -> Closed:
        ignored = [term for given in self._values(node, sh.IGNORED) for term in self._list(given)]
        paths = [path for prop in self._values(node, sh.PROPERTY) for path in self._values(prop, sh.PATH)]
        return Closed(frozenset(term for term in (*ignored, *paths) if isinstance(term, URIRef)))

    def _sparql(self, node: Node, constraint: Node) -> Sparql:
        solve = self.queries.get(node)
        if solve is None:
            raise ValueError("there is no native code for the query of this shape")
        if not self._about.get(constraint, _NOTHING).keys() <= _OF_QUERIES:
            raise ValueError("it says more than prefixes, message and select")
        messages = sorted(str(message) for message in self._values(constraint, sh.MESSAGE))
        return Sparql(URIRef(str(node)), constraint, tuple(messages), solve)

    def _components(self, node: Node, parameters: dict[Node, Node]) -> Iterator[Component]:
        for iri, names in sorted(self.components.items()) if parameters else ():
            given = [name for name in names if name in parameters]
            if not given:
                continue
            if len(given) < len(names):
                missing = ", ".join(str(name) for name in names if name not in parameters)
                self._complain(node, f"gives only some parameters of {iri}; missing: {missing}")
                continue
            ill_typed = [name for name in names if not is_of(parameters[name], names[name])]
            for name in ill_typed:
                self._complain(node, f"gives {parameters[name].n3()} for {name}, which is to be of type {names[name]}")
            if not ill_typed:
                yield Component(iri, tuple((name, parameters[name]) for name in names))

    def _carries_nothing(self, predicate: Node) -> bool:
        if self.core:
            return predicate in BESIDE_IN_CORE or not str(predicate).startswith(str(SH))
        return predicate in BESIDE or predicate in POLICY_TERMS or str(predicate).startswith(DOCUMENTATION)

    def _values(self, node: Node, predicate: Node) -> list[Node]:
        return self._about.get(node, _NOTHING).get(predicate, [])

    def _list(self, node: Node) -> list[Node]:
        members: list[Node] = []
        seen: set[Node] = set()
        while node != sh.NIL and node not in seen:
            seen.add(node)
            members += self._values(node, sh.FIRST)
            node = next(iter(self._values(node, sh.REST)), sh.NIL)
        return members

    def _order(self, node: Node) -> str:
        """Blank nodes sort by what they say, so that the order does not hang on their names."""
        known = self._keys.get(node)
        if known is None:
            known = node.n3()
            if isinstance(node, BNode):
                self._keys[node] = ""  # a cycle comes back to here
                about = self._about.get(node, _NOTHING)
                said = sorted(p.n3() + self._order(value) for p, values in about.items() for value in values)
                known = "_" + " ".join(said)
            self._keys[node] = known
        return known

    def _name(self, term: Node) -> str:
        return term.n3(self.graph.namespace_manager)

    def _complain(self, node: Node, problem: str) -> None:
        named = [n.n3(self.graph.namespace_manager) for n in (*self._open, node) if isinstance(n, URIRef)]
        within = "" if isinstance(node, URIRef) else "a shape within "
        self.problems.append(f"{within}{named[-1] if named else 'an unnamed shape'} {problem}")


_NOTHING: dict[Node, list[Node]] = {}
