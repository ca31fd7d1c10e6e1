"""Whether a literal is well-formed, and which of two values is less, as XML Schema and SPARQL have it.

rdflib answers both when a literal is made, at a cost that a case of a hundred statements cannot bear, and takes some
forms that are none: 1_000 as a whole number, 2026-W01-1 as a date.
"""

import datetime
import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache, lru_cache
from math import inf
from typing import Any, Final

from rdflib import RDF, XSD, Literal, URIRef

from reasoner.rdf.nodes import interned

_XSD: Final = str(XSD)
_STRING: Final = interned(XSD.string)
_LANG_STRING: Final = interned(RDF.langString)
_ZONE: Final = r"(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
_DATE: Final = r"-?(?:[1-9][0-9]{3,}|0[0-9]{3})-[0-9]{2}-[0-9]{2}"
_TIME: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?"
_HOURS: Final = r"(?:T(?=.)(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?)?"
_FRACTION: Final = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_FORMS: Final = {
    "boolean": r"true|false|1|0",
    "decimal": _FRACTION,
    "float": rf"{_FRACTION}(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN",
    "double": rf"{_FRACTION}(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN",
    "date": _DATE + _ZONE,
    "dateTime": rf"{_DATE}T(?:{_TIME}){_ZONE}",
    "dateTimeStamp": rf"{_DATE}T(?:{_TIME})(?=[Z+-]){_ZONE}",
    "time": rf"(?:{_TIME}){_ZONE}",
    "gYear": rf"-?(?:[1-9][0-9]{{3,}}|0[0-9]{{3}}){_ZONE}",
    "gYearMonth": rf"-?(?:[1-9][0-9]{{3,}}|0[0-9]{{3}})-(?:0[1-9]|1[0-2]){_ZONE}",
    "gMonth": rf"--(?:0[1-9]|1[0-2]){_ZONE}",
    "gDay": rf"---(?:0[1-9]|[12][0-9]|3[01]){_ZONE}",
    "gMonthDay": rf"--(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01]){_ZONE}",
    "duration": rf"-?P(?=.)(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+D)?{_HOURS}",
    "yearMonthDuration": r"-?P(?=.)(?:[0-9]+Y)?(?:[0-9]+M)?",
    "dayTimeDuration": rf"-?P(?=.)(?:[0-9]+D)?{_HOURS}",
}
_INTEGER: Final = re.compile(r"[+-]?[0-9]+", re.ASCII)
_RANGES: Final[dict[str, tuple[float, float]]] = {
    "integer": (-inf, inf), "nonPositiveInteger": (-inf, 0), "negativeInteger": (-inf, -1),
    "nonNegativeInteger": (0, inf), "positiveInteger": (1, inf),
    "long": (-(2**63), 2**63 - 1), "int": (-(2**31), 2**31 - 1), "short": (-(2**15), 2**15 - 1), "byte": (-128, 127),
    "unsignedLong": (0, 2**64 - 1), "unsignedInt": (0, 2**32 - 1), "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 255),
}  # fmt: skip
_LONGEST: Final = 4000  # digits of a number; Python refuses to read longer ones


def datatype_of(literal: Literal) -> URIRef:
    """The datatype as RDF 1.1 has it: every literal has one."""
    if literal.language:
        return _LANG_STRING
    return literal.datatype or _STRING


@lru_cache(maxsize=8192)
def is_well_formed(text: str, datatype: str) -> bool:
    """Whether a text belongs to the lexical space of a datatype of XML Schema 1.0 (calendar days are real days)."""
    name = datatype.removeprefix(_XSD)
    if name in _RANGES:
        return _INTEGER.fullmatch(text) is not None and _within(text, _RANGES[name])
    if name not in _FORMS:
        return True
    if _form(name).fullmatch(text) is None:
        return False
    return _is_a_day(text) if name in {"date", "dateTime", "dateTimeStamp"} else True


@cache
def _form(name: str) -> re.Pattern[str]:
    return re.compile(_FORMS[name], re.ASCII)


def _within(text: str, ends: tuple[float, float]) -> bool:
    return len(text) <= _LONGEST and ends[0] <= int(text) <= ends[1]


def _is_a_day(text: str) -> bool:
    found = _DAY.match(text)
    assert found is not None
    year, month, day = found[1], int(found[2]), int(found[3])
    if not year.strip("0"):
        return False  # there is no year 0 in XML Schema 1.0
    try:
        datetime.date(int(year[-4:]) % 400 + 2000, month, day)  # the calendar repeats every 400 years
    except ValueError:
        return False
    return True


_DAY: Final = re.compile(r"-?([0-9]+)-([0-9]{2})-([0-9]{2})", re.ASCII)


# Order -------------------------------------------------------------------------------

Key = tuple[str, Any]
"""A kind of value, and a value that Python compares with others of the kind."""


def less(one: Literal, other: Literal) -> bool | None:
    """Whether one value is less than the other by the operator `<` of SPARQL; nothing where they have no order."""
    return _compared(one, other, lambda a, b: a < b)


def less_or_equal(one: Literal, other: Literal) -> bool | None:
    """The same for `<=`."""
    return _compared(one, other, lambda a, b: a <= b)


def _compared(one: Literal, other: Literal, holds: Callable[[Any, Any], bool]) -> bool | None:
    first = _key(str(one), str(datatype_of(one)))
    second = _key(str(other), str(datatype_of(other)))
    if first is None or second is None:
        return None
    (kind, value), (other_kind, other_value) = first, second
    if kind == other_kind:
        if value != value or other_value != other_value:  # NaN, which stands in no order
            return False
        return holds(value, other_value)
    if {kind, other_kind} == {"moment", "local moment"}:  # without a zone, it may lie 14 hours either way
        try:
            answers = {
                holds(value + shift, other_value) if kind == "local moment" else holds(value, other_value + shift)
                for shift in _ZONES_AWAY
            }
        except OverflowError:  # at an end of the years that Python counts
            return None
        return answers.pop() if len(answers) == 1 else None
    return None


_ZONES_AWAY: Final = (datetime.timedelta(hours=-14), datetime.timedelta(hours=14))


@lru_cache(maxsize=8192)
def _key(text: str, datatype: str) -> Key | None:
    name = datatype.removeprefix(_XSD)
    if not is_well_formed(text, datatype):
        return None
    if name in _RANGES or name == "decimal":
        return "number", Decimal(text)
    if name in {"float", "double"}:
        return "number", float(text.replace("INF", "inf"))
    if name == "string":
        return "text", text
    if name == "boolean":
        return "boolean", text in {"true", "1"}
    if name in {"date", "dateTime", "dateTimeStamp"}:
        return _moment(text)
    return None


def _moment(text: str) -> Key | None:
    day, _, rest = text.partition("T")
    try:
        if rest.startswith("24:"):
            return None
        # to the microsecond, as Python counts
        at = datetime.datetime.fromisoformat(re.sub(r"(\.[0-9]{6})[0-9]+", r"\1", text) if rest else _midnight(day))
    except ValueError:
        return None  # a year that Python does not count
    if at.tzinfo is None:
        return "local moment", at
    return "moment", (at - (at.utcoffset() or datetime.timedelta())).replace(tzinfo=None)


def _midnight(day: str) -> str:
    return f"{day[:10]}T00:00:00{day[10:]}"
