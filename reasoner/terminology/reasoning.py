"""Reasons over the whole ontology, and over a case beside it, with HermiT: `python -m reasoner.terminology.reasoning`.

Determining a case uses the closed class tree and nothing of this module. Here the ontology is proven to be free of
contradiction, what it implies of the codes is held against the expansions that are shipped, and a case that cannot be
true as a whole is told by the statements that exclude each other.
"""

import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rdflib import OWL, RDF, RDFS, SKOS, Graph, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from reasoner.case import Case, curie
from reasoner.errors import ReasoningError
from reasoner.rdf.index import Hierarchy, Triple
from reasoner.rdf.turtle import read_turtle
from reasoner.resources import turtle_files
from reasoner.terminology import hermit
from reasoner.terminology.expansion import concepts, expansion
from reasoner.terminology.ontology import hierarchy
from reasoner.terms import BASE, EDX, ICD10CM

_CANARY: Final = BASE + ".well-known/canary/"
_IMPOSSIBLE, _HIDDEN, _DEFINED = (URIRef(_CANARY + name) for name in ("impossible", "hidden", "defined"))
_NO_CATEGORY: Final = frozenset({EDX.NamedDisease, EDX.OtherDisease, EDX.SymptomDiagnosis})
_BY_ITSELF: Final = frozenset({"direct", "manifestation"})


@dataclass(frozen=True)
class Classification:
    """What HermiT infers of an ontology that is consistent.

    `seconds` is the time of the run, Java's start included; `classes` counts the named classes; `superclasses` holds
    for each class all classes inferred above it, itself left out.
    """

    seconds: float
    classes: int
    unsatisfiable: tuple[URIRef, ...]
    superclasses: Mapping[URIRef, frozenset[URIRef]]

    def below(self, cls: URIRef) -> frozenset[URIRef]:
        """Every class inferred below a class, itself left out."""
        return frozenset(child for child, above in self.superclasses.items() if cls in above)


@dataclass(frozen=True)
class Comparison:
    """The codes that HermiT infers below a concept, headings among them, and those that its shipped expansion lists."""

    concept: URIRef
    inferred: frozenset[str]
    built: frozenset[str]

    @property
    def equal(self) -> bool:
        """Whether the two agree, code by code."""
        return self.inferred == self.built


@dataclass(frozen=True)
class Statement:
    """A node of a case, and what it is said to be."""

    node: URIRef
    types: tuple[URIRef, ...]


@dataclass(frozen=True)
class Contradiction:
    """The fewest nodes of a case that cannot all be as stated, and the classes that exclude each other, if two do."""

    statements: tuple[Statement, ...]
    excluding: tuple[tuple[URIRef, URIRef], ...]
    message: str


def whole_ontology() -> Graph:
    """Every statement of `ontology/*.ttl`, blank nodes kept, as OWL wants them."""
    return read_turtle(turtle_files("ontology"))


def classify(graph: Graph) -> Classification:
    """Infer the hierarchy of all classes, with a canary that proves that HermiT inferred and did not merely echo.

    Raises:
        ReasoningError: The ontology contradicts itself, HermiT or Java is missing, or HermiT broke off.
    """
    begun = time.perf_counter()
    found = hermit.taxonomy((*graph, *_canary()))
    seconds = time.perf_counter() - begun
    if found is None:
        raise ReasoningError("The ontology contradicts itself: nothing can be as it says. Undo the last axiom added.")
    if _IMPOSSIBLE not in found.unsatisfiable or _DEFINED not in found.superclasses.get(_HIDDEN, ()):
        raise ReasoningError("HermiT answered without inferring: it missed what the canary implies.")
    named = {s for s in graph.subjects(RDF.type, OWL.Class) if isinstance(s, URIRef)}
    above = {cls: found.superclasses.get(cls, frozenset()) for cls in named}
    unsatisfiable = tuple(sorted(cls for cls in found.unsatisfiable if not cls.startswith(_CANARY)))
    return Classification(seconds, len(named), unsatisfiable, above)


