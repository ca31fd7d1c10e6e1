"""From the quads of a file to its cases: each request with all that is reachable from it, and nothing left over."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Final

import pyoxigraph as ox
from rdflib import RDF
from rdflib.term import Node

from reasoner.case import NodeNamer, Problem, Severity
from reasoner.intake import rules
from reasoner.intake.sizes import beyond_size
from reasoner.intake.vocabulary import check_terms, is_reserved, is_reserved_graph
from reasoner.limits import DEFAULT, Limits, beyond
from reasoner.rdf.index import in_order
from reasoner.rdf.statements import Statement, statements_of, triples_of
from reasoner.rdf.tokens import term_of
from reasoner.terms import EDX, GENID

_TYPE: Final = f"<{RDF.type}>"
_REQUEST: Final = f"<{EDX.Request}>"
_FILE: Final = GENID + "file/"
_NAMED_BY_US: Final = f"<{GENID}"
_SUBJECT: Final = itemgetter(1)
_DEFAULT_GRAPH: Final = ox.DefaultGraph()
_NAMED_AT_MOST: Final = 5
_LOOKED_AT: Final = 200  # statements about terms that hang on no case
_PASSED_AT_MOST: Final = 20  # so many times as there are nodes, all requests together; each its own would be once


@dataclass(frozen=True)
class Part:
    """The statements of one request, or of a graph that has none, with what is wrong with the division itself.

    `request` is the token of the request; None where there is none, or where what is wrong lets nothing be judged.
    """

    graph: str
    request: str | None
    statements: Sequence[Statement]
    problems: list[Problem] = field(default_factory=list)


def split(quads: Sequence[ox.Quad], limits: Limits = DEFAULT) -> list[Part]:
    """Divide a file into parts, in the order in which graphs and requests first appear."""
    if not quads:
        return [_without_request("", (), limits)]
    if quads[0].graph_name == _DEFAULT_GRAPH:
        try:
            stated = statements_of(quads)
        except ValueError:  # others stand in named graphs
            pass
        else:
            return _split_graph("", stated, limits)
    graphs: dict[object, list[ox.Quad]] = {}
    for quad in quads:
        graphs.setdefault(quad.graph_name, []).append(quad)
    if len(graphs) > limits.cases:
        return [_too_many_cases(f"The document has {len(graphs):,} graphs", limits)]
    parts: list[Part] = []
    for name, found in graphs.items():
        parts += _split_graph(_graph_name(name), statements_of(found), limits)
        if len(parts) > limits.cases:
            return [_too_many_cases(f"The document has more than {limits.cases:,} cases", limits)]
    return parts


def _too_many_cases(found: str, limits: Limits) -> Part:
    advice = "Write a graph for each case, as .nq or .trig, and determine them with --to."
    said = beyond("cases", limits, found, advice)
    return Part("", None, (), [Problem(Severity.ERROR, said, source_shape=rules.WITHIN_LIMITS)])


def _graph_name(name: object) -> str:
    if isinstance(name, ox.NamedNode):
        return name.value
    return "a graph without an IRI" if isinstance(name, ox.BlankNode) else ""


def _split_graph(name: str, stated: list[Statement], limits: Limits) -> list[Part]:
    described = dict.fromkeys(map(_SUBJECT, stated))
    requests = dict.fromkeys([s for _, s, said, value in stated if value == _REQUEST and said.predicate == _TYPE])
    forged = [node for node in described if node.startswith(_NAMED_BY_US)]
    if not requests:
        return [_without_request(name, stated, limits)]
    if is_reserved_graph(name):
        return [_in_reserved_graph(name)]
    if forged:
        return [_forged(name, request, forged) for request in requests]
    if len(requests) > limits.cases:
        return [_too_many_cases(f"The document has {len(requests):,} cases", limits)]
    namer = NodeNamer(lambda: in_order(triples_of(stated, _FILE)))
    leading: dict[str, list[str]] = {}
    for _, subject, _, value in stated:
        if value in described:
            leading.setdefault(subject, []).append(value)
    reached: dict[str, dict[str, None]] = {}
    passed = 0
    for request in requests:
        nodes = reached[request] = _reachable(request, leading)
        if len(requests) == 1 and len(nodes) == len(described) and not beyond_size(stated, limits, namer, _FILE):
            return [Part(name, request, stated)]
        passed += len(nodes)
        if passed > _PASSED_AT_MOST * len(described):
            return [_entangled(name, node, len(requests), namer) for node in requests]
    about: dict[str, list[Statement]] = {}
    for statement in stated:
        about.setdefault(statement[1], []).append(statement)
    parts = {
        request: _part(name, request, [statement for node in nodes for statement in about[node]], limits, namer)
        for request, nodes in reached.items()
    }
    _report_shared(parts, reached, namer)
    owned = {node for nodes in reached.values() for node in nodes}
    left_over = [statement for statement in stated if statement[1] not in owned] if len(owned) < len(about) else []
    if left_over:
        problems = _left_over(left_over, namer)
        for part in parts.values():
            if part.request is not None:
                part.problems.extend(problems)
    return list(parts.values())


def _part(name: str, request: str, found: list[Statement], limits: Limits, namer: NodeNamer) -> Part:
    problems = beyond_size(found, limits, namer, _FILE)
    if not problems:
        return Part(name, request, found)
    whose = namer(_node(request)) if len(request) <= limits.iri else ""
    return Part(
        name, None, found, [problem if problem.where else replace(problem, where=whose) for problem in problems]
    )


def _forged(name: str, request: str, nodes: Iterable[str]) -> Part:
    told = ", ".join(list(nodes)[:_NAMED_AT_MOST])
    said = f"Only the program names a node so, one that has no IRI in its case: {told}. Use IRIs of your own."
    where = NodeNamer(tuple)(_node(request))
    return Part(name, None, (), [Problem(Severity.ERROR, said, source_shape=rules.OWN_NODES, where=where)])


def _in_reserved_graph(name: str) -> Part:
    said = f"The graph is named <{name}>, which is a name of ours or of a vocabulary. Give it a name of its own."
    return Part(name, None, (), [Problem(Severity.ERROR, said, source_shape=rules.OWN_NODES)])


def _entangled(name: str, request: str, number: int, namer: NodeNamer) -> Part:
    said = f"The {number:,} cases of the graph share most of their nodes. Give each case nodes of its own."
    where = namer(_node(request))
    return Part(name, None, (), [Problem(Severity.ERROR, said, source_shape=rules.SHARES_NO_NODE, where=where)])


def _reachable(request: str, leading: Mapping[str, Sequence[str]]) -> dict[str, None]:
    """The request and every node with statements of its own to which a way leads from there."""
    found: dict[str, None] = {request: None}
    pending = [request]
    while pending:
        for node in leading.get(pending.pop(), ()):
            if node not in found:
                found[node] = None
                pending.append(node)
    return found


def _without_request(name: str, stated: Sequence[Statement], limits: Limits) -> Part:
    problems = beyond_size(stated, limits, NodeNamer(lambda: in_order(triples_of(stated, _FILE))), _FILE)
    if problems:
        return Part(name, None, stated, problems)
    if not stated:
        said = "There is no statement. A case has at least one edx:Request."
    else:
        said = "There is no edx:Request, so there is nothing to determine. Type the node of the request as edx:Request."
    problems = [Problem(Severity.ERROR, said, source_shape=rules.HAS_REQUEST)]
    namer = NodeNamer(lambda: in_order(triples_of(stated, _FILE)))
    found = check_terms(in_order(triples_of(stated, _FILE)))[0][: limits.problems]
    problems += [replace(p, where=namer(p.node)) if p.node is not None else p for p in found]
    return Part(name, None, stated, problems)


def _report_shared(
    parts: Mapping[str, Part], reached: Mapping[str, Iterable[str]], namer: Callable[[Node], str]
) -> None:
    """Tell every request that shares a node with which others it does; a described term is refused as such."""
    if len(parts) == 1:
        return
    holders: dict[str, list[str]] = {}
    for request, nodes in reached.items():
        for node in nodes:
            holders.setdefault(node, []).append(request)
    for node, requests in holders.items():
        if len(requests) < 2 or is_reserved(_node(node)):
            continue
        named = sorted((namer(_node(request)), request) for request in requests[: _NAMED_AT_MOST + 1])
        for request in requests:
            others = ", ".join([name for name, other in named if other != request][:_NAMED_AT_MOST])
            others += f" and {len(requests) - 1 - _NAMED_AT_MOST:,} more" if len(requests) > _NAMED_AT_MOST + 1 else ""
            said = f"The node is shared with another case, {others}. Give each case a node of its own."
            parts[request].problems.append(
                Problem(Severity.ERROR, said, source_shape=rules.SHARES_NO_NODE, where=namer(_node(node)))
            )


def _left_over(stated: Sequence[Statement], namer: Callable[[Node], str]) -> list[Problem]:
    """What hangs on no request might belong to any of them, so that none can be judged."""
    about_terms = [found for found in stated if is_reserved(_node(found[1]))][:_LOOKED_AT]
    found = check_terms(in_order(triples_of(about_terms, _FILE)))[0]
    problems = [replace(p, where=namer(p.node)) if p.node is not None else p for p in found]
    nodes = {_node(token) for _, token, _, _ in stated}
    names = sorted({namer(node) for node in nodes if not is_reserved(node)})
    if names:
        more = f" and {len(names) - _NAMED_AT_MOST} more" if len(names) > _NAMED_AT_MOST else ""
        said = (
            f"Statements are reachable from no request: those about {', '.join(names[:_NAMED_AT_MOST])}{more}. "
            "Link each node from the request that it belongs to, or remove it."
        )
        problems.append(Problem(Severity.ERROR, said, source_shape=rules.NOTHING_LEFT_OVER))
    return problems


def _node(token: str) -> Node:
    return term_of(token, _FILE)
