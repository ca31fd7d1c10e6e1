"""Files that hold reports: the reports with their statements, the cases beside them, and what is neither."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
import pyoxigraph as ox
from rdflib import RDF, SH

from reasoner.digests import canonical_digest
from reasoner.errors import UnreadableInputError, UnreadableProofError
from reasoner.formats.as_json import SCHEMA
from reasoner.rdf.canonical import IndistinctNodesError, canonical
from reasoner.rdf.syntax import read_quads
from reasoner.rdf.tokens import tokens_of
from reasoner.terms import EDX
from reasoner.verification.claims import (
    Group,
    Statement,
    graph_claims,
    graph_statements,
    json_claim,
    json_statements,
)

RDFC: Final = "RDFC-1.0"
JCS: Final = "RFC 8785"
_LINES: Final = frozenset({".jsonl", ".ndjson"})
_TYPE: Final = ox.NamedNode(str(RDF.type))
_REPORT: Final = ox.NamedNode(str(EDX.Determination))
_REQUEST: Final = ox.NamedNode(str(EDX.Request))
_REFUSAL: Final = ox.NamedNode(str(SH.ValidationReport))


@dataclass(frozen=True)
class Document:
    """A file with reports.

    `words` holds the graphs with a policy's own words, by the IRI of the edition; `cases` the graphs of cases, as
    quads; `refusals` counts the cases that were refused; `strange` names the graphs that are none of these.
    `canonicalization` and `digest` tell the whole file: its RDF dataset, or its document of JSON.
    """

    name: str
    groups: tuple[Group, ...]
    words: Mapping[str, frozenset[Statement]]
    cases: tuple[ox.Quad, ...]
    refusals: int
    strange: tuple[str, ...]
    canonicalization: str
    digest: str


def read_document(path: Path, name: str | None = None) -> Document:
    """Read a file of reports: any RDF syntax, a report in JSON, or lines of such reports.

    Raises:
        UnreadableProofError: The file cannot be read, or holds no report.
    """
    name = name or str(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableProofError(name, f"the file cannot be read ({error.strerror or error}).") from None
    if path.suffix.lower() in _LINES:
        return _of_lines(data, name)
    if path.suffix.lower() in {".json", ".jsonld"}:
        found = _json(data, name) if b'"schema"' in data else None
        if isinstance(found, dict) and found.get("schema") == SCHEMA:
            return _of_json([("", found)], name)
    try:
        quads = read_quads(data, name=name)
    except UnreadableInputError as error:
        raise UnreadableProofError(name, error.problem) from None
    return _of_quads(quads, name)


def _of_quads(quads: Sequence[ox.Quad], name: str) -> Document:
    graphs: dict[object, list[ox.Quad]] = {}
    for quad in quads:
        graphs.setdefault(quad.graph_name, []).append(quad)
    kinds = {graph: _kind(found) for graph, found in graphs.items()}
    of_reports = [graph for graph, kind in kinds.items() if kind is _REPORT]
    if not of_reports:
        said = "holds no edx:Determination. A report as `edx determine --format turtle` writes it is asked for"
        if _REFUSAL in kinds.values():
            said += "; SHACL results alone (--detail violations) do not say what they were made from"
        raise UnreadableProofError(name, f"{said}.")
    others = {_iri(graph): graph for graph, kind in kinds.items() if kind is None}
    statements = {graph: graph_statements(tokens_of(found)) for graph, found in graphs.items() if kinds[graph] is None}
    groups, words = [], dict[str, frozenset[Statement]]()
    for graph in of_reports:
        found = graph_statements(tokens_of(graphs[graph]))
        claims = graph_claims(found)
        editions = {str(getattr(claim, "edition", "")) for claim in claims} & others.keys()
        words |= {edition: statements[others[edition]] for edition in editions}
        digest = _graph_digest(graphs[graph], name)
        groups.append(Group(_iri(graph), found, claims, digest, words_apart=bool(editions)))
    return Document(
        name=name,
        groups=tuple(groups),
        words=words,
        cases=tuple([quad for graph, kind in kinds.items() if kind is _REQUEST for quad in graphs[graph]]),
        refusals=sum(kind is _REFUSAL for kind in kinds.values()),
        strange=tuple(sorted(others.keys() - words.keys())),
        canonicalization=RDFC,
        digest=groups[0].digest if list(graphs) == [ox.DefaultGraph()] else _dataset_digest(quads, name),
    )


def _kind(quads: Iterable[ox.Quad]) -> ox.NamedNode | None:
    """What a graph holds: a report before all else, then a case, then a validation report alone."""
    types = {quad.object for quad in quads if quad.predicate == _TYPE}
    return next((kind for kind in (_REPORT, _REQUEST, _REFUSAL) if kind in types), None)


def _iri(graph: object) -> str:
    return graph.value if isinstance(graph, ox.NamedNode) else "" if isinstance(graph, ox.DefaultGraph) else str(graph)


def _graph_digest(quads: Sequence[ox.Quad], name: str) -> str:
    try:
        return canonical(tokens_of(quads)).digest
    except IndistinctNodesError as error:
        raise UnreadableProofError(name, f"{error} A report as the program writes it has none.") from None


def _dataset_digest(quads: Sequence[ox.Quad], name: str) -> str:
    """The digest of a dataset; graphs of ours have no blank nodes, and of others only so many are looked at."""
    if any(isinstance(term, ox.BlankNode) for quad in quads for term in (quad.subject, quad.object, quad.graph_name)):
        _graph_digest([ox.Quad(q.subject, q.predicate, q.object) for q in quads], name)
    return canonical_digest(quads)


# JSON ------------------------------------------------------------------------


def _of_lines(data: bytes, name: str) -> Document:
    found = []
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        said = _json(line, f"{name}, line {number}")
        report = said.get("report", said) if isinstance(said, dict) else said
        if isinstance(report, dict) and report.get("schema") == SCHEMA:
            found.append((f"line {number}", report))
        elif not isinstance(said, dict) or said.get("problem_code") is None:
            problem = f"line {number} is no report. Lines of reports are written by `edx determine --detail full`."
            raise UnreadableProofError(name, problem)
    if not found:
        raise UnreadableProofError(name, "holds no report.")
    return _of_json(found, name)


def _of_json(reports: Sequence[tuple[str, dict[str, Any]]], name: str) -> Document:
    try:
        digests = [hashlib.sha256(_canonical_json(report)).hexdigest() for _, report in reports]
        groups = [
            Group(place, frozenset(json_statements(report)), (json_claim(report),), digest, is_json=True)
            for (place, report), digest in zip(reports, digests, strict=True)
        ]
    except (RecursionError, orjson.JSONEncodeError):
        raise UnreadableProofError(name, "is nested too deeply for a report.") from None
    whole = digests[0] if len(digests) == 1 else hashlib.sha256("\n".join([*digests, ""]).encode()).hexdigest()
    return Document(name, tuple(groups), {}, (), 0, (), JCS, whole)


def _canonical_json(report: dict[str, Any]) -> bytes:
    """As RFC 8785 has it: a report holds texts, booleans, small integers and null alone, and its members are ASCII."""
    return orjson.dumps(report, option=orjson.OPT_SORT_KEYS)


def _json(data: bytes, name: str) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise UnreadableProofError(name, f"not JSON: {error}.") from None


def reported(document: Document) -> Iterator[str]:
    """The IRI of each report of a file."""
    for group in document.groups:
        for claim in group.reports:
            yield claim.iri