def _canary() -> Graph:
    """A class below two that exclude each other, and a class that lies below another only by that one's definition."""
    graph = Graph(bind_namespaces="none")
    one, other, filler, prop = (URIRef(_CANARY + name) for name in ("one", "other", "filler", "property"))
    for cls in (_IMPOSSIBLE, _HIDDEN, _DEFINED, one, other, filler):
        graph.add((cls, RDF.type, OWL.Class))
    graph.add((prop, RDF.type, OWL.ObjectProperty))
    graph.add((one, OWL.disjointWith, other))
    graph.add((_IMPOSSIBLE, RDFS.subClassOf, one))
    graph.add((_IMPOSSIBLE, RDFS.subClassOf, other))
    graph.add((_HIDDEN, RDFS.subClassOf, hermit.restriction(graph, prop, filler)))
    graph.add((_DEFINED, OWL.equivalentClass, hermit.restriction(graph, prop, OWL.Thing)))
    return graph


def compare_expansions(found: Classification) -> tuple[Comparison, ...]:
    """Every concept of the mapping that is a diagnosis, as inferred and as built.

    Of a disease the expansion counts by the roles direct and manifestation: a code with another role is none of it by
    itself. Spine disorders and screening encounters name no disease, so that their codes count by whatever role they
    have. Left out are the classes that are no category but a place for the codes of several, or of none.
    """
    tree = hierarchy()
    codes = {cls: str(cls).removeprefix(str(ICD10CM)) for cls in found.superclasses if cls.startswith(str(ICD10CM))}
    compared = []
    for concept in concepts():
        above = tree.ancestors(concept)
        if EDX.Diagnosis in above and concept not in _NO_CATEGORY:
            roles = _BY_ITSELF if EDX.NamedDisease in above else None
            built = {row.code for row in expansion(concept) if not row.negated and (roles is None or row.role in roles)}
            inferred = {codes[cls] for cls in found.below(concept) if cls in codes}
            compared.append(Comparison(concept, frozenset(inferred), frozenset(built)))
    return tuple(compared)


def is_consistent(cases: Iterable[Case], ontology: Graph | None = None) -> bool:
    """Whether all that the cases state can be true together with the ontology.

    The requests of several cases must have different IRIs: nodes that share one are one.

    Raises:
        ReasoningError: HermiT or Java is missing, or HermiT broke off.
    """
    triples = {triple for case in cases for triple in case.triples}
    return _holds(_relevant(ontology or whole_ontology(), triples), triples)


def explain_inconsistency(case: Case, ontology: Graph | None = None) -> Contradiction | None:
    """The fewest statements of a case that contradict each other by the ontology, or nothing where all can be true.

    An inconsistency of the case and not of the report: a record may be wrong, and which of its statements is, the
    record alone does not say.

    Raises:
        ReasoningError: The ontology contradicts itself without the case, HermiT or Java is missing, or it broke off.
    """
    whole = ontology or whole_ontology()
    axioms = _relevant(whole, case.triples)
    if _holds(axioms, case.triples):
        return None
    tree = Hierarchy.of(whole)
    nodes = _fewest(axioms, case, tree)
    if not nodes and not _holds(axioms, ()):
        raise ReasoningError("The ontology contradicts itself, whatever the case says. Classify it first.")
    nodes = nodes or (case.iri,)
    stated = tuple(Statement(node, _types(case, node)) for node in nodes)
    excluding = _excluding(whole, tree, stated)
    return Contradiction(stated, excluding, _message(whole, tree, stated, excluding))


def _types(case: Case, node: URIRef) -> tuple[URIRef, ...]:
    return tuple(sorted(o for s, p, o in case.triples if s == node and p == RDF.type and isinstance(o, URIRef)))


def _holds(axioms: Iterable[Triple], triples: Iterable[Triple]) -> bool:
    return hermit.consistent((*axioms, *triples))


def _relevant(ontology: Graph, triples: Iterable[Triple]) -> Graph:
    """The ontology without the diagnosis codes that no type of the case lies below.

    Nothing is lost by that: a code stands in axioms only as a kind of something, so that it bears on what is below it.
    """
    tree = Hierarchy.of(ontology)
    needed = {above for _, p, o in triples if p == RDF.type for above in tree.ancestors(o)}
    graph = Graph(bind_namespaces="none")
    for s, p, o in ontology:
        if s in needed or not str(s).startswith(str(ICD10CM)):
            graph.add((s, p, o))
    return graph


