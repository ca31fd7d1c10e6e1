"""Patterns of `sh:pattern`: the meaning is that of XPath and XQuery Functions and Operators, and none can run on and on."""

import pytest

from reasoner.shacl.patterns import compiled


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("b", "abc", True),  # anywhere in the text (fn:matches)
        ("^b", "abc", False),
        ("c$", "abc", True),
        ("c$", "abc\n", False),  # $ is the end of the text, not a line break before it
        ("^a.c$", "a\nc", False),  # a full stop is any character but a line break
        (r"\S", "\u00a0", True),  # \s is space, tab, line feed and carriage return only
        (r"\s", "\u2003", False),
        (r"[\s]", "\t", True),
        (r"^\d{3}$", "123", True),
        ("[a-c]", "-", False),
        ("[a-]", "-", True),
        ("[^a-c]", "abc", False),
        ("a{2}", "caab", True),
        ("a{2,3}b", "ab", False),
        ("^(true|false)$", "false", True),
        ("^(true|false)$", "falsey", False),
        (r"^1\.5$", "1x5", False),
        ("^x?$", "", True),
        ("#", "a#b", True),
        ("^[+*.]$", "*", True),
    ],
)
def test_pattern_matches_as_the_recommendation_says(pattern: str, text: str, matches: bool) -> None:
    assert (compiled(pattern).search(text) is not None) is matches


def test_flags() -> None:
    assert compiled("^JOE", "i").search("joe")
    assert compiled("^b$", "m").search("a\nb\nc")
    assert not compiled("^b$").search("a\nb\nc")
    assert compiled("a.b", "s").search("a\nb")
    with pytest.raises(ValueError, match="flags qx"):
        compiled("a b", "xq")


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(a+)+$", "several ways"),
        ("^(a|aa)*$", "several ways"),
        ("^(a|a){50}$", "several ways"),
        ("^(a?){30}$", "several ways"),
        ("^.*a.*$", "without an upper end"),
        ("a+b", "without an upper end"),  # not anchored: each start runs to the end
        ("^a*|b", "options beside"),
        ("a{0,200}b{0,200}", "too many ways"),
        (r"\w", "means other characters"),
        (r"\p{L}", "means other characters"),
        (r"\bword", "means other characters"),
        (r"(a)\1", "means other characters"),
        ("(?=a)", "no part"),
        ("[a-z-[aeiou]]", "holds another"),
        ("[]", "ends too early|empty"),
        ("(a", "not closed"),
        ("a)", "not opened"),
        ("+a", "repeats and closes nothing"),
        ("a{3,2}", "wrong way round"),
        ("a{", "repeats and closes nothing"),
        ("a\\", "ends too early"),
    ],
)
def test_pattern_is_refused_with_its_reason(pattern: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        compiled(pattern)
