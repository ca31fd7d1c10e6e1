"""What some Turtle files say, as a graph that never changes and answers questions about a subject from a dictionary.

rdflib fills three indexes and goes through four generators for each question; whoever loads a policy asks thousands.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NoReturn

from rdflib import RDF, BNode, Graph, URIRef
from rdflib.plugins.stores.memory import SimpleMemory
from rdflib.term import Node

About = dict[Node, dict[Node, list[Node]]]
"""Subject, predicate, values; each statement once."""


class SourceGraph(Graph):
    """A graph of rdflib that cannot be changed; `about` holds its statements."""

    def __init__(self, about: About, prefixes: Mapping[str, str]) -> None:
        super().__init__(store=_SourceStore(about), identifier=BNode(), bind_namespaces="none")
        self.about: Final = about
        for prefix, namespace in prefixes.items():
            self.store.bind(prefix, URIRef(namespace))

    @classmethod
    def of(cls, graph: Graph) -> "SourceGraph":
        """The statements and prefixes of another graph as they are now."""
        if isinstance(graph, cls):
            return graph
        about: About = {}
        for s, p, o in graph:
            about.setdefault(s, {}).setdefault(p, []).append(o)
        return cls(about, dict(graph.namespaces()))

    def beside(self, shared: "SourceGraph") -> "SourceGraph":
        """The statements of both, with the prefixes of this one."""
        about = {**shared.about, **self.about}
        for subject in shared.about.keys() & self.about.keys():
            both = {predicate: list(values) for predicate, values in self.about[subject].items()}
            for predicate, values in shared.about[subject].items():
                own = both.setdefault(predicate, [])
                own.extend([value for value in values if value not in own])
            about[subject] = both
        return SourceGraph(about, dict(self.namespaces()))

    def value(  # type: ignore[override]
        self,
        subject: Any = None,
        predicate: Any = RDF.value,
        object: Any = None,  # noqa: A002 - as rdflib calls it
        default: Node | None = None,
        any: bool = True,  # noqa: A002 - as rdflib calls it
    ) -> Node | None:
        """As rdflib has it: the first value where there are several."""
        if subject is None or predicate is None or not any:
            found: Node | None = super().value(subject, predicate, object, default, any)
            return found
        values = self.about.get(subject, _NONE).get(predicate)
        return values[0] if values else default


_NONE: Final[dict[Node, list[Node]]] = {}


# ruff: noqa: ARG002 - the arguments of rdflib


class _SourceStore(SimpleMemory):
    """The store below a source graph; a predicate is turned round when it is first asked for without a subject."""

    def __init__(self, about: About) -> None:
        super().__init__()
        self._about = about
        self._backward: dict[Node, dict[Node, list[Node]]] = {}

    def triples(self, triple_pattern: Any, context: Any = None) -> Iterator[Any]:
        """As rdflib has it."""
        subject, predicate, value = triple_pattern
        if subject is not None:
            by_predicate = self._about.get(subject, _NONE)
            for found in by_predicate if predicate is None else (predicate,):
                for candidate in by_predicate.get(found, ()):
                    if value is None or candidate == value:
                        yield (subject, found, candidate), iter(())
        elif predicate is not None:
            backward = self._turned_round(predicate)
            for candidate in backward if value is None else (value,):
                for found in backward.get(candidate, ()):
                    yield (found, predicate, candidate), iter(())
        else:
            for subject, by_predicate in self._about.items():
                for predicate, values in by_predicate.items():
                    for candidate in values:
                        if value is None or candidate == value:
                            yield (subject, predicate, candidate), iter(())

    def __len__(self, context: Any = None) -> int:
        return sum(len(values) for by_predicate in self._about.values() for values in by_predicate.values())

    def add(self, triple: Any, context: Any, quoted: bool = False) -> NoReturn:
        """Not for this graph.

        Raises:
            TypeError: Always.
        """
        raise TypeError("What was read from files is not changed; add its statements to a graph of your own.")

    def remove(self, triple_pattern: Any, context: Any = None) -> NoReturn:
        """Not for this graph.

        Raises:
            TypeError: Always.
        """
        raise TypeError("What was read from files is not changed; add its statements to a graph of your own.")

    def _turned_round(self, predicate: Node) -> dict[Node, list[Node]]:
        known = self._backward.get(predicate)
        if known is None:
            known = self._backward[predicate] = {}
            for subject, by_predicate in self._about.items():
                for value in by_predicate.get(predicate, ()):
                    known.setdefault(value, []).append(subject)
        return known
