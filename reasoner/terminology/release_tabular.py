"""Reads the tabular list of ICD-10-CM, the XML that CDC gives out: titles, hierarchy, seventh characters, Excludes1.

A seventh character (`sevenChrDef`) belongs to every code without codes below it under the element that defines it, `X`
filling the places in between. A document type or an entity is refused: the official files have none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from xml.parsers import expat

from reasoner.errors import UnreadableReleaseError
from reasoner.terminology.release import CODE, ExcludesNote, Release, in_force, release_name, with_parents
from reasoner.terminology.release_notes import references

PACKAGE: Final = ("simple-icd-10-cm", "1.5.0")
_FILE: Final = "icd10c-tabular-April-1-2026.xml"
_ITEMS: Final = frozenset({"chapter", "section", "diag"})
_UNUSED: Final = re.compile(
    r"7th characters? ([A-Z](?:(?:,| and|, and) [A-Z])*) do(?:es)? not apply to codes in category ([A-Z][0-9A-Z]{2}) "
    r"with 6th character ([0-9A-Z])\b[^,.]*(?:,? or ([0-9A-Z])\b)?"
)


@dataclass
class _Item:
    kind: str
    line: int
    above: "_Item | None"
    name: str = ""
    title: str = ""
    leaf: bool = True
    excludes: list[str] = field(default_factory=list)
    seventh: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def packaged_release() -> Release:
    """The release in the installed package `simple-icd-10-cm` (extra `build`), read from its file, not by its code.

    Raises:
        RuntimeError: Another version of the package is installed, or none.
    """
    name, wanted = PACKAGE
    spec = find_spec("simple_icd_10_cm")
    found = version(name) if spec else "none"
    if spec is None or not spec.submodule_search_locations or found != wanted:
        raise RuntimeError(
            f"{name} {wanted} is needed to build the tables; {found} is installed. Install edx-reasoner[build]."
        )
    path = Path(spec.submodule_search_locations[0]) / "data" / _FILE
    return read_tabular(path.name, path.read_bytes())


def read_tabular(name: str, data: bytes) -> Release:
    """The release in a tabular list.

    Raises:
        UnreadableReleaseError: It is no XML, has a document type or an entity, or is no tabular list; with the line.
    """
    items = list(_items(name, data))
    entries: dict[str, tuple[str, bool]] = {}
    for item in items:
        if item.kind == "diag":
            for code, title, billable in _codes_of(item):
                if code in entries:
                    raise UnreadableReleaseError(name, item.line, f"{code} stands twice; each code is expected once.")
                entries[code] = (title, billable)
    if not entries:
        raise UnreadableReleaseError(name, None, "holds no <diag>: expected the tabular list of ICD-10-CM.")
    fiscal_year, first, last = in_force(name)
    categories = tuple(item.name for item in items if item.kind == "diag" and len(item.name) == 3)
    release = Release(release_name(fiscal_year, first), fiscal_year, first, last, with_parents(entries), (), categories)
    notes = tuple(
        ExcludesNote(_place(item), references(text, release), text) for item in items for text in item.excludes
    )
    return Release(release.name, fiscal_year, first, last, release.codes, notes, categories)


def _items(name: str, data: bytes) -> list[_Item]:
    """Chapters, blocks and codes in the order of the file."""
    parser = expat.ParserCreate()
    found: list[_Item] = []
    path: list[str] = []
    open_items: list[_Item] = []
    text: list[str] = []

    def refuse(*_: object) -> None:
        raise UnreadableReleaseError(
            name, parser.CurrentLineNumber, "a document type or an entity is not read; the official files have none."
        )

    def start(tag: str, attributes: dict[str, str]) -> None:
        path.append(tag)
        text.clear()
        if tag in _ITEMS:
            above = open_items[-1] if open_items else None
            open_items.append(_Item(tag, parser.CurrentLineNumber, above, name=attributes.get("id", "")))
            found.append(open_items[-1])
            if above is not None and tag == "diag":
                above.leaf = False
        elif tag == "extension" and open_items:
            open_items[-1].seventh[attributes.get("char", "")] = ""

    def end(tag: str) -> None:
        path.pop()
        content = " ".join("".join(text).split())
        text.clear()
        if tag in _ITEMS:
            _check(name, open_items.pop())
        elif open_items and content:
            _take(open_items[-1], path[-1], tag, content)

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text.append
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise UnreadableReleaseError(name, error.lineno, f"is no XML: {expat.ErrorString(error.code)}.") from error
    return found


def _take(item: _Item, within: str, tag: str, content: str) -> None:
    if within == item.kind and tag == "name":
        item.name = content
    elif within == item.kind and tag == "desc":
        item.title = content
    elif (within, tag) == ("excludes1", "note"):
        item.excludes.append(content)
    elif (within, tag) == ("notes", "note"):
        item.notes.append(content)
    elif (within, tag) == ("sevenChrDef", "extension"):
        item.seventh[list(item.seventh)[-1]] = content


def _check(name: str, item: _Item) -> None:
    if item.kind == "diag" and not CODE.fullmatch(item.name):
        raise UnreadableReleaseError(name, item.line, f"a code such as M54.1 is expected in <name>, not '{item.name}'.")
    if item.kind == "diag" and not item.title:
        raise UnreadableReleaseError(name, item.line, f"{item.name} has no <desc>; its title is expected there.")


def _codes_of(item: _Item) -> Iterator[tuple[str, str, bool]]:
    """The code of an element and those that its seventh characters make."""
    seventh = next((above.seventh for above in _upwards(item) if above.seventh), {}) if item.leaf else {}
    yield item.name, item.title, item.leaf and not seventh
    unused = {found for above in _upwards(item) for note in above.notes for found in _unused(note)}
    filled = (item.name if len(item.name) > 3 else item.name + ".").ljust(7, "X")
    for character, meaning in seventh.items():
        code = filled + character
        if (code[:3], code[6], character) not in unused:
            yield code, f"{item.title}, {meaning}", True


def _upwards(item: _Item) -> Iterator[_Item]:
    above: _Item | None = item
    while above is not None and above.kind == "diag":
        yield above
        above = above.above


def _unused(note: str) -> Iterator[tuple[str, str, str]]:
    """Category, sixth and seventh character of codes that a note says do not exist."""
    for match in _UNUSED.finditer(note):
        sixths = re.findall(r"\b([0-9A-Z]) - ", match[0] + note[match.end() :]) or [match[3]]
        for character in re.findall(r"\b[A-Z]\b", match[1]):
            for sixth in sixths:
                yield match[2], sixth, character


def _place(item: _Item) -> str:
    """Where a note stands: a code, or the range of a block or chapter as its title has it."""
    if item.kind == "diag":
        return item.name
    ranges = re.findall(r"\(([A-Z][0-9A-Z]{2})(?:-([A-Z][0-9A-Z]{2}))?\)$", item.title)
    if not ranges:
        return item.name
    first, last = ranges[-1]
    return f"{first}-{last or first}"