def _fewest(axioms: Graph, case: Case, tree: Hierarchy) -> tuple[URIRef, ...]:
    """The nodes, beside the request, none of which can be taken from the case without resolving the contradiction."""
    nodes = sorted({s for s, _, _ in case.triples if isinstance(s, URIRef)} - {case.iri})

    def contradicts(kept: Sequence[URIRef]) -> bool:
        gone = set(nodes) - set(kept)
        return not _holds(axioms, (t for t in case.triples if t[0] not in gone and t[2] not in gone))

    diagnoses = [node for node in nodes if any(EDX.Diagnosis in tree.ancestors(t) for t in _types(case, node))]
    if contradicts(diagnoses):  # as most do
        nodes = diagnoses
    size = max(1, len(nodes) // 2)
    while True:  # ever smaller groups are left out as long as the rest contradicts itself
        for start in range(len(nodes) - size, -size, -size):
            kept = [*nodes[: max(0, start)], *nodes[start + size :]]
            if contradicts(kept):
                nodes = kept
        if size == 1:
            return tuple(nodes)
        size = max(1, size // 2)


def _excluding(ontology: Graph, tree: Hierarchy, stated: Sequence[Statement]) -> tuple[tuple[URIRef, URIRef], ...]:
    """Pairs of classes that the statements lie below and the ontology declares disjoint, the most particular ones."""
    above = [frozenset(cls for t in statement.types for cls in tree.ancestors(t)) for statement in stated]
    pairs = _disjoint(ontology)
    found = {
        (one, other)
        for first, left in enumerate(above)
        for second, right in enumerate(above)
        if first != second or len(stated) == 1
        for one, other in pairs
        if one < other and one in left and other in right
    }
    return tuple(sorted(found))


def _disjoint(ontology: Graph) -> frozenset[tuple[URIRef, URIRef]]:
    found: set[tuple[Node, Node]] = set(ontology.subject_objects(OWL.disjointWith))
    for node in ontology.subjects(RDF.type, OWL.AllDisjointClasses):
        members = [m for head in ontology.objects(node, OWL.members) for m in Collection(ontology, head)]
        found |= {(one, other) for one in members for other in members if one != other}
    both = found | {(other, one) for one, other in found}
    return frozenset((s, o) for s, o in both if isinstance(s, URIRef) and isinstance(o, URIRef))


def _message(
    ontology: Graph, tree: Hierarchy, stated: Sequence[Statement], excluding: Sequence[tuple[URIRef, URIRef]]
) -> str:
    classes = {cls for pair in excluding for cls in pair}

    def name(cls: Node) -> str:
        code, label = ontology.value(cls, SKOS.notation), ontology.value(cls, RDFS.label)
        return f"{code} ({label})" if code is not None else f"“{label}”" if label is not None else curie(cls)

    def told(statement: Statement) -> str:
        types = [t for t in statement.types if t != EDX.Diagnosis] or list(statement.types)
        kinds = sorted(classes.intersection(a for t in types for a in tree.ancestors(t)) - set(types))
        said = f"{curie(statement.node)} is stated as {' and '.join(map(name, types))}"
        return f"{said}, a kind of {' and of '.join(map(name, kinds))}" if kinds else said

    verdict = {1: "This cannot be true", 2: "Both cannot be true"}.get(len(stated), "All cannot be true")
    said = "; ".join(map(told, stated))
    return f"The record contradicts itself: {said}. {verdict}; correct the record if this is a mistake."


def main() -> int:
    """Print seconds, classes and verdict, and each category's codes as inferred and as built; 1 where they differ."""
    try:
        found = classify(whole_ontology())
    except ReasoningError as error:
        sys.stderr.write(f"{error.code}: {error}\n")
        return 3
    compared = compare_expansions(found)
    unsatisfiable = ", ".join(map(curie, found.unsatisfiable)) or "none"
    lines = [
        f"HermiT: {found.seconds:.1f} s, {found.classes} classes: consistent, {len(found.unsatisfiable)} unsatisfiable"
    ]
    lines += [f"Unsatisfiable: {unsatisfiable}"] if found.unsatisfiable else []
    lines += ["", f"{'inferred':>8} {'built':>8}  codes of"]
    for one in compared:
        lines.append(
            f"{len(one.inferred):8} {len(one.built):8}  {curie(one.concept)}{'' if one.equal else '  DIFFERS'}"
        )
        if not one.equal:
            lines.append(f"{'':17}  {', '.join(sorted(one.inferred ^ one.built))}")
    lines += ["", f"{sum(one.equal for one in compared)} of {len(compared)} categories: inferred and built are equal"]
    sys.stdout.write("\n".join(lines) + "\n")
    return int(bool(found.unsatisfiable) or not all(one.equal for one in compared))


if __name__ == "__main__":
    raise SystemExit(main())
