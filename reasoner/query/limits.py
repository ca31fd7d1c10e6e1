"""What a query may take: text, time, memory, results; each limit with its default and its option of `edx query`."""

from dataclasses import dataclass, fields
from typing import Final


@dataclass(frozen=True, kw_only=True)
class QueryLimits:
    """The limits of one query.

    Attributes:
        seconds: Time until the whole answer is there.
        results: Solutions of SELECT, triples of CONSTRUCT and DESCRIBE. An answer is whole or not given: cut off, it
            would pass for a whole one.
        answer: Bytes of the answer, as SPARQL JSON results or N-Triples.
        memory: Bytes beside those that the data take. It holds where the platform limits a process's memory and tells
            how much it has (Linux).
        nesting: Levels of brackets. The parser recurses; some 300 levels overflow its stack.
        words: Words and signs outside VALUES blocks. Long chains recurse too; the shortest that overflowed had 3000.
        length: Characters of the query; room for VALUES blocks with thousands of codes.
    """

    seconds: float = 60.0
    results: int = 100_000
    answer: int = 100_000_000
    memory: int = 1_000_000_000
    nesting: int = 50
    words: int = 1_000
    length: int = 1_000_000

    def __post_init__(self) -> None:
        for limit in fields(self):
            if not getattr(self, limit.name) > 0:
                raise ValueError(f"QueryLimits.{limit.name} has to be more than nothing.")


OPTIONS: Final = {
    "seconds": "--timeout",
    "results": "--max-results",
    "answer": "--max-answer",
    "memory": "--max-memory",
    "nesting": "--max-nesting",
    "words": "--max-words",
    "length": "--max-length",
}
"""The option of `edx query` for each limit; those for `answer` and `memory` count in MB."""


def how_to_raise(limit: str) -> str:
    """The end of a message about a limit that was met."""
    return f"Ask for less, or raise the limit: {OPTIONS[limit]} (in Python QueryLimits.{limit})."
