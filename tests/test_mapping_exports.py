"""`edx mappings`: what leaves the project is valid where it goes, says nothing that a row denies, and carries notices.

The code sets are those of FHIR R4 (4.0.1), written out from its definitions: `fhir.resources` does not check them.
"""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from commands import edx
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.conceptmap import ConceptMap
from fhir.resources.R4B.valueset import ValueSet
from judging import knowledge
from rdflib import OWL, RDF, RDFS, SKOS, Graph, URIRef

from reasoner.cli.exits import DONE, REFUSED, USAGE
from reasoner.exchange.fhir_value_sets import value_set
from reasoner.exchange.mapping_exports import EXPORT_FORMATS, export
from reasoner.exchange.skos import skos_turtle
from reasoner.lookup.release_changes import render_changes, shipped_release
from reasoner.terminology.expansion import expansion
from reasoner.terminology.mappings import MAPPING_SETS, NO_TERM, Mapping, MappingSet, read_mapping_set
from reasoner.terminology.release import Release
from reasoner.terminology.release_tabular import packaged_release
from reasoner.terms import EDX

SETS = {name: read_mapping_set(name) for name in MAPPING_SETS}
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"

# http://hl7.org/fhir/R4/valueset-concept-map-equivalence.html
R4_EQUIVALENCE = {
    *("relatedto", "equivalent", "equal", "wider", "subsumes", "narrower", "specializes", "inexact"),
    *("unmatched", "disjoint"),
}
# http://hl7.org/fhir/R4/valueset-filter-operator.html
R4_FILTER_OPERATOR = {"=", "is-a", "descendent-of", "is-not-a", "regex", "in", "not-in", "generalizes", "exists"}
# http://hl7.org/fhir/R4/valueset-publication-status.html
R4_PUBLICATION_STATUS = {"draft", "active", "retired", "unknown"}
# http://hl7.org/fhir/R4/valueset-bundle-type.html
R4_BUNDLE_TYPE = {
    *("document", "message", "transaction", "transaction-response", "batch", "batch-response"),
    *("history", "searchset", "collection"),
}
R4_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
R4_NAME = re.compile(r"[A-Z]([A-Za-z0-9_]){0,254}")  # invariants vsd-0 and cmd-0


pytestmark = pytest.mark.usefixtures("knowledge_loaded_once")


@cache
def resources(format_: str) -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(text) for text in export(format_, MAPPING_SETS, None, knowledge()).values())


@cache
def release() -> Release:
    return packaged_release()


@cache
def below(root: str) -> frozenset[str]:
    """The code and what lies below it, by the tabular list's own links: independent of how codes are spelt."""
    found = {root}
    pending = [root]
    while pending:
        more = children().get(pending.pop(), [])
        found.update(more)
        pending.extend(more)
    return frozenset(found)


@cache
def children() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for code, entry in release().codes.items():
        if entry.parent is not None:
            found.setdefault(entry.parent, []).append(code)
    return found


def evaluated(compose: dict[str, Any]) -> set[str]:
    """What a terminology server makes of a compose over ICD-10-CM."""

    def part(entry: dict[str, Any]) -> set[str]:
        if "concept" in entry:
            return {concept["code"] for concept in entry["concept"]}
        (condition,) = entry["filter"]
        assert (condition["property"], condition["op"]) == ("concept", "is-a")
        return set(below(condition["value"]))

    included = set().union(*(part(entry) for entry in compose["include"]))
    return included.difference(*(part(entry) for entry in compose.get("exclude", ())))


def violations(resource: dict[str, Any]) -> Iterator[str]:
    """What R4 demands and the models do not check."""
    if resource["status"] not in R4_PUBLICATION_STATUS:
        yield f"status {resource['status']}"
    if not R4_ID.fullmatch(resource["id"]):
        yield f"id {resource['id']}"
    if not R4_NAME.fullmatch(resource["name"]):
        yield f"name {resource['name']}"
    for entry in (e for side in ("include", "exclude") for e in resource.get("compose", {}).get(side, ())):
        if "concept" in entry and "filter" in entry:
            yield "vsd-3: concept and filter in one include"
        for condition in entry.get("filter", ()):
            if condition["op"] not in R4_FILTER_OPERATOR:
                yield f"filter operator {condition['op']}"
    for target in targets(resource):
        if target["equivalence"] not in R4_EQUIVALENCE:
            yield f"equivalence {target['equivalence']}"
        if target["equivalence"] in ("narrower", "inexact") and not target.get("comment"):
            yield f"cmd-1: {target['code']} is {target['equivalence']} without a comment"


