"""What intake thinks of single statements, found out once for all cases that state the same.

A note holds for what is said of any node that a case may describe; whether it may describe the node is another
question. It is kept by the object for what is said (`reasoner.rdf.statements.Said`), which stands for one predicate
with one value, or for a link: the predicate with any IRI outside the ontology and the diagnosis codes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rdflib import RDF, Literal, URIRef
from rdflib.term import Node

from reasoner.intake.procedures import concerns_procedures
from reasoner.intake.vocabulary import is_admitted
from reasoner.rdf.index import Triple
from reasoner.rdf.nodes import interned
from reasoner.rdf.statements import Said
from reasoner.rdf.tokens import term_of
from reasoner.terms import EDX, GENID, ICD10CM

PLAIN: Final = 1
"""A case may say it of a node of its own; alone, there is nothing else to it."""
OF_CODES: Final = 2
"""The value is a diagnosis code, or it bears on procedure codes: one of them, a class of them, a number of studies."""
OF_REQUEST: Final = 4
"""The node is a request."""

Stated = tuple[Triple, Said]
"""A statement, and what it says."""
_TYPE: Final = interned(RDF.type)
_REQUEST: Final = interned(EDX.Request)
_MOST_REMEMBERED: Final = 2_048
_SOME_NODE: Final = URIRef(GENID + "some/other/node")
_SOME_TEXT: Final = Literal("")


@dataclass(frozen=True, slots=True)
class Notes:
    """What is noted of some statements.

    `admitted` says whether a case may say all of them of nodes of its own; `requests` are the nodes that are requests,
    and `coded` the statements with codes or quantities. Where not all is admitted, the two are not told.
    """

    admitted: bool
    requests: tuple[Node, ...]
    coded: tuple[Triple, ...]

    def beside(self, further: "Notes") -> "Notes":
        """These notes and those of further statements of the case."""
        if not (self.admitted and further.admitted):
            return Notes(False, (), ())
        return Notes(True, self.requests + further.requests, self.coded + further.coded)


def noted(stated: Iterable[Stated]) -> Notes:
    """The notes of the statements of a case, or of those of them that are not plain."""
    requests: list[Node] = []
    coded: list[Triple] = []
    recall = _NOTES.get
    for triple, one in stated:
        note = recall(one)
        if note is None:
            note = _note(one)
        if note == PLAIN:
            continue
        if not note & PLAIN:
            return Notes(False, (), ())
        if note & OF_REQUEST:
            requests.append(triple[0])
        if note & OF_CODES:
            coded.append(triple)
    return Notes(True, tuple(requests), tuple(coded))


def note_of(said: Said) -> int:
    """The note of what is said."""
    note = _NOTES.get(said)
    return _note(said) if note is None else note


_NOTES: Final[dict[Said, int]] = {}


def _note(said: Said) -> int:
    """The note of what is said, remembered if other cases may say it too."""
    predicate = said.property
    if predicate is None:  # the knowledge does not have it
        return 0
    if said.value[:1] == '"':  # the vocabulary has a property for texts, or it has not
        return _note_of_term(predicate, _SOME_TEXT)
    note = _note_of_term(predicate, term_of(said.value, GENID) if said.value else _SOME_NODE)
    if said.common:
        if len(_NOTES) >= _MOST_REMEMBERED:
            _NOTES.clear()
        _NOTES[said] = note
    return note


@lru_cache(maxsize=1_024)
def _note_of_term(predicate: Node, value: Node) -> int:
    note = PLAIN if is_admitted(predicate, value) else 0
    if (type(value) is URIRef and value.startswith(ICD10CM)) or concerns_procedures(predicate, value):
        note |= OF_CODES
    if predicate == _TYPE and value == _REQUEST:
        note |= OF_REQUEST
    return note
