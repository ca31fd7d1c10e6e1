"""Procedure codes: what the set says of each, the classes built from it, and what follows for a request.

The figures were typed in from the counting table that the project was given, not taken from the set.
"""

import dataclasses
import datetime
import re
from functools import cache
from pathlib import Path

import owlrl
import pytest
from judging import judge, knowledge
from rdflib import OWL, RDF, RDFS, BNode, Graph, Literal, Namespace, URIRef
from test_no_advice_to_recode import advises_to_recode

import reasoner
from reasoner.case import Case, Severity
from reasoner.intake.admission import validate
from reasoner.policy.edition import Edition
from reasoner.rdf.index import Triple
from reasoner.rdf.turtle import read_turtle
from reasoner.resources import data_folder
from reasoner.terminology import hermit
from reasoner.terminology.mappings import Mapping, read_mapping_set
from reasoner.terminology.ontology import hierarchy
from reasoner.terminology.procedures import ProcedureCode, procedure, procedure_class, procedures, read_procedures
from reasoner.terminology.procedures_build import procedure_turtle
from reasoner.terms import CPT, EDX, HCPCS, INTAKE

EX = Namespace("https://example.org/")
FOLDER = Path(__file__).parent / "intake"
NEEDLE, NCS, QST = "NeedleElectromyography", "NerveConductionStudy", "QuantitativeSensoryTesting"
SURFACE, H_REFLEX = "SurfaceElectromyography", "HReflexStudy"
MOTOR = "MotorNerveConductionStudyWith"
# code -> kind of study, fewest and most studies of one entry (none: the code is given once for each unit), first day out of force
COUNTING: dict[str, tuple[str | None, int | None, int | None, str | None]] = {
    **{f"{number:04}T": (QST, None, None, None) for number in range(106, 111)},
    "51784": ("Electromyography", 1, 1, None),
    "51785": (NEEDLE, 1, 1, None),
    "92265": (NEEDLE, 1, 1, None),
    "95860": (NEEDLE, 1, 1, None),
    "95861": (NEEDLE, 2, 2, None),
    "95863": (NEEDLE, 3, 3, None),
    "95864": (NEEDLE, 4, 4, None),
    "95865": ("LaryngealElectromyography", 1, 1, None),
    **{str(number): (NEEDLE, 1, 1, None) for number in range(95866, 95870)},
    "95870": (NEEDLE, None, None, None),
    "95872": ("SingleFiberElectromyography", None, None, None),
    "95873": (None, None, None, None),
    "95874": (NEEDLE, None, None, None),
    "95885": (NEEDLE, None, None, None),
    "95886": (NEEDLE, None, None, None),
    "95887": (NEEDLE, 1, 1, None),
    "95900": (f"{MOTOR}outFWave", None, None, "2013-01-01"),
    "95903": (f"{MOTOR}FWave", None, None, "2013-01-01"),
    "95904": ("SensoryNerveConductionStudy", None, None, "2013-01-01"),
    "95905": ("AutomatedNerveConductionStudy", None, None, None),
    "95907": (NCS, 1, 2, None),
    "95908": (NCS, 3, 4, None),
    "95909": (NCS, 5, 6, None),
    "95910": (NCS, 7, 8, None),
    "95911": (NCS, 9, 10, None),
    "95912": (NCS, 11, 12, None),
    "95913": (NCS, 13, None, None),
    "95933": ("BlinkReflexStudy", 1, 1, None),
    "95934": (H_REFLEX, None, None, "2013-01-01"),
    "95936": (H_REFLEX, None, None, "2013-01-01"),
    "95937": ("NeuromuscularJunctionTesting", None, None, None),
    "95999": (None, None, None, None),
    "96002": (SURFACE, 1, 1, None),
    "96003": ("Electromyography", None, None, None),
    "G0255": (QST, None, None, None),
    "S3900": (SURFACE, 1, 1, None),
}


@cache
def rows() -> tuple[Mapping, ...]:
    return read_mapping_set("procedures").mappings


# The set


def test_the_set_holds_the_codes_that_were_counted_and_no_others() -> None:
    assert {code.code for code in procedures()} == set(COUNTING)
    assert len(rows()) == len(COUNTING) + 5  # an electromyogram in LOINC, and four kinds for which no term was found


