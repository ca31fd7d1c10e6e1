"""Law 5: whatever is added to a case is refused, or changes no status but as the facts in it do.

    python tests/interference.py N

adds graphs over every vocabulary at hand to N made-up cases. What the facts alone give is said by a model of its own:
the words of the published JSON-LD context, which is what the documentation says a case may state, and the class tree of
the ontology's files. An added statement is a fact when its subject is nothing that a vocabulary names, its property is a
word of the context, and its class, if it is about a type, is a word of the context or a code. The facts, beside the
case, are assessed afresh; intake has no part in that.
"""

import gzip
import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from random import Random

from judging import POLICIES, editions, knowledge
from rdflib import DCTERMS, OWL, PROV, RDF, RDFS, SH, SKOS, Literal, URIRef
from rdflib.term import Node
from strategies import CLINICAL, COMPLETE, Draft, coverable, draft

import reasoner
from reasoner.case import Case
from reasoner.evaluation.criteria import Assessor, Status
from reasoner.evaluation.leaves import leaves_of
from reasoner.rdf.index import Hierarchy, Index, Triple, in_order
from reasoner.resources import data_folder
from reasoner.terminology.procedures import procedure
from reasoner.terms import BASE, EDX, ICD10CM

OURS = "https://w3id.org/edx-reasoner/"
AXIOMS = (
    RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range, OWL.sameAs, OWL.equivalentClass, OWL.disjointWith,
    OWL.imports, OWL.equivalentProperty, OWL.inverseOf, OWL.onProperty, OWL.someValuesFrom, OWL.hasValue, OWL.unionOf,
    OWL.complementOf, OWL.differentFrom, RDFS.seeAlso, RDFS.isDefinedBy, RDFS.comment, RDFS.member,
)  # fmt: skip
SHAPES = (SH.deactivated, SH.severity, SH["in"], SH.targetNode, SH.targetClass, SH.property, SH.node, SH["not"], SH.minCount, SH.maxCount, SH.conforms, SH.result, SH.rule, SH.sparql)  # fmt: skip
BESIDE = (SKOS.broader, SKOS.exactMatch, SKOS.notation, SKOS.prefLabel, PROV.wasDerivedFrom, PROV.used, PROV.generatedAtTime, DCTERMS.source, DCTERMS.title, DCTERMS.identifier, DCTERMS.isReplacedBy)  # fmt: skip
KINDS = (OWL.Class, OWL.ObjectProperty, OWL.NamedIndividual, OWL.Ontology, OWL.Restriction, RDFS.Class, RDF.Property, SH.NodeShape, SH.PropertyShape, SH.ValidationReport, PROV.Activity, PROV.Entity, SKOS.Concept, EDX.Determination, EDX.Assessment, EDX.Criterion, EDX.PolicyEdition)  # fmt: skip


# The model ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Words:
    """The published context: what a case may say."""

    properties: frozenset[str]
    classes: frozenset[str]


@cache
def words() -> Words:
    context = json.loads((data_folder("ontology") / "context.jsonld").read_text("utf-8"))["@context"]
    prefixes = {k: v for k, v in context.items() if isinstance(v, str) and "://" in v}

    def iri(word: str) -> str:
        prefix, _, local = word.partition(":")
        return prefixes[prefix] + local

    named = {word: value["@id"] if isinstance(value, dict) else value for word, value in context.items() if not word.startswith("@")}  # fmt: skip
    named = {word: iri(value) for word, value in named.items() if "://" not in value and not value.startswith("@")}
    return Words(
        frozenset(value for word, value in named.items() if word[0].islower()),
        frozenset(value for word, value in named.items() if word[0].isupper()),
    )


@cache
def codes() -> frozenset[str]:
    with gzip.open(data_folder("ontology") / "icd10cm_codes.tsv.gz", "rt", encoding="utf-8") as lines:
        return frozenset(str(ICD10CM) + line.split("\t")[0] for line in lines)


