"""The limits on a document, kept before and while the parser reads it.

Some texts a parser should never see: triple terms inside each other overflow its stack, elements of XML inside each
other take it quadratic time, and a long prefix used often makes gigabytes of some kilobytes.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final
from xml.parsers import expat

from pyoxigraph import Literal, NamedNode, Quad

from reasoner.errors import BeyondLimitError
from reasoner.limits import Limits, beyond

_OPENING: Final = ("(", "[", "{", "<<")
_LEVELS: Final = re.compile(
    r"""(?P<up><<|[(\[{])|(?P<down>>>|[)\]}])"""
    r"""|<(?:[^<>"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*+>"""
    r"""|\"{3}(?:[^"\\]++|\\.|"(?!""))*+\"{3}|'{3}(?:[^'\\]++|\\.|'(?!''))*+'{3}"""
    r"""|"(?:[^"\\\n\r]++|\\.)*+"|'(?:[^'\\\n\r]++|\\.)*+'|\\.|\#[^\n\r]*+""",
    re.DOTALL,
)
_AT_ONCE: Final = 64 * 2**20  # characters that the statements of one step may come to
_TERMS: Final = 6  # a statement has three terms, each of a prefix and a name: no longer than so many times the text


def check_size(size: int, name: str, limits: Limits) -> None:
    """Refuse a document for its bytes.

    Raises:
        BeyondLimitError: There are too many.
    """
    if size > limits.document_bytes:
        advice = "Write a graph for each case, as .nq or .trig, and determine them with --to."
        raise BeyondLimitError(name, beyond("document_bytes", limits, f"the document has {size:,} bytes", advice))


def check_depth(text: str, syntax: str, name: str, limits: Limits) -> None:
    """Refuse a document in which too much stands inside each other; for JSON-LD see `reasoner.rdf.jsonld`.

    Raises:
        BeyondLimitError: A bracket or an element lies too deep.
    """
    if syntax == "jsonld":
        return
    if syntax == "rdfxml":
        if text.count("<") - text.count("</") > limits.depth:
            _check_elements(text, name, limits)
    elif sum(map(text.count, _OPENING)) > limits.depth:
        depth = 0
        for found in _LEVELS.finditer(text):
            kind = found.lastgroup
            if kind == "up":
                depth += 1
                if depth > limits.depth:
                    line = text.count("\n", 0, found.start()) + 1
                    raise BeyondLimitError(name, too_deep("brackets", limits, line))
            elif kind == "down":
                depth -= 1


def too_deep(what: str, limits: Limits, line: int | None = None) -> str:
    """The message that brackets, elements or objects lie too deep."""
    found = f"{what} stand more than {limits.depth:,} levels deep inside each other"
    said = beyond("depth", limits, found, "Give the inner nodes IRIs and describe them at the top level.")
    return said if line is None else f"line {line}: {said}"


def _check_elements(text: str, name: str, limits: Limits) -> None:
    parser = expat.ParserCreate()
    depth = 0

    def begin(_element: str, _attributes: object) -> None:
        nonlocal depth
        depth += 1
        if depth > limits.depth:
            raise BeyondLimitError(name, too_deep("elements", limits, parser.CurrentLineNumber))

    def end(_element: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = begin, end
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError:
        return  # up to there it is not too deep; the reader says what is wrong with it


def bounded(quads: Iterable[Quad], length: int, name: str, limits: Limits) -> tuple[Quad, ...]:
    """The statements of a document as a parser gives them, no more of them and no longer ones than are read.

    Args:
        quads: What the parser gives, one after another.
        length: The characters of the document.
        name: The name of the document.
        limits: The limits in force.

    Raises:
        BeyondLimitError: There are too many statements, or written out they are too long.
    """
    given = iter(quads)
    step = max(1, _AT_ONCE // (_TERMS * max(length, 1)))
    found = list(islice(given, step))
    if len(found) < step and len(found) <= limits.triples:
        return tuple(found)
    written = _length(found)
    while len(found) <= limits.triples and written <= 4 * limits.document_bytes:
        further = list(islice(given, min(step, limits.triples + 1 - len(found))))
        if not further:
            return tuple(found)
        written += _length(further)
        found += further
    if len(found) > limits.triples:
        said = f"the document has more than {limits.triples:,} statements"
        advice = "Write a graph for each case, as .nq or .trig, and determine them with --to."
        raise BeyondLimitError(name, beyond("triples", limits, said, advice))
    said = f"its statements, prefixes written out, come to more than {4 * limits.document_bytes:,} characters"
    advice = "Four times that is the most that prefixes may make of a document. Shorten them."
    raise BeyondLimitError(name, beyond("document_bytes", limits, said, advice))


def _length(quads: Iterable[Quad]) -> int:
    return sum(map(len, _texts(quads)))


def _texts(quads: Iterable[Quad]) -> Iterator[str]:
    for quad in quads:
        for term in (quad.subject, quad.predicate, quad.object):
            if isinstance(term, NamedNode | Literal):
                yield term.value
