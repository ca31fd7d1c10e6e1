"""What another edition of a policy would do to a population: the same cases under both, case by case."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from reasoner.errors import UsageError
from reasoner.evaluation.criteria import Status
from reasoner.evaluation.determination import Outcome
from reasoner.population.criterion_names import CriterionNames, EditionName, not_one
from reasoner.population.results import CaseResult, Place, StudyResult, Undecided
from reasoner.population.summary import EditionTally

Transition = tuple[Outcome, Outcome]
Pair = tuple[CaseResult, CaseResult]


@dataclass(frozen=True, slots=True)
class Turn:
    """A criterion that made a change: its status before and after; None where it was not asked or does not exist."""

    criterion: str
    before: Status | None
    after: Status | None


@dataclass(frozen=True, slots=True)
class StudyChange:
    """A requested study with another outcome than before."""

    label: str
    before: Outcome
    after: Outcome
    made_by: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class CaseChange:
    """A case of which at least one study has another outcome; the request may keep its own."""

    place: Place
    label: str
    before: Outcome
    after: Outcome
    studies: tuple[StudyChange, ...]

    @property
    def made_by(self) -> tuple[Turn, ...]:
        """The criteria that changed any of its studies, each once."""
        return tuple(dict.fromkeys(turn for study in self.studies for turn in study.made_by))


@dataclass(frozen=True, slots=True)
class NotCompared:
    """A case, or a study of one, that does not stand under both editions."""

    place: Place
    label: str
    why: str


@dataclass
class Impact:
    """Counts over the cases that stand under both editions.

    `requests` and `studies` count by outcome before and after. `redecided` counts requests that keep their outcome and
    turn on other criteria. `tally_before` and `tally_after` are of these same cases.
    """

    before: EditionName
    after: EditionName
    requests: Counter[Transition] = field(default_factory=Counter)
    studies: Counter[Transition] = field(default_factory=Counter)
    redecided: int = 0
    changed: list[CaseChange] = field(default_factory=list)
    tally_before: EditionTally = field(default_factory=lambda: EditionTally(""))
    tally_after: EditionTally = field(default_factory=lambda: EditionTally(""))
    not_compared: list[NotCompared] = field(default_factory=list)
    undecided: list[Undecided] = field(default_factory=list)
    knowledge: set[str] = field(default_factory=set)
    programs: set[str] = field(default_factory=set)

    @property
    def same_series(self) -> bool:
        """Whether a criterion of the one edition is that of the same name in the other."""
        return self.before.policy == self.after.policy

    def count(self, was: CaseResult, will_be: CaseResult, names: CriterionNames) -> None:
        """Add one case with what became of it under both editions."""
        self.requests[was.outcome, will_be.outcome] += 1
        self.tally_before.count(was)
        self.tally_after.count(will_be)
        self.knowledge |= {was.knowledge, will_be.knowledge}
        self.programs |= {was.program, will_be.program}
        self.redecided += was.outcome is will_be.outcome and set(was.deciding) != set(will_be.deciding)
        others = {study.iri: study for study in will_be.studies}
        changes = []
        for study in was.studies:
            other = others.pop(study.iri, None)
            if other is None:
                self._study_missing(was, study, self.after)
                continue
            self.studies[study.outcome, other.outcome] += 1
            if study.outcome is not other.outcome:
                made_by = turns(study, other, was.edition, will_be.edition, names, same_series=self.same_series)
                changes.append(StudyChange(study.label, study.outcome, other.outcome, made_by))
        for study in others.values():
            self._study_missing(will_be, study, self.before)
        if changes:
            self.changed.append(CaseChange(was.place, was.label, was.outcome, will_be.outcome, tuple(changes)))

    def _study_missing(self, result: CaseResult, study: StudyResult, edition: EditionName) -> None:
        said = f"{study.label or study.iri} has no result under {edition.short}"
        self.not_compared.append(NotCompared(result.place, result.label, said))


def turns(
    was: StudyResult, will_be: StudyResult, before: str, after: str, names: CriterionNames, *, same_series: bool
) -> tuple[Turn, ...]:
    """The criteria that gave a study another outcome.

    Those without parts, at or below a criterion that decides under either edition, whose status differs. Where none
    differs, the structure above them does: then the deciding criteria whose status differs, else all deciding ones.
    Between two policies no criterion is the same: then those that decided before, and those that decide after.
    """
    if not same_series:
        left = (Turn(name, was.statuses.get(name), None) for name in was.deciding)
        right = (Turn(name, None, will_be.statuses.get(name)) for name in will_be.deciding)
        return (*left, *right)
    first, second = was.statuses, will_be.statuses
    leaves = [leaf for name in was.deciding for leaf in names.leaves(before, name)]
    leaves += [leaf for name in will_be.deciding for leaf in names.leaves(after, name)]
    deciding = (*was.deciding, *will_be.deciding)
    found = [n for n in leaves if first.get(n) is not second.get(n)]
    found = found or [n for n in deciding if first.get(n) is not second.get(n)] or list(deciding)
    return tuple(Turn(name, first.get(name), second.get(name)) for name in dict.fromkeys(found))


def impact(
    results: Iterable[CaseResult | Undecided],
    names: CriterionNames,
    *,
    before: str,
    after: str,
    known: Iterable[EditionName] = (),
) -> Impact:
    """Compare what became of the same cases under two editions.

    A case is matched by its place in the input and its digest; one whose place differs by its IRI and digest, in order.

    Args:
        results: What `read_results` gave; other editions may stand among them.
        names: The names of editions and criteria.
        before: Name of the edition in force.
        after: Name of the edition to come.
        known: Editions that the results are of, whether any case stands under them or not.

    Raises:
        UsageError: The results hold no edition of a name, or several, or both names lead to the same one.
    """
    sides = _Sides(names, before, after)
    for edition in known:
        sides.side(edition)
    found: Impact | None = None
    for was, will_be in sides.pairs(results):
        found = found or Impact(*sides.editions())
        found.count(was, will_be, names)
    found = found or Impact(*sides.editions())
    sides.editions()
    found.undecided = sides.undecided
    found.not_compared += sides.not_compared(found)
    return found


@dataclass
class _Sides:
    """Puts the results of a case under the two editions together."""

    names: CriterionNames
    before: str
    after: str
    first: dict[str, EditionName] = field(default_factory=dict)  # editions of that name, by IRI: one, if all is well
    second: dict[str, EditionName] = field(default_factory=dict)
    others: dict[str, EditionName] = field(default_factory=dict)
    waiting: dict[Place, CaseResult] = field(default_factory=dict)
    undecided: list[Undecided] = field(default_factory=list)

    def pairs(self, results: Iterable[CaseResult | Undecided]) -> Iterator[Pair]:
        """Each case that stands under both editions, the edition before first; the rest is kept."""
        for result in results:
            if isinstance(result, Undecided):
                self.undecided.append(result)
            elif self._side_of(result) is not self.others:
                other = self.waiting.pop(result.place, None)
                if other is None:
                    self.waiting[result.place] = result
                else:
                    yield self._in_order(result, other)
        yield from self._moved()

    def editions(self) -> tuple[EditionName, EditionName]:
        """The edition before and the edition after, as far as the results were read.

        Raises:
            UsageError: There is none of a name, or there are several.
        """
        found: list[EditionName] = []
        for asked, side in ((self.before, self.first), (self.after, self.second)):
            if len(side) != 1:
                raise not_one(asked, list(side), [*self.first, *self.second, *self.others], "in the results")
            found += side.values()
        return found[0], found[1]

    def not_compared(self, found: Impact) -> Iterator[NotCompared]:
        """The cases that do not stand under both editions, and why."""
        known: dict[Place, str] = {}
        for case in self.undecided:
            sides = {e.short for e in (found.before, found.after) if self.names.matches(case.policy, e.iri, e.policy)}
            if sides or not case.policy:
                under = f" under {', '.join(sorted(sides))}" if sides else ""
                known[case.place] = f"not determined{under}: {case.code} {'; '.join(case.problems)}".rstrip()
                yield NotCompared(case.place, case.label, known[case.place])
        for result in self.waiting.values():
            if result.place not in known:
                lacking = found.after if result.edition == found.before.iri else found.before
                yield NotCompared(result.place, result.label, f"has no result under {lacking.short}")

    def _side_of(self, result: CaseResult) -> dict[str, EditionName]:
        for side in (self.first, self.second, self.others):
            if result.edition in side:
                return side
        return self.side(self.names.edition(result.edition, result.policy))

    def side(self, edition: EditionName) -> dict[str, EditionName]:
        """On which side an edition stands, which is then known of.

        Raises:
            UsageError: It goes by both names.
        """
        matching = [
            side
            for asked, side in ((self.before, self.first), (self.after, self.second))
            if self.names.matches(asked, edition.iri, edition.policy)
        ]
        if len(matching) > 1:
            raise UsageError(
                f"'{self.before}' and '{self.after}' are both names of {edition.short}. Name each edition by its date."
            )
        side = matching[0] if matching else self.others
        side[edition.iri] = edition
        return side

    def _in_order(self, one: CaseResult, other: CaseResult) -> Pair:
        return (one, other) if one.edition in self.first else (other, one)

    def _moved(self) -> Iterator[Pair]:
        """Cases that stand elsewhere in the other table: the first one of the same IRI and digest, and so on."""
        found: dict[tuple[str, str], tuple[list[CaseResult], list[CaseResult]]] = defaultdict(lambda: ([], []))
        for result in self.waiting.values():
            found[result.place.case, result.place.digest][result.edition in self.second].append(result)
        for before, after in found.values():
            for was, will_be in zip(before, after, strict=False):
                del self.waiting[was.place]
                del self.waiting[will_be.place]
                yield was, will_be
