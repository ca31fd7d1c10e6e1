"""The impact of another policy edition on a population as tables."""

from collections import Counter
from typing import Final

from reasoner.evaluation.criteria import Status
from reasoner.evaluation.determination import Outcome
from reasoner.formats.wording import OUTCOME_MARKS, headline
from reasoner.population.criterion_names import CriterionNames, EditionName
from reasoner.population.impact import CaseChange, Impact, Transition, Turn
from reasoner.population.summary_tables import (
    SHORT_OUTCOMES,
    STATUS_WORDS,
    counted_cases,
    criteria_table,
    criterion_columns,
    lacking,
    notices,
)
from reasoner.population.tables import Cell, Column, Form, Page, Table

_ABSENT: Final = "not in the edition"
_NOT_ASKED: Final = "not asked"
_OF_THE_OTHER: Final = "\N{EN DASH}"


def impact_page(impact: Impact, names: CriterionNames) -> Page:
    """The tables of an impact."""
    cases = impact.requests.total()
    turned = sum(case.before is not case.after for case in impact.changed)
    tables = [
        _transitions(impact.requests, "requests", "Cases", "Cases by the outcome of the whole request", impact),
        _transitions(impact.studies, "studies", "Studies", "Requested studies by their own outcome", impact),
        _made_by(impact, names),
        _changed(impact.changed, impact, names),
    ]
    if impact.same_series:
        tables.append(_criteria(impact, names))
    else:
        tables += [
            criteria_table(impact.tally_before, impact.before, names),
            criteria_table(impact.tally_after, impact.after, names),
        ]
    tables += [_missing(impact), *_not_compared(impact)]
    redecided = ("Cases with the same outcome, decided by other criteria", f"{impact.redecided:,}")
    facts = (
        ("Before", f"{impact.before.short}: {impact.before.title}"),
        ("After", f"{impact.after.short}: {impact.after.title}"),
        ("Cases compared", f"{cases:,}, with {impact.studies.total():,} requested studies"),
        ("Cases with another outcome", f"{turned:,}"),
        ("Studies with another outcome", f"{sum(n for (a, b), n in impact.studies.items() if a is not b):,}"),
        *([redecided] if impact.same_series else []),
        ("Cases not compared", f"{len({case.place for case in impact.not_compared}):,}"),
    )
    title = "Impact of a policy change" if impact.same_series else "Two policies on the same cases"
    return Page("impact", title, facts, tuple(notices(impact.knowledge, impact.programs)), tuple(tables))


def _transitions(found: Counter[Transition], key: str, noun: str, told: str, impact: Impact) -> Table:
    order = list(SHORT_OUTCOMES)
    rows: list[tuple[Cell, ...]] = []
    for before in order:
        row = [found[before, after] for after in order]
        rows.append((before.value, str(OUTCOME_MARKS[before]), *row, sum(row)))
    columns = [sum(found[before, after] for before in order) for after in order]
    rows.append(("", "all", *columns, found.total()))
    heads = (Column(o.value, SHORT_OUTCOMES[o], Form.COUNT) for o in order)
    return Table(
        f"transitions_of_{key}",
        f"{noun}: outcome before and after",
        f"{told}: in rows under {impact.before.short}, in columns under {impact.after.short}. "
        "What keeps its outcome stands on the diagonal.",
        (Column("before", "", shown=False), Column("", "Before ↓   After →"), *heads, Column("all", "all", Form.COUNT)),
        tuple(rows),
        totals=1,
    )


def made_by_counts(impact: Impact) -> Counter[tuple[Turn, Outcome, Outcome]]:
    """How many studies each criterion changed, from which outcome to which."""
    return Counter(
        (turn, study.before, study.after) for case in impact.changed for study in case.studies for turn in study.made_by
    )


def _made_by(impact: Impact, names: CriterionNames) -> Table:
    studies = made_by_counts(impact)
    cases = Counter(
        key
        for case in impact.changed
        for key in {(turn, study.before, study.after) for study in case.studies for turn in study.made_by}
    )
    rows = sorted(
        (
            (
                turn.criterion, label_of(turn, impact, names), place_of(turn, impact, names),
                *status_words(turn, impact, names), SHORT_OUTCOMES[before], SHORT_OUTCOMES[after],
                cases[turn, before, after], number,
            )
            for (turn, before, after), number in studies.items()
        ),
        key=lambda row: (-row[7], -row[8], *map(str, row[:7])),
    )  # fmt: skip
    columns = (
        *criterion_columns(),
        Column("status_before", "Status before", Form.WORD),
        Column("status_after", "Status after", Form.WORD),
        Column("outcome_before", "Outcome before", Form.WORD),
        Column("outcome_after", "Outcome after", Form.WORD),
        Column("cases", "Cases", Form.COUNT),
        Column("studies", "Studies", Form.COUNT),
    )
    if impact.same_series:
        rule = (
            "A criterion without parts is counted where its status differs and it stands at or below a criterion that "
            "decides under either edition"
        )
    else:
        rule = (
            "The criteria of two policies cannot be held against each other: counted are those that decided before and "
            "those that decide after"
        )
    told = (
        f"Requested studies whose outcome changes, and their cases, by the criteria that made the change. {rule}. "
        "A study that several criteria changed is counted at each of them."
    )
    return Table("made_by", "What made the changes", told, columns, tuple(rows), long=True)


def label_of(turn: Turn, impact: Impact, names: CriterionNames) -> str:
    """What the edition that has the criterion calls it, the edition after first."""
    return headline(names.label(_edition_of(turn, impact, names).iri, turn.criterion))


def place_of(turn: Turn, impact: Impact, names: CriterionNames) -> str:
    """Where the criterion stands in its document."""
    return names.place(_edition_of(turn, impact, names).iri, turn.criterion)


