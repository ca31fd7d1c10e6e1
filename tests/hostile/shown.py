"""Whether a report shows what a case says as text: nothing in it steers a terminal, a browser or a spreadsheet."""

import csv
import io
import json
import re
import unicodedata
from html.parser import HTMLParser

from markdown_it import MarkdownIt

FORMULA = ("=", "+", "-", "@", "\t", "\r")


INVISIBLE = {"\u00ad", "\u200c", "\u200d", *map(chr, range(0xE0020, 0xE0080))}
"""Format characters that Persian, Indic and emoji need, the soft hyphen, tags: they neither move nor turn round anything."""


def steers_a_terminal(text: str, *, lines: str = "\n") -> str:
    """The characters that are neither visible nor a line break: control, format (bidirectional), surrogate, private."""
    return "".join(
        sorted(
            {
                c
                for c in text
                if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and c not in lines and c not in INVISIBLE
            }
        )
    )


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, ...]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, *sorted(name for name, _ in attrs)))

    def handle_comment(self, data: str) -> None:
        self.elements.append(("comment",))

    def handle_data(self, data: str) -> None:
        self.text += data


def skeleton_of_html(text: str) -> list[tuple[str, ...]]:
    """The elements of a page with the names of their attributes, without any text."""
    page = _Page()
    page.feed(text)
    return page.elements


def text_of_html(text: str) -> str:
    page = _Page()
    page.feed(text)
    return page.text


def skeleton_of_markdown(text: str) -> list[str]:
    """The blocks and spans of a page, without any text; a line break within a paragraph is text."""
    found = []
    for token in MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text):
        found.append(f"{token.type} {token.tag} {token.level}")
        found += [
            f"- {c.type} {c.attrGet('href') or ''}" for c in token.children or () if c.type not in {"text", "softbreak"}
        ]
    return found


def formulas(text: str) -> list[str]:
    """The cells of a CSV file that a spreadsheet would run."""
    found = []
    for row in csv.reader(io.StringIO(text, newline="")):
        for cell in row:
            if cell.startswith(FORMULA):
                try:
                    float(cell)
                except ValueError:
                    found.append(cell)
    return found


def longest_words(text: str) -> str:
    """The longest run of letters, digits and single spaces, which every format shows as it is."""
    return max(re.findall(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+)*", text), key=len, default="")


def strings(value: object) -> list[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        return [value]
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for member in members for text in strings(member)]


def json_strings(text: str) -> list[str]:
    return strings(json.loads(text))