@pytest.mark.parametrize("number", COUNTING)
def test_a_code_stands_for_the_kind_and_the_number_of_studies_that_were_counted(number: str) -> None:
    code = procedure(number)
    assert code is not None
    kind, fewest, most, deleted = COUNTING[number]
    assert code.study_class == (EDX[kind] if kind else None)
    assert (code.minimum, code.maximum) == (fewest, most)
    assert code.deleted_on == (datetime.date.fromisoformat(deleted) if deleted else None)
    assert code.iri == (HCPCS if number[0] in "GS" else CPT)[number]
    if kind:
        assert EDX.ElectrodiagnosticStudy in hierarchy().ancestors(EDX[kind])


def test_roles_tell_apart_what_a_day_allows_only_once_or_only_beside_others() -> None:
    by_role = {role: {code.code for code in procedures() if code.role == role} for role in ("total", "limbs", "add-on")}
    assert by_role == {
        "total": {str(number) for number in range(95907, 95914)},
        "limbs": {"95860", "95861", "95863", "95864"},
        "add-on": {"95885", "95886", "95887"},
    }
    # the text of the components knows a total by its number and its kind alone
    assert {c.code for c in procedures() if c.study_class == EDX[NCS] and c.minimum is not None} == by_role["total"]
    below = hierarchy().descendants(EDX[NCS])
    assert {c.code for c in procedures() if c.study_class in below and c.minimum is not None} == by_role["total"]


def test_what_was_not_confirmed_says_so() -> None:
    unsure = {code.code for code in procedures() if not code.verified}
    assert unsure == {"0106T", "0107T", "0108T", "0109T", "0110T", "51784", "51785", "95934", "95936"}


@pytest.mark.parametrize("number", ["95900", "95903", "95904", "95934", "95936"])
def test_the_codes_per_nerve_went_out_of_use_with_2013(number: str) -> None:
    code = procedure(number)
    assert code is not None
    assert code.in_use(datetime.date(2012, 12, 31))
    assert not code.in_use(datetime.date(2013, 1, 1))


def test_no_code_in_use_is_for_the_h_reflex_alone() -> None:
    for code in procedures():
        if code.study_class in hierarchy().descendants(EDX.HReflexStudy):
            assert not code.in_use(datetime.date(2026, 1, 1))
    (none,) = (row for row in rows() if row.subject == EDX.HReflexStudy and row.code is None)
    assert "95907" in none.comment


@pytest.mark.parametrize(
    ("number", "said"), [("95910", "7 to 8"), ("95913", "13 or more"), ("95861", "2"), ("95886", "")]
)
def test_the_number_of_a_code_is_told_in_words(number: str, said: str) -> None:
    code = procedure(number)
    assert code is not None
    assert code.span() == said


def test_an_unknown_code_is_not_found() -> None:
    assert procedure("99213") is None
    assert procedure("code") is None
    assert procedure_class(CPT["99213"]) is None


def test_an_electromyogram_has_its_loinc_code_and_no_other_system_is_a_procedure_code() -> None:
    (loinc,) = (row for row in rows() if row.object.startswith("LOINC:"))
    assert (loinc.subject, loinc.object) == (EDX.Electromyography, "LOINC:18749-2")
    assert loinc.edx_class is None
    assert procedure("18749-2") is None


def test_every_study_that_a_policy_names_has_a_row() -> None:
    named = (NEEDLE, NCS, "LaryngealElectromyography", SURFACE, "ParaspinalSurfaceElectromyography")
    named += ("MacroElectromyography", QST, "NeuromuscularJunctionTesting", "BlinkReflexStudy", H_REFLEX)
    named += ("AutomatedNerveConductionStudy",)
    assert {EDX[name] for name in named} <= {row.subject for row in rows()}


def test_the_notice_of_the_ama_stands_in_the_set_and_in_what_is_built() -> None:
    for name in ("mappings/procedures.sssom.tsv", "procedure.ttl"):
        text = (data_folder("ontology") / name).read_text("utf-8")
        assert re.search(r"American Medical\s+Association", text)
        assert "licence of the AMA" in text


def spoilt(**cells: str) -> list[Mapping]:
    (row,) = (row for row in rows() if row.object == "CPT:95910")
    extra = {**row.extra, **{f"edx_{name}": value for name, value in cells.items()}}
    return [dataclasses.replace(row, extra={name: value for name, value in extra.items() if value})]


@pytest.mark.parametrize(
    "cells", [{"minimum": "seven"}, {"deleted_on": "2013"}, {"verified": "maybe"}, {"unit": ""}, {"counts": ""}]
)
def test_a_spoilt_row_is_refused_with_its_line_and_code(cells: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"procedures: line \d+ \(95910\): edx_counts and edx_unit are needed"):
        read_procedures(spoilt(**cells))


