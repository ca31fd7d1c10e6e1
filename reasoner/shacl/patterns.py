"""Regular expressions of `sh:pattern`, as XPath has them, in Python's `re`: the same meaning, and no endless search.

The language is that of XML Schema Part 2, appendix F, with the anchors and flags of XPath and XQuery Functions and
Operators 3.1, 5.6.1. What Python would read differently is refused, and so is what it may take more than proportional
time for: a repetition inside a repetition, and repetitions without an upper end except one in a pattern that is
anchored by `^`. Values come from cases, and a case may be hostile.
"""

import re
from functools import lru_cache
from math import inf
from typing import Final

_MOST_WAYS: Final = 10_000  # in which bounded repetitions and options of one pattern may divide a text
_QUANTIFIER: Final = re.compile(r"\{([0-9]{1,4})(,([0-9]{1,4})?)?\}")
_SAME_ESCAPES: Final = frozenset(r"nrt\|.?*+(){}-[]^$dD")
_SPACES: Final = r" \t\n\r"
_FLAGS: Final = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}


@lru_cache(maxsize=256)
def compiled(pattern: str, flags: str = "") -> re.Pattern[str]:
    """The pattern in Python.

    Raises:
        ValueError: The pattern is none, or lies outside what this module runs; the message says why.
    """
    unknown = "".join(sorted(set(flags) - set(_FLAGS)))
    if unknown:
        raise ValueError(f"the flags {unknown} are not known; i, m and s are")
    written = _Reader(pattern, multiline="m" in flags).read()
    mode = re.NOFLAG
    for flag in flags:
        mode |= _FLAGS[flag]
    return re.compile(written, mode)


class _Reader:
    """Reads a pattern from left to right, writes it for Python and counts the ways in which it may divide a text."""

    def __init__(self, pattern: str, *, multiline: bool) -> None:
        self.text = pattern
        self.at = 0
        self.multiline = multiline
        self.unbounded = 0

    def read(self) -> str:
        written, _ = self._branches()
        if self.at < len(self.text):
            raise ValueError("a bracket is closed that was not opened")
        if self.unbounded > 1 or (self.unbounded and not self.text.startswith("^")):
            raise ValueError(
                "it repeats without an upper end more than once, or without being anchored by ^ at its start; "
                "give the repetitions an upper end, such as {1,64}"
            )
        return written

    def _branches(self) -> tuple[str, float]:
        """Branches up to a closing bracket or the end, and the number of ways through them."""
        branches = [self._branch()]
        while self._next("|"):
            branches.append(self._branch())
        if len(branches) > 1 and self.unbounded:
            raise ValueError(
                "it has options beside a repetition without an upper end; give the repetition an upper end"
            )
        return "|".join(written for written, _ in branches), sum(ways for _, ways in branches)

    def _branch(self) -> tuple[str, float]:
        pieces: list[str] = []
        ways: float = 1
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            atom, within = self._atom()
            quantifier, least, most = self._quantifier()
            if most > 1 and within > 1:
                raise ValueError("it repeats what can itself match in several ways; write it without the inner one")
            if most == inf:
                self.unbounded += 1
            else:
                ways *= within * (most - least + 1)
            if ways > _MOST_WAYS:
                raise ValueError("its repetitions and options can divide a text in too many ways")
            pieces.append(atom + quantifier)
        return "".join(pieces), ways

    def _atom(self) -> tuple[str, float]:
        char = self._take()
        if char == "(":
            if self._next("?"):
                raise ValueError("(?…) is no part of the language")
            before = self.unbounded
            inner, ways = self._branches()
            if not self._next(")"):
                raise ValueError("a bracket is opened that is not closed")
            return f"(?:{inner})", inf if self.unbounded > before else ways
        if char == "[":
            return self._class(), 1
        if char == "\\":
            return self._escape(inside=False), 1
        if char == "^":
            return ("^" if self.multiline else r"\A"), 1
        if char == "$":
            return ("$" if self.multiline else r"\Z"), 1
        if char in "?*+{}]":
            raise ValueError(f"{char} stands where it repeats and closes nothing")
        return (char if char == "." else re.escape(char)), 1

    def _quantifier(self) -> tuple[str, int, float]:
        found = _QUANTIFIER.match(self.text, self.at)
        least, most, written = 1, 1.0, ""
        if found:
            least = int(found[1])
            most = int(found[3]) if found[3] else (inf if found[2] else least)
            if most < least:
                raise ValueError(f"{found[0]} has its ends the wrong way round")
            written = found[0]
            self.at = found.end()
        else:
            for sign, ends in (("?", (0, 1.0)), ("*", (0, inf)), ("+", (1, inf))):
                if self._next(sign):
                    (least, most), written = ends, sign
                    break
        return (written + "?" if written and self._next("?") else written), least, most

    def _class(self) -> str:
        written = "[^" if self._next("^") else "["
        empty = True
        while not self._next("]"):
            char = self._take()
            if char == "[" or (char == "-" and self.text[self.at : self.at + 1] == "["):
                raise ValueError("a class of characters holds another one")
            if char == "\\":
                written += self._escape(inside=True)
            elif char == "-" and not empty and self.text[self.at : self.at + 1] != "]":
                written += "-"
            else:
                written += re.escape(char)
            empty = False
        if empty:
            raise ValueError("a class of characters is empty")
        return written + "]"

    def _escape(self, *, inside: bool) -> str:
        char = self._take()
        if char in _SAME_ESCAPES:
            return f"\\{char}"
        if char == "s":
            return _SPACES if inside else f"[{_SPACES}]"
        if char == "S" and not inside:
            return f"[^{_SPACES}]"
        raise ValueError(f"\\{char} is not known, or means other characters to Python")

    def _take(self) -> str:
        if self.at >= len(self.text):
            raise ValueError("it ends too early")
        self.at += 1
        return self.text[self.at - 1]

    def _next(self, char: str) -> bool:
        if self.text[self.at : self.at + 1] != char:
            return False
        self.at += 1
        return True
