"""What a query may take: text, time, memory, results; each limit with its default and its flag of `edx query`."""

from dataclasses import dataclass, fields

from reasoner.limits import MEBIBYTE, flag_of, limit


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
        depth: Levels of brackets. The parser recurses; some 300 levels overflow its stack.
        words: Words and signs outside VALUES blocks. Long chains recurse too; the shortest that overflowed had 3000.
        length: Characters of the query; room for VALUES blocks with thousands of codes.
    """

    seconds: float = limit(60.0, "--max-seconds", "Seconds until the answer is there.", least=0)
    results: int = limit(
        100_000, "--max-results", "Rows, or triples of CONSTRUCT and DESCRIBE; an answer with more is not given."
    )
    answer: int = limit(100 * MEBIBYTE, "--max-answer", "MiB of the answer.", unit=MEBIBYTE)
    memory: int = limit(1_024 * MEBIBYTE, "--max-memory", "MiB of memory beside the data (Linux).", unit=MEBIBYTE)
    depth: int = limit(50, "--max-depth", "Levels of brackets in the query.")
    words: int = limit(1_000, "--max-words", "Words and signs of the query outside VALUES blocks.")
    length: int = limit(1_000_000, "--max-length", "Characters of the query.")

    def __post_init__(self) -> None:
        for found in fields(self):
            if not getattr(self, found.name) > 0:
                raise ValueError(f"QueryLimits.{found.name} has to be more than nothing.")


def how_to_raise(name: str) -> str:
    """The end of a message about a limit that was met."""
    return f"Ask for less, or raise the limit: {flag_of(name, QueryLimits)} (in Python QueryLimits.{name})."
