"""Each policy folder's README lists every rule of its document; these tests hold list and edition together.

Counts and figures were typed in from the documents, not taken from the program. The document itself is not shipped.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from rdflib import DCTERMS, RDF, SH, Graph, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

import reasoner
from reasoner.evaluation.criteria import Assessment
from reasoner.policy.edition import Clause, Edition
from reasoner.rdf.turtle import read_turtle
from reasoner.resources import data_folder
from reasoner.terms import EDX

SLUGS = ("aetna-cpb-0502", "bcbsnd-emg-ncs")
FIGURES = ("Needle EMG", "Motor NCS", "Sensory NCS", "H-reflex", "Junction testing")
NAMED = re.compile(r"`([a-z0-9-]+)`")
CLASS = re.compile(r"`edx:(\w+)`")


@dataclass(frozen=True)
class Row:
    """One row of a table that has the column *Encoded by*."""

    number: str
    place: str
    encoded: str
    cells: dict[str, str]

    @property
    def not_encoded(self) -> bool:
        return "not encoded" in self.encoded

    @property
    def reason(self) -> str:
        return self.encoded.partition("not encoded:")[2].strip()

    @property
    def names(self) -> tuple[str, ...]:
        """Criteria and advice that the row names; what follows "not encoded" explains and names nothing."""
        given = self.encoded if "advice:" in self.encoded else self.encoded.partition("not encoded")[0]
        return tuple(NAMED.findall(given))

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(CLASS.findall(self.cells.get("Class", "")))


@cache
def tables(slug: str) -> tuple[tuple[dict[str, str], ...], ...]:
    """Every table of a README, each row by its column heads."""
    found: list[list[dict[str, str]]] = []
    head: list[str] | None = None
    for line in (data_folder("shapes") / "policies" / slug / "README.md").read_text(encoding="utf-8").splitlines():
        if not line.startswith("|"):
            head = None
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if head is None:
            head = cells
            found.append([])
        elif set(line) - set("|- "):
            assert len(cells) == len(head), line
            found[-1].append(dict(zip(head, cells, strict=True)))
    return tuple(tuple(rows) for rows in found)


@cache
def rows(slug: str) -> tuple[Row, ...]:
    return tuple(
        Row(cells["No."], cells["Place"], cells["Encoded by"], cells)
        for table in tables(slug)
        for cells in table
        if "Encoded by" in cells
    )


@cache
def knowledge() -> reasoner.Knowledge:
    return reasoner.load_knowledge()


@cache
def edition(slug: str) -> Edition:
    (found,) = (e for e in knowledge().editions if e.slug == slug)
    return found


@cache
def own_statements(slug: str) -> Graph:
    (path,) = (data_folder("shapes") / "policies" / slug).glob("*.ttl")
    return read_turtle([path])


def clauses_of(slug: str, name: str) -> tuple[Clause, ...]:
    for criterion in edition(slug).criteria.values():
        if criterion.name == name:
            return criterion.clauses
    return tuple(a.clause for a in edition(slug).advice if local(a.iri) == name)


def local(iri: URIRef) -> str:
    return str(iri).rpartition("#")[2]


def numbers(slug: str, pattern: str) -> list[str]:
    return [row.number for row in rows(slug) if re.fullmatch(pattern, row.number)]


# The lists are whole ---------------------------------------------------------------------


def test_bcbsnd_rows_are_as_many_as_the_document_has_items() -> None:
    counted = {
        "coverage criteria": numbers("bcbsnd-emg-ncs", r"C[123]"),
        "categories": numbers("bcbsnd-emg-ncs", r"C3\.\d"),
        "reasons for repeating": numbers("bcbsnd-emg-ncs", r"R[1-9]"),
        "other indications": numbers("bcbsnd-emg-ncs", r"N\d"),
        "experimental uses": numbers("bcbsnd-emg-ncs", r"X1|X2\.\d"),
        "headings": numbers("bcbsnd-emg-ncs", r"D[1-9]\d?"),
        "items": numbers("bcbsnd-emg-ncs", r"D\d+\.\d+"),
        "causes": numbers("bcbsnd-emg-ncs", r"D8\.10[a-z]"),
        "indications with maxima": numbers("bcbsnd-emg-ncs", r"M[1-9]\d?"),
        "society statements": numbers("bcbsnd-emg-ncs", r"P\d"),
    }
    assert {what: len(found) for what, found in counted.items()} == {
        "coverage criteria": 3,
        "categories": 7,
        "reasons for repeating": 6,
        "other indications": 1,
        "experimental uses": 4,
        "headings": 12,
        "items": 63,
        "causes": 5,
        "indications with maxima": 15,
        "society statements": 5,
    }
    items = [sum(n.startswith(f"D{heading}.") for n in counted["items"]) for heading in range(1, 13)]
    assert items == [5, 5, 3, 16, 4, 8, 3, 12, 0, 3, 4, 0]
    assert len(rows("bcbsnd-emg-ncs")) == 131


def test_aetna_rows_are_as_many_as_what_is_established() -> None:
    slug = "aetna-cpb-0502"
    assert len(numbers(slug, r"A[1-8]")) == 8
    items = [len(numbers(slug, rf"A{reason}\.\d+")) for reason in range(1, 9)]
    assert items == [0, 0, 0, 7, 3, 7, 10, 0]
    assert numbers(slug, r"C.*") == ["C0", "C1", "C2", "C2.a", "C2.b", "C2.c"]
    assert numbers(slug, r"E\d") == [f"E{n}" for n in range(1, 8)]
    assert len(rows(slug)) == 54
    assert {row.cells["Known from"] for row in rows(slug)} == {"E", "S", "I"}


@pytest.mark.parametrize("slug", SLUGS)
def test_numbers_are_unique_and_every_row_has_a_place(slug: str) -> None:
    given = [row.number for row in rows(slug)]
    assert len(given) == len(set(given))
    assert all(row.place for row in rows(slug))


# Rows and criteria -----------------------------------------------------------------------


@pytest.mark.parametrize("slug", SLUGS)
def test_every_criterion_and_all_advice_stand_in_the_table(slug: str) -> None:
    encoded = {name for row in rows(slug) for name in row.names}
    existing = {c.name for c in edition(slug).criteria.values()} | {local(a.iri) for a in edition(slug).advice}
    beside_the_document = {  # readings 7 and 19; the document says nothing of it
        "advice-symptom-free-limb",
        "advice-earlier-study-after-injury",
    }
    assert existing - encoded == existing & beside_the_document
    assert encoded - existing == set()


@pytest.mark.parametrize("slug", SLUGS)
def test_criteria_are_as_many_as_the_edition_declares(slug: str) -> None:
    """Criteria are found by their types in the file, not by what the loader reaches."""
    graph = own_statements(slug)
    kinds = ("Open", "Complete", "Counted", "Affirmable", "Unencoded", "Composite", "Conditional")
    declared = {local(URIRef(str(s))) for kind in kinds for s in graph.subjects(RDF.type, EDX[f"{kind}Criterion"])}
    assert declared == {name for row in rows(slug) for name in row.names if not name.startswith("advice-")}
    assert len(declared) == {"aetna-cpb-0502": 47, "bcbsnd-emg-ncs": 106}[slug]


@pytest.mark.parametrize("slug", SLUGS)
def test_every_row_names_a_criterion_or_advice_or_says_why_not(slug: str) -> None:
    for row in rows(slug):
        assert row.names or row.reason, f"{row.number} names nothing"
        if row.not_encoded:
            assert len(row.reason) > 10, f"{row.number} gives no reason"
        for name in row.names:
            advised = name.startswith("advice-")
            assert advised is ("advice:" in row.encoded), f"{row.number}: advice is to be called so"


@pytest.mark.parametrize("slug", SLUGS)
def test_advice_of_the_table_decides_nothing(slug: str) -> None:
    criteria = {c.name for c in edition(slug).criteria.values()}
    assert not criteria & {name for row in rows(slug) for name in row.names if name.startswith("advice-")}


@pytest.mark.parametrize("slug", SLUGS)
def test_places_of_rows_and_clauses_agree(slug: str) -> None:
    """What a row names cites the row's place, a heading above it or an item below it; and what a criterion cites is the
    place of a row that names it, or lies above one."""
    for row in rows(slug):
        for name in row.names:
            places = [clause.place for clause in clauses_of(slug, name)]
            assert any(row.place == p or row.place.startswith(p + ", ") or p.startswith(row.place) for p in places), (
                f"{row.number} ({row.place}) names {name}, whose clauses are at {places}"
            )
    for name in {name for row in rows(slug) for name in row.names}:
        at = {row.place for row in rows(slug) if name in row.names}
        for clause in clauses_of(slug, name):
            assert any(p == clause.place or p.startswith(clause.place + ", ") for p in at), (
                f"no row at '{clause.place}' names {name}"
            )


@pytest.mark.parametrize("slug", SLUGS)
def test_every_clause_of_the_edition_is_the_place_of_a_row(slug: str) -> None:
    graph = own_statements(slug)
    places = {str(graph.value(clause, EDX.place)) for clause in graph.subjects(RDF.type, EDX.Clause)}
    assert len(places) == {"aetna-cpb-0502": 20, "bcbsnd-emg-ncs": 82}[slug]
    assert places <= {row.place for row in rows(slug)}


def test_what_the_aetna_edition_leaves_out_is_what_the_table_leaves_out() -> None:
    slug = "aetna-cpb-0502"
    declared = {clause.place for clause in edition(slug).not_encoded}
    said = {row.place for row in rows(slug) if row.not_encoded and row.number != "E7"}  # E7: reading 2, not unknown
    assert declared == said
    assert len(declared) == 5
    assert edition(slug).partial
    assert not edition("bcbsnd-emg-ncs").partial


@pytest.mark.parametrize("slug", SLUGS)
def test_readings_and_assumptions_are_all_told(slug: str) -> None:
    graph = own_statements(slug)
    told = {NAMED.findall(cells["name"])[0] for table in tables(slug) for cells in table if "name" in cells}
    assert told == {local(URIRef(str(s))) for s in graph.subjects(RDF.type, EDX.Reading)}
    text = (data_folder("shapes") / "policies" / slug / "README.md").read_text(encoding="utf-8")
    for assumption in graph.subjects(RDF.type, EDX.Assumption):
        assert f"`{local(URIRef(str(assumption)))}`" in text


@pytest.mark.parametrize("slug", SLUGS)
def test_edition_stands_in_the_first_table(slug: str) -> None:
    ((first,), *_) = tables(slug)
    assert str(edition(slug).iri).endswith("/" + first["edition"])
    assert first["from"] == edition(slug).effective_from.isoformat()
    (path,) = (data_folder("shapes") / "policies" / slug).glob("*.ttl")
    assert f"({path.name})" in first["file"]
    assert first["complete"].startswith("no" if edition(slug).partial else "yes")


# The table of recommended maxima -----------------------------------------------------------

MAXIMA = {  # needle EMG, motor NCS, sensory NCS, H-reflex, junction testing; typed in from the document, 0 for a dash
    "carpal-tunnel-unilateral": (1, 3, 4, 0, 0),
    "carpal-tunnel-bilateral": (2, 4, 6, 0, 0),
    "radiculopathy": (2, 3, 2, 2, 0),
    "mononeuropathy": (1, 3, 3, 2, 0),
    "polyneuropathy": (3, 4, 4, 2, 0),
    "myopathy": (2, 2, 2, 0, 2),
    "motor-neuronopathy": (4, 4, 2, 0, 2),
    "plexopathy": (2, 4, 6, 2, 0),
    "neuromuscular-junction": (2, 2, 2, 0, 3),
    "tarsal-tunnel-unilateral": (1, 4, 4, 0, 0),
    "tarsal-tunnel-bilateral": (2, 5, 6, 0, 0),
    "weakness-focal": (2, 3, 4, 0, 2),
    "weakness-general": (4, 4, 4, 0, 2),
    "pain-unilateral": (1, 3, 4, 2, 0),
    "pain-bilateral": (2, 4, 6, 2, 0),
}
COUNTED = (
    "NeedleElectromyography",
    "MotorNerveConductionStudy",
    "SensoryNerveConductionStudy",
    "HReflexStudy",
    "NeuromuscularJunctionTesting",
)


def test_figures_of_the_edition_are_those_of_the_document() -> None:
    slug = "bcbsnd-emg-ncs"
    graph = own_statements(slug)
    found = {}
    for criterion in edition(slug).criteria.values():
        if criterion.name.startswith("maximum-") and (members := graph.value(criterion.iri, SH["and"])):
            limits = {
                local(URIRef(str(graph.value(m, EDX.countedKind)))): int(str(graph.value(m, EDX.maximumTotal)))
                for m in Collection(graph, members)
                if (m, EDX.countedKind, None) in graph
            }
            assert set(limits) == set(COUNTED)
            (in_all,) = (v for m in Collection(graph, members) for v in graph.objects(m, EDX.maximumConductionTotal))
            assert int(str(in_all)) == sum(limits[kind] for kind in COUNTED[1:4])
            found[criterion.name.removeprefix("maximum-")] = tuple(limits[kind] for kind in COUNTED)
    assert found == MAXIMA
    assert list(found) == list(MAXIMA), "the rows stand in the order of the document"


def test_figures_of_the_table_are_those_of_the_document() -> None:
    given = {
        row.names[0].removeprefix("maximum-"): tuple(int(row.cells[f].replace("-", "0")) for f in FIGURES)
        for row in rows("bcbsnd-emg-ncs")
        if FIGURES[0] in row.cells
    }
    assert given == MAXIMA
    in_all = {
        r.names[0].removeprefix("maximum-"): r.cells["NCS in all"]
        for r in rows("bcbsnd-emg-ncs")
        if FIGURES[0] in r.cells
    }
    assert in_all == {name: str(sum(figures[1:4])) for name, figures in MAXIMA.items()}
    assert [row.number for row in rows("bcbsnd-emg-ncs") if FIGURES[0] in row.cells] == [f"M{n}" for n in range(1, 16)]


def test_definitions_of_the_rows_tell_their_figures() -> None:
    words = ("needle EMG", "motor NCS", "sensory NCS", "H-reflex", "neuromuscular junction testing")
    for criterion in edition("bcbsnd-emg-ncs").criteria.values():
        limits = MAXIMA.get(criterion.name.removeprefix("maximum-"))
        if criterion.name.startswith("maximum-") and limits:
            said = ", ".join(f"{limit} {word}" for limit, word in zip(limits, words, strict=True))
            assert criterion.definition.endswith(f": {said}; {sum(limits[1:4])} NCS in all.")


# Each item reaches its criterion -------------------------------------------------------------

EXTRA = {  # what a row's criterion asks for beside the item; request and study
    ("aetna-cpb-0502", "E1"): ("edx:hasIndication [ a edx:CarpalTunnelSyndrome ; edx:certainty edx:Suspected ]", ""),
    ("aetna-cpb-0502", "E2"): ("", "edx:quantity 3"),
    ("aetna-cpb-0502", "E6"): ("edx:hasPurpose edx:MonitoringCourse", ""),
    ("bcbsnd-emg-ncs", "C3.2"): (
        (
            "edx:hasExamination [ a edx:Examination ; edx:conclusive false ] ; "
            "edx:hasImaging [ a edx:Imaging ; edx:modality edx:MagneticResonanceImaging ; edx:conclusive false ]"
        ),
        "",
    ),
    ("bcbsnd-emg-ncs", "R1"): ("edx:hasDiagnosis [ a edx:CarpalTunnelSyndrome ; edx:certainty edx:Confirmed ]", ""),
}


def with_class() -> list[tuple[str, Row, str]]:
    return [(slug, row, name) for slug in SLUGS for row in rows(slug) if row.names for name in row.classes]


def statement(name: str, extra: str) -> str:
    """How a record states a term: as an indication, a finding, a study, a purpose, a course or an injury."""
    above = knowledge().hierarchy
    term = EDX[name]
    if term in above.descendants(EDX.Diagnosis):
        return f"edx:hasIndication [ a edx:{name} ; edx:certainty edx:Suspected ]"
    if term in above.descendants(EDX.Finding):
        return f"edx:hasFinding [ a edx:{name} ; edx:causeKnown false ]"
    if term in above.descendants(EDX.ElectrodiagnosticStudy):
        return f"edx:requestsStudy [ a edx:{name} ; rdfs:label 'the item' {f'; {extra}' if extra else ''} ]"
    if term in above.descendants(EDX.CourseSinceEarlierStudy):
        return f"edx:hasCourse [ a edx:{name} ]"
    if term == EDX.Injury:
        return "edx:hasInjury [ a edx:Injury ]"
    return f"edx:hasPurpose edx:{name}"


PREFIXES = """@prefix edx: <https://w3id.org/edx-reasoner/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def request(number: int, *more: str) -> str:
    frame = (
        f"<https://example.org/{number}> a edx:Request",
        'edx:dateOfService "2025-12-01"^^xsd:date',
        "edx:requestsStudy [ a edx:NerveConductionStudy ] , [ a edx:BlinkReflexStudy ]",
        "edx:hasEarlierStudy [ a edx:NerveConductionStudy ]",
    )
    return " ;\n    ".join((*frame, *(m for m in more if m))) + " .\n"


