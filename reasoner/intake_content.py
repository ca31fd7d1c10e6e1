"""What the intake shapes say of a case, as problems in words."""

import re
from collections.abc import Callable, Iterator

from rdflib import RDF, RDFS, SH, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.case import Problem, Severity, curie
from reasoner.index import Index, Triple
from reasoner.intake_shapes import intake_shapes
from reasoner.ontology import declared_terms, labels
from reasoner.pyshacl_engine import validate
from reasoner.terms import EDX, ICD10CM

_SEVERITY = {SH.Violation: Severity.ERROR, SH.Warning: Severity.WARNING, SH.Info: Severity.INFO}
_VALUE_COMPONENTS = frozenset({SH.ClassConstraintComponent, SH.NodeConstraintComponent, SH.InConstraintComponent})


def check_content(index: Index, namer: Callable[[Node], str], *, unexplained: frozenset[Node]) -> Iterator[Problem]:
    """Validate the statements against the intake shapes.

    Values in `unexplained` have a problem of their own already, an unknown term; that they are of no fitting class
    only follows from it and is left out.
    """
    data = Graph(bind_namespaces="none")
    for triple in index.triples:
        data.add(triple)
    for triple in _knowledge_for(index):
        data.add(triple)
    _, report = validate(data, intake_shapes())
    for result in report.objects(None, SH.result):
        component = report.value(result, SH.sourceConstraintComponent)
        value = report.value(result, SH.value)
        focus = report.value(result, SH.focusNode)
        if not isinstance(focus, URIRef) or focus in declared_terms():
            continue  # a word or a class in the place of a node: the property that leads to it has said so
        if value in unexplained and component in _VALUE_COMPONENTS:
            continue
        path = report.value(result, SH.resultPath)
        yield Problem(
            severity=_SEVERITY[URIRef(str(report.value(result, SH.resultSeverity)))],
            message=_in_words(report, result, namer) + _found(value, component, namer),
            node=focus,
            path=path if isinstance(path, URIRef) else None,
            source_shape=URIRef(str(report.value(result, SH.sourceShape))),
            value=value,
            component=URIRef(str(component)),
        )


def _knowledge_for(index: Index) -> Iterator[Triple]:
    """The part of the class tree above what the case uses, and the types of the individuals that it names."""
    tree, declared = index.hierarchy, declared_terms()
    for term in {o for _, _, o in index.triples if isinstance(o, URIRef)}:
        for cls in tree.ancestors(term):
            for parent in tree.parents.get(cls, ()):
                yield cls, RDFS.subClassOf, parent
        if term.startswith(str(EDX)):
            for kind in declared.get(term, ()):
                yield term, RDF.type, kind
        if term.startswith(str(ICD10CM)) and EDX.Diagnosis not in tree.ancestors(term):
            yield term, RDFS.subClassOf, EDX.Diagnosis  # a code that the ontology does not map is still a diagnosis


def _found(value: Node | None, component: Node | None, namer: Callable[[Node], str]) -> str:
    if isinstance(value, URIRef) and component in _VALUE_COMPONENTS:
        return f" Found: {namer(value)}."
    return ""


def _in_words(report: Graph, result: Node, namer: Callable[[Node], str]) -> str:
    messages = sorted(str(m) for m in report.objects(result, SH.resultMessage) if isinstance(m, Literal))

    def named(match: re.Match[str]) -> str:
        term = URIRef(match[1])
        label = labels().get(term)
        return f"“{label}” ({curie(term)})" if label else namer(term)

    return re.sub(r"<([A-Za-z][^<>\s]*)>", named, " ".join(messages))
