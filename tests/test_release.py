"""Releases of ICD-10-CM in the formats of their publishers, written out small; and what a new one changes."""

import io
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from rdflib import SKOS, URIRef

from reasoner.errors import UnreadableReleaseError
from reasoner.resources import data_folder
from reasoner.terminology.codes import YEARS_FILE
from reasoner.terminology.mappings import Mapping, read_mapping_set
from reasoner.terminology.release import Release, ReleaseCode, in_force, with_parents
from reasoner.terminology.release_diff import CategoryChanges, diff_releases
from reasoner.terminology.release_files import read_release
from reasoner.terminology.release_notes import covers, references
from reasoner.terminology.release_tabular import packaged_release
from reasoner.terminology.release_years import KnownRelease, Years, read_years, taken_over, years_of, years_text
from reasoner.terms import EDX

TITLES = {
    "M54": ("Dorsalgia", False),
    "M54.1": ("Radiculopathy", False),
    "M54.16": ("Radiculopathy, lumbar region", True),
    "S54": ("Injury of nerves at forearm level", False),
    "S54.0": ("Injury of ulnar nerve at forearm level", False),
    "S54.01": ("Injury of ulnar nerve at forearm level, right arm", False),
    "S54.01XA": ("Injury of ulnar nerve at forearm level, right arm, initial encounter", True),
    "S54.01XD": ("Injury of ulnar nerve at forearm level, right arm, subsequent encounter", True),
}
ABOVE = {
    "M54": None,
    "M54.1": "M54",
    "M54.16": "M54.1",
    "S54": None,
    "S54.0": "S54",
    "S54.01": "S54.0",
    "S54.01XA": "S54.01",
    "S54.01XD": "S54.01",
}


def order_line(number: int, code: str, title: str, billable: bool) -> str:
    """As `icd10OrderFiles` describes it: columns 1-5, 7-13, 15, 17-76 and from 78 on."""
    return f"{number:05d} {code.replace('.', ''):7} {int(billable)} {title[:60]:60} {title}"


ORDER = "".join(order_line(n, code, *entry) + "\r\n" for n, (code, entry) in enumerate(TITLES.items(), 1))
CODES = "".join(f"{code.replace('.', ''):8}{title}\n" for code, (title, billable) in TITLES.items() if billable)
TABULAR = """<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.tabular>
  <version>2027</version>
  <introduction><introSection type="title"><title>Excludes1</title></introSection></introduction>
  <chapter>
    <name>13</name>
    <desc>Diseases of the musculoskeletal system and connective tissue (M00-M99)</desc>
    <excludes2><note>traumatic compartment syndrome (T79.A-)</note></excludes2>
    <sectionIndex><sectionRef first="M50" last="M54" id="M50-M54">Other dorsopathies</sectionRef></sectionIndex>
    <section id="M50-M54">
      <desc>Other dorsopathies (M50-M54)</desc>
      <excludes1><note>discitis NOS (M46.4-)</note></excludes1>
      <diag>
        <name>M54</name>
        <desc>Dorsalgia</desc>
        <diag>
          <name>M54.1</name>
          <desc>Radiculopathy</desc>
          <inclusionTerm><note>Radiculitis NOS</note></inclusionTerm>
          <excludes1>
            <note>neuralgia and neuritis NOS (M79.2)</note>
            <note>radiculopathy with spondylosis (M47.2-)</note>
          </excludes1>
          <diag><name>M54.16</name><desc>Radiculopathy, lumbar region</desc></diag>
        </diag>
      </diag>
    </section>
  </chapter>
  <chapter>
    <name>19</name>
    <desc>Injury, poisoning and certain other consequences of external causes (S00-T88)</desc>
    <section id="S50-S59">
      <desc>Injuries to the elbow and forearm (S50-S59)</desc>
      <diag>
        <name>S54</name>
        <desc>Injury of nerves at forearm level</desc>
        <sevenChrNote><note>The appropriate 7th character is to be added to each code from category S54</note></sevenChrNote>
        <sevenChrDef>
          <extension char="A">initial encounter</extension>
          <extension char="D">subsequent encounter</extension>
        </sevenChrDef>
        <diag>
          <name>S54.0</name>
          <desc>Injury of ulnar nerve at forearm level</desc>
          <diag>
            <name>S54.01</name>
            <desc>Injury of ulnar nerve at forearm level,
              right arm</desc>
          </diag>
        </diag>
      </diag>
    </section>
  </chapter>
</ICD10CM.tabular>
"""


