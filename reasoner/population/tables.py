"""Tables for people who decide about policies: each has a title, and a sentence that says what is counted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

TABLE_FORMATS: Final = ("text", "markdown", "html", "json")
PICTURE_FORMATS: Final = ("svg", "png")
DEFAULT_TOP: Final = 15
"""Rows of a long table that a format for people shows."""

Cell = str | int | float | None


class Form(StrEnum):
    """How the cells of a column are written."""

    TEXT = "text"
    WORD = "word"  # one or few words, of which text makes a narrow column
    COUNT = "count"
    SHARE = "share"  # of 1, written in per cent
    CHANGE = "change"  # a difference, always with its sign

    @property
    def is_number(self) -> bool:
        """Whether the cells are numbers."""
        return self not in (Form.TEXT, Form.WORD)


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    One that is not `shown` stands in JSON only, one without a key everywhere else. Text writes a column that stands
    `beneath` the one before it in the same cell, and leaves out what a `grouped` column repeats.
    """

    key: str
    title: str
    form: Form = Form.TEXT
    shown: bool = True
    beneath: bool = False
    grouped: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells.

    `counted` is a sentence for the reader, `about` what the whole table is of, for a program; `totals` last rows are
    sums of those above; a format for people may keep to the first rows of a `long` table and says so.
    """

    key: str
    title: str
    counted: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    about: Mapping[str, str] = field(default_factory=dict)
    totals: int = 0
    long: bool = False

    @property
    def name(self) -> str:
        """What tells the table from the others of the page, fit for the name of a file."""
        return "-".join([self.key, *(_last_parts(about) for about in self.about.values())])

    def first(self, most: int) -> tuple[tuple[tuple[Cell, ...], ...], int]:
        """The rows to show a reader, and how many are left out; `most` 0 leaves none out."""
        left = len(self.rows) - most
        return (self.rows[:most], left) if self.long and most and left > 0 else (self.rows, 0)


@dataclass(frozen=True, slots=True)
class Page:
    """Tables with what the reader has to know before them."""

    kind: str
    title: str
    facts: tuple[tuple[str, str], ...]
    notices: tuple[str, ...]
    tables: tuple[Table, ...]


NONE_SHOWN: Final = "None."
"""What stands in the place of a table without rows."""


def written(cell: Cell, form: Form) -> str:
    """A cell as a reader meets it; a share that is not nought never reads as nought, nor one below all as all."""
    if cell is None:
        return "\N{EN DASH}"
    if isinstance(cell, str):
        return cell
    if form is Form.SHARE:
        return _per_cent(float(cell))
    return f"{cell:+,}".replace("-", "\N{MINUS SIGN}") if form is Form.CHANGE and cell else f"{cell:,}"


def _per_cent(share: float) -> str:
    if 0 < share < 0.0005:
        return "<0.1 %"
    if 0.9995 <= share < 1:
        return ">99.9 %"
    return f"{share:.1%}".replace("%", " %")


def _last_parts(iri: str) -> str:
    return "-".join(iri.partition("/policy/")[2].split("/")) or iri.rpartition("/")[2]


def share(part: int, whole: int) -> float | None:
    """A part of a whole; none of nothing."""
    return part / whole if whole else None
