"""The figures of a run as a page of Markdown, with pictures beside it."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pictures

NAMES = {
    "outcome": "edx-reasoner: outcomes (a row a study)",
    "violations": "edx-reasoner: violations with detail",
    "full": "edx-reasoner: full explanation",
    "conforms": "edx-reasoner: conformance alone",
    "pyshacl-naive": "pySHACL, naive",
    "pyshacl": "pySHACL, well used",
    "topbraid": "TopBraid SHACL",
    "pyshifty": "pyshifty, report",
    "pyshifty-algebra": "pyshifty, algebra",
}
USED = {
    "conforms": "the compiled engine asked as a peer is, from the same bytes, nothing recalled between cases",
    "pyshacl-naive": "case and whole ontology in one graph, `pyshacl.validate`",
    "pyshacl": "types closed beforehand, no more of the class tree than needed, queries parsed once, `abort_on_first`",
    "topbraid": "one Java process; shapes and the classes they need loaded once; a case brings those above its own",
    "pyshifty": "`PreparedValidator`, with the classes as for TopBraid; `validate`: the report of the W3C",
    "pyshifty-algebra": "the same, `validate_algebra`",
}
BEFORE = {"intake": 108.0 + 0.4 + 0.4 + 0.3, "determination": 96.0, "whole report as text": 32.0}
"""Milliseconds before this work (commit b04d7ae, same machine): intake ran pySHACL, a report was a graph of rdflib."""

KNOWN = ("met for the first time", "met before", "just met")
"""What the process knows of a case."""

_LEVELS = ("outcome", "violations", "full")
_OURS = (*_LEVELS, "conforms")


def write(found: dict[str, Any], folder: Path) -> None:
    """Write RESULTS.md and the pictures for what has been measured so far."""
    pictures.draw(found, folder)
    first = (_machine, _targets, _one, _stages, _batches, _million)
    then = (_peers, _triples, _by_criteria, _by_policies, _pace)
    text = "\n".join(line for section in first + then for line in section(found))
    (folder / "RESULTS.md").write_text(text.rstrip() + "\n", "utf-8")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"| --- |{' ---: |' * (len(head) - 1)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def _machine(found: dict[str, Any]) -> Iterator[str]:
    m = found["machine"]
    yield "# Measurements\n"
    packages = ", ".join(f"{name} {number}" for name, number in m["packages"].items())
    edition = m["edition"].rpartition("/policy/")[2]
    yield f"edx-reasoner {m['program']}, {m['date']}: {m['model']}, {m['processors']} processors, {m['python']};"
    yield f"{packages}. Policy: {edition}, {m['criteria']} criteria, {m['leaves']} of them leaves."
    yield "Cases are generated (`edx generate`, about 100 statements each)."
    yield "`python benchmarks/run.py` made this page; `results.json` holds the figures.\n"
    if any(found.get("quick", {}).values()):
        yield f"Measured with a tenth of the cases: {', '.join(part for part, q in found['quick'].items() if q)}.\n"


def _targets(found: dict[str, Any]) -> Iterator[str]:
    """What was aimed at beside what was measured, as far as it has been."""
    rows: list[tuple[str, str, str, bool]] = []

    def row(what: str, target: str, measured: str, *, met: bool) -> None:
        rows.append((what, target, measured, met))

    if "cold" in found:
        slowest = max(c["median"] for c in found["cold"].values())
        row("one case, cold, text or JSON", "0.6 s", f"{slowest:.2f} s", met=slowest <= 0.6)
    if "single" in found:
        for how in KNOWN:
            p50 = found["single"][how]["p50"]
            row(f"one case, warm, JSON, {how}, p50", "2 ms", f"{p50:.2f} ms", met=p50 <= 2)
    two = [r for r in found.get("batch", ()) if r["processes"] == 2]
    for level, target in (("full", 1500), ("violations", 3500)):
        rates = [r["cases"] / r["seconds"] for r in two if r["level"] == level and r["cases"] >= 1000]
        if rates:
            row(f"batch, {level}, 2 processes", f"{target:,}/s", f"{max(rates):,.0f}/s", met=max(rates) >= target)
    if two:
        largest = max(r["cases"] for r in two)
        peak = max(r["peak_mb"] for r in two if r["cases"] == largest)
        row(f"memory, batch of {largest:,}", "300 MB", f"{peak:.0f} MB", met=peak <= 300)
    if "million" in found:
        grown = _grown(found["million"])
        row("a case among a million, against 10,000", "within 15 %", f"{100 * grown:+.0f} %", met=abs(grown) <= 0.15)
    by = {(r["engine"], r["processes"]): r for r in found.get("peers", ())}
    for engine, target in (("pyshacl", 100), ("pyshacl-naive", 500), ("pyshifty", 2.5), ("topbraid", 3)):
        if (engine, 2) in by:
            ratio = by["full", 2]["per_second"] / by[engine, 2]["per_second"]
            row(f"full explanation against {NAMES[engine]}", f"{target:g}x", _times(ratio), met=ratio >= target)
    if ("pyshifty-algebra", 2) in by:
        ratio = by["conforms", 2]["per_second"] / by["pyshifty-algebra", 2]["per_second"]
        row(f"conformance alone against {NAMES['pyshifty-algebra']}", "2.5x", _times(ratio), met=ratio >= 2.5)
    if rows:
        yield "## Targets\n"
        yield from _table(("what", "target", "measured", ""), [(*r[:3], "met" if r[3] else "**missed**") for r in rows])
        yield "Why some are missed: [README](README.md).\n"


def _one(found: dict[str, Any]) -> Iterator[str]:
    if "cold" not in found and "single" not in found:
        return
    yield "## One case\n"
    rows = []
    for form, c in found.get("cold", {}).items():
        what = f"`edx determine one.ttl --format {form}`, cold"
        rows.append((what, f"{1000 * c['best']:.0f} ms", f"{1000 * c['median']:.0f} ms", f"{c['peak_mb']:.0f} MB"))
    if rows:
        yield from _table(("what", "best", "median", "peak memory"), rows)
    if "single" in found:
        s = found["single"]
        yield f"One warm process, bytes to a report in JSON. Its first case takes {s['first']:.0f} ms.\n"
        spreads = ("p50_quiet", "p50", "p99")
        rows = [(how, f"{s[how]['cases']:,}", *(f"{s[how][q]:.2f} ms" for q in spreads)) for how in KNOWN]
        yield from _table(("cases", "measured", "p50, quietest tenth", "p50", "p99"), rows)


def _stages(found: dict[str, Any]) -> Iterator[str]:
    if "stages" not in found:
        return
    yield "## Where the time goes\n"
    rows = [
        (stage, f"{ms:.2f}", f"{BEFORE[stage]:.0f}" if stage in BEFORE else "") for stage, ms in found["stages"].items()
    ]
    yield from _table(("stage", "ms of the processor", "before"), rows)
    yield "A result has one of the last three stages. Intake: reading, canonical digest, vocabulary, codes, shapes.\n"


def _batches(found: dict[str, Any]) -> Iterator[str]:
    if "batch" not in found:
        return
    yield "## Batches\n"
    yield "`edx determine cases.trig --to results`, from file to file, start of the command included.\n"
    rows = []
    for row in found["batch"]:
        count = row["cases"]
        rows.append((
            f"{count:,}", str(row["processes"]), row["level"],
            f"{row['seconds']:.2f}", f"{count / row['seconds']:,.0f}",
            f"{1000 * row['processor'] / count:.2f}", f"{row['peak_mb']:.0f}", f"{row['bytes'] / 2**20:.1f}",
        ))  # fmt: skip
    head = ("cases", "processes", "level", "seconds", "cases/s", "ms of processor a case", "peak MB", "MB written")
    yield from _table(head, rows)
    yield "![cases a second](batches.svg)\n"


def _million(found: dict[str, Any]) -> Iterator[str]:
    if "million" not in found:
        return
    before, large, after = found["million"]
    each = [f"{1000 * row['seconds'] / row['cases']:.3f}" for row in (before, large, after)]
    yield "## A million\n"
    yield (
        f"{large['cases']:,} cases, outcomes, two processes: {large['seconds']:,.0f} s, "
        f"{large['cases'] / large['seconds']:,.0f} cases/s, {large['peak_mb']:.0f} MB at most. {each[1]} ms a case, "
        f"against {each[0]} ms and {each[2]} ms in batches of {before['cases']:,} before and after: "
        f"{100 * _grown(found['million']):+.0f} % of their mean.\n"
    )


def _grown(runs: Sequence[dict[str, Any]]) -> float:
    """By which part of itself the time of a case is longer in the large batch than in the small ones around it."""
    before, large, after = (row["seconds"] / row["cases"] for row in runs)
    return float(2 * large / (before + after) - 1)


def _peers(found: dict[str, Any]) -> Iterator[str]:
    if "peers" not in found:
        return
    yield "## Beside other engines\n"
    yield (
        "The same cases from memory, held against the same edition one after another, in the same run. A peer is given "
        "the types that follow from procedure codes and says whether the root shape conforms, with its own report; "
        "ours reads, checks, determines every criterion and writes the text of its result, except in "
        "*conformance alone*, where it is asked like a peer.\n"
    )
    by = {(row["engine"], row["processes"]): row for row in found["peers"]}
    rows = []
    for engine, name in NAMES.items():
        one, two = by.get((engine, 1)), by.get((engine, 2))
        if one is None or two is None:
            continue
        ratios = ["" if engine in _OURS else _ratio(by, level, two) for level in ("conforms", "violations", "full")]
        differing = "" if engine in _LEVELS else f"{len(one['differing'])} of {one['cases']:,}"
        rows.append((
            name, f"{two['cases']:,}", _rate(one["per_second"]), _rate(two["per_second"]), *ratios,
            f"{one['peak_mb']:.0f}", differing,
        ))  # fmt: skip
    head = (
        "engine", "cases", "cases/s, 1 process", "cases/s, 2 processes", "conformance is", "violations are", "full is",
        "peak MB a process", "answers that differ",
    )  # fmt: skip
    yield from _table(head, rows)
    yield (
        "*conformance is*, *violations are*, *full is*: how many times as fast ours is on two processes, with as much "
        "output or more.\n"
    )
    yield from (f"- {NAMES[engine]}: {how}." for engine, how in USED.items())
    yield "\n![engines](engines.svg)\n"


def _rate(value: float) -> str:
    return f"{value:,.0f}" if value >= 20 else f"{value:.2f}"


def _ratio(by: dict[tuple[str, int], Any], level: str, peer: dict[str, Any]) -> str:
    ours = by.get((level, 2))
    if ours is None:
        return ""
    return _times(ours["per_second"] / peer["per_second"])


def _times(ratio: float) -> str:
    return f"{ratio:,.0f}x" if ratio >= 20 else f"{ratio:.1f}x"


def _triples(found: dict[str, Any]) -> Iterator[str]:
    if "triples" not in found:
        return
    yield "## By size of the case\n"
    levels = found["triples"]["levels"]
    rows = [
        (f"{points[0][0]:,.0f}", *(f"{ms:.2f}" for _, ms in points), f"{1000 * points[-1][1] / points[0][0]:.1f}")
        for points in zip(*levels.values(), strict=True)
    ]
    yield from _table(("statements", *(f"{level}, ms" for level in levels), "full, µs a statement"), rows)
    grown = ", ".join(f"{level} {power:.2f}" for level, power in found["triples"]["exponents"].items())
    yield f"From 500 statements on the cost grows with this power of their number (1 is linear): {grown}.\n"
    yield "![cost by size](triples.svg)\n"


def _by_criteria(found: dict[str, Any]) -> Iterator[str]:
    yield from _growth(found, "criteria")


def _by_policies(found: dict[str, Any]) -> Iterator[str]:
    yield from _growth(found, "policies")


def _growth(found: dict[str, Any], counted: str) -> Iterator[str]:
    """The cost by the number of something, and how many times that of the first row."""
    if counted not in found:
        return
    yield f"## By number of {counted}\n"
    first = found[counted][0]
    rows = [
        (f"{row[counted]:,.0f}", *(f"{row[level]:.2f} ({row[level] / first[level]:.1f}x)" for level in _LEVELS))
        for row in found[counted]
    ]
    yield from _table((counted, *(f"{level}, ms" for level in _LEVELS)), rows)


def _pace(found: dict[str, Any]) -> Iterator[str]:
    if "pace" not in found:
        return
    yield "## The machine meanwhile\n"
    yield "A fixed loop of Python before and after each part: what else runs on the machine shows here.\n"
    rows = [(part, f"{before:.1f} ms", f"{after:.1f} ms") for part, (before, after) in found["pace"].items()]
    yield from _table(("part", "before", "after"), rows)