def test_a_code_with_two_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="95910 has a row already"):
        read_procedures([*spoilt(), *spoilt()])


# The classes


def test_the_classes_are_what_is_built_from_the_set() -> None:
    assert (data_folder("ontology") / "procedure.ttl").read_text("utf-8") == procedure_turtle(rows())


@pytest.mark.parametrize("code", [c for c in procedures() if c.study_class], ids=lambda c: c.code)
def test_a_class_is_defined_by_its_code_and_says_what_the_set_says(code: ProcedureCode) -> None:
    graph = classes()
    assert graph.value(code.iri, RDFS.subClassOf) == code.study_class
    defined = graph.value(code.iri, OWL.equivalentClass)
    assert graph.value(defined, OWL.onProperty) == EDX.procedureCode
    assert str(graph.value(defined, OWL.hasValue)) == code.code
    numbers = [graph.value(code.iri, term) for term in (EDX.minimumStudies, EDX.maximumStudies)]
    assert [None if n is None else int(str(n)) for n in numbers] == [code.minimum, code.maximum]
    assert str(graph.value(code.iri, RDFS.label)) == code.label


def test_a_code_that_stands_for_no_kind_of_study_has_no_class() -> None:
    assert set(classes().subjects(RDF.type, OWL.Class)) == {c.iri for c in procedures() if c.study_class}
    assert {c.code for c in procedures() if not c.study_class} == {"95873", "95999"}


@cache
def classes() -> Graph:
    return read_turtle([data_folder("ontology") / "procedure.ttl"])


# What follows from a code

CODED = """
@prefix edx: <https://w3id.org/edx-reasoner/ontology#> . @prefix cpt: <http://purl.bioontology.org/ontology/CPT/> .
@prefix : <https://example.org/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:request a edx:Request ; edx:dateOfService "2026-01-15"^^xsd:date ; edx:requestsStudy {studies} .
"""


def taken_in(studies: str) -> Case:
    (entry,) = validate(CODED.format(studies=studies).encode(), name="case.ttl").entries
    assert isinstance(entry, Case), [str(problem) for problem in entry.problems]
    return entry


def types(case: Case, study: URIRef) -> set[object]:
    return {o for s, p, o in case.triples if s == study and p == RDF.type}


BY_CODE = (
    ':a . :a a edx:ElectrodiagnosticStudy ; edx:procedureCode "95910" . '
    ':request edx:requestsStudy :b . :b a edx:NeedleElectromyography ; edx:procedureCode "95886" . '
    ":request edx:hasEarlierStudy :c . :c a edx:ElectrodiagnosticStudy , cpt:95865"
)


def test_a_study_with_a_code_is_of_its_class_and_one_of_the_class_has_the_code() -> None:
    case = taken_in(BY_CODE)
    assert types(case, EX.a) == {EDX.ElectrodiagnosticStudy, CPT["95910"]}
    assert types(case, EX.b) == {EDX.NeedleElectromyography, CPT["95886"]}
    assert (EX.c, EDX.procedureCode, Literal("95865")) in case.triples


def test_what_intake_derives_is_what_owl_2_rl_entails_of_codes() -> None:
    case = taken_in(BY_CODE)
    stated = as_given(case)
    graph = studies_and_codes()
    for triple in stated:
        graph.add(triple)
    before = set(graph)
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    coded = {
        (s, p, o)
        for s, p, o in set(graph) - before
        if s in (EX.a, EX.b, EX.c) and (p == EDX.procedureCode or (p == RDF.type and procedure_class(o)))
    }
    assert coded == case.triples - stated
    assert len(coded) == 3
    for study, kind in ((EX.a, NCS), (EX.b, NEEDLE), (EX.c, "LaryngealElectromyography")):
        assert (study, RDF.type, EDX[kind]) in graph


def studies_and_codes() -> Graph:
    graph = Graph(bind_namespaces="none")
    for name in ("study", "procedure"):
        graph.parse(data_folder("ontology") / f"{name}.ttl")
    return graph


