"""Laws 2, 3, 4, 7, 8 and 11 of the design over generated cases of realistic size, any number of them.

    python tests/laws.py N [--seed S] [--from M] [--law L] [-j PROCESSES]

holds cases number M to M + N - 1 of a seed (`edx generate`) to the laws, and prints how much was compared and every
violation. `test_laws.py` holds the examples and cases over the whole vocabulary to laws 1 to 6.
"""

import argparse
import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from random import Random
from time import monotonic

import pyoxigraph as ox
from judging import (
    POLICIES,
    Key,
    assessments,
    assessor_of,
    editions,
    frame,
    judge,
    knowledge,
    leaf_assessments,
    settled,
)
from rdflib import RDFS, Literal
from strategies import CLINICAL, Draft, make_case
from wording_rules import advises_to_recode
from written import SYNTAXES

import reasoner
from reasoner.batch.rows import rows_of
from reasoner.batch.run import run_batch
from reasoner.case import Case
from reasoner.evaluation.criteria import Assessment, Status
from reasoner.evaluation.determination import Determination, Outcome
from reasoner.evaluation.determining import determine
from reasoner.formats.render import render
from reasoner.generation.case_text import GeneratedCase, as_nquads
from reasoner.generation.generator import generate_case
from reasoner.intake.admission import validate
from reasoner.policy.edition import Edition, Kind
from reasoner.rdf.index import Triple
from reasoner.terms import EDX

# What a request contains, concerns and is for: the only leaves that may be settled before anything clinical is said.
# From the readings in shared/sources and the design, not from the files of the editions.
COMPLETE_BY_NATURE = {
    "aetna-cpb-0502": {
        "automated-device", "concerns-radiculopathy", "is-blink-reflex", "needle-electromyography-requested",
        "neuropathy-screening", "repetitive-stimulation-requested",
    },
    "bcbsnd-emg-ncs": {
        "is-repeat", "macro-electromyography", "maximum-checkable", "quantitative-sensory-testing",
        "surface-electromyography",
        *(
            f"maximum-{row}"
            for row in (
                "carpal-tunnel-unilateral", "carpal-tunnel-bilateral", "radiculopathy", "mononeuropathy",
                "polyneuropathy", "myopathy", "motor-neuronopathy", "plexopathy", "neuromuscular-junction",
                "tarsal-tunnel-unilateral", "tarsal-tunnel-bilateral", "weakness-focal", "weakness-general",
                "pain-unilateral", "pain-bilateral",
            )
        ),
    },
}  # fmt: skip

# The added statement is one about the person: a finding, an exclusion, a recorded diagnosis, an examination, imaging, an
# assessment, a course, an injury, a treatment. What a request contains and the recorded history are complete by nature, so
# a further indication, purpose, requested or earlier study is another request, no answer to an open question. For the
# same reason a recorded diagnosis can change what a request concerns; then whatever hangs on that is judged anew.
CONCERNS = {
    "aetna-cpb-0502": {"concerns-radiculopathy", "neuropathy-screening"},
    "bcbsnd-emg-ncs": {name for name in COMPLETE_BY_NATURE["bcbsnd-emg-ncs"] if name.startswith("maximum-")},
}
# Denied in words, yet only while nothing affirms it: "no traumatic nerve injury" beside a recorded injury is no conflict.
DENIED_UNLESS_STATED = {"injury-recorded"}


@lru_cache(maxsize=2 * len(POLICIES))
def _told(policy: str, case: Case) -> tuple[dict[Key, Assessment], Determination, dict[Key, Assessment]]:
    """What is told of a case to which one statement after another is added: once for all of them."""
    determination = judge(case, editions()[policy])
    return leaf_assessments(case, editions()[policy]), determination, assessments(determination.root)


def held_to_law_2(policy: str, before: Case, after: Case) -> None:
    edition = editions()[policy]
    (was, decided, old_tree), now = _told(policy, before), leaf_assessments(after, edition)
    concerns_else = False
    for key, old in was.items():
        new = now[key]
        name = old.criterion.name
        if old.criterion.kind in (Kind.COMPLETE, Kind.COUNTED):
            if old.status is not new.status:
                assert name in CONCERNS[policy]
                concerns_else = True
            continue
        if old.status is Status.MET:
            assert new.status is not Status.REFUTED, name
            # a leaf that was met is given up for a contradiction only
            assert new.status is Status.MET or new.contradiction is not None, name
        if old.status is Status.REFUTED and new.status is not Status.REFUTED and new.contradiction is None:
            # what was denied only because the record was taken to be complete may yet be affirmed
            assert new.status is Status.MET, name
            assert old.criterion.assumptions, name
        if old.contradiction is not None and new.contradiction is None:
            # one of two alternatives is in conflict, and the new statement settles the other: that rests on nothing disputed
            disputed = {*old.contradiction.affirming, *old.contradiction.denying}
            assert settled(new.status), name
            assert disputed.isdisjoint(new.evidence), name
    if concerns_else:
        return
    again = judge(after, edition)
    new_tree = assessments(again.root)
    for key in old_tree.keys() & new_tree.keys():
        assert (old_tree[key].status, new_tree[key].status) != (Status.MET, Status.REFUTED), key
    for one, other in zip(decided.studies, again.studies, strict=True):
        assert (one.outcome, other.outcome) != (Outcome.MEDICALLY_NECESSARY, Outcome.NOT_MEDICALLY_NECESSARY)
    assert (decided.outcome, again.outcome) != (Outcome.MEDICALLY_NECESSARY, Outcome.NOT_MEDICALLY_NECESSARY)


