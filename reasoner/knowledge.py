"""Everything that a determination rests on beside the case: ontology, statement shapes, components, policy editions."""

import datetime
import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Final

import pyoxigraph as ox
from rdflib import URIRef

from reasoner.digests import Digests, SourceDigests, canonical_digest, digest_of_all, sources
from reasoner.errors import NoApplicablePolicyError, PolicyDefinitionError, UnknownTermError
from reasoner.policy.edition import Criterion, Edition
from reasoner.policy.heading import Heading, read_heading
from reasoner.policy.loader import load_edition
from reasoner.rdf.index import Hierarchy
from reasoner.rdf.source_graph import SourceGraph
from reasoner.rdf.turtle import read_source
from reasoner.resources import data_folder, turtle_files
from reasoner.terminology.ontology import hierarchy, labels


class _Volume:
    """One edition: its heading is read at once, its criteria when they are first asked for."""

    def __init__(self, path: Path) -> None:
        problems: list[str] = []
        self.path: Final = path
        self._own: Final = read_source([path])
        self.heading: Final = read_heading(self._own, problems)
        if problems:
            raise PolicyDefinitionError(str(self.heading.iri), problems)

    @cached_property
    def edition(self) -> Edition:
        with _nothing_collected():
            return load_edition(self._own, _shared_by_editions())


@dataclass(frozen=True, eq=False)
class Knowledge:
    """Loaded once, never changed; `digest` tells all of its files by their bytes (`reasoner.digests.digest_of_all`)."""

    _volumes: tuple[_Volume, ...]
    hierarchy: Hierarchy
    labels: dict[URIRef, str]
    digest: str
    sources: SourceDigests

    @property
    def editions(self) -> tuple[Edition, ...]:
        """Every edition; those that nobody has asked for yet are read now.

        Raises:
            PolicyDefinitionError: An edition is not written as the profile of SHACL demands.
        """
        return tuple(volume.edition for volume in self._volumes)

    @property
    def headings(self) -> tuple[Heading, ...]:
        """What tells the editions apart; no edition is read for it."""
        return tuple(volume.heading for volume in self._volumes)

    def digests(self, edition: Edition) -> Digests:
        """The digests of what a determination under the edition rests on beside the case.

        An edition that was not read from a file of this knowledge is told by its graph, shared shapes included.
        """
        found = self._digests.get(edition)
        if found is None:
            volume = next((v for v in self._volumes if v.__dict__.get("edition") is edition), None)
            of_graph = "" if volume is not None else _of_graph(edition)
            found = self.sources.of_edition((volume or self._volumes[0]).path)
            found = self._digests[edition] = found._replace(edition=of_graph or found.edition)
        return found

    def digests_of(self, iri: str) -> Digests | None:
        """The digests for the edition of an IRI, which need not be fit to be read; nothing if there is none."""
        volume = next((volume for volume in self._volumes if str(volume.heading.iri) == iri), None)
        return None if volume is None else self.sources.of_edition(volume.path)

    @cached_property
    def _digests(self) -> dict[Edition, Digests]:
        return {}

    def edition(self, policy: str | None, payer: URIRef | None, date: datetime.date) -> Edition:
        """The edition in force on a date.

        Args:
            policy: Short name of a policy or of a payer; where it is given, the payer of the request is not asked for.
            payer: The payer that the request names.
            date: The date of service.

        Raises:
            UnknownTermError: There is no policy or payer of that name.
            NoApplicablePolicyError: No policy applies, or its first edition is later than the date.
        """
        if policy is None and payer is None:
            raise NoApplicablePolicyError(
                "The request names no payer, and no policy was asked for. "
                f"State edx:payer or choose a policy: {self._known()}."
            )
        found = [
            v for v in self._volumes if (policy in v.heading.names if policy is not None else v.heading.payer == payer)
        ]
        if not found and policy is not None:
            raise UnknownTermError(f"There is no policy or payer '{policy}'. Known are: {self._known()}.")
        if not found:
            raise NoApplicablePolicyError(f"There is no policy of the payer <{payer}>. Known are: {self._known()}.")
        series = sorted({volume.heading.slug for volume in found})
        if len(series) > 1:
            raise NoApplicablePolicyError(f"Several policies apply: {', '.join(series)}. Choose one of them.")
        in_force = [volume for volume in found if volume.heading.effective_from <= date]
        if not in_force:
            first = min(volume.heading.effective_from for volume in found)
            raise NoApplicablePolicyError(
                f"No edition of {series[0]} is in force on {date}; the first one known here took effect on {first}. "
                "Give a later date, or determine the request by hand."
            )
        return max(in_force, key=lambda volume: volume.heading.effective_from).edition

    def criterion(self, name: str, editions: Iterable[Edition]) -> Criterion:
        """The criterion of that name or IRI in one of the editions.

        Raises:
            UnknownTermError: No edition has it; the message lists near names.
        """
        criteria = [criterion for edition in editions for criterion in edition.criteria.values()]
        for criterion in criteria:
            if name.rpartition(":")[2] == criterion.name or name == str(criterion.iri):
                return criterion
        listed = ", ".join(sorted(criterion.name for criterion in criteria))
        raise UnknownTermError(f"There is no criterion '{name}'. The edition has: {listed}.")

    def _known(self) -> str:
        return ", ".join(sorted({f"{v.heading.slug} ({v.heading.payer_slug})" for v in self._volumes}))


def load_knowledge(policies: Iterable[Path] = ()) -> Knowledge:
    """Read the ontology and every policy edition that the package ships.

    An edition that the package ships is held to the profile of SHACL when it is first asked for, a further one now.

    Args:
        policies: Further editions, each a Turtle file, to be read beside them.

    Raises:
        PolicyDefinitionError: A further edition is not written as the profile demands.
    """
    policies = tuple(policies)
    with _nothing_collected():
        further = tuple(_Volume(path) for path in policies)
        volumes = (*(_Volume(path) for path in turtle_files("shapes/policies")), *further)
        for volume in further:
            _ = volume.edition
        files = sources(policies)
        return Knowledge(volumes, hierarchy(), labels(), digest_of_all(files), SourceDigests(files))


@cache
def _shared_by_editions() -> SourceGraph:
    """Constraint components and statement shapes."""
    return read_source([data_folder("shapes") / "components.ttl", *turtle_files("shapes/statements")])


def knowledge_digest(policies: Iterable[Path] = ()) -> str:
    """The digest that the knowledge has, with further editions or without, read off the files alone."""
    return digest_of_all(sources(policies))


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """All that is loaded stays; the collector would walk over it again and again, for a third of the whole time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _of_graph(edition: Edition) -> str:
    written = edition.graph.serialize(format="ntriples", encoding="utf-8")
    return canonical_digest(ox.parse(written, format=ox.RdfFormat.N_TRIPLES))
