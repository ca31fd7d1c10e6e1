"""From the quads of a file to its cases: each request with all that is reachable from it, and nothing left over."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox
from rdflib import RDF, URIRef
from rdflib.term import Node

from reasoner import intake_rules as rules
from reasoner.canonical import rdflib_triples
from reasoner.case import Problem, Severity, node_namer
from reasoner.terms import EDX, GENID
from reasoner.vocabulary import check_terms, is_reserved

_TYPE = ox.NamedNode(str(RDF.type))
_REQUEST = ox.NamedNode(str(EDX.Request))
_FILE = GENID + "file/"
_NAMED_AT_MOST = 5

Resource = ox.NamedNode | ox.BlankNode
"""What a statement may be about in RDF 1.1."""


@dataclass(frozen=True)
class Part:
    """The statements of one request, or of a graph that has none, with what is wrong with the division itself."""

    graph: str
    request: Resource | None
    quads: tuple[ox.Quad, ...]
    problems: list[Problem] = field(default_factory=list)


def split(quads: Sequence[ox.Quad]) -> list[Part]:
    """Divide a file into parts, in the order in which graphs and requests first appear."""
    graphs: dict[object, list[ox.Quad]] = {}
    for quad in quads:
        graphs.setdefault(quad.graph_name, []).append(quad)
    if not graphs:
        return [_without_request("", ())]
    return [part for name, found in graphs.items() for part in _split_graph(_graph_name(name), found)]


def _graph_name(name: object) -> str:
    if isinstance(name, ox.NamedNode):
        return name.value
    return "a graph without an IRI" if isinstance(name, ox.BlankNode) else ""


def _split_graph(name: str, quads: list[ox.Quad]) -> list[Part]:
    statements: dict[Resource, list[ox.Quad]] = defaultdict(list)
    for quad in quads:
        statements[_resource(quad)].append(quad)
    requests = list(dict.fromkeys(_resource(q) for q in quads if q.predicate == _TYPE and q.object == _REQUEST))
    if not requests:
        return [_without_request(name, quads)]
    reached = {request: _reachable(request, statements) for request in requests}
    parts = {
        request: Part(name, request, tuple(q for node in nodes for q in statements[node]))
        for request, nodes in reached.items()
    }
    namer = node_namer(rdflib_triples(quads, _FILE))
    _report_shared(parts, reached, namer)
    owned = {node for nodes in reached.values() for node in nodes}
    left_over = [quad for quad in quads if _resource(quad) not in owned]
    if left_over:
        problems = _left_over(left_over, namer)
        for part in parts.values():
            part.problems.extend(problems)
    return list(parts.values())


def _resource(quad: ox.Quad) -> Resource:
    if isinstance(quad.subject, ox.Triple):
        raise TypeError("Triple terms are refused when a file is read.")
    return quad.subject


def _node(resource: Resource) -> URIRef:
    return URIRef(resource.value if isinstance(resource, ox.NamedNode) else _FILE + resource.value)


def _reachable(request: Resource, statements: Mapping[Resource, list[ox.Quad]]) -> dict[Resource, None]:
    found: dict[Resource, None] = {request: None}
    pending = [request]
    while pending:
        for quad in statements[pending.pop()]:
            value = quad.object
            if isinstance(value, (ox.NamedNode, ox.BlankNode)) and value in statements and value not in found:
                found[value] = None
                pending.append(value)
    return found


def _without_request(name: str, quads: Sequence[ox.Quad]) -> Part:
    if not quads:
        said = "There is no statement. A case has at least one edx:Request."
    else:
        said = "There is no edx:Request, so there is nothing to determine. Type the node of the request as edx:Request."
    problems = [Problem(Severity.ERROR, said, source_shape=rules.HAS_REQUEST)]
    problems += check_terms(rdflib_triples(quads, _FILE))[0]
    return Part(name, None, tuple(quads), problems)


def _report_shared(
    parts: Mapping[Resource, Part],
    reached: Mapping[Resource, dict[Resource, None]],
    namer: Callable[[Node], str],
) -> None:
    """Tell every request that shares a node with which others it does; a described term is refused as such."""
    holders: dict[Resource, list[Resource]] = defaultdict(list)
    for request, nodes in reached.items():
        for node in nodes:
            holders[node].append(request)
    for node, requests in holders.items():
        if len(requests) < 2 or is_reserved(_node(node)):
            continue
        for request in requests:
            others = ", ".join(sorted(namer(_node(other)) for other in requests if other != request))
            said = f"The node is shared with another case, {others}. Give each case a node of its own."
            parts[request].problems.append(
                Problem(Severity.ERROR, said, source_shape=rules.SHARES_NO_NODE, where=namer(_node(node)))
            )


def _left_over(quads: Sequence[ox.Quad], namer: Callable[[Node], str]) -> list[Problem]:
    """What hangs on no request might belong to any of them, so that none can be judged."""
    problems = check_terms(triple for triple in rdflib_triples(quads, _FILE) if is_reserved(triple[0]))[0]
    nodes = dict.fromkeys(_resource(quad) for quad in quads)
    names = sorted({namer(_node(node)) for node in nodes if not is_reserved(_node(node))})
    if names:
        more = f" and {len(names) - _NAMED_AT_MOST} more" if len(names) > _NAMED_AT_MOST else ""
        said = (
            f"Statements are reachable from no request: those about {', '.join(names[:_NAMED_AT_MOST])}{more}. "
            "Link each node from the request that it belongs to, or remove it."
        )
        problems.append(Problem(Severity.ERROR, said, source_shape=rules.NOTHING_LEFT_OVER))
    return problems
