"""What a report claims: its inputs, its outcomes and the status of each criterion, and every statement it makes.

Read by plain properties from the statements of a graph, or from the members of a report in JSON; how a report
arranges its explanation makes no difference here.
"""

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from rdflib import RDF, RDFS, Literal, URIRef

from reasoner.rdf.tokens import Tokens, term_of
from reasoner.terms import EDX

Statement = tuple[str, str, str]
"""Subject, predicate and object as N-Triples has them; of JSON the place of an object, a member and its value."""

INPUTS: Final = {
    "caseDigest": "the case",
    "editionDigest": "the policy edition",
    "shapesDigest": "the shapes that the editions share",
    "ontologyDigest": "the ontology",
    "terminologyDigest": "the terminology release",
}
"""The properties of a report that tell the inputs of its determination, and what each input is called."""
KNOWLEDGE: Final = "knowledgeDigest"
VERSION: Final = "programVersion"


@dataclass(frozen=True)
class Cited:
    """A statement of the case that a report cites, as N-Triples has its terms, and the words of the report for it."""

    statement: Statement
    sentence: str


@dataclass(frozen=True)
class Claim:
    """What one report says.

    `inputs` holds the value of each property of `INPUTS`, of `KNOWLEDGE` and of `VERSION`; `studies` the outcome of
    each requested study; `statuses` the status of each criterion for each node that it was held against; `labels` what
    the studies are called.
    """

    iri: str
    case: str
    edition: str
    date: datetime.date
    outcome: str
    inputs: Mapping[str, str]
    studies: Mapping[str, str]
    statuses: Mapping[tuple[str, str], str]
    labels: Mapping[str, str]
    cited: frozenset[Cited] = frozenset()


@dataclass(frozen=True)
class Broken:
    """A report that lacks what a replay needs, with every problem."""

    iri: str
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """The statements that stand together, a graph or a document of JSON, and the reports among them.

    `digest` is that of the graph (RDFC-1.0) or of the document (RFC 8785). `words_apart` says that the policy's own
    words stand in another graph of the same file, as in a batch.
    """

    place: str
    statements: frozenset[Statement]
    reports: tuple[Claim | Broken, ...]
    digest: str = ""
    is_json: bool = False
    words_apart: bool = False


def graph_statements(found: Iterable[Tokens]) -> frozenset[Statement]:
    """The statements of a graph."""
    return frozenset([(s, p, o) for _, s, p, o in found])


def graph_claims(statements: Iterable[Statement]) -> tuple[Claim | Broken, ...]:
    """What each report in a graph says, by IRI."""
    about: dict[str, dict[str, list[str]]] = {}
    for s, p, o in statements:
        about.setdefault(s, {}).setdefault(p[1:-1], []).append(o)
    reader = _GraphReader(about)
    return tuple([reader.claim(node) for node in sorted(reader.of_type(EDX.Determination))])


@dataclass
class _GraphReader:
    about: Mapping[str, Mapping[str, Sequence[str]]]  # subjects and values as tokens, predicates as IRIs
    problems: list[str] = field(default_factory=list)

    def claim(self, node: str) -> Claim | Broken:
        self.problems = []
        iri = _text(node)
        own = f"<{iri}#"
        parts = [subject for subject in self.about if subject.startswith(own)]
        assessments = [part for part in parts if str(EDX.ofCriterion) in self.about[part]]
        studies = [part for part in parts if str(EDX.ofStudy) in self.about[part]]
        case, edition = self.one(node, EDX.ofCase), self.one(node, EDX.underEdition)
        date, outcome = self.one(node, EDX.dateApplied), self.one(node, EDX.outcome)
        found = Claim(
            iri=iri,
            case=case,
            edition=edition,
            date=_date(date, self.problems),
            outcome=_local(outcome),
            inputs={name: self.one(node, EDX[name]) for name in (*INPUTS, KNOWLEDGE, VERSION)},
            studies={self.one(s, EDX.ofStudy): _local(self.one(s, EDX.outcome)) for s in studies},
            statuses={
                (self.one(a, EDX.ofCriterion), self.focus(a, case)): _local(self.one(a, EDX.status))
                for a in assessments
            },
            labels={self.one(s, EDX.ofStudy): self.one(s, RDFS.label) for s in studies},
            cited=frozenset(self.cited(parts)),
        )
        if not studies or not assessments:
            self.problems.append("it holds no requested study or no criterion")
        return Broken(iri, tuple(dict.fromkeys(self.problems))) if self.problems else found

    def cited(self, parts: Iterable[str]) -> Iterator[Cited]:
        for part in parts:
            properties = self.about[part]
            terms = [properties.get(str(p), ()) for p in (RDF.subject, RDF.predicate, RDF.object)]
            if all(len(values) == 1 for values in terms):
                s, p, o = (values[0] for values in terms)
                yield Cited((s, p, o), " ".join(map(_text, properties.get(str(EDX.sentence), ()))))

    def focus(self, assessment: str, case: str) -> str:
        found = self.about[assessment].get(str(EDX.focus), ())
        return " ".join(sorted(map(_text, found))) or case

    def of_type(self, kind: str) -> list[str]:
        return [s for s, properties in self.about.items() if f"<{kind}>" in properties.get(str(RDF.type), ())]

    def one(self, node: str, predicate: str) -> str:
        values = self.about.get(node, {}).get(str(predicate), ())
        if len(values) == 1:
            return _text(values[0])
        name = _local(str(predicate))
        if values:
            self.problems.append(f"{_place(node)} states {len(values)} values of edx:{name}; it must be one")
        else:
            self.problems.append(f"{_place(node)} states no edx:{name}")
        return _text(min(values)) if values else ""


