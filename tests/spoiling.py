"""Mutants: valid cases with one thing or several spoilt, as text in some syntax of RDF, each made from its number alone.

`mutants.py` changes statements for the comparison of engines; here whole cases are changed, cut, merged, written in any
syntax, and then their bytes. Terms are N-Triples tokens, a statement is four of them (the last one its graph, or empty).
"""

import datetime
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

import pyoxigraph as ox
from judging import CASES
from rdflib import OWL, RDFS, SH, XSD
from written import SYNTAXES

from reasoner.generation.case_text import as_nquads
from reasoner.generation.generator import generate_case
from reasoner.terminology.ontology import hierarchy
from reasoner.terms import EDX, ICD10CM

logging.disable(logging.WARNING)  # some of the words of `mutants` are ill-typed on purpose, and rdflib says so
import mutants as words_of_mutants  # noqa: E402

logging.disable(logging.NOTSET)
Statement = tuple[str, str, str, str]
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
STUDY = f"<{EDX.requestsStudy}>"
REQUEST = f"<{EDX.Request}>"
PROCEDURE = f"<{EDX.procedureCode}>"
_XSD = str(XSD)
_PROCEDURES = ("95860", "95861", "95865", "95885", "95886", "95887", "95905", "95907", "95910", "95913", "95933", "95937",
               "96002", "S3900", "G0255", "99999", "9588", "95886 ", "")  # fmt: skip
_DATATYPES = (
    "string",
    "date",
    "dateTime",
    "boolean",
    "integer",
    "decimal",
    "double",
    "duration",
    "gYear",
    "anyURI",
    "token",
)
_NUMBERS = (
    "0",
    "1",
    "2",
    "7",
    "8",
    "9",
    "10",
    "-1",
    "+3",
    "03",
    "9999",
    "10000",
    "1.5",
    "1e3",
    "99999999999999999999",
    "NaN",
    "INF",
    "",
)
_DAYS = (
    "2026-02-30",
    "0000-01-01",
    "9999-12-31",
    "-0044-03-15",
    "12026-01-01",
    "2026-1-5",
    "2026-02-03Z",
    "2026-02-03+14:00",
    "",
)
_TEXTS = (
    "",
    " ",
    "\\n",
    "\\u0000",
    "\\u0007",
    "\\u202Eabc",
    "\\uFEFF",
    "<script>alert(1)</script>",
    "=1+1",
    "| a | b |",
    "\\\\",
    '\\"',
    "é" * 40,
    "x" * 3000,
    "\U0001d518",
)
_LANGUAGES = ("en", "de", "en-GB", "x-none", "a-b-c-d", "toolongsubtag")
_SCHEMA = tuple(
    f"<{term}>" for term in (
        RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range, OWL.sameAs, OWL.equivalentClass, OWL.disjointWith,
        OWL.imports, OWL.inverseOf, SH.deactivated, SH.node, SH["class"], SH.targetClass, SH.property, SH["in"],
        EDX.status, EDX.outcome, EDX.refutedBy, EDX.decidedBy,
    )
)  # fmt: skip
_ODD_BYTES = (b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc3", b"\xe2\x80\xae", b"\\u", b"\\", b'"', b"'''", b"<", b">", b"{", b"}", b"[", b"]", b"(", b")",
              b";", b",", b".", b"@prefix : <> .", b"@base <file:///> .", b"#", b"&#0;", b"<!DOCTYPE a>", b"_:b0", b"^^", b"@en", b"<<", b">>", b"\r", b"\x1f\x8b",
              b'"@context"', b"null", b"1e999", b"GRAPH", b"true", b"edx:", b"a")  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """A spoilt case: what was done to it, and its text under a name whose extension tells the syntax."""

    number: int
    done: tuple[str, ...]
    name: str
    data: bytes


@cache
def _examples() -> tuple[tuple[Statement, ...], ...]:
    """The example cases, and those that intake warns of or takes in every syntax."""
    paths = sorted(CASES.glob("*/case.ttl"))
    return tuple(tuple(_tokens(quad) for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE)) for path in paths)


