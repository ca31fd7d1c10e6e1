"""Reports in JSON: one document, or a line for each of many."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from reasoner.errors import UnreadableProofError
from reasoner.formats.as_json import SCHEMA
from reasoner.verification.claims import Group, Statement, json_claim, json_statements

JCS: Final = "RFC 8785"


@dataclass
class JsonReports:
    """Reports in JSON, each with its place."""

    name: str
    found: Sequence[tuple[str, dict[str, Any], str]]
    canonicalization: str = JCS
    refusals: int = 0
    strange: Sequence[str] = ()

    @property
    def reports(self) -> int:
        """As `Document` has it."""
        return len(self.found)

    @property
    def digest(self) -> str:
        """As `Document` has it."""
        digests = [digest for _, _, digest in self.found]
        return digests[0] if len(digests) == 1 else hashlib.sha256("\n".join([*digests, ""]).encode()).hexdigest()

    def groups(self) -> Iterator[Group]:
        """As `Document` has it."""
        for place, report, digest in self.found:
            try:
                statements = frozenset(json_statements(report))
            except RecursionError:
                raise _too_deep(self.name) from None
            yield Group(place, statements, (json_claim(report),), digest, is_json=True)

    def words(self) -> Iterator[tuple[str, frozenset[Statement]]]:
        """As `Document` has it."""
        yield from ()

    def cases(self) -> bytes:
        """As `Document` has it."""
        return b""


def read_json(data: bytes, name: str) -> JsonReports | None:
    """Read one report; nothing where the document is none, and may be JSON-LD.

    Raises:
        UnreadableProofError: It speaks of a schema and is no JSON, or is nested too deeply.
    """
    found = _json(data, name) if b'"schema"' in data else None
    return _of_json([("", found)], name) if isinstance(found, dict) and found.get("schema") == SCHEMA else None


def read_lines(data: bytes, name: str) -> JsonReports:
    """Read reports in lines, alone or as `edx determine --detail full` wraps them; lines of refused cases are counted.

    Raises:
        UnreadableProofError: A line is none of these, or there is no report.
    """
    found = []
    refusals = 0
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        said = _json(line, f"{name}, line {number}")
        report = said.get("report", said) if isinstance(said, dict) else said
        if isinstance(report, dict) and report.get("schema") == SCHEMA:
            found.append((f"line {number}", report))
        elif isinstance(said, dict) and said.get("problem_code") is not None:
            refusals += 1
        else:
            problem = f"line {number} is no report. Lines of reports are written by `edx determine --detail full`."
            raise UnreadableProofError(name, problem)
    if not found:
        raise UnreadableProofError(name, "holds no report.")
    return _of_json(found, name, refusals)


def _of_json(reports: Sequence[tuple[str, dict[str, Any]]], name: str, refusals: int = 0) -> JsonReports:
    try:
        with_digests = [(place, said, hashlib.sha256(_canonical_json(said)).hexdigest()) for place, said in reports]
    except orjson.JSONEncodeError:
        raise _too_deep(name) from None
    return JsonReports(name, with_digests, refusals=refusals)


def _too_deep(name: str) -> UnreadableProofError:
    return UnreadableProofError(name, "is nested too deeply for a report.")


def _canonical_json(report: dict[str, Any]) -> bytes:
    """As RFC 8785 has it: a report holds texts, booleans, small integers and null alone, and its members are ASCII."""
    return orjson.dumps(report, option=orjson.OPT_SORT_KEYS)


def _json(data: bytes, name: str) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise UnreadableProofError(name, f"not JSON: {error}.") from None
