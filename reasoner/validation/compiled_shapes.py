"""A shapes graph compiled for validation: the compiled counterpart of `reasoner.shacl.pyshacl_engine`."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter

from rdflib import Graph
from rdflib.term import Node

from reasoner.errors import ShapesDefinitionError
from reasoner.native.components import NATIVE
from reasoner.rdf.index import Index
from reasoner.shacl.declared import read_components
from reasoner.shacl.paths import Test
from reasoner.shacl.reader import ShapeReader, Solve
from reasoner.shacl.shapes import Shape, Targets
from reasoner.shacl.targets import FocusNodes, read_targets
from reasoner.validation.closures import compile_shape
from reasoner.validation.results import ShaclResult, results_of


@dataclass(frozen=True, eq=False)
class CompiledShapes:
    """Shapes with their targets, ready to be held against any number of cases."""

    shapes: tuple[tuple[Shape, Targets], ...]

    @cached_property
    def _tests(self) -> tuple[Test, ...]:
        return tuple(compile_shape(shape) for shape, _ in self.shapes)

    @cached_property
    def focus_nodes(self) -> FocusNodes:
        """What finds the focus nodes of the targets, by the number of each shape."""
        return FocusNodes(targets for _, targets in self.shapes)

    def failing(self, index: Index, suspects: Iterable[tuple[int, Node]] | None = None) -> list[tuple[Shape, Node]]:
        """Each shape with each of its focus nodes that does not conform to it; empty where everything conforms.

        Of `suspects`, if they are given: the numbers of shapes with focus nodes, outside which all is known to conform.
        """
        tests = self._tests
        pairs = self.focus_nodes.of(index) if suspects is None else suspects
        failed = [pair for pair in pairs if not tests[pair[0]](index, pair[1])]
        failed.sort(key=itemgetter(0))
        return [(self.shapes[number][0], node) for number, node in failed]

    def conforms(self, index: Index) -> bool:
        """Whether there is no result, of any severity."""
        return not self.failing(index)

    def results(self, index: Index, suspects: Iterable[tuple[int, Node]] | None = None) -> Iterator[ShaclResult]:
        """Every result, in the order of the names of the shapes and of the statements of the case; see `failing`."""
        for shape, node in self.failing(index, suspects):
            yield from results_of(shape, index, node)


def compile_shapes(
    graph: Graph, *, queries: Mapping[Node, Solve] | None = None, name: str = "a shapes graph"
) -> CompiledShapes:
    """Compile the shapes of a graph that have a target.

    Args:
        graph: The shapes graph. What no target leads to is not looked at.
        queries: Native code for `sh:sparql`, by the IRI of the shape that has it.
        name: What to call the graph in an error.

    Raises:
        ShapesDefinitionError: The shapes use what lies outside SHACL Core and `queries`; every problem is named.
    """
    components = read_components(graph)
    reader = ShapeReader(graph, components, core=True, queries=queries or {})
    shapes = tuple((reader.shape(node), targets) for node, targets in read_targets(graph))
    unknown = [f"{iri} is a constraint component without native code" for iri in components if iri not in NATIVE]
    if unknown or reader.problems:
        raise ShapesDefinitionError(name, [*unknown, *reader.problems])
    return CompiledShapes(shapes)
