"""`edx impact`: who changes under another edition, by which criteria. Small populations are counted by hand; the trial
edition is Aetna's with six months in place of the year within which needle EMG has to have been done (clause B)."""

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from commands import edx
from judging import CASES, knowledge
from populations import (
    AETNA,
    AETNA_NEXT,
    BCBSND,
    NECESSARY,
    NEEDED,
    NOT,
    as_json_lines,
    as_parquet,
    case,
    names,
    refused,
    results,
    study,
)

import reasoner
from reasoner.batch.rows import Row, rows_of
from reasoner.cli import population_steps as population
from reasoner.cli.exits import DONE, REFUSED, USAGE
from reasoner.errors import UnknownTermError, UsageError
from reasoner.evaluation.determination import Outcome
from reasoner.knowledge import Knowledge
from reasoner.population.impact import Impact, Turn, impact
from reasoner.population.impact_tables import impact_page
from reasoner.population.pages import tables_as_json, tables_as_markdown, tables_as_text
from reasoner.population.tables import Page
from reasoner.resources import data_folder

BEFORE, AFTER = "aetna-cpb-0502/2025-11-20", "aetna-cpb-0502/2026-07-01"
WITHIN, B, SELECTION, GOVERNED = (
    "needle-electromyography-within-year",
    "needle-electromyography",
    "radiculopathy-selection",
    "governed-by-bulletin",
)


def impact_of(rows: list[Row], before: str = BEFORE, after: str = AFTER) -> Impact:
    return impact(results(rows), names(), before=before, after=after)


def table(page: Page, key: str) -> list[dict[str, object]]:
    (found,) = (t for t in json.loads(tables_as_json(page))["tables"] if t["table"] == key)
    return found["rows"]


def held(position: int, before: str | list[dict], after: str | list[dict], **columns: object) -> list[Row]:
    """One case of one study under both editions of Aetna, or under each with the studies given."""
    rows: list[Row] = []
    for edition, what in ((AETNA, before), (AETNA_NEXT, after)):
        studies = [study(1, what)] if isinstance(what, str) else what
        request = min((Outcome(s["outcome"]) for s in studies), key=list(Outcome).index)
        rows += case(position, edition, request, *studies, **columns)
    return rows


# 1 and 2 lose coverage by the leaf below B, 3 gains it, 4 keeps its outcome and turns on another criterion, 5 keeps
# both; of case 6 one study of two is denied, but the other needs information before and after, and so does the request.
ROWS = [
    *held(
        1,
        [study(1, NECESSARY, [WITHIN, GOVERNED], met=[WITHIN, B, GOVERNED])],
        [study(1, NOT, [B], refuted=[WITHIN, B], met=[GOVERNED])],
    ),
    *held(
        2,
        [study(n, NECESSARY, [WITHIN], met=[WITHIN, B]) for n in (1, 2)],
        [study(n, NOT, [B], refuted=[WITHIN, B]) for n in (1, 2)],
    ),
    *held(
        3,
        [study(1, NEEDED, [SELECTION], ["imaging"], undetermined=[SELECTION])],
        [study(1, NECESSARY, [], not_applicable=[SELECTION])],
    ),
    *held(4, [study(1, NOT, [B], refuted=[B])], [study(1, NOT, [GOVERNED], refuted=[GOVERNED])]),
    *held(5, NECESSARY, NECESSARY),
    *held(
        6,
        [study(1, NECESSARY, [WITHIN], met=[WITHIN]), study(2, NEEDED, [SELECTION], undetermined=[SELECTION])],
        [study(1, NOT, [B], refuted=[WITHIN, B]), study(2, NEEDED, [SELECTION], undetermined=[SELECTION])],
    ),
]


