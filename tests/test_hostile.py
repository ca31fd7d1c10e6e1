"""Files and queries made to do harm: each comes to what is expected of it, and the program does nothing beside.

The corpus is made by `tests/hostile/make.py`, the expectations stand beside the files, and `python tests/hostile/run.py`
prints what became of each. Here some stand for the rest; `-m slow` tries all.
"""

import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from hostile import confined, run, shown
from hostile.attack import REFUSED, case
from hostile.make import attacks
from hostile.query_attacks import queries

SERVER, SECRET = "http://127.0.0.1:9", "/nowhere/secret"
ALL = attacks(SERVER, SECRET)
QUICK = (
    "entities/billion-laughs.rdf", "entities/external-entity-file.rdf", "contexts/remote.jsonld", "contexts/import-of-a-file.jsonld",
    "contexts/deep-arrays.jsonld", "encodings/overlong.ttl", "encodings/utf-32.ttl", "encodings/surrogate-escape.ttl",
    "homoglyphs/cyrillic-in-the-class.ttl", "labels/markdown-link.ttl", "labels/escape-sequences.ttl",
    "dates/arabic-digits.ttl", "numbers/integer-of-a-million-digits.ttl", "patterns/duration.ttl", "poison/clique.ttl",
    "special/loop.ttl", "archives/slip.zip", "archives/links.tar",
)  # fmt: skip
QUICK_QUERIES = ("outside-service", "outside-from-a-file", "nested-exists", "bomb-concatenated", "empty-cells")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[Path, str, str, socket.socket]]:
    with run.warmed_up(), run.corpus() as made:
        yield made


def test_the_corpus_is_as_large_as_is_said_and_covers_what_the_issue_names() -> None:
    assert len(ALL) == 321
    assert len(queries(SERVER, SECRET)) == 55
    groups = {attack.name.split("/")[0] for attack in ALL}
    assert groups == {
        "entities", "contexts", "nesting", "encodings", "iris", "homoglyphs", "labels", "dates", "numbers", "booleans", "literals", "patterns",
        "poison", "special", "names", "archives",
    }  # fmt: skip
    assert all(attack.why for attack in ALL)
    assert all(attack.says for attack in ALL if attack.outcome == REFUSED)


def test_some_files_and_queries_come_to_what_is_expected(place: tuple[Path, str, str, socket.socket]) -> None:
    folder, address, secret, server = place
    chosen = [attack for attack in attacks(address, secret) if attack.name in QUICK]
    asked = [query for query in queries(address, secret) if query.name in QUICK_QUERIES]
    assert (len(chosen), len(asked)) == (len(QUICK), len(QUICK_QUERIES))
    outcomes = [*(run.tried(attack, folder) for attack in chosen), *(run.asked(query, folder) for query in asked)]
    assert {outcome.name: outcome.faults for outcome in outcomes if outcome.faults} == {}
    assert run.connections(server) == 0


@pytest.mark.slow
def test_every_file_and_query_comes_to_what_is_expected() -> None:
    done = subprocess.run(
        [sys.executable, str(Path(run.__file__))], capture_output=True, text=True, check=False, errors="replace"
    )
    faulty = [line for line in done.stdout.splitlines() if line.startswith(("FAULT", "        "))]
    assert done.returncode == 0, "\n".join(faulty) + done.stderr[-2000:]
    assert "faults: 0" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["entities/billion-laughs.rdf", "contexts/remote.jsonld", "labels/escape-sequences.ttl", "encodings/utf-16.ttl"],
)
def test_the_command_itself_ends_in_the_same_way(name: str, tmp_path: Path) -> None:
    (attack,) = (found for found in ALL if found.name == name)
    for command in ("validate", "determine"):
        done = subprocess.run(
            [sys.executable, "-m", "reasoner", command, str(attack.write(tmp_path))],
            capture_output=True,
            check=False,
            timeout=60,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31)),
        )
        assert done.returncode == (attack.outcome == REFUSED)
        assert b"Traceback" not in done.stderr
        assert not shown.steers_a_terminal((done.stdout + done.stderr).decode())


