"""The codes that a line of an Excludes1 note names.

The tabular list writes them in parentheses: `(M54.16)`, `(M51.1-)` for everything below, `(M40-M54)` for a range,
`(E08-E13 with .42)` for one place under each category of a range, `(M51.- with fifth character 4)` for one character.
A reference without parentheses counts where it cannot be anything else: it is a range or has a point (vitamin B12 and
HLA-B27 are no codes).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from reasoner.terminology.release import Release

_PART: Final = r"[A-Z][0-9A][0-9A-Z](?:\.[0-9A-Z]*)?(?:\.-|-(?=\s*-)|-(?![A-Z][0-9A]))?"
_REFERENCE: Final = re.compile(rf"(?<![0-9A-Za-z.])({_PART})(?:\s*(?:-|\bto\b)\s*({_PART}))?(?![0-9A-Za-z])")
_PARENTHESES: Final = re.compile(r"\(([^()]*)(?:\)|$)")
_PLACES: Final = re.compile(r"\bwith \.([0-9A-Z]+)(?:-\.([0-9A-Z]+))?")
_CHARACTER: Final = re.compile(
    r"with (?:(final|fourth|fifth|sixth|seventh|\dth)(?: to (?:sixth|\dth))?)[ -]characters? [-.]?([0-9A-Z]+)\b"
)
_ORDINALS: Final = {"fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7}


def references(text: str, release: Release) -> tuple[str, ...]:
    """The codes and ranges of codes that a line excludes, in its order; none where it excludes in words only.

    A restriction ("with fifth character 1") is resolved into the codes of the release that meet it; a restriction that
    is not understood leaves its reference out, because the rest of the range is not excluded.
    """
    found = [reference for inside in _PARENTHESES.findall(text) for reference in _named(inside, release)]
    if not found:
        found = list(_named(_PARENTHESES.sub(" ", text), release, surely=True))
    return tuple(dict.fromkeys(found))


def covers(reference: str, code: str, places: Mapping[str, int]) -> bool:
    """Whether a code lies at or below what a reference names; `places` give the order of three-character codes."""
    first, _, last = reference.partition("-")
    if not last:
        return code.startswith(first)
    if len(first) == len(last) == 3:
        start, place, end = places.get(first), places.get(code[:3]), places.get(last)
        if start is None or place is None or end is None:  # an end of the range is no category of the release
            return first <= code[:3] <= last
        return start <= place <= end
    return first <= code[: len(first)] and code[: len(last)] <= last


def _named(text: str, release: Release, *, surely: bool = False) -> Iterator[str]:
    matches = list(_REFERENCE.finditer(text))
    for number, match in enumerate(matches, 1):
        if not match[0][1].isdigit() and match[0][:3] not in release.categories:
            continue  # a word in capitals
        if surely and "." not in match[0] and match[2] is None:
            continue
        reference = "-".join(_bare(part) for part in match.groups() if part)
        rest = text[match.end() : matches[number].start() if number < len(matches) else None]
        if not re.search(r"\bwith\b", rest):
            yield reference
        else:
            yield from _restricted(reference, rest, release)


def _bare(part: str) -> str:
    return part.rstrip("-.")


def _restricted(reference: str, rest: str, release: Release) -> Iterator[str]:
    if places := _PLACES.search(rest):
        first, last = places[1], places[2] or places[1]
        for category in release.categories:
            if covers(reference, category, release.places):
                yield from _topmost(
                    code for code in release.below(category) if first <= code[4 : 4 + len(first)] <= last
                )
    elif character := _CHARACTER.search(rest):
        ordinal, wanted = character.groups()
        at = None if ordinal == "final" else _ORDINALS.get(ordinal) or int(ordinal[0])
        root = reference.partition("-")[0][:1]
        yield from _topmost(
            code
            for code in release.below(root)
            if covers(reference, code, release.places) and _bears(code.replace(".", ""), at, wanted)
        )


def _bears(plain: str, at: int | None, wanted: str) -> bool:
    if at is None:  # "final characters -23" of I69: whatever the fourth is
        return len(plain) == 4 + len(wanted) and plain.endswith(wanted)
    return plain[at - 1 : at - 1 + len(wanted)] == wanted


def _topmost(codes: Iterator[str]) -> Iterator[str]:
    above = None
    for code in codes:
        if above is None or not code.startswith(above):
            above = code
            yield code
