"""The command `edx`, run within the process of the tests."""

from click.testing import CliRunner, Result

from reasoner.cli import main as cli


def edx(*arguments: str) -> Result:
    """What the command answers; whatever is wrong, it ends by an exit code and shows no traceback."""
    result = CliRunner().invoke(cli.main, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result
