"""The terms that a case may use, and the name of every one that it may not.

The intake shapes are the one source: a property is allowed when a property shape has it as its path, a class when it
lies at or below the target of a shape. Everything else is refused by name.
"""

import typing
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, cached_property, lru_cache
from typing import Final

from rdflib import OWL, RDF, RDFS, SH, Literal, URIRef
from rdflib.term import Node

from reasoner.case import Problem, Severity, curie
from reasoner.intake import rules
from reasoner.intake.shapes import intake_shapes
from reasoner.rdf.index import Hierarchy, Triple
from reasoner.rdf.nodes import as_token, interned
from reasoner.terminology.ontology import declared_terms, hierarchy
from reasoner.terms import BASE, EDX, GENID, ICD10CM, PREFIXES

_CASES: Final = BASE + "case/"
_VOCABULARIES: Final = (*(PREFIXES[name] for name in PREFIXES if name not in {"edx", "aetna", "bcbsnd"}),)
_AXIOMS: Final = frozenset({RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range, RDFS.Class})
_OF_TYPE: Final = frozenset({interned(RDF.type)})
_GUESSED_AT_MOST: Final = 50  # unknown terms of one case for which the nearest known one is looked for
_LONGEST_NAME: Final = 100  # of such a term, in characters
_starts: Final = str.startswith
_EDX, _ICD10CM, _META = str(EDX), str(ICD10CM), (str(OWL), str(SH))


@dataclass(frozen=True)
class Vocabulary:
    """What a case may say: properties, kinds of thing with all classes below them, individuals."""

    properties: frozenset[URIRef]
    kinds: frozenset[URIRef]
    classes: frozenset[URIRef]
    individuals: frozenset[URIRef]
    tree: Hierarchy

    @cached_property
    def statable(self) -> frozenset[URIRef]:
        """The properties but `rdf:type`."""
        return frozenset(term for term in self.properties - _OF_TYPE if not _is_schema(term))

    @cached_property
    def values(self) -> frozenset[URIRef]:
        """Classes and individuals."""
        return self.classes | self.individuals

    def near(self, term: URIRef, *, among: frozenset[URIRef]) -> str:
        """The nearest known term, as the end of a message."""
        name, by_name = _local(term).lower(), _by_name(among)
        found = get_close_matches(name, by_name, n=1, cutoff=0.65) if len(name) <= _LONGEST_NAME else []
        return f" Did you mean {curie(by_name[found[0]])}?" if found else ""