def _tokens(quad: ox.Quad) -> Statement:
    graph = "" if isinstance(quad.graph_name, ox.DefaultGraph) else str(quad.graph_name)
    return str(quad.subject), str(quad.predicate), str(quad.object), graph


def _case(random: Random) -> list[Statement]:
    """A valid case: an example, or a generated one of some size, named or not."""
    if random.random() < 0.5:
        return list(random.choice(_examples()))
    made = generate_case(
        random.randrange(1, 10**6), seed=77, size=random.choice((30, 60, 100, 100, 160)), unnamed=random.random() < 0.2
    )
    parsed = ox.parse(as_nquads(made, graph=random.random() < 0.3).encode(), format=ox.RdfFormat.N_QUADS)
    return [_tokens(quad) for quad in parsed]


# What is done to statements -------------------------------------------------------------------


class Spoiling:
    """A case in the hands of something that spoils it."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.statements = _case(random)

    def nodes(self) -> list[str]:
        return sorted({s for s, _, _, _ in self.statements}) or ["<urn:nothing>"]

    def pick(self) -> int:
        return self.random.randrange(len(self.statements))

    def of(self, wanted: Callable[[Statement], object]) -> int:
        """A statement of a kind, or any."""
        found = [n for n, statement in enumerate(self.statements) if wanted(statement)]
        return self.random.choice(found) if found else self.pick()

    def put(self, at: int, subject: str = "", predicate: str = "", value: str = "") -> None:
        s, p, o, g = self.statements[at]
        self.statements[at] = (subject or s, predicate or p, value or o, g)

    def drop(self) -> None:
        del self.statements[self.pick()]

    def drop_node(self) -> None:
        node = self.random.choice(self.nodes())
        self.statements = [t for t in self.statements if t[0] != node]

    def duplicate(self) -> None:
        """The same statement again, or all that is said of a node once more under another name."""
        if self.random.random() < 0.3:
            self.statements.append(self.statements[self.pick()])
            return
        node = self.random.choice(self.nodes())
        other = self.random.choice((node[:-1] + "-again>", "_:again")) if node[0] == "<" else "_:again"
        copied = [
            (other if s == node else s, p, other if o == node else o, g)
            for s, p, o, g in self.statements
            if node in (s, o)
        ]
        self.statements += copied

    def retarget(self) -> None:
        at = self.of(lambda t: t[2][0] in "<_" and t[1] != TYPE)
        self.put(at, value=self.random.choice((*self.nodes(), *self.nodes(), *_words(), "<urn:elsewhere>", "_:nobody")))

    def resubject(self) -> None:
        self.put(self.pick(), subject=self.random.choice(self.nodes()))

    def reword(self) -> None:
        self.put(self.pick(), predicate=self.random.choice(_properties()))

    def retype(self) -> None:
        self.put(self.of(lambda t: t[1] == TYPE), value=self.random.choice(_words()))

    def further_type(self) -> None:
        s, p, _, g = self.statements[self.of(lambda t: t[1] == TYPE)]
        self.statements.append((s, p, self.random.choice(_words()), g))

    def recode(self) -> None:
        """Another diagnosis code or procedure code, of those that exist and of those that do not."""
        if self.random.random() < 0.5:
            self.put(self.of(lambda t: str(ICD10CM) in t[2]), value=self.random.choice(_codes()))
        else:
            at = self.of(lambda t: t[1] in (PROCEDURE, STUDY))
            said = f'"{self.random.choice(_PROCEDURES)}"'
            s, p, o, g = self.statements[at]
            if p == STUDY:
                self.statements.append((o if o[0] != '"' else s, PROCEDURE, said, g))
            else:
                self.put(at, value=said)

    def alike(self) -> None:
        """Another value that the same property has in a valid case."""
        at = self.of(lambda t: t[1] in _values() and t[1] != TYPE)
        self.put(at, value=self.random.choice(_values().get(self.statements[at][1], ('"none"',))))

    def graft(self) -> None:
        """A node of another case with all that hangs on it, in place of one or beside it."""
        other = list(self.random.choice(_examples()))
        root = next(s for s, p, o, _ in other if p == TYPE and o == REQUEST)
        links = [(p, o) for s, p, o, _ in other if s == root and o[0] == "<" and any(t[0] == o for t in other)]
        mine = next((s for s, p, o, _ in self.statements if p == TYPE and o == REQUEST), None)
        if not links or mine is None:
            return
        link, taken = self.random.choice(links)
        graph = self.statements[0][3]
        if self.random.random() < 0.4:
            self.statements = [t for t in self.statements if t[:2] != (mine, link)] or self.statements
        self.statements.append((mine, link, taken, graph))
        pending, seen = [taken], {root}
        while pending:
            node = pending.pop()
            if node not in seen:
                seen.add(node)
                said = [(s, p, o, graph) for s, p, o, _ in other if s == node and o != root]
                self.statements += said
                pending += [o for _, _, o, _ in said]

    def redate(self) -> None:
        at = self.of(lambda t: t[2].endswith("#date>"))
        found = re.match(r'"(\d{4}-\d\d-\d\d)"', self.statements[at][2])
        if found and self.random.random() < 0.8:
            days = self.random.choice((-2000, -366, -365, -183, -30, -28, -1, 1, 27, 29, 183, 365, 366, 4000))
            try:
                day = (datetime.date.fromisoformat(found[1]) + datetime.timedelta(days=days)).isoformat()
            except ValueError:
                day = self.random.choice(_DAYS)
        else:
            day = self.random.choice(_DAYS)
        self.put(at, value=f'"{day}"^^<{_XSD}date>')

    def renumber(self) -> None:
        at = self.of(lambda t: t[2].endswith(("#integer>", "#boolean>")))
        kind = self.random.choice(("integer", "integer", "boolean", "decimal"))
        self.put(at, value=f'"{self.random.choice((*_NUMBERS, "true", "false", "TRUE"))}"^^<{_XSD}{kind}>')

    def retext(self) -> None:
        self.put(self.of(lambda t: t[2][0] == '"'), value=f'"{self.random.choice(_TEXTS)}"')

    def relabel(self) -> None:
        """Another language or datatype on the same text."""
        at = self.of(lambda t: t[2][0] == '"')
        text = re.match(r'"(?:[^"\\]|\\.)*"', self.statements[at][2])
        body = text[0] if text else '"was no text"'
        ending = self.random.choice(
            ("", f"@{self.random.choice(_LANGUAGES)}", f"^^<{_XSD}{self.random.choice(_DATATYPES)}>", "^^<urn:own>")
        )
        self.put(at, value=body + ending)

    def merge(self) -> None:
        """Two nodes become one."""
        one, other = self.random.choice(self.nodes()), self.random.choice(self.nodes())
        self.statements = [(one if s == other else s, p, one if o == other else o, g) for s, p, o, g in self.statements]

    def split(self) -> None:
        """One node becomes two, each with half of what was said of it; what led to it leads to one of them or to both."""
        node = self.random.choice(self.nodes())
        other = node[:-1] + "-half>" if node[0] == "<" else "_:half"
        changed = []
        for s, p, o, g in self.statements:
            if s == node and self.random.random() < 0.5:
                s = other
            if o == node and self.random.random() < 0.7:
                changed.append((s, p, other, g))
                if self.random.random() < 0.5:
                    continue
            changed.append((s, p, o, g))
        self.statements = changed

    def split_case(self) -> None:
        """Some statements move to another graph, or to another request."""
        graph = self.random.choice(("<urn:graph:other>", "_:graph", f"<{EDX}>"))
        if self.random.random() < 0.6:
            share = self.random.random()
            self.statements = [
                (s, p, o, graph if self.random.random() < share else g) for s, p, o, g in self.statements
            ]
            return
        request = next((s for s, p, o, _ in self.statements if p == TYPE and o == REQUEST), None)
        if request is not None:
            other = self.random.choice(("<urn:another-request>", "_:another"))
            self.statements = [
                (other if s == request and self.random.random() < 0.5 else s, p, o, g) for s, p, o, g in self.statements
            ]
            self.statements.append((other, TYPE, REQUEST, ""))

    def cross(self) -> None:
        """Statements of another case about nodes of this one."""
        others = _case(self.random)
        for _ in range(self.random.randint(1, 4)):
            _, p, o, _ = self.random.choice(others)
            self.statements.append(
                (self.random.choice(self.nodes()), p, o, self.statements[0][3] if self.statements else "")
            )

    def unname(self) -> None:
        """Nodes lose their IRI, or get one that is none of a case's."""
        node = self.random.choice(self.nodes())
        other = self.random.choice(
            (
                "_:unnamed",
                f"<{EDX}{self.random.choice(('Own', 'Numbness', ''))}>",
                "<urn:x>",
                "<file:///etc/passwd>",
                "<relative>",
            )
        )
        self.statements = [
            (other if s == node else s, p, other if o == node else o, g) for s, p, o, g in self.statements
        ]

    def schema(self) -> None:
        """A statement about what terms mean."""
        subject = self.random.choice((*self.nodes(), *_words()))
        self.statements.append(
            (subject, self.random.choice(_SCHEMA), self.random.choice((*_words(), *self.nodes(), '"true"')), "")
        )

    def vocabulary(self) -> None:
        """Any property of a case with any word."""
        self.statements.append(
            (self.random.choice(self.nodes()), self.random.choice(_properties()), self.random.choice(_words()), "")
        )

    def many(self) -> None:
        """The same said of a great many nodes, each but for its name like the others."""
        s, p, o, g = self.statements[self.pick()]
        for number in range(self.random.choice((10, 100, 400))):
            node = f"_:m{number}" if self.random.random() < 0.5 else f"<urn:m{number}>"
            self.statements.append(
                (s, p, node, g) if o[0] != '"' else (s, p, o[:-1] + f' {number}"' if o[-1] == '"' else o, g)
            )


