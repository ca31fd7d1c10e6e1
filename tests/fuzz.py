"""Mutants of valid cases through the whole program: nothing but what is documented may come out of it.

    python tests/fuzz.py N [--seed S] [--from M] [--pyshacl] [-j PROCESSES] [--show]

Each of N mutants (`spoiling.py`) is taken in and, if it is admitted, determined under every policy. A mutant fails where
anything else is raised than the documented errors; where a refusal names no reason; where a study or a criterion has no
status; where it takes too long; where a form of output does not hold what it should (of one in twenty). With `--pyshacl`
one in three is compared with pySHACL: what intake says, word for word, and for an admitted one, under one of the
policies, the status of some leaves, drawn anew for each mutant, and of one in four whether it conforms to the root exactly
when it is medically necessary; of one in two hundred, root and every leaf of both policies. `--show` prints the mutants themselves.
"""

import argparse
import json
import logging
import os
import re
import signal
import sys
import traceback
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from random import Random
from time import monotonic, process_time

import pyoxigraph as ox
from judging import DATE, POLICIES, assessments, assessor_of, editions, knowledge
from rdflib import RDF, SH, Graph, URIRef
from rdflib.term import Node
from spoiling import Mutant, mutant

from reasoner.batch.forms import DETAILS, form_of
from reasoner.batch.rows import Answer
from reasoner.case import Case, Severity
from reasoner.errors import InputError, NoApplicablePolicyError
from reasoner.evaluation.determination import Determination, Outcome
from reasoner.evaluation.determining import determine
from reasoner.evaluation.pyshacl_leaves import data_graph
from reasoner.evaluation.statuses import Status
from reasoner.formats.render import FORMATS, render
from reasoner.intake.admission import IntakeResult, validate
from reasoner.intake.content import Engine
from reasoner.policy.edition import Criterion, Edition
from reasoner.shacl import pyshacl_engine
from reasoner.terms import BASE, EDX

PER_CASE = 20.0  # seconds in which a mutant, a page of text, has to be through: no measure of speed
OUTPUT_OF, PYSHACL_OF, WHOLE_OF = 20, 3, 200
LEAVES, ROOTS = 6, 0.25  # of an admitted mutant that is compared: pySHACL takes seconds for all of an edition
ORDER = (
    Outcome.ADDITIONAL_INFORMATION_NEEDED, Outcome.NOT_MEDICALLY_NECESSARY, Outcome.EXPERIMENTAL_INVESTIGATIONAL,
    Outcome.MEDICALLY_NECESSARY,
)  # fmt: skip  # as the design has it

BEYOND_COMPARE = re.compile(rb"[\">](?:-\d{4}|\d{5}|0000)-\d\d-\d\d")
"""Years that rdflib cannot read: to pySHACL they come after or before every other, as texts do."""


class TooLongError(BaseException):
    """A mutant is not through in time; nothing in the program catches it."""


@dataclass
class Tally:
    """What came of some mutants."""

    mutants: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    longest: tuple[float, str] = (0.0, "")

    def add(self, other: "Tally") -> None:
        self.mutants += other.mutants
        self.counts += other.counts
        self.done += other.done
        self.failures += other.failures
        self.differences += other.differences
        self.longest = max(self.longest, other.longest)

    def __str__(self) -> str:
        c = self.counts
        return (
            f"{self.mutants:,} mutants: {c['admitted']:,} admitted, {c['refused']:,} refused, {c['E100']:,} not readable; "
            f"{c['determinations']:,} determinations, {c['statuses']:,} statuses, {c['outputs']:,} outputs; "
            f"longest {self.longest[0]:.2f} s ({self.longest[1]}); {len(self.failures)} failures\n"
            f"pySHACL: {c['compared']:,} mutants compared ({c['compared refused']:,} of them refused), {c['problems compared']:,} problems of intake, "
            f"{c['roots compared']:,} outcomes, {c['leaves compared']:,} statuses of leaves; {len(self.differences)} disagreements"
        )


@contextmanager
def in_time(seconds: float) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)  # of computing: the machine may have other work
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@contextmanager
def nothing_beside() -> Iterator[list[str]]:
    """What a library would print by itself, as warnings and in its log; a user of the program must not see any of it."""
    said: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage()[:200])  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield said
        said += [str(warning.message)[:200] for warning in caught]
    finally:
        logging.getLogger().removeHandler(handler)


