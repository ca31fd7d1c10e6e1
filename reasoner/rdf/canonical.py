"""The canonical form of a case: the same statements give the same bytes, whatever they were written in.

RDF Dataset Canonicalization (RDFC-1.0, W3C Recommendation of 2024-05-21) names the blank nodes; the digest of the
canonical N-Quads is the digest of the case, and blank nodes become IRIs below it (skolemization, RDF 1.1 section 3.5).
"""

import hashlib
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import factorial
from operator import itemgetter
from typing import Final

import pyoxigraph as ox

from reasoner.rdf.index import Triple
from reasoner.rdf.statements import (
    Said,
    Statement,
    in_order,
    order_text,
    said_by,
    statements_of,
    statements_of_lines,
    triples_of,
)
from reasoner.rdf.tokens import BLANK, BLANK_NODE, Tokens, lines_of
from reasoner.terms import GENID

_MOST_WORK: Final = 50_000
_MOST_STEPS: Final = 2_000_000
_NONE: Final[frozenset[str]] = frozenset()


class IndistinctNodesError(ValueError):
    """So many blank nodes look alike that naming them canonically could take for ever."""


@dataclass(frozen=True)
class Canonical:
    """Statements in the order of their N-Triples, with IRIs in place of blank nodes, and the digest of the case.

    `order` holds, for each statement, the text that it is ordered by, and `said` what it says of its subject.
    """

    statements: tuple[Triple, ...]
    order: tuple[str, ...]
    said: tuple[Said, ...]
    digest: str

    def with_further(self, triples: Iterable[Triple]) -> "Canonical":
        """The same with further statements, in order; the digest remains that of the case as given."""
        further = list(triples)
        if not further:
            return self
        statements, order, said = list(self.statements), list(self.order), list(self.said)
        for triple in further:
            text = order_text(*triple)
            place = bisect_left(order, text)
            if place == len(order) or order[place] != text:
                statements.insert(place, triple)
                order.insert(place, text)
                said.insert(place, said_by(triple))
        return Canonical(tuple(statements), tuple(order), tuple(said), self.digest)


def canonical(statements: Iterable[Statement]) -> Canonical:
    """The canonical form of the statements of one case. Lexical forms of literals stay as they are.

    Raises:
        IndistinctNodesError: Naming the blank nodes would take exponential time.
    """
    found = sorted(statements, key=itemgetter(0))
    lines = [line for line, _, _, _ in found]
    text = "\n".join([*lines, ""])
    if BLANK_NODE in text or len(set(lines)) < len(lines):
        found = _each_once_and_named(found)
        text = "".join([f"{line}\n" for line, _, _, _ in found])
    digest = hashlib.sha256(text.encode()).hexdigest()
    order, triples, said = in_order(found, f"{GENID}{digest[:16]}/")
    return Canonical(tuple(triples), tuple(order), tuple(said), digest)


def _each_once_and_named(statements: Iterable[Statement]) -> list[Statement]:
    """Each statement once, with the canonical names of blank nodes, in the order of the lines."""
    by_line = {statement[0]: statement for statement in statements}
    tokens = [(line, s, said.predicate, value) for line, s, said, value in by_line.values()]
    unnamed = [found for found in tokens if found[1][0] == BLANK or found[3][0] == BLANK]
    if unnamed:
        for line, *_ in unnamed:
            del by_line[line]
        by_line.update((found[0], found) for found in statements_of_lines(_named_canonically(unnamed)))
    return [by_line[line] for line in sorted(by_line)]


def canonical_form(quads: Iterable[ox.Quad]) -> tuple[frozenset[Triple], str]:
    """The statements of quads with IRIs in place of blank nodes, and the SHA-256 of the canonical N-Quads.

    The name of the graph is left out of account.

    Raises:
        IndistinctNodesError: Naming the blank nodes would take exponential time.
    """
    found = canonical(statements_of(tuple(quads)))
    return frozenset(found.statements), found.digest


def rdflib_triples(quads: Iterable[ox.Quad], blank_prefix: str) -> list[Triple]:
    """Statements as rdflib has them, with blank nodes as IRIs below a prefix."""
    return triples_of(statements_of(tuple(quads)), blank_prefix)


def _named_canonically(statements: Collection[Tokens]) -> list[str]:
    """The lines of statements about blank nodes with the names of RDFC-1.0, which depend on no other statements.

    Where each node looks different by its own statements, the names follow the order of the hashes of those ("hash
    first degree quads", section 4.6); the library tells the others apart.
    """
    looks = _looks(statements)
    if len(set(looks.values())) == len(looks):
        ordered = sorted(looks, key=lambda node: hashlib.sha256(looks[node].encode()).digest())
        names = {node: f"_:c14n{number}" for number, node in enumerate(ordered)}
        named = ((names.get(s, s), p, names.get(o, o)) for _, s, p, o in statements)
        return [f"{s} {p} {o} ." for s, p, o in named]
    _check_work(statements, looks)
    lines = "\n".join(line for line, *_ in statements)
    dataset = ox.Dataset(ox.parse(lines, format=ox.RdfFormat.N_TRIPLES))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return lines_of(tuple(dataset))


def _looks(statements: Iterable[Tokens]) -> dict[str, str]:
    """The statements about each blank node as N-Quads, sorted: itself as `_:a`, every other as `_:z`."""
    lines: dict[str, list[str]] = defaultdict(list)
    for _, s, p, o in statements:
        if s[0] == BLANK:
            lines[s].append(f"_:a {p} {'_:a' if s == o else '_:z' if o[0] == BLANK else o} .\n")
        if o[0] == BLANK and s != o:
            lines[o].append(f"{'_:z' if s[0] == BLANK else s} {p} _:a .\n")
    return {node: "".join(sorted(found)) for node, found in lines.items()}


def _check_work(statements: Iterable[Tokens], looks: Mapping[str, str]) -> None:
    """Estimate what RDFC-1.0 has to try: permutations of like neighbours around each node that has a like.

    From each such node it also follows all others that hang together with it, and takes a step of about their number
    for each of them.
    """
    neighbours: dict[str, set[str]] = defaultdict(set)
    for _, s, _, o in statements:
        if s[0] == BLANK and o[0] == BLANK:
            neighbours[s].add(o)
            neighbours[o].add(s)
    alike = Counter(looks.values())
    work = 1
    for node, around in neighbours.items():
        if alike[looks[node]] < 2:
            continue
        for look, size in Counter(looks[other] for other in around).items():
            if alike[look] > 1:
                work *= factorial(min(size, 10))
        if work > _MOST_WORK:
            raise IndistinctNodesError("Too many nodes without an IRI look alike.")
    if sum(size**3 for size in _together(neighbours, {node for node in looks if alike[looks[node]] > 1})) > _MOST_STEPS:
        raise IndistinctNodesError("Too many nodes without an IRI look alike and hang together.")


def _together(neighbours: Mapping[str, set[str]], nodes: set[str]) -> Iterator[int]:
    """How many of some nodes hang together, for each lot of them."""
    left = set(nodes)
    while left:
        pending = [left.pop()]
        size = 0
        while pending:
            size += 1
            further = neighbours.get(pending.pop(), _NONE) & left
            left -= further
            pending += further
        yield size
