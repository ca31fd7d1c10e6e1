"""One process of one engine: prepares, says `ready`, waits for a line, validates or determines, prints JSON.

    python benchmarks/engines.py ENGINE --count N --start S [--policy NAME]

All engines get the same cases from memory as N-Triples and hold them against the same edition, one after another. A
peer is given what our intake has to find out by itself, the types that procedure codes entail, and is asked for less:
whether the root shape conforms, with the report that it makes in any case. `full`, `violations` and `outcome` are ours,
from the bytes of a case to the bytes of its result: reading, intake, every criterion, text. `conforms` is our engine
asked as a peer is, with nothing recalled from one case for the next.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import pyoxigraph as ox
from measuring import peak_mb
from rdflib import Graph

from reasoner.batch.inputs import Cursor, Piece
from reasoner.batch.worker import Asked, Worker
from reasoner.collector import expect_little
from reasoner.evaluation.determination import Outcome
from reasoner.evaluation.determining import applicable_edition, determine
from reasoner.generation.case_text import GeneratedCase, as_nquads
from reasoner.generation.generator import generate_cases
from reasoner.intake.admission import validate
from reasoner.knowledge import load_knowledge
from reasoner.policy.edition import Edition
from reasoner.rdf.canonical import rdflib_triples
from reasoner.rdf.index import Hierarchy, Index
from reasoner.validation.compiled_shapes import CompiledShapes, compile_shapes

LEVELS = {"outcome": "jsonl", "violations": "nquads", "full": "trig"}
"""Our levels of output, each with the form that it is written in."""

OURS = (*LEVELS, "conforms")
PEERS = ("pyshacl-naive", "pyshacl", "topbraid", "pyshifty", "pyshifty-algebra")
GROUP = 50
"""Cases that a worker of a batch is handed at once."""

Prepared = tuple[Callable[[], object], Callable[[], list[int]]]
"""The work to be timed, and after it the numbers of the cases that conform."""


def ours(level: str, cases: list[GeneratedCase], policy: str) -> Prepared:
    """Our engine, as each process of a batch runs it."""
    worker = Worker(Asked(LEVELS[level], level, (policy,)))
    knowledge = worker.knowledge
    expect_little()
    texts = [as_nquads(case, graph=False).encode() for case in cases]
    pieces = [Piece("case.nt", Cursor(), len(text), len(text), text) for text in texts]
    groups = [pieces[at : at + GROUP] for at in range(0, len(pieces), GROUP)]

    def work() -> None:
        for group in groups:
            assert worker.work(group).made.data

    def conforming() -> list[int]:
        taken = [validate(text, name="case.nt").cases[0] for text in texts]
        outcomes = [determine(case, knowledge, policy=policy).outcome for case in taken]
        return [c.number for c, o in zip(cases, outcomes, strict=True) if o is Outcome.MEDICALLY_NECESSARY]

    return work, conforming


@dataclass(frozen=True)
class Bare:
    """Our engine without intake, asked what a peer is asked: whether a case conforms to the root shape."""

    shapes: CompiledShapes
    tree: Hierarchy

    @classmethod
    def of(cls, edition: Edition, tree: Hierarchy) -> "Bare":
        made = cls(compile_shapes(edition.graph), tree)
        expect_little()
        return made

    def conforms(self, text: bytes) -> bool:
        quads = ox.parse(text, format=ox.RdfFormat.N_TRIPLES)
        return self.shapes.conforms(Index.of(rdflib_triples(quads, "b"), self.tree))


def asked_alike(name: str, cases: list[GeneratedCase], policy: str) -> Prepared:
    """Another engine, or ours asked like it."""
    import peers
    from agreement import engine_for, text_for

    knowledge = load_knowledge()
    taken = [validate(as_nquads(case, graph=False).encode(), name="case.nt").cases[0] for case in cases]
    edition = applicable_edition(taken[0], knowledge, policy=policy)[0]
    engine: Bare | peers.Peer
    if name == "conforms":
        engine = Bare.of(edition, knowledge.hierarchy)
    elif name == "pyshacl-naive":
        engine = peers.NaivePySHACL(edition.graph, whole_ontology())
    else:
        engine = engine_for(name, edition.graph)
    texts = [text_for(name, case) for case in taken]
    found: list[bool] = []

    def work() -> None:
        found.clear()
        found.extend(engine.conforms(text) for text in texts)

    return work, lambda: [case.number for case, conforms in zip(cases, found, strict=True) if conforms]


def whole_ontology() -> Graph:
    from reasoner.terminology.ontology import ontology_triples

    graph = Graph()
    for triple in ontology_triples():
        graph.add(triple)
    return graph


def prepared(name: str, cases: list[GeneratedCase], policy: str) -> Prepared:
    return ours(name, cases, policy) if name in LEVELS else asked_alike(name, cases, policy)


def main() -> None:
    parser = argparse.ArgumentParser(description="Times one engine.")
    parser.add_argument("engine", choices=(*OURS, *PEERS))
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--warm", type=int, default=20, help="other cases that go before, uncounted")
    parser.add_argument("--start", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, default=100)
    parser.add_argument("--policy", default="bcbsnd-emg-ncs")
    asked = parser.parse_args()

    def made(count: int, start: int) -> list[GeneratedCase]:
        return list(generate_cases(count, seed=asked.seed, start=start, size=asked.size))

    if asked.warm:
        prepared(asked.engine, made(asked.warm, 10_000_000 + asked.start), asked.policy)[0]()
    work, conforming = prepared(asked.engine, made(asked.count, asked.start), asked.policy)
    print("ready", flush=True)
    sys.stdin.readline()
    start, processor = time.perf_counter(), time.process_time()
    work()
    seconds, used = time.perf_counter() - start, time.process_time() - processor
    peak = peak_mb()
    found = {"cases": asked.count, "seconds": seconds, "processor": used, "peak_mb": peak, "conforming": conforming()}
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
