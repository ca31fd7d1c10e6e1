"""Determinations on Apache Spark: a DataFrame of cases to a DataFrame of the rows that the local run gives.

Every Python worker loads the knowledge once and judges each case by itself, so that a task that Spark repeats, on
whatever machine, gives the same rows again; which of the repeated ones count is settled by Spark when it writes.
"""

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from reasoner.batch.inputs import Cursor, Piece
from reasoner.batch.rows import Row, arrow_batch, arrow_schema, rows_of
from reasoner.batch.worker import taken_in
from reasoner.deadline import clock
from reasoner.errors import EngineError, UnknownTermError, UsageError
from reasoner.knowledge import Knowledge, load_knowledge
from reasoner.limits import DEFAULT, Limits
from reasoner.rdf.syntax import SYNTAXES
from reasoner.version import VERSION

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

_AT_ONCE: Final = 1_000
"""Cases in one batch that goes back to Spark: some tens of megabytes at most."""


@dataclass(frozen=True)
class _Asked:
    """What a worker is told beside the cases."""

    policies: tuple[str, ...]
    on: datetime.date | None
    syntax: str | None
    knowledge: str
    limits: Limits = DEFAULT
    version: str = VERSION


def determine_dataframe(
    cases: "DataFrame",
    *,
    case: str = "case",
    syntax: str | None = None,
    policies: Sequence[str] = (),
    on: datetime.date | None = None,
    limits: Limits = DEFAULT,
) -> "DataFrame":
    """The determinations of a column of cases, with the columns of `reasoner.batch.rows.Row`.

    Each cell of the column holds one RDF document, as text or bytes, with one case or many; what cannot be judged
    becomes a row with its problems. Two further columns are read where they are there: `source` names the document,
    and `position` is its place in the input; without it a number is given that is unique and rises with the order of
    the rows.

    Args:
        cases: The DataFrame that holds the cases.
        case: Name of the column.
        syntax: The syntax of every document, `turtle`, `ntriples`, `nquads`, `trig`, `rdfxml` or `jsonld`; by default
            what the extension of its source says.
        policies: Names of policies or payers; by default the one policy of each request's payer.
        on: The date that chooses the edition, as `determine` takes it.
        limits: What is read and judged at most; the memory of its workers is Spark's to bound.

    Raises:
        UnknownTermError: There is no policy, payer or syntax of that name.
        UsageError: The column does not exist or holds neither text nor bytes.
    """
    from pyspark.sql import functions as f
    from pyspark.sql.pandas.types import from_arrow_schema
    from pyspark.sql.types import BinaryType, StringType

    if case not in cases.columns:
        raise UsageError(f"There is no column '{case}'. The columns are: {', '.join(cases.columns)}.")
    if not isinstance(cases.schema[case].dataType, BinaryType | StringType):
        raise UsageError(f"The column '{case}' holds neither text nor bytes.")
    if syntax is not None and syntax not in SYNTAXES:
        raise UnknownTermError(f"There is no syntax '{syntax}'. Choose one of {', '.join(SYNTAXES)}.")
    knowledge = load_knowledge()
    known = {name for heading in knowledge.headings for name in heading.names}
    for policy in policies:
        if policy not in known:
            raise UnknownTermError(f"There is no policy or payer '{policy}'. Known are: {', '.join(sorted(known))}.")
    source = f.col("source").cast("string") if "source" in cases.columns else f.lit("")
    position = f.col("position").cast("long") if "position" in cases.columns else f.monotonically_increasing_id() + 1
    asked = _Asked(tuple(policies), on, syntax, knowledge.digest, limits)
    return cases.select(
        f.coalesce(source, f.lit("")).alias("source"), position.alias("position"), f.col(case).alias("case")
    ).mapInArrow(_determining(asked), from_arrow_schema(arrow_schema()))


def _determining(asked: _Asked) -> Callable[[Iterable["pa.RecordBatch"]], Iterator["pa.RecordBatch"]]:
    def determine_batches(batches: Iterable["pa.RecordBatch"]) -> Iterator["pa.RecordBatch"]:
        cells = ((row["source"], row["position"], row["case"]) for batch in batches for row in batch.to_pylist())
        knowledge = _knowledge(asked)
        while some := list(islice(cells, _AT_ONCE)):
            yield arrow_batch(chain.from_iterable(_rows(*cell, asked, knowledge) for cell in some))

    return determine_batches


@cache
def _knowledge(asked: _Asked) -> Knowledge:
    """The knowledge of this worker, loaded at its first batch and kept.

    Raises:
        EngineError: It is not the knowledge of whoever asks: another version is installed here.
    """
    knowledge = load_knowledge()
    if (knowledge.digest, VERSION) != (asked.knowledge, asked.version):
        raise EngineError(
            f"This Spark worker has edx-reasoner {VERSION} with knowledge {knowledge.digest[:12]}, the driver has "
            f"{asked.version} with {asked.knowledge[:12]}. Install the same on every machine of the cluster."
        )
    return knowledge


def _rows(source: str, position: int, case: object, asked: _Asked, knowledge: Knowledge) -> list[Row]:
    """The rows of one cell, taken in as a piece of a batch is: whatever goes wrong with it is a row."""
    data = case.encode() if isinstance(case, str) else bytes(case) if isinstance(case, bytes | bytearray) else b""
    piece = Piece(source or "input", Cursor(), 0, text=data, syntax=asked.syntax)
    with clock():
        return [
            row
            for entry in taken_in(piece, limits=asked.limits)
            for row in rows_of(entry, knowledge, asked.policies, asked.on, position, limits=asked.limits)
        ]
