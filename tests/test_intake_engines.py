"""The compiled intake shapes find the same problems as pySHACL, the reference, on the same statements."""

import contextlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from random import Random

import pytest
from judging import example_cases
from mutants import mutants
from rdflib import SH, XSD, Literal, URIRef
from rdflib.term import Node

from reasoner.case import Case, NodeNamer
from reasoner.errors import ShapesDefinitionError, UnreadableInputError
from reasoner.intake import queries as intake_queries
from reasoner.intake.admission import validate
from reasoner.intake.content import Engine, check_content, compiled_intake
from reasoner.intake.procedures import entailed
from reasoner.intake.shapes import intake_shapes
from reasoner.intake.splitting import split
from reasoner.rdf.canonical import IndistinctNodesError, canonical
from reasoner.rdf.index import Index, Triple
from reasoner.rdf.syntax import read_quads
from reasoner.rdf.turtle import read_turtle
from reasoner.terminology.ontology import hierarchy
from reasoner.terms import EDX, INTAKE
from reasoner.validation.compiled_shapes import compile_shapes

HERE = Path(__file__).parent
CHUNKS, PER_CHUNK = 16, 160

Found = Counter[tuple[object, ...]]


def problems(index: Index, engine: Engine) -> Found:
    namer = NodeNamer(lambda: index.statements)
    found = check_content(index, namer, unexplained=frozenset(), engine=engine)
    # two node shapes may lead to one property shape: pySHACL says so twice, and so may the compiled engine
    return Counter({(p.severity, p.message, p.node, p.path, p.source_shape, p.value, p.component) for p in found})


def differences(index: Index) -> tuple[Found, Found]:
    compiled, reference = problems(index, "compiled"), problems(index, "pyshacl")
    return compiled - reference, reference - compiled


def same(index: Index) -> bool:
    more, fewer = differences(index)
    assert not more, f"the compiled engine alone says: {list(more)}"
    assert not fewer, f"pySHACL alone says: {list(fewer)}"
    return True


def index_of(triples: Iterable[Triple]) -> Index:
    return Index.of(triples, hierarchy())


def indexes_in(path: Path) -> list[Index]:
    """The statements of each case in a file, whatever is wrong with them."""
    try:
        parts = split(read_quads(path, name=path.name))
    except UnreadableInputError:
        return []
    found: list[Index] = []
    for part in parts:
        if part.request is not None:
            with contextlib.suppress(IndistinctNodesError):
                one = canonical(part.statements)
                found.append(Index(one.with_further(entailed(one.statements)).statements, hierarchy()))
    return found


# Eighths: one in the quick suite, so that a difference shows at once, the others where slow tests run.
EIGHTHS = [0, *(pytest.param(chunk, marks=pytest.mark.slow) for chunk in range(1, 8))]


@pytest.mark.parametrize("chunk", EIGHTHS)
def test_same_problems_in_every_example_case(chunk: int) -> None:
    cases = list(example_cases().values())[chunk::8]
    assert len(cases) > 20
    assert all(same(index_of(case.statements)) for case in cases)


REFUSED = sorted(
    path for path in (*(HERE / "intake").iterdir(), *(HERE / "intake_valid").iterdir()) if path.suffix != ".expect"
)


@pytest.mark.parametrize("chunk", EIGHTHS)
def test_same_problems_in_every_intake_file(chunk: int) -> None:
    assert all(same(index) for path in REFUSED[chunk::8] for index in indexes_in(path))


@pytest.mark.parametrize("chunk", EIGHTHS)
def test_same_entries_in_the_same_order_with_either_engine(chunk: int) -> None:
    """What a user is told: order, severity and words of every problem, and whether the case is refused."""

    def told(path: Path, engine: Engine) -> list[list[str]]:
        entries = validate(path, engine=engine).entries
        return [[f"{p.severity} {p}" for p in (e.warnings if isinstance(e, Case) else e.problems)] for e in entries]

    for path in REFUSED[chunk::8]:
        assert told(path, "compiled") == told(path, "pyshacl")


