"""What the structure of an edition says for every case: which criteria are about the request alone, and an order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from reasoner.policy.edition import Advice, Criterion, Edition
from reasoner.rdf.nodes import interned
from reasoner.terms import EDX

_REQUEST: Final = interned(EDX.Request)


@dataclass(frozen=True, eq=False)
class Outline:
    """Sets of criteria, and a number for each leaf in the order of their IRIs.

    `of_request` are about the request. `plain` ones have the same value whichever study is asked about: nothing below
    them is an exclusion or leads to the studies.
    """

    exclusions: frozenset[Criterion]
    of_request: frozenset[Criterion | Advice]
    plain: frozenset[Criterion]
    number: Mapping[Criterion, int]


@lru_cache(maxsize=64)
def outline_of(edition: Edition) -> Outline:
    """The outline of an edition."""
    exclusions = frozenset(edition.exclusions)
    criteria = frozenset({*_below(edition.root), *exclusions})
    told: list[Criterion | Advice] = [*criteria, *edition.advice]
    of_request = frozenset(one for one in told if one.applies_to == _REQUEST)
    leaves = sorted((c for c in criteria if c.operator is None), key=lambda leaf: f"{leaf.iri} ")

    def is_plain(criterion: Criterion) -> bool:
        return criterion not in exclusions and all(
            is_plain(member.criterion)
            and (
                member.criterion in of_request
                if member.path is not None
                else (member.criterion in of_request) is (criterion in of_request)
            )
            for member in criterion.members
        )

    return Outline(
        exclusions=exclusions,
        of_request=of_request,
        plain=frozenset(filter(is_plain, criteria)),
        number={leaf: number for number, leaf in enumerate(leaves)},
    )


def _below(criterion: Criterion) -> Iterator[Criterion]:
    yield criterion
    for member in criterion.members:
        yield from _below(member.criterion)
