"""From the quads of a file to its cases: each request with all that is reachable from it, and nothing left over."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox
from rdflib import RDF
from rdflib.term import Node

from reasoner.case import NodeNamer, Problem, Severity
from reasoner.intake import rules
from reasoner.intake.vocabulary import check_terms, is_reserved
from reasoner.rdf.index import in_order
from reasoner.rdf.tokens import Tokens, term_of, tokens_of, triples_of
from reasoner.terms import EDX, GENID

_TYPE: Final = f"<{RDF.type}>"
_REQUEST: Final = f"<{EDX.Request}>"
_FILE: Final = GENID + "file/"
_NAMED_AT_MOST: Final = 5


@dataclass(frozen=True)
class Part:
    """The statements of one request, or of a graph that has none, with what is wrong with the division itself.

    `request` is the token of the request.
    """

    graph: str
    request: str | None
    statements: Sequence[Tokens]
    problems: list[Problem] = field(default_factory=list)


def split(quads: Sequence[ox.Quad]) -> list[Part]:
    """Divide a file into parts, in the order in which graphs and requests first appear."""
    if not quads:
        return [_without_request("", ())]
    graphs: dict[object, list[ox.Quad]] = {}
    for quad in quads:
        graphs.setdefault(quad.graph_name, []).append(quad)
    return [part for name, found in graphs.items() for part in _split_graph(_graph_name(name), tokens_of(found))]


def _graph_name(name: object) -> str:
    if isinstance(name, ox.NamedNode):
        return name.value
    return "a graph without an IRI" if isinstance(name, ox.BlankNode) else ""


def _split_graph(name: str, stated: list[Tokens]) -> list[Part]:
    about: dict[str, list[Tokens]] = {}
    requests: dict[str, None] = {}
    for statement in stated:
        _, subject, predicate, value = statement
        if subject in about:
            about[subject].append(statement)
        else:
            about[subject] = [statement]
        if predicate == _TYPE and value == _REQUEST:
            requests[subject] = None
    if not requests:
        return [_without_request(name, stated)]
    reached = {request: _reachable(request, about) for request in requests}
    parts = {
        request: Part(name, request, [statement for node in nodes for statement in about[node]])
        for request, nodes in reached.items()
    }
    namer = NodeNamer(lambda: in_order(triples_of(stated, _FILE)))
    _report_shared(parts, reached, namer)
    owned = {node for nodes in reached.values() for node in nodes}
    left_over = [statement for statement in stated if statement[1] not in owned] if len(owned) < len(about) else []
    if left_over:
        problems = _left_over(left_over, namer)
        for part in parts.values():
            part.problems.extend(problems)
    return list(parts.values())


def _reachable(request: str, about: Mapping[str, list[Tokens]]) -> dict[str, None]:
    """The request and every node with statements of its own to which a way leads from there."""
    found: dict[str, None] = {request: None}
    pending = [request]
    while pending:
        for _, _, _, value in about[pending.pop()]:
            if value in about and value not in found:
                found[value] = None
                pending.append(value)
    return found


def _without_request(name: str, stated: Sequence[Tokens]) -> Part:
    if not stated:
        said = "There is no statement. A case has at least one edx:Request."
    else:
        said = "There is no edx:Request, so there is nothing to determine. Type the node of the request as edx:Request."
    problems = [Problem(Severity.ERROR, said, source_shape=rules.HAS_REQUEST)]
    problems += check_terms(in_order(triples_of(stated, _FILE)))[0]
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
        for request in requests:
            others = ", ".join(sorted(namer(_node(other)) for other in requests if other != request))
            said = f"The node is shared with another case, {others}. Give each case a node of its own."
            parts[request].problems.append(
                Problem(Severity.ERROR, said, source_shape=rules.SHARES_NO_NODE, where=namer(_node(node)))
            )


def _left_over(stated: Sequence[Tokens], namer: Callable[[Node], str]) -> list[Problem]:
    """What hangs on no request might belong to any of them, so that none can be judged."""
    about_terms = (triple for triple in triples_of(stated, _FILE) if is_reserved(triple[0]))
    problems = check_terms(in_order(about_terms))[0]
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