STATEMENTS: dict[str, Callable[[Spoiling], None]] = {
    name: getattr(Spoiling, name)
    for name in (
        "drop", "drop_node", "duplicate", "retarget", "resubject", "reword", "retype", "further_type", "recode", "redate",
        "alike", "graft", "renumber", "retext", "relabel", "merge", "split", "split_case", "cross", "unname", "schema", "vocabulary", "many",
    )
}  # fmt: skip
_LIKELY = {
    "alike": 8,
    "graft": 7,
    "drop": 5,
    "recode": 4,
    "redate": 3,
    "renumber": 2,
    "retype": 3,
    "duplicate": 2,
    "retarget": 2,
    "schema": 0.5,
    "many": 0.2,
    "split_case": 0.6,
    "reword": 0.6,
    "cross": 2,
    "drop_node": 2,
}


@cache
def _values() -> dict[str, tuple[str, ...]]:
    """The values that are words or literals, by property, in the examples."""
    found: dict[str, set[str]] = {}
    for case in _examples():
        own = {s for s, _, _, _ in case}
        for _, p, o, _ in case:
            if o not in own:
                found.setdefault(p, set()).add(o)
    return {p: tuple(sorted(values)) for p, values in found.items()}


# What is done to bytes ------------------------------------------------------------------------


