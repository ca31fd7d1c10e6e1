"""What would have to be documented for an open request to be settled, smallest sets first.

A question is a number whose bits stand for open leaves of which any one serves; a way is the questions that settle it
together. Leaves are numbered in the order in which ways are listed.
"""

from collections.abc import Iterable
from functools import lru_cache
from itertools import product

from reasoner.evaluation.criteria import Assessment, Part, Status
from reasoner.evaluation.scope import Scope
from reasoner.policy.edition import Operator

Question = int
Way = frozenset[Question]
Ways = tuple[Way, ...]

MOST_WAYS = 24
"""So many sets are followed at each branch, the smallest ones; more would help no reader."""
_DONE: Ways = (frozenset(),)
_NEVER: Ways = ()


class Settling:
    """Finds the sets of open leaves whose settlement gives a part the wanted value, for one study after the other.

    What an edition says of plain criteria is the same whatever the study in question, and is found out once.
    """

    def __init__(self, scope: Scope) -> None:
        """`scope` tells what counts for the study in question."""
        self._number = scope.outline.number
        self._plain = scope.outline.plain
        self._scope = scope
        self._known: dict[tuple[Assessment, Status], Ways] = {}
        self._leaves: dict[int, Assessment] = {}  # those that the study in question was last asked about

    def ways(self, part: Part, wanted: Status) -> Ways:
        """Sets of questions; the empty set where the part has the value already, none where it cannot have it."""
        assessment = part.assessment
        plain = assessment.criterion in self._plain
        value = part.value if plain else self._scope.value(part)
        if value is wanted:
            return _DONE
        if value is not Status.UNDETERMINED:
            return _NEVER
        inner = _OPPOSITE[wanted] if part.ruled_out else wanted
        if not assessment.parts:
            return self._leaf(assessment, inner)
        if not plain:
            return self._composite(assessment, inner)
        known = self._known.get((assessment, inner))
        if known is None:
            known = self._known[assessment, inner] = self._composite(assessment, inner)
        return known

    def told(self, way: Way) -> frozenset[frozenset[Assessment]]:
        """The questions of a way as open leaves."""
        return frozenset([self._question(question) for question in way])

    def _question(self, question: Question) -> frozenset[Assessment]:
        return frozenset([self._leaves[number] for number in _numbers(question)])

    def _composite(self, assessment: Assessment, wanted: Status) -> Ways:
        parts: Iterable[Part] = assessment.parts
        if assessment.criterion not in self._plain:
            parts = [part for part in parts if self._scope.bears_on(part)]
        listed = list(parts)
        if assessment.criterion.operator is Operator.CONDITIONAL:
            del listed[0]
        together = (assessment.criterion.operator is Operator.ANY) == (wanted is Status.REFUTED)
        found = tuple([self.ways(part, wanted) for part in listed])
        return everything(found) if together else _one(found)

    def _leaf(self, leaf: Assessment, wanted: Status) -> Ways:
        if leaf.criterion.documentation is None:
            return _NEVER  # nothing that a record could say would settle it
        if wanted is Status.REFUTED and leaf.criterion.refuted_by is None:
            return _NEVER
        number = self._number[leaf.criterion]
        self._leaves[number] = leaf
        return _asked(number)


_OPPOSITE = {Status.MET: Status.REFUTED, Status.REFUTED: Status.MET}


@lru_cache(maxsize=4096)
def _asked(number: int) -> Ways:
    return (frozenset({1 << number}),)


@lru_cache(maxsize=1024)
def _one(found: tuple[Ways, ...]) -> Ways:
    """Any branch will do; branches that ask one question each become one question with alternatives."""
    merged = 0
    ways = []
    for branch in found:
        for way in branch:
            if len(way) == 1:
                merged |= next(iter(way))
            else:
                ways.append(way)
    return smallest([frozenset({merged}), *ways] if merged else ways)


@lru_cache(maxsize=1024)
def everything(found: tuple[Ways, ...]) -> Ways:
    """Every branch is needed."""
    ways = _DONE
    for branch in found:
        ways = branch if ways is _DONE else smallest([before | more for before, more in product(ways, branch)])
    return ways


def smallest(ways: Iterable[Way]) -> Ways:
    """Without sets that contain another; smallest first, at most `MOST_WAYS`."""
    kept: list[Way] = []
    for way in sorted(set(ways), key=_order):
        if not any(other <= way for other in kept):
            kept.append(way)
            if len(kept) == MOST_WAYS:
                break
    return tuple(kept)


def _order(way: Way) -> tuple[int, list[tuple[int, ...]]]:
    return len(way), sorted(map(_numbers, way))


@lru_cache(maxsize=4096)
def _numbers(question: Question) -> tuple[int, ...]:
    found = []
    while question:
        lowest = question & -question
        found.append(lowest.bit_length() - 1)
        question ^= lowest
    return tuple(found)