def written(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def zipped(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"2027 Code Descriptions/{name.replace('_', '.')}", text)
    return buffer.getvalue()


# Reading


def test_an_order_file_gives_headings_codes_titles_and_what_stands_above(tmp_path: Path) -> None:
    release = read_release(written(tmp_path, "icd10cm-order-2027.txt", ORDER))
    assert {code: (entry.title, entry.billable) for code, entry in release.codes.items()} == TITLES
    assert {code: entry.parent for code, entry in release.codes.items()} == ABOVE
    assert release.categories == ("M54", "S54")
    assert release.notes == ()


def test_a_codes_file_gives_the_billable_codes_with_the_point_after_three_characters(tmp_path: Path) -> None:
    release = read_release(written(tmp_path, "icd10cm-codes-2027.txt", CODES))
    assert {code: entry.title for code, entry in release.codes.items()} == {
        code: title for code, (title, billable) in TITLES.items() if billable
    }
    assert release.billable == set(release.codes)


def test_a_tabular_list_gives_the_same_codes_with_their_seventh_characters(tmp_path: Path) -> None:
    release = read_release(written(tmp_path, "icd10cm-tabular-2027.xml", TABULAR))
    assert {code: (entry.title, entry.billable) for code, entry in release.codes.items()} == TITLES
    assert {code: entry.parent for code, entry in release.codes.items()} == ABOVE


def test_a_tabular_list_gives_its_excludes1_notes_and_no_others(tmp_path: Path) -> None:
    release = read_release(written(tmp_path, "icd10cm-tabular-2027.xml", TABULAR))
    assert [(note.noted_at, note.excluded, note.text) for note in release.notes] == [
        ("M50-M54", ("M46.4",), "discitis NOS (M46.4-)"),
        ("M54.1", ("M79.2",), "neuralgia and neuritis NOS (M79.2)"),
        ("M54.1", ("M47.2",), "radiculopathy with spondylosis (M47.2-)"),
    ]


def test_a_note_about_characters_that_do_not_exist_is_obeyed(tmp_path: Path) -> None:
    """So says the tabular list of S06: who died of the injury has no later encounter."""
    note = (
        "<notes><note>7th characters D and S do not apply to codes in category S06 with 6th character 7 - death due to "
        "brain injury prior to regaining consciousness, or 8 - death due to other cause prior to regaining "
        "consciousness.</note></notes>"
    )
    codes = "".join(f"<diag><name>S06.1X{n}</name><desc>edema, {n}</desc></diag>" for n in "678")
    text = TABULAR.replace("<name>S54</name>", f"<name>S06</name>{note}").replace(
        "<diag>\n          <name>S54.0</name>", f"{codes}<diag><name>S06.0</name>"
    )
    text = text.replace("S54.01", "S06.01")
    codes_read = read_release(written(tmp_path, "icd10cm-tabular-2027.xml", text)).codes
    found = {code for code in codes_read if code.startswith("S06.1")}
    assert found == {"S06.1X6", "S06.1X6A", "S06.1X6D", "S06.1X7", "S06.1X7A", "S06.1X8", "S06.1X8A"}


@pytest.mark.parametrize(
    ("name", "year", "first", "last"),
    [
        ("icd10cm-order-2027.txt", 2027, "2026-10-01", "2027-09-30"),
        ("icd10cm_codes_2021.txt", 2021, "2020-10-01", "2021-09-30"),
        ("icd10cm-order-April-2025.txt", 2025, "2025-04-01", "2025-09-30"),
        ("icd10c-tabular-April-1-2026.xml", 2026, "2026-04-01", "2026-09-30"),
        ("icd10cm-order-Jan-2021.txt", 2021, "2021-01-01", "2021-09-30"),
        ("october_2026_order.txt", 2027, "2026-10-01", "2027-09-30"),
    ],
)
def test_the_name_of_a_file_tells_its_fiscal_year(name: str, year: int, first: str, last: str) -> None:
    assert in_force(name) == (year, date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        (zipped(icd10cm_order_2027_txt=ORDER, icd10cm_codes_2027_txt=CODES, notes_pdf="x"), 8),
        (zipped(icd10cm_tabular_2027_xml=TABULAR, icd10cm_order_2027_txt=ORDER), 8),
        (zipped(icd10cm_codes_2027_txt=CODES, icd10cm_codes_addenda_2027_txt="Add: M5416"), 3),
    ],
)
def test_a_zip_is_read_for_the_fullest_file_in_it(content: bytes, codes: int, tmp_path: Path) -> None:
    release = read_release(written(tmp_path, "2027-code-descriptions.zip", content))
    assert release.name == "ICD-10-CM FY2027, release of 2026-10-01"
    assert len(release.codes) == codes


