"""The layout is the architecture: imports point downwards, modules stay short, public names are few and documented."""

import ast
import re
from pathlib import Path

import pytest

import reasoner
from reasoner.version import VERSION

PACKAGE = Path(reasoner.__file__).parent

LAYERS = (
    {"version", "terms", "resources", "errors", "nodes", "statuses", "patterns", "source_graph"},
    {"case_streams", "index", "mappings", "plain_text", "policy_terms", "shacl_terms", "release", "turtle", "shapes", "tables", "case_text", "scenarios"},
    {"archives", "defects", "fhir", "leaf_forms", "lexical", "procedures", "release_notes", "release_years", "shacl_targets", "shape_parameters", "shape_paths", "skos"},
    {"counting", "policy_heading", "contradiction_queries", "reached", "shape_dispatch", "shape_possible", "shape_tests", "shape_values", "tokens", "trig_stream", "procedures_build", "release_tabular"},
    {"canonical", "hermit", "terminology", "components", "date_queries", "shape_reader", "policy", "jsonld", "output"},
    {"ontology", "outline", "proof_steps", "signatures", "shape_closures", "case", "criterion_classes", "release_files", "syntax", "policy_loader"},
    {"batch_inputs", "case_parts", "proofs", "contradictions", "fhir_concept_maps", "fhir_value_sets", "intake_knowledge", "intake_queries", "shacl_results"},
    {"batch_journal", "case_draft", "grounds", "compiled_shapes", "intake_rules", "intake_shapes", "mapping_checks", "pyshacl_engine", "terminology_tables"},
    {"expansion", "generate", "leaves", "release_diff", "terminology_classes"},
    {"pyshacl_leaves", "reasoning", "terminology_build"},
    {"vocabulary", "intake_diagnoses", "intake_procedures", "intake_content", "intake_report", "criteria", "knowledge", "phrases"},
    {"splitting", "settle", "intake_codes", "synthetic"},
    {"intake", "categories", "code_policies"},
    {"determination", "code_meaning"},
    {"determining", "named_statuses", "report_content", "report_forms", "results", "view", "code_json", "render_codes", "render_procedures"},
    {"report_terms", "rows", "view_builder", "view_reader", "wording", "mapping_exports", "release_changes", "render_categories", "summary"},
    {"report_pieces", "query_output", "presentation", "explain", "render_policy", "render_json"},
    {"report_citations", "report_results"},
    {"report_text"},
    {"query", "report"},
    {"templating"},
    {"criterion_names", "population_plots"},
    {"render_text", "render_markdown", "render_html"},
    {"render", "impact", "render_tables", "summary_tables"},
    {"impact_tables", "batch_forms"},
    {"population_pictures", "batch_outputs", "batch_worker"},
    {"batch_pool"},
    {"batch", "spark", "spark_inputs"},
    {"__init__"},
    {"cli_lazy", "cli_options", "exits"},
    {"batch_progress"},
    {"population"},
    {"cli_batch", "cli_generate", "cli_population", "cli_questions", "cli_spark", "cli_terminology"},
    {"cli"},
    {"__main__"},
)  # fmt: skip
"""From the ground up; a module imports only from layers below its own."""

LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
MODULES = sorted(PACKAGE.glob("*.py"))


def imports(path: Path) -> set[str]:
    """The modules of the package that a module imports, at its top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "reasoner":
            _, _, rest = node.module.partition(".")
            found |= {rest} if rest else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[2] for alias in node.names if alias.name.startswith("reasoner.")}
    return found


def test_every_module_has_a_layer() -> None:
    assert {path.stem for path in MODULES} == set(LEVEL)
    assert len(LEVEL) == sum(map(len, LAYERS)), "a module stands in two layers"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_imports_only_from_layers_below(path: Path) -> None:
    upward = {name for name in imports(path) if LEVEL[name] >= LEVEL[path.stem]}
    assert not upward, f"{path.stem} imports {sorted(upward)}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_is_short_and_named_for_what_it_does(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 320
    assert not re.search(r"util|helper|common|misc", path.stem)


def test_public_names_are_few_sorted_and_documented() -> None:
    assert reasoner.__all__ == sorted(reasoner.__all__)
    assert len(reasoner.__all__) <= 18
    for name in set(reasoner.__all__) - {"__version__"}:
        assert (getattr(reasoner, name).__doc__ or "").strip(), name


def test_the_changelog_knows_the_version() -> None:
    changelog = (Path(__file__).parent.parent / "CHANGELOG.md").read_text("utf-8")
    assert re.search(rf"^## {re.escape(VERSION)}\b.*\n\n### Determinations$", changelog, re.MULTILINE)
