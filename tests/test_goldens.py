"""The whole report of a few cases, word for word: `pytest tests/test_goldens.py --rewrite-goldens` writes them anew.

What must come out of a case is derived by hand in its `expected.toml`. These files show how it is told, and a change of
any word of it has to be read and meant.
"""

from pathlib import Path

import pytest

import reasoner

CASES = Path(__file__).parents[1] / "cases"
GOLDENS = {
    "source-000-lumbar-spondylosis-after-fusion": "bcbsnd",
    "source-000-imaging-removed": "bcbsnd",
    "exclusion-needle-and-surface-emg": "bcbsnd",
    "both-payers-pain-alone": "aetna",
}


@pytest.mark.parametrize("folder", GOLDENS)
def test_the_report_reads_as_it_did(folder: str, request: pytest.FixtureRequest) -> None:
    golden = CASES / folder / "report.md"
    knowledge = reasoner.load_knowledge()
    (case,) = reasoner.read_cases(CASES / folder / "case.ttl")
    determination = reasoner.determine(case, knowledge, policy=GOLDENS[folder])
    report = reasoner.report_graph(determination, knowledge)
    told = reasoner.render(report, "markdown")
    # the digests change with ontology and shapes, one with every comment in them, and the version with every release
    digests = knowledge.digests(determination.edition)._asdict() | {"ontology and shapes": knowledge.digest}
    for name, digest in digests.items():
        assert digest in told
        told = told.replace(digest, f"(that of {name})")
    told = told.replace(f"edx-reasoner: {reasoner.__version__}", "edx-reasoner: (its version)")
    if request.config.getoption("--rewrite-goldens"):
        golden.write_text(told, "utf-8")
    assert golden.read_text("utf-8") == told, "read the difference; if it is meant, run with --rewrite-goldens"


def test_no_report_lies_there_uncompared() -> None:
    assert {path.parent.name for path in CASES.glob("*/report.md")} == set(GOLDENS)