def tried(one: Mutant, *, outputs: bool = False, pyshacl: bool = False, whole: bool = False) -> Tally:
    """One mutant through intake and determination, and what is wrong with what came out."""
    tally = Tally(1, done=Counter(one.done))
    start = process_time()
    try:
        with in_time(PER_CASE), nothing_beside() as beside:
            result = validate(one.data, name=one.name)
            tally.failures += _of_intake(result, tally)
            determined = [_determined(case, tally, outputs=outputs) for case in result.cases]
        tally.longest = (process_time() - start, one.name)
        tally.failures += [f"printed beside the results: {said}" for said in beside]
        if pyshacl and not BEYOND_COMPARE.search(one.data):
            _compare_intake(one, result, tally)
            for number, case in enumerate(result.cases):
                _compare_statuses(case, determined[number], Random(one.number), tally, whole=whole)
    except TooLongError:
        tally.failures.append(f"not through in {PER_CASE:g} s")
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        place = traceback.extract_tb(error.__traceback__)[-1]
        tally.failures.append(
            f"{type(error).__name__}: {str(error)[:200]} ({place.filename.rpartition('/')[2]}:{place.lineno})"
        )
    named = f"{one.name} ({', '.join(one.done)})"
    tally.failures = [f"{named}: {said}" for said in tally.failures]
    tally.differences = [f"{named}: {said}" for said in tally.differences]
    return tally


def _of_intake(result: IntakeResult, tally: Tally) -> Iterator[str]:
    if not result.entries:
        yield "neither a case nor a refusal came out"
    for entry in result.entries:
        if isinstance(entry, Case):
            tally.counts["admitted"] += 1
            if any(problem.severity is Severity.ERROR for problem in entry.warnings):
                yield "an admitted case has an error"
            continue
        tally.counts["refused"] += 1
        tally.counts[entry.code] += 1
        errors = [problem for problem in entry.problems if problem.severity is Severity.ERROR]
        if not errors or any(not problem.message.strip() or problem.source_shape is None for problem in errors):
            yield "a refusal names no reason, or no rule"
        if entry.code not in {error.code for error in InputError.__subclasses__()}:
            yield f"a refusal has the code {entry.code}"
        if errors and errors[0].message not in str(entry.error()):
            yield "the error does not say what the refusal does"


# Determinations


def _determined(case: Case, tally: Tally, *, outputs: bool) -> dict[str, Determination]:
    found = {}
    for slug in POLICIES:
        try:
            found[slug] = determine(case, knowledge(), policy=slug)
        except NoApplicablePolicyError as error:
            tally.counts["no edition by itself"] += 1
            if not str(error).strip():
                tally.failures.append("no edition applies, and nothing says why")
            found[slug] = determine(case, knowledge(), policy=slug, on=DATE)
        tally.failures += _of_statuses(case, found[slug], editions()[slug], tally)
        if outputs:
            tally.failures += _of_outputs(found[slug], tally)
    return found


def _of_statuses(case: Case, found: Determination, edition: Edition, tally: Tally) -> Iterator[str]:
    """A status for every criterion that the structure of the edition leads to, an outcome for every study."""
    tally.counts["determinations"] += 1
    statuses = assessments(found.root)
    studies = {o for s, p, o in case.triples if s == case.iri and p == EDX.requestsStudy}
    if {study.study for study in found.studies} != studies or not studies:
        yield f"{edition.slug}: the studies of the determination are not those of the request"
    if any(not isinstance(assessment.status, Status) for assessment in statuses.values()):
        yield f"{edition.slug}: something has no status"
    if found.outcome is not min((study.outcome for study in found.studies), key=ORDER.index):
        yield f"{edition.slug}: the outcome of the request is not the first of its studies'"
    pending: list[tuple[Criterion, Node]] = [(edition.root, case.iri)]
    seen = set()
    while pending:
        criterion, focus = pending.pop()
        if (criterion.iri, focus) in seen:
            continue
        seen.add((criterion.iri, focus))
        assessment = statuses.get((criterion.iri, focus))
        if assessment is None:
            yield f"{edition.slug}: {criterion.name} has no status"
        elif assessment.status is not Status.NOT_APPLICABLE:
            for member in criterion.members:
                leads_to = (case.iri,) if member.criterion.applies_to == EDX.Request else studies
                pending += [(member.criterion, node) for node in ((focus,) if member.path is None else leads_to)]
    tally.counts["statuses"] += len(statuses)


