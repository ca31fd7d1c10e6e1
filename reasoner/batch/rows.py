"""Determinations as rows: one for each case, policy and requested study, the same for Parquet, JSON lines and Spark.

A case that is refused, or that no policy applies to, is one row without a study that names its problems.
"""

import datetime
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

import orjson
from rdflib.term import Node

from reasoner.case import Case, Severity
from reasoner.deadline import Deadline
from reasoner.errors import EngineError, InvalidCaseError, OutOfTimeError, ReasonerError, UnknownTermError
from reasoner.evaluation.criteria import Assessment, Status
from reasoner.evaluation.determination import Determination, Outcome
from reasoner.evaluation.determining import determine
from reasoner.evaluation.named_statuses import named_statuses, order_of
from reasoner.intake.admission import Refusal
from reasoner.intake.content import Engine
from reasoner.knowledge import Knowledge
from reasoner.limits import DEFAULT, Limits, flag_of
from reasoner.report.content import known_words
from reasoner.report.phrases import Phrases
from reasoner.version import VERSION

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What an edition of a policy makes of one requested study.

    `position` is the place of the case in the whole input, from 1, and `study_number` that of the study in the request.
    `deciding`, `met`, `refuted`, `undetermined` and `not_applicable` hold names of criteria: `deciding` in the order of
    the report, the others, which are about this study or about the request, in the order of the policy.
    `missing` is the smallest settling set that leads to coverage: what to document, one text for each question, with
    "; or " between alternatives. `problems` are those of a refused case, else the warnings of intake.
    `result_digest` is the SHA-256 of the row as canonical JSON (RFC 8785), without itself, `source` and `position`.
    """

    source: str
    position: int
    case: str | None = None
    case_label: str | None = None
    policy: str | None = None
    edition: str | None = None
    effective_from: datetime.date | None = None
    date_applied: datetime.date | None = None
    study: str | None = None
    study_number: int | None = None
    study_label: str | None = None
    outcome: str | None = None
    request_outcome: str | None = None
    conforms: bool | None = None
    deciding: tuple[str, ...] = ()
    met: tuple[str, ...] = ()
    refuted: tuple[str, ...] = ()
    undetermined: tuple[str, ...] = ()
    not_applicable: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    conflicts: int = 0
    case_digest: str | None = None
    knowledge_digest: str
    program_version: str = VERSION
    result_digest: str = ""
    problem_code: str | None = None
    problems: tuple[str, ...] = ()


COLUMNS: Final = tuple(field.name for field in fields(Row))
"""The names of the columns, in their order."""

_OF_THE_PLACE: Final = frozenset({"source", "position", "result_digest"})
_OF_THE_RESULT: Final = tuple(sorted(set(COLUMNS) - _OF_THE_PLACE))
_ALTERNATIVELY: Final = "; or "


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a case under one policy: a determination, or the code and the words of why there is none."""

    entry: Case | Refusal
    policy: str | None = None
    determination: Determination | None = None
    problem_code: str | None = None
    problems: tuple[str, ...] = ()


def rows_of(
    entry: Case | Refusal,
    knowledge: Knowledge,
    policies: Sequence[str] | None = None,
    on: datetime.date | None = None,
    position: int = 1,
    *,
    engine: Engine = "compiled",
    limits: Limits = DEFAULT,
) -> list[Row]:
    """The rows of one case.

    Args:
        entry: What intake made of it.
        knowledge: What `load_knowledge` gave.
        policies: Names of policies or payers; by default the one policy of the request's payer.
        on: The date that chooses the edition, as `determine` takes it.
        position: The place of the case in the whole input, from 1.
        engine: As `determine` takes it.
        limits: Of which the seconds count here, within `reasoner.deadline.clock`.

    Raises:
        UnknownTermError: There is no policy or payer of that name.
    """
    answers = answers_of(entry, knowledge, policies, on, engine=engine, limits=limits)
    return [row for answer in answers for row in answer_rows(answer, knowledge, position)]


def answers_of(
    entry: Case | Refusal,
    knowledge: Knowledge,
    policies: Sequence[str] | None = None,
    on: datetime.date | None = None,
    *,
    engine: Engine = "compiled",
    limits: Limits = DEFAULT,
) -> list[Answer]:
    """Determine one case under each policy, or say why it cannot be; arguments and errors are those of `rows_of`.

    Whatever is wrong with one case, the program's own failure at it included, becomes its answer and stops no other.
    """
    if isinstance(entry, Refusal):
        errors = tuple(str(problem) for problem in entry.problems if problem.severity is Severity.ERROR)
        return [Answer(entry, problem_code=entry.code, problems=errors)]
    return [_answer(entry, knowledge, policy, on, engine, limits) for policy in policies or (None,)]


def answer_rows(answer: Answer, knowledge: Knowledge, position: int = 1) -> list[Row]:
    """The rows of one answer."""
    if answer.determination is not None:
        return _determined(answer.determination, knowledge, position)
    entry = answer.entry
    case = entry if isinstance(entry, Case) else None
    row = _row(
        source=entry.source,
        position=position,
        case=None if case is None else str(case.iri),
        case_label=entry.label if isinstance(entry, Case) else _label(entry),
        policy=answer.policy,
        case_digest=None if case is None else case.digest,
        knowledge_digest=knowledge.digest,
        problem_code=answer.problem_code,
        problems=answer.problems,
    )
    return [row]


