"""Two parts of a report that stand on their own: the nested SHACL results, and the quotations of documents."""

from collections.abc import Callable

from rdflib import DCTERMS, RDF, SH, Literal, URIRef
from rdflib.term import Node

from reasoner.case import Case
from reasoner.criteria import Assessment, Part, Status
from reasoner.graph_builder import GraphBuilder
from reasoner.index import Index, triple_key
from reasoner.policy import Operator
from reasoner.terms import EDX

_COMPONENT = {
    Operator.ALL: SH.AndConstraintComponent,
    Operator.ANY: SH.OrConstraintComponent,
    Operator.CONDITIONAL: SH.OrConstraintComponent,
    None: SH.NodeConstraintComponent,
}


def write_result(builder: GraphBuilder, part: Part, local: Callable[[Assessment], str]) -> URIRef:
    """Add the SHACL result of a part that is not satisfied, with those of its own parts that are not as detail."""
    assessment, criterion = part.assessment, part.assessment.criterion
    node = builder.part("r-" + local(assessment))
    if not builder.new(node):
        return node
    failing = criterion.refuted_by.node if part.ruled_out and criterion.refuted_by else criterion.iri
    severity = SH.Violation if part.value is Status.REFUTED else SH.Warning
    for predicate, value in (
        (RDF.type, SH.ValidationResult),
        (SH.focusNode, assessment.focus),
        (SH.sourceShape, failing),
        (SH.sourceConstraintComponent, _COMPONENT[criterion.operator]),
        (SH.resultSeverity, severity),
        (SH.resultMessage, Literal(assessment.sentence)),
    ):
        builder.add(node, predicate, value)
    for inner in assessment.parts:
        if inner.value is not Status.MET:
            builder.add(node, SH.detail, write_result(builder, inner, local))
    return node


def write_quotations(builder: GraphBuilder, index: Index, case: Case) -> dict[Node, list[URIRef]]:
    """Add the quotations of the case's documents; gives those about each node and each excluded class."""
    found: dict[Node, list[URIRef]] = {}
    documents = [o for s, p, o in sorted(case.triples, key=triple_key) if p == EDX.hasDocument]
    quoted = [(document, q) for document in documents for q in index.objects(document, EDX.hasQuotation)]
    for number, (document, quotation) in enumerate(quoted, 1):
        node = builder.part(f"q-{number}")
        builder.add(node, RDF.type, EDX.CitedQuotation)
        for source, predicate in ((quotation, EDX.text), (document, DCTERMS.title), (document, EDX.date)):
            for value in index.objects(source, predicate)[:1]:
                builder.add(node, predicate, value)
        for about in index.objects(quotation, EDX.about):
            found.setdefault(about, []).append(node)
    return found