# What is refused, and how


def spoilt_line(number: int, change: Callable[[str], str], text: str = ORDER) -> str:
    lines = text.splitlines(keepends=True)
    lines[number - 1] = change(lines[number - 1])
    return "".join(lines)


REFUSED = {
    "a code in the wrong column": (
        "icd10cm-order-2027.txt",
        spoilt_line(3, lambda line: line[:6] + " " + line[6:]),
        r"icd10cm-order-2027\.txt, line 3: expected five digits, a code .*column 7",
    ),
    "a flag that is none": (
        "icd10cm-order-2027.txt",
        spoilt_line(3, lambda line: line[:14] + "2" + line[15:]),
        "line 3: expected .*0 or 1 in column 15",
    ),
    "no title": (
        "icd10cm-order-2027.txt",
        spoilt_line(2, lambda line: line[:16] + "\n"),
        "line 2: expected .*title",
    ),
    "a code twice": (
        "icd10cm-order-2027.txt",
        ORDER + order_line(9, "M54.16", "again", True),
        "line 9: M54.16 stands twice",
    ),
    "a line of codes without title": (
        "icd10cm-codes-2027.txt",
        CODES + "M5417\n",
        "line 4: expected a code such as M5416",
    ),
    "an empty file": ("icd10cm-codes-2027.txt", "", "is empty"),
    "a name without a year": ("order.txt", ORDER, "the name must hold the year"),
    "a document type": (
        "icd10cm-tabular-2027.xml",
        TABULAR.replace("<ICD10CM.tabular>", '<!DOCTYPE t [<!ENTITY e "x">]>\n<ICD10CM.tabular>', 1),
        r"icd10cm-tabular-2027\.xml, line 2: a document type or an entity is not read",
    ),
    "XML that breaks off": ("icd10cm-tabular-2027.xml", TABULAR[:900], r"line \d+: is no XML"),
    "XML of something else": ("icd10cm-tabular-2027.xml", "<html></html>", "holds no <diag>"),
    "a name that is no code": (
        "icd10cm-tabular-2027.xml",
        TABULAR.replace("<name>M54.16<", "<name>M5416<"),
        "line 24: a code such as M54.1 is expected",
    ),
    "no description": (
        "icd10cm-tabular-2027.xml",
        TABULAR.replace("<desc>Dorsalgia</desc>", ""),
        "line 13: M54 has no <desc>",
    ),
    "a zip of other things": ("2027.zip", zipped(readme_txt="x"), "holds no file of the classification"),
    "a zip with two order files": (
        "2027.zip",
        zipped(order_2027_txt=ORDER, order_April_2027_txt=ORDER),
        "several files of one kind",
    ),
    "a broken zip": ("2027.zip", b"PK\x03\x04broken", "is no zip"),
}


