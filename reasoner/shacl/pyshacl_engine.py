"""The one place that calls pySHACL.

Two habits of the engine are dealt with here. It may hand back an exception where the report should be; and it conforms
when nothing was looked at. A canary, a shape that nothing can satisfy, stands in every run: a report without its result
is no report.
"""

import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from rdflib import RDF, SH, Graph, Literal

if TYPE_CHECKING:  # the engine and its parser of queries are imported when a graph is validated: they take longer than
    from rdflib.plugins.sparql.sparql import Query  # the rest of the package, and most questions need neither
    from rdflib.query import Result

from reasoner.errors import EngineError
from reasoner.terms import INTAKE

_CANARY: Final = INTAKE["canary"]
_CANARY_NODE: Final = INTAKE["canary-node"]
_DEPTH: Final = 60  # shapes within shapes; the default of 15 is too few for a policy's tree


@lru_cache(maxsize=256)
def _prepared(text: str) -> "Query":
    from rdflib.plugins.sparql import prepareQuery

    return prepareQuery(text)


class _DataGraph(Graph):
    """A graph that parses each query text once per process: parsing costs ten times what evaluation does."""

    def query(self, query_object: "str | Query", *args: Any, **kwargs: Any) -> "Result":
        """As in rdflib, with the parsed query remembered."""
        prepared = _prepared(query_object) if isinstance(query_object, str) else query_object
        return super().query(prepared, *args, **kwargs)


def validate(data: Graph, shapes: Graph) -> tuple[bool, Graph]:
    """Validate a graph; neither graph is changed.

    No inference, no imports, no SHACL Advanced Features, nothing from the network. `conforms` is as SHACL 1.0 has it:
    there is no result of any severity.

    Raises:
        EngineError: The engine failed, or it did not look.
    """
    import pyshacl

    looked_at = _DataGraph(bind_namespaces="none")
    looked_at += data
    guarded = Graph(bind_namespaces="none")
    guarded += shapes
    guarded.add((_CANARY, RDF.type, SH.NodeShape))
    guarded.add((_CANARY, SH.targetNode, _CANARY_NODE))
    guarded.add((_CANARY, SH["in"], RDF.nil))
    try:
        with warnings.catch_warnings():  # an ill-typed number is reported; rdflib would print a warning beside it
            warnings.simplefilter("ignore", UserWarning)
            _, report, text = pyshacl.validate(
                looked_at, shacl_graph=guarded, inference="none", advanced=False, max_validation_depth=_DEPTH
            )
    except Exception as error:  # the engine lets through whatever its parts raise; none of it may pass as a result
        raise EngineError(f"pySHACL failed: {error}") from error
    if not isinstance(report, Graph):
        raise EngineError(f"pySHACL gave no report: {text}")
    return _without_canary(report)


def _without_canary(report: Graph) -> tuple[bool, Graph]:
    sung = list(report.subjects(SH.sourceShape, _CANARY))
    root = report.value(predicate=RDF.type, object=SH.ValidationReport)
    if len(sung) != 1 or root is None:
        raise EngineError("pySHACL did not validate: the shape that nothing satisfies has no result.")
    report.remove((sung[0], None, None))
    report.remove((None, SH.result, sung[0]))
    conforms = (None, SH.result, None) not in report
    report.set((root, SH.conforms, Literal(conforms)))
    return conforms, report