def targets(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for group in resource.get("group", ()):
        for element in group["element"]:
            yield from element["target"]


# FHIR -------------------------------------------------------------------------


@pytest.mark.parametrize(("format_", "model"), [("valueset", ValueSet), ("conceptmap", ConceptMap)])
def test_every_resource_is_valid_by_its_model_and_by_the_code_sets_of_r4(format_: str, model: type[Any]) -> None:
    assert len(resources(format_)) >= (90 if format_ == "valueset" else 3)
    for resource in resources(format_):
        model.model_validate(resource)
        assert not list(violations(resource)), resource["id"]
    assert max(Counter(resource["url"] for resource in resources(format_)).values()) == 1


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (lambda r: r | {"status": "final"}, "status final"),
        (lambda r: r | {"name": "nerve root"}, "name nerve root"),
        (lambda r: r | {"id": "a" * 65}, "id aaa"),
        (lambda r: r | {"compose": {"include": [{"filter": [{"op": "below"}]}]}}, "filter operator below"),
        (lambda r: r | {"group": [{"element": [{"target": [{"equivalence": "exact"}]}]}]}, "equivalence exact"),
        (lambda r: r | {"group": [{"element": [{"target": [{"code": "A", "equivalence": "narrower"}]}]}]}, "cmd-1: A"),
    ],
)
def test_a_spoilt_resource_is_noticed(spoil: Any, found: str) -> None:
    assert any(said.startswith(found) for said in violations(spoil(resources("valueset")[0])))


def test_every_resource_says_that_it_is_a_draft_and_whose_codes_it_holds() -> None:
    for resource in (*resources("valueset"), *resources("conceptmap")):
        assert resource["experimental"] is True
        assert resource["description"].startswith("Draft, not clinically reviewed.")
        assert {"url", "version", "date", "publisher", "title", "copyright"} <= resource.keys()


def test_a_compose_and_its_expansion_hold_the_same_codes() -> None:
    checked = 0
    for resource in resources("valueset"):
        if resource["id"].startswith("icd10cm-"):
            expansion = resource["expansion"]
            listed = [entry["code"] for entry in expansion["contains"]]
            assert set(listed) == evaluated(resource["compose"]), resource["id"]
            assert expansion["total"] == len(listed) == len(set(listed))
            assert expansion["timestamp"] == "2026-04-01", "the first day of the release"
            assert expansion["parameter"] == [{"name": "version", "valueUri": f"{ICD10CM}|2026"}]
            checked += 1
    assert checked >= 50


def test_an_expansion_has_the_titles_of_the_tabular_list_and_marks_headings_as_abstract() -> None:
    for resource in resources("valueset"):
        for entry in resource["expansion"]["contains"]:
            if entry["system"] == ICD10CM:
                code = release().codes[entry["code"]]
                assert (entry["display"], entry.get("abstract", False)) == (code.title, not code.billable)
                assert entry["version"] == "2026"


def test_carpal_tunnel_syndrome_has_the_four_codes_of_the_tabular_list() -> None:
    (found,) = (r for r in resources("valueset") if r["id"] == "icd10cm-CarpalTunnelSyndrome")
    listed = {entry["code"] for entry in found["expansion"]["contains"] if not entry.get("abstract")}
    assert listed == {"G56.00", "G56.01", "G56.02", "G56.03"}


def reached(row: Mapping) -> set[str]:
    """What a row speaks of: its object and all below, without excluded roots and the headings above those."""
    left_out = set[str]().union(*(below(root) for root in row.excluded_roots))
    return {code for code in below(row.code or "") - left_out if left_out.isdisjoint(below(code))}


def test_only_what_says_the_concept_by_itself_is_a_member() -> None:
    """By the rows: a code is a member where a direct or manifestation row of the concept, or of one below, reaches it."""
    for resource in resources("valueset"):
        kind, _, name = resource["id"].partition("-")
        if kind == "icd10cm":
            classes = knowledge().hierarchy.descendants(EDX[name])
            rows = [row for row in SETS["icd10cm"].mappings if row.subject in classes and row.code]
            alone = [row for row in rows if row.role in ("direct", "manifestation") and not row.negated]
            listed = {entry["code"] for entry in resource["expansion"]["contains"]}
            assert listed == set().union(*map(reached, alone)), resource["id"]
            members = {e.code for e in expansion(EDX[name]) if e.role in ("direct", "manifestation") and not e.negated}
            assert listed == members, "as in the built expansion"
    listed = {
        e["code"] for r in resources("valueset") if r["id"].startswith("icd10cm") for e in r["expansion"]["contains"]
    }
    assert not listed & {"E03.9", "M47.816", "M48.062", "R20.2", "N18.6"}, "a cause, a denial, a condition, a symptom"


