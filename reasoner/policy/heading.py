"""The heading of a policy edition: enough to choose the edition that applies, before any criterion is read."""

import datetime
from dataclasses import dataclass

from rdflib import Graph, URIRef
from rdflib.term import Node

from reasoner.errors import PolicyDefinitionError
from reasoner.policy import terms


@dataclass(frozen=True)
class Heading:
    """Which policy of which payer an edition is, and the day from which it is in force."""

    iri: URIRef
    series: URIRef
    slug: str
    payer: URIRef
    payer_slug: str
    effective_from: datetime.date

    @property
    def names(self) -> tuple[str, ...]:
        """What the edition, its policy or its payer may be asked for by."""
        return (self.slug, self.payer_slug, str(self.series), str(self.iri))


def read_heading(graph: Graph, problems: list[str]) -> Heading:
    """The heading of the edition that a graph describes; what is wrong with it is added to the problems.

    Raises:
        PolicyDefinitionError: The graph describes no edition.
    """
    iri = next(graph.subjects(terms.TYPE, terms.EDITION), None)
    if not isinstance(iri, URIRef):
        raise PolicyDefinitionError("a policy file", ["no edx:PolicyEdition is described in it"])

    def needed(node: Node, term: URIRef) -> Node:
        value = graph.value(node, term)
        if value is None:
            problems.append(f"{node.n3(graph.namespace_manager)} lacks {term.n3(graph.namespace_manager)}")
        return value or _MISSING

    series = needed(iri, terms.IS_VERSION_OF)
    payer = needed(series, terms.PAYER)
    slug, payer_slug = needed(series, terms.SHORT_NAME), needed(payer, terms.SHORT_NAME)
    effective_from = str(needed(iri, terms.EFFECTIVE_FROM))
    try:
        first_day = datetime.date.fromisoformat(effective_from)
    except ValueError:
        first_day = datetime.date.min
        problems.append(f"{iri.n3(graph.namespace_manager)} takes effect on '{effective_from}', which is no day")
    return Heading(iri, URIRef(str(series)), str(slug), URIRef(str(payer)), str(payer_slug), first_day)


_MISSING = URIRef("urn:missing")  # stands in while the remaining problems are collected
