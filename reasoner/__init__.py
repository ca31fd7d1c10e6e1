"""Determines and explains whether electrodiagnostic studies are medically necessary under a payer's written policy.

>>> import reasoner
>>> knowledge = reasoner.load_knowledge()
>>> (case,) = reasoner.read_cases("case.ttl")
>>> determination = reasoner.determine(case, knowledge, policy="bcbsnd")
>>> determination.outcome
<Outcome.NOT_MEDICALLY_NECESSARY: 'NotMedicallyNecessary'>
>>> print(reasoner.render(reasoner.report_graph(determination, knowledge), "markdown"))
"""

from typing import TYPE_CHECKING, Any

from reasoner.case import Case
from reasoner.errors import ReasonerError
from reasoner.evaluation.criteria import Status
from reasoner.evaluation.determination import Determination, Outcome
from reasoner.evaluation.determining import determine, read_cases
from reasoner.formats.render import render
from reasoner.intake.admission import IntakeResult, validate
from reasoner.knowledge import Knowledge, load_knowledge
from reasoner.limits import Limits
from reasoner.report.graph import report_graph
from reasoner.version import VERSION as __version__  # noqa: N811 - the name that tools expect

if TYPE_CHECKING:
    from reasoner.query.dataset import build_dataset
    from reasoner.query.running import run_query

__all__ = [
    "Case",
    "Determination",
    "IntakeResult",
    "Knowledge",
    "Limits",
    "Outcome",
    "ReasonerError",
    "Status",
    "__version__",
    "build_dataset",
    "determine",
    "load_knowledge",
    "read_cases",
    "render",
    "report_graph",
    "run_query",
    "validate",
]


def __getattr__(name: str) -> Any:
    """What asks SPARQL is imported when it is first used: most runs do without."""
    if name == "build_dataset":
        from reasoner.query.dataset import build_dataset

        return build_dataset
    if name == "run_query":
        from reasoner.query.running import run_query

        return run_query
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
