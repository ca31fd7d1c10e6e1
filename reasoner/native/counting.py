"""How many studies of a kind a request asks for: a number, or what lies between two.

An entry says its number by a quantity, or by a procedure code that fixes it. Where the two disagree the number lies
anywhere between. Entries that say neither add nothing. A code for all nerve conduction studies of a day is not added to
the studies that are stated: it counts the same ones.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from rdflib import RDF
from rdflib.term import Node

from reasoner.rdf.index import Index
from reasoner.rdf.nodes import interned
from reasoner.shacl.shapes import as_integer
from reasoner.terminology.procedures import ProcedureCode, procedure_class, span_in_words
from reasoner.terms import EDX

_TYPE: Final = interned(RDF.type)
_QUANTITY: Final = interned(EDX.quantity)
_REQUESTS_STUDY: Final = interned(EDX.requestsStudy)
_CONDUCTION_STUDY: Final = interned(EDX.NerveConductionStudy)
_AUTOMATED: Final = interned(EDX.AutomatedNerveConductionStudy)
_DIVIDED: Final = tuple(
    interned(EDX[kind]) for kind in ("MotorNerveConductionStudy", "SensoryNerveConductionStudy", "HReflexStudy")
)


@dataclass(frozen=True)
class Count:
    """A number of studies from `lowest` to `highest`; no highest means no upper end.

    `support` are the statements that say so, as the bits of a number (`Index.bits`).
    """

    lowest: int
    highest: int | None
    support: int = 0

    def within(self, maximum: int) -> bool:
        """Whether it is surely no more than the maximum."""
        return self.highest is not None and self.highest <= maximum

    def exceeds(self, maximum: int) -> bool:
        """Whether it is surely more than the maximum."""
        return self.lowest > maximum

    def __str__(self) -> str:
        return span_in_words(self.lowest, self.highest)


@dataclass(frozen=True)
class ConductionStudies:
    """The nerve conduction studies of a request, automated ones apart: as `stated`, and as total codes count them.

    `stated` are the quantities of entries without a total code added up, and the quantity of each entry with one.
    """

    stated: tuple[int, ...]
    codes: tuple[ProcedureCode, ...]
    support: int

    @property
    def as_stated(self) -> bool:
        """Whether the stated numbers hold: no total code says otherwise."""
        return bool(self.stated) and all(_holds(code, number) for code in self.codes for number in self.stated)

    @property
    def count(self) -> Count | None:
        """The number asked for: as stated where that agrees with the codes, else all that is stated or coded."""
        spans: list[tuple[int, int | None]] = [(number, number) for number in self.stated]
        if not self.as_stated:
            spans += [(code.minimum or 0, code.maximum) for code in self.codes]
        return _hull(spans, self.support) if spans else None


def own_code(index: Index, study: Node) -> tuple[ProcedureCode, Node] | None:
    """The procedure code that a study has as its class, and that class."""
    for cls in index.objects(study, _TYPE):
        code = procedure_class(cls)
        if code is not None:
            return code, cls
    return None


def number_of_entry(index: Index, study: Node) -> Count | None:
    """The number that an entry says of itself, by quantity or by a code that fixes it; a total code says none."""
    spans: list[tuple[int, int | None]] = []
    for quantity in index.objects(study, _QUANTITY):
        number = as_integer(quantity)
        spans.append((number, number))
    support = index.bits(study, _QUANTITY)
    found = own_code(index, study)
    if found is not None and found[0].minimum is not None and not found[0].is_total:
        code, cls = found
        if not spans or not all(_holds(code, number) for number, _ in spans):
            spans.append((code.minimum or 0, code.maximum))
        support |= index.bit(study, _TYPE, cls)
    return _hull(spans, support) if spans else None


def number_of_kind(index: Index, request: Node, kind: Node) -> Count | None:
    """The numbers of all entries of a kind in a request, added up; nothing where no entry says its number."""
    key = (number_of_kind, request, kind)
    if key not in index.remembered:
        index.remembered[key] = _number_of_kind(index, request, kind)
    known: Count | None = index.remembered[key]
    return known


def _number_of_kind(index: Index, request: Node, kind: Node) -> Count | None:
    lowest, highest = 0, 0
    counted = False
    support = 0
    for study, entry in _entries(index, request, kind):
        support |= entry
        number = number_of_entry(index, study)
        if number is not None:
            assert number.highest is not None  # only a total code has no upper end
            counted = True
            lowest, highest = lowest + number.lowest, highest + number.highest
            support |= number.support
    return Count(lowest, highest, support) if counted else None


def conduction_studies(index: Index, request: Node) -> ConductionStudies:
    """The nerve conduction studies that a request asks for, as stated and as total codes count them."""
    key = (conduction_studies, request)
    known: ConductionStudies | None = index.remembered.get(key)
    if known is None:
        known = index.remembered[key] = _conduction_studies(index, request)
    return known


def _conduction_studies(index: Index, request: Node) -> ConductionStudies:
    added: int | None = None
    apart: list[int] = []
    codes: list[ProcedureCode] = []
    support = 0
    for study, entry in _entries(index, request, _CONDUCTION_STUDY):
        if is_automated(index, study):
            continue
        support |= entry | index.bits(study, _QUANTITY)
        code = total_code(index, study)
        numbers = [as_integer(quantity) for quantity in index.objects(study, _QUANTITY)]
        if code is not None:
            codes.append(code)
            apart += numbers
        elif numbers:
            added = (added or 0) + sum(numbers)
    stated = [*apart, *(() if added is None else (added,))]
    return ConductionStudies(tuple(stated), tuple(codes), support)


def total_code(index: Index, study: Node) -> ProcedureCode | None:
    """The code by which an entry stands for all nerve conduction studies of a day, if it has one."""
    found = own_code(index, study)
    return found[0] if found is not None and found[0].is_total else None


def is_automated(index: Index, study: Node) -> bool:
    """Whether a study is one of an automated device, which no total of nerve conduction studies holds."""
    return bool(index.types_of(study, _AUTOMATED))


def undivided(index: Index, study: Node) -> int:
    """What makes an entry speak of nerve conduction studies in all; nothing where it names a kind of them.

    An entry with a total code speaks of them in all, whatever kind it names.
    """
    types = index.types_of(study, _CONDUCTION_STUDY)
    if not types or is_automated(index, study):
        return 0
    if total_code(index, study) is None and any(index.types_of(study, kind) for kind in _DIVIDED):
        return 0
    return types


def _entries(index: Index, request: Node, kind: Node) -> Iterator[tuple[Node, int]]:
    """The entries of a kind, each with the statements that make it one."""
    bit = index.bits(request, _REQUESTS_STUDY)
    bit &= -bit
    for study in index.objects(request, _REQUESTS_STUDY):
        types = index.types_of(study, kind)
        if types:
            yield study, bit | types
        bit <<= 1


def _holds(code: ProcedureCode, number: int) -> bool:
    return (code.minimum or 0) <= number and (code.maximum is None or number <= code.maximum)


def _hull(spans: Iterable[tuple[int, int | None]], support: int) -> Count:
    ends = list(spans)
    tops = [high for _, high in ends]
    return Count(min(low for low, _ in ends), None if None in tops else max(h for h in tops if h is not None), support)
