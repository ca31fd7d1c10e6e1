"""The terms that a case may use, and the name of every one that it may not.

The intake shapes are the one source: a property is allowed when a property shape has it as its path, a class when it
lies at or below the target of a shape. Everything else is refused by name.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Final

from rdflib import OWL, RDF, RDFS, SH, Literal, URIRef
from rdflib.term import Node

from reasoner import intake_rules as rules
from reasoner.case import Problem, Severity, curie
from reasoner.index import Hierarchy, Triple, triple_key
from reasoner.intake_shapes import intake_shapes
from reasoner.ontology import declared_terms, hierarchy
from reasoner.terms import BASE, EDX, GENID, ICD10CM, PREFIXES

_CASES: Final = BASE + "case/"
_VOCABULARIES: Final = (*(PREFIXES[name] for name in PREFIXES if name not in {"edx", "aetna", "bcbsnd"}),)
_AXIOMS: Final = frozenset({RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range, RDFS.Class})


@dataclass(frozen=True)
class Vocabulary:
    """What a case may say: properties, kinds of thing with all classes below them, individuals."""

    properties: frozenset[URIRef]
    kinds: frozenset[URIRef]
    classes: frozenset[URIRef]
    individuals: frozenset[URIRef]
    tree: Hierarchy

    def kinds_of(self, types: Iterable[Node]) -> frozenset[Node]:
        """The kinds of thing that the types lie under."""
        return frozenset(kind for cls in types for kind in self.tree.ancestors(cls) & self.kinds)

    def near(self, term: URIRef, *, among: Iterable[URIRef]) -> str:
        """The nearest known term, as the end of a message."""
        by_name = {_local(known).lower(): known for known in sorted(among)}
        found = get_close_matches(_local(term).lower(), by_name, n=1, cutoff=0.65)
        return f" Did you mean {curie(by_name[found[0]])}?" if found else ""


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary of a case, from the intake shapes and the ontology."""
    shapes, tree, declared = intake_shapes(), hierarchy(), declared_terms()
    paths = {path for path in shapes.objects(None, SH.path) if isinstance(path, URIRef)}
    kinds = {kind for kind in shapes.objects(None, SH.targetClass) if isinstance(kind, URIRef)}
    valued = set(shapes.objects(None, SH["class"]))
    return Vocabulary(
        properties=frozenset(paths | {RDF.type}),
        kinds=frozenset(kinds),
        classes=frozenset(c for kind in kinds for c in tree.descendants(kind) if isinstance(c, URIRef)),
        individuals=frozenset(t for t, types in declared.items() if types & valued and OWL.NamedIndividual in types),
        tree=tree,
    )


def is_reserved(node: Node) -> bool:
    """Whether an IRI names a term or a document of a vocabulary, so that no case may describe it."""
    iri = str(node)
    if iri.startswith(BASE):
        return not iri.startswith((GENID, _CASES))
    return isinstance(node, URIRef) and iri.startswith(_VOCABULARIES)


def check_terms(triples: Iterable[Triple]) -> tuple[list[Problem], frozenset[Triple]]:
    """Every use of a term that a case may not make, and the statements that are free of them."""
    problems: list[Problem] = []
    sound: set[Triple] = set()
    for triple in sorted(triples, key=triple_key):
        found = _problem_of(triple)
        if found is None:
            sound.add(triple)
            continue
        problems.append(found)
        if found.source_shape == rules.KNOWN_TERM and triple[1] in vocabulary().properties and triple[1] != RDF.type:
            sound.add(triple)  # only its value is unknown: that something was stated still counts
    return problems, frozenset(sound)


def _problem_of(triple: Triple) -> Problem | None:
    subject, predicate, value = triple
    if not isinstance(subject, URIRef) or not isinstance(predicate, URIRef):
        raise TypeError("Blank nodes become IRIs before terms are checked.")
    words = vocabulary()
    if _is_schema(predicate) or (predicate == RDF.type and _is_schema(value)):
        term = value if predicate == RDF.type else predicate
        said = f"{curie(term)} says what terms mean; a case states only what a record says. Remove it."
        return _error(rules.NO_SCHEMA, said, subject, predicate, value)
    if is_reserved(subject):
        said = f"This is a statement about {curie(subject)}, which is no node of a case. Remove it, or use an own IRI."
        return _error(rules.OWN_NODES, said, subject, predicate, value)
    if predicate not in words.properties:
        return _error(rules.KNOWN_TERM, _unknown(predicate, "property", words.properties), subject, predicate, value)
    if isinstance(value, Literal) and predicate != RDF.type:
        return None
    if predicate == RDF.type:
        if value in words.classes or str(value).startswith(str(ICD10CM)):
            return None
        return _error(rules.KNOWN_TERM, _unknown(value, "class", words.classes), subject, predicate, value)
    if str(value).startswith(str(EDX)) and value not in words.classes | words.individuals:
        said = _unknown(value, "term", words.classes | words.individuals)
        return _error(rules.KNOWN_TERM, said, subject, predicate, value)
    return None


def _is_schema(term: Node) -> bool:
    return term in _AXIOMS or str(term).startswith((str(OWL), str(SH)))


def _unknown(term: Node, what: str, known: Iterable[URIRef]) -> str:
    if not isinstance(term, URIRef):
        return f"{term.n3()} is no {what}."
    if term in declared_terms():
        return f"{curie(term)} is no {what} for a case: the ontology has it for something else. Remove the statement."
    near = vocabulary().near(term, among=known)
    return f"{curie(term)} is no {what} that a case may use.{near}"


def _error(rule: URIRef, message: str, node: URIRef, path: URIRef, value: Node) -> Problem:
    return Problem(Severity.ERROR, message, node=node, path=path, source_shape=rule, value=value)


def _local(iri: URIRef) -> str:
    return str(iri).replace("#", "/").rsplit("/", 1)[-1]