def test_transitions_are_counted_by_request_and_by_study() -> None:
    found = impact_of(ROWS)
    assert found.requests == {
        (NECESSARY, NOT): 2,
        (NEEDED, NECESSARY): 1,
        (NOT, NOT): 1,
        (NECESSARY, NECESSARY): 1,
        (NEEDED, NEEDED): 1,
    }
    assert found.studies == {
        (NECESSARY, NOT): 4,
        (NEEDED, NECESSARY): 1,
        (NOT, NOT): 1,
        (NECESSARY, NECESSARY): 1,
        (NEEDED, NEEDED): 1,
    }
    rows = table(impact_page(found, names()), "transitions_of_requests")
    assert [[r["before"], r["MedicallyNecessary"], r["NotMedicallyNecessary"], r["all"]] for r in rows] == [
        ["MedicallyNecessary", 1, 2, 3],
        ["NotMedicallyNecessary", 0, 1, 1],
        ["ExperimentalInvestigational", 0, 0, 0],
        ["AdditionalInformationNeeded", 1, 0, 2],
    ]
    facts = dict(impact_page(found, names()).facts)
    assert facts["Cases compared"] == "6, with 8 requested studies"
    assert facts["Cases with another outcome"] == "3"
    assert facts["Studies with another outcome"] == "5"
    assert facts["Cases with the same outcome, decided by other criteria"] == "1"
    assert facts["Cases not compared"] == "0"


def test_a_change_is_put_down_to_the_criterion_without_parts_that_turned() -> None:
    found = impact_of(ROWS)
    made_by = {c.place.position: [(t.criterion, t.before, t.after) for t in c.made_by] for c in found.changed}
    # B is a composite of the needle EMG now and within the year; of these two only the second turned
    assert made_by[1] == made_by[2] == made_by[6] == [(WITHIN, "Met", "Refuted")]
    assert made_by[3] == [(SELECTION, "Undetermined", "NotApplicable")] or made_by[3][0][0] in _below(SELECTION)
    rows = table(impact_page(found, names()), "made_by")
    assert (rows[0]["criterion"], rows[0]["status_before"], rows[0]["status_after"]) == (WITHIN, "met", "not met")
    assert (rows[0]["label"], rows[0]["cases"], rows[0]["studies"]) == ("Needle EMG within the past year", 3, 4)


def _below(name: str) -> tuple[str, ...]:
    return names().leaves(AETNA, name)


def test_the_cases_that_change_are_named_those_that_keep_the_outcome_of_the_request_last() -> None:
    rows = table(impact_page(impact_of(ROWS), names()), "changed_cases")
    assert [(r["position"], r["before"], r["after"], r["studies"]) for r in rows] == [
        (1, "necessary", "not necessary", 1),
        (2, "necessary", "not necessary", 2),
        (3, "information needed", "necessary", 1),
        (6, "information needed", "information needed", 1),
    ]
    assert rows[0]["made_by"] == "Needle EMG within the past year: met → not met"
    assert (rows[0]["source"], rows[0]["iri"]) == ("cases.trig", "https://example.org/case-1")


def test_criteria_are_counted_before_and_after_where_their_figures_differ() -> None:
    rows = {str(r["criterion"]): r for r in table(impact_page(impact_of(ROWS), names()), "criteria")}
    assert (rows[WITHIN]["Met_before"], rows[WITHIN]["Met_after"]) == (4, 0)
    assert (rows[WITHIN]["Refuted_before"], rows[WITHIN]["Refuted_after"]) == (0, 4)
    assert (rows[B]["Met_before"], rows[B]["Met_after"]) == (3, 0)
    assert (rows[B]["Refuted_before"], rows[B]["Refuted_after"]) == (1, 4)
    assert (rows[SELECTION]["Undetermined_before"], rows[SELECTION]["Undetermined_after"]) == (2, 1)


def test_missing_facts_are_counted_before_and_after() -> None:
    assert table(impact_page(impact_of(ROWS), names()), "missing") == [
        {"documentation": "imaging", "before": 1, "after": 0, "change": -1}
    ]


def test_the_other_way_round_the_matrix_is_transposed() -> None:
    there, back = impact_of(ROWS), impact_of(ROWS, AFTER, BEFORE)
    for forth, other in ((there.requests, back.requests), (there.studies, back.studies)):
        assert other == {(after, before): n for (before, after), n in forth.items()}
    assert [c.place for c in there.changed] == [c.place for c in back.changed]
    assert [[Turn(t.criterion, t.after, t.before) for t in c.made_by] for c in there.changed] == [
        list(c.made_by) for c in back.changed
    ]


def test_a_change_of_structure_is_put_down_to_the_criteria_that_decide() -> None:
    rows = held(1, [study(1, NOT, [B], refuted=[B])], [study(1, NEEDED, [GOVERNED], refuted=[B])])
    (changed,) = impact_of(rows).changed
    assert [t.criterion for t in changed.made_by] == [B, GOVERNED]


