"""The layout is the architecture: imports point downwards, modules stay short, public names are few and documented."""

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import reasoner
from reasoner.version import VERSION

PACKAGE = Path(reasoner.__file__).parent

LAYERS = (
    ("version", "terms", "resources", "errors", "limits", "plain_text", "collector", "recent"),
    ("deadline", "output"),
    ("rdf",),
    ("digests",),
    ("case",),
    ("shacl",),
    ("terminology",),
    ("native",),
    ("validation",),
    ("policy",),
    ("intake",),
    ("knowledge",),
    ("evaluation",),
    ("lookup", "report"),
    ("exchange", "formats"),
    ("query", "verification"),
    ("batch",),
    ("population", "generation", "spark"),
    ("__init__",),
    ("cli",),
    ("__main__",),
)
"""Folders and the modules beside them, from the ground up; each imports only from those below and from itself."""

LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
MODULES = sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    """A module by its path from the package, with dots; a folder's `__init__` by the folder."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


NAMES = {name_of(path) for path in MODULES}


def imports(path: Path) -> set[str]:
    """The modules of the package that a module imports, at its top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "reasoner":
            _, _, rest = node.module.partition(".")
            inner = {f"{rest}.{alias.name}" if rest else alias.name for alias in node.names}
            found |= (inner & NAMES) | ({rest or "__init__"} if inner - NAMES else set())
        elif isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[2] for alias in node.names if alias.name.startswith("reasoner.")}
    return found


def test_every_folder_has_a_layer() -> None:
    assert {name.partition(".")[0] for name in NAMES} == set(LEVEL)
    assert len(LEVEL) == sum(map(len, LAYERS)), "a folder stands in two layers"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_only_from_layers_below(path: Path) -> None:
    own = name_of(path).partition(".")[0]
    others = {name: name.partition(".")[0] for name in imports(path)}
    upward = {name for name, folder in others.items() if folder != own and LEVEL[folder] >= LEVEL[own]}
    assert not upward, f"{name_of(path)} imports {sorted(upward)}"


def test_no_module_imports_itself_by_way_of_another() -> None:
    order = TopologicalSorter({name_of(path): imports(path) for path in MODULES}).static_order()
    assert set(order) == NAMES


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_short_and_named_for_what_it_does(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 320
    assert not re.search(r"util|helper|common|misc", path.stem)


@pytest.mark.parametrize("path", [path for path in MODULES if path.stem == "__init__"], ids=name_of)
def test_a_folder_is_small_enough_to_be_looked_over(path: Path) -> None:
    assert len(list(path.parent.glob("*.py"))) <= 21


def test_public_names_are_few_sorted_and_documented() -> None:
    assert reasoner.__all__ == sorted(reasoner.__all__)
    assert len(reasoner.__all__) <= 18
    for name in set(reasoner.__all__) - {"__version__"}:
        assert (getattr(reasoner, name).__doc__ or "").strip(), name


def test_the_changelog_knows_the_version() -> None:
    changelog = (Path(__file__).parent.parent / "CHANGELOG.md").read_text("utf-8")
    assert re.search(rf"^## {re.escape(VERSION)}\b.*\n\n### Determinations$", changelog, re.MULTILINE)
