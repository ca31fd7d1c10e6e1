"""What intake refuses, warns of and notes: one file in `tests/intake/` for each, named by what must come out.

A file opens with the IRIs of the shapes or rules that must speak: `# expect: intake:<name>`. Where the syntax allows
no comment, or there is none to speak of, that line stands in `<file>.expect`.
"""

import re
from pathlib import Path

import pytest
from rdflib import RDF, SH, Literal, URIRef

from reasoner.case import Severity
from reasoner.errors import InvalidCaseError, UnreadableInputError
from reasoner.intake.admission import IntakeResult, validate, validate_all
from reasoner.intake.rules import RULES
from reasoner.intake.shapes import intake_shapes
from reasoner.terms import INTAKE

FOLDER = Path(__file__).parent / "intake"
FILES = sorted(path for path in FOLDER.iterdir() if path.suffix != ".expect")
OUTCOMES = {"refused": Severity.ERROR, "warned": Severity.WARNING, "noted": Severity.INFO}


def expected(path: Path) -> set[URIRef]:
    beside = path.with_name(path.name + ".expect")
    header = beside if beside.exists() else path
    return {INTAKE[name] for name in re.findall(r"# expect: intake:(\S+)", header.read_text(encoding="utf-8"))}


def problems(result: IntakeResult) -> list:
    return [p for e in result.entries for p in (e.problems if hasattr(e, "problems") else e.warnings)]


def test_the_folder_holds_as_many_files_as_are_known() -> None:
    counts = {outcome: sum(path.name.startswith(outcome) for path in FILES) for outcome in OUTCOMES}
    assert counts == {"refused": 139, "warned": 26, "noted": 7}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file_comes_out_as_its_name_says(path: Path) -> None:
    outcome = OUTCOMES[path.stem.split("-")[0]]
    result = validate(path)
    assert expected(path), "the file names no shape"
    assert bool(result.refusals) is (outcome is Severity.ERROR), [str(p) for p in problems(result)]
    spoken = {p.source_shape for p in problems(result) if p.severity is outcome}
    assert expected(path) <= spoken
    worse = {
        Severity.ERROR: set(),
        Severity.WARNING: {Severity.ERROR},
        Severity.INFO: {Severity.ERROR, Severity.WARNING},
    }
    assert not {p.severity for p in problems(result)} & worse[outcome]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_else_is_wrong_with_the_file(path: Path) -> None:
    """Each file breaks one thing; what follows from the same statement is listed here."""
    found = {p.source_shape for p in problems(validate(path)) if p.severity is not Severity.INFO}
    also = {INTAKE[name] for name in FOLLOWS.get(path.stem, ())}
    assert found - expected(path) == also


FOLLOWS = {"refused-study-without-type": ("requested-study-kind",)}


def test_every_shape_and_rule_has_a_file_that_breaks_it() -> None:
    shapes = intake_shapes()
    speaking = set(shapes.subjects(RDF.type, SH.PropertyShape)) | set(shapes.subjects(SH.closed, Literal(True)))
    speaking |= set(shapes.subjects(SH.sparql, None))
    # a shape that is only reached by sh:node speaks through the shape that refers to it
    quoted = {inner for outer in shapes.objects(None, SH.node) for inner in shapes.objects(outer, SH.property)}
    assert (len(speaking), len(quoted)) == (89, 3)
    broken = {iri for path in FILES for iri in expected(path)}
    assert broken == (speaking - quoted) | set(RULES)


def test_every_property_shape_is_named_and_says_what_to_do() -> None:
    shapes = intake_shapes()
    found = set(shapes.subjects(RDF.type, SH.PropertyShape))
    assert len(found) == len(set(shapes.objects(None, SH.property))) == 60
    for shape in found:
        assert isinstance(shape, URIRef)
        for needed in (SH.name, SH.message, SH.severity):
            assert len(list(shapes.objects(shape, needed))) == 1, (shape, needed)
        assert str(shapes.value(shape, SH.message)).endswith(".")


def test_no_shape_has_the_name_of_a_rule() -> None:
    assert not set(RULES) & set(intake_shapes().subjects())


# Cases and files ---------------------------------------------------------------------


def request(node: str, *more: str) -> str:
    said = " ; ".join(["a edx:Request", "edx:requestsStudy [ a edx:NeedleElectromyography ]", *more])
    return f"{node} {said} .\n"


def taken_in(text: str, name: str = "x.ttl") -> IntakeResult:
    prefixes = (
        "@prefix edx: <https://w3id.org/edx-reasoner/ontology#> . @prefix ex: <https://example.org/> . "
        "@prefix icd10cm: <http://purl.bioontology.org/ontology/ICD10CM/> . "
        "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
    )
    return validate((prefixes + text).encode(), name=name)