def _span(data: bytearray, random: Random, most: int = 60) -> tuple[int, int]:
    start = random.randrange(len(data) + 1)
    return start, min(len(data), start + random.randint(1, most))


def flip(data: bytearray, random: Random) -> None:
    if data:
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def cut(data: bytearray, random: Random) -> None:
    start, end = _span(data, random)
    del data[start:end]


def repeat(data: bytearray, random: Random) -> None:
    start, end = _span(data, random)
    data[end:end] = data[start:end] * random.choice((1, 1, 2, 50))


def insert(data: bytearray, random: Random) -> None:
    start, _ = _span(data, random)
    data[start:start] = random.choice(_ODD_BYTES) * random.choice((1, 1, 1, 3, 300))


def noise(data: bytearray, random: Random) -> None:
    start, end = _span(data, random, 12)
    data[start:end] = random.randbytes(end - start)


def truncate(data: bytearray, random: Random) -> None:
    del data[random.randrange(len(data) + 1) :]


def move(data: bytearray, random: Random) -> None:
    start, end = _span(data, random)
    taken = data[start:end]
    del data[start:end]
    to = random.randrange(len(data) + 1)
    data[to:to] = taken


def encode(data: bytearray, random: Random) -> None:
    """The text in another encoding."""
    text = data.decode("utf-8", "replace")
    data[:] = text.encode(random.choice(("utf-16", "utf-16-le", "utf-32", "latin-1", "utf-8-sig", "cp037")), "replace")


