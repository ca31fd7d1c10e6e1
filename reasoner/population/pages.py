"""A page of tables as text, Markdown, HTML or JSON; a format adds nothing to what the tables hold."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, Final, Literal

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from rich import box
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from reasoner.formats.as_markdown import escape_markdown
from reasoner.formats.wording import plain
from reasoner.population.tables import DEFAULT_TOP, NONE_SHOWN, Cell, Column, Form, Page, Table, written
from reasoner.version import VERSION


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture for a page: what it shows, in words, and the SVG."""

    words: str
    svg: bytes

    @property
    def address(self) -> str:
        """The picture itself as an address, so that the page needs nothing else."""
        return f"data:image/svg+xml;base64,{base64.b64encode(self.svg).decode()}"


DEFAULT_WIDTH: Final = 100
_NARROWEST: Final = 60
_LEAST: Final = 22  # columns for text
_PADDING: Final = 1
_TEMPLATES: Final = Path(__file__).parent.parent / "formats" / "templates"


def tables_as_text(page: Page, *, top: int = DEFAULT_TOP, width: int = DEFAULT_WIDTH, color: bool = False) -> str:
    """The page for a terminal.

    Args:
        page: What to show.
        top: How many rows of a long table to show; 0 for all.
        width: Columns; less than 60 counts as 60. A table that needs more takes more.
        color: Whether titles are set off by ANSI styles.
    """
    out = StringIO()
    width = max(width, _NARROWEST)
    console = _console(out, width, color=color)
    console.print(Text(plain(page.title), style="bold"))
    for name, value in page.facts:
        console.print(Text(f"{name}: {plain(value)}"))
    for notice in page.notices:
        console.print(Text(f"! {plain(notice)}", style="yellow"))
    for table in page.tables:
        rows, left = table.first(top)
        console.print()
        console.print(Text(plain(table.title), style="bold"))
        console.print(Text(plain(table.counted), style="dim"))
        if rows:
            grid, needed = _grid(table, rows)
            _console(out, max(width, needed), color=color).print(grid)
        else:
            console.print(Text(f"  {NONE_SHOWN}"))
        if left:
            console.print(Text(f"  {_more(left)}", style="dim"))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()).rstrip("\n") + "\n"


def _console(out: StringIO, width: int, *, color: bool) -> Console:
    return Console(
        file=out,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )


def _grid(table: Table, rows: tuple[tuple[Cell, ...], ...]) -> tuple[Grid, int]:
    """The table as it is to be drawn, and the columns that it needs at least."""
    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, _PADDING))
    shown, needed = _shown(table), 1
    for place, column in enumerate(shown):
        if column.beneath:
            continue
        width = None
        if column.form is not Form.TEXT or column.grouped:
            written_cells = [column.title, *(_written(table, row)[place] for row in rows)]
            whole = column.grouped or column.form is not Form.WORD  # a number is never broken, nor is what stands once
            width = max(
                len(part) for n, cell in enumerate(written_cells) for part in ([cell] if n and whole else cell.split())
            )
        side: Literal["left", "right"] = "right" if column.form.is_number else "left"
        grid.add_column(
            Text(column.title), justify=side, overflow="fold", width=width, no_wrap=column.grouped, min_width=_LEAST
        )
        needed += (width or _LEAST) + 2 * _PADDING + 1
    before: list[str] = []
    for number, row in enumerate(rows, 1):
        cells: list[Text] = []
        texts = _written(table, row)
        for place, (column, text) in enumerate(zip(shown, texts, strict=True)):
            if column.beneath and text:
                cells[-1].append(f"\n{text}", style="dim")
            elif not column.beneath:
                repeated = column.grouped and before[place : place + 1] == [text]
                cells.append(Text("" if repeated else text))
        grid.add_row(*cells, end_section=bool(table.totals) and number == len(rows) - table.totals)
        before = texts
    return grid, needed


def tables_as_markdown(page: Page, *, top: int = DEFAULT_TOP) -> str:
    """The page as Markdown, with tables as GitHub writes them."""
    lines = [f"# {escape_markdown(page.title)}", ""]
    lines += [f"- {escape_markdown(name)}: {escape_markdown(value)}" for name, value in page.facts]
    lines += ["", *(f"> {escape_markdown(notice)}\n" for notice in page.notices)]
    for table in page.tables:
        rows, left = table.first(top)
        lines += [f"## {escape_markdown(table.title)}", "", escape_markdown(table.counted), ""]
        if rows:
            shown = _shown(table)
            lines.append("| " + " | ".join(escape_markdown(c.title) for c in shown) + " |")
            lines.append("| " + " | ".join("---:" if c.form.is_number else "---" for c in shown) + " |")
            lines += ["| " + " | ".join(map(escape_markdown, _written(table, row))) + " |" for row in rows]
        else:
            lines.append(NONE_SHOWN)
        lines += ["", *([escape_markdown(_more(left)), ""] if left else [])]
    return "\n".join(lines).replace("\n\n\n", "\n\n").rstrip("\n") + "\n"


def tables_as_html(page: Page, *, top: int = DEFAULT_TOP, pictures: Mapping[str, Picture] | None = None) -> str:
    """The page as HTML that needs nothing else.

    Args:
        page: What to show.
        top: How many rows of a long table to show; 0 for all.
        pictures: By the name of the table that each stands above.
    """
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: value if isinstance(value, Markup) else plain(str(value)),
    )
    text = environment.get_template("tables.html.j2").render(
        page=page,
        tables=[(table, *table.first(top)) for table in page.tables],
        pictures=pictures or {},
        shown=_shown,
        written=_written,
        more=_more,
        none=NONE_SHOWN,
    )
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip()) + "\n"


def tables_as_json(page: Page) -> str:
    """The page as JSON, with every row and every column."""
    document: dict[str, Any] = {
        "kind": page.kind,
        "title": page.title,
        "program_version": VERSION,
        "facts": dict(page.facts),
        "notices": page.notices,
        "tables": [
            {
                "table": table.key,
                "title": table.title,
                "counted": table.counted,
                **table.about,
                "rows": [
                    {column.key: cell for column, cell in zip(table.columns, row, strict=True) if column.key}
                    for row in table.rows[: len(table.rows) - table.totals]
                ],
            }
            for table in page.tables
        ],
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n"


def _shown(table: Table) -> list[Column]:
    return [column for column in table.columns if column.shown]


def _written(table: Table, row: tuple[Cell, ...]) -> list[str]:
    return [plain(written(cell, column.form)) for column, cell in zip(table.columns, row, strict=True) if column.shown]


def _more(left: int) -> str:
    return f"… and {left:,} more: --top 0 shows all of them, --format json holds them."
