"""Look-up of procedure codes, from `ontology/mappings/procedures.sssom.tsv`; read at the first question and kept.

Numbers and our own words only, never descriptors of the American Medical Association.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from rdflib import URIRef

from reasoner.terminology.mappings import Mapping, read_mapping_set
from reasoner.terms import CPT, HCPCS

SYSTEMS: Final = {"CPT": CPT, "HCPCS": HCPCS}
"""The code systems that procedure codes come from, by the prefix of the mapping set."""


@dataclass(frozen=True)
class ProcedureCode:
    """A procedure code: the kind of study that it stands for, if it stands for one, and how many.

    One code stands for `minimum` to `maximum` studies; a minimum without a maximum means no upper end, no minimum that
    the code says nothing of their number: it counts `counts` by the `unit`, and is given once for each. `iri` is the
    class of the studies that carry the code. `verified` is false where the meaning of the code, or that it is still in
    use, was not confirmed. `role` tells codes apart that a day allows only once or only beside others: `total`,
    `limbs`, `add-on`.
    """

    code: str
    iri: URIRef
    label: str
    study_class: URIRef | None
    counts: str
    unit: str
    minimum: int | None
    maximum: int | None
    deleted_on: date | None
    verified: bool
    role: str
    comment: str

    def in_use(self, on: date) -> bool:
        """Whether the code had not been deleted by that day."""
        return self.deleted_on is None or on < self.deleted_on

    @property
    def is_total(self) -> bool:
        """Whether the code counts every nerve conduction study of a day together."""
        return self.role == "total"

    def span(self) -> str:
        """The number of studies that the code stands for, in words; empty where it says nothing of it."""
        return "" if self.minimum is None else span_in_words(self.minimum, self.maximum)


def span_in_words(lowest: int, highest: int | None) -> str:
    """A number, or what lies between two, as a reader meets it; no highest means no upper end."""
    if highest is None:
        return f"{lowest} or more"
    return str(lowest) if lowest == highest else f"{lowest} to {highest}"


def procedure(code: str) -> ProcedureCode | None:
    """The procedure code, or nothing where the set lacks it: it stands for no electrodiagnostic study known here."""
    return _by_code().get(code)


def procedure_class(cls: object) -> ProcedureCode | None:
    """The procedure code whose class this is."""
    return _by_class().get(str(cls))


def procedures() -> tuple[ProcedureCode, ...]:
    """Every procedure code, in order."""
    return tuple(_by_code().values())


def read_procedures(mappings: Iterable[Mapping]) -> tuple[ProcedureCode, ...]:
    """The procedure codes of a mapping set, sorted; rows of other code systems and rows without a term are left out.

    Raises:
        ValueError: A code stands in two rows, or a row gives a number or a date that is none.
    """
    found: dict[str, ProcedureCode] = {}
    for row in mappings:
        system, _, code = row.object.partition(":")
        if system not in SYSTEMS or row.negated:
            continue
        if code in found:
            raise ValueError(f"procedures: line {row.line}: {code} has a row already. Keep one of the two.")
        found[code] = _read(row, SYSTEMS[system][code], code)
    return tuple(found[code] for code in sorted(found))


def _read(row: Mapping, iri: URIRef, code: str) -> ProcedureCode:
    extra = row.extra
    deleted, low, high = (extra.get(f"edx_{name}") for name in ("deleted_on", "minimum", "maximum"))
    try:
        return ProcedureCode(
            code=code,
            iri=iri,
            label=row.object_label,
            study_class=row.edx_class,
            counts=extra["edx_counts"],
            unit=extra["edx_unit"],
            minimum=int(low) if low else None,
            maximum=int(high) if high else None,
            deleted_on=date.fromisoformat(deleted) if deleted else None,
            verified={"yes": True, "no": False}[extra["edx_verified"]],
            role=row.role,
            comment=row.comment,
        )
    except (KeyError, ValueError) as error:
        raise ValueError(
            f"procedures: line {row.line} ({code}): edx_counts and edx_unit are needed, edx_verified is yes or no, "
            f"edx_minimum and edx_maximum are whole numbers, edx_deleted_on is a day. Found: {error}."
        ) from error


@cache
def _by_code() -> dict[str, ProcedureCode]:
    return {found.code: found for found in read_procedures(read_mapping_set("procedures").mappings)}


@cache
def _by_class() -> dict[str, ProcedureCode]:
    return {str(found.iri): found for found in _by_code().values()}
