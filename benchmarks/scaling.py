"""How the cost of a case grows with its size, with the number of criteria and with the number of policies.

The larger policies are made of copies of a real edition: every criterion and every shape that it stands on has a name
of its own in each copy, so that nothing of one copy's work can be used for another's, and the whole asks for all.
"""

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from engines import GROUP, LEVELS
from measuring import exponent, processor_seconds
from rdflib import DCTERMS, RDF, RDFS, SH, SKOS, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import BNode, Node

from reasoner.batch.inputs import Cursor, Piece
from reasoner.batch.worker import Asked, Worker
from reasoner.collector import expect_little
from reasoner.generation.case_text import as_nquads
from reasoner.generation.generator import generate_cases
from reasoner.knowledge import Knowledge, load_knowledge
from reasoner.policy.edition import Edition
from reasoner.resources import data_folder, turtle_files
from reasoner.terms import BASE, EDX

SIZES = (50, 100, 200, 500, 1000, 2000, 5000)
_COPIED = (BASE + "shapes/stated/", BASE + "shapes/excluded/", BASE + "shapes/refuted/")


def _pieces(count: int, size: int = 100) -> tuple[list[Piece], float]:
    cases = list(generate_cases(count, size=size, seed=3))
    texts = [as_nquads(case, graph=False).encode() for case in cases]
    pieces = [Piece("case.nt", Cursor(), len(text), len(text), text) for text in texts]
    return pieces, sum(len(case.statements) for case in cases) / count


def _milliseconds(worker: Worker, pieces: list[Piece]) -> float:
    """Of the processor, for one case; what a process has learnt from other cases it may use."""

    expect_little()

    def work() -> None:
        for at in range(0, len(pieces), GROUP):
            worker.work(pieces[at : at + GROUP])

    work()
    return 1000 * processor_seconds(work, 2) / len(pieces)


