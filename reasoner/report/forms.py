"""The syntaxes that a report is written in as text: Turtle, the same as a graph of TriG, and N-Quads.

A form turns terms and statements about one subject into text, so that most of a report is put together from text that
an edition makes once for all cases. What changes from case to case is given a stand-in: in Turtle a prefix that is
written without a local name (`request:`, `study-1:`), in N-Quads a control character, which no IRI may hold and which
every literal escapes.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Final
from typing import Literal as Choice

from rdflib import RDF, XSD, Literal
from rdflib.term import Node

from reasoner.errors import EngineError
from reasoner.terms import PREFIXES

FormName = Choice["turtle", "trig", "nquads"]
_USED: Final = ("dcterms", "edx", "prov", "rdf", "rdfs", "sh", "skos", "xsd")
_LOCAL: Final = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)
_OUTSIDE_IRI: Final = re.compile(r'[\x00-\x20<>"{}|^`\\]')
_MOST_SHORT: Final = 10_000  # names with a prefix are kept up to here
_OWN: Final = "\x01"
_REQUEST: Final = "\x02"
_STUDIES: Final = "".join(map(chr, range(0x0E, 0x20)))
_FURTHER_STUDY: Final = "\x03"


def quoted(text: str) -> str:
    """Text as a quoted string of Turtle and N-Quads, whose escapes those of JSON are."""
    return encode_basestring(text)


class Form(ABC):
    """How statements about a subject are written; all terms are text of the form."""

    type_of: str
    """`rdf:type`."""
    request: str
    """Stands in for the request."""
    after: str
    """Ends a statement that is neither the first nor the last about its subject."""
    end: str
    """Ends what is said about a subject."""
    one_joint: bool
    """Whether all values are joined alike, whatever the subject and the property."""

    @abstractmethod
    def iri(self, iri: str) -> str:
        """An IRI, by the prefixes of the form where it has one."""

    @abstractmethod
    def part(self, name: str) -> str:
        """A part of the report by its name."""

    @abstractmethod
    def study(self, number: int) -> str:
        """Stands in for a requested study."""

    @abstractmethod
    def begin(self, subject: str, predicate: str, value: str) -> str:
        """The first statement about a subject."""

    @abstractmethod
    def before(self, subject: str, predicate: str) -> str:
        """What comes before the value of a further statement; `after` follows it."""

    @abstractmethod
    def joint(self, subject: str, predicate: str) -> str:
        """What stands between two values of a property of a subject."""

    @abstractmethod
    def whole(self, body: str, own: str, request: str, studies: Sequence[str], policy: str) -> str:
        """What was written about something, with its IRI and those of request and studies in place.

        Args:
            body: Blocks of statements.
            own: What the statements are about: a determination, or an edition.
            request: IRI of the request.
            studies: IRIs of the studies, in order.
            policy: IRI of the edition.
        """

    def pair(self, subject: str, predicate: str, value: str) -> str:
        """A further statement about the subject that is begun."""
        return self.before(subject, predicate) + value + self.after

    def several(self, subject: str, predicate: str, values: Sequence[str]) -> list[tuple[str, str]]:
        """A property with its values, of which there may be none, as one pair of a block."""
        return [(predicate, self.joint(subject, predicate).join(values))] if values else []

    def block(self, subject: str, pairs: Sequence[tuple[str, str]]) -> str:
        """Everything about a subject, by property and value."""
        (predicate, value), *more = pairs
        return self.begin(subject, predicate, value) + "".join([self.pair(subject, p, v) for p, v in more]) + self.end

    def template(self, pairs: Sequence[tuple[str, str]]) -> str:
        """A block for `str.format`: the subject is `{0}`, and values may be further places."""
        return self.block("{0}", pairs)

    def typed(self, text: str, datatype: str) -> str:
        """A literal of a datatype of XML Schema."""
        return f"{encode_basestring(text)}^^{self.iri(XSD[datatype])}"

    def text(self, text: str) -> str:
        """English text that says so."""
        return f"{encode_basestring(text)}@en"

    def literal(self, value: Literal) -> str:
        """A literal as it is."""
        if value.language:
            return f"{encode_basestring(value)}@{value.language}"
        datatype = value.datatype
        return encode_basestring(value) if datatype is None else f"{encode_basestring(value)}^^{self.iri(datatype)}"

    def term(self, node: Node) -> str:
        """An IRI or a literal of the case."""
        return self.literal(node) if type(node) is Literal else self.iri(node)  # type: ignore[arg-type]


class _Turtle(Form):
    """Turtle in reading order, one block for each subject; as a graph of TriG where `named`."""

    type_of = "a"
    request = "request:"
    after = ""
    end = " .\n"
    one_joint = True

    def __init__(self, policy: str, *, named: bool) -> None:
        prefixes = {name: PREFIXES[name] for name in _USED}
        given = next((name for name, namespace in PREFIXES.items() if namespace == f"{policy}#"), "policy")
        namespaces = {**prefixes, given: f"{policy}#"}
        self._prefixes = {namespace: prefix for prefix, namespace in namespaces.items()}
        self._lines = {prefix: _prefix_line(prefix, namespace) for prefix, namespace in namespaces.items()}
        self._short: dict[str, str] = {}
        self._named = named

    def iri(self, iri: str) -> str:
        short = self._short.get(iri)
        if short is not None:
            return short
        start = (iri.rfind("#") + 1) or (iri.rfind("/") + 1)
        prefix = self._prefixes.get(iri[:start])
        if prefix is None or not _LOCAL.fullmatch(iri, start):
            return "".join(("<", sound(iri), ">"))
        if len(self._short) == _MOST_SHORT:
            self._short.clear()
        short = self._short[iri] = f"{prefix}:{iri[start:]}"
        return short

    def part(self, name: str) -> str:
        return f":{name}"

    def study(self, number: int) -> str:
        return f"study-{number}:"

    def begin(self, subject: str, predicate: str, value: str) -> str:
        return f"\n{subject}\n    {predicate} {value}"

    def before(self, subject: str, predicate: str) -> str:  # noqa: ARG002 - N-Quads repeats it
        return f" ;\n    {predicate} "

    def joint(self, subject: str, predicate: str) -> str:  # noqa: ARG002 - N-Quads repeats them
        return ", "

    def whole(self, body: str, own: str, request: str, studies: Sequence[str], policy: str) -> str:
        used = {f"study-{number}": study for number, study in enumerate(studies, 1)}
        if own != policy:
            used.update({"": f"{own}#", "request": request})
        lines = {**self._lines, **{prefix: _prefix_line(prefix, iri) for prefix, iri in used.items()}}
        prefixes = "".join([lines[prefix] for prefix in sorted(lines)])
        return f"{prefixes}\n<{sound(own)}> {{\n{body}}}\n" if self._named else prefixes + body


class _NQuads(Form):
    """N-Quads, in the graph of what they are about."""

    type_of = f"<{RDF.type}>"
    request = f"<{_REQUEST}>"
    after = f" <{_OWN}> .\n"
    end = ""
    one_joint = False

    def iri(self, iri: str) -> str:
        return "".join(("<", sound(iri), ">"))

    def part(self, name: str) -> str:
        return f"<{_OWN}#{name}>"

    def study(self, number: int) -> str:
        return f"<{_stand_in(number)}>"

    def begin(self, subject: str, predicate: str, value: str) -> str:
        return f"{subject} {predicate} {value} <{_OWN}> .\n"

    def before(self, subject: str, predicate: str) -> str:
        return f"{subject} {predicate} "

    def joint(self, subject: str, predicate: str) -> str:
        return f"{self.after}{subject} {predicate} "

    def whole(self, body: str, own: str, request: str, studies: Sequence[str], policy: str) -> str:  # noqa: ARG002
        said = body.encode()  # bytes are searched for a character many times as fast as text
        for number, study in enumerate(studies, 1):
            said = said.replace(_stand_in(number).encode(), sound(study).encode())
        return (
            said.replace(_REQUEST.encode(), sound(request).encode())
            .replace(_OWN.encode(), sound(own).encode())
            .decode()
        )


def _prefix_line(prefix: str, namespace: str) -> str:
    return f"@prefix {prefix}: <{sound(namespace)}> .\n"


def _stand_in(number: int) -> str:
    """A character for a study; for the few beyond them, a number between two."""
    return _STUDIES[number - 1] if number <= len(_STUDIES) else f"{_FURTHER_STUDY}{number}{_FURTHER_STUDY}"


def sound(iri: str) -> str:
    """The IRI, if it can be written as it is.

    Raises:
        EngineError: A character in it would end it, or begin something else.
    """
    if _OUTSIDE_IRI.search(iri):
        raise EngineError(f"{iri!r} is no IRI, so that no report can be written with it.")
    return iri


@lru_cache(maxsize=64)
def form_of(name: FormName, policy: str) -> Form:
    """The form of a name, with the prefixes that suit an edition."""
    return _NQuads() if name == "nquads" else _Turtle(policy, named=name == "trig")
