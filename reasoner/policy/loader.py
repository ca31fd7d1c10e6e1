"""Reads a policy edition from its shapes and holds it to the profile.

One Turtle file is one edition. What a criterion demands stands in SHACL alone; this module reads the same lists that
any engine follows, so that every branch can be given its status.
"""

from collections.abc import Iterator
from typing import Final

from rdflib import SH, BNode, Graph, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from reasoner.errors import PolicyDefinitionError
from reasoner.native.components import NATIVE
from reasoner.policy import terms
from reasoner.policy.edition import Advice, Clause, Criterion, Edition, Kind, Member, Note, Operator
from reasoner.policy.heading import read_heading
from reasoner.policy.leaf_forms import exceeded_bounds, refuting_bounds, two_ends
from reasoner.rdf.nodes import interned
from reasoner.rdf.source_graph import SourceGraph
from reasoner.shacl.declared import read_components
from reasoner.shacl.reader import ShapeReader
from reasoner.shacl.shapes import Not, Shape
from reasoner.terms import EDX

_KINDS: Final = {kind: interned(EDX[kind.value]) for kind in Kind}
_MISSING: Final = URIRef("urn:missing")  # stands in while the remaining problems are collected
_SENTENCES: Final = {
    "met": interned(EDX.whenMet),
    "refuted": interned(EDX.whenRefuted),
    "open": interned(EDX.whenOpen),
    "not applicable": interned(EDX.whenNotApplicable),
}


def load_edition(own: Graph, shared: Graph) -> Edition:
    """Read one edition.

    Args:
        own: The statements of the edition's file.
        shared: Statement shapes and constraint components, which editions share.

    Raises:
        PolicyDefinitionError: The edition is not written as the profile demands; every problem is named.
    """
    return _Loader(SourceGraph.of(own), SourceGraph.of(shared)).edition()


