"""Cases with one statement, or a few, spoilt: what no one would write, and what a slip or another system might."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from random import Random

from rdflib import OWL, RDF, RDFS, SH, XSD, Literal, URIRef
from rdflib.term import Node

from reasoner.intake.shapes import intake_shapes
from reasoner.rdf.index import Triple
from reasoner.terminology.ontology import declared_terms, hierarchy
from reasoner.terms import EDX, ICD10CM

OTHER_NODES = (URIRef("https://example.org/elsewhere"), URIRef("https://example.org/cases/readme#nothing"))
TEXTS = (
    Literal("  "), Literal("\u00a0\u2003"), Literal("plain"), Literal("text", lang="en"), Literal("9588\n"),
    Literal("95886"), Literal("9588x"), Literal("A4556"), Literal("<b>", datatype=XSD.token),
)  # fmt: skip
EMPTY = Literal("")
OF_TEXT = {"label", "title", "text", "reasonForNumber", "imagingFinding"}
NUMBERS = tuple(
    Literal(text, datatype=XSD.integer, normalize=False)
    for text in ("0", "1", "01", "+1", "-1", "9999", "10000", "1.5")
)
BOOLEANS = tuple(Literal(text, datatype=XSD.boolean, normalize=False) for text in ("true", "false", "1", "0"))
DATES = tuple(
    Literal(text, datatype=XSD.date)
    for text in ("2024-02-29", "2019-12-31", "2026-01-15", "2026-02-03", "2031-06-30", "2026-02-03Z")
)
OTHER_TIMES = (
    Literal("2026-02-03"), Literal("2026-02-03T10:00:00", datatype=XSD.dateTime),
    Literal("P42D", datatype=XSD.duration), Literal("P6M", datatype=XSD.duration), Literal("P1DT2H", datatype=XSD.duration),
)  # fmt: skip


@cache
def properties() -> tuple[URIRef, ...]:
    """Every property that a case may use, and two that it may not."""
    paths = {path for path in intake_shapes().objects(None, SH.path) if isinstance(path, URIRef)}
    return (*sorted(paths | {RDF.type}), RDFS.seeAlso, EDX.documentation)


@cache
def words() -> tuple[URIRef, ...]:
    """Individuals and classes of the ontology, some codes that it maps and some that it does not."""
    declared = declared_terms()
    individuals = sorted(term for term, types in declared.items() if OWL.NamedIndividual in types)
    classes = sorted(term for term, types in declared.items() if OWL.Class in types and str(term).startswith(str(EDX)))
    codes = sorted(str(cls) for cls in hierarchy().descendants(EDX.Diagnosis) if str(cls).startswith(str(ICD10CM)))
    unmapped = (ICD10CM["I10"], ICD10CM["E66.9"], ICD10CM["Z99.89"])
    return (*individuals, *classes, *(URIRef(code) for code in codes[::60]), *unmapped)


def mutants(statements: Sequence[Triple], count: int, random: Random) -> Iterator[frozenset[Triple]]:
    """Sets of statements that differ in one to three of them from a case."""
    nodes = sorted({s for s, _, _ in statements}, key=str)
    for _ in range(count):
        changed = set(statements)
        for _ in range(random.choice((1, 1, 1, 2, 3))):
            if changed:
                _change(changed, nodes, random)
        yield frozenset(statement for statement in changed if not _is_beyond_compare(statement))


def _change(statements: set[Triple], nodes: Sequence[Node], random: Random) -> None:
    old = random.choice(sorted(statements, key=str))
    subject, predicate, value = old
    what = random.randrange(8)
    if what == 0:
        statements.discard(old)
        return
    if what == 1:
        statements.add((subject, predicate, _value(predicate, nodes, random)))
        return
    if what == 2:
        statements.add((random.choice(nodes), random.choice(properties()), _value(predicate, nodes, random)))
        return
    if what == 3:
        statements.add((subject, RDF.type, random.choice(words())))
        return
    statements.discard(old)
    if what == 4:
        statements.add((subject, random.choice(properties()), value))
    elif what == 5:
        statements.add((random.choice(nodes), predicate, value))
    else:
        statements.add((subject, predicate, _value(predicate, nodes, random)))


def _value(predicate: Node, nodes: Sequence[Node], random: Random) -> Node:
    """A value of any kind, more often one of the kind that the property might have."""
    if random.random() < 0.5:
        for names, values in (
            ({"quantity"}, NUMBERS),
            ({"date", "onset", "dateOfService", "dateOfRequest"}, DATES),
            ({"causeKnown", "conclusive", "explainsPresentation", "patternMatches", "supportsStudy"}, BOOLEANS),
            (OF_TEXT, (EMPTY, *TEXTS)),
            ({"type", "excludesFinding", "excludesDiagnosis", "excludesEarlierStudy"}, words()),
        ):
            if _name(predicate) in names:
                return random.choice(values)
    kinds: tuple[Sequence[Node], ...] = (
        nodes,
        nodes,
        words(),
        words(),
        OTHER_NODES,
        TEXTS,
        NUMBERS,
        BOOLEANS,
        DATES,
        OTHER_TIMES,
    )
    return random.choice(random.choice(kinds))


def _is_beyond_compare(statement: Triple) -> bool:
    """A literal as a type never gets past the check of terms; an empty one at the end of a path is none to rdflib."""
    _, predicate, value = statement
    return (predicate == RDF.type and isinstance(value, Literal)) or (
        value == EMPTY and _name(predicate) not in OF_TEXT
    )


def _name(predicate: Node) -> str:
    return re.split("[#/]", str(predicate))[-1]
