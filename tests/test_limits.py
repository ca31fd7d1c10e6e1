"""Every limit has a default, a flag and a message with its name; what lies beyond is refused before it costs much."""

import bz2
import gzip
import json
import lzma
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import pytest
from commands import edx

import reasoner
from reasoner.batch.archives import zstd
from reasoner.batch.case_streams import Place, cut_nquads
from reasoner.batch.inputs import Cursor, Inputs, Piece
from reasoner.batch.run import run_batch
from reasoner.batch.worker import Asked, Worker, taken_in
from reasoner.case import Case
from reasoner.deadline import Deadline, clock
from reasoner.errors import OutOfTimeError
from reasoner.evaluation import determining
from reasoner.intake.admission import Refusal
from reasoner.limits import DEFAULT, Limits, flag_of
from reasoner.terms import BASE, CONTEXT, GENID, INTAKE

PREFIXES = (
    "@prefix edx: <https://w3id.org/edx-reasoner/ontology#> . @prefix ex: <https://example.org/> . "
    "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
)


def request(*more: str, node: str = "ex:r") -> str:
    said = ["a edx:Request", 'edx:dateOfService "2026-02-03"^^xsd:date', *more]
    return f"{node} {' ; '.join([*said, 'edx:requestsStudy [ a edx:NeedleElectromyography ]'])} .\n"


def taken(text: str, name: str = "case.ttl", limits: Limits = DEFAULT) -> reasoner.IntakeResult:
    return reasoner.validate(
        (PREFIXES + text if name.endswith((".ttl", ".trig")) else text).encode(), name=name, limits=limits
    )


def xml(depth: int) -> str:
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    return (
        f'<rdf:RDF xmlns:rdf="{rdf}" xmlns:e="urn:e#">' + "<e:A><e:p>" * depth + "</e:p></e:A>" * depth + "</rdf:RDF>"
    )


def findings(count: int) -> str:
    named = ", ".join(f"ex:f{i}" for i in range(count))
    return request(f"edx:hasFinding {named}") + "".join(f"ex:f{i} a edx:Numbness .\n" for i in range(count))


def scoped(count: int) -> str:
    words = {f"k{i}": f"urn:k{i}" for i in range(count)}
    return json.dumps(
        {"@context": {"p": {"@id": "urn:p", "@context": words}}, "@id": "urn:r", "p": [{"k1": "a"}] * count}
    )


BEYOND: dict[str, tuple[str, str, str, Limits]] = {
    "bytes": (request(), "case.ttl", "document_bytes", Limits(document_bytes=100)),
    "triples": (findings(30), "case.ttl", "triples", Limits(triples=50)),
    "triples of many, at the default": (findings(100_001), "case.ttl", "triples", DEFAULT),
    "cases": (request() + request(node="ex:s"), "case.ttl", "cases", Limits(cases=1)),
    "graphs": ("ex:g {" + request() + "} ex:h {" + request() + "}", "case.trig", "cases", Limits(cases=1)),
    "statements": (findings(30), "case.ttl", "statements", Limits(statements=50)),
    "statements, at the default": (findings(5_000), "case.ttl", "statements", DEFAULT),
    "depth of brackets": ("ex:a ex:p " + "(" * 101 + ")" * 101 + " .", "case.ttl", "depth", DEFAULT),
    "depth of brackets behind strings": ('ex:a ex:p "#" , """\\"""#""" , \'#\' , ' + "[ ex:p " * 101 + "1" + " ]" * 101 + " .", "case.ttl", "depth", DEFAULT),
    "depth of brackets behind an escape": ("<urn:a\\u0061#x> ex:p " + "(" * 101 + ")" * 101 + " .", "case.ttl", "depth", DEFAULT),
    "depth of braces": ("{" * 101, "case.trig", "depth", DEFAULT),
    "depth of triple terms": ("<a:a> <a:p> " + "<<( <a:a> <a:p> " * 100_000 + "<a:o>" + " )>>" * 100_000 + " .", "case.nt", "depth", DEFAULT),
    "depth of elements": (xml(51), "case.rdf", "depth", DEFAULT),
    "depth of many elements": (xml(100_000), "case.rdf", "depth", DEFAULT),
    "depth of objects": ('{"@id": "urn:a", "urn:p": ' * 101 + "1" + "}" * 101, "case.jsonld", "depth", DEFAULT),
    "depth of objects past Python": ("[" * 100_000 + "]" * 100_000, "case.jsonld", "depth", DEFAULT),
    "literal": (request(f'rdfs:label "{"x" * 100_001}"'), "case.ttl", "literal", DEFAULT),
    "literal beside a short IRI": (request('rdfs:label "xxxxx"'), "case.ttl", "literal", Limits(literal=4)),
    "iri": (request(f"edx:hasFinding <urn:{'x' * 2_045}>"), "case.ttl", "iri", DEFAULT),
    "iri of a prefix": (f"@prefix x: <urn:{'x' * 2_044}> . " + request("edx:hasFinding x:a"), "case.ttl", "iri", DEFAULT),
    "iri of a datatype": (request(f'rdfs:label "x"^^<urn:{"x" * 2_045}>'), "case.ttl", "iri", DEFAULT),
    "prefix that makes gigabytes": (f"@prefix x: <urn:{'x' * 200_000}> . ex:a ex:p " + ", ".join(f"x:{i}" for i in range(5_000)) + " .", "case.ttl", "document_bytes", DEFAULT),
    "problems": (request(*(f"edx:no{i} 1" for i in range(20))), "case.ttl", "problems", Limits(problems=10)),
}  # fmt: skip