def test_what_one_row_leaves_out_and_another_takes_in_is_a_member() -> None:
    row = next(r for r in SETS["icd10cm"].mappings if r.object == "ICD10CM:G56.0")
    wide = replace(row, object="ICD10CM:M51", excluded_roots=("M51.1", "M51.36"))
    found = value_set(
        SETS["icd10cm"], [wide, replace(row, object="ICD10CM:M51.16")], "made-up", "made up", "2026-04-01"
    )
    assert found is not None
    expected = (below("M51") - below("M51.1") - below("M51.36") - {"M51", "M51.3"}) | {"M51.16"}
    assert {entry["code"] for entry in found["expansion"]["contains"]} == expected
    assert evaluated(found["compose"]) == expected
    assert not list(violations(found))


def test_a_concept_map_has_every_row_and_reads_it_as_r4_defines() -> None:
    equivalent = {
        "exactMatch": "equivalent",  # "the definitions of the concepts mean the same thing"
        "narrowMatch": "narrower",  # "the target mapping is narrower in meaning than the source concept"
        "broadMatch": "wider",  # "the target mapping is wider in meaning than the source concept"
        "closeMatch": "inexact",  # "… it is uncertain whether they have the same boundaries to their meaning"
        "relatedMatch": "relatedto",  # "the concepts are related to each other, … the exact relationship is not known"
    }
    for name, mapping_set in SETS.items():
        (resource,) = (r for r in resources("conceptmap") if r["id"] == f"{name}-all")
        found = Counter(
            (element["code"], target.get("code"), target["equivalence"])
            for group in resource["group"]
            for element in group["element"]
            for target in element["target"]
        )
        expected = Counter(
            (
                row.subject.removeprefix(str(EDX)),
                row.object if row.object.startswith("HP:") else row.code,
                "unmatched"
                if row.object == NO_TERM
                else "disjoint"
                if row.negated
                else equivalent[row.predicate.rpartition("#")[2]],
            )
            for row in mapping_set.mappings
        )
        assert found == expected


def test_a_denied_row_is_disjoint_and_says_why() -> None:
    (resource,) = (r for r in resources("conceptmap") if r["id"] == "icd10cm-all")
    (element,) = (e for e in resource["group"][0]["element"] if e["code"] == "LumbosacralRadiculopathy")
    (denied,) = (target for target in element["target"] if target.get("code") == "M47.816")
    assert denied["equivalence"] == "disjoint"
    assert denied["comment"].startswith("Title denies radiculopathy")


def test_a_cause_depends_on_the_code_of_the_neuropathy() -> None:
    """Trap 6."""
    (resource,) = (r for r in resources("conceptmap") if r["id"] == "icd10cm-all")
    (element,) = (e for e in resource["group"][0]["element"] if e["code"] == "HypothyroidNeuropathy")
    assert element["target"]
    for target in element["target"]:
        assert [entry["value"] for entry in target["dependsOn"]] == ["G63"]
        assert {
            "url": "https://w3id.org/edx-reasoner/fhir/StructureDefinition/mapping-role",
            "valueCode": "etiology",
        } in (target["extension"])


def test_procedure_codes_carry_the_notice_and_no_words_of_the_ama() -> None:
    for resource in (*resources("valueset"), *resources("conceptmap")):
        if resource["id"].startswith("procedures-"):
            assert "American Medical Association" in resource["copyright"]
            compose = resource.get("compose", {}).get("include", [])
            entries = [c for part in compose for c in part["concept"]] + resource.get("expansion", {}).get(
                "contains", []
            )
            listed = [*entries, *targets(resource)]
            coded = [entry for entry in listed if re.fullmatch(r"\d{4}[0-9T]|[GS]\d{4}", entry.get("code", ""))]
            assert coded or "LOINC" in str(resource)
            assert not any("display" in entry for entry in coded)
    text = edx("mappings", "--format", "skos", "--set", "procedures").stdout
    assert "American Medical Association" in text