@lru_cache(maxsize=8)
def _by_name(terms: frozenset[URIRef]) -> dict[str, URIRef]:
    return {_local(term).lower(): term for term in sorted(terms)}


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary of a case, from the intake shapes and the ontology."""
    shapes, tree, declared = intake_shapes(), hierarchy(), declared_terms()
    paths = {path for path in shapes.objects(None, SH.path) if isinstance(path, URIRef)}
    kinds = {kind for kind in shapes.objects(None, SH.targetClass) if isinstance(kind, URIRef)}
    valued = set(shapes.objects(None, SH["class"]))
    individuals = (t for t, types in declared.items() if types & valued and OWL.NamedIndividual in types)
    return Vocabulary(
        properties=frozenset(map(interned, paths)) | _OF_TYPE,
        kinds=frozenset(map(interned, kinds)),
        classes=frozenset(interned(c) for kind in kinds for c in tree.descendants(kind) if isinstance(c, URIRef)),
        individuals=frozenset(map(interned, individuals)),
        tree=tree,
    )


@lru_cache(maxsize=4_096)
def kinds_within(classes: frozenset[Node]) -> frozenset[Node]:
    """The kinds of thing among some classes."""
    return classes & vocabulary().kinds


def is_reserved(node: Node) -> bool:
    """Whether an IRI names a term or a document of a vocabulary, so that no case may describe it."""
    iri = str(node)
    if iri.startswith(BASE):
        return not iri.startswith((GENID, _CASES))
    return isinstance(node, URIRef) and iri.startswith(_VOCABULARIES)


def are_own(nodes: Iterable[Node]) -> bool:
    """Whether a case may describe all of some nodes."""
    return not any(type(node) is not URIRef or (_starts(node, _RESERVED) and is_reserved(node)) for node in nodes)


_RESERVED: Final = (BASE, *_VOCABULARIES)


def is_reserved_graph(name: str) -> bool:
    """Whether the name of a graph is one that a dataset of ours may have, or that of a vocabulary."""
    return (name.startswith(BASE) and not name.startswith(_CASES)) or name.startswith(_VOCABULARIES)


def check_terms(statements: Iterable[Triple]) -> tuple[list[Problem], tuple[Triple, ...]]:
    """Every use of a term that a case may not make, and the statements that are free of them.

    Both come in the order in which the statements are given: that of their N-Triples.
    """
    words = vocabulary()
    statable, values, classes = words.statable, words.values, words.classes
    problems: list[Problem] = []
    sound: list[Triple] = []
    last, is_own = None, False
    for triple in statements:
        subject, predicate, value = triple
        if subject is not last:
            last, is_own = subject, type(subject) is URIRef and not is_reserved(subject)
        # what most statements are; whatever is not is looked at more closely
        if is_own and predicate in statable:
            if type(value) is Literal or value in values or (type(value) is URIRef and not _starts(value, _EDX)):
                sound.append(triple)
                continue
        elif is_own and predicate in _OF_TYPE and value in classes:
            sound.append(triple)
            continue
        found = _problem_of(triple, guess=len(problems) < _GUESSED_AT_MOST)
        if found is None:
            sound.append(triple)
            continue
        problems.append(found)
        if found.source_shape == rules.KNOWN_TERM and predicate in statable:
            sound.append(triple)  # only its value is unknown: that something was stated still counts
    return problems, tuple(sound)


def is_admitted(predicate: Node, value: Node) -> bool:
    """Whether a case may say this of a node of its own."""
    return _problem_of((_SOME_NODE, predicate, value), guess=False) is None


_SOME_NODE: Final = URIRef(GENID + "some/node")


def _problem_of(triple: Triple, *, guess: bool) -> Problem | None:
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
        return _error(rules.KNOWN_TERM, _unknown(predicate, "property", guess), subject, predicate, value)
    if isinstance(value, Literal) and predicate != RDF.type:
        return None
    if predicate == RDF.type:
        if value in words.classes or (isinstance(value, URIRef) and str(value).startswith(_ICD10CM)):
            return None
        return _error(rules.KNOWN_TERM, _unknown(value, "class", guess), subject, predicate, value)
    if str(value).startswith(_EDX) and value not in words.values:
        return _error(rules.KNOWN_TERM, _unknown(value, "term", guess), subject, predicate, value)
    return None


def _is_schema(term: Node) -> bool:
    return term in _AXIOMS or str(term).startswith(_META)


@lru_cache(maxsize=1_024)
def _unknown(term: Node, what: typing.Literal["property", "class", "term"], guess: bool) -> str:
    if not isinstance(term, URIRef):
        return f"{as_token(term)} is no {what}."
    if term in declared_terms():
        return f"{curie(term)} is no {what} for a case: the ontology has it for something else. Remove the statement."
    words = vocabulary()
    known = {"property": words.properties, "class": words.classes, "term": words.values}[what]
    near = words.near(term, among=known) if guess else ""
    return f"{curie(term)} is no {what} that a case may use.{near}"


def _error(rule: URIRef, message: str, node: URIRef, path: URIRef, value: Node) -> Problem:
    return Problem(Severity.ERROR, message, node=node, path=path, source_shape=rule, value=value)


def _local(iri: URIRef) -> str:
    return str(iri).replace("#", "/").rsplit("/", 1)[-1]
