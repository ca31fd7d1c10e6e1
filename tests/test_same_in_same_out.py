"""Law 8: the order of the triples, the names of blank nodes, prefixes, the RDF syntax and the process change nothing, down
to the bytes of the report in every format.
"""

import hashlib
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from random import Random

import pyoxigraph as ox
import pytest
from judging import CASES, POLICIES, editions, example_cases, judge, knowledge
from rdflib import RDF, Graph, URIRef
from strategies import generate
from written import SYNTAXES

import reasoner
from reasoner.case import Case
from reasoner.formats.render import FORMATS
from reasoner.terms import EDX, ICD10CM

PREFIXES = {"e": str(EDX), "code": str(ICD10CM), "z": "https://example.org/"}


def reports(case: Case) -> dict[str, str]:
    """The report under each policy, as sorted N-Triples and in every format."""
    found = {}
    for policy in POLICIES:
        graph = reasoner.report_graph(judge(case, editions()[policy]), knowledge())
        found[f"{policy} ntriples"] = sorted_ntriples(graph)
        for name in FORMATS:
            found[f"{policy} {name}"] = reasoner.render(graph, name)
    return found


def sorted_ntriples(graph: Graph) -> str:
    return "".join(sorted(f"{s.n3()} {p.n3()} {o.n3()} .\n" for s, p, o in graph))


def taken_in(data: bytes, extension: str) -> Case:
    result = reasoner.validate(data, name=f"case{extension}")
    assert not result.refusals, result.refusals[0].problems
    (case,) = result.cases
    return case


def folders() -> list[str]:
    """Cases that between them have blank nodes, quotations, conflicts and several studies."""
    names = list(example_cases())
    return ["source-000-lumbar-spondylosis-after-fusion", *names[3::70]]


@cache
def original(folder: str) -> tuple[bytes, dict[str, str]]:
    data = (CASES / folder / "case.ttl").read_bytes()
    return data, reports(taken_in(data, ".ttl"))


def quads(data: bytes) -> list[ox.Quad]:
    return list(ox.parse(data, format=ox.RdfFormat.TURTLE))


def shuffled(found: list[ox.Quad], seed: int) -> list[ox.Quad]:
    return Random(seed).sample(found, len(found))


@pytest.mark.slow
@pytest.mark.parametrize("folder", folders())
@pytest.mark.parametrize("extension", SYNTAXES)
def test_syntax_changes_nothing(folder: str, extension: str) -> None:
    data, expected = original(folder)
    dataset = ox.serialize(shuffled(quads(data), len(extension)), format=SYNTAXES[extension])
    assert dataset is not None
    assert reports(taken_in(dataset, extension)) == expected


@pytest.mark.parametrize("extension", [".nt", ".jsonld"])
def test_another_syntax_and_order_change_nothing_in_the_request_of_the_review(extension: str) -> None:
    test_syntax_changes_nothing(folders()[0], extension)


@pytest.mark.parametrize("seed", [1, 2])
def test_order_and_prefixes_change_nothing(seed: int) -> None:
    data, expected = original(folders()[0])
    again = ox.serialize(
        shuffled(quads(data), seed), format=ox.RdfFormat.TURTLE, prefixes=PREFIXES if seed == 1 else {}
    )
    assert again is not None
    assert again != data
    assert reports(taken_in(again, ".ttl")) == expected


def test_names_of_blank_nodes_change_nothing() -> None:
    """Half of the nodes of a case without names, called one thing and then another, in another order."""
    data, _ = original(folders()[0])
    names = {"mri", "spondylosis", "earlier-emg", "earlier-radiculopathies", "back-pain", "review"}

    def unnamed(prefix: str, seed: int) -> bytes:
        lines = ox.serialize(shuffled(quads(data), seed), format=ox.RdfFormat.N_TRIPLES)
        assert lines is not None
        text = lines.decode()
        for number, name in enumerate(sorted(names, key=lambda n: (n * seed)[::-1])):
            text, found = re.subn(rf"<[^>]*#{name}>", f"_:{prefix}{number}", text)
            assert found > 1
        labels = sorted(set(re.findall(r"_:\w+", text)))
        assert len(labels) > len(names)
        for number, label in enumerate(labels):
            text = re.sub(rf"{label}\b", f"_:{prefix}x{(number * 7) % 97}", text)
        return text.encode()

    one, other = unnamed("a", 1), unnamed("zz", 2)
    assert one != other
    first, second = taken_in(one, ".nt"), taken_in(other, ".nt")
    assert first.digest == second.digest
    assert reports(first) == reports(second)


def test_a_report_has_no_blank_nodes_and_nothing_of_the_moment() -> None:
    for name in folders():
        for policy in POLICIES:
            graph = reasoner.report_graph(judge(example_cases()[name], editions()[policy]), knowledge())
            text = sorted_ntriples(graph)
            assert "_:" not in re.sub(r'"(?:[^"\\]|\\.)*"', "", text)
            assert str(Path.cwd()) not in text
            assert not re.search(r"\d\d:\d\d:\d\d", text)


SCRIPT = """
import hashlib, sys
sys.path.insert(0, {tests!r})
from test_same_in_same_out import folders, reports
from judging import example_cases
from random import Random
from strategies import generate
cases = [example_cases()[name] for name in folders()[:2]] + [generate(Random(n)) for n in range(2)]
print(hashlib.sha256(repr([reports(case) for case in cases]).encode()).hexdigest())
"""


def test_hash_seed_of_the_process_changes_nothing() -> None:
    """Two processes with other seeds, and this one, in another order of cases."""
    digests = set()
    for seed in ("1", "4242"):
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT.format(tests=str(Path(__file__).parent))],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        digests.add(done.stdout.strip())
    cases = [example_cases()[name] for name in folders()[:2]] + [generate(Random(n)) for n in range(2)]
    here = [reports(case) for case in reversed(cases)][::-1]
    digests.add(hashlib.sha256(repr(here).encode()).hexdigest())
    assert len(digests) == 1


def test_the_report_is_the_same_whatever_file_the_case_came_from() -> None:
    data, expected = original(folders()[0])
    result = reasoner.validate(data, name="/elsewhere/renamed.ttl")
    assert reports(result.cases[0]) == expected
    assert {URIRef(str(o)) for s, p, o in result.cases[0].triples if p == RDF.type} >= {EDX.Request}
