"""The SHACL results of a determination, nested as the policy is: what is not satisfied, and why."""

from typing import Any, Final

import orjson
from rdflib import SH

from reasoner.evaluation.criteria import Part, Status
from reasoner.evaluation.determination import Determination
from reasoner.knowledge import Knowledge
from reasoner.policy.edition import Operator
from reasoner.report.content import determination_iri
from reasoner.report.pieces import CasePieces, CriterionPieces, failing_shape

_COMPONENTS: Final = {
    Operator.ALL: str(SH.AndConstraintComponent),
    Operator.ANY: str(SH.OrConstraintComponent),
    Operator.CONDITIONAL: str(SH.OrConstraintComponent),
    None: str(SH.NodeConstraintComponent),
}
_MET: Final = Status.MET
_VIOLATION: Final = str(SH.Violation)
_WARNING: Final = str(SH.Warning)


def write_result(part: Part, piece: CriterionPieces, pieces: CasePieces, out: list[str], seen: set[str]) -> None:
    """Write the result of a part that is not satisfied, with those of its own parts that are not as its detail.

    Args:
        part: The part.
        piece: The text of its criterion.
        pieces: The text of all criteria for the case.
        out: Takes the text.
        seen: The names of the results that are written already; shared criteria have one result.
    """
    seen.add(piece.result)
    a = part.assessment
    out.append(piece.failed(a, ruled_out=part.ruled_out))
    if not a.parts:
        return
    form = pieces.edition.form
    failing = [each for each in zip(a.parts, pieces.below(a, piece), strict=True) if each[0].value is not _MET]
    if failing:
        out += (
            piece.detail,
            piece.detail_joint.join(dict.fromkeys([inner.result for _, inner in failing])),
            form.after,
        )
    out.append(form.end)
    for inner, below in failing:
        if below.result not in seen:
            write_result(inner, below, pieces, out, seen)


def violations(determination: Determination, knowledge: Knowledge) -> bytes:
    """The validation report alone as one line of JSON: outcome, conformance, and the nested results under `results`."""
    d = determination
    conforms = d.root.status is _MET
    report = {
        "determination": determination_iri(d, knowledge),
        "case": d.case.iri,
        "case_label": d.case.label,
        "edition": d.edition.iri,
        "date_applied": d.date.isoformat(),
        "outcome": d.outcome,
        "conforms": conforms,
        "results": [] if conforms else [_result(Part(d.root))],
    }
    return orjson.dumps(report, option=orjson.OPT_APPEND_NEWLINE)


def _result(part: Part) -> dict[str, Any]:
    """The result of a part that is not satisfied."""
    a = part.assessment
    return {
        "focus": a.focus,
        "shape": failing_shape(a.criterion, ruled_out=part.ruled_out),
        "component": _COMPONENTS[a.criterion.operator],
        "severity": _VIOLATION if part.value is Status.REFUTED else _WARNING,
        "message": a.sentence,
        "detail": [_result(inner) for inner in a.parts if inner.value is not _MET],
    }
