"""The leaves of an edition as pySHACL answers them: the reference that the compiled engine is held to.

Every shape that decides a leaf is asked of every node that the leaf is about, in one run over the case and as much of
the class tree as case and edition speak of. What an answer rests on is traced as always.
"""

from collections.abc import Callable, Iterator

from rdflib import RDF, RDFS, SH, Graph, URIRef
from rdflib.term import Node

from reasoner.errors import EngineError
from reasoner.evaluation.leaves import Leaves
from reasoner.policy.edition import Criterion, Edition, Kind
from reasoner.policy.leaf_forms import refuting_bounds
from reasoner.rdf.index import Hierarchy, Index, Triple
from reasoner.shacl import pyshacl_engine
from reasoner.shacl.shapes import Shape
from reasoner.terminology.ontology import ontology_triples
from reasoner.terms import BASE, EDX

_WRAPPER = BASE + ".well-known/asked/"


class Answers:
    """What pySHACL says of the shapes of an edition for one case."""

    def __init__(self, index: Index, request: Node, edition: Edition) -> None:
        """Validate the case.

        Raises:
            EngineError: pySHACL failed, or it did not look.
        """
        studies = index.objects(request, EDX.requestsStudy)
        asked = {
            (shape, node): URIRef(f"{_WRAPPER}{number}")
            for number, (shape, about_request) in enumerate(_shapes(edition))
            for node in ([request] if about_request else studies)
        }
        shapes = Graph(bind_namespaces="none")
        shapes += edition.graph
        shapes.remove((None, SH.targetClass, None))
        for (shape, node), wrapper in asked.items():
            shapes.add((wrapper, RDF.type, SH.NodeShape))
            shapes.add((wrapper, SH.node, shape.node))
            shapes.add((wrapper, SH.targetNode, node))
        _, report = pyshacl_engine.validate(data_graph(index.statements, edition, index.hierarchy), shapes)
        failing = {
            (report.value(result, SH.sourceShape), report.value(result, SH.focusNode))
            for result in report.subjects(RDF.type, SH.ValidationResult)
        }
        self._conforms = {key: (wrapper, key[1]) not in failing for key, wrapper in asked.items()}

    def test_of(self, shape: Shape) -> Callable[[Index, Node], bool]:
        """Whether a node conforms to a shape, as pySHACL has found."""

        def conforms(_: Index, node: Node) -> bool:
            known = self._conforms.get((shape, node))
            if known is None:
                raise EngineError(f"pySHACL was not asked whether {node} conforms to {shape.node}.")
            return known

        return conforms


def leaves_by_pyshacl(index: Index, request: Node, edition: Edition) -> tuple[Leaves, Answers]:
    """The leaves of an edition for one case, and the answers that they rest on.

    Raises:
        EngineError: pySHACL failed, or it did not look.
    """
    answers = Answers(index, request, edition)
    return Leaves(edition.criteria.values(), answers.test_of), answers


def data_graph(statements: tuple[Triple, ...], edition: Edition, tree: Hierarchy) -> Graph:
    """A case with the class tree above whatever it and the edition speak of, and the numbers of procedure codes."""
    graph = Graph(bind_namespaces="none")
    for triple in statements:
        graph.add(triple)
    named = {term for triple in (*statements, *edition.graph) for term in triple}
    for cls in {above for term in named for above in tree.ancestors(term)}:
        for parent in tree.parents.get(cls, ()):
            graph.add((cls, RDFS.subClassOf, parent))
    for triple in ontology_triples():
        if triple[1] in (EDX.minimumStudies, EDX.maximumStudies):
            graph.add(triple)
    return graph


def _shapes(edition: Edition) -> Iterator[tuple[Shape, bool]]:
    """Every shape that is asked about, and whether it is asked of the request rather than of each study."""
    found: dict[Shape, set[bool]] = {}
    for criterion in edition.criteria.values():
        for shape in _deciding(criterion):
            found.setdefault(shape, set()).add(criterion.applies_to == EDX.Request)
    for advice in edition.advice:
        found.setdefault(advice.shape, set()).add(advice.applies_to == EDX.Request)
    for shape, about in found.items():
        for about_request in sorted(about):
            yield shape, about_request


def _deciding(leaf: Criterion) -> Iterator[Shape]:
    """The shapes that decide a leaf: itself and its refuting shape, and the two ends of an open question."""
    if leaf.operator is not None:
        return
    shapes = (leaf.affirmed, leaf.denied) if leaf.kind is Kind.OPEN else (leaf.shape, leaf.refuted_by)
    yield from (shape for shape in shapes if shape is not None)
    bounds = refuting_bounds(leaf.refuted_by) if leaf.kind is Kind.COUNTED and leaf.refuted_by is not None else None
    if bounds is not None:
        yield bounds[0]
