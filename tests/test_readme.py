"""What the README shows is what the program does."""

import re
import shlex
from pathlib import Path

import pytest
from click import Context
from click.testing import CliRunner

import reasoner
from reasoner.cli.main import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", README, re.DOTALL)


def block(language: str, number: int = 0) -> str:
    return [text for name, text in BLOCKS if name == language][number]


def commands() -> list[str]:
    return [
        line.split("&&")[-1].strip()
        for name, text in BLOCKS
        if not name
        for line in text.splitlines()
        if "edx " in line
    ]


def run(command: str) -> str:
    result = CliRunner().invoke(main, shlex.split(command)[1:])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(autouse=True)
def _in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_the_first_command_prints_what_is_shown() -> None:
    assert run(commands()[0]).startswith(block("text").rstrip() + "\n")


def test_there_are_three_commands_and_every_shown_edx_command_runs() -> None:
    assert len(commands()) == 3
    assert run(commands()[1]) == block("text", 2)
    assert run(commands()[2]).endswith("\n\n" + block("text", 3))


def test_every_command_is_in_the_table() -> None:
    assert set(re.findall(r"^\| `edx ([\w-]+)", README, re.MULTILINE)) == set(main.list_commands(Context(main)))


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_every_module_that_a_document_names_is_there(document: str) -> None:
    named = set(re.findall(r"`(?:python |pytest )?((?:\w+/)*\w+\.py)", (ROOT / document).read_text("utf-8")))
    named = {name for name in named if not name.startswith("benchmarks/")}  # a wheel's suite has none
    folders = (ROOT, Path(reasoner.__file__).parent, Path(reasoner.__file__).parent.parent)
    assert not {name for name in named if not any((folder / name).is_file() for folder in folders)}
    assert len(named) > 5 or document == "README.md"


def test_every_query_that_is_named_is_there() -> None:
    assert all((ROOT / "cases" / "queries" / name).is_file() for name in re.findall(r"`([\w-]+\.rq)`", README))


def test_the_proof_is_told_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Digests change with every release; an ellipsis stands for one, or for the rest of the output."""
    source = ROOT / "cases" / "source-000-lumbar-spondylosis-after-fusion" / "case.ttl"
    (tmp_path / "case.ttl").write_bytes(source.read_bytes())
    monkeypatch.chdir(tmp_path)
    told, shown = "", block("console")
    for line in re.findall(r"^\$ (.*)$", shown, re.MULTILINE):
        told += f"$ {line}\n"
        if line.startswith("sed -i s/"):
            _, old, new, name = re.split("[/]", line.replace("/ ", "/"))
            path = tmp_path / name
            assert old in path.read_text("utf-8")
            path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
        else:
            told += CliRunner().invoke(main, shlex.split(line)[1:]).stdout
    assert re.match(re.escape(shown.rstrip("\n")).replace("…", r"\S+"), told)


def test_the_python_example_prints_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(block("python"), "README.md", "exec"), {})
    assert capsys.readouterr().out == block("text", 1)


def test_the_case_is_one_that_can_be_judged(tmp_path: Path) -> None:
    path = tmp_path / "case.ttl"
    path.write_text(block("turtle"), "utf-8")
    (case,) = reasoner.read_cases(path)
    # a finding, an inconclusive examination and a suspected radiculopathy: all that BCBSND's criteria ask for
    assert reasoner.determine(case, reasoner.load_knowledge()).outcome is reasoner.Outcome.MEDICALLY_NECESSARY


def test_the_exit_codes_are_those_of_the_command() -> None:
    assert CliRunner().invoke(main, ["determine", "README.md"]).exit_code == 1
    assert CliRunner().invoke(main, ["determine"]).exit_code == 2


def test_every_folder_that_is_named_exists() -> None:
    for folder in re.findall(r"^\| `(\w+)/`", README, re.MULTILINE):
        assert (ROOT / folder).is_dir() or not (ROOT / "ontology").is_dir(), folder
