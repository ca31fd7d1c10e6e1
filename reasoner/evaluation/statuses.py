"""The four statuses of a criterion, and strong Kleene logic over them.

A conjunction is refuted by one refuted member whatever is unknown beside it, a disjunction is met by one met member,
and what is left open stays open.
"""

from collections.abc import Iterable
from enum import StrEnum


class Status(StrEnum):
    """What a case is to a criterion."""

    MET = "Met"
    REFUTED = "Refuted"
    UNDETERMINED = "Undetermined"
    NOT_APPLICABLE = "NotApplicable"


_OPPOSITE = {
    Status.MET: Status.REFUTED,
    Status.REFUTED: Status.MET,
    Status.UNDETERMINED: Status.UNDETERMINED,
    Status.NOT_APPLICABLE: Status.MET,
}


def contribution(status: Status, *, ruled_out: bool = False) -> Status:
    """What a status contributes to a composite: a requirement that does not apply stands in nobody's way."""
    if ruled_out:
        return _OPPOSITE[status]
    return Status.MET if status is Status.NOT_APPLICABLE else status


def all_of(values: Iterable[Status]) -> Status:
    """Strong Kleene conjunction."""
    found = Status.MET
    for value in values:
        if value is Status.REFUTED:
            return value
        if value is Status.UNDETERMINED:
            found = value
    return found


def any_of(values: Iterable[Status]) -> Status:
    """Strong Kleene disjunction."""
    found = Status.REFUTED
    for value in values:
        if value is Status.MET:
            return value
        if value is Status.UNDETERMINED:
            found = value
    return found
