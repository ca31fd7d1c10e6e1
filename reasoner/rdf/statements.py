"""The statements of a case: each a subject, and what is said of it, which is made once for all cases that say it.

What a statement says, its predicate and value, stands in its line of N-Triples behind the subject. Most of what a case
says another one has said before it, to the letter; then both have one object for it, with its terms, and whoever judges
statements can remember by that object what was found (`Said`). The text decides alone, so that nothing passes for
anything else.
"""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Final

import pyoxigraph as ox
from rdflib import URIRef
from rdflib.term import Node

from reasoner.rdf.index import Triple
from reasoner.rdf.nodes import as_token, known
from reasoner.rdf.tokens import BLANK, is_alike, lines_of, term_of, terms_of
from reasoner.terms import EDX, ICD10CM

_REMEMBERED_AT_MOST: Final = 8_192
_REMEMBERED_LENGTH: Final = 120  # characters of a value
_WORDS: Final = (f"<{EDX}", f"<{ICD10CM}")
_CODES: Final = f"<{ICD10CM}"


class Said:
    """What a statement says of its subject: the same object wherever the same is said, as far as it is `common`.

    Common is a predicate that the knowledge has, with one of its own terms, a code or a short literal. A link is one,
    too: such a predicate with any other IRI or a blank node; then `value` and `term` are empty, since they are those of
    the statement. `predicate` and `value` are tokens; `term` is the value as rdflib has it, once a case with it has
    been put in order, if rdflib writes it as pyoxigraph does.
    """

    __slots__ = ("common", "predicate", "property", "term", "value")

    def __init__(self, predicate: str, value: str, *, common: bool) -> None:
        """Take the two tokens; an empty value makes a link."""
        self.predicate = predicate
        self.value = value
        self.property: Node | None = known(predicate[1:-1]) if predicate[-1] == ">" else None
        self.term: Node | None = None
        self.common = common


Statement = tuple[str, str, Said, str]
"""Its line of N-Triples, the token of its subject, what it says of that, and the token of its value."""
_REMEMBERED: Final[dict[str, Said]] = {}
_LINKS: Final[dict[str, Said]] = {}


def statements_of(quads: Sequence[ox.Quad]) -> list[Statement]:
    """The statements of quads, in their order; the names of graphs are left out.

    Raises:
        ValueError: A blank node or another term is not written as N-Triples demands; no parser gives such a quad.
    """
    return statements_of_lines(lines_of(quads))


def statements_of_lines(lines: Iterable[str]) -> list[Statement]:
    """The statements of lines as pyoxigraph writes them, each with a full stop and without a line break."""
    recall = _REMEMBERED.get
    found: list[Statement] = []
    last = ""
    for line in lines:
        subject, rest = line.split(" ", 1)
        if subject == last:
            subject = last  # one object, so that it is hashed once
        else:
            last = subject
        said = recall(rest)
        found.append((line, subject, said, said.value) if said is not None else _further(line, subject, rest))
    return found


def _further(line: str, subject: str, rest: str) -> Statement:
    """A statement that no case has made before, or a link."""
    predicate, value = rest.split(" ", 1)
    value = value[:-2]
    said = None if value[0] == '"' or value.startswith(_WORDS) else _LINKS.get(predicate)
    return line, subject, said or _said(rest, predicate, value), value


def said_by(triple: Triple) -> Said:
    """What a statement of rdflib says of its subject."""
    _, predicate, value = triple
    token, written = _token(predicate), _token(value)
    rest = f"{token} {written} ."
    return _REMEMBERED.get(rest) or _said(rest, token, written)


def _said(rest: str, predicate: str, value: str) -> Said:
    said = Said(predicate, value, common=False)
    if said.property is None or value[0] not in _BEGINNINGS:
        return said
    if value[0] == '"' or known(value[1:-1]) is not None or value.startswith(_CODES):
        if len(value) <= _REMEMBERED_LENGTH:
            if len(_REMEMBERED) >= _REMEMBERED_AT_MOST:
                _REMEMBERED.clear()
            said.common = True
            _REMEMBERED[rest] = said
    elif not value.startswith(_WORDS):
        said = _LINKS[predicate] = Said(predicate, "", common=True)
    return said


_BEGINNINGS: Final = ("<", BLANK, '"')


def triples_of(statements: Sequence[Statement], blank_prefix: str) -> list[Triple]:
    """Statements as rdflib has them, in the same order, with blank nodes as IRIs below a prefix."""
    return _in_rdflib(statements, blank_prefix)[0]


def in_order(statements: Sequence[Statement], blank_prefix: str) -> tuple[list[str], list[Triple], list[Said]]:
    """The text that orders each statement, the statements as rdflib has them, each once, and what each says.

    They are given in the order of their lines, each line once, and come in that of `reasoner.rdf.index.triple_key`.
    """
    triples, moved = _in_rdflib(statements, blank_prefix)
    said = [found for _, _, found, _ in statements]
    if not moved:
        return [line for line, _, _, _ in statements], triples, said
    texts = [_text(statement, triple) for statement, triple in zip(statements, triples, strict=True)]
    ordered = sorted(zip(texts, triples, said, strict=True), key=itemgetter(0))
    if len(set(texts)) < len(texts):
        # rdflib knows no direction of a text, and collapses space in some datatypes
        unique = {triple: (text, says) for text, triple, says in ordered}
        ordered = [(text, triple, says) for triple, (text, says) in unique.items()]
    return [text for text, _, _ in ordered], [triple for _, triple, _ in ordered], [says for _, _, says in ordered]


def order_text(subject: Node, predicate: Node, value: Node) -> str:
    """The text that orders a statement: its line as rdflib writes it."""
    return f"{_token(subject)} {_token(predicate)} {_token(value)} ."


def _token(term: Node) -> str:
    return f"<{term}>" if type(term) is URIRef else as_token(term)


def _in_rdflib(statements: Sequence[Statement], blank_prefix: str) -> tuple[list[Triple], bool]:
    """The statements, and whether for one of them the text that orders it is not its line."""
    own = terms_of(dict.fromkeys(map(_SUBJECT, statements)), blank_prefix)
    moved = any(s[0] == BLANK for s in own)
    triples: list[Triple] = []
    for _, s, said, token in statements:
        predicate, value = said.property, said.term
        if value is None:
            value = own.get(token)
            if value is None:
                value = own[token] = term_of(token, blank_prefix)
            is_iri = token[0] == "<"
            if not is_iri and (token[0] == BLANK or not _is_written_alike(token, value)):
                moved = True
            elif said.common and said.value and (not is_iri or known(token[1:-1]) is value):
                said.term = value
        if predicate is None:
            predicate = said.property = term_of(said.predicate, blank_prefix)
        triples.append((own[s], predicate, value))
    return triples, moved


_SUBJECT: Final = itemgetter(1)


def _is_written_alike(token: str, term: Node) -> bool:
    return is_alike(token) or as_token(term) == token


def _text(statement: Statement, triple: Triple) -> str:
    line, subject, said, token = statement
    value = token if said.term is not None or token[0] == "<" else _order_token(token, triple[2])
    if subject[0] != BLANK:
        return line if value is token else f"{subject} {said.predicate} {value} ."
    return f"<{triple[0]}> {said.predicate} {value} ."


def _order_token(token: str, term: Node) -> str:
    return token if is_alike(token) else _token(term)
