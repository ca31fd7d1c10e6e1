"""The formats of a report, held to a report graph written by hand."""

import html
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import html5rdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt
from rdflib import DCTERMS, RDF, RDFS, SH, SKOS, Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.term import Node
from rich.cells import cell_len

from reasoner.errors import EngineError, UnknownTermError
from reasoner.formats.as_json import SCHEMA, SCHEMA_FILE
from reasoner.formats.as_markdown import escape_markdown
from reasoner.formats.presentation import Fold, present
from reasoner.formats.render import EXTENSIONS, FORMATS, render
from reasoner.formats.wording import OUTCOME_MARKS, STATUS_MARKS, Role, plain
from reasoner.report.view import Kind
from reasoner.report.view_reader import read_view
from reasoner.terms import BASE, EDX

EXAMPLE = Path(__file__).parent / "report" / "example.ttl"
DETERMINATION = URIRef(BASE + "determination/e0a1b2c3d4e5f607")
CASE = URIRef("https://example.org/cases/back-pain#request")
FOR_PEOPLE = ("text", "markdown", "html")
WIDE = 4000  # so wide that nothing wraps

SECTIONS = [
    "Please note",
    "Outcome of each study",
    "What decided it",
    "Every criterion",
    "Conflicts in the record",
    "What would settle the open questions",
    "Assumptions",
    "How the policy was read",
    "Advice, which decides nothing",
    "Citations",
]
FOLDED_OPEN = ["paresthesia", "diplopia", "dysarthria", "dexterity", "hyperreflexia"]
FOLDED_NOT_MET = ["weakness", "atrophy", "fasciculation", "ptosis", "als", "pls", "bulbar", "pma"]


def part(name: str) -> URIRef:
    return URIRef(f"{DETERMINATION}#{name}")


def load() -> Graph:
    return Graph().parse(EXAMPLE)


@pytest.fixture(scope="module")
def graph() -> Graph:
    return load()


@pytest.fixture
def spoilt() -> Graph:
    """A copy that a test may change."""
    return load()