@pytest.mark.parametrize(("name", "text", "said"), REFUSED.values(), ids=REFUSED)
def test_a_file_in_no_official_format_is_refused_with_file_and_line(
    name: str, text: str | bytes, said: str, tmp_path: Path
) -> None:
    with pytest.raises(UnreadableReleaseError, match=said) as refused:
        read_release(written(tmp_path, name, text))
    assert str(refused.value).startswith(name)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableReleaseError, match=r"none-2027\.txt: cannot be read"):
        read_release(tmp_path / "none-2027.txt")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_entity_is_not_read_in_any_encoding(encoding: str, tmp_path: Path) -> None:
    text = TABULAR.replace('encoding="utf-8"', f'encoding="{encoding}"').replace(
        "<ICD10CM.tabular>", '<!DOCTYPE t SYSTEM "file:///etc/hostname">\n<ICD10CM.tabular>', 1
    )
    with pytest.raises(UnreadableReleaseError):
        read_release(written(tmp_path, "icd10cm-tabular-2027.xml", text.encode(encoding)))


# What a note excludes


def of_codes(*codes: str) -> Release:
    entries = {code: (code, True) for code in codes} | {code[:3]: (code[:3], False) for code in codes if len(code) > 3}
    categories = tuple(dict.fromkeys(code[:3] for code in codes))
    return Release("toy", 2027, date(2026, 10, 1), date(2027, 9, 30), with_parents(entries), (), categories)


TOY = of_codes(
    *("B27.00", "B27.01", "B27.91", "E08.42", "E08.51", "E08.52", "E08.621", "E09.42", "E11.40", "E11.42", "E14.42"),
    *("I69.023", "I69.13", "I69.123", "M51.04", "M51.06", "M54.16", "S02.0XXA", "S02.0XXB", "QA0.1"),
)


@pytest.mark.parametrize(
    ("text", "excluded"),
    [
        ("discitis NOS (M46.4-)", ("M46.4",)),
        ("spondylosis (M47.-)", ("M47",)),
        ("intervertebral disc disorders (M50.1.-, M51.1.-)", ("M50.1", "M51.1")),
        ("intervertebral disc disorders (M50-M51)", ("M50-M51",)),
        ("rheumatic fever with heart involvement (I01.0 -I01.9)", ("I01.0-I01.9",)),
        ("specified syndactyly - code to specified conditions (Q70.0- -Q70.3-)", ("Q70.0-Q70.3",)),
        ("nephrotic syndrome (with C3 glomerulopathy) with dense deposit disease (N04.6)", ("N04.6",)),
        ("glucose-6-phosphate dehydrogenase (G6PD) deficiency (D55.0)", ("D55.0",)),
        ("diabetes mellitus (E08-E11 with .42)", ("E08.42", "E09.42", "E11.42")),
        ("diabetic angiopathy (E08-E13 with .51-.52)", ("E08.51", "E08.52")),
        ("skin disorders in diabetes (E08-E13 with .62-)", ("E08.621",)),
        ("mononucleosis with polyneuropathy (B27.0-B27.9 with fifth character 1)", ("B27.01", "B27.91")),
        ("disc disorder of the chest NOS (M51.- with fifth character 4)", ("M51.04",)),
        ("stuttering following stroke (I69. with final characters -23)", ("I69.023", "I69.123")),
        ("open skull fracture (S02.- with 7th character B)", ("S02.0XXB",)),
        ("open fracture (S02.- with open fracture 7th character)", ()),
        ("hearing loss as classified in H90.-", ("H90",)),
        ("conditions classified to Q67.0-Q67.4", ("Q67.0-Q67.4",)),
        ("vitamin B12 deficiency, HLA-B27", ()),
        ("neoplasia in a family (QA0.-)", ("QA0",)),
        ("hepatitis (HAV)", ()),
        ("current injury - see injury of spine by body region", ()),
        ("absence of knee joint (Z89.52-", ("Z89.52",)),
    ],
)
def test_the_codes_that_a_line_names_are_found(text: str, excluded: tuple[str, ...]) -> None:
    assert references(text, TOY) == excluded


