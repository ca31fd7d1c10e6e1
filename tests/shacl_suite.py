"""The W3C test suite of SHACL Core, as the source package of pySHACL carries it: fetched, never kept in this project."""

import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pyoxigraph as ox
from rdflib import RDF, SH, BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from reasoner.shacl.reader import ShapeReader
from reasoner.shacl.shapes import Path as ShapePath

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SHT = Namespace("http://www.w3.org/ns/shacl-test#")
FOLDER = "test/resources/sht_tests/core"

Expected = tuple[Node | None, ShapePath | None, Node | None, Node | None, Node | None, Node | None]
"""Focus node, path, value, component, source shape, severity."""


def suite_folder() -> Path:
    """The folder of the suite, fetched through pip where it is not at hand yet.

    Raises:
        OSError: No package registry can be reached.
    """
    release = f"pyshacl-{version('pyshacl')}"
    kept = Path(tempfile.gettempdir()) / "edx-reasoner-shacl-suite" / release
    if not (kept / FOLDER).is_dir():
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "pyshacl"]
            asked = [*command, "--dest", folder, release.replace("-", "==")]
            done = subprocess.run(asked, capture_output=True, text=True, check=False)
            if done.returncode:
                raise OSError(done.stderr[-2000:])
            (archive,) = Path(folder).glob("*.tar.gz")
            unpacked = Path(folder) / "unpacked"
            with tarfile.open(archive) as source:
                source.extractall(unpacked, filter="data")
            kept.parent.mkdir(exist_ok=True)
            try:
                (unpacked / release).replace(kept)
            except OSError:  # another process was first
                assert (kept / FOLDER).is_dir()
    return kept / FOLDER


def read(path: Path) -> Graph:
    """A file, with its literals as they are written."""
    graph = Graph(bind_namespaces="none")
    for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE, base_iri=path.as_uri()):
        graph.add((_term(quad.subject), _term(quad.predicate), _term(quad.object)))
    return graph


def _term(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> Node:
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    assert isinstance(term, ox.Literal)
    if term.language:
        return Literal(term.value, lang=term.language)
    return Literal(term.value, datatype=URIRef(term.datatype.value), normalize=False)


@dataclass(frozen=True)
class SuiteTest:
    """One test: data, shapes and the results that must come out; no results where validation must fail as such."""

    name: str
    data: Graph
    shapes: Graph
    conforms: bool | None
    expected: Counter[Expected]


def tests_in(folder: Path) -> Iterator[SuiteTest]:
    """Every test that the manifests of a folder reach, in their order."""
    yield from _tests_of(folder / "manifest.ttl", folder)


def _tests_of(path: Path, top: Path) -> Iterator[SuiteTest]:
    manifest = read(path)
    for included in sorted(manifest.objects(None, MF.include), key=str):
        yield from _tests_of(Path(str(included).removeprefix("file://")), top)
    for entries in manifest.objects(None, MF.entries):
        for entry in Collection(manifest, entries):
            yield _test(manifest, entry, path, f"{path.parent.relative_to(top)}/{str(entry).rpartition('/')[2]}")


def _test(manifest: Graph, entry: Node, path: Path, name: str) -> SuiteTest:
    action, result = manifest.value(entry, MF.action), manifest.value(entry, MF.result)
    graphs = []
    for term in (SHT.dataGraph, SHT.shapesGraph):
        file = Path(str(manifest.value(action, term)).removeprefix("file://"))
        graphs.append(manifest if file == path else read(file))
    data, shapes = graphs
    said = manifest.value(result, SH.conforms)
    conforms = None if result == SHT.Failure else str(said) == "true"
    reader = ShapeReader(manifest, {}, core=True)
    expected: Counter[Expected] = Counter()
    for one in manifest.objects(result, SH.result):
        assert (one, RDF.type, SH.ValidationResult) in manifest
        way = manifest.value(one, SH.resultPath)
        expected[
            (
                manifest.value(one, SH.focusNode),
                None if way is None else reader.path(way),
                manifest.value(one, SH.value),
                manifest.value(one, SH.sourceConstraintComponent),
                manifest.value(one, SH.sourceShape),
                manifest.value(one, SH.resultSeverity),
            )
        ] += 1
    return SuiteTest(name, data, shapes, conforms, expected)
