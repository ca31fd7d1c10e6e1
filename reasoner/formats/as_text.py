"""The report for a terminal: sections in reading order, the criteria as a tree, wrapped to a width."""

from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Final

from rdflib import URIRef
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from reasoner.formats.presentation import (
    Decisive,
    Fold,
    Once,
    Presentation,
    Settling,
    Source,
    own_evidence,
    quoted_once,
)
from reasoner.formats.wording import (
    FOOTER,
    OUTCOME_MARKS,
    Mark,
    Title,
    Tone,
    all_of,
    heading,
    headline,
    in_one_line,
    joining,
    note_text,
    place_of,
    plain,
    size_in_words,
    source_of,
    studies_named,
)
from reasoner.report.view import Assessment, Clause, Conflict, Statement, StudyDetermination

DEFAULT_WIDTH: Final = 100
NARROWEST: Final = 40

_STYLES: Final = {Tone.GOOD: "bold green", Tone.BAD: "bold red", Tone.OPEN: "bold yellow", Tone.NEUTRAL: "bold cyan"}
_QUIET: Final = "dim"

_Lines = Iterable[RenderableType]


def render_text(report: Presentation, *, width: int = DEFAULT_WIDTH, color: bool = False) -> str:
    """The report as text.

    Args:
        report: What to render.
        width: Columns to wrap at; no line is longer. Less than 40 counts as 40.
        color: Whether to add ANSI colours, as for a terminal. Symbols and words say the same without them.
    """
    out = StringIO()
    console = Console(
        file=out,
        width=max(width, NARROWEST),
        force_terminal=color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )
    for block in _blocks(report):
        console.print(block)
    return "\n".join(line.rstrip() for line in out.getvalue().split("\n")).strip("\n") + "\n"


def _blocks(report: Presentation) -> _Lines:
    view = report.view
    advice = [_note(a.label, a.sentence, _cited(report, a.clauses)) for a in view.advice]
    sections: dict[Title, Sequence[RenderableType]] = {
        Title.NOTICES: [_item("!", _say(notice)) for notice in report.notices],
        Title.STUDIES: [_study(study) for study in view.studies],
        Title.DECISIVE: _apart(_decisive(report)),
        Title.TREE: [_tree(report)],
        Title.CONFLICTS: _apart(_conflict(n, conflict) for n, conflict in enumerate(view.conflicts, 1)),
        Title.SETTLING: _apart(_settlings(report)),
        Title.ASSUMPTIONS: [_note(note.label, note_text(note)) for note in view.assumptions],
        Title.READINGS: [_note(note.label, note_text(note)) for note in view.readings],
        Title.ADVICE: advice,
        Title.CITATIONS: _apart(map(_source, report.citations)),
    }
    yield from _opening(report)
    for title in Title:
        if sections[title]:
            yield Text()
            yield Rule(Text(title, style="bold"), align="left", style=_QUIET)
            yield from sections[title]
    yield Text()
    yield Rule(style=_QUIET)
    yield _say(FOOTER, "bold")
    yield _pairs(report.made_from)


def _opening(report: Presentation) -> _Lines:
    mark = OUTCOME_MARKS[report.view.outcome]
    yield Text(str(mark).upper(), style=_STYLES[mark.tone])
    yield _say(report.view.recommendation, "bold")
    yield Text()
    yield _pairs(report.facts)


def _study(study: StudyDetermination) -> RenderableType:
    outcome = _marked(OUTCOME_MARKS[study.outcome])
    return Group(_item("•", _say(headline(study.label), "bold")), _indented(outcome), _indented(_say(study.sentence)))


def _decisive(report: Presentation) -> _Lines:
    once = Once()
    for entry in report.decisive:
        yield Group(*_decider(report, entry, once))


def _decider(report: Presentation, entry: Decisive, once: Once) -> _Lines:
    assessment = entry.assessment
    yield _line(report, assessment, heading(assessment))
    yield _indented(_say(assessment.sentence))
    if entry.only_for:
        yield _indented(_labelled("Decided", studies_named(entry.only_for)))
    if assessment.criterion.definition:
        yield _indented(_labelled("Criterion", assessment.criterion.definition))
    for clause in assessment.criterion.clauses:
        yield _indented(_labelled("Policy", f"{place_of(clause)}{_cited(report, (clause,))}"))
    yield from map(_indented, _grounds(report, assessment, assessment.evidence, once))


def _tree(report: Presentation) -> Tree:
    root, once, shown = report.view.root, Once(), set[URIRef]()

    def node(assessment: Assessment, parent: Assessment | None) -> RenderableType:
        line = _line(report, assessment, heading(assessment, parent))
        line.append(_cited(report, assessment.criterion.clauses), _QUIET)
        if joining(assessment):
            line.append(f" · {joining(assessment)}", _QUIET)
        if report.decided(assessment):
            line.append(" ◀ decisive", "bold")
        if assessment.iri in shown:
            return Group(line, _say("Its parts are shown above.", _QUIET))
        return Group(line, _say(assessment.sentence), *_grounds(report, assessment, own_evidence(assessment), once))

    def grow(branch: Tree, assessment: Assessment) -> None:
        if assessment.iri in shown:
            return
        if assessment.parts:
            shown.add(assessment.iri)
        for part in report.folded(assessment):
            if isinstance(part, Fold):
                branch.add(_fold(part, once))
            else:
                grow(branch.add(node(part, assessment)), part)

    tree = Tree(node(root, None), guide_style=_QUIET)
    grow(tree, root)
    return tree