def json_line(row: Row) -> bytes:
    """The row as one line of JSON, in UTF-8, with every column in its order."""
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)


def arrow_schema() -> "pa.Schema":
    """The columns with their types, as Parquet and Spark have them."""
    import pyarrow as pa

    names, kinds = pa.list_(pa.string()), {"position": pa.int64(), "study_number": pa.int32(), "conflicts": pa.int32()}
    kinds |= dict.fromkeys(("effective_from", "date_applied"), pa.date32()) | {"conforms": pa.bool_()}
    kinds |= dict.fromkeys(_LISTS, names)
    always = {"source", "position", "knowledge_digest", "program_version", "result_digest", "conflicts", *_LISTS}
    return pa.schema([pa.field(c, kinds.get(c, pa.string()), nullable=c not in always) for c in COLUMNS])


_LISTS: Final = ("deciding", "met", "refuted", "undetermined", "not_applicable", "missing", "problems")


def arrow_batch(rows: Iterable[Row]) -> "pa.RecordBatch":
    """Rows as one batch of `arrow_schema`."""
    import pyarrow as pa

    found, schema = list(rows), arrow_schema()
    columns = [pa.array([getattr(row, field.name) for row in found], field.type) for field in schema]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _answer(
    case: Case, knowledge: Knowledge, policy: str | None, on: datetime.date | None, engine: Engine, limits: Limits
) -> Answer:
    try:
        with Deadline(limits.seconds):
            return Answer(case, policy, determine(case, knowledge, policy=policy, on=on, engine=engine))
    except UnknownTermError:
        raise
    except ReasonerError as error:
        return Answer(case, policy, None, error.code, (str(error),))
    except Exception as error:  # noqa: BLE001 - a case that the program fails at stops no other
        return failed(case, error, policy)


def failed(entry: Case | Refusal, error: Exception, policy: str | None = None) -> Answer:
    """The answer where the program itself failed, or ran out of what a limit gives it."""
    if isinstance(error, OutOfTimeError):
        return Answer(entry, policy, None, error.code, (str(error),))
    if isinstance(error, MemoryError):
        said = f"the memory of the process did not suffice for it ({flag_of('memory')}). Shorten the record."
        return Answer(entry, policy, None, InvalidCaseError.code, (said,))
    said = f"the program failed at this case ({type(error).__name__}: {error}). Please report this."
    return Answer(entry, policy, None, EngineError.code, (said,))


def _label(refusal: Refusal) -> str | None:
    """What the case is called, where that is not only the name of its file."""
    named = refusal.name.removeprefix(refusal.source).strip()
    return (named[1:-1] if named.startswith("(") and named.endswith(")") else named) or None


def _determined(d: Determination, knowledge: Knowledge, position: int) -> list[Row]:
    phrases = Phrases(d.case.index(knowledge.hierarchy), knowledge.labels, d.case.iri, known_words(knowledge))
    named = named_statuses(d)
    shared: dict[str, Any] = {
        "source": d.case.source,
        "position": position,
        "case": str(d.case.iri),
        "case_label": d.case.label,
        "policy": d.edition.slug,
        "edition": str(d.edition.iri),
        "effective_from": d.edition.effective_from,
        "date_applied": d.date,
        "request_outcome": d.outcome.value,
        "conforms": d.root.status is Status.MET,
        "conflicts": len(d.conflicts),
        "case_digest": d.case.digest,
        "knowledge_digest": knowledge.digest,
        "problems": tuple([str(p) for p in d.case.warnings if p.severity is Severity.WARNING]),
    }
    return [
        _row(
            **shared,
            study=str(study.study),
            study_number=number,
            study_label=phrases.study(study.study),
            outcome=study.outcome.value,
            deciding=tuple(dict.fromkeys([a.criterion.name for a in study.decisive])),
            **named[study.study]._asdict(),
            missing=_missing(d, study.study),
        )
        for number, study in enumerate(d.studies, 1)
    ]


def _missing(d: Determination, study: Node) -> tuple[str, ...]:
    """What to document; the sets of a study come smallest first."""
    for settling in d.settling:
        if settling.leads_to is Outcome.MEDICALLY_NECESSARY and study in settling.studies:
            places = order_of(d.edition).places
            asked = [sorted(question, key=lambda leaf: places[leaf.criterion]) for question in settling.way]
            asked.sort(key=lambda leaves: [places[leaf.criterion] for leaf in leaves])
            return tuple(_ALTERNATIVELY.join(dict.fromkeys(_wanted(leaf) for leaf in leaves)) for leaves in asked)
    return ()


def _wanted(leaf: Assessment) -> str:
    return leaf.criterion.documentation or leaf.criterion.label


def _row(**values: Any) -> Row:
    """A row with its digest."""
    row = Row(**values)
    result = {name: getattr(row, name) for name in _OF_THE_RESULT}
    digest = hashlib.sha256(orjson.dumps(result)).hexdigest()
    object.__setattr__(row, "result_digest", digest)
    return row
