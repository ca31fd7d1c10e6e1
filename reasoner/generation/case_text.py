"""The text of a generated case in each syntax that cases come in.

A statement is three tokens as Turtle writes them, with the prefixes of the project; `:name` stands for a node of the
case. Tokens are put together as text, not serialized from a graph, which takes far longer; they hold nothing that would
have to be escaped.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from reasoner.terms import CONTEXT, PREFIXES

Token = tuple[str, str, str]
"""Subject, predicate and object of a statement as tokens."""

_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_QUOTE: Final = '"'
_USED: Final = ("dcterms", "edx", "icd10cm", "rdfs")


@dataclass(frozen=True)
class GeneratedCase:
    """A case as statements, of which the request's come first and every node's stand together.

    `space` is the namespace of its nodes and of its graph, which is called by its number. `unnamed` holds the nodes
    that are written without an IRI. `defect` says what is wrong with it on purpose.
    """

    number: int
    space: str
    statements: tuple[Token, ...]
    unnamed: frozenset[str] = frozenset()
    defect: str = ""

    @property
    def request(self) -> str:
        """The IRI of its request."""
        return f"{self.space}{self.number}-request"


def header(space: str) -> str:
    """The prefixes that the Turtle and TriG of cases need; `space` is the namespace of their nodes."""
    lines = [f"@prefix {name}: <{PREFIXES[name]}> .\n" for name in _USED]
    return "".join([f"@prefix case: <{space}> .\n", *lines, f"@prefix xsd: <{_XSD}> .\n"])


def as_turtle(case: GeneratedCase) -> str:
    """A Turtle document of its own."""
    return f"{header(case.space)}\n{_blocks(case, '')}"


def as_trig(case: GeneratedCase) -> str:
    """A named graph, to be written below the `header`."""
    return f"\ncase:{case.number} {{\n{_blocks(case, '    ')}}}\n"


def _blocks(case: GeneratedCase, indent: str) -> str:
    node, lines, last = _namer(case, "case:"), [], ""
    for subject, predicate, value in case.statements:
        said = node(value[1:]) if value[0] == ":" else value
        if subject == last:
            lines.append(f" ;\n{indent}    {predicate} {said}")
        else:
            lines.append(f"{' .' if last else ''}\n{indent}{node(subject)}\n{indent}    {predicate} {said}")
            last = subject
    return "".join(lines)[1:] + " .\n"


def _namer(case: GeneratedCase, start: str, end: str = "") -> Callable[[str], str]:
    named, unnamed, without = f"{start}{case.number}-", f"_:c{case.number}-", case.unnamed
    if not without:
        return lambda name: f"{named}{name}{end}"
    return lambda name: f"{unnamed}{name}" if name in without else f"{named}{name}{end}"


def as_nquads(case: GeneratedCase, *, graph: bool = True) -> str:
    """N-Quads in the graph of the case; N-Triples without one."""
    node = _namer(case, f"<{case.space}", ">")
    end = f" <{case.space}{case.number}> .\n" if graph else " .\n"
    return "".join(
        [
            f"{node(s)} {_full(p)} {node(o[1:]) if o[0] == ':' else _full(o)}{end}"
            if o[0] != _QUOTE
            else f"{node(s)} {_full(p)} {_literal(o)}{end}"
            for s, p, o in case.statements
        ]
    )


def _literal(token: str) -> str:
    text, typed, kind = token.rpartition("^^xsd:")
    return f"{text}^^<{_XSD}{kind}>" if typed else token


@cache
def _full(token: str) -> str:
    if token == "a":  # noqa: S105 - the keyword of Turtle
        return "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    if token in {"true", "false"}:
        return f'"{token}"^^<{_XSD}boolean>'
    if token.isdecimal():
        return f'"{token}"^^<{_XSD}integer>'
    if token.startswith("<"):
        return token
    prefix, _, name = token.partition(":")
    return f"<{PREFIXES[prefix]}{name}>"


def as_jsonld(case: GeneratedCase) -> str:
    """A JSON-LD document on one line."""
    node = _namer(case, case.space)
    described: dict[str, dict[str, Any]] = {}
    for subject, predicate, value in case.statements:
        properties = described.setdefault(subject, {"id": node(subject)})
        key = "type" if predicate == "a" else predicate.partition(":")[2]
        said = node(value[1:]) if value[0] == ":" else _json_value(value)
        if key not in properties:
            properties[key] = said
        elif isinstance(properties[key], list):
            properties[key].append(said)
        else:
            properties[key] = [properties[key], said]
    document = {"@context": CONTEXT, "graph": list(described.values())}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _json_value(token: str) -> Any:
    if token[0] == _QUOTE:
        return token.rpartition("^^xsd:")[0][1:-1] if "^^xsd:" in token else token[1:-1]
    if token in {"true", "false"}:
        return token == "true"  # noqa: S105 - a word of JSON
    if token.isdecimal():
        return int(token)
    return token[1:-1] if token[0] == "<" else token


def write_cases(cases: Iterable[GeneratedCase], form: str, space: str) -> Iterable[str]:
    """The pieces of one file that holds the cases: "trig", "nquads" or "ndjson"."""
    if form == "trig":
        yield header(space)
    for case in cases:
        yield _WRITERS[form](case)


def _line(case: GeneratedCase) -> str:
    return as_jsonld(case) + "\n"


_WRITERS: Final[dict[str, Callable[[GeneratedCase], str]]] = {"trig": as_trig, "nquads": as_nquads, "ndjson": _line}