@pytest.mark.parametrize("what", BEYOND)
def test_what_lies_beyond_a_limit_is_refused_with_its_name_and_quickly(what: str) -> None:
    text, name, limit, limits = BEYOND[what]
    begun = time.monotonic()
    result = taken(text, name, limits)
    assert time.monotonic() - begun < 10
    assert not result.cases
    said = [p for refusal in result.refusals for p in refusal.problems if p.source_shape == INTAKE["within-limits"]]
    assert said, [str(p) for p in result.refusals[0].problems][:3]
    for problem in said:
        assert flag_of(limit) in problem.message
        assert f"{getattr(limits, limit):,}" in problem.message
        assert len(problem.message) < 500


AT: dict[str, tuple[str, str, Limits]] = {
    "triples, statements and cases": (findings(10), "case.ttl", Limits(triples=24, statements=24, cases=1)),
    "literal": (request('rdfs:label "' + "x" * 100_000 + '"'), "case.ttl", DEFAULT),
    "literal of another script": (request('rdfs:label "神経伝導検査と筋電図"'), "case.ttl", Limits(literal=10)),
    "literal of escapes": (request('rdfs:label "' + "\\u0007" * 100_000 + '"'), "case.ttl", DEFAULT),
    "iri": (request(f"edx:hasFinding ex:{'x' * 2_028}") + f"ex:{'x' * 2_028} a edx:Numbness .", "case.ttl", DEFAULT),
    "brackets in a string": (request('rdfs:label "' + "(" * 200 + '"'), "case.ttl", DEFAULT),
    "brackets in a comment": (request() + "#" + "[" * 200 + "\n", "case.ttl", DEFAULT),
    "many brackets beside each other": (request("edx:hasFinding " + ", ".join(["[ a edx:Numbness ]"] * 200)), "case.ttl", DEFAULT),
}  # fmt: skip


@pytest.mark.parametrize("what", AT)
def test_what_lies_at_a_limit_is_admitted(what: str) -> None:
    text, name, limits = AT[what]
    result = taken(text, name, limits)
    assert len(result.cases) == 1, [str(p) for p in result.refusals[0].problems]


def test_every_limit_has_a_flag_in_both_commands_with_its_default() -> None:
    assert len(fields(Limits)) == 11
    for command in ("determine", "validate"):
        told = " ".join(edx(command, "--help").output.split())
        for limit in fields(Limits):
            assert f"{limit.metadata['flag']} N {limit.metadata['help'].split()[0]}" in told
            assert f"[default: {limit.default}" in told