def met(case: reasoner.Case, slug: str, item: Node | None) -> set[str]:
    """Names of the criteria that are met, for the request or for the study that is the item, and of advice given."""
    determination = reasoner.determine(case, knowledge(), policy=slug)
    pending: list[Assessment] = [determination.root]
    found = {local(advice.iri) for advice, _ in determination.advice}
    while pending:
        assessment = pending.pop()
        if assessment.status is reasoner.Status.MET and assessment.focus in (case.iri, item):
            found.add(assessment.criterion.name)
        pending += [part.assessment for part in assessment.parts]
    return found


@cache
def settled() -> dict[tuple[str, str, str], tuple[set[str], set[str]]]:
    """For each item with a class: what is met without it, and with it; every case passes intake."""
    texts: dict[tuple[str, str], int] = {}  # what each case states beside the frame -> its number in the file
    asked = {}
    for slug, row, name in with_class():
        to_request, to_study = EXTRA.get((slug, row.number), ("", ""))
        pair = ((to_request, ""), (to_request, statement(name, to_study)))
        asked[slug, row.number, name] = [texts.setdefault(stated, len(texts)) for stated in pair]
    result = reasoner.validate(
        "".join([PREFIXES, *(request(n, *stated) for stated, n in texts.items())]).encode(), name="items.ttl"
    )
    assert not result.refusals, [str(refusal) for refusal in result.refusals]
    assert len(result.cases) == len(texts)
    answers = {}
    for (slug, number, name), (without, stated) in asked.items():
        case = result.cases[stated]
        study = next((s for s, _, o in case.triples if str(o) == "the item"), None)
        answers[slug, number, name] = (met(result.cases[without], slug, None), met(case, slug, study))
    return answers