def test_several_resources_are_one_bundle() -> None:
    result = edx("mappings", "--format", "conceptmap")
    assert result.exit_code == DONE
    document = json.loads(result.stdout)
    assert document["type"] in R4_BUNDLE_TYPE
    bundle = Bundle.model_validate(document)
    assert [type(entry.resource).__name__ for entry in bundle.entry or []] == ["ConceptMap"] * 3


def test_a_category_is_one_value_set() -> None:
    result = edx("mappings", "--format", "valueset", "--set", "icd10cm", "--category", "nerve-root-compression")
    found = json.loads(result.stdout)
    ValueSet.model_validate(found)
    assert not list(violations(found))
    codes = {entry["code"] for entry in found["expansion"]["contains"]}
    assert {"M54.16", "M50.121", "M51.16", "M47.26"} <= codes, "heading 3 and heading 10 of the diagnosis list"
    assert not {"M47.816", "M48.062", "G56.01", "M54.50"} & codes
    assert codes == evaluated(found["compose"])


# SKOS -------------------------------------------------------------------------

PREDICATES = (SKOS.exactMatch, SKOS.closeMatch, SKOS.narrowMatch, SKOS.broadMatch, SKOS.relatedMatch)


def rows() -> list[tuple[MappingSet, Mapping]]:
    return [(mapping_set, row) for mapping_set in SETS.values() for row in mapping_set.mappings]


def stated(graph: Graph) -> set[tuple[Any, Any, Any]]:
    return {triple for predicate in PREDICATES for triple in graph.triples((None, predicate, None))}


def triples_of(pairs: Iterable[tuple[MappingSet, Mapping]]) -> set[tuple[Any, Any, Any]]:
    return {(row.subject, row.predicate, mapping_set.iri(row.object)) for mapping_set, row in pairs}


@cache
def skos() -> Graph:
    return Graph().parse(data=edx("mappings", "--format", "skos").stdout, format="turtle")


def test_what_is_affirmed_is_a_triple_and_nothing_else_is() -> None:
    affirmed = [(s, row) for s, row in rows() if not row.negated and row.object != NO_TERM]
    assert stated(skos()) == triples_of(affirmed)
    axioms = set(skos().subjects(RDF.type, OWL.Axiom))
    assert len(axioms) == len(affirmed)
    for axiom in axioms:
        named = (OWL.annotatedSource, OWL.annotatedProperty, OWL.annotatedTarget)
        assert tuple(skos().value(axiom, term) for term in named) in skos()


def test_what_is_denied_is_no_triple_but_a_negative_assertion() -> None:
    denied = [(s, row) for s, row in rows() if row.negated]
    assert len(denied) >= 31, "as many as the draft denied"
    assert not stated(skos()) & triples_of(denied)
    named = (OWL.sourceIndividual, OWL.assertionProperty, OWL.targetIndividual)
    found = [
        tuple(skos().value(node, term) for term in named)
        for node in skos().subjects(RDF.type, OWL.NegativePropertyAssertion)
    ]
    assert len(found) == len(denied)
    assert set(found) == triples_of(denied)


def test_a_denied_row_that_is_written_as_if_affirmed_is_noticed() -> None:
    pair = next((s, row) for s, row in rows() if row.negated)
    spoilt = skos_turtle([(pair[0], [replace(pair[1], negated=False)])])
    assert stated(Graph().parse(data=spoilt, format="turtle")) & triples_of([pair])


def test_a_row_without_a_term_states_no_match() -> None:
    nothing = URIRef("https://w3id.org/sssom/NoTermFound")
    assert not {s for s, _, o in stated(skos()) if o == nothing}
    found = set(skos().subjects(OWL.annotatedTarget, nothing))
    assert len(found) == sum(row.object == NO_TERM for _, row in rows())


def test_confidence_comment_and_role_go_with_each_axiom() -> None:
    role = URIRef("https://w3id.org/edx-reasoner/mappings#role")
    confidence = URIRef("https://w3id.org/sssom/confidence")
    kinds = (OWL.Axiom, OWL.NegativePropertyAssertion)
    nodes = {node for kind in kinds for node in skos().subjects(RDF.type, kind)}
    assert all((node, role, None) in skos() and (node, confidence, None) in skos() for node in nodes)
    comments = {str(comment) for node in nodes for comment in skos().objects(node, RDFS.comment)}
    assert {row.comment for _, row in rows() if row.comment and row.object != NO_TERM} == comments