BYTES: dict[str, Callable[[bytearray, Random], None]] = {
    f.__name__: f for f in (flip, cut, repeat, insert, noise, truncate, move, encode)
}


# Mutants --------------------------------------------------------------------------------------


def mutant(number: int, seed: int) -> Mutant:
    """The mutant of a number: eight in ten have statements changed, two in ten bytes, some of them both."""
    random = Random((seed << 40) + number)
    spoiling = Spoiling(random)
    done = []
    on_bytes = random.random() < 0.2
    for _ in range(random.choice((1, 1, 1, 2, 3, 5)) if not on_bytes else random.choice((0, 0, 0, 1))):
        name = random.choices(list(STATEMENTS), [_LIKELY.get(name, 1) for name in STATEMENTS])[0]
        if spoiling.statements:
            STATEMENTS[name](spoiling)
            done.append(name)
    extension, data = _written(spoiling.statements, random)
    if on_bytes:
        changed = bytearray(data)
        for _ in range(random.choice((1, 1, 2, 4, 8))):
            name = random.choices(list(BYTES), [1 if name in ("truncate", "encode") else 4 for name in BYTES])[0]
            BYTES[name](changed, random)
            done.append(f"bytes: {name}")
        data = bytes(changed)
    return Mutant(number, tuple(done), f"mutant-{number}{extension}", data)


def _written(statements: Sequence[Statement], random: Random) -> tuple[str, bytes]:
    lines = "".join(" ".join(filter(None, t)) + " .\n" for t in statements).encode("utf-8", "surrogatepass")
    graphs = any(t[3] for t in statements)
    extension = random.choice((".nq", ".nq", ".trig", ".jsonld") if graphs else tuple(SYNTAXES))
    try:
        quads = list(ox.parse(lines, format=ox.RdfFormat.N_QUADS))
        data = ox.serialize(quads, format=SYNTAXES[extension])
    except (SyntaxError, ValueError):  # what was done is no RDF any more, or not in that syntax: then as it stands
        return ".nq" if graphs else random.choice((".nt", ".ttl")), lines
    return extension, data or b""


@cache
def _words() -> tuple[str, ...]:
    return tuple(f"<{term}>" for term in words_of_mutants.words())


@cache
def _properties() -> tuple[str, ...]:
    return tuple(f"<{term}>" for term in words_of_mutants.properties())


@cache
def _codes() -> tuple[str, ...]:
    mapped = sorted(str(c) for c in hierarchy().descendants(EDX.Diagnosis) if str(c).startswith(str(ICD10CM)))
    further = (
        f"{ICD10CM}{code}"
        for code in ("I10", "E66.9", "M54", "M54.1", "Z99.89", "Q99.99", "m54.16", "M54.16 ", "", "A00.0")
    )
    return tuple(f"<{code}>" for code in (*mapped, *further))
