"""Look-up of diagnosis and procedure codes; the tables are read at the first question and kept.

ICD-10-CM comes from `ontology/icd10cm_codes.tsv.gz`, which `reasoner.terminology_build` writes. Procedure codes come
from `ontology/procedure_codes.tsv`: numbers and our own words, never descriptors of the American Medical Association.
"""

import gzip
from bisect import bisect_left
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import takewhile

from rdflib import URIRef

from reasoner.resources import data_folder
from reasoner.terms import EDX


@dataclass(frozen=True)
class Icd10cmCode:
    """A code of the release that the package ships; a code that is not billable has more detailed codes below it."""

    code: str
    title: str
    billable: bool


@dataclass(frozen=True)
class ProcedureCode:
    """What a procedure code counts: `minimum` to `maximum` of `unit`; no maximum means no upper end.

    `study_class` is the kind of study that it stands for, if it stands for one. `verified` is false where the meaning
    of the code, or that it is still in use, was not confirmed.
    """

    code: str
    study_class: URIRef | None
    counts: str
    unit: str
    minimum: int | None
    maximum: int | None
    deleted_on: date | None
    verified: bool

    def in_use(self, on: date) -> bool:
        """Whether the code had not been deleted by that day."""
        return self.deleted_on is None or on < self.deleted_on


def icd10cm(code: str) -> Icd10cmCode | None:
    """The code as ICD-10-CM writes it (`M54.16`), or nothing where the release has no such code."""
    if not code or "\t" in code:
        return None
    lines = _icd10cm_lines()
    at = bisect_left(lines, code + "\t")
    return _read(lines[at]) if at < len(lines) and lines[at].startswith(code + "\t") else None


def children(code: str) -> tuple[Icd10cmCode, ...]:
    """The billable codes below a code, in order; none below a billable or an unknown one."""
    if icd10cm(code) is None:
        return ()
    lines = _icd10cm_lines()
    below = takewhile(lambda line: line.startswith(code), lines[bisect_left(lines, code) :])
    return tuple(found for found in map(_read, below) if found.billable and found.code != code)


@cache
def icd10cm_release() -> str:
    """Name and date of the release, and what carried it."""
    return _icd10cm_lines()[0].removeprefix("# ").partition(":")[0]


def procedure(code: str) -> ProcedureCode | None:
    """The procedure code, or nothing where the table lacks it: it stands for no electrodiagnostic study known here."""
    return _procedures().get(code)


@cache
def _icd10cm_lines() -> list[str]:
    # Sorted, and a code is the prefix of every code below it, so that the codes below it follow it.
    packed = (data_folder("ontology") / "icd10cm_codes.tsv.gz").read_bytes()
    return gzip.decompress(packed).decode().splitlines()


def _read(line: str) -> Icd10cmCode:
    code, billable, title = line.split("\t")
    return Icd10cmCode(code, title, billable == "1")


@cache
def _procedures() -> dict[str, ProcedureCode]:
    text = (data_folder("ontology") / "procedure_codes.tsv").read_text("utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    found = {}
    for code, cls, counts, unit, low, high, deleted, verified in rows[1:]:
        found[code] = ProcedureCode(
            code=code,
            study_class=EDX[cls.removeprefix("edx:")] if cls else None,
            counts=counts,
            unit=unit,
            minimum=int(low) if low else None,
            maximum=int(high) if high else None,
            deleted_on=date.fromisoformat(deleted) if deleted else None,
            verified=verified == "yes",
        )
    return found