def test_a_flag_sets_its_limit(tmp_path: Path) -> None:
    file = tmp_path / "case.ttl"
    file.write_text(PREFIXES + findings(30))
    assert edx("validate", str(file)).exit_code == 0
    for command in (
        ["validate"],
        ["determine", "--policy", "bcbsnd"],
        ["determine", "--to", str(tmp_path / "x.jsonl")],
    ):
        refused = edx(*command, str(file), "--max-statements", "50")
        assert refused.exit_code == 1
        assert "at most 50 are read (--max-statements)" in refused.output
    assert edx("validate", str(file), "--max-statements", "none").exit_code == 2


def test_what_shares_most_of_its_nodes_or_repeats_a_neighbour_is_refused_in_linear_time() -> None:
    chain = "".join(
        f"ex:r{i} a edx:Request ; edx:requestsStudy ex:s{i} . ex:s{i} a edx:NeedleElectromyography ; edx:hasX ex:s{i + 1} .\n"
        for i in range(1_500)
    )
    begun = time.monotonic()
    result = taken(chain)
    assert len(result.refusals) == 1_500
    assert {p.source_shape for refusal in result.refusals for p in refusal.problems} == {INTAKE["shares-no-node"]}
    one = "".join(f"ex:r{i} a edx:Request ; edx:requestsStudy ex:s .\n" for i in range(1_500))
    result = taken(one + "ex:s a edx:NeedleElectromyography .")
    assert len(result.refusals) == 1_500
    assert max(len(str(p)) for refusal in result.refusals for p in refusal.problems) < 400
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("shape", ["chain", "cycle", "two cycles", "lists"])
def test_unnamed_nodes_in_long_chains_are_refused_before_they_are_named(shape: str) -> None:
    """Each node has one neighbour of each look, so that nothing is permuted; following them takes cubic time."""
    count = 3_000
    following = {
        "chain": lambda i: i + 1,
        "cycle": lambda i: (i + 1) % count,
        "two cycles": lambda i: i // 1_500 * 1_500 + (i + 1) % 1_500,
        "lists": lambda i: i + 1 if (i + 1) % 1_500 else i,
    }[shape]
    text = request("edx:hasFinding _:b0") + "".join(
        f'_:b{i} rdfs:label "{i % 3}" ; edx:hasX _:b{following(i)} .\n' for i in range(count)
    )
    begun = time.monotonic()
    result = taken(text)
    assert time.monotonic() - begun < 10
    assert INTAKE["nodes-told-apart"] in {p.source_shape for p in result.refusals[0].problems}


def test_a_context_that_would_be_read_for_ever_is_refused_and_ours_a_thousand_times_is_read() -> None:
    begun = time.monotonic()
    assert "definitions" in str(taken(scoped(4_000), "case.jsonld").refusals[0].problems[0])
    assert time.monotonic() - begun < 5
    study = {"type": "NeedleElectromyography"}
    many = [
        {"@context": str(CONTEXT), "id": f"urn:r{i}", "type": "Request", "requestsStudy": study} for i in range(1_000)
    ]
    assert len(taken(json.dumps(many), "case.jsonld").cases) == 1_000


def test_a_long_line_of_nquads_is_cut_in_linear_time() -> None:
    import io

    for line in (b"<a> <b> " + b"_:a" * 100_000, b"<a> <b> " + b"_:a." * 100_000, b"_:" + b"a:" * 100_000):
        begun = time.monotonic()
        assert len(list(cut_nquads(io.BytesIO(line), Place(), 10**7))) == 1
        assert time.monotonic() - begun < 5


# Names that are not the case's ---------------------------------------------------------


@pytest.mark.parametrize(
    "graph", ["ontology", "policy/bcbsnd-emg-ncs/2020-01-22", "determination/x", ".well-known/genid/a"]
)
def test_a_graph_with_a_name_of_ours_is_refused(graph: str) -> None:
    result = taken(f"<{BASE}{graph}> {{ {request()} }}", "case.trig")
    assert INTAKE["own-nodes-only"] in {p.source_shape for p in result.refusals[0].problems}
    assert f"{BASE}{graph}" in str(result.refusals[0].problems[0])
    assert taken(f"<{BASE}case/x> {{ {request()} }}", "case.trig").cases


