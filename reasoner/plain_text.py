"""Text in lines of a width: sections, items, and pairs of name and value, for commands that print no report."""

from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import Final

DEFAULT_WIDTH: Final = 100
_SHORTEST: Final = 20


def wrapped(text: str, width: int, *, first: str = "", rest: str = "") -> list[str]:
    """A text in lines of at most `width` columns, with what stands before the first line and before the others."""
    broken = wrap(text, max(width, _SHORTEST), initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
    return broken or [first.rstrip()]


def item(symbol: str, text: str, width: int, *, depth: int = 1) -> list[str]:
    """A line with a symbol before it, such as `• …`, indented by its depth."""
    indent = "  " * depth
    return wrapped(text, width, first=f"{indent}{symbol} ", rest=f"{indent}{' ' * (len(symbol) + 1)}")


def section(title: str, lines: Iterable[str], width: int = DEFAULT_WIDTH) -> Iterator[str]:
    """An empty line, a title and its lines; nothing where there is no line."""
    listed = list(lines)
    if listed:
        yield ""
        yield from wrapped(title, width)
        yield from listed


def listing(names: Iterable[str], most: int = 12) -> str:
    """Names with commas between them; of a long list the first ones and how many more there are."""
    listed = list(names)
    more = len(listed) - most
    shown = ", ".join(listed if more <= 0 else listed[:most])
    return shown if more <= 0 else f"{shown} and {more} more"


def counted(number: int, noun: str) -> str:
    """A number with its noun, in the plural where it needs one."""
    return f"{number:,} {noun if number == 1 else noun + 's'}"