# What finds the faults finds them: each is planted here -----------------------------


def planted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, deed: object, **limits: float) -> confined.Confined:
    """What is told of a command that does something."""
    command = SimpleNamespace(main=lambda arguments, prog_name: deed())  # type: ignore[operator]
    monkeypatch.setattr(confined.cli, "main", command)
    return confined.run([["validate", "x"]], tmp_path, **limits)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "deed",
    [
        lambda: os.open("/etc/passwd", os.O_RDONLY),
        lambda: Path("/etc/hostname").read_bytes(),
        lambda: socket.create_connection(("127.0.0.1", 9), 0.1),
        lambda: socket.getaddrinfo("localhost", 80),
        lambda: subprocess.run(["true"], check=True),
        lambda: os.system("true"),
        lambda: Path("/tmp/planted-by-a-test").write_text("x"),
    ],
)
def test_a_deed_beside_the_task_is_noted(deed: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (ran,) = planted(monkeypatch, tmp_path, deed).ran
    assert confined.trespasses(ran, [], tmp_path)
    Path("/tmp/planted-by-a-test").unlink(missing_ok=True)


def test_reading_the_input_and_the_package_is_no_trespass(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path.parent / "input.ttl"
    file.write_text("x", "utf-8")

    def deed() -> None:
        file.read_bytes()
        (confined.PACKAGE / "version.py").read_bytes()

    (ran,) = planted(monkeypatch, tmp_path, deed).ran
    assert confined.trespasses(ran, [file], tmp_path) == []
    assert len(confined.trespasses(ran, [], tmp_path)) == 1


def test_a_crash_a_delay_and_too_much_memory_are_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert planted(monkeypatch, tmp_path, os.abort).died == "ended by signal 6"
    assert planted(monkeypatch, tmp_path, lambda: time.sleep(60), seconds=1).died == "took more than 1 s"
    (ran,) = planted(monkeypatch, tmp_path, lambda: bytearray(400_000_000), memory=200_000_000).ran
    assert b"Traceback: MemoryError" in ran.stderr
    assert any("a traceback" in fault for fault in run.general_faults(ran, [], tmp_path))


@pytest.mark.parametrize(
    ("form", "spoilt"),
    [
        ("html", lambda page: page.replace("a label", "<b>a label</b>", 1)),
        ("html", lambda page: page.replace("a label", "a label\u202e", 1)),
        ("html", lambda page: page.replace("a label", "")),
        ("markdown", lambda page: page.replace("a label", "*a* label", 1)),
        ("markdown", lambda page: page.replace("a label", "<b>a label", 1)),
        ("markdown", lambda page: page.replace("a label", "a\x1b label", 1)),
        ("json", lambda page: page.replace("a label", "")),
    ],
)
def test_a_label_that_is_not_shown_as_text_is_found(form: str, spoilt: object) -> None:
    plain = run.benign()[form]
    assert run.shown_otherwise(form, plain, "a label") == []
    assert run.shown_otherwise(form, spoilt(plain), "a label") != []  # type: ignore[operator]


def test_formulas_and_characters_that_steer_are_found() -> None:
    assert shown.formulas('a,"=1+1"\r\n-1,@x\r\n') == ["=1+1", "@x"]
    assert shown.steers_a_terminal("plain ä \u200d\n") == ""
    assert shown.steers_a_terminal("\x1b[31m\u202e\x9b") == "\x1b\x9b\u202e"
    assert shown.longest_words("<script>alert me(1)</script>") == "alert me"


def test_the_case_that_attacks_start_from_is_a_valid_one(tmp_path: Path) -> None:
    path = tmp_path / "case.ttl"
    path.write_text(case(), "utf-8")
    (ran,) = confined.run([["determine", str(path)]], tmp_path).ran
    assert (ran.code, ran.stderr) == (0, b"")