def test_nearly_every_intake_file_has_statements_to_compare() -> None:
    assert len([path for path in REFUSED if indexes_in(path)]) >= 150


def test_some_mutants_have_the_same_problems() -> None:
    cases = list(example_cases().values())
    random = Random(7)
    assert all(same(index_of(one)) for _ in range(25) for one in mutants(random.choice(cases).statements, 1, random))


@pytest.mark.parametrize("code", ["95886\n", "9588", "95886 "])
def test_code_with_a_line_break_is_refused_by_either_engine(code: str) -> None:
    """To pySHACL the end of a pattern is before a last line break too: the length beside it says the same in words."""
    case = example_cases()["procedure-code-above-with-reason"]
    study = min(s for s, p, _ in case.statements if p == EDX.procedureCode)
    kept = (t for t in case.statements if t[:2] != (study, EDX.procedureCode))
    index = index_of([*kept, (study, EDX.procedureCode, Literal(code, datatype=XSD.string))])
    told: list[set[object]] = []
    for engine in ("compiled", "pyshacl"):
        found = {
            (message, node)
            for _, message, node, _, shape, _, _ in problems(index, engine)
            if shape == INTAKE["procedure-code"]
        }
        told.append(found)
    assert told[0] == told[1] != set()


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_mutants_have_the_same_problems(chunk: int) -> None:
    cases = list(example_cases().values())
    random = Random(chunk)
    spoken: set[Node | None] = set()
    for _ in range(PER_CHUNK):
        (one,) = mutants(random.choice(cases).statements, 1, random)
        index = index_of(one)
        assert same(index)
        spoken |= {shape for _, _, _, _, shape, _, _ in problems(index, "compiled")}  # type: ignore[misc]
    assert len(spoken) > 15


# The comparison would notice ---------------------------------------------------------


def test_a_fault_in_native_code_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """`intake:recorded-before-service` with its comparison the wrong way round."""
    from reasoner.native import date_queries

    monkeypatch.setattr(date_queries, "_is_later", lambda one, other: str(one) < str(other))
    dated = [c for c in example_cases().values() if any(p == EDX.date for _, p, _ in c.statements)]
    assert any(sum(map(len, differences(index_of(case.statements)))) for case in dated[:12])


def test_a_fault_in_a_compiled_test_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The compiled engine without the limit of one value."""
    shapes = read_turtle([])
    for s, p, o in intake_shapes():
        if p != SH.maxCount:
            shapes.add((s, p, o))
    lax = compile_shapes(shapes, queries=intake_queries.QUERIES)
    monkeypatch.setattr("reasoner.intake.content.compiled_intake", lambda: lax)
    case = example_cases()["imaging-conclusive"]
    twice = {*case.statements, (case.iri, EDX.dateOfService, Literal("2019-01-01", datatype=XSD.date))}
    more, fewer = differences(index_of(twice))
    assert {shape for _, _, _, _, shape, _, _ in fewer} >= {INTAKE["date-of-service"]}
    assert not more


def test_a_query_without_native_code_is_refused() -> None:
    queries = dict(intake_queries.QUERIES)
    del queries[INTAKE["one-course"]]
    with pytest.raises(ShapesDefinitionError, match=r"intake:one-course .*no native code|one-course> .*no native code"):
        compile_shapes(intake_shapes(), queries=queries)


def test_every_query_of_the_shapes_has_native_code_and_none_is_left_over() -> None:
    assert set(intake_shapes().subjects(SH.sparql, None)) == set(intake_queries.QUERIES)
    assert len(compiled_intake().shapes) == len(set(_targeted()))


def _targeted() -> Iterable[URIRef]:
    for term in (SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf):
        for shape in intake_shapes().subjects(term, None):
            yield URIRef(str(shape))