def is_fact(triple: Triple) -> bool:
    """Whether a statement is one that a case may make, by the model."""
    subject, predicate, value = triple
    foreign = ("http://www.w3.org/", "http://purl.org/", "http://purl.bioontology.org/")
    if str(subject).startswith(foreign) or (
        str(subject).startswith(OURS) and not str(subject).startswith(OURS + "case/")
    ):
        return False
    if predicate == RDF.type:
        return str(value) in words().classes or str(value) in codes() or is_procedure_class(value)
    return str(predicate) in words().properties


def is_procedure_class(value: Node) -> bool:
    found = procedure(str(value).rpartition("/")[2])
    return found is not None and found.iri == value


def with_procedures(triples: set[Triple]) -> set[Triple]:
    """The class of each procedure code, as the ontology defines it."""
    derived = set(triples)
    for s, p, o in triples:
        found = procedure(str(o)) if p == EDX.procedureCode else None
        if found is not None:
            derived.add((s, RDF.type, found.iri))
        if p == RDF.type and is_procedure_class(o):
            derived.add((s, EDX.procedureCode, Literal(str(o).rpartition("/")[2])))
    return derived


Statuses = dict[tuple[str, URIRef, Node], Status]


def statuses(request: URIRef, triples: set[Triple], *, heeding_axioms: bool = False) -> Statuses:
    """The status of every criterion of every policy for the request and each study.

    The class tree is that of the ontology. One that heeds axioms takes those of the case too, as an engine does that
    reads one merged graph; so would pySHACL as the reference engine, were they let in.
    """
    tree = knowledge().hierarchy
    if heeding_axioms:
        parents = dict(tree.parents)
        for s, p, o in triples:
            if p == RDFS.subClassOf:
                parents[s] = parents.get(s, frozenset()) | {o}
        tree = Hierarchy(parents) if len(parents) != len(tree.parents) or parents != tree.parents else tree
    index = Index(in_order(triples), tree)
    found: Statuses = {}
    for slug in POLICIES:
        edition = editions()[slug]
        assessor = Assessor(index, leaves_of(edition))
        for criterion in edition.criteria.values():
            nodes = [request] if criterion.applies_to == EDX.Request else index.objects(request, EDX.requestsStudy)
            for node in nodes:
                found[slug, criterion.iri, node] = assessor.assess(criterion, node).status
    return found


# The graphs that are added --------------------------------------------------------------


@cache
def vocabulary_terms() -> tuple[Node, ...]:
    """Every IRI that the ontology, the policies and the shapes use."""
    found: set[Node] = set(knowledge().hierarchy.parents)
    for edition in knowledge().editions:
        found |= {t for triple in edition.graph for t in triple if isinstance(t, URIRef) and str(t).startswith(OURS)}
        found.add(edition.iri)
    return tuple(sorted(found, key=str))


@cache
def predicates() -> tuple[URIRef, ...]:
    ours = {
        URIRef(str(t)) for t in vocabulary_terms() if str(t).startswith(str(EDX)) and str(t)[len(str(EDX))].islower()
    }
    return tuple(sorted(ours, key=str))


@cache
def case_words() -> tuple[URIRef, ...]:
    return tuple(URIRef(p) for p in sorted(words().properties))