def _of_outputs(found: Determination, tally: Tally) -> Iterator[str]:
    """Every form holds the outcome, and can be read back where it is a syntax."""
    outcome = found.outcome.value
    for name in FORMATS:
        text = render(found, name, knowledge=knowledge())
        tally.counts["outputs"] += 1
        if name == "json" and json.loads(text)["outcome"] != outcome:
            yield f"{name}: another outcome"
        if name == "turtle":
            quads = list(ox.parse(text.encode(), format=ox.RdfFormat.TURTLE))
            if not any(str(q.predicate) == f"<{EDX.outcome}>" and str(q.object) == f"<{EDX[outcome]}>" for q in quads):
                yield f"{name}: another outcome"
        if not text.strip() or any(ord(c) < 32 and c not in "\n\t" for c in text):
            yield f"{name}: empty, or with control characters"
    answer = Answer(found.case, found.edition.slug, found)
    for form, details in (("jsonl", DETAILS), ("nquads", DETAILS[1:]), ("trig", DETAILS[1:])):
        for detail in details:
            made = form_of(form, detail, knowledge())
            made.add(1, answer)
            data = made.made().data.replace(b"\x00", b"")
            tally.counts["outputs"] += 1
            if form == "jsonl":
                lines = [json.loads(line) for line in data.splitlines()]
                if not lines or outcome not in data.decode():
                    yield f"{form} {detail}: no line with the outcome"
            else:
                syntax = ox.RdfFormat.TRIG if form == "trig" else ox.RdfFormat.N_QUADS
                if not list(ox.parse(data, format=syntax)):
                    yield f"{form} {detail}: nothing in it"


# pySHACL


def told(result: IntakeResult) -> list[list[str]]:
    return [[f"{p.severity} {p}" for p in (e.warnings if isinstance(e, Case) else e.problems)] for e in result.entries]


def _compare_intake(one: Mutant, result: IntakeResult, tally: Tally) -> None:
    """What a user is told: order, severity and words of every problem, and whether the case is refused."""
    engine: Engine = "pyshacl"
    theirs = validate(one.data, name=one.name, engine=engine)
    mine, other = told(result), told(theirs)
    tally.counts["compared"] += 1
    tally.counts["compared refused"] += not result.cases
    tally.counts["problems compared"] += sum(map(len, other))
    if [isinstance(e, Case) for e in result.entries] != [isinstance(e, Case) for e in theirs.entries]:
        tally.differences.append("intake: one engine refuses, the other does not")
    if mine != other:
        ours, others = {x for said in mine for x in said}, {x for said in other for x in said}
        only = [f"only compiled: {x}" for x in sorted(ours - others)]
        only += [f"only pySHACL: {x}" for x in sorted(others - ours)]
        tally.differences.append(f"intake: {only[:3] or 'another order or number'}")


@cache
def leaf_criteria(slug: str) -> tuple[Criterion, ...]:
    return tuple(c for c in editions()[slug].criteria.values() if c.operator is None and c.shape is not None)


def _compare_statuses(
    case: Case, found: dict[str, Determination], random: Random, tally: Tally, *, whole: bool
) -> None:
    for slug in POLICIES if whole else (random.choice(POLICIES),):
        known = leaf_criteria(slug)
        drawn = known if whole else random.sample(known, LEAVES)
        root = whole or random.random() < ROOTS
        tally.differences += pyshacl_says(case, slug, drawn, tally, found[slug].outcome, root=root)


