"""What differs between a report and its replay, in words."""

from collections.abc import Iterable, Mapping
from typing import Final

from rdflib import PROV, URIRef

from reasoner.case import Case, curie
from reasoner.evaluation.criteria import Status
from reasoner.evaluation.determination import Outcome
from reasoner.formats.wording import STATUS_MARKS, Role
from reasoner.rdf.tokens import term_of
from reasoner.report.content import OUTCOME_WORDS
from reasoner.terms import BASE, EDX, GENID
from reasoner.verification.claims import INPUTS, KNOWLEDGE, VERSION, Claim, Statement

MOST: Final = 12
"""So many statements or criteria of a kind are listed; the rest is counted."""
_LONGEST: Final = 160
_OF_THE_PROGRAM: Final = frozenset(
    {f"<{EDX[KNOWLEDGE]}>", f"<{EDX[VERSION]}>", f"<{PROV.wasAttributedTo}>", "knowledge_digest", "program_version"}
)
_PROGRAM: Final = f"<{BASE}program/"


def between(
    reported: frozenset[Statement], replayed: frozenset[Statement], *, program: bool
) -> tuple[frozenset[Statement], frozenset[Statement]]:
    """The statements that only the report makes, and those that only the replay makes.

    `program` leaves out what is said of the program itself and of the knowledge as a whole.
    """
    more, less = reported - replayed, replayed - reported
    if not program:
        return more, less
    return frozenset(filter(_is_of_result, more)), frozenset(filter(_is_of_result, less))


def _is_of_result(statement: Statement) -> bool:
    return statement[1] not in _OF_THE_PROGRAM and not statement[0].startswith(_PROGRAM)


def of_inputs(claim: Claim, now: Mapping[str, str], case: Case) -> list[str]:
    """The inputs that are others now, and for the case what the report cites and the case does not state."""
    found = [
        f"input: {called}: the report was made from {claim.inputs[name]}, at hand is {now[name]}"
        for name, called in INPUTS.items()
        if name in now and claim.inputs[name] != now[name]
    ]
    if claim.inputs["caseDigest"] != case.digest:
        gone = _cited_in_vain(claim, case)
        if gone:
            found.append(_bounded("cited in the report, not stated in the case at hand", gone))
    return found


def _cited_in_vain(claim: Claim, case: Case) -> list[str]:
    stated = {tuple(_known(term.n3()) for term in triple) for triple in case.statements}
    own = f"<{claim.case}>"
    gone = []
    for cited in claim.cited:
        s, p, o = (_known(term_of(token, "_:").n3()) for token in cited.statement)
        same = {(s, p, o), (_known(f"<{case.iri}>") if s == _known(own) else s, p, o)}
        if not same & stated:
            gone.append(f"{_statement(cited.statement)}  ({cited.sentence})")
    return sorted(gone)


def _known(token: str) -> str:
    """A term; a node without an IRI was named by the digest of its case, and is any such node in another one."""
    return "_:" if token.startswith(f"<{GENID}") else token


def of_program(claim: Claim, now: Claim) -> list[str]:
    """Another version of the program, or other files of the knowledge than those that a determination rests on."""
    found = []
    if claim.inputs[VERSION] != now.inputs[VERSION]:
        found.append(f"program: the report was made by version {claim.inputs[VERSION]}, this is {now.inputs[VERSION]}")
    if claim.inputs[KNOWLEDGE] != now.inputs[KNOWLEDGE]:
        found.append(
            f"knowledge as a whole: {claim.inputs[KNOWLEDGE]} by its bytes, now {now.inputs[KNOWLEDGE]}; inputs named "
            "above apart, these are files that the determination does not rest on, comments or layout"
        )
    return found


def of_outcomes(claim: Claim, now: Claim) -> list[str]:
    """The outcomes that are others now: of the request, and of each study."""
    found = []
    if claim.outcome != now.outcome:
        found.append(f"outcome of the request: {_outcome(claim.outcome)} in the report, {_outcome(now.outcome)} now")
    for study in sorted({*claim.studies, *now.studies}):
        then, today = claim.studies.get(study), now.studies.get(study)
        if then != today:
            name = claim.labels.get(study) or now.labels.get(study) or study
            found.append(f"outcome of {name}: {_outcome(then)} in the report, {_outcome(today)} now")
    return found


def of_criteria(claim: Claim, now: Claim) -> list[str]:
    """The criteria whose status is another now."""
    found = []
    for key in sorted({*claim.statuses, *now.statuses}):
        then, today = claim.statuses.get(key), now.statuses.get(key)
        if then != today:
            criterion, focus = key
            label = claim.labels.get(focus) or now.labels.get(focus)
            name = criterion.rpartition("#")[2] + (f" ({label})" if label else "")
            found.append(f"criterion {name}: {_status(then)} in the report, {_status(today)} now")
    if len(found) > MOST:
        return [*found[:MOST], f"… and {len(found) - MOST} more criteria"]
    return found


def listed(heading: str, statements: Iterable[Statement]) -> str:
    """A heading and the statements below it."""
    return _bounded(heading, [_statement(found) for found in sorted(statements)])


def _bounded(heading: str, lines: list[str]) -> str:
    more = [f"… and {len(lines) - MOST} more"] if len(lines) > MOST else []
    return "\n".join([f"{heading}:", *(f"  {line}" for line in [*lines[:MOST], *more])])


def _statement(statement: Statement) -> str:
    return "  ".join(map(_term, statement))


def _term(token: str) -> str:
    if token.startswith("<"):
        iri = token[1:-1]
        own, part, name = iri.partition("#")
        return f"#{name}" if part and own.startswith(f"{BASE}determination/") else curie(URIRef(iri))
    return token if len(token) <= _LONGEST else f"{token[:_LONGEST]}…"


def _status(name: str | None) -> str:
    return (
        "absent"
        if name is None
        else STATUS_MARKS[Role.REQUIREMENT][Status(name)].word
        if name in set(Status)
        else f"'{name}'"
    )


def _outcome(name: str | None) -> str:
    return "absent" if name is None else OUTCOME_WORDS[Outcome(name)] if name in set(Outcome) else f"'{name}'"