def test_a_text_with_quotation_marks_and_colons_survives_and_declares_no_prefix() -> None:
    mapping_set = SETS["icd10cm"]
    comment = 'Says "M47.81-: no"; see owl:Thing and <x> \\ prov:used'
    text = skos_turtle([(mapping_set, [replace(mapping_set.mappings[0], comment=comment)])])
    assert comment in {str(o) for o in Graph().parse(data=text, format="turtle").objects(None, RDFS.comment)}
    assert "@prefix prov:" not in text


def test_every_prefix_that_is_declared_is_used() -> None:
    for name in MAPPING_SETS:
        text = edx("mappings", "--format", "skos", "--set", name).stdout
        for prefix in re.findall(r"^@prefix (\w+):", text, re.MULTILINE):
            assert re.search(rf"(?<!@prefix )\b{prefix}:\w", text), (name, prefix)


# SSSOM ------------------------------------------------------------------------


@pytest.mark.parametrize("name", MAPPING_SETS)
def test_sssom_is_the_file_as_it_is(name: str) -> None:
    assert edx("mappings", "--format", "sssom", "--set", name).stdout == SETS[name].path.read_text("utf-8")


def test_an_excerpt_says_that_it_is_one() -> None:
    text = edx("mappings", "--format", "sssom", "--set", "icd10cm", "--category", "carpal-tunnel-syndrome").stdout
    assert f'# other: "An excerpt: 1 of the {len(SETS["icd10cm"].mappings)} rows of the set."' in text
    assert text.splitlines()[-1].startswith("edx:CarpalTunnelSyndrome\t")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_sssom_py_reads_the_export_and_writes_no_denied_row_as_a_triple(tmp_path: Path) -> None:
    """As `rdf`: sssom-py's `owl` states denied rows as plain triples."""
    edx("mappings", "--format", "sssom", "-o", f"{tmp_path}/")
    for name in MAPPING_SETS:
        file, out = tmp_path / f"{name}.sssom.tsv", tmp_path / f"{name}.ttl"
        command = [sys.executable, "-m", "sssom.cli", "convert", str(file), "--output-format", "rdf", "-o", str(out)]
        subprocess.run(command, check=True, capture_output=True)
        graph = Graph().parse(out, format="turtle")
        pairs = [(SETS[name], row) for row in SETS[name].mappings]
        denied = triples_of(pair for pair in pairs if pair[1].negated)
        assert not stated(graph) & denied
        flagged = set(graph.subjects(URIRef("https://w3id.org/sssom/predicate_modifier"), None))
        assert len(flagged) == sum(row.negated for _, row in pairs)
        assert len(set(graph.subjects(OWL.annotatedTarget, None))) == len(pairs)


# The command ------------------------------------------------------------------


@pytest.mark.parametrize("format_", EXPORT_FORMATS)
def test_an_export_is_the_same_twice_and_in_a_file(format_: str, tmp_path: Path) -> None:
    arguments = ("mappings", "--format", format_, "--set", "procedures")
    assert edx(*arguments).stdout == edx(*arguments).stdout
    out = tmp_path / "new" / "file"
    assert edx(*arguments, "-o", str(out)).stdout == f"wrote {out}\n"
    assert out.read_text("utf-8") == edx(*arguments).stdout


def test_a_folder_takes_a_file_for_each_document(tmp_path: Path) -> None:
    edx("mappings", "--format", "conceptmap", "-o", f"{tmp_path}/maps/")
    assert sorted(path.name for path in (tmp_path / "maps").iterdir()) == [
        "ConceptMap-hpo-all.json",
        "ConceptMap-icd10cm-all.json",
        "ConceptMap-procedures-all.json",
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--format", "owl"],
        ["--format", "sssom"],
        ["--format", "skos", "--category", "no-such-category"],
        ["--format", "skos", "--set", "hpo", "--category", "carpal-tunnel-syndrome"],
        ["--format", "valueset", "--category", "edx:HypothyroidNeuropathy"],
        ["--format", "skos", "check"],
        ["diff"],
    ],
    ids=" ".join,
)
def test_a_question_that_cannot_be_put_is_a_usage_error(arguments: list[str]) -> None:
    result = edx("mappings", *arguments)
    assert result.exit_code == USAGE
    assert result.stderr.strip()
    assert not result.stdout


@pytest.mark.parametrize("command", ["check", "diff"])
def test_the_commands_below_explain_themselves(command: str) -> None:
    told = edx("mappings", command, "--help")
    assert told.exit_code == DONE
    assert "Exit codes:" in told.output
    assert max(map(len, told.output.splitlines())) <= 100


