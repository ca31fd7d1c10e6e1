"""What the intake shapes say of a case, as problems in words."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from typing import Final
from typing import Literal as OneOf

from rdflib import RDF, RDFS, SH, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.case import Problem, Severity, curie
from reasoner.intake.foreseen import Foreseen
from reasoner.intake.knowledge import CaseWithKnowledge
from reasoner.intake.notes import Stated
from reasoner.intake.queries import QUERIES
from reasoner.intake.shapes import intake_shapes
from reasoner.rdf.index import Index, Triple
from reasoner.shacl.pyshacl_engine import validate
from reasoner.shacl.shapes import Predicate
from reasoner.terminology.ontology import declared_terms, hierarchy, labels
from reasoner.terms import EDX, ICD10CM
from reasoner.validation.compiled_shapes import CompiledShapes, compile_shapes
from reasoner.validation.results import ShaclResult

Engine = OneOf["compiled", "pyshacl"]
_SEVERITY: Final = {SH.Violation: Severity.ERROR, SH.Warning: Severity.WARNING, SH.Info: Severity.INFO}
_VALUE_COMPONENTS: Final = frozenset(
    {SH.ClassConstraintComponent, SH.NodeConstraintComponent, SH.InConstraintComponent}
)


def check_content(
    index: Index,
    namer: Callable[[Node], str],
    *,
    unexplained: frozenset[Node],
    engine: Engine = "compiled",
    left: Sequence[Stated] | None = None,
) -> Iterator[Problem]:
    """Hold the statements against the intake shapes.

    Args:
        index: The statements of the case.
        namer: How to name a node in a message.
        unexplained: Values that have a problem of their own already, an unknown term; that they are of no fitting class
            only follows from it and is left out.
        engine: pySHACL is the reference: the same problems, found slowly.
        left: If the vocabulary admits all statements, those of which more is to be asked than what other cases have
            stated before (`reasoner.intake.foreseen`).
    """
    for result in _results(index, left) if engine == "compiled" else _results_of_pyshacl(index):
        focus, value = result.focus, result.value
        if not isinstance(focus, URIRef) or focus in declared_terms() or focus.startswith(ICD10CM):
            continue  # a word, a class or a code in the place of a node: the property that leads to it has said so
        of_value = result.component in _VALUE_COMPONENTS
        if of_value and value in unexplained:
            continue
        yield Problem(
            severity=_SEVERITY[result.severity],
            message=_in_words(result, namer) + (_found(value, namer) if of_value else ""),
            node=focus,
            path=result.path.iri if isinstance(result.path, Predicate) else None,
            source_shape=URIRef(str(result.shape)),
            value=value,
            component=result.component,
        )


def _results(index: Index, left: Sequence[Stated] | None) -> Iterator[ShaclResult]:
    case = CaseWithKnowledge(index)
    return compiled_intake().results(case, None if left is None else foreseen().suspects(case, left))


def foreseen() -> Foreseen:
    """What can be foreseen of the intake shapes."""
    return _foreseen(compiled_intake())


@lru_cache(maxsize=2)
def _foreseen(shapes: CompiledShapes) -> Foreseen:
    return Foreseen(shapes, beside_every_case())


def beside_every_case() -> Index:
    """The knowledge that stands beside the statements of every case."""
    return CaseWithKnowledge(Index((), hierarchy()))


@cache
def compiled_intake() -> CompiledShapes:
    """The intake shapes, compiled once per process.

    Raises:
        ShapesDefinitionError: A shape uses what there is no code for.
    """
    return compile_shapes(intake_shapes(), queries=QUERIES, name="shapes/intake")


def _found(value: Node | None, namer: Callable[[Node], str]) -> str:
    return f" Found: {namer(value)}." if isinstance(value, URIRef) else ""


def _in_words(result: ShaclResult, namer: Callable[[Node], str]) -> str:
    def named(match: re.Match[str]) -> str:
        term = URIRef(match[1])
        label = labels().get(term)
        return f"“{label}” ({curie(term)})" if label else namer(term)

    return re.sub(r"<([A-Za-z][^<>\s]*)>", named, " ".join(result.messages))


# The reference -----------------------------------------------------------------------


def _results_of_pyshacl(index: Index) -> Iterator[ShaclResult]:
    data = Graph(bind_namespaces="none")
    for triple in (*index.statements, *_knowledge_for(index)):
        data.add(triple)
    _, report = validate(data, intake_shapes())
    for result in report.objects(None, SH.result):
        path = report.value(result, SH.resultPath)
        said = sorted(str(m) for m in report.objects(result, SH.resultMessage) if isinstance(m, Literal))
        focus, shape = report.value(result, SH.focusNode), report.value(result, SH.sourceShape)
        assert focus is not None
        assert shape is not None
        yield ShaclResult(
            focus=focus,
            path=Predicate(path) if isinstance(path, URIRef) else None,
            value=report.value(result, SH.value),
            component=URIRef(str(report.value(result, SH.sourceConstraintComponent))),
            shape=shape,
            severity=URIRef(str(report.value(result, SH.resultSeverity))),
            messages=tuple(said),
        )


def _knowledge_for(index: Index) -> Iterator[Triple]:
    """The part of the class tree above what the case uses, and the types of the individuals that it names."""
    tree, declared = index.hierarchy, declared_terms()
    for term in {o for _, _, o in index.statements if isinstance(o, URIRef)}:
        for cls in tree.ancestors(term):
            for parent in tree.parents.get(cls, ()):
                yield cls, RDFS.subClassOf, parent
        if term.startswith(str(EDX)):
            for kind in declared.get(term, ()):
                yield term, RDF.type, kind
        if term.startswith(str(ICD10CM)) and EDX.Diagnosis not in tree.ancestors(term):
            yield term, RDFS.subClassOf, EDX.Diagnosis  # a code that the ontology does not map is still a diagnosis