class Page(HTMLParser):
    """The elements, attributes and text of a page; what stands in <style> is no text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[tuple[str, str]] = []
        self._open: list[str] = []
        self._said: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in {"meta", "br", "hr"}:
            self._open.append(tag)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append((tag, ""))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, "elements must nest"

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self._said.append(data)
            if any(re.fullmatch(r"h[1-6]", tag) for tag in self._open):
                tag, text = self.headings.pop()
                self.headings.append((tag, text + data))

    @property
    def text(self) -> str:
        return plain("".join(self._said))


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for member in value.values():
            yield from strings(member)
    elif isinstance(value, list):
        for member in value:
            yield from strings(member)
    elif isinstance(value, str):
        yield value


def as_read(graph: Graph, output: str) -> str:
    """What a reader of the format sees, on one line."""
    out = render(graph, output, width=WIDE)
    if output == "html":
        return Page(out).text
    if output == "markdown":
        page = MarkdownIt("commonmark").enable("table").render(out)
        return Page(re.sub(r"<(hr|br) />", r"<\1>", page)).text
    if output == "json":
        return "\n".join(strings(json.loads(out)))
    return " ".join(re.sub("[│├└─]", " ", out).split())


def texts(graph: Graph, predicate: URIRef) -> set[str]:
    return {str(value) for value in graph.objects(None, predicate) if isinstance(value, Literal)}


def sentences_of_folded_leaves(graph: Graph) -> set[str]:
    return {str(graph.value(part(f"a-{name}"), EDX.sentence)) for name in FOLDED_OPEN + FOLDED_NOT_MET}


# What is shown


@pytest.mark.parametrize("output", [*FOR_PEOPLE, "json"])
def test_every_sentence_of_the_graph_is_shown(graph: Graph, output: str) -> None:
    expected = texts(graph, EDX.sentence) | texts(graph, EDX.recommendation) | texts(graph, EDX.documentation)
    expected |= texts(graph, EDX.text) | texts(graph, EDX.place) | texts(graph, DCTERMS.title)
    expected |= texts(graph, EDX.notice)
    if output in {"text", "markdown"}:
        expected -= sentences_of_folded_leaves(graph)
    read = as_read(graph, output)
    assert len(expected) > 55
    assert sorted(sentence for sentence in expected if sentence not in read) == []


@pytest.mark.parametrize("output", [*FOR_PEOPLE, "json"])
def test_every_label_is_shown(graph: Graph, output: str) -> None:
    labels = texts(graph, RDFS.label) - {str(graph.value(DETERMINATION, RDFS.label))}
    read = as_read(graph, output).lower()
    assert len(labels) > 40
    assert sorted(label for label in labels if label.lower() not in read) == []


@pytest.mark.parametrize("output", [*FOR_PEOPLE, "json"])
def test_definitions_of_decisive_criteria_and_of_notes_are_shown(graph: Graph, output: str) -> None:
    read = as_read(graph, output)
    policy = BASE + "policy/example/2024-01-01#"
    for name in ("signs", "reasons", "history-complete", "reading-pain"):
        assert str(graph.value(URIRef(policy + name), SKOS.definition)) in read


def test_html_and_json_lose_nothing_that_text_folds(graph: Graph) -> None:
    folded = sentences_of_folded_leaves(graph)
    assert len(folded) == 13
    for output in ("html", "json"):
        read = as_read(graph, output)
        assert all(sentence in read for sentence in folded)


@pytest.mark.parametrize("output", ["text", "markdown"])
def test_long_runs_of_like_alternatives_share_a_line(graph: Graph, output: str) -> None:
    read = as_read(graph, output)
    assert "open, nothing recorded: paresthesia, diplopia, dysarthria, loss of dexterity, hyperreflexia" in read
    assert "not met: muscle weakness, muscle atrophy, muscle fasciculation, ptosis" in read
    assert "The record rules out every motor finding." in read


def test_a_run_of_three_is_not_folded(spoilt: Graph) -> None:
    spoilt.remove((part("a-motor-neuron"), EDX.part, part("a-pma")))
    report = present(read_view(spoilt))
    motor_neuron = next(a for a in report.view.root.walk() if a.iri == part("a-motor-neuron"))
    assert len(motor_neuron.parts) == 3
    assert not any(isinstance(shown, Fold) for shown in report.folded(motor_neuron))


@pytest.mark.parametrize("change", ["decisive", "conflict", "evidence"])
def test_a_leaf_that_says_more_than_its_neighbours_keeps_its_line(spoilt: Graph, change: str) -> None:
    leaf = part("a-dysarthria")
    if change == "decisive":
        spoilt.add((DETERMINATION, EDX.decidedBy, leaf))
    elif change == "conflict":
        spoilt.add((leaf, EDX.conflict, part("conflict-1")))
    else:
        spoilt.add((leaf, EDX.evidence, part("e-pain")))
    text = render(spoilt, "text", width=WIDE)
    assert "The record says nothing of dysarthria." in text.split("Every criterion")[1]


def test_a_criterion_below_two_parents_is_explained_once(spoilt: Graph) -> None:
    spoilt.add((part("a-workup"), EDX.part, part("a-reasons")))
    second = "The record does not say whether new symptoms suggest a second diagnosis."
    assert as_read(spoilt, "text").count(second) == 1
    assert as_read(spoilt, "markdown").count(second) == 1
    assert as_read(spoilt, "html").count(second) == 1
    assessments = json.loads(render(spoilt, "json"))["assessments"]
    assert sum(a["iri"] == str(part("a-reasons")) for a in assessments) == 1
    assert as_read(spoilt, "text").count("Its parts are shown above.") == 1


# Order


def headings(graph: Graph, output: str) -> list[str]:
    out = render(graph, output, width=WIDE)
    if output == "html":
        return [text for tag, text in Page(out).headings if tag == "h2"]
    if output == "markdown":
        return re.findall(r"^## (.*)$", out, re.MULTILINE)
    return re.findall(r"^(\S.*?) ─{3,}$", out, re.MULTILINE)


@pytest.mark.parametrize("output", FOR_PEOPLE)
def test_sections_stand_in_the_order_of_reading(graph: Graph, output: str) -> None:
    assert headings(graph, output) == SECTIONS


@pytest.mark.parametrize("output", FOR_PEOPLE)
def test_the_recommendation_comes_before_every_section(graph: Graph, output: str) -> None:
    read = as_read(graph, output)
    recommendation = str(graph.value(DETERMINATION, EDX.recommendation))
    assert read.index(recommendation) < read.index("Please note") < 1000
    assert "additional information needed" in read[: read.index(recommendation)].lower()


@pytest.mark.parametrize("output", FOR_PEOPLE)
def test_the_footer_says_what_a_determination_is_not(graph: Graph, output: str) -> None:
    read = as_read(graph, output)
    footer = read[read.index("recommendation to a human reviewer; it decides no care") :]
    digests = (EDX.caseDigest, EDX.editionDigest, EDX.shapesDigest, EDX.ontologyDigest, EDX.terminologyDigest)
    for predicate in (*digests, EDX.knowledgeDigest, EDX.programVersion):
        assert str(graph.value(DETERMINATION, predicate)) in footer


@pytest.mark.parametrize("output", FOR_PEOPLE)
def test_a_partial_edition_says_near_the_top_what_was_not_judged(graph: Graph, output: str) -> None:
    read = as_read(graph, output)
    studies = read.index("Outcome of each study")
    assert "in part; what is not known was not judged" in read[:studies]
    assert "Not judged: Criteria for the wrist (Appendix C.1)." in read[:studies]


@pytest.mark.parametrize("output", FOR_PEOPLE)
def test_sections_without_content_are_left_out(spoilt: Graph, output: str) -> None:
    optional = (EDX.reportsConflict, EDX.settlingSet, EDX.assumes, EDX.reading, EDX.adviceGiven, EDX.notice)
    for predicate in optional:
        spoilt.remove((DETERMINATION, predicate, None))
    edition = URIRef(BASE + "policy/example/2024-01-01")
    spoilt.set((edition, EDX.partial, Literal(False)))
    spoilt.remove((edition, EDX.notEncoded, None))
    assert headings(spoilt, output) == [SECTIONS[1], SECTIONS[2], SECTIONS[3], SECTIONS[9]]


# Words


@pytest.mark.parametrize("output", FOR_PEOPLE)
def test_each_status_has_its_word(graph: Graph, output: str) -> None:
    read = as_read(graph, output)
    for shown in (
        "✔ met Not settled by examination and imaging",
        "✘ not met Plexopathy",
        "? open Numbness",
        "\N{EN DASH} not applicable Window for laryngeal studies",
        "✔ ruled out Screening of a person without symptoms",
        "✘ applies Surface electromyography (paraspinal surface electromyography)",
        "● holds If: An earlier study of the same region",
        "○ does not hold If: A laryngeal study is requested",
    ):
        assert shown in read


def test_a_criterion_that_is_required_as_well_as_a_condition_is_worded_as_required(spoilt: Graph) -> None:
    for parent in ("a-root", "a-workup"):  # one stands before the conditional criterion, the other below a sibling
        spoilt.add((part(parent), EDX.part, part("a-laryngeal-study" if parent == "a-root" else "a-earlier")))
    report = present(read_view(spoilt))
    marks = {a.iri: report.mark(a).word for a in report.view.root.walk()}
    assert marks[part("a-laryngeal-study")] == "not met"
    assert marks[part("a-earlier")] == "met"


def test_order_is_that_of_the_descriptions_and_of_nothing_else(spoilt: Graph) -> None:
    policy, root = BASE + "policy/example/2024-01-01#", part("a-root")
    before = [a.iri for a in read_view(spoilt).root.parts]
    assert before[0] == part("a-signs")
    assert before == [a.iri for a in read_view(Graph().parse(data=spoilt.serialize(format="nt"))).root.parts]
    spoilt.set((URIRef(policy + "signs"), SH.order, Literal(99)))
    assert [a.iri for a in read_view(spoilt).root.parts] == [*before[1:], before[0]]
    spoilt.remove((URIRef(policy + "unsettled"), SH.order, None))
    assert [a.iri for a in read_view(spoilt).root.parts][-1] == before[1], "what has no place comes last"
    assert (root, EDX.part, before[0]) in spoilt


def test_a_condition_comes_first_wherever_the_policy_names_it_first(spoilt: Graph) -> None:
    spoilt.set((URIRef(BASE + "policy/example/2024-01-01#earlier"), SH.order, Literal(99)))
    repeat = next(a for a in read_view(spoilt).root.walk() if a.iri == part("a-repeat"))
    assert [a.iri for a in repeat.parts] == [part("a-earlier"), part("a-reasons")]


def test_the_parts_of_an_exclusion_are_worded_as_exclusions(spoilt: Graph) -> None:
    spoilt.set((URIRef(BASE + "policy/example/2024-01-01#screening"), EDX["kind"], EDX.AnyOf))
    spoilt.add((part("a-screening"), EDX.part, part("a-plexopathy")))
    spoilt.remove((part("a-workup"), EDX.part, part("a-plexopathy")))
    report = present(read_view(spoilt))
    plexopathy = next(a for a in report.view.root.walk() if a.iri == part("a-plexopathy"))
    assert report.mark(plexopathy).word == "ruled out"


def test_no_two_statuses_of_a_role_share_a_symbol_or_a_word() -> None:
    for role in Role:
        marks = STATUS_MARKS[role].values()
        assert len({mark.symbol for mark in marks}) == len({mark.word for mark in marks}) == 4
    assert len({mark.word for mark in OUTCOME_MARKS.values()}) == 4


@pytest.mark.parametrize("output", FOR_PEOPLE)
def test_readers_meet_no_jargon(graph: Graph, output: str) -> None:
    read = as_read(graph, output).lower()
    for word in ("undetermined", "refuted", "kleene", "conform", "assessment", "leaf", "shacl"):
        assert word not in read.replace("edx-reasoner", "")


@pytest.mark.parametrize("output", FOR_PEOPLE)
def test_iris_stand_in_the_citations_only(graph: Graph, output: str) -> None:
    before, after = as_read(graph, output).rsplit("Citations", 1)
    assert "w3id.org" not in before
    assert "example.org/cases" not in before
    if output == "text":  # the part that the IRIs of a document share stands once
        assert f"{BASE}policy/example/2024-01-01 [1]" in after
        assert "#clause-3 " in after
    else:
        assert f"{BASE}policy/example/2024-01-01#clause-3" in after


@pytest.mark.parametrize("output", FOR_PEOPLE)
def test_each_deciding_criterion_names_the_studies_that_it_decided(graph: Graph, output: str) -> None:
    decided = as_read(graph, output).split("What decided it")[1].split("Every criterion")[0]
    assert decided.count("needle electromyography, lower limb, both sides; motor nerve conduction study") == 2
    assert re.search(r"Decided:? ?paraspinal surface electromyography", decided)


def test_the_same_alternatives_are_listed_once_in_text(graph: Graph) -> None:
    read = as_read(graph, "text").split("What would settle")[1]
    assert read.count("whether there is diplopia") == 1
    assert "2.1 one of those listed at 1.1" in read


def test_text_shows_the_first_three_settling_sets_of_each_outcome(spoilt: Graph) -> None:
    sets: list[Node] = [part(f"set-{number}") for number in range(1, 7)]
    for number, node in enumerate(sets, 1):
        outcome = EDX.NotMedicallyNecessary if number == 6 else EDX.MedicallyNecessary
        item = part(f"new-{number}")
        for alternative in (part("a-als"), part("a-pls" if number in {5, 6} else "a-pma")):
            spoilt.add((item, EDX.alternative, alternative))
        for predicate, value in ((EDX["size"], Literal(1)), (EDX.leadsTo, outcome), (EDX.openQuestion, item)):
            spoilt.set((node, predicate, value))
        spoilt.add((DETERMINATION, EDX.settlingSet, node))
    for output in ("text", "markdown"):
        read = as_read(spoilt, output).split("What would settle")[1]
        assert read.count("could lead to") == 4
        assert "2 more sets stand in the HTML and the JSON report." in read
        assert "one of those listed at 5.1" not in read, "what is left out cannot be referred to"
    assert as_read(spoilt, "html").count("could lead to") == 6
    assert len(json.loads(render(spoilt, "json"))["settling_sets"]) == 6


# Case text is text


def test_html_shows_markup_of_the_case_as_text(graph: Graph) -> None:
    page = Page(render(graph, "html"))
    assert not {tag for tag, _ in page.elements} & {"script", "b", "standing", "unmapped", "img", "iframe"}
    assert 'numb <script>alert("x")</script> at night' in page.text
    assert "Low back pain <b>after</b> fusion, *both* legs & [a link](http://example.org/x)" in page.text


def test_markdown_shows_markup_of_the_case_as_text(graph: Graph) -> None:
    page = MarkdownIt("commonmark").enable("table").render(render(graph, "markdown"))
    tags = set(re.findall(r"<([a-z0-9]+)", page))
    assert tags <= {
        *("h1", "h2", "h3", "p", "strong", "ul", "ol", "li", "blockquote", "br", "hr"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }
    assert "*both* legs & [a link](http://example.org/x)" in html.unescape(page)


@given(st.text())
def test_escaped_text_reads_in_markdown_as_it_was_written(text: str) -> None:
    for before in ("", "- ", "1. ", "# ", "**x** "):
        page = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(before + escape_markdown(text) + "\n")
        read = html.unescape(re.sub(r"</?(?:p|ul|ol|li|h1|strong)>|\n", "", page)).strip()
        if "x" in before:
            read = read.removeprefix("x")
        assert plain(read) == plain(text)


@pytest.mark.parametrize(
    "text",
    [
        *("# a", "- a", "+ a", "1. a", "1) a", "> a", "---", "===", "~~~", "a  \nb", "[a]: b", "| a | b |", "&amp;"),
        *("<https://a.b>", "https://a.example", "www.a.example", "a@b.example", "![a](b)", "[a](b)"),
        *("**a**", "_a_", "`a`", "$x$", "\\*a\\*", "<b>a</b>"),
    ],
)
def test_no_text_becomes_markdown(text: str) -> None:
    page = MarkdownIt("commonmark").enable("table").render(escape_markdown(text))
    assert page == f"<p>{html.escape(plain(text))}</p>\n"


@pytest.mark.parametrize("output", FOR_PEOPLE)
def test_text_of_a_case_cannot_steer_the_display(spoilt: Graph, output: str) -> None:
    spoilt.set((CASE, RDFS.label, Literal("red \x1b[31m, turned \u202eround\u202c, [bold]rich[/bold],\r\nbell \x07")))
    out = render(spoilt, output, width=WIDE)
    assert not set(out) & set("\x1b\u202e\u202c\r\x07")
    assert "red �[31m, turned �round�, [bold]rich[/bold], bell �" in as_read(spoilt, output)


def test_json_keeps_text_of_the_case_exactly(spoilt: Graph) -> None:
    label = "two\nlines, \x1b[31m \u202e"
    spoilt.set((CASE, RDFS.label, Literal(label)))
    assert json.loads(render(spoilt, "json"))["case"]["label"] == label


# Text


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("label", [None, "脊椎 " * 30, "a" * 500])
def test_no_line_of_text_is_longer_than_the_width(spoilt: Graph, width: int, label: str | None) -> None:
    if label is not None:
        spoilt.set((part("e-pain"), EDX.sentence, Literal(label)))
        spoilt.set((CASE, RDFS.label, Literal(label)))
    lines = render(spoilt, "text", width=width).splitlines()
    assert max(cell_len(line) for line in lines) <= width


def test_text_is_plain_unless_colour_is_asked_for(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "20")
    uncoloured = render(graph, "text")
    assert "\x1b" not in uncoloured
    coloured = render(graph, "text", color=True)
    assert "\x1b[" in coloured
    stripped = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert [line.rstrip() for line in stripped.splitlines()] == uncoloured.splitlines()


# HTML


def test_html_is_well_formed(graph: Graph) -> None:
    html5rdf.HTMLParser(strict=True).parse(render(graph, "html"))


def test_html_loads_nothing_and_runs_nothing(graph: Graph) -> None:
    out = render(graph, "html")
    page = Page(out)
    for tag, attributes in page.elements:
        assert tag not in {"script", "link", "img", "iframe", "object", "embed", "base", "form", "svg"}
        for name, value in attributes.items():
            assert not name.startswith("on")
            assert name not in {"src", "style", "srcset", "action"}
            assert name != "href" or (value or "").startswith("#")
    style = out[out.index("<style>") : out.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style
    assert "default-src 'none'" in out


def test_html_links_lead_somewhere_and_ids_are_unique(graph: Graph) -> None:
    elements = Page(render(graph, "html")).elements
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    links = {(attributes["href"] or "")[1:] for tag, attributes in elements if tag == "a"}
    assert len(ids) == len(set(ids))
    assert len(links) > 10
    assert links <= set(ids)


def test_html_has_language_title_and_one_outline(graph: Graph) -> None:
    page = Page(render(graph, "html"))
    assert ("html", {"lang": "en"}) in page.elements
    levels = [int(tag[1]) for tag, _ in page.headings]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_details_element_is_open(graph: Graph) -> None:
    details = [attributes for tag, attributes in Page(render(graph, "html")).elements if tag == "details"]
    assert len(details) > 8
    assert all("open" in attributes for attributes in details)


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("palette", [0, 1], ids=["light", "dark"])
def test_text_stands_out_from_its_ground_as_wcag_aa_demands(graph: Graph, palette: int) -> None:
    roots = re.findall(r":root \{(.*?)\}", render(graph, "html"), re.DOTALL)
    assert len(roots) == 2
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", roots[palette]))
    grounds = {name: ["paper", f"{name}-tint"] for name in ("good", "bad", "open", "neutral")}
    grounds |= {"ink": ["page", "paper"], "quiet": ["page", "paper", "neutral-tint"], "link": ["page", "paper"]}
    for text, behind in grounds.items():
        for ground in behind:
            light, dark = sorted((luminance(colours[text]), luminance(colours[ground])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, f"{text} on {ground}"


# JSON


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(found)
    return found


def test_json_follows_its_schema(graph: Graph, schema: dict[str, Any]) -> None:
    report = json.loads(render(graph, "json"))
    assert list(Draft202012Validator(schema).iter_errors(report)) == []
    assert report["schema"] == schema["$id"] == SCHEMA


def objects_of(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for member in schema.values():
            yield from objects_of(member)
    elif isinstance(schema, list):
        for member in schema:
            yield from objects_of(member)


def test_the_schema_describes_every_member_and_admits_no_other(schema: dict[str, Any]) -> None:
    found = list(objects_of(schema))
    assert len(found) == 17
    for described in found:
        assert described["description"]
        assert described["additionalProperties"] is False
        assert sorted(described["required"]) == sorted(described["properties"])
        for name, member in described["properties"].items():
            assert member.get("description", "").endswith("."), name


@pytest.mark.parametrize("spoil", ["extra", "missing", "status"])
def test_the_schema_refuses_what_it_does_not_describe(graph: Graph, schema: dict[str, Any], spoil: str) -> None:
    report = json.loads(render(graph, "json"))
    if spoil == "extra":
        report["studies"][0]["probability"] = 0.5
    elif spoil == "missing":
        del report["provenance"]["case_digest"]
    else:
        report["assessments"][0]["status"] = "Denied"
    assert not Draft202012Validator(schema).is_valid(report)


def test_json_names_only_assessments_and_studies_that_it_holds(graph: Graph) -> None:
    report = json.loads(render(graph, "json"))
    assessments = {a["iri"] for a in report["assessments"]}
    named = {report["root"], *report["decided_by"]}
    named |= {iri for a in report["assessments"] for iri in a["parts"]}
    named |= {iri for study in report["studies"] for iri in study["decided_by"]}
    named |= {iri for conflict in report["conflicts"] for iri in conflict["bears_on"]}
    named |= {iri for s in report["settling_sets"] for q in s["questions"] for iri in q["alternatives"]}
    assert named == assessments
    assert assessments == {str(node) for node in graph.subjects(RDF.type, EDX.Assessment)}
    studies = {study["iri"] for study in report["studies"]}
    assert {iri for s in report["settling_sets"] for iri in s["studies"]} <= studies


def test_json_gives_terms_as_sparql_results_do(graph: Graph) -> None:
    assessments = {a["iri"]: a for a in json.loads(render(graph, "json"))["assessments"]}
    statement = assessments[str(part("a-number-2"))]["evidence"][0]
    xsd = "http://www.w3.org/2001/XMLSchema#"
    assert statement["object"] == {"type": "literal", "value": "6", "datatype": f"{xsd}integer", "language": None}
    assert statement["predicate"]["value"] == str(EDX.quantity)


# Turtle and the whole


def test_turtle_is_the_graph(graph: Graph) -> None:
    out = render(graph, "turtle")
    assert isomorphic(Graph().parse(data=out, format="turtle"), graph)
    assert "@prefix edx:" in out


@pytest.mark.parametrize("output", FORMATS)
def test_the_same_graph_gives_the_same_bytes(graph: Graph, output: str) -> None:
    shuffled = Graph()
    for triple in sorted(load(), reverse=True):
        shuffled.add(triple)
    assert render(shuffled, output) == render(graph, output)


def test_rendering_leaves_the_graph_alone(graph: Graph) -> None:
    before = set(graph)
    for output in FORMATS:
        render(graph, output)
    assert set(graph) == before


def test_the_formats_are_these_five() -> None:
    assert FORMATS == ("text", "markdown", "html", "json", "turtle")
    assert list(EXTENSIONS.values()) == [".txt", ".md", ".html", ".json", ".ttl"]


def test_an_unknown_format_is_named_with_those_that_exist(graph: Graph) -> None:
    with pytest.raises(UnknownTermError, match=r"no format 'pdf'.*text, markdown, html, json, turtle"):
        render(graph, "pdf")


# Reading


def test_a_shared_node_is_read_as_one_record(graph: Graph) -> None:
    view = read_view(graph)
    reasons = next(a for a in view.root.walk() if a.iri == part("a-reasons"))
    assert view.decided_by[1] is reasons
    assert view.studies[0].decided_by[1] is reasons


def test_every_kind_and_status_of_the_example_is_read(graph: Graph) -> None:
    view = read_view(graph)
    assert {a.kind for a in view.root.walk()} == {Kind.ALL_OF, Kind.ANY_OF, Kind.EACH_OF, Kind.CONDITIONAL, Kind.LEAF}
    assert {str(a.status) for a in view.root.walk()} == {"Met", "Refuted", "Undetermined", "NotApplicable"}


def test_a_graph_without_a_determination_is_refused() -> None:
    with pytest.raises(EngineError, match="holds 0"):
        render(Graph())


def test_a_graph_of_two_determinations_is_read_by_name(spoilt: Graph) -> None:
    spoilt.add((URIRef(BASE + "determination/other"), RDF.type, EDX.Determination))
    with pytest.raises(EngineError, match="holds 2"):
        read_view(spoilt)
    assert read_view(spoilt, DETERMINATION).iri == DETERMINATION


def test_a_report_that_lacks_its_recommendation_is_refused(spoilt: Graph) -> None:
    spoilt.remove((DETERMINATION, EDX.recommendation, None))
    with pytest.raises(EngineError, match=r"states no <.*recommendation>"):
        render(spoilt)


def test_a_status_that_does_not_exist_is_refused(spoilt: Graph) -> None:
    spoilt.set((part("a-numbness"), EDX.status, EDX.Denied))
    with pytest.raises(EngineError, match="Denied"):
        render(spoilt)


def test_an_assessment_below_itself_is_refused(spoilt: Graph) -> None:
    spoilt.add((part("a-motor-neuron"), EDX.part, part("a-root")))
    with pytest.raises(EngineError, match="below itself"):
        render(spoilt)
