"""From a case to a determination: which edition applies on which date, and what it makes of the case."""

import datetime
from collections.abc import Iterable
from pathlib import Path

from rdflib import Literal, URIRef

from reasoner.case import Case
from reasoner.errors import NoApplicablePolicyError
from reasoner.evaluation.determination import Determination, determine_under
from reasoner.intake.admission import validate_all
from reasoner.intake.content import Engine
from reasoner.knowledge import Knowledge
from reasoner.limits import DEFAULT, Limits
from reasoner.policy.edition import Edition
from reasoner.rdf.index import Index
from reasoner.rdf.nodes import interned
from reasoner.terms import EDX


def read_cases(*sources: Path | str, limits: Limits = DEFAULT) -> tuple[Case, ...]:
    """The cases of some files, in order.

    Raises:
        InputError: A file cannot be read, or a case cannot be judged; `validate` tells of all of them at once.
    """
    result = validate_all((Path(source) for source in sources), limits=limits)
    for refusal in result.refusals:
        raise refusal.error()
    return result.cases


def determine(
    case: Case,
    knowledge: Knowledge,
    *,
    policy: str | None = None,
    on: datetime.date | None = None,
    engine: Engine = "compiled",
) -> Determination:
    """Hold a case against the policy edition that applies to it.

    Args:
        case: A case that intake has admitted.
        knowledge: What `load_knowledge` gave.
        policy: Short name of a policy or payer (`bcbsnd-emg-ncs`, `aetna`); by default that of the request's payer.
        on: The date that chooses the edition; by default the date of service, or the date of the request where no
            date of service is recorded. It stands for no fact of the case: what depends on the date of service
            stays open.
        engine: What holds the case against the shapes of the edition: the compiled engine, or pySHACL as the reference,
            slow.

    Raises:
        UsageError: No policy or edition applies.
    """
    edition, date, basis = applicable_edition(case, knowledge, policy=policy, on=on)
    return determine_under(case, edition, knowledge.hierarchy, date, basis, engine=engine)


def applicable_edition(
    case: Case, knowledge: Knowledge, *, policy: str | None = None, on: datetime.date | None = None
) -> tuple[Edition, datetime.date, str]:
    """The edition for a case, the date that chose it, and what that date is in words.

    Raises:
        UsageError: No policy or edition applies, or no date is known.
    """
    index = case.index(knowledge.hierarchy)
    payer = next((URIRef(str(o)) for o in _values(index, case.iri, _PAYER)), None)
    if on is not None:
        return knowledge.edition(policy, payer, on), on, "date asked for"
    for predicate, basis in _DATES.items():
        for value in _values(index, case.iri, predicate):
            date = datetime.date.fromisoformat(str(value))
            return knowledge.edition(policy, payer, date), date, basis
    raise NoApplicablePolicyError(
        f"{case.label}: neither a date of service nor a date of request is recorded, so no edition can be chosen. "
        "State edx:dateOfService, or give the date to apply (--on DATE)."
    )


_PAYER = interned(EDX.payer)
_DATES = {interned(EDX.dateOfService): "date of service", interned(EDX.dateOfRequest): "date of request"}


def _values(index: Index, request: URIRef, predicate: URIRef) -> Iterable[Literal | URIRef]:
    return sorted(o for o in index.objects(request, predicate) if isinstance(o, Literal | URIRef))
