"""How many studies of a kind a request asks for: a number, or what lies between two.

An entry says its number by a quantity, or by a procedure code that fixes it. Where the two disagree the number lies
anywhere between. Entries that say neither add nothing. A code for all nerve conduction studies of a day is not added to
the studies that are stated: it counts the same ones.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rdflib import RDF, URIRef
from rdflib.term import Node

from reasoner.index import Index, Triple
from reasoner.procedures import ProcedureCode, procedure_class, span_in_words
from reasoner.shapes import as_integer
from reasoner.terms import EDX


@dataclass(frozen=True)
class Count:
    """A number of studies from `lowest` to `highest`; no highest means no upper end. `support` is what says so."""

    lowest: int
    highest: int | None
    support: frozenset[Triple] = frozenset()

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
    support: frozenset[Triple]

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


def own_code(index: Index, study: Node) -> tuple[ProcedureCode, Triple] | None:
    """The procedure code that a study has as its class."""
    for cls in index.objects(study, RDF.type):
        code = procedure_class(cls)
        if code is not None:
            return code, (study, RDF.type, cls)
    return None


def number_of_entry(index: Index, study: Node) -> Count | None:
    """The number that an entry says of itself, by quantity or by a code that fixes it; a total code says none."""
    quantities = index.objects(study, EDX.quantity)
    spans: list[tuple[int, int | None]] = [(as_integer(quantity), as_integer(quantity)) for quantity in quantities]
    support: set[Triple] = {(study, EDX.quantity, quantity) for quantity in quantities}
    found = own_code(index, study)
    if found is not None and found[0].minimum is not None and not found[0].is_total:
        code, triple = found
        if not spans or not all(_holds(code, number) for number, _ in spans):
            spans.append((code.minimum or 0, code.maximum))
        support.add(triple)
    return _hull(spans, frozenset(support)) if spans else None


def number_of_kind(index: Index, request: Node, kind: Node) -> Count | None:
    """The numbers of all entries of a kind in a request, added up; nothing where no entry says its number."""
    lowest, highest = 0, 0
    counted = False
    support: set[Triple] = set()
    for study, types in _entries(index, request, kind):
        support |= {(request, EDX.requestsStudy, study), *types}
        number = number_of_entry(index, study)
        if number is not None:
            assert number.highest is not None  # only a total code has no upper end
            counted = True
            lowest, highest = lowest + number.lowest, highest + number.highest
            support |= number.support
    return Count(lowest, highest, frozenset(support)) if counted else None


def conduction_studies(index: Index, request: Node) -> ConductionStudies:
    """The nerve conduction studies that a request asks for, as stated and as total codes count them."""
    added: int | None = None
    apart: list[int] = []
    codes: list[ProcedureCode] = []
    support: set[Triple] = set()
    for study, types in _entries(index, request, EDX.NerveConductionStudy):
        if is_automated(index, study):
            continue
        support |= {(request, EDX.requestsStudy, study), *types}
        quantities = index.objects(study, EDX.quantity)
        support |= {(study, EDX.quantity, quantity) for quantity in quantities}
        found = total_code(index, study)
        numbers = [as_integer(quantity) for quantity in quantities]
        if found is not None:
            codes.append(found)
            apart += numbers
        elif numbers:
            added = (added or 0) + sum(numbers)
    stated = [*apart, *(() if added is None else (added,))]
    return ConductionStudies(tuple(stated), tuple(codes), frozenset(support))


def total_code(index: Index, study: Node) -> ProcedureCode | None:
    """The code by which an entry stands for all nerve conduction studies of a day, if it has one."""
    found = own_code(index, study)
    return found[0] if found is not None and found[0].is_total else None


def is_automated(index: Index, study: Node) -> bool:
    """Whether a study is one of an automated device, which no total of nerve conduction studies holds."""
    return bool(index.types_within(study, EDX.AutomatedNerveConductionStudy))


def undivided(index: Index, study: Node) -> frozenset[Triple]:
    """What makes an entry speak of nerve conduction studies in all; empty where it names a kind of them.

    An entry with a total code speaks of them in all, whatever kind it names.
    """
    types = index.types_within(study, EDX.NerveConductionStudy)
    if not types or is_automated(index, study):
        return frozenset()
    if total_code(index, study) is None and any(index.types_within(study, kind) for kind in _DIVIDED):
        return frozenset()
    return frozenset((study, RDF.type, cls) for cls in types)


_DIVIDED: tuple[URIRef, ...] = (
    EDX.MotorNerveConductionStudy,
    EDX.SensoryNerveConductionStudy,
    EDX.HReflexStudy,
)


def _entries(index: Index, request: Node, kind: Node) -> Iterator[tuple[Node, set[Triple]]]:
    for study in index.objects(request, EDX.requestsStudy):
        types = index.types_within(study, kind)
        if types:
            yield study, {(study, RDF.type, cls) for cls in types}


def _holds(code: ProcedureCode, number: int) -> bool:
    return (code.minimum or 0) <= number and (code.maximum is None or number <= code.maximum)


def _hull(spans: Iterable[tuple[int, int | None]], support: frozenset[Triple]) -> Count:
    ends = list(spans)
    tops = [high for _, high in ends]
    return Count(min(low for low, _ in ends), None if None in tops else max(h for h in tops if h is not None), support)