def held_to_law_3(case: Case, edition: Edition) -> None:
    told = leaf_assessments(case, edition)
    whole = assessments(judge(case, edition).root)
    cited = {triple for assessment in [*told.values(), *whole.values()] for triple in assessment.evidence}
    assert cited <= case.triples
    alone = make_case(case.iri, frame(case) | cited)
    retold = leaf_assessments(alone, edition)
    for key, assessment in told.items():
        if settled(assessment.status):
            assert retold[key].status is assessment.status, key
            by_itself = assessor_of(frame(case) | set(assessment.evidence), edition)
            assert by_itself.assess(assessment.criterion, assessment.focus).status is assessment.status, key
    again = assessments(judge(alone, edition).root)
    for key, assessment in whole.items():
        if settled(assessment.status):
            assert again[key].status is assessment.status, key


def held_to_law_4(case: Case, edition: Edition) -> None:
    citing: dict[Triple, list[Assessment]] = {}
    for assessment in leaf_assessments(case, edition).values():
        for triple in assessment.evidence:
            citing.setdefault(triple, []).append(assessment)
    for triple, cited in citing.items():
        assessor = assessor_of(case.triples - {triple}, edition)
        for assessment in cited:
            without = assessor.assess(assessment.criterion, assessment.focus)
            same = (without.status, without.notes) == (assessment.status, assessment.notes)
            # another statement is cited instead; or, where every value of a path was cited, one value less altogether
            assert not same or set(without.evidence) != set(assessment.evidence) - {triple}, (
                assessment.criterion.name,
                triple,
            )


# Over generated cases -----------------------------------------------------------------------


@dataclass
class Held:
    """How much was compared for each law, and what did not hold."""

    cases: int = 0
    compared: Counter[int] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)

    def add(self, other: "Held") -> None:
        self.cases += other.cases
        self.compared += other.compared
        self.violations += other.violations

    def __str__(self) -> str:
        told = ", ".join(
            f"law {law}: {self.compared[law]:,} {what}" for law, (what, _) in LAWS.items() if self.compared[law]
        )
        return f"{self.cases:,} cases, {told}; {len(self.violations)} violations"


SIZES = (40, 60, 100, 100, 160, 300)  # statements of a case on average


def generated(number: int, seed: int) -> GeneratedCase:
    """A case of a size of its own, one in four with no node named but the request."""
    return generate_case(number, seed=seed, size=SIZES[number % len(SIZES)], unnamed=number % 4 == 0)


def taken_in(made: GeneratedCase) -> Case:
    (case,) = validate(as_nquads(made, graph=False).encode(), name="case.nt").cases
    return case


def _law_2(made: GeneratedCase, held: Held) -> None:
    """A further statement about the person, of every kind; each makes a pair of cases."""
    case = taken_in(made)
    for number, addition in enumerate(CLINICAL):
        draft = Draft(Random((made.number << 8) + number), "https://example.org/addition#", set(case.triples))
        addition(draft)
        moved = {tuple(case.iri if term == draft.request else term for term in triple) for triple in draft.triples}
        for policy in POLICIES:
            held_to_law_2(policy, case, make_case(case.iri, moved))  # type: ignore[arg-type]
            held.compared[2] += 1


def _law_3(made: GeneratedCase, held: Held) -> None:
    case = taken_in(made)
    for edition in editions().values():
        held_to_law_3(case, edition)
        held.compared[3] += sum(settled(a.status) for a in leaf_assessments(case, edition).values())


def _law_4(made: GeneratedCase, held: Held) -> None:
    case = taken_in(made)
    for edition in editions().values():
        held_to_law_4(case, edition)
        held.compared[4] += sum(len(a.evidence) for a in leaf_assessments(case, edition).values())