@pytest.mark.parametrize(
    ("reference", "inside", "outside"),
    [
        ("M47.2", ["M47.2", "M47.26"], ["M47.1", "M47", "M4"]),
        ("M50-M51", ["M50.1", "M51.16"], ["M49", "M52", "M54.16"]),
        ("C43-C44", ["C43.1", "C4A.0", "C44"], ["C45", "C42"]),
        ("I01.0-I01.9", ["I01.0", "I01.91"], ["I02.0", "I01"]),
        ("B27.01", ["B27.01"], ["B27.0", "B27.91"]),
    ],
)
def test_a_reference_covers_what_lies_below_it(reference: str, inside: list[str], outside: list[str]) -> None:
    order = {code: n for n, code in enumerate(("C42", "C43", "C4A", "C44", "C45", "M49", "M50", "M51", "M52", "M54"))}
    assert all(covers(reference, code, order) for code in inside)
    assert not [code for code in outside if covers(reference, code, order)]


# The years


def test_the_table_of_years_lists_what_differs_and_reads_back() -> None:
    old = of_codes("A00.0", "A00.1", "A02.0")
    new = of_codes("A00.0", "A00.10", "A03.0")
    known = [
        (KnownRelease("FY2026", date(2025, 10, 1), date(2026, 9, 30), "here"), old),
        (KnownRelease("FY2027", date(2026, 10, 1), date(2027, 3, 31), "there"), new),
    ]
    years = read_years(years_text(years_of(known, 1)))
    assert years.standing == {
        "A00.1": "1-",
        "A00.10": "-1",
        "A02": "0-",
        "A02.0": "1-",
        "A03": "-0",
        "A03.0": "-1",
    }
    assert years.titles == {"A00.1": "A00.1", "A02": "A02", "A02.0": "A02.0"}
    assert years.last_day("1-") == date(2026, 9, 30)
    assert years.first_day("-1") == date(2026, 10, 1)


def test_between_two_known_releases_a_day_is_answered_where_both_agree() -> None:
    same = of_codes("A00.0")
    known = [
        (KnownRelease("FY2021", date(2021, 1, 1), date(2021, 9, 30), "here"), same),
        (KnownRelease("FY2025", date(2024, 10, 1), date(2025, 9, 30), "there"), same),
    ]
    years = read_years(years_text(years_of(known, 1)))
    between = date(2023, 1, 1)
    standings = ("11", "--", "1-", "-1", "10")
    assert [years.on(s, between, mapped=True) for s in standings] == ["1", "-", None, None, None]
    assert years.on("11", date(2020, 12, 31), mapped=True) is None
    assert years.on("11", date(2025, 10, 1), mapped=True) is None
    assert years.on("1-", date(2025, 10, 1), mapped=True) == "-", "a code that was deleted stays so"


def test_a_year_known_to_delete_no_mapped_code_leaves_the_others_open() -> None:
    """Until a release takes over its days; then the list itself answers."""
    year = KnownRelease("FY2027", date(2026, 10, 1), date(2027, 3, 31), "announced")
    years = read_years(years_text(replace(years_of(KNOWN, 1), unchanged=(year,))))
    assert years.unchanged == (year,)
    inside, after = date(2026, 10, 1), date(2027, 4, 1)
    assert [years.on("11", day, mapped=True) for day in (inside, after)] == ["1", None]
    assert years.on("11", inside, mapped=False) is None
    assert taken_over(years, KNOWN[1][1].codes, dated("2026-10-01", "A00.0"), "given").unchanged == ()
    assert taken_over(years, KNOWN[1][1].codes, dated("2026-04-01", "A00.0"), "given").unchanged == (year,)

    assert (years.first_day("-1"), years.last_day("1-")) == (None, None)


KNOWN = [
    (KnownRelease("FY2021", date(2021, 1, 1), date(2021, 9, 30), "here"), of_codes("A00.0", "A00.1")),
    (KnownRelease("FY2026", date(2025, 10, 1), date(2026, 9, 30), "there"), of_codes("A00.0", "A00.2", "A00.3")),
]


def dated(first: str, *codes: str) -> Release:
    day = date.fromisoformat(first)
    year = day.year + (day.month >= 10)
    return replace(of_codes(*codes), in_force_from=day, in_force_to=date(year, 9, 30), fiscal_year=year)


def days(years: Years) -> list[str]:
    return [f"{known.name} {known.first} {known.last}" for known in years.releases]


