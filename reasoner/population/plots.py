"""Pictures of a population: the figures of the tables as bars and as a matrix, in SVG or PNG.

Every bar and field bears its number. Outcomes are told apart by hatching and by lightness, so that grey print and
colour-blind eyes lose nothing; the hues follow the palette of Okabe and Ito (2008).
"""

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from textwrap import shorten, wrap
from typing import TYPE_CHECKING, Any, Final

from reasoner.errors import UsageError
from reasoner.evaluation.determination import Outcome
from reasoner.formats.wording import OUTCOME_MARKS
from reasoner.population.tables import Form, written

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SETTINGS: Final[Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "hatch.linewidth": 0.6,
    "svg.hashsalt": "edx-reasoner",  # the same picture has the same bytes
}
DARK: Final = "#0072b2"
LIGHT: Final = "#eaeff3"
_INK: Final = "#1b2129"
_QUIET: Final = "#55606d"
_LINE: Final = 0.16  # inches that a line of text takes
_WIDTH: Final = 9.0  # inches
_LABEL: Final = 44  # characters in a line of a label
_MOST_LINES: Final = 3
_TITLE: Final = 74  # characters in a line above the picture; a panel has fewer
_BAR: Final = 1.45  # lines that a bar is high
_LONGEST: Final = 4.6  # inches that the longest bar takes, at least
_DIGIT: Final = 0.085  # inches
_SHADE: Final = (1.0, 0.55, 0.30)  # how much of red, green and blue the darkest field lacks: it is DARK
_WHITE_READS_BETTER: Final = 0.75
_FAINT: Final = "#7d8894"
_DOTS_PER_INCH: Final = 150


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers of one kind, a bar or a part of one for each label."""

    name: str
    color: str
    hatch: str
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """A panel of horizontal bars, each in one part for each series; one series may have a look for each bar."""

    title: str
    axis: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    looks: tuple[tuple[str, str], ...] = ()
    whole: int | None = None


@dataclass(frozen=True, slots=True)
class Matrix:
    """A panel of numbers, rows before and columns after; what keeps its place lies on the diagonal."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    row_axis: str
    column_axis: str
    values: tuple[tuple[int, ...], ...]


LOOKS: Final[dict[Outcome, tuple[str, str]]] = {
    Outcome.MEDICALLY_NECESSARY: (DARK, ""),
    Outcome.NOT_MEDICALLY_NECESSARY: ("#ee8a4f", "////"),
    Outcome.EXPERIMENTAL_INVESTIGATIONAL: ("#f5d76e", "...."),
    Outcome.ADDITIONAL_INFORMATION_NEEDED: (LIGHT, ""),
}
"""Colour and hatching of each outcome: from dark to light."""


def can_draw() -> bool:
    """Whether matplotlib is installed."""
    return find_spec("matplotlib") is not None


def by_outcome(values: Callable[[Outcome], Iterable[int]]) -> tuple[Series, ...]:
    """A series for each outcome."""
    return tuple(
        Series(OUTCOME_MARKS[outcome].word, color, hatch, tuple(values(outcome)))
        for outcome, (color, hatch) in LOOKS.items()
    )


def draw(panels: Sequence[Bars | Matrix], title: str, form: str, *, columns: int = 1) -> bytes:
    """One picture of some panels.

    Args:
        panels: What to draw, row by row.
        title: What stands above it.
        form: One of `reasoner.population.tables.PICTURE_FORMATS`.
        columns: How many panels stand side by side; those of a row have their labels in common.

    Raises:
        UsageError: matplotlib is not installed.
    """
    try:
        import matplotlib as mpl  # takes most of a second: only who wants pictures waits for it
    except ImportError as error:
        raise UsageError("Pictures need matplotlib. Install edx-reasoner[plot].") from error
    out = io.BytesIO()
    undated: dict[str, Any] = {"Date": None} if form == "svg" else {"Software": None}
    with mpl.rc_context(SETTINGS):
        figure_of(panels, title, columns=columns).savefig(out, format=form, dpi=_DOTS_PER_INCH, metadata=undated)
    return out.getvalue()


