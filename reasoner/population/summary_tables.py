"""A summary of a population as tables."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from reasoner.evaluation.criteria import Status
from reasoner.evaluation.determination import Outcome
from reasoner.formats.wording import OUTCOME_MARKS, headline
from reasoner.population.criterion_names import CriterionNames, EditionName
from reasoner.population.results import Undecided
from reasoner.population.summary import EditionTally, Summary
from reasoner.population.tables import Cell, Column, Form, Page, Table, share

SHORT_OUTCOMES: Final = {
    Outcome.MEDICALLY_NECESSARY: "necessary",
    Outcome.NOT_MEDICALLY_NECESSARY: "not necessary",
    Outcome.EXPERIMENTAL_INVESTIGATIONAL: "experimental",
    Outcome.ADDITIONAL_INFORMATION_NEEDED: "information needed",
}
"""The outcomes in the order in which tables and pictures show them, in words for the head of a column."""
STATUS_WORDS: Final = {
    Status.MET: "met",
    Status.REFUTED: "not met",
    Status.UNDETERMINED: "open",
    Status.NOT_APPLICABLE: "not applicable",
}
SEVERAL: Final = (
    "The results come from {n} {of}: a difference between editions may come from there, too. Determine all of the "
    "cases with one state of program and knowledge."
)


def summary_page(summary: Summary, names: CriterionNames) -> Page:
    """The tables of a summary; the editions in the order of their names."""
    editions = sorted(names.edition(iri, tally.policy) for iri, tally in summary.editions.items())
    tables = [_population(summary, editions), _outcomes(summary, editions)]
    for edition in editions:
        tally = summary.editions[edition.iri]
        tables += [
            _deciding(tally, edition, names),
            _missing(tally, edition),
            _points(tally, edition),
            criteria_table(tally, edition, names),
        ]
    tables += not_determined(summary.undecided)
    facts = (
        ("Cases", f"{summary.cases:,}"),
        ("Determinations", f"{sum(t.requests.total() for t in summary.editions.values()):,}"),
        ("Not determined", f"{len({u.place for u in summary.undecided}):,}"),
    )
    return Page(
        "summary",
        "Summary of determinations",
        facts,
        tuple(notices(summary.knowledge, summary.programs)),
        tuple(tables),
    )


def notices(knowledge: set[str], programs: set[str]) -> list[str]:
    """What a reader has to know of where the results come from."""
    told = []
    if len(programs) > 1:
        told.append(SEVERAL.format(n=len(programs), of=f"versions of the program ({', '.join(sorted(programs))})"))
    if len(knowledge) > 1:
        told.append(SEVERAL.format(n=len(knowledge), of="states of ontology and policies"))
    return told


def not_determined(undecided: Iterable[Undecided]) -> list[Table]:
    """The cases that were refused or that no policy applies to: counted by reason, and each by name."""
    listed = list(undecided)
    if not listed:
        return []
    by_code = Counter(case.code for case in listed)
    rows = [(code, REASONS.get(code, ""), n) for code, n in sorted(by_code.items())]
    columns = (Column("code", "Code"), Column("reason", "Reason"), Column("cases", "Cases", Form.COUNT))
    told = "Cases that were not determined, by reason; a case counts once for each policy that it was held against."
    each = tuple(
        (case.place.source, case.place.position, case.label or case.place.case, case.code, "; ".join(case.problems))
        for case in listed
    )
    return [
        Table("not_determined", "Not determined", told, columns, tuple(rows)),
        Table(
            "not_determined_cases",
            "Not determined: the cases",
            "One row a case that was not determined, with its place in the input and what is in the way.",
            (
                Column("source", "Source"),
                Column("position", "Place", Form.COUNT),
                Column("case", "Case"),
                Column("code", "Code", shown=False),
                Column("problems", "Problems"),
            ),
            each,
            long=True,
        ),
    ]


REASONS: Final = {
    "E100": "the bytes are no RDF of the stated format",
    "E101": "the graph is no case that can be judged",
    "E200": "no policy edition governs the request on that date",
    "E301": "the program or its knowledge is at fault",
}


def _population(summary: Summary, editions: list[EditionName]) -> Table:
    columns = (
        Column("edition", "Edition", shown=False),
        Column("title", "Policy edition"),
        Column("cases", "Cases", Form.COUNT),
        Column("studies", "Requested studies", Form.COUNT),
        Column("contradictory", "Cases with a contradiction in the record", Form.COUNT),
    )
    rows = []
    for edition in editions:
        tally = summary.editions[edition.iri]
        rows.append((edition.iri, edition.title, tally.requests.total(), tally.studies.total(), tally.contradictory))
    told = (
        "Cases determined under each edition and the studies that they ask for; a case held against two editions "
        "stands in both rows."
    )
    return Table("population", "What was determined", told, columns, tuple(rows))


def _outcomes(summary: Summary, editions: list[EditionName]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for edition in editions:
        tally = summary.editions[edition.iri]
        for outcome in SHORT_OUTCOMES:
            requests, studies = tally.requests[outcome], tally.studies[outcome]
            rows.append(
                (
                    edition.iri, edition.short, outcome.value, str(OUTCOME_MARKS[outcome]),
                    requests, share(requests, tally.requests.total()), studies, share(studies, tally.studies.total()),
                )
            )  # fmt: skip
    columns = (
        Column("edition", "Edition", shown=False),
        Column("short", "Policy edition", grouped=True),
        Column("outcome", "Outcome", shown=False),
        Column("words", "Outcome"),
        Column("cases", "Cases", Form.COUNT),
        Column("share_of_cases", "Share", Form.SHARE),
        Column("studies", "Requested studies", Form.COUNT),
        Column("share_of_studies", "Share", Form.SHARE),
    )
    told = (
        "Cases by the outcome of the whole request, and beside them the requested studies by their own outcome. "
        "Shares are of all cases, or all studies, under the same edition."
    )
    return Table("outcomes", "Outcomes", told, columns, tuple(rows))


def _deciding(tally: EditionTally, edition: EditionName, names: CriterionNames) -> Table:
    total: Counter[str] = Counter()
    for (name, _), n in tally.deciding.items():
        total[name] += n
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            name, headline(names.label(edition.iri, name)), names.place(edition.iri, name), n,
            *(tally.deciding[name, outcome] for outcome in SHORT_OUTCOMES),
        )
        for name, n in by_number(total)
    )  # fmt: skip
    columns = (
        *criterion_columns(),
        Column("cases", "Cases decided", Form.COUNT),
        *(Column(outcome.value, words, Form.COUNT) for outcome, words in SHORT_OUTCOMES.items()),
    )
    told = (
        f"Cases that a criterion decided, by the outcome of the request, of {counted_cases(tally)} under the edition. "
        "Often several criteria decide one case together: it is counted at each of them, so the rows add up to more "
        "than all cases."
    )
    return Table("deciding", f"What decided: {edition.title}", told, columns, rows, {"edition": edition.iri}, long=True)


def _missing(tally: EditionTally, edition: EditionName) -> Table:
    needing = tally.requests[Outcome.ADDITIONAL_INFORMATION_NEEDED]
    found = [(fact, tally.missing[fact, True], tally.missing[fact, False], n) for fact, n in lacking(tally).items()]
    rows = tuple(sorted(found, key=lambda row: (-row[1], -row[3], row[0])))
    columns = (
        Column("documentation", "What would have to be documented"),
        Column("needed", "Needed", Form.COUNT),
        Column("one_of_several", "One of several", Form.COUNT),
        Column("cases", "Cases", Form.COUNT),
    )
    told = (
        "Cases that lack a fact which the smallest set of facts leading to coverage of a requested study asks for: "
        "those that need this fact, those for which one of several would do, and both together. "
        f"{needing:,} of {counted_cases(tally)} under the edition need additional information; a case is counted at "
        "every fact that it lacks."
    )
    return Table("missing", f"Missing facts: {edition.title}", told, columns, rows, {"edition": edition.iri}, long=True)


def lacking(tally: EditionTally) -> Counter[str]:
    """How many cases lack each fact."""
    found: Counter[str] = Counter()
    for (fact, _), n in tally.missing.items():
        found[fact] += n
    return found


def _points(tally: EditionTally, edition: EditionName) -> Table:
    total = tally.points.total()
    rows = tuple((size, n, share(n, total)) for size, n in sorted(tally.points.items()))
    columns = (
        Column("points", "Questions open", Form.COUNT),
        Column("studies", "Requested studies", Form.COUNT),
        Column("share", "Share", Form.SHARE),
    )
    told = (
        "Requested studies that need additional information, by how many questions have to be answered together in the "
        "smallest set that could lead to coverage. 0: nothing that could be documented leads to coverage."
    )
    title = f"How much is missing: {edition.title}"
    return Table("points", title, told, columns, rows, {"edition": edition.iri})


def criteria_table(tally: EditionTally, edition: EditionName, names: CriterionNames) -> Table:
    """Every criterion of an edition by its statuses."""
    by_name = dict.fromkeys(name for name, _ in tally.statuses)
    found: list[tuple[Cell, ...]] = [
        (
            name, headline(names.label(edition.iri, name)), names.place(edition.iri, name),
            *(tally.statuses[name, status] for status in STATUS_WORDS),
        )
        for name in by_name
    ]  # fmt: skip
    columns = (
        *criterion_columns(),
        *(Column(status.value, words, Form.COUNT) for status, words in STATUS_WORDS.items()),
    )
    told = (
        f"The {tally.studies.total():,} requested studies by what each criterion is for them; a criterion about the "
        "whole request counts once for each of its studies. Those most often open come first. An exclusion that is met "
        "excludes. Where the figures fall short of all studies, the criterion was not asked."
    )
    rows = tuple(sorted(found, key=lambda row: (-tally.statuses[str(row[0]), Status.UNDETERMINED], str(row[1]))))
    title = f"Every criterion: {edition.title}"
    return Table("criteria", title, told, columns, rows, {"edition": edition.iri}, long=True)


def criterion_columns() -> tuple[Column, ...]:
    """A criterion by name, by label and by its place in the policy."""
    return (
        Column("criterion", "Name", shown=False),
        Column("label", "Criterion"),
        Column("place", "Place in the policy", beneath=True),
    )


def by_number(counts: Counter[str]) -> list[tuple[str, int]]:
    """The most frequent first; those equally frequent by name."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def counted_cases(tally: EditionTally) -> str:
    """How many cases an edition has."""
    return f"{tally.requests.total():,} {'case' if tally.requests.total() == 1 else 'cases'}"
