"""Intake: a file of any RDF syntax to cases that can be judged, or to every reason why it cannot.

An error refuses the case, alone: other cases of the file, and of other files, go on. Warnings and notes go on with it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Final

from rdflib import RDF, Graph, URIRef
from rdflib.term import Node

from reasoner.case import Case, NodeNamer, Problem, Severity, label_of
from reasoner.deadline import Deadline, clock
from reasoner.errors import BeyondLimitError, InputError, InvalidCaseError, OutOfTimeError, UnreadableInputError
from reasoner.intake import rules
from reasoner.intake.codes import check_codes
from reasoner.intake.content import Engine, check_content, foreseen
from reasoner.intake.notes import Notes, Stated, noted
from reasoner.intake.procedures import entailed
from reasoner.intake.report import report_of
from reasoner.intake.sizes import too_many_problems
from reasoner.intake.splitting import Part, split
from reasoner.intake.vocabulary import are_own, check_terms, kinds_within, vocabulary
from reasoner.limits import DEFAULT, Limits
from reasoner.rdf.canonical import IndistinctNodesError, canonical
from reasoner.rdf.index import Index
from reasoner.rdf.nodes import as_token, interned
from reasoner.rdf.statements import said_by
from reasoner.rdf.syntax import read_quads
from reasoner.rdf.tokens import BLANK
from reasoner.terminology.ontology import hierarchy
from reasoner.terms import EDX

_TYPE: Final = interned(RDF.type)
_REQUEST: Final = interned(EDX.Request)
_GRAVITY: Final = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True)
class Refusal:
    """A case, a graph or a file that cannot be judged, with every problem that it has, errors first."""

    name: str
    source: str
    problems: tuple[Problem, ...]
    code: str = InvalidCaseError.code

    def error(self) -> InputError:
        """The same as an exception."""
        if self.code == UnreadableInputError.code:
            return UnreadableInputError(self.source, self.problems[0].message)
        return InvalidCaseError(self.name, [str(p) for p in self.problems if p.severity is Severity.ERROR])


@dataclass(frozen=True)
class IntakeResult:
    """What became of each case, in the order of the input."""

    entries: tuple[Case | Refusal, ...]

    @property
    def cases(self) -> tuple[Case, ...]:
        """The cases that can be judged."""
        return tuple(entry for entry in self.entries if isinstance(entry, Case))

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """The cases, graphs and files that cannot."""
        return tuple(entry for entry in self.entries if isinstance(entry, Refusal))

    @cached_property
    def report(self) -> Graph:
        """All problems as one `sh:ValidationReport`.

        As SHACL 1.0 has it, `sh:conforms` is true only when there is no result of any severity; only results of
        severity `sh:Violation` refuse a case.
        """
        return report_of(
            (entry.source, problem)
            for entry in self.entries
            for problem in (entry.warnings if isinstance(entry, Case) else entry.problems)
        )


def validate(
    source: Path | bytes,
    *,
    name: str | None = None,
    syntax: str | None = None,
    engine: Engine = "compiled",
    limits: Limits = DEFAULT,
) -> IntakeResult:
    """Take in one file, or bytes already at hand under a name whose extension tells the syntax.

    Nothing is raised for what is wrong with the input: it stands in the refusals. `engine` says what holds a case
    against the intake shapes; pySHACL is the reference, and slow. What lies beyond the limits is refused.
    """
    name = name or (str(source) if isinstance(source, Path) else "input")
    try:
        quads = read_quads(source, name=name, syntax=syntax, limits=limits)
    except UnreadableInputError as error:
        rule = rules.WITHIN_LIMITS if isinstance(error, BeyondLimitError) else rules.READABLE
        problem = Problem(Severity.ERROR, error.problem, source_shape=rule)
        return IntakeResult((Refusal(name, name, (problem,), UnreadableInputError.code),))
    vocabulary()  # before the first term of a case is made, so that terms of the knowledge are one object each
    with clock():
        parts = split(quads, limits)
        taken_in = (_in_time(part, name, engine, limits) for part in parts)
        return IntakeResult(tuple(taken_in) if len(parts) == 1 else _without_indexes(taken_in))


def validate_all(sources: Iterable[Path], *, limits: Limits = DEFAULT) -> IntakeResult:
    """Take in several files, each as if it were alone."""
    found = (entry for source in sources for entry in validate(source, limits=limits).entries)
    return IntakeResult(_without_indexes(found))


def _without_indexes(entries: Iterable[Case | Refusal]) -> tuple[Case | Refusal, ...]:
    """Many cases at once, each without its index, which takes more memory than all else of it."""

    def found() -> Iterator[Case | Refusal]:
        for entry in entries:
            if isinstance(entry, Case):
                entry.keep(None)
            yield entry

    return tuple(found())


def _in_time(part: Part, source: str, engine: Engine, limits: Limits) -> Case | Refusal:
    try:
        with Deadline(limits.seconds):
            return _taken_in(part, source, engine, limits)
    except OutOfTimeError as error:
        problem = Problem(Severity.ERROR, str(error), source_shape=rules.WITHIN_LIMITS)
        return Refusal(_place(part, source), source, (problem,))


def _place(part: Part, source: str) -> str:
    return f"{source} ({part.graph})" if part.graph else source


def _taken_in(part: Part, source: str, engine: Engine, limits: Limits) -> Case | Refusal:
    place = _place(part, source)
    if part.request is None:
        return Refusal(place, source, _sorted(part.problems))
    try:
        found = canonical(part.statements)
    except IndistinctNodesError:
        said = "Too many nodes without an IRI look alike to be told apart. Give them IRIs."
        problem = Problem(Severity.ERROR, said, source_shape=rules.NODES_TOLD_APART)
        return Refusal(place, source, _sorted([*part.problems, problem]))
    foresight = foreseen()
    stated = foresight.not_clear(zip(found.statements, found.said, strict=True))
    notes = noted(stated)
    if notes.coded or not notes.admitted:
        about = {triple[0] for triple in notes.coded}
        derived = entailed([t for t in found.statements if t[0] in about] if notes.admitted else found.statements)
        found = found.with_further(derived)
        further = [(triple, said_by(triple)) for triple in derived]
        stated += further
        notes = notes.beside(noted(further))
    index = Index(found.statements, hierarchy())
    request = _request_of(part.request, index, notes.requests)
    checked = check_case(index, request, notes=notes, stated=stated, engine=engine, most=limits.problems)
    problems = [*part.problems, *checked]
    if len(problems) > limits.problems:
        del problems[limits.problems :]
        problems.append(too_many_problems(limits))
    label = label_of(request, index)
    if any(problem.severity is Severity.ERROR for problem in problems):
        return Refusal(label if part.graph == "" else f"{label} ({part.graph})", source, _sorted(problems))
    case = Case(request, label, source, index.statements, found.digest, _sorted(problems))
    case.keep(index)
    return case


def check_case(
    index: Index, request: URIRef, *, notes: Notes, stated: Sequence[Stated], engine: Engine, most: int
) -> list[Problem]:
    """Every problem of the statements of one case; where there are more than so many, one more than that.

    Args:
        index: The statements.
        request: The request.
        notes: What is noted of the statements.
        stated: Those of them of which something is left to be looked at, whatever other cases have stated.
        engine: What holds them against the intake shapes.
        most: The limit on problems.
    """
    namer = NodeNamer(lambda: index.statements)
    if notes.admitted and are_own(index.described()):
        in_terms, sound, coded, left = list[Problem](), index.statements, notes.coded, stated
    else:
        in_terms, sound = check_terms(index.statements)
        coded, left = sound, None
    unknown = {p.value for p in in_terms} | {p.node for p in in_terms if p.path == RDF.type}
    unexplained = frozenset(node for node in unknown if node is not None)
    checked = index if len(sound) == len(index.statements) else Index(sound, index.hierarchy)
    found = in_terms
    for others in (
        _one_kind(checked),
        check_codes(checked, request, coded),
        check_content(checked, namer, unexplained=unexplained, engine=engine, left=left),
    ):
        found += islice(others, max(most + 1 - len(found), 0))
    return [p if p.where or p.node is None else replace(p, where=namer(p.node)) for p in found]


def _one_kind(index: Index) -> Iterable[Problem]:
    several = [(str(node), node) for node, classes in index.kinds.items() if len(kinds_within(classes)) > 1]
    for _, node in sorted(several):
        if isinstance(node, URIRef):
            kinds = sorted(f"edx:{str(kind).removeprefix(str(EDX))}" for kind in kinds_within(index.kinds[node]))
            said = f"The node is {' and '.join(kinds)} at once. Give each thing a node of its own."
            yield Problem(Severity.ERROR, said, node, RDF.type, rules.ONE_KIND)


def _request_of(token: str, index: Index, requests: Sequence[Node]) -> URIRef:
    named = None if token[0] == BLANK else token[1:-1]
    candidates = requests or (node for node in index.kinds if _REQUEST in index.objects(node, _TYPE))
    typed = (node for node in candidates if isinstance(node, URIRef))
    return next(node for node in typed if named is None or str(node) == named)


def _sorted(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    # one shape may fail by several of its constraints: the same message once
    unique = {(p.severity, p.message, p.node, p.path, p.source_shape, p.value, p.where): p for p in problems}
    return tuple(sorted(unique.values(), key=_rank))


def _rank(problem: Problem) -> tuple[int, str, str, str, str]:
    value = as_token(problem.value) if problem.value is not None else ""
    return _GRAVITY[problem.severity], problem.where, str(problem.path), problem.message, value