def test_the_sets_of_the_package_are_sound() -> None:
    result = edx("mappings", "check")
    assert (result.exit_code, result.stdout) == (DONE, "3 mapping sets, 0 problems\n")


def test_every_problem_of_every_set_is_named_at_once_with_file_and_line(tmp_path: Path) -> None:
    lines = SETS["icd10cm"].path.read_text("utf-8").splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if "ICD10CM:G56.0\t" in line)
    one, two, none = (tmp_path / f"{name}.sssom.tsv" for name in ("one", "two", "none"))
    one.write_text("".join([*lines[:at], lines[at].replace("G56.0\t", "G56.ZZ\t"), *lines[at + 1 :]]), "utf-8")
    two.write_text("".join([*lines[:at], lines[at].replace("\t0.95\t", "\tmuch\t"), *lines[at + 1 :]]), "utf-8")
    result = edx("mappings", "check", str(one), str(two), str(none))
    assert result.exit_code == REFUSED
    assert f"one.sssom.tsv:{at + 1}: " in result.stdout
    assert f"two.sssom.tsv:{at + 1}: confidence must be a number" in result.stdout
    assert "none.sssom.tsv: cannot be read as a mapping set: No such file or directory." in result.stdout
    assert result.stdout.splitlines()[-1].startswith("3 mapping sets, ")


# Another release --------------------------------------------------------------


def order_file(path: Path, changed: dict[str, tuple[str, bool] | None]) -> str:
    from test_release import order_line

    codes = {code: (entry.title, entry.billable) for code, entry in release().codes.items() if code[0] in "EGM"}
    merged = {code: entry for code, entry in {**codes, **changed}.items() if entry is not None}
    text = "".join(order_line(n % 99999, code, *merged[code]) + "\n" for n, code in enumerate(sorted(merged), 1))
    path.write_text(text, "utf-8")
    return str(path)


def test_what_a_release_changes_is_told_by_concept(tmp_path: Path) -> None:
    file = order_file(
        tmp_path / "icd10cm-order-2027.txt",
        {
            "G56.0": None,
            "G12.21": ("Amyotrophic lateral sclerosis, renamed", True),
            "M54.1A": ("Radiculopathy, of a new kind", True),
        },
    )
    result = edx("mappings", "diff", file)
    assert result.exit_code == DONE
    said = result.stdout
    assert "From ICD-10-CM FY2026, release of 2026-04-01" in said
    assert "to ICD-10-CM FY2027, release of 2026-10-01" in " ".join(said.split())
    line = next(row.line for row in SETS["icd10cm"].mappings if row.object == "ICD10CM:G56.0")
    blocks = {block.splitlines()[0]: block for block in said.split("\n\n")[1:]}
    assert (
        f"! icd10cm.sssom.tsv:{line}: G56.0 is no code of the new release"
        in blocks["carpal tunnel syndrome [edx:CarpalTunnelSyndrome]"]
    )
    assert "+ M54.1A Radiculopathy, of a new kind" in blocks["radiculopathy [edx:Radiculopathy]"]
    assert "renamed" in blocks["amyotrophic lateral sclerosis [edx:AmyotrophicLateralSclerosis]"]
    assert not any("Plexopathy]" in title for title in blocks), "what stays is only counted"
    told = json.loads(edx("mappings", "diff", file, "--format", "json").stdout)
    changes = {change["concept"]: change for change in told["changes"]}
    assert changes["edx:Radiculopathy"]["added"] == [{"code": "M54.1A", "title": "Radiculopathy, of a new kind"}]
    assert changes["edx:CarpalTunnelSyndrome"]["vanished_roots"] == [{"code": "G56.0", "line": line}]


def test_the_release_that_is_compared_with_is_the_one_that_the_tables_were_built_from() -> None:
    shipped = shipped_release()
    assert shipped.codes == release().codes
    assert (shipped.fiscal_year, shipped.in_force_from, shipped.in_force_to) == (
        release().fiscal_year,
        release().in_force_from,
        release().in_force_to,
    )
    concepts = {row.subject for row in SETS["icd10cm"].mappings if row.code}
    told = render_changes(release(), knowledge(), "text")
    assert told.endswith(f"{len(concepts)} concepts: 0 with changes, {len(concepts)} without.\n")


def test_a_release_that_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "icd10cm-order-2027.txt"
    file.write_text("no order file\n", "utf-8")
    result = edx("mappings", "diff", str(file))
    assert (result.exit_code, result.stdout) == (REFUSED, "")
    assert "E102: icd10cm-order-2027.txt, line 1" in result.stderr
