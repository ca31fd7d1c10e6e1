"""What several engines say of the same cases under the same policy, compared result by result.

The shapes that are compared are those of an edition: its root, and every leaf with its refuting shape, each given the
target that its criterion speaks of. So an engine is asked for the outcome and for each criterion by itself.

    python tests/agreement.py ENGINE N [POLICY [FIRST]]

compares N cases, from the FIRST on, under every policy or the one that is named, and prints each difference; an
interruption or a termination ends a policy with the cases so far.
"""

import argparse
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache

from judging import POLICIES, class_tree, editions, knowledge, numbers
from peers import Peer, PySHACL, Result, Shifty, TopBraid
from rdflib import SH, BNode, Graph
from rdflib.term import Node

from reasoner.case import Case
from reasoner.generation.case_text import GeneratedCase, as_nquads
from reasoner.generation.generator import generate_cases
from reasoner.intake.admission import validate
from reasoner.policy.edition import Edition
from reasoner.rdf.index import Index
from reasoner.terms import EDX
from reasoner.validation.compiled_shapes import CompiledShapes, compile_shapes

WITH_CLASSES = ("topbraid", "pyshifty", "pyshifty-algebra")
"""Engines to which a case brings the classes above its own, so that they hold no more of the class tree than the shapes
need; pySHACL's peer is given the tree and picks what it needs."""


@dataclass
class Agreement:
    """What came of comparing an engine with the compiled one: how much was compared, and every difference."""

    engine: str
    cases: int = 0
    asked: int = 0
    results: int = 0
    differences: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.engine}: {self.cases} cases, {self.asked} pairs of shape and node, {self.results} results, "
            f"{len(self.differences)} differences"
        )


def asked_shapes(edition: Edition) -> Graph:
    """The shapes of an edition with targets on its root, its leaves and their refuting shapes."""
    graph = Graph(bind_namespaces="none")
    graph += edition.graph
    for criterion in edition.criteria.values():
        for shape in filter(None, (criterion.shape, criterion.refuted_by)):
            if criterion.operator is None and not isinstance(shape.node, BNode):
                if criterion.applies_to == EDX.Request:
                    graph.add((shape.node, SH.targetClass, EDX.Request))
                else:
                    graph.add((shape.node, SH.targetObjectsOf, EDX.requestsStudy))
    return graph


@cache
def compiled(slug: str) -> CompiledShapes:
    """The same shapes, compiled."""
    return compile_shapes(asked_shapes(editions()[slug]))


@dataclass(frozen=True)
class Asked:
    """A case as intake hands it on, and indexed."""

    name: str
    case: Case
    index: Index


def taken_in(cases: Iterable[GeneratedCase]) -> Iterator[Asked]:
    """Generated cases through intake; every one is admitted."""
    for case in cases:
        result = validate(as_nquads(case, graph=False).encode(), name="case.nt")
        (found,) = result.cases
        index = Index.of(found.statements, knowledge().hierarchy)
        yield Asked(str(case.number), found, index)


def text_for(engine: str, case: Case) -> bytes:
    """A case as N-Triples for an engine of that name."""
    statements = [*case.statements, *class_tree(case.statements)] if engine in WITH_CLASSES else case.statements
    return "".join(f"{s.n3()} {p.n3()} {o.n3()} .\n" for s, p, o in statements).encode()


def ours(slug: str, index: Index) -> frozenset[Result]:
    """What the compiled engine says."""
    return frozenset(
        Result(
            str(found.focus),
            _named(found.shape),
            str(found.component),
            "" if found.value is None else str(found.value),
            str(found.severity),
        )
        for found in compiled(slug).results(index)
    )


def _named(shape: Node) -> str:
    return "" if isinstance(shape, BNode) else str(shape)


def compared(into: Agreement, slug: str, case: Asked, theirs: Iterable[Result]) -> None:
    """Compare what an engine says of a case with what the compiled engine does; shapes without an IRI are as one."""
    known = {str(shape.node) for shape, _ in compiled(slug).shapes}
    found = frozenset(r if r.shape in known or r.shape.startswith("http") else r._replace(shape="") for r in theirs)
    mine = ours(slug, case.index)
    into.cases += 1
    into.asked += sum(len(nodes) for nodes in compiled(slug).focus_nodes.of(case.index))
    into.results += len(mine)
    for said, who in ((mine - found, "compiled"), (found - mine, into.engine)):
        into.differences += [f"case {case.name}, {slug}: only {who}: {one}" for one in sorted(said)]


def engine_for(name: str, shapes: Graph) -> Peer:
    """The engine of a name, which holds what `text_for` makes of a case against shapes."""
    if name == "pyshacl":
        return PySHACL(shapes, knowledge().hierarchy, numbers())
    if name == "topbraid":
        return TopBraid(shapes, class_tree(shapes))
    return Shifty(shapes, class_tree(shapes), algebra=name == "pyshifty-algebra")


def main() -> None:
    """Compare many cases with one engine, and say how many differ."""
    parser = argparse.ArgumentParser(description="Compares what an engine and ours say of generated cases.")
    parser.add_argument("engine", choices=("pyshacl", "pyshifty", "topbraid"))
    parser.add_argument("count", type=int)
    parser.add_argument("policy", nargs="?", choices=POLICIES)
    parser.add_argument("first", nargs="?", type=int, default=1)
    asked = parser.parse_args()
    name = asked.engine
    for ends in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ends, signal.default_int_handler)
    differing = 0
    for slug in [asked.policy] if asked.policy else POLICIES:
        found = Agreement(f"{name}, {slug}")
        with suppress(KeyboardInterrupt):
            engine = engine_for(name, asked_shapes(editions()[slug]))
            for case in taken_in(generate_cases(asked.count, seed=14, start=asked.first)):
                compared(found, slug, case, engine.results(text_for(name, case.case)))
        print(found, *found.differences, sep="\n", flush=True)
        differing += len(found.differences)
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
