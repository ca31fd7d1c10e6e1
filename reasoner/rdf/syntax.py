"""Bytes to quads: every RDF syntax that a case may be written in, and what is wrong where it cannot be read.

The parser is pyoxigraph's. Nothing is ever fetched, and nothing is silently dropped: XML with a document type
declaration is refused, and so are triple terms; for JSON-LD see `reasoner.rdf.jsonld`.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final
from xml.parsers import expat

from pyoxigraph import Quad, RdfFormat, Triple, parse

from reasoner.errors import UnreadableInputError
from reasoner.limits import DEFAULT, Limits
from reasoner.rdf.bounds import bounded, check_depth, check_size
from reasoner.rdf.jsonld import RELATIVE, check_nothing_lost, well_named, with_local_context

SYNTAXES: Final[dict[str, RdfFormat]] = {
    "turtle": RdfFormat.TURTLE,
    "ntriples": RdfFormat.N_TRIPLES,
    "nquads": RdfFormat.N_QUADS,
    "trig": RdfFormat.TRIG,
    "rdfxml": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
}
"""The name of each syntax, as the command line takes it."""

EXTENSIONS: Final = {
    ".ttl": "turtle",
    ".nt": "ntriples",
    ".nq": "nquads",
    ".trig": "trig",
    ".rdf": "rdfxml",
    ".xml": "rdfxml",
    ".owl": "rdfxml",
    ".jsonld": "jsonld",
    ".json": "jsonld",
}
_CALLED: Final = {
    "turtle": "Turtle",
    "ntriples": "N-Triples",
    "nquads": "N-Quads",
    "trig": "TriG",
    "rdfxml": "RDF/XML",
    "jsonld": "JSON-LD",
}
_READS_ALSO: Final = {"turtle": {"ntriples"}, "nquads": {"ntriples"}, "trig": {"turtle", "ntriples"}}
_PLAIN: Final = frozenset({"turtle", "ntriples", "nquads", "trig"})
_OF_TRIPLE_TERMS: Final = ("<<", "{|", "~")  # no text without one of them has a triple term, in the syntaxes before
_XML: Final = re.compile(r"<(\?xml\b|!--|!DOCTYPE\s+rdf\b|rdf:RDF\b|[A-Za-z_][\w.-]*(:[\w.-]+)?\s[^>]*xmlns)")
_MOST_ATTRIBUTES: Final = 1_000
_ATTRIBUTES: Final = re.compile(r""""[^"]*+"|'[^']*+'|>.*+""", re.DOTALL)
_XML_ENCODING: Final = re.compile(r"""<\?xml[^>]*\bencoding\s*=\s*["']([^"']+)["']""")
_TERM: Final = r"""(<[^>\s]*>|_:\S+|"([^"\\]|\\.)*"(\^\^<[^>\s]*>|@[\w-]+)?)"""
_LINE_OF_TERMS: Final = re.compile(rf"(<[^>\s]*>|_:\S+)\s*<[^>\s]*>\s*{_TERM}\s*(?P<graph><[^>\s]*>|_:\S+)?\s*\.$")
_NO_CODE: Final = re.compile(
    r"""(?P<kept><[^<>"{}|^`\\\s]*>|\\.)|\"{3}(?:\\.|[^\\])*?\"{3}|'{3}(?:\\.|[^\\])*?'{3}"""
    r"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\#[^\n]*""",
    re.DOTALL,
)
_BYTES_OF_TEXT: Final = bytes([*range(9, 14), *range(32, 256)])
_BEFORE_EMPTY_GRAPH: Final = re.compile(
    r"""(?:[^<"'#{\\]++|\\.|<[^<>"{}|^`\\\s]*+>|\"{3}(?:[^"\\]++|\\.|"(?!""))*+\"{3}|'{3}(?:[^'\\]++|\\.|'(?!''))*+'{3}"""
    r"""|"(?:[^"\\\n]++|\\.)*+"|'(?:[^'\\\n]++|\\.)*+'|\#[^\n]*+|[<"'\\]|\{(?!(?:\s|\#[^\n]*+\n)*+\}))*+""",
    re.DOTALL,
)
_MAGIC: Final = {
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a ZIP archive or an Office document",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"\x1f\x8b": "a gzip archive",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}


def read_quads(
    source: Path | bytes, *, name: str | None = None, syntax: str | None = None, limits: Limits = DEFAULT
) -> tuple[Quad, ...]:
    """Read a file, or bytes already at hand, as quads.

    The syntax follows from the extension of the name unless it is stated (a key of `SYNTAXES`).

    Raises:
        UnreadableInputError: It cannot be read; the message names the place and what is wrong there.
        BeyondLimitError: There is more of it, or it lies deeper inside itself, than the limits allow.
    """
    if isinstance(source, Path):
        _check_no_pipe(source, name or str(source))
    name = name or (str(source) if isinstance(source, Path) else "input")
    data = _bytes(source, name, limits) if isinstance(source, Path) else source
    check_size(len(data), name, limits)
    syntax = syntax or _syntax_of(name)
    if syntax not in SYNTAXES:
        raise UnreadableInputError(name, f"no syntax is called '{syntax}'. Choose one of {', '.join(SYNTAXES)}.")
    text = _text(data, name)
    if syntax == "rdfxml":
        _check_xml(text, name)
    check_depth(text, syntax, name, limits)
    try:
        if syntax == "jsonld":
            written = with_local_context(text, name, limits, looks_like=lambda: _named(_guess(text), but="jsonld"))
            parsed = parse(written, format=SYNTAXES[syntax], base_iri=RELATIVE, lenient=True)
            quads = well_named(bounded(parsed, len(written), name, limits))
        else:
            quads = bounded(parse(text, format=SYNTAXES[syntax]), len(text), name, limits)
    except SyntaxError as error:
        raise UnreadableInputError(name, _explained(error, text, syntax)) from None
    except MemoryError:  # the parser's own bound on one token, not that of the process
        raise UnreadableInputError(
            name, "one literal or name is longer than the parser reads, or has no end."
        ) from None
    if syntax == "jsonld":
        check_nothing_lost(quads, name)
    elif syntax == "trig":
        _check_no_empty_graph(text, name)
    if syntax not in _PLAIN or any(mark in text for mark in _OF_TRIPLE_TERMS):
        _check_rdf_1_1(quads, name)
    return quads


def _check_no_pipe(path: Path, name: str) -> None:
    """Refuse a pipe that lies among files, for whose writer one would wait for ever; a shell's own pipes are read."""
    if path.is_fifo() and not str(path).startswith(("/dev/", "/proc/")):
        raise UnreadableInputError(name, "this is a pipe and no file. Name a file, or /dev/stdin.")


def _syntax_of(name: str) -> str:
    extension = Path(name).suffix.lower()
    if extension not in EXTENSIONS:
        said = f"the extension '{extension}' names no RDF syntax" if extension else "the name has no extension"
        raise UnreadableInputError(name, f"{said}. Use one of {', '.join(EXTENSIONS)}, or state the syntax.")
    return EXTENSIONS[extension]


def _bytes(path: Path, name: str, limits: Limits) -> bytes:
    try:
        with path.open("rb") as file:
            check_size(os.fstat(file.fileno()).st_size, name, limits)
            return file.read(limits.document_bytes + 1)
    except FileNotFoundError:
        problem = "there is no such file."
    except IsADirectoryError:
        problem = "this is a folder. Name the files in it."
    except PermissionError:
        problem = "the file may not be read by this user."
    except (OSError, ValueError) as error:
        problem = f"the file cannot be read ({error})."
    raise UnreadableInputError(name, problem)


def _text(data: bytes, name: str) -> str:
    if not data or data.isspace():
        raise UnreadableInputError(name, "the file is empty. A case has at least one edx:Request.")
    for magic, kind in _MAGIC.items():
        if data.startswith(magic):
            raise UnreadableInputError(name, f"this is {kind}, not RDF in UTF-8.")
    if data[:4096].translate(None, _BYTES_OF_TEXT):
        raise UnreadableInputError(name, "this is binary data, not RDF in UTF-8.")
    try:
        return data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        problem = f"line {line}, byte {column}: not UTF-8 (byte 0x{data[error.start]:02x}). Save the file as UTF-8."
        raise UnreadableInputError(name, problem) from None


def _check_xml(text: str, name: str) -> None:
    """Refuse a document type declaration anywhere, comments included: no hiding place is worth a parser's mistake."""
    declared = re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE)
    if declared:
        line = text.count("\n", 0, declared.start()) + 1
        html = " The content looks like HTML." if _guess(text) == "html" else ""
        problem = f"line {line}: <!{declared[1]} is not accepted. Declare XML namespaces only and write IRIs out.{html}"
        raise UnreadableInputError(name, problem)
    for element in text.split("<"):  # the parser compares each attribute with every other one of its element
        if element.count("=") > _MOST_ATTRIBUTES and _ATTRIBUTES.sub("", element).count("=") > _MOST_ATTRIBUTES:
            tag = element[:40].strip().partition(" ")[0]
            raise UnreadableInputError(name, f"<{tag} has more than {_MOST_ATTRIBUTES:,} attributes, too many to read.")
    encoding = _XML_ENCODING.search(text[:200])
    if encoding and encoding[1].lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise UnreadableInputError(name, f"line 1: declares the encoding {encoding[1]}. Only UTF-8 is read.")


