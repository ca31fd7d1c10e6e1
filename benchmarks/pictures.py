"""The pictures of a run, as SVG that stays the same for the same figures."""

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams.update({"svg.hashsalt": "edx-reasoner", "svg.fonttype": "none", "font.size": 10, "axes.grid": True})
from matplotlib import pyplot as plt  # noqa: E402 - the backend is chosen first
from matplotlib.axes import Axes  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter  # noqa: E402

COLORS = {"outcome": "#1b7837", "violations": "#2166ac", "full": "#762a83"}
ENGINE_COLORS = {**COLORS, "conforms": "#b35806"}
MARKS = {"outcome": "o", "violations": "s", "full": "^"}


def draw(found: dict[str, Any], folder: Path) -> None:
    """Draw what has been measured."""
    if "peers" in found:
        _engines(found["peers"], folder)
    if "batch" in found:
        _batches(found["batch"], folder)
    if "triples" in found:
        _triples(found["triples"]["levels"], folder)


def _save(figure: Figure, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def _engines(rows: list[dict[str, Any]], folder: Path) -> None:
    from page import NAMES

    two = {row["engine"]: row["per_second"] for row in rows if row["processes"] == 2}
    shown = sorted((engine for engine in NAMES if engine in two), key=two.__getitem__)
    figure, axes = plt.subplots(figsize=(8, 3.6))
    bars = axes.barh(
        [NAMES[engine] for engine in shown],
        [two[engine] for engine in shown],
        color=[ENGINE_COLORS.get(engine, "#888888") for engine in shown],
        hatch=["" if engine in ENGINE_COLORS else "//" for engine in shown],
        edgecolor="white",
    )
    axes.bar_label(bars, [f"{two[e]:,.0f}" if two[e] >= 20 else f"{two[e]:.2f}" for e in shown], padding=3)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    axes.set_xlim(right=max(two.values()) * 4)
    axes.set_xlabel("cases a second, two processes; hatched: other engines")
    axes.grid(visible=False, axis="y")
    _save(figure, folder / "engines.svg")


def _batches(rows: list[dict[str, Any]], folder: Path) -> None:
    figure, (rate, memory) = plt.subplots(1, 2, figsize=(10, 4))
    for level, color in COLORS.items():
        for processes, style in ((1, "--"), (2, "-")):
            own = [row for row in rows if row["level"] == level and row["processes"] == processes]
            label = f"{level}, {processes} process{'es' if processes > 1 else ''}"
            counts = [row["cases"] for row in own]
            settings = {"color": color, "linestyle": style, "marker": MARKS[level], "label": label}
            rate.plot(counts, [row["cases"] / row["seconds"] for row in own], **settings)
            memory.plot(counts, [row["peak_mb"] for row in own], **settings)
    memory.axhline(300, color="#b2182b", linewidth=1, label="target")
    for axes, what in ((rate, "cases a second"), (memory, "peak memory, MB")):
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axes.set_xlabel("cases in the batch")
        axes.set_ylabel(what)
        axes.set_ylim(bottom=0)
    rate.legend(fontsize=8)
    _save(figure, folder / "batches.svg")


def _triples(levels: dict[str, list[tuple[float, float]]], folder: Path) -> None:
    figure, axes = plt.subplots(figsize=(6, 4))
    for level, points in levels.items():
        xs, ys = zip(*points, strict=True)
        axes.plot(xs, ys, color=COLORS[level], marker=MARKS[level], label=level)
    _linear(axes, levels)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("statements of a case")
    axes.set_ylabel("ms of the processor")
    axes.legend()
    _save(figure, folder / "triples.svg")


def _linear(axes: Axes, levels: dict[str, list[tuple[float, float]]]) -> None:
    """A line through the last point of the fullest level along which cost is in proportion to size."""
    x, y = levels["full"][-1]
    axes.plot([x / 20, x], [y / 20, y], color="#888888", linestyle=":", label="in proportion")