def _law_8(made: GeneratedCase, held: Held) -> None:
    """Every syntax, another order, other names of blank nodes: the same bytes of the report."""
    lines = as_nquads(made, graph=False)
    expected = _reports(lines.encode(), ".nt")
    random = Random(made.number)
    for extension, syntax in SYNTAXES.items():
        text = lines
        for name in sorted(made.unnamed):
            text = text.replace(f"_:c{made.number}-{name} ", f"_:x{random.getrandbits(60)}y ")
        quads = list(ox.parse(text.encode(), format=ox.RdfFormat.N_TRIPLES))
        data = ox.serialize(random.sample(quads, len(quads)), format=syntax)
        assert data is not None
        assert _reports(data, extension) == expected, extension
        held.compared[8] += len(expected)


def _reports(data: bytes, extension: str) -> list[str]:
    (case,) = validate(data, name=f"case{extension}").cases
    told = []
    for policy in POLICIES:
        determination = determine(case, knowledge(), policy=policy)
        told += [render(determination, form, knowledge=knowledge()) for form in ("turtle", "json")]
    return told


@cache
def _advises(text: str) -> bool:
    return advises_to_recode(text)


def _law_11(made: GeneratedCase, held: Held) -> None:
    """Every text of the report graph but the quoted documents."""
    case = taken_in(made)
    own = {str(o) for _, p, o in case.triples if p in (EDX.text, RDFS.label) or isinstance(o, Literal)}
    for edition in editions().values():
        graph = reasoner.report_graph(judge(case, edition), knowledge())
        for text in {str(o) for o in graph.objects(None, None) if isinstance(o, Literal)} - own:
            if " " in text:
                assert not _advises(text), text
                held.compared[11] += 1


LAWS: dict[int, tuple[str, Callable[[GeneratedCase, Held], None] | None]] = {
    2: ("pairs of cases", _law_2),
    3: ("settled criteria by their evidence alone", _law_3),
    4: ("statements taken away", _law_4),
    7: ("rows alone and in company", None),  # of many cases at once
    8: ("reports in another syntax, order and naming", _law_8),
    11: ("texts", _law_11),
}


def held(numbers: range, seed: int, laws: frozenset[int] = frozenset(LAWS)) -> Held:
    """Generated cases held to laws."""
    found = Held(len(numbers))
    for number in numbers:
        made = generated(number, seed)
        for law in sorted(laws - {7}):
            _, hold = LAWS[law]
            assert hold is not None
            try:
                hold(made, found)
            except AssertionError as error:
                found.violations.append(
                    f"law {law}, case {number} of seed {seed}: {str(error)[:300] or 'see its assertion'}"
                )
    if 7 in laws:
        found.violations += _law_7(numbers, seed, found)
    return found


def _law_7(numbers: range, seed: int, found: Held) -> Iterator[str]:
    """Each case alone; all of them in one batch in this process; and in another order in two processes."""
    cases = [generated(number, seed) for number in numbers]
    alone = {}
    for made in cases:
        case = taken_in(made)
        alone[str(case.iri)] = [row.result_digest for row in rows_of(case, knowledge(), POLICIES)]
    with tempfile.TemporaryDirectory() as folder:
        for name, order, processes in (("one", cases, 1), ("other", Random(seed).sample(cases, len(cases)), 2)):
            source, results = Path(folder) / f"{name}.nq", Path(folder) / f"{name}.jsonl"
            source.write_text("".join(map(as_nquads, order)), "utf-8")
            run_batch([str(source)], results, policies=POLICIES, processes=processes, task_bytes=50_000)
            told: dict[str, list[str]] = {}
            for line in results.read_bytes().splitlines():
                row = json.loads(line)
                told.setdefault(row["case"], []).append(row["result_digest"])
            for iri, digests in alone.items():
                found.compared[7] += len(digests)
                if told.get(iri) != digests:
                    yield f"law 7, {iri}: another result in a batch ({name} order, {processes} processes)"


def _piece(piece: tuple[range, int, frozenset[int]]) -> Held:
    return held(*piece)


def main() -> None:
    """Hold many cases to the laws, and say how much was compared."""
    parser = argparse.ArgumentParser(description="Laws of the design over generated cases.")
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from", dest="start", type=int, default=1)
    parser.add_argument("--law", type=int, choices=list(LAWS), action="append")
    parser.add_argument("-j", dest="processes", type=int, default=1)
    asked = parser.parse_args()
    numbers, laws = range(asked.start, asked.start + asked.count), frozenset(asked.law or LAWS)
    total, start = Held(), monotonic()
    with ProcessPoolExecutor(asked.processes) as pool:
        for part in pool.map(_piece, [(numbers[n : n + 25], asked.seed, laws) for n in range(0, len(numbers), 25)]):
            total.add(part)
            print(*part.violations, sep="\n", end="\n" if part.violations else "", flush=True)
            if total.cases % 250 == 0:
                print(f"… after {monotonic() - start:,.0f} s: {total}", flush=True)
    print(f"seed {asked.seed}, {monotonic() - start:,.0f} s: {total}", flush=True)
    os._exit(1 if total.violations else 0)


if __name__ == "__main__":
    main()
