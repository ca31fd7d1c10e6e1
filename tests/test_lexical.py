"""Lexical forms and the order of values, by XML Schema Part 2 and SPARQL 1.1."""

import pytest
from rdflib import XSD, Literal

from reasoner.shacl.lexical import datatype_of, is_well_formed, less, less_or_equal

GOOD = {
    "integer": ["0", "-1", "+5", "007"],
    "byte": ["127", "-128"],
    "nonNegativeInteger": ["0", "-0"],
    "positiveInteger": ["1"],
    "unsignedByte": ["255"],
    "decimal": ["1", "1.5", ".5", "1.", "-0.0"],
    "double": ["1", "1e3", "-1.5E-3", "INF", "-INF", "NaN"],
    "boolean": ["true", "false", "1", "0"],
    "date": ["2024-02-29", "2026-01-15", "2026-01-15Z", "2026-01-15+05:30", "12026-01-01", "-0044-03-15"],
    "dateTime": ["2026-01-15T10:00:00", "2026-01-15T10:00:00.123Z", "2026-01-15T24:00:00"],
    "dateTimeStamp": ["2026-01-15T10:00:00Z"],
    "time": ["10:00:00", "10:00:00-05:00"],
    "gYear": ["2026", "-0044"],
    "gMonthDay": ["--02-29"],
    "duration": ["P42D", "P6M", "P1Y2M3DT4H5M6.7S", "-PT1S"],
    "dayTimeDuration": ["P1DT1H"],
    "string": ["", "anything"],
}
BAD = {
    "integer": ["", "1.0", "1_000", " 5", "5\n", "x", "٣"],
    "byte": ["128", "-129", "c"],
    "nonNegativeInteger": ["-1"],
    "positiveInteger": ["0"],
    "unsignedByte": ["256", "-1"],
    "decimal": ["1e3", ".", "INF"],
    "double": ["1e", "inf", "nan"],
    "boolean": ["TRUE", "yes", ""],
    "date": ["2026-02-30", "1900-02-29", "2026-13-01", "26-01-01", "2026-1-1", "20260101", "2026-W01-1", "0000-01-01"],
    "dateTime": [
        "2026-01-15",
        "2026-01-15T25:00:00",
        "2026-02-30T00:00:00",
        "2026-01-15 10:00:00",
        "2026-01-15T24:00:01",
    ],
    "dateTimeStamp": ["2026-01-15T10:00:00"],
    "time": ["10:00", "24:30:00"],
    "gYear": ["26", "0x7E"],
    "gMonthDay": ["02-29"],
    "duration": ["P", "PT", "P1DT", "P1S", "1D", "P1M2Y"],
    "dayTimeDuration": ["P1M"],
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in GOOD.items() for text in texts])
def test_form_belongs_to_the_datatype(name: str, text: str) -> None:
    assert is_well_formed(text, str(XSD[name]))


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in BAD.items() for text in texts])
def test_form_does_not_belong_to_the_datatype(name: str, text: str) -> None:
    assert not is_well_formed(text, str(XSD[name]))


def test_every_form_of_an_unknown_datatype_is_taken() -> None:
    assert is_well_formed("anything", "https://example.org/datatype")


def literal(text: str, name: str) -> Literal:
    return Literal(text, datatype=XSD[name], normalize=False)


@pytest.mark.parametrize(
    ("one", "other", "answer"),
    [
        (literal("1", "integer"), literal("1.5", "decimal"), True),
        (literal("2", "integer"), literal("1.5", "double"), False),
        (literal("10", "integer"), literal("9", "byte"), False),  # numbers, not texts
        (literal("2026-01-15", "date"), literal("2026-02-01", "date"), True),
        (literal("2026-01-15T10:00:00Z", "dateTime"), literal("2026-01-15T11:30:00+01:00", "dateTime"), True),
        (literal("2026-01-15T10:00:00Z", "dateTime"), literal("2026-01-17T10:00:00", "dateTime"), True),
        (
            literal("2026-01-15T10:00:00Z", "dateTime"),
            literal("2026-01-15T11:00:00", "dateTime"),
            None,
        ),  # the zone decides
        (literal("false", "boolean"), literal("true", "boolean"), True),
        (Literal("a"), literal("b", "string"), True),
        (Literal("a"), literal("1", "integer"), None),
        (Literal("a", lang="en"), Literal("b", lang="en"), None),  # SPARQL has no order of texts with a language
        (literal("x", "integer"), literal("1", "integer"), None),
        (literal("NaN", "double"), literal("1", "integer"), False),
        (literal("P1D", "duration"), literal("P2D", "duration"), None),
        (literal("2026-01-15T24:00:00", "dateTime"), literal("2026-01-15T10:00:00", "dateTime"), None),
    ],
)
def test_less_as_sparql_has_it(one: Literal, other: Literal, answer: bool | None) -> None:
    assert less(one, other) is answer


def test_equal_values_are_less_or_equal_whatever_they_are_written_as() -> None:
    assert less_or_equal(literal("1", "integer"), literal("1.0", "decimal"))
    assert not less(literal("1", "integer"), literal("1.0", "decimal"))


def test_every_literal_has_a_datatype() -> None:
    assert str(datatype_of(Literal("a"))).endswith("#string")
    assert str(datatype_of(Literal("a", lang="en"))).endswith("#langString")