class _Loader:
    """Reads one edition and collects what is wrong with it."""

    def __init__(self, own: SourceGraph, shared: SourceGraph) -> None:
        graph = own.beside(shared)
        self.own = own
        self.graph = graph
        self.shapes = ShapeReader(graph, read_components(graph))
        self.problems: list[str] = []
        self.heading = read_heading(own, self.problems)
        self.criteria: dict[URIRef, Criterion] = {}
        self.pending: list[URIRef] = []
        self.refuting = {shape: criterion for criterion, shape in own.subject_objects(terms.REFUTED_BY)}

    def edition(self) -> Edition:
        graph, heading, iri = self.graph, self.heading, self.heading.iri
        for component in self.shapes.components:
            if component not in NATIVE:
                self.problems.append(f"{component} is a constraint component without native code")
        root = self._criterion(self._needed(iri, terms.ROOT_CRITERION))
        exclusions = tuple(self._criterion(x) for x in sorted(graph.objects(iri, terms.EXCLUSION), key=str))
        advice = tuple(self._advice(x) for x in sorted(graph.objects(iri, terms.ADVICE), key=str))
        for stray in sorted(set(self._declared()) - set(self.criteria)):
            self.problems.append(f"{self._name(stray)} is a criterion that the root criterion does not reach")
        if (root.iri, terms.TARGET_CLASS, terms.REQUEST) not in graph:
            self.problems.append(f"{self._name(root.iri)} is the root criterion but does not target edx:Request")
        title, payer_name = self._text(iri, terms.TITLE), self._text(heading.payer, terms.LABEL)
        partial = self._text(iri, terms.PARTIAL) == "true"
        not_encoded = tuple(self._clause(x) for x in sorted(graph.objects(iri, terms.NOT_ENCODED), key=str))
        problems = self.problems + self.shapes.problems
        if problems:
            raise PolicyDefinitionError(str(iri), problems)
        return Edition(
            iri=iri,
            series=heading.series,
            slug=heading.slug,
            title=title,
            payer=heading.payer,
            payer_name=payer_name,
            payer_slug=heading.payer_slug,
            effective_from=heading.effective_from,
            partial=partial,
            not_encoded=not_encoded,
            root=root,
            exclusions=exclusions,
            advice=advice,
            criteria=dict(_in_reading_order(root)),
            graph=graph,
        )

    def _declared(self) -> Iterator[URIRef]:
        for kind in Kind:
            for node in self.own.subjects(terms.TYPE, _KINDS[kind]):
                yield URIRef(str(node))

    def _criterion(self, node: Node) -> Criterion:
        iri = node if isinstance(node, URIRef) else URIRef(str(node))
        known = self.criteria.get(iri)
        if known is not None:
            return known
        kinds = [kind for kind in Kind if (iri, terms.TYPE, _KINDS[kind]) in self.graph]
        if len(kinds) != 1:
            self.problems.append(f"{self._name(iri)} must be of exactly one kind of criterion, not {len(kinds)}")
        kind = kinds[0] if kinds else Kind.UNENCODED
        if iri in self.pending:
            self.problems.append(f"{self._name(iri)} contains itself")
            kind = Kind.UNENCODED
        self.pending.append(iri)
        composite = kind in (Kind.COMPOSITE, Kind.CONDITIONAL)
        operator, members = self._structure(iri, kind) if composite else (None, ())
        shape, refuted_by, affirmed, denied = (None, None, None, None) if composite else self._leaf(iri, kind)
        self.pending.pop()
        sentences = {
            status: str(value)
            for status, term in _SENTENCES.items()
            if (value := self.graph.value(iri, term)) is not None
        }
        criterion = self.criteria[iri] = Criterion(
            iri=iri,
            kind=kind,
            label=self._text(iri, terms.LABEL),
            definition=self._text(iri, terms.DEFINITION),
            clauses=tuple(self._clause(x) for x in sorted(self.graph.objects(iri, terms.SOURCE), key=str)),
            applies_to=self._needed(iri, terms.APPLIES_TO),
            sentences=sentences,
            documentation=next((str(x) for x in self.graph.objects(iri, terms.DOCUMENTATION)), None),
            readings=self._notes(iri, terms.READING),
            assumptions=self._notes(iri, terms.ASSUMES),
            shape=shape,
            refuted_by=refuted_by,
            affirmed=affirmed,
            denied=denied,
            operator=operator,
            members=members,
        )
        self._check_sentences(criterion)
        return criterion

    def _check_sentences(self, criterion: Criterion) -> None:
        needed = {
            Kind.OPEN: {"met", "refuted", "open"},
            Kind.COMPLETE: {"met", "refuted"},
            Kind.COUNTED: {"met", "refuted", "open"},
            Kind.AFFIRMABLE: {"met", "open"},
            Kind.UNENCODED: {"open"},
            Kind.COMPOSITE: {"met", "refuted", "open"},
            Kind.CONDITIONAL: {"met", "refuted", "open", "not applicable"},
        }[criterion.kind]
        for status in sorted(needed - set(criterion.sentences)):
            self.problems.append(f"{self._name(criterion.iri)} has no sentence for the status '{status}'")
        if not criterion.clauses:
            self.problems.append(f"{self._name(criterion.iri)} cites no clause (dcterms:source)")

    def _leaf(self, iri: URIRef, kind: Kind) -> tuple[Shape, Shape | None, Shape | None, Shape | None]:
        """Shape, refuting shape, what affirms and what denies; the two ends of an open question are disjoint."""
        shape = self.shapes.shape(iri)
        refuting = self.graph.value(iri, terms.REFUTED_BY)
        refuted_by = self.shapes.shape(refuting) if refuting is not None else None
        if kind is Kind.OPEN:
            ends = two_ends(shape)
            if refuted_by is None or ends is None or two_ends(refuted_by) != (ends[1], ends[0]):
                self.problems.append(
                    f"{self._name(iri)} is open, so it must be written as sh:node A ; sh:not B "
                    "and its refuting shape as sh:node B ; sh:not A"
                )
                return shape, refuted_by, None, None
            return shape, refuted_by, *ends
        if kind is Kind.COMPLETE:
            inverse = refuted_by.constraints if refuted_by and not refuted_by.properties else ()
            if len(inverse) != 1 or inverse[0] != Not(shape):
                self.problems.append(
                    f"{self._name(iri)} is complete by nature, so its refuting shape must be sh:not of it"
                )
        elif kind is Kind.COUNTED:
            if (
                refuted_by is None
                or exceeded_bounds(shape) is None
                or exceeded_bounds(shape) != refuting_bounds(refuted_by)
            ):
                self.problems.append(
                    f"{self._name(iri)} is counted, so it must be written as sh:node CONDITION ; sh:and ( MAXIMA ) and "
                    "its refuting shape as sh:or ( [ sh:not CONDITION ] [ sh:node CONDITION ; sh:or ( EXCEEDED ) ] ) "
                    "with the same figures"
                )
        elif refuted_by is not None:
            self.problems.append(f"{self._name(iri)} is never refuted, so it may not name a refuting shape")
        return shape, refuted_by, None, None

    def _structure(self, iri: URIRef, kind: Kind) -> tuple[Operator, tuple[Member, ...]]:
        constraints = {
            p: o
            for p, o in self.graph.predicate_objects(iri)
            if str(p).startswith(str(SH)) and p not in (terms.TARGET_CLASS, terms.NAME, terms.MESSAGE)
        }
        if kind is Kind.CONDITIONAL:
            members = self._conditional(iri, constraints.get(terms.OR))
            if len(constraints) != 1 or not members:
                self.problems.append(
                    f"{self._name(iri)} is conditional, so it must be written as "
                    "sh:or ( [ sh:not CONDITION ] REQUIREMENT ) over a condition that is complete by nature"
                )
            return Operator.CONDITIONAL, members
        if len(constraints) != 1 or next(iter(constraints)) not in (terms.AND, terms.OR):
            self.problems.append(f"{self._name(iri)} is composite, so it must be one sh:and or sh:or and nothing else")
            return Operator.ALL, ()
        ((term, members_list),) = constraints.items()
        found = [self._member(iri, node) for node in Collection(self.graph, members_list)]
        return (Operator.ALL if term == terms.AND else Operator.ANY), tuple(m for m in found if m)

    def _conditional(self, iri: URIRef, listed: Node | None) -> tuple[Member, ...]:
        nodes = list(Collection(self.graph, listed)) if listed is not None else []
        if len(nodes) != 2:
            return ()
        condition = self.graph.value(nodes[0], terms.NOT)
        requirement = self._member(iri, nodes[1])
        if condition is None or requirement is None:
            return ()
        applying = self._criterion(condition)
        return (Member(applying), requirement) if applying.kind is Kind.COMPLETE else ()

    def _member(self, iri: URIRef, node: Node) -> Member | None:
        if isinstance(node, URIRef):
            if node in self.refuting:
                return Member(self._criterion(self.refuting[node]), ruled_out=True)
            return Member(self._criterion(node))
        reached = self.graph.value(node, terms.PROPERTY)
        path = self.graph.value(reached, terms.PATH) if reached else None
        inner = self.graph.value(reached, terms.NODE) if reached else None
        extra = (
            {p for p, _ in self.graph.predicate_objects(reached)} - {terms.PATH, terms.NODE, terms.MIN_COUNT}
            if reached
            else {node}
        )
        if reached is None or path is None or inner is None or isinstance(inner, BNode) or extra:
            self.problems.append(
                f"{self._name(iri)} has a member that is no criterion, no refuting shape and no "
                "[ sh:property [ sh:path PATH ; sh:node CRITERION ] ]"
            )
            return None
        return Member(self._criterion(inner), path=self.shapes.path(path))

    def _advice(self, node: Node) -> Advice:
        iri = URIRef(str(node))
        return Advice(
            iri=iri,
            label=self._text(iri, terms.LABEL),
            sentence=self._text(iri, terms.SENTENCE),
            clause=self._clause(self._needed(iri, terms.SOURCE)),
            applies_to=self._needed(iri, terms.APPLIES_TO),
            shape=self.shapes.shape(iri),
            readings=self._notes(iri, terms.READING),
        )

    def _clause(self, node: Node) -> Clause:
        document = self._needed(node, terms.IS_PART_OF)
        return Clause(
            URIRef(str(node)), self._text(node, terms.LABEL), self._text(node, terms.PLACE), document,
            self._text(document, terms.TITLE),
        )  # fmt: skip

    def _notes(self, node: Node, term: URIRef) -> tuple[Note, ...]:
        return tuple(
            Note(URIRef(str(x)), self._text(x, terms.LABEL), self._text(x, terms.DEFINITION))
            for x in sorted(self.graph.objects(node, term), key=str)
        )

    def _needed(self, node: Node, term: URIRef) -> URIRef:
        value = self._value(node, term)
        return value if isinstance(value, URIRef) else _MISSING

    def _text(self, node: Node, term: URIRef) -> str:
        return str(self._value(node, term))

    def _value(self, node: Node, term: URIRef) -> Node | None:
        value = self.graph.value(node, term)
        if value is None:
            self.problems.append(f"{self._name(node)} lacks {self._name(term)}")
        return value

    def _name(self, node: Node) -> str:
        return node.n3(self.graph.namespace_manager)


def _in_reading_order(criterion: Criterion) -> Iterator[tuple[URIRef, Criterion]]:
    yield criterion.iri, criterion
    for member in criterion.members:
        yield from _in_reading_order(member.criterion)