def test_between_two_policies_each_names_what_decided_under_it() -> None:
    rows = [
        *case(1, AETNA, NECESSARY, study(1, NECESSARY, [WITHIN], met=[WITHIN, "assessment-supports-study"])),
        *case(1, BCBSND, NOT, study(1, NOT, ["repeat-testing"], refuted=["repeat-testing"])),
    ]
    found = impact_of(rows, "aetna", "bcbsnd")
    (changed,) = found.changed
    assert changed.made_by == (Turn(WITHIN, "Met", None), Turn("repeat-testing", None, "Refuted"))
    page = impact_page(found, names())
    assert page.title == "Two policies on the same cases"
    (row,) = table(page, "changed_cases")
    assert row["made_by"] == "before: Needle EMG within the past year: met; after: Repeat testing: not met"


# Who is compared --------------------------------------------------------------


def test_cases_under_one_edition_only_and_refused_ones_are_named_and_not_counted() -> None:
    rows = [
        *held(1, NECESSARY, NECESSARY),
        *case(2, AETNA, NOT, study(1, NOT)),
        *case(3, AETNA_NEXT, NOT, study(1, NOT)),
        *refused(4, "no study"),
        *case(5, AETNA, NOT, study(1, NOT)),
        *refused(5, "first edition is later", code="E200", policy=AETNA_NEXT),
        *case(6, BCBSND, NOT, study(1, NOT)),
        *refused(7, "no edition", code="E200", policy="bcbsnd"),
    ]
    rows = [
        replace(r, case="https://example.org/case-5", case_digest="digest of case 5") if r.position == 5 else r
        for r in rows
    ]
    found = impact_of(rows)
    assert found.requests == {(NECESSARY, NECESSARY): 1}
    told = {case.place.position: case.why for case in found.not_compared}
    assert set(told) == {2, 3, 4, 5}
    assert told[2] == f"has no result under {AFTER}"
    assert told[3] == f"has no result under {BEFORE}"
    assert told[4] == "not determined: E101 no study"
    assert told[5] == f"not determined under {AFTER}: E200 first edition is later"
    assert dict(impact_page(found, names()).facts)["Cases not compared"] == "4"
    assert [r["position"] for r in table(impact_page(found, names()), "not_compared")] == [4, 5, 2, 3]


def test_results_in_two_tables_are_put_together(tmp_path: Path) -> None:
    first = as_json_lines(tmp_path / "before.jsonl", [row for row in ROWS if row.edition == AETNA])
    second = as_parquet(tmp_path / "after.parquet", [row for row in ROWS if row.edition == AETNA_NEXT])
    document = json.loads(_told("impact", "--from", BEFORE, "--to", AFTER, str(first), str(second), "--format", "json"))
    assert document["facts"]["Cases compared"] == "6, with 8 requested studies"
    assert document["tables"] == json.loads(tables_as_json(impact_page(impact_of(ROWS), names())))["tables"]


def test_a_case_that_stands_elsewhere_in_the_other_table_is_found_by_what_it_is() -> None:
    rows = [
        *case(1, AETNA, NOT, study(1, NOT), name="twin", source="a.trig"),
        *case(2, AETNA, NOT, study(1, NOT), name="twin", source="a.trig"),
        *case(3, AETNA, NOT, study(1, NOT), name="other", source="a.trig"),
        *case(9, AETNA_NEXT, NOT, study(1, NOT), name="twin", source="b.trig"),
    ]
    found = impact_of(rows)
    assert found.requests == {(NOT, NOT): 1}
    assert [c.place.position for c in found.not_compared] == [2, 3]


def test_a_case_whose_record_differs_is_not_the_same_case() -> None:
    rows = held(1, NOT, NOT)
    rows[1] = replace(rows[1], case_digest="another")
    found = impact_of(rows)
    assert found.requests == {}
    assert len(found.not_compared) == 2