def test_a_node_named_as_only_the_program_names_them_is_refused() -> None:
    other = taken(request("edx:hasFinding [ a edx:Numbness ]")).cases[0]
    finding = next(str(s) for s, _, o in other.statements if str(o).endswith("Numbness"))
    assert finding.startswith(GENID)
    result = taken(request(f"edx:hasFinding <{finding}>", node="ex:mine") + f"<{finding}> a edx:MuscleWeakness .")
    assert INTAKE["own-nodes-only"] in {p.source_shape for p in result.refusals[0].problems}
    assert finding in str(result.refusals[0].problems[0])


def test_a_statement_about_another_case_refuses_both_in_one_graph_and_reaches_it_from_no_other(tmp_path: Path) -> None:
    victim = request("edx:hasFinding ex:f", node="ex:victim") + "ex:f a edx:Numbness .\n"
    attacker = request("edx:hasFinding ex:f", node="ex:attacker") + "ex:f edx:laterality edx:Left .\n"
    about = request(node="ex:attacker") + "ex:victim edx:hasPurpose edx:SeverityGrading .\n"
    alone = taken(victim).cases[0]
    result = taken(victim + attacker)
    assert [type(entry) for entry in result.entries] == [Refusal, Refusal]
    assert all("shared with another case" in str(refusal.problems[0]) for refusal in result.refusals)
    # in one graph a statement about a request is its own: nobody can tell who wrote it
    merged = taken(victim + about)
    assert [case.iri for case in merged.cases] == [alone.iri, taken(request(node="ex:attacker")).cases[0].iri]
    for further in (attacker + "ex:f a edx:Numbness .", about):
        graphs = taken(f"ex:g {{ {victim} }} ex:h {{ {further} }}", "case.trig")
        assert next(entry for entry in graphs.entries if isinstance(entry, Case)).digest == alone.digest
        (tmp_path / "a.ttl").write_text(PREFIXES + victim)
        (tmp_path / "b.ttl").write_text(PREFIXES + further)
        found = reasoner.validate(tmp_path / "a.ttl").cases[0]
        assert found.digest == alone.digest


# Archives ------------------------------------------------------------------------------


def bomb(path: Path, size: int) -> None:
    chunk = b" " * (1 << 20)
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.ttl", chunk * (size >> 20))
        return
    packed: dict[str, Callable[[bytes], bytes]] = {
        ".gz": gzip.compress,
        ".bz2": bz2.compress,
        ".xz": lzma.compress,
        ".zst": zstd.compress,
    }
    path.write_bytes(packed[path.suffix](chunk * (size >> 20)))


@pytest.mark.parametrize("name", ["a.zip", "a.nq.gz", "a.nq.bz2", "a.nq.xz", "a.ttl.zst"])
def test_a_bomb_is_refused_at_the_limit_of_what_may_come_out(name: str, tmp_path: Path) -> None:
    bomb(tmp_path / name, 24 << 20)
    found = list(Inputs([str(tmp_path / name)], most=1 << 20, unpacked=4 << 20).pieces(Cursor(), lambda _g, _p: False))
    assert found
    assert all("--max-unpacked" in p.problem or "--max-bytes" in p.problem for p in found), [p.problem for p in found]


