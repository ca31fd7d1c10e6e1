"""The terms as ontology, shapes, cases and program use them: none misspelt, none used against its description.

RDF swallows a misspelt term; a shape that contains one never runs.
"""

import re
from collections import defaultdict
from importlib import resources
from pathlib import Path

import pyoxigraph as ox
import pytest
import yaml
from rdflib import DCTERMS, OWL, PROV, RDF, RDFS, SH, SKOS, XSD, URIRef
from rdflib.namespace import DefinedNamespace
from rdflib.term import Node
from written import FOLDERS, SYNTAXES, curies, files, name, prefixes, quads, terms_in_query, used_terms

from reasoner.exchange.skos import skos_turtle
from reasoner.terminology.mappings import MAPPING_SETS, read_mapping_set
from reasoner.terminology.ontology import declared_terms, hierarchy, load_ontology
from reasoner.terms import EDX, PREFIXES

VOCABULARIES: dict[str, type[DefinedNamespace]] = {
    str(vocabulary): vocabulary for vocabulary in (DCTERMS, OWL, PROV, RDF, RDFS, SH, SKOS, XSD)
}


def unknown(namespace: str) -> dict[str, set[str]]:
    """The used terms of a namespace that its vocabulary does not have, with the places of their use."""
    vocabulary = VOCABULARIES[namespace]
    used = {term: places for term, places in used_terms().items() if term.startswith(namespace) and term != namespace}
    return {term: places for term, places in used.items() if URIRef(term) not in vocabulary}


def test_the_files_are_found() -> None:
    found = [name(path).split("/")[0] for path in files(*SYNTAXES)]
    assert found.count("ontology") == len(list(FOLDERS["ontology"].glob("*.ttl"))) + 1 >= 17  # and the context
    assert found.count("shapes") >= 19
    assert found.count("cases") >= 200
    assert {place.split("/")[0] for places in used_terms().values() for place in places} == {*FOLDERS, "program"}
    assert sum(term.startswith(str(EDX)) for term in used_terms()) > 350


@pytest.mark.parametrize("namespace", VOCABULARIES)
def test_no_term_is_used_that_its_vocabulary_does_not_have(namespace: str) -> None:
    assert unknown(namespace) == {}


def test_no_property_and_no_type_is_of_a_vocabulary_that_is_not_checked() -> None:
    """Our own terms are the matter of tests/hygiene/term-undeclared-violation.rq, and codes that of intake."""
    checked = (*VOCABULARIES, str(EDX), *(PREFIXES[codes] for codes in ("cpt", "hcpcs", "icd10cm")))
    for path in files(*SYNTAXES):
        for quad in quads(path):
            used = [quad.predicate, *([quad.object] if quad.predicate.value == str(RDF.type) else [])]
            for term in used:
                assert isinstance(term, ox.BlankNode) or str(term).strip("<>").startswith(checked), (name(path), term)


def sssom_terms() -> set[str]:
    """What SSSOM names: classes, slots, and the meanings of its values, from its own LinkML schema."""
    schema = yaml.safe_load(resources.files("sssom_schema").joinpath("schema/sssom_schema.yaml").read_text("utf-8"))
    classes = {"".join(word[0].upper() + word[1:] for word in named.split()) for named in schema["classes"]}
    values = {
        value.get("meaning", "") for kind in schema["enums"].values() for value in kind["permissible_values"].values()
    }
    return classes | set(schema["slots"]) | {meaning.removeprefix("sssom:") for meaning in values}


def test_no_term_of_sssom_is_used_that_its_schema_does_not_have() -> None:
    """In the mapping sets, in what is exported of them, and in the questions about them."""
    sets = [read_mapping_set(name) for name in MAPPING_SETS]
    texts = [skos_turtle([(one, one.mappings) for one in sets])]
    texts += [path.read_text("utf-8") for path in [*files(".rq"), *(one.path for one in sets)]]
    used = {word for text in texts for word in re.findall(r"(?<!\w)sssom:(\w+)", re.sub(r'"[^"\n]*"', " ", text))}
    assert {"NoTermFound", "NegatedPredicate", "mapping_justification"} <= used
    assert used - sssom_terms() == set()
    assert "mapping_justifcation" not in sssom_terms()