def status_words(turn: Turn, impact: Impact, names: CriterionNames) -> tuple[str, str]:
    """The status of a criterion before and after, in words."""

    def words(status: Status | None, edition: EditionName) -> str:
        if status is not None:
            return STATUS_WORDS[status]
        if not impact.same_series:
            return _OF_THE_OTHER
        return _NOT_ASKED if _has(impact, edition, turn.criterion, names) else _ABSENT

    return words(turn.before, impact.before), words(turn.after, impact.after)


def turn_in_words(turn: Turn, impact: Impact, names: CriterionNames) -> str:
    """A criterion with its status before and after; of two policies, with its status in the one that has it."""
    label = label_of(turn, impact, names)
    before, after = status_words(turn, impact, names)
    if impact.same_series:
        return f"{label}: {before} → {after}"
    return f"before: {label}: {before}" if turn.after is None else f"after: {label}: {after}"


def _edition_of(turn: Turn, impact: Impact, names: CriterionNames) -> EditionName:
    if not impact.same_series:
        return impact.before if turn.after is None else impact.after
    return impact.after if _has(impact, impact.after, turn.criterion, names) else impact.before


def _has(impact: Impact, edition: EditionName, name: str, names: CriterionNames) -> bool:
    """Whether one of the two editions has a criterion; what is not known of it is told by the cases."""
    if names.knows(edition.iri):
        return names.has(edition.iri, name)
    tally = impact.tally_before if edition == impact.before else impact.tally_after
    return any((name, status) in tally.statuses for status in Status)


def _changed(changed: list[CaseChange], impact: Impact, names: CriterionNames) -> Table:
    rows = tuple(
        (
            case.place.position, case.place.case, case.label or case.place.case, case.place.source,
            "; ".join(turn_in_words(turn, impact, names) for turn in case.made_by),
            SHORT_OUTCOMES[case.before], SHORT_OUTCOMES[case.after], len(case.studies),
        )
        for case in sorted(changed, key=lambda case: (case.before is case.after, case.place.position, case.place))
    )  # fmt: skip
    columns = (
        Column("position", "Place", Form.COUNT),
        Column("iri", "IRI", shown=False),
        Column("case", "Case"),
        Column("source", "Source", beneath=True),
        Column("made_by", "What made the change", beneath=True),
        Column("before", "Before", Form.WORD),
        Column("after", "After", Form.WORD),
        Column("studies", "Studies changed", Form.COUNT),
    )
    return Table(
        "changed_cases",
        "The cases that change",
        "One row a case of which the request or a study has another outcome, with its place in the input; those whose "
        "request keeps its outcome come last.",
        columns,
        rows,
        long=True,
    )


def _criteria(impact: Impact, names: CriterionNames) -> Table:
    first, second = impact.tally_before.statuses, impact.tally_after.statuses
    rows: list[tuple[Cell, ...]] = []
    moved: dict[str, int] = {}
    for name in dict.fromkeys(name for name, _ in (*second, *first)):
        pairs = [(first[name, status], second[name, status]) for status in STATUS_WORDS]
        difference = sum(abs(b - a) for a, b in pairs)
        if difference:
            turn = Turn(name, None, None)
            shown = [str(a) if a == b else f"{a:,} → {b:,}" for a, b in pairs]
            numbers = [n for pair in pairs for n in pair]
            label, place = label_of(turn, impact, names), place_of(turn, impact, names)
            rows.append((name, label, place, *numbers, *shown))
            moved[name] = difference
    hidden = (
        Column(f"{status.value}_{side}", "", Form.COUNT, shown=False)
        for status in STATUS_WORDS
        for side in ("before", "after")
    )
    columns = (
        *criterion_columns(),
        *hidden,
        *(Column("", words, Form.COUNT) for words in STATUS_WORDS.values()),
    )
    told = (
        f"The {impact.studies.total():,} requested studies by what each criterion is for them, before → after; only "
        "criteria with other figures than before. A criterion about the whole request counts once for each of its "
        "studies."
    )
    ordered = sorted(rows, key=lambda row: (-moved[str(row[0])], str(row[1])))
    return Table("criteria", "Criteria with other figures", told, columns, tuple(ordered), long=True)


def _missing(impact: Impact) -> Table:
    first, second = lacking(impact.tally_before), lacking(impact.tally_after)
    rows = tuple(
        (fact, first[fact], second[fact], second[fact] - first[fact])
        for fact in sorted({*first, *second}, key=lambda f: (-abs(second[f] - first[f]), f))
        if first[fact] != second[fact]
    )
    columns = (
        Column("documentation", "What would have to be documented"),
        Column("before", "Cases before", Form.COUNT),
        Column("after", "Cases after", Form.COUNT),
        Column("change", "Change", Form.CHANGE),
    )
    told = (
        f"Of {counted_cases(impact.tally_before)}, those that lack a fact which the smallest set of facts leading to "
        "coverage asks for, alone or as one of several that would do; only facts asked for more or less often than "
        "before."
    )
    return Table("missing", "Missing facts, before and after", told, columns, rows, long=True)


def _not_compared(impact: Impact) -> list[Table]:
    rows = tuple(
        (case.place.source, case.place.position, case.place.case, case.label or case.place.case, case.why)
        for case in impact.not_compared
    )
    columns = (
        Column("source", "Source"),
        Column("position", "Place", Form.COUNT),
        Column("iri", "IRI", shown=False),
        Column("case", "Case"),
        Column("why", "Why"),
    )
    told = "One row a case, or a study of one, that does not stand under both editions; none of them is counted above."
    return [Table("not_compared", "Not compared", told, columns, rows, long=True)] if rows else []
