"""`edx summary`: every number is that of a population small enough to count by hand."""

import json
import re
from collections import Counter
from pathlib import Path

import html5rdf
import pytest
from commands import edx
from judging import DATE, example_cases, knowledge
from markdown_it import MarkdownIt
from populations import (
    AETNA,
    AETNA_NEXT,
    BCBSND,
    EXPERIMENTAL,
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

from reasoner.batch.rows import Row, rows_of
from reasoner.cli import population_steps as population
from reasoner.cli.exits import DONE, REFUSED, USAGE
from reasoner.population.pages import tables_as_html, tables_as_json, tables_as_markdown, tables_as_text
from reasoner.population.summary import summarize
from reasoner.population.summary_tables import summary_page
from reasoner.population.tables import Column, Form, Page, Table, written

GOVERNED, EMG, FOCAL, FATIGUE = (
    "governed-by-bulletin",
    "needle-electromyography-requested",
    "focal-neuropathy",
    "fatigue",
)

# Five cases of Aetna: two necessary, one not, one experimental, one that needs information on two studies of three.
# One case of BCBSND, which is case 1 of Aetna again. Two that were refused, one without a policy.
ROWS = [
    *case(1, AETNA, NECESSARY, study(1, NECESSARY, [EMG, FOCAL], met=[EMG, FOCAL])),
    *case(1, BCBSND, NEEDED, study(1, NEEDED, ["repeat-testing"], [], undetermined=["repeat-testing"])),
    *case(2, AETNA, NECESSARY, study(1, NECESSARY, [EMG], met=[EMG], refuted=[FOCAL])),
    *case(3, AETNA, NOT, study(1, NOT, [FOCAL], refuted=[FOCAL]), study(2, NECESSARY, [EMG], met=[EMG])),
    *case(4, AETNA, EXPERIMENTAL, study(1, EXPERIMENTAL, [EMG], refuted=[EMG]), conflicts=2),
    *case(
        5,
        AETNA,
        NEEDED,
        study(1, NEEDED, [FOCAL], ["a; or b"], undetermined=[FOCAL]),
        study(2, NEEDED, [FOCAL, EMG], ["a; or b", "c"], undetermined=[FOCAL, EMG]),
        study(3, NECESSARY, [EMG], not_applicable=[FOCAL]),
        conflicts=1,
    ),
    *refused(6, "no study"),
    *refused(7, "no type", "no date"),
    *refused(8, "no edition is in force", code="E200", policy="aetna"),
]  # fmt: skip


def page_of(rows: list[Row]) -> Page:
    return summary_page(summarize(results(rows)), names())


def rows_of_table(page: Page, key: str, edition: str = "") -> list[dict[str, object]]:
    document = json.loads(tables_as_json(page))
    found = [t for t in document["tables"] if t["table"] == key and t.get("edition", "") == edition]
    assert len(found) == 1, (key, edition)
    return found[0]["rows"]


def test_cases_determinations_and_what_was_not_determined_are_told_apart() -> None:
    facts = dict(page_of(ROWS).facts)
    assert facts == {"Cases": "8", "Determinations": "6", "Not determined": "3"}
    assert [
        (r["edition"], r["cases"], r["studies"], r["contradictory"]) for r in rows_of_table(page_of(ROWS), "population")
    ] == [(AETNA, 5, 8, 2), (BCBSND, 1, 1, 0)]


def test_outcomes_are_counted_by_request_and_by_study_with_shares_of_the_edition() -> None:
    told = {
        (r["edition"], r["outcome"]): (r["cases"], r["share_of_cases"], r["studies"], r["share_of_studies"])
        for r in rows_of_table(page_of(ROWS), "outcomes")
    }
    assert told == {
        (AETNA, "MedicallyNecessary"): (2, 2 / 5, 4, 4 / 8),
        (AETNA, "NotMedicallyNecessary"): (1, 1 / 5, 1, 1 / 8),
        (AETNA, "ExperimentalInvestigational"): (1, 1 / 5, 1, 1 / 8),
        (AETNA, "AdditionalInformationNeeded"): (1, 1 / 5, 2, 2 / 8),
        (BCBSND, "MedicallyNecessary"): (0, 0, 0, 0),
        (BCBSND, "NotMedicallyNecessary"): (0, 0, 0, 0),
        (BCBSND, "ExperimentalInvestigational"): (0, 0, 0, 0),
        (BCBSND, "AdditionalInformationNeeded"): (1, 1, 1, 1),
    }


def test_a_criterion_counts_once_for_each_request_that_it_decided_by_the_outcome_of_the_request() -> None:
    told = [
        (r["criterion"], r["cases"], *(r[o.value] for o in (NECESSARY, NOT, EXPERIMENTAL, NEEDED)))
        for r in rows_of_table(page_of(ROWS), "deciding", AETNA)
    ]
    # EMG: cases 1, 2, 4 and 5, where it decides an open study; not case 3, where it decides no study that is denied
    assert told == [(EMG, 4, 2, 0, 1, 1), (FOCAL, 3, 1, 1, 0, 1)]
    (row,) = rows_of_table(page_of(ROWS), "deciding", BCBSND)
    assert (row["label"], row["cases"]) == ("Repeat testing", 1)
    assert "repeat assessment" in str(row["place"])


def test_missing_facts_tell_what_is_needed_from_what_is_one_of_several() -> None:
    told = rows_of_table(page_of(ROWS), "missing", AETNA)
    assert told == [
        {"documentation": "c", "needed": 1, "one_of_several": 0, "cases": 1},
        {"documentation": "a", "needed": 0, "one_of_several": 1, "cases": 1},
        {"documentation": "b", "needed": 0, "one_of_several": 1, "cases": 1},
    ]
    assert rows_of_table(page_of(ROWS), "points", AETNA) == [
        {"points": 1, "studies": 1, "share": 0.5},
        {"points": 2, "studies": 1, "share": 0.5},
    ]
    # the one open study of BCBSND has no set that leads to coverage
    assert rows_of_table(page_of(ROWS), "points", BCBSND) == [{"points": 0, "studies": 1, "share": 1.0}]
    assert rows_of_table(page_of(ROWS), "missing", BCBSND) == []


def test_every_criterion_is_counted_by_status_over_the_studies_the_most_often_open_first() -> None:
    told = [
        (r["criterion"], r["Met"], r["Refuted"], r["Undetermined"], r["NotApplicable"])
        for r in rows_of_table(page_of(ROWS), "criteria", AETNA)
    ]
    assert told == [(FOCAL, 1, 2, 2, 1), (EMG, 3, 1, 1, 0)]


def test_what_was_not_determined_is_counted_by_reason_and_named() -> None:
    page = page_of(ROWS)
    assert [(r["code"], r["cases"]) for r in rows_of_table(page, "not_determined")] == [("E101", 2), ("E200", 1)]
    told = [(r["position"], r["case"], r["problems"]) for r in rows_of_table(page, "not_determined_cases")]
    assert told == [
        (6, "case 6", "no study"),
        (7, "case 7", "no type; no date"),
        (8, "case 8", "no edition is in force"),
    ]


def test_results_of_two_states_of_the_knowledge_or_two_versions_are_pointed_out() -> None:
    assert page_of(ROWS).notices == ()
    rows = [*ROWS, *case(9, AETNA, NOT, study(1, NOT), knowledge_digest="other", program_version="0.0.1")]
    told = page_of(rows).notices
    assert len(told) == 2
    assert "2 versions of the program" in told[0]
    assert "2 states of ontology and policies" in told[1]


def test_an_edition_that_the_program_does_not_know_is_told_in_the_words_of_its_series_or_by_the_names_of_the_rows() -> (
    None
):
    for edition, label in (
        (AETNA_NEXT, "Focal neuropathy"),
        (AETNA_NEXT.replace("aetna", "other"), "Focal-neuropathy"),
    ):
        (row,) = rows_of_table(
            page_of(case(1, edition, NOT, study(1, NOT, [FOCAL], refuted=[FOCAL]))), "deciding", edition
        )
        assert (row["criterion"], row["label"]) == (FOCAL, label)


def test_the_example_cases_add_up() -> None:
    folders = [name for name in example_cases() if name.startswith(("both-payers", "certainty"))]
    rows = [
        row
        for position, folder in enumerate(folders, 1)
        for row in rows_of(example_cases()[folder], knowledge(), ["aetna", "bcbsnd"], DATE, position)
    ]
    page = page_of(rows)
    assert dict(page.facts)["Cases"] == str(len(folders))
    for edition in (AETNA, BCBSND):
        own = [row for row in rows if row.edition == edition]
        outcomes = [r for r in rows_of_table(page, "outcomes") if r["edition"] == edition]
        assert {r["outcome"]: r["studies"] for r in outcomes if r["studies"]} == Counter(r.outcome for r in own)
        first = [row for row in own if row.study_number == 1]
        assert {r["outcome"]: r["cases"] for r in outcomes if r["cases"]} == Counter(r.request_outcome for r in first)
        met = Counter(name for row in own for name in row.met)
        assert {r["criterion"]: r["Met"] for r in rows_of_table(page, "criteria", edition) if r["Met"]} == met


# Formats ----------------------------------------------------------------------


def test_every_table_has_a_title_and_says_what_is_counted() -> None:
    for table in page_of(ROWS).tables:
        assert table.title
        assert re.search(r"(Cases|cases|studies|case).*\.$", table.counted), table.key


def test_text_keeps_to_the_width_and_says_how_many_rows_it_leaves_out() -> None:
    page = page_of(ROWS)
    for width in (100, 200):
        assert max(map(len, tables_as_text(page, width=width).splitlines())) <= width
    wide, narrow = (Counter(tables_as_text(page, width=width).replace("─", "").split()) for width in (200, 60))
    assert wide == narrow, "a narrow terminal loses nothing"
    short = tables_as_text(page, top=1)
    assert "… and 2 more: --top 0 shows all of them, --format json holds them." in short
    assert "more: --top" not in tables_as_text(page, top=0)
    assert re.search(r"✔ medically necessary +2 +40.0 % +4 +50.0 %\n", tables_as_text(page, width=100))


def test_markdown_has_a_table_for_each_table_and_escapes_what_a_file_says() -> None:
    rows = [*ROWS, *refused(9, "a | b <script>alert(1)</script>\nnext [x](http://e.org)")]
    page = page_of(rows)
    said = tables_as_markdown(page, top=0)
    tokens = MarkdownIt("commonmark").enable("table").parse(said)
    assert sum(t.type == "table_open" for t in tokens) == sum(bool(t.rows) for t in page.tables)
    assert not any(t.type == "html_block" for t in tokens)
    cells = [t.content for t in tokens if t.type == "inline"]
    assert any("a \\| b" in cell or "a | b" in cell for cell in cells)


def test_html_holds_the_tables_and_escapes_what_a_file_says() -> None:
    rows = [*ROWS, *refused(9, "<script>alert(1)</script>")]
    page = page_of(rows)
    said = tables_as_html(page, top=0)
    assert said.count("<table>") == sum(bool(t.rows) for t in page.tables)
    html5rdf.HTMLParser(strict=True).parse(said)
    assert "<script" not in said
    assert "&lt;script&gt;" in said


def test_json_holds_all_rows_and_plain_numbers() -> None:
    document = json.loads(tables_as_json(page_of(ROWS)))
    assert document["kind"] == "summary"
    assert {t["table"] for t in document["tables"]} >= {"population", "outcomes", "deciding", "missing", "criteria"}
    assert all(t["counted"] for t in document["tables"])


@pytest.mark.parametrize(
    ("share", "told"),
    [(0.0, "0.0 %"), (0.0004, "<0.1 %"), (0.0005, "0.1 %"), (0.9994, "99.9 %"), (0.99951, ">99.9 %"), (1.0, "100.0 %")],
)
def test_a_share_never_reads_as_none_or_all_unless_it_is(share: float, told: str) -> None:
    assert written(share, Form.SHARE) == told


def test_numbers_are_written_with_thousands_and_changes_with_their_sign() -> None:
    assert [written(n, Form.COUNT) for n in (0, 1234567)] == ["0", "1,234,567"]
    assert [written(n, Form.CHANGE) for n in (5, 0, -1200)] == ["+5", "0", "\N{MINUS SIGN}1,200"]
    assert written(None, Form.SHARE) == "\N{EN DASH}"


def test_only_a_long_table_is_cut_short() -> None:
    rows = tuple((str(n),) for n in range(9))
    short = Table("k", "t", "c.", (Column("a", "A"),), rows)
    long = Table("k", "t", "c.", (Column("a", "A"),), rows, long=True)
    assert short.first(3) == (rows, 0)
    assert long.first(3) == (rows[:3], 6)
    assert long.first(0) == (rows, 0)


# The command ------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(population, "load_knowledge", lambda policies=(): knowledge())


def test_the_command_says_the_same_of_parquet_and_json_lines(tmp_path: Path) -> None:
    lines, parquet = as_json_lines(tmp_path / "r.jsonl", ROWS), as_parquet(tmp_path / "r.parquet", ROWS)
    told = [edx("summary", str(path), "--format", form) for path in (lines, parquet) for form in ("json", "text")]
    assert [t.exit_code for t in told] == [DONE] * 4
    assert told[0].stdout == told[2].stdout
    assert told[1].stdout == told[3].stdout
    assert told[1].stdout.startswith("Summary of determinations\nCases: 8\n")


def test_tables_and_pictures_are_written_where_they_are_asked_for(tmp_path: Path) -> None:
    results = as_json_lines(tmp_path / "r.jsonl", ROWS)
    place, folder = tmp_path / "new" / "summary.md", tmp_path / "pictures"
    told = edx("summary", str(results), "--format", "markdown", "-o", str(place), "--pictures", str(folder))
    assert told.exit_code == DONE
    assert f"wrote {place}\n" in told.stdout
    assert place.read_text("utf-8").startswith("# Summary of determinations\n")
    assert {path.name for path in folder.iterdir()} == {
        "outcomes.svg",
        "deciding-aetna-cpb-0502-2025-11-20.svg",
        "missing-aetna-cpb-0502-2025-11-20.svg",
        "deciding-bcbsnd-emg-ncs-2020-01-22.svg",
    }


def test_a_page_has_its_pictures_in_itself_and_does_without_matplotlib(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = as_json_lines(tmp_path / "r.jsonl", ROWS)
    with_pictures = edx("summary", str(results), "--format", "html")
    assert with_pictures.stdout.count('<img src="data:image/svg+xml;base64,') == 4
    monkeypatch.setattr(population, "can_draw", lambda: False)
    without = edx("summary", str(results), "--format", "html")
    assert without.exit_code == DONE
    assert "<img" not in without.stdout
    assert "Install edx-reasoner[plot]" in without.stderr


def test_what_is_no_table_of_results_is_told(tmp_path: Path) -> None:
    cases = tmp_path / "case.ttl"
    cases.touch()
    assert edx("summary", str(cases)).exit_code == USAGE
    torn = as_json_lines(tmp_path / "r.jsonl", ROWS)
    torn.write_bytes(torn.read_bytes()[:-9])
    told = edx("summary", str(torn))
    assert (told.exit_code, told.stdout) == (REFUSED, "")
    assert told.stderr.startswith("E103: ")
