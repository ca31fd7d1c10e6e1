"""Which pictures a summary and an impact have: the most frequent rows of their tables, drawn."""

from collections import Counter
from collections.abc import Iterator

from reasoner.evaluation.determination import Outcome
from reasoner.formats.wording import OUTCOME_MARKS, headline
from reasoner.population.criterion_names import CriterionNames
from reasoner.population.impact import Impact
from reasoner.population.impact_tables import made_by_counts, turn_in_words
from reasoner.population.plots import DARK, LIGHT, LOOKS, Bars, Matrix, Series, by_outcome, draw
from reasoner.population.summary import EditionTally, Summary
from reasoner.population.summary_tables import SHORT_OUTCOMES, by_number, lacking

MOST_BARS = 15


def summary_pictures(summary: Summary, names: CriterionNames, form: str) -> Iterator[tuple[str, str, bytes]]:
    """Pictures of a summary: the name of the table that each belongs to, what it shows in words, and its bytes."""
    editions = sorted(names.edition(iri, tally.policy) for iri, tally in summary.editions.items())
    if not editions:
        return
    panels = [panel for edition in editions for panel in _outcome_panels(summary.editions[edition.iri], edition.short)]
    title = "Outcomes by policy edition"
    yield "outcomes", title, draw(panels, title, form, columns=2)
    for edition in editions:
        tally = summary.editions[edition.iri]
        place = edition.short.replace("/", "-")
        if tally.deciding:
            title = f"What decided: {edition.title}"
            yield f"deciding-{place}", title, draw([_deciding(tally, edition.iri, names)], title, form)
        if tally.missing:
            title = f"Missing facts: {edition.title}"
            yield f"missing-{place}", title, draw([_missing(tally)], title, form)


def impact_pictures(impact: Impact, names: CriterionNames, form: str) -> Iterator[tuple[str, str, bytes]]:
    """Pictures of an impact: the name of the table that each belongs to, what it shows in words, and its bytes."""
    if not impact.requests:
        return
    order = tuple(SHORT_OUTCOMES)
    words = tuple(SHORT_OUTCOMES.values())
    panels = [
        Matrix(
            f"{noun}: {found.total():,}, of which {sum(n for (a, b), n in found.items() if a is not b):,} change",
            words,
            words,
            f"before: {impact.before.short}",
            f"after: {impact.after.short}",
            tuple(tuple(found[before, after] for after in order) for before in order),
        )
        for noun, found in (("Cases", impact.requests), ("Requested studies", impact.studies))
    ]
    title = "Outcomes before and after"
    yield "transitions_of_requests", title, draw(panels, title, form, columns=2)
    if impact.changed:
        title = f"What made the changes: {impact.before.short} → {impact.after.short}"
        yield "made_by", title, draw([_made_by(impact, names)], title, form)


def _outcome_panels(tally: EditionTally, edition: str) -> Iterator[Bars]:
    for noun, found in (("cases", tally.requests), ("requested studies", tally.studies)):
        values = tuple(found[outcome] for outcome in LOOKS)
        yield Bars(
            title=f"{edition}: {found.total():,} {noun}",
            axis=f"{noun} (share)",
            labels=tuple(OUTCOME_MARKS[outcome].word for outcome in LOOKS),
            series=(Series(noun, "", "", values),),
            looks=tuple(LOOKS.values()),
            whole=found.total(),
        )


def _deciding(tally: EditionTally, edition: str, names: CriterionNames) -> Bars:
    total: Counter[str] = Counter()
    for (name, _), n in tally.deciding.items():
        total[name] += n
    shown = [name for name, _ in by_number(total)[:MOST_BARS]]
    number = _first_of(len(total), "deciding criterion", "deciding criteria")
    return Bars(
        title=f"{number}; a case counts at every criterion that decided it",
        axis=f"cases decided, of {tally.requests.total():,}, by the outcome of the request",
        labels=tuple(headline(names.label(edition, name)) for name in shown),
        series=by_outcome(lambda outcome: (tally.deciding[name, outcome] for name in shown)),
    )


def _missing(tally: EditionTally) -> Bars:
    needed = Counter({fact: n for (fact, alone), n in tally.missing.items() if alone})
    all_facts = lacking(tally)
    shown = sorted(all_facts, key=lambda fact: (-needed[fact], -all_facts[fact], fact))[:MOST_BARS]
    number = _first_of(len(all_facts), "fact", "facts")
    return Bars(
        title=f"{number}, those needed first; a case counts at every fact that it lacks",
        axis=f"cases, of {tally.requests[Outcome.ADDITIONAL_INFORMATION_NEEDED]:,} that need additional information",
        labels=tuple(headline(fact) for fact in shown),
        series=(
            Series("needed", DARK, "", tuple(needed[fact] for fact in shown)),
            Series("one of several that would do", LIGHT, "", tuple(all_facts[fact] - needed[fact] for fact in shown)),
        ),
    )


def _made_by(impact: Impact, names: CriterionNames) -> Bars:
    counts: Counter[tuple[str, Outcome]] = Counter()
    total: Counter[str] = Counter()
    for (turn, _, after), n in made_by_counts(impact).items():
        said = turn_in_words(turn, impact, names).replace("not met", "not\N{NO-BREAK SPACE}met")
        counts[said, after] += n
        total[said] += n
    shown = [said for said, _ in by_number(total)[:MOST_BARS]]
    changed = sum(len(case.studies) for case in impact.changed)
    number = _first_of(len(total), "turn of a criterion", "turns of criteria")
    return Bars(
        title=f"{number}; a study counts at every criterion that changed it",
        axis=f"requested studies, of {changed:,} whose outcome changes, by their outcome after",
        labels=tuple(shown),
        series=by_outcome(lambda outcome: (counts[said, outcome] for said in shown)),
    )


def _first_of(number: int, one: str, many: str) -> str:
    return (
        f"The first {MOST_BARS} of {number} {many}"
        if number > MOST_BARS
        else f"{number} {one if number == 1 else many}"
    )
