"""The limits on one case: how many statements it has, and how long their terms are."""

import re
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Final

from rdflib.term import Node

from reasoner.case import Problem, Severity
from reasoner.intake import rules
from reasoner.limits import Limits, beyond
from reasoner.rdf.statements import Statement
from reasoner.rdf.tokens import BLANK, term_of

_LINE: Final = itemgetter(0)
_NAMED_AT_MOST: Final = 5
_ESCAPED: Final = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)")
_SHOWN: Final = 60  # characters of a term that is too long to be shown


def beyond_size(stated: Sequence[Statement], limits: Limits, namer: Callable[[Node], str], blank: str) -> list[Problem]:
    """What of some statements lies beyond the limits; nothing else is to be looked at then.

    Args:
        stated: The statements of one case.
        limits: The limits in force.
        namer: How to name a node in a message.
        blank: The IRI below which blank nodes are named.
    """
    if len(stated) > limits.statements:
        said = f"The case has {len(stated):,} statements"
        return [_problem(beyond("statements", limits, said, "State only what the request rests on."))]
    shortest = min(limits.literal, limits.iri)
    if max(map(len, map(_LINE, stated)), default=0) <= shortest:
        return []
    found: list[Problem] = []
    for line, subject, says, value in stated:
        if len(line) <= shortest:
            continue
        for term in (subject, says.predicate, value):
            said = _beyond_length(term, limits)
            if said:
                where = _shortened(subject) if len(subject) > limits.iri else namer(term_of(subject, blank))
                found.append(_problem(said, where))
                if len(found) == _NAMED_AT_MOST:
                    return found
    return found


def too_many_problems(limits: Limits) -> Problem:
    """What is said beside the problems that are told, where there are more."""
    said = f"The case has more than {limits.problems:,} problems"
    return _problem(beyond("problems", limits, said, "Correct those that are told first.", done="told"))


def _beyond_length(term: str, limits: Limits) -> str:
    """What is wrong with the length of a term, or nothing."""
    if term[0] in ("<", BLANK):
        return _beyond_iri(term, len(term) - 2, limits)
    end = term.rfind('"')
    length = end - 1 if end - 1 <= limits.literal else len(_ESCAPED.sub("x", term[1:end]))
    if length > limits.literal:
        advice = "Quote the passage that matters, and name the document."
        said = f"The literal {_shortened(term)} has {length:,} characters"
        return beyond("literal", limits, said, advice)
    return _beyond_iri(term[end + 1 :], len(term) - end - 5, limits)


def _beyond_iri(term: str, length: int, limits: Limits) -> str:
    if length <= limits.iri:
        return ""
    return beyond("iri", limits, f"The IRI {_shortened(term)} has {length:,} characters", "Use a shorter IRI.")


def _shortened(term: str) -> str:
    return f"{term[:_SHOWN]}…"


def _problem(said: str, where: str = "") -> Problem:
    return Problem(Severity.ERROR, said, source_shape=rules.WITHIN_LIMITS, where=where)