def addition(random: Random, case: Case) -> set[Triple]:
    """One to four statements that some system might add to a case."""
    own = sorted({s for s, _, _ in case.triples}, key=str)
    types = sorted({o for _, p, o in case.triples if p == RDF.type}, key=str)
    others = [URIRef("https://example.org/another-case#request"), URIRef("urn:uuid:0"), URIRef(BASE + "case/x")]
    if random.random() < 0.4:  # what a clinician adds: facts
        made = Draft(random, "https://example.org/addition#", set())
        for _ in range(random.randint(1, 2)):
            random.choice((*CLINICAL, *COMPLETE[:-1]))(made)
        found = {tuple(case.iri if t == made.request else t for t in triple) for triple in made.triples}
        if random.random() < 0.6:
            return found  # type: ignore[return-value]
    else:
        found = set()
    for _ in range(random.randint(1, 3)):
        subject = random.choice([*own, *own, *types, random.choice(vocabulary_terms()), *others])
        predicate = random.choice(
            [random.choice(AXIOMS), random.choice(SHAPES), random.choice(BESIDE), random.choice(predicates()),
             random.choice(case_words()), random.choice(case_words()), RDF.type, RDF.type, RDFS.subClassOf, URIRef("https://example.org/p")]
        )  # fmt: skip
        values = [random.choice(types), random.choice(own), random.choice(vocabulary_terms()), random.choice(KINDS),
                  random.choice([*map(URIRef, sorted(words().classes))]), Literal("x"), Literal(True), Literal(7), random.choice(others)]  # fmt: skip
        value = random.choice(values[:5] if predicate in (RDF.type, RDFS.subClassOf, OWL.equivalentClass) else values)
        found.add((subject, predicate, value))
    if random.random() < 0.15:  # the axiom most worth having: what the case says is made a kind of something else
        classes = sorted(words().classes)
        found = {(random.choice(types), RDFS.subClassOf, URIRef(random.choice(classes)))}
    return found  # type: ignore[return-value]


# The law ------------------------------------------------------------------------------


@dataclass
class Tally:
    """What came of it."""

    graphs: int = 0
    refused: int = 0
    admitted: int = 0
    more_than_facts: int = 0
    statuses: int = 0
    changed: list[str] = field(default_factory=list)
    rules: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        return (
            f"{self.graphs} graphs tried, {self.refused} refused, {self.admitted} admitted, "
            f"{self.statuses} statuses compared, {len(self.changed)} changed"
        )


def held(seed: int, tally: Tally) -> None:
    """Add one graph to one case, and compare."""
    random = Random(seed)
    base = f"https://example.org/law-5-{seed}#"
    case = coverable(random, base=base) if seed % 2 else draft(random, base=base).case()
    added = addition(random, case)
    every = set(case.triples) | added
    lines = "".join(f"{s.n3()} {p.n3()} {o.n3()} .\n" for s, p, o in every)
    tally.graphs += 1
    result = reasoner.validate(lines.encode(), name=f"{seed}.nt")  # an added request is a case of its own
    entry = next((found for found in result.cases if found.iri == case.iri), None)
    if entry is None:
        problems = [problem for refusal in result.refusals for problem in refusal.problems]
        assert problems, seed
        assert all(problem.message and problem.source_shape for problem in problems), seed
        tally.refused += 1
        tally.rules.update({str(p.source_shape).rpartition("/")[2] for p in problems if p.severity == "error"})
        return
    tally.admitted += 1
    facts = with_procedures(set(case.triples) | {triple for triple in added if is_fact(triple)})
    expected = statuses(case.iri, facts)
    for heeding in (False, True):
        given = statuses(entry.iri, set(entry.triples), heeding_axioms=heeding)
        tally.statuses += len(expected)
        tally.changed += [
            f"seed {seed}: {key[1]} is {given.get(key)}, by the facts {status}; added: {sorted(added, key=str)}"
            for key, status in expected.items()
            if given.get(key) is not status
        ]
    if set(entry.triples) - facts:
        tally.more_than_facts += 1
        tally.changed.append(f"seed {seed}: more than facts was let in: {set(entry.triples) - facts}")


def tried(count: int, *, start: int = 0) -> Tally:
    tally = Tally()
    for seed in range(start, start + count):
        held(seed, tally)
    return tally


if __name__ == "__main__":
    result = tried(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
    print(result)
    print(", ".join(f"{rule} {number}" for rule, number in result.rules.most_common()))
    print("\n".join(result.changed[:20]))
    sys.exit(bool(result.changed))