def _fold(fold: Fold, once: Once) -> RenderableType:
    line = Text(f"{fold.mark.symbol} {fold.note}: ", _STYLES[fold.mark.tone])
    return Group(line.append(plain(fold.labels), "default not bold"), *_statements(fold.evidence, once))


def _grounds(report: Presentation, assessment: Assessment, evidence: Iterable[Statement], once: Once) -> _Lines:
    yield from _statements(evidence, once)
    yield from _statements((s for s in assessment.corroboration if s.quotations), once, "Also recorded: ")
    if unquoted := [statement.sentence for statement in assessment.corroboration if not statement.quotations]:
        yield _item("•", _say(f"Also recorded: {in_one_line(unquoted)}"))
    if number := report.conflict(assessment):
        yield _item("↯", Text(f"Contradictory record: see conflict {number}."))
    if asked := report.asked(assessment):
        yield _item("→", _labelled("To be documented", asked))


def _statements(statements: Iterable[Statement], once: Once, before: str = "") -> _Lines:
    for statement, quotations in quoted_once(statements):
        yield _item("•", _say(before + statement.sentence))
        for quotation in quotations:
            source = plain(source_of(quotation))
            if once.first(quotation):
                quote = Text(f"“{plain(quotation.text)}”", "italic")
                yield _indented(quote.append(f" ({source})", "default dim not italic") if source else quote)
            else:
                yield _indented(Text(f"(quoted above{': ' if source else ''}{source})", _QUIET))


def _conflict(number: int, conflict: Conflict) -> RenderableType:
    lines: list[RenderableType] = [_item(f"{number}.", _say(conflict.sentence, "bold"))]
    lines.extend(map(_indented, _statements(conflict.evidence, Once())))
    if conflict.bears_on:
        lines.append(_indented(_labelled("Bears on", "; ".join(heading(a) for a in conflict.bears_on))))
    return Group(*lines)


def _settlings(report: Presentation) -> _Lines:
    yield from map(_settling, report.settling_first)
    if report.left_out:
        yield _say(report.left_out, _QUIET)


def _settling(settling: Settling) -> RenderableType:
    title = Text(f"{size_in_words(settling.set.size)}: ", "bold")
    title.append_text(_marked(OUTCOME_MARKS[settling.set.leads_to]))
    lines: list[RenderableType] = [_item(f"{settling.number}.", title)]
    if settling.set.studies:
        lines.append(_indented(_labelled("For", studies_named(settling.set.studies))))
    lines.append(_indented(Text(all_of(len(settling.questions)))))
    for place, question in enumerate(settling.questions, 1):
        number = f"{settling.number}.{place}"
        if len(question.alternatives) == 1:
            lines.append(_indented(_item(number, _say(question.alternatives[0]))))
        elif question.listed:
            lines.append(_indented(_item(number, Text(f"one of those listed at {question.listed}"))))
        else:
            lines.append(_indented(_item(number, Text("one of:"))))
            lines.extend(_indented(_item("-", _say(asked)), 6) for asked in question.alternatives)
    return Group(*lines)


def _source(source: Source) -> RenderableType:
    """The clauses of a document; the part that their IRIs share stands once, below its title."""
    lines: list[RenderableType] = [_say(source.title, "bold")]
    shown = None
    for number, clause in source.clauses:
        namespace, hash_sign, name = clause.iri.rpartition("#")
        if namespace != shown:
            lines.append(Text(plain(namespace), _QUIET, overflow="fold"))
            shown = namespace
        lines.append(_item(f"[{number}]", _say(place_of(clause)).append(f" {plain(hash_sign + name)}", _QUIET)))
    return Group(*lines)


def _line(report: Presentation, assessment: Assessment, title: str) -> Text:
    return _marked(report.mark(assessment)).append("  ", "default").append(plain(title), "default bold")


def _marked(mark: Mark) -> Text:
    text = Text()
    return text.append(str(mark), _STYLES[mark.tone])


def _cited(report: Presentation, clauses: Iterable[Clause]) -> str:
    return "".join(f" [{number}]" for number in report.numbers(clauses))


def _note(label: str, sentence: str, after: str = "") -> RenderableType:
    return Group(_item("•", _say(headline(label) + after, "bold")), *([_indented(_say(sentence))] if sentence else []))


def _labelled(name: str, value: str) -> Text:
    return Text(f"{name}: ", _QUIET).append(plain(value), "default not dim")


def _say(text: str, style: str = "") -> Text:
    return Text(plain(text), style)


def _item(bullet: str, content: RenderableType) -> RenderableType:
    row = Table.grid(padding=(0, 1, 0, 0))
    row.add_column(no_wrap=True)
    row.add_column(ratio=1, overflow="fold")
    row.add_row(Text(bullet, _QUIET), content)
    return row


def _pairs(pairs: Iterable[tuple[str, str]]) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style=_QUIET)
    table.add_column(ratio=1, overflow="fold")
    for name, value in pairs:
        table.add_row(name, _say(value))
    return table


def _indented(content: RenderableType, by: int = 2) -> RenderableType:
    return Padding(content, (0, 0, 0, by), expand=False)


def _apart(blocks: Iterable[RenderableType]) -> list[RenderableType]:
    """The blocks with an empty line between them."""
    found: list[RenderableType] = []
    for block in blocks:
        found.extend([Text(), block] if found else [block])
    return found
