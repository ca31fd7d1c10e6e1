"""What would have to be documented for an open request to be settled, smallest sets first."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product

from reasoner.criteria import Assessment, Part, Status
from reasoner.policy import Operator

Question = frozenset[Assessment]  # open leaves of which any one serves
Way = frozenset[Question]  # questions that settle it together

MOST_WAYS = 24
"""So many sets are followed at each branch, the smallest ones; more would help no reader."""


@dataclass(frozen=True)
class Settling:
    """Finds the sets of open leaves whose settlement gives a part the wanted value.

    `counts` leaves out parts that do not bear on the study in question, `value` is what a part contributes for it.
    """

    counts: Callable[[Part], bool]
    value: Callable[[Part], Status]

    def ways(self, part: Part, wanted: Status) -> list[Way]:
        """Sets of questions; the empty set where the part has the value already, none where it cannot have it."""
        value = self.value(part)
        if value is wanted:
            return [frozenset()]
        if value is not Status.UNDETERMINED:
            return []
        assessment = part.assessment
        if not assessment.parts:
            return self._leaf(assessment, part.ruled_out, wanted)
        inner = _opposite(wanted) if part.ruled_out else wanted
        parts = [p for p in assessment.parts if self.counts(p)]
        if assessment.criterion.operator is Operator.CONDITIONAL:
            parts = parts[1:]
        together = (assessment.criterion.operator is Operator.ANY) == (inner is Status.REFUTED)
        found = [self.ways(p, inner) for p in parts]
        return everything(found) if together else _one(found)

    def _leaf(self, leaf: Assessment, ruled_out: bool, wanted: Status) -> list[Way]:
        if leaf.criterion.documentation is None:
            return []  # nothing that a record could say would settle it
        refuting = (wanted is Status.REFUTED) != ruled_out
        if refuting and leaf.criterion.refuted_by is None:
            return []
        return [frozenset({frozenset({leaf})})]


def _opposite(status: Status) -> Status:
    return Status.REFUTED if status is Status.MET else Status.MET


def _one(found: list[list[Way]]) -> list[Way]:
    """Any branch will do; branches that ask one question each become one question with alternatives."""
    ways = [way for branch in found for way in branch]
    single = [question for way in ways if len(way) == 1 for question in way]
    merged = [frozenset({frozenset().union(*single)})] if single else []
    return smallest([*merged, *(way for way in ways if len(way) != 1)])


def everything(found: list[list[Way]]) -> list[Way]:
    """Every branch is needed."""
    ways: list[Way] = [frozenset()]
    for branch in found:
        ways = smallest(before | more for before, more in product(ways, branch))
    return ways


def smallest(ways: Iterable[Way]) -> list[Way]:
    """Without sets that contain another; smallest first, at most `MOST_WAYS`."""
    kept: list[Way] = []
    for way in sorted(set(ways), key=_order):
        if not any(other <= way for other in kept):
            kept.append(way)
    return kept[:MOST_WAYS]


def _order(way: Way) -> tuple[int, list[list[str]]]:
    return len(way), sorted(sorted(f"{leaf.criterion.iri} {leaf.focus}" for leaf in question) for question in way)
