"""The forms in which a batch hands out its results: what a worker makes of each answer, as bytes to be put in order.

Where a line carries the position of its case in the whole input, which no worker knows, a worker leaves a gap; the
process that puts the results in order fills it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Protocol

import orjson
from rdflib import DCTERMS, RDF, RDFS, SH, Literal, URIRef

from reasoner.batch.rows import Answer, Row, answer_rows, json_line
from reasoner.case import Case, Problem, Severity
from reasoner.errors import UsageError
from reasoner.formats.as_json import compact_json
from reasoner.formats.render import EXTENSIONS, render
from reasoner.intake.report import report_of
from reasoner.knowledge import Knowledge
from reasoner.report.forms import FormName
from reasoner.report.results import violations
from reasoner.report.text import descriptions_text, report_text, results_text
from reasoner.report.view_builder import view_of

DETAILS: Final = ("outcome", "violations", "full")
"""How much is said: rows of outcomes; also the SHACL results of what is not met; the whole report."""
RESULT_FORMS: Final = {".jsonl": "jsonl", ".parquet": "parquet", ".nq": "nquads", ".trig": "trig"}
"""The forms of one file with all results, by its extension."""
_GRAPH_FORMS: Final[dict[str, FormName]] = {"nquads": "nquads", "trig": "trig"}
_GAP: Final = re.compile(rb"\x00(\d+)\x00")


@dataclass
class Made:
    """What a worker made of some cases.

    `data` belongs into the one file of results; `files` are those of a folder, each with the place of its case among
    these cases, from 1, and the rest of its name.
    """

    data: bytes = b""
    files: list[tuple[int, str, bytes]] = field(default_factory=list)


class Form(Protocol):
    """Makes results of answers."""

    def add(self, number: int, answer: Answer) -> None:
        """Take one answer about the case of that number among those at hand, from 1."""

    def made(self) -> Made:
        """What has been made since it was last asked for."""
        ...


def form_of(form: str, detail: str, knowledge: Knowledge, *, several: bool = False) -> Form:
    """A form by its name: one of `RESULT_FORMS`, or a format of reports for a folder with a file for each of them.

    Args:
        form: The name.
        detail: One of `DETAILS`.
        knowledge: What the answers were made with.
        several: Whether there may be several answers about one case.

    Raises:
        UsageError: The form cannot hold as much or as little.
    """
    check_detail(form, detail)
    if form in _GRAPH_FORMS:
        return _Graphs(knowledge, _GRAPH_FORMS[form], detail)
    if form in ("jsonl", "parquet"):  # whose rows are put into a table in the end
        return _Lines(knowledge, detail)
    return _Files(knowledge, form, several=several)


def default_detail(form: str) -> str:
    """As much as the form is there for."""
    return "outcome" if form in ("jsonl", "parquet") else "full"


def check_detail(form: str, detail: str) -> None:
    """See to it that a form can hold so much.

    Raises:
        UsageError: It cannot; the message names the forms that can.
    """
    can = {"parquet": ("outcome",), "jsonl": DETAILS, "nquads": ("violations", "full")}
    can["trig"] = can["nquads"]
    if detail not in can.get(form, ("full",)):
        others = " or ".join(extension for extension, name in RESULT_FORMS.items() if detail in can[name])
        what = f"{form} does not hold" if form in can else "A folder with a file for each case does not hold"
        raise UsageError(f"{what} --detail {detail}. Write it --to a file in {others}.")


def with_positions(data: bytes, before: int) -> bytes:
    """Lines with their gaps filled: the positions of cases, so many of which came before."""
    if b"\x00" not in data:
        return data
    return _GAP.sub(lambda gap: b"%d" % (before + int(gap[1])), data)


def json_with_gap(row: Row) -> bytes:
    """The row as a line of JSON with a gap for the position, under which it stands in the row for now."""
    line = json_line(row)
    return line.replace(b'"position":%d,' % row.position, b'"position":\x00%d\x00,' % row.position, 1)


class _Lines:
    """Lines of JSON: rows, or where there is a determination its SHACL results or its whole report."""

    def __init__(self, knowledge: Knowledge, detail: str) -> None:
        self.knowledge = knowledge
        self.detail = detail
        self.parts: list[bytes] = []

    def add(self, number: int, answer: Answer) -> None:
        determination = answer.determination
        if determination is None or self.detail == "outcome":
            self.parts += [json_with_gap(row) for row in answer_rows(answer, self.knowledge, number)]
            return
        head = orjson.dumps({"source": answer.entry.source})[:-1]
        if self.detail == "violations":
            said = violations(determination, self.knowledge).removeprefix(b"{")
        else:
            said = b'"report":%b}\n' % compact_json(view_of(determination, self.knowledge)).rstrip()
        self.parts.append(b'%b,"position":\x00%d\x00,%b' % (head, number, said))

    def made(self) -> Made:
        made, self.parts = Made(b"".join(self.parts)), []
        return made


class _Graphs:
    """A named graph for each determination and each refusal."""

    def __init__(self, knowledge: Knowledge, form: FormName, detail: str) -> None:
        self.knowledge = knowledge
        self.form: FormName = form
        self.whole = detail == "full"
        self.parts: list[str] = []

    def add(self, number: int, answer: Answer) -> None:  # noqa: ARG002 - graphs stand in order and carry no number
        determination = answer.determination
        if determination is None:
            self.parts.append(_refusal(answer, self.form))
        elif self.whole:
            self.parts.append(report_text(determination, self.knowledge, self.form, with_descriptions=False))
        else:
            self.parts.append(results_text(determination, self.knowledge, self.form))

    def made(self) -> Made:
        made, self.parts = Made("".join(self.parts).encode()), []
        return made


class _Files:
    """A file for each determination; refusals are rows, as lines of JSON."""

    def __init__(self, knowledge: Knowledge, form: str, *, several: bool) -> None:
        self.knowledge = knowledge
        self.form = form
        self.several = several
        self.refused: list[bytes] = []
        self.files: list[tuple[int, str, bytes]] = []

    def add(self, number: int, answer: Answer) -> None:
        determination = answer.determination
        if determination is None:
            self.refused += [json_with_gap(row) for row in answer_rows(answer, self.knowledge, number)]
            return
        case = determination.case.digest[:12]
        name = f"{case}-{determination.edition.slug}" if self.several else case
        text = render(determination, self.form, knowledge=self.knowledge)
        self.files.append((number, name + EXTENSIONS[self.form], text.encode()))

    def made(self) -> Made:
        made = Made(b"".join(self.refused), self.files)
        self.refused, self.files = [], []
        return made


def _refusal(answer: Answer, form: FormName) -> str:
    """A validation report in a graph of its own name."""
    entry = answer.entry
    if isinstance(entry, Case):
        name, problems = entry.label, [Problem(Severity.ERROR, text, entry.iri) for text in answer.problems]
    else:
        name, problems = entry.name, list(entry.problems)
    graph = report_of((entry.source, problem) for problem in problems)
    report = next(s for s in graph.subjects(RDF.type, SH.ValidationReport) if isinstance(s, URIRef))
    graph.add((report, RDFS.label, Literal(name)))
    graph.add((report, DCTERMS.source, Literal(entry.source)))
    lines = sorted(filter(None, graph.serialize(format="nt").split("\n")))
    if form == "trig":
        return "".join([f"<{report}> {{\n", *(f"{line}\n" for line in lines), "}\n"])
    return "".join(f"{line.removesuffix('.')}<{report}> .\n" for line in lines)


def descriptions(knowledge: Knowledge, form: str, editions: Iterable[str]) -> bytes:
    """What the reports leave to be said once about each edition, by its IRI."""
    if form not in _GRAPH_FORMS:
        return b""
    by_iri = {str(edition.iri): edition for edition in knowledge.editions}
    return "".join(descriptions_text(by_iri[iri], _GRAPH_FORMS[form]) for iri in sorted(editions)).encode()