def test_a_misspelt_term_would_be_seen() -> None:
    """`sh:shape` stood for `sh:node` in a well-known profile; five of its checks never ran."""
    assert SH.node in VOCABULARIES[str(SH)]
    assert URIRef(str(SH) + "shape") not in VOCABULARIES[str(SH)]
    query = 'SELECT ?x { ?x edx:hasFindng/sh:pth ?y . # edx:comment\n FILTER(?y != "edx:text" && ?y != <sh:iri>) }'
    assert set(terms_in_query(query)) == {str(EDX) + "hasFindng", str(SH) + "pth"}
    assert set(curies("edx:Nerve\tICD10CM:M54\ticd10cm:M54.16.")) == {
        str(EDX) + "Nerve",
        PREFIXES["icd10cm"] + "M54.16",
    }


# Turtle


@pytest.mark.parametrize("path", [p for p in files(".ttl") if not name(p).startswith("cases")], ids=name)
def test_a_file_declares_its_prefixes_sorted_and_none_that_it_does_not_use(path: Path) -> None:
    declared = [prefix for prefix, _ in prefixes(path)]
    assert declared == sorted(declared)
    text = re.sub(r"(?m)^@prefix.*$", "", path.read_text(encoding="utf-8"))
    bare = re.sub(r'"""(?:.|\n)*?"""|"(?:[^"\\\n]|\\.)*"|<[^>\s]*>|(?m:(?:^|\s)#.*$)', " ", text)
    used = set(re.findall(r"(?<![\w:-])([\w-]*):", bare))
    assert set(declared) == used


# Domains and ranges

ONTOLOGY = load_ontology()


def classes_of(value: Node) -> set[Node]:
    union = ONTOLOGY.value(value, OWL.unionOf)
    return {value} if union is None else set(ONTOLOGY.items(union))


DOMAINS = {str(prop): classes_of(value) for prop, value in ONTOLOGY.subject_objects(RDFS.domain)}
RANGES = {
    str(prop): classes_of(value)
    for prop, value in ONTOLOGY.subject_objects(RDFS.range)
    if (prop, RDF.type, OWL.ObjectProperty) in ONTOLOGY
}


def inferred(path: Path) -> set[tuple[str, str, str]]:
    """Property, side and node, where a domain or range says of a node what its types do not.

    The payer of a case is left out: the case names it, and the policy's file says what it is.
    """
    types: dict[str, set[Node]] = defaultdict(set, {str(term): set(kinds) for term, kinds in declared_terms().items()})
    stated = [(str(q.subject).strip("<>"), q.predicate.value, q.object) for q in quads(path)]
    for subject, predicate, value in stated:
        if predicate == str(RDF.type):
            types[subject].add(URIRef(str(value).strip("<>")))
    found = set()
    for subject, predicate, value in stated:
        sides = {"domain": (subject, DOMAINS.get(predicate))}
        if not isinstance(value, ox.Literal) and predicate != str(EDX.payer):
            sides["range"] = (str(value).strip("<>"), RANGES.get(predicate))
        for side, (node, expected) in sides.items():
            if expected and not any(expected & hierarchy().ancestors(cls) for cls in types[node]):
                found.add((predicate.removeprefix(str(EDX)), side, node))
    return found


@pytest.mark.parametrize("folder", ["shapes/policies", "cases"])
def test_no_domain_or_range_infers_a_class_that_a_node_does_not_state(folder: str) -> None:
    """Otherwise a reasoner would take a node for what its author did not say it is."""
    assert len(DOMAINS) > 50
    assert len(RANGES) > 30
    top, _, rest = folder.partition("/")
    found = sorted((FOLDERS[top] / rest).rglob("*.ttl"))
    assert found
    assert {path: inferred(path) for path in found if inferred(path)} == {}


def test_an_inferred_class_would_be_seen(tmp_path: Path) -> None:
    path = tmp_path / "wrong.ttl"
    path.write_text(f"@prefix edx: <{EDX}> . <urn:x> a edx:Numbness ; edx:certainty edx:Left .", encoding="utf-8")
    assert inferred(path) == {("certainty", "domain", "urn:x"), ("certainty", "range", str(EDX.Left))}
