"""What the determinations of a population come to: outcomes, deciding criteria, missing facts, by policy edition."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from reasoner.evaluation.criteria import Status
from reasoner.evaluation.determination import Outcome
from reasoner.population.results import CaseResult, Place, Undecided


@dataclass
class EditionTally:
    """Counts under one edition.

    `requests` and `studies` count by outcome. `deciding` counts requests by criterion and outcome: a criterion is
    counted once for each request that it decided. `missing` counts requests by the facts that they lack, and by whether
    that fact is needed or another would do as well; `points` counts the studies that need information by how many
    questions their smallest set asks.
    `statuses` counts studies by criterion and status.
    """

    policy: str
    requests: Counter[Outcome] = field(default_factory=Counter)
    studies: Counter[Outcome] = field(default_factory=Counter)
    deciding: Counter[tuple[str, Outcome]] = field(default_factory=Counter)
    missing: Counter[tuple[str, bool]] = field(default_factory=Counter)
    points: Counter[int] = field(default_factory=Counter)
    statuses: Counter[tuple[str, Status]] = field(default_factory=Counter)
    contradictory: int = 0

    def count(self, result: CaseResult) -> None:
        """Add one case."""
        self.requests[result.outcome] += 1
        self.contradictory += bool(result.conflicts)
        for name in result.deciding:
            self.deciding[name, result.outcome] += 1
        self.missing.update(result.missing.items())
        for study in result.studies:
            self.studies[study.outcome] += 1
            if study.outcome is Outcome.ADDITIONAL_INFORMATION_NEEDED:
                self.points[len(study.missing)] += 1
            for status, names in study.criteria.items():
                for name in names:
                    self.statuses[name, status] += 1


@dataclass
class Summary:
    """Counts of a population; `cases` are places of the input, however many editions each was held against."""

    cases: int = 0
    editions: dict[str, EditionTally] = field(default_factory=dict)
    undecided: list[Undecided] = field(default_factory=list)
    knowledge: set[str] = field(default_factory=set)
    programs: set[str] = field(default_factory=set)


def summarize(results: Iterable[CaseResult | Undecided]) -> Summary:
    """Count the cases of some results."""
    summary = Summary()
    places: set[Place] = set()
    for result in results:
        places.add(result.place)
        if isinstance(result, Undecided):
            summary.undecided.append(result)
            continue
        summary.knowledge.add(result.knowledge)
        summary.programs.add(result.program)
        tally = summary.editions.get(result.edition)
        if tally is None:
            tally = summary.editions[result.edition] = EditionTally(result.policy)
        tally.count(result)
    summary.cases = len(places)
    return summary
