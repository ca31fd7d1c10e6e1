"""The competency questions of `tests/questions`: what the ontology has to answer, and for whom.

Beside each question stands its answer, derived from the policies, the tabular list and the meaning of a mapping, as its
header says. A term earns its place by being needed: whoever renames a term that a question uses
gets another answer, and tests/hygiene/term-unused-violation.rq finds a term that nothing needs.

The questions see what `edx query` sees (ontology, policy editions, some cases, their determinations) and, as graphs of
their own, the mapping sets as `edx mappings --format skos` writes them.
"""

import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from judging import CASES, knowledge
from written import FOLDERS, terms_in_query

import reasoner
from reasoner.exchange.skos import skos_turtle
from reasoner.query.dataset import build_dataset
from reasoner.query.running import run_query
from reasoner.terminology.mappings import MAPPING_SETS, read_mapping_set
from reasoner.terms import BASE, PREFIXES

QUESTIONS = sorted(FOLDERS["questions"].glob("*.rq"))
ASKED = (
    "contradiction-code-without-radiculopathy",
    "laryngeal-29-days",
    "maximum-carpal-tunnel-kind-by-kind",
    "source-000-lumbar-spondylosis-after-fusion",
)
HEAD = re.compile(r"# [A-Z][^\n]*\?\n# Asked by [^\n]+\.\n# Answer: (?:[^\n]+\n# )*[^\n]+\.\n\n")
Row = tuple[str, ...]


@cache
def dataset() -> ox.Store:
    cases = reasoner.read_cases(*(CASES / name / "case.ttl" for name in ASKED))
    determined = [reasoner.determine(case, knowledge(), policy="bcbsnd") for case in cases]
    store = build_dataset(knowledge(), cases, determined)
    for name in MAPPING_SETS:
        mapping_set = read_mapping_set(name)
        text = skos_turtle([(mapping_set, mapping_set.mappings)])
        graph = ox.NamedNode(f"{BASE}mappings/{name}")
        quads = list(ox.parse(input=text, format=ox.RdfFormat.TURTLE, rename_blank_nodes=True))
        for to in (graph, ox.DefaultGraph()):
            store.bulk_extend(ox.Quad(quad.subject, quad.predicate, quad.object, to) for quad in quads)
    return store


def answer(path: Path) -> Counter[Row]:
    found = run_query(dataset(), path.read_text("utf-8"))
    assert isinstance(found, ox.QuerySolutions)
    columns = [variable.value for variable in found.variables]
    return Counter([(*columns,), *(tuple(shown(row[column]) for column in columns) for row in found)])


def shown(term: object) -> str:
    """An IRI with one of the standard prefixes, `case:local` within the example cases, else whole; a literal's text."""
    if isinstance(term, ox.NamedNode):
        for prefix, namespace in PREFIXES.items():
            if term.value.startswith(namespace):
                return f"{prefix}:{term.value.removeprefix(namespace)}"
        return re.sub(r"^https://example\.org/cases/([\w-]+)#", r"\1:", term.value)
    return term.value if isinstance(term, ox.Literal) else ""


def expected(path: Path) -> Counter[Row]:
    with path.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        return Counter(tuple(row) for row in csv.reader(file))


def terms(path: Path) -> list[str]:
    """The terms of ours, and the codes, that a question names."""
    owned = tuple(PREFIXES[prefix] for prefix in ("edx", "icd10cm", "cpt", "hcpcs"))
    return sorted({term for term in terms_in_query(path.read_text("utf-8")) if term.startswith(owned)})


def test_there_are_enough_questions_and_each_has_its_answer() -> None:
    assert len(QUESTIONS) >= 25
    assert {path.stem for path in FOLDERS["questions"].glob("*.csv")} == {path.stem for path in QUESTIONS}
    assert {path.suffix for path in FOLDERS["questions"].iterdir()} == {".csv", ".rq"}


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_a_question_says_what_it_asks_for_whom_and_where_its_answer_comes_from(path: Path) -> None:
    assert HEAD.match(path.read_text("utf-8")), "# Question?\\n# Asked by ….\\n# Answer: ….\\n\\n"


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_a_question_is_answered_as_the_sources_have_it(path: Path) -> None:
    assert answer(path) == expected(path)
    assert len(expected(path)) > 1, "an answer without rows needs no term"


def test_no_question_uses_a_term_of_the_mapping_sets_that_none_declares() -> None:
    """`edxmap:` names the columns of our own; each set declares those that it has."""
    used = {word for path in QUESTIONS for word in re.findall(r"\bedxmap:\w+", path.read_text("utf-8"))}
    assert len(used) > 3
    assert used <= {str(column["property"]) for column in columns()}


def columns() -> list[dict[str, object]]:
    declared = [read_mapping_set(name).metadata["extension_definitions"] for name in MAPPING_SETS]
    return [column for listed in declared if isinstance(listed, list) for column in listed]


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_a_question_needs_every_term_that_it_names(path: Path) -> None:
    assert terms(path), "a question about nothing of ours"
    for term in terms(path):
        moved = rename(dataset(), term, term + "Renamed")
        try:
            assert answer(path) != expected(path), f"{term} can be renamed, and the answer stays the same"
        finally:
            rename(dataset(), term + "Renamed", term)
        assert moved, term
    assert answer(path) == expected(path)


def rename(store: ox.Store, term: str, other: str) -> int:
    """Put one IRI in the place of another, wherever it stands; how many statements that changes."""
    old, new = ox.NamedNode(term), ox.NamedNode(other)
    found = {
        quad
        for pattern in ((old, None, None), (None, old, None), (None, None, old))
        for quad in store.quads_for_pattern(*pattern, None)
    }
    for quad in found:
        store.remove(quad)
        parts = [new if part == old else part for part in (quad.subject, quad.predicate, quad.object)]
        store.add(ox.Quad(*parts, quad.graph_name))  # type: ignore[arg-type]
    return len(found)