def test_xz_is_read_whole_in_several_streams_and_refuses_a_window_beyond_bounds(tmp_path: Path) -> None:
    text = (PREFIXES + request()).encode()
    never = lambda _graph, _piece: False  # noqa: E731
    half = len(text) // 2
    (tmp_path / "a.ttl.xz").write_bytes(lzma.compress(text[:half]) + b"\0" * 8 + lzma.compress(text[half:]) + b"\0" * 4)
    (piece,) = Inputs([str(tmp_path / "a.ttl.xz")]).pieces(Cursor(), never)
    assert (piece.text, piece.problem) == (text, "")
    wide = lzma.compress(text, filters=[{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": 2**30}])
    (tmp_path / "b.ttl.xz").write_bytes(wide)
    (tmp_path / "c.ttl.xz").write_bytes(lzma.compress(text)[:-20])
    for name in ("b.ttl.xz", "c.ttl.xz"):
        (piece,) = Inputs([str(tmp_path / name)]).pieces(Cursor(), never)
        assert "cannot be unpacked" in piece.problem


# Time and memory --------------------------------------------------------------------------


def test_a_deadline_ends_what_takes_too_long_whatever_it_catches() -> None:
    begun = time.monotonic()

    def work() -> None:
        with clock(), Deadline(0.2):
            while True:
                try:
                    sum(range(1_000))
                except Exception:  # noqa: BLE001 - as the parts of the program do
                    continue

    with pytest.raises(OutOfTimeError, match="--max-seconds"):
        work()
    assert time.monotonic() - begun < 5


def test_a_deadline_leaves_no_alarm_behind_and_sets_none_in_a_thread() -> None:
    import signal

    with clock(), Deadline(5), Deadline(0.01):
        time.sleep(0.05)  # the outer one counts
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL

    def in_thread() -> None:
        with clock(), Deadline(0.01):
            time.sleep(0.05)
        done.append(True)

    done: list[bool] = []
    thread = threading.Thread(target=in_thread)
    thread.start()
    thread.join()
    assert done


def test_intake_that_takes_too_long_refuses_the_case_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    from reasoner.intake import admission

    whole = admission.check_case

    def slow(index: object, node: object, **how: object) -> object:
        while str(node).endswith("slow"):
            pass
        return whole(index, node, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(admission, "check_case", slow)
    result = taken(request() + request(node="ex:slow"), limits=replace(DEFAULT, seconds=1))
    assert [type(entry) for entry in result.entries] == [Case, Refusal]
    assert "not done within 1 seconds" in str(result.refusals[0].problems[0])


def test_a_determination_or_report_that_takes_too_long_is_a_row_with_its_problem(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from reasoner.batch import rows

    def slow(*_: object, **__: object) -> None:
        while True:
            pass

    worker = Worker(Asked("jsonl", "outcome", ("bcbsnd",), limits=replace(DEFAULT, seconds=1)))
    assert worker.knowledge
    piece = Piece("case.ttl", Cursor(), 0, text=(PREFIXES + request()).encode(), syntax="turtle")
    monkeypatch.setattr(rows, "determine", slow)
    done = worker.work([piece])
    assert (done.cases, done.counts["E101"]) == (1, 1)
    assert "--max-seconds" in done.made.data.decode()
    monkeypatch.setattr(rows, "determine", determining.determine)
    monkeypatch.setattr(rows, "_missing", slow)
    done = worker.work([piece])
    assert (done.cases, done.counts["E101"], done.made.data.count(b"\n")) == (1, 1, 1)


def test_the_single_command_says_that_time_was_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from reasoner.cli import main

    def slow(*_: object, **__: object) -> None:
        while True:
            pass

    (tmp_path / "case.ttl").write_text(PREFIXES + request())
    monkeypatch.setattr(main, "determine", slow)
    result = edx("determine", str(tmp_path / "case.ttl"), "--policy", "bcbsnd", "--max-seconds", "1")
    assert (result.exit_code, "E101" in result.output, "--max-seconds" in result.output) == (1, True, True)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems keep no bound on the addresses of a process")
def test_a_process_is_bound_to_its_memory() -> None:
    code = "from reasoner.batch.memory import bound_memory; assert bound_memory(64); x = bytearray(2**27)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.stderr.rstrip().endswith("MemoryError")
    code = "from reasoner.batch.memory import bound_memory; assert not bound_memory(0); x = bytearray(2**27)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_case_for_which_memory_does_not_suffice_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from reasoner.batch import worker

    def hungry(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(worker, "validate", hungry)
    (refused,) = taken_in(Piece("case.ttl", Cursor(), 0, text=b"x", syntax="turtle"))
    assert isinstance(refused, Refusal)
    assert "--max-memory" in str(refused.problems[0])


@pytest.mark.slow
def test_a_batch_with_bounds_on_memory_gives_the_same_results(tmp_path: Path) -> None:
    files = sorted(str(p) for p in (Path(__file__).parents[1] / "cases").glob("repeat-*/case.ttl"))
    for name, memory in (("a", 0), ("b", 1_024)):
        run_batch(files, tmp_path / f"{name}.jsonl", policies=["bcbsnd"], processes=2, limits=Limits(memory=memory))
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()


def test_the_readme_tells_every_limit_with_its_default() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
    for limit in fields(Limits):
        assert f"| `{limit.metadata['flag']}` | {limit.default:,} | {limit.metadata['help'].rstrip('.')} |" in readme
