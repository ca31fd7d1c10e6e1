"""Reports in RDF: each graph of a file with what it holds.

A batch may hold many thousands of reports: the statements of each graph are kept compressed until it is their turn.
"""

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox
from rdflib import RDF, SH

from reasoner.digests import canonical_digest
from reasoner.errors import UnreadableInputError, UnreadableProofError
from reasoner.rdf.canonical import IndistinctNodesError, canonical
from reasoner.rdf.statements import statements_of_lines
from reasoner.rdf.syntax import SYNTAXES, read_quads
from reasoner.rdf.tokens import BLANK, Tokens, tokens_of_lines
from reasoner.terms import EDX
from reasoner.verification.claims import Group, Statement, graph_claims, graph_statements

RDFC: Final = "RDFC-1.0"
_MANY: Final = frozenset({"nquads", "trig"})
_TYPE: Final = ox.NamedNode(str(RDF.type))
_REPORT: Final = ox.NamedNode(str(EDX.Determination))
_REQUEST: Final = ox.NamedNode(str(EDX.Request))
_REFUSAL: Final = ox.NamedNode(str(SH.ValidationReport))
_KINDS: Final = (_REPORT, _REQUEST, _REFUSAL)
_HELD: Final = 20_000  # statements that wait for being compressed


@dataclass
class _Graph:
    """A graph: how many nodes it has of each kind that tells what it is, and its N-Triples, compressed."""

    name: str
    counts: dict[ox.NamedNode, int] = field(default_factory=dict)
    held: list[ox.Triple] = field(default_factory=list)
    kept: list[bytes] = field(default_factory=list)

    @property
    def kind(self) -> ox.NamedNode | None:
        """A report before all else, then a case, then a validation report alone."""
        return next((kind for kind in _KINDS if kind in self.counts), None)

    def keep(self) -> None:
        """Compress what is held."""
        if self.held:
            written = ox.serialize(self.held, format=ox.RdfFormat.N_TRIPLES)
            assert written is not None  # it is None only where the output goes to a file
            self.kept.append(zlib.compress(written, 1))
            self.held = []

    def tokens(self) -> list[Tokens]:
        """The statements, each once."""
        text = b"".join(map(zlib.decompress, self.kept)).decode()
        return tokens_of_lines(sorted(set(text.split("\n")[:-1])))


class Dataset:
    """Reports in graphs."""

    canonicalization = RDFC

    def __init__(self, name: str, graphs: Sequence[_Graph]) -> None:
        self.name = name
        self._graphs = graphs
        self._others = {graph.name: graph for graph in graphs if graph.kind is None}
        self._words: set[str] = set()
        self.refusals = sum(graph.kind is _REFUSAL for graph in graphs)
        self.reports = sum(graph.counts.get(_REPORT, 0) for graph in graphs)

    def groups(self) -> Iterator[Group]:
        """As `Document` has it."""
        for graph in self._graphs:
            if graph.kind is _REPORT:
                tokens = graph.tokens()
                found = graph_statements(tokens)
                claims = graph_claims(found)
                editions = {str(getattr(claim, "edition", "")) for claim in claims} & self._others.keys()
                self._words |= editions
                yield Group(graph.name, found, claims, self._digest(tokens), words_apart=bool(editions))

    def words(self) -> Iterator[tuple[str, frozenset[Statement]]]:
        """As `Document` has it."""
        for edition in sorted(self._words):
            yield edition, graph_statements(self._others[edition].tokens())

    @property
    def strange(self) -> Sequence[str]:
        """As `Document` has it."""
        return sorted(self._others.keys() - self._words)

    def cases(self) -> bytes:
        """As `Document` has it."""
        return "".join([line for graph in self._graphs if graph.kind is _REQUEST for line in _nquads(graph)]).encode()

    @property
    def digest(self) -> str:
        """As `Document` has it."""
        if [graph.name for graph in self._graphs] == [""]:
            return self._digest(self._graphs[0].tokens())
        lines = sorted(line for graph in self._graphs for line in _nquads(graph))
        if any(graph.name.startswith(BLANK) for graph in self._graphs) or any(
            token[0] == BLANK for graph in self._graphs for _, s, _, o in graph.tokens() for token in (s, o)
        ):
            self._digest([token for graph in self._graphs for token in graph.tokens()])
            return canonical_digest(ox.parse("".join(lines), format=ox.RdfFormat.N_QUADS))
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def _digest(self, tokens: Sequence[Tokens]) -> str:
        """The digest of a graph. Reports of ours have no blank nodes: their lines are canonical as they are."""
        if not any(s[0] == BLANK or o[0] == BLANK for _, s, _, o in tokens):
            lines = sorted({found[0] for found in tokens})
            return hashlib.sha256("\n".join([*lines, ""]).encode()).hexdigest()
        try:
            return canonical(statements_of_lines(line for line, *_ in tokens)).digest
        except IndistinctNodesError as error:
            raise UnreadableProofError(self.name, f"{error} A report as the program writes it has none.") from None


def _nquads(graph: _Graph) -> Iterator[str]:
    if not graph.name:
        return (f"{line}\n" for line, *_ in graph.tokens())
    name = graph.name if graph.name.startswith(BLANK) else f"<{graph.name}>"
    return (f"{s} {p} {o} {name} .\n" for _, s, p, o in graph.tokens())


def read_dataset(data: bytes, name: str, syntax: str | None) -> Dataset:
    """Read reports in a syntax of RDF, a key of `SYNTAXES`.

    Raises:
        UnreadableProofError: The bytes cannot be read, or hold no report.
    """
    try:
        if syntax in _MANY:
            try:
                graphs = _collected(ox.parse(data, format=SYNTAXES[syntax]))
            except SyntaxError:  # told in better words by what reads cases, unless a byte order mark was all
                graphs = _collected(read_quads(data, name=name))
        else:
            graphs = _collected(read_quads(data, name=name))
    except UnreadableInputError as error:
        raise UnreadableProofError(name, error.problem) from None
    if any(graph.kind is _REPORT for graph in graphs):
        return Dataset(name, graphs)
    said = "holds no edx:Determination. A report as `edx determine --format turtle` writes it is asked for"
    if any(graph.kind is _REFUSAL for graph in graphs):
        said += "; SHACL results alone (--detail violations) do not say what they were made from"
    raise UnreadableProofError(name, f"{said}.")


def _collected(quads: Iterable[ox.Quad]) -> list[_Graph]:
    graphs: dict[object, _Graph] = {}
    held = 0
    for quad in quads:
        graph = graphs.get(quad.graph_name)
        if graph is None:
            graph = graphs[quad.graph_name] = _Graph(_iri(quad.graph_name))
        if quad.predicate == _TYPE and quad.object in _KINDS:
            kind = quad.object
            graph.counts[kind] = graph.counts.get(kind, 0) + 1  # type: ignore[index, arg-type]
        elif type(quad.object) is ox.Triple:
            problem = f"a statement about a statement (triple term, beside {quad.predicate}) is not read. Use RDF 1.1."
            raise UnreadableInputError("", problem)
        graph.held.append(quad.triple)
        held += 1
        if held == _HELD:
            for waiting in graphs.values():
                waiting.keep()
            held = 0
    for graph in graphs.values():
        graph.keep()
    return list(graphs.values())


def _iri(graph: object) -> str:
    return graph.value if isinstance(graph, ox.NamedNode) else "" if isinstance(graph, ox.DefaultGraph) else str(graph)