def as_given(case: Case) -> frozenset[Triple]:
    """The statements of `BY_CODE` as they were given."""
    derived = {
        (EX.a, RDF.type, CPT["95910"]),
        (EX.b, RDF.type, CPT["95886"]),
        (EX.c, EDX.procedureCode, Literal("95865")),
    }
    assert derived <= case.triples
    return case.triples - derived


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "kind", "entailed"), [("95910", NCS, True), ("95886", NEEDLE, True), ("95910", NEEDLE, False)]
)
def test_hermit_entails_the_kind_of_a_study_from_its_code(code: str, kind: str, entailed: bool) -> None:
    """What follows cannot be denied: the classes, the study and the denial contradict each other."""
    graph = studies_and_codes()
    denial = BNode()
    graph.add((EX.study, RDF.type, OWL.NamedIndividual))
    graph.add((EX.study, EDX.procedureCode, Literal(code)))
    graph.add((denial, RDF.type, OWL.Class))
    graph.add((denial, OWL.complementOf, EDX[kind]))
    graph.add((EX.study, RDF.type, denial))
    assert hermit.consistent(graph) is not entailed


def test_the_digest_is_that_of_the_case_as_given() -> None:
    """Stating the class as well is another case, whose statements come out the same."""
    alone = taken_in(':a . :a a edx:ElectrodiagnosticStudy ; edx:procedureCode "95910"')
    both = taken_in(':a . :a a edx:ElectrodiagnosticStudy , cpt:95910 ; edx:procedureCode "95910"')
    assert alone.triples == both.triples
    assert alone.digest != both.digest


def test_a_code_alone_is_enough_to_say_what_is_requested() -> None:
    case = taken_in('[ edx:procedureCode "95911" ]')
    assert EDX.NerveConductionStudy in {
        kind for _, p, cls in case.triples if p == RDF.type for kind in hierarchy().ancestors(cls)
    }


@pytest.mark.parametrize("number", ["95873", "95999"])
def test_a_code_that_names_no_kind_is_not_enough(number: str) -> None:
    (entry,) = validate(CODED.format(studies=f'[ edx:procedureCode "{number}" ]').encode(), name="x.ttl").entries
    assert not isinstance(entry, Case)
    assert INTAKE["requested-study-kind"] in {problem.source_shape for problem in entry.problems}
    taken_in(f'[ a edx:MacroElectromyography ; edx:procedureCode "{number}" ]')


@pytest.mark.parametrize(
    "study",
    [
        'a edx:NeedleElectromyography ; edx:procedureCode "95910"',
        "a edx:NeedleElectromyography , cpt:95910",
    ],
)
def test_a_kind_against_its_code_is_refused_with_both_named_and_nothing_derived(study: str) -> None:
    (entry,) = validate(CODED.format(studies=f":a . :a {study}").encode(), name="case.ttl").entries
    assert not isinstance(entry, Case)
    (problem,) = (p for p in entry.problems if p.source_shape == INTAKE["procedure-code-of-stated-kind"])
    assert problem.severity is Severity.ERROR
    for part in ("edx:NeedleElectromyography", "95910", "edx:NerveConductionStudy"):
        assert part in problem.message


def test_a_wider_or_a_narrower_kind_agrees_with_its_code() -> None:
    taken_in('[ a edx:MotorNerveConductionStudy ; edx:procedureCode "95908" ]')
    taken_in('[ a edx:Electromyography ; edx:procedureCode "95886" ] , [ a edx:NerveConductionStudy ]')


def test_kinds_that_a_study_can_have_together_agree() -> None:
    """A single-fiber study is made with a needle, and a device of automated studies makes motor ones too."""
    taken_in('[ a edx:NeedleElectromyography ; edx:procedureCode "95872" ]')
    case = taken_in('[ a edx:MotorNerveConductionStudy ; edx:procedureCode "95905" ]')
    assert {o for _, p, o in case.triples if p == RDF.type} >= {EDX.MotorNerveConductionStudy, CPT["95905"]}


def test_a_needle_study_is_none_of_surface_electrodes() -> None:
    """The ontology keeps the two kinds of electrode apart, though both studies are electromyography."""
    text = CODED.format(studies=':a . :a a edx:NeedleElectromyography ; edx:procedureCode "S3900"')
    (entry,) = validate(text.encode(), name="case.ttl").entries
    assert not isinstance(entry, Case)
    assert [p.source_shape for p in entry.problems if p.severity is Severity.ERROR] == [
        INTAKE["procedure-code-of-stated-kind"]
    ]


# What codes say of each other