def parameters() -> list[object]:
    return [pytest.param(slug, row, name, id=f"{slug}-{row.number}-{name}") for slug, row, name in with_class()]


@pytest.mark.parametrize(("slug", "row", "name"), parameters())
def test_stating_an_item_meets_what_its_row_names(slug: str, row: Row, name: str) -> None:
    before, after = settled()[slug, row.number, name]
    assert (after - before) & set(row.names), f"{row.number}: edx:{name} meets none of {row.names}"


def test_as_many_items_were_stated_as_the_tables_hold() -> None:
    assert {slug: sum(s == slug for s, _, _ in with_class()) for slug in SLUGS} == {
        "aetna-cpb-0502": 56,
        "bcbsnd-emg-ncs": 113,
    }


# The document ---------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", SLUGS)
def test_every_clause_belongs_to_the_document_of_the_edition(slug: str) -> None:
    graph = own_statements(slug)
    documents = set(graph.objects(edition(slug).iri, DCTERMS.source))
    assert len(documents) == 1
    assert {d for c in graph.subjects(RDF.type, EDX.Clause) for d in graph.objects(c, DCTERMS.isPartOf)} == documents


def test_readme_of_each_policy_was_found() -> None:
    folders = {path.parent.name for path in Path(data_folder("shapes") / "policies").glob("*/README.md")}
    assert folders == set(SLUGS)
