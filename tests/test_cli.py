"""The command `edx`: what it prints, what it writes, and how it ends."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click
import pytest
from commands import edx
from rdflib import SH, Graph, Literal

import reasoner
from reasoner.cli import main as cli
from reasoner.cli.exits import DONE, ENGINE, REFUSED, USAGE
from reasoner.errors import EngineError
from reasoner.formats.render import EXTENSIONS

HERE = Path(__file__).parent
CASES = HERE.parent / "cases"
SOURCE = str(CASES / "source-000-lumbar-spondylosis-after-fusion" / "case.ttl")
MIXED = str(CASES / "exclusion-needle-and-surface-emg" / "case.ttl")
BROKEN = {
    "refused-syntax.ttl": "line 6, column 54",
    "refused-unknown-property.ttl": "no",
    "refused-diagnosis-without-type.ttl": "edx:hasDiagnosis",
    "refused-unknown-diagnosis-code.ttl": "no ICD-10-CM code",
    "refused-date-ill-typed.ttl": "2025-02-30",
    "refused-diagnosis-with-two-certainties.ttl": "certainty",
    "refused-empty-graph.trig": "empty",
    "refused-binary-junk.ttl": "binary data",
    "refused-json-in-turtle.ttl": "JSON-LD",
    "refused-two-cases-sharing-a-node.ttl": "shared with another case",
}


def process(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command as it is installed, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "reasoner", *arguments], capture_output=True, text=True, check=False, encoding="utf-8"
    )


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def commands() -> dict[str, click.Command]:
    """Every command by its name, those among them whose modules are imported only when they are asked for."""
    context = click.Context(cli.main)
    found = {name: cli.main.get_command(context, name) for name in cli.main.list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}


# How it ends ------------------------------------------------------------------


def test_the_exit_codes_are_distinct_and_every_help_text_tells_them() -> None:
    assert len({DONE, REFUSED, USAGE, ENGINE}) == 4
    for command in ("", *commands()):
        told = edx(*filter(None, [command]), "--help")
        assert told.exit_code == DONE
        for code in (DONE, REFUSED, USAGE, ENGINE):
            assert f"\n    {code}  " in told.output, command
        assert max(map(len, told.output.splitlines())) <= 100
        assert "..." not in told.output.partition("Commands:")[2], "a summary is cut off"


@pytest.mark.parametrize("command", ["determine", "query", "code", "category", "mappings"])
def test_examples_stand_on_lines_of_their_own(command: str) -> None:
    told = edx(command, "--help").output
    examples = told.partition("Examples:\n")[2].partition("\n\n")[0].splitlines()
    assert len(examples) >= 2
    assert all(line.startswith(f"    edx {command}") for line in examples)
    assert "\\b" not in told


def test_every_option_is_explained() -> None:
    for name, command in commands().items():
        assert (command.help or "").split("\n")[0].endswith("."), name
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"{name} {parameter.name}"


@pytest.mark.parametrize("file", BROKEN)
@pytest.mark.parametrize("command", ["validate", "determine"])
def test_a_broken_file_is_refused_with_a_clear_message(command: str, file: str) -> None:
    result = edx(command, str(HERE / "intake" / file))
    assert result.exit_code == REFUSED
    assert BROKEN[file] in result.output
    assert file in result.output
    if command == "determine":
        assert not result.stdout, "nothing is determined"


def test_ten_broken_files_and_each_named_kind_is_there() -> None:
    assert len(BROKEN) == 10
    assert all((HERE / "intake" / file).is_file() for file in BROKEN)


def test_a_contradiction_is_named_and_refuses_nothing() -> None:
    result = edx("validate", str(HERE / "intake" / "warned-finding-stated-and-excluded.ttl"))
    assert result.exit_code == DONE
    assert "warning: " in result.stdout
    assert "1 valid, 0 refused" in result.stdout


def test_no_outcome_of_a_determination_is_an_error() -> None:
    for case in (SOURCE, MIXED, str(CASES / "both-payers-pain-alone" / "case.ttl")):
        assert edx("determine", case, "--policy", "bcbsnd").exit_code == DONE


def test_one_bad_file_stops_no_other() -> None:
    bad = [
        str(HERE / "intake" / "refused-syntax.ttl"),
        "no-such-file.ttl",
        str(HERE / "intake" / "refused-no-study.ttl"),
    ]
    alone = edx("determine", SOURCE, "--policy", "bcbsnd")
    result = edx("determine", bad[0], SOURCE, *bad[1:], "--policy", "bcbsnd")
    assert result.exit_code == REFUSED
    assert result.stdout == alone.stdout
    assert all(file in result.stderr for file in bad)


def test_a_case_that_no_policy_applies_to_stops_no_other(tmp_path: Path) -> None:
    nameless = tmp_path / "nameless.ttl"
    nameless.write_text(Path(MIXED).read_text("utf-8").replace("edx:payer", "# edx:payer"), "utf-8")
    early = tmp_path / "early.ttl"
    early.write_text(Path(MIXED).read_text("utf-8").replace('"2025-1', '"2015-1'), "utf-8")
    result = edx("determine", str(nameless), MIXED, str(early))
    assert result.exit_code == USAGE
    assert result.stdout == edx("determine", MIXED).stdout
    assert "E200: The request names no payer" in result.stderr
    assert "took effect on 2020-01-22" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["determine"],
        ["determine", SOURCE, "--policy", "nobody"],
        ["determine", SOURCE, "--on", "yesterday"],
        ["determine", SOURCE, "--on", "2025-02-30"],
        ["determine", SOURCE, "--on", "2019-01-01", "--policy", "bcbsnd"],
        ["determine", SOURCE, "--format", "pdf"],
        ["determine", SOURCE, MIXED, "--format", "json"],
        ["determine", SOURCE, MIXED, "--format", "html"],
        ["determine", SOURCE, "-o", SOURCE + "/report.txt"],
        ["policies", "nobody"],
        ["query", SOURCE],
        ["query"],
        ["query", SOURCE, "SELECT"],
        ["query", SOURCE, "ASK { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }"],
        ["query", SOURCE, "-f", "no-such-query.rq"],
        ["query", SOURCE, "ASK { ?s ?p ?o }", "--format", "turtle"],
        ["query", SOURCE, "ASK { ?s ?p ?o }", "--policy", "nobody"],
        ["explain", SOURCE],
        ["explain", SOURCE, "-c", "no-such-criterion"],
        ["no-such-command"],
        ["determine", SOURCE, "--no-such-option"],
    ],
    ids=lambda arguments: " ".join(Path(a).name if a == SOURCE else a for a in arguments)[:60],
)
def test_a_question_that_cannot_be_put_is_a_usage_error(arguments: Sequence[str]) -> None:
    result = edx(*arguments)
    assert result.exit_code == USAGE
    assert result.stderr.strip()
    assert not result.stdout


def test_what_the_program_does_wrong_is_an_engine_error_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(cli, "load_knowledge", fails)
    result = edx("determine", SOURCE)
    assert result.exit_code == ENGINE
    assert EngineError.code in result.stderr
    assert "by nothing" in result.stderr


def test_a_reader_who_has_read_enough_is_no_error() -> None:
    read, write = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-m", "reasoner", "determine", SOURCE], stdout=write, stderr=subprocess.PIPE, text=True
    ) as running:
        os.close(write)
        os.close(read)
        _, said = running.communicate(timeout=60)
    assert said == ""
    assert running.returncode not in (DONE, REFUSED, USAGE, ENGINE)


def test_what_a_file_says_does_not_steer_the_terminal(tmp_path: Path) -> None:
    file = tmp_path / "case.ttl"
    text = Path(MIXED).read_text("utf-8").replace('rdfs:label "Needle', 'rdfs:label "\\u001B[2J\\u202ENeedle')
    file.write_text(text, "utf-8")
    for command in (
        ["determine"],
        ["validate"],
        ["explain", "-c", "coverage"],
        ["query", "-f", str(CASES / "queries" / "studies.rq")],
    ):
        result = edx(command[0], str(file), *command[1:])
        assert result.exit_code == DONE
        assert "\x1b" not in result.output
        assert "\u202e" not in result.output


# What it writes ---------------------------------------------------------------


@pytest.mark.parametrize("form", EXTENSIONS)
def test_each_format_comes_out_and_is_the_same_in_a_file(form: str, tmp_path: Path) -> None:
    printed = edx("determine", SOURCE, "--policy", "bcbsnd", "--format", form)
    out = tmp_path / "new" / "report"
    written = edx("determine", SOURCE, "--policy", "bcbsnd", "--format", form, "-o", str(out))
    assert (printed.exit_code, written.exit_code) == (DONE, DONE)
    assert out.read_text("utf-8") == printed.stdout
    first, *more = written.stdout.splitlines()
    assert first == f"wrote {out}"
    assert len(more) == (form == "turtle")  # the digest of the graph, see test_verify
    if form == "json":
        json.loads(printed.stdout)
    elif form == "turtle":
        assert (None, SH.conforms, Literal(False)) in Graph().parse(data=printed.stdout, format="turtle")
    else:
        assert "not medically necessary" in printed.stdout.lower()


def test_several_cases_are_several_files_named_by_place_and_digest(tmp_path: Path) -> None:
    out = tmp_path / "reports"
    result = edx("determine", MIXED, SOURCE, "--policy", "bcbsnd", "--format", "json", "-o", str(out))
    assert result.exit_code == DONE
    digests = [case.digest[:12] for case in reasoner.read_cases(MIXED, SOURCE)]
    assert files_in(out) == [f"0000001-{digests[0]}.json", f"0000002-{digests[1]}.json"]
    assert result.stdout == f"2 cases: 1 not medically necessary, 1 experimental or investigational\nwrote {out}/\n"


def test_a_refused_case_leaves_the_names_of_the_others_as_they_were(tmp_path: Path) -> None:
    bad = str(HERE / "intake" / "refused-syntax.ttl")
    result = edx("determine", bad, SOURCE, "--policy", "bcbsnd", "-o", str(tmp_path / "reports"))
    assert result.exit_code == REFUSED
    name, refused = files_in(tmp_path)
    assert name.startswith("0000002-")
    assert refused == "refused.jsonl"


def test_a_folder_is_a_folder_for_one_case_too(tmp_path: Path) -> None:
    edx("determine", MIXED, "-o", f"{tmp_path / 'reports'}/")
    (name,) = files_in(tmp_path / "reports")
    assert name.endswith(".txt")


def test_nothing_is_written_of_what_is_refused_or_cannot_be_written(tmp_path: Path) -> None:
    refused = edx("determine", str(HERE / "intake" / "refused-syntax.ttl"), "-o", str(tmp_path / "report.txt"))
    assert refused.exit_code == REFUSED
    blocked = tmp_path / "file"
    blocked.write_text("kept", "utf-8")
    result = edx("determine", MIXED, "-o", str(blocked / "report.txt"))
    assert result.exit_code == USAGE
    assert "cannot be written" in result.stderr
    assert files_in(tmp_path) == ["file"]
    assert blocked.read_text("utf-8") == "kept"


# The commands -----------------------------------------------------------------


def test_a_case_alone_and_in_company_has_the_same_report() -> None:
    alone = [edx("determine", file, "--policy", "bcbsnd").stdout for file in (SOURCE, MIXED)]
    assert edx("determine", SOURCE, MIXED, "--policy", "bcbsnd").stdout == "\n".join(alone)


def test_the_process_prints_what_the_function_does() -> None:
    done = process("determine", SOURCE, "--policy", "bcbsnd")
    assert (done.returncode, done.stderr) == (DONE, "")
    assert done.stdout == edx("determine", SOURCE, "--policy", "bcbsnd").stdout
    assert process("determine", "no-such-file.ttl").returncode == REFUSED
    assert process("no-such-command").returncode == USAGE
    assert process("--version").stdout == f"edx, version {reasoner.__version__}\n"


def test_on_a_terminal_the_width_is_kept_and_colour_added() -> None:
    leader, follower = pty.openpty()
    os.set_blocking(leader, True)
    import fcntl
    import struct
    import termios

    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 70, 0, 0))
    query = "SELECT ?d ?r { ?d edx:recommendation ?r }"
    with subprocess.Popen(
        [sys.executable, "-m", "reasoner", "query", SOURCE, query], stdout=follower, stderr=subprocess.PIPE
    ) as running:
        os.close(follower)
        shown = b""
        try:
            while chunk := os.read(leader, 65536):
                shown += chunk
        except OSError:  # the other end is closed
            pass
        running.wait(timeout=60)
    os.close(leader)
    lines = shown.decode("utf-8").splitlines()
    assert running.returncode == DONE
    assert lines[-1] == "2 rows"
    assert max(map(len, lines)) <= 70


def test_validate_gives_a_validation_report() -> None:
    result = edx("validate", str(HERE / "intake" / "refused-no-study.ttl"), SOURCE, "--format", "turtle")
    assert result.exit_code == REFUSED
    assert (None, SH.conforms, Literal(False)) in Graph().parse(data=result.stdout, format="turtle")


def test_policies_are_listed_and_shown_with_their_clauses() -> None:
    listed = edx("policies").stdout
    assert [line.split()[0] for line in listed.splitlines()] == ["aetna-cpb-0502", "bcbsnd-emg-ncs"]
    assert "(partial)" in listed.splitlines()[0]
    assert "(partial)" not in listed.splitlines()[1]
    tree = edx("policies", "bcbsnd").stdout
    for edition in reasoner.load_knowledge().editions:
        if edition.slug == "bcbsnd-emg-ncs":
            flat = " ".join(tree.replace("│", " ").split())
            assert not [c.name for c in edition.criteria.values() if f"[{c.name}]" not in flat]
    assert max(map(len, tree.splitlines())) <= 100


def test_explain_gives_status_evidence_clause_and_quotation() -> None:
    told = edx("explain", SOURCE, "--policy", "bcbsnd", "-c", "not-settled-by-examination-and-imaging")
    flat = " ".join(told.stdout.split())
    assert told.exit_code == DONE
    for part in ("not met", "second bullet", "lumbar MRI", "The imaging findings adequately explain"):
        assert part in flat
    opened = edx("explain", SOURCE, "--policy", "bcbsnd", "-c", "bcbsnd:signs-and-symptoms").stdout
    assert "open" in opened
    assert "To be documented:" in opened
    each = edx("explain", SOURCE, "--policy", "bcbsnd", "-c", "repeat-testing").stdout
    assert each.count("BCBSND, Nerve Conduction") == 2, "once for each study"


def test_a_query_takes_text_or_a_file_and_needs_no_case() -> None:
    query = CASES / "queries" / "deciding-criteria.rq"
    by_file = edx("query", SOURCE, "-f", str(query), "--policy", "bcbsnd")
    by_text = edx("query", SOURCE, query.read_text("utf-8"), "--policy", "bcbsnd")
    assert by_file.stdout == by_text.stdout
    assert "bcbsnd:not-settled-by-examination-and-imaging" in by_file.stdout
    knowledge_alone = edx("query", "ASK { edx:NerveRootCompression a owl:Class }")
    assert (knowledge_alone.exit_code, knowledge_alone.stdout) == (DONE, "yes\n")


def test_a_query_asks_about_every_policy_in_force_and_says_which_is_not() -> None:
    early = edx("query", MIXED, "--on", "2021-01-01", "SELECT ?d { ?d a edx:Determination }")
    assert early.exit_code == DONE
    assert "1 row\n" in early.stdout
    assert "not determined under aetna-cpb-0502" in early.stderr