def pyshacl_says(
    case: Case, slug: str, drawn: Iterable[Criterion], tally: Tally, outcome: Outcome, *, root: bool
) -> list[str]:
    """Hold a case against some leaves, and if asked the root, by pySHACL; every difference from the outcome and the statuses."""
    edition = editions()[slug]
    index = case.index(knowledge().hierarchy)
    studies = [o for s, p, o in index.statements if s == case.iri and p == EDX.requestsStudy]
    shapes = Graph(bind_namespaces="none")
    shapes += edition.graph
    shapes.remove((None, SH.targetClass, None))
    asked: dict[tuple[Node, Node], URIRef] = {}

    def ask(shape: Node, node: Node) -> None:
        if (shape, node) not in asked:
            asked[shape, node] = wrapper = URIRef(f"{BASE}.well-known/asked/{len(asked)}")
            shapes.add((wrapper, RDF.type, SH.NodeShape))
            shapes.add((wrapper, SH.node, shape))
            shapes.add((wrapper, SH.targetNode, node))

    if root:
        ask(edition.root.iri, case.iri)
    about = {c: [case.iri] if c.applies_to == EDX.Request else studies for c in drawn}
    for criterion, nodes in about.items():
        for shape in filter(None, (criterion.shape, criterion.refuted_by)):
            for node in nodes:
                ask(shape.node, node)
    _, report = pyshacl_engine.validate(data_graph(index.statements, edition, index.hierarchy), shapes)
    failing = {
        (report.value(r, SH.sourceShape), report.value(r, SH.focusNode)) for r in report.objects(None, SH.result)
    }

    def conforms(shape: Node, node: Node) -> bool:
        return (asked[shape, node], node) not in failing

    differences = []
    tally.counts["roots compared"] += root
    if root and conforms(edition.root.iri, case.iri) is not (outcome is Outcome.MEDICALLY_NECESSARY):
        differences.append(f"{slug}: {outcome.value}, and pySHACL says otherwise")
    assessor = assessor_of(case.triples, edition)
    for criterion, nodes in about.items():
        for node in nodes:
            assert criterion.shape is not None
            met = conforms(criterion.shape.node, node)
            refuted = criterion.refuted_by is not None and conforms(criterion.refuted_by.node, node)
            expected = Status.MET if met else Status.REFUTED if refuted else Status.UNDETERMINED
            said = assessor.assess(criterion, node).status
            tally.counts["leaves compared"] += 1
            if said is not expected or (met and refuted):
                differences.append(f"{slug}: {criterion.name} is {said.value}, by pySHACL {expected.value}")
    return differences


# Many


def fuzzed(numbers: Iterable[int], seed: int, *, pyshacl: int = 0) -> Tally:
    """Some mutants by their numbers; one in `pyshacl` is compared, none where it is 0."""
    tally = Tally()
    for number in numbers:
        try:
            one = mutant(number, seed)
        except Exception as error:
            raise AssertionError(f"mutant {number} of seed {seed} could not be made") from error
        compared = bool(pyshacl) and number % pyshacl == 0
        whole = compared and number % WHOLE_OF == 0
        tally.add(tried(one, outputs=number % OUTPUT_OF == 0, pyshacl=compared, whole=whole))
    return tally


def _piece(piece: tuple[range, int, int]) -> Tally:
    numbers, seed, pyshacl = piece
    return fuzzed(numbers, seed, pyshacl=pyshacl)


def main() -> None:
    """Try many mutants, and print what came of them."""
    parser = argparse.ArgumentParser(description="Mutants of valid cases through the whole program.")
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from", dest="start", type=int, default=1)
    parser.add_argument("--pyshacl", action="store_true", help=f"compare one in {PYSHACL_OF} with pySHACL")
    parser.add_argument("-j", dest="processes", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="print the mutants")
    asked = parser.parse_args()
    numbers = range(asked.start, asked.start + asked.count)
    if asked.show:
        for number in numbers:
            one = mutant(number, asked.seed)
            sys.stdout.buffer.write(f"# {one.name}: {', '.join(one.done)}\n".encode() + one.data + b"\n")
        return
    pieces = [(numbers[n : n + 60], asked.seed, PYSHACL_OF if asked.pyshacl else 0) for n in range(0, len(numbers), 60)]
    tally, start = Tally(), monotonic()
    with ProcessPoolExecutor(asked.processes) as pool:
        for done in pool.map(_piece, pieces):
            tally.add(done)
            for line in (*done.failures, *done.differences):
                print(line, flush=True)
            if tally.mutants % 600 == 0:
                print(f"… after {monotonic() - start:,.0f} s: {tally}", flush=True)
    print(
        f"seed {asked.seed}, mutants {asked.start} to {numbers[-1]}, {monotonic() - start:,.0f} s in {asked.processes} processes"
    )
    print(tally)
    print("done to them: " + ", ".join(f"{name} {number:,}" for name, number in tally.done.most_common()))
    sys.stdout.flush()
    os._exit(1 if tally.failures or tally.differences else 0)


if __name__ == "__main__":
    main()