def test_a_study_under_one_edition_only_is_named() -> None:
    rows = held(1, [study(1, NOT), study(2, NOT)], [study(2, NOT), study(3, NOT)])
    found = impact_of(rows)
    assert found.studies == {(NOT, NOT): 1}
    assert [c.why for c in found.not_compared] == [
        f"study 1 has no result under {AFTER}",
        f"study 3 has no result under {BEFORE}",
    ]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("aetna", "bcbsnd", "'aetna' is the name of several editions. Name one of them: aetna-cpb-0502/2025-11-20, "),
        (BEFORE, "nowhere", "There is no edition 'nowhere'. The editions in the results are: aetna-cpb-0502/2025"),
        (BEFORE, AETNA, "are both names of aetna-cpb-0502/2025-11-20. Name each edition by its date."),
        ("aetna", AFTER, "are both names of aetna-cpb-0502/2026-07-01"),
    ],
)
def test_a_name_that_does_not_lead_to_one_edition_is_refused(before: str, after: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        impact_of([*ROWS, *case(1, BCBSND, NOT, study(1, NOT))], before, after)


def test_results_without_any_pair_still_name_the_editions_that_they_lack() -> None:
    with pytest.raises(UnknownTermError, match="There is no edition"):
        impact_of([])


# A trial edition --------------------------------------------------------------


def trial_edition(iri: str = AFTER) -> str:
    """Aetna's edition with three months in place of twelve in clause B (and in an advice, which decides nothing)."""
    text = (data_folder("shapes") / "policies" / f"{BEFORE}.ttl").read_text("utf-8")
    text = text.replace(BEFORE, iri).replace('effectiveFrom "2025-11-20"', 'effectiveFrom "2026-07-01"')
    assert text.count("edx:maximumMonthsBefore 12") == 3
    return text.replace("edx:maximumMonthsBefore 12", "edx:maximumMonthsBefore 3")


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("edition") / "trial.ttl"
    path.write_text(trial_edition(), "utf-8")
    return path


@cache
def with_trial(path: Path) -> Knowledge:
    return reasoner.load_knowledge([path])


@pytest.fixture(autouse=True)
def _loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        population, "load_knowledge", lambda policies=(): with_trial(*policies) if policies else knowledge()
    )


EMG_CASES = sorted(CASES.glob("aetna-emg-*/case.ttl"))


def test_a_shorter_window_changes_the_cases_whose_needle_emg_it_leaves_out(trial: Path) -> None:
    """Service is on 2025-12-03; what is on file is told by each folder."""
    assert len(EMG_CASES) == 9
    told = _told("impact", "--from", BEFORE, "--to", str(trial), *map(str, EMG_CASES), "--format", "json")
    page = {t["table"]: t["rows"] for t in json.loads(told)["tables"]}
    changed = {Path(r["source"]).parent.name: (r["before"], r["after"], r["made_by"]) for r in page["changed_cases"]}
    turned = "Needle EMG within the past year:"
    assert changed == {
        "aetna-emg-exactly-one-year-ago": ("necessary", "not necessary", f"{turned} met → not met"),
        # of 2025-06-16: within twelve months, not within three
        "aetna-emg-within-the-year": ("necessary", "not necessary", f"{turned} met → not met"),
        # a needle EMG of 2025-06-16, and none ever done: nothing affirms it any longer, so nothing contradicts the denial
        "aetna-emg-done-and-never-done": ("information needed", "not necessary", f"{turned} open → not met"),
    }
    assert [(r["outcome_before"], r["status_before"], r["cases"], r["studies"]) for r in page["made_by"]] == [
        ("necessary", "met", 2, 2),
        ("information needed", "open", 1, 1),
    ]


def test_the_same_rules_under_another_date_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "same.ttl"
    path.write_text(trial_edition().replace("maximumMonthsBefore 3", "maximumMonthsBefore 12"), "utf-8")
    cases = [str(case) for case in sorted(CASES.glob("aetna-[a-d]*/case.ttl"))]
    document = json.loads(_told("impact", "--from", BEFORE, "--to", str(path), *cases, "--format", "json"))
    assert document["facts"]["Cases compared"].startswith(f"{len(cases)}, ")
    assert document["facts"]["Studies with another outcome"] == "0"
    assert document["facts"]["Cases with the same outcome, decided by other criteria"] == "0"
    rows = {t["table"]: t["rows"] for t in document["tables"]}
    assert rows["changed_cases"] == rows["criteria"] == rows["missing"] == rows["made_by"] == []


def test_results_and_cases_give_the_same_tables(trial: Path, tmp_path: Path) -> None:
    known = with_trial(trial)
    rows = [
        row
        for position, path in enumerate(EMG_CASES[:4], 1)
        for entry in reasoner.validate(path).entries
        for edition in known.editions
        if edition.slug == "aetna-cpb-0502"
        for row in rows_of(entry, known, [str(edition.iri)], edition.effective_from, position)
    ]
    stored = as_parquet(tmp_path / "r.parquet", rows)
    asked = ("impact", "--from", BEFORE, "--to", str(trial), "--format", "json")
    from_results = _told(*asked, str(stored))
    assert json.loads(from_results)["facts"]["Cases with another outcome"] == "2"
    assert from_results == _told(*asked, *map(str, EMG_CASES[:4]))


