"""The order in which a report is read. Its graph holds no lists: whoever reads one puts in order what is there.

Statements of the case stand in the order of their N-Triples (`reasoner.rdf.index.triple_key`); assessments by the place
of their criterion in the policy (`sh:order` of its description), those of one criterion by the number of the study, and
of the parts of a conditional criterion its condition first;
clauses by their own place; notices as texts; and everything else by name, the numbers in it counted as numbers.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rdflib import URIRef

from reasoner.policy.edition import Criterion, Edition

_NUMBER: Final = re.compile(r"([0-9]+)")


@lru_cache(maxsize=4096)
def by_name(name: str) -> tuple[str | int, ...]:
    """A key by which `set-2` comes before `set-10`."""
    return tuple([int(part) if place % 2 else part for place, part in enumerate(_NUMBER.split(name))])


@dataclass(frozen=True)
class Places:
    """The places of criteria and clauses in the reading order of a policy, from 1."""

    criteria: dict[Criterion, int]
    clauses: dict[URIRef, int]


@lru_cache(maxsize=32)
def places_in(edition: Edition) -> Places:
    """The places of an edition: criteria from the root down, clauses as criteria, gaps and advice name them."""
    criteria = tuple(dict.fromkeys([*edition.criteria.values(), *edition.exclusions]))
    clauses = [clause.iri for criterion in criteria for clause in criterion.clauses]
    clauses += [clause.iri for clause in edition.not_encoded]
    clauses += [advice.clause.iri for advice in edition.advice]
    return Places(
        {criterion: number for number, criterion in enumerate(criteria, 1)},
        {iri: number for number, iri in enumerate(dict.fromkeys(clauses), 1)},
    )