def words(result: IntakeResult) -> str:
    return "\n".join(str(problem) for problem in problems(result))


@pytest.mark.parametrize("path", sorted((Path(__file__).parent / "intake_valid").iterdir()), ids=lambda path: path.name)
def test_valid_case_has_no_problem(path: Path) -> None:
    result = validate(path)
    assert (len(result.cases), problems(result)) == (1, [])
    assert result.cases[0].label == "numb hand, “right”"
    assert result.report.value(predicate=RDF.type, object=SH.ValidationReport) is not None
    assert (None, SH.conforms, Literal(True)) in result.report


def test_requests_of_one_file_become_cases_in_their_order() -> None:
    result = taken_in("".join(request(f"ex:{name}") for name in "cab"))
    assert [case.iri for case in result.cases] == [URIRef(f"https://example.org/{name}") for name in "cab"]


def test_case_is_the_same_alone_and_in_company() -> None:
    alone = taken_in(request("ex:b", "edx:hasFinding [ a edx:Numbness ]")).cases[0]
    among = taken_in(request("ex:a") + request("ex:b", "edx:hasFinding [ a edx:Numbness ]") + request("ex:c")).cases[1]
    graph = taken_in("ex:g { " + request("ex:b", "edx:hasFinding [ a edx:Numbness ]") + " }", "x.trig").cases[0]
    assert alone == among
    assert (alone.iri, alone.triples, alone.digest) == (graph.iri, graph.triples, graph.digest)


def test_broken_case_does_not_stop_its_neighbour() -> None:
    result = taken_in(request("ex:a", "edx:foo 1") + request("ex:b"))
    assert [type(entry).__name__ for entry in result.entries] == ["Refusal", "Case"]


def test_leftover_statement_refuses_every_case_that_it_might_belong_to() -> None:
    result = taken_in(request("ex:a") + request("ex:b") + "ex:finding a edx:Numbness .")
    assert len(result.refusals) == 2
    assert "ex" not in [case.label for case in result.cases]
    assert words(result).count("<https://example.org/finding>") == 2


def test_every_problem_is_told_at_once() -> None:
    result = taken_in(
        request(
            "ex:a",
            'edx:dateOfService "2025-02-30"^^xsd:date',
            "edx:hasFindng [ a edx:Numbness ]",
            "edx:hasDiagnosis [ a edx:Diagnosis , icd10cm:M47816 ]",
            "edx:hasFinding [ a edx:Numbness ] ; edx:excludesFinding edx:SensoryDeficit",
        )
    )
    told = words(result)
    for part in (
        "2025-02-30",
        "Did you mean edx:hasFinding?",
        "Did you mean M47.816?",
        "exactly one certainty",
        "excludes",
    ):
        assert part in told


def test_contradiction_names_both_statements() -> None:
    told = words(validate(FOLDER / "warned-code-without-radiculopathy-and-earlier-radiculopathy.ttl"))
    assert "icd10cm:M47.816" in told
    assert "edx:LumbosacralRadiculopathy" in told
    told = words(validate(FOLDER / "warned-finding-stated-and-excluded.ttl"))
    assert "“numbness” (edx:Numbness)" in told
    assert "“sensory deficit” (edx:SensoryDeficit)" in told


def test_general_finding_and_excluded_special_one_do_not_contradict() -> None:
    result = taken_in(request("ex:a", "edx:hasFinding [ a edx:SensoryDeficit ] ; edx:excludesFinding edx:Numbness"))
    assert INTAKE["finding-not-excluded"] not in {p.source_shape for p in problems(result)}


@pytest.mark.parametrize(
    "record",
    [
        (
            "edx:hasDiagnosis [ a edx:CarpalTunnelSyndrome ; edx:certainty edx:Confirmed ; edx:laterality edx:Left ] , "
            "[ a edx:CarpalTunnelSyndrome ; edx:certainty edx:RuledOut ; edx:laterality edx:Right ]"
        ),
        (
            "edx:hasDiagnosis [ a edx:Diagnosis , icd10cm:G56.02 ; edx:certainty edx:Confirmed ] , "
            "[ a edx:CarpalTunnelSyndrome ; edx:certainty edx:RuledOut ; edx:laterality edx:Right ]"
        ),
        (
            "edx:hasDiagnosis [ a edx:Diagnosis , icd10cm:M47.816 ; edx:certainty edx:Confirmed ] , "
            "[ a edx:CervicalRadiculopathy ; edx:certainty edx:Suspected ]"
        ),
        (
            "edx:hasDiagnosis [ a edx:Diagnosis , icd10cm:M47.816 ; edx:certainty edx:Confirmed ] , "
            "[ a edx:LumbosacralRadiculopathy ; edx:certainty edx:RuledOut ]"
        ),
        (
            "edx:hasDiagnosis [ a edx:CarpalTunnelSyndrome ; edx:certainty edx:RuledOut ] ; "
            "edx:excludesDiagnosis edx:Mononeuropathy"
        ),
        (
            "edx:hasSymptomFreeLimb "
            "[ a edx:SymptomFreeLimb ; edx:bodyRegion edx:UpperLimb ; edx:laterality edx:Left ] ; "
            "edx:hasFinding [ a edx:Numbness ; edx:bodyRegion edx:UpperLimb ; edx:laterality edx:Right ]"
        ),
        (
            'edx:dateOfService "2025-11-20"^^xsd:date ; '
            'edx:hasExamination [ a edx:Examination ; edx:date "2025-11-20"^^xsd:date ]'
        ),
    ],
)
def test_what_only_looks_like_a_contradiction_is_none(record: str) -> None:
    result = taken_in(request("ex:a", record))
    assert [str(p) for p in problems(result) if p.severity is not Severity.INFO] == []