def _place(node: str) -> str:
    return f"#{_text(node).partition('#')[2]}" if "#" in node else "it"


def _local(iri: str) -> str:
    return iri.rpartition("#")[2] if "#" in iri else iri


def _text(token: str) -> str:
    return token[1:-1] if token[0] == "<" else str(term_of(token, "_:"))


def _date(text: str, problems: list[str]) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        if text:
            problems.append(f"edx:dateApplied is '{text}', which is no day")
        return datetime.date.min


# JSON ------------------------------------------------------------------------


def json_claim(report: Mapping[str, Any]) -> Claim | Broken:
    """What a report in JSON says."""
    iri = str(report.get("determination"))
    try:
        provenance = report["provenance"]
        names = {name: _snake(name) for name in (*INPUTS, KNOWLEDGE, VERSION)}
        case = report["case"]["iri"]
        return Claim(
            iri=iri,
            case=case,
            edition=report["edition"]["iri"],
            date=datetime.date.fromisoformat(report["date_applied"]),
            outcome=report["outcome"],
            inputs={name: _string(provenance[member]) for name, member in names.items()},
            studies={s["study"]["value"]: s["outcome"] for s in report["studies"]},
            statuses={
                (a["criterion"]["iri"], case if a["focus"] is None else a["focus"]["value"]): a["status"]
                for a in report["assessments"]
            },
            labels={s["study"]["value"]: s["label"] for s in report["studies"]},
            cited=frozenset(_json_cited(report["assessments"])),
        )
    except KeyError as error:
        return Broken(iri, (f"it has no member {error}",))
    except (TypeError, ValueError, AttributeError) as error:
        return Broken(iri, (f"it is not as report.schema.json describes ({error})",))


def json_statements(value: Any, place: str = "") -> Iterator[Statement]:
    """Every value in a document of JSON with its place; an object of a list is told by its `iri`."""
    if isinstance(value, dict):
        for member, inner in value.items():
            if isinstance(inner, dict | list) and inner:
                yield from json_statements(inner, f"{place}.{member}" if place else member)
            else:
                yield place, member, orjson.dumps(inner).decode()
    else:
        for number, inner in enumerate(value):
            if isinstance(inner, dict | list) and inner:
                name = str(inner["iri"]) if isinstance(inner, dict) and "iri" in inner else str(number)
                yield from json_statements(inner, f"{place}[{name}]")
            else:
                yield place, f"[{number}]", orjson.dumps(inner).decode()


def _json_cited(assessments: Iterable[Mapping[str, Any]]) -> Iterator[Cited]:
    for assessment in assessments:
        for cited in (*assessment["evidence"], *assessment["corroboration"]):
            s, p, o = (_token(cited[name]) for name in ("subject", "predicate", "object"))
            yield Cited((s, p, o), cited["sentence"])


def _token(term: Mapping[str, Any]) -> str:
    if term["type"] != "literal":
        return f"<{term['value']}>"
    kind = None if term["language"] or term["datatype"] == _STRING else URIRef(term["datatype"])
    return Literal(term["value"], lang=term["language"], datatype=kind, normalize=False).n3()


_STRING: Final = "http://www.w3.org/2001/XMLSchema#string"


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} where a text must stand")
    return value


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)
