"""How much one input may ask of the program: the one place of its limits, their defaults and flags.

The defaults leave a real record room many times over: a usual case has some hundred statements and four levels.
"""

from dataclasses import Field, dataclass, field
from typing import Any, Final

MEBIBYTE: Final = 2**20


def limit(default: float, flag: str, help_: str, *, least: int = 1, unit: int = 1) -> Any:
    """A field that is a limit: its default, its flag with what that says, the least that it may be.

    `unit` is how much the number given with the flag counts for: `MEBIBYTE` where the field counts bytes.
    """
    return field(default=default, metadata={"flag": flag, "help": help_, "least": least, "unit": unit})


@dataclass(frozen=True)
class Limits:
    """What is read and judged at most. What lies beyond is refused by name; 0 seconds or 0 memory sets no bound.

    `document_bytes`, `triples` and `cases` hold for what is read as a whole: a file, a member of an archive, and of
    N-Quads, TriG and lines of JSON-LD in a batch each graph or line. `literal` and `iri` are in characters, `seconds`
    are those of the clock for taking in, determining and reporting one case, and `memory` is in MiB for each process.
    """

    document_bytes: int = limit(32 * MEBIBYTE, "--max-bytes", "Bytes of one document, unpacked.")
    unpacked_bytes: int = limit(
        1024 * MEBIBYTE, "--max-unpacked", "Bytes out of one compressed file or archive, or 200 times its own size."
    )
    triples: int = limit(200_000, "--max-triples", "Statements of one document.")
    cases: int = limit(5_000, "--max-cases", "Cases of one document.")
    statements: int = limit(10_000, "--max-statements", "Statements of one case.")
    depth: int = limit(100, "--max-depth", "Levels of brackets, elements or objects inside each other.")
    literal: int = limit(100_000, "--max-literal", "Characters of one literal.")
    iri: int = limit(2_048, "--max-iri", "Characters of one IRI.")
    problems: int = limit(1_000, "--max-problems", "Problems of one case, warnings included.")
    seconds: int = limit(10, "--max-seconds", "Seconds for one case; 0 for no end.", least=0)
    memory: int = limit(
        2_048, "--max-memory", "MiB that a process may take up beside what it starts with; 0 for no end.", least=0
    )


DEFAULT: Final = Limits()


def flag_of(name: str, of: type[Any] = Limits) -> str:
    """The flag that sets a limit: a field of `Limits`, or of another class whose fields are limits."""
    found: Field[Any] = of.__dataclass_fields__[name]
    flag: str = found.metadata["flag"]
    return flag


def beyond(name: str, limits: Limits, found: str, advice: str, *, done: str = "read") -> str:
    """The message that something lies beyond a limit: what was found, the limit and its flag, what to do.

    Args:
        name: The limit, a field of `Limits`.
        limits: The limits in force.
        found: What was found, as a clause without a full stop.
        advice: What to do, as a sentence.
        done: What is done with as much as the limit allows.
    """
    return f"{found}; at most {getattr(limits, name):,} are {done} ({flag_of(name)}). {advice}"