def test_a_release_that_is_taken_over_becomes_the_shipped_one_and_the_old_ones_stay_known() -> None:
    years = taken_over(years_of(KNOWN, 1), KNOWN[1][1].codes, dated("2026-10-01", "A00.0", "A00.2", "A00.4"), "new")
    assert days(years)[1:] == ["FY2026 2025-10-01 2026-09-30", "FY2027 2026-10-01 2027-09-30"]
    assert years.shipped == 2
    assert years.standing == {"A00.1": "1--", "A00.2": "-11", "A00.3": "-1-", "A00.4": "--1"}
    assert years.titles == {"A00.1": "A00.1", "A00.3": "A00.3"}
    assert read_years(years_text(years)) == years


def test_the_release_that_is_shipped_already_changes_nothing_when_it_is_taken_over() -> None:
    years = years_of(KNOWN, 1)
    april = dated("2026-04-01", "A00.0", "A00.2", "A00.3")
    assert taken_over(years, april.codes, april, "again") == years


def test_a_release_between_two_known_ones_ends_where_the_next_begins() -> None:
    years = taken_over(years_of(KNOWN, 1), KNOWN[1][1].codes, dated("2025-04-01", "A00.0"), "found")
    assert days(years) == [
        "FY2021 2021-01-01 2021-09-30",
        "FY2025 2025-04-01 2025-09-30",
        "FY2026 2025-10-01 2026-09-30",
    ]
    assert years.standing == {"A00.1": "1--", "A00.2": "--1", "A00.3": "--1"}
    assert years.titles == {"A00.1": "A00.1", "A00.2": "A00.2", "A00.3": "A00.3"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "code\tstanding\ttitle\n",
        "# release\tFY2026\t2025-10-01\t2026-09-30\tshipped\there\ncode\tstanding\ttitle\nA00\t11\t\n",
        "# release\tFY2026\t2025-10-01\t2026-09-30\tshipped\there\ncode\tstanding\ttitle\nA00\t2\t\n",
    ],
)
def test_a_malformed_table_of_years_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"icd10cm_years\.tsv"):
        read_years(text)


# What a new release changes


def row(subject: str, root: str, *excluded: str, line: int = 1) -> Mapping:
    return Mapping(
        subject=EDX[subject],
        predicate=URIRef(str(SKOS.narrowMatch)),
        negated=False,
        object=f"ICD10CM:{root}",
        object_label="",
        role="direct",
        excluded_roots=excluded,
        edx_class=EDX[subject],
        confidence=0.9,
        clause=None,
        item="",
        comment="",
        extra={},
        line=line,
    )


def changed(release: Release, changes: dict[str, ReleaseCode | None]) -> Release:
    """The release of the next year with codes replaced, added, or (None) deleted."""
    codes = {code: entry for code, entry in {**release.codes, **changes}.items() if entry is not None}
    return replace(release, name="FY2027", fiscal_year=2027, codes=dict(sorted(codes.items())))


@pytest.fixture(scope="module")
def real() -> Release:
    return packaged_release()


def test_a_release_that_changes_nothing_is_reported_as_changing_nothing(real: Release) -> None:
    found = diff_releases(real, real, read_mapping_set("icd10cm").mappings)
    assert len(found) > 50
    assert all(change.nothing for change in found)


def test_what_a_made_up_release_changes_is_reported_by_category(real: Release) -> None:
    """Carpal tunnel syndrome is split by stage on the right; the bilateral code goes; the lumbar root is renamed."""
    stage = "Carpal tunnel syndrome, right upper limb, "
    new = changed(
        real,
        {
            "G56.01": ReleaseCode("Carpal tunnel syndrome, right upper limb", False, "G56.0"),
            "G56.010": ReleaseCode(stage + "mild", True, "G56.01"),
            "G56.011": ReleaseCode(stage + "severe", True, "G56.01"),
            "G56.03": None,
            "M54.16": ReleaseCode("Lumbar radiculopathy", True, "M54.1"),
            "G12.25": None,
        },
    )
    found = {change.concept: change for change in diff_releases(real, new, read_mapping_set("icd10cm").mappings)}
    assert found[EDX.CarpalTunnelSyndrome] == CategoryChanges(
        concept=EDX.CarpalTunnelSyndrome,
        added=("G56.010", "G56.011"),
        deleted=("G56.03",),
        became_headings=("G56.01",),
    )
    retitled = ("M54.16", "Radiculopathy, lumbar region", "Lumbar radiculopathy")
    assert found[EDX.LumbosacralRadiculopathy].retitled == (retitled,)
    atrophy = found[EDX.ProgressiveMuscularAtrophy]
    assert atrophy.deleted == ("G12.25",)
    assert [root for root, _ in atrophy.vanished_roots] == ["G12.25"]
    assert found[EDX.MyastheniaGravis].nothing


