"""Intake: a file of any RDF syntax to cases that can be judged, or to every reason why it cannot.

An error refuses the case, alone: other cases of the file, and of other files, go on. Warnings and notes go on with it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox
from rdflib import RDF, Graph, URIRef

from reasoner import intake_rules as rules
from reasoner.canonical import IndistinctNodesError, canonical_form
from reasoner.case import Case, Problem, Severity, label_of, node_namer
from reasoner.errors import InputError, InvalidCaseError, UnreadableInputError
from reasoner.index import Index, Triple, in_order
from reasoner.intake_codes import check_codes
from reasoner.intake_content import check_content
from reasoner.intake_procedures import with_entailed
from reasoner.intake_report import report_of
from reasoner.ontology import hierarchy
from reasoner.splitting import Part, split
from reasoner.syntax import read_quads
from reasoner.terms import EDX
from reasoner.vocabulary import check_terms, vocabulary

_GRAVITY = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


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


def validate(source: Path | bytes, *, name: str | None = None, syntax: str | None = None) -> IntakeResult:
    """Take in one file, or bytes already at hand under a name whose extension tells the syntax.

    Nothing is raised for what is wrong with the input: it stands in the refusals.
    """
    name = name or (str(source) if isinstance(source, Path) else "input")
    try:
        quads = read_quads(source, name=name, syntax=syntax)
    except UnreadableInputError as error:
        problem = Problem(Severity.ERROR, error.problem, source_shape=rules.READABLE)
        return IntakeResult((Refusal(name, name, (problem,), UnreadableInputError.code),))
    return IntakeResult(tuple(_taken_in(part, name) for part in split(quads)))


def validate_all(sources: Iterable[Path]) -> IntakeResult:
    """Take in several files, each as if it were alone."""
    return IntakeResult(tuple(entry for source in sources for entry in validate(source).entries))


def _taken_in(part: Part, source: str) -> Case | Refusal:
    place = f"{source} ({part.graph})" if part.graph else source
    if part.request is None:
        return Refusal(place, source, _sorted(part.problems))
    try:
        stated, digest = canonical_form(part.quads)
    except IndistinctNodesError:
        said = "Too many nodes without an IRI look alike to be told apart. Give them IRIs."
        problem = Problem(Severity.ERROR, said, source_shape=rules.NODES_TOLD_APART)
        return Refusal(place, source, _sorted([*part.problems, problem]))
    triples = with_entailed(stated)
    request = _request_of(part, triples)
    problems = [*part.problems, *check_case(triples, request)]
    label = label_of(request, triples)
    if any(problem.severity is Severity.ERROR for problem in problems):
        return Refusal(label if part.graph == "" else f"{label} ({part.graph})", source, _sorted(problems))
    return Case(request, label, source, in_order(triples), digest, _sorted(problems))


def check_case(triples: frozenset[Triple], request: URIRef) -> list[Problem]:
    """Every problem of the statements of one case."""
    namer = node_namer(triples)
    in_terms, sound = check_terms(triples)
    index = Index.of(sound, hierarchy())
    unknown = {p.value for p in in_terms} | {p.node for p in in_terms if p.path == RDF.type}
    found = [
        *in_terms,
        *_one_kind(index),
        *check_codes(index, request),
        *check_content(index, namer, unexplained=frozenset(node for node in unknown if node is not None)),
    ]
    return [p if p.where or p.node is None else replace(p, where=namer(p.node)) for p in found]


def _one_kind(index: Index) -> Iterable[Problem]:
    nodes = sorted({s for s, p, _ in index.triples if p == RDF.type}, key=str)
    for node in nodes:
        kinds = vocabulary().kinds_of(index.objects(node, RDF.type))
        if len(kinds) > 1 and isinstance(node, URIRef):
            named = " and ".join(sorted(f"edx:{str(kind).removeprefix(str(EDX))}" for kind in kinds))
            said = f"The node is {named} at once. Give each thing a node of its own."
            yield Problem(Severity.ERROR, said, node, RDF.type, rules.ONE_KIND)


def _request_of(part: Part, triples: Iterable[Triple]) -> URIRef:
    if isinstance(part.request, ox.NamedNode):
        return URIRef(part.request.value)
    return next(s for s, p, o in triples if p == RDF.type and o == EDX.Request and isinstance(s, URIRef))


def _sorted(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    # one shape may fail by several of its constraints: the same message once
    unique = {(p.severity, p.message, p.node, p.path, p.source_shape, p.value, p.where): p for p in problems}
    return tuple(sorted(unique.values(), key=_rank))


def _rank(problem: Problem) -> tuple[int, str, str, str, str]:
    value = problem.value.n3() if problem.value is not None else ""
    return _GRAVITY[problem.severity], problem.where, str(problem.path), problem.message, value