def by_triples(policy: str, *, count: int) -> dict[str, Any]:
    """Milliseconds of a case by its number of statements, at each level of output, and the power by which they grow
    from 500 statements on, where what every case costs no longer hides it."""
    found: dict[str, Any] = {"levels": {}, "exponents": {}}
    workers = {level: Worker(Asked(form, level, (policy,))) for level, form in LEVELS.items()}
    for size in SIZES:
        pieces, triples = _pieces(max(3, count * 100 // max(size, 100)), size)
        for level, worker in workers.items():
            found["levels"].setdefault(level, []).append((triples, _milliseconds(worker, pieces)))
    for level, points in found["levels"].items():
        found["exponents"][level] = exponent([point for point in points if point[0] > 400])
    return found


def by_criteria(policy: str, *, count: int) -> list[dict[str, float]]:
    """Milliseconds of a case under an edition, and under one of 4 and of 16 times as many criteria."""
    pieces, _ = _pieces(count)
    found = []
    with TemporaryDirectory() as folder:
        edition = next(e for e in load_knowledge().editions if e.slug == policy)
        for copies in (1, 4, 16):
            path = Path(folder) / f"copies-{copies}.ttl"
            slug = f"{policy}-x{copies}"
            multiplied(edition, slug, copies).serialize(path, format="turtle")
            knowledge = load_knowledge([path])
            criteria = len(next(e for e in knowledge.editions if e.slug == slug).criteria)
            row = {"copies": copies, "criteria": criteria}
            for level, form in LEVELS.items():
                row[level] = _milliseconds(_with(knowledge, Asked(form, level, (slug,))), pieces)
            found.append(row)
    return found


def by_policies(policy: str, *, count: int) -> list[dict[str, float]]:
    """Milliseconds of a case under one policy, two and ten; beyond the two of the package they are copies."""
    pieces, _ = _pieces(count)
    found = []
    with TemporaryDirectory() as folder:
        shipped = load_knowledge().editions
        edition = next(e for e in shipped if e.slug == policy)
        paths = []
        for number in range(8):
            paths.append(Path(folder) / f"policy-{number}.ttl")
            multiplied(edition, f"{policy}-copy{number}", 1).serialize(paths[-1], format="turtle")
        knowledge = load_knowledge(paths)
        slugs = [policy, *sorted({e.slug for e in knowledge.editions} - {policy}, key=lambda s: "copy" in s)]
        for many in (1, 2, 10):
            row: dict[str, float] = {"policies": many}
            for level, form in LEVELS.items():
                row[level] = _milliseconds(_with(knowledge, Asked(form, level, tuple(slugs[:many]))), pieces)
            found.append(row)
    return found


def _with(knowledge: Knowledge, asked: Asked) -> Worker:
    worker = Worker(asked)
    worker.__dict__["knowledge"] = knowledge  # a worker loads what the package ships
    return worker


def multiplied(edition: Edition, slug: str, copies: int) -> Graph:
    """An edition of that many copies of another, of a series of its own, in force from the same day."""
    source = Graph(bind_namespaces="none")
    for path in [*turtle_files("shapes/statements"), _file_of(edition)]:
        source.parse(path, format="turtle")
    iri, series = f"{BASE}policy/{slug}/2020-01-22", f"{BASE}policy/{slug}"
    graph = Graph(bind_namespaces="none")
    roots: list[Node] = []
    about_edition = {o for p in (DCTERMS.isVersionOf, DCTERMS.source) for o in source.objects(edition.iri, p)}
    document = next(o for o in source.objects(edition.iri, DCTERMS.source))
    new = URIRef(iri)
    for copy in range(copies):

        def renamed(term: Node, copy: int = copy) -> Node:
            if isinstance(term, BNode):
                return BNode(f"{term}c{copy}")
            if isinstance(term, URIRef):
                for start in (f"{edition.iri}#", *_COPIED):
                    if term.startswith(start):
                        part = "" if start.endswith("#") else f"{start.rstrip('/').rpartition('/')[2]}-"
                        return URIRef(f"{iri}#c{copy}-{part}{term.removeprefix(start)}")
            return term

        for s, p, o in source:
            if s == edition.iri:
                if p in (EDX.exclusion, EDX.advice, EDX.notEncoded):
                    graph.add((new, p, renamed(o)))
            elif (s not in about_edition or s == document) and p != SH.targetClass:
                graph.add((renamed(s), p, renamed(o)))
        roots.append(renamed(edition.root.iri))
    for p, o in source.predicate_objects(edition.iri):
        if p in (RDF.type, EDX.effectiveFrom, DCTERMS.source, EDX.partial):
            graph.add((new, p, o))
    _head(graph, new, URIRef(series), slug, source, edition)
    _root(graph, new, roots, source, edition)
    return graph


def _file_of(edition: Edition) -> Path:
    series, date = str(edition.iri).rsplit("/", 2)[1:]
    return data_folder("shapes") / "policies" / series / f"{date}.ttl"


def _head(graph: Graph, new: URIRef, series: URIRef, slug: str, source: Graph, edition: Edition) -> None:
    old = next(o for o in source.objects(edition.iri, DCTERMS.isVersionOf))
    graph.add((new, DCTERMS.isVersionOf, series))
    graph.add((new, DCTERMS.title, Literal(slug, lang="en")))
    for p, o in source.predicate_objects(old):
        graph.add((series, p, Literal(slug) if p == EDX.shortName else o))


def _root(graph: Graph, new: URIRef, roots: Iterable[Node], source: Graph, edition: Edition) -> None:
    root = URIRef(f"{new}#all-of-them")
    for p, o in source.predicate_objects(edition.root.iri):
        if p in (RDF.type, RDFS.label, SKOS.definition, EDX.appliesTo, EDX.whenMet, EDX.whenRefuted, EDX.whenOpen):
            graph.add((root, p, o))
    clause = next(o for o in source.objects(edition.root.iri, DCTERMS.source))
    graph.add((root, DCTERMS.source, URIRef(f"{new}#c0-{str(clause).rpartition('#')[2]}")))
    members = BNode()
    Collection(graph, members, list(roots))
    graph.add((root, SH["and"], members))
    graph.add((root, SH.targetClass, EDX.Request))
    graph.add((new, EDX.rootCriterion, root))
