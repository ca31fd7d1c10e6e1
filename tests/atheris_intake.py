"""Intake under atheris: bytes that find new ways through the code, in every syntax; only what is documented may come out.

    python -m pip install atheris
    python tests/atheris_intake.py [-max_total_time=SECONDS] [-atheris_runs=N] [FOLDER]

takes the options of libFuzzer. FOLDER keeps what found a new way; without one it begins with the files of `tests/intake/`
in a folder that is thrown away. The first byte chooses the syntax. Whatever ends in anything else than cases or refusals
with a reason stops the run, and the bytes are left in a file `crash-…`. Not run by the suite: atheris is built for some
versions of Python and some systems only.
"""

import os
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["reasoner.rdf", "reasoner.intake"]):
    from reasoner.errors import InputError
    from reasoner.intake.admission import Refusal, validate
    from reasoner.rdf.syntax import EXTENSIONS

HERE = Path(__file__).parent
SYNTAXES = tuple(EXTENSIONS)
CODES = {error.code for error in InputError.__subclasses__()}


def try_one(data: bytes) -> None:
    """One input: the first byte for the syntax, the rest for the file."""
    if not data:
        return
    result = validate(data[1:], name=f"case{SYNTAXES[data[0] % len(SYNTAXES)]}")
    if not result.entries:
        raise AssertionError("neither a case nor a refusal came out")
    for entry in result.entries:
        if isinstance(entry, Refusal) and (entry.code not in CODES or not str(entry.error())):
            raise AssertionError("a refusal without a documented reason")


def seeds(folder: Path) -> None:
    """The files that the tests of intake have, each with the byte of its syntax before it."""
    for path in (*(HERE / "intake").iterdir(), *(HERE / "intake_valid").iterdir()):
        if path.suffix in SYNTAXES:
            (folder / path.name).write_bytes(bytes([SYNTAXES.index(path.suffix)]) + path.read_bytes())


def main() -> None:
    """Run until stopped."""
    with tempfile.TemporaryDirectory() as own:
        seeds(Path(own))
        atheris.Setup([*sys.argv, own], try_one)
        atheris.Fuzz()


if __name__ == "__main__":
    os.environ.setdefault("PYTHONHASHSEED", "0")
    main()