def test_an_edition_with_the_iri_of_a_known_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "same.ttl"
    path.write_text((data_folder("shapes") / "policies" / f"{BEFORE}.ttl").read_text("utf-8"), "utf-8")
    told = edx("impact", "--from", BEFORE, "--to", str(path), str(EMG_CASES[0]))
    assert told.exit_code == USAGE
    assert "is the IRI of an edition that is known already" in told.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "cannot be read as Turtle"),
        ("@prefix : <", "cannot be read as Turtle"),
        ("<urn:a> <urn:b> <urn:c> .", "describes 0 editions"),
    ],
)
def test_a_file_that_holds_no_edition_is_refused(tmp_path: Path, text: str | None, told: str) -> None:
    path = tmp_path / "draft.ttl"
    if text is not None:
        path.write_text(text, "utf-8")
    answer = edx("impact", "--from", BEFORE, "--to", str(path), str(EMG_CASES[0]))
    assert (answer.exit_code, answer.stdout) == (USAGE, "")
    assert told in answer.stderr


def test_a_refused_case_is_named_and_the_others_are_compared(trial: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttl"
    broken.write_text("<a> <b> ", "utf-8")
    told = edx("impact", "--from", BEFORE, "--to", str(trial), str(EMG_CASES[0]), str(broken))
    assert told.exit_code == REFUSED
    assert "Cases compared: 1, " in told.stdout
    assert "Cases not compared: 1\n" in told.stdout
    assert re.search(r"not determined: +E100", told.stdout)
    alone = edx("impact", "--from", BEFORE, "--to", str(trial), str(broken))
    assert alone.exit_code == REFUSED
    assert "Cases compared: 0, " in alone.stdout


def test_a_folder_is_taken_in_and_what_is_no_case_is_told(trial: Path) -> None:
    folder = CASES / "aetna-emg-within-the-year"
    told = edx("impact", "--from", BEFORE, "--to", str(trial), str(folder))
    assert told.exit_code == DONE
    assert "Cases compared: 1, with 1 requested studies" in told.stdout
    assert "Passed over, being no cases: 1 .toml." in told.stderr


# The command ------------------------------------------------------------------


def _told(*arguments: str) -> str:
    result = edx(*arguments)
    assert result.exit_code == DONE, result.output
    return result.stdout


def test_results_and_cases_cannot_be_mixed(tmp_path: Path) -> None:
    results_ = as_json_lines(tmp_path / "r.jsonl", ROWS)
    told = edx("impact", "--from", BEFORE, "--to", AFTER, str(results_), str(EMG_CASES[0]))
    assert (told.exit_code, told.stdout) == (USAGE, "")
    assert "not both" in told.stderr


def test_every_format_holds_the_matrix_and_the_cases(tmp_path: Path) -> None:
    results_ = as_json_lines(tmp_path / "r.jsonl", ROWS)
    for form in ("text", "markdown", "html", "json"):
        told = _told("impact", "--from", BEFORE, "--to", AFTER, str(results_), "--format", form)
        assert "Cases: outcome before and after" in told
        assert "case 6" in told
    assert told.count("data:image") == 0
    page = impact_page(impact_of(ROWS), names())
    assert "| ✔ medically necessary | 1 | 2 | 0 | 0 | 3 |" in tables_as_markdown(page)
    assert re.search(r"✔ medically necessary +1 +2 +0 +0 +3\n", tables_as_text(page))
    assert re.search(r" all +2 +3 +0 +1 +6\n", tables_as_text(page))


def test_pictures_of_an_impact_are_drawn(tmp_path: Path) -> None:
    results_ = as_json_lines(tmp_path / "r.jsonl", ROWS)
    options = ("--pictures", str(tmp_path / "p"), "--picture-format", "png")
    assert edx("impact", "--from", BEFORE, "--to", AFTER, str(results_), *options).exit_code == DONE
    assert {path.name for path in (tmp_path / "p").iterdir()} == {"transitions_of_requests.png", "made_by.png"}
