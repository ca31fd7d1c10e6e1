"""What a procedure code stands for, as text; with our own words and the notice of whose code it is."""

from collections.abc import Iterator
from datetime import date

from reasoner.case import curie
from reasoner.knowledge import Knowledge
from reasoner.plain_text import DEFAULT_WIDTH, item, section, wrapped
from reasoner.terminology.mappings import Mapping, read_mapping_set
from reasoner.terminology.procedures import ProcedureCode


def row_of(code: ProcedureCode) -> Mapping:
    """The row of the mapping set that a procedure code comes from."""
    return next(row for row in read_mapping_set("procedures").mappings if row.code == code.code)


def notice() -> str:
    """Whose the codes are, and what their use needs."""
    return str(read_mapping_set("procedures").metadata["comment"])


def render_procedure(
    code: ProcedureCode, knowledge: Knowledge, *, on: date | None = None, width: int = DEFAULT_WIDTH
) -> str:
    """What a procedure code stands for, in sections."""
    return "\n".join(_lines(code, knowledge, on, width)) + "\n"


def _lines(code: ProcedureCode, knowledge: Knowledge, on: date | None, width: int) -> Iterator[str]:
    row = row_of(code)
    system = row.object.partition(":")[0]
    yield from wrapped(f"{code.code}  {code.label} ({system}; in our own words)", width, rest="  ")
    if code.deleted_on is not None:
        yield from wrapped(f"Deleted on {code.deleted_on}.", width)
    if on is not None:
        in_use = "In use" if code.in_use(on) else "Not in use"
        yield from wrapped(f"{in_use} on {on}, as far as the map knows.", width)
    if not code.verified:
        said = "Its meaning, or that it is still in use, was not found confirmed: check it before it is relied on."
        yield from wrapped(said, width)
    yield from section("Stands for", _studies(code, knowledge, width), width)
    yield from section("In the map (draft, not clinically reviewed)", _row(row, knowledge, width), width)
    yield ""
    yield from wrapped(notice(), width)


def _studies(code: ProcedureCode, knowledge: Knowledge, width: int) -> Iterator[str]:
    cls = code.study_class
    kind = "no kind of study" if cls is None else f"{knowledge.labels.get(cls, curie(cls))} [{curie(cls)}]"
    yield from item("•", kind, width)
    span = code.span()
    said = f"{span} of these: {code.counts}" if span else f"once for each {code.unit}: {code.counts}"
    yield from item("•", f"counts {said}", width)
    if code.comment:
        yield from item("•", code.comment, width)


def _row(row: Mapping, knowledge: Knowledge, width: int) -> Iterator[str]:
    label = knowledge.labels.get(row.subject, curie(row.subject))
    predicate = row.predicate.rpartition("#")[2]
    yield from item("+", f"{label} ({row.role}, {predicate} {row.object}, confidence {row.confidence:g})", width)
    if row.item:
        yield from wrapped(f"serves “{row.item}”", width, first="    ", rest="    ")
