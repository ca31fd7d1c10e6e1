"""The page of measurements says what its figures say, and what measures them still runs."""

import importlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
FIGURES = BENCHMARKS / "results.json"

pytestmark = pytest.mark.skipif(not FIGURES.exists(), reason="the suite of a wheel stands without the benchmarks")


def test_the_page_is_what_its_figures_make_and_all_of_it_was_measured_in_full(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    found = json.loads(FIGURES.read_text("utf-8"))
    importlib.import_module("page").write(found, tmp_path)
    assert (tmp_path / "RESULTS.md").read_text("utf-8") == (BENCHMARKS / "RESULTS.md").read_text("utf-8")
    parts = importlib.import_module("run").PARTS
    assert {part for part in parts if part in found} == set(parts)
    assert found["quick"] == dict.fromkeys(parts, False)


@pytest.mark.slow
def test_the_benchmarks_run_to_their_page(tmp_path: Path) -> None:
    folder = tmp_path / "benchmarks"
    shutil.copytree(BENCHMARKS, folder, ignore=shutil.ignore_patterns("results.json", "RESULTS.md", "*.svg"))
    asked = [part for name in ("cold", "single", "stages", "criteria") for part in ("--part", name)]
    subprocess.run([sys.executable, folder / "run.py", "--quick", *asked], check=True, capture_output=True)
    page = (folder / "RESULTS.md").read_text("utf-8")
    assert "Measured with a tenth of the cases: cold, single, stages, criteria." in page
    assert [line for line in page.splitlines() if line.startswith("## ")] == [
        "## Targets",
        "## One case",
        "## Where the time goes",
        "## By number of criteria",
        "## The machine meanwhile",
    ]