def _check_no_empty_graph(text: str, name: str) -> None:
    """Refuse a graph in braces without a statement: the parser passes over it as if it were not there."""
    before = _BEFORE_EMPTY_GRAPH.match(text)
    end = before.end() if before else 0
    if text[end:]:
        code = _NO_CODE.sub(lambda match: match["kept"] or " ", text[:end])
        graph = "".join(code.split()[-1:])
        raise UnreadableInputError(name, f"the graph {graph} is empty. A case has at least one edx:Request.")


def _check_rdf_1_1(quads: Iterable[Quad], name: str) -> None:
    for quad in quads:
        if type(quad.object) is Triple:
            problem = f"a statement about a statement (triple term, beside {quad.predicate}) is not read. Use RDF 1.1."
            raise UnreadableInputError(name, problem)


# What is wrong ---------------------------------------------------------------


def _guess(text: str) -> str | None:
    """What the text looks like, whatever it is called: a key of `SYNTAXES`, "html" or nothing."""
    start = text.lstrip()[:4000]
    if re.match(r"<(!doctype\s+html|html)\b", start, re.IGNORECASE):
        return "html"
    if re.match(r"""\{\s*["}]|\[\s*[\[{"\]]""", start) and not re.match(r"\[\s*\]\s*\S", start):
        return "jsonld"
    if _XML.match(start):
        return "rdfxml"
    lines = [line.strip() for line in start.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if re.search(r"^\s*(GRAPH\s+)?(<[^>]*>|_:\S+|[\w.-]*:[\w.-]*)?\s*\{", start, re.MULTILINE):
        return "trig"
    if any(re.match(r"(@prefix|@base|PREFIX|BASE)\s", line, re.IGNORECASE) for line in lines):
        return "turtle"
    terms = [_LINE_OF_TERMS.match(line) for line in lines[:1]]
    if terms and terms[0]:
        return "nquads" if terms[0]["graph"] else "ntriples"
    return None


def _named(guess: str | None, *, but: str) -> str | None:
    """The name of another syntax that the text looks like."""
    if guess is None or guess == but or guess in _READS_ALSO.get(but, ()):
        return None
    return _CALLED.get(guess, "HTML")


def _explained(error: SyntaxError, text: str, syntax: str) -> str:
    """The parser's complaint with its place, the line itself, and the likely cause."""
    cause = re.sub(r"^Parser error at line .*?: ", "", str(error.args[0] if error.args else error))
    cause = cause.strip().rstrip(".") or "the syntax is broken"
    line, column = error.lineno, error.offset
    if syntax == "rdfxml":
        line, column = _xml_error_place(text)
    said = [f"not {_CALLED[syntax]}: {cause}."]
    looks_like = _named(_guess(text), but=syntax)
    if looks_like:
        what = "" if looks_like == "HTML" else ": name the file accordingly or state the syntax"
        said.append(f"The content looks like {looks_like}{what}.")
    elif "No scheme found" in cause:
        said.append("An IRI must be absolute: declare a prefix or a base, or write the IRI out.")
    elif "Unexpected end of file" in cause:
        said.append("A quotation mark, a bracket or the final full stop is missing, here or before.")
    if line and syntax != "jsonld":
        said[0] = f"line {line}{f', column {column}' if column else ''}: {said[0]}"
        lines = text.split("\n")
        if line <= len(lines) and lines[line - 1].strip():
            said.append(f"The line reads: {lines[line - 1].strip()[:120]}")
    return " ".join(said)


def _xml_error_place(text: str) -> tuple[int | None, int | None]:
    parser = expat.ParserCreate(namespace_separator=" ")
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        return error.lineno, error.offset + 1
    return None, None