@pytest.mark.parametrize(
    "statement",
    [
        "edx:Numbness <http://www.w3.org/2000/01/rdf-schema#subClassOf> edx:MotorFinding .",
        "ex:a <http://www.w3.org/2002/07/owl#sameAs> ex:b .",
        "<https://w3id.org/edx-reasoner/shapes/intake/certainty> <http://www.w3.org/ns/shacl#deactivated> true .",
        "edx:Suspected a edx:Certainty .",
        "edx:Guess a edx:Certainty .",
        "ex:guess a edx:Certainty .",
        "<https://w3id.org/edx-reasoner/policy/bcbsnd-emg-ncs/2020-01-22> edx:effectiveFrom '1999-01-01' .",
        "icd10cm:M47.816 a edx:Diagnosis .",
        "ex:a a <http://www.w3.org/ns/shacl#NodeShape> .",
        "ex:a a edx:Determination .",
        "ex:a a <http://www.w3.org/2002/07/owl#Class> .",
        "ex:a <http://www.w3.org/ns/shacl#targetNode> ex:a .",
    ],
)
def test_case_cannot_change_what_terms_mean(statement: str) -> None:
    result = taken_in(request("ex:a") + statement)
    assert not result.cases
    assert {p.source_shape for p in problems(result)} & {
        INTAKE[name] for name in ("no-schema-statement", "own-nodes-only", "known-term", "nothing-left-over")
    }


def test_invented_subclass_does_not_make_an_unknown_kind_acceptable() -> None:
    result = taken_in(
        request("ex:a", "edx:hasFinding [ a ex:Tingle ]")
        + "ex:Tingle <http://www.w3.org/2000/01/rdf-schema#subClassOf> edx:Paresthesia ."
    )
    told = words(result)
    assert "<https://example.org/Tingle> is no class that a case may use" in told
    assert "rdfs:subClassOf says what terms mean" in told


def test_refusal_turns_into_the_documented_error() -> None:
    unreadable = validate(FOLDER / "refused-syntax.ttl").refusals[0].error()
    refused = validate(FOLDER / "refused-two-payers.ttl").refusals[0].error()
    assert (type(unreadable), unreadable.code) == (UnreadableInputError, "E100")
    assert (type(refused), refused.code) == (InvalidCaseError, "E101")
    assert len(refused.problems) == 1


# The report ----------------------------------------------------------------------------


def test_report_is_one_validation_report_with_a_result_for_each_problem() -> None:
    result = validate_all(FILES)
    report = result.report
    assert len(list(report.subjects(RDF.type, SH.ValidationReport))) == 1
    results = list(report.subjects(RDF.type, SH.ValidationResult))
    assert len(results) == len(problems(result)) > len(FILES) - 1
    for one in results:
        for needed in (SH.focusNode, SH.resultSeverity, SH.sourceConstraintComponent, SH.resultMessage):
            assert report.value(one, needed) is not None
        assert report.value(one, SH.sourceShape) or report.value(one, SH.sourceConstraintComponent) in RULES
    assert (None, SH.conforms, Literal(False)) in report


def test_report_is_the_same_in_every_run() -> None:
    first, second = (set(validate_all(FILES[:40]).report) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ('edx:hasFinding "numbness"', 'Found: "numbness"'),
        ("edx:hasFinding edx:Numbness", "Found: edx:Numbness"),
        ('a "Request"', '"Request" is no class'),
    ],
)
def test_word_or_class_in_the_place_of_a_node_is_told_once(statement: str, said: str) -> None:
    errors = [str(p) for p in problems(taken_in(request("ex:a", statement))) if p.severity is Severity.ERROR]
    assert len(errors) == 1
    assert said in errors[0]