SOUND = (
    '[ edx:procedureCode "95910" ] , [ edx:procedureCode "95886" ; edx:quantity 2 ]',
    '[ edx:procedureCode "95910" ; edx:quantity 8 ] , [ edx:procedureCode "95885" ; edx:quantity 4 ]',
    (
        "[ a edx:MotorNerveConductionStudy ; edx:quantity 3 ] , [ a edx:HReflexStudy ; edx:quantity 2 ] , "
        '[ edx:procedureCode "95909" ]'
    ),
    '[ edx:procedureCode "95861" ; edx:quantity 2 ]',
    '[ edx:procedureCode "95860" ] , [ edx:procedureCode "95905" ]',
    '[ edx:procedureCode "95905" ; edx:quantity 2 ]',
    '[ edx:procedureCode "95913" ; edx:quantity 20 ] , [ edx:procedureCode "95937" ; edx:quantity 3 ]',
    '[ a edx:SensoryNerveConductionStudy ] , [ edx:procedureCode "95887" ]',
)


@pytest.mark.parametrize("studies", SOUND)
def test_what_agrees_is_not_warned_of(studies: str) -> None:
    assert [str(p) for p in taken_in(studies).warnings if p.severity is not Severity.INFO] == []


@pytest.mark.parametrize(
    ("file", "named"),
    [
        ("warned-quantity-against-procedure-code", ("95861", "quantity of 2", "stated is 1", "[a ")),
        ("warned-two-total-codes", ("95908 and 95910", "one entry", "stated are 2", "[a cpt:95908")),
        (
            "warned-total-code-with-five-studies-stated",
            ("95910", "7 or 8", "edx:MotorNerveConductionStudy", "edx:SensoryNerveConductionStudy", "5", "5 to 8"),
        ),
        ("warned-automated-code-beside-total-code", ("95905", "95908", "cpt:95905", "cpt:95908")),
        ("warned-add-on-code-without-conduction-study", ("95886", "nerve conduction study is expected")),
        ("warned-limb-code-beside-conduction-study", ("95860", "without nerve conduction studies", "edx:Nerve")),
        ("warned-five-limbs", ("95885 and 95886", "4 in a day", "stated are 5", "cpt:95885", "cpt:95886")),
    ],
)
def test_a_warning_names_the_codes_the_studies_and_what_is_expected(file: str, named: tuple[str, ...]) -> None:
    (case,) = validate(FOLDER / f"{file}.ttl").cases
    (said,) = (str(p) for p in case.warnings if p.severity is Severity.WARNING)
    for part in named:
        assert part in said


def test_the_same_total_code_on_two_entries_is_named_too() -> None:
    case = taken_in('[ a edx:MotorNerveConductionStudy ; edx:procedureCode "95908" ] , [ edx:procedureCode "95908" ]')
    assert INTAKE["one-total-code"] in {problem.source_shape for problem in case.warnings}


@pytest.mark.parametrize("policy", knowledge().editions, ids=lambda edition: edition.slug)
@pytest.mark.parametrize("path", sorted(FOLDER.glob("warned-*")), ids=lambda path: path.stem)
def test_no_warning_about_codes_becomes_advice_to_recode(policy: Edition, path: Path) -> None:
    result = validate(path)
    own = [case for case in result.cases if any(p.source_shape in PROCEDURE_RULES for p in case.warnings)]
    for case in own:
        graph = reasoner.report_graph(judge(case, policy), knowledge())
        texts = [str(o) for o in graph.objects(None, None) if isinstance(o, Literal)]
        assert any(text.startswith("Intake: 9") for text in texts)
        assert [said for said in texts if advises_to_recode(said)] == []


PROCEDURE_RULES = {
    INTAKE[name]
    for name in (
        "quantity-of-procedure-code", "one-total-code", "total-code-of-stated-studies", "automated-code-alone",
        "add-on-code-beside-conduction-studies", "limb-code-without-conduction-studies", "four-limbs-at-most",
    )
}  # fmt: skip


# The report


def report_of(folder: str) -> str:
    (case,) = reasoner.read_cases(Path(__file__).parent.parent / "cases" / folder / "case.ttl")
    determination = reasoner.determine(case, knowledge(), policy="bcbsnd-emg-ncs")
    return " ".join(reasoner.render(reasoner.report_graph(determination, knowledge()), "text").split())


def test_a_report_tells_a_study_by_its_code_and_shows_the_figures() -> None:
    said = report_of("procedure-code-on-both-sides-of-the-figure")
    assert "procedure code 95910: 7 or 8 nerve conduction studies in all" in said
    assert "nerve conduction studies in all: 7 to 8 requested, 7 recommended at most" in said
    assert "how many studies of each kind are requested" in said


def test_a_report_keeps_to_the_kind_that_is_stated_where_the_code_adds_nothing() -> None:
    said = report_of("exclusion-needle-and-surface-emg")
    assert "surface electromyography" in said
    assert "procedure code S3900" not in said.split(" Request ")[0]
