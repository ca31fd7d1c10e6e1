"""Problems as a SHACL validation report."""

import hashlib
from collections.abc import Iterable
from typing import Final

from rdflib import RDF, SH, Graph, Literal, URIRef

from reasoner.case import Problem, Severity
from reasoner.intake.rules import RULES
from reasoner.terms import BASE

_SEVERITY: Final = {Severity.ERROR: SH.Violation, Severity.WARNING: SH.Warning, Severity.INFO: SH.Info}


def report_of(problems: Iterable[tuple[str, Problem]]) -> Graph:
    """One `sh:ValidationReport`; each problem comes with the name of its source.

    Where a problem is with a file as a whole, the focus node is the name of the file. A rule that is no shape stands
    as the constraint component. The IRIs depend on nothing but the problems.
    """
    listed = list(problems)
    text = "\n".join(f"{source}\t{problem.severity}\t{problem}" for source, problem in listed)
    report = URIRef(f"{BASE}intake-report/{hashlib.sha256(text.encode()).hexdigest()[:16]}")
    graph = Graph()
    graph.bind("sh", SH)
    graph.add((report, RDF.type, SH.ValidationReport))
    graph.add((report, SH.conforms, Literal(not listed)))
    for number, (source, problem) in enumerate(listed, start=1):
        result = URIRef(f"{report}#result-{number}")
        graph.add((report, SH.result, result))
        graph.add((result, RDF.type, SH.ValidationResult))
        graph.add((result, SH.resultSeverity, _SEVERITY[problem.severity]))
        graph.add((result, SH.focusNode, problem.node if problem.node is not None else Literal(source)))
        graph.add((result, SH.resultMessage, Literal(str(problem), lang="en")))
        if problem.path is not None:
            graph.add((result, SH.resultPath, problem.path))
        if problem.value is not None:
            graph.add((result, SH.value, problem.value))
        if problem.source_shape is not None and problem.source_shape in RULES:
            graph.add((result, SH.sourceConstraintComponent, problem.source_shape))
        elif problem.source_shape is not None:
            graph.add((result, SH.sourceShape, problem.source_shape))
            graph.add((result, SH.sourceConstraintComponent, problem.component or SH.NodeConstraintComponent))
    return graph
