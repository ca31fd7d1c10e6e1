"""What rows of results call by name: policy editions and their criteria, as the knowledge tells of them."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from reasoner.errors import UnknownTermError
from reasoner.knowledge import Knowledge
from reasoner.policy.edition import Criterion, Edition


class EditionName(NamedTuple):
    """An edition and the series that it belongs to."""

    iri: str
    policy: str
    title: str

    @property
    def short(self) -> str:
        """The series and the date, such as `bcbsnd-emg-ncs/2020-01-22`."""
        return self.iri.partition("/policy/")[2] or self.iri


@dataclass(frozen=True)
class CriterionNames:
    """Titles of editions, labels and places of criteria.

    What is told of an edition that is not known is what the latest known one of its series says; else the names of the
    rows stand for themselves.
    """

    knowledge: Knowledge

    def edition(self, iri: str, policy: str) -> EditionName:
        """An edition by its IRI."""
        known = self._known(iri)
        return EditionName(iri, policy, known.title if known else f"{policy}, {iri}")

    def label(self, edition: str, name: str) -> str:
        """What the edition calls a criterion."""
        criterion = self._criterion(edition, name)
        return criterion.label if criterion else name

    def place(self, edition: str, name: str) -> str:
        """Where in its document a criterion stands."""
        criterion = self._criterion(edition, name)
        return "; ".join(clause.place for clause in criterion.clauses) if criterion else ""

    def knows(self, edition: str) -> bool:
        """Whether the edition is known, so that what it lacks is lacking."""
        return edition in self._editions

    def has(self, edition: str, name: str) -> bool:
        """Whether the edition is known to have a criterion of that name."""
        return (edition, name) in self._criteria

    def leaves(self, edition: str, name: str) -> tuple[str, ...]:
        """The criteria without parts at or below a criterion, in reading order."""
        criterion = self._criterion(edition, name)
        return tuple(dict.fromkeys(_leaves(criterion))) if criterion else (name,)

    def matches(self, asked: str, iri: str, policy: str) -> bool:
        """Whether an edition goes by a name: its IRI, the series with the date, the series, or the payer."""
        payers = {e.payer_slug for e in self.knowledge.editions if e.slug == policy}
        return asked in {iri, EditionName(iri, policy, "").short, policy, *payers}

    def chosen(self, asked: str) -> Edition:
        """The one edition of that name.

        Raises:
            UnknownTermError: There is none, or there are several.
        """
        found = [e for e in self.knowledge.editions if self.matches(asked, str(e.iri), e.slug)]
        if len(found) == 1:
            return found[0]
        raise not_one(asked, [str(e.iri) for e in found], [str(e.iri) for e in self.knowledge.editions], "known")

    def _known(self, iri: str) -> Edition | None:
        return self._editions.get(iri)

    def _criterion(self, edition: str, name: str) -> Criterion | None:
        """The criterion, of an edition that is not known the one of that name in the latest known one of the series."""
        if edition in self._editions:
            return self._criteria.get((edition, name))
        series = edition.rpartition("/")[0]
        known = sorted((e for e in self.knowledge.editions if str(e.series) == series), key=lambda e: e.effective_from)
        return self._criteria.get((str(known[-1].iri), name)) if known else None

    @cached_property
    def _editions(self) -> dict[str, Edition]:
        return {str(edition.iri): edition for edition in self.knowledge.editions}

    @cached_property
    def _criteria(self) -> dict[tuple[str, str], Criterion]:
        return {(iri, c.name): c for iri, edition in self._editions.items() for c in edition.criteria.values()}


def not_one(asked: str, found: list[str], known: list[str], where: str) -> UnknownTermError:
    """The error where a name leads to no edition, or to several."""
    if found:
        listed = ", ".join(EditionName(iri, "", "").short for iri in sorted(found))
        return UnknownTermError(f"'{asked}' is the name of several editions. Name one of them: {listed}.")
    listed = ", ".join(EditionName(iri, "", "").short for iri in sorted(known)) or "none"
    return UnknownTermError(f"There is no edition '{asked}'. The editions {where} are: {listed}.")


def _leaves(criterion: Criterion) -> list[str]:
    if not criterion.members:
        return [criterion.name]
    return [name for member in criterion.members for name in _leaves(member.criterion)]