def test_a_vanished_exclusion_is_named_with_its_line_and_what_became_billable_too() -> None:
    old = replace(of_codes("A00.0", "A00.1", "A00.10"), name="old")
    old = changed(old, {"A00.1": ReleaseCode("A00.1", False, "A00")})
    new = changed(old, {"A00.10": None, "A00.1": ReleaseCode("A00.1", True, "A00")})
    (found,) = diff_releases(old, new, [row("Myopathy", "A00", "A00.10", line=7)])
    assert found == CategoryChanges(concept=EDX.Myopathy, became_billable=("A00.1",), vanished_roots=(("A00.10", 7),))


def test_a_release_without_headings_is_compared_by_its_billable_codes(real: Release) -> None:
    billable = {code: entry for code, entry in real.codes.items() if entry.billable and code != "G56.03"}
    found = {
        change.concept: change
        for change in diff_releases(real, replace(real, codes=billable), read_mapping_set("icd10cm").mappings)
    }
    assert found[EDX.CarpalTunnelSyndrome] == CategoryChanges(concept=EDX.CarpalTunnelSyndrome, deleted=("G56.03",))
    assert found[EDX.Radiculopathy].nothing


def of_year(real: Release, number: int) -> Release:
    """The codes of another known year: those that are shipped, but for what the table of years says of them."""
    years = read_years((data_folder("ontology") / YEARS_FILE).read_text("utf-8"))
    entries = {code: (entry.title, entry.billable) for code, entry in real.codes.items()}
    for code, standing in years.standing.items():
        title = years.titles.get(code) or real.codes[code].title
        entries[code] = (title, standing[number] == "1")
        if standing[number] == "-":
            del entries[code]
    return replace(real, codes=with_parents(entries))


def test_the_year_before_had_other_codes_of_low_back_disc_disease_than_2021(real: Release) -> None:
    """Leg pain was told apart for discs in October 2024: M51.36 became a heading and M51.361 is below it."""
    found = {
        change.concept: change
        for change in diff_releases(of_year(real, 0), of_year(real, 1), read_mapping_set("icd10cm").mappings)
    }
    changes = found[EDX.StructuralSpineDisorder]
    assert {"M51.360", "M51.361", "M51.362", "M51.369"} <= set(changes.added)
    assert "M51.36" in changes.became_headings


# The release that the package ships


def test_the_packaged_release_is_the_one_that_the_publishers_describe(real: Release) -> None:
    """CMS announced 74,719 billable codes for fiscal year 2026; its order file has 98,186 lines."""
    assert real.name == "ICD-10-CM FY2026, release of 2026-04-01"
    assert (real.in_force_from, real.in_force_to) == (date(2026, 4, 1), date(2026, 9, 30))
    assert (len(real.billable), len(real.codes)) == (74_719, 98_186)
    headings = {entry.parent for entry in real.codes.values()}
    assert not [code for code, entry in real.codes.items() if entry.billable == (code in headings)]


@pytest.mark.slow
def test_another_reader_of_the_same_file_finds_the_same_codes(real: Release) -> None:
    """The package's own reader keeps to a list of codes; titles with a second name for a seventh character differ."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of the peer's way to open its files
        import simple_icd_10_cm as peer

    codes = {code for code in peer.get_all_codes() if "-" not in code and not code.isdigit()}
    assert codes == set(real.codes)
    for code in sorted(codes):
        entry = real.codes[code]
        above = peer.get_parent(code)
        assert entry.parent == (above if above in codes and above != code else None)
        assert " ".join(peer.get_description(code).split()).startswith(entry.title)
        assert bool(peer.get_children(code)) != entry.billable