def figure_of(panels: Sequence[Bars | Matrix], title: str, *, columns: int = 1) -> "Figure":
    """The picture as matplotlib has it, before it is written."""
    from matplotlib.figure import Figure

    rows = [panels[start : start + columns] for start in range(0, len(panels), columns)]
    heights = [max(map(_height, row)) for row in rows]
    head = 0.3 + _LINE * 1.4 * (_lined(title, _TITLE).count("\n") + 1)
    figure = Figure(figsize=(_WIDTH, sum(heights) + head), layout="constrained")
    figure.suptitle(_lined(title, _TITLE), x=0.01, ha="left", fontsize=12, fontweight="bold", color=_INK)
    grid: Any = figure.subplots(len(rows), columns, squeeze=False, height_ratios=heights)
    for number, (panel, axes) in enumerate(zip(panels, grid.flat, strict=False)):
        if isinstance(panel, Bars):
            _bars(axes, panel, labelled=number % columns == 0)
            if len(panel.series) > 1:
                figure.legend(
                    *axes.get_legend_handles_labels(), loc="outside lower left", ncols=4, frameon=False, fontsize=8.5
                )
        else:
            _matrix(axes, panel, labelled=number % columns == 0)
        axes.set_title(_lined(panel.title, _TITLE // columns - 6), color=_INK)
    for unused in grid.flat[len(panels) :]:
        unused.remove()
    return figure


def _lined(text: str, width: int) -> str:
    return "\n".join(wrap(text, width, break_on_hyphens=False))


def _height(panel: Bars | Matrix) -> float:
    if isinstance(panel, Matrix):
        return 4.0
    lines = sum(map(_lines, panel.labels))
    legend = 1.5 if len(panel.series) > 1 else 0.0
    return max(lines, 2) * _LINE + (5.2 + legend) * _LINE


def _lines(label: str) -> float:
    """How many lines a bar takes with its label and what lies between it and the next."""
    return max(len(_label(label)), 1.4) + 0.6


def _label(text: str) -> list[str]:
    return wrap(shorten(text, _LABEL * _MOST_LINES - 8, placeholder=" …"), _LABEL, break_on_hyphens=False)


def _bars(axes: "Axes", panel: Bars, *, labelled: bool) -> None:
    heights = [_lines(label) for label in panel.labels]
    places = [sum(heights[:n]) + height / 2 for n, height in enumerate(heights)]
    totals = [sum(values) for values in zip(*(s.values for s in panel.series), strict=True)]
    longest = max([*totals, 1])
    left = [0] * len(panel.labels)
    for series in panel.series:
        drawn = axes.barh(
            places, series.values, left=left, height=_BAR, label=series.name, facecolor=series.color or _INK,
            hatch=series.hatch, edgecolor=_INK, linewidth=0.6,
        )  # fmt: skip
        for bar, (color, hatch) in zip(drawn, panel.looks, strict=False):
            bar.set(facecolor=color, hatch=hatch)
        if len(panel.series) > 1:
            _number_parts(axes, series, places, left, totals)
        left = [a + b for a, b in zip(left, series.values, strict=True)]
    for place, total in zip(places, totals, strict=True):
        part = f" ({written(total / panel.whole, Form.SHARE)})" if panel.whole else ""
        axes.text(total + longest * 0.012, place, f"{total:,}{part}", va="center", color=_INK)
    axes.set_yticks(places, ["\n".join(_label(label)) if labelled else "" for label in panel.labels])
    axes.set_ylim(sum(heights), 0)
    axes.set_xlim(0, longest * (1.28 if panel.whole else 1.12))
    axes.set_xlabel(panel.axis, color=_QUIET)
    axes.locator_params(axis="x", integer=True, nbins=6)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", colors=_QUIET)


def _number_parts(
    axes: "Axes", series: Series, places: Sequence[float], left: Sequence[int], totals: Sequence[int]
) -> None:
    """Numbers within the parts of bars, where there is room; a bar of one part has its number beside it."""
    dark = series.color == DARK
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1.2} if series.hatch else None
    for place, start, value, total in zip(places, left, series.values, totals, strict=True):
        room = value / max(totals) * _LONGEST
        if value < total and room > _DIGIT * (len(f"{value:,}") + 1):
            axes.text(
                start + value / 2, place, f"{value:,}", ha="center", va="center", fontsize=8,
                color="white" if dark else _INK, bbox=box,
            )  # fmt: skip


def _narrow(text: str) -> str:
    return "\n".join(wrap(text, 12, break_long_words=False))


def _matrix(axes: "Axes", panel: Matrix, *, labelled: bool) -> None:
    size = len(panel.columns)
    moved = [n for i, row in enumerate(panel.values) for j, n in enumerate(row) if i != j]
    most = max([*moved, 1])
    for i, row in enumerate(panel.values):
        for j, number in enumerate(row):
            kept = i == j
            depth = 0.0 if kept else number / most
            shade = "#eef1f4" if kept else tuple(1 - weight * depth for weight in _SHADE)
            axes.fill(
                [j, j + 1, j + 1, j],
                [i, i, i + 1, i + 1],
                facecolor=shade,
                edgecolor=_INK,
                linewidth=0.6,
                clip_on=False,
            )
            axes.text(
                j + 0.5, i + 0.5, f"{number:,}", ha="center", va="center", fontsize=12,
                fontweight="bold" if number and not kept else "normal",
                color="white" if depth > _WHITE_READS_BETTER else _INK if number else _FAINT,
            )  # fmt: skip
    axes.set_xlim(0, size)
    axes.set_ylim(len(panel.rows), 0)
    axes.set_xticks([n + 0.5 for n in range(size)], [_narrow(c) for c in panel.columns])
    axes.set_yticks([n + 0.5 for n in range(len(panel.rows))], [_narrow(r) if labelled else "" for r in panel.rows])
    axes.set_xlabel(panel.column_axis, color=_QUIET)
    if labelled:
        axes.set_ylabel(panel.row_axis, color=_QUIET)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
