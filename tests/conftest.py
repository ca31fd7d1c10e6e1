"""Options and settings of the suite."""

import os

import hypothesis
import pytest
from judging import knowledge

from reasoner.cli import terminology as cli_terminology

# A landing must not hang on chance: CI draws the same examples each time; at a desk every run draws new ones.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("ci")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-goldens",
        action="store_true",
        help="write the reports that test_goldens compares instead of comparing them; then read the difference",
    )


@pytest.fixture
def knowledge_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands about codes take the knowledge that the tests have loaded already."""
    monkeypatch.setattr(cli_terminology, "load_knowledge", knowledge)
